"""Charts as SVG from plain values: pure, without inline style, readable at any width.

Horizontal places are percentages and heights are pixels, so a chart takes the room it is given while its letters
keep their size. Bars start at zero. What is not known is a dashed gap, a break in a line and words for it
(`Series.unknown`), never a zero. Each chart names its figures in a table beneath, and app.js lets the reader walk
through the months.
"""

from channel.web.charts.drawing import MeterPart, Series, age_colours
from channel.web.charts.explorer import exploring
from channel.web.charts.monthly import monthly
from channel.web.charts.scale import Scale, scale_of
from channel.web.charts.small import meter, sparkline

__all__ = ["MeterPart", "Scale", "Series", "age_colours", "exploring", "meter", "monthly", "scale_of", "sparkline"]

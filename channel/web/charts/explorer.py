"""The same figures for the big charting script, which is fetched when somebody wants to explore them."""

from collections.abc import Sequence
from typing import Any

from channel.periods import Month
from channel.web.charts.drawing import Series
from channel.web.language import Language


def exploring(
    told: Language, months: Sequence[Month], series: Sequence[Series], *, stacked: bool = False
) -> dict[str, Any]:
    """A Vega-Lite document of the same figures, to zoom, to point at and to take series away by the legend.

    What is stacked is shown as bars, one upon the other, everything else as lines. Its colours are the names of ours;
    app.js puts the reader's light in. Months without a value stay gaps.
    """
    values = [
        {"month": month.first.isoformat(), "series": each.name, "value": None if value is None else float(value)}
        for each in series
        for month, value in zip(months, each.values, strict=True)
    ]
    shown = {"condition": {"param": "picked", "value": 1}, "value": 0.1}
    encoding = {
        "x": {"field": "month", "type": "temporal", "title": None, "axis": {"format": "%Y-%m", "tickCount": 8}},
        "y": {"field": "value", "type": "quantitative", "title": None, "scale": {"zero": True}},
        "color": {
            "field": "series",
            "title": None,
            "scale": {"domain": [each.name for each in series], "range": [f"--{each.kind}" for each in series]},
            "legend": {"orient": "top"},
        },
        "opacity": shown,
        "tooltip": [
            {"field": "month", "type": "temporal", "format": "%Y-%m", "title": told.say("Month")},
            {"field": "value", "type": "quantitative", "format": ",.2~f", "title": told.say("Amount")},
            {"field": "series", "type": "nominal", "title": told.say("Series")},
        ],
    }
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "width": "container",
        "height": 300,
        "data": {"values": values},
        "params": [
            {"name": "zoomed", "select": {"type": "interval", "encodings": ["x"]}, "bind": "scales"},
            {"name": "picked", "select": {"type": "point", "fields": ["series"]}, "bind": "legend"},
        ],
        "mark": {"type": "bar"} if stacked else {"type": "line", "point": {"size": 40}, "strokeWidth": 2},
        "encoding": encoding,
    }

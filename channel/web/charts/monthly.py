"""Figures by month: bars, also stacked, with lines over them, one month read out above, all in a table beneath.

Amounts are written with the currency's own digits; what that leaves out stands in the cell's title, and in exports.
"""

import json
from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise

from markupsafe import Markup

from channel.money import digits_of
from channel.periods import Month
from channel.web.assets import static_url
from channel.web.charts.drawing import Series, put, px, runs
from channel.web.charts.explorer import exploring
from channel.web.charts.scale import FOOT, HEIGHT, TOP, Scale, scale_of
from channel.web.language import Language

_AXIS = 46
_LATIN = 0x2000
_BESIDE = 2
"""Series that stand beside each other in a table on a phone; the months of more are cards there."""
_BAR_SHARE = Decimal("0.74")
_MANY_MONTHS = 30
_NEAR_JANUARY = 9  # a first month after it leaves no room for its year on a phone


def monthly(
    told: Language,
    months: Sequence[Month],
    bars: Series | Sequence[Series],
    lines: Sequence[Series] = (),
    *,
    title: str,
    currency: str | None = None,
) -> Markup:
    """Bars by month with lines over them, the figures of one month read out above, and all of them in a table.

    Several bars are stacked, the first at the bottom: their values are known and not below 0. Each series has a value,
    or None, for each of `months`; another length raises `ValueError`.
    """
    stack = [] if isinstance(bars, Series) else list(bars)
    series = [*(stack or ([bars] if isinstance(bars, Series) else [])), *lines]
    if any(len(each.values) != len(months) for each in series):
        raise ValueError("a series must have one value for each month")
    if not months:
        return put('<p class="muted">{}</p>', told.say("There are no months to show."))
    whole = bars if isinstance(bars, Series) else _together(told, stack, len(months))
    scale = scale_of([value for each in (whole, *lines) for value in each.values])
    over = [_line(each, scale) for each in lines]
    places = _places(series, currency)
    drawn = Markup("").join(
        [
            _rules(scale),
            _stacked(months, stack, scale) if stack else _bars(told, months, whole, scale),
            *over,
            _month_names(told, months),
            _hits(told, months, series, places),
        ]
    )
    return put(
        '<figure class="chart" tabindex="0" data-chart>{readout}<div class="plot">{axis}'
        '<svg class="area" height="{height}" role="img" aria-label="{label}">{drawn}</svg></div>'
        '<div class="explored" hidden></div><div class="below"><button type="button" class="plain"'
        ' data-explore="{engine}" data-chart-of="{spec}">{explore}</button>{table}</div></figure>',
        readout=_readout(told, months, series, places, currency),
        axis=_axis(told, scale),
        height=HEIGHT,
        label=_told_whole(told, months, whole, title, places),
        drawn=drawn,
        engine=static_url("vendor/vega.js"),
        spec=json.dumps(exploring(told, months, series, stacked=bool(stack)), separators=(",", ":")),
        explore=told.say("Explore"),
        table=_table(told, months, series, places, currency),
    )


def _rules(scale: Scale) -> Markup:
    return Markup("").join(
        put(
            '<line class="{}" x1="0" x2="100%" y1="{}" y2="{}"/>',
            "zero" if tick == 0 else "rule",
            px(scale.y(tick)),
            px(scale.y(tick)),
        )
        for tick in scale.ticks
    )


def _axis(told: Language, scale: Scale) -> Markup:
    said = [(told.compact(tick), px(scale.y(tick) + 4)) for tick in scale.ticks]
    width = max(_AXIS, *(_width(text) + 12 for text, _ in said))
    names = Markup("").join(
        put('<text x="{}" y="{}" text-anchor="end">{}</text>', width - 8, place, text) for text, place in said
    )
    return put('<svg class="axis" width="{}" height="{}" aria-hidden="true">{}</svg>', width, HEIGHT, names)


def _width(text: str) -> int:
    """About how many pixels a text of 11 pixels takes; a Chinese character is as wide as it is high."""
    return sum(11 if ord(character) > _LATIN else 7 for character in text)


def _bars(told: Language, months: Sequence[Month], bars: Series, scale: Scale) -> Markup:
    column = Decimal(100) / len(months)
    inset = column * (1 - _BAR_SHARE) / 2
    zero, parts = scale.y(Decimal(0)), []
    for i, value in enumerate(bars.values):
        x, width = px(column * i + inset), px(column * _BAR_SHARE)
        if value is None:
            parts.append(
                put(
                    '<rect class="gap" x="{}%" width="{}%" y="{}" height="{}"><title>{}</title></rect>',
                    x,
                    width,
                    TOP,
                    px(zero - TOP),
                    _unknown(told, bars),
                )
            )
        else:
            end = scale.y(value)
            parts.append(
                put(
                    '<rect class="column k-{}" x="{}%" width="{}%" y="{}" height="{}" rx="1.5"/>',
                    bars.kind,
                    x,
                    width,
                    px(min(zero, end)),
                    px(abs(zero - end)),
                )
            )
    return Markup("").join(parts)


def _together(told: Language, stack: Sequence[Series], months: int) -> Series:
    sums = [sum((each.values[i] or Decimal(0) for each in stack), Decimal(0)) for i in range(months)]
    return Series(told.say("Together"), sums)


def _stacked(months: Sequence[Month], stack: Sequence[Series], scale: Scale) -> Markup:
    column = Decimal(100) / len(months)
    inset, parts = column * (1 - _BAR_SHARE) / 2, []
    for i in range(len(months)):
        below = Decimal(0)
        for each in stack:
            above = below + (each.values[i] or Decimal(0))
            if above > below:
                parts.append(
                    put(
                        '<rect class="column k-{}" x="{}%" width="{}%" y="{}" height="{}"/>',
                        each.kind,
                        px(column * i + inset),
                        px(column * _BAR_SHARE),
                        px(scale.y(above)),
                        px(scale.y(below) - scale.y(above)),
                    )
                )
            below = above
    return Markup("").join(parts)


def _line(series: Series, scale: Scale) -> Markup:
    column = Decimal(100) / len(series.values)
    points = [
        None if value is None else (px(column * i + column / 2), px(scale.y(value)))
        for i, value in enumerate(series.values)
    ]
    parts = [
        put('<line class="line k-{}" x1="{}%" y1="{}" x2="{}%" y2="{}"/>', series.kind, *a, *b)
        for run in runs(points)
        for a, b in pairwise(run)
    ]
    parts += [
        put('<circle class="dot k-{}" cx="{}%" cy="{}" r="2.25"/>', series.kind, *point) for point in points if point
    ]
    return Markup("").join(parts)


def _month_names(told: Language, months: Sequence[Month]) -> Markup:
    column = Decimal(100) / len(months)
    baseline = HEIGHT - FOOT + 14
    parts = []
    for i, month in enumerate(months):
        x = px(column * i + column / 2)
        if len(months) <= _MANY_MONTHS:
            parts.append(
                put(
                    '<text class="{}" x="{}%" y="{}" text-anchor="middle">{}</text>',
                    "odd" if i % 2 else "even",
                    x,
                    baseline,
                    told.initial(month),
                )
            )
        if i == 0 or month.month == 1:
            kind = "year near" if i == 0 and month.month > _NEAR_JANUARY else "year"
            parts.append(
                put('<text class="{}" x="{}%" y="{}">{}</text>', kind, px(column * i), baseline + 15, month.year)
            )
    return Markup("").join(parts)


def _hits(told: Language, months: Sequence[Month], series: Sequence[Series], places: int) -> Markup:
    """A column over each month that carries its figures, for the pointer, the keyboard and the plain tooltip."""
    column = Decimal(100) / len(months)
    parts = []
    for i, month in enumerate(months):
        figures = [_figure(told, each, i, places) for each in series]
        tip = "\n".join(
            [told.month(month)] + [f"{each.name} {figure}" for each, figure in zip(series, figures, strict=True)]
        )
        data = Markup(" ").join(put('data-v{}="{}"', n, figure) for n, figure in enumerate(figures))
        parts.append(
            put(
                '<rect class="hit" x="{}%" width="{}%" y="0" height="{}" data-month="{}" {}><title>{}</title></rect>',
                px(column * i),
                px(column),
                HEIGHT - FOOT,
                told.month(month),
                data,
                tip,
            )
        )
    return Markup("").join(parts)


def _readout(
    told: Language, months: Sequence[Month], series: Sequence[Series], places: int, currency: str | None
) -> Markup:
    """The legend, which reads out one month: the last, until the reader points at another."""
    rows = Markup("").join(
        put(
            '<span class="of"><svg width="10" height="10" aria-hidden="true"><rect class="k-{}" width="10" height="10"'
            ' rx="2"/></svg>{} <b data-v="{}">{}</b></span>',
            each.kind,
            each.name,
            n,
            _figure(told, each, -1, places),
        )
        for n, each in enumerate(series)
    )
    gap = next((each for each in series if None in each.values), None)
    key = (
        put('<span class="of key">{}</span>', told.say("dashed: %(unknown)s", unknown=_unknown(told, gap)))
        if gap
        else ""
    )
    return put(
        '<figcaption class="readout"><b class="month" data-month>{}</b>{}{}<span class="unit">{}</span></figcaption>',
        told.month(months[-1]),
        rows,
        key,
        currency or "",
    )


def _table(
    told: Language, months: Sequence[Month], series: Sequence[Series], places: int, currency: str | None
) -> Markup:
    head = Markup("").join(put('<th class="n" scope="col">{}</th>', each.name) for each in series)
    rows = Markup("").join(
        put(
            '<tr><th class="lead" scope="row">{}</th>{}</tr>',
            told.month(month),
            Markup("").join(_cell(told, each, i, places) for each in series),
        )
        for i, month in reversed(list(enumerate(months)))
    )
    return put(
        '<details class="figures-table"><summary>{}</summary><div class="scroll"><table{}><thead><tr><th scope="col">{}'
        "</th>{}</tr></thead><tbody>{}</tbody></table></div></details>",
        told.say("These figures as a table"),
        Markup(' class="stack"') if len(series) > _BESIDE else "",
        told.say("Month, amounts in %(currency)s", currency=currency) if currency else told.say("Month"),
        head,
        rows,
    )


def _told_whole(told: Language, months: Sequence[Month], bars: Series, title: str, places: int) -> str:
    """The chart in one sentence, for who cannot see it."""
    known = [(value, month) for value, month in zip(bars.values, months, strict=True) if value is not None]
    missing = len(months) - len(known)
    said = told.say("%(title)s, %(first)s to %(last)s.", title=title, first=months[0], last=months[-1])
    if known:
        value, month = max(known)
        most = told.money(value, places=places)
        said += " " + told.say("%(name)s is highest in %(month)s: %(value)s.", name=bars.name, month=month, value=most)
    if missing:
        unknown = _unknown(told, bars)
        said += " " + told.say(
            "%(missing)s of %(all)s months: %(unknown)s.", missing=missing, all=len(months), unknown=unknown
        )
    return said


def _cell(told: Language, series: Series, i: int, places: int) -> Markup:
    value, shown = series.values[i], _figure(told, series, i, places)
    if value is None:
        return put('<td class="n" data-label="{}"><span class="muted">{}</span></td>', series.name, shown)
    exact = told.number(value)
    title = put(' title="{}"', exact) if len(exact) > len(shown) else ""
    return put('<td class="n" data-label="{}"{}>{}</td>', series.name, title, shown)


def _figure(told: Language, series: Series, i: int, places: int) -> str:
    value = series.values[i]
    return _unknown(told, series) if value is None else told.money(value, places=places)


def _places(series: Sequence[Series], currency: str | None) -> int:
    """With how many decimals all figures of a chart are told, so that they can be compared: none when all are whole."""
    known = (value for each in series for value in each.values if value is not None)
    return 0 if all(value == value.to_integral_value() for value in known) else digits_of(currency)


def _unknown(told: Language, series: Series) -> str:
    return told.say("no report") if series.unknown is None else series.unknown

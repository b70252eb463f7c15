"""Charts as SVG from plain values: pure, without inline style, readable at any width.

Horizontal places are percentages and heights are pixels, so a chart takes the room it is given while its letters
keep their size. Bars start at zero. What is not known is a dashed gap, a break in a line and the words "no report",
never a zero. Each chart names its figures in a table beneath, and app.js lets the reader walk through the months.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Any, Literal

from markupsafe import Markup, escape

from channel.periods import Month
from channel.web.assets import static_url
from channel.web.language import Language

Kind = Literal["sell-in", "sell-through", "stock", "accent", "good", "warn", "bad", "soft"]

_HEIGHT = 216
_TOP = 12
_FOOT = 34
_AXIS = 46
_TICKS = 4
_BAR_SHARE = Decimal("0.74")
_MANY_MONTHS = 30
_NEAR_JANUARY = 9  # a first month after it leaves no room for its year on a phone
_SPARK_WIDTH, _SPARK_HEIGHT, _SPARK_PAD = 84, 22, 3
_LEAST_SPAN = Decimal("0.25")
_METER_HEIGHT = 8
_STEPS = (Decimal(1), Decimal(2), Decimal("2.5"), Decimal(5), Decimal(10))


@dataclass(frozen=True, slots=True)
class Series:
    """One row of figures by month; None where nothing is known of the month. `kind` gives the colour."""

    name: str
    values: Sequence[Decimal | None]
    kind: Kind = "sell-in"


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a meter: what it is and how much."""

    name: str
    amount: Decimal
    kind: Kind = "accent"


@dataclass(frozen=True, slots=True)
class Scale:
    """An axis of amounts: from `low` to `high`, with a rule at each of `ticks`; zero always lies on it."""

    low: Decimal
    high: Decimal
    ticks: tuple[Decimal, ...]

    def y(self, value: Decimal) -> Decimal:
        """How many pixels from the top a value lies."""
        share = (value - self.low) / (self.high - self.low)
        return _TOP + (1 - share) * (_HEIGHT - _TOP - _FOOT)


def scale_of(values: Sequence[Decimal | None]) -> Scale:
    """An axis with some four round steps that holds every known value and zero."""
    known = [value for value in values if value is not None]
    low, high = min([*known, Decimal(0)]), max([*known, Decimal(0)])
    if low == high:
        high = Decimal(1)
    rough = (high - low) / _TICKS
    power = Decimal(1).scaleb(rough.adjusted())
    step = next(power * each for each in _STEPS if power * each >= rough)
    first, last = (low / step).to_integral_value("ROUND_FLOOR"), (high / step).to_integral_value("ROUND_CEILING")
    ticks = tuple(step * n for n in range(int(first), int(last) + 1))
    return Scale(ticks[0], ticks[-1], ticks)


def monthly(
    told: Language,
    months: Sequence[Month],
    bars: Series,
    lines: Sequence[Series] = (),
    *,
    title: str,
    currency: str | None = None,
) -> Markup:
    """Bars by month with lines over them, the figures of one month read out above, and all of them in a table.

    Each series has a value, or None, for each of `months`; another length raises `ValueError`.
    """
    series = [bars, *lines]
    if any(len(each.values) != len(months) for each in series):
        raise ValueError("a series must have one value for each month")
    if not months:
        return _put('<p class="muted">{}</p>', told.say("There are no months to show."))
    scale = scale_of([value for each in series for value in each.values])
    over = [_line(each, scale) for each in lines]
    drawn = Markup("").join(
        [
            _rules(scale),
            _bars(told, months, bars, scale),
            *over,
            _month_names(told, months),
            _hits(told, months, series),
        ]
    )
    return _put(
        '<figure class="chart" tabindex="0" data-chart>{readout}<div class="plot">{axis}'
        '<svg class="area" height="{height}" role="img" aria-label="{label}">{drawn}</svg></div>'
        '<div class="explored" hidden></div><div class="below"><button type="button" class="plain"'
        ' data-explore="{engine}" data-chart-of="{spec}">{explore}</button>{table}</div></figure>',
        readout=_readout(told, months, series, currency),
        axis=_axis(told, scale),
        height=_HEIGHT,
        label=_told_whole(told, months, bars, title),
        drawn=drawn,
        engine=static_url("vendor/vega.js"),
        spec=json.dumps(exploring(told, months, series), separators=(",", ":")),
        explore=told.say("Explore"),
        table=_table(told, months, series, currency),
    )


def exploring(told: Language, months: Sequence[Month], series: Sequence[Series]) -> dict[str, Any]:
    """A Vega-Lite document of the same figures, to zoom, to point at and to take series away by the legend.

    Its colours are the names of ours; app.js puts the reader's light in. Months without a value stay gaps.
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
        "mark": {"type": "line", "point": {"size": 40}, "strokeWidth": 2},
        "encoding": encoding,
    }


def sparkline(told: Language, values: Sequence[Decimal | None], label: str) -> Markup:
    """The shape of a row of figures in the height of a line of text; a gap breaks it, its end has a dot.

    It runs from the least to the greatest figure, but never over less than a quarter of the greatest: small
    movements stay small.
    """
    known = [value for value in values if value is not None] or [Decimal(0)]
    low, high = min(known), max(known)
    span = max(high - low, max(abs(high), abs(low)) * _LEAST_SPAN) or Decimal(1)
    step = Decimal(_SPARK_WIDTH - 2 * _SPARK_PAD) / max(len(values) - 1, 1)
    points = [
        None
        if value is None
        else (
            _px(_SPARK_PAD + step * i),
            _px(_SPARK_HEIGHT - _SPARK_PAD - (value - low) / span * (_SPARK_HEIGHT - 2 * _SPARK_PAD)),
        )
        for i, value in enumerate(values)
    ]
    parts = [_put('<polyline points="{}"/>', " ".join(f"{x},{y}" for x, y in run)) for run in _runs(points) if run]
    if points and points[-1] is not None:
        parts.append(_put('<circle cx="{}" cy="{}" r="2"/>', *points[-1]))
    missing = sum(value is None for value in values)
    said = told.say("%(label)s, %(missing)s without a report", label=label, missing=missing) if missing else label
    return _put(
        '<svg class="spark" width="{}" height="{}" role="img" aria-label="{}">{}</svg>',
        _SPARK_WIDTH,
        _SPARK_HEIGHT,
        said,
        Markup("").join(parts),
    )


def meter(told: Language, parts: Sequence[Part], whole: Decimal | None, label: str = "") -> Markup:
    """How much of a whole its parts take. Beyond the whole the rest is drawn as over it, with a mark at the whole.

    Without a whole (no limit set) nothing is measured: the track is drawn empty and the text says so.
    """
    taken = sum((max(part.amount, Decimal(0)) for part in parts), Decimal(0))
    if whole is None or whole <= 0:
        said = told.say("%(label)s: nothing to measure against", label=label)
        return _put('<svg class="meter unset" height="{}" role="img" aria-label="{}"></svg>', _METER_HEIGHT, said)
    full, at, drawn = max(taken, whole), Decimal(0), []
    for part in parts:
        inside = max(min(part.amount, whole - at), Decimal(0))
        drawn.append(_block(part, at, inside, full, part.kind))
        drawn.append(_block(part, at + inside, max(part.amount, Decimal(0)) - inside, full, "bad"))
        at += max(part.amount, Decimal(0))
    if taken > whole:
        x = _share(whole, full)
        drawn.append(_put('<line class="mark" x1="{}%" x2="{}%" y1="0" y2="{}"/>', x, x, _METER_HEIGHT))
    said = told.say(
        "%(label)s: %(taken)s of %(whole)s, %(share)s",
        label=label, taken=taken, whole=whole, share=told.percent(taken / whole),
    )  # fmt: skip
    return _put(
        '<svg class="meter" height="{}" role="img" aria-label="{}">{}</svg>',
        _METER_HEIGHT,
        said,
        Markup("").join(drawn),
    )


def _block(part: Part, start: Decimal, amount: Decimal, full: Decimal, kind: Kind) -> Markup:
    if amount <= 0:
        return Markup("")
    return _put(
        '<rect class="k-{}" x="{}%" width="{}%" height="{}"><title>{}</title></rect>',
        kind,
        _share(start, full),
        _share(amount, full),
        _METER_HEIGHT,
        part.name,
    )


def _rules(scale: Scale) -> Markup:
    return Markup("").join(
        _put(
            '<line class="{}" x1="0" x2="100%" y1="{}" y2="{}"/>',
            "zero" if tick == 0 else "rule",
            _px(scale.y(tick)),
            _px(scale.y(tick)),
        )
        for tick in scale.ticks
    )


def _axis(told: Language, scale: Scale) -> Markup:
    names = Markup("").join(
        _put('<text x="{}" y="{}" text-anchor="end">{}</text>', _AXIS - 8, _px(scale.y(tick) + 4), told.compact(tick))
        for tick in scale.ticks
    )
    return _put('<svg class="axis" width="{}" height="{}" aria-hidden="true">{}</svg>', _AXIS, _HEIGHT, names)


def _bars(told: Language, months: Sequence[Month], bars: Series, scale: Scale) -> Markup:
    column = Decimal(100) / len(months)
    inset = column * (1 - _BAR_SHARE) / 2
    zero, parts = scale.y(Decimal(0)), []
    for i, value in enumerate(bars.values):
        x, width = _px(column * i + inset), _px(column * _BAR_SHARE)
        if value is None:
            parts.append(
                _put(
                    '<rect class="gap" x="{}%" width="{}%" y="{}" height="{}"><title>{}</title></rect>',
                    x,
                    width,
                    _TOP,
                    _px(zero - _TOP),
                    _no_report(told),
                )
            )
        else:
            end = scale.y(value)
            parts.append(
                _put(
                    '<rect class="column k-{}" x="{}%" width="{}%" y="{}" height="{}" rx="1.5"/>',
                    bars.kind,
                    x,
                    width,
                    _px(min(zero, end)),
                    _px(abs(zero - end)),
                )
            )
    return Markup("").join(parts)


def _line(series: Series, scale: Scale) -> Markup:
    column = Decimal(100) / len(series.values)
    points = [
        None if value is None else (_px(column * i + column / 2), _px(scale.y(value)))
        for i, value in enumerate(series.values)
    ]
    parts = [
        _put('<line class="line k-{}" x1="{}%" y1="{}" x2="{}%" y2="{}"/>', series.kind, *a, *b)
        for run in _runs(points)
        for a, b in pairwise(run)
    ]
    parts += [
        _put('<circle class="dot k-{}" cx="{}%" cy="{}" r="2.25"/>', series.kind, *point) for point in points if point
    ]
    return Markup("").join(parts)


def _month_names(told: Language, months: Sequence[Month]) -> Markup:
    column = Decimal(100) / len(months)
    baseline = _HEIGHT - _FOOT + 14
    parts = []
    for i, month in enumerate(months):
        x = _px(column * i + column / 2)
        if len(months) <= _MANY_MONTHS:
            parts.append(
                _put(
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
                _put('<text class="{}" x="{}%" y="{}">{}</text>', kind, _px(column * i), baseline + 15, month.year)
            )
    return Markup("").join(parts)


def _hits(told: Language, months: Sequence[Month], series: Sequence[Series]) -> Markup:
    """A column over each month that carries its figures, for the pointer, the keyboard and the plain tooltip."""
    column = Decimal(100) / len(months)
    parts = []
    for i, month in enumerate(months):
        figures = [_figure(told, each.values[i]) for each in series]
        tip = "\n".join(
            [told.month(month)] + [f"{each.name} {figure}" for each, figure in zip(series, figures, strict=True)]
        )
        data = Markup(" ").join(_put('data-v{}="{}"', n, figure) for n, figure in enumerate(figures))
        parts.append(
            _put(
                '<rect class="hit" x="{}%" width="{}%" y="0" height="{}" data-month="{}" {}><title>{}</title></rect>',
                _px(column * i),
                _px(column),
                _HEIGHT - _FOOT,
                told.month(month),
                data,
                tip,
            )
        )
    return Markup("").join(parts)


def _readout(told: Language, months: Sequence[Month], series: Sequence[Series], currency: str | None) -> Markup:
    """The legend, which reads out one month: the last, until the reader points at another."""
    rows = Markup("").join(
        _put(
            '<span class="of"><svg width="10" height="10" aria-hidden="true"><rect class="k-{}" width="10" height="10"'
            ' rx="2"/></svg>{} <b data-v="{}">{}</b></span>',
            each.kind,
            each.name,
            n,
            _figure(told, each.values[-1]),
        )
        for n, each in enumerate(series)
    )
    gap = any(value is None for each in series for value in each.values)
    key = _put('<span class="of key">{}</span>', told.say("dashed: no report")) if gap else ""
    return _put(
        '<figcaption class="readout"><b class="month" data-month>{}</b>{}{}<span class="unit">{}</span></figcaption>',
        told.month(months[-1]),
        rows,
        key,
        currency or "",
    )


def _table(told: Language, months: Sequence[Month], series: Sequence[Series], currency: str | None) -> Markup:
    head = Markup("").join(_put('<th class="n" scope="col">{}</th>', each.name) for each in series)
    rows = Markup("").join(
        _put(
            "<tr><th scope='row'>{}</th>{}</tr>",
            told.month(month),
            Markup("").join(_put('<td class="n">{}</td>', _cell(told, each.values[i])) for each in series),
        )
        for i, month in reversed(list(enumerate(months)))
    )
    return _put(
        '<details class="figures-table"><summary>{}</summary><div class="scroll"><table><thead><tr><th scope="col">{}'
        "</th>{}</tr></thead><tbody>{}</tbody></table></div></details>",
        told.say("These figures as a table"),
        told.say("Month, amounts in %(currency)s", currency=currency) if currency else told.say("Month"),
        head,
        rows,
    )


def _told_whole(told: Language, months: Sequence[Month], bars: Series, title: str) -> str:
    """The chart in one sentence, for who cannot see it."""
    known = [(value, month) for value, month in zip(bars.values, months, strict=True) if value is not None]
    missing = len(months) - len(known)
    said = told.say("%(title)s, %(first)s to %(last)s.", title=title, first=months[0], last=months[-1])
    if known:
        value, month = max(known)
        said += " " + told.say("%(name)s is highest in %(month)s: %(value)s.", name=bars.name, month=month, value=value)
    if missing:
        said += " " + told.say("%(missing)s of %(all)s months have no report.", missing=missing, all=len(months))
    return said


def _cell(told: Language, value: Decimal | None) -> Markup:
    return _put('<span class="muted">{}</span>', _no_report(told)) if value is None else escape(told.money(value))


def _figure(told: Language, value: Decimal | None) -> str:
    return _no_report(told) if value is None else told.money(value)


def _no_report(told: Language) -> str:
    return told.say("no report")


def _runs(points: Sequence[tuple[str, str] | None]) -> list[list[tuple[str, str]]]:
    """The stretches between the gaps."""
    runs: list[list[tuple[str, str]]] = [[]]
    for point in points:
        if point is None:
            runs.append([])
        else:
            runs[-1].append(point)
    return runs


def _put(template: str, *values: object, **named: object) -> Markup:
    """The values in the places of a template of ours, each escaped; several times quicker than `Markup.format`."""
    text = template.format(*map(escape, values), **{name: escape(value) for name, value in named.items()})
    return Markup(text)  # noqa: S704 - the template is a constant of this file, and every value was escaped


def _share(part: Decimal, full: Decimal) -> str:
    return _px(part / full * 100)


def _px(x: Decimal) -> str:
    """A place to two decimals, without trailing zeros."""
    return f"{x:.2f}".rstrip("0").rstrip(".")

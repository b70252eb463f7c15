"""Charts in the height of a line of text: the shape of a row of figures, and how much of a whole is taken."""

from collections.abc import Sequence
from decimal import Decimal
from functools import cache

from markupsafe import Markup

from channel.web.charts.drawing import Kind, MeterPart, put, px, runs, share
from channel.web.language import Language

_SPARK_WIDTH, _SPARK_HEIGHT, _SPARK_PAD = 84, 22, 3
_LEAST_SPAN = Decimal("0.25")
_METER_HEIGHT = 8


def sparkline(told: Language, values: Sequence[Decimal | None], label: str) -> Markup:
    """The shape of a row of figures in the height of a line of text; a gap breaks it, its end has a dot.

    It runs from the least to the greatest figure, but never over less than a quarter of the greatest: small
    movements stay small.
    """
    known = [value for value in values if value is not None] or [Decimal(0)]
    low, high = min(known), max(known)
    span = max(high - low, max(abs(high), abs(low)) * _LEAST_SPAN) or Decimal(1)
    steepness = Decimal(_SPARK_HEIGHT - 2 * _SPARK_PAD) / span
    points = [
        None if value is None else (x, px(_SPARK_HEIGHT - _SPARK_PAD - (value - low) * steepness))
        for x, value in zip(_across(len(values)), values, strict=True)
    ]
    # A list draws fifty: the places are numbers of ours, and are put down as they are.
    lines = [f'<polyline points="{" ".join(f"{x},{y}" for x, y in run)}"/>' for run in runs(points) if run]
    if points and points[-1] is not None:
        x, y = points[-1]
        lines.append(f'<circle cx="{x}" cy="{y}" r="2"/>')
    missing = sum(value is None for value in values)
    said = told.say("%(label)s, %(missing)s without a report", label=label, missing=missing) if missing else label
    return put(
        '<svg class="spark" width="{}" height="{}" role="img" aria-label="{}">{}</svg>',
        _SPARK_WIDTH,
        _SPARK_HEIGHT,
        said,
        Markup("".join(lines)),  # noqa: S704 - made of numbers alone
    )


@cache
def _across(count: int) -> tuple[str, ...]:
    """The horizontal places of so many figures."""
    step = Decimal(_SPARK_WIDTH - 2 * _SPARK_PAD) / max(count - 1, 1)
    return tuple(px(_SPARK_PAD + step * i) for i in range(count))


def meter(told: Language, parts: Sequence[MeterPart], whole: Decimal | None, label: str = "") -> Markup:
    """How much of a whole its parts take. Beyond the whole the rest is drawn as over it, with a mark at the whole.

    Without a whole (no limit set) nothing is measured: the track is drawn empty and the text says so.
    """
    taken = sum((max(part.amount, Decimal(0)) for part in parts), Decimal(0))
    if whole is None or whole <= 0:
        said = told.say("%(label)s: nothing to measure against", label=label)
        return put('<svg class="meter unset" height="{}" role="img" aria-label="{}"></svg>', _METER_HEIGHT, said)
    full, at, drawn = max(taken, whole), Decimal(0), []
    for part in parts:
        inside = max(min(part.amount, whole - at), Decimal(0))
        drawn.append(_block(part, at, inside, full, part.kind))
        drawn.append(_block(part, at + inside, max(part.amount, Decimal(0)) - inside, full, "bad"))
        at += max(part.amount, Decimal(0))
    if taken > whole:
        x = share(whole, full)
        drawn.append(put('<line class="mark" x1="{}%" x2="{}%" y1="0" y2="{}"/>', x, x, _METER_HEIGHT))
    said = told.say(
        "%(label)s: %(taken)s of %(whole)s, %(share)s",
        label=label, taken=taken, whole=whole, share=told.percent(taken / whole),
    )  # fmt: skip
    return put(
        '<svg class="meter" height="{}" role="img" aria-label="{}">{}</svg>',
        _METER_HEIGHT,
        said,
        Markup("").join(drawn),
    )


def _block(part: MeterPart, start: Decimal, amount: Decimal, full: Decimal, kind: Kind) -> Markup:
    if amount <= 0:
        return Markup("")
    return put(
        '<rect class="k-{}" x="{}%" width="{}%" height="{}"><title>{}</title></rect>',
        kind,
        share(start, full),
        share(amount, full),
        _METER_HEIGHT,
        part.name,
    )

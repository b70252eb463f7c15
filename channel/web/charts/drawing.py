"""What all charts are drawn from: rows of figures, and the ways to write places and texts into SVG."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from markupsafe import Markup, escape

Kind = Literal[
    "sell-in", "sell-through", "stock", "accent", "good", "warn", "bad", "soft",
    "age-0", "age-1", "age-2", "age-3", "age-4", "age-5", "age-6",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Series:
    """One row of figures by month; None where nothing is known of the month. `kind` gives the colour.

    `unknown` are the words for such a month, in the reader's language; none where it is a report that is missing.
    """

    name: str
    values: Sequence[Decimal | None]
    kind: Kind = "sell-in"
    unknown: str | None = None


@dataclass(frozen=True, slots=True)
class MeterPart:
    """One part of a meter: what it is and how much."""

    name: str
    amount: Decimal
    kind: Kind = "accent"


def put(template: str, *values: object, **named: object) -> Markup:
    """The values in the places of a template of ours, each escaped; several times quicker than `Markup.format`."""
    text = template.format(*map(escape, values), **{name: escape(value) for name, value in named.items()})
    return Markup(text)  # noqa: S704 - the template is a constant of this package, and every value was escaped


def px(x: Decimal) -> str:
    """A place to two decimals, without trailing zeros."""
    return f"{x:.2f}".rstrip("0").rstrip(".")


def share(part: Decimal, full: Decimal) -> str:
    """A part of a whole as a percentage, for a horizontal place or width."""
    return px(part / full * 100)


def runs(points: Sequence[tuple[str, str] | None]) -> list[list[tuple[str, str]]]:
    """The stretches between the gaps."""
    found: list[list[tuple[str, str]]] = [[]]
    for point in points:
        if point is None:
            found.append([])
        else:
            found[-1].append(point)
    return found


AGES: tuple[Kind, ...] = ("age-0", "age-1", "age-2", "age-3", "age-4", "age-5", "age-6")
"""Colours from young to old, for what is told by age."""


def age_colours(count: int) -> list[Kind]:
    """So many of `AGES`, spread over all of them; neighbours share one where there are more than there are colours."""
    return [AGES[round(place * (len(AGES) - 1) / max(count - 1, 1))] for place in range(count)]

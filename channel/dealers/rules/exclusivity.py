"""When two grants of exclusivity meet."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Grant:
    """A dealer alone may sell a product line in a territory and below it, on the days [from_on, to_on).

    `to_on` None means without an end.
    """

    dealer_id: int
    line_id: int
    territory_id: int
    from_on: date
    to_on: date | None


def days_meet(a_from: date, a_to: date | None, b_from: date, b_to: date | None) -> bool:
    """Whether two half-open spans share a day; one that ends on the day the other begins does not meet it."""
    return (b_to is None or a_from < b_to) and (a_to is None or b_from < a_to)


def grants_overlap(a: Grant, b: Grant, lineage: Mapping[int, frozenset[int]]) -> bool:
    """Whether two grants promise the same thing: the line is the same, the days meet, one place contains the other.

    `lineage` gives for each territory itself and all nodes above it. Two grants of the same dealer overlap too:
    one of them is then a mistake.
    """
    contained = a.territory_id in lineage[b.territory_id] or b.territory_id in lineage[a.territory_id]
    return a.line_id == b.line_id and contained and days_meet(a.from_on, a.to_on, b.from_on, b.to_on)

"""Grants of exclusivity."""

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

"""What pages that join rooms compute from their figures: one year against the other, weeks of supply."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

YEAR = 12
_WEEKS_IN_MONTHS = Decimal(52) / YEAR
_ROW = Sequence[Decimal | None]


@dataclass(frozen=True, slots=True)
class Year:
    """Twelve months against the twelve before.

    `total` is the sum of the covered months of the year, None where none is covered; `missing` how many are not,
    months before the dealer's appointment left out.
    `change_rate` compares only months that are covered in both years, `compared` of them: (sum now - sum before) /
    sum before. It is None where there is no such pair, or the sum before is not above zero.
    """

    total: Decimal | None
    missing: int
    change_rate: Decimal | None
    compared: int


def compute_year(values: _ROW, before_appointment: int = 0) -> Year:
    """The year and its change from 24 monthly figures, oldest first; None is a month without a report.

    The first `before_appointment` of them are not missing where they have none: nobody was to report them. Any other
    number of figures raises `ValueError`.
    """
    if len(values) != 2 * YEAR:
        raise ValueError("a year is compared from 24 months")
    before, now = values[:YEAR], values[YEAR:]
    known = [value for value in now if value is not None]
    pairs = [(old, new) for old, new in zip(before, now, strict=True) if old is not None and new is not None]
    base = sum((old for old, _ in pairs), Decimal(0))
    change = sum((new - old for old, new in pairs), Decimal(0))
    return Year(
        sum(known, Decimal(0)) if known else None,
        sum(value is None for value in values[max(YEAR, before_appointment) :]),
        change / base if base > 0 else None,
        len(pairs),
    )


def compute_weeks_of_supply(stock: Decimal | None, sold: _ROW) -> Decimal | None:
    """For how many weeks the stock lasts at the pace of the covered months of `sold`, where a month is 52/12 weeks.

    None where the stock is not known, no month is covered, or nothing was sold in them.
    """
    known = [value for value in sold if value is not None]
    total = sum(known, Decimal(0))
    if stock is None or total <= 0:
        return None
    return stock / (total / len(known) / _WEEKS_IN_MONTHS)

"""Builders for credit snapshots: short to write, every field a choice of the test."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from channel.credit.rules import CreditInputs, MonthSales
from channel.periods import Month, complete_months_before

AS_OF = date(2013, 12, 1)


def months(
    values: Sequence[object], before: date = AS_OF, through: Sequence[object] | None = None
) -> tuple[MonthSales, ...]:
    """One month of sell-in per value, the last complete month last; None is a month without a report."""
    other: Sequence[object] = through if through is not None else [None] * len(values)
    return tuple(
        MonthSales(
            month=month,
            sell_in_covered=value is not None,
            sell_through_covered=sold is not None,
            net_sell_in=None if value is None else Decimal(str(value)),
            net_sell_through=None if sold is None else Decimal(str(sold)),
        )
        for month, value, sold in zip(complete_months_before(before, len(values)), values, other, strict=True)
    )


def snapshot(values: Sequence[object] = (), **fields: Any) -> CreditInputs:  # noqa: ANN401 - any field of the snapshot
    """A dealer of grade AA with 30 days in the company's currency, with these monthly sell-in sums."""
    as_of = fields.pop("as_of", AS_OF)
    given = {
        "dealer": "D-0417",
        "dealer_type": "wholesale",
        "currency": "USD",
        "company_currency": "USD",
        "terms_days": 30,
        "grade": "AA",
        "months": months(values, as_of),
    }
    return CreditInputs(as_of=as_of, **(given | fields))


def month(text: str) -> Month:
    """The month written as 2013-01."""
    return Month.parse(text)

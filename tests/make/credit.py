"""Builders for credit snapshots: short to write, every field a choice of the test."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from channel.credit.rules import CreditInputs, MethodResult, MonthSales, Policy, Statement, Withheld
from channel.periods import Month, complete_months_before

AS_OF = date(2013, 12, 1)
DEFAULT_POLICY = Policy(version=1)


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


def worth(net_worth: object) -> Statement:
    """A statement of which only the net worth is known."""
    return Statement(date(2012, 12, 31), "USD", net_worth=Decimal(str(net_worth)))


def losing(default_rate: Decimal, loss_rate: Decimal, ceiling: Decimal) -> Policy:
    """The policy with this chance of default for grade AA, loss given default and most expected loss of a dealer."""
    given = DEFAULT_POLICY.parameters
    rates = replace(given.default_rates, aa=default_rate)
    changed = replace(given, default_rates=rates, loss_given_default_rate=loss_rate, expected_loss_ceiling=ceiling)
    return replace(DEFAULT_POLICY, parameters=changed)


def amount_of(result: MethodResult | Withheld) -> Decimal:
    """The amount of a method that gives one."""
    assert not isinstance(result, Withheld), result
    return result.amount

"""What a limit is computed from: one frozen snapshot, collected first, decided on afterwards.

None means not known, never 0. All amounts are in the dealer's currency unless a field says otherwise.
"""

from datetime import date, datetime
from decimal import Decimal

import msgspec

from channel.periods import Month


class MonthSales(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """The reports of one month: which kinds cover all its days, and the net sums of their lines.

    A net sum of a month that is not covered may be given to be shown; it is never counted. A covered month without
    a sum raises `ValueError`: within covered days no line means 0, and whoever collects the snapshot says so.
    Returns are given as positive amounts and are already taken off the net sums.
    """

    month: Month
    sell_in_covered: bool = False
    sell_through_covered: bool = False
    net_sell_in: Decimal | None = None
    net_sell_through: Decimal | None = None
    stock_amount_end: Decimal | None = None
    sell_in_returns: Decimal | None = None
    sell_through_returns: Decimal | None = None

    def __post_init__(self) -> None:
        if (self.sell_in_covered and self.net_sell_in is None) or (
            self.sell_through_covered and self.net_sell_through is None
        ):
            raise ValueError(f"{self.month} is covered but has no sum")


class Rate(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """Company currency per unit of `currency`, as published for the day `on`."""

    currency: str
    rate: Decimal
    on: date


class Statement(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """Figures of a balance sheet and its year, in the statement's own currency; what it does not show is None.

    `total_debt` is all liabilities, `net_worth` total assets less these. `market_equity` is the market value of a
    listed company.
    """

    period_end: date
    currency: str
    total_assets: Decimal | None = None
    current_assets: Decimal | None = None
    inventory: Decimal | None = None
    current_liabilities: Decimal | None = None
    total_debt: Decimal | None = None
    net_worth: Decimal | None = None
    retained_earnings: Decimal | None = None
    ebit: Decimal | None = None
    sales: Decimal | None = None
    net_profit: Decimal | None = None
    market_equity: Decimal | None = None


class OverdueItem(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """The item of the dealer's that has been due longest, and what is left of it in the currency of its document."""

    number: str
    due_on: date
    amount: Decimal
    currency: str


class ClearedBalance(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """The largest balance that the dealer cleared on terms, which stood from a day on; `amount` is in his currency.

    It is the largest of those of each currency, which are never added up: `own_amount` is what it was in `currency`.
    """

    stood_on: date
    amount: Decimal
    own_amount: Decimal
    currency: str


class Owed(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """What the ledger tells of a dealer of whom documents were posted, as far as the policy reads it.

    `overdue` is None where nothing is past its due day, `cleared` where no balance was cleared on terms.
    """

    overdue: OverdueItem | None = None
    cleared: ClearedBalance | None = None


class Incidents(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """How many credit incidents of each kind a dealer had in the twelve months up to the as-of date."""

    broken_promises: int = 0
    write_offs: int = 0
    dishonoured_bills: int = 0
    holds: int = 0


class CreditInputs(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """Everything that is known about a dealer at `known_at` and that a policy may read, as of a business date.

    `months` ascend and hold at least the complete months that the policy looks at; a month that is not there is not
    covered. `earlier_covered_months` counts covered months between the appointment and the first of `months`.
    `status` is that of the cooperation; a snapshot that was kept before it was an input has none.
    `limit_in_force` is the approved limit without temporary raises. `own_annual_sales` is the company's net sell-in
    of the twelve complete months before the as-of date, in company currency. `owed` is None where no receivables of
    the dealer are kept, and where the policy reads nothing of them. `incidents` is None where the policy reads none.
    """

    as_of: date
    dealer: str
    dealer_type: str
    currency: str
    company_currency: str
    known_at: datetime | None = None
    terms_days: int | None = None
    terms_since: date | None = None
    grade: str | None = None
    grade_since: date | None = None
    appointed_on: date | None = None
    first_year_target: Decimal | None = None
    months: tuple[MonthSales, ...] = ()
    earlier_covered_months: int = 0
    limit_in_force: Decimal | None = None
    own_annual_sales: Decimal | None = None
    rates: tuple[Rate, ...] = ()
    statements: tuple[Statement, ...] = ()
    scores: tuple[tuple[str, Decimal | None], ...] = ()
    best_high_credit: Decimal | None = None
    reference_limits: tuple[Decimal, ...] | None = None
    stated_need: Decimal | None = None
    exposure: Decimal | None = None
    status: str | None = None
    owed: Owed | None = None
    incidents: Incidents | None = None


def company_rate(inputs: CreditInputs, currency: str) -> Rate | None:
    """The snapshot's rate for the currency; 1 for the company's own; None when it holds none."""
    if currency == inputs.company_currency:
        return Rate(currency, Decimal(1), inputs.as_of)
    return next((rate for rate in inputs.rates if rate.currency == currency), None)

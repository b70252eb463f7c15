"""The computations of the room `sales`: net and returns, coverage of months, stock against movements, lateness."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from types import MappingProxyType

import msgspec

from channel.errors import Message, m
from channel.money import round_half_away
from channel.periods import Month, Span, covers, subtract

KINDS = ("sell-in", "sell-through", "stock")
"""The three kinds of reports."""
KIND_NAMES: Mapping[str, Message] = MappingProxyType(
    {"sell-in": m("Sell-in"), "sell-through": m("Sell-through"), "stock": m("Stock")}
)


MUCH_LOST, SOME_LOST = 20, 5
"""Lines without anything in their place: above the first a report always asks, above the second when they are half."""


def compute_lost(replaced: Iterable[tuple[int, int]]) -> int:
    """Of the lines that a report supersedes, those that nothing takes the place of.

    The argument tells each dealer-month's lines until now and those that the report brings for it.
    """
    return sum(max(before - after, 0) for before, after in replaced)


def supersedes_much(superseded: int, lost: int) -> bool:
    """Whether a report must be confirmed before it goes in: a period that was meant shorter empties whole months."""
    return lost > MUCH_LOST or (lost > SOME_LOST and 2 * lost >= superseded)


ORDINARY_GAP = 7
"""So many days on end without a line are ordinary; a longer run of them is named."""
MONTHS_BEFORE = 3
"""How many months before a report tell whether its dealer reports in parts."""


def runs_without_lines(days: Span, with_lines: Iterable[date]) -> tuple[Span, ...]:
    """The runs of more than a week within the days on which no line stands: covered, they count as zero."""
    one = timedelta(days=1)
    runs = subtract((days,), (Span(day, day + one) for day in with_lines))
    return tuple(run for run in runs if run.days > ORDINARY_GAP)


def convert(amount: Decimal, rate: Decimal, own_rate: Decimal) -> tuple[Decimal, Decimal]:
    """(company amount, dealer amount) of a line's amount; both rates are company currency per unit of the other.

    Company amount = amount x rate; dealer amount = amount x rate / rate of the dealer's currency: each from the
    unrounded values, to 4 decimals, a half away from zero.
    """
    return round_half_away(amount * rate), round_half_away(amount * rate / own_rate)


def missing_months(covered: Iterable[Span], wanted: Sequence[Month]) -> tuple[Month, ...]:
    """The months of which not every day is covered: their figures are not known, which is not zero."""
    spans = tuple(covered)
    return tuple(month for month in wanted if not covers(spans, month))


@dataclass(frozen=True, slots=True)
class StockCheck:
    """Whether counted stock agrees with what came and went since the count before.

    `expected` = opening + net sell-in - net sell-through over the days after the opening count up to and with the
    closing one; `difference` = closing - expected. Both are None where days of either report are missing: what is
    not known is not a difference.
    """

    opened_on: date
    closed_on: date
    opening: Decimal
    sell_in: Decimal
    sell_through: Decimal
    closing: Decimal
    expected: Decimal | None
    difference: Decimal | None
    missing: tuple[str, ...] = ()


def check_stock(
    opened_on: date,
    closed_on: date,
    opening: Decimal,
    sell_in: Decimal,
    sell_through: Decimal,
    closing: Decimal,
    covered: Mapping[str, Sequence[Span]],
) -> StockCheck:
    """Closing = opening + net sell-in - net sell-through, with the difference; `covered` has the days of each kind."""
    days = Span(opened_on + timedelta(days=1), closed_on + timedelta(days=1))
    missing = tuple(kind for kind in ("sell-in", "sell-through") if subtract((days,), covered.get(kind, ())))
    expected = None if missing else opening + sell_in - sell_through
    difference = None if expected is None else closing - expected
    return StockCheck(opened_on, closed_on, opening, sell_in, sell_through, closing, expected, difference, missing)


@dataclass(frozen=True, slots=True)
class Owed:
    """A report that a dealer owes: of which month, due on which day, and how many days late it is by now."""

    dealer_id: int
    kind: str
    month: Month
    due_on: date
    days_late: int


class OwedReports(msgspec.Struct, frozen=True):
    """Reports of one kind that a dealer owes; `begun` where some days of a month are in.

    The months stand in their order, and the first of them is due on `due_on`.
    """

    dealer: str
    name: str
    kind: str
    months: list[str]
    due_on: date
    days_late: int
    begun: bool

    @property
    def key(self) -> str:
        """No two of them are of one dealer and kind."""
        return f"{self.dealer} {self.kind}"


class SalesMonth(msgspec.Struct, frozen=True):
    """A month of a dealer and a kind in the dealer's own and in the company's currency.

    `covered` false: reports do not speak for every day, so the month is missing and not zero, unless it lies
    `before_appointment`, when nobody was to report it; what of it was reported is told all the same, null where
    nothing was.
    """

    dealer: str
    name: str
    kind: str
    month: str
    covered: bool
    currency: str | None
    quantity: Decimal | None
    amount: Decimal | None
    company_amount: Decimal | None
    returned_quantity: Decimal | None
    returned_amount: Decimal | None
    returned_company_amount: Decimal | None
    lines: int
    counted_on: date | None
    before_appointment: bool


class Report(msgspec.Struct, frozen=True):
    """A loaded report: its first and last day, and how many dealers it speaks for.

    `file_name` is null, and `lines` and `superseded` are those of the dealers whom the reader sees, where somebody
    else brought it and the reader is bound to territories.
    """

    id: int
    kind: str
    file_name: str | None
    covers_from: date
    covers_last: date
    load_id: int | None
    recorded_at: datetime | None
    actor: str
    dealers: int
    lines: int
    superseded: int


class Total(msgspec.Struct, frozen=True):
    """A month of all dealers in scope, in the company's currency."""

    kind: str
    month: str
    quantity: Decimal
    company_amount: Decimal | None
    returned_company_amount: Decimal
    lines: int
    dealers: int

    @property
    def key(self) -> str:
        """No two of them are of one kind and month."""
        return f"{self.kind} {self.month}"


class StockDifference(msgspec.Struct, frozen=True):
    """Between two counts of a product line: expected = opening + sell-in - sell-through, and the difference."""

    line_code: str
    line_name: str
    opened_on: date
    closed_on: date
    opening: Decimal
    sell_in: Decimal
    sell_through: Decimal
    closing: Decimal
    expected: Decimal | None
    difference: Decimal | None
    missing: tuple[str, ...]

    @property
    def key(self) -> str:
        """No two of them are of one count and product line."""
        return f"{self.closed_on} {self.line_code}"


def due_on(month: Month, due_day: int) -> date:
    """The day by which a month's report is due: that day of the next month, or its last where it is shorter."""
    following = month.plus(1)
    return following.first + timedelta(days=min(due_day, following.days) - 1)


def compute_owed(dealer_id: int, kind: str, month: Month, due_day: int, today: date) -> Owed:
    """What is owed of a month that is not in; on the due day itself it is not late, the day after by one day."""
    due = due_on(month, due_day)
    return Owed(dealer_id, kind, month, due, max(0, (today - due).days))

"""What was seen of a dealer on the day of a review, as it is kept for good.

None is never 0: it means that something is not known, or that there is none. Amounts are in `currency`, that of the
limit in force or else the dealer's, with tax as documents have it, unless a field says otherwise.
"""

from datetime import date
from decimal import Decimal
from typing import Any

from msgspec import Struct

from channel.credit.rules.json_values import from_stored, to_stored
from channel.errors import Message
from channel.money import STORED_PLACES, round_half_away
from channel.periods import plus_months
from channel.receivables.rules.documents import EXACT, add_up

LATE_DAYS = 90
"""Days beyond terms are taken over what was settled in so many days up to the day, and in as many before these."""
TREND_MONTHS = 3
"""Sales of so many last covered months are held against those of as many covered months before."""
MISSING_MONTHS = 12
"""Reports are missed of so many complete months before the day, none of them before the appointment."""

_ZERO = Decimal(0)


class Aged(Struct, frozen=True, gc=False):
    """What stood in an account in a currency: an amount for each bucket, money on account, bills, the disputed part."""

    currency: str
    buckets: tuple[Decimal, ...]
    on_account: Decimal
    bills: Decimal
    disputed: Decimal

    @property
    def open(self) -> Decimal:
        """The open items: the sum of the buckets."""
        return add_up(self.buckets)

    @property
    def overdue(self) -> Decimal:
        """What of them is past its due day: all buckets but the first."""
        return add_up(self.buckets[1:])


class Sold(Struct, frozen=True, gc=False):
    """Net sales of one kind in the last covered months, and in as many covered months before, in the dealer's currency.

    `months` are how many there are of each; the sums are over so many. None where there are too few to compare.
    """

    months: int
    now: Decimal | None
    before: Decimal | None

    @property
    def change_rate(self) -> Decimal | None:
        """(now - before) / before; None where it cannot be said, or nothing was sold before."""
        if self.now is None or self.before is None or self.before <= 0:
            return None
        return round_half_away(EXACT.divide(EXACT.subtract(self.now, self.before), self.before), STORED_PLACES)


class Turned(Struct, frozen=True, gc=False):
    """What went in and what went through over the last `months` that both kinds of reports cover, net."""

    months: int
    sell_in: Decimal
    sell_through: Decimal


class Counted(Struct, frozen=True, gc=False):
    """So many, and what they come to, where that can be said in one currency."""

    count: int
    amount: Decimal | None = None


class PolicyLimit(Struct, frozen=True, gc=False):
    """The limit that the credit policy gives as of the day: an amount, or why none can be computed."""

    policy_version: int
    currency: str
    amount: Decimal | None
    withheld: Message | None
    valid_until: date | None = None


class Snapshot(Struct, frozen=True, gc=False, kw_only=True):
    """All that was seen. `compared_on` is the day with which it is compared, the plan's period before.

    The facts are those of the day: type, territory (by code), grade, terms, status, each known or None. `kept` says
    whether receivables of the dealer are kept at all: where not, nothing of them is known.
    `late_days` are days beyond terms, weighted by amount, of what was settled in the last `LATE_DAYS` up to the day,
    and `late_days_before` of what was settled in as many before. `limit` is in force with its raises, `limit_base`
    without them, `limit_until` its first day without; `used` exposure / limit.
    `missing_reports` counts months and kinds of the last twelve that are owed and not in. `broken_promises` and
    `incidents` are those of the twelve months up to the day. `terms_before` are the days to pay a year before.
    `statement_on` is the last day of the latest statement, `grade_since` the day from which the grade holds,
    `facts_since` that of the oldest credit fact that counts. `statement_months` is what the policy lets count.
    `contact_on` is the day of the last contact in which somebody was reached.
    """

    as_of: date
    compared_on: date
    currency: str
    company_currency: str
    type: str | None = None
    territory: str | None = None
    status: str | None = None
    grade: str | None = None
    grade_since: date | None = None
    appointed_on: date | None = None
    terms_days: int | None = None
    terms_since: date | None = None
    terms_before: int | None = None
    responsible: str | None = None
    responsible_name: str | None = None
    kept: bool = False
    edges: tuple[int, ...] = ()
    aged: tuple[Aged, ...] = ()
    aged_before: tuple[Aged, ...] = ()
    without_rate: tuple[str, ...] = ()
    open: Decimal | None = None
    overdue: Decimal | None = None
    overdue_before: Decimal | None = None
    exposure: Decimal | None = None
    late_days: Decimal | None = None
    late_days_before: Decimal | None = None
    limit: Decimal | None = None
    limit_base: Decimal | None = None
    limit_since: date | None = None
    limit_until: date | None = None
    used: Decimal | None = None
    policy: PolicyLimit | None = None
    sell_in: Sold | None = None
    sell_through: Sold | None = None
    turned: Turned | None = None
    missing_reports: int | None = None
    disputes: Counted = Counted(0)
    promises: Counted = Counted(0)
    broken_promises: int = 0
    incidents: tuple[tuple[str, int], ...] = ()
    statement_on: date | None = None
    statement_months: int = 0
    facts_since: date | None = None
    contact_on: date | None = None

    @property
    def incident_count(self) -> int:
        """Credit incidents of the twelve months, of all kinds."""
        return sum(count for _, count in self.incidents)

    @property
    def statement_is_old(self) -> bool:
        """Whether the latest statement is older than the policy lets it count, or none is known."""
        return self.statement_on is None or plus_months(self.statement_on, self.statement_months) < self.as_of

    @property
    def days_to_end(self) -> int | None:
        """So many days from the day until the limit ends; None where none is in force, or it has no end."""
        if self.limit is None or self.limit_until is None:
            return None
        return (self.limit_until - self.as_of).days

    @property
    def oldest_fact(self) -> date | None:
        """The day since which the oldest of grade and credit facts stands; None where there is neither."""
        return min((day for day in (self.grade_since, self.facts_since) if day is not None), default=None)


def snapshot_to_document(snapshot: Snapshot) -> dict[str, Any]:
    """What was seen, as JSON values."""
    document: dict[str, Any] = to_stored(snapshot)
    return document


def snapshot_from_document(document: dict[str, Any]) -> Snapshot:
    """What was seen then."""
    snapshot: Snapshot = from_stored(Snapshot, document)
    return snapshot

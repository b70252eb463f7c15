"""Whose approval proposals need, counted for many dealers in a handful of statements."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from channel.access import service as access
from channel.consent.rules import Row
from channel.credit.queries import inputs as input_queries
from channel.credit.queries import proposals as queries
from channel.credit.queries.policies import policies_and_currency
from channel.credit.rules import (
    POLICY,
    LimitEvent,
    LimitEventKind,
    LimitInForce,
    Need,
    Policy,
    limit_in_force,
    need_of,
    takes_force_on,
)
from channel.credit.rules.cooperation import status_refused
from channel.credit.service.inputs import events_of
from channel.credit.service.looks import by_dealer
from channel.database.snapshots import view_of
from channel.dealers.queries.facts import values_on
from channel.dealers.rules import Fact
from channel.errors import Message
from channel.versions.service import read_in_force
from channel.view import View

JOURNAL_KINDS = {"base": "limit", "temporary": "raise", "end": "withdrawal", "raise_end": "raise_end"}
"""What an approved proposal of each kind is in the journal."""

# What is approved today comes behind every line of the journal, whose places are ids.
_OPEN, _ACT = 2**62, 2**62 + 1


def act_event(act: Row, today: date, place: int = _ACT) -> LimitEvent:
    """What a proposal would be in the journal if it were approved today."""
    return LimitEvent(
        LimitEventKind(JOURNAL_KINDS[act["kind"]]),
        place,
        takes_force_on(act["from_on"], today),
        act["to_on"],
        act["amount"],
        act["raise_id"],
        act["currency"],
    )


@dataclass(frozen=True, slots=True)
class Counted:
    """What the needs of some dealers' proposals are counted from, as it is today.

    Read under the lock of their accounts, it stays so to the end of the transaction.
    """

    policy: Policy
    today: date
    company: str
    rates: Mapping[str, Decimal]
    journal: Mapping[int, Sequence[Row]]
    opened: Mapping[int, Sequence[Row]]

    def need(self, dealer_id: int, act: Row, *, replaces: Iterable[int] = ()) -> Need:
        """How many must approve the act, all other open proposals counted but those that it replaces (itself too)."""
        left = set(replaces)
        others = [act_event(row, self.today, _OPEN) for row in self.opened.get(dealer_id, ()) if row["id"] not in left]
        journal = events_of(self.journal.get(dealer_id, ()))
        return need_of(self.policy, journal, others, act_event(act, self.today), self.rates, self.company)

    def in_place_of(self, dealer_id: int, act: Row) -> list[int]:
        """The open proposal of the act's kind and about its raise, in whose place it would stand."""
        rows = self.opened.get(dealer_id, ())
        return [row["id"] for row in rows if (row["kind"], row["raise_id"]) == (act["kind"], act["raise_id"])]

    def need_of_open(self, row: Row) -> Need:
        """How many must approve an open proposal if it were voted on now."""
        return self.need(row["dealer_id"], row, replaces=(row["id"],))


async def counted(dealer_ids: Sequence[int], currencies: Iterable[str] = ()) -> Counted:
    """The journal and the open proposals of these dealers, the policy and the rates of today.

    `currencies` are those of acts that are not open yet.
    """
    view = view_of()
    (policy,), chosen = await policies_in((view,))
    company, rows = access.chosen_currency(chosen), await queries.standing(dealer_ids)
    rates = await company_rates({row["currency"] for row in rows}.union(currencies), view, company)
    return counted_from(policy, company, rows, rates)


async def policies_in(views: Sequence[View]) -> tuple[list[Policy], str | None]:
    """The policy that counts in each view; and the company's currency, None where none was chosen."""
    rows = await policies_and_currency(views)
    return read_in_force(POLICY, rows, views), rows[0]["company_currency"]


def counted_from(policy: Policy, company: str, rows: Sequence[Row], rates: Mapping[str, Decimal]) -> Counted:
    """The same from lines of the journal and open proposals, in order, with the rates of today of their currencies."""
    journal, opened = (by_dealer(row for row in rows if (row["state"] == "open") == waits) for waits in (False, True))
    return Counted(policy, view_of().as_of, company, rates, journal, opened)


async def company_rates(currencies: Iterable[str], view: View, company: str) -> dict[str, Decimal]:
    """Company currency per unit on the day, of each currency that has a rate; 1 for the company's own."""
    rows = await input_queries.rates(set(currencies) - {company}, view)
    return {company: Decimal(1), **{row["currency"]: row["rate"] for row in rows}}


async def refused_by_status(days: Mapping[int, date]) -> dict[int, Message]:
    """Which of these dealers may not get a limit from their day on, as known now, and why."""
    statuses = await values_on(Fact.STATUS, days.items())
    reasons = {dealer_id: status_refused(status) for (dealer_id, _), status in statuses.items()}
    return {dealer_id: reason for dealer_id, reason in reasons.items() if reason is not None}


def state_of(events: Iterable[Row], on: date) -> tuple[LimitInForce, str | None]:
    """What the journal's lines leave in force on a day, and in which currency."""
    state, line = line_in_force(list(events), on)
    return state, None if line is None else line["currency"]


def line_in_force(lines: Sequence[Row], on: date) -> tuple[LimitInForce, Row | None]:
    """The same with the line of the journal that began the limit in force."""
    state = limit_in_force(events_of(lines), on)
    if state.base is None:
        return state, None
    return state, [row for row in lines if row["kind"] == "limit" and row["from_on"] == state.since][-1]


def runs_on(events: Iterable[Row], raised: Row, on: date) -> bool:
    """Whether a raise has not ended by the day, early ends counted; it may still be to come."""
    early = [row["from_on"] for row in events if row["kind"] == "raise_end" and row["ends_id"] == raised["id"]]
    last: date = min([raised["to_on"], *early])
    return last > on

"""What is in force and what is proposed, as it is told: an open proposal with the approvals that it needs now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from channel import clock
from channel.access.rules import Person, Right, require
from channel.consent.rules import Need, Row, Stale, State, Weighed
from channel.consent.service import open_for
from channel.credit.lists import JOURNAL
from channel.credit.queries import limits as limit_queries
from channel.credit.queries import proposals as queries
from channel.credit.queries.proposals import Queue
from channel.credit.rules import LimitInForce, takes_force_on
from channel.credit.rules.need import figures_kept
from channel.credit.service.exposure import Usage, may_see_usage, owed_by, usage_of
from channel.credit.service.looks import dealer_named
from channel.credit.service.needs import Counted, company_rates, counted, state_of
from channel.credit.service.stale import stale_of_these
from channel.credit.service.weighing import LIMITS
from channel.database.snapshots import known_as
from channel.dealers.queries.masters import company_currency
from channel.errors import NotFound, m
from channel.lists import ALL, Page, Wanted, page_in
from channel.view import View

__all__ = [
    "HeldLimit", "Queue", "Told", "history", "journal_of", "limit_of", "limit_used", "open_count", "proposal_of",
    "proposals", "takes_force", "told",
]  # fmt: skip

Told = dict[str, Any]
"""A proposal as it is told: the row of the database, of an open one with what would decide if it were voted on now."""


@dataclass(frozen=True, slots=True)
class HeldLimit:
    """What is in force for a dealer on a day, in which currency."""

    dealer_id: int
    code: str
    as_of: date
    state: LimitInForce
    currency: str


async def limit_of(person: Person, code: str, view: View) -> HeldLimit:
    """The limit in force and the raises on top of it, on the day as known at the moment, which is settled."""
    require(person, Right.SEE_CREDIT)
    dealer = await dealer_named(code)
    state, currency = state_of(await limit_queries.limit_events([dealer["id"]], view.moment), view.as_of)
    return HeldLimit(dealer["id"], code, view.as_of, state, currency or dealer["currency"])


async def limit_used(person: Person, code: str, view: View) -> tuple[HeldLimit, Usage | None]:
    """The limit in force with how much of it is used, of one state; None to whoever may not know what dealers owe."""
    require(person, Right.SEE_CREDIT)
    async with known_as(view) as fixed:
        held = await limit_of(person, code, fixed)
        if not may_see_usage(person):
            return held, None
        owed = await owed_by(held.dealer_id, fixed)
        currencies = set() if owed is None else {part.currency for part in owed.sums}
        company = await company_currency()
        rates = {} if company is None else await company_rates({held.currency, *currencies}, fixed, company)
    return held, usage_of(owed, rates, held.state.total, held.currency)


async def proposals(person: Person, asked: Queue, wanted: Wanted = ALL) -> Page[Told]:
    """Proposals, the biggest change first."""
    require(person, Right.SEE_CREDIT)
    found = await queries.proposals(replace(asked, today=clock.today()), wanted)
    return Page(await told(found.items), found.next)


async def open_count(person: Person) -> int:
    """How many proposals in scope wait for a decision that can put them into force."""
    return (await open_for(person, (LIMITS,), 0))[LIMITS.code].count


async def proposal_of(person: Person, proposal_id: int) -> Told:
    """One proposal."""
    require(person, Right.SEE_CREDIT)
    rows = await queries.proposals_of([proposal_id])
    if not rows:
        raise NotFound(m("There is no proposal %(id)s.", id=str(proposal_id)))
    return told_as(rows[0], (await LIMITS.weighed(rows)).get(proposal_id))


def told_as(row: Row, weighed: Weighed[object] | None) -> Told:
    """A proposal as it is told from what was weighed of it; `in_vain` is why it cannot come into force any more."""
    if row["state"] != State.OPEN or weighed is None:
        return {**_told(row, None), "in_vain": None}
    in_vain = weighed.in_vain
    return {**_told(row, weighed.need, weighed.stale), "in_vain": None if in_vain is None else in_vain.title}


async def told(
    rows: Sequence[Row], held: Counted | None = None, stale: Mapping[int, tuple[Stale, ...]] | None = None
) -> list[Told]:
    """The rows of proposals as they are told: open ones with whose approval they need, and what has changed since.

    `held` is what counts for their dealers and `stale` what has changed, where they have been read already.
    """
    waiting = [row for row in rows if row["state"] == "open"]
    if not waiting:
        return [_told(row, None) for row in rows]
    held = held or await counted(sorted({row["dealer_id"] for row in waiting}))
    if stale is None:
        stale = await stale_of_these(waiting, held.policy)
    needs = {row["id"]: held.need_of_open(row) for row in waiting}
    return [_told(row, needs.get(row["id"]), stale.get(row["id"], ())) for row in rows]


def _told(row: Row, need: Need | None, stale: tuple[Stale, ...] = ()) -> Told:
    if need is None:
        return {**row, **figures_kept(row["counted"]), "need_why": None, "stale": stale}
    return {**row, "stale": stale, "approvals_needed": need.approvals, "need_why": need.why, **need.counted}


def takes_force(row: Row) -> date | None:
    """From which day an open proposal would count if it were approved today; None for one that is decided."""
    return takes_force_on(row["from_on"], clock.today()) if row["state"] == "open" else None


async def journal_of(person: Person, code: str, wanted: Wanted) -> Page[Row]:
    """The journal of a dealer's limits: what came into force, who proposed and approved it, and why."""
    require(person, Right.SEE_CREDIT)
    dealer = await dealer_named(code)
    return page_in((await queries.history_of(dealer["id"], None)).journal, JOURNAL, wanted)


async def history(person: Person, code: str) -> tuple[Sequence[Row], list[Told]]:
    """The journal of a dealer's limits and all his proposals: who and why, the latest first."""
    require(person, Right.SEE_CREDIT)
    dealer = await dealer_named(code)
    found = await queries.history_of(dealer["id"], None)
    return found.journal, await told(found.proposals)

"""Limits end with the cooperation, in the name of who ended it: without a second person, since it only lowers."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from itertools import groupby

from asyncpg import Record

from channel import clock
from channel.access import service as access
from channel.access.rules import OPERATOR, Person
from channel.consent.rules import State
from channel.consent.service import close
from channel.credit.queries import ended as queries
from channel.credit.queries import limits
from channel.credit.queries.proposals import NewProposal
from channel.credit.rules import POLICY, Need, takes_force_on
from channel.credit.rules.cooperation import days_to_end
from channel.credit.rules.steps import EXACT
from channel.credit.service.inputs import events_of
from channel.credit.service.limit_spans import keep_spans
from channel.credit.service.needs import company_rates, state_of
from channel.credit.service.telling import tell_limits
from channel.credit.service.weighing import LIMITS, put
from channel.database import db
from channel.database.snapshots import view_of
from channel.dealers.queries import ended as ending_queries
from channel.dealers.queries.ended import Ending
from channel.dealers.queries.facts import values_on
from channel.dealers.rules import Fact, Status
from channel.errors import m
from channel.money import STORED_PLACES, round_half_away
from channel.receivables.queries.accounts import lock_accounts
from channel.versions.service import in_force

_BATCH = 500
_ACT = "end limit"
_REASON = "cooperation ended"


async def end_limits(posting_id: int, day: date | None) -> int:
    """End the limits of dealers with whom the cooperation ends, as one posting says of all days or of one. How many.

    It is done when an ending is recorded and, where it lies ahead, on its day again: what was proposed meanwhile is
    closed then. One that has been taken back by then ends nothing; a limit that has ended does not come back by itself.
    """
    async with db.transaction(), db.system_scope():
        endings = await ending_queries.endings_of(posting_id, day)
        await lock_accounts([each.dealer_id for each in endings])
        return await _end(await _still_ending(endings))


async def reconcile_ended(*, mend: bool = False) -> int:
    """How many dealers have ended and yet a limit or an open proposal; with `mend` these end today."""
    standing = await queries.ended_with_limits(clock.today())
    for start in range(0, len(standing) if mend else 0, _BATCH):
        async with db.transaction():
            ids = standing[start : start + _BATCH]
            await lock_accounts(ids)
            await _end([Ending(dealer_id, clock.today(), None, OPERATOR) for dealer_id in ids])
    return len(standing)


async def _still_ending(endings: Sequence[Ending]) -> list[Ending]:
    """Of each dealer the earliest ending that holds as known now: the later ones find nothing left to end."""
    statuses = await values_on(Fact.STATUS, [(each.dealer_id, each.ends_on) for each in endings])
    held = [each for each in endings if statuses.get((each.dealer_id, each.ends_on)) == Status.ENDED]
    first = {each.dealer_id: each for each in sorted(held, key=lambda each: each.ends_on, reverse=True)}
    return list(first.values())


async def _end(endings: Iterable[Ending]) -> int:
    """End what these (locked) dealers have, in the name of who ended each; of how many there was anything to end."""
    ended = 0
    ordered = sorted(endings, key=lambda each: (each.person.login, each.person.via, each.reason or "", each.dealer_id))
    for (person, reason), theirs in groupby(ordered, key=lambda each: (each.person, each.reason)):
        ended += await _end_by(person, reason, list(theirs))
    return ended


async def _end_by(person: Person, reason: str | None, endings: Sequence[Ending]) -> int:
    today = clock.today()
    begins = {each.dealer_id: takes_force_on(each.ends_on, _recorded_on(each)) for each in endings}
    journals: dict[int, list[Record]] = {dealer_id: [] for dealer_id in begins}
    for row in await limits.limit_events(list(begins), None):
        journals[row["dealer_id"]].append(row)
    days = {dealer_id: days_to_end(events_of(journals[dealer_id]), begin) for dealer_id, begin in begins.items()}
    standing = await queries.open_proposals_from(begins.items(), today)
    ending = [each for each in endings if days[each.dealer_id]]
    if not ending and not standing:
        return 0
    posting_id = await access.open_posting(person, _ACT)
    await close(LIMITS, standing, State.ENDED, posting_id)
    concerned = {dealer_id for dealer_id, _ in standing}
    if ending:
        proposals = await _proposals(ending, days, journals, reason)
        made = await put(proposals, (person.person_id, person.login), posting_id)
        await close(LIMITS, list(made.items()), State.APPROVED, posting_id)
        ends = [(made[dealer_id], day) for dealer_id in made for day in days[dealer_id]]
        await queries.record_ends(ends, posting_id)
        await keep_spans(list(made))
        await tell_limits(made.items(), posting_id)
        concerned |= set(made)
    await access.audit(
        person,
        _ACT,
        "limits of ended dealers",
        dealer_ids=sorted(concerned),
        after={"status": Status.ENDED.value, "ended_on": min(each.ends_on for each in endings)},
        reason=reason,
        posting_id=posting_id,
    )
    return len(concerned)


def _recorded_on(ending: Ending) -> date:
    """The day on which it was recorded: what was in force on a day that was over then stays as it was."""
    return clock.today() if ending.recorded_at is None else ending.recorded_at.astimezone(clock.zone()).date()


async def _proposals(
    endings: Iterable[Ending],
    days: Mapping[int, Sequence[date]],
    journals: Mapping[int, Sequence[Record]],
    reason: str | None,
) -> list[NewProposal]:
    """An end for each of these dealers, from the day on from which there is something to end."""
    view, company = view_of(), await access.company_currency()
    states = {each.dealer_id: state_of(journals[each.dealer_id], days[each.dealer_id][0]) for each in endings}
    foreign = {currency for _, currency in states.values() if currency not in {None, company}}
    rates = await company_rates(foreign, view, company)
    policy = await in_force(POLICY, view)
    need = Need(0, None, None, policy.version, m("the limit ends with the cooperation"))
    found = []
    for dealer_id, (state, currency) in states.items():
        money = currency or company
        rate = rates.get(money)
        change = None
        if rate is not None:
            change = -round_half_away(EXACT.multiply(state.base or Decimal(0), rate), STORED_PLACES)
        found.append(
            NewProposal(
                dealer_id, "end", None, money, days[dealer_id][0], None, reason or _REASON, state.base,
                None if rate is None else Decimal(0), rate, view.as_of, change, policy.version, need,
            )
        )  # fmt: skip
    return found

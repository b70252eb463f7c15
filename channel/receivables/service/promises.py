"""Promises to pay: entered, cancelled, told with what came for them, and judged by the service when they are over."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import accumulate
from typing import Any

from asyncpg import Record

from channel import clock
from channel.access import service as access
from channel.access.queries import DealerAct
from channel.access.rules import SERVICE, Person, Right, require
from channel.acts import Why
from channel.database import db
from channel.database.snapshots import known_as, view_of
from channel.errors import Conflict, Invalid, NotFound, m
from channel.lists import ALL, Page, Wanted
from channel.money import digits_of
from channel.receivables.acts.promises import EnterPromise
from channel.receivables.queries import promises as queries
from channel.receivables.queries.accounts import lock_accounts
from channel.receivables.queries.incidents import record_incidents_of_promises
from channel.receivables.queries.promises import NewPromise, PromiseFilter
from channel.receivables.rules.documents import EXACT
from channel.receivables.rules.promises import (
    Judgement,
    Promise,
    PromiseState,
    came_for_part,
    check_promise,
    judge_promises,
)
from channel.receivables.service.posting import dealers_named
from channel.receivables.service.promise_tasks import end_calls, open_calls
from channel.receivables.service.settings import rules_today
from channel.receivables.service.telling import tell_judged, tell_promise
from channel.view import View
from channel.work.rules import Every, Rhythm
from channel.work.service import Due, Work, finishing, hold

_ENTER, _CANCEL, _JUDGE = "enter promise", "cancel promise", "judge promise"
_A_BATCH = 200

Told = dict[str, Any]
"""An instalment as the list has it: with what came for it, and what it would be by the books of today."""


@dataclass(frozen=True, slots=True)
class PromiseTold:
    """One promise: what is said of all of it stands in its first instalment."""

    instalments: tuple[Told, ...]

    @property
    def head(self) -> Told:
        """What is said of all of it."""
        return self.instalments[0]

    @property
    def is_open(self) -> bool:
        """Whether anything of it can be cancelled."""
        return any(each["state"] == PromiseState.OPEN for each in self.instalments)


async def promises_told(person: Person, asked: PromiseFilter, wanted: Wanted, view: View | None = None) -> Page[Told]:
    """Instalments of promises in the person's scope, in a view (today's as known now, if None)."""
    require(person, Right.SEE_RECEIVABLES)
    return await _listed(asked, wanted, view or view_of())


async def _listed(asked: PromiseFilter, wanted: Wanted, view: View) -> Page[Told]:
    async with known_as(view) as fixed:
        found = await queries.promises_listed(asked, fixed, wanted)
        return Page(await _told(found.items, fixed), found.next)


async def broken_since_yesterday(count: int) -> Sequence[Told]:
    """The first so many instalments in scope that were judged to be broken yesterday or today."""
    asked = PromiseFilter(state=PromiseState.BROKEN, judged_from=clock.today() - timedelta(days=1))
    return (await _listed(asked, Wanted(limit=count), view_of())).items


async def due_today(count: int) -> Sequence[Told]:
    """The first so many instalments in scope that are promised for today."""
    today = clock.today()
    asked = PromiseFilter(state=PromiseState.OPEN, due_until=today, due_from=today)
    return (await _listed(asked, Wanted(limit=count), view_of())).items


async def open_promises(person: Person, dealer_id: int, view: View) -> list[Told]:
    """What of a dealer's promises was open in a view, the first day first."""
    asked = PromiseFilter(dealer_id, PromiseState.OPEN)
    return (await promises_told(person, asked, ALL, view)).items


async def promise_told(person: Person, promise_id: int) -> PromiseTold:
    """One promise with its instalments; `NotFound` where there is none such in scope."""
    require(person, Right.SEE_RECEIVABLES)
    async with known_as(view_of()) as fixed:
        rows = await _told(await queries.instalments_of(promise_id, fixed), fixed)
    if not rows:
        raise NotFound(m("There is no promise %(number)s.", number=str(promise_id)))
    return PromiseTold(tuple(rows))


async def _told(rows: Sequence[Record], view: View) -> list[Told]:
    judged = await _judged(sorted({row["dealer_id"] for row in rows}), view)
    return [_row(row, judged[row["id"], row["place"]]) for row in rows]


def _row(row: Record, now: Judgement) -> Told:
    """What was judged stays as it was; what is open has what came so far."""
    came = now.came if row["state"] == PromiseState.OPEN else row["came"]
    part = None if came is None else came_for_part(row["amount"], row["promised"], came)
    today = None if now.state == row["state"] else now.state.value
    return {**row, "came": part, "came_up_to": came, "today": today}


async def _judged(dealer_ids: Sequence[int], view: View) -> Mapping[tuple[int, int], Judgement]:
    """What all instalments of these dealers come to by the books in the view, by promise and place."""
    found = await queries.promised_by(dealer_ids, view)
    return {
        (each.promise_id, each.place): each
        for theirs in found.values()
        for each in judge_promises(theirs.promises, theirs.money, view.as_of)
    }


async def enter_promise(person: Person, code: str, act: EnterPromise) -> int:
    """Write down what a dealer promised; its number. Days of grace and share stay as the rules say today."""
    require(person, Right.ENTER_PROMISES)
    async with db.transaction():
        dealer = (await dealers_named([code]))[code]
        currency, rules = act.currency or dealer["currency"], await rules_today()
        promise = Promise(
            0,
            act.given_on or clock.today(),
            rules.promise_grace_days if act.grace_days is None else act.grace_days,
            rules.promise_share if act.share is None else act.share,
            act.parts,
        )
        errors = check_promise(promise, digits_of(currency), clock.today())
        if errors:
            raise Invalid(m("It cannot be promised so."), errors)
        await lock_accounts([dealer["id"]])
        posting_id = await access.open_posting(person, _ENTER)
        promised = list(accumulate((each.amount for each in promise.instalments), EXACT.add))
        new = NewPromise(dealer["id"], currency, act.promised_by, act.remark, promise)
        number = await queries.record_promise(new, promised, posting_id)
        after = {
            "amount": promised[-1],
            "currency": currency,
            "due_on": promise.instalments[-1].due_on,
            "promised_by": act.promised_by,
        }
        await access.audit(
            person, _ENTER, f"promise {number}", dealer_ids=[dealer["id"]], after=after, posting_id=posting_id
        )
        await tell_promise(dealer["id"], number, posting_id)
    return number


async def cancel_promise(person: Person, promise_id: int, act: Why) -> None:
    """Cancel what of a promise has not been judged; `Conflict` where nothing of it is open any more."""
    require(person, Right.ENTER_PROMISES)
    async with db.transaction():
        rows = await queries.instalments_of(promise_id, view_of())
        if not rows:
            raise NotFound(m("There is no promise %(number)s.", number=str(promise_id)))
        dealer_id = rows[0]["dealer_id"]
        await lock_accounts([dealer_id])
        posting_id = await access.open_posting(person, _CANCEL)
        if not await queries.record_cancellation(dealer_id, promise_id, clock.today(), act.reason, posting_id):
            raise Conflict(m("The promise was judged or cancelled already."))
        await access.audit(
            person,
            _CANCEL,
            f"promise {promise_id}",
            dealer_ids=[dealer_id],
            reason=act.reason,
            posting_id=posting_id,
        )


async def _judge_all(due: Due) -> None:
    """Judge what is over, dealer by dealer in batches: each is kept whole, and whoever takes over goes on behind it."""
    async with db.alone(db.EVERYTHING):
        while dealer_ids := await queries.dealers_to_judge(clock.today(), _A_BATCH):
            async with db.transaction():
                await hold(due)
                await judge(dealer_ids)
        async with finishing(due):
            await end_calls()


async def judge(dealer_ids: Sequence[int]) -> None:
    """Judge what of these dealers is over, by what came: it stays so, whatever is posted or reversed later."""
    await lock_accounts(dealer_ids)
    today = clock.today()
    over = await queries.instalments_to_judge(dealer_ids, today)
    if not over:
        return
    found = await _judged(dealer_ids, view_of())
    judged = [(dealer_id, found[which]) for which, dealer_id in over.items()]
    posting_id = await access.open_posting(SERVICE, _JUDGE)
    await queries.record_judgements(judged, today, posting_id)
    await record_incidents_of_promises(posting_id)
    await open_calls(judged, posting_id)
    await tell_judged(((dealer_id, each.promise_id, each.place) for dealer_id, each in judged), posting_id)
    await access.audit_each(SERVICE, _JUDGE, list(_lines(judged)), posting_id)


def _lines(judged: Iterable[tuple[int, Judgement]]) -> Iterable[DealerAct]:
    for dealer_id, each in judged:
        after = {"promise": each.state.value, "promised": each.promised, "came": each.came}
        yield DealerAct(dealer_id, f"promise {each.promise_id}", None, after, None)


JUDGING = Work("promises that are over", _judge_all, Every(Rhythm.DAY), own=True)

"""Opening the reviews of a plan and period: what is seen of each dealer is kept with what is found and proposed.

K, the moment as known at which everything is seen, is fixed and kept before the first review. The dealers are looked at
in the order of their ids, a thousand at a time, each thousand kept in a transaction of its own; whoever takes a run
over goes on behind the last of them, as known at the same K, and comes to the same.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import date

import msgspec
from asyncpg import Record

from channel import clock
from channel.access import service as access
from channel.access.rules import SERVICE
from channel.beside import meanwhile
from channel.consent.rules import Row
from channel.credit.rules import POLICY
from channel.database import db
from channel.database.snapshots import computed_on, view_of
from channel.errors import NotFound, m
from channel.receivables.rules.settings import LEDGER_RULES
from channel.reviews.queries import dealers as dealer_queries
from channel.reviews.queries import reviews as queries
from channel.reviews.queries import runs as run_queries
from channel.reviews.queries.reviews import NewReview, OfRun
from channel.reviews.queries.runs import NewRun
from channel.reviews.rules.findings import compute_findings, weight_of
from channel.reviews.rules.periods import day_before
from channel.reviews.rules.plan import ReviewPlan
from channel.reviews.rules.proposing import propose_act
from channel.reviews.service.deciders import Deciders, deciders_of
from channel.reviews.service.planning import OPEN
from channel.reviews.service.plans import PAPER
from channel.reviews.service.seeing import Read, Seen, read_of, seen_in
from channel.reviews.service.selecting import looked_at, selected
from channel.reviews.service.sight import Sight
from channel.versions.service import in_force, numbered
from channel.view import View
from channel.work.rules import Retries
from channel.work.service import Due, Work, finishing, hold

BATCH = 1_000
"""So many dealers are looked at in one transaction."""
_TURN = 5
"""After so many dealers it is looked whether the database has answered."""
_ACT = "open reviews"
_RETRIES = Retries(most=8)


async def sight_of(code: str, plan: ReviewPlan, view: View, policy_version: int | None, since: Row | None) -> Sight:
    """By what the dealers of a plan are looked at in a view whose snapshot is open; `since` is its run before."""
    named = [each.territory for each in plan.dealers.territories]
    policy = await (in_force(POLICY, view) if policy_version is None else numbered(POLICY, policy_version))
    before = day_before(plan.when, view.as_of)
    return Sight(
        code,
        plan,
        view,
        before,
        policy,
        (await in_force(LEDGER_RULES, view)).buckets(),
        await dealer_queries.territory_codes(),
        frozenset(await dealer_queries.below(named, view.moment)) if named else None,
        await dealer_queries.members_named(),
        before if since is None else View(since["period"], since["known_at"], past=True),
    )


@dataclass(frozen=True, slots=True)
class _Run:
    """A run under way: its number, by what is looked, where is read, who decides, and up to which dealer it is done."""

    run_id: int
    sight: Sight
    reader: db.Reader
    deciders: Deciders
    looked_until: int

    @property
    def common(self) -> OfRun:
        """What its reviews have in common."""
        sight = self.sight
        role, day = sight.plan.deciding.role, sight.view.as_of
        return OfRun(self.run_id, sight.code, day, sight.plan.kind, role, self.deciders.decide_by)


async def open_period(due: Due) -> None:
    """Open what a plan opens for a period, or the rest of it where somebody has begun."""
    if due.period is None:
        raise RuntimeError("reviews are opened for a day")
    async with db.alone(db.EVERYTHING):
        found = await run_queries.run_of(due.key, due.period)
        if found is None or found["ended_at"] is None:
            async with _begun(due, due.period, found) as run:
                if run is not None:
                    await _open_rest(due, run)
        async with finishing(due):
            found = await run_queries.run_of(due.key, due.period)
            if found is not None and found["ended_at"] is None:
                await _end(found)


@asynccontextmanager
async def _begun(due: Due, period: date, found: Record | None) -> AsyncIterator[_Run | None]:
    """A run that is begun or taken over; None where no version of the plan counts on the day.

    All is read on a second connection in the snapshot in which K was fixed. Taken over, it is another snapshot, read as
    known at the same K.
    """
    view = view_of(period) if found is None else View(period, found["known_at"], past=True, dated=True)
    async with AsyncExitStack() as stack:
        async with computed_on(view) as fixed:
            reader = await stack.enter_async_context(db.reader())
        if found is not None:
            plan = await numbered(PAPER, found["plan_version"], due.key)
            since = _since(found["since_on"], found["since_known_at"])
            sight = await reader.read(sight_of(due.key, plan, fixed, found["policy_version"], since))
            yield _Run(found["id"], sight, reader, await deciders_of(plan), found["looked_until"])
            return
        before = await run_queries.run_before(due.key, period)
        try:
            plan = await reader.read(in_force(PAPER, fixed, due.key))
        except NotFound:
            yield None
            return
        sight = await reader.read(sight_of(due.key, plan, fixed, None, before))
        yield _Run(await _record_run(due, sight, before), sight, reader, await deciders_of(plan), 0)


async def _end(run: Record) -> None:
    """All of a run is opened; the trail tells of one that opened anything."""
    await run_queries.end_run(run["id"], clock.now())
    if run["opened"]:
        after = {"plan": run["plan"], "day": run["period"], "reviews": run["opened"], "version": run["plan_version"]}
        await access.audit(SERVICE, _ACT, f"review run {run['id']}", after=after)


def _since(on: date | None, known_at: object) -> Row | None:
    return None if on is None else {"period": on, "known_at": known_at}


async def _record_run(due: Due, sight: Sight, before: Record | None) -> int:
    """Keep K and by what is looked, before anything is opened."""
    view, since = sight.view, (None, None) if before is None else (before["period"], before["known_at"])
    async with db.transaction():
        await hold(due)
        posting_id = await access.open_posting(SERVICE, _ACT)
        versions = (sight.plan.version, sight.policy.version)
        new = NewRun(sight.code, view.as_of, *versions, view.known_at, sight.compared_on, *since)
        return await run_queries.record_run(new, posting_id)


@dataclass(frozen=True, slots=True)
class _Batch:
    """A batch of dealers: up to which one, how many of them are looked at, and what is read of those reviewed."""

    last_id: int
    looked: int
    read: Read | None


async def _open_rest(due: Due, run: _Run) -> None:
    """Go through the dealers behind the last one that is done: the next batch is read while one is worked out."""
    batch = await _read_after(run, run.looked_until)
    while batch is not None:
        async with meanwhile(_read_after(run, batch.last_id)) as reading:
            await _open_batch(due, run, batch)
            batch = await reading


async def _read_after(run: _Run, after: int) -> _Batch | None:
    rows = await run.reader.read(dealer_queries.dealers_after(after, BATCH))
    return await run.reader.read(_read(run.sight, rows)) if rows else None


async def _read(sight: Sight, rows: Sequence[Record]) -> _Batch:
    asked = await looked_at(sight, rows)
    return _Batch(rows[-1]["id"], len(asked), await read_of(sight, await selected(sight, asked)))


async def _in_turns(many: Iterable[Seen]) -> AsyncIterator[Seen]:
    """One after the other; now and then what the database has answered meanwhile goes on."""
    for place, each in enumerate(many):
        if place % _TURN == 0:
            await asyncio.sleep(0)
        yield each


async def _open_batch(due: Due, run: _Run, batch: _Batch) -> None:
    seen = [each async for each in _in_turns(seen_in(run.sight, batch.read))]
    deciding = await run.deciders.of_each({each.dealer_id: each.snapshot.responsible for each in seen})
    new = [opened(run.sight, each, deciding.get(each.dealer_id)) async for each in _in_turns(seen)]
    async with db.transaction():
        await hold(due)
        posting_id = await access.open_posting(SERVICE, _ACT)
        await queries.record_reviews(run.common, new, posting_id)
        await run_queries.go_on(run.run_id, batch.last_id, batch.looked, len(new))


def opened(sight: Sight, seen: Seen, member_id: int | None = None) -> NewReview:
    """A review as it is kept: what was seen, what is found in it, what is proposed, and who is to decide."""
    shot, plan = seen.snapshot, sight.plan
    findings = compute_findings(plan, shot)
    proposal = propose_act(plan.kind, shot, findings)
    return NewReview(
        seen.dealer_id,
        shot.currency,
        shot.overdue,
        shot.exposure,
        shot.limit,
        shot.limit_until,
        shot.used,
        [each.kind.value for each in findings],
        weight_of(findings),
        proposal.act,
        proposal.amount,
        proposal.until,
        _json(shot),
        _json(findings),
        member_id,
    )


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()


async def _give_up(due: Due) -> None:
    if due.period is not None:
        told = m("It failed %(times)s times and is given up; the service's log says why.", times=_RETRIES.most)
        await run_queries.give_up(due.key, due.period, told.as_json())


OPENING = Work(OPEN, open_period, retries=_RETRIES, own=True, given_up=_give_up)

"""Assessments: limits computed for one dealer, a territory or all, and kept with all that they rest on."""

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import date, datetime

import msgspec
from asyncpg import Record

from channel import clock
from channel.access import queries as access_queries
from channel.access import service as access
from channel.access.rules import Person, Right, require
from channel.beside import meanwhile
from channel.consent.rules import the_person
from channel.credit.acts import AssessLimits
from channel.credit.queries import assessments as queries
from channel.credit.queries import inputs as input_queries
from channel.credit.rules import POLICY, LimitDecision, Policy
from channel.credit.rules.cooperation import is_assessed_in_runs
from channel.credit.rules.snapshot import Collected, decide, needs_of
from channel.credit.service.inputs import collected
from channel.credit.service.looks import Asked, Found, Look, dealer_named, find
from channel.credit.service.proposals import Skipped
from channel.credit.service.run_proposals import Computed, Proposed, Replaces, plan_proposals, propose_computed
from channel.database import db
from channel.database.snapshots import known_as, view_of
from channel.errors import NotFound, invalid, m
from channel.lists import ALL, Page, Wanted
from channel.versions.service import in_force
from channel.view import View

BATCH = 1000
"""How many dealers are collected and decided on at a time, so that memory does not grow with the channel."""

_TURN = 5
"""After so many decisions, some 2 ms of work, whatever else waits in this process is served: other requests, and what
goes to the database and comes from it in the meantime."""


@dataclass(frozen=True, slots=True)
class Run:
    """What an assessment came to. The rest is about proposals, where they were asked for.

    Of those `proposed`, so many `replaced` an open one; `kept` are open ones that say the same and are the run's, too.
    """

    run_id: int
    as_of: date
    known_at: datetime
    policy_version: int
    computed: int
    withheld: int
    proposed: int
    replaced: int
    kept: int
    skipped: tuple[Skipped, ...]


async def _asked(code: str | None, territory: str | None, view: View) -> list[Asked]:
    """The dealers of whom a limit is asked, as far as the asker may know of them.

    A territory finds those who stood in it on the day that is looked at, as known at its moment.
    """
    if code is not None:
        return [Asked.of(await dealer_named(code))]
    territory_id = None
    if territory is not None:
        node = await access_queries.territory_by_code(territory)
        if node is None:
            raise NotFound(m("There is no territory %(code)s.", code=territory))
        territory_id = node["id"]
    today = view.as_of == clock.today() and not view.past
    return [Asked.of(row) for row in await input_queries.dealers_asked(territory_id, None if today else view)]


async def _decided(found: Found, kept: "_Kept") -> "_Rows":
    """The decisions on a batch, ready to be written; in between, others get their turn on the loop."""
    rows = _Rows()
    for n, each in enumerate(found.look.asked, 1):
        known = collected(each, found)
        if not kept.by_name and not is_assessed_in_runs(known.inputs.status):
            continue
        decision = decide(kept.policy, known)
        rows.add(known, decision)
        if kept.computed is not None:
            rows.computed.append(Computed.of(known, decision))
        if n % _TURN == 0:
            await asyncio.sleep(0)
    return rows


async def assess(person: Person, act: AssessLimits, view: View | None = None) -> Run:
    """Compute and keep the limits of one dealer, of a territory or of all that the person sees.

    The view is the act's day as known now, unless it is read of what the act says.

    Of many dealers those are taken that are active or on hold on the day; one who is asked for by name and is neither
    is withheld with his status as the reason.
    With `propose` every limit that was computed and differs from the one in force becomes a proposal; what is
    withheld, or not to be proposed for another reason, is told in `skipped`. An open proposal that says the same is
    kept with its votes. Where another one would be replaced, nothing at all is done (`Replaces`) unless `confirmed` is
    the mark of what would be. What was refused on the same figures stays refused, unless it is asked for `again`.
    """
    require(person, Right.ASSESS_CREDIT)
    view = view or view_of(act.as_of)
    if act.propose:
        require(person, Right.PROPOSE_LIMIT)
        the_person(person)
        if view.past:
            raise invalid("known_at", m("A proposal rests on what is known now."))
    code, territory = act.dealer, act.territory
    said = f"dealer {code}" if code else f"territory {territory}" if territory else "all dealers"
    async with AsyncExitStack() as stack:
        if code is None:
            stack.enter_context(access.one_at_a_time(person))
            await db.take_time()
        view = await stack.enter_async_context(known_as(view, keep=True))
        asked = await _asked(code, territory, view)
        db.note_dealers(each.dealer_id for each in asked)
        await stack.enter_async_context(db.system_scope())
        policy = await in_force(POLICY, view)
        posting_id = await access.open_posting(person, "assess credit")
        known = (view.known_at, view.past)
        run_id = await queries.record_run(view.as_of, known, policy.version, said, person.login, posting_id)
        kept = _Kept(run_id, policy, view, [] if act.propose else None, by_name=code is not None)
        await _decide_all(asked, kept)
        counts = (kept.decided - kept.withheld, kept.withheld)
        await queries.count_run(run_id, *counts)
        await access.audit(
            person,
            "assess credit",
            f"run {run_id}: {said}",
            dealer_ids=[each.dealer_id for each in asked] if code else (),
            after={"as_of": view.as_of, "computed": counts[0], "withheld": counts[1], "policy": policy.version},
            posting_id=posting_id,
        )
        plan = None
        if kept.computed is not None:
            plan = await plan_proposals(kept.computed, policy, again=act.again)
            if plan.replaced and plan.mark != act.confirmed:
                raise Replaces(person, plan)
    done = Proposed() if plan is None else await propose_computed(person, plan, act.reason)
    return Run(
        run_id, view.as_of, view.known_at, policy.version, *counts, done.made, done.replaced, done.kept, done.skipped
    )


@dataclass(slots=True)
class _Kept:
    """A run under way: what it is written under, and what it has come to; `computed` where it is to be proposed.

    `by_name` says that one dealer is asked for, whatever his status.
    """

    run_id: int
    policy: Policy
    view: View
    computed: list[Computed] | None
    by_name: bool = False
    decided: int = 0
    withheld: int = 0

    async def write(self, rows: "_Rows | None") -> None:
        """Write the assessments of a batch."""
        if not rows:
            return
        ids = await queries.record_assessments(rows.columns(), self.run_id)
        self.decided += len(ids)
        self.withheld += rows.withheld
        if self.computed is not None:
            self.computed += [each.with_ids(ids[each.dealer_id], self.run_id) for each in rows.computed]


async def _decide_all(asked: Sequence[Asked], kept: _Kept) -> None:
    """Decide batch by batch: meanwhile the batch before is written, and the next one is read."""
    view, needs = kept.view, needs_of(kept.policy)
    if len(asked) <= BATCH:
        if asked:
            await kept.write(await _decided((await find([Look(asked, view, needs)]))[0], kept))
        return
    coming = iter([asked[start : start + BATCH] for start in range(0, len(asked), BATCH)])
    rows: _Rows | None = None
    async with db.reader() as reader:

        async def read_next() -> Found | None:
            batch = next(coming, None)
            return None if batch is None else (await reader.read(find([Look(batch, view, needs)])))[0]

        found = await read_next()
        while found is not None:
            async with meanwhile(kept.write(rows)) as writing, meanwhile(read_next()) as reading:
                rows = await _decided(found, kept)
                await writing
                found = await reading
    await kept.write(rows)


class _Rows:
    """The assessments of a batch, to be written; documents as JSON text, which is the least to hold."""

    def __init__(self) -> None:
        self.withheld = 0
        self.computed: list[Computed] = []
        self._rows: list[tuple[object, ...]] = []

    def add(self, known: Collected, decision: LimitDecision) -> None:
        self.withheld += decision.amount is None
        self._rows.append(
            (
                known.dealer_id,
                decision.currency,
                decision.amount,
                decision.unrounded,
                decision.company_amount,
                known.inputs.limit_in_force,
                None if decision.withheld is None else _json(decision.withheld.as_json()),
                _json(known),
                _json(decision),
            )
        )

    def __len__(self) -> int:
        return len(self._rows)

    def columns(self) -> list[list[object]]:
        """The rows column by column, as `record_assessments` takes them."""
        return [list(column) for column in zip(*self._rows, strict=True)]


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()


async def run_of(person: Person, run_id: int) -> Record:
    """One run."""
    require(person, Right.SEE_CREDIT)
    row = await queries.run(run_id)
    if row is None:
        raise NotFound(m("There is no run %(id)s.", id=str(run_id)))
    return row


async def assessments_of(
    person: Person, run_id: int, wanted: Wanted = ALL, *, withheld: bool | None = None
) -> Page[Record]:
    """The assessments of a run by dealer code."""
    await run_of(person, run_id)
    return await queries.assessments_of_run(run_id, wanted, withheld=withheld)

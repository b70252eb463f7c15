"""Assessments: limits computed for one dealer, a territory or all, and kept with all that they rest on."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

import msgspec
from asyncpg import Record

from channel import clock, db
from channel.access import queries as access_queries
from channel.access import service as access
from channel.access.rules import Person, Right, require
from channel.credit.queries import assessments as queries
from channel.credit.queries import inputs as input_queries
from channel.credit.rules import LimitDecision, Policy
from channel.credit.rules.collected import Collected, Needs, decide, needs_of
from channel.credit.service.inputs import Asked, View, collect
from channel.credit.service.policies import policy_at, the_person
from channel.credit.service.proposals import Computed, Skipped, propose_computed
from channel.errors import NotFound, invalid, m

BATCH = 1000
"""How many dealers are collected and decided on at a time, so that memory does not grow with the channel."""

_TURN = 50
"""After so many decisions, some 20 ms of work, whatever else waits in this process is served."""


@dataclass(frozen=True, slots=True)
class Run:
    """What an assessment came to. `proposed` and `skipped` are about proposals, where they were asked for."""

    run_id: int
    as_of: date
    known_at: datetime
    policy_version: int
    computed: int
    withheld: int
    proposed: int
    skipped: tuple[Skipped, ...]


@asynccontextmanager
async def seen(person: Person, as_of: date | None, known_at: datetime | None) -> AsyncIterator[View]:
    """A state to compute on, under the system scope; whatever the person may see was settled before.

    A moment without a time zone is in the company's.
    """
    require(person, Right.SEE_CREDIT)
    if known_at is not None and known_at.tzinfo is None:
        known_at = known_at.replace(tzinfo=clock.zone())
    if known_at is not None and known_at > clock.now():
        raise invalid("known_at", m("Nobody knows yet what will be known then."), m("a moment that has passed"))
    async with db.known(known_at) as k, db.system_scope():
        yield View(as_of or clock.today(), k, past=known_at is not None)


async def asked_dealers(code: str | None, territory: str | None) -> list[Asked]:
    """The dealers of whom a limit is asked, as far as the asker may know of them."""
    territory_id = None
    if territory is not None:
        node = await access_queries.territory_by_code(territory)
        if node is None:
            raise NotFound(m("There is no territory %(code)s.", code=territory))
        territory_id = node["id"]
    rows = await input_queries.dealers_asked(None if code is None else [code], territory_id)
    if code is not None and not rows:
        raise NotFound(m("There is no dealer %(code)s.", code=code))
    return [Asked(row["id"], row["code"], row["type"], row["currency"]) for row in rows]


async def decided(
    asked: Sequence[Asked], view: View, policy: Policy, needs: Needs
) -> list[tuple[Collected, LimitDecision]]:
    """Collected and decided, in the order of the dealers; in between, others get their turn on the loop."""
    found: list[tuple[Collected, LimitDecision]] = []
    for each in await collect(asked, view, needs):
        found.append((each, decide(policy, each)))
        if len(found) % _TURN == 0:
            await asyncio.sleep(0)
    return found


async def assess(
    person: Person,
    *,
    code: str | None = None,
    territory: str | None = None,
    as_of: date | None = None,
    known_at: datetime | None = None,
    propose: bool = False,
    reason: str = "",
) -> Run:
    """Compute and keep the limits of one dealer, of a territory or of all that the person sees.

    With `propose` every limit that was computed and differs from the one in force becomes a proposal; what is
    withheld, or not to be proposed for another reason, is told in `skipped`.
    """
    require(person, Right.ASSESS_CREDIT)
    if propose:
        require(person, Right.PROPOSE_LIMIT)
        the_person(person)
        if known_at is not None:
            raise invalid("known_at", m("A proposal rests on what is known now."))
    if code is not None and territory is not None:
        raise invalid("territory", m("Either one dealer or a territory is assessed."))
    asked = await asked_dealers(code, territory)
    rows = _Rows()
    async with seen(person, as_of, known_at) as view:
        policy = await policy_at(view.as_of, view.known_at)
        needs = needs_of(policy)
        for start in range(0, len(asked), BATCH):
            for collected, decision in await decided(asked[start : start + BATCH], view, policy, needs):
                rows.add(collected, decision)
    said = f"dealer {code}" if code else f"territory {territory}" if territory else "all dealers"
    async with db.transaction():
        posting_id = await access.open_posting(person, "assess credit")
        withheld = sum(amount is None for amount in rows.amounts)
        counts = (len(rows.dealer_ids) - withheld, withheld)
        run_id = await queries.record_run(
            view.as_of, (view.known_at, view.past), said, person.login, counts, posting_id
        )
        ids: dict[int, int] = {}
        async with db.system_scope():
            for start in range(0, len(asked), BATCH):
                columns = rows.columns(start, start + BATCH)
                ids |= await queries.record_assessments(
                    columns, run_id, view.as_of, view.known_at, policy.version, posting_id
                )
        await access.audit(
            person,
            "assess credit",
            f"run {run_id}: {said}",
            dealer_ids=rows.dealer_ids if code else (),
            after={"as_of": view.as_of, "computed": counts[0], "withheld": counts[1], "policy": policy.version},
            posting_id=posting_id,
        )
    proposed, skipped = 0, tuple[Skipped, ...]()
    if propose:
        computed = [each.with_ids(ids[each.dealer_id], run_id) for each in rows.computed]
        proposed, skipped = await propose_computed(person, computed, policy, reason)
    return Run(run_id, view.as_of, view.known_at, policy.version, counts[0], counts[1], proposed, skipped)


class _Rows:
    """The columns of the assessments to be written; documents as JSON text, which is the least to hold."""

    def __init__(self) -> None:
        self.dealer_ids: list[int] = []
        self.amounts: list[Decimal | None] = []
        self.computed: list[Computed] = []
        self._rest: list[tuple[object, ...]] = []

    def add(self, collected: Collected, decision: LimitDecision) -> None:
        self.dealer_ids.append(collected.dealer_id)
        self.amounts.append(decision.amount)
        self.computed.append(Computed.of(collected, decision))
        self._rest.append(
            (
                decision.currency,
                decision.unrounded,
                decision.company_amount,
                collected.inputs.limit_in_force,
                None if decision.withheld is None else _json(decision.withheld.as_json()),
                _json(collected),
                _json(decision),
            )
        )

    def columns(self, start: int, end: int) -> list[list[object]]:
        """The rows [start, end) column by column, as `record_assessments` takes them."""
        currency, unrounded, company, in_force, withheld, inputs, decision = (
            list(column) for column in zip(*self._rest[start:end], strict=True)
        )
        return [
            list(self.dealer_ids[start:end]), currency, list(self.amounts[start:end]), unrounded, company, in_force,
            withheld, inputs, decision,
        ]  # fmt: skip


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()


async def runs(person: Person, after: int | None, limit: int) -> list[Record]:
    """Runs, the latest first."""
    require(person, Right.SEE_CREDIT)
    return await queries.runs(after, limit)


async def run_of(person: Person, run_id: int) -> Record:
    """One run."""
    require(person, Right.SEE_CREDIT)
    row = await queries.run(run_id)
    if row is None:
        raise NotFound(m("There is no run %(id)s.", id=run_id))
    return row


async def assessments_of(
    person: Person, run_id: int, after: str | None, limit: int | None, *, withheld: bool | None = None
) -> list[Record]:
    """The assessments of a run by dealer code, from after one."""
    await run_of(person, run_id)
    return await queries.assessments_of_run(run_id, after, limit, withheld=withheld)

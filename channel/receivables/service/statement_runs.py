"""Statements of account for a whole selection: asked for in one act, given as claimed work, batch by batch.

Every account of a run is told as known at the moment at which the run was asked for. A batch is kept whole or not at
all; whoever takes the run over goes on with what is not given yet.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from asyncpg import Record

from channel import clock
from channel.access import service as access
from channel.access.rules import Person, Right, require
from channel.access.service import person_behind, scope_of
from channel.database import db
from channel.database.snapshots import known_as, view_of
from channel.errors import Forbidden, Invalid, Message, NotFound, Refused, m
from channel.receivables.acts.statements import GiveStatements
from channel.receivables.queries import statements as queries
from channel.receivables.queries.statement_lines import accounts_told
from channel.receivables.service.figures import Selection, dealers_meant
from channel.receivables.service.statements import GIVE, drafts_of, give, period_asked
from channel.view import View
from channel.work.rules import Retries
from channel.work.service import Due, Work, ask, finishing, hold

_KIND = "statements of account"
_ACT = "give statements"
_A_BATCH = 50
_RETRIES = Retries(most=5)


@dataclass(frozen=True, slots=True)
class Run:
    """How far a run is: of `total` accounts `done` are given. `problem` says why it was given up, where it was."""

    id: int
    from_on: date
    as_of: date
    known_at: datetime
    territory: str | None
    type: str | None
    asked_by: str
    total: int
    done: int
    ended_at: datetime | None
    problem: Message | None

    @property
    def is_over(self) -> bool:
        """Whether nothing more is given in it."""
        return self.ended_at is not None


async def give_statements(person: Person, act: GiveStatements) -> int:
    """Have a statement given of every account of the selection that has anything to tell; the run's number."""
    require(person, Right.POST_DOCUMENTS)
    from_on, as_of = period_asked(act.as_of, act.from_on)
    async with known_as(view_of(as_of)) as fixed:
        dealers = await dealers_meant(Selection(territory=act.territory, type=act.type), fixed)
        async with db.planned_anew():
            accounts = await accounts_told(dealers, from_on, fixed)
    if not accounts:
        raise Invalid(m("No dealer of this selection has anything open, and nothing moved in the period."))
    async with db.transaction():
        posting_id = await access.open_posting(person, _ACT)
        run_id = await queries.record_run(person, from_on, fixed, (act.territory, act.type), accounts, posting_id)
        after = {"as_of": str(as_of), "accounts": len(accounts), "territory": act.territory, "type": act.type}
        await access.audit(person, _ACT, f"statement run {run_id}", after=after, posting_id=posting_id)
        await ask(_KIND, str(run_id))
    return run_id


async def run_told(person: Person, run_id: int) -> Run:
    """How far a run is, in the person's scope; `NotFound` where it has no account there."""
    require(person, Right.SEE_RECEIVABLES)
    row = await queries.run(run_id)
    if row is None or not row["total"]:
        raise NotFound(m("There is no run %(number)s.", number=str(run_id)))
    return _run(row)


def _run(row: Record) -> Run:
    told: dict[str, Any] = {name: row[name] for name in Run.__slots__ if name != "problem"}
    return Run(**told, problem=None if row["problem"] is None else Message.from_json(row["problem"]))


async def _give_all(due: Due) -> None:
    """Give what a run has left, as long as who asked for it may."""
    run_id = int(due.key)
    async with db.alone(db.EVERYTHING):
        row = await queries.run(run_id)
        if row is None or row["ended_at"] is not None:
            async with finishing(due):
                return
        try:
            person = await _behind(row)
        except Refused as refused:
            async with finishing(due):
                await queries.end_run(run_id, clock.now(), refused.title.as_json())
            return
        await db.narrow(scope_of(person))
        view = View(row["as_of"], row["known_at"], past=True, dated=True)
        while accounts := await queries.left_to_give(run_id, _A_BATCH):
            drafts = await drafts_of(person, accounts, row["from_on"], view)
            async with db.transaction():
                await hold(due)
                posting_id = await access.open_posting(person, GIVE)
                await give(person, drafts, posting_id, run_id)
        async with finishing(due):
            await queries.end_run(run_id, clock.now())


async def _behind(row: Record) -> Person:
    """Who asked for a run, as he is now; refused where he may not give statements any more, or is no more."""
    person = await person_behind(row["person_id"], row["by_token_id"], row["by_session_id"])
    if person is None:
        raise Forbidden(m("%(login)s can no longer sign in, or the token is ended.", login=row["asked_by"]))
    require(person, Right.POST_DOCUMENTS)
    return person


async def _give_up(due: Due) -> None:
    told = m("The run failed %(times)s times and is given up; the service's log says why.", times=_RETRIES.most)
    await queries.end_run(int(due.key), clock.now(), told.as_json())


GIVING = Work(_KIND, _give_all, retries=_RETRIES, own=True, given_up=_give_up)

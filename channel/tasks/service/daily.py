"""What becomes of tasks by itself: each goes to who may do it, and what is late to who is above."""

from collections.abc import Sequence

from asyncpg import Record

from channel import clock
from channel.access import service as access
from channel.access.rules import SERVICE
from channel.dealers.service.moved import MOVED
from channel.dealers.service.responsible import Change
from channel.tasks.queries import writing
from channel.tasks.queries.calendar import calendar, task_rules
from channel.tasks.queries.writing import Move
from channel.tasks.rules.tasks import Step
from channel.tasks.rules.working_days import late_before
from channel.tasks.service.kinds import KINDS, OWN
from channel.tasks.service.moved import tell_moved
from channel.tasks.service.opening import Owners, owners_for
from channel.work.rules import Every, Rhythm
from channel.work.service import Due, Work

_A_BATCH = 1000
_MOVE, _ESCALATE = "hand on tasks", "escalate tasks"


async def place_tasks() -> int:
    """Hand on what its owner may not do any more, to the next above who may or to anybody who may; how many.

    He has left, does not sign in any more, has lost the right, or the dealer has come to another territory.
    """
    found = [row for row in await writing.owned() if row["kind"] in KINDS]
    owners = await owners_for(row["territory_id"] for row in found)
    moves = []
    for row in found:
        kind, code = KINDS[row["kind"]], owners.codes.get(row["member_id"])
        if code is None or owners.may(code, kind, row["territory_id"]):
            continue
        to = owners.owner_id(row["member_id"], kind, row["territory_id"])
        keys = await writing.owned_by(row["kind"], row["member_id"], row["territory_id"])
        moves += [Move(key, Step.HANDED_ON, None, row["member_id"], to) for key in keys]
    return await _record(Step.HANDED_ON, moves, _MOVE)


async def _record(step: Step, moves: Sequence[Move], act: str) -> int:
    if moves:
        posting_id = await access.open_posting(SERVICE, act)
        await writing.record_moves(step, moves, posting_id)
        await tell_moved(step, moves, posting_id)
    return len(moves)


async def escalate_tasks() -> int:
    """Show tasks that are late by the working days of the rules to the next above who may see them; how many.

    Each is escalated once for its day and owner; above whom nobody may see it, it is not.
    """
    rules = await task_rules()
    before = late_before(clock.today(), rules.escalate_days, await calendar())
    late = [row for row in await writing.late_tasks(before) if row["kind"] in KINDS]
    owners = await owners_for(row["territory_id"] for row in late)
    moves = [move for row in late if (move := _escalated(owners, row)) is not None]
    for place in range(0, len(moves), _A_BATCH):
        await _record(Step.ESCALATED, moves[place : place + _A_BATCH], _ESCALATE)
    return len(moves)


def _escalated(owners: Owners, row: Record) -> Move | None:
    code = owners.codes.get(row["member_id"])
    above = None if code is None else owners.roster.manager(code)
    to = owners.owner(above, KINDS[row["kind"]], row["territory_id"])
    if to is None:
        return None
    return Move((row["dealer_id"], row["id"]), Step.ESCALATED, to_member_id=owners.roster.ids[to])


async def _look_after(_: Due) -> None:
    await place_tasks()
    await escalate_tasks()


async def _follow(_: Due) -> None:
    await place_tasks()


LOOKING_AFTER = Work("tasks of the day", _look_after, Every(Rhythm.DAY))
"""Each day once, however many replicas there are."""
FOLLOWING = Work(MOVED, _follow)
"""As soon as a dealer has come to another territory."""


async def hand_over(changes: Sequence[Change], posting_id: int) -> int:
    """Let what is outstanding about dealers go along when another becomes responsible for them; how many went.

    Each change is a dealer, who was responsible and who is: what the one owns goes to the other, or to the next above
    him who may. What was for anybody, because nobody was responsible, goes along too. What somebody wrote by hand
    stays his where nobody is responsible any more.
    """
    rows = await going_along(changes)
    owners = await owners_for(row["territory_id"] for row in rows)
    new = {dealer_id: to for dealer_id, _, to in changes}
    moves = [
        Move((row["dealer_id"], row["id"]), Step.HANDED_ON, None, row["member_id"], to)
        for row in rows
        if (to := owners.owner_id(new[row["dealer_id"]], KINDS[row["kind"]], row["territory_id"])) != row["member_id"]
        and (to is not None or row["kind"] != OWN.code)
    ]
    keys = set(await writing.lock_tasks([move.key[1] for move in moves]))
    moves = [move for move in moves if move.key in keys]
    if moves:
        await writing.record_moves(Step.HANDED_ON, moves, posting_id)
        await tell_moved(Step.HANDED_ON, moves, posting_id)
    return len(moves)


async def going_along(changes: Sequence[Change]) -> list[Record]:
    """The outstanding tasks that go along with these changes."""
    found = await writing.owned_of_dealers([(dealer_id, was) for dealer_id, was, to in changes if was != to])
    return [row for row in found if row["kind"] in KINDS]


async def counted_along(changes: Sequence[Change]) -> int:
    """How many would go along."""
    return len(await going_along(changes))

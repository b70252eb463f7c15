"""Tasks that come to somebody: handed on to him or escalated to him, and told to him as that."""

from collections.abc import Mapping, Sequence

from asyncpg import Record

from channel import clock
from channel.access.rules import Right
from channel.database import db
from channel.errors import Message, m
from channel.tasks.queries.outbox import NewMessage, tasks_told
from channel.tasks.queries.roster import lineages, roster_on, territories_of
from channel.tasks.queries.writing import Move
from channel.tasks.rules.outbox import Words
from channel.tasks.rules.tasks import Step
from channel.tasks.service.kinds import KINDS
from channel.tasks.service.messages import MessageKind, tell
from channel.tasks.service.receivers import receiver


async def _words(rows: Sequence[Record]) -> Mapping[int, Words]:
    tasks = {row["id"]: row for row in await tasks_told([row["told"]["task"] for row in rows])}
    return {row["id"]: _said(row, tasks[row["told"]["task"]]) for row in rows if row["told"]["task"] in tasks}


def _said(row: Record, task: Record) -> Words:
    kind = KINDS.get(task["kind"])
    what = m("%(kind)s", kind=task["kind"]) if kind is None else kind.words(task)
    headline: Message = m("Handed on to you: %(what)s", what=what)
    if row["told"]["step"] == Step.ESCALATED:
        headline = m("Late, and escalated to you: %(what)s", what=what)
    more = [m("due on %(day)s", day=task["due_on"])]
    if task["dealer_name"] is not None:
        more.insert(0, m("%(name)s", name=task["dealer_name"]))
    return Words(headline, f"/tasks/{task['id']}", tuple(more))


TASKS_TOLD = MessageKind("task", m("Task that came to somebody"), Right.SEE_DEALERS, _words)


async def tell_moved(step: Step, moves: Sequence[Move], posting_id: int) -> None:
    """Tell those to whom tasks were handed on or escalated by a posting, but for whoever did it."""
    theirs = [move for move in moves if move.to_member_id is not None]
    if not theirs:
        return
    async with db.system_scope():
        placed = await territories_of([move.key[0] for move in theirs if move.key[0]])
        roster, above = await roster_on(clock.today()), await lineages(sorted(set(placed.values())))
    new = []
    for move in theirs:
        dealer_id, number = move.key
        lineage = above.get(placed.get(dealer_id, 0), frozenset()) if dealer_id else None
        person_id = receiver(roster, move.to_member_id, TASKS_TOLD.sees, lineage)
        if person_id is not None:
            told = {"task": number, "step": step.value}
            new.append(NewMessage(person_id, f"task {number}, posting {posting_id}", told, dealer_id or 0))
    await tell(TASKS_TOLD, new, posting_id)

"""Tasks about promises that were broken: whoever is responsible of the dealer calls, until he has paid."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from channel import clock
from channel.access import service as access
from channel.access.rules import SERVICE, Right
from channel.database.snapshots import view_of
from channel.errors import Message, m
from channel.receivables.queries import promises as queries
from channel.receivables.rules.promises import Judgement, PromiseState, compute_paid
from channel.tasks.queries.roster import responsible_of
from channel.tasks.queries.writing import outstanding_of
from channel.tasks.rules.tasks import TaskState
from channel.tasks.rules.working_days import add_working_days
from channel.tasks.service.calendar import working_calendar
from channel.tasks.service.kinds import TaskKind
from channel.tasks.service.opening import NewTask, end_tasks, open_tasks

_A_BATCH = 500
_DAYS = 1
"""The call is due so many working days after the promise was judged."""


def _words(row: Mapping[str, Any]) -> Message:
    return m("Call %(dealer)s: the promise %(number)s was broken", dealer=row["dealer_name"], number=str(row["about"]))


BROKEN_PROMISE = TaskKind(
    "broken promise",
    m("broken promise"),
    Right.ENTER_PROMISES,
    _words,
    lambda row: f"/receivables/promises/{quote(row['about'])}",
    sees=Right.SEE_RECEIVABLES,
)


async def open_calls(judged: Sequence[tuple[int, Judgement]], posting_id: int) -> None:
    """One call for each promise of which an instalment was judged to be broken."""
    broken = {(dealer_id, each.promise_id) for dealer_id, each in judged if each.state is PromiseState.BROKEN}
    if not broken:
        return
    due_on = add_working_days(clock.today(), _DAYS, await working_calendar())
    whose = await responsible_of([dealer_id for dealer_id, _ in broken])
    new = [NewTask(str(number), due_on, dealer_id, whose.get(dealer_id)) for dealer_id, number in sorted(broken)]
    await open_tasks(BROKEN_PROMISE, new, posting_id)


async def end_calls() -> int:
    """End the calls about promises that have been paid since, by the books of today; how many."""
    waiting = [(row["dealer_id"], row["about"]) for row in await outstanding_of(BROKEN_PROMISE.code)]
    paid: list[tuple[int, str]] = []
    dealers = sorted({dealer_id for dealer_id, _ in waiting})
    for place in range(0, len(dealers), _A_BATCH):
        paid += await _paid(waiting, dealers[place : place + _A_BATCH])
    if not paid:
        return 0
    posting_id = await access.open_posting(SERVICE, "end tasks")
    return await end_tasks(BROKEN_PROMISE, paid, posting_id, TaskState.DONE)


async def _paid(waiting: Sequence[tuple[int, str]], dealer_ids: Sequence[int]) -> list[tuple[int, str]]:
    called, today = set(waiting), clock.today()
    found = await queries.promised_by(dealer_ids, view_of())
    return [
        (dealer_id, str(number))
        for (dealer_id, _), theirs in found.items()
        for number in compute_paid(
            theirs.promises,
            theirs.money,
            {each.id for each in theirs.promises if (dealer_id, str(each.id)) in called},
            today,
        )
    ]

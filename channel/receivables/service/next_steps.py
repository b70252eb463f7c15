"""What is to be done next after a contact, as a task: it is done by the next entry that is written from it."""

from typing import Any
from urllib.parse import quote

from channel import clock
from channel.access.rules import Person, Right
from channel.dealers.queries.dealers import responsible_of
from channel.errors import Conflict, Message, invalid, m
from channel.receivables.queries.contact_log import NewContact
from channel.receivables.rules.contact_log import NextFor
from channel.tasks.queries.roster import roster_on
from channel.tasks.rules.receiver import compute_reach
from channel.tasks.rules.tasks import TaskState
from channel.tasks.service.kinds import TaskKind
from channel.tasks.service.opening import NewTask, end_tasks, open_tasks
from channel.tasks.service.tasks import reach_of, seen_task


def _words(row: Any) -> Message:  # noqa: ANN401 - a task's row
    return m("%(what)s", what=row["what"])


def _url(row: Any) -> str:  # noqa: ANN401 - a task's row
    return f"/dealers/{quote(row['dealer'], safe='')}/contact-log/new?task={row['id']}"


NEXT_STEP = TaskKind(
    "next step",
    m("next step after a contact"),
    Right.LOG_CONTACTS,
    _words,
    _url,
    sees=Right.SEE_RECEIVABLES,
    ends_by=m("by the next contact with the dealer, written down from this task"),
)


async def open_next_step(person: Person, new: NewContact, entry: int, whose: NextFor, posting_id: int) -> None:
    """Have the next step of an entry done on its day, by its writer or by whoever is responsible for the dealer."""
    if new.next_on is None:
        return
    told = {"entry": entry}
    member_id = await _member(person, new.dealer_id, whose)
    task = NewTask(str(entry), new.next_on, new.dealer_id, member_id, told, new.next_step)
    await open_tasks(NEXT_STEP, [task], posting_id)


async def _member(person: Person, dealer_id: int, whose: NextFor) -> int | None:
    """The member of staff; None, so that it is for anybody who may, where the writer stands in no register."""
    if whose is NextFor.RESPONSIBLE:
        found = await responsible_of(dealer_id)
        if found is None:
            raise invalid("next_for", m("Nobody is responsible for this dealer."))
        return found
    roster = await roster_on(clock.today())
    me = compute_reach(person.person_id, roster).me
    return None if me is None else roster.ids[me]


async def drop_next_step(dealer_id: int, entry: int, posting_id: int) -> None:
    """The next step of an entry that another stands in place of is none any more."""
    await end_tasks(NEXT_STEP, [(dealer_id, str(entry))], posting_id)


async def finish_next_step(person: Person, dealer_id: int, number: int, posting_id: int) -> None:
    """What was to be done is done by the entry that is written; `Conflict` where it had ended before."""
    row = await seen_task(person, await reach_of(person), number)
    if row["kind"] != NEXT_STEP.code or row["dealer_id"] != dealer_id:
        raise invalid("task", m("The task is no next step with this dealer."))
    if not await end_tasks(NEXT_STEP, [(dealer_id, row["about"])], posting_id, TaskState.DONE):
        raise Conflict(m("The task has ended already."))

"""What the room `tasks` brings to the house."""

from channel.access.rules import Right
from channel.brings import Brings
from channel.dealers.service.responsible import Successor
from channel.errors import m
from channel.panels import Panel, Waiting, WaitingItem
from channel.tasks import api, pages
from channel.tasks.lists import TASKS
from channel.tasks.service.calendar import HolidayLoader
from channel.tasks.service.daily import FOLLOWING, LOOKING_AFTER, counted_along, hand_over
from channel.tasks.service.facts_told import FACTS_TOLD, TELLING_FACTS
from channel.tasks.service.morning import MORNINGS, WRITTEN
from channel.tasks.service.moved import TASKS_TOLD
from channel.tasks.service.outbox import GATHERED, SENT, keeps_from_leaving, kept_from_leaving
from channel.tasks.service.tasks import Told, due_of_mine, due_of_people, words_of
from channel.tasks.trail_words import TRAIL


def _to_do(row: Told) -> WaitingItem:
    late = row["days_late"]
    why = (
        m("due on %(day)s, %(count)s days late", day=row["due_on"], count=str(late))
        if late
        else m("due on %(day)s", day=row["due_on"])
    )
    marks = []
    if row["owner"] is None:
        marks.append(m("for anybody who may"))
    if row["escalated_to"] is not None:
        marks.append(m("escalated"))
    return WaitingItem(str(row["id"]), words_of(row), f"/tasks/{row['id']}", why, tuple(marks))


BRINGS = Brings(
    routes=(*api.ROUTES, *pages.ROUTES),
    nav=pages.NAV,
    words=TRAIL,
    loaders=(HolidayLoader(),),
    work=(LOOKING_AFTER, FOLLOWING, GATHERED, SENT, MORNINGS, WRITTEN, TELLING_FACTS),
    successors=(
        Successor(
            "tasks", lambda count: m("tasks still to be done: %(count)s", count=str(count)), hand_over, counted_along
        ),
    ),
    messages=(FACTS_TOLD, TASKS_TOLD),
    waiting=(
        Waiting(
            "tasks",
            Right.DO_TASKS,
            due_of_mine,
            _to_do,
            lambda count: m("and %(count)s more tasks that are due", count=str(count)),
        ),
        Waiting(
            "mail",
            Right.KEEP_SETTINGS,
            kept_from_leaving,
            keeps_from_leaving,
            lambda count: m("and %(count)s more mails that do not leave", count=str(count)),
        ),
    ),
    panels=(
        Panel(
            "tasks_of_people",
            m("Due tasks of my people"),
            Right.DO_TASKS,
            TASKS,
            ("due_on", "days_late", "id", "what", "dealer", "owner"),
            m("All tasks of my people"),
            "/tasks?whose=people",
            due_of_people,
            unless_empty=True,
        ),
    ),
)

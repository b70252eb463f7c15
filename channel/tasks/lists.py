"""The lists of tasks, of what became of one, and of the days on which the company works otherwise."""

from channel.errors import m
from channel.lists import Column, Kind, List, several
from channel.tasks.rules.outbox import MAIL_KIND_NAMES, MAIL_STATE_COLOURS, MAIL_STATE_NAMES, WHY_NAMES
from channel.tasks.rules.tasks import STATE_NAMES, STEP_NAMES, TaskState

TASKS = List(
    "tasks",
    m("Tasks"),
    (
        Column("due_on", m("Due on"), Kind.DAY),
        Column(
            "days_late", m("Late"), Kind.COUNT, nothing=m("not late"), plural=several("%(num)s day", "%(num)s days")
        ),
        Column("id", m("No."), Kind.SERIAL, link="/tasks/{id}"),
        Column("what", m("What is to be done"), link="/tasks/{id}", wraps=True, sort=False),
        Column(
            "dealer", m("Dealer"), Kind.CODE, link="/dealers/{dealer}#tasks", shown="dealer_name", sub="dealer",
            wraps=True, nothing=m("no dealer"),
        ),
        Column("owner", m("Owner"), Kind.CODE, shown="owner_name", nothing=m("anybody who may"), wraps=True),
        Column("escalated_to", m("Escalated to"), Kind.CODE, shown="escalated_to_name", page=False, less=2),
        Column("kind", m("Kind"), shown="kind_name", less=3, wraps=True),
        Column(
            "state", m("State"), Kind.CHOICE, choices=STATE_NAMES,
            colours={TaskState.OUTSTANDING: "warn", TaskState.DONE: "good"}, less=3,
        ),
        Column("opened_on", m("Opened on"), Kind.DAY, page=False, less=3),
        Column("ended_on", m("Ended on"), Kind.DAY, page=False, less=3, nothing=m("not ended")),
    ),
    order="due_on",
    nothing=m("There is no such task."),
)  # fmt: skip
STEPS = List(
    "task-steps",
    m("What became of it"),
    (
        Column("at", m("When"), Kind.MOMENT, sort=False),
        Column("step", m("What"), Kind.CHOICE, choices=STEP_NAMES, sort=False),
        Column("actor", m("Who"), sort=False),
        Column("to_member", m("To"), Kind.CODE, shown="to_member_name", sort=False, less=1),
        Column("due_on", m("Due on"), Kind.DAY, sort=False),
        Column("reason", m("Reason"), wraps=True, sort=False),
    ),
    order="at",
)
COMPANY_DAYS = List(
    "company-days",
    m("Days off and further working days"),
    (
        Column("day", m("Day"), Kind.DAY),
        Column("works", m("The company"), Kind.FLAG, choices={True: m("works"), False: m("does not work")}),
        Column("words", m("What it is"), wraps=True),
    ),
    order="-day",
    nothing=m("No day is different from its weekday."),
)

_MAIL_STATES = {each.value: name for each, name in MAIL_STATE_NAMES.items()}
_MAIL_COLOURS = {each.value: colour for each, colour in MAIL_STATE_COLOURS.items()}

OUTBOX = List(
    "outbox",
    m("Outbox"),
    (
        Column("id", m("No."), Kind.SERIAL),
        Column("made_at", m("Made"), Kind.MOMENT, sort=False),
        Column("login", m("For"), Kind.CODE, shown="name", link="/people/{login}", sort=False),
        Column(
            "kind",
            m("Kind"),
            Kind.CHOICE,
            choices={each.value: name for each, name in MAIL_KIND_NAMES.items()},
            sort=False,
        ),
        Column("address", m("Sent to"), Kind.CODE, page=False, sort=False),
        Column("messages", m("Messages"), Kind.COUNT, sort=False, page=False, less=2),
        Column("state", m("State"), Kind.CHOICE, choices=_MAIL_STATES, colours=_MAIL_COLOURS, sort=False),
        Column(
            "why",
            m("Why"),
            Kind.CHOICE,
            choices={each.value: name for each, name in WHY_NAMES.items()},
            sort=False,
            wraps=True,
        ),
        Column("attempts", m("Tries"), Kind.COUNT, sort=False, page=False, less=3),
        Column("fault", m("What stood in the way"), sort=False, less=1, wraps=True),
        Column("next_at", m("Next try"), Kind.MOMENT, page=False, sort=False),
        Column("ended_at", m("Sent or ended"), Kind.MOMENT, sort=False, less=2),
        Column("told", m("Messages told"), Kind.COUNT, page=False, sort=False),
        Column("left_out", m("Messages left out"), Kind.COUNT, page=False, sort=False),
    ),
    order="-id",
    key="-id",
    nothing=m("No mail fits these filters."),
)
MESSAGES = List(
    "messages",
    m("Messages"),
    (
        Column("id", m("No."), Kind.SERIAL, page=False),
        Column("recorded_at", m("When"), Kind.MOMENT, sort=False),
        Column("what", m("What happened"), sort=False, wraps=True),
        Column("dealer", m("Dealer"), Kind.CODE, shown="dealer_name", link="/dealers/{dealer}", sort=False, less=1),
        Column("kind_name", m("Kind"), sort=False, less=2, page=False),
        Column(
            "mail_state",
            m("By mail"),
            Kind.CHOICE,
            choices=_MAIL_STATES,
            colours=_MAIL_COLOURS,
            nothing=m("not yet"),
            sort=False,
            less=3,
        ),
    ),
    order="-id",
    key="-id",
    nothing=m("You were told nothing yet. What changes with the dealers you are responsible for stands here."),
)

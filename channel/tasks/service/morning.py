"""The mail of a morning: what waits, what is late and what happened, in one; none where there is nothing."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from channel import clock
from channel.access import service as access
from channel.access.rules import Person, Right
from channel.consent.service import open_for
from channel.database import db
from channel.errors import Message, m
from channel.lists import Wanted
from channel.panels import Deciding, Waiting, WaitingItem
from channel.tasks.queries import outbox as queries
from channel.tasks.queries.calendar import calendar
from channel.tasks.queries.outbox import SENDING
from channel.tasks.queries.tasks import TaskFilter
from channel.tasks.rules.outbox import MailKind, Words
from channel.tasks.rules.tasks import TaskState, Whose
from channel.tasks.rules.working_days import Calendar
from channel.tasks.service.letters import Section
from channel.tasks.service.mail_ways import the_way
from channel.tasks.service.messages import GATHERING
from channel.tasks.service.tasks import Told, tasks
from channel.work.rules import Every, Rhythm
from channel.work.service import Due, Work, ask, ask_each, finishing

WRITING = "write the mail of a morning"
"""Work: of the person whose number is the key, on the day after it."""
_AT = time(7)
_SHOWN = 8
_LOOKED_AT = 200
_DAY = timedelta(days=1)

_deciding: list[Deciding] = []
_waiting: list[Waiting] = []


def use_waiting(deciding: Sequence[Deciding], waiting: Sequence[Waiting]) -> None:
    """Set what the rooms let wait for people; once, when the app is put together."""
    _deciding[:], _waiting[:] = deciding, waiting


async def sections_for(person: Person) -> list[Section]:
    """What waits for a person, in his scope, part by part; parts in which nothing stands are left out."""
    sections = [await _to_decide(person), await _to_do(person), await _opened(person)]
    return [each for each in sections if each.items]


async def _to_decide(person: Person) -> Section:
    asked = await open_for(person, [each.kind for each in _deciding], _SHOWN)
    items, more = [], 0
    for each in _deciding:
        found = asked[each.kind.code]
        rows = {row["id"]: row for row in await each.read(found.first)} if found.first else {}
        items += [_words(each.item(rows[number])) for number in found.first if number in rows]
        more += found.waiting - len(found.first)
    return Section(m("Waits for your word"), items, m("and %(count)s more", count=more) if more > 0 else None)


async def _to_do(person: Person) -> Section:
    items, more = [], 0
    for each in _waiting:
        if person.may(each.right):
            rows = await each.find(_SHOWN)
            items += [_words(each.item(row)) for row in rows]
            more += rows[0]["found"] - len(rows) if rows else 0
    return Section(m("Waits for you"), items, m("and %(count)s more", count=more) if more > 0 else None)


async def _opened(person: Person) -> Section:
    """The tasks of a person that were opened since the last working morning and are due later than today."""
    title = m("New tasks")
    if not person.may(Right.SEE_DEALERS):
        return Section(title, [])
    today, since = clock.today(), _last_morning(await calendar(), clock.today())
    asked = TaskFilter((Whose.MINE.value,), state=TaskState.OUTSTANDING.value)
    found = (await tasks(person, asked, Wanted("-opened_on", limit=_LOOKED_AT))).items
    rows = [row for row in found if row["opened_at"] >= since and row["due_on"] > today]
    items = [Words(row["what"], f"/tasks/{row['id']}", _about(row)) for row in rows[:_SHOWN]]
    more = len(rows) - len(items)
    return Section(title, items, m("and %(count)s more", count=more) if more else None)


def _about(row: Told) -> tuple[Message, ...]:
    due = m("due on %(day)s", day=row["due_on"])
    return (due,) if row["dealer"] is None else (m("%(name)s", name=row["dealer_name"]), due)


def _last_morning(days: Calendar, today: date) -> datetime:
    day = today - _DAY
    while not days.works(day):
        day -= _DAY
    return datetime.combine(day, _AT, clock.zone())


def _words(item: WaitingItem) -> Words:
    return Words(item.what, item.url, (item.why,))


async def _begin(due: Due) -> None:
    """On a day on which the company works, have the mail of everybody written who is told in the morning.

    Who chose otherwise since he was told something has it put into a mail as he wants it now.
    """
    if due.period is None or not (await calendar()).works(due.period):
        return
    people = await queries.told_in_the_morning()
    await ask_each(WRITING, [f"{each['id']} {due.period}" for each in people if each["daily"]])
    await ask_each(GATHERING, [str(each["id"]) for each in people if not each["daily"]])


async def _write(due: Due) -> None:
    """Write a person's mail of the day, where there is anything to be told."""
    number, _, text = due.key.partition(" ")
    person_id, day = int(number), date.fromisoformat(text)
    async with db.held(db.EVERYTHING):
        person = await access.person_behind(person_id, None, None)
    waits = False
    if person is not None:
        async with db.held(access.scope_of(person)):
            waits = bool(await sections_for(person))
    async with db.held(db.EVERYTHING), finishing(due):
        told = await queries.waiting_messages(person_id)
        if (waits or any(told.values())) and not await queries.has_mail_of(person_id, day):
            way, at = the_way(), clock.now()
            mail = await queries.record_mail(person_id, MailKind.DAILY, way.new_message_id(), at, day=day)
            await queries.take_up(mail, told)
            await ask(SENDING, str(mail))


MORNINGS = Work("mail of the morning", _begin, Every(Rhythm.DAY, _AT))
WRITTEN = Work(WRITING, _write, own=True)

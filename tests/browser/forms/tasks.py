"""Sent: tasks written down, done, put off, handed on, withdrawn; and the company's calendar."""

import itertools
from collections.abc import Mapping
from datetime import date

from channel.access.rules import Person, Role
from channel.database import db
from channel.tasks.acts import AddTask, SetCompanyDay
from channel.tasks.service.acting import add_task
from channel.tasks.service.calendar import set_company_day
from tests.make.access import acting, make_member, make_person
from tests.make.forms import Sending
from tests.make.mail import make_unsent

_days = itertools.count(1)


async def _employed(person: Person) -> Mapping[str, str]:
    """The person as a member of staff."""
    code = f"T-{person.person_id}"
    async with db.held(db.EVERYTHING):
        await db.execute(
            "INSERT INTO staff_member (code, name, first_on, person_id) VALUES ($1, $1, '2020-01-01', $2)"
            " ON CONFLICT DO NOTHING",
            code,
            person.person_id,
        )
    return {"member": code}


async def _written(person: Person) -> Mapping[str, str]:
    """A task of his own."""
    made = await _employed(person)
    async with acting(person):
        number = await add_task(person, AddTask(what="Call him", within_days=1, dealer="D-1"))
    return made | {"number": str(number)}


async def _with_another(person: Person) -> Mapping[str, str]:
    """A task of his own, and somebody else who may do it."""
    other = await make_person(Role.FINANCE)
    code = f"T-{other.person_id}"
    await make_member(await make_person(Role.ADMINISTRATOR), code, login=other.login)
    return await _written(person) | {"member": code}


async def _off(person: Person) -> Mapping[str, str]:
    """A day off that nobody else has entered."""
    day = f"2031-03-{next(_days):02}"
    async with acting(person):
        await set_company_day(person, SetCompanyDay(day=date.fromisoformat(day), words="a day off"))
    return {"day": day}


async def _unsent(person: Person) -> Mapping[str, str]:
    """A mail that did not leave."""
    return {"mail": str(await make_unsent(person))}


_ALL = [Role.FINANCE, Role.MANAGER, Role.REGIONAL]
_KEEPER = [Role.ADMINISTRATOR]
_ONE = "/tasks/{number}"


def _step(step: str) -> str:
    return f"SELECT step = '{step}' FROM task_step_dealer WHERE task_id = {{number}}"


CASES = (
    Sending("/add-task", "/add-task?dealer=D-1", _ALL, {"what": "Visit {me}", "member": "{member}"},
            "The task is written down.",
            "SELECT count(*) = 1 FROM task_dealer WHERE what = 'Visit {me}' AND state = 'outstanding'",
            before=_employed),
    Sending("/tasks/{task}/done", _ONE, _ALL, {"note": "he pays"}, "The task is done.", _step("done"),
            form="[action$='/done']", before=_written),
    Sending("/tasks/{task}/put-off", _ONE, _ALL, {"until": "2040-01-02", "reason": "he is away"},
            "The task is put off until", _step("put off"), form="[action$='/put-off']", before=_written),
    Sending("/tasks/{task}/hand-on", _ONE, _ALL, {"member": "{member}", "reason": "as it is"},
            "The task is handed on to {member}.", "SELECT state = 'outstanding' FROM task_dealer WHERE id = {number}",
            form="[action$='/hand-on']", before=_written),
    Sending("/tasks/{task}/withdraw", _ONE, _ALL, {"reason": "a mistake"}, "The task is withdrawn.",
            _step("withdrawn"), form="[action$='/withdraw']", before=_written),
    Sending("/tasks/hand-on", "/tasks?whose=mine", _ALL,
            {"tasks": "{number}", "member": "{member}", "reason": "she knows him"}, "The tasks are handed on.",
            "SELECT (SELECT code FROM staff_member WHERE id = member_id) = '{member}' FROM task_dealer"
            " WHERE id = {number}", before=_with_another),
    Sending("/outbox/test", "/outbox", _KEEPER, {"address": "{me}@example.com"}, "A test goes to {me}@example.com",
            "SELECT count(*) > 0 FROM mail WHERE address = '{me}@example.com' AND kind = 'test'"),
    Sending("/outbox/{mail}/send-again", "/outbox", _KEEPER, shows="The mail is sent again.",
            holds="SELECT state = 'waiting' FROM mail WHERE id = {mail}", form="[action*='/{mail}/']", before=_unsent),
    Sending("/calendar/week", "/calendar", _KEEPER, {"weekdays": "6", "reason": "the shop is open"},
            "The working days of the week are kept.",
            "SELECT value @> '[6]' FROM setting WHERE name = 'working week'", form="[action$='/week']"),
    Sending("/calendar/escalation", "/calendar", _KEEPER, {"escalate_days": "4", "reason": "as agreed"},
            "Late tasks are escalated after 4 working days.",
            "SELECT value ->> 'escalate_days' = '4' FROM setting WHERE name = 'task rules'",
            form="[action$='/escalation']"),
    Sending("/calendar/days", "/calendar", _KEEPER, {"day": "2032-01-01", "words": "New Year"},
            "is kept.", "SELECT count(*) = 1 FROM company_day WHERE day = '2032-01-01' AND closed_at IS NULL",
            form="[action$='/days']"),
    Sending("/calendar/days/take-back", "/calendar", _KEEPER, {"reason": "worked"}, "is as its weekday says.",
            "SELECT count(*) = 0 FROM company_day WHERE day = '{day}' AND closed_at IS NULL",
            form=":has([name=day][value='{day}'])", before=_off),
)  # fmt: skip

"""`channel task` and `channel calendar`: who owes what by when, and the days on which the company works."""

from datetime import datetime

import click

from channel.acts import Why
from channel.cli.terminal.act_options import Body, body_of
from channel.cli.terminal.arguments import DAY, day, one_of
from channel.cli.terminal.client import Api, connected
from channel.cli.terminal.lazy_groups import ListedGroup
from channel.cli.terminal.output import Show, formatted, inform
from channel.tasks.acts import (
    AddTask,
    FinishTask,
    HandOnTask,
    PutOffTask,
    SetCompanyDay,
    SetEscalation,
    SetWorkingWeek,
    TakeBackDay,
)
from channel.tasks.lists import COMPANY_DAYS, STEPS, TASKS
from channel.tasks.rules.tasks import TaskState, Whose

_AT, _CALENDAR = "/api/v1/tasks", "/api/v1/calendar"


@click.group(cls=ListedGroup)
def task() -> None:
    """Tasks: who owes what by when."""


@task.command("list")
@click.option("--whose", type=one_of(Whose), help="Your own, of your people, for anybody who may, or escalated to you.")
@click.option("--dealer", metavar="CODE", help="Only those about this dealer.")
@click.option("--member", metavar="CODE", help="Only those of this member of staff.")
@click.option("--kind", metavar="CODE", help="Only those of this kind.")
@click.option("--state", type=one_of(TaskState), help="Only those that are so.")
@click.option("--due-until", type=DAY, help="Only those due up to this day.")
@click.option("--late", is_flag=True, default=None, help="Only those that are late.")
@formatted
@connected
def list_tasks(api: Api, show: Show, due_until: datetime | None, **asked: str | bool | None) -> None:
    """List tasks."""
    show.listed(TASKS, api.every(_AT, due_until=day(due_until), **asked, limit=200))


@task.command("show")
@click.argument("number", type=int)
@formatted
@connected
def show_task(api: Api, show: Show, *, number: int) -> None:
    """Show task NUMBER with what became of it."""
    told = api.get(f"{_AT}/{number}")
    if show.format == "json":
        show.document(told)
        return
    show.listed(TASKS, [told])
    show.listed(STEPS, told["steps"])


@task.command("add")
@body_of(AddTask)
@connected
def add_task(api: Api, *, body: Body) -> None:
    """Write down what you or one of your people is to do."""
    inform("It is task %(id)s.", **api.post(_AT, body))


@task.command("done")
@click.argument("number", type=int)
@body_of(FinishTask)
@connected
def finish_task(api: Api, *, number: int, body: Body) -> None:
    """Say that task NUMBER is done."""
    api.post(f"{_AT}/{number}/done", body)
    inform("The task is done.")


@task.command("put-off")
@click.argument("number", type=int)
@body_of(PutOffTask)
@connected
def put_off_task(api: Api, *, number: int, body: Body) -> None:
    """Put task NUMBER off to a later working day."""
    api.post(f"{_AT}/{number}/put-off", body)
    inform("The task is put off.")


@task.command("hand-on")
@click.argument("numbers", type=int, nargs=-1, required=True, metavar="NUMBER...")
@body_of(HandOnTask)
@connected
def hand_on_tasks(api: Api, *, numbers: tuple[int, ...], body: Body) -> None:
    """Let another do the tasks of these numbers: all of them or none."""
    if len(numbers) == 1:
        api.post(f"{_AT}/{numbers[0]}/hand-on", body)
    else:
        api.post(f"{_AT}/hand-on", {"tasks": list(numbers), **body})
    inform("The tasks are handed on.")


@task.command("withdraw")
@click.argument("number", type=int)
@body_of(Why)
@connected
def withdraw_task(api: Api, *, number: int, body: Body) -> None:
    """Withdraw task NUMBER, which somebody wrote by hand."""
    api.post(f"{_AT}/{number}/withdraw", body)
    inform("The task is withdrawn.")


@click.group(cls=ListedGroup)
def calendar() -> None:
    """The days on which the company works."""


@calendar.command("show")
@formatted
@connected
def show_calendar(api: Api, show: Show) -> None:
    """Show the working days of the week, and when late tasks are escalated."""
    show.document(api.get(_CALENDAR))


@calendar.command("days")
@formatted
@connected
def list_days(api: Api, show: Show) -> None:
    """List the days off and further working days."""
    show.listed(COMPANY_DAYS, api.every(f"{_CALENDAR}/days", limit=200))


@calendar.command("week")
@body_of(SetWorkingWeek)
@connected
def set_week(api: Api, *, body: Body) -> None:
    """Say on which weekdays the company works; 1 is Monday."""
    api.put(f"{_CALENDAR}/week", body)
    inform("The working days of the week are kept.")


@calendar.command("escalation")
@body_of(SetEscalation)
@connected
def set_escalation(api: Api, *, body: Body) -> None:
    """Say after how many working days a late task is shown to the manager."""
    api.put(f"{_CALENDAR}/escalation", body)
    inform("Kept.")


@calendar.command("set-day")
@body_of(SetCompanyDay)
@connected
def set_day(api: Api, *, body: Body) -> None:
    """Say that a date is a day off, or with --works that the company works on it."""
    api.put(f"{_CALENDAR}/days", body)
    inform("Kept.")


@calendar.command("take-back")
@body_of(TakeBackDay)
@connected
def take_back(api: Api, *, body: Body) -> None:
    """Let a date be as its weekday says."""
    api.post(f"{_CALENDAR}/days/take-back", body)
    inform("Kept.")

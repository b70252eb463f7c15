"""`channel receivables promise`: promises to pay, entered, listed, shown and cancelled."""

from datetime import datetime

import click

from channel.acts import Why
from channel.cli.terminal.act_options import Body, body_of
from channel.cli.terminal.arguments import DAY, day, one_of
from channel.cli.terminal.client import Api, connected, part
from channel.cli.terminal.lazy_groups import ListedGroup
from channel.cli.terminal.output import Show, formatted, inform
from channel.receivables.acts.promises import EnterPromise
from channel.receivables.lists.promises import PROMISES
from channel.receivables.rules.promises import PromiseState

_AT = "/api/v1/receivables/promises"
_STATE = click.option("--state", type=one_of(PromiseState), help="Only those that are so.")


@click.command("promises")
@click.option("--dealer", metavar="CODE", help="Only this dealer.")
@_STATE
@click.option("--responsible", metavar="CODE", help='Only dealers of this member of staff; "nobody": of none.')
@click.option("--due-until", type=DAY, help="Only those promised for a day up to this one.")
@formatted
@connected
def promises(
    api: Api,
    show: Show,
    dealer: str | None,
    state: str | None,
    responsible: str | None,
    due_until: datetime | None,
) -> None:
    """List what dealers promised to pay, and what became of it."""
    asked = {"dealer": dealer, "state": state, "due_until": day(due_until), "responsible": responsible}
    show.listed(PROMISES, api.every(_AT, **asked, limit=200))


@click.group(cls=ListedGroup)
def promise() -> None:
    """Promises to pay: enter one, show those of a dealer or one, cancel one."""


def _of(dealer: str) -> str:
    return f"/api/v1/receivables/dealers/{part(dealer)}/promises"


@promise.command("enter")
@click.argument("dealer", metavar="CODE")
@body_of(EnterPromise)
@connected
def enter_promise(api: Api, *, dealer: str, body: Body) -> None:
    """Write down what dealer CODE promised to pay."""
    inform("It is promise %(id)s.", **api.post(_of(dealer), body))


@promise.command("list")
@click.argument("dealer", metavar="CODE")
@_STATE
@formatted
@connected
def list_promises(api: Api, show: Show, dealer: str, state: str | None) -> None:
    """List what dealer CODE promised to pay."""
    show.listed(PROMISES, api.every(_of(dealer), state=state, limit=200))


@promise.command("show")
@click.argument("number", type=int)
@formatted
@connected
def show_promise(api: Api, show: Show, *, number: int) -> None:
    """Show promise NUMBER with what became of it."""
    told = api.get(f"{_AT}/{number}")
    if show.format == "json":
        show.document(told)
        return
    show.listed(PROMISES, told["instalments"])
    inform("Promise %(id)s, entered by %(entered_by)s.", **told)
    if told["cancelled_on"]:
        inform("Cancelled on %(cancelled_on)s by %(cancelled_by)s: %(cancelled_why)s", **told)


@promise.command("cancel")
@click.argument("number", type=int)
@body_of(Why)
@connected
def cancel_promise(api: Api, *, number: int, body: Body) -> None:
    """Cancel what of promise NUMBER has not been judged."""
    api.post(f"{_AT}/{number}/cancel", body)
    inform("The promise is cancelled.")

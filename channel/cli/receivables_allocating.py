"""Commands on what pays what, what is written off, and what waits for a second person."""

from typing import Any

import click

from channel.acts import Why
from channel.cli.terminal.act_options import Body, body_of
from channel.cli.terminal.client import Api, connected, part
from channel.cli.terminal.lazy_groups import ListedGroup
from channel.cli.terminal.output import Show, formatted, inform
from channel.cli.terminal.text_tables import ItemColumn
from channel.cli.terminal.words import say
from channel.receivables.acts.allocating import AllocateByHand, Reallocate, TakeBackAllocation, WriteOff
from channel.receivables.lists.waiting import WAITING

_V1 = "/api/v1/receivables"
_CHANGES = (
    ItemColumn("what", "What"),
    ItemColumn("money", "Pays"),
    ItemColumn("document", "Is paid"),
    ItemColumn("instalment", "Instalment", number=True, less=2),
    ItemColumn("amount", "Amount", number=True),
    ItemColumn("effective_on", "From"),
    ItemColumn("settles", "By", less=1),
    ItemColumn("why", "Why", less=1),
)


def _at(code: str, rest: str) -> str:
    return f"{_V1}/dealers/{part(code)}/{rest}"


def _said(done: dict[str, Any]) -> None:
    if done["done"]:
        inform("Done.")
    else:
        inform("It waits for a second person under number %(number)s.", number=done["waits"])


@click.command("to-allocate")
@click.argument("code")
@connected
@formatted
def to_allocate(api: Api, *, show: Show, code: str) -> None:
    """Show a dealer's money on account and open items, with their numbers in the ledger."""
    show.document(api.get(_at(code, "to-allocate")))


@click.command("allocate")
@click.argument("code")
@click.option("--yes", is_flag=True, help="Do not ask again.")
@body_of(Reallocate)
@connected
@formatted
def allocate(api: Api, *, show: Show, code: str, body: Body, yes: bool) -> None:
    """Show what the rules would do now with everything of a dealer and currency, ask, and do it by reversals."""
    asked = {name: body[name] for name in ("currency", "from_on") if name in body}
    kept = str(bool(body.get("keep_by_hand"))).lower()
    found = api.get(_at(code, "reallocation"), **asked, keep_by_hand=kept)
    rows = [{"what": say("taken back"), **each} for each in found["taken_back"]]
    rows += [{"what": say("made anew"), **each} for each in found["made"]]
    show.rows(rows, *_CHANGES, empty=say("The rules would change nothing."))
    if rows and (yes or click.confirm(say("Do it?"), err=True)):
        _said(api.post(_at(code, "reallocation"), body))


@click.command("allocate-by-hand")
@click.argument("code")
@body_of(AllocateByHand)
@connected
def allocate_by_hand(api: Api, *, code: str, body: Body) -> None:
    """Let money on account settle chosen items; `to-allocate` tells their numbers."""
    _said(api.post(_at(code, "allocations"), body))


@click.command("take-back")
@click.argument("code")
@click.argument("number", type=int, metavar="ALLOCATION")
@body_of(TakeBackAllocation)
@connected
def take_back(api: Api, *, code: str, number: int, body: Body) -> None:
    """Take an allocation back, with the discount and the difference that belong to it."""
    _said(api.post(_at(code, f"allocations/{number}/take-back"), body))


@click.command("write-off")
@click.argument("code")
@body_of(WriteOff)
@connected
def write_off(api: Api, *, code: str, body: Body) -> None:
    """Give up what is open on chosen items; above what one may do alone it waits for a second person."""
    _said(api.post(_at(code, "write-offs"), body))


@click.group(cls=ListedGroup)
def waiting() -> None:
    """Acts that wait for a second person: list, show, approve, refuse, withdraw."""


@waiting.command("list")
@click.option("--state", type=click.Choice(("open", "approved", "refused", "withdrawn", "any")), default="open")
@connected
@formatted
def list_waiting(api: Api, *, show: Show, state: str) -> None:
    """List what waits, or what became of it."""
    show.listed(WAITING, api.every(f"{_V1}/waiting", state=state))


@waiting.command("show")
@click.argument("number", type=int)
@connected
@formatted
def show_waiting(api: Api, *, show: Show, number: int) -> None:
    """Show one act that waits, and what it would do now."""
    show.document(api.get(f"{_V1}/waiting/{number}"))


@waiting.command("approve")
@click.argument("number", type=int)
@body_of(Why)
@connected
def approve_waiting(api: Api, *, number: int, body: Body) -> None:
    """Approve an act of somebody else: it is carried out."""
    api.post(f"{_V1}/waiting/{number}/approve", body)
    inform("Approved and carried out.")


@waiting.command("refuse")
@click.argument("number", type=int)
@body_of(Why)
@connected
def refuse_waiting(api: Api, *, number: int, body: Body) -> None:
    """Refuse an act of somebody else."""
    api.post(f"{_V1}/waiting/{number}/refuse", body)
    inform("Refused.")


@waiting.command("withdraw")
@click.argument("number", type=int)
@body_of(Why)
@connected
def withdraw_waiting(api: Api, *, number: int, body: Body) -> None:
    """Take back what one has asked for."""
    api.post(f"{_V1}/waiting/{number}/withdraw", body)
    inform("Withdrawn.")


COMMANDS = (to_allocate, allocate, allocate_by_hand, take_back, write_off, waiting)

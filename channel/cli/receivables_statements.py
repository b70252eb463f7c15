"""`channel receivables statement`: statements of account given, listed and shown as they were given."""

import time

import click

from channel.cli.terminal.act_options import Body, body_of
from channel.cli.terminal.client import Api, connected
from channel.cli.terminal.lazy_groups import ListedGroup
from channel.cli.terminal.output import Show, columns_of, exact_amount, formatted, inform
from channel.cli.terminal.progress import bars
from channel.cli.terminal.text_tables import ItemColumn
from channel.cli.terminal.words import say
from channel.errors import m
from channel.lists import Column, Kind
from channel.receivables.acts.statements import GiveStatement, GiveStatements
from channel.receivables.lists.statements import STATEMENTS

_STATEMENTS = "/api/v1/receivables/statements"
_LOOK_SECONDS = 0.5


@click.command("statements")
@click.option("--dealer", metavar="CODE", help="Only this dealer.")
@click.option("--run", type=int, help="Only those given in this run.")
@click.option("--responsible", metavar="CODE", help='Only dealers of this member of staff; "nobody": of none.')
@formatted
@connected
def statements(api: Api, show: Show, dealer: str | None, run: int | None, responsible: str | None) -> None:
    """List the statements of account that were given."""
    show.listed(STATEMENTS, api.every(_STATEMENTS, dealer=dealer, run=run, responsible=responsible))


@click.group(cls=ListedGroup)
def statement() -> None:
    """Statements of account: give one, give many, show one as it was given."""


@statement.command("give")
@click.argument("dealer", metavar="CODE")
@body_of(GiveStatement, but=("dealer",))
@formatted
@connected
def give_statement(api: Api, show: Show, *, dealer: str, body: Body) -> None:
    """Give a statement of the account of dealer CODE."""
    _shown(show, api.post(_STATEMENTS, {**body, "dealer": dealer}))


@statement.command("give-all")
@body_of(GiveStatements)
@formatted
@connected
def give_statements(api: Api, show: Show, *, body: Body) -> None:
    """Give a statement of every account of a selection in which anything is open or moved, and list them."""
    run = api.post(f"{_STATEMENTS}/runs", body)
    with bars() as shown:
        task = shown.add_task(say("Statements"), total=run["total"])
        while run["ended_at"] is None:
            time.sleep(_LOOK_SECONDS)
            run = api.get(f"{_STATEMENTS}/runs/{run['id']}")
            shown.update(task, completed=run["done"])
    show.listed(STATEMENTS, api.every(_STATEMENTS, run=run["id"], sort="number"))
    inform("Run %(id)s as of %(as_of)s: %(done)s of %(total)s given.", **run)
    if run["problem"]:
        raise click.ClickException(run["problem"])


@statement.command("show")
@click.argument("number", type=int)
@formatted
@connected
def show_statement(api: Api, show: Show, *, number: int) -> None:
    """Show statement NUMBER as it was given."""
    _shown(show, api.get(f"{_STATEMENTS}/{number}"))


_LINES = (
    ItemColumn("on", "Day"),
    ItemColumn("event", "What"),
    ItemColumn("kind", "Document"),
    ItemColumn("number", "Number"),
    ItemColumn("item", "Settles", less=1),
    *columns_of(
        Column(name, title, Kind.MONEY, currency="currency", exact=True)
        for name, title in (("amount", m("Amount")), ("change", m("Change")), ("balance", m("Balance")))
    ),
)


def _shown(show: Show, told: dict[str, object]) -> None:
    if show.format == "json":
        show.document(told)
        return
    kept: dict[str, object] = told["statement"]  # type: ignore[assignment] # JSON
    lines: list[dict[str, object]] = kept["lines"]  # type: ignore[assignment] # JSON
    rows = [{**line, "item": _settled(line), "currency": kept["currency"]} for line in lines]
    show.rows(rows, *_LINES, empty=say("Nothing moved in this period."))
    inform(
        "Statement of account %(number)s of %(dealer)s, %(from_on)s to %(as_of)s, as known at %(known_at)s, with tax:"
        " opening %(opening)s, closing %(closing)s %(currency)s (open %(open)s, on account %(on_account)s).",
        **{**kept, **{name: exact_amount(kept[name], kept["currency"]) for name in _SUMS}},
    )


_SUMS = ("opening", "closing", "open", "on_account")


def _settled(line: dict[str, object]) -> str:
    item = line.get("item")
    return f"{item['number']}" if isinstance(item, dict) else ""

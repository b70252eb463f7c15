"""`channel receivables unknown`: money whose payer is not known."""

import click

from channel.cli.terminal.act_options import Body, body_of
from channel.cli.terminal.client import Api, connected
from channel.cli.terminal.lazy_groups import ListedGroup
from channel.cli.terminal.output import Show, exact_amount, formatted, inform
from channel.cli.terminal.text_tables import ItemColumn
from channel.receivables.acts.unknown_money import AssignMoney, KeepUnknownMoney, ReturnMoney, TakeBackAssignment
from channel.receivables.lists.unknown_money import STATES, UNKNOWN_MONEY

_AT = "/api/v1/receivables/unknown-money"
_PAYERS = (
    ItemColumn("dealer", "Dealer"),
    ItemColumn("name", "Name"),
    ItemColumn("reasons", "What speaks for it"),
)


@click.group(cls=ListedGroup)
def unknown() -> None:
    """Money whose payer is not known: list it, keep it apart, see for whom it may be, assign it."""


@unknown.command("list")
@click.option("--state", type=click.Choice(list(STATES)), help="Only those in this state.")
@formatted
@connected
def list_money(api: Api, show: Show, state: str | None) -> None:
    """List bank lines that came without a dealer, and what became of them."""
    show.listed(UNKNOWN_MONEY, api.every(_AT, state=state, limit=200))


@unknown.command("keep")
@body_of(KeepUnknownMoney)
@connected
def keep_money(api: Api, body: Body) -> None:
    """Keep a bank line apart until somebody says whose it is."""
    inform("It is kept as %(id)s.", **api.post(_AT, body))


@unknown.command("payers")
@click.argument("number", type=int)
@formatted
@connected
def payers(api: Api, show: Show, number: int) -> None:
    """Print for whom the money may be, the strongest first."""
    rows = [
        each | {"reasons": ", ".join(f"{reason['ground']} {reason['what']}" for reason in each["reasons"])}
        for each in api.get(f"{_AT}/{number}/payers")
    ]
    show.rows(rows, *_PAYERS)


@unknown.command("assign")
@click.argument("money", type=int, metavar="NUMBER")
@body_of(AssignMoney)
@connected
def assign_money(api: Api, money: int, body: Body) -> None:
    """Make it a receipt of a dealer's, in the books from today."""
    done = api.post(f"{_AT}/{money}/assign", body)
    pays = f"{exact_amount(done['allocated'], done['currency'])} {done['currency']}"
    inform("It is a receipt of %(dealer)s; %(allocated)s of it pays something.", **{**done, "allocated": pays})


@unknown.command("take-back")
@click.argument("number", type=int)
@body_of(TakeBackAssignment)
@connected
def take_back(api: Api, number: int, body: Body) -> None:
    """Reverse the receipt that it became, and let it wait again."""
    done = api.post(f"{_AT}/{number}/take-back", body)
    if done["waits"] is not None:
        inform("It waits for a second person under number %(number)s.", number=done["waits"])
    else:
        inform("It waits again as %(id)s.", **done)


@unknown.command("return")
@click.argument("number", type=int)
@body_of(ReturnMoney)
@connected
def return_money(api: Api, number: int, body: Body) -> None:
    """Write down that it was sent back."""
    api.post(f"{_AT}/{number}/return", body)
    inform("The money was sent back.")

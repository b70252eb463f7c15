"""Commands on closed months of the ledger."""

import click

from channel.cli.terminal.act_options import Body, body_of
from channel.cli.terminal.client import Api, connected
from channel.cli.terminal.lazy_groups import ListedGroup
from channel.cli.terminal.output import Show, formatted, inform
from channel.receivables.acts.months import CloseMonth, OpenMonth
from channel.receivables.lists.months import MONTHS

_MONTHS = "/api/v1/receivables/months"


@click.group(cls=ListedGroup)
def months() -> None:
    """Closed months: list them, close one, open one again."""


@months.command("list")
@connected
@formatted
def list_months(api: Api, *, show: Show) -> None:
    """List the months that were ever closed."""
    show.listed(MONTHS, api.every(_MONTHS))


@months.command("close")
@click.argument("month")
@body_of(CloseMonth, but=("month",))
@connected
def close_month(api: Api, *, month: str, body: Body) -> None:
    """Close a MONTH that is over, such as 2013-01: what changes its figures waits for a second person then."""
    api.post(f"{_MONTHS}/close", {**body, "month": month})
    inform("The month %(month)s is closed.", month=month)


@months.command("open")
@click.argument("month")
@body_of(OpenMonth, but=("month",))
@connected
def open_month(api: Api, *, month: str, body: Body) -> None:
    """Open a closed MONTH again."""
    api.post(f"{_MONTHS}/open", {**body, "month": month})
    inform("The month %(month)s is open again.", month=month)

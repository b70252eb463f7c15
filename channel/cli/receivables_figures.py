"""`channel receivables figures`: DSO, CEI, days late and more, by month."""

from datetime import date

import click

from channel.cli.terminal.arguments import AS_OF, KNOWN_AT, day
from channel.cli.terminal.client import Api, connected
from channel.cli.terminal.output import Show, formatted
from channel.receivables.lists.figures import FIGURES


@click.command()
@click.option("--dealer", metavar="CODE", help="Only this dealer.")
@click.option("--territory", metavar="CODE", help="Only dealers in or below this territory.")
@click.option("--type", "kind", type=click.Choice(["wholesale", "terminal"]), help="Only dealers of this type.")
@click.option("--responsible", metavar="CODE", help='Only dealers of this member of staff; "nobody": of none.')
@click.option("--months", type=click.IntRange(1, 60), help="So many months; twelve otherwise.")
@AS_OF
@KNOWN_AT
@formatted
@connected
def figures(
    api: Api,
    show: Show,
    dealer: str | None,
    territory: str | None,
    kind: str | None,
    responsible: str | None,
    months: int | None,
    as_of: date | None,
    known_at: str | None,
) -> None:
    """Print the figures by currency and month, and of these months together."""
    asked = {"dealer": dealer, "territory": territory, "type": kind, "responsible": responsible, "months": months}
    show.listed(
        FIGURES, api.every("/api/v1/receivables/figures", **asked, as_of=day(as_of), known_at=known_at, limit=1000)
    )

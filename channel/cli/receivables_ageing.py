"""`channel receivables ageing`: how old what dealers owe is, as of a day as known at a moment."""

from datetime import date
from itertools import chain

import click

from channel.cli.terminal.arguments import AS_OF, KNOWN_AT, day, one_of
from channel.cli.terminal.client import Api, connected
from channel.cli.terminal.output import Show, formatted
from channel.dealers.rules import DealerType
from channel.receivables.lists.ageing import AGEING, with_buckets
from channel.receivables.rules.ageing import DEFAULT_BUCKETS, AgeBasis, AgeBy, Money

_PATH = "/api/v1/receivables/ageing"


@click.command()
@AS_OF
@KNOWN_AT
@click.option("--by", type=one_of(AgeBy), default=AgeBy.DEALER.value, show_default=True, help="A row for each.")
@click.option(
    "--basis", type=one_of(AgeBasis), default=AgeBasis.DUE.value, show_default=True, help="Age from which day."
)
@click.option(
    "--money",
    type=one_of(Money),
    default=Money.OWN.value,
    show_default=True,
    help="Each currency by itself, or all in the company's at the latest rate.",
)
@click.option("--dealer", metavar="CODE", help="Only this dealer.")
@click.option("--territory", metavar="CODE", help="Only dealers who stood in or below this territory on the day.")
@click.option("--type", "type_", type=one_of(DealerType), help="Only dealers of this type on the day.")
@click.option(
    "--responsible", metavar="CODE", help='Only dealers whom this member of staff looked after; "nobody": of none.'
)
@click.option("--currency", metavar="CODE", help="Only what is in this currency.")
@click.option("--edges", metavar="DAYS", help="Last days of the buckets, such as 30,60,90; by default the rules'.")
@formatted
@connected
def ageing(
    api: Api,
    show: Show,
    as_of: date | None,
    known_at: str | None,
    type_: str | None,
    **asked: str | None,
) -> None:
    """How old what is owed is; on account, disputed and in bills stand beside it."""
    rows = api.every(_PATH, **asked, type=type_, as_of=day(as_of), known_at=known_at, limit=1000)
    first = next(rows, None)
    names = DEFAULT_BUCKETS.names if first is None else tuple(first["buckets"])
    show.listed(with_buckets(AGEING, names), chain([] if first is None else [first], rows))

"""`channel sales`: months, lines, coverage, reports, who owes which, and stock against movements."""

import click

from channel.cli.terminal.client import Api, connected
from channel.cli.terminal.lazy_groups import ListedGroup
from channel.cli.terminal.output import Show, formatted
from channel.sales.lists import COVERED, LINES, MONTHS, OWED, REPORTS, STOCK, TOTALS

_V1 = "/api/v1/sales"
_KIND = click.option("--kind", metavar="KIND", help="sell-in, sell-through, stock; several separated by commas.")
_FROM = click.option("--from", "first", metavar="MONTH", help="First month, such as 2013-01.")
_TO = click.option("--to", "last", metavar="MONTH", help="Last month.")
_KNOWN = click.option("--known-at", metavar="MOMENT", help="As known at this moment.")
_TERRITORY = click.option("--territory", metavar="CODE", help="Only dealers in or below this territory.")
_DEALER = click.option("--dealer", metavar="CODE", help="Only this dealer.")


@click.group(cls=ListedGroup)
def sales() -> None:
    """Sales reports: what is reported, what is missing, who owes it."""


@sales.command()
@_DEALER
@_TERRITORY
@_KIND
@_FROM
@_TO
@_KNOWN
@formatted
@connected
def months(
    api: Api,
    show: Show,
    dealer: str | None,
    territory: str | None,
    kind: str | None,
    first: str | None,
    last: str | None,
    known_at: str | None,
) -> None:
    """Net sales and stock by dealer and month; a month that is not covered is missing, not zero."""
    asked = {"dealer": dealer, "territory": territory, "kind": kind, "from": first, "to": last, "known_at": known_at}
    show.listed(MONTHS, api.every(f"{_V1}/months", **asked, limit=200))


@sales.command()
@click.argument("dealer")
@_KIND
@_FROM
@_TO
@_KNOWN
@formatted
@connected
def lines(
    api: Api, show: Show, dealer: str, kind: str | None, first: str | None, last: str | None, known_at: str | None
) -> None:
    """The lines that a dealer's months are made of."""
    asked = {"dealer": dealer, "kind": kind, "from": first, "to": last, "known_at": known_at}
    show.listed(LINES, api.every(f"{_V1}/lines", **asked, limit=1000))


@sales.command()
@_DEALER
@_TERRITORY
@_KIND
@_KNOWN
@formatted
@connected
def coverage(
    api: Api, show: Show, dealer: str | None, territory: str | None, kind: str | None, known_at: str | None
) -> None:
    """Which days of which dealers reports speak for."""
    asked = {"dealer": dealer, "territory": territory, "kind": kind, "known_at": known_at}
    items = (
        {**item, "days": ", ".join(f"{start} to {end}" for start, end in item["days"])}
        for item in api.every(f"{_V1}/coverage", **asked, limit=500)
    )
    show.listed(COVERED, items)


@sales.command()
@_KIND
@_FROM
@_TO
@formatted
@connected
def totals(api: Api, show: Show, kind: str | None, first: str | None, last: str | None) -> None:
    """What all dealers together come to by month, in the company's currency."""
    show.listed(TOTALS, api.every(f"{_V1}/totals", kind=kind, **{"from": first, "to": last}))


@sales.command()
@click.option("--months", type=click.IntRange(1, 24), default=3, show_default=True, help="How many complete months.")
@click.option("--responsible", metavar="CODE", help='Only dealers of this member of staff; "nobody": of none.')
@formatted
@connected
def chase(api: Api, show: Show, months: int, responsible: str | None) -> None:
    """Who owes which report, and for how long."""
    show.listed(OWED, api.every(f"{_V1}/chase", months=months, responsible=responsible))


@sales.command()
@_DEALER
@_KIND
@formatted
@connected
def reports(api: Api, show: Show, dealer: str | None, kind: str | None) -> None:
    """The loaded reports, the latest first."""
    show.listed(REPORTS, api.every(f"{_V1}/reports", dealer=dealer, kind=kind))


@sales.command()
@click.argument("dealer")
@_FROM
@_TO
@formatted
@connected
def stock(api: Api, show: Show, dealer: str, first: str | None, last: str | None) -> None:
    """Counted stock against opening + net sell-in - net sell-through, with the difference."""
    show.listed(STOCK, api.every(f"{_V1}/stock", dealer=dealer, **{"from": first, "to": last}))

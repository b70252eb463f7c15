"""`channel sales`: months, lines, coverage, reports, who owes which, and stock against movements."""

import click

from channel.cli.client import Api, connected
from channel.cli.later import Listed
from channel.cli.output import Show, formatted
from channel.cli.tables import Field
from channel.cli.words import say
from channel.sales.lists import OWED

_V1 = "/api/v1/sales"
_KIND = click.option("--kind", metavar="KIND", help="sell-in, sell-through, stock; several parted by commas.")
_FROM = click.option("--from", "first", metavar="MONTH", help="First month, such as 2013-01.")
_TO = click.option("--to", "last", metavar="MONTH", help="Last month.")
_KNOWN = click.option("--known-at", metavar="MOMENT", help="As known at this moment.")
_TERRITORY = click.option("--territory", metavar="CODE", help="Only dealers in or below this territory.")
_DEALER = click.option("--dealer", metavar="CODE", help="Only this dealer.")
_MONTHS = (
    Field("dealer", "Dealer"),
    Field("name", "Name", less=4),
    Field("kind", "Kind"),
    Field("month", "Month"),
    Field("covered", "Covered"),
    Field("before_appointment", "Before the appointment", less=1),
    Field("quantity", "Quantity", number=True, less=2),
    Field("amount", "Amount", number=True),
    Field("currency", "Currency"),
    Field("company_amount", "Company currency", number=True, less=1),
    Field("returned_amount", "Of it returns", number=True, less=3),
)
_LINES = (
    Field("on_date", "Date"),
    Field("kind", "Kind"),
    Field("product_code", "Product"),
    Field("document", "Document", less=1),
    Field("line_number", "Line", less=4),
    Field("quantity", "Quantity", number=True),
    Field("amount", "Amount", number=True),
    Field("currency", "Currency"),
    Field("rate", "Rate", number=True, less=3),
    Field("company_amount", "Company currency", number=True, less=2),
)
_TOTALS = (
    Field("kind", "Kind"),
    Field("month", "Month"),
    Field("quantity", "Quantity", number=True),
    Field("company_amount", "Company currency", number=True),
    Field("returned_company_amount", "Of it returns", number=True, less=1),
    Field("dealers", "Dealers", number=True),
    Field("lines", "Lines", number=True, less=2),
)


@click.group(cls=Listed)
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
    show.rows(api.every(f"{_V1}/months", **asked, limit=200), *_MONTHS)


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
    show.rows(api.every(f"{_V1}/lines", **asked, limit=1000), *_LINES)


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
    show.rows(items, Field("dealer", "Dealer"), Field("name", "Name"), Field("kind", "Kind"), Field("days", "Days"))


@sales.command()
@_KIND
@_FROM
@_TO
@formatted
@connected
def totals(api: Api, show: Show, kind: str | None, first: str | None, last: str | None) -> None:
    """What all dealers together come to by month, in the company's currency."""
    found = api.get(f"{_V1}/totals", kind=kind, **{"from": first, "to": last})
    show.rows(found["items"], *_TOTALS, empty=say("Nothing is reported of these months."))


@sales.command()
@click.option("--months", type=click.IntRange(1, 24), default=3, show_default=True, help="How many complete months.")
@formatted
@connected
def chase(api: Api, show: Show, months: int) -> None:
    """Who owes which report, and for how long."""
    show.listed(OWED, api.every(f"{_V1}/chase", months=months))


@sales.command()
@_DEALER
@_KIND
@formatted
@connected
def reports(api: Api, show: Show, dealer: str | None, kind: str | None) -> None:
    """The loaded reports, the latest first."""
    show.rows(api.every(f"{_V1}/reports", dealer=dealer, kind=kind))


@sales.command()
@click.argument("dealer")
@_FROM
@_TO
@formatted
@connected
def stock(api: Api, show: Show, dealer: str, first: str | None, last: str | None) -> None:
    """Counted stock against opening + net sell-in - net sell-through, with the difference."""
    found = api.get(f"{_V1}/stock", dealer=dealer, **{"from": first, "to": last})
    show.rows(found["items"], empty=say("No two counts in these months."))

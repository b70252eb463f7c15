"""Commands about what dealers are described by: territories, products and lines, exchange rates."""

import click

from channel.cli.client import Api, connected
from channel.cli.later import Listed
from channel.cli.output import Show, formatted, inform
from channel.cli.tables import Field
from channel.cli.words import say

_TYPES = click.Choice(("wholesale", "terminal"))
_RATES = (
    Field("on", "On"),
    Field("currency", "Currency"),
    Field("rate", "Rate", number=True),
    Field("recorded_at", "Recorded", less=1),
    Field("actor", "By"),
)
_TREE = (
    Field("code", "Code"),
    Field("name", "Name"),
    Field("level", "Level"),
    Field("parent", "Under"),
)


@click.group(cls=Listed)
def product() -> None:
    """Products and product lines."""


@product.command("list")
@click.option("--line", metavar="CODE")
@click.option("--text", help="Looked for in code and name.")
@connected
@formatted
def list_products(api: Api, *, show: Show, line: str | None, text: str | None) -> None:
    """List products."""
    show.rows(api.every("/api/v1/products", line=line, q=text, limit=1000), empty=say("No product is like that."))


@product.command("keep")
@click.argument("code")
@click.option("--name", required=True)
@click.option("--line", required=True, metavar="CODE")
@click.option("--unit")
@connected
def keep_product(api: Api, *, code: str, name: str, line: str, unit: str | None) -> None:
    """Add a product, or change the one with this code."""
    api.put("/api/v1/products", {"code": code, "name": name, "line": line, "unit": unit})
    inform("Kept.")


@product.command("lines")
@connected
@formatted
def list_product_lines(api: Api, *, show: Show) -> None:
    """List product lines with the dealer type they want."""
    show.rows(api.every("/api/v1/product-lines"), empty=say("There is no product line yet."))


@product.command("keep-line")
@click.argument("code")
@click.option("--name", required=True)
@click.option("--wants", type=_TYPES, help="The dealer type that should sell it; left out for either.")
@connected
def keep_line(api: Api, *, code: str, name: str, wants: str | None) -> None:
    """Add a product line, or change the one with this code."""
    api.put("/api/v1/product-lines", {"code": code, "name": name, "wanted_type": wants})
    inform("Kept.")


@click.group(cls=Listed)
def rate() -> None:
    """Exchange rates: company currency for one unit of another."""


@rate.command("list")
@click.option("--currency")
@click.option("--as-of", metavar="DATE", help="Up to this day.")
@click.option("--known-at", metavar="TIME", help="As it was known at this moment.")
@connected
@formatted
def list_rates(api: Api, *, show: Show, currency: str | None, as_of: str | None, known_at: str | None) -> None:
    """List rates, the latest first."""
    asked = {"currency": currency, "as_of": as_of, "known_at": known_at, "limit": 1000}
    show.rows(api.every("/api/v1/rates", **asked), *_RATES, empty=say("No rate is recorded."))


@rate.command("show")
@click.argument("currency")
@click.option("--on", metavar="DATE", help="For which day (default today).")
@connected
@formatted
def show_rate(api: Api, *, show: Show, currency: str, on: str | None) -> None:
    """Show the rate that is used for a day: the latest on or before it, at most 7 days old."""
    show.document(api.get("/api/v1/rates/on", currency=currency, on=on))


@rate.command("add")
@click.argument("currency")
@click.argument("on", metavar="DATE")
@click.argument("value", metavar="RATE")
@connected
def add_rate(api: Api, *, currency: str, on: str, value: str) -> None:
    """Record a rate; an earlier one of the same day stays as known then."""
    api.post("/api/v1/rates", {"currency": currency, "on": on, "rate": value})
    inform("Recorded.")


@click.group(cls=Listed)
def territory() -> None:
    """The tree of territories."""


@territory.command("list")
@connected
@formatted
def list_territories(api: Api, *, show: Show) -> None:
    """List the tree, as far as you may see it."""
    show.rows(api.every("/api/v1/territories"), *_TREE, empty=say("There is no territory yet."))


@territory.command("add")
@click.argument("code")
@click.option("--name", required=True)
@click.option("--level", required=True, help="What it is, such as region or city.")
@click.option("--parent", metavar="CODE")
@connected
def add_territory(api: Api, *, code: str, name: str, level: str, parent: str | None) -> None:
    """Add a territory under another, or at the top."""
    api.post("/api/v1/territories", {"code": code, "name": name, "level": level, "parent": parent})
    inform("Added.")


@territory.command("move")
@click.argument("code")
@click.argument("parent")
@connected
def move_territory(api: Api, *, code: str, parent: str) -> None:
    """Hang a territory with all below it under PARENT; "" is the top."""
    api.patch("/api/v1/territories", {"code": code, "parent": parent or None})
    inform("Moved.")


@territory.command("rename")
@click.argument("code")
@click.option("--name")
@click.option("--level")
@connected
def rename_territory(api: Api, *, code: str, name: str | None, level: str | None) -> None:
    """Give a territory another name or level."""
    body = {"name": name, "level": level}
    api.patch("/api/v1/territories", {"code": code} | {key: value for key, value in body.items() if value is not None})
    inform("Renamed.")

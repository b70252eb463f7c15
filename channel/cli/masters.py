"""Commands about what dealers are described by: territories, products and lines, exchange rates."""

import click

from channel.cli.terminal.act_options import Body, body_of
from channel.cli.terminal.client import Api, connected
from channel.cli.terminal.lazy_groups import ListedGroup
from channel.cli.terminal.output import Show, formatted, inform
from channel.dealers.acts import AddTerritory, ChangeTerritory, KeepLine, KeepProduct
from channel.dealers.lists import LINES, PRODUCTS, RATES, TERRITORIES


@click.group(cls=ListedGroup)
def product() -> None:
    """Products and product lines."""


@product.command("list")
@click.option("--line", metavar="CODE")
@click.option("--text", help="Looked for in code and name.")
@connected
@formatted
def list_products(api: Api, *, show: Show, line: str | None, text: str | None) -> None:
    """List products."""
    show.listed(PRODUCTS, api.every("/api/v1/products", line=line, q=text, limit=1000))


@product.command("keep")
@click.argument("code")
@body_of(KeepProduct, but=("code",))
@connected
def keep_product(api: Api, *, code: str, body: Body) -> None:
    """Add a product, or change the one with this code."""
    api.put("/api/v1/products", {"code": code, **body})
    inform("Kept.")


@product.command("lines")
@connected
@formatted
def list_product_lines(api: Api, *, show: Show) -> None:
    """List product lines with the dealer type they want."""
    show.listed(LINES, api.every("/api/v1/product-lines"))


@product.command("keep-line")
@click.argument("code")
@body_of(KeepLine, but=("code",))
@connected
def keep_line(api: Api, *, code: str, body: Body) -> None:
    """Add a product line, or change the one with this code."""
    api.put("/api/v1/product-lines", {"code": code, **body})
    inform("Kept.")


@click.group(cls=ListedGroup)
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
    show.listed(RATES, api.every("/api/v1/rates", **asked))


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


@click.group(cls=ListedGroup)
def territory() -> None:
    """The tree of territories."""


@territory.command("list")
@connected
@formatted
def list_territories(api: Api, *, show: Show) -> None:
    """List the tree, as far as you may see it."""
    show.listed(TERRITORIES, api.every("/api/v1/territories"))


@territory.command("add")
@click.argument("code")
@body_of(AddTerritory, but=("code",))
@connected
def add_territory(api: Api, *, code: str, body: Body) -> None:
    """Add a territory under another, or at the top."""
    api.post("/api/v1/territories", {"code": code, **body})
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
@body_of(ChangeTerritory, but=("code", "parent"))
@connected
def rename_territory(api: Api, *, code: str, body: Body) -> None:
    """Give a territory another name or level."""
    api.patch("/api/v1/territories", {"code": code, **body})
    inform("Renamed.")

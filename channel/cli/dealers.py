"""Commands about dealers and masters: who they are, their dated facts, exclusivity, products, rates, territories."""

from urllib.parse import quote

import click

from channel.cli.client import Api, connected
from channel.cli.output import Column, Show, formatted, tell

_DEALERS = (
    Column("code", "code"),
    Column("name", "name"),
    Column("type", "type"),
    Column("territory_path", "territory"),
    Column("grade", "grade"),
    Column("status", "status"),
    Column("currency", "currency"),
    Column("terms_days", "terms", number=True),
    Column("mismatch", "line wants other type"),
)
_FACTS = (
    Column("effective_on", "from"),
    Column("fact", "fact"),
    Column("value", "value"),
    Column("reason", "reason"),
    Column("recorded_at", "recorded"),
    Column("actor", "by"),
    Column("counts", "counts"),
)
_GRANTS = (
    Column("id", "id", number=True),
    Column("dealer", "dealer"),
    Column("line", "line"),
    Column("territory", "territory"),
    Column("from_on", "from"),
    Column("to_on", "until before"),
    Column("reason", "reason"),
)
_LINES = (
    Column("code", "code"),
    Column("name", "name"),
    Column("wanted_type", "wants"),
    Column("mismatch", "mismatch"),
)
_FACT_KINDS = (
    "type",
    "territory",
    "parent",
    "grade",
    "status",
    "currency",
    "terms_days",
    "first_year_target",
    "reports_owed",
    "reports_due_day",
)
_TYPES = click.Choice(("wholesale", "terminal"))
_STATUSES = click.Choice(("prospect", "active", "on hold", "ended"))


def _at(code: str, rest: str = "") -> str:
    return f"/api/v1/dealers/{quote(code, safe='')}{rest}"


@click.group()
def dealer() -> None:
    """Dealers: list, look at, add, change from a day on."""


@dealer.command("list")
@click.option("--type", "type_", type=_TYPES)
@click.option("--territory", metavar="CODE", help="This node and all below it.")
@click.option("--line", metavar="CODE", help="Only those that carry this product line.")
@click.option("--grade", help='"none" finds the ungraded.')
@click.option("--status", type=_STATUSES)
@click.option("--text", help="Looked for in code and name.")
@click.option("--sort", default="name", show_default=True, help="A column; a minus before it turns it round.")
@connected
@formatted
def list_dealers(
    api: Api,
    *,
    show: Show,
    type_: str | None,
    territory: str | None,
    line: str | None,
    grade: str | None,
    status: str | None,
    text: str | None,
    sort: str,
) -> None:
    """List dealers."""
    asked = {"type": type_, "territory": territory, "line": line, "grade": grade, "status": status, "q": text}
    show.rows(api.every("/api/v1/dealers", **asked, sort=sort, limit=1000), *_DEALERS, empty="No dealer is like that.")


@dealer.command("show")
@click.argument("code")
@click.option("--as-of", metavar="DATE", help="What held on this day.")
@click.option("--known-at", metavar="TIME", help="As it was known at this moment.")
@connected
@formatted
def show_dealer(api: Api, *, show: Show, code: str, as_of: str | None, known_at: str | None) -> None:
    """Show a dealer: who it is, what marks it, what holds."""
    show.document(api.get(_at(code), as_of=as_of, known_at=known_at))


@dealer.command("add")
@click.argument("code")
@click.option("--name", required=True)
@click.option("--type", "type_", type=_TYPES, required=True)
@click.option("--territory", metavar="CODE", required=True)
@click.option("--currency", required=True)
@click.option("--terms", "terms_days", type=int, required=True, help="Payment terms in days.")
@click.option("--grade")
@click.option("--status", type=_STATUSES, default="prospect", show_default=True)
@click.option("--parent", metavar="CODE")
@click.option("--first-year-target")
@click.option("--line", "lines", metavar="CODE", multiple=True, help="A product line carried; may be given again.")
@click.option("--effective-on", metavar="DATE", help="From which day it holds (default today).")
@connected
@formatted
def add_dealer(api: Api, *, show: Show, lines: tuple[str, ...], type_: str, **given: object) -> None:
    """Add a dealer."""
    body = {name: value for name, value in given.items() if value is not None} | {"type": type_, "lines": list(lines)}
    show.document(api.post("/api/v1/dealers", body))


@dealer.command("set")
@click.argument("code")
@click.argument("fact", type=click.Choice(_FACT_KINDS))
@click.argument("value")
@click.option("--effective-on", metavar="DATE", help="From which day it holds (default today).")
@click.option("--reason", help="A grade or a status needs one.")
@connected
def set_fact(api: Api, *, code: str, fact: str, value: str, effective_on: str | None, reason: str | None) -> None:
    """Record a value that holds from a day on; "" says that none does. Nothing is overwritten."""
    body = {"fact": fact, "value": value or None, "effective_on": effective_on, "reason": reason}
    if fact == "reports_owed":
        body["value"] = value
    done = api.post(_at(code, "/facts"), body)
    tell("Recorded." if done["changed"] else "That holds on this day already; nothing was changed.")


@dealer.command("history")
@click.argument("code")
@click.option("--fact", type=click.Choice(_FACT_KINDS))
@connected
@formatted
def show_history(api: Api, *, show: Show, code: str, fact: str | None) -> None:
    """Show every value ever recorded of a dealer, with who, when and why."""
    show.rows(api.every(_at(code, "/facts"), fact=fact), *_FACTS)


@dealer.command("lines")
@click.argument("code")
@click.option("--set", "lines", metavar="CODES", help="Exactly these are carried from now on, parted by commas.")
@connected
@formatted
def show_lines(api: Api, *, show: Show, code: str, lines: str | None) -> None:
    """Show the product lines that a dealer carries, or set them."""
    if lines is not None:
        wanted = [line.strip() for line in lines.split(",") if line.strip()]
        api.put(_at(code, "/lines"), {"lines": wanted})
    show.rows(api.every(_at(code, "/lines")), *_LINES, empty="No product line is recorded for this dealer.")


@dealer.command("exclusivity")
@click.argument("code", required=False)
@click.option("--as-of", metavar="DATE", help="Only what holds on this day.")
@click.option("--known-at", metavar="TIME", help="As it was known at this moment.")
@connected
@formatted
def show_exclusivity(api: Api, *, show: Show, code: str | None, as_of: str | None, known_at: str | None) -> None:
    """Show who has which line where and when: of one dealer, or of all."""
    path = "/api/v1/exclusivity" if code is None else _at(code, "/exclusivity")
    show.rows(api.every(path, as_of=as_of, known_at=known_at), *_GRANTS, empty="There is no exclusivity.")


@dealer.command("grant")
@click.argument("code")
@click.option("--line", required=True, metavar="CODE")
@click.option("--territory", required=True, metavar="CODE")
@click.option("--from", "from_on", required=True, metavar="DATE")
@click.option("--until-before", "to_on", metavar="DATE", help="The first day without it; left out for no end.")
@click.option("--reason", required=True)
@connected
def grant(api: Api, *, code: str, **given: str | None) -> None:
    """Grant a dealer exclusivity for a product line in a territory and all below it."""
    api.post(_at(code, "/exclusivity"), given)
    tell("Granted.")


@dealer.command("end-grant")
@click.argument("code")
@click.argument("grant_id", type=int)
@click.option("--until-before", "to_on", required=True, metavar="DATE", help="The first day without it.")
@click.option("--reason", required=True)
@connected
def end_grant(api: Api, *, code: str, grant_id: int, to_on: str, reason: str) -> None:
    """Let a grant of exclusivity end before a day."""
    api.post(_at(code, f"/exclusivity/{grant_id}/end"), {"to_on": to_on, "reason": reason})
    tell("It ends.")


@click.group()
def product() -> None:
    """Products and product lines."""


@product.command("list")
@click.option("--line", metavar="CODE")
@click.option("--text", help="Looked for in code and name.")
@connected
@formatted
def list_products(api: Api, *, show: Show, line: str | None, text: str | None) -> None:
    """List products."""
    show.rows(api.every("/api/v1/products", line=line, q=text, limit=1000), empty="No product is like that.")


@product.command("keep")
@click.argument("code")
@click.option("--name", required=True)
@click.option("--line", required=True, metavar="CODE")
@click.option("--unit")
@connected
def keep_product(api: Api, *, code: str, name: str, line: str, unit: str | None) -> None:
    """Add a product, or change the one with this code."""
    api.put("/api/v1/products", {"code": code, "name": name, "line": line, "unit": unit})
    tell("Kept.")


@product.command("lines")
@connected
@formatted
def list_product_lines(api: Api, *, show: Show) -> None:
    """List product lines with the dealer type they want."""
    show.rows(api.every("/api/v1/product-lines"), empty="There is no product line yet.")


@product.command("keep-line")
@click.argument("code")
@click.option("--name", required=True)
@click.option("--wants", type=_TYPES, help="The dealer type that should sell it; left out for either.")
@connected
def keep_line(api: Api, *, code: str, name: str, wants: str | None) -> None:
    """Add a product line, or change the one with this code."""
    api.put("/api/v1/product-lines", {"code": code, "name": name, "wanted_type": wants})
    tell("Kept.")


@click.group()
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
    show.rows(api.every("/api/v1/rates", **asked), empty="No rate is recorded.")


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
    tell("Recorded.")


@click.group()
def territory() -> None:
    """The tree of territories."""


@territory.command("list")
@connected
@formatted
def list_territories(api: Api, *, show: Show) -> None:
    """List the tree, as far as you may see it."""
    show.rows(api.every("/api/v1/territories"), empty="There is no territory yet.")


@territory.command("add")
@click.argument("code")
@click.option("--name", required=True)
@click.option("--level", required=True, help="What it is, such as region or city.")
@click.option("--parent", metavar="CODE")
@connected
def add_territory(api: Api, *, code: str, name: str, level: str, parent: str | None) -> None:
    """Add a territory under another, or at the top."""
    api.post("/api/v1/territories", {"code": code, "name": name, "level": level, "parent": parent})
    tell("Added.")


@territory.command("move")
@click.argument("code")
@click.argument("parent")
@connected
def move_territory(api: Api, *, code: str, parent: str) -> None:
    """Hang a territory with all below it under PARENT; "" is the top."""
    api.patch("/api/v1/territories", {"code": code, "parent": parent or None})
    tell("Moved.")


@territory.command("rename")
@click.argument("code")
@click.option("--name")
@click.option("--level")
@connected
def rename_territory(api: Api, *, code: str, name: str | None, level: str | None) -> None:
    """Give a territory another name or level."""
    body = {"name": name, "level": level}
    api.patch("/api/v1/territories", {"code": code} | {key: value for key, value in body.items() if value is not None})
    tell("Renamed.")

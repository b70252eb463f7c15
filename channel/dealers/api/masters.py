"""Products, product lines, rates and territories over the API."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Self

import msgspec
from asyncpg import Record
from litestar import get, patch, post, put
from litestar.di import NamedDependency
from litestar.params import FromQuery, JSONBody, QueryParameter

from channel import clock
from channel.access import queries as tree
from channel.access.rules import Person, Right, require
from channel.dealers.queries import masters as queries
from channel.dealers.queries.dealers import likes
from channel.dealers.rules import DealerType
from channel.dealers.service import masters as service
from channel.dealers.service import territories
from channel.errors import invalid, m
from channel.snapshots import settled
from channel.view import View

Limit = Annotated[int, QueryParameter(ge=1, le=1000)]


class Product(msgspec.Struct):
    """A product and its line."""

    code: str
    name: str
    line: str
    unit: str | None

    @classmethod
    def of(cls, row: Record) -> Self:
        """From the database's row."""
        return cls(row["code"], row["name"], row["line_code"], row["unit"])


class Products(msgspec.Struct):
    """Products by code."""

    items: list[Product]
    next: str | None


class KeptProduct(msgspec.Struct, forbid_unknown_fields=True):
    """A product to be added, or changed where the code is known."""

    code: str
    name: str
    line: str
    unit: str | None = None


class ProductLine(msgspec.Struct):
    """A product line, the dealer type it wants, and how many products and dealers it has."""

    code: str
    name: str
    wanted_type: str | None
    products: int
    dealers: int


class ProductLines(msgspec.Struct):
    """Product lines by code."""

    items: list[ProductLine]
    next: None = None


class KeptLine(msgspec.Struct, forbid_unknown_fields=True):
    """A product line to be added, or changed where the code is known."""

    code: str
    name: str
    wanted_type: DealerType | None = None


class Rate(msgspec.Struct):
    """Company currency per unit of the currency on a day."""

    currency: str
    on: date
    rate: Decimal
    recorded_at: datetime
    actor: str


class Rates(msgspec.Struct):
    """Rates, the latest day first; `company_currency` is what they are told in."""

    items: list[Rate]
    next: str | None
    company_currency: str | None


class NewRate(msgspec.Struct, forbid_unknown_fields=True):
    """A rate to be recorded; one of the same day before it stays as known then."""

    currency: str
    on: date
    rate: Decimal


class RateOn(msgspec.Struct):
    """The rate to be used for a day: the latest on or before it and at most 7 days old, null where there is none."""

    currency: str
    on: date
    rate: Decimal | None
    company_currency: str | None


class Territory(msgspec.Struct):
    """A node of the tree: the codes of itself and its parent, its place in names, how deep it lies (0 at the top)."""

    code: str
    name: str
    level: str
    parent: str | None
    path: str
    depth: int


class Territories(msgspec.Struct):
    """The tree in the order of its paths."""

    items: list[Territory]
    next: None = None


class NewTerritory(msgspec.Struct, forbid_unknown_fields=True):
    """A node to be added under a parent, or at the top."""

    code: str
    name: str
    level: str
    parent: str | None = None


class ChangedTerritory(msgspec.Struct, forbid_unknown_fields=True):
    """What is to be different of the node with this code; a `parent` of null moves it to the top."""

    code: str
    name: str | msgspec.UnsetType = msgspec.UNSET
    level: str | msgspec.UnsetType = msgspec.UNSET
    parent: str | msgspec.UnsetType | None = msgspec.UNSET


@get("/api/v1/products")
async def list_products(
    person: NamedDependency[Person],
    line: FromQuery[str | None] = None,
    q: FromQuery[str | None] = None,
    cursor: FromQuery[str | None] = None,
    limit: Limit = 100,
) -> Products:
    """Products by code, of one line or with a text in code or name."""
    require(person, Right.SEE_DEALERS)
    like = likes(q)
    rows = await queries.products(line, like, cursor, limit)
    return Products([Product.of(row) for row in rows], rows[-1]["code"] if len(rows) == limit else None)


@put("/api/v1/products")
async def keep_product(person: NamedDependency[Person], data: JSONBody[KeptProduct]) -> KeptProduct:
    """Add or change a product."""
    await service.keep_product(person, data.code, data.name, data.line, data.unit)
    return data


@get("/api/v1/product-lines")
async def list_lines(person: NamedDependency[Person]) -> ProductLines:
    """All product lines."""
    require(person, Right.SEE_DEALERS)
    return await _lines()


async def _lines() -> ProductLines:
    rows = await queries.product_lines()
    return ProductLines([ProductLine(**{name: row[name] for name in ProductLine.__struct_fields__}) for row in rows])


@put("/api/v1/product-lines")
async def keep_line(person: NamedDependency[Person], data: JSONBody[KeptLine]) -> ProductLines:
    """Add or change a product line."""
    await service.keep_line(person, data.code, data.name, data.wanted_type)
    return await _lines()


def _read_after(cursor: str) -> tuple[date, str]:
    day, _, currency = cursor.partition(" ")
    try:
        return date.fromisoformat(day), currency
    except ValueError:
        raise invalid("cursor", m("This is no cursor of this list.")) from None


@get("/api/v1/rates")
async def list_rates(
    person: NamedDependency[Person],
    view: NamedDependency[View],
    currency: FromQuery[str | None] = None,
    cursor: FromQuery[str | None] = None,
    limit: Limit = 100,
) -> Rates:
    """The rates up to a day, as known at a moment, the latest first."""
    require(person, Right.SEE_DEALERS)
    after = None if cursor is None else _read_after(cursor)
    rows = await queries.rates(currency, await settled(view), limit, after)
    items = [Rate(r["currency"], r["on_date"], r["rate"], r["recorded_at"], r["actor"]) for r in rows]
    more = f"{items[-1].on} {items[-1].currency}" if len(items) == limit else None
    return Rates(items, more, await queries.company_currency())


@get("/api/v1/rates/on")
async def show_rate(
    person: NamedDependency[Person],
    known_moment: NamedDependency[datetime | None],
    currency: FromQuery[str],
    on: FromQuery[date | None] = None,
) -> RateOn:
    """The rate to be used for a currency on a day (default today)."""
    require(person, Right.SEE_DEALERS)
    day = on or clock.today()
    return RateOn(currency, day, await queries.rate_on(currency, day, known_moment), await queries.company_currency())


@post("/api/v1/rates")
async def add_rate(person: NamedDependency[Person], data: JSONBody[NewRate]) -> RateOn:
    """Record a rate."""
    await service.keep_rate(person, data.currency, data.on, data.rate)
    return RateOn(data.currency, data.on, data.rate, await queries.company_currency())


async def _tree() -> Territories:
    rows = await tree.territories()
    return Territories(
        [
            Territory(row["code"], row["name"], row["level"], row["parent_code"], row["path"], row["depth"])
            for row in rows
        ]
    )


@get("/api/v1/territories")
async def list_territories(person: NamedDependency[Person]) -> Territories:
    """The tree, as far as the person may see it: the own nodes, what lies below them, and their way up."""
    require(person, Right.SEE_DEALERS)
    return await _tree()


@post("/api/v1/territories")
async def add_territory(person: NamedDependency[Person], data: JSONBody[NewTerritory]) -> Territories:
    """Add a node."""
    await territories.add_territory(person, data.code, data.name, data.level, data.parent)
    return await _tree()


@patch("/api/v1/territories")
async def change_territory(person: NamedDependency[Person], data: JSONBody[ChangedTerritory]) -> Territories:
    """Rename a node, or hang it with all below it under another one."""
    await territories.change_territory(
        person,
        data.code,
        name=data.name if isinstance(data.name, str) else None,
        level=data.level if isinstance(data.level, str) else None,
        parent=data.parent if isinstance(data.parent, str) else None,
        move=not isinstance(data.parent, msgspec.UnsetType),
    )
    return await _tree()


ROUTES = (
    list_products,
    keep_product,
    list_lines,
    keep_line,
    list_rates,
    show_rate,
    add_rate,
    list_territories,
    add_territory,
    change_territory,
)

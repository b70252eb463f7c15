"""Products, product lines, rates and territories over the API."""

from datetime import date, datetime
from decimal import Decimal

import msgspec
from litestar import get, patch, post, put
from litestar.di import NamedDependency
from litestar.params import FromQuery, JSONBody

from channel import clock, web
from channel.access.rules import Person, Right, require
from channel.database.snapshots import settled
from channel.dealers.acts import AddTerritory, ChangeTerritory, KeepLine, KeepProduct, KeepRate
from channel.dealers.lists import LINES, PRODUCTS, RATES, TERRITORIES
from channel.dealers.queries import masters as queries
from channel.dealers.service import masters as service
from channel.dealers.service import territories
from channel.lists import ALL, Page, Wanted
from channel.view import View


class Product(msgspec.Struct):
    """A product and its line."""

    code: str
    name: str
    line: str
    unit: str | None


class ProductLine(msgspec.Struct):
    """A product line, the dealer type it wants, and how many products and dealers it has."""

    code: str
    name: str
    wanted_type: str | None
    products: int
    dealers: int


class Rate(msgspec.Struct):
    """Company currency per unit of the currency on a day."""

    currency: str
    on: date
    rate: Decimal
    recorded_at: datetime
    actor: str


class Rates(Page[Rate]):
    """Rates, and the `company_currency` in which they are told."""

    company_currency: str | None = None


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


@get("/api/v1/products", dependencies=web.list_asked(PRODUCTS, 100))
async def list_products(
    person: NamedDependency[Person],
    wanted: NamedDependency[Wanted],
    line: FromQuery[str | None] = None,
    q: FromQuery[str | None] = None,
) -> Page[Product]:
    """Products, of one line or with a text in code or name."""
    require(person, Right.SEE_DEALERS)
    return (await queries.products(line, q, wanted)).as_(Product)


@put("/api/v1/products")
async def keep_product(person: NamedDependency[Person], data: JSONBody[KeepProduct]) -> Product:
    """Add a product, or change the one with this code."""
    await service.keep_product(person, data)
    return Product(data.code, data.name, data.line, data.unit)


@get("/api/v1/product-lines", dependencies=web.list_asked(LINES, web.MOST_TOLD))
async def list_lines(person: NamedDependency[Person], wanted: NamedDependency[Wanted]) -> Page[ProductLine]:
    """Product lines."""
    require(person, Right.SEE_DEALERS)
    return (await queries.product_lines(wanted)).as_(ProductLine)


@put("/api/v1/product-lines")
async def keep_line(person: NamedDependency[Person], data: JSONBody[KeepLine]) -> Page[ProductLine]:
    """Add a product line, or change the one with this code; all of them."""
    await service.keep_line(person, data)
    return (await queries.product_lines()).as_(ProductLine)


@get("/api/v1/rates", dependencies=web.list_asked(RATES, 100))
async def list_rates(
    person: NamedDependency[Person],
    view: NamedDependency[View],
    wanted: NamedDependency[Wanted],
    currency: FromQuery[str | None] = None,
) -> Rates:
    """The rates up to a day, as known at a moment, the latest first."""
    require(person, Right.SEE_DEALERS)
    found = (await queries.rates(currency, await settled(view), wanted)).as_(Rate)
    return Rates(found.items, found.next, await queries.company_currency())


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
async def add_rate(person: NamedDependency[Person], data: JSONBody[KeepRate]) -> RateOn:
    """Record a rate."""
    await service.keep_rate(person, data)
    return RateOn(data.currency, data.on, data.rate, await queries.company_currency())


@get("/api/v1/territories", dependencies=web.list_asked(TERRITORIES, web.MOST_TOLD))
async def list_territories(person: NamedDependency[Person], wanted: NamedDependency[Wanted]) -> Page[Territory]:
    """The tree, as far as the person may see it: the own nodes, what lies below them, and their way up."""
    require(person, Right.SEE_DEALERS)
    return (await queries.territories(wanted)).as_(Territory)


@post("/api/v1/territories")
async def add_territory(person: NamedDependency[Person], data: JSONBody[AddTerritory]) -> Page[Territory]:
    """Add a node; the whole tree."""
    await territories.add_territory(person, data)
    return (await queries.territories(ALL)).as_(Territory)


@patch("/api/v1/territories")
async def change_territory(person: NamedDependency[Person], data: JSONBody[ChangeTerritory]) -> Page[Territory]:
    """Rename a node, or hang it with all below it under another one; the whole tree."""
    await territories.change_territory(person, data)
    return (await queries.territories(ALL)).as_(Territory)


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

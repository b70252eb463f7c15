"""Pages of products, exchange rates and territories."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from asyncpg import Record
from litestar import Response, post
from litestar.di import NamedDependency
from litestar.params import FromQuery

from channel import clock, web
from channel.access.rules import Person, Right, require
from channel.database.snapshots import view_of
from channel.dealers.acts import AddTerritory, ChangeTerritory, KeepLine, KeepProduct, KeepRate
from channel.dealers.lists import LINES, PRODUCTS, RATES, TERRITORIES
from channel.dealers.pages.form_reading import AnyRequest, line_choices, places
from channel.dealers.queries import exclusivity as grants
from channel.dealers.queries import masters as queries
from channel.dealers.service import masters as service
from channel.dealers.service import territories
from channel.errors import NotFound, m
from channel.lists import ALL, Page, Wanted

_FIRST = Wanted(limit=web.A_PAGE)


async def _lines(person: Person, _filtered: None, wanted: Wanted) -> Page[Record]:
    require(person, Right.SEE_DEALERS)
    return await queries.product_lines(wanted)


async def _above_lines(_request: AnyRequest, _person: Person, _filtered: None) -> Mapping[str, Any]:
    return {"crumbs": [(m("Products"), "/products")]}


async def _products_asked(q: FromQuery[str] = "", line: FromQuery[str] = "") -> tuple[str, str]:
    return q, line


async def _products(person: Person, asked: tuple[str, str], wanted: Wanted) -> Page[Record]:
    require(person, Right.SEE_DEALERS)
    return await queries.products(asked[1] or None, asked[0] or None, wanted)


async def _beside_products(_request: AnyRequest, _person: Person, _asked: object) -> Mapping[str, Any]:
    lines = (await queries.product_lines()).items
    return {"lines": LINES, "line_rows": lines, "line_choices": line_choices(lines), "acts": (KeepProduct, KeepLine)}


async def _products_again(request: AnyRequest, person: Person) -> Response[str]:
    found = await _products(person, ("", ""), _FIRST)
    return web.list_page(
        request, PRODUCTS, found, "dealers/products.html", await _beside_products(request, person, None)
    )


@post("/products", include_in_schema=False)
async def add_product(request: AnyRequest, person: NamedDependency[Person]) -> Response[str] | Response[None]:
    """Add a product."""
    return await web.act(
        request,
        KeepProduct,
        lambda act: service.keep_product(person, act, new=True),
        lambda: _products_again(request, person),
        to="/products",
        said=m("The product %(name)s is added."),
    )


@post("/product-lines", include_in_schema=False)
async def add_line(request: AnyRequest, person: NamedDependency[Person]) -> Response[str] | Response[None]:
    """Add a product line."""
    return await web.act(
        request,
        KeepLine,
        lambda act: service.keep_line(person, act, new=True),
        lambda: _products_again(request, person),
        to="/products",
        said=m("The product line %(name)s is added."),
    )


async def _product_form(request: AnyRequest, person: Person, code: str) -> Response[str]:
    require(person, Right.KEEP_PRODUCTS)
    found = await queries.product(code)
    if found is None:
        raise NotFound(m("The product %(code)s is not known.", code=code))
    lines = {"line": line_choices(await queries.line_names())}
    return web.page(request, "dealers/change.html", row=found, act=KeepProduct, at="/products", choices=lines)


async def _line_form(request: AnyRequest, person: Person, code: str) -> Response[str]:
    require(person, Right.KEEP_PRODUCTS)
    found = await queries.product_line(code)
    if found is None:
        raise NotFound(m("The product line %(code)s is not known.", code=code))
    return web.page(request, "dealers/change.html", row=found, act=KeepLine, at="/product-lines", choices={})


async def _rates_asked(currency: FromQuery[str] = "") -> str | None:
    return currency or None


async def _rates(person: Person, currency: str | None, wanted: Wanted) -> Page[Record]:
    require(person, Right.SEE_DEALERS)
    return await queries.rates(currency, None, wanted)


async def _beside_rates(_request: AnyRequest, _person: Person, _asked: object) -> Mapping[str, Any]:
    return {
        "currency_choices": [(currency, currency) for currency in await queries.rate_currencies()],
        "company": await queries.company_currency(),
        "act": KeepRate,
        "today": clock.today(),
    }


async def _rates_again(request: AnyRequest, person: Person) -> Response[str]:
    found = await _rates(person, None, _FIRST)
    return web.list_page(request, RATES, found, "dealers/rates.html", await _beside_rates(request, person, None))


@post("/rates", include_in_schema=False)
async def keep_rate(request: AnyRequest, person: NamedDependency[Person]) -> Response[str] | Response[None]:
    """Record a rate."""
    return await web.act(
        request,
        KeepRate,
        lambda act: service.keep_rate(person, act),
        lambda: _rates_again(request, person),
        to="/rates",
        said=m("The rate of %(currency)s on %(on)s is recorded."),
    )


async def _node_asked(code: FromQuery[str] = "") -> str:
    return code


async def _tree(person: Person, _code: str, wanted: Wanted) -> Page[Record]:
    require(person, Right.SEE_DEALERS)
    return await queries.territories(replace(wanted, limit=None))


async def _beside_tree(_request: AnyRequest, _person: Person, code: str) -> Mapping[str, Any]:
    granted: dict[str, list[object]] = {}
    for grant in (await grants.grants(view=view_of(clock.today()))).items:
        granted.setdefault(grant["territory"], []).append(grant)
    return {
        "chosen": code,
        "dealers": await queries.dealers_by_territory(),
        "granted": granted,
        "places": await places(),
        "acts": (AddTerritory, ChangeTerritory),
    }


async def _tree_again(request: AnyRequest, person: Person) -> Response[str]:
    found, code = await queries.territories(ALL), request.query_params.get("code", "")
    beside = await _beside_tree(request, person, code)
    return web.list_page(request, TERRITORIES, found, "dealers/territories.html", beside)


@post("/territories", include_in_schema=False)
async def add_territory(request: AnyRequest, person: NamedDependency[Person]) -> Response[str] | Response[None]:
    """Add a node."""
    return await web.act(
        request,
        AddTerritory,
        lambda act: territories.add_territory(person, act),
        lambda: _tree_again(request, person),
        to="/territories",
        said=m("The territory %(name)s is added."),
    )


@post("/territories/change", include_in_schema=False, long_texts=(web.OPENED,))
async def change_territory(request: AnyRequest, person: NamedDependency[Person]) -> Response[str] | Response[None]:
    """Rename a node, or hang it under another one."""
    return await web.act(
        request,
        ChangeTerritory,
        lambda act: territories.change_territory(person, act),
        lambda: _tree_again(request, person),
        to="/territories",
        said=m("The territory %(name)s is changed."),
    )


ROUTES = (
    *web.list_routes(LINES, "/product-lines", _lines, context=_above_lines),
    *web.list_routes(
        PRODUCTS,
        "/products",
        _products,
        template="dealers/products.html",
        filtered=_products_asked,
        context=_beside_products,
    ),
    add_product,
    add_line,
    *web.act_routes(
        "/products/{code:str}/edit",
        KeepProduct,
        _product_form,
        lambda person, _code, act: service.keep_product(person, act),
        to="/products",
        said=m("The product %(name)s is kept."),
    ),
    *web.act_routes(
        "/product-lines/{code:str}/edit",
        KeepLine,
        _line_form,
        lambda person, _code, act: service.keep_line(person, act),
        to="/products",
        said=m("The product line %(name)s is kept."),
    ),
    *web.list_routes(
        RATES, "/rates", _rates, template="dealers/rates.html", filtered=_rates_asked, context=_beside_rates
    ),
    keep_rate,
    *web.list_routes(
        TERRITORIES,
        "/territories",
        _tree,
        template="dealers/territories.html",
        filtered=_node_asked,
        context=_beside_tree,
    ),
    add_territory,
    change_territory,
)

"""Pages of products, exchange rates and territories."""

from decimal import Decimal

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromQuery

from channel import clock, web
from channel.access import queries as tree
from channel.access.rules import Person, Right, require
from channel.dealers.pages.words import AnyRequest, line_choices, shared, typed
from channel.dealers.queries import exclusivity as grants
from channel.dealers.queries import masters as queries
from channel.dealers.queries.dealers import likes
from channel.dealers.rules import DealerType
from channel.dealers.service import masters as service
from channel.dealers.service import territories
from channel.errors import Refused, invalid, m
from channel.moments import read_day
from channel.money import parse_decimal
from channel.snapshots import view_of

_PAGE = 100


@get("/products", opt={"asks": ("q", "line", "cursor")}, include_in_schema=False)
async def show_products(request: AnyRequest, person: NamedDependency[Person]) -> Response[str]:
    """Products with their lines."""
    require(person, Right.SEE_DEALERS)
    return await _products(request)


async def _products(
    request: AnyRequest, refused: Refused | None = None, form: dict[str, str] | None = None
) -> Response[str]:
    asked = request.query_params
    like = likes(asked.get("q"))
    lines = await queries.product_lines()
    rows = await queries.products(asked.get("line") or None, like, asked.get("cursor") or None, _PAGE)
    return web.page(
        request,
        "dealers/products.html",
        refused=refused,
        form=form,
        rows=rows,
        next=rows[-1]["code"] if len(rows) == _PAGE else None,
        lines=lines,
        line_choices=line_choices(lines),
        **shared(request),
    )


@post("/products", include_in_schema=False)
async def keep_product(request: AnyRequest, person: NamedDependency[Person]) -> Response[str] | Response[None]:
    """Add or change a product."""
    form = await typed(request)
    try:
        await service.keep_product(
            person, form.get("code", ""), form.get("name", ""), form.get("line", ""), form.get("unit")
        )
    except Refused as refused:
        return await _products(request, refused, form)
    return web.redirect("/products", m("The product is kept."))


@post("/product-lines", include_in_schema=False)
async def keep_line(request: AnyRequest, person: NamedDependency[Person]) -> Response[str] | Response[None]:
    """Add or change a product line."""
    form = await typed(request)
    wanted = form.get("wanted_type")
    try:
        if wanted and wanted not in list(DealerType):
            raise invalid("wanted_type", m("%(value)s is not one of the choices.", value=wanted))
        type_ = DealerType(wanted) if wanted else None
        await service.keep_line(person, form.get("line_code", ""), form.get("line_name", ""), type_)
    except Refused as refused:
        return await _products(request, refused, form)
    return web.redirect("/products", m("The product line is kept."))


@get("/rates", opt={"asks": ("currency",)}, include_in_schema=False)
async def show_rates(
    request: AnyRequest, person: NamedDependency[Person], cursor: FromQuery[str | None] = None
) -> Response[str]:
    """Exchange rates, the latest first."""
    require(person, Right.SEE_DEALERS)
    return await _rates(request, cursor)


async def _rates(
    request: AnyRequest,
    cursor: str | None = None,
    refused: Refused | None = None,
    form: dict[str, str] | None = None,
) -> Response[str]:
    after = None
    if cursor:
        day, _, currency = cursor.partition(" ")
        after = (read_day({"cursor": day}, "cursor") or clock.today(), currency)
    rows = await queries.rates(request.query_params.get("currency") or None, None, _PAGE, after)
    return web.page(
        request,
        "dealers/rates.html",
        refused=refused,
        form=form,
        rows=rows,
        next=f"{rows[-1]['on_date']} {rows[-1]['currency']}" if len(rows) == _PAGE else None,
        currency_choices=[(currency, currency) for currency in await queries.rate_currencies()],
        company=await queries.company_currency(),
        **shared(request),
    )


@post("/rates", include_in_schema=False)
async def keep_rate(request: AnyRequest, person: NamedDependency[Person]) -> Response[str] | Response[None]:
    """Record a rate."""
    form = await typed(request)
    try:
        on = read_day(form, "on") or clock.today()
        await service.keep_rate(person, form.get("currency", ""), on, _read_rate(form.get("rate", "")))
    except Refused as refused:
        return await _rates(request, None, refused, form)
    return web.redirect("/rates", m("The rate is recorded."))


def _read_rate(text: str) -> Decimal:
    try:
        return parse_decimal(text)
    except ValueError:
        raise invalid("rate", m("%(value)s is not a rate.", value=text)) from None


@get("/territories", opt={"asks": ("code",)}, include_in_schema=False)
async def show_territories(request: AnyRequest, person: NamedDependency[Person]) -> Response[str]:
    """The tree."""
    require(person, Right.SEE_DEALERS)
    return await _tree(request)


async def _tree(
    request: AnyRequest, refused: Refused | None = None, form: dict[str, str] | None = None
) -> Response[str]:
    nodes = await tree.territories()
    asked = request.query_params.get("code")
    granted: dict[str, list[object]] = {}
    for grant in (await grants.grants(view=view_of(clock.today()))).items:
        granted.setdefault(grant["territory"], []).append(grant)
    return web.page(
        request,
        "dealers/territories.html",
        refused=refused,
        form=form,
        nodes=nodes,
        chosen=next((node for node in nodes if node["code"] == asked), None),
        dealers=await queries.dealers_by_territory(),
        granted=granted,
        node_choices=[(node["code"], node["path"]) for node in nodes],
        **shared(request),
    )


@post("/territories", include_in_schema=False)
async def add_territory(request: AnyRequest, person: NamedDependency[Person]) -> Response[str] | Response[None]:
    """Add a node."""
    form = await typed(request)
    try:
        await territories.add_territory(
            person, form.get("code", ""), form.get("name", ""), form.get("level", ""), form.get("parent") or None
        )
    except Refused as refused:
        return await _tree(request, refused, form)
    return web.redirect("/territories", m("The territory is added."))


@post("/territories/change", include_in_schema=False, long_texts=(web.OPENED,))
async def change_territory(request: AnyRequest, person: NamedDependency[Person]) -> Response[str] | Response[None]:
    """Rename a node, or hang it under another one."""
    form = await typed(request)
    try:
        await territories.change_territory(
            person,
            form.get("code", ""),
            name=form.get("name"),
            level=form.get("level"),
            parent=form.get("parent") or None,
            move="parent" in form,
            opened=web.opened_of(form),
        )
    except Refused as refused:
        return await _tree(request, refused, web.still_typed(form, refused))
    return web.redirect("/territories", m("The territory is changed."))


ROUTES = (
    show_products,
    keep_product,
    keep_line,
    show_rates,
    keep_rate,
    show_territories,
    add_territory,
    change_territory,
)

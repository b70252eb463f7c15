"""Forms for the acts on a dealer: its facts, its traits, what it carries, its people, customers and grants."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from urllib.parse import quote

import msgspec
from asyncpg import Record
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from channel import web
from channel.access.rules import Person, Right, require
from channel.dealers.acts import EndExclusivity, GrantExclusivity
from channel.dealers.lists import GRANTS
from channel.dealers.pages.words import (
    AnyRequest,
    choices,
    line_choices,
    places,
    shared,
    typed,
)
from channel.dealers.queries import masters
from channel.dealers.queries.exclusivity import grants
from channel.dealers.queries.facts import reasons_given
from channel.dealers.queries.sheets import Sheets, dealer_sheets
from channel.dealers.rules import (
    ALLOWED_STATUS_CHANGES,
    REASON_NEEDED,
    STATUS_NAMES,
    TRAIT_CHOICES,
    Assortment,
    Fact,
    MarginLevel,
    PriceLevel,
    PriceTransparency,
    SecondTierKind,
    SellingWay,
    Status,
    Traits,
)
from channel.dealers.service import dealers as service
from channel.dealers.service import exclusivity
from channel.dealers.service.facts import change_fact, dealer_by_code
from channel.digits import whole_number
from channel.errors import FieldError, Invalid, Message, NotFound, Refused, invalid, m
from channel.lists import Page, Wanted
from channel.moments import read_day
from channel.snapshots import view_of


async def _sheets(code: str) -> Sheets:
    found = await dealer_sheets(code)
    if found is None:
        raise NotFound(m("The dealer %(code)s is not known.", code=code))
    return found


async def _form(
    request: AnyRequest,
    code: str,
    template: str,
    refused: Refused | None = None,
    form: dict[str, str] | None = None,
    **more: Any,  # noqa: ANN401 - whatever the template shows
) -> Response[str]:
    return web.page(
        request,
        f"dealers/{template}.html",
        refused=refused,
        form=form,
        sheets=await _sheets(code),
        **shared(request),
        **more,
    )


def _back(code: str, said: Message, part: str = "") -> Response[None]:
    return web.redirect(f"/dealers/{quote(code)}{part}", said)


def _read_fact(name: str) -> Fact:
    try:
        return Fact(name)
    except ValueError:
        raise NotFound(m("There is no such fact.")) from None


async def _fact_form(
    request: AnyRequest, code: str, fact: Fact, refused: Refused | None = None, form: dict[str, str] | None = None
) -> Response[str]:
    card = (await _sheets(code)).card
    return await _form(
        request,
        code,
        "fact",
        refused,
        form,
        fact=fact,
        wanted=request.query_params.get("value"),
        reason_needed=fact in REASON_NEEDED,
        last_reasons=await reasons_given(fact.value),
        next_status_choices=[
            (value, name)
            for value, name in choices(request, STATUS_NAMES)
            if value in ALLOWED_STATUS_CHANGES[Status(card["status"])]
        ],
        places=await places() if fact is Fact.TERRITORY else [],
    )


@get("/dealers/{code:str}/facts/{name:str}", opt={"asks": ("value",)}, include_in_schema=False)
async def show_fact_form(
    request: AnyRequest, person: NamedDependency[Person], code: FromPath[str], name: FromPath[str]
) -> Response[str]:
    """The form for a value that holds from a day on."""
    require(person, Right.CHANGE_DEALER_FACTS)
    return await _fact_form(request, code, _read_fact(name))


@post("/dealers/{code:str}/facts/{name:str}", include_in_schema=False)
async def add_fact(
    request: AnyRequest, person: NamedDependency[Person], code: FromPath[str], name: FromPath[str]
) -> Response[str] | Response[None]:
    """Add the value."""
    fact, form = _read_fact(name), await typed(request)
    value = ",".join((await request.form()).getall("value", [])) if fact is Fact.REPORTS_OWED else form.get("value")
    try:
        changed = await change_fact(
            person, code, fact, value or "", effective_on=read_day(form, "effective_on"), reason=form.get("reason")
        )
    except Invalid as refused:
        # The form calls every kind of value by one name.
        errors = tuple(
            FieldError("value" if e.field == fact.value else e.field, e.reason, e.expected) for e in refused.errors
        )
        return await _fact_form(request, code, fact, Invalid(refused.title, errors), form)
    said = m("The change is recorded.") if changed else m("That holds on this day already; nothing was changed.")
    return _back(code, said)


@get("/dealers/{code:str}/edit", include_in_schema=False)
async def show_edit(request: AnyRequest, person: NamedDependency[Person], code: FromPath[str]) -> Response[str]:
    """The form for name and traits."""
    require(person, Right.ENTER_FOR_DEALERS)
    return await _form(request, code, "edit")


@post("/dealers/{code:str}/edit", include_in_schema=False, long_texts=(web.OPENED,))
async def edit(
    request: AnyRequest, person: NamedDependency[Person], code: FromPath[str]
) -> Response[str] | Response[None]:
    """Change name and traits."""
    form = await typed(request)
    try:
        name = form.get("name") if person.may(Right.KEEP_DEALERS) else None
        read = _read_traits(form)
        traits = {trait: getattr(read, trait) for trait in Traits.__slots__}
        await service.change_dealer(person, code, name=name, traits=traits, opened=web.opened_of(form))
    except Refused as refused:
        return await _form(request, code, "edit", refused, web.still_typed(form, refused))
    return _back(code, m("The change is recorded."))


def _read_traits(form: Mapping[str, str]) -> Traits:
    for name, known in TRAIT_CHOICES.items():
        if form.get(name) and form[name] not in known:
            raise invalid(name, m("%(value)s is not one of the choices.", value=form[name]))
    brands = form.get("brands_carried", "").strip()
    if brands and whole_number(brands) is None:
        raise invalid("brands_carried", m("%(value)s is not a number of brands.", value=brands))
    return Traits(
        SellingWay(form["selling_way"]) if form.get("selling_way") else None,
        Assortment(form["assortment"]) if form.get("assortment") else None,
        MarginLevel(form["margin_level"]) if form.get("margin_level") else None,
        PriceLevel(form["price_level"]) if form.get("price_level") else None,
        PriceTransparency(form["price_transparency"]) if form.get("price_transparency") else None,
        whole_number(brands),
        {"yes": True, "no": False}.get(form.get("exclusivity_wanted", "")),
    )


@get("/dealers/{code:str}/lines", include_in_schema=False)
async def show_lines(request: AnyRequest, person: NamedDependency[Person], code: FromPath[str]) -> Response[str]:
    """The form for the product lines carried."""
    require(person, Right.ENTER_FOR_DEALERS)
    return await _form(request, code, "lines", lines=(await masters.product_lines()).items)


@post("/dealers/{code:str}/lines", include_in_schema=False, long_texts=(web.OPENED,))
async def carry_lines(request: AnyRequest, person: NamedDependency[Person], code: FromPath[str]) -> Response[None]:
    """Exactly the ticked lines are carried."""
    opened = web.opened_of(await typed(request))
    seen = None if opened is None else list(opened)
    await service.carry_lines(person, code, (await request.form()).getall("line", []), opened=seen)
    return _back(code, m("The product lines are recorded."))


@get("/dealers/{code:str}/contacts/{contact_id:int}", include_in_schema=False)
async def show_contact(
    request: AnyRequest, person: NamedDependency[Person], code: FromPath[str], contact_id: FromPath[int]
) -> Response[str]:
    """The form for a contact; 0 is a new one."""
    require(person, Right.ENTER_FOR_DEALERS)
    return await _contact_form(request, code, contact_id)


async def _contact_form(
    request: AnyRequest, code: str, contact_id: int, refused: Refused | None = None, form: dict[str, str] | None = None
) -> Response[str]:
    found = {row["id"]: row for row in (await _sheets(code)).contacts}
    if contact_id and contact_id not in found:
        raise NotFound(m("The contact is not known."))
    return await _form(request, code, "contact", refused, form, contact=found.get(contact_id), contact_id=contact_id)


@post("/dealers/{code:str}/contacts/{contact_id:int}", include_in_schema=False, long_texts=(web.OPENED,))
async def keep_contact(
    request: AnyRequest, person: NamedDependency[Person], code: FromPath[str], contact_id: FromPath[int]
) -> Response[str] | Response[None]:
    """Add or change a contact."""
    form = await typed(request)
    try:
        await service.keep_contact(
            person,
            code,
            name=form.get("name", ""),
            role=form.get("role"),
            phone=form.get("phone"),
            email=form.get("email"),
            contact_id=contact_id or None,
            opened=web.opened_of(form),
        )
    except Refused as refused:
        return await _contact_form(request, code, contact_id, refused, web.still_typed(form, refused))
    return _back(code, m("The contact is kept."), "#contacts")


@post("/dealers/{code:str}/contacts/{contact_id:int}/remove", include_in_schema=False)
async def remove_contact(
    person: NamedDependency[Person], code: FromPath[str], contact_id: FromPath[int]
) -> Response[None]:
    """Take out a contact."""
    await service.remove_contact(person, code, contact_id)
    return _back(code, m("The contact is taken out."), "#contacts")


@get("/dealers/{code:str}/second-tier", include_in_schema=False)
async def show_customer(
    request: AnyRequest,
    person: NamedDependency[Person],
    code: FromPath[str],
    customer: FromQuery[str | None] = None,
) -> Response[str]:
    """The form for a second-tier customer."""
    require(person, Right.ENTER_FOR_DEALERS)
    return await _customer_form(request, code, customer)


async def _customer_form(
    request: AnyRequest,
    code: str,
    customer: str | None,
    refused: Refused | None = None,
    form: dict[str, str] | None = None,
) -> Response[str]:
    found = {row["code"]: row for row in (await _sheets(code)).second_tier}
    return await _form(request, code, "customer", refused, form, customer=found.get(customer or ""))


@post("/dealers/{code:str}/second-tier", include_in_schema=False, long_texts=(web.OPENED,))
async def keep_customer(
    request: AnyRequest, person: NamedDependency[Person], code: FromPath[str]
) -> Response[str] | Response[None]:
    """Add or change a second-tier customer."""
    form = await typed(request)
    try:
        if form.get("kind") not in list(SecondTierKind):
            raise invalid("kind", m("A value is needed."))
        kind = SecondTierKind(form["kind"])
        opened = web.opened_of(form)
        await service.keep_second_tier(person, code, form.get("code", ""), form.get("name", ""), kind, opened=opened)
    except Refused as refused:
        return await _customer_form(request, code, form.get("code"), refused, web.still_typed(form, refused))
    return _back(code, m("The customer is kept."), "#second-tier")


@post("/dealers/{code:str}/second-tier/remove", include_in_schema=False)
async def remove_customer(request: AnyRequest, person: NamedDependency[Person], code: FromPath[str]) -> Response[None]:
    """Take out a second-tier customer that no sales line names."""
    await service.remove_second_tier(person, code, (await typed(request)).get("code", ""))
    return _back(code, m("The customer is taken out."), "#second-tier")


@get("/dealers/{code:str}/exclusivity", include_in_schema=False)
async def show_grant(request: AnyRequest, person: NamedDependency[Person], code: FromPath[str]) -> Response[str]:
    """The form for a grant of exclusivity."""
    require(person, Right.GRANT_EXCLUSIVITY)
    return await _grant_form(request, code)


async def _grant_form(request: AnyRequest, code: str) -> Response[str]:
    lines = line_choices(await masters.line_names())
    return await _form(request, code, "grant", act=GrantExclusivity, line_choices=lines, places=await places())


@post("/dealers/{code:str}/exclusivity", include_in_schema=False)
async def grant(
    request: AnyRequest, person: NamedDependency[Person], code: FromPath[str]
) -> Response[str] | Response[None]:
    """Grant it."""
    return await web.act(
        request,
        GrantExclusivity,
        lambda act: exclusivity.grant_exclusivity(person, code, act),
        lambda: _grant_form(request, code),
        to=f"/dealers/{quote(code)}#exclusivity",
        said=m("The exclusivity is granted."),
    )


@post("/dealers/{code:str}/exclusivity/{grant_id:int}/end", include_in_schema=False)
async def end_grant(
    request: AnyRequest, person: NamedDependency[Person], code: FromPath[str], grant_id: FromPath[int]
) -> Response[str] | Response[None]:
    """End a grant before a day."""
    return await web.act(
        request,
        EndExclusivity,
        lambda act: exclusivity.end_exclusivity(person, code, grant_id, act),
        lambda: _end_form(request, code, grant_id),
        to=f"/dealers/{quote(code)}#exclusivity",
        said=m("The exclusivity ends."),
    )


@get("/dealers/{code:str}/exclusivity/{grant_id:int}/end", include_in_schema=False)
async def show_end_of_grant(
    request: AnyRequest, person: NamedDependency[Person], code: FromPath[str], grant_id: FromPath[int]
) -> Response[str]:
    """The form for the end of a grant."""
    require(person, Right.GRANT_EXCLUSIVITY)
    return await _end_form(request, code, grant_id)


async def _end_form(request: AnyRequest, code: str, grant_id: int) -> Response[str]:
    sheets = await _sheets(code)
    found = next((row for row in sheets.grants if row["id"] == grant_id), None)
    if found is None:
        raise NotFound(m("The grant is not known."))
    return await _form(request, code, "end_grant", act=EndExclusivity, grant=found)


class Granted(msgspec.Struct, frozen=True):
    """Which grants are wanted: of one dealer or all, of a line, of those that hold on a day or all there are."""

    dealer: str | None
    line: str | None
    as_of: date | None


async def _granted(
    as_of_day: NamedDependency[date | None], dealer: FromQuery[str] = "", line: FromQuery[str] = ""
) -> Granted:
    return Granted(dealer or None, line or None, as_of_day)


async def _grants(person: Person, asked: Granted, wanted: Wanted) -> Page[Record]:
    require(person, Right.SEE_DEALERS)
    dealer_id = None if asked.dealer is None else (await dealer_by_code(asked.dealer))["id"]
    return await grants(dealer_id, view_of(asked.as_of), asked.line, wanted)


async def _lines_to_filter(_request: AnyRequest, _person: Person, _asked: Granted) -> dict[str, Any]:
    return {"line_choices": line_choices(await masters.line_names())}


GRANT_LIST = web.list_routes(
    GRANTS,
    "/exclusivity",
    _grants,
    template="dealers/grants.html",
    filtered=_granted,
    context=_lines_to_filter,
)
ROUTES = (
    show_fact_form,
    add_fact,
    show_edit,
    edit,
    show_lines,
    carry_lines,
    show_contact,
    keep_contact,
    remove_contact,
    show_customer,
    keep_customer,
    remove_customer,
    show_grant,
    grant,
    show_end_of_grant,
    end_grant,
    *GRANT_LIST,
)

"""Forms for the acts on a dealer: its facts, its traits, what it carries, its people, customers and grants."""

from typing import Any
from urllib.parse import quote

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from markupsafe import Markup

from channel import clock, web
from channel.access.rules import Person, Right, require
from channel.acts import OPENED, Act
from channel.dealers.acts import (
    CarryLines,
    ChangeDealer,
    ChangeFact,
    EndExclusivity,
    FactGiven,
    GrantExclusivity,
    KeepContact,
    KeepCustomer,
    RemoveCustomer,
    ReportsGiven,
)
from channel.dealers.pages.form_reading import AnyRequest, choices, line_choices, members, places, shared
from channel.dealers.queries import masters
from channel.dealers.queries.dealer_page import Sheets, dealer_sheets
from channel.dealers.queries.facts import reasons_given
from channel.dealers.rules import (
    ALLOWED_STATUS_CHANGES,
    FACT_NAMES,
    REASON_NEEDED,
    STATUS_NAMES,
    TRAIT_NAMES,
    Fact,
    Status,
)
from channel.dealers.service import dealers as service
from channel.dealers.service import exclusivity
from channel.dealers.service.facts import change_fact
from channel.errors import FieldError, Invalid, Message, NotFound, m


async def _sheets(code: str) -> Sheets:
    found = await dealer_sheets(code)
    if found is None:
        raise NotFound(m("The dealer %(code)s is not known.", code=code))
    return found


def _form(
    request: AnyRequest,
    sheets: Sheets,
    title: Message | str,
    at: str,
    act: type[Act],
    button: Message,
    **more: Any,  # noqa: ANN401 - what else the template takes
) -> Response[str]:
    """The page of one act: it is posted `at` an address below the dealer's."""
    return web.page(request, "dealers/act.html", card=sheets.card, title=title, at=at, act=act, button=button, **more)


def _at(code: str, part: str = "") -> str:
    return f"/dealers/{quote(code)}{part}"


def _read_fact(name: str) -> Fact:
    try:
        return Fact(name)
    except ValueError:
        raise NotFound(m("There is no such fact.")) from None


def _given_as(fact: Fact) -> type[FactGiven]:
    return ReportsGiven if fact is Fact.REPORTS_OWED else FactGiven


async def _fact_form(request: AnyRequest, code: str, fact: Fact) -> Response[str]:
    sheets = await _sheets(code)
    return web.page(
        request,
        "dealers/fact.html",
        sheets=sheets,
        fact=fact,
        act=_given_as(fact),
        wanted=request.query_params.get("value"),
        reason_needed=fact in REASON_NEEDED,
        last_reasons=await reasons_given(fact.value),
        next_status_choices=[
            (value, name)
            for value, name in choices(request, STATUS_NAMES)
            if value in ALLOWED_STATUS_CHANGES[Status(sheets.card["status"])]
        ],
        places=await places() if fact is Fact.TERRITORY else [],
        members=await members(sheets.card["responsible"]) if fact is Fact.RESPONSIBLE else [],
        **shared(request),
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
    fact = _read_fact(name)

    async def carry_out(given: FactGiven) -> Message:
        value = ",".join(given.value) if isinstance(given, ReportsGiven) else given.value
        day = given.effective_on or clock.today()
        try:
            act = ChangeFact(fact=fact, value=value or "", effective_on=day, reason=given.reason)
            changed = await change_fact(person, code, act)
        except Invalid as refused:
            # The form calls every kind of value by one name.
            errors = (
                FieldError("value" if e.field == fact.value else e.field, e.reason, e.expected) for e in refused.errors
            )
            raise Invalid(refused.title, tuple(errors)) from None
        if not changed:
            return m("That holds on this day already; nothing was changed.")
        return m("%(fact)s is recorded, from %(day)s on.", fact=FACT_NAMES[fact], day=day)

    again = lambda: _fact_form(request, code, fact)  # noqa: E731 - one of several forms
    return await web.act(request, _given_as(fact), carry_out, again, to=_at(code), said=lambda told: told)


async def _edit_form(request: AnyRequest, person: Person, code: str) -> Response[str]:
    require(person, Right.ENTER_FOR_DEALERS)
    sheets = await _sheets(code)
    only = ("name", *TRAIT_NAMES, OPENED)[0 if person.may(Right.KEEP_DEALERS) else 1 :]
    title = m("Name and traits")
    return _form(request, sheets, title, "/edit", ChangeDealer, m("Save"), values=dict(sheets.card), only=only)


async def _lines_form(request: AnyRequest, person: Person, code: str) -> Response[str]:
    require(person, Right.ENTER_FOR_DEALERS)
    sheets = await _sheets(code)
    unlike = web.language_of(request).tell(m("meant for the other dealer type"))
    offered = []
    for line in await masters.line_names():
        note = Markup('<span class="muted small">{}</span>').format(line["code"])
        if line["wanted_type"] not in (None, sheets.card["type"]):
            note += Markup(' <span class="chip warn">{}</span>').format(unlike)
        offered.append((line["code"], line["name"], note))
    return _form(
        request,
        sheets,
        m("Product lines carried"),
        "/lines",
        CarryLines,
        m("Save"),
        values={"lines": [line["code"] for line in sheets.lines]},
        choices={"lines": offered},
        note=None if offered else m("There is no product line yet."),
    )


async def _contact_form(request: AnyRequest, person: Person, code: str, contact_id: int) -> Response[str]:
    require(person, Right.ENTER_FOR_DEALERS)
    sheets, at = await _sheets(code), f"/contacts/{contact_id}"
    contact = next((row for row in sheets.contacts if row["id"] == contact_id), None)
    if contact_id and contact is None:
        raise NotFound(m("The contact is not known."))
    title, values = (contact["name"], contact) if contact else (m("New contact"), {})
    remove: tuple[str, dict[str, str]] | None = (f"{at}/remove", {}) if contact else None
    return _form(request, sheets, title, at, KeepContact, m("Keep the contact"), values=values, remove=remove)


@post("/dealers/{code:str}/contacts/{contact_id:int}/remove", include_in_schema=False)
async def remove_contact(
    request: AnyRequest, person: NamedDependency[Person], code: FromPath[str], contact_id: FromPath[int]
) -> Response[str] | Response[None]:
    """Take out a contact."""
    return await web.act(
        request,
        Act,
        lambda _: service.remove_contact(person, code, contact_id),
        lambda: _contact_form(request, person, code, contact_id),
        to=_at(code, "#contacts"),
        said=lambda name: m("The contact %(name)s is taken out.", name=name),
    )


async def _customer_form(request: AnyRequest, person: Person, code: str, customer: str = "") -> Response[str]:
    require(person, Right.ENTER_FOR_DEALERS)
    sheets, form = await _sheets(code), await request.form()
    # A form that shows what stood is of the customer that it names; in another one a code is typed.
    given = customer or request.query_params.get("customer") or (web.text_in(form, "code") if OPENED in form else "")
    found = next((row for row in sheets.second_tier if row["code"] == given), None)
    fixed = {"code": found["code"]} if found else {}
    return _form(
        request,
        sheets,
        found["name"] if found else m("New second-tier customer"),
        "/second-tier",
        KeepCustomer,
        m("Keep the customer"),
        values={name: value for name, value in (found or {}).items() if name != "code"},
        but=("code",) if found else (),
        fixed=fixed,
        facts=list(fixed.values()),
        remove=("/second-tier/remove", fixed) if found else None,
    )


async def _keep_customer(person: Person, code: str, act: KeepCustomer) -> None:
    """One whose form shows what stood is changed; another one is added, and refused where its code is known."""
    await service.keep_second_tier(person, code, act, new=act.opened is None)


@post("/dealers/{code:str}/second-tier/remove", include_in_schema=False)
async def remove_customer(
    request: AnyRequest, person: NamedDependency[Person], code: FromPath[str]
) -> Response[str] | Response[None]:
    """Take out a second-tier customer that no sales line names."""

    async def again() -> Response[str]:
        return await _customer_form(request, person, code, web.text_in(await request.form(), "code"))

    return await web.act(
        request,
        RemoveCustomer,
        lambda act: service.remove_second_tier(person, code, act.code),
        again,
        to=_at(code, "#second-tier"),
        said=m("The customer %(code)s is taken out."),
    )


async def _grant_form(request: AnyRequest, person: Person, code: str) -> Response[str]:
    require(person, Right.GRANT_EXCLUSIVITY)
    sheets, lines = await _sheets(code), line_choices(await masters.line_names())
    title = m("Grant exclusivity")
    return _form(
        request,
        sheets,
        title,
        "/exclusivity",
        GrantExclusivity,
        title,
        values={"territory": sheets.card["territory_code"], "from_on": clock.today()},
        choices={"line": lines, "territory": await places()},
        note=m(
            "Nobody else may then be granted this product line in the territory or in any part of it on these days."
        ),
    )


async def _end_form(request: AnyRequest, person: Person, code: str, grant_id: int) -> Response[str]:
    require(person, Right.GRANT_EXCLUSIVITY)
    sheets, title = await _sheets(code), m("End the exclusivity")
    found = next((row for row in sheets.grants if row["id"] == grant_id), None)
    if found is None:
        raise NotFound(m("The grant is not known."))
    place = found["territory_name"] or m("outside your territories")
    return _form(
        request,
        sheets,
        title,
        f"/exclusivity/{grant_id}/end",
        EndExclusivity,
        title,
        values={"to_on": clock.today()},
        facts=[found["line_name"], place, m("from %(day)s", day=found["from_on"])],
    )


ROUTES = (
    show_fact_form,
    add_fact,
    *web.act_routes(
        "/dealers/{code:str}/edit",
        ChangeDealer,
        _edit_form,
        service.change_dealer,
        to="/dealers/{code}",
        said=m("Name and traits of %(code)s are recorded."),
    ),
    *web.act_routes(
        "/dealers/{code:str}/lines",
        CarryLines,
        _lines_form,
        service.carry_lines,
        to="/dealers/{code}#lines",
        said=m("The product lines of %(code)s are recorded."),
    ),
    *web.act_routes(
        "/dealers/{code:str}/contacts/{contact_id:int}",
        KeepContact,
        _contact_form,
        lambda person, code, contact_id, act: service.keep_contact(person, code, act, contact_id or None),
        to="/dealers/{code}#contacts",
        said=m("The contact %(name)s is kept."),
    ),
    remove_contact,
    *web.act_routes(
        "/dealers/{code:str}/second-tier",
        KeepCustomer,
        _customer_form,
        _keep_customer,
        to="/dealers/{code}#second-tier",
        said=m("The customer %(name)s is kept."),
        asks=("customer",),
    ),
    remove_customer,
    *web.act_routes(
        "/dealers/{code:str}/exclusivity",
        GrantExclusivity,
        _grant_form,
        exclusivity.grant_exclusivity,
        to="/dealers/{code}#exclusivity",
        said=m("The exclusivity for %(line)s in %(territory)s is granted."),
    ),
    *web.act_routes(
        "/dealers/{code:str}/exclusivity/{grant_id:int}/end",
        EndExclusivity,
        _end_form,
        exclusivity.end_exclusivity,
        to="/dealers/{code}#exclusivity",
        said=m("The exclusivity ends before %(to_on)s."),
    ),
)

"""Forms for the acts on a dealer: its facts, its traits, what it carries, its people, customers and grants."""

from typing import Any
from urllib.parse import quote

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
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
from channel.dealers.pages.words import AnyRequest, choices, line_choices, places, shared
from channel.dealers.queries import masters
from channel.dealers.queries.facts import reasons_given
from channel.dealers.queries.sheets import Sheets, dealer_sheets
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
    sheets = await _sheets(code)
    only = ("name", *TRAIT_NAMES, OPENED)[0 if person.may(Right.KEEP_DEALERS) else 1 :]
    title = m("Name and traits")
    return _form(request, sheets, title, "/edit", ChangeDealer, m("Record"), values=dict(sheets.card), only=only)


@get("/dealers/{code:str}/edit", include_in_schema=False)
async def show_edit(request: AnyRequest, person: NamedDependency[Person], code: FromPath[str]) -> Response[str]:
    """The form for name and traits."""
    require(person, Right.ENTER_FOR_DEALERS)
    return await _edit_form(request, person, code)


@post("/dealers/{code:str}/edit", include_in_schema=False, long_texts=(web.OPENED,))
async def edit(
    request: AnyRequest, person: NamedDependency[Person], code: FromPath[str]
) -> Response[str] | Response[None]:
    """Change name and traits."""
    return await web.act(
        request,
        ChangeDealer,
        lambda act: service.change_dealer(person, code, act),
        lambda: _edit_form(request, person, code),
        to=_at(code),
        said=m("Name and traits of %(dealer)s are recorded.", dealer=code),
    )


async def _lines_form(request: AnyRequest, code: str) -> Response[str]:
    sheets = await _sheets(code)
    unlike = web.language_of(request).tell(m("wants the other type"))
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
        m("Record"),
        values={"lines": [line["code"] for line in sheets.lines]},
        choices={"lines": offered},
        note=None if offered else m("There is no product line yet."),
    )


@get("/dealers/{code:str}/lines", include_in_schema=False)
async def show_lines(request: AnyRequest, person: NamedDependency[Person], code: FromPath[str]) -> Response[str]:
    """The form for the product lines carried."""
    require(person, Right.ENTER_FOR_DEALERS)
    return await _lines_form(request, code)


@post("/dealers/{code:str}/lines", include_in_schema=False, long_texts=(web.OPENED,))
async def carry_lines(
    request: AnyRequest, person: NamedDependency[Person], code: FromPath[str]
) -> Response[str] | Response[None]:
    """Exactly the ticked lines are carried."""
    return await web.act(
        request,
        CarryLines,
        lambda act: service.carry_lines(person, code, act),
        lambda: _lines_form(request, code),
        to=_at(code, "#lines"),
        said=m("The product lines of %(dealer)s are recorded.", dealer=code),
    )


async def _contact_form(request: AnyRequest, code: str, contact_id: int) -> Response[str]:
    sheets, at = await _sheets(code), f"/contacts/{contact_id}"
    contact = next((row for row in sheets.contacts if row["id"] == contact_id), None)
    if contact_id and contact is None:
        raise NotFound(m("The contact is not known."))
    title, values = (contact["name"], contact) if contact else (m("New contact"), {})
    remove: tuple[str, dict[str, str]] | None = (f"{at}/remove", {}) if contact else None
    return _form(request, sheets, title, at, KeepContact, m("Keep the contact"), values=values, remove=remove)


@get("/dealers/{code:str}/contacts/{contact_id:int}", include_in_schema=False)
async def show_contact(
    request: AnyRequest, person: NamedDependency[Person], code: FromPath[str], contact_id: FromPath[int]
) -> Response[str]:
    """The form for a contact; 0 is a new one."""
    require(person, Right.ENTER_FOR_DEALERS)
    return await _contact_form(request, code, contact_id)


@post("/dealers/{code:str}/contacts/{contact_id:int}", include_in_schema=False, long_texts=(web.OPENED,))
async def keep_contact(
    request: AnyRequest, person: NamedDependency[Person], code: FromPath[str], contact_id: FromPath[int]
) -> Response[str] | Response[None]:
    """Add or change a contact."""
    return await web.act(
        request,
        KeepContact,
        lambda act: service.keep_contact(person, code, act, contact_id or None),
        lambda: _contact_form(request, code, contact_id),
        to=_at(code, "#contacts"),
        said=m("The contact %(name)s is kept."),
    )


@post("/dealers/{code:str}/contacts/{contact_id:int}/remove", include_in_schema=False)
async def remove_contact(
    request: AnyRequest, person: NamedDependency[Person], code: FromPath[str], contact_id: FromPath[int]
) -> Response[str] | Response[None]:
    """Take out a contact."""
    return await web.act(
        request,
        Act,
        lambda _: service.remove_contact(person, code, contact_id),
        lambda: _contact_form(request, code, contact_id),
        to=_at(code, "#contacts"),
        said=lambda name: m("The contact %(name)s is taken out.", name=name),
    )


async def _customer_form(request: AnyRequest, code: str, customer: str | None = None) -> Response[str]:
    sheets, given = await _sheets(code), customer or web.text_in(await request.form(), "code")
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


@post("/dealers/{code:str}/second-tier", include_in_schema=False, long_texts=(web.OPENED,))
async def keep_customer(
    request: AnyRequest, person: NamedDependency[Person], code: FromPath[str]
) -> Response[str] | Response[None]:
    """Add or change a second-tier customer."""
    return await web.act(
        request,
        KeepCustomer,
        lambda act: service.keep_second_tier(person, code, act),
        lambda: _customer_form(request, code),
        to=_at(code, "#second-tier"),
        said=m("The customer %(name)s is kept."),
    )


@post("/dealers/{code:str}/second-tier/remove", include_in_schema=False)
async def remove_customer(
    request: AnyRequest, person: NamedDependency[Person], code: FromPath[str]
) -> Response[str] | Response[None]:
    """Take out a second-tier customer that no sales line names."""
    return await web.act(
        request,
        RemoveCustomer,
        lambda act: service.remove_second_tier(person, code, act.code),
        lambda: _customer_form(request, code),
        to=_at(code, "#second-tier"),
        said=m("The customer %(code)s is taken out."),
    )


async def _grant_form(request: AnyRequest, code: str) -> Response[str]:
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


@get("/dealers/{code:str}/exclusivity", include_in_schema=False)
async def show_grant(request: AnyRequest, person: NamedDependency[Person], code: FromPath[str]) -> Response[str]:
    """The form for a grant of exclusivity."""
    require(person, Right.GRANT_EXCLUSIVITY)
    return await _grant_form(request, code)


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
        to=_at(code, "#exclusivity"),
        said=m("The exclusivity for %(line)s in %(territory)s is granted."),
    )


async def _end_form(request: AnyRequest, code: str, grant_id: int) -> Response[str]:
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


@get("/dealers/{code:str}/exclusivity/{grant_id:int}/end", include_in_schema=False)
async def show_end_of_grant(
    request: AnyRequest, person: NamedDependency[Person], code: FromPath[str], grant_id: FromPath[int]
) -> Response[str]:
    """The form for the end of a grant."""
    require(person, Right.GRANT_EXCLUSIVITY)
    return await _end_form(request, code, grant_id)


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
        to=_at(code, "#exclusivity"),
        said=m("The exclusivity ends before %(to_on)s."),
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
)

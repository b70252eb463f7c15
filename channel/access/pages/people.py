"""People, for those who keep them."""

from typing import Annotated

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, QueryParameter

from channel import web
from channel.access import service
from channel.access.pages.forms import (
    LOCALES,
    AnyRequest,
    chosen,
    nodes_to_choose,
    role_choices,
    role_of,
    signed_out,
    typed,
)
from channel.access.queries import PeopleFilter
from channel.access.rules import ROLE_NAMES, Person, Right, Role, require
from channel.errors import Refused, m

_A_PAGE = 50
_FAILED_SHOWN = 5
_STANDINGS = (("yes", m("Active")), ("no", m("Deactivated")))


@get("/people", include_in_schema=False)
async def list_people(
    request: AnyRequest,
    person: NamedDependency[Person],
    q: FromQuery[str | None] = None,
    role: FromQuery[str | None] = None,
    active: FromQuery[str | None] = None,
    cursor: FromQuery[str | None] = None,
) -> Response[str]:
    """The list."""
    wanted = PeopleFilter(q or None, role or None, {"yes": True, "no": False}.get(active or ""), cursor or None)
    rows = await service.people(person, wanted, _A_PAGE + 1)
    return web.page(
        request,
        "access/people.html",
        people=rows[:_A_PAGE],
        next=rows[_A_PAGE - 1]["login"] if len(rows) > _A_PAGE else None,
        role_names=ROLE_NAMES,
        roles=role_choices(),
        standings=_STANDINGS,
    )


@get("/people/export", include_in_schema=False, heavy=True)
async def export_people(
    person: NamedDependency[Person],
    q: FromQuery[str | None] = None,
    role: FromQuery[str | None] = None,
    active: FromQuery[str | None] = None,
    kind: Annotated[web.FileKind, QueryParameter(name="format")] = "xlsx",
) -> Response[bytes]:
    """Exactly what is filtered, as a file."""
    wanted = PeopleFilter(q or None, role or None, {"yes": True, "no": False}.get(active or ""))
    rows = await service.people(person, wanted, 1_000_000)
    header = ("login", "name", "role", "territories", "locale", "active", "created_at", "sessions", "tokens")
    return await web.download(
        "people", kind, header, [[", ".join(r[h]) if h == "territories" else r[h] for h in header] for r in rows]
    )


@get("/add-person", include_in_schema=False)
async def show_new_person(request: AnyRequest, person: NamedDependency[Person]) -> Response[str]:
    """The form for somebody new."""
    require(person, Right.KEEP_PEOPLE)
    return await _new_person(request)


@post("/add-person", include_in_schema=False, status_code=200)
async def add_person(request: AnyRequest, person: NamedDependency[Person]) -> Response[str]:
    """Add somebody and show the password that was made, this once."""
    require(person, Right.KEEP_PEOPLE)
    form, territories = await typed(request), await chosen(request, "territories")
    try:
        role = role_of(form.get("role", ""))
        made = await service.add_person(
            person,
            form.get("login", ""),
            form.get("name", ""),
            role,
            territories=territories if role is Role.REGIONAL else (),
            locale=form.get("locale") or None,
            password=form.get("password") or None,
        )
        added = await service.person_named(person, form.get("login", ""))
    except Refused as refused:
        return await _new_person(request, refused, form, territories)
    return web.page(request, "access/password.html", who=added, password=made, fresh=True)


@get("/people/{login:str}", include_in_schema=False)
async def show_person(request: AnyRequest, person: NamedDependency[Person], login: FromPath[str]) -> Response[str]:
    """One of the people, with all that can be done about him or her."""
    return await _person(request, person, login)


@post("/people/{login:str}", include_in_schema=False, long_texts=(web.OPENED,))
async def change_person(
    request: AnyRequest, person: NamedDependency[Person], login: FromPath[str]
) -> Response[str] | Response[None]:
    """Another name, role, territories or language."""
    form, territories = await typed(request), await chosen(request, "territories")
    try:
        # A disabled field, as the role of oneself, is not sent: it stays as it is.
        role = role_of(form["role"]) if "role" in form else None
        bound = role is Role.REGIONAL
        change = service.PersonChange(
            name=form.get("name", ""),
            role=role,
            territories=territories if bound else None,
            locale=form.get("locale", ""),
        )
        opened = web.opened_of(form)
        await service.change_person(person, login, change, form.get("reason") or None, opened=opened)
    except Refused as refused:
        typed_again = web.still_typed(form, refused)
        return await _person(request, person, login, refused, typed_again, territories)
    return web.redirect(f"/people/{login}", m("The change is made."))


@post("/people/{login:str}/standing", include_in_schema=False)
async def change_standing(
    request: AnyRequest, person: NamedDependency[Person], login: FromPath[str]
) -> Response[str] | Response[None]:
    """Deactivate somebody, or let somebody in again."""
    form = await typed(request)
    active = form.get("active") == "yes"
    try:
        await service.change_person(person, login, service.PersonChange(active=active), form.get("reason") or None)
    except Refused as refused:
        return await _person(request, person, login, refused)
    said = m("%(login)s may sign in again.", login=login) if active else m("%(login)s is deactivated.", login=login)
    return web.redirect(f"/people/{login}", said)


@post("/people/{login:str}/password", include_in_schema=False, status_code=200)
async def set_password(request: AnyRequest, person: NamedDependency[Person], login: FromPath[str]) -> Response[str]:
    """Have a new password made and show it, this once."""
    try:
        made = await service.set_password(person, login, None, (await typed(request)).get("reason") or None)
    except Refused as refused:
        return await _person(request, person, login, refused)
    who = await service.person_named(person, login)
    return web.page(request, "access/password.html", who=who, password=made, fresh=False)


@post("/people/{login:str}/sign-out", include_in_schema=False)
async def sign_out_person(person: NamedDependency[Person], login: FromPath[str]) -> Response[None]:
    """End all sessions and tokens of somebody."""
    ended = await service.sign_out_person(person, login)
    return web.redirect(f"/people/{login}", signed_out(ended))


async def _new_person(
    request: AnyRequest,
    refused: Refused | None = None,
    form: dict[str, str] | None = None,
    territories: list[str] | None = None,
) -> Response[str]:
    return web.page(
        request,
        "access/add_person.html",
        refused=refused,
        form=form,
        roles=role_choices(),
        locales=LOCALES,
        nodes=await nodes_to_choose(None),
        territories=territories or [],
    )


async def _person(
    request: AnyRequest,
    person: Person,
    login: str,
    refused: Refused | None = None,
    form: dict[str, str] | None = None,
    territories: list[str] | None = None,
) -> Response[str]:
    who = await service.person_named(person, login)
    return web.page(
        request,
        "access/person.html",
        refused=refused,
        form=form,
        who=who,
        failed=await service.failed_sign_ins(person, who["login"], _FAILED_SHOWN),
        role_name=ROLE_NAMES[Role(who["role"])],
        oneself=who["id"] == person.person_id,
        roles=role_choices(),
        locales=LOCALES,
        nodes=await nodes_to_choose(None),
        territories=who["territories"] if territories is None else territories,
    )


ROUTES = (
    list_people,
    export_people,
    show_new_person,
    add_person,
    show_person,
    change_person,
    change_standing,
    set_password,
    sign_out_person,
)

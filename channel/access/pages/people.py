"""People, for those who keep them."""

from typing import Any

from asyncpg import Record
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from channel import clock, web
from channel.access import queries, service
from channel.access.acts import GIVEN_ROLES, AddPerson, KeepPerson, SetPassword, Stand
from channel.access.lists import PEOPLE
from channel.access.pages.forms import AnyRequest, nodes_to_choose, signed_out
from channel.access.queries import PeopleFilter
from channel.access.rules import ROLE_NAMES, Person, Right, Role, require
from channel.errors import Message, m
from channel.lists import Page, Wanted

_FAILED_SHOWN = 5


async def _asked(q: FromQuery[str] = "", role: FromQuery[str] = "", active: FromQuery[str] = "") -> PeopleFilter:
    return PeopleFilter(q or None, role or None, {"yes": True, "no": False}.get(active))


async def _people(person: Person, asked: PeopleFilter, wanted: Wanted) -> Page[Record]:
    require(person, Right.KEEP_PEOPLE)
    return await queries.people(asked, clock.now(), wanted)


async def _choices(request: AnyRequest, _person: Person, _filtered: PeopleFilter) -> dict[str, Any]:
    tell = web.language_of(request).tell
    return {
        "roles": [(role.value, tell(ROLE_NAMES[role])) for role in GIVEN_ROLES],
        "standings": [("yes", tell(m("Active"))), ("no", tell(m("Deactivated")))],
    }


@get("/add-person", include_in_schema=False)
async def show_new_person(request: AnyRequest, person: NamedDependency[Person]) -> Response[str]:
    """The form for somebody new."""
    require(person, Right.KEEP_PEOPLE)
    return await _new_person(request)


@post("/add-person", include_in_schema=False, status_code=200)
async def add_person(request: AnyRequest, person: NamedDependency[Person]) -> Response[str] | Response[None]:
    """Add somebody and show the password that was made, this once."""
    require(person, Right.KEEP_PEOPLE)

    async def add(act: AddPerson) -> tuple[Record, str | None]:
        made = await service.add_person(person, act)
        return await service.person_named(person, act.login), made

    return await web.act(
        request, AddPerson, add, lambda: _new_person(request), shown=lambda made: _told(request, *made, fresh=True)
    )


async def _told(request: AnyRequest, who: Record, password: str | None, *, fresh: bool) -> Response[str]:
    return web.page(request, "access/password.html", who=who, password=password, fresh=fresh)


@get("/people/{login:str}", include_in_schema=False)
async def show_person(request: AnyRequest, person: NamedDependency[Person], login: FromPath[str]) -> Response[str]:
    """One of the people, with all that can be done about him or her."""
    return await _person(request, person, login)


@post("/people/{login:str}", include_in_schema=False, long_texts=(web.OPENED,))
async def change_person(
    request: AnyRequest, person: NamedDependency[Person], login: FromPath[str]
) -> Response[str] | Response[None]:
    """Another name, role, territories, language or address."""
    return await web.act(
        request,
        KeepPerson,
        lambda act: service.change_person(person, login, act.change(), opened=act.opened),
        lambda: _person(request, person, login),
        to=f"/people/{login}",
        said=m("What was changed of %(name)s is kept."),
    )


@post("/people/{login:str}/standing", include_in_schema=False)
async def change_standing(
    request: AnyRequest, person: NamedDependency[Person], login: FromPath[str]
) -> Response[str] | Response[None]:
    """Deactivate somebody, or let somebody in again."""
    return await web.act(
        request,
        Stand,
        lambda act: service.change_person(person, login, act.change()),
        lambda: _person(request, person, login),
        to=f"/people/{login}",
        said=_standing,
    )


def _standing(who: Record) -> Message:
    if who["active"]:
        return m("%(login)s may sign in again.", login=who["login"])
    return m("%(login)s is deactivated.", login=who["login"])


@post("/people/{login:str}/password", include_in_schema=False, status_code=200)
async def set_password(
    request: AnyRequest, person: NamedDependency[Person], login: FromPath[str]
) -> Response[str] | Response[None]:
    """Have a new password made and show it, this once."""

    async def make(act: SetPassword) -> tuple[Record, str | None]:
        made = await service.set_password(person, login, act)
        return await service.person_named(person, login), made

    return await web.act(
        request,
        SetPassword,
        make,
        lambda: _person(request, person, login),
        shown=lambda made: _told(request, *made, fresh=False),
    )


@post("/people/{login:str}/sign-out", include_in_schema=False)
async def sign_out_person(person: NamedDependency[Person], login: FromPath[str]) -> Response[None]:
    """End all sessions and tokens of somebody."""
    ended = await service.sign_out_person(person, login)
    return web.redirect(f"/people/{login}", signed_out(ended))


async def _new_person(request: AnyRequest) -> Response[str]:
    return web.page(request, "access/add_person.html", act=AddPerson, nodes=await nodes_to_choose(None))


async def _person(request: AnyRequest, person: Person, login: str) -> Response[str]:
    who = await service.person_named(person, login)
    return web.page(
        request,
        "access/person.html",
        who=who,
        failed=await service.failed_sign_ins(person, who["login"], _FAILED_SHOWN),
        role_name=ROLE_NAMES[Role(who["role"])],
        oneself=who["id"] == person.person_id,
        nodes=await nodes_to_choose(None),
        acts={"keep": KeepPerson, "stand": Stand, "password": SetPassword},
    )


ROUTES = (
    *web.list_routes(PEOPLE, "/people", _people, template="access/people.html", filtered=_asked, context=_choices),
    show_new_person,
    add_person,
    show_person,
    change_person,
    change_standing,
    set_password,
    sign_out_person,
)

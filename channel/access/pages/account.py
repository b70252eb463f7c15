"""A person's own page: language, password, sessions, tokens."""

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from channel import web
from channel.access import service
from channel.access.asked import address_of
from channel.access.pages.forms import LOCALES, AnyRequest, chosen, nodes_to_choose, signed_out, typed, whole_number
from channel.access.rules import ROLE_NAMES, SHORTEST_PASSWORD, Person, device_of
from channel.errors import FieldError, Invalid, Refused, m


@get("/account", include_in_schema=False)
async def show_account(request: AnyRequest, person: NamedDependency[Person]) -> Response[str]:
    """The page."""
    return await _account(request, person)


@post("/account/language", include_in_schema=False)
async def choose_language(request: AnyRequest, person: NamedDependency[Person]) -> Response[str] | Response[None]:
    """Another language for the person, wherever he signs in."""
    try:
        await service.keep_locale(person, (await typed(request)).get("locale", ""))
    except Refused as refused:
        return await _account(request, person, refused)
    return web.redirect("/account", m("The language is kept."))


@post("/account/password", include_in_schema=False)
async def change_password(request: AnyRequest, person: NamedDependency[Person]) -> Response[str] | Response[None]:
    """Another password."""
    form = await typed(request)
    try:
        if form.get("password") != form.get("again"):
            raise _DIFFERENT
        await service.change_own_password(
            person, form.get("old_password", ""), form.get("password", ""), address=address_of(request)
        )
    except Refused as refused:
        return await _account(request, person, refused)
    return web.redirect(
        "/account", m("The password is changed; everywhere else you are signed out, and your API tokens are ended.")
    )


@post("/account/sessions/{session_id:int}/end", include_in_schema=False)
async def end_session(person: NamedDependency[Person], session_id: FromPath[int]) -> Response[None]:
    """End one session."""
    await service.revoke_own_session(person, session_id)
    return web.redirect("/account", m("The session is ended."))


@post("/account/sessions/end", include_in_schema=False)
async def end_other_sessions(person: NamedDependency[Person]) -> Response[None]:
    """End all sessions and tokens but this one."""
    ended = await service.sign_out_elsewhere(person)
    return web.redirect("/account", signed_out(ended))


@post("/account/tokens", include_in_schema=False, status_code=200)
async def add_token(request: AnyRequest, person: NamedDependency[Person]) -> Response[str]:
    """Make a token of the person's own and show it, this once."""
    form = await typed(request)
    try:
        days = whole_number(form.get("days", ""), "days")
        made = await service.add_own_token(
            person, form.get("name", ""), territories=await chosen(request, "territories"), days=days or 0
        )
    except Refused as refused:
        return await _account(request, person, refused, form)
    return web.page(request, "access/token.html", made=made, back="/account")


@post("/account/tokens/{token_id:int}/revoke", include_in_schema=False)
async def revoke_token(person: NamedDependency[Person], token_id: FromPath[int]) -> Response[None]:
    """End a token."""
    await service.revoke_token(person, token_id)
    return web.redirect("/account", m("The token is revoked."))


_DIFFERENT = Invalid(m("The password is not changed."), (FieldError("again", m("The two are not the same.")),))


async def _account(
    request: AnyRequest, person: Person, refused: Refused | None = None, form: dict[str, str] | None = None
) -> Response[str]:
    within = person.territory_ids if person.bound else None
    return web.page(
        request,
        "access/account.html",
        refused=refused,
        form=form,
        person=person,
        role_name=ROLE_NAMES[person.role],
        sessions=await service.own_sessions(person),
        tokens=await service.tokens(person),
        nodes=await nodes_to_choose(within),
        own_nodes=await nodes_to_choose(within) if person.bound else [],
        locales=LOCALES,
        shortest=SHORTEST_PASSWORD,
        device_of=device_of,
    )


async def keep_language(request: AnyRequest, code: str) -> None:
    """Keep the language that was chosen in the frame with the person who is signed in."""
    if isinstance(request.user, Person):
        await service.keep_locale(request.user, code)


ROUTES = (
    show_account,
    choose_language,
    change_password,
    end_session,
    end_other_sessions,
    add_token,
    revoke_token,
)

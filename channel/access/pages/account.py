"""A person's own page: language, password, sessions, tokens."""

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from channel import web
from channel.access import service
from channel.access.acts import ChangePasswordTwice, ChooseLanguage, ChooseMessages, MakeToken
from channel.access.from_requests import address_of
from channel.access.lists import SESSIONS, TOKENS
from channel.access.pages.forms import AnyRequest, made_page, nodes_to_choose, signed_out
from channel.access.rules import ROLE_NAMES, Person
from channel.access.rules.signing_in import device_of
from channel.errors import m


@get("/account", include_in_schema=False)
async def show_account(request: AnyRequest, person: NamedDependency[Person]) -> Response[str]:
    """The page."""
    return await _account(request, person)


@post("/account/language", include_in_schema=False)
async def choose_language(request: AnyRequest, person: NamedDependency[Person]) -> Response[str] | Response[None]:
    """Another language for the person, wherever he signs in."""
    return await web.act(
        request,
        ChooseLanguage,
        lambda act: service.keep_locale(person, act),
        lambda: _account(request, person),
        to="/account",
        said=m("The language is kept."),
    )


@post("/account/messages", include_in_schema=False, long_texts=(web.OPENED,))
async def choose_messages(request: AnyRequest, person: NamedDependency[Person]) -> Response[str] | Response[None]:
    """Another address, or another time to be told."""
    return await web.act(
        request,
        ChooseMessages,
        lambda act: service.keep_messages(person, act),
        lambda: _account(request, person),
        to="/account",
        said=m("Where and when you are told is kept."),
    )


@post("/account/password", include_in_schema=False)
async def change_password(request: AnyRequest, person: NamedDependency[Person]) -> Response[str] | Response[None]:
    """Another password."""
    return await web.act(
        request,
        ChangePasswordTwice,
        lambda act: service.change_own_password(person, act, address=address_of(request)),
        lambda: _account(request, person),
        to="/account",
        said=m("The password is changed; everywhere else you are signed out, and your API tokens are ended."),
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
async def add_token(request: AnyRequest, person: NamedDependency[Person]) -> Response[str] | Response[None]:
    """Make a token of the person's own and show it, this once."""
    return await web.act(
        request,
        MakeToken,
        lambda act: service.add_own_token(person, act),
        lambda: _account(request, person),
        shown=made_page(request, "/account"),
    )


@post("/account/tokens/{token_id:int}/revoke", include_in_schema=False)
async def revoke_token(person: NamedDependency[Person], token_id: FromPath[int]) -> Response[None]:
    """End a token."""
    name = await service.revoke_token(person, token_id)
    return web.redirect("/account", m("The token %(name)s is revoked.", name=name))


async def _account(request: AnyRequest, person: Person) -> Response[str]:
    within = person.territory_ids if person.bound else None
    nodes = await nodes_to_choose(within)
    return web.page(
        request,
        "access/account.html",
        person=person,
        kept=await service.oneself(person),
        role_name=ROLE_NAMES[person.role],
        sessions=(await service.own_sessions(person)).items,
        session_list=SESSIONS,
        tokens=(await service.tokens(person)).items,
        token_list=TOKENS,
        nodes=nodes,
        own_nodes=nodes if person.bound else [],
        acts={
            "language": ChooseLanguage,
            "messages": ChooseMessages,
            "password": ChangePasswordTwice,
            "token": MakeToken,
        },
        device_of=device_of,
    )


async def keep_language(request: AnyRequest, code: str) -> None:
    """Keep the language that was chosen in the frame with the person who is signed in."""
    if isinstance(request.user, Person):
        await service.keep_locale(request.user, ChooseLanguage(locale=code))


ROUTES = (
    show_account,
    choose_language,
    choose_messages,
    change_password,
    end_session,
    end_other_sessions,
    add_token,
    revoke_token,
)

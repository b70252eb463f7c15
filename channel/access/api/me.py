"""Signing in for a token, and what a person may know and change about himself."""

from datetime import datetime
from typing import Any, Self

import msgspec
from litestar import Request, delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from channel.access import service
from channel.access.acts import ChangeMe, ChangePassword
from channel.access.from_requests import address_of, keyed_of
from channel.access.lists import SESSIONS
from channel.access.rules import Person
from channel.lists import Page, Wanted
from channel.web import MOST_TOLD, list_asked


class SignIn(msgspec.Struct, forbid_unknown_fields=True):
    """Who wants a token, and for how many days; `name` says what for."""

    login: str
    password: str
    name: str = "channel login"
    days: int = 30


class SignedIn(msgspec.Struct):
    """The token, told this once."""

    token: str
    token_id: int
    expires_at: datetime | None


class Me(msgspec.Struct):
    """Who the token or session speaks for; a machine chooses no language and is not written to."""

    login: str
    name: str
    role: str
    bound: bool
    locale: str | None
    email: str | None
    messages: str | None


class Session(msgspec.Struct):
    """Where the person is signed in; `present` marks the session of this request."""

    id: int
    since: datetime
    until: datetime
    address: str
    agent: str
    present: bool


class Ended(msgspec.Struct):
    """How many sessions were ended, and how many tokens."""

    ended: int
    tokens: int = 0

    @classmethod
    def of(cls, signed_out: service.SignedOut) -> Self:
        """From what the act tells."""
        return cls(signed_out.ended, signed_out.tokens)


@post("/api/v1/sign-in", opt={"open": True, "any_text": True, "shown_once": True}, status_code=201)
async def sign_in(request: Request[Any, Any, Any], data: JSONBody[SignIn]) -> SignedIn:
    """A token of the person's own, for the sign-in name and the password."""
    made = await service.sign_in_for_token(
        data.login,
        data.password,
        name=data.name,
        days=data.days,
        address=address_of(request),
        keyed=keyed_of(request),
    )
    return SignedIn(made.text, made.id, made.expires_at)


@post("/api/v1/sign-out", status_code=204)
async def sign_out(person: NamedDependency[Person]) -> None:
    """End the token with which this is asked."""
    await service.sign_out(person)


@get("/api/v1/me")
async def show_me(person: NamedDependency[Person]) -> Me:
    """The person behind this request."""
    return await _me(person)


@patch("/api/v1/me")
async def change_me(person: NamedDependency[Person], data: JSONBody[ChangeMe]) -> Me:
    """Choose the language of one's own pages, and where and when one is written to."""
    await service.change_me(person, data)
    return await _me(person)


async def _me(person: Person) -> Me:
    kept = await service.oneself(person)
    told = (None, None, None) if kept is None else (kept["locale"], kept["email"], kept["messages"])
    return Me(person.login, person.name, person.role.value, person.bound, *told)


@get("/api/v1/me/sessions", dependencies=list_asked(SESSIONS, MOST_TOLD))
async def list_sessions(person: NamedDependency[Person], wanted: NamedDependency[Wanted]) -> Page[Session]:
    """Where the person is signed in, the latest first."""
    found = await service.own_sessions(person, wanted)
    return Page([Session(**row, present=row["id"] == person.session_id) for row in found.items], found.next)


@delete("/api/v1/me/sessions/{session_id:int}", status_code=200)
async def end_session(person: NamedDependency[Person], session_id: FromPath[int]) -> Ended:
    """End one session of the person."""
    await service.revoke_own_session(person, session_id)
    return Ended(1)


@delete("/api/v1/me/sessions", status_code=200)
async def end_sessions(person: NamedDependency[Person]) -> Ended:
    """End all sessions and tokens of the person but the token by which this is asked."""
    return Ended.of(await service.sign_out_elsewhere(person))


@post("/api/v1/me/password", status_code=204, shown_once=True)
async def change_password(
    request: Request[Any, Any, Any], person: NamedDependency[Person], data: JSONBody[ChangePassword]
) -> None:
    """Another password for the person, for the present one; all sessions end, and all tokens but the one used here."""
    await service.change_own_password(person, data, address=address_of(request))


ROUTES = (sign_in, sign_out, show_me, change_me, list_sessions, end_session, end_sessions, change_password)

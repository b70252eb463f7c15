"""API tokens: of the person behind the request, of all people, and of machines."""

from datetime import datetime
from typing import Self

import msgspec
from asyncpg import Record
from litestar import delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from channel.access import service
from channel.access.acts import MakeToken
from channel.access.lists import TOKENS
from channel.access.rules import Person
from channel.lists import Page, Wanted
from channel.web import MOST_TOLD, list_asked


class TokenRow(msgspec.Struct):
    """A live token; `login` is null for a machine's, `hint` is how its text begins."""

    id: int
    name: str
    hint: str
    login: str | None
    role: str
    narrowed: bool
    territories: list[str]
    created_by: str | None
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None

    @classmethod
    def of(cls, row: Record) -> Self:
        """From the database's row."""
        return cls(**{name: row[name] for name in cls.__struct_fields__})


class MadeToken(msgspec.Struct):
    """The token with its text, told this once."""

    id: int
    token: str
    name: str
    role: str
    expires_at: datetime | None


@get("/api/v1/tokens", dependencies=list_asked(TOKENS, MOST_TOLD))
async def list_tokens(
    person: NamedDependency[Person],
    wanted: NamedDependency[Wanted],
    everybody: FromQuery[bool] = False,  # noqa: FBT002 - a query parameter
) -> Page[TokenRow]:
    """The person's own live tokens, or those of everybody and of machines."""
    found = await service.tokens(person, everybody=everybody, wanted=wanted)
    return Page([TokenRow.of(row) for row in found.items], found.next)


@post("/api/v1/tokens", status_code=201, shown_once=True)
async def add_token(person: NamedDependency[Person], data: JSONBody[MakeToken]) -> MadeToken:
    """Make a token for oneself or for a machine."""
    add = service.add_machine_token if data.machine else service.add_own_token
    made = await add(person, data)
    return MadeToken(made.id, made.text, made.name, made.role.value, made.expires_at)


@delete("/api/v1/tokens/{token_id:int}", status_code=204)
async def revoke_token(
    person: NamedDependency[Person], token_id: FromPath[int], reason: FromQuery[str | None] = None
) -> None:
    """End a token."""
    await service.revoke_token(person, token_id, reason)


ROUTES = (list_tokens, add_token, revoke_token)

"""API tokens: of the person behind the request, of all people, and of machines."""

from datetime import datetime
from typing import Self

import msgspec
from asyncpg import Record
from litestar import delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from channel.access import service
from channel.access.rules import Person


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


class TokenList(msgspec.Struct):
    """Live tokens."""

    items: list[TokenRow]
    next: None = None


class WantedToken(msgspec.Struct, forbid_unknown_fields=True):
    """A token to be made: `machine` for one of the role system, `territories` to narrow it.

    `days` is how long it lasts: 90 for a person's where none is given, without end for a machine's. What is made with a
    token ends with it at the latest, and without days there; one that is to last is made on the pages.
    """

    name: str
    territories: list[str] = []
    days: int | None = None
    machine: bool = False


class MadeToken(msgspec.Struct):
    """The token with its text, told this once."""

    id: int
    token: str
    name: str
    role: str
    expires_at: datetime | None


@get("/api/v1/tokens")
async def list_tokens(person: NamedDependency[Person], everybody: FromQuery[bool] = False) -> TokenList:  # noqa: FBT002 - a query parameter
    """The person's own live tokens, or those of everybody and of machines."""
    return TokenList([TokenRow.of(row) for row in await service.tokens(person, everybody=everybody)])


@post("/api/v1/tokens", status_code=201)
async def add_token(person: NamedDependency[Person], data: JSONBody[WantedToken]) -> MadeToken:
    """Make a token for oneself or for a machine."""
    if data.machine:
        made = await service.add_machine_token(person, data.name, territories=data.territories, days=data.days)
    else:
        made = await service.add_own_token(person, data.name, territories=data.territories, days=data.days)
    return MadeToken(made.id, made.text, made.name, made.role.value, made.expires_at)


@delete("/api/v1/tokens/{token_id:int}", status_code=204)
async def revoke_token(
    person: NamedDependency[Person], token_id: FromPath[int], reason: FromQuery[str | None] = None
) -> None:
    """End a token."""
    await service.revoke_token(person, token_id, reason)


ROUTES = (list_tokens, add_token, revoke_token)

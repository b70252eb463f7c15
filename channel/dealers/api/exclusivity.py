"""Exclusivity over the API: who has which line where and when."""

from datetime import date, datetime
from typing import Self

import msgspec
from asyncpg import Record
from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from channel.access.rules import Person, Right, require
from channel.dealers.queries import exclusivity as queries
from channel.dealers.service import exclusivity as service
from channel.dealers.service.facts import dealer_by_code
from channel.web import Text


class Grant(msgspec.Struct):
    """A grant on the days [from_on, to_on); `to_on` null is without an end."""

    id: int
    dealer: str
    line: str
    territory: str | None
    from_on: date
    to_on: date | None
    reason: str
    recorded_at: datetime
    actor: str

    @classmethod
    def of(cls, row: Record) -> Self:
        """From the database's row."""
        return cls(
            row["id"],
            row["dealer_code"],
            row["line_code"],
            row["territory_code"],
            row["from_on"],
            row["to_on"],
            row["reason"],
            row["recorded_at"],
            row["actor"],
        )


class Grants(msgspec.Struct):
    """Grants by product line and territory."""

    items: list[Grant]
    next: None = None


class NewGrant(msgspec.Struct, forbid_unknown_fields=True):
    """A grant to be made, line and territory by code."""

    line: str
    territory: str
    from_on: date
    reason: Text
    to_on: date | None = None


class End(msgspec.Struct, forbid_unknown_fields=True):
    """The first day on which the grant holds no longer, and why."""

    to_on: date
    reason: Text


async def _grants(
    code: str | None, as_of: date | None = None, known_at: datetime | None = None, line: str | None = None
) -> Grants:
    dealer_id = None if code is None else (await dealer_by_code(code))["id"]
    return Grants([Grant.of(row) for row in await queries.grants(dealer_id, as_of, known_at, line)])


@get("/api/v1/exclusivity")
async def list_all(
    person: NamedDependency[Person],
    as_of_day: NamedDependency[date | None],
    known_moment: NamedDependency[datetime | None],
    line: FromQuery[str | None] = None,
) -> Grants:
    """The grants of all dealers in scope; of those that hold on a day, if one is given."""
    require(person, Right.SEE_DEALERS)
    return await _grants(None, as_of_day, known_moment, line)


@get("/api/v1/dealers/{code:str}/exclusivity")
async def list_of_dealer(
    person: NamedDependency[Person],
    code: FromPath[str],
    as_of_day: NamedDependency[date | None],
    known_moment: NamedDependency[datetime | None],
) -> Grants:
    """The grants of a dealer."""
    require(person, Right.SEE_DEALERS)
    return await _grants(code, as_of_day, known_moment)


@post("/api/v1/dealers/{code:str}/exclusivity")
async def grant(person: NamedDependency[Person], code: FromPath[str], data: JSONBody[NewGrant]) -> Grants:
    """Let a dealer alone sell a line in a territory and below it."""
    await service.grant_exclusivity(person, code, data.line, data.territory, data.from_on, data.to_on, data.reason)
    return await _grants(code)


@post("/api/v1/dealers/{code:str}/exclusivity/{grant_id:int}/end", status_code=200)
async def end(
    person: NamedDependency[Person], code: FromPath[str], grant_id: FromPath[int], data: JSONBody[End]
) -> Grants:
    """Let a grant end before a day."""
    await service.end_exclusivity(person, code, grant_id, data.to_on, data.reason)
    return await _grants(code)


ROUTES = (list_all, list_of_dealer, grant, end)

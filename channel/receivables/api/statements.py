"""Statements of account over the API: given, listed, read as they were given, as JSON and as a sheet."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import msgspec
from litestar import MediaType, Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from channel import web
from channel.access.rules import Person
from channel.lists import Page, Wanted
from channel.receivables.acts.statements import GiveStatement, GiveStatements
from channel.receivables.lists.statements import STATEMENTS
from channel.receivables.rules.statements import Statement
from channel.receivables.service import statement_runs as runs
from channel.receivables.service import statements as service
from channel.receivables.service.statement_sheet import parts_of

AnyRequest = Request[Any, Any, Any]
_V1 = "/api/v1/receivables/statements"


class StatementRow(msgspec.Struct):
    """A statement of account in short; `run` is null for one that was given alone."""

    number: int
    dealer: str
    dealer_name: str
    currency: str
    from_on: date
    as_of: date
    opening: Decimal
    closing: Decimal
    run: int | None
    given_at: datetime
    given_by: str
    checksum: str


class StatementTold(msgspec.Struct):
    """A statement as it was given; the checksum is SHA-256 over content and sheet, verified at every reading."""

    number: int
    checksum: str
    statement: Statement


class StatementRunTold(msgspec.Struct):
    """How far a run is: of `total` accounts `done` have their statement. `problem` says why it was given up."""

    id: int
    from_on: date
    as_of: date
    known_at: datetime
    territory: str | None
    type: str | None
    asked_by: str
    total: int
    done: int
    ended_at: datetime | None
    problem: str | None


@get(_V1, dependencies=web.list_asked(STATEMENTS))
async def list_statements(
    person: NamedDependency[Person],
    wanted: NamedDependency[Wanted],
    dealer: FromQuery[str | None] = None,
    currency: FromQuery[str | None] = None,
    run: FromQuery[int | None] = None,
    responsible: FromQuery[str | None] = None,
) -> Page[StatementRow]:
    """Statements that were given, the latest first; of a dealer, a currency, a run.

    `responsible` is the member of staff who looks after the dealer today, by code, or "nobody".
    """
    found = await service.statements_told(person, dealer or None, currency or None, run, wanted, responsible)
    return found.as_(StatementRow)


@post(_V1)
async def give_statement(person: NamedDependency[Person], data: JSONBody[GiveStatement]) -> StatementTold:
    """Give a statement of an account as known now, under the next number; it is kept as it is given."""
    return await _told(person, await service.give_statement(person, data))


@get(f"{_V1}/{{statement:int}}")
async def show_statement(person: NamedDependency[Person], statement: FromPath[int]) -> StatementTold:
    """A statement as it was given, whatever was posted since."""
    return await _told(person, statement)


@get(f"{_V1}/{{statement:int}}/sheet", media_type=MediaType.HTML)
async def show_sheet(person: NamedDependency[Person], statement: FromPath[int]) -> Response[str]:
    """The sheet of a statement as it was given, in English and Chinese, as HTML: the same for ever."""
    kept = await service.kept_statement(person, statement)
    headers = {"Content-Security-Policy": parts_of(kept.sheet).policy}
    return Response(kept.sheet, media_type=MediaType.HTML, headers=headers)


@post(f"{_V1}/runs", status_code=202)
async def give_statements(
    request: AnyRequest, person: NamedDependency[Person], data: JSONBody[GiveStatements]
) -> StatementRunTold:
    """Have a statement given of every account of a selection; they come one after the other, all as known now."""
    return await _run_told(request, person, await runs.give_statements(person, data))


@get(f"{_V1}/runs/{{statement_run:int}}")
async def show_statement_run(
    request: AnyRequest, person: NamedDependency[Person], statement_run: FromPath[int]
) -> StatementRunTold:
    """How far a run is."""
    return await _run_told(request, person, statement_run)


async def _told(person: Person, number: int) -> StatementTold:
    kept = await service.kept_statement(person, number)
    return StatementTold(number, kept.checksum, kept.content)


async def _run_told(request: AnyRequest, person: Person, run_id: int) -> StatementRunTold:
    run = await runs.run_told(person, run_id)
    problem = None if run.problem is None else web.language_of(request).tell(run.problem)
    told = {name: getattr(run, name) for name in StatementRunTold.__struct_fields__ if name != "problem"}
    return StatementRunTold(**told, problem=problem)


ROUTES = (list_statements, give_statement, show_statement, show_sheet, give_statements, show_statement_run)

"""Pages of statements of account: the list, with giving one or many, and each sheet as it was given."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from asyncpg import Record
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from channel import clock, web
from channel.access.rules import Person, Right
from channel.dealers.pages.form_reading import member_filter, places
from channel.errors import m
from channel.lists import Page, Wanted
from channel.receivables.acts.statements import GiveStatement, GiveStatements
from channel.receivables.lists.statements import STATEMENTS
from channel.receivables.service import statement_runs as runs
from channel.receivables.service import statements as service
from channel.receivables.service.statement_sheet import parts_of

AnyRequest = Request[Any, Any, Any]
_PAGE = "/receivables/statements"
_TEMPLATE = "receivables/statements.html"


@dataclass(frozen=True, slots=True)
class Asked:
    """Which statements are listed."""

    dealer: str | None = None
    run: int | None = None
    responsible: str | None = None


async def _asked(
    dealer: FromQuery[str | None] = None, run: FromQuery[int | None] = None, responsible: FromQuery[str | None] = None
) -> Asked:
    return Asked(dealer or None, run, responsible or None)


async def _rows(person: Person, asked: Asked, wanted: Wanted) -> Page[Record]:
    return await service.statements_told(person, asked.dealer, None, asked.run, wanted, asked.responsible)


async def _beside(request: AnyRequest, person: Person, asked: Asked) -> Mapping[str, Any]:
    return {
        "crumbs": [(m("Receivables"), "/receivables")],
        "acts": (GiveStatement, GiveStatements),
        "right": Right.POST_DOCUMENTS,
        "today": clock.today(),
        "places": await places(),
        "member_filter": await member_filter(request),
        "run": None if asked.run is None else await runs.run_told(person, asked.run),
    }


async def _again(request: AnyRequest, person: Person) -> Response[str]:
    found = await _rows(person, Asked(), Wanted(limit=web.A_PAGE))
    return web.list_page(request, STATEMENTS, found, _TEMPLATE, await _beside(request, person, Asked()))


@post(f"{_PAGE}/give", include_in_schema=False)
async def give_one(request: AnyRequest, person: NamedDependency[Person]) -> Response[str] | Response[None]:
    """Give a statement of one account, and show its sheet."""
    return await web.act(
        request,
        GiveStatement,
        lambda act: service.give_statement(person, act),
        lambda: _again(request, person),
        to=lambda number: f"{_PAGE}/{number}",
        said=lambda number: m("The statement of account %(number)s is given.", number=str(number)),
    )


@post(f"{_PAGE}/runs", include_in_schema=False)
async def give_many(request: AnyRequest, person: NamedDependency[Person]) -> Response[str] | Response[None]:
    """Have a statement given of every account of a selection, and show how far it is."""
    return await web.act(
        request,
        GiveStatements,
        lambda act: runs.give_statements(person, act),
        lambda: _again(request, person),
        to=lambda number: f"{_PAGE}?run={number}",
        said=m("The statements of account are being given."),
    )


@get(f"{_PAGE}/runs/{{statement_run:int}}/progress", include_in_schema=False)
async def show_run_progress(
    request: AnyRequest, person: NamedDependency[Person], statement_run: FromPath[int]
) -> Response[str]:
    """How far a run is; when it is over, the page is asked for anew with what it gave."""
    run = await runs.run_told(person, statement_run)
    headers = {"HX-Refresh": "true"} if run.is_over else {}
    return web.fragment(request, "receivables/_statement_run.html", headers=headers, run=run)


@get(f"{_PAGE}/{{statement:int}}", include_in_schema=False)
async def show_statement(
    request: AnyRequest, person: NamedDependency[Person], statement: FromPath[int]
) -> Response[str]:
    """The sheet of a statement as it was given."""
    kept = await service.kept_statement(person, statement)
    sheet = parts_of(kept.sheet)
    return web.page(
        request,
        "receivables/statement.html",
        headers={"Content-Security-Policy": sheet.policy},
        told=kept.content,
        sheet=sheet,
        checksum=kept.checksum,
    )


_LIST = web.list_routes(STATEMENTS, _PAGE, _rows, template=_TEMPLATE, filtered=_asked, context=_beside)
ROUTES = (*_LIST, give_one, give_many, show_run_progress, show_statement)

"""Lists as pages and as files: the two addresses of a list, made of its declaration."""

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from types import MappingProxyType
from typing import Annotated, Any

from litestar import Response, get
from litestar.di import NamedDependency, Provide
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromQuery, QueryParameter

from channel import clock
from channel.errors import Message
from channel.files import Cell
from channel.lists import Column, Kind, List, Page, Wanted, value_of
from channel.money import in_digits, round_half_away
from channel.web.downloads import FileKind, download
from channel.web.frame import AnyRequest, language_of
from channel.web.language import Language
from channel.web.list_cells import heading, months_of, yes_or_no
from channel.web.rendering import page

Rows = Callable[[Any, Any, Wanted], Awaitable[Page[Any]]]
"""Reads a page of a list: for a person, as filtered, which rows of it. Whether he may see them it checks itself."""
Context = Callable[[AnyRequest, Any, Any], Awaitable[Mapping[str, Any]]]
"""What a list's template shows beside its rows: for a request and a person, as filtered."""
InWords = Callable[[Any, Language], Any]
"""A row as it is told in a language."""

LISTS: dict[Callable[..., Any], List] = {}
"""Which list each dependency of `list_asked` is of, for whoever looks at the routes."""
A_PAGE = 50
MOST_TOLD = 1000
"""Rows of one answer of the API."""
_NOTHING: Mapping[str, Any] = MappingProxyType({})


def list_asked(listed: List, limit: int = A_PAGE) -> dict[str, Provide]:
    """The dependencies of an address of the API that tells a list: `wanted`, so many rows unless it says otherwise."""
    if not listed.sorts:
        return {"wanted": Provide(_in_its_order(listed, limit))}
    described = f"One of {', '.join(listed.sorts)}; a minus before it turns it round. By default {listed.order}."

    async def wanted(
        sort: Annotated[str | None, QueryParameter(description=described)] = None,
        cursor: FromQuery[str | None] = None,
        limit: Annotated[int, QueryParameter(ge=1, le=MOST_TOLD)] = limit,
    ) -> Wanted:
        return Wanted(sort or None, cursor or None, limit)

    LISTS[wanted] = listed
    return {"wanted": Provide(wanted)}


def _in_its_order(listed: List, most: int) -> Callable[..., Awaitable[Wanted]]:
    """What is asked of a list that has one order."""

    async def wanted(
        cursor: FromQuery[str | None] = None, limit: Annotated[int, QueryParameter(ge=1, le=MOST_TOLD)] = most
    ) -> Wanted:
        return Wanted(None, cursor or None, limit)

    LISTS[wanted] = listed
    return wanted


async def _no_filter() -> None:
    return None


async def _no_context(_request: AnyRequest, _person: object, _filtered: object) -> Mapping[str, Any]:
    return _NOTHING


def list_routes(
    listed: List,
    path: str,
    rows: Rows,
    *,
    template: str = "list.html",
    filtered: Callable[..., Awaitable[Any]] = _no_filter,
    context: Context = _no_context,
    in_words: InWords | None = None,
) -> tuple[HTTPRouteHandler, HTTPRouteHandler]:
    """The page of a list at `path` and its file at `path`/export, of exactly what the page's filters let through.

    `filtered` is a dependency: its parameters are what the address may be asked, and its value goes to `rows` and
    `context`. The template gets `listed`, the page `found` with its `rows` and `next`, `path` and what the
    context holds. `in_words` gives what page
    and file tell of a row in the reader's language, where a column cannot say it by itself.
    """
    dependencies = {"filtered": Provide(filtered)}

    async def read(request: AnyRequest, person: object, filtered: object, wanted: Wanted) -> Page[Any]:
        found = await rows(person, filtered, wanted)
        if in_words is not None:
            told = language_of(request)
            found = Page([in_words(row, told) for row in found.items], found.next)
        return found

    @get(path, dependencies=dependencies, include_in_schema=False, opt={"list": listed})
    async def show_list(
        request: AnyRequest,
        person: NamedDependency[Any],
        filtered: NamedDependency[Any],
        sort: FromQuery[str | None] = None,
        cursor: FromQuery[str | None] = None,
    ) -> Response[str]:
        found = await read(request, person, filtered, Wanted(sort or None, cursor or None, A_PAGE))
        return list_page(request, listed, found, template, await context(request, person, filtered))

    @get(f"{path}/export", dependencies=dependencies, include_in_schema=False, heavy=True, opt={"list": listed})
    async def export_list(
        request: AnyRequest,
        person: NamedDependency[Any],
        filtered: NamedDependency[Any],
        sort: FromQuery[str | None] = None,
        chosen: Annotated[FileKind, QueryParameter(name="format")] = "xlsx",
    ) -> Response[bytes]:
        found = await read(request, person, filtered, Wanted(sort or None))
        beside = await context(request, person, filtered)
        return await list_file(listed, chosen, found.items, language_of(request), beside.get("said", _NOTHING))

    return show_list, export_list


def list_page(
    request: AnyRequest,
    listed: List,
    found: Page[Any],
    template: str = "list.html",
    beside: Mapping[str, Any] = _NOTHING,
) -> Response[str]:
    """The page of a list with what stands beside it; also for a form of that page which comes back."""
    shown = {
        "listed": listed,
        "found": found,
        "said": _NOTHING,
        "rows": found.items,
        "next": found.next,
        "path": request.url.path,
    }
    return page(request, template, **{**shown, **beside})


async def list_file(
    listed: List, kind: FileKind, rows: Sequence[object], told: Language, said: Mapping[str, object] = _NOTHING
) -> Response[bytes]:
    """Rows of a list as a file with all its columns; `said` are the values of the places in its headings."""
    header = file_header(listed, told, said)
    return await download(f"{listed.name}-{clock.today()}", kind, header, file_rows(listed, rows, told, said))


def file_header(listed: List, told: Language, said: Mapping[str, object] = _NOTHING) -> list[str]:
    """The headings of a list's file; that of a moment names its zone."""
    return [_file_heading(told, each, said) for each in listed.columns]


def _file_heading(told: Language, column: Column, said: Mapping[str, object]) -> str:
    title = heading(told, column, said)
    return f"{title} ({clock.zone().key})" if column.kind is Kind.MOMENT else title


def file_rows(
    listed: List, rows: Iterable[object], told: Language, said: Mapping[str, object] = _NOTHING
) -> Iterator[list[Cell]]:
    """The cells of a file: numbers as numbers, moments in the company's zone, choices and flags in the reader's words.

    An amount has the digits of its currency; of a column without one of its own it is what the headings say as
    `currency`.
    """
    company = str(said.get("currency", "")) or None
    for row in rows:
        yield [_file_cell(told, column, row, company) for column in listed.columns]


def _file_cell(told: Language, column: Column, row: object, company: str | None) -> Cell:  # noqa: PLR0911 - by kind
    value = column.value(row)
    if value is None:
        return None
    match column.kind:
        case Kind.CHOICE | Kind.FLAG if column.choices:
            return told.tell(column.choices.get(value, str(value)))
        case Kind.FLAG:
            return told.tell(yes_or_no(value))
        case Kind.MONTH:
            months = months_of(value)
            return ", ".join(map(str, months)) if isinstance(months, list) else str(months)
        case Kind.MONEY:
            currency = value_of(row, column.currency) if column.currency else company
            return in_digits(value, currency)
        case Kind.PERCENT:
            return round_half_away(value * Decimal(100), 1)
        case Kind.MOMENT:
            return value.astimezone(clock.zone()).replace(tzinfo=None, microsecond=0)  # type: ignore[no-any-return]
        case Kind.TEXT if isinstance(value, str):
            return told.kept(value)
        case _ if isinstance(value, list | tuple | Message):
            return told.value(value)
        case _:
            return value  # type: ignore[no-any-return] # what a file holds as it is

"""What belongs to dealers as lists of their own: grants, facts, product lines carried, contacts, customers."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import date
from typing import Any

import msgspec
from asyncpg import Record
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery

from channel import web
from channel.access.rules import Person, Right, require
from channel.database.snapshots import view_of
from channel.dealers.lists import CARRIED, CONTACTS, CUSTOMERS, FACTS, GRANTS, OBSERVED, OBSERVED_HISTORY
from channel.dealers.pages.form_reading import WORDS, AnyRequest, line_choices
from channel.dealers.queries import dealers as queries
from channel.dealers.queries import masters
from channel.dealers.queries.dealer_page import carried_lines
from channel.dealers.queries.exclusivity import grants
from channel.dealers.queries.facts import facts_page
from channel.dealers.queries.observed import observed_history
from channel.dealers.service.facts import dealer_by_code
from channel.dealers.service.observed import file_of, in_language
from channel.lists import List, Page, Wanted, page_in


class Granted(msgspec.Struct, frozen=True):
    """Which grants are wanted: of one dealer or all, of a line, of those that hold on a day or all there are."""

    dealer: str | None
    line: str | None
    as_of: date | None


async def _granted(
    as_of_day: NamedDependency[date | None], dealer: FromQuery[str] = "", line: FromQuery[str] = ""
) -> Granted:
    return Granted(dealer or None, line or None, as_of_day)


async def _grants(person: Person, asked: Granted, wanted: Wanted) -> Page[Record]:
    require(person, Right.SEE_DEALERS)
    dealer_id = None if asked.dealer is None else (await dealer_by_code(asked.dealer))["id"]
    return await grants(dealer_id, view_of(asked.as_of), asked.line, wanted)


async def _lines_to_filter(_request: AnyRequest, _person: Person, _asked: Granted) -> dict[str, Any]:
    return {"line_choices": line_choices(await masters.line_names())}


async def _dealer(code: FromPath[str]) -> str:
    return code


async def _beside(_request: AnyRequest, _person: Person, code: str) -> Mapping[str, Any]:
    dealer = await dealer_by_code(code)
    return {"dealer": dealer, "words": WORDS}


async def _carried(dealer: Record, wanted: Wanted) -> Page[dict[str, Any]]:
    return page_in(await carried_lines(dealer["code"]), CARRIED, wanted)


def _of_dealer(
    listed: List,
    part: str,
    read: Callable[[Record, Wanted], Awaitable[Page[Any]]],
    in_words: Callable[[Any, web.Language], Any] | None = None,
) -> tuple[HTTPRouteHandler, HTTPRouteHandler]:
    """The page and the file of what belongs to one dealer."""

    async def rows(person: Person, code: str, wanted: Wanted) -> Page[Any]:
        require(person, Right.SEE_DEALERS)
        return await read(await dealer_by_code(code), wanted)

    path = f"/dealers/{{code:str}}/{part}"
    return web.list_routes(
        listed, path, rows, template="dealers/part.html", filtered=_dealer, context=_beside, in_words=in_words
    )


async def _observed(dealer: Record, wanted: Wanted) -> Page[dict[str, Any]]:
    return page_in(await file_of(dealer["id"], view_of()), OBSERVED, wanted)


def _observed_in_words(row: Mapping[str, Any], told: web.Language) -> dict[str, Any]:
    return in_language(row, told.code)


ROUTES = (
    *web.list_routes(
        GRANTS, "/exclusivity", _grants, template="dealers/grants.html", filtered=_granted, context=_lines_to_filter
    ),
    *_of_dealer(FACTS, "facts", lambda dealer, wanted: facts_page(dealer["id"], None, wanted)),
    *_of_dealer(CARRIED, "carried", _carried),
    *_of_dealer(CONTACTS, "contacts", lambda dealer, wanted: queries.contacts(dealer["id"], wanted)),
    *_of_dealer(CUSTOMERS, "customers", lambda dealer, wanted: queries.second_tier(dealer["id"], wanted)),
    *_of_dealer(OBSERVED, "observed", _observed, _observed_in_words),
    *_of_dealer(
        OBSERVED_HISTORY,
        "observed-history",
        lambda dealer, wanted: observed_history(dealer["id"], wanted),
        _observed_in_words,
    ),
)

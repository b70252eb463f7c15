"""A dealer's receivables, as of a day as known at a moment; what further topics show of him are `PARTS`."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from channel import clock, web
from channel.access.rules import Person, Right
from channel.errors import Message, m
from channel.receivables.pages.documents import WORDS
from channel.receivables.service.dealer import SHOWN_DOCUMENTS, DealerAccount, dealer_account
from channel.view import View

AnyRequest = Request[Any, Any, Any]


@dataclass(frozen=True, slots=True)
class Part:
    """A sheet of the page that another topic brings: its template, which gets what `read` tells as `told`."""

    template: str
    read: Callable[[Person, DealerAccount], Awaitable[Mapping[str, Any]]]


PARTS: tuple[Part, ...] = ()
"""The sheets between the sums and the documents, in their order."""
LINKS: tuple[tuple[str, Message, Right], ...] = (
    ("/allocate", m("Allocate"), Right.ALLOCATE_MONEY),
    ("/write-off", m("Write off"), Right.WRITE_OFF),
)
"""Acts at the head of the page: the part of the address behind `/dealers/CODE/receivables`, its words, its right."""


@get("/dealers/{code:str}/receivables", include_in_schema=False)
async def show_account(
    request: AnyRequest, person: NamedDependency[Person], code: FromPath[str], view: NamedDependency[View]
) -> Response[str]:
    """What the dealer owes and paid."""
    found = await dealer_account(person, code, view)
    return web.page(
        request,
        "receivables/dealer.html",
        account=found,
        parts=[(each.template, await each.read(person, found)) for each in PARTS],
        links=[each for each in LINKS if person.may(each[2])],
        right=Right,
        words=WORDS,
        most=SHOWN_DOCUMENTS,
        past=view.past or (view.dated and view.as_of != clock.today()),
        local=lambda moment: moment.astimezone(clock.zone()).strftime("%Y-%m-%dT%H:%M:%S"),
    )


ROUTES = (show_account,)

"""Receivables at a glance."""

from typing import Any

from litestar import Request, Response, get
from litestar.di import NamedDependency

from channel import web
from channel.access.rules import Person, Right
from channel.errors import Message, m
from channel.receivables.lists.documents import DOCUMENTS, ITEMS
from channel.receivables.service.overview import overview

AnyRequest = Request[Any, Any, Any]
LINKS: tuple[tuple[Message, str, Right], ...] = (
    (m("Open items"), "/receivables/items", Right.SEE_RECEIVABLES),
    (m("Documents"), "/receivables/documents", Right.SEE_RECEIVABLES),
    (m("Ageing"), "/receivables/ageing", Right.SEE_RECEIVABLES),
    (m("Figures of receivables"), "/receivables/figures", Right.SEE_RECEIVABLES),
    (m("Promises to pay"), "/receivables/promises", Right.SEE_RECEIVABLES),
    (m("Credit incidents"), "/receivables/incidents", Right.SEE_RECEIVABLES),
    (m("Call list"), "/receivables/calls", Right.SEE_RECEIVABLES),
    (m("Contact log"), "/receivables/contact-log", Right.SEE_RECEIVABLES),
    (m("Statements of account"), "/receivables/statements", Right.SEE_RECEIVABLES),
    (m("Money not identified"), "/receivables/unknown", Right.KEEP_UNKNOWN_MONEY),
    (m("Disputes"), "/receivables/disputes", Right.SEE_RECEIVABLES),
    (m("Acts that wait"), "/receivables/waiting", Right.SEE_RECEIVABLES),
    (m("Closed months"), "/receivables/months", Right.SEE_RECEIVABLES),
)
"""The pages of this room, in the order in which they stand at the head of the overview."""


@get("/receivables", include_in_schema=False)
async def show_overview(request: AnyRequest, person: NamedDependency[Person]) -> Response[str]:
    """What is overdue, what came in since yesterday, and the way to everything else."""
    return web.page(
        request,
        "receivables/overview.html",
        found=await overview(person),
        links=[each for each in LINKS if person.may(each[2])],
        documents=DOCUMENTS,
        items=ITEMS,
        right=Right,
    )


ROUTES = (show_overview,)

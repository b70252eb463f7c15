"""Documents as pages: the list, a document with all that happened to it, posting one and reversing it."""

from collections.abc import Mapping
from functools import partial
from types import MappingProxyType
from typing import Annotated, Any
from urllib.parse import quote

from asyncpg import Record
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, QueryParameter

from channel import clock, web
from channel.access.rules import Person, Right, require
from channel.errors import Message, m
from channel.lists import ALL, Page, Wanted
from channel.receivables.acts.documents import DocumentForm, ReverseDocument, not_asked_of
from channel.receivables.lists.disputes import DISPUTES
from channel.receivables.lists.documents import DOCUMENTS
from channel.receivables.pages.waiting import page_after, word_after
from channel.receivables.queries.disputes import DisputeFilter
from channel.receivables.queries.document_lists import DocumentFilter
from channel.receivables.rules.choices import (
    GROUP_NAMES,
    KIND_NAMES,
    POSTED_NAMES,
    SETTLES_NAMES,
    WHY_NAMES,
    kinds_asked,
)
from channel.receivables.rules.documents import DocumentKind, PostedKind
from channel.receivables.service import documents as service
from channel.receivables.service.disputes import disputes_of_dealer
from channel.receivables.service.overview import since_yesterday
from channel.receivables.service.posting import Otherwise, Posted
from channel.receivables.service.reversing import REVERSE
from channel.receivables.service.waiting import do_or_ask
from channel.receivables.trail_words import named
from channel.web.moments import read_day, read_moment

AnyRequest = Request[Any, Any, Any]
_NEW = "/receivables/documents/new"
WORDS: Mapping[str, Any] = MappingProxyType(
    {"kinds": KIND_NAMES, "settles": SETTLES_NAMES, "why": WHY_NAMES, "named": named, "kind": DocumentKind}
)
"""Names of what the templates of documents show; they are handed in as `words`."""


async def _asked(
    dealer: FromQuery[str] = "",
    kind: FromQuery[str] = "",
    currency: FromQuery[str] = "",
    from_on: Annotated[str, QueryParameter(name="from")] = "",
    to_on: Annotated[str, QueryParameter(name="to")] = "",
    posted_from: FromQuery[str] = "",
    recorded: FromQuery[str] = "",
    open_only: FromQuery[str] = "",
    q: FromQuery[str] = "",
) -> DocumentFilter:
    """What the form above the list asks; a field left open comes empty and asks nothing."""
    posted = await read_moment({"posted_from": posted_from}, "posted_from")
    return DocumentFilter(
        await service.dealer_asked(dealer.strip()),
        kinds_asked(kind),
        currency.strip().upper() or None,
        read_day({"from": from_on}, "from"),
        read_day({"to": to_on}, "to"),
        since_yesterday() if posted is None and recorded == "yesterday" else posted,
        open_only == "yes",
        q.strip() or None,
    )


async def _rows(person: Person, asked: DocumentFilter, wanted: Wanted) -> Page[Record]:
    return await service.documents(person, asked, wanted)


async def _beside(request: AnyRequest, _person: Person, _asked: DocumentFilter) -> Mapping[str, Any]:
    tell = web.language_of(request).tell
    return {
        "crumbs": [(m("Receivables"), "/receivables")],
        "dense": True,
        "kind_choices": [(str(value), tell(name)) for value, name in (*KIND_NAMES.items(), *GROUP_NAMES.items())],
    }


async def _document_page(request: AnyRequest, person: Person, code: str, document_id: int) -> Response[str]:
    found = await service.document_of(person, code, document_id)
    disputes = await disputes_of_dealer(person, code, DisputeFilter(document_id=document_id), ALL)
    return web.page(
        request,
        "receivables/document.html",
        document=found.row,
        whole=found,
        disputes=disputes.items,
        dispute_list=DISPUTES,
        title=named(DocumentKind(found.row["kind"]), found.row["number"]),
        act=ReverseDocument,
        right=Right,
        words=WORDS,
        today=clock.today(),
    )


@get("/receivables/documents/{code:str}/{document_id:int}", include_in_schema=False)
async def show_document(
    request: AnyRequest, person: NamedDependency[Person], code: FromPath[str], document_id: FromPath[int]
) -> Response[str]:
    """A document with all that happened to it."""
    return await _document_page(request, person, code, document_id)


@post("/receivables/documents/{code:str}/{document_id:int}/reverse", include_in_schema=False)
async def reverse(
    request: AnyRequest, person: NamedDependency[Person], code: FromPath[str], document_id: FromPath[int]
) -> Response[str] | Response[None]:
    """Take it back whole."""
    return await web.act(
        request,
        ReverseDocument,
        partial(do_or_ask, person, REVERSE, code, document_id),
        partial(_document_page, request, person, code, document_id),
        to=lambda waits: page_after(waits, f"/receivables/documents/{quote(code)}/{document_id}"),
        said=lambda waits: word_after(
            waits, m("The document is reversed, with everything that it settled or was settled by.")
        ),
    )


def _kind_of(told: object) -> PostedKind:
    """The kind that is posted: a receipt, where none is told, since it is what people post by hand."""
    return next((each for each in PostedKind if each == told), PostedKind.RECEIPT)


async def _form(
    request: AnyRequest, person: Person, values: Mapping[str, Any] | None = None, shown: Posted | None = None
) -> Response[str]:
    require(person, Right.POST_DOCUMENTS)
    asked = {name: request.query_params.get(name) for name in ("dealer", "kind")}
    sent = await request.form() if request.method == "POST" else {}
    asks = sent.get("ask") == "yes"
    kind = _kind_of(sent.get("kind") or asked["kind"])
    return web.page(
        request,
        "receivables/new.html",
        act=DocumentForm,
        values=values or {"effective_on": clock.today(), "dealer": asked["dealer"]},
        kind=kind,
        kinds=POSTED_NAMES,
        dealer=sent.get("dealer") or asked["dealer"],
        but=not_asked_of(kind),
        preview=shown,
        # Refused where a reason was lacking, it comes back as what was to wait.
        asks=asks if shown is None else bool(shown.closed),
        mark=(sent.get("mark", "") if asks else "") if shown is None else shown.mark,
        settled=[] if shown is None else await service.settlements(shown),
        left={} if shown is None else service.left_after(shown),
        words=WORDS,
    )


@get(_NEW, opt={"asks": ("dealer", "kind")}, include_in_schema=False)
async def show_form(request: AnyRequest, person: NamedDependency[Person]) -> Response[str]:
    """The form for a document."""
    return await _form(request, person)


@post(_NEW, include_in_schema=False)
async def post_document(request: AnyRequest, person: NamedDependency[Person]) -> Response[str] | Response[None]:
    """Show what posting would bring about, and post it, or let it wait, once that was looked at."""

    async def carry_out(act: DocumentForm) -> tuple[Posted, DocumentForm | None]:
        given = [act.as_json()]
        if act.mark:
            try:
                return await service.post_all(person, given, ask=act.ask, reason=act.reason, mark=act.mark), None
            except Otherwise:
                pass  # it is shown anew, as it would be now
        return await service.preview_all(person, given), act

    async def shown(done: tuple[Posted, DocumentForm | None]) -> Response[str] | None:
        posted, act = done
        if act is None:
            return None
        values = {name: getattr(act, name) for name in act.__struct_fields__ if name != "mark"}
        return await _form(request, person, values, posted)

    def page_of(done: tuple[Posted, DocumentForm | None]) -> str:
        (only,) = done[0].documents
        its_page = f"/receivables/documents/{quote(done[0].dealers[only.dealer_id])}/{only.document.id}"
        return page_after(done[0].waits, its_page)

    def said(done: tuple[Posted, DocumentForm | None]) -> Message:
        (only,) = done[0].documents
        posted = m("%(document)s is posted.", document=named(only.document.kind, only.document.number))
        return word_after(done[0].waits, posted)

    return await web.act(
        request, DocumentForm, carry_out, partial(_form, request, person), to=page_of, said=said, shown=shown
    )


ROUTES = (
    *web.list_routes(
        DOCUMENTS,
        "/receivables/documents",
        _rows,
        template="receivables/documents.html",
        filtered=_asked,
        context=_beside,
    ),
    show_form,
    post_document,
    show_document,
    reverse,
)

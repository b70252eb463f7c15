"""The call list as pages: the list, one dealer to be called, and going on to the next."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import quote, urlencode

from litestar import Request, Response, get, post
from litestar.datastructures import FormMultiDict
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, FromQuery

from channel import clock, web
from channel.access.queries.staff import code_of_person
from channel.access.rules import Person, Right
from channel.dealers.pages.form_reading import member_filter
from channel.errors import Message, m
from channel.lists import Page, Wanted, choice_asked
from channel.receivables.acts.calls import MONEY_NAMES, LogCall, NextCall
from channel.receivables.acts.contact_log import LogContact
from channel.receivables.lists.calls import CALLS, LEFT_OUT_NAMES
from channel.receivables.lists.contact_log import CONTACT_LOG
from channel.receivables.lists.disputes import DISPUTES
from channel.receivables.lists.promises import PROMISES
from channel.receivables.pages.documents import WORDS
from channel.receivables.rules.ageing import Money
from channel.receivables.rules.calls import following
from channel.receivables.service import calls as service
from channel.receivables.service.call_sheet import call_sheet
from channel.receivables.service.calls import CallRow, CallsAsked, CallsTold
from channel.web.forms import text_in

AnyRequest = Request[Any, Any, Any]
_PAGE = "/receivables/calls"
_CALL = "/dealers/{code:str}/receivables/call"
_FILTERS = ("territory", "currency", "money", "responsible")


@dataclass(frozen=True, slots=True)
class _Listed:
    """What was asked for, and the whole list: its page, its file and what stands above them are made of the same."""

    asked: CallsAsked
    told: CallsTold


async def _listed(
    person: NamedDependency[Person],
    territory: FromQuery[str] = "",
    currency: FromQuery[str] = "",
    money: FromQuery[str] = "",
    responsible: FromQuery[str] = "",
    left_out: FromQuery[str] = "",
) -> _Listed:
    texts = {"territory": territory, "currency": currency, "money": money, "responsible": responsible}
    asked = _filter(texts, left_out=left_out == "yes")
    return _Listed(asked, await service.calls_told(person, asked))


async def _asked_of_one(
    territory: FromQuery[str] = "",
    currency: FromQuery[str] = "",
    money: FromQuery[str] = "",
    responsible: FromQuery[str] = "",
) -> CallsAsked:
    return _filter({"territory": territory, "currency": currency, "money": money, "responsible": responsible})


def _filter(texts: Mapping[str, str], *, left_out: bool = False) -> CallsAsked:
    given = {name: text.strip() or None for name, text in texts.items()}
    money = choice_asked(Money, texts["money"], "money")
    currency = (given["currency"] or "").upper() or None
    return CallsAsked(given["territory"], currency, money, left_out, given["responsible"])


def _filled(asked: CallsAsked) -> dict[str, str]:
    """The filters as an address or a form holds them."""
    return {name: str(value) for name in _FILTERS if (value := getattr(asked, name)) is not None}


def _of_form(form: FormMultiDict) -> CallsAsked:
    return _filter({name: text_in(form, name) for name in _FILTERS})


def _to(asked: CallsAsked, code: str | None) -> str:
    """Where the call of a dealer lies, or the list where there is nobody more."""
    at = _PAGE if code is None else f"/dealers/{quote(code, safe='')}/receivables/call"
    query = urlencode(_filled(asked))
    return f"{at}?{query}" if query else at


async def _rows(_person: Person, listed: _Listed, wanted: Wanted) -> Page[CallRow]:
    return service.call_page(listed.told, listed.asked, wanted)


async def _beside(request: AnyRequest, person: Person, listed: _Listed) -> Mapping[str, Any]:
    tell, asked = web.language_of(request).tell, listed.asked
    return {
        "crumbs": [(m("Receivables"), "/receivables")],
        "dense": True,
        "told": listed.told,
        "why": LEFT_OUT_NAMES,
        "member_filter": await member_filter(request),
        "own_code": await code_of_person(person.person_id),
        "moneys": [(str(each), tell(name)) for each, name in MONEY_NAMES.items()],
        "filled": _filled(asked),
        "asked_left_out": asked.left_out,
        "right": Right,
    }


async def _sheet(request: AnyRequest, person: Person, code: str, asked: CallsAsked) -> Response[str]:
    found = await call_sheet(person, code, asked)
    return web.page(
        request,
        "receivables/call.html",
        found=found,
        dealer=found.dealer,
        act=LogCall,
        fields=[each for each in LogContact.__struct_fields__ if each not in {"kind", "outcome", "took_place_on"}],
        people=[(str(row["id"]), row["name"]) for row in found.people],
        filled=_filled(asked),
        query=urlencode(_filled(asked)),
        why=LEFT_OUT_NAMES,
        lists={"promises": PROMISES, "disputes": DISPUTES, "contacts": CONTACT_LOG},
        words=WORDS,
        today=clock.today(),
        right=Right,
    )


@get(_CALL, dependencies={"asked": Provide(_asked_of_one)}, include_in_schema=False)
async def show_call(
    request: AnyRequest, person: NamedDependency[Person], code: FromPath[str], asked: NamedDependency[CallsAsked]
) -> Response[str]:
    """One dealer with everything that is needed to call him, and the form for what is said."""
    return await _sheet(request, person, code, asked)


@post(_CALL, include_in_schema=False)
async def log_call(
    request: AnyRequest, person: NamedDependency[Person], code: FromPath[str]
) -> Response[str] | Response[None]:
    """Write down what was said, and go on: the place in the list is that of before."""
    asked = _of_form(await request.form())
    found = await service.calls_told(person, asked)
    ids = {call.owing.code: call.owing.dealer_id for call in found.calls}
    behind = [(each, ids[each]) for each in following(found.calls, code)]

    async def carry_out(act: LogCall) -> str | None:
        await service.log_call(person, code, act)
        return await service.first_free(person, behind)

    def said(following_code: str | None) -> Message:
        if following_code is None:
            return m("The call is written down. Nobody more is to be called.")
        return m("The call is written down. This is the next one.")

    again = partial(_sheet, request, person, code, asked)
    return await web.act(request, LogCall, carry_out, again, to=partial(_to, asked), said=said)


@post(f"{_CALL}/claim", include_in_schema=False)
async def claim_call(
    request: AnyRequest, person: NamedDependency[Person], code: FromPath[str]
) -> Response[str] | Response[None]:
    """Take the dealer to be called by oneself alone."""
    asked = _of_form(await request.form())
    return await web.act(
        request,
        NextCall,
        lambda _: service.claim_call(person, code),
        partial(_sheet, request, person, code, asked),
        to=lambda _: _to(asked, code),
        said=m("The dealer is yours to call."),
    )


@post(f"{_PAGE}/next", include_in_schema=False)
async def next_call(request: AnyRequest, person: NamedDependency[Person]) -> Response[str] | Response[None]:
    """Go on to the next dealer, or to the one before."""

    async def carry_out(act: NextCall) -> tuple[CallsAsked, str | None]:
        asked = CallsAsked(act.territory, act.currency, act.money, responsible=act.responsible)
        return asked, await service.next_call(person, asked, act.after, back=act.back)

    async def again() -> Response[str]:
        asked = _of_form(await request.form())
        listed = _Listed(asked, await service.calls_told(person, asked))
        found = await _rows(person, listed, Wanted(limit=50))
        beside = {**await _beside(request, person, listed), "path": _PAGE}
        return web.list_page(request, CALLS, found, "receivables/calls.html", beside)

    return await web.act(
        request,
        NextCall,
        carry_out,
        again,
        to=lambda done: _to(*done),
        said=lambda done: None if done[1] else m("Nobody more is to be called."),
    )


ROUTES = (
    *web.list_routes(CALLS, _PAGE, _rows, template="receivables/calls.html", filtered=_listed, context=_beside),
    show_call,
    log_call,
    claim_call,
    next_call,
)

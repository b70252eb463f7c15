"""Another looks after many dealers: which ones, who and from when; what that would do; and doing it."""

from collections.abc import Mapping
from functools import partial
from urllib.parse import urlencode

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from markupsafe import Markup

from channel import clock, web
from channel.access.rules import Person, Right, require
from channel.dealers.acts import ChangeResponsible
from channel.dealers.lists import DEALERS
from channel.dealers.pages.form_reading import (
    AnyRequest,
    line_choices,
    member_filter,
    members,
    places,
    shared,
)
from channel.dealers.queries import lists, masters
from channel.dealers.queries.facts import reasons_given
from channel.dealers.queries.lists import DealerFilter
from channel.dealers.queries.responsible import dealers_of
from channel.dealers.rules import Fact
from channel.dealers.rules.responsible import NOBODY
from channel.dealers.service.responsible import responsible_asked
from channel.dealers.service.responsible_of_many import Changed, WouldChange, change_responsible
from channel.errors import Message, Refused, m
from channel.lists import Wanted

_PAGE = "/responsible"
_FILTERS = ("q", "type", "territory", "line", "grade", "status", "responsible")
_SHOWN = 200


async def _asked(request: AnyRequest) -> dict[str, str]:
    """The filters that the address asks, or the form that was sent."""
    if request.method == "POST":
        form = await request.form()
        return {name: text for name in _FILTERS if (text := web.text_in(form, name))}
    return {name: text for name in _FILTERS if (text := request.query_params.get(name, ""))}


async def _form(request: AnyRequest, person: Person) -> Response[str]:
    require(person, Right.CHANGE_DEALER_FACTS)
    asked = await _asked(request)
    within = await lists.filter_of(DealerFilter(text=asked.get("q"), **{k: v for k, v in asked.items() if k != "q"}))
    ids, more = await lists.dealer_page(DEALERS, within, Wanted(limit=_SHOWN))
    found, _, _ = await lists.dealer_count(within)
    tell = web.language_of(request).tell
    nobody = tell(m("nobody"))
    offered = [
        (
            row["code"],
            row["name"],
            Markup('<span class="muted small">{} · {}</span>').format(row["code"], row["responsible_name"] or nobody),
        )
        for row in await lists.dealer_rows(ids)
    ]
    return web.page(
        request,
        "dealers/responsible.html",
        act=ChangeResponsible,
        asked_for=asked,
        found=found,
        shown=_SHOWN if more else None,
        values={"effective_on": clock.today()},
        choices={"member": [*await members(), (NOBODY, tell(m("nobody")))], "dealers": offered},
        member_filter=await member_filter(request),
        places=await places(),
        line_choices=line_choices(await masters.line_names()),
        last_reasons=await reasons_given(Fact.RESPONSIBLE.value),
        **shared(request),
    )


def _ask(request: AnyRequest, refused: Refused, _typed: Mapping[str, str]) -> Response[str] | None:
    """What would be done, and the form to do it, where that was not looked at yet."""
    if not isinstance(refused, WouldChange):
        return None
    plan, act = refused.plan, refused.plan.act
    fields = [
        (name, str(value))
        for name in act.__struct_fields__
        for held in (getattr(act, name),)
        for value in (held if isinstance(held, list) else [held])
        if value not in (None, "", msgspec.UNSET) and name != "confirmed"
    ]
    return web.page(
        request,
        "dealers/responsible_asking.html",
        plan=plan,
        fields=[*fields, ("confirmed", plan.mark)],
        changed=bool(act.confirmed),
        back=f"{_PAGE}?{urlencode([each for each in fields if each[0] in _FILTERS])}",
        shown=_SHOWN,
        today=clock.today(),
    )


@get("/staff/{member:str}/dealers", include_in_schema=False)
async def show_dealers_of(request: AnyRequest, person: NamedDependency[Person], member: FromPath[str]) -> Response[str]:
    """How many dealers in scope a member of staff looks after: a part of his page."""
    require(person, Right.SEE_DEALERS)
    number = await responsible_asked(member)
    count = 0 if not number else len(await dealers_of(number))
    return web.fragment(request, "dealers/_of_member.html", code=member, count=count)


@get(_PAGE, opt={"asks": _FILTERS}, include_in_schema=False)
async def show_responsible(request: AnyRequest, person: NamedDependency[Person]) -> Response[str]:
    """The form: which dealers, who looks after them, and from when."""
    return await _form(request, person)


def _said(done: Changed) -> Message:
    return m(
        "From %(day)s on %(dealers)s dealers have another responsible; handed over: %(open)s.",
        day=done.effective_on,
        dealers=done.dealers,
        open=done.handed_over,
    )


@post(_PAGE, include_in_schema=False)
async def do_change(request: AnyRequest, person: NamedDependency[Person]) -> Response[str] | Response[None]:
    """Tell what would be done, and do it where that was told."""
    return await web.act(
        request,
        ChangeResponsible,
        partial(change_responsible, person),
        partial(_form, request, person),
        to="/dealers",
        said=_said,
        asks=partial(_ask, request),
    )


ROUTES = (show_dealers_of, show_responsible, do_change)

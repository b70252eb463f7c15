"""The pages of plans: the list, one with what it says and would open, and the acts on it."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from channel import clock, web
from channel.access.rules import Person, Right, require
from channel.errors import TooMany, m
from channel.lists import Page, Wanted, page_in
from channel.reviews.acts import AddPlan, OpenReviews, PausePlan, ResumePlan
from channel.reviews.lists import PLANS, RUNS, WOULD_OPEN
from channel.reviews.rules.choices import PLAN_STATES, STATE_COLOURS
from channel.reviews.rules.words import plan_said
from channel.reviews.service import plans as service
from channel.reviews.service.previews import MOST_SHOWN, preview
from channel.reviews.service.reviews import ask_for_reviews, runs_told

AnyRequest = Request[Any, Any, Any]
_PAGE = "/reviews/plans"
_ONE = f"{_PAGE}/{{plan:str}}"
_RUNS = 6


async def _rows(person: Person, _filtered: None, wanted: Wanted) -> Page[Mapping[str, Any]]:
    return page_in([each.as_row() for each in await service.plans_told(person)], PLANS, wanted)


async def _beside(_request: AnyRequest, _person: Person, _filtered: None) -> Mapping[str, Any]:
    return {"crumbs": [(m("Reviews"), "/reviews")], "propose": Right.PROPOSE_POLICY}


async def _form(request: AnyRequest, person: Person) -> Response[str]:
    require(person, Right.PROPOSE_POLICY)
    return web.page(request, "reviews/plan_new.html", act=AddPlan)


async def _one(request: AnyRequest, person: Person, code: str) -> Response[str]:
    told = await service.plan_told(person, code)
    runs = await runs_told(person, told.code, Wanted(limit=_RUNS))
    return web.page(
        request,
        "reviews/plan.html",
        told=told,
        plan=told.plan,
        said=plan_said(told.plan) if told.plan else (),
        states=PLAN_STATES,
        colours=STATE_COLOURS,
        runs=runs.items,
        run_list=RUNS,
        today=clock.today(),
        right=Right,
        open_act=OpenReviews,
        pause_act=PausePlan,
        resume_act=ResumePlan,
    )


@get(_ONE, include_in_schema=False)
async def show_plan(request: AnyRequest, person: NamedDependency[Person], plan: FromPath[str]) -> Response[str]:
    """One plan: what it says, when it opens reviews next, and what it opened last."""
    return await _one(request, person, plan)


@get(f"{_ONE}/preview", include_in_schema=False)
async def show_preview(
    request: AnyRequest,
    person: NamedDependency[Person],
    plan: FromPath[str],
    version: FromQuery[int | None] = None,
) -> Response[str]:
    """What the plan would open today: a part of its page, which comes by itself when that is there.

    Who goes from one plan to the next leaves a look under way behind him: the next one waits for its turn.
    """
    try:
        found = await preview(person, plan, version)
    except TooMany:
        return web.fragment(request, "reviews/_preview_waits.html", again=web.here_of(request))
    return web.fragment(
        request,
        "reviews/_preview.html",
        found=found,
        rows=[each.as_row() for each in found.shown],
        listed=WOULD_OPEN,
        most=MOST_SHOWN,
    )


@post(f"{_ONE}/open", include_in_schema=False)
async def open_reviews(
    request: AnyRequest, person: NamedDependency[Person], plan: FromPath[str]
) -> Response[str] | Response[None]:
    """Have the reviews of the plan opened for a day."""
    return await web.act(
        request,
        OpenReviews,
        partial(ask_for_reviews, person, plan),
        partial(_one, request, person, plan),
        to=f"{_PAGE}/{{plan}}",
        said=lambda opens: m("The reviews are being opened.") if opens else m("They have been opened already."),
    )


@post(f"{_ONE}/pause", include_in_schema=False)
async def pause_plan(
    request: AnyRequest, person: NamedDependency[Person], plan: FromPath[str]
) -> Response[str] | Response[None]:
    """Pause the plan."""
    return await web.act(
        request,
        PausePlan,
        partial(service.pause_plan, person, plan),
        partial(_one, request, person, plan),
        to=f"{_PAGE}/{{plan}}",
        said=m("The plan is paused."),
    )


@post(f"{_ONE}/resume", include_in_schema=False)
async def resume_plan(
    request: AnyRequest, person: NamedDependency[Person], plan: FromPath[str]
) -> Response[str] | Response[None]:
    """Let the plan go on."""
    return await web.act(
        request,
        ResumePlan,
        partial(service.resume_plan, person, plan),
        partial(_one, request, person, plan),
        to=f"{_PAGE}/{{plan}}",
        said=m("The plan opens reviews again."),
    )


ROUTES = (
    *web.list_routes(PLANS, _PAGE, _rows, template="reviews/plans.html", context=_beside),
    *web.act_routes(
        f"{_PAGE}/new",
        AddPlan,
        _form,
        service.add_plan,
        to=f"{_PAGE}/{{code}}/versions/new",
        said=m("The plan %(code)s is added: draft what it says."),
    ),
    show_plan,
    show_preview,
    open_reviews,
    pause_plan,
    resume_plan,
)

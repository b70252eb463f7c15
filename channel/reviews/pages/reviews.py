"""The pages of reviews: the queue, what is due, and the runs that opened them."""

from collections.abc import Mapping
from typing import Annotated, Any

from asyncpg import Record
from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, QueryParameter

from channel import web
from channel.access.rules import Person, Right, require
from channel.dealers.pages.form_reading import places
from channel.dealers.service.facts import dealer_by_code
from channel.errors import m
from channel.lists import Page, Wanted, choice_asked
from channel.receivables.service.documents import dealer_asked
from channel.reviews.lists import DUE, REVIEWS, RUNS
from channel.reviews.queries.reviews import ReviewFilter
from channel.reviews.rules.choices import REVIEW_STATES, ReviewState
from channel.reviews.rules.plan import FINDING_NAMES, KIND_NAMES, FindingKind, PlanKind
from channel.reviews.rules.proposing import REVIEW_ACT_NAMES, ReviewAct
from channel.reviews.rules.queue import WAITS_NAMES, WHOSE_NAMES, Waits, Whose
from channel.reviews.service import reviews as service
from channel.reviews.service.plans import plans_told
from channel.reviews.service.queue import asker_of
from channel.web.moments import read_day

AnyRequest = Request[Any, Any, Any]
_PAGE = "/reviews"
_ANY = "any"
_SHOWN = 8


async def reviews_asked(
    person: NamedDependency[Person],
    dealer: FromQuery[str] = "",
    plan: FromQuery[str] = "",
    run: FromQuery[int | None] = None,
    period: FromQuery[str] = "",
    finding: FromQuery[str] = "",
    proposal: FromQuery[str] = "",
    responsible: FromQuery[str] = "",
    territory: FromQuery[str] = "",
    in_state: Annotated[str, QueryParameter(name="state")] = "",
    kind: FromQuery[str] = "",
    whose: FromQuery[str] = "",
    waits: FromQuery[str] = "",
) -> ReviewFilter:
    """What the form above the list asks: reviews that are not decided, unless it says otherwise."""
    state = in_state or ReviewState.UNDECIDED
    chosen, waiting = choice_asked(Whose, whose, "whose"), choice_asked(Waits, waits, "waits")
    return ReviewFilter(
        await dealer_asked(dealer.strip()),
        plan or None,
        run,
        read_day({"period": period}, "period"),
        choice_asked(FindingKind, finding, "finding"),
        choice_asked(ReviewAct, proposal, "proposal"),
        responsible.strip() or None,
        territory or None,
        None if state == _ANY else choice_asked(ReviewState, state, "state"),
        choice_asked(PlanKind, kind, "kind"),
        waiting is Waits.LATE,
        waiting is Waits.ESCALATED,
        () if chosen is None else (chosen,),
        await asker_of(person) if chosen or waiting else None,
    )


async def _rows(person: Person, asked: ReviewFilter, wanted: Wanted) -> Page[Record]:
    return await service.reviews_told(person, asked, wanted)


async def _beside(request: AnyRequest, person: Person, _asked: ReviewFilter) -> Mapping[str, Any]:
    told = web.language_of(request)
    return {
        "dense": True,
        "plans": await _plan_choices(request, person),
        "finding_choices": [(each.value, told.tell(name)) for each, name in FINDING_NAMES.items()],
        "proposals": [(each.value, told.tell(name)) for each, name in REVIEW_ACT_NAMES.items()],
        "states": [
            (ReviewState.DECIDED.value, told.tell(REVIEW_STATES[ReviewState.DECIDED])),
            (_ANY, told.tell(m("Every state"))),
        ],
        "places": await places(),
        "kinds": [(each.value, told.tell(name)) for each, name in KIND_NAMES.items()],
        "whose": [(each.value, told.tell(name)) for each, name in WHOSE_NAMES.items()],
        "waiting": [(each.value, told.tell(name)) for each, name in WAITS_NAMES.items()],
        "decide": Right.DECIDE_REVIEWS,
    }


async def _plan_choices(request: AnyRequest, person: Person) -> list[tuple[str, str]]:
    told = web.language_of(request)
    return [(each.code, told.kept(each.plan.name) if each.plan else each.code) for each in await plans_told(person)]


@get("/dealers/{code:str}/reviews", include_in_schema=False)
async def show_reviews_of_dealer(
    request: AnyRequest, person: NamedDependency[Person], code: FromPath[str]
) -> Response[str]:
    """The last reviews of a dealer: a part of his page, which comes by itself when that is there."""
    require(person, Right.SEE_REVIEWS)
    dealer = await dealer_by_code(code)
    found = await service.reviews_of_dealer(person, code, Wanted("-as_of", None, _SHOWN))
    return web.fragment(
        request, "reviews/_of_dealer.html", code=dealer["code"], rows=found.items, more=found.next, listed=REVIEWS
    )


async def _runs_asked(plan: FromQuery[str] = "") -> str | None:
    return plan or None


async def _runs(person: Person, plan: str | None, wanted: Wanted) -> Page[Record]:
    return await service.runs_told(person, plan, wanted)


async def _beside_runs(request: AnyRequest, person: Person, _plan: str | None) -> Mapping[str, Any]:
    return {"crumbs": [(m("Reviews"), _PAGE)], "plans": await _plan_choices(request, person)}


async def _due(person: Person, _filtered: None, wanted: Wanted) -> Page[Mapping[str, Any]]:
    return await service.due_told(person, wanted)


async def _beside_due(_request: AnyRequest, _person: Person, _filtered: None) -> Mapping[str, Any]:
    return {"crumbs": [(m("Reviews"), _PAGE)]}


ROUTES = (
    *web.list_routes(REVIEWS, _PAGE, _rows, template="reviews/reviews.html", filtered=reviews_asked, context=_beside),
    *web.list_routes(
        RUNS, f"{_PAGE}/runs", _runs, template="reviews/runs.html", filtered=_runs_asked, context=_beside_runs
    ),
    *web.list_routes(DUE, f"{_PAGE}/due", _due, context=_beside_due),
    show_reviews_of_dealer,
)

"""The working place: one review with all that was seen, its decision, and many decided together."""

from collections.abc import Awaitable, Callable, Mapping
from decimal import Decimal
from functools import partial
from typing import Annotated, Any
from urllib.parse import quote, urlencode

from litestar import Request, Response, get, post
from litestar.datastructures import FormMultiDict
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, FromQuery, QueryParameter

from channel import clock, web
from channel.access.queries.staff import whole_register
from channel.access.rules import ROLE_NAMES, Person, Right, holders_of
from channel.access.rules.staff import Standing
from channel.acts import Why
from channel.credit.rules.choices import STATE_NAMES as REQUEST_STATES
from channel.credit.rules.json_values import from_stored
from channel.dealers.rules import DEALER_TYPE_NAMES, STATUS_NAMES
from channel.digits import whole_number
from channel.errors import Message, m
from channel.money import in_digits
from channel.receivables.lists.incidents import INCIDENT_NAMES
from channel.receivables.rules.ageing import AgeBasis, Buckets
from channel.reviews.acts import DecideReview, DecideReviews, HandOnReview, ManyReviews
from channel.reviews.lists import TOGETHER
from channel.reviews.pages.reviews import reviews_asked
from channel.reviews.queries.reviews import ReviewFilter
from channel.reviews.rules.choices import REVIEW_STATES
from channel.reviews.rules.deciding import OUTCOME_NAMES
from channel.reviews.rules.plan import FINDING_NAMES
from channel.reviews.rules.proposing import REVIEW_ACT_NAMES, Proposal
from channel.reviews.rules.steps import STEP_NAMES
from channel.reviews.service import deciding as service
from channel.reviews.service import holding
from channel.reviews.service.deciding import Done
from channel.reviews.service.holding import HOLDS
from channel.reviews.service.reminding import hand_on_review
from channel.reviews.service.reviews import ReviewTold, review_told
from channel.reviews.service.telling import became, neighbours, review_today
from channel.tasks.rules.tasks import STATE_NAMES as TASK_STATES
from channel.web.moments import read_day

AnyRequest = Request[Any, Any, Any]
_ONE = "/dealers/{code:str}/reviews/{review:int}"
_TOGETHER = "/reviews/together"
MOST_SHOWN = 200
"""So many of the reviews that are decided together are told one by one."""


def _at(row: Mapping[str, Any] | Any, query: str) -> str:  # noqa: ANN401 - a row
    """The address of a review's page in the queue that is asked for."""
    return f"/dealers/{quote(row['dealer'], safe='')}/reviews/{row['number']}" + (f"?{query}" if query else "")


def _decided_amount(decision: Any) -> Decimal | None:  # noqa: ANN401 - a row
    """The limit to which a decision changes it."""
    if decision is None:
        return None
    chosen: Proposal = from_stored(Proposal, decision["told"])
    return chosen.amount


def _limit_offered(told: ReviewTold) -> dict[str, Any]:
    """What stands in the form of a new limit at first: what is proposed, or what was seen by policy."""
    row, policy = told.row, told.seen.policy
    amount, until = row["proposed_amount"], row["proposed_until"]
    if amount is None and policy is not None and policy.currency == row["currency"]:
        amount, until = policy.amount, policy.valid_until
    return {"amount": None if amount is None else in_digits(amount, row["currency"]), "until": until}


async def _members() -> list[tuple[str, str]]:
    """Who is with the company today, to choose from."""
    today = clock.today()
    everybody = (await whole_register(today)).values()
    return [(each.code, f"{each.name} ({each.code})") for each in everybody if each.standing(today) is Standing.PRESENT]


async def _one(request: AnyRequest, person: Person, code: str, number: int, asked: ReviewFilter) -> Response[str]:
    told = await review_told(person, code, number)
    came = await became(told)
    before, after = await neighbours(told, asked)
    query = request.url.query
    queue = f"/reviews?{query}" if query else "/reviews"
    decides = came.decision is None and person.may(Right.DECIDE_REVIEWS) and person.person_id is not None
    held = None if came.decision is None or came.decision["hold_id"] is None else came.decision["hold_state"]
    return web.page(
        request,
        "reviews/review.html",
        told=told,
        row=told.row,
        seen=told.seen,
        came=came,
        decides=decides,
        query=query,
        queue=queue,
        before=before and _at(before, query),
        after=after and _at(after, query),
        hold_open=held == "open",
        hold_mine=await holding.is_own(person, came.decision["hold_id"]) if came.decision and held == "open" else False,
        hold_right=HOLDS.decides,
        hold_holders=m("waits for: %(holders)s", holders=holders_of(HOLDS.decides)),
        buckets=Buckets(AgeBasis.DUE, told.seen.edges).names if told.seen.edges else (),
        findings=FINDING_NAMES,
        acts=REVIEW_ACT_NAMES,
        outcomes=OUTCOME_NAMES,
        states=REVIEW_STATES,
        steps=STEP_NAMES,
        task_states=TASK_STATES,
        request_states=REQUEST_STATES,
        decided_amount=_decided_amount(came.decision),
        roles=ROLE_NAMES,
        types=DEALER_TYPE_NAMES,
        statuses=STATUS_NAMES,
        incidents=INCIDENT_NAMES,
        right=Right,
        decide=DecideReview,
        hand_on=HandOnReview,
        limit_offered=_limit_offered(told),
        word=Why,
        members=await _members() if decides else (),
        today=clock.today(),
    )


@get(_ONE, dependencies={"asked": Provide(reviews_asked)}, include_in_schema=False)
async def show_review(
    request: AnyRequest,
    person: NamedDependency[Person],
    code: FromPath[str],
    review: FromPath[int],
    asked: NamedDependency[ReviewFilter],
) -> Response[str]:
    """One review: what was seen on the day, what was found in it, and what is proposed; or what became of it."""
    return await _one(request, person, code, review, asked)


@get(f"{_ONE}/today", include_in_schema=False)
async def show_today(
    request: AnyRequest, person: NamedDependency[Person], code: FromPath[str], review: FromPath[int]
) -> Response[str]:
    """What would be proposed today: a part of the review's page, which comes by itself when that is there."""
    told = await review_today(person, code, review)
    return web.fragment(request, "reviews/_today.html", told=told, acts=REVIEW_ACT_NAMES, statuses=STATUS_NAMES)


def _done_said(done: Done) -> Message:
    return m("%(name)s: %(what)s.", name=done.row["dealer_name"], what=OUTCOME_NAMES[done.outcome])


@post(f"{_ONE}/decide", dependencies={"asked": Provide(reviews_asked)}, include_in_schema=False)
async def decide_one(
    request: AnyRequest,
    person: NamedDependency[Person],
    code: FromPath[str],
    review: FromPath[int],
    asked: NamedDependency[ReviewFilter],
) -> Response[str] | Response[None]:
    """Decide it, and on to the next."""
    return await web.act(
        request,
        DecideReview,
        partial(service.decide_review, person, code, review),
        partial(_one, request, person, code, review, asked),
        to="/reviews",
        said=_done_said,
    )


async def _word(
    request: AnyRequest,
    person: Person,
    code: str,
    review: int,
    give: Callable[[Person, str, int, Why], Awaitable[Any]],
    said: Message,
) -> Response[str] | Response[None]:
    return await web.act(
        request,
        Why,
        partial(give, person, code, review),
        partial(_one, request, person, code, review, ReviewFilter()),
        to="/dealers/{code}/reviews/{review}",
        said=said,
    )


@post(f"{_ONE}/hold/approve", include_in_schema=False)
async def approve_hold(
    request: AnyRequest, person: NamedDependency[Person], code: FromPath[str], review: FromPath[int]
) -> Response[str] | Response[None]:
    """Approve the hold that it asked for: the dealer is put on hold."""
    return await _word(request, person, code, review, holding.approve_hold, m("The dealer is on hold."))


@post(f"{_ONE}/hold/refuse", include_in_schema=False)
async def refuse_hold(
    request: AnyRequest, person: NamedDependency[Person], code: FromPath[str], review: FromPath[int]
) -> Response[str] | Response[None]:
    """Refuse the hold."""
    return await _word(request, person, code, review, holding.refuse_hold, m("The hold is refused."))


@post(f"{_ONE}/hold/withdraw", include_in_schema=False)
async def withdraw_hold(
    request: AnyRequest, person: NamedDependency[Person], code: FromPath[str], review: FromPath[int]
) -> Response[str] | Response[None]:
    """Take back that one asked for it."""
    return await _word(request, person, code, review, holding.withdraw_hold, m("Asking for the hold is withdrawn."))


@post(f"{_ONE}/hand-on", include_in_schema=False)
async def hand_on(
    request: AnyRequest, person: NamedDependency[Person], code: FromPath[str], review: FromPath[int]
) -> Response[str] | Response[None]:
    """Let another decide it."""
    return await web.act(
        request,
        HandOnReview,
        partial(hand_on_review, person, code, review),
        partial(_one, request, person, code, review, ReviewFilter()),
        to="/dealers/{code}/reviews/{review}",
        said=m("%(member)s is to decide it."),
    )


_FILTERS = (
    "plan", "kind", "finding", "proposal", "responsible", "territory", "dealer", "whose", "waits", "run", "period",
)  # fmt: skip


def _many(given: Mapping[str, str], but: list[int]) -> ManyReviews:
    """Which reviews are decided together, from what a form holds."""
    told: dict[str, Any] = {name: given.get(name, "").strip() or None for name in (*_FILTERS, "act")}
    told |= {"run": whole_number(given.get("run", "")), "period": read_day(given, "period")}
    return ManyReviews(**told, but=but)


async def _together(request: AnyRequest, person: Person, act: ManyReviews) -> Response[str]:
    shown = await service.preview_of(person, act)
    hidden = {name: value for name in _FILTERS if (value := getattr(act, name)) is not None}
    return web.page(
        request,
        "reviews/together.html",
        shown=shown,
        rows=[each.as_row() for each in shown.would[:MOST_SHOWN]],
        most=MOST_SHOWN,
        listed=TOGETHER,
        asked_act=act.act,
        hidden=hidden,
        but=act.but,
        queue=f"/reviews?{urlencode(hidden)}" if hidden else "/reviews",
        act=DecideReviews,
        acts=REVIEW_ACT_NAMES,
        outcomes=OUTCOME_NAMES,
    )


@get(_TOGETHER, include_in_schema=False)
async def show_together(
    request: AnyRequest,
    person: NamedDependency[Person],
    plan: FromQuery[str] = "",
    kind: FromQuery[str] = "",
    finding: FromQuery[str] = "",
    proposal: FromQuery[str] = "",
    responsible: FromQuery[str] = "",
    territory: FromQuery[str] = "",
    dealer: FromQuery[str] = "",
    whose: FromQuery[str] = "",
    waits: FromQuery[str] = "",
    run: FromQuery[int | None] = None,
    period: FromQuery[str] = "",
    act: FromQuery[str] = "",
    but: Annotated[list[int] | None, QueryParameter()] = None,
    seen: Annotated[list[int] | None, QueryParameter()] = None,
    ticked: Annotated[list[int] | None, QueryParameter()] = None,
) -> Response[str]:
    """What deciding together all that match would do: less those named, and less those seen that are not ticked."""
    given = {
        "plan": plan, "kind": kind, "finding": finding, "proposal": proposal, "responsible": responsible,
        "dealer": dealer, "territory": territory, "whose": whose, "waits": waits, "run": str(run or ""),
        "period": period, "act": act,
    }  # fmt: skip
    left = set(but or ()) - set(ticked or ()) | set(seen or ()) - set(ticked or ())
    return await _together(request, person, _many(given, sorted(left)))


@post(_TOGETHER, include_in_schema=False)
async def decide_together(request: AnyRequest, person: NamedDependency[Person]) -> Response[str] | Response[None]:
    """Decide what was shown."""
    form = await request.form()

    async def again() -> Response[str]:
        return await _together(request, person, _many(_texts(form), _numbers(form)))

    return await web.act(
        request,
        DecideReviews,
        partial(service.decide_reviews, person),
        again,
        to="/reviews",
        said=lambda came: m("%(done)s decided, %(left)s left undecided.", done=len(came[0]), left=len(came[1])),
        kind=lambda came: "warn" if came[1] else "good",
    )


def _texts(form: FormMultiDict) -> dict[str, str]:
    return {name: value for name, value in form.multi_items() if isinstance(value, str)}


def _numbers(form: FormMultiDict) -> list[int]:
    read = (whole_number(each.strip()) for each in _texts(form).get("but", "").split(","))
    return [each for each in read if each is not None]


ROUTES = (
    show_together,
    decide_together,
    show_review,
    show_today,
    decide_one,
    approve_hold,
    refuse_hold,
    withdraw_hold,
    hand_on,
)

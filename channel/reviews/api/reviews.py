"""Reviews over the API: what is due, the runs that opened reviews, and the reviews with all that was seen."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, TypeAlias

import msgspec
from litestar import Request, get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, QueryParameter

from channel import web
from channel.access.rules import Person
from channel.lists import Page, Wanted
from channel.receivables.service.documents import dealer_asked
from channel.reviews.api.plans import FindingTold
from channel.reviews.lists import DUE, REVIEWS, RUNS
from channel.reviews.queries.reviews import ReviewFilter
from channel.reviews.rules.choices import ReviewState, RunState
from channel.reviews.rules.plan import FindingKind, PlanKind
from channel.reviews.rules.proposing import ReviewAct
from channel.reviews.rules.queue import Waits, Whose
from channel.reviews.rules.snapshot import snapshot_to_document
from channel.reviews.service import reviews as service
from channel.reviews.service.queue import asker_of

AnyRequest: TypeAlias = Request[Any, Any, Any]
_AT = "/api/v1/reviews"


class ReviewRow(msgspec.Struct):
    """A review of a dealer as of a day; amounts are in `currency`, with tax.

    `finding_kinds` are what was found, the heaviest first, `weight` the sum of their weights. `responsible` is the
    member of staff who is to decide, null where whoever of the role may. `escalated_to` is before whom it stands
    since `escalated_on`, null where that is any manager.
    """

    number: int
    dealer: str
    plan: str
    as_of: date
    kind: PlanKind
    weight: int
    finding_kinds: list[FindingKind]
    proposal: ReviewAct
    proposed_amount: Decimal | None
    proposed_until: date | None
    currency: str
    overdue: Decimal | None
    exposure: Decimal | None
    limit_amount: Decimal | None
    limit_until: date | None
    used: Decimal | None
    role: str
    responsible: str | None
    decide_by: date
    state: ReviewState
    escalated_on: date | None
    escalated_to: str | None


class ReviewSaid(ReviewRow):
    """One review with all that was seen as of the day as known at the moment, and what was found in it, in words.

    `plan_version` and `policy_version` are those that counted; `compared_on` is the day with which it is compared.
    """

    known_at: datetime
    compared_on: date
    plan_version: int
    policy_version: int
    findings: list[FindingTold]
    snapshot: dict[str, Any]


class RunRow(msgspec.Struct):
    """The opening of the reviews of a plan for a day: how many of them are in scope, and are not decided."""

    id: int
    plan: str
    period: date
    plan_version: int
    known_at: datetime
    state: RunState
    opened: int
    undecided: int
    ended_at: datetime | None


class DueRow(msgspec.Struct):
    """What is due to be opened, or comes next."""

    plan: str
    period: date
    state: RunState


@get(_AT, dependencies=web.list_asked(REVIEWS, 200))
async def list_reviews(
    person: NamedDependency[Person],
    wanted: NamedDependency[Wanted],
    dealer: FromQuery[str | None] = None,
    plan: FromQuery[str | None] = None,
    run: FromQuery[int | None] = None,
    period: FromQuery[date | None] = None,
    finding: FromQuery[FindingKind | None] = None,
    proposal: FromQuery[ReviewAct | None] = None,
    responsible: FromQuery[str | None] = None,
    territory: FromQuery[str | None] = None,
    in_state: Annotated[ReviewState | None, QueryParameter(name="state")] = None,
    kind: FromQuery[PlanKind | None] = None,
    whose: FromQuery[Whose | None] = None,
    waits: FromQuery[Waits | None] = None,
) -> Page[ReviewRow]:
    """Reviews: of a dealer, a plan, a run, a day, with a finding or a proposal, for somebody to decide; or all.

    `responsible` is the code of a member of staff, or `nobody`. `waits` are those that are not decided and are late, or
    were shown to a manager.
    """
    asked = ReviewFilter(
        await dealer_asked(dealer),
        plan,
        run,
        period,
        finding,
        proposal,
        responsible,
        territory,
        in_state,
        kind,
        waits is Waits.LATE,
        waits is Waits.ESCALATED,
        () if whose is None else (whose,),
        await asker_of(person) if whose or waits else None,
    )
    return (await service.reviews_told(person, asked, wanted)).as_(ReviewRow)


@get(f"{_AT}/dealers/{{code:str}}", dependencies=web.list_asked(REVIEWS, 200))
async def list_reviews_of_dealer(
    person: NamedDependency[Person], wanted: NamedDependency[Wanted], code: FromPath[str]
) -> Page[ReviewRow]:
    """Every review of a dealer."""
    return (await service.reviews_of_dealer(person, code, wanted)).as_(ReviewRow)


@get(f"{_AT}/dealers/{{dealer:str}}/{{review:int}}")
async def show_review(
    request: AnyRequest, person: NamedDependency[Person], dealer: FromPath[str], review: FromPath[int]
) -> ReviewSaid:
    """One review with all that was seen and found."""
    told, tell = await service.review_told(person, dealer, review), web.language_of(request).tell
    row = {name: told.row[name] for name in ReviewRow.__struct_fields__}
    document = snapshot_to_document(told.seen)
    policy = told.seen.policy
    if policy is not None:
        document["policy"]["withheld"] = None if policy.withheld is None else tell(policy.withheld)
    return ReviewSaid(
        **row,
        known_at=told.row["known_at"],
        compared_on=told.row["compared_on"],
        plan_version=told.row["plan_version"],
        policy_version=told.row["policy_version"],
        findings=[FindingTold(each.kind, each.weight, tell(each.said)) for each in told.findings],
        snapshot=document,
    )


@get(f"{_AT}/runs", dependencies=web.list_asked(RUNS))
async def list_runs(
    person: NamedDependency[Person], wanted: NamedDependency[Wanted], plan: FromQuery[str | None] = None
) -> Page[RunRow]:
    """The openings of reviews, of a plan or all."""
    return (await service.runs_told(person, plan, wanted)).as_(RunRow)


@get(f"{_AT}/due", dependencies=web.list_asked(DUE))
async def list_due(person: NamedDependency[Person], wanted: NamedDependency[Wanted]) -> Page[DueRow]:
    """What is due to be opened and not there yet, and of every plan the day that comes next."""
    return (await service.due_told(person, wanted)).as_(DueRow)


ROUTES = (list_reviews, list_reviews_of_dealer, show_review, list_runs, list_due)

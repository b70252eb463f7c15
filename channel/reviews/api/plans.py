"""Plans of reviews over the API: which there are, what each would open, and the acts on them beside their versions."""

from datetime import date
from decimal import Decimal
from typing import Any, TypeAlias

import msgspec
from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from channel import web
from channel.access.rules import Person
from channel.lists import Page, Wanted, page_in
from channel.reviews.acts import AddPlan, OpenReviews, PausePlan, ResumePlan
from channel.reviews.lists import PLANS
from channel.reviews.rules.choices import PlanState
from channel.reviews.rules.plan import FindingKind, PlanKind, Rhythm
from channel.reviews.rules.proposing import ReviewAct
from channel.reviews.rules.words import plan_said
from channel.reviews.service import plans as service
from channel.reviews.service.previews import preview
from channel.reviews.service.reviews import ask_for_reviews

AnyRequest: TypeAlias = Request[Any, Any, Any]
_AT = "/api/v1/reviews/plans"
_ONE = f"{_AT}/{{plan:str}}"


class PlanRow(msgspec.Struct):
    """A plan: what the version that counts today says of it, and the next day on which it opens reviews.

    `opened_on` is the last day for which it opened any.
    """

    code: str
    name: str | None
    kind: PlanKind | None
    rhythm: Rhythm | None
    next_on: date | None
    opened_on: date | None
    state: PlanState
    version: int | None


class PlanSaid(PlanRow):
    """One plan with what it says in words, and the next days on which it opens reviews."""

    said: list[str]
    next_days: list[date]


class Added(msgspec.Struct):
    """Under which code the plan stands."""

    code: str


class Asked(msgspec.Struct):
    """Whether the reviews are being opened because of this: false where they were already."""

    opens: bool


class FindingTold(msgspec.Struct):
    """A finding: what it is, how much it weighs, and its figures in words."""

    kind: FindingKind
    weight: int
    said: str


class WouldOpen(msgspec.Struct):
    """A dealer of whom a review would be opened, with what would be found and proposed."""

    dealer: str
    name: str
    weight: int
    findings: list[FindingTold]
    proposal: ReviewAct
    proposed_amount: Decimal | None
    currency: str


class PreviewTold(msgspec.Struct):
    """What the plan would open on the day: of so many dealers looked at so many reviews; `dealers` are the first."""

    day: date
    looked_at: int
    found: int
    dealers: list[WouldOpen]


@get(_AT, dependencies=web.list_asked(PLANS))
async def list_plans(person: NamedDependency[Person], wanted: NamedDependency[Wanted]) -> Page[PlanRow]:
    """Every plan of reviews."""
    rows = [each.as_row() for each in await service.plans_told(person)]
    return page_in(rows, PLANS, wanted).as_(PlanRow)


@post(_AT)
async def add_plan(person: NamedDependency[Person], data: JSONBody[AddPlan]) -> Added:
    """Add a plan; it opens nothing until a version of it has been drafted, proposed and approved."""
    return Added(await service.add_plan(person, data))


@get(_ONE)
async def show_plan(request: AnyRequest, person: NamedDependency[Person], plan: FromPath[str]) -> PlanSaid:
    """One plan."""
    told, tell = await service.plan_told(person, plan), web.language_of(request).tell
    said = [] if told.plan is None else [tell(each) for each in plan_said(told.plan)]
    return PlanSaid(**told.as_row(), said=said, next_days=list(told.next_days))


@get(f"{_ONE}/preview")
async def show_preview(
    request: AnyRequest,
    person: NamedDependency[Person],
    plan: FromPath[str],
    version: FromQuery[int | None] = None,
) -> PreviewTold:
    """What the plan would open today, by the version that counts or another one; nothing is written."""
    found, tell = await preview(person, plan, version), web.language_of(request).tell
    dealers = [
        WouldOpen(
            each.dealer,
            each.name,
            each.review.weight,
            [FindingTold(one.kind, one.weight, tell(one.said)) for one in each.findings],
            ReviewAct(each.review.proposal),
            each.review.proposed_amount,
            each.review.currency,
        )
        for each in found.shown
    ]
    return PreviewTold(found.day, found.looked_at, found.found, dealers)


@post(f"{_ONE}/pause", status_code=204)
async def pause_plan(person: NamedDependency[Person], plan: FromPath[str], data: JSONBody[PausePlan]) -> None:
    """Pause a plan from today on."""
    await service.pause_plan(person, plan, data)


@post(f"{_ONE}/resume", status_code=204)
async def resume_plan(person: NamedDependency[Person], plan: FromPath[str], data: JSONBody[ResumePlan]) -> None:
    """Let a plan go on from today."""
    await service.resume_plan(person, plan, data)


@post(f"{_ONE}/open", status_code=200)
async def open_reviews(person: NamedDependency[Person], plan: FromPath[str], data: JSONBody[OpenReviews]) -> Asked:
    """Have the reviews of a plan opened for a day; opened for it already, nothing changes."""
    return Asked(await ask_for_reviews(person, plan, data))


ROUTES = (list_plans, add_plan, show_plan, show_preview, pause_plan, resume_plan, open_reviews)

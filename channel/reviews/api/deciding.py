"""Deciding reviews over the API: one, or all that match as it was shown before; handed on; holds asked for."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, TypeAlias

import msgspec
from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from channel import web
from channel.access.rules import Person
from channel.acts import Why
from channel.reviews.acts import DecideReview, DecideReviews, HandOnReview, ManyReviews
from channel.reviews.rules.deciding import Outcome
from channel.reviews.rules.plan import FindingKind, PlanKind
from channel.reviews.rules.proposing import ReviewAct
from channel.reviews.rules.queue import Waits, Whose
from channel.reviews.rules.steps import Step
from channel.reviews.service import deciding as service
from channel.reviews.service import holding
from channel.reviews.service.deciding import Done, Would
from channel.reviews.service.reminding import hand_on_review
from channel.reviews.service.reviews import review_told
from channel.reviews.service.telling import became, review_today

AnyRequest: TypeAlias = Request[Any, Any, Any]
_AT = "/api/v1/reviews"
_ONE = f"{_AT}/dealers/{{dealer:str}}/{{review:int}}"


class Decided(msgspec.Struct):
    """A review that was decided: what was chosen, and what it set off.

    `limit` is the number of the proposal of a limit, `hold` that of the request of a hold.
    """

    number: int
    dealer: str
    act: ReviewAct
    amount: Decimal | None
    until: date | None
    outcome: Outcome
    limit: int | None
    hold: int | None

    @classmethod
    def of(cls, done: Done) -> "Decided":
        """From what was done."""
        row, chosen, told = done.row, done.chosen, done.told
        return cls(
            row["number"], row["dealer"], chosen.act, chosen.amount, chosen.until, done.outcome, told.get("limit"),
            told.get("hold"),
        )  # fmt: skip


class DecisionTold(msgspec.Struct):
    """What was decided of a review, by whom, when and why, and how what it set off stands."""

    act: ReviewAct
    reason: str
    actor: str
    decided_on: date
    at: datetime
    outcome: Outcome
    limit: int | None
    limit_state: str | None
    hold: int | None
    hold_state: str | None
    task: int | None
    task_state: str | None


class StepTold(msgspec.Struct):
    """What happened to it before: who was reminded, to whom it was shown or handed on."""

    step: Step
    step_on: date
    from_member: str | None
    to_member: str | None
    said: str | None
    actor: str


class BecameTold(msgspec.Struct):
    """What became of a review: its decision, null while nobody has decided, and the steps before."""

    decision: DecisionTold | None
    steps: list[StepTold]


class TodayTold(msgspec.Struct):
    """What the review would propose today, by the same version of its plan; `changed` says what has changed since."""

    proposal: ReviewAct
    proposed_amount: Decimal | None
    proposed_until: date | None
    changed: list[str]
    currency: str
    status: str | None
    overdue: Decimal | None
    exposure: Decimal | None
    limit_amount: Decimal | None
    limit_until: date | None


class WouldDo(msgspec.Struct):
    """What would be done of one review, or why it would be left undecided; `before` is the limit in force."""

    number: int
    dealer: str
    proposal: ReviewAct
    decision: ReviewAct
    amount: Decimal | None
    before: Decimal | None
    currency: str
    outcome: Outcome | None
    why_not: str | None


class LimitsChanged(msgspec.Struct):
    """In a currency so many limits would be proposed, and change what is in force by so much in all."""

    currency: str
    count: int
    change: Decimal


class PreviewTold(msgspec.Struct):
    """What deciding together would do: how many come to what, and each by itself. `mark` is for the act."""

    mark: str
    able: int
    left: int
    counts: dict[Outcome, int]
    limits: list[LimitsChanged]
    reviews: list[WouldDo]


class LeftUndecided(msgspec.Struct):
    """A review that was left undecided, and why."""

    number: int
    dealer: str
    why: str


class ManyDecided(msgspec.Struct):
    """Those that were decided, and those that were left."""

    decided: list[Decided]
    left: list[LeftUndecided]


@get(f"{_ONE}/decision")
async def show_decision(person: NamedDependency[Person], dealer: FromPath[str], review: FromPath[int]) -> BecameTold:
    """What became of a review."""
    return await _came(person, dealer, review)


async def _came(person: Person, dealer: str, review: int) -> BecameTold:
    came = await became(await review_told(person, dealer, review))
    row, decision = came.decision, None
    if row is not None:
        decision = DecisionTold(
            row["act"], row["reason"], row["actor"], row["decided_on"], row["at"], row["outcome"]["outcome"],
            row["limit_id"], row["limit_state"], row["hold_id"], row["hold_state"], row["task_id"], row["task_state"],
        )  # fmt: skip
    names = StepTold.__struct_fields__
    return BecameTold(decision, [StepTold(**{name: each[name] for name in names}) for each in came.steps])


@get(f"{_ONE}/today")
async def show_today(
    request: AnyRequest, person: NamedDependency[Person], dealer: FromPath[str], review: FromPath[int]
) -> TodayTold:
    """What the review would propose if it were opened today; nothing is written."""
    told, tell = await review_today(person, dealer, review), web.language_of(request).tell
    now = told.now
    return TodayTold(
        told.proposal.act, told.proposal.amount, told.proposal.until, [tell(each) for each in told.changed],
        now.currency, now.status, now.overdue, now.exposure, now.limit, now.limit_until,
    )  # fmt: skip


@post(f"{_ONE}/decide", status_code=200)
async def decide_review(
    person: NamedDependency[Person], dealer: FromPath[str], review: FromPath[int], data: JSONBody[DecideReview]
) -> Decided:
    """Decide a review: as it proposes, or otherwise; what is decided is done with it, or asked of who may do it."""
    return Decided.of(await service.decide_review(person, dealer, review, data))


@post(f"{_ONE}/hand-on", status_code=204)
async def hand_on(
    person: NamedDependency[Person], dealer: FromPath[str], review: FromPath[int], data: JSONBody[HandOnReview]
) -> None:
    """Let another decide a review."""
    await hand_on_review(person, dealer, review, data)


@post(f"{_ONE}/hold/approve", status_code=200)
async def approve_hold(
    person: NamedDependency[Person], dealer: FromPath[str], review: FromPath[int], data: JSONBody[Why]
) -> BecameTold:
    """Approve the hold that a review asked for: the dealer is put on hold."""
    await holding.approve_hold(person, dealer, review, data)
    return await _came(person, dealer, review)


@post(f"{_ONE}/hold/refuse", status_code=200)
async def refuse_hold(
    person: NamedDependency[Person], dealer: FromPath[str], review: FromPath[int], data: JSONBody[Why]
) -> BecameTold:
    """Refuse the hold that a review asked for."""
    await holding.refuse_hold(person, dealer, review, data)
    return await _came(person, dealer, review)


@post(f"{_ONE}/hold/withdraw", status_code=200)
async def withdraw_hold(
    person: NamedDependency[Person], dealer: FromPath[str], review: FromPath[int], data: JSONBody[Why]
) -> BecameTold:
    """Take back that one asked for the hold."""
    await holding.withdraw_hold(person, dealer, review, data)
    return await _came(person, dealer, review)


@get(f"{_AT}/together")
async def show_together(
    request: AnyRequest,
    person: NamedDependency[Person],
    plan: FromQuery[str | None] = None,
    kind: FromQuery[PlanKind | None] = None,
    finding: FromQuery[FindingKind | None] = None,
    proposal: FromQuery[ReviewAct | None] = None,
    responsible: FromQuery[str | None] = None,
    territory: FromQuery[str | None] = None,
    dealer: FromQuery[str | None] = None,
    whose: FromQuery[Whose | None] = None,
    waits: FromQuery[Waits | None] = None,
    run: FromQuery[int | None] = None,
    period: FromQuery[date | None] = None,
    act: FromQuery[ReviewAct | None] = None,
    but: Annotated[list[int] | None, QueryParameter()] = None,
) -> PreviewTold:
    """What deciding all that match would do, less those named by `but`: as each proposes, or one act.

    Nothing is written. Only reviews that nobody has decided match.
    """
    many = ManyReviews(
        plan=plan, kind=kind, finding=finding, proposal=proposal, responsible=responsible, territory=territory,
        dealer=dealer, whose=whose, waits=waits, run=run, period=period, act=act, but=but or [],
    )  # fmt: skip
    shown = await service.preview_of(person, many)
    tell = web.language_of(request).tell
    limits = [LimitsChanged(each.currency, each.count, each.change) for each in shown.limits]
    reviews = [_would(each, tell) for each in shown.would]
    return PreviewTold(shown.mark, len(shown.able), len(shown.left), shown.counts, limits, reviews)


def _would(each: Would, tell: Any) -> WouldDo:  # noqa: ANN401 - of a language
    row = each.as_row()
    row = {name: row[name] for name in WouldDo.__struct_fields__}
    return WouldDo(**{**row, "why_not": None if each.why_not is None else tell(each.why_not)})


@post(f"{_AT}/together", status_code=200)
async def decide_together(
    request: AnyRequest, person: NamedDependency[Person], data: JSONBody[DecideReviews]
) -> ManyDecided:
    """Decide all that was shown, in one act; nothing is done where it is no longer what bears the `mark`."""
    done, left = await service.decide_reviews(person, data)
    tell = web.language_of(request).tell
    return ManyDecided(
        [Decided.of(each) for each in done],
        [
            LeftUndecided(each.wish.row["number"], each.wish.row["dealer"], tell(each.why_not))
            for each in left
            if each.why_not is not None
        ],
    )


ROUTES = (
    show_decision,
    show_today,
    decide_review,
    hand_on,
    approve_hold,
    refuse_hold,
    withdraw_hold,
    show_together,
    decide_together,
)

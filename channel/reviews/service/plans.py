"""Plans of reviews: which there are, when each opens reviews next, and the acts on them beside their versions."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from asyncpg import Record

from channel import clock
from channel.access import service as access
from channel.access.rules import Person, Right, require
from channel.consent.rules import the_person
from channel.database import db
from channel.errors import Conflict, NotFound, m
from channel.reviews.acts import AddPlan, PausePlan, ResumePlan
from channel.reviews.queries import plans as queries
from channel.reviews.rules.choices import PlanState
from channel.reviews.rules.periods import Pause, next_days
from channel.reviews.rules.plan import ReviewPlan
from channel.reviews.rules.plan_paper import REVIEW_PLANS
from channel.versions import queries as version_queries
from channel.versions.rules import Paper
from channel.versions.service import numbered, read_version

_ADD, _PAUSE, _RESUME = "add review plan", "pause review plan", "resume review plan"
_SHOWN = 12
"""So many of the next days are told of a plan."""


async def _plan_there(_: Person, code: str) -> None:
    if not await queries.exists(code):
        raise no_plan(code)


def no_plan(code: str) -> NotFound:
    """What is said of a plan that there is not."""
    return NotFound(m("There is no review plan %(code)s.", code=code))


PAPER: Paper[ReviewPlan] = replace(REVIEW_PLANS, whose=_plan_there)
"""The versions of plans, of which nothing is told where there is no such plan."""


@dataclass(frozen=True, slots=True)
class Versions:
    """The approved versions of a plan, as they count by days: the latest day first."""

    counting: tuple[tuple[date, ReviewPlan], ...]

    def on(self, day: date) -> ReviewPlan | None:
        """The version that counts on a day, as known now; None before any does."""
        return next((plan for from_on, plan in self.counting if from_on <= day), None)


async def versions_of(code: str) -> Versions:
    """The versions of a plan by which its periods are told."""
    rows = [row for row in await version_queries.versions(PAPER.code, code) if row["state"] == "approved"]
    # The same choice as `versions.queries.IN_FORCE` makes: of one day the one that was approved last.
    rows.sort(key=lambda row: (row["effective_from"], row["approved_at"], row["version"]), reverse=True)
    return Versions(tuple((row["effective_from"], read_version(PAPER, row).document) for row in rows))


def pauses_of(rows: Sequence[Record], code: str) -> list[Pause]:
    """The pauses of one plan among those of several."""
    return [Pause(row["from_on"], row["paused"]) for row in rows if row["plan"] == code]


@dataclass(frozen=True, slots=True)
class Told:
    """A plan as it is told: what counts today, whether it is paused, and the days on which it opens reviews next."""

    row: Record
    plan: ReviewPlan | None
    next_days: tuple[date, ...]

    @property
    def code(self) -> str:
        """The plan's."""
        return str(self.row["code"])

    @property
    def state(self) -> PlanState:
        """Whether it opens reviews."""
        if self.plan is None:
            return PlanState.WITHOUT_VERSION
        return PlanState.PAUSED if self.row["paused"] else PlanState.COUNTS

    def as_row(self) -> Mapping[str, Any]:
        """What a list shows of it."""
        plan = self.plan
        return {
            "code": self.code,
            "name": None if plan is None else plan.name,
            "kind": None if plan is None else plan.kind,
            "rhythm": None if plan is None else plan.when.rhythm,
            "next_on": self.next_days[0] if self.next_days else None,
            "opened_on": self.row["opened_on"],
            "state": self.state,
            "version": None if plan is None else plan.version,
        }


async def plans_told(person: Person) -> list[Told]:
    """Every plan by its code."""
    require(person, Right.SEE_REVIEWS)
    rows = await queries.plans(clock.today())
    pauses = await queries.pauses([row["code"] for row in rows])
    return [await _told(row, pauses, 1) for row in rows]


async def plan_told(person: Person, code: str) -> Told:
    """One plan with the next days on which it opens reviews."""
    require(person, Right.SEE_REVIEWS)
    row = await queries.plan(code, clock.today())
    if row is None:
        raise no_plan(code)
    return await _told(row, await queries.pauses([code]), _SHOWN)


async def _told(row: Record, pauses: Sequence[Record], count: int) -> Told:
    today, versions = clock.today(), await versions_of(row["code"])
    on: Callable[[date], ReviewPlan | None] = versions.on
    days = next_days(on, pauses_of(pauses, row["code"]), today, count)
    return Told(row, on(today), tuple(days))


async def add_plan(person: Person, act: AddPlan) -> str:
    """A new plan, under its code; it opens nothing until a version of it counts."""
    require(person, Right.PROPOSE_POLICY)
    the_person(person)
    async with db.transaction():
        posting_id = await access.open_posting(person, _ADD)
        if not await queries.record_plan(act.code, clock.today(), posting_id):
            raise Conflict(m("There is a review plan %(code)s already.", code=act.code))
        await access.audit(person, _ADD, f"review plan {act.code}", reason=act.reason, posting_id=posting_id)
    return act.code


async def pause_plan(person: Person, code: str, act: PausePlan) -> None:
    """From today on a plan opens nothing; what it opened stays."""
    await _keep_pause(person, code, act.reason, _PAUSE, paused=True)


async def resume_plan(person: Person, code: str, act: ResumePlan) -> None:
    """From today on a plan opens reviews again; the days on which it was paused are over."""
    await _keep_pause(person, code, act.reason, _RESUME, paused=False)


async def _keep_pause(person: Person, code: str, reason: str, said: str, *, paused: bool) -> None:
    require(person, Right.PROPOSE_POLICY)
    async with db.transaction():
        if await queries.lock_plan(code) is None:
            raise no_plan(code)
        row = await queries.plan(code, clock.today())
        if row is None or row["paused"] == paused:
            return
        posting_id = await access.open_posting(person, said)
        await queries.record_pause(code, clock.today(), reason, posting_id, paused=paused)
        await access.audit(person, said, f"review plan {code}", reason=reason, posting_id=posting_id)


async def days_to_decide(kept: Collection[tuple[str, int]]) -> dict[tuple[str, int], int]:
    """Of versions of plans, each by the plan's code and its number, within how many working days is to be decided."""
    return {each: (await numbered(PAPER, each[1], each[0])).deciding.days for each in kept}

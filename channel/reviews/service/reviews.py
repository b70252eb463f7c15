"""Reviews as they are told: listed, shown whole, by run, what is due, and opened by hand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from asyncpg import Record

from channel import clock
from channel.access import service as access
from channel.access.rules import Person, Right, require
from channel.database import db
from channel.dealers.service.facts import dealer_by_code
from channel.errors import Conflict, NotFound, invalid, m
from channel.lists import Page, Wanted, page_in
from channel.receivables.service.overview import since_yesterday
from channel.reviews.acts import OpenReviews
from channel.reviews.lists import DUE
from channel.reviews.queries import plans as plan_queries
from channel.reviews.queries import reviews as queries
from channel.reviews.queries import runs as run_queries
from channel.reviews.queries.reviews import ReviewFilter
from channel.reviews.rules.choices import RunState
from channel.reviews.rules.findings import Finding, findings_from_document
from channel.reviews.rules.snapshot import Snapshot, snapshot_from_document
from channel.reviews.service.planning import OPEN
from channel.reviews.service.plans import no_plan, plans_told, versions_of
from channel.work.service import ask

_ACT = "ask for reviews"


async def reviews_told(person: Person, asked: ReviewFilter, wanted: Wanted) -> Page[Record]:
    """Reviews in the person's scope, the heaviest first."""
    require(person, Right.SEE_REVIEWS)
    return await queries.reviews_listed(asked, wanted)


async def reviews_of_dealer(person: Person, code: str, wanted: Wanted) -> Page[Record]:
    """The reviews of a dealer; `NotFound` where there is no such dealer in scope."""
    require(person, Right.SEE_REVIEWS)
    return await queries.reviews_listed(ReviewFilter((await dealer_by_code(code))["id"]), wanted)


@dataclass(frozen=True, slots=True)
class ReviewTold:
    """One review: its row, what was seen, and what was found in it."""

    row: Record
    seen: Snapshot
    findings: tuple[Finding, ...]


async def review_told(person: Person, dealer: str, number: int) -> ReviewTold:
    """One review with all that was seen; `NotFound` where there is none such in scope."""
    require(person, Right.SEE_REVIEWS)
    row = await queries.review(dealer, number)
    if row is None:
        raise NotFound(m("There is no review %(number)s of %(dealer)s.", number=str(number), dealer=dealer))
    return ReviewTold(row, snapshot_from_document(row["snapshot"]), findings_from_document(row["findings"]))


async def runs_told(person: Person, plan: str | None, wanted: Wanted) -> Page[Record]:
    """The runs that opened reviews, with how many of them are in the person's scope."""
    require(person, Right.SEE_REVIEWS)
    return await run_queries.runs_listed(plan, wanted)


async def due_told(person: Person, wanted: Wanted) -> Page[Mapping[str, Any]]:
    """What is due to be opened and not there yet, and of every plan the day that comes next."""
    require(person, Right.SEE_REVIEWS)
    waiting = [_waiting(row) for row in await run_queries.waiting_runs(OPEN)]
    plans = [each for each in await plans_told(person) if each.next_days]
    coming = [_due(each.code, each.next_days[0], RunState.TO_COME) for each in plans]
    return page_in([*waiting, *coming], DUE, wanted)


def _waiting(row: Record) -> Mapping[str, Any]:
    if row["failed_at"] is not None:
        return _due(row["plan"], row["period"], RunState.GIVEN_UP)
    return _due(row["plan"], row["period"], RunState.UNDER_WAY if row["under_way"] else RunState.WAITING)


def _due(plan: str, period: object, state: RunState) -> Mapping[str, Any]:
    return {"key": f"{period} {plan}", "plan": plan, "period": period, "state": state}


async def ask_for_reviews(person: Person, code: str, act: OpenReviews) -> bool:
    """Have the reviews of a plan opened for a day; False where they are opened, or being opened, already."""
    require(person, Right.OPEN_REVIEWS)
    day = act.on or clock.today()
    if day > clock.today():
        raise invalid("on", m("This day has not come yet."), m("today, or an earlier day"))
    async with db.transaction():
        if await plan_queries.lock_plan(code) is None:
            raise no_plan(code)
        if (await versions_of(code)).on(day) is None:
            raise Conflict(m("No version of the plan %(code)s counted on that day.", code=code))
        found = await run_queries.run_of(code, day)
        if found is not None and found["problem"] is None:
            return False
        await ask(OPEN, code, period=day, lane=code, due_at=clock.now())
        posting_id = await access.open_posting(person, _ACT)
        subject, after = f"review plan {code}", {"day": day}
        await access.audit(person, _ACT, subject, after=after, reason=act.reason, posting_id=posting_id)
    return True


async def opened_since_yesterday(count: int) -> Sequence[Record]:
    """The first so many reviews that were opened since yesterday began and are not decided, the heaviest first."""
    return await queries.opened_since(since_yesterday(), count)

"""Builders of the room `reviews`: plans put in force, periods planned and opened at a moment, and what was opened."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from asyncpg import Record

from channel import clock
from channel.access.rules import Role
from channel.acts import Why
from channel.database import db
from channel.reviews.acts import AddPlan
from channel.reviews.rules.plan import ReviewPlan
from channel.reviews.rules.plan_paper import REVIEW_PLANS
from channel.reviews.service.opening import OPENING
from channel.reviews.service.planning import OPEN, PLANNING
from channel.reviews.service.plans import PAPER, add_plan
from channel.versions import service as versions
from channel.versions.acts import ApproveVersion, DraftVersion
from channel.versions.rules import read_document
from channel.work.service import ask, run_due
from tests.make.access import acting, make_person


def planned(**document: Any) -> ReviewPlan:  # noqa: ANN401 - a document
    """A plan of which the document says so much, and of the rest what the shipped ones do."""
    read = read_document(REVIEW_PLANS, document)
    assert isinstance(read, ReviewPlan), read
    return read


async def make_plan(code: str, document: Mapping[str, Any], at: datetime, effective_from: date | None = None) -> None:
    """A plan that counts from the moment's day on, or a further version of it."""
    with clock.fixed(at):
        writer, second = await make_person(Role.MANAGER), await make_person(Role.FINANCE)
        async with acting(writer):
            if not await db.fetchval("SELECT true FROM review_plan WHERE code = $1", code):
                await add_plan(writer, AddPlan(code=code, reason="needed"))
            draft = DraftVersion(document=dict(document), effective_from=effective_from or clock.today())
            version = await versions.draft(writer, PAPER, draft, code)
            await versions.propose(writer, PAPER, version, Why(reason="needed"), code)
        async with acting(second):
            await versions.approve(second, PAPER, version, ApproveVersion(reason="sound"), code)


async def work_at(at: datetime) -> int:
    """What is due of reviews at a moment; how many times something was begun."""
    with clock.fixed(at):
        return await run_due([PLANNING, OPENING])


async def opened_by_hand(plan: str, on: date, at: datetime) -> None:
    """The reviews of a plan for a day, asked for and opened at a moment."""
    with clock.fixed(at):
        await _open(plan, on)


async def _open(plan: str, on: date) -> None:
    async with db.held(db.EVERYTHING), db.transaction():
        await ask(OPEN, plan, period=on, lane=plan, due_at=clock.now())
    await run_due([OPENING])


async def runs() -> list[tuple[str, date, int]]:
    """Plan, period and how many reviews were opened, of every run."""
    async with db.held(db.EVERYTHING):
        rows = await db.fetch("SELECT plan, period, opened FROM review_run ORDER BY period, plan")
    return [(row["plan"], row["period"], row["opened"]) for row in rows]


async def reviews(plan: str | None = None) -> list[Record]:
    """Every review with its dealer's code, of a plan or all, in the order in which they were opened."""
    async with db.held(db.EVERYTHING):
        return await db.fetch(
            "SELECT x.*, d.code FROM review x JOIN dealer d ON d.id = x.dealer_id"
            " WHERE $1::text IS NULL OR x.plan = $1 ORDER BY x.number",
            plan,
        )


async def planned_alone() -> None:
    """Leave the plans that come with the service out: what a test makes is planned alone."""
    async with db.held(db.EVERYTHING):
        await db.execute("UPDATE review_plan SET planned_until = '2199-12-31'")


async def open_reviews(plan: str) -> None:
    """The reviews of a plan as of today, opened now."""
    await _open(plan, clock.today())

"""What a plan would open: the same looks as those of an opening, and nothing is written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import msgspec
from asyncpg import Record

from channel import clock
from channel.access import service as access
from channel.access.rules import Person, Right, require
from channel.credit.service.looks import Asked
from channel.database import db
from channel.database.snapshots import computed_on, view_of
from channel.errors import NotFound
from channel.reviews.queries import dealers as queries
from channel.reviews.queries import runs as run_queries
from channel.reviews.queries.reviews import NewReview
from channel.reviews.rules.findings import Finding, findings_from_document
from channel.reviews.rules.plan import ReviewPlan
from channel.reviews.service.opening import BATCH, opened, sight_of
from channel.reviews.service.plans import PAPER, plan_told
from channel.reviews.service.seeing import see
from channel.reviews.service.selecting import looked_at, selected
from channel.reviews.service.sight import Sight
from channel.versions.service import in_force, version_of
from channel.view import View

MOST_SHOWN = 50
"""Of so many dealers a preview tells what would be found; of all others it tells that there are more."""


@dataclass(frozen=True, slots=True)
class WouldOpen:
    """A dealer of whom a review would be opened."""

    dealer: str
    name: str
    review: NewReview

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What would be found, with the figures in words."""
        return findings_from_document(msgspec.json.decode(self.review.findings))

    def as_row(self) -> Mapping[str, Any]:
        """What a list shows of it."""
        told = {name: getattr(self.review, name) for name in ("weight", "proposal", "overdue", "used", "currency")}
        return {"dealer": self.dealer, "name": self.name, "findings": self.findings, **told}


@dataclass(frozen=True, slots=True)
class Preview:
    """What a plan would open today: how many dealers it looks at and would review, in scope; the first of them.

    `plan` is None where no version counts.
    """

    day: date
    plan: ReviewPlan | None
    looked_at: int
    found: int
    shown: Sequence[WouldOpen]


async def preview(person: Person, code: str, version: int | None = None) -> Preview:
    """What the plan would open today as known now, of the dealers in the person's scope, by their codes.

    It is that of the version that counts today, or of another one, whatever its state.
    """
    require(person, Right.SEE_REVIEWS)
    await plan_told(person, code)
    chosen = None if version is None else (await version_of(person, PAPER, version, code)).document
    with access.one_at_a_time(person):
        await db.take_time()
        rows = await _in_scope()
        async with computed_on(view_of(clock.today())) as view:
            return await _previewed(code, chosen, view, rows)


async def _in_scope() -> list[Record]:
    rows: list[Record] = []
    while more := await queries.dealers_after(rows[-1]["id"] if rows else 0, BATCH):
        rows += more
    return rows


async def _previewed(code: str, chosen: ReviewPlan | None, view: View, rows: Sequence[Record]) -> Preview:
    try:
        plan = chosen or await in_force(PAPER, view, code)
    except NotFound:
        return Preview(view.as_of, None, 0, 0, ())
    sight = await sight_of(code, plan, view, None, await run_queries.run_before(code, view.as_of))
    looked, found = 0, []
    for start in range(0, len(rows), BATCH):
        asked = await looked_at(sight, rows[start : start + BATCH])
        looked += len(asked)
        found += await selected(sight, asked)
    found.sort(key=_code)
    return Preview(view.as_of, plan, looked, len(found), await _shown(sight, found[:MOST_SHOWN]))


def _code(asked: Asked) -> str:
    return asked.code


async def _shown(sight: Sight, asked: Sequence[Asked]) -> list[WouldOpen]:
    names = await queries.names_of([each.dealer_id for each in asked])
    return [
        WouldOpen(each.code, names[each.dealer_id]["name"], opened(sight, each)) for each in await see(sight, asked)
    ]

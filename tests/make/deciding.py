"""Builders of reviews to be decided: written as a run writes them, of whatever was seen."""

from datetime import date
from decimal import Decimal
from typing import Any

import msgspec

from channel import clock
from channel.access import service as access
from channel.access.rules import SERVICE
from channel.database import db
from channel.reviews.queries import runs as run_queries
from channel.reviews.queries.reviews import NewReview, OfRun, record_reviews
from channel.reviews.queries.runs import NewRun
from channel.reviews.rules.findings import Finding, findings_to_document
from channel.reviews.rules.plan import FINDING_NAMES, FindingKind
from channel.reviews.rules.proposing import ReviewAct
from channel.reviews.rules.snapshot import PolicyLimit, Snapshot, snapshot_to_document

PLAN = "receivables-weekly"


async def make_review(
    dealer_id: int,
    proposal: str = "keep",
    *,
    amount: str | None = None,
    until: date | None = None,
    plan: str = PLAN,
    as_of: date | None = None,
    decide_by: date | None = None,
    member_id: int | None = None,
    found: tuple[FindingKind, ...] = (FindingKind.NOTHING,),
    weight: int = 0,
    policy: str | None = None,
    currency: str = "USD",
    **seen: Any,  # noqa: ANN401 - a snapshot's
) -> int:
    """A review of a dealer, opened by a plan; its number."""
    day = as_of or clock.today()
    by_policy = None if policy is None else PolicyLimit(1, currency, Decimal(policy), None, until)
    shot = Snapshot(
        as_of=day, compared_on=day, currency=currency, company_currency="USD", policy=by_policy, **seen
    )  # fmt: skip
    findings = tuple(Finding(each, weight, FINDING_NAMES[each]) for each in found)
    async with db.held(db.EVERYTHING), db.transaction():
        posting_id = await access.open_posting(SERVICE, "open reviews")
        run = await run_queries.run_of(plan, day)
        new = NewRun(plan, day, 1, 1, clock.now(), date(1999, 1, 1), None, None)
        run_id = run["id"] if run is not None else await run_queries.record_run(new, posting_id)
        common = OfRun(run_id, plan, day, "receivables", "finance", decide_by or day)
        review = NewReview(
            dealer_id,
            currency,
            shot.overdue,
            shot.exposure,
            shot.limit,
            shot.limit_until,
            shot.used,
            [each.value for each in found],
            weight,
            ReviewAct(proposal),
            None if amount is None else Decimal(amount),
            until,
            msgspec.json.encode(snapshot_to_document(shot)).decode(),
            msgspec.json.encode(findings_to_document(findings)).decode(),
            member_id,
        )
        return (await record_reviews(common, [review], posting_id))[dealer_id]

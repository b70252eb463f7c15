"""Which of the proposals that wait rest on figures that no longer hold, for many of them in a handful of statements."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from asyncpg import Record

from channel.consent.rules import Row, Stale
from channel.credit.queries import assessments as queries
from channel.credit.rules import POLICY, CreditInputs, Policy
from channel.credit.rules.snapshot import Collected, Needs, collected_from_document, needs_of
from channel.credit.rules.stale import Today, stale_of
from channel.credit.service.inputs import Asked, collect
from channel.database import db
from channel.database.snapshots import view_of
from channel.dealers.queries.facts import facts_at
from channel.dealers.rules import DealerFacts
from channel.versions.service import numbered

_BATCH = 1000


async def stale_of_these(proposals: Iterable[Row], in_force: Policy) -> dict[int, tuple[Stale, ...]]:
    """What has changed since each proposal was computed, by proposal; the policy is the one of today.

    Proposals that rest on no assessment are computed from nothing that could change.
    """
    found: dict[int, tuple[Stale, ...]] = {}
    assessments = {row["id"]: row["rests_on"] for row in proposals if row["rests_on"] is not None}
    ids = sorted(set(assessments.values()))
    for start in range(0, len(ids), _BATCH):
        async with db.transaction(reading=True):
            rows = await queries.documents(ids[start : start + _BATCH])
            found |= await changed(rows, await facts_at([row["dealer_id"] for row in rows], view_of()), in_force)
    return {proposal: found.get(assessment, ()) for proposal, assessment in assessments.items()}


async def changed(
    rows: Sequence[Record], facts: Mapping[int, DealerFacts | CreditInputs], in_force: Policy
) -> dict[int, tuple[Stale, ...]]:
    """What has changed since each of these assessments, by its number; `facts` are those of today, by dealer."""
    then = {row["id"]: collected_from_document(row["inputs"]) for row in rows}
    alike: dict[tuple[date, int], list[Record]] = {}
    for row in rows:
        alike.setdefault((row["as_of"], row["policy_version"]), []).append(row)
    found: dict[int, tuple[Stale, ...]] = {}
    for (as_of, version), group in alike.items():
        policy = in_force if version == in_force.version else await numbered(POLICY, version)
        again = await _again(group, then, as_of, needs_of(policy))
        for row, now in zip(group, again, strict=True):
            held = _today(then[row["id"]], facts.get(row["dealer_id"]), in_force.version)
            found[row["id"]] = stale_of(then[row["id"]].inputs, policy, now.inputs, held)
    return found


async def _again(rows: Sequence[Record], then: Mapping[int, Collected], as_of: date, needs: Needs) -> list[Collected]:
    """What is known now of the months that the assessments looked at, and of the figures kept beside them."""
    asked = [
        Asked(row["dealer_id"], then[row["id"]].inputs.dealer, then[row["id"]].inputs.dealer_type, row["currency"])
        for row in rows
    ]
    months = Needs(needs.months, needs.basis, needs.sell_through, needs.stock)
    return await collect(asked, view_of(as_of), months)


def _today(then: Collected, facts: DealerFacts | CreditInputs | None, policy: int) -> Today:
    if facts is None:
        return Today(then.inputs.currency, None, None, policy)
    currency = facts.currency or then.inputs.currency
    return Today(currency, facts.grade, facts.terms_days, policy, facts.first_year_target)

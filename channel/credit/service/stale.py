"""Which of the proposals that wait rest on figures that no longer hold, for many of them in a handful of statements."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date

from channel.consent.rules import Row, Stale
from channel.credit.rules import CreditInputs, Policy
from channel.credit.rules.snapshot import Collected, needs_of
from channel.credit.rules.stale import Today, stale_of
from channel.credit.service.inputs import collect
from channel.credit.service.kept import Kept, kept
from channel.credit.service.looks import Look
from channel.database import db
from channel.database.snapshots import view_of
from channel.dealers.queries.facts import facts_at
from channel.dealers.rules import DealerFacts

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
            rests_on = await kept(ids[start : start + _BATCH], in_force)
            facts = await facts_at([each.asked.dealer_id for each in rests_on.values()], view_of())
            for group in _alike(rests_on.values()):
                again = await collect(look_again(group))
                for each, now in zip(group, again, strict=True):
                    found[each.id] = changed(each, now, facts.get(each.asked.dealer_id), in_force)
    return {proposal: found.get(assessment, ()) for proposal, assessment in assessments.items()}


def _alike(rests_on: Iterable[Kept]) -> Iterable[list[Kept]]:
    """Those together that were computed as of one day under one policy."""
    alike: dict[tuple[date, int], list[Kept]] = {}
    for each in rests_on:
        alike.setdefault((each.as_of, each.policy.version), []).append(each)
    return alike.values()


def look_again(alike: Sequence[Kept]) -> Look:
    """What is known now of the months that the assessments looked at, and of the figures kept beside them."""
    needs = needs_of(alike[0].policy)
    again = replace(needs, own_sales=False)
    return Look([each.asked for each in alike], view_of(alike[0].as_of), again)


def changed(
    rests_on: Kept, again: Collected, facts: DealerFacts | CreditInputs | None, in_force: Policy
) -> tuple[Stale, ...]:
    """What has changed since an assessment; `again` is what `look_again` gave, `facts` are those of today."""
    held = _today(rests_on.collected, facts, in_force.version)
    return stale_of(rests_on.collected.inputs, rests_on.policy, again.inputs, held)


def _today(then: Collected, facts: DealerFacts | CreditInputs | None, policy: int) -> Today:
    if facts is None:
        return Today(then.inputs.currency, None, None, policy)
    currency = facts.currency or then.inputs.currency
    return Today(currency, facts.grade, facts.terms_days, policy, facts.first_year_target)

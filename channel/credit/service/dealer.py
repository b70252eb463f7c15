"""All that is known of one dealer's credit, read in one snapshot and nothing of it twice."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from asyncpg import Record

from channel import clock
from channel.access.rules import Person, Right, require
from channel.credit.queries import assessments as queries
from channel.credit.queries import facts as fact_queries
from channel.credit.queries import limits as limit_queries
from channel.credit.queries import proposals as proposal_queries
from channel.credit.rules import POLICY, CreditInputs, LimitDecision, LimitDiff, Policy
from channel.credit.rules.snapshot import Collected, decide, needs_of
from channel.credit.service.explain import compared, lines_behind, since_kept
from channel.credit.service.inputs import Asked, collected, dealer_named, find
from channel.credit.service.limits import HeldLimit, Told, told
from channel.credit.service.needs import Counted, counted, counted_from, line_in_force
from channel.credit.service.stale import changed
from channel.database.snapshots import computed_on, view_of
from channel.dealers.queries.facts import facts_at
from channel.dealers.rules import DealerFacts
from channel.versions.service import in_force_at
from channel.view import View


@dataclass(frozen=True, slots=True)
class DealerLimit:
    """A dealer's limit in a view: what holds, what would be computed, why the two differ, and what waits.

    `facts` are what people know of his credit on the day. `since` is None where the limit in force rests on no
    assessment, or none is in force. Of the journal and the proposals what was recorded after the moment is left out; a
    proposal that was decided since stands as it does now.
    """

    held: HeldLimit
    decision: LimitDecision
    collected: Collected
    policy: Policy
    since: LimitDiff | None
    facts: list[Record]
    journal: Sequence[Record]
    proposals: list[Told]

    @property
    def open(self) -> list[Told]:
        """The proposals that wait."""
        return [row for row in self.proposals if row["state"] == "open"]


async def limit_in_view(
    asked: Asked, code: str, view: View, policy: Policy, journal: Sequence[Record], proposed: Sequence[Record]
) -> DealerLimit:
    """A dealer's limit; inside a snapshot under the system scope, with his journal and proposals, the latest first."""
    needs = needs_of(policy)
    found = await find([asked], view, needs)
    now = collected(asked, view, needs, found)
    state, line = line_in_force(journal[::-1], view.as_of)
    behind = None if line is None else line["assessment_id"]
    waiting = [row for row in proposed if row["state"] == "open"]
    rests_on = {row["id"]: row["rests_on"] for row in waiting if row["rests_on"] is not None}
    documents = {
        row["id"]: row for row in await queries.documents(sorted({*rests_on.values(), *([behind] if behind else [])}))
    }
    held, stale = None, {}
    if waiting:
        held, facts = await _of_today(asked, view, policy, now, [*journal[::-1], *waiting[::-1]])
        stale = await changed([documents[each] for each in set(rests_on.values())], facts, held.policy)
    since = documents.get(behind or 0)
    return DealerLimit(
        HeldLimit(asked.dealer_id, code, view.as_of, state, asked.currency if line is None else line["currency"]),
        decide(policy, now),
        now,
        policy,
        None if since is None else await since_kept(asked, view, policy, now, since),
        found.known.get(asked.dealer_id, []),
        journal,
        await told(proposed, held, {number: stale.get(each, ()) for number, each in rests_on.items()}),
    )


async def _of_today(
    asked: Asked, view: View, policy: Policy, now: Collected, rows: Sequence[Record]
) -> tuple[Counted, Mapping[int, DealerFacts | CreditInputs]]:
    """What proposals are counted from, and the facts: of today, whatever day is looked at."""
    if not _is_present(view):
        return await counted([asked.dealer_id]), await facts_at([asked.dealer_id], view_of())
    rates = {now.inputs.company_currency: Decimal(1), **{each.currency: each.rate for each in now.inputs.rates}}
    held = await counted_from(policy, now.inputs.company_currency, rows, rates=rates)
    return held, {asked.dealer_id: now.inputs}


def _is_present(view: View) -> bool:
    return not view.past and view.as_of == clock.today()


@dataclass(frozen=True, slots=True)
class DealerCredit:
    """A dealer's limit with the lines' totals behind its months in a view; statements and facts are those of now.

    `compared` is why the limits of two days differ, as known now, where two were named.
    """

    name: str
    limit: DealerLimit
    lines: list[Record]
    statements: list[Record]
    facts: list[Record]
    compared: LimitDiff | None


async def credit_of(person: Person, code: str, view: View, days: tuple[date | None, date | None]) -> DealerCredit:
    """Everything about a dealer's credit, and the limits of two days beside each other where both are named."""
    require(person, Right.SEE_CREDIT)
    dealer = await dealer_named(code)
    asked, ids = Asked.of(dealer), [dealer["id"]]
    sides = [view_of(day) for day in days if day is not None]
    async with computed_on(view) as fixed:
        policy, *policies = await in_force_at(POLICY, (fixed, *sides))
        journal = await limit_queries.journal(asked.dealer_id, fixed.moment)
        proposed = await proposal_queries.proposals_of_dealer(asked.dealer_id, fixed.moment)
        limit = await limit_in_view(asked, code, fixed, policy, journal, proposed)
        return DealerCredit(
            dealer["name"],
            limit,
            await lines_behind(asked, fixed, policy),
            await fact_queries.statements(ids, date.max, None),
            limit.facts if _is_present(fixed) else await fact_queries.credit_facts(ids, view_of()),
            await compared(asked, (sides[0], sides[1]), policies) if len(sides) == len(days) else None,
        )

"""All that is known of one dealer's credit, read in one snapshot and nothing of it twice."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from asyncpg import Record

from channel import clock
from channel.access import service as access
from channel.access.rules import Person, Right, require
from channel.consent.rules import Row
from channel.credit.queries.proposals import LimitHistory, history_of
from channel.credit.rules import LimitDecision, LimitDiff, Policy
from channel.credit.rules.snapshot import Collected, Needs, decide, needs_of
from channel.credit.service.differences import both_need, compared, since_kept
from channel.credit.service.exposure import Usage, may_see_usage, usage_found
from channel.credit.service.inputs import all_collected
from channel.credit.service.kept import kept
from channel.credit.service.limits import HeldLimit, Told, told
from channel.credit.service.looks import Asked, Found, Look, dealer_named, find
from channel.credit.service.needs import counted_from, line_in_force, policies_in
from channel.credit.service.stale import changed, look_again
from channel.database.snapshots import computed_on, view_of
from channel.view import View


@dataclass(frozen=True, slots=True)
class DealerLimit:
    """A dealer's limit in a view: what holds, what would be computed, why the two differ, and what waits.

    `usage` is how much of the limit in force is used, None where that was not wanted. `facts` are what people know of
    his credit on the day, `lines` those of sales behind his months. `since` is None where the limit in force rests on
    no assessment, or none is in force. Of the journal and the proposals what was recorded after the moment is left
    out; a proposal that was decided since stands as it does now. `today` is what was found as of today as known now,
    where that was looked at, and `compared` why the limits of two days differ, as known now, where two were named.
    """

    held: HeldLimit
    decision: LimitDecision
    collected: Collected
    policy: Policy
    since: LimitDiff | None
    facts: list[Record]
    lines: int
    journal: Sequence[Row]
    proposals: list[Told]
    today: Found | None
    compared: LimitDiff | None
    usage: Usage | None

    @property
    def open(self) -> list[Told]:
        """The proposals that wait."""
        return [row for row in self.proposals if row["state"] == "open"]


@dataclass(frozen=True, slots=True)
class Policies:
    """The policies that count in a view, today, and in each of two views to be compared; and the company's currency."""

    view: View
    sides: tuple[View, ...]
    in_view: Policy
    today: Policy
    of_sides: tuple[Policy, ...]
    company: str | None


async def policies_of(view: View, sides: Sequence[View] = ()) -> Policies:
    """What counts in the view, and in the two sides where they are named."""
    (in_view, today, *of_sides), company = await policies_in((view, view_of(), *sides))
    return Policies(view, tuple(sides), in_view, today, tuple(of_sides), company)


@dataclass(frozen=True, slots=True)
class _Looks:
    """What is to be found out about one dealer: each look once, whoever wants it."""

    asked: Asked
    looks: list[Look] = field(default_factory=list)

    def add(self, look: Look) -> int:
        """Want a look; its place among what is found."""
        if look not in self.looks:
            self.looks.append(look)
        return self.looks.index(look)

    def at(self, view: View, needs: Needs) -> int:
        """Want the dealer as he is asked for in a view."""
        return self.add(Look([self.asked], view, needs))


async def limit_in_view(
    asked: Asked, policies: Policies, history: LimitHistory, *, today: bool = False, exposure: bool = False
) -> DealerLimit:
    """A dealer's limit; inside a snapshot under the system scope, with the history of his limits as of the moment.

    With `today` he is looked at as of today as known now as well, whatever the view; with `exposure` it is told how
    much of the limit is used.
    """
    view, policy, known = policies.view, policies.in_view, history.known
    company = access.chosen_currency(policies.company)
    state, line = line_in_force(known.journal[::-1], view.as_of)
    rests_on = {row["id"]: row["rests_on"] for row in known.open if row["rests_on"] is not None}
    behind = None if line is None else line["assessment_id"]
    documents = await kept([*rests_on.values(), *([] if behind is None else [behind])], policy)
    before = None if behind is None else documents[behind]

    looks = _Looks(asked)
    here = looks.at(view, replace(needs_of(policy), exposure=exposure))
    since = here if before is None else looks.at(view, replace(both_need(before.policy, policy), exposure=exposure))
    again = {number: looks.add(look_again([documents[number]])) for number in set(rests_on.values())}
    now = None
    if known.open or today:
        now = here if _is_present(view) else looks.at(view_of(), Needs(1))
    sides = [looks.at(each, both_need(*policies.of_sides)) for each in policies.sides]
    found = await find(looks.looks, company, history.journal[::-1], {row["currency"] for row in history.standing})
    collected = [all_collected(each)[0] for each in found]

    held, stale = None, {}
    if now is not None and known.open:
        rates = {company: Decimal(1), **{each.currency: each.rate for each in found[now].rates.values()}}
        held = counted_from(policies.today, company, history.standing, rates)
        facts = collected[now].inputs
        stale = {
            proposal: changed(documents[number], collected[again[number]], facts, policies.today)
            for proposal, number in rests_on.items()
        }
    currency = asked.currency if line is None else line["currency"]
    return DealerLimit(
        HeldLimit(asked.dealer_id, asked.code, view.as_of, state, currency),
        decide(policy, collected[here]),
        collected[here],
        policy,
        None if before is None else since_kept(before, policy, collected[since]),
        found[here].known.get(asked.dealer_id, []),
        found[here].lines,
        known.journal,
        await told(known.proposals, held, stale),
        None if now is None else found[now],
        compared(policies.of_sides, [collected[side] for side in sides]) if sides else None,
        usage_found(found[here], asked.dealer_id, state.total, currency) if exposure else None,
    )


def _is_present(view: View) -> bool:
    return not view.past and view.as_of == clock.today()


@dataclass(frozen=True, slots=True)
class DealerCredit:
    """A dealer's limit in a view; the statements and the facts that people know of his credit are those of now."""

    name: str
    limit: DealerLimit
    statements: list[Record]
    facts: list[Record]


async def credit_of(person: Person, code: str, view: View, days: tuple[date | None, date | None]) -> DealerCredit:
    """Everything about a dealer's credit, and the limits of two days beside each other where both are named."""
    require(person, Right.SEE_CREDIT)
    dealer = await dealer_named(code)
    asked = Asked.of(dealer)
    async with computed_on(view) as fixed:
        sides = [await _side(day) for day in days if day is not None]
        policies = await policies_of(fixed, sides if len(sides) == len(days) else ())
        history = await history_of(asked.dealer_id, fixed.moment)
        limit = await limit_in_view(asked, policies, history, today=True, exposure=may_see_usage(person))
    return DealerCredit(dealer["name"], limit, *_of_now(limit.today, asked.dealer_id))


async def _side(day: date) -> View:
    """A day as known now, in the snapshot that is open."""
    async with computed_on(view_of(day)) as fixed:
        return fixed


def _of_now(today: Found | None, dealer_id: int) -> tuple[list[Record], list[Record]]:
    if today is None:
        return [], []
    return today.statements.get(dealer_id, []), today.known.get(dealer_id, [])

"""By what dealers are looked at, and the outline of each: his account, his limit, how old what is known of him is."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from channel import clock
from channel.credit.rules import Policy
from channel.credit.rules.snapshot import Needs, needs_of
from channel.credit.service.looks import Asked, Found, Look, currency_of, find
from channel.credit.service.needs import line_in_force
from channel.dealers.rules import DealerFacts
from channel.receivables.queries import conduct
from channel.receivables.queries.ageing import Books, aged
from channel.receivables.rules.ageing import AgeBy, Buckets
from channel.receivables.rules.exposure import OwedIn, exposure_of, used_of
from channel.reviews.rules.plan import ReviewPlan
from channel.reviews.rules.snapshot import MISSING_MONTHS, Aged, Snapshot
from channel.view import View

_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Sight:
    """By what dealers are looked at: a plan in a view, with what is compared, by the policy and the buckets of then.

    `places` are the codes of territories, `below` those that the plan names with all below them, None where it names
    none; `members` are code and name of the members of staff. `since` is the view of the plan's run before, or the day
    before where there was none.
    """

    code: str
    plan: ReviewPlan
    view: View
    compared_on: date
    policy: Policy
    buckets: Buckets
    places: Mapping[int, str]
    below: frozenset[int] | None
    members: Mapping[int, tuple[str, str]]
    since: View | date

    def responsible(self, held: DealerFacts | None) -> tuple[str | None, str | None]:
        """Code and name of who is responsible for a dealer by the facts of the day."""
        found = None if held is None or held.responsible_id is None else self.members.get(held.responsible_id)
        return found or (None, None)

    @property
    def needs(self) -> Needs:
        """What has to be collected: for the limit by policy, and the sales of the last twelve months."""
        needs = needs_of(self.policy)
        return replace(needs, months=max(needs.months, MISSING_MONTHS), sell_through=True)


@dataclass(frozen=True, slots=True)
class Parts:
    """What was found of a batch: facts, limits and sales, what stands in accounts, who has one, and last contacts."""

    found: Found
    aged: Mapping[int, tuple[Aged, ...]]
    kept: set[int]
    contacts: Mapping[int, date]

    @property
    def rates(self) -> dict[str, Decimal]:
        """Company currency per unit."""
        return {self.found.company: Decimal(1), **{each.currency: each.rate for each in self.found.rates.values()}}


async def parts_of(sight: Sight, asked: Sequence[Asked], needs: Needs) -> Parts:
    """What is found of a batch; `needs` say how much of its sales."""
    ids = [each.dealer_id for each in asked]
    stands = await aged_of(sight, asked, sight.view)
    currencies = {each.currency for each in asked} | {one.currency for each in stands.values() for one in each}
    (found,) = await find([Look(asked, sight.view, needs)], currencies=currencies)
    kept, contacts = await conduct.with_receivables(ids, sight.view), await conduct.last_contacts(ids, sight.view)
    return Parts(found, stands, kept, contacts)


async def aged_of(sight: Sight, asked: Sequence[Asked], view: View) -> dict[int, tuple[Aged, ...]]:
    """What stood in each dealer's account in a view, by currency; of whom nothing stood is not in it."""
    by_code = {each.code: each.dealer_id for each in asked}
    stands: dict[int, list[Aged]] = {}
    for row in await aged(Books(view, clock.today(), list(by_code.values())), sight.buckets, AgeBy.DEALER):
        one = Aged(row["currency"], tuple(row["buckets"]), row["unapplied"], row["bills"], row["disputed"])
        stands.setdefault(by_code[row["code"]], []).append(one)
    return {dealer_id: tuple(each) for dealer_id, each in stands.items()}


def outline(sight: Sight, each: Asked, part: Parts) -> Snapshot:
    """What of a dealer his conditions are asked of: his account, his limit and the age of what is known of him."""
    found, day = part.found, sight.view.as_of
    held = found.facts.get(each.dealer_id) or DealerFacts(each.dealer_id)
    state, line = line_in_force(found.events.get(each.dealer_id, ()), day)
    currency = currency_of(each, found.facts) if line is None else line["currency"]
    kept, stands, rates = each.dealer_id in part.kept, part.aged.get(each.dealer_id, ()), part.rates
    exposure = exposure_of([_owed(one) for one in stands], rates, currency)
    used = used_of(state.total, exposure.amount) if kept else None
    statements = found.statements_of(each.dealer_id)
    responsible, name = sight.responsible(held)
    facts = [row["effective_on"] for row in found.known.get(each.dealer_id, ())]
    return Snapshot(
        as_of=day,
        compared_on=sight.compared_on,
        currency=currency,
        company_currency=found.company,
        type=held.type,
        territory=None if held.territory_id is None else sight.places.get(held.territory_id),
        status=held.status,
        grade=held.grade,
        grade_since=held.grade_since if held.grade is not None else None,
        appointed_on=held.appointed_on,
        terms_days=held.terms_days,
        terms_since=held.terms_since,
        responsible=responsible,
        responsible_name=name,
        kept=kept,
        edges=sight.buckets.edges,
        aged=stands,
        without_rate=exposure.without_rate,
        open=brought(stands, "open", rates, currency) if kept else None,
        overdue=brought(stands, "overdue", rates, currency) if kept else None,
        exposure=exposure.amount if kept else None,
        limit=state.total,
        limit_base=state.base,
        limit_since=state.since if state.base is not None else None,
        limit_until=state.until if state.base is not None else None,
        used=None if used is None else used.share,
        statement_on=max((row["period_end"] for row in statements), default=None),
        statement_months=sight.policy.parameters.statement_max_age_months,
        facts_since=min(facts, default=None),
        contact_on=part.contacts.get(each.dealer_id),
    )


def _owed(one: Aged) -> OwedIn:
    return OwedIn(one.currency, one.open, one.on_account, one.bills)


def brought(stands: Iterable[Aged], name: str, rates: Mapping[str, Decimal], currency: str) -> Decimal | None:
    """A figure of all currencies in one, at the rates of the day; None where one of them has none."""
    parts = [OwedIn(one.currency, getattr(one, name), _ZERO, _ZERO) for one in stands]
    return exposure_of(parts, rates, currency).amount

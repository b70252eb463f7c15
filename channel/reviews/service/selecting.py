"""Which dealers a plan reviews: whom it looks at, and to whom of them what it asks applies."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal

from asyncpg import Record

from channel.consent.rules import Row
from channel.credit.rules.snapshot import Needs
from channel.credit.service.looks import Asked, currency_of
from channel.credit.service.needs import line_in_force
from channel.database import db
from channel.dealers.queries.facts import facts_at
from channel.receivables.queries import conduct
from channel.receivables.rules.exposure import OwedIn, exposure_of
from channel.receivables.rules.incidents import IncidentKind
from channel.reviews.queries import dealers as queries
from channel.reviews.rules.findings import passes
from channel.reviews.rules.plan import Rhythm
from channel.reviews.rules.selecting import Happened, asks_nothing, is_looked_at, is_reviewed
from channel.reviews.rules.snapshot import Snapshot
from channel.reviews.service.sight import Parts, Sight, outline, parts_of

_ZERO = Decimal(0)
_NOTHING = Happened()
_LEAST = Needs(1)
"""What is read of sales of dealers of whom it is not yet known whether they are reviewed."""


async def looked_at(sight: Sight, rows: Iterable[Record]) -> list[Asked]:
    """Those of the dealers whom the plan looks at, by the facts of the day."""
    asked = [Asked.of(row) for row in rows]
    facts = await facts_at([each.dealer_id for each in asked], sight.view)
    return [
        each
        for each in asked
        if is_looked_at(
            sight.plan.dealers,
            facts.get(each.dealer_id),
            below=sight.below,
            currency=currency_of(each, facts),
            responsible=sight.responsible(facts.get(each.dealer_id))[0],
        )
    ]


async def selected(sight: Sight, asked: Sequence[Asked]) -> list[Asked]:
    """Those of the dealers looked at whom the plan reviews."""
    if not asked or (asks_nothing(sight.plan.conditions) and sight.plan.when.rhythm is not Rhythm.EVENT):
        return list(asked)
    async with db.planned_anew():
        part = await parts_of(sight, asked, _LEAST)
        outlines = {each.dealer_id: outline(sight, each, part) for each in asked}
        happened = await _happened(sight, part, outlines)
    return [
        each
        for each in asked
        if is_reviewed(sight.plan, outlines[each.dealer_id], happened.get(each.dealer_id, _NOTHING))
    ]


async def _happened(sight: Sight, part: Parts, outlines: Mapping[int, Snapshot]) -> dict[int, Happened]:
    """What else the plan's conditions ask of dealers; of whom nothing is to be told is not in it."""
    asked, ids = sight.plan.conditions, list(outlines)
    held = await _new(sight, ids, IncidentKind.HOLD) if asked.hold_placed else set()
    broke = await _new(sight, ids, IncidentKind.BROKEN_PROMISE) if asked.promise_broken else set()
    last = await queries.last_reviews(ids, sight.code, sight.view.as_of)
    above = await _above_each_day(sight, part, outlines)
    return {
        dealer_id: Happened(dealer_id in above, dealer_id in held, dealer_id in broke, last.get(dealer_id))
        for dealer_id in {*held, *broke, *last, *above}
    }


async def _new(sight: Sight, ids: Sequence[int], kind: IncidentKind) -> set[int]:
    return await conduct.with_new_incident(ids, sight.view, kind, sight.since)


async def _above_each_day(sight: Sight, part: Parts, outlines: Mapping[int, Snapshot]) -> set[int]:
    """Whose exposure passed the plan's share of his limit on each of its days; rates are those of the last one."""
    asked, day = sight.plan.conditions, sight.view.as_of
    share = asked.days_above
    if share is None:
        return set()
    # Who is not above it on the day itself needs no look at the days before.
    ids = [dealer_id for dealer_id, seen in outlines.items() if passes(seen.exposure, seen.limit, share)]
    days = [day - timedelta(days=back) for back in range(asked.days_above_days - 1, -1, -1)]
    stood: dict[tuple[int, date], list[OwedIn]] = {}
    for row in await conduct.exposed_on_each(ids, days, sight.view):
        one = OwedIn(row["currency"], row["amount"], _ZERO, _ZERO)
        stood.setdefault((row["dealer_id"], row["as_of"]), []).append(one)
    return {
        dealer_id
        for dealer_id in ids
        if all(
            _passes_on(on, stood.get((dealer_id, on), ()), part, dealer_id, outlines[dealer_id].currency, share)
            for on in days
        )
    }


def _passes_on(on: date, stood: Sequence[OwedIn], part: Parts, dealer_id: int, currency: str, share: Decimal) -> bool:
    lines: Sequence[Row] = part.found.events.get(dealer_id, ())
    state, line = line_in_force(lines, on)
    exposure = exposure_of(stood, part.rates, currency).amount
    return line is not None and line["currency"] == currency and passes(exposure, state.total, share)

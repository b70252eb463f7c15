"""All that is seen of dealers on the day of a review: for a thousand at once, in a handful of statements a room."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from asyncpg import Record
from msgspec import structs

from channel.credit.rules.snapshot import decide
from channel.credit.service.inputs import collected
from channel.credit.service.looks import Asked, by_dealer
from channel.database import db
from channel.dealers.queries.facts import values_in
from channel.dealers.rules import Fact
from channel.periods import Month, complete_months_before, plus_months
from channel.receivables.queries import conduct
from channel.receivables.rules.exposure import OwedIn, exposure_of
from channel.reviews.rules.snapshot import LATE_DAYS, MISSING_MONTHS, Aged, Counted, PolicyLimit, Snapshot
from channel.reviews.rules.trends import (
    compute_sold,
    compute_turned,
    count_missing,
    sold_in,
    sold_through,
    weighted_days,
    whole_months,
)
from channel.reviews.service.sight import Parts, Sight, aged_of, brought, outline, parts_of
from channel.sales.queries.coverage import months_counted
from channel.sales.queries.months import covered

_ZERO = Decimal(0)
_YEAR = 12


@dataclass(frozen=True, slots=True)
class Seen:
    """A dealer who is reviewed, and what was seen of him."""

    dealer_id: int
    code: str
    snapshot: Snapshot


async def see(sight: Sight, asked: Sequence[Asked]) -> list[Seen]:
    """All that is seen of dealers who are reviewed, in their order."""
    return list(seen_in(sight, await read_of(sight, asked)))


async def read_of(sight: Sight, asked: Sequence[Asked]) -> "Read | None":
    """What is read of dealers who are reviewed, from which all that is seen of them is computed; None of nobody."""
    if not asked:
        return None
    async with db.planned_anew():
        return Read(asked, await parts_of(sight, asked, sight.needs), await _rest(sight, asked))


def seen_in(sight: Sight, read: "Read | None") -> Iterator[Seen]:
    """All that is seen in what was read, dealer by dealer in their order."""
    if read is not None:
        for each in read.asked:
            yield Seen(each.dealer_id, each.code, _whole(sight, each, read.part, read.rest))


@dataclass(frozen=True, slots=True)
class _Rest:
    """What is told of dealers who are reviewed beside their outline, by dealer."""

    before: Mapping[int, tuple[Aged, ...]]
    newer: Mapping[int, Sequence[conduct.Settled]]
    older: Mapping[int, Sequence[conduct.Settled]]
    disputes: Mapping[int, int]
    promises: Mapping[int, Sequence[Record]]
    incidents: Mapping[int, Sequence[tuple[str, int]]]
    terms: Mapping[int, str | None]
    stock: Mapping[int, Sequence[Record]]
    counted: Mapping[int, set[date]]
    months: tuple[Month, ...]

    @property
    def firsts(self) -> list[date]:
        """The first days of the months of which reports are missed."""
        return [month.first for month in self.months]


@dataclass(frozen=True, slots=True)
class Read:
    """What was read of dealers who are reviewed."""

    asked: Sequence[Asked]
    part: Parts
    rest: _Rest


async def _rest(sight: Sight, asked: Sequence[Asked]) -> _Rest:
    view, day, ids = sight.view, sight.view.as_of, [each.dealer_id for each in asked]
    turn, year = day - timedelta(days=LATE_DAYS), plus_months(day, -_YEAR)
    newer, older = await conduct.settled_lately(ids, view, turn - timedelta(days=LATE_DAYS), turn)
    months = complete_months_before(day, MISSING_MONTHS)
    return _Rest(
        await aged_of(sight, asked, replace(view, as_of=sight.compared_on)),
        newer,
        older,
        await conduct.open_disputes(ids, view),
        by_dealer(await conduct.outstanding_promises(ids, view)),
        await conduct.incidents_since(ids, view, year),
        await values_in(Fact.TERMS_DAYS, ids, replace(view, as_of=year)),
        by_dealer(await covered(ids, ["stock"], months[-1].end, view.moment)),
        await months_counted(ids, months[0], months[-1], view.moment),
        months,
    )


def _whole(sight: Sight, each: Asked, part: Parts, rest: _Rest) -> Snapshot:
    """The outline of a dealer with all that is told beside it."""
    seen, dealer_id = outline(sight, each, part), each.dealer_id
    known = collected(each, part.found)
    decision = decide(sight.policy, known)
    before, rates = rest.before.get(dealer_id, ()), part.rates
    incidents = tuple(rest.incidents.get(dealer_id, ()))
    months = [one for one in known.inputs.months if one.month >= rest.months[0]]
    terms = rest.terms.get(dealer_id)
    return structs.replace(
        seen,
        aged_before=before,
        overdue_before=brought(before, "overdue", rates, seen.currency) if seen.kept else None,
        late_days=_late(rest.newer.get(dealer_id, ()), rates),
        late_days_before=_late(rest.older.get(dealer_id, ()), rates),
        policy=PolicyLimit(
            decision.policy_version, decision.currency, decision.amount, decision.withheld, decision.valid_until
        ),
        sell_in=compute_sold(sold_in(months)),
        sell_through=compute_sold(sold_through(months)),
        turned=compute_turned(months),
        missing_reports=_missing(dealer_id, part, rest),
        disputes=Counted(rest.disputes.get(dealer_id, 0), brought(seen.aged, "disputed", rates, seen.currency)),
        promises=_promised(rest.promises.get(dealer_id, ()), rates, seen.currency),
        broken_promises=dict(incidents).get("broken_promise", 0),
        incidents=incidents,
        terms_before=None if terms is None else int(terms),
    )


def _late(settled: Sequence[conduct.Settled], rates: Mapping[str, Decimal]) -> Decimal | None:
    return weighted_days([(each.currency, each.amount, each.weighted) for each in settled], rates)


def _promised(rows: Sequence[Record], rates: Mapping[str, Decimal], currency: str) -> Counted:
    parts = [OwedIn(row["currency"], row["amount"], _ZERO, _ZERO) for row in rows]
    return Counted(sum(row["count"] for row in rows), exposure_of(parts, rates, currency).amount)


def _missing(dealer_id: int, part: Parts, rest: _Rest) -> int | None:
    held = part.found.facts[dealer_id]
    spans = {
        "sell-through": tuple(part.found.spans.get((dealer_id, "sell-through"), ())),
        "stock": tuple((row["from_on"], row["to_on"]) for row in rest.stock.get(dealer_id, ())),
    }
    owed = {kind: whole_months(spans[kind]) for kind in held.reports_owed if kind in spans}
    return count_missing(rest.firsts, held.appointed_on, owed, rest.counted.get(dealer_id, frozenset()))

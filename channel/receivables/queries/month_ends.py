"""Ageing on many days in one reading of the ledger: what `standing.stretches` says stood, in buckets day by day."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from channel.database import db
from channel.receivables.queries import standing
from channel.receivables.queries.ageing import Converting
from channel.receivables.queries.disputed import disputed_on_each
from channel.receivables.rules.ageing import AgeBasis, Ageing, Buckets


@dataclass(frozen=True, slots=True)
class Ends:
    """Which books are aged, on which days, in order, all as known at one moment (None: now, in the open snapshot).

    `placed` are the dealers of each of the days, where they are not all in scope.
    """

    days: Sequence[date]
    moment: datetime | None
    placed: Sequence[Sequence[int]] | None = None
    currency: str | None = None

    @property
    def changing(self) -> bool:
        """Whether not the same dealers count on all of the days."""
        return self.placed is not None and any(each != self.placed[0] for each in self.placed)

    @property
    def args(self) -> list[object]:
        """The arguments in the places $1 to $6; the last two are who counts on which day, where that changes."""
        placed = self.placed or ()
        dealers = None if self.placed is None else sorted({each for ids in placed for each in ids})
        counting = zip(self.days, placed if self.changing else (), strict=False)
        pairs = [(day, each) for day, ids in counting for each in ids]
        return [dealers, self.days, self.moment, self.currency, [day for day, _ in pairs], [each for _, each in pairs]]


_ON_ACCOUNT, _BILL, _DISPUTED = -1, -2, -3


def _rows(ends: Ends, buckets: Buckets) -> str:
    """SQL: what stood, each row with the day from which it ages (of items), or with where else it stands.

    What is disputed stands a second time, as such.
    """
    whose = "true" if ends.placed is None else "x.dealer_id = ANY ($1::bigint[])"
    day = "due_on" if buckets.basis is AgeBasis.DUE else "effective_on"
    return f"""
    SELECT * FROM (
        SELECT dealer_id, currency, CASE WHEN instalment > 0 THEN {day} END AS day,
               CASE WHEN instalment = 0 THEN {_ON_ACCOUNT} END AS beside, first, last, amount
        FROM ({standing.stretches(whose, "$2", "$3")}) AS s
        UNION ALL
        SELECT dealer_id, currency, NULL, {_BILL}, first, last, amount
        FROM ({standing.bill_stretches(whose, "$2", "$3")}) AS s
        UNION ALL
        SELECT dealer_id, currency, NULL, {_DISPUTED}, place, place, disputed
        FROM ({disputed_on_each(whose, "$2", "$3")}) AS s
    ) AS every WHERE $4::text IS NULL OR currency = $4
    """


def _aged_sql(ends: Ends, buckets: Buckets, *, converted: bool) -> str:
    # Days of one bucket on every end are one day, the last of them ($7): few rows are left to be told for each end. A
    # dealer is told apart where amounts are rounded for him, or where he does not count on all of the days.
    dealer = "CASE WHEN currency <> $9 THEN dealer_id END" if converted else "NULL::bigint"
    dealer = "dealer_id" if ends.changing else dealer
    counts = "WHERE (at.as_of, s.dealer_id) IN (SELECT * FROM unnest($5::date[], $6::bigint[]))"
    return f"""
    WITH asked AS (SELECT $1::bigint[], $2::date[], $3::timestamptz, $4::text, $5::date[], $6::bigint[], $9::text),
    stood AS MATERIALIZED (
        SELECT {dealer} AS dealer_id, currency, ($7::date[])[width_bucket(day - 1, $7::date[]) + 1] AS day, beside,
               first, last, sum(amount) AS amount
        FROM ({_rows(ends, buckets)}) AS r GROUP BY 1, 2, 3, 4, 5, 6
    ), aged AS (
        SELECT at.as_of, s.dealer_id, s.currency,
               coalesce(s.beside, width_bucket(at.as_of - s.day, $8::integer[]), 0) AS bucket, sum(s.amount) AS amount
        FROM stood s JOIN unnest($2::date[]) WITH ORDINALITY AS at (as_of, place) ON at.place BETWEEN s.first AND s.last
        {counts if ends.changing else ""}
        GROUP BY 1, 2, 3, 4
    )
    SELECT a.as_of, CASE WHEN r.rate IS NULL THEN a.currency ELSE $9 END AS currency, a.bucket,
           sum(coalesce(round(a.amount * r.rate, 4), a.amount)) AS amount
    FROM aged a LEFT JOIN unnest($10::date[], $11::text[], $12::numeric[]) AS r (as_of, currency, rate)
      ON r.as_of = a.as_of AND r.currency = a.currency
    GROUP BY 1, 2, 3
    """


async def aged_on_each(
    ends: Ends, buckets: Buckets, into: Sequence[Converting] | None = None
) -> list[dict[str, Ageing]]:
    """The totals of the ageing on each of the days, by currency: what `ageing.aged` of that day alone comes to.

    `into` has the rates of each day. It is asked within a transaction.
    """
    to = into[0].currency if into else None
    rates = [
        (day, currency, rate)
        for day, each in zip(ends.days, into or (), strict=False)
        for currency, rate in {**each.rates, each.currency: Decimal(1)}.items()
    ]
    columns = [[each[n] for each in rates] for n in range(3)]
    lasts = sorted({day - timedelta(days=start) for day in ends.days for start in buckets.starts})
    async with db.summed_anew():
        rows = await db.fetch(
            _aged_sql(ends, buckets, converted=into is not None), *ends.args, lasts, list(buckets.starts), to, *columns
        )
    amounts: dict[tuple[date, str], dict[int, Decimal]] = {}
    for row in rows:
        amounts.setdefault((row["as_of"], row["currency"]), {})[row["bucket"]] = row["amount"]
    found: dict[date, dict[str, Ageing]] = {day: {} for day in ends.days}
    for (day, currency), mine in sorted(amounts.items()):
        found[day][currency] = _ageing(mine, buckets)
    return [found[day] for day in ends.days]


def _ageing(amounts: Mapping[int, Decimal], buckets: Buckets) -> Ageing:
    nothing = Decimal(0)
    in_buckets = tuple(amounts.get(place, nothing) for place in range(len(buckets.names)))
    beside = (amounts.get(each, nothing) for each in (_ON_ACCOUNT, _BILL, _DISPUTED))
    return Ageing(in_buckets, *beside)

"""The call list in sets: what dealers owe overdue today and what came of asking for it, and who is calling whom."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from asyncpg import Record

from channel.database import db
from channel.receivables.queries.disputed import disputed
from channel.receivables.rules.ageing import Buckets
from channel.receivables.rules.calls import Owing

_WHOSE = "($1::bigint[] IS NULL OR x.dealer_id = ANY ($1::bigint[]))"
# Amounts are summed by the buckets of the ageing and brought into the company's currency bucket by bucket, as it does:
# so they make the same figures. What stands in contact_entry for good is looked up for those alone who owe something.
_OWING = f"""
WITH contested AS MATERIALIZED (
    SELECT dealer_id, document_id, instalment, currency, due_on, amount, disputed
    FROM ({disputed(_WHOSE, "$2", "NULL", today=True)}) AS s WHERE due_on < $2::date
), late AS (
    SELECT x.dealer_id, x.currency, width_bucket($2::date - x.due_on, $5::integer[]) AS bucket,
           sum(x.amount) AS amount, 0::numeric AS disputed,
           min(x.due_on) FILTER (WHERE (x.dealer_id, x.document_id, x.instalment) NOT IN (
               SELECT dealer_id, document_id, instalment FROM contested WHERE disputed >= amount)) AS oldest
    FROM open_item x WHERE {_WHOSE} AND x.instalment > 0 AND x.due_on < $2::date
      AND ($4::text IS NULL OR x.currency = $4)
    GROUP BY 1, 2, 3
    UNION ALL
    SELECT dealer_id, currency, 0, 0, sum(disputed), NULL FROM contested
    WHERE $4::text IS NULL OR currency = $4 GROUP BY 1, 2
), owing AS MATERIALIZED (
    SELECT l.dealer_id, CASE WHEN r.rate IS NULL THEN l.currency ELSE $6 END AS currency,
           sum(coalesce(round(l.amount * r.rate, 4), l.amount)) AS overdue,
           sum(coalesce(round(l.disputed * r.rate, 4), l.disputed)) AS disputed, min(l.oldest) AS oldest_due_on
    FROM late l LEFT JOIN unnest($7::text[], $8::numeric[]) AS r (currency, rate) ON r.currency = l.currency
    GROUP BY 1, 2
), promised AS (
    SELECT dealer_id, min(due_on) AS promised_on FROM promise_instalment x
    WHERE {_WHOSE} AND ended_by IS NULL AND due_on >= $2::date GROUP BY 1
), broken AS (
    SELECT dealer_id, count(*) AS broken FROM credit_incident x
    WHERE {_WHOSE} AND kind = 'broken_promise' AND incident_on > $3::date AND incident_on <= $2::date GROUP BY 1
)
SELECT o.*, d.code, d.name, t.code AS territory, t.name AS territory_name, coalesce(b.broken, 0) AS broken,
       e.last_contact_on, coalesce(e.tried, false) AS tried, w.promised_on, c.name AS claimed_by, c.claimed_at,
       coalesce(c.owner = $10, false) AS mine
FROM owing o JOIN dealer d ON d.id = o.dealer_id LEFT JOIN territory t ON t.id = d.territory_id
LEFT JOIN promised w ON w.dealer_id = o.dealer_id LEFT JOIN broken b ON b.dealer_id = o.dealer_id
LEFT JOIN LATERAL (
    SELECT max(x.took_place_on) FILTER (WHERE x.outcome <> 'not_reached') AS last_contact_on,
           bool_or(x.outcome = 'not_reached' AND x.took_place_on = $2::date) AS tried
    FROM contact_entry x WHERE x.dealer_id = o.dealer_id AND NOT EXISTS (
        SELECT FROM contact_entry y WHERE y.dealer_id = x.dealer_id AND y.supersedes_id = x.id)
) AS e ON true
LEFT JOIN call_claim c ON c.dealer_id = o.dealer_id AND c.until > $9::timestamptz
"""


@dataclass(frozen=True, slots=True)
class Overdue:
    """Whose overdue items are asked for: of these dealers (None: of all in scope), in one currency or in each.

    `rates` bring what has one into the currency `into`; `owner` is who asks.
    """

    today: date
    broken_after: date
    now: datetime
    buckets: Buckets
    owner: str
    dealer_ids: Sequence[int] | None = None
    currency: str | None = None
    into: str | None = None
    rates: Mapping[str, Decimal] | None = None


async def overdue_dealers(asked: Overdue) -> list[Owing]:
    """Dealers with anything overdue today, by currency."""
    rates = {} if asked.into is None else {**(asked.rates or {}), asked.into: Decimal(1)}
    rows = await db.fetch(
        _OWING,
        asked.dealer_ids,
        asked.today,
        asked.broken_after,
        asked.currency,
        list(asked.buckets.starts),
        asked.into,
        list(rates),
        list(rates.values()),
        asked.now,
        asked.owner,
    )
    names = Owing.__slots__
    return [Owing(**{name: row[name] for name in names}) for row in rows]


_CLAIM = """
INSERT INTO call_claim AS c (dealer_id, owner, name, claimed_at, until) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (dealer_id) DO UPDATE SET owner = $2, name = $3, claimed_at = $4, until = $5
WHERE c.until <= $4 OR c.owner = $2 RETURNING dealer_id
"""


async def record_claim(dealer_id: int, owner: str, name: str, now: datetime, until: datetime) -> bool:
    """Whether the dealer is this person's to call until then; nobody's claim that holds is taken from him."""
    return await db.fetchval(_CLAIM, dealer_id, owner, name, now, until) is not None


async def remove_claims(owner: str, but: int | None = None) -> None:
    """Nobody waits any longer for whom this person was calling, `but` one dealer."""
    await db.execute("DELETE FROM call_claim WHERE owner = $1 AND ($2::bigint IS NULL OR dealer_id <> $2)", owner, but)


async def remove_claim(dealer_id: int, owner: str) -> None:
    """This person is not calling the dealer any more."""
    await db.execute("DELETE FROM call_claim WHERE dealer_id = $1 AND owner = $2", dealer_id, owner)


async def claim_of(dealer_id: int, now: datetime) -> Record | None:
    """Who is calling a dealer, since when and until when."""
    return await db.fetchrow(
        "SELECT owner, name, claimed_at, until FROM call_claim WHERE dealer_id = $1 AND until > $2", dealer_id, now
    )

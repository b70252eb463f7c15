"""Of which dealers months and coverage are told: by code, of a territory, as known at a moment."""

from datetime import date, datetime

from asyncpg import Record

from channel.database import db
from channel.dealers.queries.dealers import likes
from channel.dealers.queries.facts import ever_within, fact_spans, stays_within
from channel.dealers.rules import Fact
from channel.periods import Month

# $4 is a day and $5 the moment at which it was that day's today, both null for now: what is asked so was the present
# of that moment. $6 is the territory, $7 whom to look at, $8 and $9 the first days of the first and the last month.
_CHUNK = """
WITH chunk AS MATERIALIZED (
    SELECT d.id, d.code, d.name, d.status FROM dealer d
    WHERE ($1::text[] = '{{}}' OR d.code || ' ' || d.name ILIKE ANY ($1::text[])) AND d.code > $2 AND {these}
      AND ($4::date IS NULL) = ($5::timestamptz IS NULL)
    ORDER BY d.code LIMIT $3
)
SELECT c.id, c.code, c.code AS dealer, c.name, {listed} AS listed{months} FROM chunk c {joined} ORDER BY c.code
"""
_OF_CHUNK = "f.dealer_id = ANY ((SELECT array_agg(id) FROM chunk)::bigint[])"
_AT_WORK_THEN = f"""LEFT JOIN (
    SELECT dealer_id FROM ({fact_spans(Fact.STATUS, _OF_CHUNK, "$5")}) AS s
    WHERE s.value <> 'prospect' AND s.from_on <= $4::date AND s.to_on > $4::date
) AS at_work ON at_work.dealer_id = c.id"""
_STAYS = stays_within("$6", _OF_CHUNK, "$5")
_WITHIN_THEN = f"""LEFT JOIN (
    SELECT dealer_id FROM ({_STAYS}) AS s WHERE s.from_on <= $4::date AND s.to_on > $4::date
) AS here ON here.dealer_id = c.id"""
# A month belongs to the territory where its dealer stood on its last day.
_WITHIN_MONTHS = f"""LEFT JOIN (
    SELECT dealer_id, array_agg(m.first::date ORDER BY m.first) AS months FROM ({_STAYS}) AS s
    JOIN generate_series($8::timestamp, $9::timestamp, interval '1 month') AS m (first)
         ON s.from_on < m.first + interval '1 month' AND s.to_on >= m.first + interval '1 month'
    GROUP BY dealer_id
) AS here ON here.dealer_id = c.id"""
_NOW = """
SELECT d.id, d.code, d.code AS dealer, d.name FROM dealer d
WHERE ($1::text[] = '{}' OR d.code || ' ' || d.name ILIKE ANY ($1::text[])) AND d.code > $2
  AND ($4::bigint IS NULL OR d.territory_id IN (SELECT territory_id FROM territory_tree WHERE ancestor_id = $4))
  AND d.status <> 'prospect'
ORDER BY d.code LIMIT $3
"""
_EVER = f"SELECT DISTINCT dealer_id FROM ({ever_within('$1', '$2')} LIMIT $3) AS e"
_FEW, _LOOKED_AT = 2_000, 500
"""Of a territory with few dealers these are looked at, of another one all in their order, so many at a time."""


async def dealers_by_code(
    text: str,
    after: str,
    limit: int,
    *,
    territory_id: int | None = None,
    known: tuple[date, datetime] | None = None,
    months: tuple[Month, Month] | None = None,
) -> list[Record]:
    """Dealers whose reports are asked for, by code, from after one: id, code and name.

    `known` asks as of a day as known at a moment, otherwise it is as of now. Of a territory those who stand in it or
    below it; with `months` (from the first to the last one) those who stood there on the last day of any of them, and
    `months` are the first days of these.
    """
    sought = likes(text)
    if known is None and (territory_id is None or months is None):
        return await db.fetch(_NOW, sought, after, limit, territory_id)
    args: list[object] = [*(known or (None, None))]
    listed, joined = ["c.status <> 'prospect'"], [""]
    if known is not None:
        listed, joined = ["at_work.dealer_id IS NOT NULL"], [_AT_WORK_THEN]
    these, told = "true", ""
    if territory_id is not None:
        ever = [row["dealer_id"] for row in await db.fetch(_EVER, territory_id, args[1], _FEW + 1)]
        args += [territory_id, ever]
        these = "d.id = ANY ($7::bigint[])" if len(ever) <= _FEW else "$7::bigint[] IS NOT NULL"
        listed.append("here.dealer_id IS NOT NULL")
        joined.append(_WITHIN_THEN if months is None else _WITHIN_MONTHS)
        if months is not None:
            args += [month.first for month in months]
            told = ", here.months"
    sql = _CHUNK.format(these=these, listed=" AND ".join(listed), months=told, joined=" ".join(joined))
    found: list[Record] = []
    size = max(limit, _LOOKED_AT)
    while True:
        rows = await db.fetch(sql, sought, after, size, *args)
        found += [row for row in rows if row["listed"]]
        if len(rows) < size or len(found) >= limit:
            return found[:limit]
        after = rows[-1]["code"]

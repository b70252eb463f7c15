"""What was found out about dealers, in the database: written once, read as of a day as known at a moment."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from asyncpg import Record

from channel.database import db
from channel.database.paging import page_of
from channel.database.posted import known
from channel.dealers.lists import OBSERVED_HISTORY
from channel.lists import ALL, Page, Wanted
from channel.view import View

_DEFINITION = "def.code AS fact, def.block, def.kind, def.name_en, def.name_zh, def.unit_en, def.unit_zh, def.choices"
_VALUE = "trim_scale(f.number) AS number, f.words, f.observed_on, f.source, p.recorded_at, p.actor"


async def definition(code: str) -> Record | None:
    """What there is to find out, by its code."""
    return await db.fetchrow(f"SELECT def.id, {_DEFINITION} FROM observed_definition def WHERE def.code = $1", code)


_LATEST = f"""
SELECT d.code AS dealer, {_DEFINITION}, def.stale_days, d.type = ANY (def.needed_by) AS needed, {_VALUE}
FROM dealer d CROSS JOIN observed_definition def
LEFT JOIN LATERAL (
    SELECT f.* FROM observed_fact f JOIN posting p ON p.id = f.posting_id
    WHERE f.dealer_id = d.id AND f.definition_id = def.id AND f.observed_on <= $2 AND {known("$3")}
    ORDER BY f.observed_on DESC, f.id DESC LIMIT 1
) f ON f.number IS NOT NULL OR f.words IS NOT NULL
LEFT JOIN posting p ON p.id = f.posting_id
WHERE d.id = $1
ORDER BY def.id
"""


async def observed_of(dealer_id: int, view: View) -> list[Record]:
    """All there is to find out of a dealer, with what is known of it on a day; without a value nothing is."""
    return await db.fetch(_LATEST, dealer_id, view.as_of, view.moment)


_OF_MANY = f"""
SELECT * FROM (
    SELECT DISTINCT ON (f.dealer_id, f.definition_id)
           f.dealer_id, def.code, trim_scale(f.number) AS number, f.words, f.observed_on, f.source
    FROM observed_fact f JOIN observed_definition def ON def.id = f.definition_id JOIN posting p ON p.id = f.posting_id
    WHERE f.dealer_id = ANY ($1::bigint[]) AND def.code = ANY ($2::text[]) AND f.observed_on <= $3 AND {known("$4")}
    ORDER BY f.dealer_id, f.definition_id, f.observed_on DESC, f.id DESC
) AS latest
WHERE number IS NOT NULL OR words IS NOT NULL
"""


async def observed_of_many(dealer_ids: Sequence[int], codes: Sequence[str], view: View) -> list[Record]:
    """What is known of these dealers on a day, of the facts with these codes; what is not known has no row."""
    return await db.fetch(_OF_MANY, dealer_ids, codes, view.as_of, view.moment)


_HISTORY = f"""
SELECT f.id, d.code AS dealer, {_DEFINITION}, {_VALUE}
FROM observed_fact f JOIN observed_definition def ON def.id = f.definition_id
JOIN dealer d ON d.id = f.dealer_id JOIN posting p ON p.id = f.posting_id
WHERE f.dealer_id = $1
"""


async def observed_history(dealer_id: int, wanted: Wanted = ALL) -> Page[Record]:
    """Every value that was ever said of a dealer."""
    return await page_of(_HISTORY, (dealer_id,), OBSERVED_HISTORY, wanted)


async def on_day(dealer_id: int, definition_id: int, day: date) -> Record | None:
    """What was said last of those that were found on this day."""
    return await db.fetchrow(
        "SELECT trim_scale(number) AS number, words, source FROM observed_fact"
        " WHERE dealer_id = $1 AND definition_id = $2 AND observed_on = $3 ORDER BY id DESC LIMIT 1",
        dealer_id,
        definition_id,
        day,
    )


async def record_observed(
    dealer_id: int, definition_id: int, value: Decimal | str | None, day: date, source: str, posting_id: int
) -> None:
    """A value to be kept for good; without one nothing is known from that day on."""
    await db.execute(
        "INSERT INTO observed_fact (dealer_id, definition_id, number, words, observed_on, source, posting_id)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7)",
        dealer_id,
        definition_id,
        value if isinstance(value, Decimal) else None,
        value if isinstance(value, str) else None,
        day,
        source,
        posting_id,
    )

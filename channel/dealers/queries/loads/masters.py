"""Products and rates from a staging table."""

from asyncpg import Record

from channel.database import db
from channel.database.posted import last_first

INCOMING = "incoming"
MISSING = "missing_product"


async def open_missing_products() -> None:
    """The empty table `missing_product`, with a column for each field of a product; gone with the transaction."""
    await db.execute(
        "CREATE TEMP TABLE IF NOT EXISTS missing_product (line_no bigint, code text, name text, line text,"
        " line_name text, unit text, wanted_type text) ON COMMIT DROP"
    )


_NEW_LINES = """
INSERT INTO product_line (code, name, wanted_type)
SELECT DISTINCT ON (line) line, coalesce(line_name, line), wanted_type FROM {staged}
WHERE line IS NOT NULL ORDER BY line, line_name NULLS LAST, wanted_type NULLS LAST
ON CONFLICT (code) DO NOTHING
"""
_LINES = """
UPDATE product_line l SET name = coalesce(x.name, l.name), wanted_type = coalesce(x.wanted_type, l.wanted_type)
FROM (SELECT line, min(line_name) AS name, min(wanted_type) AS wanted_type FROM {staged} GROUP BY line) x
WHERE x.line = l.code
  AND (l.name, l.wanted_type) IS DISTINCT FROM (coalesce(x.name, l.name), coalesce(x.wanted_type, l.wanted_type))
"""
_PRODUCTS = """
UPDATE product p SET name = coalesce(s.name, p.name), line_id = l.id, unit = coalesce(s.unit, p.unit)
FROM {staged} s JOIN product_line l ON l.code = s.line
WHERE s.code = p.code
  AND (p.name, p.line_id, p.unit) IS DISTINCT FROM (coalesce(s.name, p.name), l.id, coalesce(s.unit, p.unit))
"""
_NEW_PRODUCTS = """
INSERT INTO product (code, name, line_id, unit)
SELECT s.code, coalesce(s.name, s.code), l.id, s.unit FROM {staged} s JOIN product_line l ON l.code = s.line
WHERE NOT EXISTS (SELECT 1 FROM product p WHERE p.code = s.code) ORDER BY s.line_no
"""


async def write_products(staged: str = INCOMING) -> dict[str, int]:
    """Add and change products and their lines; counts, a line that was changed among those changed."""
    lines = await db.execute(_NEW_LINES.format(staged=staged))
    renamed = await db.execute(_LINES.format(staged=staged))
    changed = await db.execute(_PRODUCTS.format(staged=staged))
    added = await db.execute(_NEW_PRODUCTS.format(staged=staged))
    return {"added": added, "changed": changed + renamed, "lines_added": lines}


async def product_counts() -> dict[str, int]:
    """How many of the good lines are new products, and how many are of products that there are."""
    row = await db.fetchrow(
        "SELECT count(*) FILTER (WHERE p.id IS NULL) AS new, count(p.id) AS known FROM incoming s"
        " LEFT JOIN product p ON p.code = s.code WHERE s.line_no NOT IN (SELECT line_no FROM fault)"
    )
    return dict(row) if row is not None else {}


_BAD_RATES = """
INSERT INTO fault SELECT line_no, 'currency',
    jsonb_build_object('text', $1::text, 'params', jsonb_build_object('value', currency))
FROM incoming WHERE NOT currency = ANY ($2::text[])
"""
_OWN_RATES = """
INSERT INTO fault SELECT line_no, 'rate',
    jsonb_build_object('text', $1::text, 'params', jsonb_build_object('value', currency))
FROM incoming WHERE currency = $2 AND rate <> 1
"""


async def check_rates(bad_currency: str, own_currency: str, currencies: list[str], company: str) -> None:
    """Add a fault for what is no currency, and for a rate of the company's own that is not 1."""
    await db.execute(_BAD_RATES, bad_currency, currencies)
    await db.execute(_OWN_RATES, own_currency, company)


COMPANY_CURRENCY = "SELECT line_no, $4::text AS currency FROM incoming WHERE faults IS NULL"
"""The currency in which each staged rate is given."""
_NEW_RATES = f"""
FROM incoming s LEFT JOIN LATERAL (
    SELECT r.rate FROM exchange_rate r JOIN posting p ON p.id = r.posting_id
    WHERE r.currency = s.currency AND r.on_date = s.date
    ORDER BY {last_first("r", numbered=False)} LIMIT 1) h ON true
WHERE s.currency <> $1 AND h.rate IS DISTINCT FROM s.rate
"""


async def rate_counts(company: str) -> dict[str, int]:
    """How many of the good lines say something new."""
    row = await db.fetchrow(
        f"SELECT count(*) AS new {_NEW_RATES} AND s.line_no NOT IN (SELECT line_no FROM fault)", company
    )
    return dict(row) if row is not None else {}


async def write_rates(posting_id: int, company: str) -> int:
    """Add the rates that differ from what holds for their day; how many."""
    return await db.execute(
        "INSERT INTO exchange_rate (currency, on_date, posting_id, rate)"
        f" SELECT s.currency, s.date, $2::bigint, s.rate {_NEW_RATES}",
        company,
        posting_id,
    )


async def no_rate_since(posting_id: int) -> bool:
    """Whether no rate was recorded after this posting."""
    found: bool = await db.fetchval("SELECT NOT EXISTS (SELECT 1 FROM exchange_rate WHERE posting_id > $1)", posting_id)
    return found


async def incoming_territories() -> list[Record]:
    """The lines of a file of territories, in its order."""
    return await db.fetch(
        "SELECT line_no, code, name, level, parent, path, path_levels FROM incoming"
        " WHERE line_no NOT IN (SELECT line_no FROM fault) ORDER BY line_no"
    )


async def incoming_staff() -> list[Record]:
    """The lines of a file of staff, in its order."""
    return await db.fetch(
        "SELECT line_no, code, name, manager, territory, first_on, last_on, login, duties FROM incoming"
        " WHERE line_no NOT IN (SELECT line_no FROM fault) ORDER BY line_no"
    )


async def record_fault(line_no: int, field: str, reason: dict[str, object]) -> None:
    """One thing that is wrong with one line."""
    await db.execute("INSERT INTO fault VALUES ($1, $2, $3)", line_no, field, reason)


async def every_grant() -> list[int]:
    """The ids of all grants of exclusivity that count."""
    return [row["id"] for row in await db.fetch("SELECT id FROM exclusivity WHERE closed_by IS NULL")]

"""Products and lines, rates, and the territories as this room asks for them."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

from asyncpg import Record

from channel.access import queries as access
from channel.database import db
from channel.database.paging import page_of
from channel.database.posted import by_place, known, last_first, latest_of, of_each
from channel.dealers import tables
from channel.dealers.lists import LINES, PRODUCTS, RATES, TERRITORIES
from channel.dealers.queries.dealers import likes
from channel.lists import ALL, Page, Wanted
from channel.view import View

COMPANY_CURRENCY = "company_currency"
"""The setting that names the company's currency."""


async def company_currency() -> str | None:
    """The currency in which the company consolidates; None until one is chosen.

    For what shows it. Whatever cannot be done without asks `access.service.company_currency`, which says so.
    """
    found = await access.setting(COMPANY_CURRENCY)
    return found if isinstance(found, str) else None


async def rate_on(currency: str, on: date, known_at: datetime | None = None) -> Decimal | None:
    """Company currency per unit: the latest rate on or before the day, at most 7 days old; None where there is none.

    The company's own currency is 1; while it has none, no currency has a rate. In SQL the same is the function
    `rate_on(currency, day, known_at, company)`.
    """
    rate: Decimal | None = await db.fetchval(
        "SELECT rate_on($1, $2, $3, $4)", currency, on, known_at, await company_currency()
    )
    return rate


def _rates_at(as_of: str, known_at: str) -> str:
    day = f"{as_of}::date"
    within = f"r.on_date <= {day} AND r.on_date >= {day} - 7"
    columns = "r.rate, r.on_date"
    return latest_of("exchange_rate r", "r.currency", columns, within, known_at, later="r.on_date DESC", numbered=False)


_RATES_AT_EACH = of_each(_rates_at("asked.as_of", "asked.known_at"), "$1::date[], $2::timestamptz[]", "as_of, known_at")


async def rates_at(view: View) -> list[Record]:
    """Company currency per unit of every currency that has a rate, with its day: the same choice as `rate_on` makes."""
    return (await rates_at_each([view]))[0]


async def rates_at_each(views: Sequence[View]) -> list[list[Record]]:
    """The same for each of these views, in one statement."""
    days, moments = [view.as_of for view in views], [view.moment for view in views]
    return by_place(await db.fetch(_RATES_AT_EACH, days, moments), len(views))


_RATES = f"""
SELECT DISTINCT ON (r.on_date, r.currency)
       r.on_date AS "on", r.currency, r.rate, p.recorded_at, p.actor, r.on_date || ' ' || r.currency AS key
FROM exchange_rate r JOIN posting p ON p.id = r.posting_id
WHERE ($1::text IS NULL OR r.currency = $1) AND ($2::date IS NULL OR r.on_date <= $2) AND {known("$3")}
ORDER BY r.on_date DESC, r.currency DESC, {last_first("r", numbered=False)}
"""


async def rates(currency: str | None, view: View | None, wanted: Wanted) -> Page[Record]:
    """The rates that count, up to the day that is asked for, as known at the moment."""
    day, moment = (None, None) if view is None else (view.day, view.moment)
    return await page_of(_RATES, [currency, day, moment], RATES, wanted)


async def rate_currencies() -> list[str]:
    """The currencies for which there is any rate."""
    return [r["currency"] for r in await db.fetch("SELECT DISTINCT currency FROM exchange_rate ORDER BY currency")]


async def rate_recorded(currency: str, on: date) -> Decimal | None:
    """What was recorded last for this very day; None where nothing was."""
    rate: Decimal | None = await db.fetchval(
        "SELECT r.rate FROM exchange_rate r JOIN posting p ON p.id = r.posting_id"
        f" WHERE r.currency = $1 AND r.on_date = $2 ORDER BY {last_first('r', numbered=False)} LIMIT 1",
        currency,
        on,
    )
    return rate


async def record_rate(currency: str, on: date, rate: Decimal, posting_id: int) -> None:
    """A rate of a day; one recorded before for the same day stays and can be asked as known then."""
    await tables.ExchangeRate(currency=currency, on_date=on, posting_id=posting_id, rate=rate).save()


_LINES = """
SELECT l.id, l.code, l.name, l.wanted_type,
       (SELECT count(*) FROM product p WHERE p.line_id = l.id) AS products,
       (SELECT count(*) FROM dealer_line c WHERE c.line_id = l.id) AS dealers
FROM product_line l
"""


async def product_lines(wanted: Wanted = ALL) -> Page[Record]:
    """The product lines with how many products and dealers in scope they have."""
    return await page_of(_LINES, [], LINES, wanted)


async def line_names() -> list[Record]:
    """Code, name and wanted type of all product lines, to choose from."""
    return await db.fetch("SELECT code, name, wanted_type FROM product_line ORDER BY code")


_LINE = "SELECT id, code, name, wanted_type FROM product_line WHERE code = (SELECT product_line_meant($1))"


async def product_line(code: str) -> Record | None:
    """A product line by its code."""
    return await db.fetchrow(_LINE, code)


async def locked_line(code: str) -> Record | None:
    """The same, held against everybody else's changes to the end of the transaction."""
    return await db.fetchrow(f"{_LINE} FOR UPDATE", code)


async def line_ids(codes: Sequence[str]) -> dict[str, int]:
    """The ids of those of these product lines that there are."""
    rows = await db.fetch(
        "SELECT s AS asked, l.id FROM unnest($1::text[]) s JOIN product_line l ON l.code = product_line_meant(s)", codes
    )
    return {row["asked"]: row["id"] for row in rows}


async def record_line(code: str, name: str, wanted_type: str | None) -> None:
    """A product line, new or with another name or wanted type."""
    await db.execute(
        "INSERT INTO product_line (code, name, wanted_type) VALUES ($1, $2, $3)"
        " ON CONFLICT (code) DO UPDATE SET name = excluded.name, wanted_type = excluded.wanted_type",
        code,
        name,
        wanted_type,
    )


_PRODUCTS = """
SELECT p.code, p.name, l.code AS line, l.name AS line_name, p.unit
FROM product p JOIN product_line l ON l.id = p.line_id
WHERE ($1::text IS NULL OR l.code = (SELECT product_line_meant($1)))
  AND ($2::text[] = '{}' OR p.code || ' ' || p.name ILIKE ANY ($2::text[]))
"""


async def products(line: str | None, text: str | None, wanted: Wanted) -> Page[Record]:
    """Products, of one line or with a text in code or name."""
    return await page_of(_PRODUCTS, [line, likes(text)], PRODUCTS, wanted)


_PRODUCT = """
SELECT p.id, p.code, p.name, p.unit, l.code AS line
FROM product p JOIN product_line l ON l.id = p.line_id WHERE p.code = (SELECT product_meant($1))
"""


async def product(code: str) -> Record | None:
    """A product by its code."""
    return await db.fetchrow(_PRODUCT, code)


async def locked_product(code: str) -> Record | None:
    """The same, held against everybody else's changes to the end of the transaction."""
    return await db.fetchrow(f"{_PRODUCT} FOR UPDATE OF p", code)


async def record_product(code: str, name: str, line: str, unit: str | None) -> None:
    """A product of the line with this code, new or changed; what was posted keeps the line it was posted with."""
    await db.execute(
        "INSERT INTO product (code, name, line_id, unit) SELECT $1, $2, l.id, $4 FROM product_line l WHERE l.code = $3"
        " ON CONFLICT (code) DO UPDATE SET name = excluded.name, line_id = excluded.line_id, unit = excluded.unit",
        code,
        name,
        line,
        unit,
    )


_TREE = f"SELECT id, code, name, level, parent_code AS parent, path, depth FROM ({access.VISIBLE}) AS tree"


async def territories(wanted: Wanted) -> Page[Record]:
    """The tree, as far as the asker may see it."""
    return await page_of(_TREE, [], TERRITORIES, wanted)


async def territory_in_scope(code: str) -> Record | None:
    """A node at or below those of the asker; the nodes above it can be seen, but nothing can be put there."""
    return await db.fetchrow(
        "SELECT id, code, name, level, parent_id FROM territory"
        " WHERE code = (SELECT territory_meant($1))"
        " AND ((SELECT scope_is_open()) OR id = ANY ((SELECT scope_territories())::bigint[]))",
        code,
    )


async def dealers_by_territory() -> dict[int, int]:
    """How many dealers in scope stand at or below each node."""
    rows = await db.fetch(
        "SELECT x.ancestor_id, count(*) AS dealers FROM dealer d"
        " JOIN territory_tree x ON x.territory_id = d.territory_id GROUP BY x.ancestor_id"
    )
    return {row["ancestor_id"]: row["dealers"] for row in rows}

"""Dealers and products that a report names and nobody knows yet, for a load that may create them.

Until they are written they stand in the load's temporary tables under ids below zero, so that a check resolves and
counts their lines and writes nothing; `given_ids` puts the true ids in their place.
"""

from channel.database import db
from channel.imports.rules.reasons import REASONS

_DEALERS = """
INSERT INTO missing_dealer (line_no, code, name, type, territory, currency, terms_days)
SELECT DISTINCT ON (dealer) line_no, dealer, coalesce(dealer_name, dealer), dealer_type, dealer_territory,
       dealer_currency, dealer_terms_days
FROM incoming i WHERE faults IS NULL AND dealer IS NOT NULL
  AND NOT EXISTS (SELECT 1 FROM known_dealer k WHERE k.code = i.dealer)
ORDER BY dealer, line_no
"""
_PRODUCTS = """
INSERT INTO missing_product (line_no, code, name, line)
SELECT DISTINCT ON (product) line_no, product, coalesce(product_name, product), product_line
FROM incoming i WHERE faults IS NULL AND product IS NOT NULL
  AND NOT EXISTS (SELECT 1 FROM known_product k WHERE k.code = i.product)
ORDER BY product, line_no
"""
_LACKING = """
INSERT INTO fault SELECT s.line_no, f.field, jsonb_build_object('text', $1::text, 'params', '{{}}'::jsonb)
FROM {staged} s CROSS JOIN LATERAL (VALUES {fields}) AS f (field, lacks) WHERE f.lacks
"""
_DEALER_FIELDS = (
    "('dealer_type', s.type IS NULL), ('dealer_territory', s.territory IS NULL),"
    " ('dealer_currency', s.currency IS NULL), ('dealer_terms_days', s.terms_days IS NULL)"
)


async def find_missing_dealers() -> None:
    """Fill `missing_dealer` with what the first line of each unknown dealer says; what it lacks is a fault."""
    await db.execute(_DEALERS)
    lacking = _LACKING.format(staged="missing_dealer", fields=_DEALER_FIELDS)
    await db.execute(lacking, REASONS["missing"].text)


async def find_missing_products() -> None:
    """Fill `missing_product` with what the first line of each unknown product says; what it lacks is a fault."""
    await db.execute(_PRODUCTS)
    lacking = _LACKING.format(staged="missing_product", fields="('product_line', s.line IS NULL)")
    await db.execute(lacking, REASONS["missing"].text)


async def expect_dealers() -> None:
    """Resolve the codes of dealers that can be created; those with a fault stay unknown."""
    await db.execute("DELETE FROM missing_dealer WHERE line_no IN (SELECT line_no FROM fault)")
    await db.execute(
        "INSERT INTO known_dealer (id, code) SELECT -row_number() OVER (ORDER BY line_no), code FROM missing_dealer"
    )


async def expect_products() -> None:
    """Resolve the codes of products that can be created; those with a fault stay unknown."""
    await db.execute("DELETE FROM missing_product WHERE line_no IN (SELECT line_no FROM fault)")
    await db.execute(
        "INSERT INTO known_product (id, code, line_id)"
        " SELECT -row_number() OVER (ORDER BY line_no), code, -1 FROM missing_product"
    )


async def expect_currencies() -> None:
    """The own currencies of dealers that are to be created, for all days."""
    await db.execute(
        "INSERT INTO dealer_span (dealer_id, currency, from_on, to_on)"
        " SELECT k.id, m.currency, '-infinity', 'infinity' FROM missing_dealer m JOIN known_dealer k USING (code)"
    )


async def keep_needed(*, dealers: bool, products: bool) -> None:
    """Leave out what only rejected lines name."""
    if dealers:
        await db.execute("DELETE FROM missing_dealer m WHERE NOT EXISTS (SELECT 1 FROM incoming WHERE dealer = m.code)")
    if products:
        await db.execute(
            "DELETE FROM missing_product m WHERE NOT EXISTS (SELECT 1 FROM incoming WHERE product = m.code)"
        )


async def give_ids(*, dealers: bool, products: bool) -> None:
    """Put the ids of what has been created into the lines and the coverage."""
    if dealers:
        true_ids = "FROM known_dealer k JOIN dealer d ON d.code = k.code WHERE k.id < 0"
        await db.execute(f"UPDATE checked c SET dealer_id = d.id {true_ids} AND c.dealer_id = k.id")
        for table in ("covered", "covered_span"):
            await db.execute(f"UPDATE {table} c SET dealer_id = d.id {true_ids} AND c.dealer_id = k.id")
            await db.execute(f"DELETE FROM {table} WHERE dealer_id < 0")
    if products:
        await db.execute(
            "UPDATE checked c SET product_id = p.id, line_id = p.line_id"
            " FROM known_product k JOIN product p ON p.code = k.code WHERE k.id < 0 AND c.product_id = k.id"
        )


async def missing_counts(*, dealers: bool, products: bool) -> dict[str, int]:
    """How many of each would be created."""
    counts = {}
    if dealers:
        counts["new_dealers"] = await db.fetchval("SELECT count(*) FROM missing_dealer")
    if products:
        counts["new_products"] = await db.fetchval("SELECT count(*) FROM missing_product")
    return counts

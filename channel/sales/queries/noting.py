"""What is told of a report's lines without refusing one: a total at the end, lines that say the same."""

from collections.abc import Collection
from decimal import Decimal

from channel.database import db

# A constant is no word of the row's own.
_TOTAL = """
SELECT i.amount FROM incoming i
WHERE i.line_no = $1 AND ($2 OR i.date IS NULL)
  AND ($3 OR NOT EXISTS (SELECT FROM known_dealer k WHERE k.code = i.dealer))
  AND ($4 OR NOT EXISTS (SELECT FROM known_product p WHERE p.code = i.product))
  AND i.amount = (SELECT sum(a.amount) FROM incoming a WHERE a.line_no < $1)
"""


async def pass_over_total(line_no: int, fixed: Collection[str]) -> Decimal | None:
    """Take out the line of a total; None where it is none: it says a day, a dealer, a product, or adds up to else.

    `fixed` are the fields that are the same for every line.
    """
    amount: Decimal | None = await db.fetchval(_TOTAL, line_no, "date" in fixed, "dealer" in fixed, "product" in fixed)
    if amount is not None:
        await db.execute("DELETE FROM incoming WHERE line_no = $1", line_no)
        await db.execute("DELETE FROM fault WHERE line_no = $1", line_no)
    return amount


_TOLD = 5
_ANY_ALIKE = """
SELECT count(hash) > count(DISTINCT hash)
FROM (SELECT hash_record_extended(ROW({fields}), 0) AS hash FROM incoming WHERE faults IS NULL{but}) x
"""
# Lines with number and document are held against each other as document lines.
_DOCUMENTS = " AND (document IS NULL OR line IS NULL)"
_ALIKE = """
SELECT line_no, first_line, count(*) OVER () AS found
FROM (SELECT line_no, first_value(line_no) OVER (PARTITION BY {fields} ORDER BY line_no) AS first_line
      FROM incoming WHERE faults IS NULL{but}) x
WHERE line_no <> first_line ORDER BY line_no LIMIT $1
"""


async def alike(fields: Collection[str]) -> tuple[int, list[tuple[int, int]]]:
    """How many lines say in all these fields what an earlier one says, and the first of them with the earlier ones."""
    told = ", ".join(f'"{name}"' for name in sorted(fields))
    but = _DOCUMENTS if {"document", "line"} <= set(fields) else ""
    if not await db.fetchval(_ANY_ALIKE.format(fields=told, but=but)):
        return 0, []
    rows = await db.fetch(_ALIKE.format(fields=told, but=but), _TOLD)
    return (rows[0]["found"] if rows else 0), [(row["line_no"], row["first_line"]) for row in rows]

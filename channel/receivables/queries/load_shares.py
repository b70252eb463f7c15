"""What loads of documents say of the dealers in scope, for who did not bring them."""

from collections.abc import Sequence
from decimal import Decimal

from asyncpg import Record

from channel.database import db

# The documents of a load are those of its posting. Row-level security keeps them to the reader's dealers.
_SHARE = """
SELECT min(d.effective_on) AS first, max(d.effective_on) AS last, count(DISTINCT d.dealer_id) AS dealers,
       count(*) AS lines,
       CASE WHEN bool_and(r.rate IS NOT NULL) THEN sum(round(d.amount * r.rate, 4)) END AS company_amount
FROM import_load l JOIN receivable_document d ON d.posting_id = l.posting_id
LEFT JOIN unnest($2::text[], $3::numeric[]) AS r (currency, rate) ON r.currency = d.currency
WHERE l.id = $1 HAVING count(*) > 0
"""


async def share_of_load(load_id: int, currencies: Sequence[str], rates: Sequence[Decimal]) -> Record | None:
    """Days, dealers, documents and amount of a load, of the dealers in scope; None where it brought none of theirs."""
    return await db.fetchrow(_SHARE, load_id, currencies, rates)


# Asked of many loads at once: a posting has one row here for each dealer, however many documents.
_CONCERNING = """
SELECT l.id FROM import_load l
WHERE l.kind = $1 AND l.posting_id IS NOT NULL AND ($2::bigint IS NULL OR l.id < $2)
  AND EXISTS (SELECT FROM document_posting d WHERE d.posting_id = l.posting_id)
ORDER BY l.id DESC LIMIT $3
"""


async def loads_concerning(kind: str, before_id: int | None, limit: int) -> list[int]:
    """The latest loads of a kind, before one, that brought a document of any dealer in scope."""
    return [row["id"] for row in await db.fetch(_CONCERNING, kind, before_id, limit)]

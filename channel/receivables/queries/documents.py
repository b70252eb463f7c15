"""Documents as they were posted, with their items, and what settles what."""

from collections.abc import Iterable, Sequence

from asyncpg import Record

from channel.codes import code_key
from channel.database import db
from channel.receivables.rules.documents import Discount, Document, DocumentKind, Instalment
from channel.receivables.rules.movements import Allocation, AllocationReason, ItemKey, Settles

COLUMNS = """
d.dealer_id, d.id, d.kind, d.number, d.currency, d.amount, d.tax, d.effective_on, d.refs, d.remark, d.discount_rate,
d.discount_until, d.matures_on, d.value_on, d.payer_account, d.stays_on_account, d.live, d.posting_id
"""
"""What is read of a document `d` by whoever makes one of it by `document_of`."""

INSTALMENTS = """
(SELECT array_agg((i.due_on, i.amount) ORDER BY i.instalment) FROM receivable_item i
 WHERE i.dealer_id = d.dealer_id AND i.document_id = d.id AND i.instalment > 0) AS instalments
"""


def document_of(row: Record) -> Document:
    """The document of a row with `COLUMNS` and `INSTALMENTS`; its lines are read apart."""
    discount = None if row["discount_rate"] is None else Discount(row["discount_rate"], row["discount_until"])
    return Document(
        DocumentKind(row["kind"]),
        row["number"],
        row["currency"],
        row["amount"],
        row["effective_on"],
        row["id"],
        row["tax"],
        tuple(Instalment(due_on, amount) for due_on, amount in row["instalments"] or ()),
        tuple(row["refs"]),
        discount,
        row["matures_on"],
        row["value_on"],
        row["stays_on_account"],
    )


_BY_ID = f"""
SELECT {COLUMNS}, {INSTALMENTS}, r.effective_on AS reversed_on
FROM receivable_document d LEFT JOIN document_reversal r ON r.dealer_id = d.dealer_id AND r.document_id = d.id
WHERE d.dealer_id = $1 AND d.id = ANY ($2::bigint[])
"""


async def documents(dealer_id: int, ids: Iterable[int]) -> dict[int, Record]:
    """Documents of a dealer by their numbers in the ledger, each with the day from which it is reversed, if it is."""
    return {row["id"]: row for row in await db.fetch(_BY_ID, dealer_id, list(ids))}


_LIVE = f"""
SELECT {COLUMNS}, {INSTALMENTS} FROM receivable_document d
WHERE d.dealer_id = $1 AND d.currency = $2 AND d.live ORDER BY d.id
"""


async def live_documents(dealer_id: int, currency: str) -> list[Document]:
    """Every document of a dealer and currency that is not reversed."""
    return [document_of(row) for row in await db.fetch(_LIVE, dealer_id, currency)]


_TAKEN = """
SELECT u.dealer_id, u.kind, u.number_key
FROM unnest($1::bigint[], $2::text[], $3::text[]) AS u (dealer_id, kind, number_key)
JOIN receivable_document d ON d.dealer_id = u.dealer_id AND d.kind = u.kind AND d.number_key = u.number_key AND d.live
"""


async def numbers_taken(numbers: Iterable[tuple[int, DocumentKind, str]]) -> set[tuple[int, DocumentKind, str]]:
    """Which of these (dealer, kind, key of the number) a live document has."""
    asked = list(numbers)
    rows = await db.fetch(
        _TAKEN, [each[0] for each in asked], [each[1].value for each in asked], [each[2] for each in asked]
    )
    return {(row["dealer_id"], DocumentKind(row["kind"]), row["number_key"]) for row in rows}


async def document_numbered(dealer_id: int, kind: DocumentKind, number: str) -> int | None:
    """The live document of that kind and number."""
    found: int | None = await db.fetchval(
        "SELECT id FROM receivable_document WHERE dealer_id = $1 AND kind = $2 AND number_key = $3 AND live",
        dealer_id,
        kind.value,
        code_key(number),
    )
    return found


_ALLOCATIONS = """
SELECT a.dealer_id, a.id, a.money_id, a.document_id, a.instalment, a.amount, a.effective_on, a.settles, a.why,
       (SELECT min(e.effective_on) FROM allocation_end e WHERE e.dealer_id = a.dealer_id AND e.allocation_id = a.id)
           AS taken_back_on
FROM allocation a WHERE a.dealer_id = $1 AND {which} ORDER BY a.id
"""


def allocation_of(row: Record) -> Allocation:
    """The allocation of a row, as it stands now."""
    return Allocation(
        row["money_id"],
        ItemKey(row["document_id"], row["instalment"]),
        row["amount"],
        row["effective_on"],
        Settles(row["settles"]),
        AllocationReason(row["why"]),
        row["id"],
        row["taken_back_on"],
    )


async def allocations_between(dealer_id: int, ids: Sequence[int]) -> list[Allocation]:
    """All that were ever made between documents of which one at least is named, and whether they hold."""
    sql = _ALLOCATIONS.format(which="(a.money_id = ANY ($2::bigint[]) OR a.document_id = ANY ($2::bigint[]))")
    return [allocation_of(row) for row in await db.fetch(sql, dealer_id, ids)]


async def allocation(dealer_id: int, allocation_id: int) -> Allocation | None:
    """One allocation as it stands now."""
    rows = await db.fetch(_ALLOCATIONS.format(which="a.id = $2"), dealer_id, allocation_id)
    return allocation_of(rows[0]) if rows else None

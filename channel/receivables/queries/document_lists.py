"""Documents as lists, and all that happened to one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from asyncpg import Record

from channel.codes import code_key
from channel.database import db
from channel.database.paging import page_of
from channel.dealers.queries.lists import Filter
from channel.lists import ALL, Page, Wanted
from channel.receivables.lists.documents import DOCUMENTS
from channel.receivables.queries.documents import INSTALMENTS
from channel.receivables.rules.documents import DocumentKind

_LISTED = """
SELECT d.id, d.dealer_id, r.code AS dealer, r.name, d.kind, d.number, d.currency, d.amount, d.tax, d.effective_on,
       (SELECT max(i.due_on) FROM receivable_item i WHERE i.dealer_id = d.dealer_id AND i.document_id = d.id) AS due_on,
       coalesce((SELECT sum(o.amount) FROM open_item o
                 WHERE o.dealer_id = d.dealer_id AND o.document_id = d.id), 0) AS open,
       d.refs AS "references", d.remark, d.matures_on, d.value_on, d.stays_on_account, d.live, p.recorded_at, p.actor
FROM receivable_document d JOIN dealer r ON r.id = d.dealer_id JOIN posting p ON p.id = d.posting_id
"""


@dataclass(frozen=True, slots=True)
class DocumentFilter:
    """Which documents are wanted; None (or no kinds) leaves a question open.

    Days are those of the documents, both included; `posted_from` is the moment since which they were recorded.
    `open_only` leaves those of which nothing is open or on account. `text` stands in the number, the text, a number
    that it names or the dealer's name.
    """

    dealer_id: int | None = None
    kinds: tuple[DocumentKind, ...] = ()
    currency: str | None = None
    from_on: date | None = None
    to_on: date | None = None
    posted_from: datetime | None = None
    open_only: bool = False
    text: str | None = None


_TEXT = (
    "(strpos(d.number_key, {}::text) > 0 OR strpos(lower(d.remark), lower({}::text)) > 0"
    " OR strpos(lower(r.name), lower({}::text)) > 0"
    " OR EXISTS (SELECT FROM unnest(d.refs) AS named WHERE code_key(named) = {}::text))"
)


def _filter_of(asked: DocumentFilter) -> Filter:
    found = Filter((), ())
    text = (asked.text or "").strip()
    for value, part in (
        (asked.dealer_id, "d.dealer_id = {}"),
        ([each.value for each in asked.kinds], "d.kind = ANY ({}::text[])"),
        (asked.currency, "d.currency = {}"),
        (asked.from_on, "d.effective_on >= {}"),
        (asked.to_on, "d.effective_on <= {}"),
        (asked.posted_from, "p.recorded_at >= {}"),
    ):
        found = found.with_part(part, value) if value else found
    if asked.open_only:
        found = found.with_part(
            "EXISTS (SELECT FROM open_item o WHERE o.dealer_id = d.dealer_id AND o.document_id = d.id)"
        )
    return found.with_part(_TEXT, code_key(text), text, text, code_key(text)) if text else found


async def documents_listed(asked: DocumentFilter, wanted: Wanted = ALL) -> Page[Record]:
    """Documents of the dealers in scope, the latest day first."""
    found = _filter_of(asked)
    return await page_of(f"{_LISTED} WHERE {found.where}", found.args, DOCUMENTS, wanted)


_WHOLE = f"""
SELECT told.*, d.refs, d.discount_rate, d.discount_until, d.payer_account, {INSTALMENTS},
       (SELECT array_agg((l.code, l.name, x.amount) ORDER BY x.place) FROM document_line x
        JOIN product_line l ON l.id = x.line_id WHERE x.dealer_id = d.dealer_id AND x.document_id = d.id) AS lines,
       (SELECT array_agg((o.instalment, o.amount) ORDER BY o.instalment) FROM open_item o
        WHERE o.dealer_id = d.dealer_id AND o.document_id = d.id) AS left_over,
       v.effective_on AS reversed_on, v.reason AS reversed_why, reversing.actor AS reversed_by,
       reversing.recorded_at AS reversed_at
FROM ({_LISTED} WHERE d.dealer_id = $1 AND d.id = $2) AS told
JOIN receivable_document d ON d.dealer_id = told.dealer_id AND d.id = told.id
LEFT JOIN document_reversal v ON v.dealer_id = d.dealer_id AND v.document_id = d.id
LEFT JOIN posting reversing ON reversing.id = v.posting_id
"""


async def document_whole(dealer_id: int, document_id: int) -> Record | None:
    """A document with all that stands in it, what is left of it, and its reversal."""
    return await db.fetchrow(_WHOLE, dealer_id, document_id)


_SETTLED = """
SELECT a.id, a.money_id, paying.kind AS money_kind, paying.number AS money_number, a.document_id,
       owed.kind AS document_kind, owed.number AS document_number, owed.currency, a.instalment, a.amount,
       a.effective_on, a.settles, a.why, a.reason,
       coalesce((SELECT sum(o.amount) FROM open_item o WHERE o.dealer_id = a.dealer_id
                 AND o.document_id = a.document_id), 0) AS document_open, p.recorded_at, p.actor,
       e.effective_on AS taken_back_on, e.reason AS taken_back_why, ending.recorded_at AS taken_back_at,
       ending.actor AS taken_back_by
FROM allocation a JOIN posting p ON p.id = a.posting_id
JOIN receivable_document paying ON paying.dealer_id = a.dealer_id AND paying.id = a.money_id
JOIN receivable_document owed ON owed.dealer_id = a.dealer_id AND owed.id = a.document_id
LEFT JOIN LATERAL (
    SELECT x.effective_on, x.reason, x.posting_id FROM allocation_end x
    WHERE x.dealer_id = a.dealer_id AND x.allocation_id = a.id ORDER BY x.effective_on, x.id DESC LIMIT 1
) AS e ON true
LEFT JOIN posting ending ON ending.id = e.posting_id
WHERE a.dealer_id = $1 AND (a.money_id = ANY ($2::bigint[]) OR a.document_id = ANY ($2::bigint[]))
ORDER BY a.effective_on, a.id
"""


async def settled_with(dealer_id: int, document_ids: Sequence[int]) -> list[Record]:
    """All that was ever allocated between documents of which one at least is named: who, when, and what was taken back.

    Of an allocation that was taken back more than once it is the earliest day, which counts.
    """
    return await db.fetch(_SETTLED, dealer_id, document_ids)


async def numbers_of(document_ids: Sequence[int]) -> dict[int, Record]:
    """Kind, number and currency of documents in scope by their numbers in the ledger."""
    rows = await db.fetch(
        "SELECT id, kind, number, currency FROM receivable_document WHERE id = ANY ($1::bigint[])", document_ids
    )
    return {row["id"]: row for row in rows}

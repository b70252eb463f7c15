"""What is posted to the ledger, and what it moves: written whole under the account rows' locks, for many dealers.

What is open, on account and in bills is kept beside the ledger in the same transaction, from the movements that the
rules say: what was posted is the truth, and `queries.kept` holds the one against the other.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from channel.codes import code_key
from channel.database import db
from channel.receivables.rules.documents import Document
from channel.receivables.rules.movements import Allocation, Movement, Side, TakenBack
from channel.receivables.rules.payers import account_key


@dataclass(frozen=True, slots=True)
class NewDocument:
    """A document of a dealer with its number in the ledger, and what is kept beside it; `line_ids` of its lines.

    The account from which it was paid is kept by its letters and digits alone (`account_key`), as it is looked for.
    """

    dealer_id: int
    document: Document
    remark: str | None = None
    payer_account: str | None = None
    line_ids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Reversal:
    """A document that is gone from a day on."""

    dealer_id: int
    document_id: int
    effective_on: date


async def reserve_ids(count: int) -> list[int]:
    """So many numbers of documents, ascending: a document is known by its own before it is written."""
    rows = await db.fetch(
        "SELECT nextval('receivable_document_id_seq') AS id FROM generate_series(1, $1::integer)", count
    )
    return [row["id"] for row in rows]


# An act may bring documents of a dealer more than once.
_POSTINGS = """
INSERT INTO document_posting (dealer_id, posting_id)
SELECT DISTINCT dealer_id, $1::bigint FROM unnest($2::bigint[]) AS u (dealer_id) ON CONFLICT DO NOTHING
"""
_DOCUMENTS = """
INSERT INTO receivable_document (dealer_id, id, kind, number, number_key, currency, amount, tax, effective_on, refs,
    remark, discount_rate, discount_until, matures_on, value_on, payer_account, stays_on_account, live, posting_id)
OVERRIDING SYSTEM VALUE
SELECT dealer_id, id, kind, number, number_key, currency, amount, tax, effective_on,
       coalesce(string_to_array(refs, E'\\n'), '{}'), remark, discount_rate, discount_until, matures_on, value_on,
       payer_account, stays_on_account, true, $1
FROM unnest($2::bigint[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[], $8::numeric[], $9::numeric[],
            $10::date[], $11::text[], $12::text[], $13::numeric[], $14::date[], $15::date[], $16::date[], $17::text[],
            $18::boolean[])
    AS u (dealer_id, id, kind, number, number_key, currency, amount, tax, effective_on, refs, remark, discount_rate,
          discount_until, matures_on, value_on, payer_account, stays_on_account)
"""
_ITEMS = """
INSERT INTO receivable_item (dealer_id, document_id, instalment, currency, due_on, effective_on, amount, posting_id)
SELECT u.*, $1 FROM unnest($2::bigint[], $3::bigint[], $4::integer[], $5::text[], $6::date[], $7::date[],
                           $8::numeric[]) AS u
"""
_LINES = """
INSERT INTO document_line (dealer_id, document_id, place, line_id, amount)
SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::integer[], $4::bigint[], $5::numeric[])
"""


async def record_documents(new: Sequence[NewDocument], posting_id: int) -> None:
    """Documents with their lines, and the items or the money they bring; what these move is written by `move`."""
    if not new:
        return
    await db.execute(_POSTINGS, posting_id, [each.dealer_id for each in new])
    await db.execute(_DOCUMENTS, posting_id, *_columns(map(_document_row, new)))
    await db.execute(_ITEMS, posting_id, *_columns(row for each in new for row in _item_rows(each)))
    lines = [
        (each.dealer_id, each.document.id, place, line_id, line.amount)
        for each in new
        for place, (line_id, line) in enumerate(zip(each.line_ids, each.document.lines, strict=True), 1)
    ]
    if lines:
        await db.execute(_LINES, *_columns(lines))


def _document_row(new: NewDocument) -> tuple[object, ...]:
    each = new.document
    discount = each.discount
    return (
        new.dealer_id,
        each.id,
        each.kind.value,
        each.number,
        code_key(each.number),
        each.currency,
        each.amount,
        each.tax,
        each.effective_on,
        "\n".join(each.references) or None,
        new.remark,
        None if discount is None else discount.rate,
        None if discount is None else discount.until,
        each.matures_on,
        each.value_on,
        account_key(new.payer_account or "") or None,
        each.stays_on_account,
    )


def _item_rows(new: NewDocument) -> Iterable[tuple[object, ...]]:
    each = new.document
    if not each.kind.is_owed:
        yield new.dealer_id, each.id, 0, each.currency, None, each.effective_on, each.amount
    for place, item in enumerate(each.instalments, 1):
        yield new.dealer_id, each.id, place, each.currency, item.due_on, each.effective_on, item.amount


_ALLOCATIONS = """
INSERT INTO allocation (dealer_id, money_id, document_id, instalment, amount, effective_on, settles, why, reason,
                        posting_id)
SELECT u.*, $1, $2 FROM unnest($3::bigint[], $4::bigint[], $5::bigint[], $6::integer[], $7::numeric[], $8::date[],
                               $9::text[], $10::text[]) AS u
"""


async def record_allocations(made: Iterable[tuple[int, Allocation]], reason: str | None, posting_id: int) -> None:
    """Allocations, each with its dealer."""
    rows = [
        (
            dealer_id,
            each.money_id,
            each.item.document_id,
            each.item.instalment,
            each.amount,
            each.effective_on,
            each.settles.value,
            each.why.value,
        )
        for dealer_id, each in made
    ]
    if rows:
        await db.execute(_ALLOCATIONS, reason, posting_id, *_columns(rows))


_ENDS = """
INSERT INTO allocation_end (dealer_id, allocation_id, effective_on, moved_from, reason, posting_id)
SELECT u.*, $1, $2 FROM unnest($3::bigint[], $4::bigint[], $5::date[], $6::date[]) AS u
"""


async def record_ends(taken: Iterable[tuple[int, TakenBack]], reason: str | None, posting_id: int) -> None:
    """Allocations that are taken back, each with its dealer."""
    rows = [(dealer_id, each.allocation.id, each.on, each.allocation.taken_back_on) for dealer_id, each in taken]
    if rows:
        await db.execute(_ENDS, reason, posting_id, *_columns(rows))


_REVERSALS = """
INSERT INTO document_reversal (dealer_id, document_id, effective_on, reason, posting_id)
SELECT u.*, $1, $2 FROM unnest($3::bigint[], $4::bigint[], $5::date[]) AS u
"""
_NO_LONGER_LIVE = """
UPDATE receivable_document d SET live = false FROM unnest($1::bigint[], $2::bigint[]) AS u (dealer_id, id)
WHERE d.dealer_id = u.dealer_id AND d.id = u.id AND d.live
"""


async def record_reversals(reversals: Sequence[Reversal], reason: str, posting_id: int) -> None:
    """Documents that are reversed."""
    rows = [(each.dealer_id, each.document_id, each.effective_on) for each in reversals]
    if rows:
        await db.execute(_REVERSALS, reason, posting_id, *_columns(rows))
        dealers, documents, _ = _columns(rows)
        await db.change_exactly(len(rows), _NO_LONGER_LIVE, dealers, documents)


_MOVE = """
WITH moved AS MATERIALIZED (
    SELECT dealer_id, document_id, instalment, sum(amount) AS amount, max(on_) AS on_,
           min(on_) FILTER (WHERE amount < 0) AS touched_on
    FROM unnest($2::bigint[], $3::bigint[], $4::integer[], $5::numeric[], $6::date[])
        AS u (dealer_id, document_id, instalment, amount, on_)
    GROUP BY dealer_id, document_id, instalment
), items AS MATERIALIZED (
    SELECT m.dealer_id, m.document_id, m.instalment, m.amount, m.on_, least(m.touched_on, i.touched_on) AS touched_on,
           i.currency, i.due_on, i.effective_on, i.settled_on, i.amount AS brought, i.posting_id
    FROM moved m JOIN receivable_item i USING (dealer_id, document_id, instalment)
), left_over AS (
    INSERT INTO open_item AS o (dealer_id, document_id, instalment, currency, due_on, effective_on, amount, brought,
                                touched_on, moved_on, moved_by, posting_id)
    SELECT dealer_id, document_id, instalment, currency, due_on, effective_on, amount, brought, touched_on,
           greatest(on_, settled_on, effective_on), $1, posting_id
    FROM items
    ON CONFLICT (dealer_id, document_id, instalment)
        DO UPDATE SET amount = o.amount + excluded.amount, touched_on = excluded.touched_on,
                      moved_on = greatest(o.moved_on, excluded.moved_on), moved_by = excluded.moved_by
    RETURNING dealer_id, document_id, instalment, amount, touched_on, moved_on
), balances AS (
    INSERT INTO account_balance AS b (dealer_id, currency, open, on_account)
    SELECT dealer_id, currency, coalesce(sum(amount) FILTER (WHERE instalment > 0), 0),
           coalesce(sum(amount) FILTER (WHERE instalment = 0), 0)
    FROM items GROUP BY dealer_id, currency ORDER BY dealer_id, currency
    ON CONFLICT (dealer_id, currency)
        DO UPDATE SET open = b.open + excluded.open, on_account = b.on_account + excluded.on_account
)
UPDATE receivable_item i
SET touched_on = l.touched_on, settled_on = CASE WHEN l.amount = 0 THEN l.moved_on END,
    settled_by = CASE WHEN l.amount = 0 THEN $1::bigint END
FROM left_over l
WHERE i.dealer_id = l.dealer_id AND i.document_id = l.document_id AND i.instalment = l.instalment
  AND (l.amount = 0 OR i.settled_on IS NOT NULL OR i.touched_on IS DISTINCT FROM l.touched_on)
"""
_NOTHING_LEFT = """
DELETE FROM open_item o USING (SELECT DISTINCT * FROM unnest($1::bigint[], $2::bigint[], $3::integer[])) AS u (d, n, i)
WHERE o.dealer_id = u.d AND o.document_id = u.n AND o.instalment = u.i AND o.amount <= 0 RETURNING o.amount
"""
_MOVE_BILLS = """
INSERT INTO account_bill AS b (dealer_id, currency, matures_on, amount)
SELECT u.dealer_id, d.currency, d.matures_on, sum(u.amount)
FROM unnest($1::bigint[], $2::bigint[], $3::numeric[]) AS u (dealer_id, document_id, amount)
JOIN receivable_document d ON d.dealer_id = u.dealer_id AND d.id = u.document_id
GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
ON CONFLICT (dealer_id, currency, matures_on) DO UPDATE SET amount = b.amount + excluded.amount
"""


async def move(moved: Sequence[tuple[int, Movement]], posting_id: int) -> None:
    """Keep what is left of items and money, the account rows and their bills in step with these movements.

    Each movement comes with its dealer. What holds only from a bill's maturity on changes no account row: what of bills
    has matured is told by their day.
    """
    rows = [
        (dealer_id, each.document_id, each.instalment, each.amount, each.effective_on)
        for dealer_id, each in moved
        if each.side is not Side.BILL
    ]
    if rows:
        columns = _columns(rows)
        await db.execute(_MOVE, posting_id, *columns)
        if any(row["amount"] for row in await db.fetch(_NOTHING_LEFT, *columns[:3])):
            raise RuntimeError("more was taken from an item or from money than was there")
    bills: dict[tuple[int, int], tuple[date, Decimal]] = {}
    for dealer_id, each in moved:
        key = dealer_id, each.document_id
        # A bill comes and goes by a pair of movements, of which the earlier one says what it is in the exposure.
        if each.side is Side.BILL and (key not in bills or each.effective_on < bills[key][0]):
            bills[key] = each.effective_on, each.amount
    if bills:
        await db.execute(_MOVE_BILLS, *_columns((*key, amount) for key, (_, amount) in bills.items()))


def _columns(rows: Iterable[tuple[object, ...]]) -> list[tuple[object, ...]]:
    return list(zip(*rows, strict=True))

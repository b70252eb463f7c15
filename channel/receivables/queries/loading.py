"""Documents of a file and what they pay, written in sets from the temporary tables of the load.

What is kept beside the ledger follows in the same statements, as `writing.move` keeps it: `planned` says what pays
what, and what is left of items and money is what they bring less that. Whoever writes holds the account rows.
"""

from collections.abc import Iterable

from asyncpg import Record

from channel.database import db
from channel.receivables.rules.documents import DocumentKind
from channel.receivables.rules.movements import Allocation

PLANNED = """
CREATE TEMP TABLE planned (
    dealer_id bigint, currency text, money_id bigint, document_id bigint, instalment integer, amount numeric(18, 4),
    effective_on date, settles text, why text
) ON COMMIT DROP
"""


async def open_plan() -> None:
    """Make `planned`, empty: what pays what, by dealer and currency."""
    await db.execute(PLANNED)


async def add_plan(made: Iterable[tuple[int, str, Allocation]]) -> None:
    """Allocations, each with its dealer and currency."""
    rows = [
        (
            dealer_id,
            currency,
            each.money_id,
            each.item.document_id,
            each.item.instalment,
            each.amount,
            each.effective_on,
            each.settles.value,
            each.why.value,
        )
        for dealer_id, currency, each in made
    ]
    await db.connection().copy_records_to_table("planned", records=rows)


_SIZES = """
SELECT s.dealer_id, s.documents + coalesce(o.items, 0) AS size, s.documents
FROM (SELECT dealer_id, count(*) AS documents FROM staged_document GROUP BY dealer_id) AS s
LEFT JOIN (SELECT dealer_id, count(*) AS items, count(*) FILTER (WHERE instalment = 0) AS money FROM open_item
           WHERE dealer_id IN (SELECT dealer_id FROM staged_document) GROUP BY dealer_id) AS o USING (dealer_id)
WHERE NOT $1 OR o.money > 0 ORDER BY s.dealer_id
"""


async def sizes(*, with_money: bool = False) -> list[Record]:
    """By dealer, ascending, how many documents are staged, and `size`: with what is open of him.

    `with_money`: only those of whom any money is on account.
    """
    return await db.fetch(_SIZES, with_money)


_STAGED = """
SELECT s.id, s.dealer_id, s.number, s.currency, s.amount, s.effective_on, s.refs, s.discount_rate, s.discount_until,
       s.matures_on, s.value_on, s.stays_on_account, i.instalments
FROM staged_document s
LEFT JOIN (SELECT i.document_id, array_agg((i.due_on, i.amount) ORDER BY i.instalment) AS instalments
           FROM staged_item i JOIN staged_document d ON d.id = i.document_id WHERE d.dealer_id = ANY ($1::bigint[])
           GROUP BY i.document_id) AS i ON i.document_id = s.id
WHERE s.dealer_id = ANY ($1::bigint[]) ORDER BY s.id
"""


async def staged(dealers: list[int]) -> list[Record]:
    """The staged documents of some dealers with their instalments."""
    return await db.fetch(_STAGED, dealers)


_SUMS = """
SELECT s.currency, count(*) AS documents, sum(s.amount) AS amount, coalesce(sum(p.amount), 0) AS allocated,
       sum(s.amount) - coalesce(sum(p.amount), 0) AS left_over
FROM staged_document s LEFT JOIN (
    SELECT CASE WHEN $1 THEN document_id ELSE money_id END AS id, sum(amount) AS amount FROM planned
    WHERE $1 OR settles = 'payment' GROUP BY 1) AS p USING (id)
GROUP BY s.currency ORDER BY s.currency
"""


async def sums(kind: DocumentKind) -> list[Record]:
    """What the staged documents come to by currency, what of them pays or is settled, and what is left over of it."""
    return await db.fetch(_SUMS, kind.is_owed)


async def give_dealers() -> None:
    """Put the ids of the dealers that were created in the place of those below 0."""
    await db.execute(
        "UPDATE staged_document s SET dealer_id = d.id FROM known_dealer k JOIN dealer d ON d.code = k.code"
        " WHERE k.id < 0 AND s.dealer_id = k.id"
    )


_POSTINGS = """
INSERT INTO document_posting (dealer_id, posting_id) SELECT DISTINCT dealer_id, $1::bigint FROM staged_document
"""
_DOCUMENTS = """
INSERT INTO receivable_document (dealer_id, id, kind, number, number_key, currency, amount, tax, effective_on, refs,
    remark, discount_rate, discount_until, matures_on, value_on, payer_account, stays_on_account, live, posting_id)
OVERRIDING SYSTEM VALUE
SELECT dealer_id, id, $4, number, number_key, currency, amount, tax, effective_on, coalesce(refs, '{}'), remark,
       discount_rate, discount_until, matures_on, value_on, payer_account, coalesce(stays_on_account, false), true,
       $3
FROM staged_document WHERE dealer_id BETWEEN $1 AND $2
"""
# What each document brings, with what of it is settled, from which day first and from which for good.
_BROUGHT_MONEY = """
CREATE TEMP TABLE brought ON COMMIT DROP AS
SELECT s.dealer_id, s.id AS document_id, 0 AS instalment, s.currency, NULL::date AS due_on, s.effective_on, s.amount,
       p.amount AS settled, p.touched_on, greatest(p.on_, s.effective_on) AS moved_on
FROM staged_document s LEFT JOIN (
    SELECT money_id AS id, sum(amount) AS amount, min(effective_on) AS touched_on, max(effective_on) AS on_
    FROM planned WHERE settles = 'payment' GROUP BY money_id) AS p USING (id)
ORDER BY s.id
"""
_BROUGHT_ITEMS = """
CREATE TEMP TABLE brought ON COMMIT DROP AS
SELECT s.dealer_id, s.id AS document_id, i.instalment, s.currency, i.due_on, s.effective_on, i.amount,
       p.amount AS settled, p.touched_on, greatest(p.on_, s.effective_on) AS moved_on
FROM staged_document s JOIN staged_item i ON i.document_id = s.id LEFT JOIN (
    SELECT document_id, instalment, sum(amount) AS amount, min(effective_on) AS touched_on, max(effective_on) AS on_
    FROM planned GROUP BY document_id, instalment) AS p ON p.document_id = s.id AND p.instalment = i.instalment
ORDER BY s.id, i.instalment
"""
_ITEMS = """
INSERT INTO receivable_item (dealer_id, document_id, instalment, currency, due_on, effective_on, amount, touched_on,
                             settled_on, settled_by, posting_id)
SELECT dealer_id, document_id, instalment, currency, due_on, effective_on, amount, touched_on,
       CASE WHEN settled = amount THEN moved_on END, CASE WHEN settled = amount THEN $3::bigint END, $3
FROM brought WHERE dealer_id BETWEEN $1 AND $2
"""
_LEFT = """
INSERT INTO open_item (dealer_id, document_id, instalment, currency, due_on, effective_on, amount, brought, touched_on,
                       moved_on, moved_by, posting_id)
SELECT dealer_id, document_id, instalment, currency, due_on, effective_on, amount - coalesce(settled, 0), amount,
       touched_on, moved_on, $3, $3
FROM brought WHERE dealer_id BETWEEN $1 AND $2 AND settled IS DISTINCT FROM amount
"""
_ALLOCATIONS = """
INSERT INTO allocation (dealer_id, money_id, document_id, instalment, amount, effective_on, settles, why, posting_id)
SELECT dealer_id, money_id, document_id, instalment, amount, effective_on, settles, why, $3
FROM planned WHERE dealer_id BETWEEN $1 AND $2
"""
_TOUCHED = """
CREATE TEMP TABLE touched ON COMMIT DROP AS
SELECT * FROM (
    SELECT dealer_id, document_id, instalment, sum(amount) AS amount, min(effective_on) AS touched_on,
           max(effective_on) AS on_
    FROM planned GROUP BY dealer_id, document_id, instalment
    UNION ALL
    SELECT dealer_id, money_id, 0, sum(amount), min(effective_on), max(effective_on)
    FROM planned WHERE settles = 'payment' GROUP BY dealer_id, money_id
) AS t WHERE NOT EXISTS (SELECT FROM staged_document s WHERE s.id = t.document_id)
ORDER BY dealer_id, document_id, instalment
"""
_SETTLED = """
WITH gone AS (
    DELETE FROM open_item o USING touched t
    WHERE t.dealer_id BETWEEN $1 AND $2 AND o.dealer_id = t.dealer_id AND o.document_id = t.document_id
      AND o.instalment = t.instalment AND o.amount = t.amount
    RETURNING o.dealer_id, o.document_id, o.instalment, least(o.touched_on, t.touched_on) AS touched_on,
              greatest(o.moved_on, t.on_) AS settled_on
)
UPDATE receivable_item i SET touched_on = g.touched_on, settled_on = g.settled_on, settled_by = $3 FROM gone g
WHERE i.dealer_id = g.dealer_id AND i.document_id = g.document_id AND i.instalment = g.instalment
"""
_LESS = """
WITH less AS (
    UPDATE open_item o SET amount = o.amount - t.amount, touched_on = least(o.touched_on, t.touched_on),
                           moved_on = greatest(o.moved_on, t.on_), moved_by = $3
    FROM touched t
    WHERE t.dealer_id BETWEEN $1 AND $2 AND o.dealer_id = t.dealer_id AND o.document_id = t.document_id
      AND o.instalment = t.instalment AND o.amount > t.amount
    RETURNING o.dealer_id, o.document_id, o.instalment, o.touched_on
), items AS (
    UPDATE receivable_item i SET touched_on = l.touched_on FROM less l
    WHERE i.dealer_id = l.dealer_id AND i.document_id = l.document_id AND i.instalment = l.instalment
      AND i.touched_on IS DISTINCT FROM l.touched_on
)
SELECT count(*) FROM less
"""
_BALANCES = """
INSERT INTO account_balance AS b (dealer_id, currency, open, on_account)
SELECT dealer_id, currency, sum(open), sum(on_account) FROM (
    SELECT dealer_id, currency, CASE WHEN $3 THEN amount ELSE 0 END AS open,
           CASE WHEN $3 THEN 0 ELSE amount END AS on_account
    FROM staged_document WHERE dealer_id BETWEEN $1 AND $2
    UNION ALL
    SELECT dealer_id, currency, -amount, CASE WHEN settles = 'payment' THEN -amount ELSE 0 END
    FROM planned WHERE dealer_id BETWEEN $1 AND $2
) AS moved GROUP BY dealer_id, currency ORDER BY dealer_id, currency
ON CONFLICT (dealer_id, currency)
    DO UPDATE SET open = b.open + excluded.open, on_account = b.on_account + excluded.on_account
"""
_BILLS = """
INSERT INTO account_bill AS b (dealer_id, currency, matures_on, amount)
SELECT dealer_id, currency, matures_on, sum(amount) FROM staged_document
WHERE dealer_id BETWEEN $1 AND $2 AND matures_on IS NOT NULL
GROUP BY dealer_id, currency, matures_on ORDER BY dealer_id, currency, matures_on
ON CONFLICT (dealer_id, currency, matures_on) DO UPDATE SET amount = b.amount + excluded.amount
"""
_TOUCHED_BETWEEN = "SELECT count(*) FROM touched WHERE dealer_id BETWEEN $1 AND $2"


async def open_writing(kind: DocumentKind, posting_id: int) -> None:
    """Make `brought`, the items and the money of the documents with what the plan takes of them, and `touched`.

    `touched` is what the plan takes of items and money that were in the books before. Of whom the posting brings
    documents is written for all of them.
    """
    # The plan of the foreign key is made at the first document and kept. Were the dealers written part by part, it
    # would be made over the few of the first part, where a scan looks cheap.
    await db.execute(_POSTINGS, posting_id)
    await db.execute("ANALYZE planned (dealer_id, money_id, document_id)")
    await db.execute(_BROUGHT_ITEMS if kind.is_owed else _BROUGHT_MONEY)
    await db.execute(_TOUCHED)
    await db.execute("ANALYZE touched (dealer_id, document_id)")


async def record_staged(kind: DocumentKind, low: int, high: int, posting_id: int) -> None:
    """Write the staged documents of the dealers with ids from `low` to `high`, what they pay and what they move."""
    await db.execute(_DOCUMENTS, low, high, posting_id, kind.value)
    await db.execute(_ITEMS, low, high, posting_id)
    await db.execute(_ALLOCATIONS, low, high, posting_id)
    await db.execute(_LEFT, low, high, posting_id)
    settled = await db.execute(_SETTLED, low, high, posting_id)
    less = await db.fetchval(_LESS, low, high, posting_id)
    if settled + less != await db.fetchval(_TOUCHED_BETWEEN, low, high):
        raise RuntimeError("more was taken from an item or from money than was there")
    await db.execute(_BALANCES, low, high, kind.is_owed)
    if kind is DocumentKind.BILL:
        await db.execute(_BILLS, low, high)


async def planned_count() -> int:
    """How many allocations are planned."""
    found: int = await db.fetchval("SELECT count(*) FROM planned")
    return found


_REVERSED = """
SELECT EXISTS (SELECT FROM document_reversal r JOIN receivable_document d
               ON d.dealer_id = r.dealer_id AND d.id = r.document_id WHERE d.posting_id = $1)
"""


async def is_reversed_in_part(posting_id: int) -> bool:
    """Whether any document of a posting was reversed since."""
    found: bool = await db.fetchval(_REVERSED, posting_id)
    return found

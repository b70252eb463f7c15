"""What a posting finds in the books of the dealers it concerns: open items, waiting money, and numbers that are in."""

from collections.abc import Iterable, Mapping, Sequence

from asyncpg import Record

from channel.database import db
from channel.receivables.rules.allocation import Item, Money
from channel.receivables.rules.documents import Discount, DocumentKind

Whose = tuple[int, str]
"""A dealer and a currency, in whose books money pays only what is owed in the same."""

_ENDED = """
SELECT a.dealer_id, {of}, max(x.ends) AS free_on FROM allocation a
JOIN (SELECT dealer_id, allocation_id, min(effective_on) AS ends FROM allocation_end
      WHERE dealer_id = ANY ($1::bigint[]) GROUP BY 1, 2) x ON x.dealer_id = a.dealer_id AND x.allocation_id = a.id
GROUP BY 1, {places}
"""
_ITEMS = f"""
SELECT o.dealer_id, o.currency, o.document_id, o.instalment, d.kind, d.number, o.effective_on, o.due_on,
       o.brought AS whole, o.amount AS open, d.discount_rate, d.discount_until, x.free_on,
       CASE WHEN d.discount_rate IS NOT NULL THEN
           (SELECT sum(a.amount) FROM allocation a
            JOIN receivable_document c ON c.dealer_id = a.dealer_id AND c.id = a.money_id AND c.kind = 'credit_note'
            WHERE a.dealer_id = o.dealer_id AND a.document_id = o.document_id AND a.instalment = o.instalment
              AND NOT EXISTS (SELECT FROM allocation_end e
                              WHERE e.dealer_id = a.dealer_id AND e.allocation_id = a.id)) END AS credited
FROM open_item o
JOIN receivable_document d ON d.dealer_id = o.dealer_id AND d.id = o.document_id
LEFT JOIN ({_ENDED.format(of="a.document_id, a.instalment", places="2, 3")}) AS x
    ON x.dealer_id = o.dealer_id AND x.document_id = o.document_id AND x.instalment = o.instalment
WHERE o.dealer_id = ANY ($1::bigint[]) AND o.instalment > 0
"""


async def open_items(dealer_ids: Sequence[int]) -> dict[Whose, list[Item]]:
    """Everything that is open of these dealers, as it stands now."""
    found: dict[Whose, list[Item]] = {}
    for row in await db.fetch(_ITEMS, dealer_ids):
        found.setdefault((row["dealer_id"], row["currency"]), []).append(item_of(row))
    return found


def item_of(row: Record) -> Item:
    """The item of a row as it stands; `whole` is its own amount."""
    return Item(
        row["document_id"],
        row["instalment"],
        DocumentKind(row["kind"]),
        row["number"],
        row["effective_on"],
        row["due_on"],
        row["whole"],
        row["open"],
        discount=None if row["discount_rate"] is None else Discount(row["discount_rate"], row["discount_until"]),
        free_on=row["free_on"],
        **({} if row["credited"] is None else {"credited": row["credited"]}),
    )


_MONEY = f"""
SELECT o.dealer_id, o.currency, o.document_id, d.kind, d.number, o.effective_on, d.amount, o.amount AS left_over,
       coalesce(d.value_on, d.effective_on) AS paid_on, d.refs, d.stays_on_account OR d.kind = 'write_off' AS stays,
       x.free_on
FROM open_item o JOIN receivable_document d ON d.dealer_id = o.dealer_id AND d.id = o.document_id
LEFT JOIN ({_ENDED.format(of="a.money_id", places="2")}) AS x
    ON x.dealer_id = o.dealer_id AND x.money_id = o.document_id
WHERE o.dealer_id = ANY ($1::bigint[]) AND o.instalment = 0 {{which}}
"""
_WAITS = """
AND cardinality(d.refs) > 0 AND NOT d.stays_on_account AND d.kind <> 'write_off' AND EXISTS (
    SELECT FROM unnest(d.refs) AS named WHERE NOT EXISTS (
        SELECT FROM receivable_document n WHERE n.dealer_id = d.dealer_id AND n.live AND n.currency = d.currency
          AND n.kind IN ('invoice', 'debit_note') AND n.number_key = code_key(named)))
"""


async def waiting_money(dealer_ids: Sequence[int]) -> dict[Whose, list[Money]]:
    """Money on account that waits for a document that it names and that is not in yet."""
    return await _money(dealer_ids, _WAITS)


async def money_on_account(dealer_ids: Sequence[int]) -> dict[Whose, list[Money]]:
    """All money on account, as it stands now."""
    return await _money(dealer_ids, "")


async def _money(dealer_ids: Sequence[int], which: str) -> dict[Whose, list[Money]]:
    found: dict[Whose, list[Money]] = {}
    for row in await db.fetch(_MONEY.format(which=which), dealer_ids):
        found.setdefault((row["dealer_id"], row["currency"]), []).append(
            Money(
                row["document_id"],
                DocumentKind(row["kind"]),
                row["number"],
                row["effective_on"],
                row["amount"],
                row["left_over"],
                row["paid_on"],
                tuple(row["refs"]),
                row["stays"],
                row["free_on"],
            )
        )
    return found


_IN = """
SELECT DISTINCT u.dealer_id, u.currency, u.number_key
FROM unnest($1::bigint[], $2::text[], $3::text[]) AS u (dealer_id, currency, number_key)
JOIN receivable_document d ON d.dealer_id = u.dealer_id AND d.currency = u.currency AND d.number_key = u.number_key
     AND d.live AND d.kind IN ('invoice', 'debit_note')
WHERE NOT EXISTS (SELECT FROM open_item o
                  WHERE o.dealer_id = d.dealer_id AND o.document_id = d.id AND o.instalment > 0)
"""


async def settled_numbers(named: Mapping[Whose, Iterable[str]]) -> dict[Whose, frozenset[str]]:
    """Of the keys of numbers that money names: those of documents that are in with nothing open."""
    asked = [(*whose, key) for whose, keys in named.items() for key in keys]
    found: dict[Whose, set[str]] = {}
    if asked:
        for row in await db.fetch(_IN, *map(list, zip(*asked, strict=True))):
            found.setdefault((row["dealer_id"], row["currency"]), set()).add(row["number_key"])
    return {whose: frozenset(keys) for whose, keys in found.items()}

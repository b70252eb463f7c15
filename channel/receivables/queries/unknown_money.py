"""Money whose payer is not known, what speaks for whom, and what became of it."""

from collections.abc import Sequence

from asyncpg import Record

from channel.codes import code_key
from channel.database import db
from channel.database.paging import page_of
from channel.lists import Page, Wanted
from channel.receivables import tables
from channel.receivables.acts.unknown_money import KeepUnknownMoney
from channel.receivables.lists.unknown_money import UNKNOWN_MONEY
from channel.receivables.rules.payers import KnownBy, OwedItem, UnknownMoney, account_key

_TOLD = """
SELECT u.id, u.number, u.currency, u.amount, u.booked_on, u.remark, u.payer_account, u.ended_by, p.recorded_at,
       CASE WHEN u.ended_by IS NULL THEN 'unknown' WHEN a.money_id IS NULL THEN 'returned'
            WHEN r.live THEN 'assigned' ELSE 'taken_back' END AS state,
       a.dealer_id, d.code AS dealer, d.name AS dealer_name, a.document_id
FROM unknown_money u JOIN posting p ON p.id = u.posting_id
LEFT JOIN money_assigned a ON a.money_id = u.id LEFT JOIN dealer d ON d.id = a.dealer_id
LEFT JOIN receivable_document r ON r.dealer_id = a.dealer_id AND r.id = a.document_id
"""
_LISTED = f"SELECT * FROM ({_TOLD}) AS t WHERE $1::text IS NULL OR state = $1"


async def unknown_money(state: str | None, wanted: Wanted) -> Page[Record]:
    """The bank lines in a state, or all."""
    return await page_of(_LISTED, [state], UNKNOWN_MONEY, wanted)


async def money(money_id: int, *, lock: bool = False) -> Record | None:
    """One of them; locked, whoever else acts on it waits."""
    if lock:
        await db.execute("SELECT FROM unknown_money WHERE id = $1 FOR NO KEY UPDATE", money_id)
    return await db.fetchrow(f"{_TOLD} WHERE u.id = $1", money_id)


async def waiting_with(number: str) -> int | None:
    """The number in the ledger of the money that waits with the bank's number."""
    found: int | None = await db.fetchval(
        "SELECT id FROM unknown_money WHERE number_key = $1 AND ended_by IS NULL", code_key(number)
    )
    return found


async def number_waits(number: str) -> bool:
    """Whether money of that number waits already."""
    return await waiting_with(number) is not None


async def record_money(act: KeepUnknownMoney, posting_id: int) -> int:
    """A bank line that waits; its number in the ledger."""
    row = tables.UnknownMoney(
        number=act.number,
        number_key=code_key(act.number),
        currency=act.currency,
        amount=act.amount,
        booked_on=act.booked_on,
        remark=act.remark,
        payer_account=account_key(act.payer_account or "") or None,
        posting_id=posting_id,
        ended_by=None,
    )
    await row.save()
    return row.id


async def end_money(money_id: int, posting_id: int) -> None:
    """It waits no longer."""
    await db.change_exactly(
        1, "UPDATE unknown_money SET ended_by = $2 WHERE id = $1 AND ended_by IS NULL", money_id, posting_id
    )


async def record_assignment(dealer_id: int, document_id: int, money_id: int) -> None:
    """The receipt that it became."""
    row = tables.MoneyAssigned(dealer_id=dealer_id, document_id=document_id, money_id=money_id)
    await row.save()


_ITEMS = """
SELECT DISTINCT o.dealer_id, d.number, o.currency, o.amount AS open
FROM open_item o JOIN receivable_document d ON d.dealer_id = o.dealer_id AND d.id = o.document_id
JOIN unnest($1::text[], $2::text[], $3::numeric[]) AS u (named, currency, amount)
     ON o.currency = u.currency AND (o.amount = u.amount OR position(d.number_key IN u.named) > 0)
WHERE o.instalment > 0
"""
_ACCOUNTS = """
SELECT DISTINCT payer_account, dealer_id FROM receivable_document
WHERE payer_account = ANY ($1::text[]) AND live
"""


async def known_by(lines: Sequence[UnknownMoney]) -> KnownBy:
    """What speaks for any dealer of these bank lines: open items named or of the amount, and accounts paid from."""
    named = [code_key(each.text) for each in lines]
    rows = await db.fetch(_ITEMS, named, [each.currency for each in lines], [each.amount for each in lines])
    accounts = [account_key(each.account) for each in lines if each.account]
    paid = await db.fetch(_ACCOUNTS, accounts) if accounts else []
    return KnownBy.of(
        (OwedItem(row["dealer_id"], row["number"], row["currency"], row["open"]) for row in rows),
        ((row["payer_account"], row["dealer_id"]) for row in paid),
    )


async def dealer_names(dealer_ids: Sequence[int]) -> dict[int, Record]:
    """Code and name of these dealers."""
    rows = await db.fetch("SELECT id, code, name FROM dealer WHERE id = ANY ($1::bigint[])", dealer_ids)
    return {row["id"]: row for row in rows}

"""The account row of each dealer: locked before anything is read that consumes or frees headroom or moves the books."""

from collections.abc import Sequence
from datetime import date

from asyncpg import Record

from channel.database import db

_LOCK = """
INSERT INTO dealer_account AS a (dealer_id, acts) SELECT dealer_id, 1 FROM ({whose}) AS whose ORDER BY dealer_id
ON CONFLICT (dealer_id) DO UPDATE SET acts = a.acts + 1
"""


def locking(whose: str) -> str:
    """The statement that locks the account rows of the dealers whose `dealer_id` a query of a room above gives."""
    return _LOCK.format(whose=whose)


_LOCK_THESE = locking("SELECT DISTINCT unnest($1::bigint[]) AS dealer_id")


async def lock_accounts(dealer_ids: Sequence[int]) -> None:
    """Make whoever else acts on these dealers' accounts wait to the end of this transaction; always in one order."""
    await db.execute(_LOCK_THESE, dealer_ids)


_SUMS = """
SELECT coalesce(b.dealer_id, i.dealer_id) AS dealer_id, coalesce(b.currency, i.currency) AS currency,
       coalesce(b.open, 0) AS open, coalesce(b.on_account, 0) AS on_account, coalesce(i.bills, 0) AS bills
FROM (SELECT * FROM account_balance WHERE dealer_id = ANY ($1::bigint[])) b
FULL JOIN (SELECT dealer_id, currency, sum(amount) AS bills FROM account_bill
           WHERE dealer_id = ANY ($1::bigint[]) AND matures_on > $2 GROUP BY 1, 2) i USING (dealer_id, currency)
ORDER BY 1, 2
"""


async def account_sums(dealer_ids: Sequence[int], today: date) -> list[Record]:
    """What the account rows hold today, by dealer and currency: open, on account, in bills that have not matured.

    A dealer and currency of which nothing ever stood in the books has no row.
    """
    return await db.fetch(_SUMS, dealer_ids, today)


async def dealers_meant(codes: Sequence[str]) -> dict[str, Record]:
    """Id, code, name and today's currency of the dealers in scope that these codes mean, by the code asked."""
    rows = await db.fetch(
        "SELECT u.asked, d.id, d.code, d.name, d.currency FROM unnest($1::text[]) AS u (asked)"
        " JOIN dealer d ON d.code = (SELECT dealer_meant(u.asked))",
        codes,
    )
    return {row["asked"]: row for row in rows}

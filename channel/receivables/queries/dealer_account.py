"""What stands in one dealer's account as of a day as known at a moment, with the documents behind it."""

from datetime import date

from asyncpg import Record

from channel.database import db
from channel.database.posted import known
from channel.receivables.queries.disputed import disputed, disputed_part
from channel.receivables.queries.standing import bills, is_today, standing
from channel.view import View

_OPEN = """
SELECT x.document_id, x.instalment, x.currency, x.due_on, x.effective_on, x.amount AS open,
       coalesce({disputed}, 0) AS disputed, d.kind, d.number, d.amount, d.refs AS "references", d.remark,
       d.stays_on_account,
       (SELECT i.amount FROM receivable_item i WHERE i.dealer_id = x.dealer_id AND i.document_id = x.document_id
        AND i.instalment = x.instalment) AS whole
FROM {left} x JOIN receivable_document d ON d.dealer_id = x.dealer_id AND d.id = x.document_id
WHERE x.dealer_id = $1 ORDER BY x.currency, x.due_on, x.effective_on, x.document_id, x.instalment
"""
_WHOSE = "x.dealer_id = $1"
_OPEN_TODAY = _OPEN.format(left="open_item", disputed=disputed_part(disputed(_WHOSE, "$2", "NULL", today=True), "x"))
_OPEN_THEN = _OPEN.format(
    left=f"({standing(_WHOSE, '$2', '$3')})", disputed=disputed_part(disputed(_WHOSE, "$2", "$3"), "x")
)


async def open_of_dealer(dealer_id: int, view: View, today: date) -> list[Record]:
    """What was open on each item, what of that was disputed, and what was on account of what pays (instalment 0).

    What fell due first is first.
    """
    if is_today(view, today):
        return await db.fetch(_OPEN_TODAY, dealer_id, view.as_of)
    return await db.fetch(_OPEN_THEN, dealer_id, view.as_of, view.moment)


_BILLS = f"""
SELECT b.*, d.kind, d.number FROM ({bills("x.dealer_id = $1", "$2", "$3")}) AS b
JOIN receivable_document d ON d.dealer_id = b.dealer_id AND d.id = b.document_id ORDER BY b.matures_on, b.document_id
"""


async def bills_of_dealer(dealer_id: int, view: View) -> list[Record]:
    """The bills that had not matured, the first to mature first."""
    return await db.fetch(_BILLS, dealer_id, view.as_of, view.moment)


# The documents of the dealer are found first (OFFSET 0): in a plan that is made once for every day, the index of days
# would seem to help, and all of it would be read.
_OF_DEALER = "(SELECT * FROM receivable_document WHERE dealer_id = $1 OFFSET 0)"
_TIMELINE = f"""
SELECT d.id, d.kind, d.number, d.currency, d.amount, d.effective_on, d.remark, d.recorded_at, d.actor,
       r.effective_on AS reversed_on, counterparts.numbers, counterparts.settled
FROM (
    SELECT d.*, p.recorded_at, p.actor FROM {_OF_DEALER} AS d JOIN posting p ON p.id = d.posting_id
    WHERE d.effective_on <= $2 AND {known("$3")} ORDER BY d.effective_on DESC, d.id DESC LIMIT $4
) AS d
LEFT JOIN LATERAL (
    SELECT v.effective_on FROM document_reversal v JOIN posting p ON p.id = v.posting_id
    WHERE v.dealer_id = d.dealer_id AND v.document_id = d.id AND v.effective_on <= $2 AND {known("$3")}
) AS r ON true
LEFT JOIN LATERAL (
    SELECT array_agg(DISTINCT o.number ORDER BY o.number) AS numbers, sum(a.amount) AS settled
    FROM allocation a JOIN posting p ON p.id = a.posting_id
    JOIN receivable_document o ON o.dealer_id = a.dealer_id
         AND o.id = CASE WHEN a.money_id = d.id THEN a.document_id ELSE a.money_id END
    WHERE a.dealer_id = d.dealer_id AND (a.money_id = d.id OR a.document_id = d.id) AND a.effective_on <= $2
      AND {known("$3")}
      AND NOT EXISTS (SELECT FROM allocation_end e JOIN posting p ON p.id = e.posting_id
                      WHERE e.dealer_id = a.dealer_id AND e.allocation_id = a.id AND e.effective_on <= $2
                        AND {known("$3")})
) AS counterparts ON true
ORDER BY d.effective_on DESC, d.id DESC
"""


async def timeline(dealer_id: int, view: View, limit: int) -> list[Record]:
    """The last documents of a dealer up to the view's day, as known at its moment, the latest first.

    Each with the numbers of the documents that settled it or that it settled, and how much that was.
    """
    return await db.fetch(_TIMELINE, dealer_id, view.as_of, view.moment, limit)


# Between two days that are not known yet hardly anything would seem to lie, and each row be compared with each posting.
_BY_MONTH = f"""
SELECT date_trunc('month', d.effective_on)::date AS month, d.currency,
       sum(d.amount) FILTER (WHERE d.kind IN ('invoice', 'debit_note')) AS invoiced,
       sum(d.amount) FILTER (WHERE d.kind IN ('receipt', 'bill')) AS paid
FROM {_OF_DEALER} AS d JOIN posting p ON p.id = d.posting_id
WHERE d.effective_on <= $2 AND date_trunc('month', d.effective_on)::date >= $4 AND {known("$3")}
  AND NOT EXISTS (SELECT FROM document_reversal v JOIN posting p ON p.id = v.posting_id
                  WHERE v.dealer_id = d.dealer_id AND v.document_id = d.id AND v.effective_on <= $2 AND {known("$3")})
GROUP BY 1, 2 ORDER BY 1, 2
"""


async def by_month(dealer_id: int, view: View, first: date) -> list[Record]:
    """By month and currency what was invoiced or debited, and what was paid, also by bills; not the reversed.

    `first` is the first day of the first month.
    """
    return await db.fetch(_BY_MONTH, dealer_id, view.as_of, view.moment, first)


_TOTALS = f"""
SELECT currency, sum(open) AS open, sum(on_account) AS on_account, sum(bills) AS bills,
       sum(overdue) AS overdue, sum(overdue_dealers) AS overdue_dealers, sum(overdue_disputed) AS overdue_disputed
FROM (
    SELECT currency, open, on_account, 0 AS bills, 0 AS overdue, 0 AS overdue_dealers, 0 AS overdue_disputed
    FROM account_balance
    UNION ALL SELECT currency, 0, 0, amount, 0, 0, 0 FROM account_bill WHERE matures_on > $1
    UNION ALL
    SELECT currency, 0, 0, 0, sum(amount), count(DISTINCT dealer_id), 0 FROM open_item
    WHERE instalment > 0 AND due_on < $1 GROUP BY currency
    UNION ALL
    SELECT currency, 0, 0, 0, 0, 0, sum(disputed) FROM ({disputed("true", "$1", "NULL", today=True)}) AS s
    WHERE due_on < $1 GROUP BY currency
) AS sides GROUP BY currency
HAVING sum(open) <> 0 OR sum(on_account) <> 0 OR sum(bills) <> 0 ORDER BY currency
"""


async def totals(today: date) -> list[Record]:
    """By currency what is open, on account, in bills and overdue of all dealers in scope today, and of how many.

    Of what is overdue it says how much is disputed.
    """
    return await db.fetch(_TOTALS, today)


_WAITS = """
SELECT r.code, r.name, b.currency, b.open, b.on_account, count(*) OVER () AS found
FROM account_balance b JOIN dealer r ON r.id = b.dealer_id
WHERE b.on_account > 0 AND b.open > 0 ORDER BY b.on_account DESC, r.code, b.currency LIMIT $1
"""


async def waiting_to_be_allocated(limit: int) -> list[Record]:
    """Dealers with money on account and items open in one currency, the greatest amount first; `found` are all."""
    return await db.fetch(_WAITS, limit)

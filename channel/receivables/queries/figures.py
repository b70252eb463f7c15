"""What figures are made of: what moved on each day, and the sums over items settled in each month."""

from collections.abc import Sequence
from datetime import date

from asyncpg import Record

from channel.database import db
from channel.database.posted import known
from channel.periods import Month
from channel.receivables.rules.figures import Behaviour
from channel.receivables.rules.paydex import CORNERS, score_of_days
from channel.receivables.rules.series import Flow, Moved, OpenFlow, Summed
from channel.view import View

# $1 are the dealers, null for all in scope; $2 the day; $3 the moment.
_WHOSE = "($1::bigint[] IS NULL OR x.dealer_id = ANY ($1::bigint[]))"
_COUNTS = f"{_WHOSE} AND x.effective_on <= $2::date AND {known('$3')}"
_POSTED = "JOIN posting p ON p.id = x.posting_id"
_OF_ITEM = "i.dealer_id = a.dealer_id AND i.document_id = a.document_id AND i.instalment = a.instalment"
_OF_ENDS = f"""
allocation_end x {_POSTED} JOIN allocation a ON a.dealer_id = x.dealer_id AND a.id = x.allocation_id
JOIN receivable_item i ON {_OF_ITEM}
"""
# Every movement by currency, day and due day (null for money): what came in, what was reversed, what settled it, and
# what of that was taken back; a later day of taking back gives way to an earlier one.
_FLOWS = f"""
WITH settled AS (
    SELECT i.currency, a.effective_on, i.due_on, -a.amount AS amount, a.settles
    FROM (SELECT x.* FROM allocation x {_POSTED} WHERE {_COUNTS}) AS a JOIN receivable_item i ON {_OF_ITEM}
    UNION ALL
    SELECT i.currency, x.effective_on, i.due_on, a.amount, a.settles FROM {_OF_ENDS} WHERE {_COUNTS}
    UNION ALL
    SELECT i.currency, x.moved_from, i.due_on, -a.amount, a.settles FROM {_OF_ENDS}
    WHERE {_COUNTS} AND x.moved_from <= $2::date
)
SELECT currency, effective_on, due_on, sum(amount) AS amount FROM (
    SELECT x.currency, x.effective_on, x.due_on, x.amount FROM receivable_item x {_POSTED} WHERE {_COUNTS}
    UNION ALL
    SELECT i.currency, x.effective_on, i.due_on, -i.amount FROM document_reversal x {_POSTED}
    JOIN receivable_item i ON i.dealer_id = x.dealer_id AND i.document_id = x.document_id WHERE {_COUNTS}
    UNION ALL SELECT currency, effective_on, due_on, amount FROM settled
    UNION ALL SELECT currency, effective_on, NULL, amount FROM settled WHERE settles = 'payment'
) AS every GROUP BY currency, effective_on, due_on
"""
_SIGNED = "CASE d.kind WHEN 'credit_note' THEN -d.amount ELSE d.amount END"
_SOLD = "d.kind IN ('invoice', 'debit_note', 'credit_note')"
_SALES = f"""
SELECT currency, effective_on, sum(amount) AS amount FROM (
    SELECT d.currency, d.effective_on, {_SIGNED} AS amount
    FROM (SELECT x.* FROM receivable_document x {_POSTED} WHERE {_COUNTS}) AS d WHERE {_SOLD}
    UNION ALL
    SELECT d.currency, x.effective_on, -({_SIGNED}) FROM document_reversal x {_POSTED}
    JOIN receivable_document d ON d.dealer_id = x.dealer_id AND d.id = x.document_id WHERE {_COUNTS} AND {_SOLD}
) AS every GROUP BY currency, effective_on
"""


async def moved(dealer_ids: Sequence[int] | None, view: View) -> dict[str, Moved]:
    """What moved up to the view's day, as known at its moment, by currency; None means every dealer in scope."""
    args = dealer_ids, view.as_of, view.moment
    rows, sold = await db.fetch(_FLOWS, *args), await db.fetch(_SALES, *args)
    currencies = sorted({row["currency"] for row in [*rows, *sold]})
    return {
        currency: Moved(
            [
                OpenFlow(row["effective_on"], row["due_on"], row["amount"])
                for row in rows
                if row["currency"] == currency and row["due_on"] is not None
            ],
            Summed(_flow(row) for row in rows if row["currency"] == currency and row["due_on"] is None),
            Summed(_flow(row) for row in sold if row["currency"] == currency),
        )
        for currency in currencies
    }


def _flow(row: Record) -> Flow:
    return Flow(row["effective_on"], row["amount"])


# An item is settled when what holds of its allocations makes its amount; only receipts and bills say how promptly. $4
# are the scores of the days beyond terms from $5 to $6; what lies outside has that of the nearer end. They are taken
# by their place: a join to them is planned as if few items were settled, and asks for each score of each item.
_SETTLED = f"""
WITH held AS (
    SELECT a.dealer_id, a.document_id, a.instalment, sum(a.amount) AS amount, max(a.effective_on) AS closed_on,
           max(coalesce(d.value_on, d.effective_on)) FILTER (WHERE d.kind IN ('receipt', 'bill')) AS paid_on
    FROM (SELECT x.* FROM allocation x {_POSTED} WHERE {_COUNTS}) AS a
    JOIN receivable_document d ON d.dealer_id = a.dealer_id AND d.id = a.money_id
    WHERE NOT EXISTS (SELECT FROM allocation_end x {_POSTED}
                      WHERE x.dealer_id = a.dealer_id AND x.allocation_id = a.id AND {_COUNTS})
    GROUP BY a.dealer_id, a.document_id, a.instalment
), settled AS (
    SELECT i.currency, a.closed_on, i.amount, greatest(i.effective_on, a.paid_on) - i.due_on AS days
    FROM held a JOIN receivable_item i ON {_OF_ITEM} WHERE a.amount = i.amount AND a.paid_on IS NOT NULL
)
SELECT currency, date_trunc('month', closed_on)::date AS month, count(*) AS count, sum(amount) AS amount,
       sum(days)::bigint AS beyond, sum(amount * days) AS weighted_beyond, sum(greatest(days, 0))::bigint AS late,
       sum(amount * greatest(days, 0)) AS weighted_late, count(*) FILTER (WHERE days <= 0) AS on_time,
       coalesce(sum(amount) FILTER (WHERE days <= 0), 0) AS amount_on_time,
       sum(amount * ($4::numeric[])[least(greatest(days, $5::integer), $6::integer) - $5 + 1]) AS weighted_score,
       max(greatest(days, 0)) AS longest
FROM settled GROUP BY 1, 2
"""
_FIRST, _LAST = CORNERS[0][0], CORNERS[-1][0]
_SCORES = [score_of_days(days) for days in range(_FIRST, _LAST + 1)]


async def settled(dealer_ids: Sequence[int] | None, view: View) -> dict[str, dict[Month, Behaviour]]:
    """Sums over the items that are settled on the view's day, by currency and the month since which they are."""
    found: dict[str, dict[Month, Behaviour]] = {}
    args = dealer_ids, view.as_of, view.moment, _SCORES, _FIRST, _LAST
    for row in await db.fetch(_SETTLED, *args):
        sums = Behaviour(**{name: row[name] for name in Behaviour.__struct_fields__})
        found.setdefault(row["currency"], {})[_month(row["month"])] = sums
    return found


def _month(first: date) -> Month:
    return Month.of(first)

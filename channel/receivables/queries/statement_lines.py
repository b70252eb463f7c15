"""What statements of account are drawn up from: what happened in the period, for many dealers at once."""

from collections.abc import Sequence
from datetime import date

from asyncpg import Record

from channel.database import db
from channel.database.posted import known
from channel.receivables.queries.standing import bills, left_of, standing
from channel.receivables.rules.documents import DocumentKind, Instalment
from channel.receivables.rules.movements import Settles
from channel.receivables.rules.statements import (
    Account,
    Event,
    Left,
    SettledItem,
    StatementBill,
    StatementLine,
    Stood,
    line_of_allocation,
    line_of_document,
)
from channel.view import View

# $1 are the dealers, $2 and $3 the first and the last day, $4 the moment.
_WHOSE = "x.dealer_id = ANY ($1::bigint[])"
_SEEN = known("$4")
_IN_PERIOD = f"{_WHOSE} AND x.effective_on BETWEEN $2::date AND $3::date AND {_SEEN}"
_POSTED = "JOIN posting p ON p.id = x.posting_id"
_DOCUMENTS = f"""
WITH told AS (
    SELECT x.dealer_id, x.id, x.effective_on AS on_, 'document' AS event
    FROM receivable_document x {_POSTED} WHERE {_IN_PERIOD}
    UNION ALL
    SELECT x.dealer_id, x.document_id, x.effective_on, 'reversal' FROM document_reversal x {_POSTED} WHERE {_IN_PERIOD}
)
SELECT d.dealer_id, d.currency, t.on_, t.event, d.kind, d.number, d.amount, d.tax, d.matures_on,
       (SELECT array_agg((i.due_on, i.amount) ORDER BY i.instalment) FROM receivable_item i
        WHERE i.dealer_id = d.dealer_id AND i.document_id = d.id AND i.instalment > 0) AS due
FROM told t JOIN receivable_document d ON d.dealer_id = t.dealer_id AND d.id = t.id
"""
# An allocation ends on the earliest day from which it was ever taken back.
_ALLOCATIONS = f"""
WITH told AS (
    SELECT x.dealer_id, x.id, x.effective_on AS on_, 'allocation' AS event
    FROM allocation x {_POSTED} WHERE {_IN_PERIOD}
    UNION ALL
    SELECT x.dealer_id, x.allocation_id, min(x.effective_on), 'taken_back'
    FROM allocation_end x {_POSTED} WHERE {_WHOSE} AND {_SEEN} GROUP BY x.dealer_id, x.allocation_id
    HAVING min(x.effective_on) BETWEEN $2::date AND $3::date
)
SELECT a.dealer_id, d.currency, t.on_, t.event, y.kind, y.number, a.amount, a.settles, d.kind AS item_kind,
       d.number AS item_number, CASE WHEN EXISTS (
           SELECT FROM receivable_item i WHERE i.dealer_id = d.dealer_id AND i.document_id = d.id AND i.instalment > 1
       ) THEN a.instalment END AS instalment
FROM told t JOIN allocation a ON a.dealer_id = t.dealer_id AND a.id = t.id
JOIN receivable_document y ON y.dealer_id = a.dealer_id AND y.id = a.money_id
JOIN receivable_document d ON d.dealer_id = a.dealer_id AND d.id = a.document_id
"""
_BILLS = f"""
SELECT b.dealer_id, b.currency, b.matures_on, b.amount, d.number FROM ({bills(_WHOSE, "$2", "$3")}) AS b
JOIN receivable_document d ON d.dealer_id = b.dealer_id AND d.id = b.document_id
"""


async def stood_in(dealer_ids: Sequence[int], from_on: date, view: View, today: date) -> dict[Account, Stood]:
    """What stood before the period, happened in it and stands at its end, by account; inside a snapshot.

    The first day's eve and the last day are read as every view of the ledger is (`standing`); accounts in which nothing
    stands and nothing happened are not there.
    """
    found: dict[Account, Stood] = {}

    def of(row: Record) -> Stood:
        return found.setdefault(Account(row["dealer_id"], row["currency"]), Stood([], [], [], []))

    eve = View(date.fromordinal(from_on.toordinal() - 1), view.known_at, view.past, view.dated)
    for row in await left_of(dealer_ids, eve, today):
        of(row).before.append(_left(row))
    for row in await left_of(dealer_ids, view, today):
        of(row).after.append(_left(row))
    args = dealer_ids, from_on, view.as_of, view.moment
    for row in await db.fetch(_DOCUMENTS, *args):
        of(row).lines.append(_document(row))
    for row in await db.fetch(_ALLOCATIONS, *args):
        of(row).lines.append(_allocation(row))
    for row in await db.fetch(_BILLS, dealer_ids, view.as_of, view.moment):
        of(row).bills.append(StatementBill(row["number"], row["matures_on"], row["amount"]))
    return found


def _left(row: Record) -> Left:
    return Left(row["due_on"], row["effective_on"], row["amount"])


def _document(row: Record) -> StatementLine:
    due = tuple(Instalment(due_on, amount) for due_on, amount in row["due"] or ())
    event, kind, amount = Event(row["event"]), DocumentKind(row["kind"]), row["amount"]
    return line_of_document(
        StatementLine(
            row["on_"],
            event,
            kind,
            row["number"],
            amount,
            amount,
            tax=row["tax"],
            due=due,
            matures_on=row["matures_on"],
        )
    )


def _allocation(row: Record) -> StatementLine:
    item = SettledItem(DocumentKind(row["item_kind"]), row["item_number"], row["instalment"])
    event, kind, amount = Event(row["event"]), DocumentKind(row["kind"]), row["amount"]
    return line_of_allocation(
        StatementLine(
            row["on_"], event, kind, row["number"], amount, amount, settles=Settles(row["settles"]), item=item
        )
    )


# Every account of the selection in which something stands or happened: those of which a statement says anything.
_ALL = "($1::bigint[] IS NULL OR x.dealer_id = ANY ($1::bigint[]))"
_HAPPENED = f"{_ALL} AND x.effective_on BETWEEN $2::date AND $3::date AND {_SEEN}"
_ACCOUNTS = f"""
SELECT DISTINCT dealer_id, currency FROM (
    SELECT dealer_id, currency FROM ({standing(_ALL, "$3", "$4")}) AS l
    UNION ALL SELECT dealer_id, currency FROM ({bills(_ALL, "$3", "$4")}) AS b
    UNION ALL SELECT x.dealer_id, x.currency FROM receivable_document x {_POSTED} WHERE {_HAPPENED}
    UNION ALL
    SELECT x.dealer_id, d.currency FROM document_reversal x {_POSTED}
    JOIN receivable_document d ON d.dealer_id = x.dealer_id AND d.id = x.document_id WHERE {_HAPPENED}
    UNION ALL
    SELECT x.dealer_id, d.currency FROM allocation x {_POSTED}
    JOIN receivable_document d ON d.dealer_id = x.dealer_id AND d.id = x.document_id WHERE {_HAPPENED}
    UNION ALL
    SELECT x.dealer_id, d.currency FROM allocation_end x {_POSTED}
    JOIN allocation a ON a.dealer_id = x.dealer_id AND a.id = x.allocation_id
    JOIN receivable_document d ON d.dealer_id = a.dealer_id AND d.id = a.document_id WHERE {_HAPPENED}
) AS every ORDER BY dealer_id, currency
"""


async def accounts_told(dealer_ids: Sequence[int] | None, from_on: date, view: View) -> list[Account]:
    """The accounts of these dealers, or of all in scope, in which something stands or happened in the period."""
    rows = await db.fetch(_ACCOUNTS, dealer_ids, from_on, view.as_of, view.moment)
    return [Account(row["dealer_id"], row["currency"]) for row in rows]

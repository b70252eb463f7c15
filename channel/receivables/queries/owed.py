"""What of the ledger limits are computed from and held against: of many dealers, in several views, in one statement."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from asyncpg import Record

from channel.database import db
from channel.database.posted import by_place, known, of_each
from channel.receivables.queries.standing import bills, is_today, standing, summed
from channel.receivables.rules.exposure import OwedIn
from channel.view import View

_WHOSE = "x.dealer_id = ANY ($1::bigint[])"


@dataclass(frozen=True, slots=True)
class OwedAsked:
    """What is asked of the ledger in one view: the sums, the oldest item overdue, the best balance cleared on terms."""

    view: View
    sums: bool = False
    overdue: bool = False
    cleared: bool = False

    @property
    def anything(self) -> bool:
        """Whether anything is asked."""
        return self.sums or self.overdue or self.cleared


@dataclass(frozen=True, slots=True)
class OverdueRow:
    """The item that has been due longest, and what is left of it."""

    number: str
    due_on: date
    currency: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class ClearedRow:
    """The largest balance in one currency that was cleared on terms, and the last day on which it began to stand."""

    stood_on: date
    currency: str
    amount: Decimal


@dataclass(slots=True)
class Owed:
    """What the ledger tells of a dealer in a view, as far as it was asked; who has no document there has no `Owed`."""

    sums: list[OwedIn] = field(default_factory=list)
    overdue: OverdueRow | None = None
    cleared: list[ClearedRow] = field(default_factory=list)


# A balance was cleared on terms if every item in it was settled in the view, by money that was there by its due day,
# and nothing of it was written off. What was taken back, reversed or credited since was never owed. The balance of a
# currency and how many of its items were not cleared so are summed up from movement to movement; a balance stands
# until the next one, and counts where it stood on a day of the twelve months that end on the view's.
_CLEARED = """
held AS MATERIALIZED (
    SELECT x.dealer_id, x.document_id, x.instalment, x.money_id, x.amount, x.effective_on, x.settles, d.kind,
           coalesce(d.value_on, d.effective_on) AS paid_on
    FROM allocation x JOIN posting p ON p.id = x.posting_id
    JOIN receivable_document d ON d.dealer_id = x.dealer_id AND d.id = x.money_id
    WHERE {asked} AND {whose} AND x.effective_on <= {day} AND {seen}
      AND NOT EXISTS (SELECT FROM allocation_end e JOIN posting p ON p.id = e.posting_id
                      WHERE e.dealer_id = x.dealer_id AND e.allocation_id = x.id AND e.effective_on <= {day} AND {seen})
), brought AS (
    SELECT x.dealer_id, x.document_id, x.instalment, x.currency, x.due_on, x.effective_on, x.amount
    FROM receivable_item x JOIN posting p ON p.id = x.posting_id
    WHERE {asked} AND {whose} AND x.effective_on <= {day} AND {seen}
      AND NOT EXISTS (SELECT FROM document_reversal r JOIN posting p ON p.id = r.posting_id
                      WHERE r.dealer_id = x.dealer_id AND r.document_id = x.document_id AND r.effective_on <= {day}
                        AND {seen})
), settling AS (
    SELECT dealer_id, document_id, instalment, sum(amount) AS amount, max(effective_on) AS closed_on,
           coalesce(sum(amount) FILTER (WHERE kind = 'credit_note'), 0) AS credited,
           max(paid_on) FILTER (WHERE kind IN ('receipt', 'bill')) AS paid_on,
           bool_or(kind = 'write_off') AS given_up
    FROM held GROUP BY 1, 2, 3
), crediting AS (
    SELECT dealer_id, money_id, sum(amount) AS amount FROM held WHERE kind = 'credit_note' AND settles = 'payment'
    GROUP BY 1, 2
), items AS (
    SELECT b.dealer_id, b.currency, b.effective_on, b.amount - coalesce(s.credited, 0) AS amount,
           CASE WHEN b.amount = s.amount THEN s.closed_on END AS closed_on,
           b.amount IS DISTINCT FROM s.amount OR s.given_up
               OR coalesce(greatest(b.effective_on, s.paid_on) > b.due_on AND s.paid_on IS NOT NULL, false) AS bad
    FROM brought b LEFT JOIN settling s USING (dealer_id, document_id, instalment) WHERE b.instalment > 0
), daily AS (
    SELECT dealer_id, currency, on_day, sum(amount) AS amount, sum(bad) AS bad FROM (
        SELECT dealer_id, currency, effective_on AS on_day, amount, bad::integer AS bad FROM items
        UNION ALL SELECT dealer_id, currency, closed_on, 0, -1 FROM items WHERE bad AND closed_on IS NOT NULL
        UNION ALL
        SELECT b.dealer_id, b.currency, b.effective_on, coalesce(c.amount, 0) - b.amount, 0
        FROM brought b LEFT JOIN crediting c ON c.dealer_id = b.dealer_id AND c.money_id = b.document_id
        WHERE b.instalment = 0
        UNION ALL
        SELECT h.dealer_id, b.currency, h.effective_on, -h.amount, 0 FROM held h
        JOIN brought b USING (dealer_id, document_id, instalment)
        WHERE h.settles <> 'payment' AND h.kind <> 'credit_note'
    ) AS every GROUP BY 1, 2, 3
), stood AS (
    SELECT dealer_id, currency, on_day, lead(on_day) OVER w AS next_day, sum(amount) OVER w AS amount,
           sum(bad) OVER w AS bad
    FROM daily WINDOW w AS (PARTITION BY dealer_id, currency ORDER BY on_day)
), cleared AS (
    SELECT DISTINCT ON (dealer_id, currency) dealer_id, currency, greatest(on_day, {first}) AS on_day, amount
    FROM stood WHERE bad = 0 AND amount > 0 AND next_day > {first}
    ORDER BY dealer_id, currency, amount DESC, on_day DESC
)"""


def _owed(left: str, as_of: str, known_at: str, flags: tuple[str, str, str]) -> str:
    """SQL: rows of `what` is told: that anything is kept, the sums, the oldest item overdue, balances cleared.

    `left` is the query of what is left of each item; `flags` say of the three last whether they are asked.
    """
    day, seen = f"{as_of}::date", known(known_at)
    sums, overdue, cleared = flags
    best = _CLEARED.format(
        asked=cleared, whose=_WHOSE, day=day, seen=seen, first=f"({day} - interval '12 months')::date"
    )
    return f"""
    WITH left_over AS ({left}), {best}
    SELECT 'kept' AS what, u.dealer_id, NULL AS currency, NULL AS number, NULL::date AS on_day, NULL::numeric AS amount,
           NULL::numeric AS on_account, NULL::numeric AS bills
    FROM unnest($1::bigint[]) AS u (dealer_id)
    WHERE EXISTS (SELECT FROM receivable_document x JOIN posting p ON p.id = x.posting_id
                  WHERE x.dealer_id = u.dealer_id AND x.effective_on <= {day} AND {seen})
    UNION ALL
    SELECT 'sum', dealer_id, currency, NULL, NULL, open, on_account, bills
    FROM ({summed("SELECT * FROM left_over", bills(_WHOSE, as_of, known_at))}) AS s WHERE {sums}
    UNION ALL
    SELECT * FROM (
        SELECT DISTINCT ON (l.dealer_id) 'overdue', l.dealer_id, l.currency, d.number, l.due_on, l.amount,
               NULL::numeric, NULL::numeric
        FROM left_over l JOIN receivable_document d ON d.dealer_id = l.dealer_id AND d.id = l.document_id
        WHERE {overdue} AND l.instalment > 0 AND l.due_on < {day}
        ORDER BY l.dealer_id, l.due_on, d.number_key, l.document_id, l.instalment
    ) AS oldest
    UNION ALL SELECT 'cleared', dealer_id, currency, NULL, on_day, amount, NULL, NULL FROM cleared
    """


_IN_ORDER = "dealer_id, what, currency"
_EACH = of_each(
    _owed(
        standing(_WHOSE, "asked.as_of", "asked.known_at"),
        "asked.as_of",
        "asked.known_at",
        ("asked.sums", "asked.overdue", "asked.cleared"),
    ),
    "$2::date[], $3::timestamptz[], $4::boolean[], $5::boolean[], $6::boolean[]",
    "as_of, known_at, sums, overdue, cleared",
    _IN_ORDER,
)


def _one(left: str) -> str:
    """SQL of a single question, whose arguments the planner knows."""
    sql = _owed(left, "$2", "$3", ("$4::boolean", "$5::boolean", "$6::boolean"))
    return f"SELECT 1 AS place, found.* FROM ({sql}) AS found ORDER BY {_IN_ORDER}"


_ONE = _one(standing(_WHOSE, "$2", "$3"))
_ONE_TODAY = _one(f"SELECT x.* FROM open_item x WHERE {_WHOSE}")


async def owed_in_each(dealer_ids: Sequence[int], questions: Sequence[OwedAsked], today: date) -> list[dict[int, Owed]]:
    """What the ledger tells of these dealers for each question, by dealer, in one statement.

    A dealer of whom no document had taken effect by the view's day, as known at its moment, is left out.
    """
    if len(questions) == 1:
        (one,) = questions
        sql = _ONE_TODAY if is_today(one.view, today) else _ONE
        args: Iterable[object] = (one.view.as_of, one.view.moment, one.sums, one.overdue, one.cleared)
    else:
        sql = _EACH
        args = (
            [each.view.as_of for each in questions],
            [each.view.moment for each in questions],
            *([getattr(each, name) for each in questions] for name in ("sums", "overdue", "cleared")),
        )
    rows = await db.fetch(sql, dealer_ids, *args)
    return [_told(found) for found in by_place(rows, len(questions))]


def _told(rows: Iterable[Record]) -> dict[int, Owed]:
    found: dict[int, Owed] = {}
    for row in rows:
        mine = found.setdefault(row["dealer_id"], Owed())
        if row["what"] == "sum":
            mine.sums.append(OwedIn(row["currency"], row["amount"], row["on_account"], row["bills"]))
        elif row["what"] == "overdue":
            mine.overdue = OverdueRow(row["number"], row["on_day"], row["currency"], row["amount"])
        elif row["what"] == "cleared":
            mine.cleared.append(ClearedRow(row["on_day"], row["currency"], row["amount"]))
    return found

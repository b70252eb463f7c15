"""What stood in the books as of a day, as known at a moment: the one way in which every view of the ledger is read.

What is left of an item or of money is what it brought, less what settled it, with all that was taken back; each counts
from its own day and since its own posting (`rules.movements`). As of today as known now `open_item` holds the same.
`posted` sums it all; `standing` gives the same in a fraction of the time.
"""

from collections.abc import Sequence
from datetime import date, datetime

from asyncpg import Record

from channel.database import db
from channel.database.posted import known
from channel.view import View

_COLUMNS = "x.dealer_id, x.document_id, x.instalment, x.currency, x.due_on, x.effective_on"


def standing(whose: str, as_of: str, known_at: str) -> str:
    """SQL: what was left of each item and of each money, where anything was.

    Rows are dealer_id, document_id, instalment (0 of money), currency, due_on, effective_on, amount. `whose` is a
    condition on the dealer of the row `x`; `as_of` and `known_at` are places of arguments.

    Most of it is told without a look at what settled what: what had been settled for good by then is passed over, what
    nothing had touched yet stands whole, and what nothing has moved since stands as it is kept open.
    """
    day = f"{as_of}::date"
    # What has been told is told once (OFFSET 0): drawn into sums over it, it would be worked out for each of them.
    return f"""
    WITH {_later(known_at)}
    SELECT * FROM (
        SELECT {_COLUMNS},
               CASE WHEN x.touched_on IS NULL OR x.touched_on > {day} THEN x.brought
                    WHEN x.stays IS NOT NULL THEN x.stays
                    ELSE x.brought + ({_moved(day)}) END AS amount
        FROM (
            SELECT {_COLUMNS}, x.brought, x.touched_on,
                   CASE WHEN x.moved_on <= {day} AND {_SEEN.format("x.moved_by")} THEN x.amount END AS stays
            FROM open_item x WHERE {whose} AND x.effective_on <= {day} AND {_SEEN.format("x.posting_id")}
            UNION ALL
            SELECT {_COLUMNS}, x.amount, x.touched_on, NULL
            FROM receivable_item x
            WHERE {whose} AND x.effective_on <= {day} AND {_SEEN.format("x.posting_id")}
              AND (x.settled_on > {day} OR x.settled_by >= (SELECT min(id) FROM later))
              AND (x.settled_on > {day} OR NOT {_SEEN.format("x.settled_by")})
        ) AS x
        OFFSET 0
    ) AS left_then WHERE amount <> 0
    """


def stretches(whose: str, days: str, known_at: str) -> str:
    """SQL: the same on many days in one reading, all as known at one moment: every amount with the days it stood on.

    `days` is the place of an array of days in order. Rows are those of `standing` with the places of the `first` and
    the `last` of the days on which so much was left, where there is any; an item has a row for each amount.

    An amount comes from where `standing` has it: whole until something touches it; as it is kept open since nothing
    has moved it; and on the days between, which are few, by what had moved it.
    """
    days = f"({days}::date[])"
    first_day, last_day = f"{days}[1]", f"{days}[cardinality({days})]"
    counts = f"{whose} AND x.effective_on <= {last_day} AND {_SEEN.format('x.posting_id')}"
    untouched = f"{_before('x.effective_on', days)} + 1 AS first, {_until('x.touched_on', days)} AS last"
    return f"""
    WITH {_later(known_at)}, moving AS (
        SELECT {_COLUMNS}, x.brought, x.touched_on,
               CASE WHEN {_SEEN.format("x.moved_by")} THEN x.moved_on ELSE 'infinity' END AS kept_from
        FROM open_item x WHERE {counts} AND (x.moved_on > x.touched_on OR NOT {_SEEN.format("x.moved_by")})
        UNION ALL
        SELECT {_COLUMNS}, x.amount, x.touched_on,
               CASE WHEN {_SEEN.format("x.settled_by")} THEN x.settled_on ELSE 'infinity' END
        FROM receivable_item x
        WHERE {counts} AND (x.settled_on > {first_day} OR x.settled_by >= (SELECT min(id) FROM later))
          AND (x.settled_on > greatest(x.touched_on, {first_day}) OR NOT {_SEEN.format("x.settled_by")})
    )
    SELECT {_COLUMNS}, x.brought AS amount, {untouched} FROM open_item x WHERE {counts}
    UNION ALL
    SELECT {_COLUMNS}, x.amount, {untouched} FROM receivable_item x
    WHERE {counts} AND x.settled_on > {first_day} AND x.touched_on > x.effective_on
    UNION ALL
    SELECT {_COLUMNS}, x.amount, {_before("x.moved_on", days)} + 1, cardinality({days})
    FROM open_item x WHERE {counts} AND x.touched_on IS NOT NULL AND {_SEEN.format("x.moved_by")}
    UNION ALL
    SELECT {_COLUMNS}, x.brought + ({_moved("at.as_of")}), at.place, at.place
    FROM moving x JOIN unnest({days}) WITH ORDINALITY AS at (as_of, place)
      ON at.as_of >= greatest(x.effective_on, x.touched_on) AND at.as_of < x.kept_from
    """


def _later(known_at: str) -> str:
    """SQL: the subquery `later` of what was recorded after the moment; of nothing where that is null."""
    moment = f"{known_at}::timestamptz"
    return f"""later AS MATERIALIZED (
        SELECT id FROM posting WHERE {moment} IS NOT NULL AND (recorded_at IS NULL OR recorded_at > {moment})
    )"""


def _before(day: str, days: str) -> str:
    """SQL: how many of the days lie before a day."""
    return f"width_bucket({day} - 1, {days})"


def _until(day: str, days: str) -> str:
    """SQL: the same, and all of them where the day is null."""
    return f"coalesce({_before(day, days)}, cardinality({days}))"


_SEEN = "({} NOT IN (SELECT id FROM later))"


def _moved(day: str) -> str:
    """SQL: by how much what was posted by then had moved the item or the money of the row `x`."""
    held = f"a.dealer_id = x.dealer_id AND a.effective_on <= {day} AND {_SEEN.format('a.posting_id')}"
    ended = f"""
    SELECT coalesce(sum(CASE WHEN e.moved_from <= {day} THEN 0 ELSE 1 END), 0) FROM allocation_end e
    WHERE e.dealer_id = a.dealer_id AND e.allocation_id = a.id AND e.effective_on <= {day}
      AND {_SEEN.format("e.posting_id")}
    """
    return f"""
    SELECT coalesce(sum(moved.amount), 0) FROM (
        SELECT a.amount * (({ended}) - 1) AS amount FROM allocation a
        WHERE {held} AND a.document_id = x.document_id AND a.instalment = x.instalment
        UNION ALL
        SELECT a.amount * (({ended}) - 1) FROM allocation a
        WHERE {held} AND a.money_id = x.document_id AND x.instalment = 0 AND a.settles = 'payment'
        UNION ALL
        SELECT -x.brought FROM document_reversal r
        WHERE r.dealer_id = x.dealer_id AND r.document_id = x.document_id AND r.effective_on <= {day}
          AND {_SEEN.format("r.posting_id")}
    ) AS moved
    """


def posted(whose: str, as_of: str, known_at: str) -> str:
    """SQL: the same rows as `standing` gives, summed from all that was posted, whatever is kept beside it.

    What is kept is held against it and made anew from it.
    """
    seen, day = known(known_at), f"{as_of}::date"
    return f"""
    WITH counted AS MATERIALIZED (
        SELECT x.dealer_id, x.document_id, x.instalment, x.currency, x.due_on, x.effective_on, x.amount
        FROM receivable_item x JOIN posting p ON p.id = x.posting_id
        WHERE {whose} AND x.effective_on <= {day} AND {seen}
    ), moved AS (
        SELECT x.dealer_id, x.document_id, x.instalment, x.money_id, -x.amount AS amount, x.settles
        FROM allocation x JOIN posting p ON p.id = x.posting_id WHERE {whose} AND x.effective_on <= {day} AND {seen}
        UNION ALL
        SELECT x.dealer_id, x.document_id, x.instalment, x.money_id,
               CASE WHEN e.moved_from <= {day} THEN 0 ELSE x.amount END, x.settles
        FROM allocation_end e JOIN posting p ON p.id = e.posting_id
        JOIN allocation x ON x.dealer_id = e.dealer_id AND x.id = e.allocation_id
        WHERE {whose} AND e.effective_on <= {day} AND {seen}
    ), sums AS (
        SELECT dealer_id, document_id, instalment, sum(amount) AS amount FROM (
            SELECT dealer_id, document_id, instalment, amount FROM moved
            UNION ALL SELECT dealer_id, money_id, 0, amount FROM moved WHERE settles = 'payment'
            UNION ALL
            SELECT x.dealer_id, x.document_id, i.instalment, -i.amount
            FROM document_reversal x JOIN posting p ON p.id = x.posting_id
            JOIN receivable_item i ON i.dealer_id = x.dealer_id AND i.document_id = x.document_id
            WHERE {whose} AND x.effective_on <= {day} AND {seen}
        ) AS every GROUP BY dealer_id, document_id, instalment
    )
    SELECT c.dealer_id, c.document_id, c.instalment, c.currency, c.due_on, c.effective_on,
           c.amount + coalesce(s.amount, 0) AS amount
    FROM counted c LEFT JOIN sums s USING (dealer_id, document_id, instalment)
    WHERE c.amount + coalesce(s.amount, 0) <> 0
    """


def bills(whose: str, as_of: str, known_at: str) -> str:
    """SQL: the bills `x` that had not matured: dealer_id, document_id, currency, matures_on, amount.

    One that was reversed before its maturity is none from that day on.
    """
    day = f"{as_of}::date"
    return f"""
    SELECT x.dealer_id, x.id AS document_id, x.currency, x.matures_on, x.amount
    FROM receivable_document x JOIN posting p ON p.id = x.posting_id
    WHERE {whose} AND x.kind = 'bill' AND x.matures_on > {day} AND x.effective_on <= {day} AND {known(known_at)}
      AND NOT EXISTS (SELECT FROM document_reversal r JOIN posting p ON p.id = r.posting_id
                      WHERE r.dealer_id = x.dealer_id AND r.document_id = x.id AND r.effective_on <= {day}
                        AND {known(known_at)})
    """


def bill_stretches(whose: str, days: str, known_at: str) -> str:
    """SQL: the bills `x` of many days in one reading: the columns of `bills`, and the two places of `stretches`."""
    days = f"({days}::date[])"
    ends = "least(x.matures_on, gone.effective_on)"
    return f"""
    SELECT x.dealer_id, x.id AS document_id, x.currency, x.matures_on, x.amount,
           {_before("x.effective_on", days)} + 1 AS first, {_before(ends, days)} AS last
    FROM receivable_document x JOIN posting p ON p.id = x.posting_id
    LEFT JOIN LATERAL (
        SELECT r.effective_on FROM document_reversal r JOIN posting p ON p.id = r.posting_id
        WHERE r.dealer_id = x.dealer_id AND r.document_id = x.id AND {known(known_at)}
    ) AS gone ON true
    WHERE {whose} AND x.kind = 'bill' AND x.matures_on > {days}[1]
      AND x.effective_on <= {days}[cardinality({days})] AND {known(known_at)}
    """


def standing_today(whose: str) -> str:
    """SQL: the same rows as of today as known now, from what is kept open."""
    return f"""
    SELECT x.dealer_id, x.document_id, x.instalment, x.currency, x.due_on, x.effective_on, x.amount
    FROM open_item x WHERE {whose}
    """


_OF_DEALERS = "x.dealer_id = ANY ($1::bigint[])"
_LEFT = standing(_OF_DEALERS, "$2", "$3")
_LEFT_TODAY = standing_today(_OF_DEALERS)
_BILLS = bills(_OF_DEALERS, "$2", "$3")


def is_today(view: View, today: date) -> bool:
    """Whether everything posted counts, so that what is kept open says it all: nothing takes effect after today."""
    return view.moment is None and view.as_of >= today


async def left_of(dealer_ids: Sequence[int], view: View, today: date) -> list[Record]:
    """What is left of each item and of each money of these dealers, as `standing` tells it."""
    if is_today(view, today):
        return await db.fetch(_LEFT_TODAY, dealer_ids)
    return await db.fetch(_LEFT, dealer_ids, view.as_of, view.moment)


async def bills_of(dealer_ids: Sequence[int], view: View) -> list[Record]:
    """The bills of these dealers that have not matured on the view's day."""
    return await db.fetch(_BILLS, dealer_ids, view.as_of, view.moment)


_SUMMED = """
SELECT dealer_id, currency, coalesce(sum(amount) FILTER (WHERE side = 'open'), 0) AS open,
       coalesce(sum(amount) FILTER (WHERE side = 'on_account'), 0) AS on_account,
       coalesce(sum(amount) FILTER (WHERE side = 'bill'), 0) AS bills
FROM (SELECT dealer_id, currency, CASE WHEN instalment > 0 THEN 'open' ELSE 'on_account' END AS side, amount
      FROM ({left}) AS l
      UNION ALL SELECT dealer_id, currency, 'bill', amount FROM ({bills}) AS b) AS sides
GROUP BY dealer_id, currency ORDER BY dealer_id, currency
"""


def summed(left: str, bills: str) -> str:
    """SQL: what is open, on account and in bills, by dealer and currency, of what these two queries give."""
    return _SUMMED.format(left=left, bills=bills)


_SUMS = summed(posted(_OF_DEALERS, "$2", "$3"), _BILLS)


async def sums_of(dealer_ids: Sequence[int], as_of: date, known_at: datetime | None) -> list[Record]:
    """What is open, on account and in bills, by dealer and currency: from all that was posted, whatever is kept."""
    return await db.fetch(_SUMS, dealer_ids, as_of, known_at)


def _last_moved(whose: str) -> str:
    """SQL: when each item of what was posted was first touched and last moved, and by what, where anything moved it."""
    return f"""
    SELECT m.dealer_id, m.document_id, m.instalment, min(m.touched_on) AS touched_on, max(m.effective_on) AS moved_on,
           (array_agg(m.posting_id ORDER BY p.recorded_at DESC, p.id DESC))[1] AS moved_by
    FROM (
        SELECT x.dealer_id, x.document_id, x.instalment, x.effective_on AS touched_on, x.effective_on, x.posting_id
        FROM allocation x WHERE {whose}
        UNION ALL
        SELECT x.dealer_id, x.money_id, 0, x.effective_on, x.effective_on, x.posting_id
        FROM allocation x WHERE {whose} AND x.settles = 'payment'
        UNION ALL
        SELECT x.dealer_id, t.document_id, t.instalment, NULL, e.effective_on, e.posting_id
        FROM allocation_end e JOIN allocation x ON x.dealer_id = e.dealer_id AND x.id = e.allocation_id
        CROSS JOIN LATERAL (
            VALUES (x.document_id, x.instalment), (CASE WHEN x.settles = 'payment' THEN x.money_id END, 0)
        ) AS t (document_id, instalment)
        WHERE {whose}
        UNION ALL
        SELECT x.dealer_id, x.document_id, i.instalment, x.effective_on, x.effective_on, x.posting_id
        FROM document_reversal x JOIN receivable_item i USING (dealer_id, document_id) WHERE {whose}
    ) AS m JOIN posting p ON p.id = m.posting_id GROUP BY 1, 2, 3
    """


_DIFFERING = f"""
WITH posted AS ({posted("true", "$1", "$2")}), kept AS (
    SELECT dealer_id, document_id, instalment, amount FROM open_item
), bills AS ({bills("true", "$1", "$2")})
SELECT dealer_id FROM posted FULL JOIN kept USING (dealer_id, document_id, instalment)
WHERE posted.amount IS DISTINCT FROM kept.amount
UNION
SELECT dealer_id FROM (
    SELECT dealer_id, currency, coalesce(sum(amount) FILTER (WHERE instalment > 0), 0) AS open,
           coalesce(sum(amount) FILTER (WHERE instalment = 0), 0) AS on_account
    FROM posted GROUP BY dealer_id, currency) AS p
FULL JOIN account_balance b USING (dealer_id, currency)
WHERE coalesce(p.open, 0) <> coalesce(b.open, 0) OR coalesce(p.on_account, 0) <> coalesce(b.on_account, 0)
UNION
SELECT dealer_id FROM (SELECT dealer_id, currency, matures_on, sum(amount) AS amount FROM bills GROUP BY 1, 2, 3) AS p
FULL JOIN (SELECT * FROM account_bill WHERE matures_on > $1) AS b USING (dealer_id, currency, matures_on)
WHERE coalesce(p.amount, 0) <> coalesce(b.amount, 0)
UNION
SELECT dealer_id FROM receivable_item i LEFT JOIN open_item o USING (dealer_id, document_id, instalment)
LEFT JOIN ({_last_moved("true")}) AS l USING (dealer_id, document_id, instalment)
WHERE (i.settled_on IS NULL) <> (o.amount IS NOT NULL) OR i.touched_on IS DISTINCT FROM l.touched_on
   OR (coalesce(o.moved_on, i.settled_on), coalesce(o.moved_by, i.settled_by))
      IS DISTINCT FROM (greatest(l.moved_on, i.effective_on), coalesce(l.moved_by, i.posting_id))
   OR (o.amount IS NOT NULL
       AND (i.amount, i.posting_id, i.touched_on) IS DISTINCT FROM (o.brought, o.posting_id, o.touched_on))
ORDER BY 1
"""


async def dealers_differing(today: date) -> list[int]:
    """The dealers of whom what is kept (of items, account rows, bills) is not what was posted."""
    return [row["dealer_id"] for row in await db.fetch(_DIFFERING, today, None)]


# What is still open is told so again by `_OPEN_AGAIN`.
_MOVED_ANEW = f"""
UPDATE receivable_item i
SET touched_on = l.touched_on, settled_on = greatest(l.moved_on, i.effective_on),
    settled_by = coalesce(l.moved_by, i.posting_id)
FROM receivable_item x LEFT JOIN ({_last_moved(_OF_DEALERS)}) AS l USING (dealer_id, document_id, instalment)
WHERE i.dealer_id = ANY ($1::bigint[]) AND x.dealer_id = i.dealer_id AND x.document_id = i.document_id
  AND x.instalment = i.instalment
"""
_ITEMS_ANEW = f"""
INSERT INTO open_item (dealer_id, document_id, instalment, currency, due_on, effective_on, amount, brought, touched_on,
                       moved_on, moved_by, posting_id)
SELECT l.dealer_id, l.document_id, l.instalment, l.currency, l.due_on, l.effective_on, l.amount, i.amount,
       i.touched_on, i.settled_on, i.settled_by, i.posting_id
FROM ({posted(_OF_DEALERS, "$2", "$3")}) AS l JOIN receivable_item i USING (dealer_id, document_id, instalment)
"""
_OPEN_AGAIN = """
UPDATE receivable_item i SET settled_on = NULL, settled_by = NULL FROM open_item o
WHERE i.dealer_id = ANY ($1::bigint[]) AND o.dealer_id = i.dealer_id AND o.document_id = i.document_id
  AND o.instalment = i.instalment
"""
_BALANCES_ANEW = """
INSERT INTO account_balance (dealer_id, currency, open, on_account)
SELECT dealer_id, currency, coalesce(sum(amount) FILTER (WHERE instalment > 0), 0),
       coalesce(sum(amount) FILTER (WHERE instalment = 0), 0)
FROM open_item WHERE dealer_id = ANY ($1::bigint[]) GROUP BY dealer_id, currency
"""
_BILLS_ANEW = f"""
INSERT INTO account_bill (dealer_id, currency, matures_on, amount)
SELECT dealer_id, currency, matures_on, sum(amount) FROM ({_BILLS}) AS b GROUP BY 1, 2, 3
"""


async def keep_anew(dealer_ids: Sequence[int], today: date) -> None:
    """Make what is kept of these dealers from what was posted, under their account rows' locks."""
    for table in ("open_item", "account_balance", "account_bill"):
        await db.execute(f"DELETE FROM {table} WHERE dealer_id = ANY ($1::bigint[])", dealer_ids)
    await db.execute(_MOVED_ANEW, dealer_ids)
    await db.execute(_ITEMS_ANEW, dealer_ids, today, None)
    await db.execute(_OPEN_AGAIN, dealer_ids)
    await db.execute(_BALANCES_ANEW, dealer_ids)
    await db.execute(_BILLS_ANEW, dealer_ids, today, None)

"""How dealers keep to what was agreed: paid late, disputed, promised, and what speaks against them; of many at once.

All of it is as of a view's day as known at its moment, asked inside its snapshot.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from asyncpg import Record

from channel.database import db
from channel.database.posted import known
from channel.receivables.queries.standing import bill_stretches, stretches
from channel.receivables.rules.incidents import IncidentKind
from channel.view import View

_WHOSE = "x.dealer_id = ANY ($1::bigint[])"
_POSTED = "JOIN posting p ON p.id = x.posting_id"
_THEN = f"<= $2::date AND {known('$3')}"

_KEPT = f"""
SELECT u.dealer_id FROM unnest($1::bigint[]) AS u (dealer_id)
WHERE EXISTS (SELECT FROM receivable_document x {_POSTED} WHERE x.dealer_id = u.dealer_id AND x.effective_on {_THEN})
"""


async def with_receivables(dealer_ids: Sequence[int], view: View) -> set[int]:
    """Those of whom receivables are kept: a document had taken effect by the day."""
    return {row["dealer_id"] for row in await db.fetch(_KEPT, dealer_ids, view.as_of, view.moment)}


# Only items that something settled since the first of the days are looked at: the others were settled before, or are
# open. What settles one is what `figures.settled` counts.
_HELD = f"""
SELECT x.dealer_id, x.document_id, x.instalment, x.amount, x.effective_on, x.money_id
FROM allocation x {_POSTED}
WHERE {_WHOSE} AND x.effective_on {_THEN}
  AND NOT EXISTS (SELECT FROM allocation_end e JOIN posting p ON p.id = e.posting_id
                  WHERE e.dealer_id = x.dealer_id AND e.allocation_id = x.id AND e.effective_on {_THEN})
"""
_LATE = f"""
WITH held AS MATERIALIZED ({_HELD}), lately AS (
    SELECT h.dealer_id, h.document_id, h.instalment, sum(h.amount) AS amount, max(h.effective_on) AS closed_on,
           max(coalesce(d.value_on, d.effective_on)) FILTER (WHERE d.kind IN ('receipt', 'bill')) AS paid_on
    FROM held h JOIN receivable_document d ON d.dealer_id = h.dealer_id AND d.id = h.money_id
    GROUP BY 1, 2, 3 HAVING max(h.effective_on) > $4::date
)
SELECT i.dealer_id, i.currency, a.closed_on > $5::date AS newer, sum(i.amount) AS amount,
       sum(i.amount * (greatest(i.effective_on, a.paid_on) - i.due_on)) AS weighted
FROM lately a JOIN receivable_item i USING (dealer_id, document_id, instalment)
WHERE a.amount = i.amount AND a.paid_on IS NOT NULL GROUP BY 1, 2, 3
"""


@dataclass(frozen=True, slots=True)
class Settled:
    """Items of one currency that were settled in some days: their sum, and the sum of amount x days beyond terms."""

    currency: str
    amount: Decimal
    weighted: Decimal


async def settled_lately(
    dealer_ids: Sequence[int], view: View, first: date, turn: date
) -> tuple[Mapping[int, list[Settled]], Mapping[int, list[Settled]]]:
    """What receipts or bills settled on the days after `turn` up to the view's, and after `first` up to `turn`."""
    newer: dict[int, list[Settled]] = {}
    older: dict[int, list[Settled]] = {}
    for row in await db.fetch(_LATE, dealer_ids, view.as_of, view.moment, first, turn):
        found = newer if row["newer"] else older
        found.setdefault(row["dealer_id"], []).append(Settled(row["currency"], row["amount"], row["weighted"]))
    return newer, older


_DISPUTES = f"""
SELECT x.dealer_id, count(*) AS count FROM dispute x {_POSTED}
WHERE {_WHOSE} AND x.effective_on {_THEN}
  AND NOT EXISTS (SELECT FROM dispute_end e JOIN posting p ON p.id = e.posting_id
                  WHERE e.dealer_id = x.dealer_id AND e.dispute_id = x.id AND e.effective_on {_THEN})
GROUP BY 1
"""


async def open_disputes(dealer_ids: Sequence[int], view: View) -> dict[int, int]:
    """How many disputes of each dealer had not ended; those who had none are left out."""
    rows = await db.fetch(_DISPUTES, dealer_ids, view.as_of, view.moment)
    return {row["dealer_id"]: row["count"] for row in rows}


_PROMISES = f"""
SELECT x.dealer_id, x.currency, count(*) AS count, sum(i.amount) AS amount
FROM promise x {_POSTED} JOIN promise_instalment i ON i.dealer_id = x.dealer_id AND i.promise_id = x.id
WHERE {_WHOSE} AND x.given_on {_THEN}
  AND NOT EXISTS (SELECT FROM promise_judgement j JOIN posting p ON p.id = j.posting_id
                  WHERE j.dealer_id = i.dealer_id AND j.promise_id = i.promise_id AND j.place = i.place
                    AND j.judged_on {_THEN})
  AND NOT EXISTS (SELECT FROM promise_cancellation c JOIN posting p ON p.id = c.posting_id
                  WHERE c.dealer_id = x.dealer_id AND c.promise_id = x.id AND c.cancelled_on {_THEN})
GROUP BY 1, 2
"""


async def outstanding_promises(dealer_ids: Sequence[int], view: View) -> list[Record]:
    """Instalments promised and neither judged nor cancelled: dealer_id, currency, count, amount."""
    return await db.fetch(_PROMISES, dealer_ids, view.as_of, view.moment)


_INCIDENTS = f"""
SELECT x.dealer_id, x.kind, count(*) AS count FROM credit_incident x {_POSTED}
WHERE {_WHOSE} AND x.incident_on > $4::date AND x.incident_on {_THEN}
  AND NOT (x.kind = 'write_off' AND EXISTS (
      SELECT FROM document_reversal v JOIN posting p ON p.id = v.posting_id
      WHERE v.dealer_id = x.dealer_id AND v.document_id = x.document_id AND v.effective_on {_THEN}))
GROUP BY 1, 2 ORDER BY 1, 2
"""


async def incidents_since(dealer_ids: Sequence[int], view: View, after: date) -> dict[int, list[tuple[str, int]]]:
    """How many credit incidents of each kind were on the days after one; a write-off that was reversed is none."""
    found: dict[int, list[tuple[str, int]]] = {}
    for row in await db.fetch(_INCIDENTS, dealer_ids, view.as_of, view.moment, after):
        found.setdefault(row["dealer_id"], []).append((row["kind"], row["count"]))
    return found


_NEW = f"""
SELECT DISTINCT x.dealer_id FROM credit_incident x {_POSTED}
WHERE {_WHOSE} AND x.incident_on {_THEN} AND x.kind = $4
  AND NOT (x.incident_on <= $5::date AND coalesce(p.recorded_at <= $6::timestamptz, true))
"""


async def with_new_incident(dealer_ids: Sequence[int], view: View, kind: IncidentKind, before: View | date) -> set[int]:
    """Those of whom there is an incident of a kind that was not yet there before: in another view, or up to a day."""
    day, moment = (before.as_of, before.known_at) if isinstance(before, View) else (before, None)
    rows = await db.fetch(_NEW, dealer_ids, view.as_of, view.moment, kind.value, day, moment)
    return {row["dealer_id"] for row in rows}


_CONTACTS = f"""
SELECT x.dealer_id, max(x.took_place_on) AS day FROM contact_entry x {_POSTED}
WHERE {_WHOSE} AND x.took_place_on {_THEN} AND x.outcome <> 'not_reached'
  AND NOT EXISTS (SELECT FROM contact_entry y JOIN posting p ON p.id = y.posting_id
                  WHERE y.dealer_id = x.dealer_id AND y.supersedes_id = x.id AND {known("$3")})
GROUP BY 1
"""


async def last_contacts(dealer_ids: Sequence[int], view: View) -> dict[int, date]:
    """The day of the last contact in which somebody of each dealer was reached; who never was is left out."""
    rows = await db.fetch(_CONTACTS, dealer_ids, view.as_of, view.moment)
    return {row["dealer_id"]: row["day"] for row in rows}


_EXPOSED = f"""
WITH stood AS (
    SELECT dealer_id, currency, first, last, CASE WHEN instalment > 0 THEN amount ELSE -amount END AS amount
    FROM ({stretches(_WHOSE, "$2", "$3")}) AS s
    UNION ALL
    SELECT dealer_id, currency, first, last, amount FROM ({bill_stretches(_WHOSE, "$2", "$3")}) AS s
)
SELECT at.as_of, s.dealer_id, s.currency, sum(s.amount) AS amount
FROM stood s JOIN unnest($2::date[]) WITH ORDINALITY AS at (as_of, place) ON at.place BETWEEN s.first AND s.last
GROUP BY 1, 2, 3
"""


async def exposed_on_each(dealer_ids: Sequence[int], days: Sequence[date], view: View) -> list[Record]:
    """Exposure on each of the days, in order, as known at the view's moment: as_of, dealer_id, currency, amount.

    It is what was open, less money on account, and bills that had not matured; a day without anything has no row.
    """
    return await db.fetch(_EXPOSED, dealer_ids, days, view.moment)

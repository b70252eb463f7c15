"""Credit incidents: each written once, by what it was, and told as of a day as known at a moment."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from asyncpg import Record

from channel.database import db
from channel.database.paging import page_of
from channel.database.posted import known
from channel.dealers.rules import Status
from channel.lists import Page, Wanted
from channel.receivables.lists.incidents import INCIDENTS
from channel.receivables.queries.selecting import dealers_selected
from channel.receivables.rules.incidents import IncidentKind
from channel.view import View


@dataclass(frozen=True, slots=True)
class IncidentFilter:
    """Which are wanted: of a dealer, of a kind.

    `responsible` is the number of the member of staff who looked after the dealer in the view, 0 for nobody.
    """

    dealer_id: int | None = None
    kind: IncidentKind | None = None
    responsible: int | None = None


# $1 is the day and $2 the moment as known at which is asked. Of a broken promise the amount is what had not come.
_TOLD = f"""
SELECT x.id, x.dealer_id, r.code AS dealer, r.name, x.incident_on, x.kind, x.promise_id, x.document_id,
       coalesce(d.number, x.promise_id::text) AS about, coalesce(d.amount, i.promised - j.came) AS amount,
       coalesce(d.currency, o.currency) AS currency, p.recorded_at, p.actor,
       x.kind = 'write_off' AND EXISTS (
           SELECT FROM document_reversal v JOIN posting p ON p.id = v.posting_id
           WHERE v.dealer_id = x.dealer_id AND v.document_id = x.document_id AND v.effective_on <= $1
             AND {known("$2")}) AS reversed
FROM credit_incident x JOIN posting p ON p.id = x.posting_id JOIN dealer r ON r.id = x.dealer_id
LEFT JOIN receivable_document d ON d.dealer_id = x.dealer_id AND d.id = x.document_id
LEFT JOIN promise o ON o.dealer_id = x.dealer_id AND o.id = x.promise_id
LEFT JOIN promise_instalment i
     ON i.dealer_id = x.dealer_id AND i.promise_id = x.promise_id AND i.place = x.place
LEFT JOIN promise_judgement j
     ON j.dealer_id = x.dealer_id AND j.promise_id = x.promise_id AND j.place = x.place
WHERE x.incident_on <= $1 AND {known("$2")} AND ($3::bigint IS NULL OR x.dealer_id = $3)
  AND ($4::text IS NULL OR x.kind = $4) AND ($5::bigint[] IS NULL OR x.dealer_id = ANY ($5))
"""


async def incidents_listed(asked: IncidentFilter, view: View, wanted: Wanted) -> Page[Record]:
    """Incidents in scope up to the view's day, the latest first."""
    whose = None if asked.responsible is None else await dealers_selected(None, None, view, asked.responsible)
    return await page_of(_TOLD, (view.as_of, view.moment, asked.dealer_id, asked.kind, whose), INCIDENTS, wanted)


_COUNTED = f"""
SELECT x.dealer_id, x.kind, count(*) AS count FROM credit_incident x JOIN posting p ON p.id = x.posting_id
WHERE x.dealer_id = ANY ($3::bigint[]) AND x.incident_on <= $1 AND x.incident_on > $4 AND {known("$2")}
  AND NOT (x.kind = 'write_off' AND EXISTS (
      SELECT FROM document_reversal v JOIN posting p ON p.id = v.posting_id
      WHERE v.dealer_id = x.dealer_id AND v.document_id = x.document_id AND v.effective_on <= $1
        AND {known("$2")}))
GROUP BY 1, 2
"""


async def count_incidents(dealer_ids: Sequence[int], after: date, view: View) -> dict[int, dict[IncidentKind, int]]:
    """How many incidents of each kind these dealers had behind a day up to the view's, as known at its moment.

    A write-off that is reversed by then counts no more.
    """
    found: dict[int, dict[IncidentKind, int]] = {}
    for row in await db.fetch(_COUNTED, view.as_of, view.moment, dealer_ids, after):
        found.setdefault(row["dealer_id"], {})[IncidentKind(row["kind"])] = row["count"]
    return found


async def record_incident_of_document(
    dealer_id: int, kind: IncidentKind, document_id: int, on: date, posting_id: int
) -> None:
    """A write-off, or a bill that was dishonoured."""
    await db.execute(
        "INSERT INTO credit_incident (dealer_id, kind, incident_on, document_id, posting_id)"
        " VALUES ($1, $2, $3, $4, $5)",
        dealer_id,
        kind.value,
        on,
        document_id,
        posting_id,
    )


async def record_incidents_of_promises(posting_id: int) -> None:
    """What a posting judged to be broken: on the day after the last day of grace."""
    await db.execute(
        "INSERT INTO credit_incident (dealer_id, kind, incident_on, promise_id, place, posting_id)"
        " SELECT j.dealer_id, $2, i.judged_from, j.promise_id, j.place, $1 FROM promise_judgement j"
        " JOIN promise_instalment i ON i.dealer_id = j.dealer_id AND i.promise_id = j.promise_id AND i.place = j.place"
        " WHERE j.posting_id = $1 AND NOT j.kept",
        posting_id,
        IncidentKind.BROKEN_PROMISE.value,
    )


_HOLDS = """
SELECT DISTINCT f.dealer_id, f.effective_on, d.code FROM dealer_fact f JOIN dealer d ON d.id = f.dealer_id
WHERE f.posting_id = $1 AND f.fact = 'status' AND f.value = $2 AND f.effective_on <= $3
  AND NOT EXISTS (SELECT FROM credit_incident x WHERE x.dealer_id = f.dealer_id AND x.hold_posting_id = f.posting_id
                  AND x.incident_on = f.effective_on)
ORDER BY 1, 2
"""


async def holds_recorded_by(posting_id: int, today: date) -> list[Record]:
    """Whom a posting put on hold up to today, and from which day, as far as there is no incident of it yet."""
    return await db.fetch(_HOLDS, posting_id, Status.ON_HOLD.value, today)


async def record_incidents_of_holds(holds: Sequence[Record], held_by: int, posting_id: int) -> None:
    """Dealers put on hold by the posting `held_by`, each from a day."""
    await db.execute(
        "INSERT INTO credit_incident (dealer_id, kind, incident_on, hold_posting_id, posting_id)"
        " SELECT u.dealer_id, $1, u.on_, $2, $3 FROM unnest($4::bigint[], $5::date[]) AS u (dealer_id, on_)",
        IncidentKind.HOLD.value,
        held_by,
        posting_id,
        [row["dealer_id"] for row in holds],
        [row["effective_on"] for row in holds],
    )

"""The contact log: what was written, what of it stands as of a day as known at a moment, and what superseded what."""

from dataclasses import dataclass
from datetime import date

from asyncpg import Record

from channel.database import db
from channel.database.paging import page_of
from channel.database.posted import known
from channel.lists import Page, Wanted
from channel.receivables import tables
from channel.receivables.lists.contact_log import CONTACT_LOG
from channel.receivables.rules.contact_log import ContactKind, ContactOutcome
from channel.view import View

_ENTRY = """
SELECT x.id, x.dealer_id, d.code AS dealer, d.name AS dealer_name, x.kind, x.outcome, x.took_place_on, x.at_time,
       x.contact_id AS contact, x.with_whom, x.said, x.next_step, x.next_on, x.supersedes_id AS supersedes, x.reason,
       p.recorded_at, p.actor
FROM contact_entry x JOIN posting p ON p.id = x.posting_id JOIN dealer d ON d.id = x.dealer_id
"""
# $1 is the day and $2 the moment as known at which is asked. What a later entry supersedes stands no more.
_STANDS = f"""
{_ENTRY} WHERE x.took_place_on <= $1 AND {known("$2")} AND NOT EXISTS (
    SELECT FROM contact_entry y JOIN posting p ON p.id = y.posting_id
    WHERE y.dealer_id = x.dealer_id AND y.supersedes_id = x.id AND {known("$2")})
"""


@dataclass(frozen=True, slots=True)
class ContactFilter:
    """Which entries are wanted; None leaves a question open.

    They are asked by dealer, kind, outcome, the sign-in name of the writer, and days up to and from which they took
    place.
    """

    dealer_id: int | None = None
    kind: ContactKind | None = None
    outcome: ContactOutcome | None = None
    actor: str | None = None
    from_on: date | None = None
    until: date | None = None


_LISTED = f"""
{_STANDS} AND ($3::bigint IS NULL OR x.dealer_id = $3) AND ($4::text IS NULL OR x.kind = $4)
  AND ($5::text IS NULL OR x.outcome = $5) AND ($6::text IS NULL OR p.actor = $6)
  AND ($7::date IS NULL OR x.took_place_on >= $7) AND ($8::date IS NULL OR x.took_place_on <= $8)
"""


async def contact_log_listed(asked: ContactFilter, view: View, wanted: Wanted) -> Page[Record]:
    """The entries that stood in the view, the latest day first."""
    args = (
        view.as_of,
        view.moment,
        asked.dealer_id,
        asked.kind,
        asked.outcome,
        asked.actor,
        asked.from_on,
        asked.until,
    )
    return await page_of(_LISTED, args, CONTACT_LOG, wanted)


async def contact_entry(entry_id: int) -> Record | None:
    """One entry, whether it stands or was superseded."""
    return await db.fetchrow(f"{_ENTRY} WHERE x.id = $1", entry_id)


_CHAIN = f"""
WITH RECURSIVE up AS (
    SELECT dealer_id, id, supersedes_id FROM contact_entry WHERE dealer_id = $1 AND id = $2
    UNION ALL
    SELECT e.dealer_id, e.id, e.supersedes_id FROM contact_entry e
    JOIN up ON e.dealer_id = up.dealer_id AND e.id = up.supersedes_id
), down AS (
    SELECT dealer_id, id FROM contact_entry WHERE dealer_id = $1 AND id = $2
    UNION ALL
    SELECT e.dealer_id, e.id FROM contact_entry e
    JOIN down ON e.dealer_id = down.dealer_id AND e.supersedes_id = down.id
)
{_ENTRY} WHERE x.dealer_id = $1 AND x.id IN (SELECT id FROM up UNION SELECT id FROM down) ORDER BY x.id
"""


async def corrections_of(dealer_id: int, entry_id: int) -> list[Record]:
    """An entry with all that it superseded and that superseded it, the first one first."""
    return await db.fetch(_CHAIN, dealer_id, entry_id)


async def is_superseded(dealer_id: int, entry_id: int) -> bool:
    """Whether another entry stands in its place; the account is locked."""
    found: bool = await db.fetchval(
        "SELECT EXISTS (SELECT FROM contact_entry WHERE dealer_id = $1 AND supersedes_id = $2)", dealer_id, entry_id
    )
    return found


async def people_at(dealer_id: int) -> list[Record]:
    """The dealer's contacts by name: number, name, what he is there, telephone and mail."""
    return await db.fetch(
        "SELECT id, name, role, phone, email FROM contact WHERE dealer_id = $1 ORDER BY name, id", dealer_id
    )


@dataclass(frozen=True, slots=True)
class NewContact:
    """An entry to be written; `supersedes` is the one in whose place it stands, for the `reason`."""

    dealer_id: int
    kind: ContactKind
    outcome: ContactOutcome
    took_place_on: date
    at_time: str | None
    contact_id: int | None
    with_whom: str | None
    said: str | None
    next_step: str | None
    next_on: date | None
    supersedes: int | None = None
    reason: str | None = None


async def record_contact_entry(new: NewContact, posting_id: int) -> int:
    """Write it down; its number."""
    row = tables.ContactEntry(
        dealer_id=new.dealer_id,
        kind=new.kind.value,
        outcome=new.outcome.value,
        took_place_on=new.took_place_on,
        at_time=new.at_time,
        contact_id=new.contact_id,
        with_whom=new.with_whom,
        said=new.said,
        next_step=new.next_step,
        next_on=new.next_on,
        supersedes_id=new.supersedes,
        reason=new.reason,
        posting_id=posting_id,
    )
    await row.save()
    return row.id

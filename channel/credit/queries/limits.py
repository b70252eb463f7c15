"""The journal of limits."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from asyncpg import Record

from channel.credit.lists import IN_FORCE
from channel.database import db
from channel.database.paging import page_of
from channel.database.posted import known
from channel.lists import Page, Wanted
from channel.receivables.queries.accounts import locking

_LOCK_OF_PROPOSALS = locking("SELECT DISTINCT dealer_id FROM limit_proposal WHERE id = ANY ($1::bigint[])")


async def lock_accounts_of(proposal_ids: Sequence[int]) -> None:
    """Lock the account rows of the dealers of these proposals."""
    await db.execute(_LOCK_OF_PROPOSALS, proposal_ids)


_EVENTS = f"""
SELECT c.dealer_id, c.id, c.kind, c.amount, c.currency, c.from_on, c.to_on, c.ends_id, c.proposal_id, p.recorded_at
FROM credit_limit c JOIN posting p ON p.id = c.posting_id
WHERE c.dealer_id = ANY ($1::bigint[]) AND {known("$2")}
ORDER BY c.dealer_id, c.id
"""


async def limit_events(dealer_ids: Sequence[int], known_at: datetime | None) -> list[Record]:
    """The journal of these dealers as known at the moment, in the order of approval."""
    return await db.fetch(_EVENTS, dealer_ids, known_at)


@dataclass(frozen=True, slots=True)
class JournalLine:
    """A line to be written into the journal; `ends_id` is the line of the raise that it ends."""

    dealer_id: int
    kind: str
    amount: Decimal | None
    currency: str
    from_on: date
    to_on: date | None
    proposal_id: int
    ends_id: int | None


_RECORD = """
INSERT INTO credit_limit (dealer_id, kind, amount, currency, from_on, to_on, proposal_id, ends_id, posting_id)
SELECT u.*, $9 FROM unnest($1::bigint[], $2::text[], $3::numeric[], $4::text[], $5::date[], $6::date[], $7::bigint[],
                           $8::bigint[]) AS u
"""


async def record_limits(lines: Sequence[JournalLine], posting_id: int) -> None:
    """Lines of the journal."""
    names = ("dealer_id", "kind", "amount", "currency", "from_on", "to_on", "proposal_id", "ends_id")
    await db.execute(_RECORD, *([getattr(line, name) for line in lines] for name in names), posting_id)


# An end that lies ahead is told as the limit's, unless a limit begins before it. There are few, found by an index.
_IN_FORCE = """
SELECT DISTINCT ON (c.dealer_id) c.dealer_id, d.code, d.name, d.status, c.kind, c.amount, c.currency, c.from_on,
       least(c.to_on, ahead.from_on) AS to_on, l.company_amount, l.company_rate
FROM credit_limit c JOIN dealer d ON d.id = c.dealer_id
JOIN limit_proposal l ON l.dealer_id = c.dealer_id AND l.id = c.proposal_id
LEFT JOIN (
    SELECT w.dealer_id, min(w.from_on) AS from_on FROM credit_limit w
    WHERE w.kind = 'withdrawal' AND w.from_on > $1 AND NOT EXISTS (
        SELECT FROM credit_limit n WHERE n.dealer_id = w.dealer_id AND n.kind = 'limit' AND n.from_on > $1
        AND (n.from_on < w.from_on OR (n.from_on = w.from_on AND n.id > w.id)))
    GROUP BY w.dealer_id
) AS ahead ON ahead.dealer_id = c.dealer_id
WHERE c.kind IN ('limit', 'withdrawal') AND c.from_on <= $1
ORDER BY c.dealer_id, c.from_on DESC, c.id DESC
"""
_AT_WORK = "amount > 0 AND status <> 'ended'"
_LIMITS = f"""
SELECT *, code AS dealer FROM ({_IN_FORCE}) AS held
WHERE kind = 'limit' AND (to_on IS NULL OR to_on > $1) AND ($2::date IS NULL OR to_on < $2) AND (NOT $3 OR {_AT_WORK})
"""
_SUMMED = f"""
SELECT count(*) AS dealers, sum(amount * company_rate) AS company_amount, count(*) FILTER (WHERE to_on < $2) AS ending
FROM ({_IN_FORCE}) AS held WHERE kind = 'limit' AND (to_on IS NULL OR to_on > $1) AND {_AT_WORK}
"""


@dataclass(frozen=True, slots=True)
class InForce:
    """Which limits in force are wanted: of a day, all or those that end before another.

    `at_work` leaves out limits of 0 and those of dealers who have ended: what the desk counts.
    """

    as_of: date
    ends_before: date | None = None
    at_work: bool = False


async def limits_in_force(asked: InForce, wanted: Wanted) -> Page[Record]:
    """The limits that hold on the day, without raises."""
    return await page_of(_LIMITS, (asked.as_of, asked.ends_before, asked.at_work), IN_FORCE, wanted)


async def limits_summed(as_of: date, ends_before: date) -> Record | None:
    """The limits at work on the day: how many, their sum in company currency, how many of them end before another."""
    return await db.fetchrow(_SUMMED, as_of, ends_before)

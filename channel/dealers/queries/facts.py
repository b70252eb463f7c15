"""Dated facts in the database: written once, read as of a day as known at a moment."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from asyncpg import Record

from channel.database import db
from channel.database.locks import Lock
from channel.database.paging import page_of
from channel.database.posted import by_place, last_first, latest_of, of_each
from channel.dealers.lists import FACTS
from channel.dealers.rules import DealerFacts, Fact, due_day_agreed, reports_agreed
from channel.lists import Page, Wanted
from channel.view import View


def known_facts(which: str, known_at: str) -> str:
    """SQL: of each dealer, fact and day the value that counts as known at a moment, of the facts `f` asked for.

    The last one recorded counts; with null as the moment whatever is there, what this transaction has just written
    among it.
    """
    key, columns = "f.dealer_id, f.fact, f.effective_on", "f.value, f.territory_id, f.parent_id, f.responsible_id"
    return latest_of("dealer_fact f", key, columns, which, known_at)


def fact_spans(fact: Fact, which: str, known_at: str) -> str:
    """SQL: from which day until before which each value holds of a fact that every dealer has, as known at a moment.

    The first value holds since ever: a dealer whose first day lies ahead has a place and a status already, and the
    sales of the time before belong somewhere. The columns of `dealer` say the same.
    """
    return f"""
    SELECT dealer_id, value, territory_id,
           CASE WHEN row_number() OVER in_order = 1 THEN '-infinity' ELSE effective_on END AS from_on,
           coalesce(lead(effective_on) OVER in_order, 'infinity') AS to_on
    FROM ({known_facts(f"f.fact = '{fact}' AND {which}", known_at)}) AS dated
    WINDOW in_order AS (PARTITION BY dealer_id ORDER BY effective_on)
    """


def looked_after(which: str, known_at: str) -> str:
    """SQL: from which day until before which each member of staff, or nobody, looks after a dealer, as known then.

    Before the first of these days nobody does, and a dealer of whom nothing was ever said is not among them.
    """
    return f"""
    SELECT dealer_id, responsible_id, effective_on AS from_on,
           coalesce(lead(effective_on) OVER (PARTITION BY dealer_id ORDER BY effective_on), 'infinity') AS to_on
    FROM ({known_facts(f"f.fact = '{Fact.RESPONSIBLE}' AND {which}", known_at)}) AS dated
    """


def _below(territory: str, known_at: str) -> str:
    return f"ARRAY(SELECT territories_below({territory}, {known_at}::timestamptz))"


def ever_within(territory: str, known_at: str) -> str:
    """SQL: the dealers who were put into a territory or below it for any day, by anybody at any time."""
    return f"SELECT c.dealer_id FROM dealer_fact c WHERE c.territory_id = ANY ({_below(territory, known_at)})"


def stays_within(territory: str, which: str, known_at: str) -> str:
    """SQL: from when until when dealers stood in a territory or below it, as known at a moment.

    The tree is the one that was known then. `which` names the dealers: all of `ever_within`, or one at a time.
    """
    spans = fact_spans(Fact.TERRITORY, which, known_at)
    below = _below(territory, known_at)
    return f"SELECT dealer_id, from_on, to_on FROM ({spans}) AS stays WHERE territory_id = ANY ({below})"


_HELD = """
known AS MATERIALIZED ({known}), latest AS (
    SELECT DISTINCT ON (dealer_id, fact) dealer_id, fact, value, territory_id, parent_id, responsible_id,
           effective_on
    FROM known ORDER BY dealer_id, fact, effective_on DESC
), appointed AS (
    SELECT dealer_id, min(effective_on) AS appointed_on FROM known
    WHERE fact = 'status' AND value = 'active' GROUP BY dealer_id
), held AS (
    SELECT dealer_id,
           max(value) FILTER (WHERE fact = 'type') AS type,
           max(territory_id) AS territory_id,
           max(parent_id) AS parent_id,
           max(responsible_id) AS responsible_id,
           max(value) FILTER (WHERE fact = 'grade') AS grade,
           max(value) FILTER (WHERE fact = 'status') AS status,
           max(value) FILTER (WHERE fact = 'currency') AS currency,
           max(effective_on) FILTER (WHERE fact = 'grade') AS grade_since,
           max(value) FILTER (WHERE fact = 'terms_days')::integer AS terms_days,
           max(effective_on) FILTER (WHERE fact = 'terms_days') AS terms_since,
           max(value) FILTER (WHERE fact = 'first_year_target')::numeric AS first_year_target,
           max(value) FILTER (WHERE fact = 'reports_owed') AS reports_owed,
           max(value) FILTER (WHERE fact = 'reports_due_day')::integer AS reports_due_day
    FROM latest GROUP BY dealer_id
)
"""


def held_sql(whose: str, as_of: str = "$2", known_at: str = "$3") -> str:
    """What held on a day as known at a moment, as the subqueries `held` and `appointed` of a query to put after WITH.

    `whose` says of which facts `f`; as known at null is everything, what this transaction has just written among it.
    Of several values for one day the last recorded counts.
    """
    return _HELD.format(known=known_facts(f"({whose}) AND f.effective_on <= {as_of}", known_at))


_THESE = held_sql("f.dealer_id = ANY ($1::bigint[])")
_ALL = held_sql("$1::bigint[] IS NULL")
_READ = " SELECT held.*, appointed_on FROM held LEFT JOIN appointed USING (dealer_id) ORDER BY dealer_id"
_THESE_IN_EACH = of_each(
    "WITH " + held_sql("f.dealer_id = ANY ($1::bigint[])", "asked.as_of", "asked.known_at") + _READ,
    "$2::date[], $3::timestamptz[]",
    "as_of, known_at",
)


async def facts_at(dealer_ids: Sequence[int] | None, view: View) -> dict[int, DealerFacts]:
    """What held for these dealers (None: all in scope) on the day as known at the moment.

    A dealer of whom nothing was known is not in the result. The same as `rules.facts_as_of`, computed in SQL.
    """
    sql = "WITH " + (_ALL if dealer_ids is None else _THESE) + _READ
    return {row["dealer_id"]: _facts(row) for row in await db.fetch(sql, dealer_ids, view.as_of, view.moment)}


async def facts_in_each(dealer_ids: Sequence[int], views: Sequence[View]) -> list[dict[int, DealerFacts]]:
    """The same of these dealers for each of these views, in one statement."""
    if len(views) == 1:
        return [await facts_at(dealer_ids, views[0])]
    days, moments = [view.as_of for view in views], [view.moment for view in views]
    rows = await db.fetch(_THESE_IN_EACH, dealer_ids, days, moments)
    return [{row["dealer_id"]: _facts(row) for row in found} for found in by_place(rows, len(views))]


def _facts(row: Record) -> DealerFacts:
    return DealerFacts(
        row["dealer_id"],
        type=row["type"],
        territory_id=row["territory_id"],
        parent_id=row["parent_id"],
        grade=row["grade"],
        status=row["status"],
        currency=row["currency"],
        terms_days=row["terms_days"],
        first_year_target=row["first_year_target"],
        reports_owed=reports_agreed(row["reports_owed"]),
        reports_due_day=due_day_agreed(row["reports_due_day"]),
        appointed_on=row["appointed_on"],
        grade_since=row["grade_since"],
        terms_since=row["terms_since"],
        responsible_id=row["responsible_id"],
    )


_ON_DAYS = f"""
SELECT u.dealer_id, u.day, held.value FROM unnest($1::bigint[], $2::date[]) AS u (dealer_id, day)
CROSS JOIN LATERAL (
    SELECT f.value FROM dealer_fact f JOIN posting p ON p.id = f.posting_id
    WHERE f.dealer_id = u.dealer_id AND f.fact = $3 AND f.effective_on <= u.day
    ORDER BY f.effective_on DESC, {last_first("f")} LIMIT 1
) AS held
"""


async def values_on(fact: Fact, days: Iterable[tuple[int, date]]) -> dict[tuple[int, date], str | None]:
    """The value of a fact of each dealer on a day of his own, as known now; one of whom none was known is left out."""
    wanted = list(days)
    rows = await db.fetch(_ON_DAYS, [dealer_id for dealer_id, _ in wanted], [day for _, day in wanted], fact.value)
    return {(row["dealer_id"], row["day"]): row["value"] for row in rows}


_VALUES = f"""
SELECT DISTINCT ON (dealer_id) dealer_id, value
FROM ({known_facts("f.fact = $4 AND f.dealer_id = ANY ($1::bigint[]) AND f.effective_on <= $2", "$3")}) AS k
ORDER BY dealer_id, effective_on DESC
"""


async def values_in(fact: Fact, dealer_ids: Sequence[int], view: View) -> dict[int, str | None]:
    """The value of one fact of each dealer in a view; one of whom none was known is left out."""
    rows = await db.fetch(_VALUES, dealer_ids, view.as_of, view.moment, fact.value)
    return {row["dealer_id"]: row["value"] for row in rows}


_TERMS = f"""
SELECT u.dealer_id, u.day, held.fact, held.value FROM unnest($1::bigint[], $2::date[]) AS u (dealer_id, day)
CROSS JOIN LATERAL (
    SELECT f.fact, f.value FROM dealer_fact f JOIN posting p ON p.id = f.posting_id
    WHERE f.dealer_id = u.dealer_id AND f.fact IN ('terms', 'terms_days') AND f.effective_on <= u.day
    ORDER BY f.effective_on DESC, {last_first("f")} LIMIT 1
) AS held
"""


async def terms_on(days: Iterable[tuple[int, date]]) -> dict[tuple[int, date], str]:
    """The payment terms of each dealer on a day of his own, as they are kept, as known now: what was said last counts.

    Terms by month or in parts are recorded together with their equivalent in days, and are what was said then.
    """
    wanted = list(days)
    rows = await db.fetch(_TERMS, [dealer_id for dealer_id, _ in wanted], [day for _, day in wanted])
    return {
        (row["dealer_id"], row["day"]): row["value"] if row["fact"] == Fact.TERMS else f"{row['value']} days"
        for row in rows
    }


_APPOINTED = "WITH " + held_sql("f.dealer_id = ANY ($1::bigint[]) AND f.fact = 'status'") + " SELECT * FROM appointed"


async def appointments(dealer_ids: Sequence[int], as_of: date, known_at: datetime | None = None) -> dict[int, date]:
    """The first day, up to a day, on which each dealer was active as known at a moment; others are not in it."""
    rows = await db.fetch(_APPOINTED, dealer_ids, as_of, known_at)
    return {row["dealer_id"]: row["appointed_on"] for row in rows}


_HISTORY = f"""
SELECT f.id, f.fact, coalesce(f.value, t.code, d.code, s.code) AS value, f.territory_id, f.parent_id, f.responsible_id,
       t.name AS territory_name, d.name AS parent_name, s.name AS responsible_name, f.effective_on, f.reason,
       f.posting_id, p.recorded_at, p.actor, p.act,
       row_number() OVER (PARTITION BY f.fact, f.effective_on ORDER BY {last_first("f")}) = 1 AS counts
FROM dealer_fact f
JOIN posting p ON p.id = f.posting_id
LEFT JOIN territory t ON t.id = f.territory_id
LEFT JOIN dealer d ON d.id = f.parent_id
LEFT JOIN staff_member s ON s.id = f.responsible_id
WHERE f.dealer_id = $1 AND ($2::text IS NULL OR f.fact = $2)
"""


async def facts_page(dealer_id: int, fact: str | None, wanted: Wanted) -> Page[Record]:
    """The same as `facts_history`, page after page in any order."""
    return await page_of(_HISTORY, [dealer_id, fact], FACTS, wanted)


async def facts_history(dealer_id: int, fact: str | None = None) -> list[Record]:
    """Every value ever recorded, latest effective day first, with who, when and why.

    `counts` is false where a later posting for the same day took its place. A parent that the asker may not see
    has no code here, but its id.
    """
    return await db.fetch(f"{_HISTORY} ORDER BY f.effective_on DESC, {last_first('f')}", dealer_id, fact)


@dataclass(frozen=True, slots=True)
class NewFact:
    """A fact to be written; territory, parent and responsible by id, everything else as its stored text."""

    dealer_id: int
    fact: str
    value: str | None
    effective_on: date
    territory_id: int | None = None
    parent_id: int | None = None
    reason: str | None = None
    responsible_id: int | None = None


async def record_facts(posting_id: int, facts: Sequence[NewFact]) -> None:
    """Add facts; none is ever changed."""
    await db.execute(
        "INSERT INTO dealer_fact (dealer_id, fact, value, territory_id, parent_id, effective_on, reason,"
        " responsible_id, posting_id) SELECT u.*, $9::bigint FROM unnest($1::bigint[], $2::text[], $3::text[],"
        " $4::bigint[], $5::bigint[], $6::date[], $7::text[], $8::bigint[]) AS u",
        [f.dealer_id for f in facts],
        [f.fact for f in facts],
        [f.value for f in facts],
        [f.territory_id for f in facts],
        [f.parent_id for f in facts],
        [f.effective_on for f in facts],
        [f.reason for f in facts],
        [f.responsible_id for f in facts],
        posting_id,
    )


async def lock_dealers(dealer_ids: Sequence[int]) -> None:
    """Wait for whoever else is changing these dealers; held to the end of the transaction."""
    await db.fetch("SELECT id FROM dealer WHERE id = ANY ($1::bigint[]) ORDER BY id FOR NO KEY UPDATE", dealer_ids)


async def hold_parents() -> None:
    """Let one person at a time put dealers under others: held to the end of the transaction."""
    await db.execute("SELECT pg_advisory_xact_lock($1)", Lock.DEALER_PARENTS)


# A dealer whose first facts lie ahead shows them already: there is nothing else to show. There are few of them.
_AHEAD = """f.effective_on > $2 AND f.effective_on = (
    SELECT min(x.effective_on) FROM dealer_fact x WHERE x.dealer_id = f.dealer_id)"""
_THESE_AHEAD = _HELD.format(known=known_facts(f"f.dealer_id = ANY ($1::bigint[]) AND {_AHEAD}", "$3"))
_ALL_AHEAD = _HELD.format(known=known_facts(f"$1::bigint[] IS NULL AND {_AHEAD}", "$3"))
_DIFFERS = """
    (d.type, d.territory_id, d.parent_id, d.grade, d.status, d.currency, d.terms_days, d.responsible_id)
    IS DISTINCT FROM
    (coalesce(h.type, d.type), coalesce(h.territory_id, d.territory_id), h.parent_id, h.grade,
     coalesce(h.status, d.status), coalesce(h.currency, d.currency), coalesce(h.terms_days, d.terms_days),
     h.responsible_id)
"""
# What a dealer was before is read beside the row that is changed: it is locked, and so the same.
_REFRESH = f"""
UPDATE dealer d SET
    type = coalesce(h.type, d.type), territory_id = coalesce(h.territory_id, d.territory_id),
    parent_id = h.parent_id, grade = h.grade, status = coalesce(h.status, d.status),
    currency = coalesce(h.currency, d.currency), terms_days = coalesce(h.terms_days, d.terms_days),
    responsible_id = h.responsible_id
FROM held h JOIN dealer o ON o.id = h.dealer_id WHERE h.dealer_id = d.id AND {_DIFFERS}
RETURNING d.id, o.responsible_id AS was, d.responsible_id AS is_now
"""


@dataclass(frozen=True, slots=True)
class Refreshed:
    """How many dealers' cached columns changed, and who of them is another member's now: dealer, from whom, to whom."""

    dealers: int
    responsible: list[tuple[int, int | None, int | None]]


async def refresh_dealers(dealer_ids: Sequence[int], today: date) -> Refreshed:
    """Bring the cached columns of these (locked) dealers in line with their facts; what changed."""
    rows: list[Record] = []
    for facts in (_THESE, _THESE_AHEAD):
        rows += await db.fetch("WITH " + facts + _REFRESH, dealer_ids, today, None)
    others = [(row["id"], row["was"], row["is_now"]) for row in rows if row["was"] != row["is_now"]]
    return Refreshed(len(rows), others)


_STALE = f"SELECT d.id FROM held h JOIN dealer d ON d.id = h.dealer_id WHERE {_DIFFERS} ORDER BY d.id"


async def stale_dealers(today: date) -> list[int]:
    """Dealers whose cached columns differ from what their facts say for today."""
    stale: list[int] = []
    for facts in (_ALL, _ALL_AHEAD):
        stale += [row["id"] for row in await db.fetch("WITH " + facts + _STALE, None, today, None)]
    return sorted(stale)


async def reasons_given(fact: str, limit: int = 5) -> list[str]:
    """The reasons last given for changes of one kind, for the next one to choose from."""
    rows = await db.fetch(
        "SELECT reason FROM dealer_fact WHERE fact = $1 AND reason IS NOT NULL"
        " GROUP BY reason ORDER BY max(posting_id) DESC LIMIT $2",
        fact,
        limit,
    )
    return [row["reason"] for row in rows]

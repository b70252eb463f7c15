"""Reviews: written once as they are opened, listed, and shown whole."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from asyncpg import Record

from channel.database import db
from channel.database.paging import page_of
from channel.dealers.queries.lists import Filter
from channel.lists import Page, Wanted
from channel.reviews.lists import REVIEWS
from channel.reviews.rules.choices import ReviewState
from channel.reviews.rules.queue import Whose


@dataclass(frozen=True, slots=True)
class NewReview:
    """A review as it is opened; the amounts are those of its snapshot, for lists."""

    dealer_id: int
    currency: str
    overdue: Decimal | None
    exposure: Decimal | None
    limit_amount: Decimal | None
    limit_until: date | None
    used: Decimal | None
    finding_kinds: Sequence[str]
    weight: int
    proposal: str
    proposed_amount: Decimal | None
    proposed_until: date | None
    snapshot: str
    findings: str
    member_id: int | None


_NAMES = NewReview.__slots__
_TYPES = (
    "bigint", "text", "numeric", "numeric", "numeric", "date", "numeric", "text", "integer", "text", "numeric", "date",
    "text", "text", "bigint",
)  # fmt: skip
_PLACES = ", ".join(f"${place}::{kind}[]" for place, kind in enumerate(_TYPES, 8))
_READ = {"finding_kinds": "string_to_array(u.finding_kinds, ' ')", "snapshot": "u.snapshot::jsonb",
         "findings": "u.findings::jsonb"}  # fmt: skip
_RECORD = f"""
INSERT INTO review (run_id, plan, as_of, kind, role, decide_by, posting_id, {", ".join(_NAMES)})
SELECT $1, $2, $3, $4, $5, $6, $7, {", ".join(_READ.get(name, f"u.{name}") for name in _NAMES)}
FROM unnest({_PLACES}) AS u ({", ".join(_NAMES)})
RETURNING dealer_id, number
"""


@dataclass(frozen=True, slots=True)
class OfRun:
    """What all reviews of a run have in common."""

    run_id: int
    plan: str
    as_of: date
    kind: str
    role: str
    decide_by: date


async def record_reviews(run: OfRun, reviews: Sequence[NewReview], posting_id: int) -> dict[int, int]:
    """Write them down; the number of each by its dealer."""
    columns = [
        [" ".join(getattr(each, name)) if name == "finding_kinds" else getattr(each, name) for each in reviews]
        for name in _NAMES
    ]
    common = run.run_id, run.plan, run.as_of, run.kind, run.role, run.decide_by, posting_id
    return {row["dealer_id"]: row["number"] for row in await db.fetch(_RECORD, *common, *columns)}


_TOLD = """
SELECT x.dealer_id, x.number, d.code AS dealer, d.name, x.run_id, x.plan, x.as_of, x.kind, x.currency, x.overdue,
       x.exposure, x.limit_amount, x.limit_until, x.used, x.finding_kinds, x.weight, x.proposal, x.proposed_amount,
       x.proposed_until, x.role, x.decide_by, s.code AS responsible, s.name AS responsible_name,
       e.code AS escalated_to, e.name AS escalated_to_name, x.escalated_on,
       CASE WHEN x.decided_by IS NULL THEN 'undecided' ELSE 'decided' END AS state
"""
_FROM = """
FROM review x JOIN dealer d ON d.id = x.dealer_id LEFT JOIN staff_member s ON s.id = x.member_id
LEFT JOIN staff_member e ON e.id = x.escalated_to
"""


@dataclass(frozen=True, slots=True)
class Asker:
    """Who looks at reviews: on which day, in which role, and by their codes whose are his own and his people's."""

    today: date
    role: str
    mine: tuple[str, ...] = ()
    people: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReviewFilter:
    """Which reviews are wanted; None leaves a question open.

    `member` is the code of who is to decide, or "nobody"; `territory` that of a territory, with what lies below it.
    `late` are those that are not decided after their day, `escalated` those that were shown to a manager. `whose` are
    those of whom `asker` says, as `Whose` names them, several at once.
    """

    dealer_id: int | None = None
    plan: str | None = None
    run: int | None = None
    period: date | None = None
    finding: str | None = None
    proposal: str | None = None
    member: str | None = None
    territory: str | None = None
    state: ReviewState | None = None
    kind: str | None = None
    late: bool = False
    escalated: bool = False
    whose: tuple[str, ...] = ()
    asker: Asker | None = None


_PARTS = (
    ("dealer_id", "x.dealer_id = {}"),
    ("plan", "x.plan = {}"),
    ("kind", "x.kind = {}"),
    ("run", "x.run_id = {}"),
    ("period", "x.as_of = {}"),
    ("finding", "{} = ANY (x.finding_kinds)"),
    ("proposal", "x.proposal = {}"),
    (
        "territory",
        """d.territory_id IN (SELECT t.territory_id FROM territory_tree t JOIN territory a ON a.id = t.ancestor_id
        WHERE a.code = (SELECT territory_meant({})))""",
    ),
)


async def reviews_listed(asked: ReviewFilter, wanted: Wanted) -> Page[Record]:
    """Reviews of the dealers in scope, the heaviest first."""
    found = filter_of(asked)
    return await page_of(f"{_TOLD} {_FROM} WHERE {found.where}", found.args, REVIEWS, wanted)


async def numbers_listed(asked: ReviewFilter, but: Sequence[int], after: int = 0) -> list[int]:
    """The numbers of these reviews, less those named and those up to one, in their order."""
    found = filter_of(asked).with_part("NOT x.number = ANY ({}::bigint[]) AND x.number > {}", but, after)
    rows = await db.fetch(f"SELECT x.number {_FROM} WHERE {found.where} ORDER BY x.number", *found.args)
    return [row["number"] for row in rows]


async def reviews_counted(asked: ReviewFilter, limit: int) -> list[Record]:
    """The first so many of these, the heaviest first, each with how many there are (`found`)."""
    found = filter_of(asked)
    return await db.fetch(
        f"SELECT *, count(*) OVER () AS found FROM ({_TOLD} {_FROM} WHERE {found.where}) AS t"
        f" ORDER BY weight DESC, number LIMIT {limit:d}",
        *found.args,
    )


_BESIDE = f"""
SELECT x.number, d.code AS dealer, d.name {_FROM}
WHERE {{where}} AND (x.weight, -x.number) {{than}} ({{weight}}, {{number}})
ORDER BY x.weight {{way}}, x.number {{other}} LIMIT 1
"""


async def beside(asked: ReviewFilter, weight: int, number: int) -> tuple[Record | None, Record | None]:
    """Of these reviews the one before and the one after another in the queue, which goes by weight."""
    found = filter_of(asked).with_part("{}::integer IS NOT NULL AND {}::bigint IS NOT NULL", weight, number)
    places = {"weight": f"${len(found.args) - 1}", "number": f"-${len(found.args)}", "where": found.where}
    return (
        await db.fetchrow(_BESIDE.format(**places, than=">", way="ASC", other="DESC"), *found.args),
        await db.fetchrow(_BESIDE.format(**places, than="<", way="DESC", other="ASC"), *found.args),
    )


_WHOSE = {
    Whose.MINE: "s.code = ANY ({}::text[])",
    Whose.POOL: "(x.member_id IS NULL AND x.role = {})",
    Whose.PEOPLE: "(s.code = ANY ({}::text[]) OR e.code = ANY ({}::text[])"
    " OR (x.escalated_on IS NOT NULL AND x.escalated_to IS NULL AND {} = 'manager'))",
}


def _whose(found: Filter, asked: ReviewFilter, asker: Asker) -> Filter:
    places = {
        Whose.MINE: (asker.mine,),
        Whose.POOL: (asker.role,),
        Whose.PEOPLE: (asker.people, asker.mine, asker.role),
    }
    chosen = [each for each in Whose if each in asked.whose]
    args = [arg for each in chosen for arg in places[each]]
    return found.with_part(f"({' OR '.join(_WHOSE[each] for each in chosen)})", *args)


def filter_of(asked: ReviewFilter) -> Filter:
    """The conditions of what is asked, on a review `x` of a dealer `d`."""
    found = Filter((), ())
    for name, part in _PARTS:
        value = getattr(asked, name)
        found = found.with_part(part, value) if value is not None else found
    if asked.member is not None:
        nobody = asked.member == "nobody"
        found = found.with_part("x.member_id IS NULL") if nobody else found.with_part(
            "s.code = (SELECT staff_member_meant({}))", asked.member
        )  # fmt: skip
    if asked.state is not None:
        found = found.with_part(f"x.decided_by IS {'NULL' if asked.state is ReviewState.UNDECIDED else 'NOT NULL'}")
    if asked.escalated:
        found = found.with_part("x.decided_by IS NULL AND x.escalated_on IS NOT NULL")
    if asked.asker is not None and asked.late:
        found = found.with_part("x.decided_by IS NULL AND x.decide_by < {}::date", asked.asker.today)
    if asked.asker is not None and asked.whose:
        found = _whose(found, asked, asked.asker)
    return found


_ONE = f"""
{_TOLD}, x.snapshot, x.findings, r.known_at, r.plan_version, r.policy_version, r.compared_on, p.recorded_at, p.actor,
       d.type AS dealer_type, d.currency AS dealer_currency
{_FROM} JOIN review_run r ON r.id = x.run_id JOIN posting p ON p.id = x.posting_id
WHERE d.code = (SELECT dealer_meant($1)) AND x.number = $2
"""


async def review(dealer: str, number: int) -> Record | None:
    """One review with all that was seen, by its dealer's code and its number."""
    return await db.fetchrow(_ONE, dealer, number)


_SINCE = f"""
SELECT *, count(*) OVER () AS found FROM (
    {_TOLD} {_FROM} JOIN posting p ON p.id = x.posting_id WHERE x.decided_by IS NULL AND p.recorded_at >= $1
) AS opened ORDER BY weight DESC, number LIMIT $2
"""


async def opened_since(moment: object, limit: int) -> list[Record]:
    """The first reviews that were opened since a moment and are not decided, the heaviest first."""
    return await db.fetch(_SINCE, moment, limit)


def told(row: Record) -> dict[str, Any]:
    """A row as a mapping of its own."""
    return dict(row)

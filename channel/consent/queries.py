"""Requests and the words on them: with a dealer, whose territory fences them, and without."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

import msgspec
from asyncpg import Record

from channel.consent.rules import Need, State
from channel.database import db

Key = tuple[int, int]
"""The dealer of a request, 0 where it has none, and its number."""

Alive = Callable[[str], str]
"""SQL by which an open request `r` can still come about on a day, as a room knows it of its kind."""


@dataclass(frozen=True, slots=True)
class Tables:
    """Where requests stand, and the words on them; with a dealer, he comes first in their keys."""

    request: str
    vote: str
    dealer: bool

    @property
    def key(self) -> str:
        """The dealer's column before another one."""
        return "dealer_id, " if self.dealer else ""

    def same(self, one: str, other: str) -> str:
        """That two rows are of one dealer, before a further condition."""
        return f"{one}.dealer_id = {other}.dealer_id AND " if self.dealer else ""


OF_DEALERS = Tables("request_dealer", "vote_dealer", dealer=True)
GENERAL = Tables("request_general", "vote_general", dealer=False)


@dataclass(frozen=True, slots=True)
class NewRequest:
    """Something that is asked for; `about` tells it from what else of its kind may be open, of this dealer at least.

    `size` is what it is about in company currency, None where nobody knows: the greatest is told first. `author_ids`
    had a hand in it beside the proposer, and cannot approve it either. `replaces` is the open one that it supersedes.
    From the day `lapses_on` on it cannot come about any more.
    """

    about: str
    reason: str
    need: Need
    dealer_id: int = 0
    size: Decimal | None = None
    author_ids: tuple[int, ...] = ()
    replaces: int | None = None
    lapses_on: date | None = None


COLUMNS = """
r.reason, r.needed AS approvals_needed, CASE WHEN r.state <> 'open' THEN r.counted END AS counted, r.state,
r.proposer_id, r.proposer, r.author_ids, r.proposed_at,
closing.recorded_at AS closed_at, closing.actor AS closed_by,
coalesce(given.approvals, '{}') AS approvals, coalesce(given.approver_ids, '{}') AS approver_ids
"""
"""What is told of a request of whatever kind: columns of `joined`. Of an open one the need is counted anew."""


def joined(tables: Tables) -> str:
    """SQL: what a request `r` is told with; those who approved it are `given`."""
    return f"""
LEFT JOIN posting closing ON closing.id = r.closed_by
LEFT JOIN LATERAL (
    SELECT array_agg(v.person ORDER BY v.at) AS approvals, array_agg(v.person_id ORDER BY v.at) AS approver_ids
    FROM {tables.vote} v WHERE {tables.same("v", "r")}v.request_id = r.id AND v.vote = 'approve'
) AS given ON true
"""


def his_to_decide(tables: Tables, person: str) -> str:
    """SQL: that the open request `r` waits for this person's word; who may not decide at all is not looked at."""
    return (
        f"(r.proposer_id IS DISTINCT FROM {person} AND NOT {person} = ANY (r.author_ids) AND NOT EXISTS (SELECT"
        f" FROM {tables.vote} v WHERE {tables.same('v', 'r')}v.request_id = r.id AND v.person_id = {person}))"
    )


def can_come_about(today: str, alive: Alive | None) -> str:
    """SQL: that approving the open request `r` today is not in vain, as far as the database can tell by itself."""
    lasts = f"(r.lapses_on IS NULL OR r.lapses_on > {today})"
    return f"({lasts} AND {alive(today)})" if alive else lasts


def _open_of(kind: str, tables: Tables, alive: Alive | None) -> str:
    """SQL: what is open of a kind to the person $1 on the day $2, of the numbers the first $3."""
    open_ones = f"FROM {tables.request} r WHERE r.kind = '{kind}' AND r.state = 'open'"
    comes = f"{open_ones} AND {can_come_about('$2', alive)}"
    his = his_to_decide(tables, "$1")
    return f"""
SELECT '{kind}' AS kind, counted.*,
       ARRAY(SELECT r.id {comes} AND {his} ORDER BY coalesce(r.size, 'Infinity') DESC, r.id DESC LIMIT $3) AS first,
       ARRAY(SELECT r.id {open_ones} AND r.proposer_id = $1 ORDER BY r.proposed_at, r.id LIMIT $3) AS own
FROM (SELECT count(*) AS count, count(*) FILTER (WHERE {his}) AS waiting {comes}) AS counted
"""


async def open_of(
    kinds: Sequence[tuple[str, Tables, Alive | None]], person_id: int, today: date, most: int
) -> list[Record]:
    """What is open of each of these kinds, all asked at once: how many, how many wait for this person, and which."""
    return await db.fetch(" UNION ALL ".join(_open_of(*each) for each in kinds), person_id, today, most)


async def requests(tables: Tables, kind: str, ids: Sequence[int]) -> list[Record]:
    """These requests of this kind with their approvals, as far as the asker may know of them."""
    return await db.fetch(
        f"SELECT r.id, {tables.key}r.about, {COLUMNS} FROM {tables.request} r {joined(tables)}"
        " WHERE r.kind = $1 AND r.id = ANY ($2::bigint[])",
        kind,
        ids,
    )


async def lock_requests(tables: Tables, ids: Sequence[int]) -> None:
    """Let nobody else change these open requests to the end of the transaction; always in one order."""
    order = f"{tables.key}id"
    await db.execute(f"SELECT 1 FROM {tables.request} WHERE id = ANY ($1::bigint[]) ORDER BY {order} FOR UPDATE", ids)


async def record_requests(
    tables: Tables,
    kind: str,
    asked: Sequence[NewRequest],
    proposer: tuple[int | None, str],
    at: datetime,
    posting_id: int,
) -> dict[tuple[int, str], int]:
    """New open requests; the number of each by its dealer and what it is about.

    The proposer is a person or, without an id, a machine.
    """
    rows = await db.fetch(
        f"""
INSERT INTO {tables.request} ({tables.key}kind, about, reason, size, author_ids, replaces, lapses_on, needed, counted,
                              state, proposer_id, proposer, proposed_at, posting_id)
SELECT {tables.key}$1, about, reason, size, author_ids::bigint[], replaces, lapses_on, needed, counted::jsonb, 'open',
       $2, $3, $4, $5
FROM unnest($6::bigint[], $7::text[], $8::text[], $9::numeric[], $10::text[], $11::bigint[], $12::date[],
            $13::integer[], $14::text[])
     AS u (dealer_id, about, reason, size, author_ids, replaces, lapses_on, needed, counted)
RETURNING id, about{", dealer_id" if tables.dealer else ""}
""",
        kind,
        *proposer,
        at,
        posting_id,
        [each.dealer_id for each in asked],
        [each.about for each in asked],
        [each.reason for each in asked],
        [each.size for each in asked],
        [f"{{{','.join(map(str, each.author_ids))}}}" for each in asked],
        [each.replaces for each in asked],
        [each.lapses_on for each in asked],
        [each.need.approvals for each in asked],
        [_json(each.need) for each in asked],
    )
    return {(row.get("dealer_id", 0), row["about"]): row["id"] for row in rows}


@dataclass(frozen=True, slots=True)
class Word:
    """An open request on which a word is given: its state afterwards, and how many it needs, where that was counted."""

    key: Key
    state: State
    need: Need | None = None


async def record_words(
    tables: Tables,
    words: Sequence[Word],
    vote: str,
    person: tuple[int, str],
    reason: str,
    at: datetime,
    posting_id: int,
) -> None:
    """One person's word on these requests, each of which is closed by it or waits on; what was counted is kept."""
    await db.change_exactly(
        len(words),
        f"""
WITH said AS MATERIALIZED (
    SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::integer[], $5::text[])
        AS u (dealer_id, id, state, needed, counted)
), voted AS (
    INSERT INTO {tables.vote} ({tables.key}request_id, person_id, person, vote, reason, at, posting_id)
    SELECT {tables.key}id, $6, $7, $8, $9, $10, $11 FROM said
)
UPDATE {tables.request} r SET
    state = s.state, closed_by = CASE WHEN s.state <> 'open' THEN $11::bigint END,
    needed = coalesce(s.needed, r.needed), counted = coalesce(s.counted::jsonb, r.counted)
FROM said s WHERE {tables.same("r", "s")}r.id = s.id AND r.state = 'open'
""",
        [each.key[0] for each in words],
        [each.key[1] for each in words],
        [each.state.value for each in words],
        [None if each.need is None else each.need.approvals for each in words],
        [None if each.need is None else _json(each.need) for each in words],
        *person,
        vote,
        reason,
        at,
        posting_id,
    )


async def close_requests(tables: Tables, keys: Sequence[Key], state: State, posting_id: int) -> None:
    """Nothing more is decided about these open requests."""
    await db.change_exactly(
        len(keys),
        f"UPDATE {tables.request} r SET state = $3, closed_by = $4"
        " FROM unnest($1::bigint[], $2::bigint[]) AS u (dealer_id, id)"
        f" WHERE {tables.same('r', 'u')}r.id = u.id AND r.state = 'open'",
        [dealer_id for dealer_id, _ in keys],
        [number for _, number in keys],
        state.value,
        posting_id,
    )


async def last_reasons(tables: Tables, kind: str, person_id: int) -> list[str]:
    """The reasons that a person gave last for his words on requests of this kind, to be offered again."""
    rows = await db.fetch(
        f"""
SELECT reason FROM (
    SELECT reason, max(at) AS at FROM (
        SELECT v.reason, v.at FROM {tables.vote} v
        JOIN {tables.request} r ON {tables.same("r", "v")}r.id = v.request_id AND r.kind = $1
        WHERE v.person_id = $2 ORDER BY v.at DESC LIMIT 200
    ) AS own GROUP BY reason
) AS latest ORDER BY at DESC LIMIT 8
""",
        kind,
        person_id,
    )
    return [row["reason"] for row in rows]


def _json(need: Need) -> str:
    return msgspec.json.encode(dict(need.counted)).decode()

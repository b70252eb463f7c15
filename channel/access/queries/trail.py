"""Postings and the audit trail in SQL."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec
from asyncpg import Record

from channel.access.lists import AUDIT
from channel.database import db
from channel.database.paging import value_in
from channel.digits import whole_number
from channel.lists import MOST_ROWS, Order, Page, Wanted, check_rows, cut_page, no_cursor, order_of


async def record_posting(act: str, actor: str) -> int:
    """A new posting, not yet stamped."""
    posting_id: int = await db.fetchval("INSERT INTO posting (act, actor) VALUES ($1, $2) RETURNING id", act, actor)
    return posting_id


_AUDIT_DEALER = """
INSERT INTO audit_dealer (dealer_id, at, actor, actor_role, via, act, subject, before, after, reason, posting_id)
SELECT id, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11 FROM unnest($1::bigint[]) AS id
"""
_AUDIT_GENERAL = """
INSERT INTO audit_general (at, actor, actor_role, via, act, subject, before, after, reason, posting_id)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
"""


async def record_audit(
    dealer_ids: Iterable[int],
    at: datetime,
    actor: tuple[str, str, str],
    act: str,
    subject: str,
    before: object,
    after: object,
    reason: str | None,
    posting_id: int | None,
) -> None:
    """One line of the trail for each dealer concerned, or one general line where there is none.

    `actor` is who, in which role, by which door.
    """
    rest = (act, subject, before, after, reason, posting_id)
    ids = list(dealer_ids)
    if ids:
        await db.execute(_AUDIT_DEALER, ids, at, *actor, *rest)
    else:
        await db.execute(_AUDIT_GENERAL, at, *actor, *rest)


@dataclass(frozen=True, slots=True)
class DealerAct:
    """What an act on many dealers did to one of them."""

    dealer_id: int
    subject: str
    before: object = None
    after: object = None
    reason: str | None = None


_AUDIT_EACH = """
INSERT INTO audit_dealer (dealer_id, at, actor, actor_role, via, act, posting_id, subject, before, after, reason)
SELECT u.dealer_id, $6, $7, $8, $9, $10, $11, u.subject, u.before::jsonb, u.after::jsonb, u.reason
FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[])
     AS u (dealer_id, subject, before, after, reason)
"""


async def record_audits(
    lines: Sequence[DealerAct], at: datetime, actor: tuple[str, str, str], act: str, posting_id: int | None
) -> None:
    """A line of the trail for each dealer of one act, in one statement."""
    await db.execute(
        _AUDIT_EACH,
        [line.dealer_id for line in lines],
        [line.subject for line in lines],
        [_json(line.before) for line in lines],
        [_json(line.after) for line in lines],
        [line.reason for line in lines],
        at,
        *actor,
        act,
        posting_id,
    )


def _json(value: object) -> str | None:
    return None if value is None else msgspec.json.encode(value).decode()


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which lines of the trail are asked for; None leaves a question open.

    The moments are half-open, [since, until). `text` is looked for in act, subject, reason, actor and the values
    before and after; an act among `said`, whose words hold that text, fits too. `files_by` is the door (`via`) whose
    files alone are named: the name of a file in other acts is neither told nor looked through.
    """

    since: datetime | None = None
    until: datetime | None = None
    actor: str | None = None
    act: str | None = None
    subject: str | None = None
    dealer: str | None = None
    text: str | None = None
    said: tuple[str, ...] = ()
    files_by: str | None = None


# The dealers' rows are joined for their codes only, under their own row-level security.
_WANTED = """
  AND ($2::timestamptz IS NULL OR a.at >= $2) AND ($3::timestamptz IS NULL OR a.at < $3)
  AND ($4::text IS NULL OR a.actor = $4) AND ($5::text IS NULL OR a.act = $5)
  AND ($6::text IS NULL OR strpos(lower(a.subject), lower($6)) > 0)
  AND ($7::text IS NULL OR strpos(lower(concat_ws(chr(10), a.act, a.subject, a.reason, a.actor,
                                                  a.before::text, told.after::text)), lower($7)) > 0
       OR a.act = ANY($12::text[]))
  AND ($8::timestamptz IS NULL OR (a.at, trail, a.id) {than} ($8, $9::text, $10::bigint))
ORDER BY a.at {way}, a.id {way} LIMIT $1
"""
_COLUMNS = """
a.id, a.at, a.actor, a.actor_role, a.via, a.act, a.subject, a.before, a.after, a.reason, a.posting_id
"""
_TOLD = """
CROSS JOIN LATERAL (SELECT CASE WHEN $13::text <> a.via AND a.after ? 'file'
                                THEN a.after - 'file' ELSE a.after END AS after) AS told
"""
_TOLD_COLUMNS = _COLUMNS.replace("a.after", "told.after")
_AUDIT_LINES = f"""
SELECT *, trail || ' ' || id AS key FROM (
    (SELECT trail, {_TOLD_COLUMNS}, d.code AS dealer
     FROM audit_dealer a JOIN dealer d ON d.id = a.dealer_id CROSS JOIN (SELECT 'dealer' AS trail) AS t {_TOLD}
     WHERE ($11::text IS NULL OR d.code = (SELECT dealer_meant($11))) {_WANTED})
    UNION ALL
    (SELECT trail, {_TOLD_COLUMNS}, NULL AS dealer
     FROM audit_general a CROSS JOIN (SELECT 'general' AS trail) AS t {_TOLD}
     WHERE $11::text IS NULL {_WANTED})
) AS lines ORDER BY at {{way}}, trail {{way}}, id {{way}} LIMIT $1
"""
_AUDIT_OF_DEALER = f"""
SELECT 'dealer' AS trail, {_COLUMNS} FROM audit_dealer a
WHERE a.dealer_id = $1 AND ($2::timestamptz IS NULL OR (a.at, a.id) < ($2, $3::bigint))
ORDER BY a.at DESC, a.id DESC LIMIT $4
"""


async def audit_lines(asked: AuditFilter, wanted: Wanted) -> Page[Record]:
    """Lines of both trails, as far as the asker may read them, the latest first unless they are wanted otherwise.

    Each trail gives its own first lines from its index, which is what no query over both would do.
    """
    order = order_of(AUDIT, wanted)
    limit = MOST_ROWS if wanted.limit is None else wanted.limit
    way, than = ("DESC", "<") if order.turned else ("ASC", ">")
    rows = await db.fetch(
        _AUDIT_LINES.format(way=way, than=than),
        limit + 1,
        asked.since,
        asked.until,
        asked.actor,
        asked.act,
        asked.subject,
        asked.text,
        *_place(order),
        asked.dealer,
        asked.said,
        asked.files_by,
    )
    if wanted.limit is None:
        check_rows(len(rows))
    return cut_page(rows, AUDIT, order, wanted.limit)


def _place(order: Order) -> tuple[object, object, object]:
    """Behind which moment, trail and number the lines go on."""
    if order.after is None:
        return None, None, None
    at, key = order.after
    trail, _, number = key.partition(" ")
    line = whole_number(number)
    if at is None or line is None:
        raise no_cursor()
    return value_in(order.by.kind, at), trail, line


async def audit_of_dealer(dealer_id: int, limit: int, after: tuple[datetime, int] | None = None) -> list[Record]:
    """A dealer's history of acts, the latest first, for everybody who sees the dealer."""
    return await db.fetch(_AUDIT_OF_DEALER, dealer_id, *(after or (None, None)), limit)


_FAILED = """
SELECT at, after ->> 'address' AS address, count(*) OVER () AS count FROM audit_general
WHERE act = 'fail to sign in' AND subject = 'person ' || $1::text AND at > $2 ORDER BY at DESC, id DESC LIMIT $3
"""


async def failed_sign_ins(login: str, since: datetime, limit: int) -> list[Record]:
    """The latest failed tries to sign in as this person: when, from where, and how many there were."""
    return await db.fetch(_FAILED, login, since, limit)


_ACTS = """
SELECT act FROM (SELECT act FROM audit_dealer ORDER BY at DESC, id DESC LIMIT 20000) AS dealers
UNION SELECT act FROM (SELECT act FROM audit_general ORDER BY at DESC, id DESC LIMIT 20000) AS general ORDER BY 1
"""


async def acts() -> list[str]:
    """The names of the acts among the asker's latest lines of the trail, to choose from."""
    return [row["act"] for row in await db.fetch(_ACTS)]

"""The few reads that join tables of several rooms."""

from datetime import datetime

from asyncpg import Record

from channel.database import db

_STATES = """
SELECT count(*) FILTER (WHERE d.type = 'wholesale' AND d.status <> 'ended') AS wholesale,
       count(*) FILTER (WHERE d.type = 'terminal' AND d.status <> 'ended') AS terminal,
       count(*) FILTER (WHERE d.grade IS NULL AND d.status IN ('active', 'on hold')) AS ungraded
FROM dealer d
"""


async def dealer_states() -> Record | None:
    """How many dealers in scope are of each type (those that have ended left out), and how many wait for something."""
    return await db.fetchrow(_STATES)


_UNGRADED = """
SELECT d.code, d.name, d.type, d.status, l.amount, l.currency
FROM dealer d LEFT JOIN LATERAL (
    SELECT p.amount, p.currency
    FROM request_dealer r JOIN limit_proposal p ON p.dealer_id = r.dealer_id AND p.id = r.id
    WHERE r.dealer_id = d.id AND r.state = 'open' AND r.kind = 'limit' AND r.about = 'base') AS l ON true
WHERE d.grade IS NULL AND d.status IN ('active', 'on hold') ORDER BY d.name, d.id LIMIT $1
"""


async def ungraded(limit: int) -> list[Record]:
    """Dealers at work that nobody has graded, with the limit that waits for a decision all the same."""
    return await db.fetch(_UNGRADED, limit)


_ACTS = """
SELECT a.id, a.at, a.actor, a.act, a.subject, a.reason, d.code, d.name
FROM audit_dealer a JOIN dealer d ON d.id = a.dealer_id
WHERE a.posting_id IS NOT NULL ORDER BY a.at DESC, a.id DESC LIMIT $1
"""


async def last_acts(limit: int) -> list[Record]:
    """The latest acts on dealers in scope."""
    return await db.fetch(_ACTS, limit)


_PEOPLE = """
SELECT (SELECT count(*) FROM person WHERE active) AS people,
       (SELECT count(*) FROM person WHERE NOT active) AS gone,
       (SELECT count(*) FROM session WHERE revoked_at IS NULL AND expires_at > $1) AS sessions,
       (SELECT count(*) FROM api_token WHERE revoked_at IS NULL AND coalesce(expires_at > $1, true)) AS tokens,
       (SELECT count(*) FROM api_token WHERE revoked_at IS NULL AND expires_at > $1
        AND expires_at < $1 + interval '30 days') AS tokens_ending,
       (SELECT count(*) FROM audit_general WHERE act = 'fail to sign in' AND at > $1 - interval '1 day') AS failures
"""


async def people_counted(now: datetime) -> Record | None:
    """People and tokens in numbers, for whoever keeps them."""
    return await db.fetchrow(_PEOPLE, now)


_BEGUN = """
SELECT (SELECT count(DISTINCT role) FROM person WHERE active AND role IN ('manager', 'finance')) = 2 AS people,
       EXISTS (SELECT FROM territory) AS territories, EXISTS (SELECT FROM product) AS products,
       EXISTS (SELECT FROM dealer) AS dealers, EXISTS (SELECT FROM sales_report) AS reports,
       EXISTS (SELECT FROM credit_limit) AS limits
"""


async def begun() -> Record | None:
    """Which of the first steps of a new house are done."""
    return await db.fetchrow(_BEGUN)

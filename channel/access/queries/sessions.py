"""Sessions and failed sign-ins in SQL."""

from datetime import date, datetime, timedelta

from asyncpg import Record

from channel.access import tables
from channel.access.lists import SESSIONS
from channel.access.rules.signing_in import LOGIN_WINDOW, PLACE_KNOWN_FOR, TRIES_WINDOW, Tries
from channel.database import db
from channel.database.locks import Lock
from channel.database.paging import page_of
from channel.lists import Page, Wanted

_HIMSELF = """
SELECT p.id AS person_id, p.login, p.name, p.role, p.locale, {session} AS session_id, NULL::bigint AS token_id,
       p.role = 'regional' AS bound, false AS narrowed, rights_of_duties(p.id, {day}) AS added,
       array(SELECT territory_id FROM person_territory t WHERE t.person_id = p.id ORDER BY 1) AS territory_ids
"""
_SIGNED_IN = f"""
{_HIMSELF.format(session="s.id", day="$3")} FROM session s JOIN person p ON p.id = s.person_id
WHERE s.token_hash = $1 AND s.revoked_at IS NULL AND s.expires_at > $2 AND p.active
"""


async def person_of_session(token_hash: bytes, now: datetime, today: date) -> Record | None:
    """Who is signed in under this session, if it is live and the person is active; with what duties of today add."""
    return await db.fetchrow(_SIGNED_IN, token_hash, now, today)


async def person_behind_session(person_id: int, session_id: int | None, today: date) -> Record | None:
    """The person as he is now, if active, who came in by this session, however that ended."""
    himself = _HIMSELF.format(session="$2::bigint", day="$3")
    return await db.fetchrow(f"{himself} FROM person p WHERE p.id = $1 AND p.active", person_id, session_id, today)


async def record_session(
    token_hash: bytes, person_id: int, now: datetime, expires_at: datetime, address: str, agent: str
) -> None:
    """A new session."""
    await tables.Session(
        token_hash=token_hash,
        person_id=person_id,
        created_at=now,
        expires_at=expires_at,
        address=address,
        agent=agent,
    ).save()


_LIVE = """
SELECT id, created_at AS since, expires_at AS until, address, agent FROM session
WHERE person_id = $1 AND revoked_at IS NULL AND expires_at > $2
"""


async def live_sessions(person_id: int, now: datetime, wanted: Wanted) -> Page[Record]:
    """Where a person is signed in."""
    return await page_of(_LIVE, (person_id, now), SESSIONS, wanted)


async def revoke_session(person_id: int, session_id: int, now: datetime) -> bool:
    """End one session of this person; False where there is no such live one."""
    touched = await db.execute(
        "UPDATE session SET revoked_at = $3"
        " WHERE person_id = $1 AND id = $2 AND revoked_at IS NULL AND expires_at > $3",
        person_id,
        session_id,
        now,
    )
    return touched > 0


async def revoke_sessions(person_id: int, now: datetime, *, but: int | None = None) -> int:
    """End all sessions of a person, except one where it is named; tells how many were live."""
    return await db.execute(
        "UPDATE session SET revoked_at = $2 WHERE person_id = $1 AND revoked_at IS NULL AND expires_at > $2"
        " AND id IS DISTINCT FROM $3",
        person_id,
        now,
        but,
    )


async def lock_tries(login: str, place: str) -> None:
    """Let the tries under one login, and those from one place, wait for each other until this transaction ends."""
    await db.execute(
        "SELECT pg_advisory_xact_lock($3, k) FROM (SELECT DISTINCT hashtext(v) AS k"
        " FROM unnest(ARRAY['login ' || $1::text, 'address ' || $2::text]) AS v ORDER BY k) AS keys",
        login,
        place,
        Lock.SIGN_IN_TRIES,
    )


_TRIES = """
SELECT at, login = $1 AS of_login, address = $2 AS of_place FROM sign_in_failure
WHERE (login = $1 OR address = $2) AND at > $3
"""
_KNOWN = """
SELECT EXISTS (SELECT FROM sign_in_place s JOIN person p ON p.id = s.person_id
               WHERE p.login = $1 AND s.place = $2 AND s.last_at > $3)
"""


async def tries_of(login: str, place: str, now: datetime) -> Tries:
    """What failed under this login and from this place in the longest window, and whether the person is known there."""
    rows = await db.fetch(_TRIES, login, place, now - max(TRIES_WINDOW, LOGIN_WINDOW))
    return Tries(
        [row["at"] for row in rows if row["of_login"] and row["of_place"]],
        [row["at"] for row in rows if row["of_login"]],
        [row["at"] for row in rows if row["of_place"]],
        await db.fetchval(_KNOWN, login, place, now - PLACE_KNOWN_FOR),
    )


async def record_failure(login: str, place: str, now: datetime) -> None:
    """A try that has not succeeded (yet)."""
    await tables.SignInFailure(login=login, address=place, at=now).save()


async def clear_failures(login: str, place: str | None = None) -> None:
    """Count the failures of a login no longer: those from the place from which its owner has come in, or all."""
    await db.execute(
        "DELETE FROM sign_in_failure WHERE login = $1 AND ($2::text IS NULL OR address = $2)", login, place
    )


async def record_place(person_id: int, place: str, now: datetime) -> None:
    """Somebody has come in from here."""
    await db.execute(
        "INSERT INTO sign_in_place (person_id, place, last_at) VALUES ($1, $2, $3)"
        " ON CONFLICT (person_id, place) DO UPDATE SET last_at = excluded.last_at",
        person_id,
        place,
        now,
    )


async def forget_old(now: datetime) -> int:
    """Delete tries of past days, places where nobody came in lately, sessions that ended a month ago; how many rows."""
    failures = await db.execute("DELETE FROM sign_in_failure WHERE at < $1", now - timedelta(days=1))
    sessions = await db.execute("DELETE FROM session WHERE expires_at < $1", now - timedelta(days=30))
    places = await db.execute("DELETE FROM sign_in_place WHERE last_at < $1", now - PLACE_KNOWN_FOR)
    return failures + sessions + places

"""Acts of the room `access`: knowing who asks, and writing down what was done."""

import hashlib
from collections.abc import Iterable

from asyncpg import Record

from channel import clock, db
from channel.access import queries
from channel.access.rules import Person, Role


def hash_token(token: str) -> bytes:
    """What is stored of a session or API token; the token itself has 256 random bits and needs no slow hash."""
    return hashlib.sha256(token.encode()).digest()


def scope_of(person: Person) -> db.Scope:
    """What the database lets this person see."""
    if person.role is Role.REGIONAL or person.bound:
        return db.Scope("territories", person.territory_ids, person.role.value)
    return db.Scope("all", (), person.role.value)


async def person_of_session(token: str) -> Person | None:
    """Who is signed in under this session cookie, or None."""
    row = await queries.person_of_session(hash_token(token), clock.now())
    return None if row is None else _person(row)


async def person_of_token(token: str) -> Person | None:
    """Whom this API token speaks for, or None; its last use is kept."""
    now = clock.now()
    row = await queries.person_of_token(hash_token(token), now)
    if row is None:
        return None
    await queries.record_token_use(row["token_id"], now)
    return _person(row)


def _person(row: Record) -> Person:
    # A restricted token of regional staff reaches only where both the token and the person do; the person's nodes
    # bound it already when the token was issued, so the token's own, narrower nodes stand.
    own, narrowed = tuple(row["territory_ids"]), tuple(row["token_territory_ids"])
    return Person(
        login=row["login"],
        name=row["name"],
        role=Role(row["role"]),
        person_id=row["person_id"],
        token_id=row["token_id"],
        session_id=row["session_id"],
        bound=bool(narrowed) or row["role"] == Role.REGIONAL,
        territory_ids=narrowed or own,
        locale=row["locale"],
    )


async def open_posting(person: Person, act: str) -> int:
    """The posting of this act; the facts it writes carry its id, and the commit stamps when it was recorded."""
    posting_id = await queries.record_posting(act, person.login)
    db.note_posting(posting_id)
    return posting_id


async def audit(
    person: Person,
    act: str,
    subject: str,
    *,
    dealer_ids: Iterable[int] = (),
    before: object = None,
    after: object = None,
    reason: str | None = None,
    posting_id: int | None = None,
) -> None:
    """Write the act into the trail, in the act's own transaction."""
    if not db.in_transaction():
        raise RuntimeError("an act is audited inside its transaction")
    actor = (person.login, person.role.value, person.via)
    await queries.record_audit(dealer_ids, clock.now(), actor, act, subject, before, after, reason, posting_id)

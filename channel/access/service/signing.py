"""Signing in and out, and the passwords for it."""

import secrets
from dataclasses import asdict, dataclass
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from asyncpg import Record

from channel import clock
from channel.access import queries
from channel.access.acts import ChangePassword, MakeToken, SetPassword
from channel.access.rules import Person, Right, Role, require
from channel.access.rules.signing_in import (
    LONGEST_ADDRESS,
    SESSION_LASTS,
    password_fault,
    place_of,
    plain_login,
    plain_password,
)
from channel.access.service.door import hash_token, person_of_session
from channel.access.service.hashing import hashed_beside
from channel.access.service.idempotency import KEY_LASTS, Keyed
from channel.access.service.sign_in_tries import one_try, tell_failed
from channel.access.service.tokens import NewToken, issue
from channel.access.service.trail import audit
from channel.database import db
from channel.errors import Invalid, NotFound, NotSignedIn, invalid, m
from channel.lists import ALL, Page, Wanted

_hasher = PasswordHasher()
# No character that is taken for another one when a password is read out or copied by hand.
_READABLE = "abcdefghjkmnpqrstuvwxyz23456789"
_LONGEST_AGENT = 300


@dataclass(frozen=True, slots=True)
class SignedOut:
    """How many live sessions (`ended`) and tokens were ended."""

    ended: int
    tokens: int


async def hash_password(password: str) -> str:
    """The slow hash that is stored, made beside everything else."""
    return await hashed_beside(_hasher.hash, plain_password(password))


def new_password() -> str:
    """A password of 99 random bits that can be read out: four groups of five."""
    return "-".join("".join(secrets.choice(_READABLE) for _ in range(5)) for _ in range(4))


async def sign_in(login: str, password: str, *, address: str, agent: str) -> str:
    """Let somebody in and give the session's cookie value.

    Raises NotSignedIn with one and the same text whether the login, the password or the person's standing is
    wrong, and TooMany where the login has had its tries, see `rules.wait_until`.
    """
    person_id, compared = await _identify(login, password, address)
    token, now = secrets.token_urlsafe(32), clock.now()
    async with db.transaction():
        if not await queries.hold_identified(person_id, compared):  # changed or deactivated in this very moment
            raise NotSignedIn(_WRONG)
        await queries.record_session(
            hash_token(token), person_id, now, now + SESSION_LASTS, address[:LONGEST_ADDRESS], agent[:_LONGEST_AGENT]
        )
        person = await person_of_session(token)
        if person is None:
            raise NotSignedIn(_WRONG)
        await audit(person, "sign in", f"person {person.login}", after={"address": address})
    return token


async def sign_in_for_token(
    login: str, password: str, *, name: str, days: int, address: str, keyed: Keyed | None = None
) -> NewToken:
    """A token of the person's own for the command line, given for the password; throttled like `sign_in`.

    Where it is asked for under a key, that is the person's, who is known only now.
    """
    person_id, compared = await _identify(login, password, address)
    if keyed is not None:
        await keyed.claim_sign_in(person_id)
    async with db.transaction():
        if not await queries.hold_identified(person_id, compared):
            raise NotSignedIn(_WRONG)
        row = await queries.person_by_login(plain_login(login), clock.now())
        if row is None:
            raise NotSignedIn(_WRONG)
        person = Person(row["login"], row["name"], Role(row["role"]), person_id=row["id"])
        wanted = MakeToken(name=name, days=days)
        return await issue(person, wanted, owner=person, role=person.role, nodes={})


_WRONG = m("The sign-in name or the password is wrong.")


async def _identify(login: str, password: str, address: str, by: Person | None = None) -> tuple[int, str]:
    """The id of the active person with this login and password, and the hash that the password was compared with.

    An unknown login costs the same time as a wrong password. Who succeeds has his failures from this place forgiven.
    """
    login = plain_login(login)
    if "\0" in login or "\0" in password:
        raise NotSignedIn(_WRONG)
    place = place_of(address)
    async with one_try(login, place):
        person_id, stored = await queries.credentials(login) or (None, None)
        fits, stale = await hashed_beside(_compare, stored, password)
        if person_id is None or stored is None or not fits:
            await tell_failed(None if person_id is None else login, address[:LONGEST_ADDRESS], by)
            raise NotSignedIn(_WRONG)
        fresh = await hash_password(password) if stale else stored
        async with db.transaction():
            await queries.clear_failures(login, place)
            await queries.record_place(person_id, place, clock.now())
            # Where it was changed meanwhile, the other one stays.
            if stale and not await queries.replace_password_hash(person_id, stored, fresh):
                raise NotSignedIn(_WRONG)
        return person_id, fresh


@cache
def _nobodys_hash() -> str:
    return _hasher.hash(secrets.token_hex(16))


def _compare(stored: str | None, password: str) -> tuple[bool, bool]:
    """Whether the password is the stored one, and whether its hash was made with parameters of the past."""
    nobody = _nobodys_hash()
    try:
        _hasher.verify(stored or nobody, plain_password(password))
    except (VerificationError, InvalidHashError):
        return False, False
    return stored is not None, stored is not None and _hasher.check_needs_rehash(stored)


async def sign_out(person: Person) -> None:
    """End the session, or the API token, under which the person is here."""
    now = clock.now()
    async with db.transaction():
        if person.session_id is not None and person.person_id is not None:
            await queries.revoke_session(person.person_id, person.session_id, now)
        elif person.token_id is not None:
            await queries.revoke_token(person.token_id, now)
        await audit(person, "sign out", f"person {person.login}")


async def own_sessions(person: Person, wanted: Wanted = ALL) -> Page[Record]:
    """Where the person is signed in."""
    return Page([]) if person.person_id is None else await queries.live_sessions(person.person_id, clock.now(), wanted)


async def revoke_own_session(person: Person, session_id: int) -> None:
    """End one of the person's sessions."""
    owner, now = _somebody(person), clock.now()
    async with db.transaction():
        if not await queries.revoke_session(owner, session_id, now):
            raise NotFound(m("There is no such session."))
        await audit(person, "revoke sessions", f"person {person.login}", after={"ended": 1})


async def sign_out_elsewhere(person: Person) -> SignedOut:
    """End all sessions and tokens of the person but the one by which he is here."""
    owner = _somebody(person)
    async with db.transaction():
        await queries.lock_person(person.login)
        ended = await end_doors(owner, but=person)
        await audit(person, "revoke sessions", f"person {person.login}", after=asdict(ended))
    return ended


async def end_doors(person_id: int, *, but: Person | None = None) -> SignedOut:
    """End every session and token of somebody, except those of `but`; within the act that says why.

    The row of the person is held by that act: who is coming in at the moment has come in, or does not.
    """
    now = clock.now()
    session_id, token_id = (None, None) if but is None else (but.session_id, but.token_id)
    return SignedOut(
        await queries.revoke_sessions(person_id, now, but=session_id),
        await queries.revoke_tokens(person_id, now, but=token_id),
    )


async def sign_out_person(person: Person, login: str, reason: str | None = None) -> SignedOut:
    """End all sessions and tokens of somebody; tells how many there were."""
    require(person, Right.KEEP_PEOPLE)
    now = clock.now()
    found = await queries.person_by_login(plain_login(login), now)
    if found is None:
        raise NotFound(m("There is no person %(login)s.", login=login))
    async with db.transaction():
        await queries.lock_person(found["login"])
        ended = await end_doors(found["id"], but=person)
        await audit(person, "revoke sessions", f"person {found['login']}", after=asdict(ended), reason=reason)
    return ended


async def change_own_password(person: Person, act: ChangePassword, *, address: str) -> None:
    """Another password, for the old one; all other sessions and tokens end.

    Wrong old passwords count as failed sign-ins.
    """
    owner = _somebody(person)
    if fault := password_fault(act.password, person.login):
        raise Invalid(m("The password cannot be used."), (fault,))
    try:
        _, compared = await _identify(person.login, act.old_password, address, person)
    except NotSignedIn:
        raise invalid("old_password", m("This is not your present password.")) from None
    hashed = await hash_password(act.password)
    async with db.transaction():
        if not await queries.replace_password_hash(owner, compared, hashed):
            raise invalid("old_password", m("This is not your present password."))
        await end_doors(owner, but=person)
        await audit(person, "change password", f"person {person.login}")


async def set_password(person: Person, login: str, act: SetPassword) -> str | None:
    """Give somebody a password, or make one, which is given back this once; all of their sessions and tokens end."""
    require(person, Right.KEEP_PEOPLE)
    found = await queries.person_by_login(plain_login(login), clock.now())
    if found is None:
        raise NotFound(m("There is no person %(login)s.", login=login))
    if found["id"] == person.person_id:
        raise invalid("login", m("Your own password is changed on your own page, where the old one is asked for."))
    made = None if act.password is not None else new_password()
    hashed = await checked_hash(made or act.password or "", found["login"])
    async with db.transaction():
        await queries.change_password_hash(found["id"], hashed)
        await end_doors(found["id"])
        await queries.clear_failures(found["login"])
        await audit(person, "set password", f"person {found['login']}", reason=act.reason)
    return made


async def checked_hash(password: str, login: str) -> str:
    """The hash of a password that fits the policy; another one raises Invalid."""
    if fault := password_fault(password, login):
        raise Invalid(m("The password cannot be used."), (fault,))
    return await hash_password(password)


async def forget_old() -> int:
    """Clear away failed sign-ins of past days, sessions that ended a month ago and old keys; for the nightly job."""
    now = clock.now()
    async with db.transaction():
        return await queries.forget_old(now) + await queries.forget_all_keyed(now - KEY_LASTS)


def _somebody(person: Person) -> int:
    if person.person_id is None:
        raise NotFound(m("A machine has no sessions and no password."))
    return person.person_id

"""API tokens: of people for themselves, and of machines."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from asyncpg import Record

from channel import clock
from channel.access import queries
from channel.access.acts import MakeToken
from channel.access.rules import Person, Right, Role, require
from channel.access.service.door import hash_token
from channel.access.service.territories import nodes_named
from channel.access.service.trail import audit
from channel.database import db
from channel.errors import Forbidden, NotFound, NotSignedIn, invalid, m
from channel.lists import ALL, Page, Wanted

_MARK = "ch_"
"""How our tokens begin, so that a leaked one is recognised for what it is."""
_HINT = len(_MARK) + 5


@dataclass(frozen=True, slots=True)
class NewToken:
    """A token that was just made; its text is known here and never again."""

    id: int
    text: str = field(repr=False)
    name: str
    role: Role
    expires_at: datetime | None


async def add_own_token(person: Person, act: MakeToken) -> NewToken:
    """A token that speaks for the person, narrowed to territories where some are named; 90 days unless told.

    A token bound more narrowly than its person makes no tokens: they would not carry its bounds.
    """
    if person.person_id is None:
        raise Forbidden(m("A machine makes no tokens for itself."))
    if person.narrowed:
        raise Forbidden(m("A token that is bound to territories makes no further tokens."))
    nodes = await nodes_named(act.territories)
    if person.bound and (beyond := await queries.outside(nodes.values(), person.territory_ids)):
        raise invalid("territories", m("Outside your own territories: %(codes)s.", codes=", ".join(beyond)))
    return await issue(person, act, owner=person, role=person.role, nodes=nodes)


_USUAL_DAYS = 90
"""How long a person's own token lasts where nobody says."""


async def add_machine_token(person: Person, act: MakeToken) -> NewToken:
    """A token for a machine (role `system`), narrowed where territories are named, without end where no days are."""
    require(person, Right.KEEP_PEOPLE)
    nodes = await nodes_named(act.territories)
    return await issue(person, act, owner=None, role=Role.SYSTEM, nodes=nodes)


async def issue(
    person: Person, act: MakeToken, *, owner: Person | None, role: Role, nodes: Mapping[str, int]
) -> NewToken:
    """Make the token and write down that it was made; for this room's acts.

    What a token makes ends with it: at its end or when it is ended, whichever comes first. Without days it lasts for
    as long as its maker, a person's own for 90 days at most.
    """
    now, text = clock.now(), _MARK + secrets.token_urlsafe(32)
    async with db.transaction():
        expires_at = await _end_of(person, owner, act.days, now)
        token_id = await queries.record_token(
            hash_token(text),
            text[:_HINT],
            act.name,
            None if owner is None else owner.person_id,
            role.value,
            nodes.values(),
            (person.person_id, person.token_id),
            now,
            expires_at,
        )
        after = {"name": act.name, "role": role.value, "expires_at": expires_at, "territories": sorted(nodes)}
        await audit(person, "make token", f"token {token_id}", after=after)
    return NewToken(token_id, text, act.name, role, expires_at)


async def _end_of(person: Person, owner: Person | None, days: int | None, now: datetime) -> datetime | None:
    """When the new token ends; its maker may not have ended meanwhile, and stays until it is made."""
    lasts = days if days is not None or owner is None else _USUAL_DAYS
    wanted = None if lasts is None else now + timedelta(days=lasts)
    if person.person_id is not None and not await queries.hold_identified(person.person_id):
        raise NotSignedIn
    if person.token_id is None:
        return wanted
    maker = await queries.hold_token(person.token_id, now)
    if maker is None:
        raise NotSignedIn
    end: datetime | None = maker["expires_at"]
    if end is None or (wanted is not None and wanted <= end):
        return wanted
    if days is not None:
        raise invalid(
            "days",
            m("The token with which you are here ends sooner, and what it makes ends with it."),
            m("%(most)s days at most, or none said; one that lasts longer is made on the pages", most=(end - now).days),
        )
    return end


async def tokens(person: Person, *, everybody: bool = False, wanted: Wanted = ALL) -> Page[Record]:
    """The person's own live tokens, or (for who keeps people) those of all people and machines."""
    if everybody:
        require(person, Right.KEEP_PEOPLE)
    elif person.person_id is None:
        return Page([])
    return await queries.tokens(clock.now(), None if everybody else person.person_id, wanted)


async def revoke_token(person: Person, token_id: int, reason: str | None = None) -> str:
    """End a token: one's own, or as who keeps people any; of others' tokens nobody else may know. Gives its name."""
    now = clock.now()
    async with db.transaction():
        found = await queries.token(token_id, now)
        own = found is not None and person.person_id is not None and found["person_id"] == person.person_id
        if found is None or not (own or person.may(Right.KEEP_PEOPLE)):
            raise NotFound(m("There is no such token."))
        if not await queries.revoke_token(token_id, now):  # somebody else was quicker
            raise NotFound(m("There is no such token."))
        before = {"name": found["name"], "login": found["login"], "role": found["role"]}
        await audit(person, "revoke token", f"token {token_id}", before=before, reason=reason)
    name: str = found["name"]
    return name

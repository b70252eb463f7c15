"""Who works with the service: adding, changing, deactivating."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from asyncpg import Record

from channel import clock, db
from channel.access import queries
from channel.access.rules import (
    FAILURES_SHOWN_FOR,
    ROLE_NAMES,
    Person,
    Right,
    Role,
    binding_fault,
    login_fault,
    plain_login,
    require,
)
from channel.access.service.signing import checked_hash, end_doors, new_password
from channel.access.service.territories import nodes_named
from channel.access.service.trail import audit
from channel.edits import Values, compute_changes
from channel.errors import Conflict, FieldError, Invalid, NotFound, m

_LOCALES = ("en", "zh")
_LONGEST_NAME = 100
_LABELS = {
    "name": m("Full name"),
    "role": m("Role"),
    "territories": m("Territories"),
    "locale": m("Language"),
    "active": m("Active"),
}


@dataclass(frozen=True, slots=True)
class PersonChange:
    """What is to be different about a person; None leaves it as it is. An empty `locale` forgets the choice."""

    name: str | None = None
    role: Role | None = None
    territories: Sequence[str] | None = None
    locale: str | None = None
    active: bool | None = None

    def wanted(self) -> dict[str, Any]:
        """The fields that are to be different, as they are stored."""
        told = {
            "name": None if self.name is None else self.name.strip(),
            "role": self.role,
            "territories": None if self.territories is None else sorted(set(self.territories)),
            "active": self.active,
        }
        given = {field: value for field, value in told.items() if value is not None}
        return given if self.locale is None else given | {"locale": self.locale or None}


async def people(person: Person, wanted: queries.PeopleFilter, limit: int) -> list[Record]:
    """The people who work with the service."""
    require(person, Right.KEEP_PEOPLE)
    return await queries.people(wanted, clock.now(), limit)


async def person_named(person: Person, login: str) -> Record:
    """One of the people, or NotFound."""
    require(person, Right.KEEP_PEOPLE)
    return await _found(login)


async def failed_sign_ins(person: Person, login: str, limit: int) -> list[Record]:
    """The latest failed tries to sign in as somebody, and how many there were of late."""
    require(person, Right.KEEP_PEOPLE)
    return await queries.failed_sign_ins(plain_login(login), clock.now() - FAILURES_SHOWN_FOR, limit)


async def add_person(
    person: Person,
    login: str,
    name: str,
    role: Role,
    *,
    territories: Sequence[str] = (),
    locale: str | None = None,
    password: str | None = None,
) -> str | None:
    """Somebody new. Without a password one is made and given back: shown once, to be handed over."""
    require(person, Right.KEEP_PEOPLE)
    login, name = plain_login(login), name.strip()
    faults = [
        login_fault(login),
        _name_fault(name),
        binding_fault(role, territories),
        _role_fault(role),
        _locale_fault(locale),
    ]
    if wrong := tuple(fault for fault in faults if fault is not None):
        raise Invalid(m("The person cannot be added."), wrong)
    if await queries.credentials(login) is not None:
        taken = FieldError("login", m("There is somebody with this sign-in name already."))
        raise Conflict(m("The person cannot be added."), (taken,))
    made = None if password is not None else new_password()
    hashed = await checked_hash(made or password or "", login)
    async with db.transaction():
        nodes = await nodes_named(territories)
        person_id = await queries.record_person(login, name, role.value, hashed, locale or None, clock.now())
        await queries.set_person_territories(person_id, nodes.values())
        after = {"name": name, "role": role.value, "territories": sorted(territories), "locale": locale or None}
        await audit(person, "add person", f"person {login}", after=after)
    return made


async def change_person(
    person: Person, login: str, change: PersonChange, reason: str | None = None, *, opened: Values | None = None
) -> Record:
    """Another name, role, territory, language or standing.

    Nobody changes his own role or deactivates himself, and the last active administrator stays one. A new role ends
    the person's tokens, which carry the old one; deactivation ends the sessions as well.
    """
    require(person, Right.KEEP_PEOPLE)
    async with db.transaction():
        administrators = await queries.lock_active_administrators()
        await queries.lock_person(plain_login(login))
        old = await _found(login)
        changed = compute_changes(opened, change.wanted(), dict(old), _LABELS, {"role": ROLE_NAMES})
        role = Role(changed.get("role", old["role"]))
        active, name, locale = (changed.get(field, old[field]) for field in ("active", "name", "locale"))
        territories = _territories_after(old, role, changed.get("territories"))
        faults = (binding_fault(role, territories), _name_fault(name), _role_fault(role), _locale_fault(locale))
        if wrong := tuple(fault for fault in faults if fault is not None):
            raise Invalid(m("The person cannot be changed so."), wrong)
        _refuse_self_and_last(person, old, role, administrators, active=active)
        await queries.change_person(old["id"], name, role.value, locale, active=active)
        await queries.set_person_territories(old["id"], (await nodes_named(territories)).values())
        if not active:
            await end_doors(old["id"])
        elif role != old["role"]:
            await queries.revoke_tokens(old["id"], clock.now())
        new = await _found(login)
        before, after = _differences(old, new)
        if after:
            await audit(person, "change person", f"person {old['login']}", before=before, after=after, reason=reason)
    return new


async def keep_locale(person: Person, locale: str) -> None:
    """Keep the language that a person has chosen for himself."""
    if person.person_id is None or locale == person.locale:
        return
    if locale not in _LOCALES:
        raise Invalid(m("The input cannot be used."), (_no_such_locale(),))
    async with db.transaction():
        await queries.lock_person(person.login)
        before = {"locale": (await _found(person.login))["locale"]}
        await queries.change_locale(person.person_id, locale)
        await audit(person, "choose language", f"person {person.login}", before=before, after={"locale": locale})


def _refuse_self_and_last(person: Person, old: Record, role: Role, administrators: set[int], *, active: bool) -> None:
    if old["id"] == person.person_id and (role != old["role"] or not active):
        raise Conflict(m("Nobody changes his own role or deactivates himself. Another administrator can do it."))
    if administrators == {old["id"]} and (role is not Role.ADMINISTRATOR or not active):
        raise Conflict(m("This is the last active administrator. Make somebody else one first."))


def _territories_after(old: Record, role: Role, wanted: Sequence[str] | None) -> list[str]:
    """The bindings after a change: as wanted, or as they are; whoever is regional no longer loses them."""
    if wanted is not None:
        return list(wanted)
    return list(old["territories"]) if role is Role.REGIONAL else []


def _differences(old: Record, new: Record) -> tuple[dict[str, object], dict[str, object]]:
    changed = [key for key in ("name", "role", "territories", "locale", "active") if old[key] != new[key]]
    return {key: old[key] for key in changed}, {key: new[key] for key in changed}


def _name_fault(name: str) -> FieldError | None:
    if name and len(name) <= _LONGEST_NAME and name.isprintable():
        return None
    return FieldError("name", m("A name is needed."), m("1 to 100 characters"))


def _locale_fault(locale: str | None) -> FieldError | None:
    if not locale or locale in _LOCALES:
        return None
    return _no_such_locale()


def _no_such_locale() -> FieldError:
    return FieldError("locale", m("This language is not offered."), m("%(choices)s", choices=", ".join(_LOCALES)))


def _role_fault(role: Role) -> FieldError | None:
    if role in {Role.SYSTEM, Role.OPERATOR}:
        return FieldError("role", m("Nobody can have this role."))
    return None


async def _found(login: str) -> Record:
    found = await queries.person_by_login(plain_login(login), clock.now())
    if found is None:
        raise NotFound(m("There is no person %(login)s.", login=login))
    return found

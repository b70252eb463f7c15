"""Who works with the service: adding, changing, deactivating."""

from collections.abc import Sequence

import msgspec
from asyncpg import Record

from channel import clock
from channel.access import queries
from channel.access.acts import AddPerson, ChangeMe, ChangePerson, ChooseLanguage, ChooseMessages
from channel.access.rules import ROLE_NAMES, Person, Right, Role, binding_fault, require
from channel.access.rules.mail import MESSAGES_NAMES
from channel.access.rules.signing_in import FAILURES_SHOWN_FOR, plain_login
from channel.access.service.signing import checked_hash, end_doors, new_password
from channel.access.service.territories import nodes_named
from channel.access.service.trail import audit
from channel.acts import changes_of
from channel.database import db
from channel.edits import Choices, Values, compute_changes
from channel.errors import Conflict, FieldError, Invalid, NotFound, m

_LABELS = {
    "name": m("Full name"),
    "role": m("Role"),
    "territories": m("Territories"),
    "locale": m("Language"),
    "email": m("E-mail"),
    "messages": m("Messages"),
    "active": m("Active"),
}

_CHOICES: Choices = {"role": ROLE_NAMES, "messages": MESSAGES_NAMES}


async def person_named(person: Person, login: str) -> Record:
    """One of the people, or NotFound."""
    require(person, Right.KEEP_PEOPLE)
    return await _found(login)


async def failed_sign_ins(person: Person, login: str, limit: int) -> list[Record]:
    """The latest failed tries to sign in as somebody, and how many there were of late."""
    require(person, Right.KEEP_PEOPLE)
    return await queries.failed_sign_ins(plain_login(login), clock.now() - FAILURES_SHOWN_FOR, limit)


async def add_person(person: Person, act: AddPerson) -> str | None:
    """Somebody new. Without a password one is made and given back: shown once, to be handed over."""
    require(person, Right.KEEP_PEOPLE)
    login = plain_login(act.login)
    if await queries.credentials(login) is not None:
        taken = FieldError("login", m("There is somebody with this sign-in name already."))
        raise Conflict(m("The person cannot be added."), (taken,))
    made = None if act.password is not None else new_password()
    hashed = await checked_hash(made or act.password or "", login)
    role, locale = act.role.value, act.locale or None
    async with db.transaction():
        nodes = await nodes_named(act.territories)
        mail = (act.email, act.messages.value)
        person_id = await queries.record_person(login, act.name, role, hashed, locale, mail, clock.now())
        await queries.set_person_territories(person_id, nodes.values())
        after = {"name": act.name, "role": role, "territories": sorted(act.territories), "locale": locale}
        after |= {"email": act.email, "messages": act.messages.value}
        await audit(person, "add person", f"person {login}", after=after)
    return made


async def change_person(person: Person, login: str, act: ChangePerson, *, opened: Values | None = None) -> Record:
    """Another name, role, territory, language, address or standing.

    Nobody changes his own role or deactivates himself, and the last active administrator stays one. A new role ends
    the person's tokens, which carry the old one; deactivation ends the sessions as well.
    """
    require(person, Right.KEEP_PEOPLE)
    async with db.transaction():
        administrators = await queries.lock_active_administrators()
        await queries.lock_person(plain_login(login))
        old = await _found(login)
        changed = compute_changes(opened, act.wanted(), dict(old), _LABELS, _CHOICES)
        role = Role(changed.get("role", old["role"]))
        active, name, locale = (changed.get(field, old[field]) for field in ("active", "name", "locale"))
        mail = changed.get("email", old["email"]), str(changed.get("messages", old["messages"]))
        territories = _territories_after(old, role, changed.get("territories"))
        if fault := binding_fault(role, territories):
            raise Invalid(m("The person cannot be changed so."), (fault,))
        _refuse_self_and_last(person, old, role, administrators, active=active)
        await queries.change_person(old["id"], name, role.value, locale, mail, active=active)
        await queries.set_person_territories(old["id"], (await nodes_named(territories)).values())
        if not active:
            await end_doors(old["id"])
        elif role != old["role"]:
            await queries.revoke_tokens(old["id"], clock.now())
        new = await _found(login)
        before, after = _differences(old, new)
        if after:
            await audit(
                person, "change person", f"person {old['login']}", before=before, after=after, reason=act.reason
            )
    return new


async def keep_locale(person: Person, act: ChooseLanguage) -> None:
    """Keep the language that a person has chosen for himself."""
    if person.person_id is None or act.locale == person.locale:
        return
    async with db.transaction():
        await queries.lock_person(person.login)
        before = {"locale": (await _found(person.login))["locale"]}
        await queries.change_locale(person.person_id, act.locale)
        await audit(person, "choose language", f"person {person.login}", before=before, after={"locale": act.locale})


async def oneself(person: Person) -> Record | None:
    """What is kept of the person who asks; a machine is nobody."""
    return None if person.person_id is None else await _found(person.login)


async def keep_messages(person: Person, act: ChooseMessages) -> None:
    """Keep where a person wants to be written to, and when."""
    if person.person_id is None:
        raise NotFound(m("A machine is not written to."))
    async with db.transaction():
        await queries.lock_person(person.login)
        old = await _found(person.login)
        changed = changes_of(act, {name: old[name] for name in ("email", "messages")})
        if not changed:
            return
        after = {name: None if value is None else str(value) for name, value in changed.items()}
        mail = after.get("email", old["email"]), after.get("messages") or old["messages"]
        await queries.change_mail(person.person_id, *mail)
        before = {name: old[name] for name in after}
        await audit(person, "choose messages", f"person {person.login}", before=before, after=after)


async def change_me(person: Person, act: ChangeMe) -> None:
    """Keep what a person has changed about himself."""
    if act.email is not msgspec.UNSET or act.messages is not msgspec.UNSET:
        await keep_messages(person, ChooseMessages(email=act.email, messages=act.messages, opened=act.opened))
    if act.locale is not msgspec.UNSET:
        await keep_locale(person, ChooseLanguage(locale=act.locale))


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
    changed = [key for key in _LABELS if old[key] != new[key]]
    return {key: old[key] for key in changed}, {key: new[key] for key in changed}


async def _found(login: str) -> Record:
    found = await queries.person_by_login(plain_login(login), clock.now())
    if found is None:
        raise NotFound(m("There is no person %(login)s.", login=login))
    return found

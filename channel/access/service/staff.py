"""The register of staff: adding and changing its members, one by one and by file."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields, replace
from datetime import date
from typing import Any

from asyncpg import Record

from channel import clock
from channel.access.acts import AddMember, ChangeMember
from channel.access.queries import duties as duty_queries
from channel.access.queries import staff as queries
from channel.access.rules import Person, Right, require
from channel.access.rules.signing_in import plain_login
from channel.access.rules.staff import Member, StaffLine, compute_staff, member_faults
from channel.access.service.stand_ins import with_stand_ins
from channel.access.service.trail import audit
from channel.acts import changes_of
from channel.codes import code_key
from channel.database import db
from channel.errors import Conflict, FieldError, Invalid, NotFound, m
from channel.lists import Page, Wanted

_FIELDS = tuple(each.name for each in fields(Member) if each.name not in {"code", "duties"})


def sees_logins(person: Person) -> bool:
    """Whether who signs in as which member is for this person to know."""
    return person.may(Right.KEEP_PEOPLE) or person.may(Right.READ_AUDIT)


async def staff(person: Person, asked: queries.StaffFilter, wanted: Wanted) -> Page[dict[str, Any]]:
    """Members of staff and who stands in for whom today, for everybody who sees dealers: whom to ask.

    Sign-in names are told to few.
    """
    require(person, Right.SEE_DEALERS)
    found = await queries.staff(asked, clock.today(), wanted, logins=sees_logins(person))
    return Page(await with_stand_ins(found.items), found.next)


async def member_named(person: Person, code: str) -> Record:
    """One member of staff, or NotFound."""
    require(person, Right.SEE_DEALERS)
    found = await queries.member(code, clock.today(), logins=sees_logins(person))
    if found is None:
        raise _unknown(code)
    return found


async def around(member: Record) -> tuple[list[Record], list[Record]]:
    """The line of managers above a member, his own first; and those whose manager the member is."""
    today = clock.today()
    return await queries.line_up(member["id"], today), await queries.beneath(member["id"], today)


async def add_member(person: Person, act: AddMember) -> str:
    """Somebody new in the register; gives the code. One that differs only in how it is written is taken."""
    require(person, Right.KEEP_PEOPLE)
    async with db.transaction():
        await queries.hold_staff()
        stored = await queries.whole_register(clock.today())
        same = next((each for code, each in stored.items() if code_key(code) == code_key(act.code)), None)
        if same is not None:
            known = m("There is %(name)s with this code already.", name=f"{same.name} ({same.code})")
            raise Conflict(m("The code is taken already."), (FieldError("code", known),))
        given = {name: getattr(act, name) for name in _FIELDS}
        new = await _spelled(Member(act.code, **given | {"first_on": act.first_on or clock.today()}), stored)
        await _write(person, new, stored)
    return new.code


async def change_member(person: Person, code: str, act: ChangeMember) -> Member:
    """Another name, manager, territory, day or sign-in of a member, who is given back as he is then.

    Refused where the managers would form a circle, or a manager has left.
    """
    require(person, Right.KEEP_PEOPLE)
    async with db.transaction():
        await queries.hold_staff()
        stored = await queries.whole_register(clock.today())
        old = next((each for known, each in stored.items() if code_key(known) == code_key(code)), None)
        if old is None:
            raise _unknown(code)
        changed = changes_of(act, {name: getattr(old, name) for name in _FIELDS})
        new = await _spelled(replace(old, **changed), stored)
        if new != old:
            await _write(person, new, stored, act.reason)
    return new


async def _spelled(member: Member, stored: Mapping[str, Member]) -> Member:
    """The member with manager, territory and sign-in as they are stored; one that is not known raises Invalid."""
    faults, nodes, login = [], {}, None
    if member.territory is not None:
        nodes = await queries.territories_meant([member.territory])
        if not nodes:
            faults.append(FieldError("territory", m("The territory %(value)s is not known.", value=member.territory)))
    if member.login is not None:
        login = plain_login(member.login)
        if not await queries.logins_known([login]):
            faults.append(FieldError("login", m("There is no person %(login)s.", login=member.login)))
    if faults:
        raise Invalid(m("The input cannot be used."), tuple(faults))
    manager = None if member.manager is None else _meant(member.manager, stored)
    return replace(member, manager=manager, territory=nodes.get(member.territory or ""), login=login)


def _meant(asked: str, stored: Iterable[str]) -> str:
    """The code as it is stored, where it is."""
    return next((code for code in stored if code_key(code) == code_key(asked)), asked)


async def _write(person: Person, new: Member, stored: Mapping[str, Member], reason: str | None = None) -> None:
    faults = member_faults(stored, {**stored, new.code: new}, clock.today(), _giver(person))
    if faults:
        raise Invalid(m("The input cannot be used."), tuple(faults[new.code]))
    await queries.record_members([new], stored)
    await _tell(person, new, stored.get(new.code), reason)


async def _tell(person: Person, new: Member, old: Member | None, reason: str | None = None) -> None:
    told = [name for name in _FIELDS if old is None or getattr(old, name) != getattr(new, name)]
    if not told:
        return
    before = None if old is None else {name: getattr(old, name) for name in told}
    after = {name: getattr(new, name) for name in told}
    act = "add member" if old is None else "change member"
    await audit(person, act, f"member {new.code}", before=before, after=after, reason=reason)


def _giver(person: Person) -> str | None:
    """The sign-in of who acts; the operator and machines have none."""
    return None if person.person_id is None else person.login


async def check_staff(
    person: Person, lines: Sequence[StaffLine], from_on: date
) -> tuple[dict[str, int], list[tuple[int, FieldError]]]:
    """What a file of staff would come to: counts of new and known members; and what is wrong, by line.

    Holds the register to the end of the transaction, so that what was checked can be written.
    """
    await queries.hold_staff()
    stored = await queries.whole_register(clock.today())
    spelled, wrong = await _lines_spelled(lines, stored)
    after, faults = compute_staff(stored, spelled, from_on, clock.today(), _giver(person))
    new = after.keys() - stored.keys()
    bad = {line_no for line_no, _ in faults}
    good = sum(line.line_no not in bad for line in spelled)
    return {"new": len(new), "known": good - len(new)}, [*wrong, *faults]


async def load_staff(person: Person, lines: Sequence[StaffLine], from_on: date) -> dict[str, int]:
    """Add and change members as good lines say it, and give their duties, each in the trail; counts."""
    require(person, Right.KEEP_PEOPLE)
    stored = await queries.whole_register(clock.today())
    spelled, _ = await _lines_spelled(lines, stored)
    after, _ = compute_staff(stored, spelled, from_on, clock.today(), _giver(person))
    made = [each for code, each in after.items() if stored.get(code) != each]
    if made:
        await queries.record_members(made, stored)
    for each in made:
        await _tell(person, each, stored.get(each.code))
    had = {code: set(each.duties) for code, each in stored.items()}
    given = [(each.code, duty) for each in made for duty in each.duties if duty not in had.get(each.code, ())]
    for row in await duty_queries.give_duties(given, from_on) if given else ():
        told = {"duty": row["duty"], "from_on": row["from_on"]}
        await audit(person, "give duty", f"member {row['member']}", after=told)
    added = sum(each.code not in stored for each in made)
    return {"added": added, "changed": len(made) - added, "unchanged": len(spelled) - len(made)}


async def _lines_spelled(
    lines: Sequence[StaffLine], stored: Mapping[str, Member]
) -> tuple[list[StaffLine], list[tuple[int, FieldError]]]:
    """The lines with their codes as they are stored or first written; and those that name what is not known."""
    keys = {code_key(code): code for code in stored}
    for line in lines:
        keys.setdefault(code_key(line.code), line.code)
    nodes = await queries.territories_meant({line.territory for line in lines if line.territory is not None})
    logins = {line.login: plain_login(line.login) for line in lines if line.login is not None}
    known = await queries.logins_known(logins.values())
    duties = await duty_queries.duties_meant({duty for line in lines for duty in line.duties})
    good, wrong = [], []
    for line in lines:
        faults = []
        if line.territory is not None and line.territory not in nodes:
            faults.append(FieldError("territory", m("The territory %(value)s is not known.", value=line.territory)))
        if line.login is not None and logins[line.login] not in known:
            faults.append(FieldError("login", m("There is no person %(login)s.", login=line.login)))
        unknown = [duty for duty in line.duties if duty not in duties]
        faults += [FieldError("duties", m("The duty %(code)s is not known.", code=duty)) for duty in unknown]
        wrong += [(line.line_no, fault) for fault in faults]
        if not faults:
            good.append(
                replace(
                    line,
                    code=keys[code_key(line.code)],
                    manager=None if line.manager is None else keys.get(code_key(line.manager), line.manager),
                    territory=None if line.territory is None else nodes[line.territory],
                    login=None if line.login is None else logins[line.login],
                    duties=tuple(duties[duty] for duty in line.duties),
                )
            )
    return good, wrong


def _unknown(code: str) -> NotFound:
    return NotFound(m("The member of staff %(code)s is not known.", code=code))

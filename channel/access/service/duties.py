"""Duties of members of staff: what they are, and who has them from when to when."""

from typing import Any

import msgspec
from asyncpg import Record

from channel import clock
from channel.access.acts import EndDuty, GiveDuty, KeepDuty
from channel.access.queries import duties as queries
from channel.access.queries import staff as staff_queries
from channel.access.rules import Person, Right, require
from channel.access.rules.staff import Member, Standing
from channel.access.service.staff import member_named
from channel.access.service.trail import audit
from channel.acts import changes_of
from channel.database import db
from channel.errors import Conflict, FieldError, NotFound, invalid, m
from channel.lists import ALL, Page, Wanted

_OWN = m("Nobody gives duties to himself. Another administrator can do it.")


async def duties(person: Person, wanted: Wanted = ALL) -> Page[Record]:
    """The duties with their rights and how many have them, for everybody who sees dealers."""
    require(person, Right.SEE_DEALERS)
    return await queries.duties(clock.today(), wanted)


async def duty_named(person: Person, code: str) -> Record:
    """One duty, or NotFound."""
    require(person, Right.SEE_DEALERS)
    found = await queries.duty(code, clock.today())
    if found is None:
        raise NotFound(m("The duty %(code)s is not known.", code=code))
    return found


async def held(member: Record) -> list[Record]:
    """The duties that a member has, had or will have, the latest first."""
    return await queries.held_duties(member["id"])


async def keep_duty(person: Person, act: KeepDuty, *, new: bool = False) -> None:
    """Add a duty, or give the one with this code another name or other rights; a `new` one is only added.

    Nobody gives more rights to a duty that he has or will have himself.
    """
    require(person, Right.KEEP_PEOPLE)
    async with db.transaction():
        await staff_queries.hold_staff()
        old = await queries.duty(act.code, clock.today())
        if old is not None and new:
            known = m("There is %(name)s with this code already.", name=f"{old['name']} ({old['code']})")
            raise Conflict(m("The code is taken already."), (FieldError("code", known),))
        rights = sorted({right.value for right in act.rights})
        before = None if old is None else {"name": old["name"], "rights": sorted(old["rights"])}
        after: dict[str, Any] = {"name": act.name, "rights": rights}
        if before is not None:
            after = before | changes_of(msgspec.structs.replace(act, rights=[Right(each) for each in rights]), before)
        if after == before:
            return
        code = act.code if old is None else old["code"]
        more = set(after["rights"]) - set(before["rights"] if before else ())
        if more and code in await _own_duties(person):
            raise Conflict(_OWN, (FieldError("rights", m("You have this duty, or will have it."), None),))
        await queries.record_duty(code, after["name"], sorted(after["rights"]))
        told = {name: value for name, value in after.items() if before is None or before[name] != value}
        was = None if before is None else {name: before[name] for name in told}
        await audit(person, "keep duty", f"duty {code}", before=was, after=told)


async def _own_duties(person: Person) -> set[str]:
    register = await staff_queries.whole_register(clock.today())
    return {duty for each in register.values() if _is_own(person, each) for duty in each.duties}


def _is_own(person: Person, member: Member) -> bool:
    return person.person_id is not None and member.login == person.login


async def give_duty(person: Person, code: str, act: GiveDuty) -> str:
    """Let a member have a duty on the days [from_on, to_on); the member's code. Nobody gives one to himself."""
    require(person, Right.KEEP_PEOPLE)
    async with db.transaction():
        await staff_queries.hold_staff()
        row = await member_named(person, code)
        member = (await staff_queries.whole_register(clock.today()))[row["code"]]
        if _is_own(person, member):
            raise Conflict(_OWN)
        if member.standing(clock.today()) is Standing.LEFT:
            raise Conflict(m("%(code)s has left and gets no duty.", code=member.code))
        duty = await queries.duty(act.duty, clock.today())
        if duty is None:
            raise invalid("duty", m("The duty %(code)s is not known.", code=act.duty))
        for held in await queries.held_duties(row["id"]):
            if held["duty"] == duty["code"] and _meet(held, act):
                raise invalid("from_on", m("The member has this duty from %(day)s on already.", day=held["from_on"]))
        await queries.record_held(row["id"], duty["id"], act.from_on, act.to_on)
        after = {"duty": duty["code"], "from_on": act.from_on, "to_on": act.to_on}
        await audit(person, "give duty", f"member {member.code}", after=after, reason=act.reason)
    return member.code


def _meet(held: Record, act: GiveDuty) -> bool:
    return (held["to_on"] is None or act.from_on < held["to_on"]) and (act.to_on is None or held["from_on"] < act.to_on)


async def end_duty(person: Person, code: str, number: int, act: EndDuty) -> None:
    """Let a duty of a member end before a day, today at the earliest; one that has not begun is taken back.

    What was done under it stays, and so does that the member had it.
    """
    require(person, Right.KEEP_PEOPLE)
    async with db.transaction():
        await staff_queries.hold_staff()
        member = await member_named(person, code)
        held = await queries.held_duty(member["id"], number)
        if held is None:
            raise NotFound(m("The member has no such duty."))
        if held["to_on"] is not None and act.to_on >= held["to_on"]:
            raise invalid("to_on", m("The duty ends on %(day)s already.", day=held["to_on"]))
        if act.to_on < clock.today():
            raise invalid("to_on", m("A duty ends today at the earliest: on the days before, the member had it."))
        to_on = max(act.to_on, held["from_on"])
        await queries.end_held(number, to_on)
        side = {"duty": held["duty"], "from_on": held["from_on"]}
        before, after = side | {"to_on": held["to_on"]}, side | {"to_on": to_on}
        await audit(person, "end duty", f"member {member['code']}", before=before, after=after, reason=act.reason)

"""Days away of members of staff, and their deputies."""

from typing import Any

from asyncpg import Record

from channel import clock
from channel.access.acts import EndAway, EnterAway
from channel.access.queries import away as queries
from channel.access.queries import staff as staff_queries
from channel.access.rules import Person, Right, require
from channel.access.rules.away import Away, away_faults
from channel.access.service.staff import member_named
from channel.access.service.trail import audit
from channel.database import db
from channel.errors import Invalid, NotFound, invalid, m


async def days_away(member: Record) -> list[Record]:
    """A member's days away, the latest first."""
    return await queries.days_away(member["id"])


async def enter_away(person: Person, code: str, act: EnterAway) -> str:
    """Let a member be away on the days [from_on, to_on), with a deputy who is there on them; the member's code.

    Refused where the member is away on one of them already, or the deputies would lead back to the member.
    """
    require(person, Right.KEEP_PEOPLE)
    async with db.transaction():
        await staff_queries.hold_staff()
        member = await member_named(person, code)
        after = await _record(member, act, None)
        await audit(person, "enter days away", f"member {member['code']}", after=after, reason=act.reason)
    return str(member["code"])


async def correct_away(person: Person, code: str, number: int, act: EnterAway) -> None:
    """Say anew from when to when a member is away, and with which deputy; what was said before stays on record."""
    require(person, Right.KEEP_PEOPLE)
    async with db.transaction():
        await staff_queries.hold_staff()
        member, row = await _one(person, code, number)
        before = _told(row["from_on"], row["to_on"], row["deputy"])
        if before == _told(act.from_on, act.to_on, await staff_queries.member_meant(act.deputy)):
            return
        await queries.close_away(number, clock.now())
        after = await _record(member, act, number)
        await audit(
            person, "correct days away", f"member {member['code']}", before=before, after=after, reason=act.reason
        )


async def end_away(person: Person, code: str, number: int, act: EndAway) -> None:
    """Let a member be back sooner; where no day away would be left, the days are taken back."""
    require(person, Right.KEEP_PEOPLE)
    async with db.transaction():
        await staff_queries.hold_staff()
        member, row = await _one(person, code, number)
        if act.to_on >= row["to_on"]:
            raise invalid("to_on", m("The member is back on %(day)s already.", day=row["to_on"]))
        await queries.close_away(number, clock.now())
        left = act.to_on > row["from_on"]
        if left:
            deputy = await member_named(person, row["deputy"])
            await queries.record_away(member["id"], deputy["id"], row["from_on"], act.to_on)
        before = _told(row["from_on"], row["to_on"], row["deputy"])
        after = {"to_on": act.to_on if left else None}
        await audit(person, "end days away", f"member {member['code']}", before=before, after=after, reason=act.reason)


async def away_named(person: Person, code: str, number: int) -> tuple[Record, Record]:
    """A member and days away of his, for who keeps people."""
    require(person, Right.KEEP_PEOPLE)
    return await _one(person, code, number)


async def _one(person: Person, code: str, number: int) -> tuple[Record, Record]:
    member = await member_named(person, code)
    row = await queries.one_away(member["id"], number)
    if row is None:
        raise NotFound(m("The member has no such days away."))
    return member, row


async def _record(member: Record, act: EnterAway, instead_of: int | None) -> dict[str, Any]:
    deputy = await staff_queries.member(act.deputy, clock.today(), logins=False)
    if deputy is None:
        raise invalid("deputy", m("The member of staff %(code)s is not known.", code=act.deputy))
    new = Away(member["code"], deputy["code"], act.from_on, act.to_on)
    others = await queries.away_between(act.from_on, act.to_on, but=instead_of)
    register = await staff_queries.whole_register(clock.today())
    if faults := away_faults(new, register, others, clock.today()):
        raise Invalid(m("The input cannot be used."), tuple(faults))
    await queries.record_away(member["id"], deputy["id"], act.from_on, act.to_on)
    return _told(act.from_on, act.to_on, deputy["code"])


def _told(from_on: object, to_on: object, deputy: str) -> dict[str, Any]:
    return {"from_on": from_on, "to_on": to_on, "deputy": deputy}

"""The company's calendar of working days: read by everybody, kept by who keeps the settings."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from asyncpg import Record

from channel import clock
from channel.access import service as access
from channel.access.rules import Person, Right, require
from channel.database import db
from channel.errors import NotFound, m
from channel.imports.loader import Load, Unshared
from channel.lists import Page, Wanted
from channel.tasks.acts import SetCompanyDay, SetEscalation, SetWorkingWeek, TakeBackDay
from channel.tasks.file_kinds import HOLIDAYS
from channel.tasks.queries import calendar as queries
from channel.tasks.rules.tasks import TaskRules
from channel.tasks.rules.working_days import Calendar

_WEEK, _RULES, _SET, _TAKE_BACK = "set working week", "set escalation", "set company day", "take back company day"
_SUBJECT = "company calendar"


@dataclass(frozen=True, slots=True)
class CalendarTold:
    """The week and when late tasks are escalated."""

    weekdays: tuple[int, ...]
    rules: TaskRules


async def calendar_told(person: Person) -> CalendarTold:
    """The calendar, for everybody who sees dealers."""
    require(person, Right.SEE_DEALERS)
    return CalendarTold(await queries.working_week(), await queries.task_rules())


async def company_days(person: Person, wanted: Wanted) -> Page[Record]:
    """The dates on which it is otherwise than the weekday says, for everybody who sees dealers."""
    require(person, Right.SEE_DEALERS)
    return await queries.company_days(wanted)


async def working_calendar() -> Calendar:
    """The calendar by which rooms above reckon working days."""
    return await queries.calendar()


async def set_working_week(person: Person, act: SetWorkingWeek) -> None:
    """Say on which weekdays the company works; what is due already stays due on its day."""
    require(person, Right.KEEP_SETTINGS)
    async with db.transaction():
        before, after = await queries.locked_week(), tuple(sorted(set(act.weekdays)))
        if before == after:
            return
        await queries.record_week(after)
        told = [{"weekdays": list(week)} for week in (before, after)]
        await access.audit(person, _WEEK, _SUBJECT, before=told[0], after=told[1], reason=act.reason)


async def set_escalation(person: Person, act: SetEscalation) -> None:
    """Say after how many working days a late task is shown to the manager."""
    require(person, Right.KEEP_SETTINGS)
    async with db.transaction():
        before = await queries.locked_rules()
        after = replace(before, escalate_days=act.escalate_days)
        if before == after:
            return
        await queries.record_rules(after)
        told = [{"escalate_days": each.escalate_days} for each in (before, after)]
        await access.audit(person, _RULES, _SUBJECT, before=told[0], after=told[1], reason=act.reason)


async def set_company_day(person: Person, act: SetCompanyDay) -> None:
    """Say of a date whether the company works on it; what was said of it before stays on record."""
    require(person, Right.KEEP_SETTINGS)
    async with db.transaction():
        await queries.hold_days()
        before = _told((await queries.days_named([act.day])).get(act.day))
        after = {"works": act.works, "words": act.words}
        if before == after:
            return
        await queries.record_days([(act.day, act.works, act.words)], clock.now())
        await access.audit(person, _SET, f"company day {act.day}", before=before, after=after)


async def take_back_day(person: Person, act: TakeBackDay) -> None:
    """Let a date be as its weekday says; `NotFound` where it is."""
    require(person, Right.KEEP_SETTINGS)
    async with db.transaction():
        await queries.hold_days()
        before = _told((await queries.days_named([act.day])).get(act.day))
        if before is None:
            raise NotFound(m("Nothing is said of %(day)s.", day=act.day))
        await queries.close_days([act.day], clock.now())
        await access.audit(person, _TAKE_BACK, f"company day {act.day}", before=before, reason=act.reason)


def _told(row: Record | None) -> dict[str, Any] | None:
    return None if row is None else {"works": row["works"], "words": row["words"]}


class HolidayLoader(Unshared):
    """Days off and further working days by date: added and said anew; what is not named stays as it is."""

    spec = HOLIDAYS

    async def settle(self, _load: Load) -> None:
        """Days have no codes."""

    async def check(self, _load: Load) -> Mapping[str, Any]:
        """How many days are new and how many would be said anew."""
        lines = await queries.incoming_days()
        known = await queries.days_named([row["day"] for row in lines])
        return {"new": sum(row["day"] not in known for row in lines), "known": len(known)}

    async def write(self, _load: Load, _posting_id: int) -> Mapping[str, int]:
        """Days added, changed, unchanged."""
        await queries.hold_days()
        lines = await queries.incoming_days()
        known = await queries.days_named([row["day"] for row in lines])
        days = {row["day"]: (row["day"], row["works"] is True, row["words"]) for row in lines}
        said = {day: new for day, new in days.items() if day not in known or _differs(known[day], new)}
        await queries.record_days(list(said.values()), clock.now())
        added = sum(day not in known for day in said)
        return {"added": added, "changed": len(said) - added, "unchanged": len(days) - len(said)}

    async def stands(self, _load_id: int, _posting_id: int) -> bool:
        """Days have no postings: the file is looked at again, and what is there already stays as it is."""
        return False


def _differs(row: Record, new: tuple[object, bool, str]) -> bool:
    return (row["works"], row["words"]) != new[1:]

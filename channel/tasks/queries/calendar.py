"""The company's calendar in SQL: its week, and the dates on which it is otherwise."""

from collections.abc import Sequence
from datetime import date, datetime

from asyncpg import Record

from channel.access.queries import locked_setting, record_setting, setting
from channel.database import db
from channel.database.paging import page_of
from channel.lists import Page, Wanted
from channel.tasks.lists import COMPANY_DAYS
from channel.tasks.rules.tasks import TaskRules
from channel.tasks.rules.working_days import SHIPPED_WEEK, Calendar

_WEEK, _RULES = "working week", "task rules"


async def calendar() -> Calendar:
    """The calendar as it stands."""
    rows = await db.fetch("SELECT day, works FROM company_day WHERE closed_at IS NULL")
    return Calendar(frozenset(await working_week()), {row["day"]: row["works"] for row in rows})


async def working_week() -> tuple[int, ...]:
    """The weekdays on which the company works, Monday is 1."""
    return _week(await setting(_WEEK))


async def locked_week() -> tuple[int, ...]:
    """The same, held against everybody else to the end of the transaction."""
    return _week(await locked_setting(_WEEK))


def _week(kept: object) -> tuple[int, ...]:
    return tuple(kept) if isinstance(kept, list) else SHIPPED_WEEK


async def record_week(weekdays: Sequence[int]) -> None:
    """Set the weekdays on which the company works."""
    await record_setting(_WEEK, list(weekdays))


async def task_rules() -> TaskRules:
    """When late tasks are escalated."""
    return _rules(await setting(_RULES))


async def locked_rules() -> TaskRules:
    """The same, held against everybody else to the end of the transaction."""
    return _rules(await locked_setting(_RULES))


def _rules(kept: object) -> TaskRules:
    return TaskRules(**kept) if isinstance(kept, dict) else TaskRules()


async def record_rules(rules: TaskRules) -> None:
    """Set when late tasks are escalated."""
    await record_setting(_RULES, {"escalate_days": rules.escalate_days})


_DAYS = "SELECT id, day, works, words FROM company_day WHERE closed_at IS NULL"


async def company_days(wanted: Wanted) -> Page[Record]:
    """The dates on which it is otherwise than the weekday says."""
    return await page_of(_DAYS, (), COMPANY_DAYS, wanted)


async def days_named(days: Sequence[date]) -> dict[date, Record]:
    """What is said of these dates."""
    rows = await db.fetch(f"{_DAYS} AND day = ANY ($1::date[])", days)
    return {row["day"]: row for row in rows}


async def hold_days() -> None:
    """Let nobody else say anything of dates to the end of the transaction."""
    await locked_setting(_WEEK)


async def record_days(days: Sequence[tuple[date, bool, str]], now: datetime) -> None:
    """Say of dates whether the company works on them; what was said of them before is closed."""
    await close_days([day for day, _, _ in days], now)
    columns = list(zip(*days, strict=True)) or [(), (), ()]
    await db.execute(
        "INSERT INTO company_day (day, works, words) SELECT * FROM unnest($1::date[], $2::boolean[], $3::text[])",
        *columns,
    )


async def close_days(days: Sequence[date], now: datetime) -> None:
    """Nothing is said of these dates any more."""
    await db.execute(
        "UPDATE company_day SET closed_at = $2 WHERE day = ANY ($1::date[]) AND closed_at IS NULL", days, now
    )


async def incoming_days() -> list[Record]:
    """The lines of a file that is at work."""
    return await db.fetch("SELECT line_no, day, works, words FROM incoming ORDER BY line_no")

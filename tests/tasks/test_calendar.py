"""The company's calendar on PostgreSQL: who keeps it, by act and by file alike, and what is reckoned by it."""

from collections.abc import Awaitable, Callable
from datetime import date

import httpx
import pytest

from channel.access.rules import Person, Role
from channel.database import db
from channel.errors import Forbidden, NotFound
from channel.tasks.acts import SetCompanyDay, SetEscalation, SetWorkingWeek, TakeBackDay
from channel.tasks.queries.calendar import task_rules
from channel.tasks.rules.working_days import Calendar
from channel.tasks.service import calendar as service
from tests.make.access import acting
from tests.make.sales import csv_of, loaded
from tests.make.tasks import seen, written
from tests.make.world import World

V1 = "/api/v1/calendar"
Client = Callable[[Person], Awaitable[httpx.AsyncClient]]
NEW_YEAR = date(2025, 3, 4)


async def known() -> Calendar:
    async with db.held(db.EVERYTHING):
        return await service.working_calendar()


async def test_it_comes_with_monday_to_friday_and_two_days(world: World) -> None:
    assert await known() == Calendar()
    async with db.held(db.EVERYTHING):
        assert (await task_rules()).escalate_days == 2


async def test_the_administrator_keeps_it_and_nobody_else(world: World, staff: dict[str, int]) -> None:
    admin, east = world.people[Role.ADMINISTRATOR], world.people[Role.REGIONAL]
    acts = (
        (service.set_working_week, SetWorkingWeek(weekdays=[6, 1, 3, 1], reason="as agreed")),
        (service.set_escalation, SetEscalation(escalate_days=5, reason="as agreed")),
        (service.set_company_day, SetCompanyDay(day=NEW_YEAR, words="New Year")),
    )
    for act, said in acts:
        for person in (world.people[Role.MANAGER], world.people[Role.AUDITOR], east):
            async with acting(person):
                with pytest.raises(Forbidden):
                    await act(person, said)  # type: ignore[operator] # each takes its own
        async with acting(admin):
            await act(admin, said)  # type: ignore[operator] # see above
    assert await known() == Calendar(frozenset({1, 3, 6}), {NEW_YEAR: False})
    async with acting(admin):
        await service.set_company_day(admin, SetCompanyDay(day=NEW_YEAR, words="New Year", works=True))
        assert (await known_here()).works(NEW_YEAR)
        await service.take_back_day(admin, TakeBackDay(day=NEW_YEAR, reason="a mistake"))
        with pytest.raises(NotFound):
            await service.take_back_day(admin, TakeBackDay(day=NEW_YEAR, reason="a mistake"))
        assert await db.fetchval("SELECT count(*) FROM company_day WHERE day = $1", NEW_YEAR) == 2, (
            "what was said stays"
        )
    # From a Monday on, one working day is the Wednesday then.
    number = await written(east, within_days=1)
    (row,) = await seen(east, numbers=[number])
    assert row["due_on"] == date(2025, 3, 5)


async def known_here() -> Calendar:
    return await service.working_calendar()


async def test_a_file_of_days_off_says_them_anew_and_leaves_others(world: World) -> None:
    admin = world.people[Role.ADMINISTRATOR]
    async with acting(admin):
        await service.set_company_day(admin, SetCompanyDay(day=date(2025, 5, 2), words="bridge"))
    lines = csv_of("日期,名称,是否上班", "2025-05-01,劳动节,", "2025-05-04,调休,是", "2025-05-02,bridge,no")
    told = await loaded(admin, "holidays", lines)
    assert told["counts"] | {"added": 2, "changed": 0, "unchanged": 1} == told["counts"]
    assert (await known()).otherwise == {date(2025, 5, 1): False, date(2025, 5, 4): True, date(2025, 5, 2): False}
    again = await loaded(admin, "holidays", csv_of("day,name,works", "2025-05-02,worked after all,yes"))
    assert again["counts"]["changed"] == 1
    assert (await known()).works(date(2025, 5, 2))
    bad = await loaded(admin, "holidays", csv_of("day,name", "soon,x", "2025-06-01,y", "2025-06-01,z"))
    assert bad["state"] == "refused"


async def test_everybody_who_sees_dealers_reads_it_over_the_api(api: Client, world: World) -> None:
    keeper = await api(world.people[Role.ADMINISTRATOR])
    answer = await keeper.put(f"{V1}/days", json={"day": "2025-05-01", "words": "Labour Day"})
    assert answer.status_code == 204
    wrong = await keeper.put(f"{V1}/week", json={"weekdays": [], "reason": "none"})
    assert (wrong.status_code, [each["field"] for each in wrong.json()["errors"]]) == (422, ["weekdays"])
    wrong = await keeper.put(f"{V1}/week", json={"weekdays": [8], "reason": "none"})
    assert (wrong.status_code, [each["field"] for each in wrong.json()["errors"]]) == (422, ["weekdays"])
    reader = await api(world.people[Role.REGIONAL])
    assert (await reader.get(V1)).json() == {"weekdays": [1, 2, 3, 4, 5], "escalate_days": 2}
    assert (await reader.get(f"{V1}/days")).json()["items"] == [
        {"day": "2025-05-01", "works": False, "words": "Labour Day"}
    ]
    assert (await reader.put(f"{V1}/days", json={"day": "2025-05-01", "words": "x"})).status_code == 403

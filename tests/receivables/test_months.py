"""Months that are closed: who says so, and what they refuse."""

from datetime import date

import pytest

from channel import clock
from channel.access.rules import Person, Role
from channel.database import db
from channel.errors import Conflict, Forbidden, Invalid
from channel.periods import Month
from channel.receivables.acts.months import CloseMonth, OpenMonth
from channel.receivables.queries import months as queries
from channel.receivables.service.months import check_months, close_month, closed_months_touched_by, open_month
from tests.make.access import acting, make_person
from tests.make.receivables import moment

TODAY = 100 * 24
FEBRUARY, MARCH = Month(2025, 2), Month(2025, 3)


@pytest.fixture
async def finance(database: str) -> Person:
    return await make_person(Role.FINANCE)


async def test_a_month_is_closed_when_it_is_over_and_the_last_word_counts(finance: Person) -> None:
    with clock.fixed(moment(TODAY)):
        async with acting(finance):
            await close_month(finance, CloseMonth(month="2025-02", reason="done"))
            await close_month(finance, CloseMonth(month=" 2025-03 ", reason="done"))
            assert await queries.closed_now() == {FEBRUARY, MARCH}
            for refused in (CloseMonth(month="2025-02", reason="again"), CloseMonth(month="2025-04", reason="early")):
                with pytest.raises(Invalid):
                    await close_month(finance, refused)
            await open_month(finance, OpenMonth(month="2025-02", reason="a mistake"))
            with pytest.raises(Invalid):
                await open_month(finance, OpenMonth(month="2025-02", reason="again"))
            assert await queries.closed_now() == {MARCH}
            told = (await queries.months_told()).items
            assert [(Month.of(row["month"]), row["closed"], row["reason"]) for row in told] == [
                (MARCH, True, "done"),
                (FEBRUARY, False, "a mistake"),
            ]


@pytest.mark.parametrize("month", ["2025-13", "0001-01", "9999-12"])
async def test_what_is_no_month_is_refused(month: str) -> None:
    with pytest.raises(Invalid) as refused:
        CloseMonth(month=month, reason="done")
    assert [each.field for each in refused.value.errors] == ["month"]


@pytest.mark.parametrize("role", [Role.MANAGER, Role.REGIONAL, Role.AUDITOR, Role.ADMINISTRATOR])
async def test_only_finance_closes(role: Role, database: str) -> None:
    person = await make_person(role)
    with clock.fixed(moment(TODAY)):
        async with acting(person):
            with pytest.raises(Forbidden):
                await close_month(person, CloseMonth(month="2025-02", reason="done"))
            with pytest.raises(Forbidden):
                await open_month(person, OpenMonth(month="2025-02", reason="done"))


async def test_a_day_before_a_closed_month_ends_touches_it(finance: Person) -> None:
    with clock.fixed(moment(TODAY)):
        async with acting(finance):
            await close_month(finance, CloseMonth(month="2025-02", reason="done"))
            for on, months in (
                (date(2025, 1, 5), (FEBRUARY,)),
                (date(2025, 2, 28), (FEBRUARY,)),
                (date(2025, 3, 1), ()),
            ):
                assert await closed_months_touched_by([on]) == months
            async with db.transaction():
                assert await check_months([date(2025, 3, 1)]) == ()
                assert await check_months([date(2025, 2, 1)], confirmed=True) == (FEBRUARY,)
                with pytest.raises(Conflict) as refused:
                    await check_months([date(2025, 2, 1), date(2025, 3, 1)])
    assert refused.value.errors[0].field == "effective_on"

"""The story of tasks: written down, put off, handed on and done, due and late ones; and the company's days off."""

from datetime import date, timedelta

from channel import clock
from channel.demo.dealers import steady
from channel.demo.filling import Filling
from channel.demo.payers import Part
from channel.demo.story import File
from channel.tasks.acts import AddTask, FinishTask, HandOnTask, PutOffTask
from channel.tasks.queries.calendar import calendar
from channel.tasks.rules.working_days import add_working_days
from channel.tasks.service.acting import add_task, finish_task, hand_on_task, put_off_task
from channel.tasks.service.daily import LOOKING_AFTER
from channel.work.service import run_due

_HOLIDAYS = ((1, 1, "New Year 元旦"), (5, 1, "Labour Day 劳动节"), (10, 1, "National Day 国庆节"), (10, 2, "国庆节"))
_LATE = timedelta(days=8)


def plan(filling: Filling) -> None:
    """Plan all of it, once the register of staff is there: what is late by now was written eight days ago."""
    tasks = _Tasks(filling)
    filling.plan(filling.now - timedelta(days=20), tasks.enter_days_off)
    filling.plan(filling.now - timedelta(days=15), tasks.write_and_do)
    filling.plan(filling.now - _LATE, tasks.write_what_becomes_late)
    filling.plan(filling.now - timedelta(days=2), tasks.hand_on)
    filling.plan(filling.now - timedelta(minutes=40), tasks.write_for_today)


class _Tasks:
    """Who asked whom for what."""

    def __init__(self, filling: Filling) -> None:
        self.filling = filling
        self.handed: int | None = None

    async def _add(self, login: str, what: str, part: Part | None = None, **said: object) -> int:
        dealer = None if part is None else steady(self.filling.story)[part].code
        async with self.filling.acting(login) as person:
            act = AddTask(what=what, dealer=dealer, **said)  # type: ignore[arg-type] # its fields
            return await add_task(person, act)

    async def enter_days_off(self) -> None:
        """The public holidays of this year and the next."""
        years = (clock.today().year, clock.today().year + 1)
        rows = tuple((date(year, month, day).isoformat(), words) for year in years for month, day, words in _HOLIDAYS)
        await self.filling.load("admin", "holidays", File("holidays.csv", ("day", "words"), rows), clock.now())

    async def write_and_do(self) -> None:
        """Finance asks the collector for a call, which is done at once; what cannot be had yet is put off."""
        called = await self._add(
            "fang", "Ask for a plan of payment 索取还款计划", Part.SLIDER, member="E05", within_days=3
        )
        async with self.filling.acting("qian") as person:
            await finish_task(person, called, FinishTask(note="He pays by the end of the month 月底前付清"))
        off = await self._add("oscar", "Collect the new licence 收取新营业执照", Part.SLOWER_SLIDER, within_days=2)
        async with self.filling.acting("oscar") as person:
            until = add_working_days(clock.today(), 15, await calendar())
            await put_off_task(person, off, PutOffTask(until=until, reason="It is issued next month 下月才发证"))

    async def write_what_becomes_late(self) -> None:
        """What nobody has done since; and what another takes on."""
        await self._add("mei", "Visit the warehouse 走访仓库", Part.WITH_BILLS, member="E03", within_days=1)
        await self._add("mei", "Bring the plan of the quarter 提交季度计划", member="E03", within_days=10)
        self.handed = await self._add("fang", "Compare the balances 核对往来余额", Part.WITH_BILLS, within_days=4)

    async def hand_on(self) -> None:
        """The collector takes over what finance wrote down for itself."""
        if self.handed is None:
            raise RuntimeError("nothing was written down")
        async with self.filling.acting("fang") as person:
            act = HandOnTask(member="E05", reason="She knows the books of it 她熟悉该账户")
            await hand_on_task(person, self.handed, act)

    async def write_for_today(self) -> None:
        """What is to be done today, or on the next working day; and the night's work on what is late."""
        await run_due([LOOKING_AFTER])
        await self._add("qian", "Call about the short payment 电话核实少付款", Part.SLIDER, within_days=0)
        await self._add("nancy", "Prepare the meeting of dealers 准备经销商会议", within_days=0)
        await self._add("mei", "Review the terms 复核账期", Part.SLOWER_SLIDER, within_days=5)

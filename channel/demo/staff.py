"""The story of the register of staff: who works where under whom, with which duties, and who is away."""

from datetime import datetime, timedelta
from functools import partial

from channel import clock
from channel.access.acts import EnterAway, GiveDuty
from channel.access.service.away import enter_away
from channel.access.service.duties import give_duty
from channel.demo.filling import AT, Filling
from channel.demo.story import File

_HEADER = ("code", "name", "manager", "territory", "first_on", "last_on", "login", "duties")
# Regions have heads, cities who looks after them; some sign in, others are only named where somebody is responsible.
_STAFF: tuple[tuple[str, ...], ...] = (
    ("E01", "Wen Hai 温海", "", "", "2015-03-02", "", "", ""),
    ("E02", "Mei Li 梅丽", "E01", "", "2016-05-09", "", "mei", ""),
    ("E03", "Oscar Wu 吴奥", "E02", "", "2019-02-18", "", "oscar", "recruiter"),
    ("E04", "Fang Yuan 方圆", "E01", "", "2015-09-01", "", "fang", ""),
    ("E05", "Qian Jin 钱进", "E04", "", "2020-06-15", "", "qian", "collector"),
    ("E11", "Dong Hao 董浩", "E02", "E", "2017-04-10", "", "dong", "head-of-region"),
    ("E12", "Shen Yi 沈怡", "E11", "E-SH", "2021-08-02", "", "", "market-representative;key-account-manager"),
    ("E13", "Lu Ping 陆平", "E11", "E-HZ", "2018-01-08", "", "", "market-representative"),
    ("E21", "Nancy Lau 刘楠", "E02", "S", "2016-11-21", "", "nancy", "head-of-region"),
    ("E22", "Chan Ka Ho 陈嘉豪", "E21", "H-HK", "2019-07-01", "", "", "market-representative"),
    ("E31", "Bai Xue 白雪", "E02", "N", "2018-10-15", "", "", "head-of-region"),
    ("E32", "Gao Feng 高峰", "E31", "N-BJ", "2022-03-14", "", "", "technical"),
)
_AWAY, _DEPUTY, _DAYS = "E11", "E12", 12
_COLLECTS_TOO = "E13"


def plan(filling: Filling) -> None:
    """Plan all of it: the register is there from the start, and somebody is away these days."""
    filling.plan(datetime.combine(filling.story.months[0].first - timedelta(days=19), AT), partial(_enter, filling))
    filling.plan(filling.now - timedelta(days=40), partial(_charge, filling))
    filling.plan(filling.now - timedelta(days=3), partial(_send_away, filling))


async def _enter(filling: Filling) -> None:
    await filling.load("admin", "staff", File("staff.csv", _HEADER, _STAFF), clock.now())


async def _charge(filling: Filling) -> None:
    async with filling.acting("admin") as admin:
        given = GiveDuty(duty="collector", from_on=clock.today(), reason="the cheques of Hangzhou")
        await give_duty(admin, _COLLECTS_TOO, given)


async def _send_away(filling: Filling) -> None:
    first = clock.today()
    async with filling.acting("admin") as admin:
        days = EnterAway(from_on=first, to_on=first + timedelta(days=_DAYS), deputy=_DEPUTY, reason="holidays")
        await enter_away(admin, _AWAY, days)

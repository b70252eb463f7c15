"""A kind of work as a room would make one: of a promise somebody is reminded on its day, unless it is kept by then."""

from datetime import date, datetime, timedelta

from channel import clock
from channel.database import db
from channel.work.rules import Retries
from channel.work.service import Due, Work, ask, run_due

NOON = datetime.fromisoformat("2027-03-01T12:00:00+00:00")

# What the room writes for it: from here to the line of `REMINDING`.
REMIND = "remind of a promise"


async def promise(what: str, by: date) -> None:
    async with db.transaction():
        await db.execute("INSERT INTO setting VALUES ($1, '\"open\"')", what)
        await ask(REMIND, what, period=by)


async def remind(due: Due) -> None:
    await db.execute("UPDATE setting SET value = '\"reminded\"' WHERE name = $1 AND value = '\"open\"'", due.key)


REMINDING = Work(REMIND, remind, retries=Retries(most=8, longest=timedelta(hours=6)))


async def test_it_is_done_on_its_day_and_not_when_there_is_nothing_to_be_done_any_more(database: str) -> None:
    with clock.fixed(NOON):
        async with db.held(db.EVERYTHING):
            await promise("to pay", NOON.date() + timedelta(days=1))
            await promise("to call", NOON.date() + timedelta(days=1))
            await db.execute("UPDATE setting SET value = '\"kept\"' WHERE name = 'to call'")
        assert await run_due([REMINDING]) == 0
    with clock.fixed(NOON + timedelta(days=1)):
        assert await run_due([REMINDING]) == 2
        assert await run_due([REMINDING]) == 0
    async with db.held(db.EVERYTHING):
        rows = await db.fetch("SELECT name, value FROM setting WHERE name LIKE 'to %'")
    assert {row["name"]: row["value"] for row in rows} == {"to pay": "reminded", "to call": "kept"}

"""The clock of a database that was made with one that can be moved: for trials, never for a company's own."""

from datetime import UTC, datetime, timedelta
from typing import Any

from channel import clock
from channel.access import queries
from channel.access.rules import OPERATOR
from channel.access.service.trail import audit
from channel.database import db
from channel.errors import Conflict, m

_A_MICROSECOND = timedelta(microseconds=1)
_REAL = m("Only a database made with CHANNEL_NOW has a clock that can be moved; this one goes by the real time.")


async def begin_clock(to: datetime) -> None:
    """What `CHANNEL_NOW` asks at a start: a new database gets a clock that can be moved, and begins at this moment.

    One that was made so is moved to it unless it has been set to this very moment before: a service that is started
    again goes on. Any other database refuses (`Conflict`), and so does one that is further than this already.
    """
    async with db.transaction():
        held = await queries.locked_setting(db.CLOCK)
        if isinstance(held, dict):
            if held["set_to"] != to.isoformat():
                await _move(held, to)
            return
        if not await queries.is_untouched():
            raise Conflict(_REAL)
        await _move(None, to)


async def set_clock(to: datetime) -> None:
    """Move the clock on to a moment, while the service runs or not; `Conflict` where it cannot be moved, or not so."""
    async with db.transaction():
        held = await queries.locked_setting(db.CLOCK)
        if not isinstance(held, dict):
            raise Conflict(_REAL)
        await _move(held, to)


async def _move(held: dict[str, Any] | None, to: datetime) -> None:
    before = clock.now()
    latest = max(before if held else to.min.replace(tzinfo=UTC), await db.latest_moment())
    if to <= latest:
        raise Conflict(m("The clock goes on from %(latest)s and never back.", latest=latest))
    real = before - clock.offset()
    ahead = (to - real) // _A_MICROSECOND
    await queries.record_setting(db.CLOCK, {"ahead_us": ahead, "set_to": to.isoformat()})
    clock.move(timedelta(microseconds=ahead))
    await audit(OPERATOR, "move clock", "company", before=before.isoformat() if held else None, after=to.isoformat())

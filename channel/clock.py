"""The only clock: every moment and every 'today' of the service is read here, so that it can be fixed.

It is the database's clock: this machine's, and the difference between the two as it was measured last, moved as far
as the database says where it was made with a clock that can be moved (`access.service.company_clock`). With which
moment an act is stamped, and which one is known, the database says itself (`channel.database.db`).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

_fixed: ContextVar[datetime | None] = ContextVar("fixed_clock", default=None)
_zone: ZoneInfo = ZoneInfo("UTC")
_difference = timedelta()
_offset = timedelta()


def now() -> datetime:
    """The present moment in UTC by the database's clock, or the moment at which `fixed` holds it."""
    return _fixed.get() or datetime.now(UTC) + _difference + offset()


def follow(difference: timedelta) -> None:
    """Go by the database's clock, which is ahead of this machine's by so much."""
    global _difference  # noqa: PLW0603 - the service has one database, and it one clock
    _difference = difference


def offset() -> timedelta:
    """How far the clock is moved: the database's time and this are the company's."""
    return _offset


def move(offset: timedelta) -> None:
    """Go by a clock that is moved so far ahead of the database's, or back: as the database itself says it is."""
    global _offset  # noqa: PLW0603 - the service has one database, and it one clock
    _offset = offset


def held_at() -> datetime | None:
    """The moment at which `fixed` holds the clock, if it does."""
    return _fixed.get()


def today() -> date:
    """The business date: the day of `now()` in the company's time zone."""
    return now().astimezone(_zone).date()


def use_zone(name: str) -> None:
    """Set the company's time zone once, at start; an unknown name raises `ZoneInfoNotFoundError`."""
    global _zone  # noqa: PLW0603 - the company has one time zone, as it has one clock
    _zone = ZoneInfo(name)


def zone() -> ZoneInfo:
    """The company's time zone, in which moments are shown."""
    return _zone


@contextmanager
def fixed(at: datetime) -> Iterator[None]:
    """Hold the clock at a moment (aware, any zone) for the code inside: tests, and the demonstration's past."""
    token = _fixed.set(at.astimezone(UTC))
    try:
        yield
    finally:
        _fixed.reset(token)

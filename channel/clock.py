"""The only clock: every moment and every 'today' of the service is read here, so that it can be fixed."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

_fixed: ContextVar[datetime | None] = ContextVar("fixed_clock", default=None)
_zone: ZoneInfo = ZoneInfo("UTC")


def now() -> datetime:
    """The present moment in UTC, or the moment at which `fixed` holds it."""
    return _fixed.get() or datetime.now(UTC)


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

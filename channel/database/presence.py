"""Whether the database is there, as everybody in this process sees it: while it is away nobody waits for it.

Who finds out is channel.database.keeper; requests are refused at once meanwhile, loads and jobs wait until it is back.
"""

import asyncio
import time
from dataclasses import dataclass, field
from traceback import walk_tb

import asyncpg

from channel.errors import Unavailable, m

_AWAY = m("The database is away for a moment and comes back by itself. Please try again shortly.")

# What asyncpg says when a server ended, ends or begins; a fault of class 08 is one of the connection.
_FAULTS = (
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    # The driver lost count of what it does, as when the server's last word comes together with the next question.
    asyncpg.InternalClientError,
)
# And what it says, as a fault of the caller's, when a connection that was in use is found to be gone.
_GONE = ("connection is closed", "has been released back to the pool", "the underlying connection is closed")


class Away(Unavailable):
    """The database is away; what was not committed by then is not kept."""

    def __init__(self) -> None:
        super().__init__(_AWAY)


@dataclass(slots=True)
class _Absence:
    reason: str
    since: float = field(default_factory=time.monotonic)
    over: asyncio.Event = field(default_factory=asyncio.Event)
    refused: int = 0


_absence: _Absence | None = None


def gone(reason: str) -> bool:
    """The database is away for this reason; whether that is news."""
    global _absence  # noqa: PLW0603 - a process has one database
    news = _absence is None
    _absence = _absence or _Absence(reason)
    _absence.reason = reason
    return news


def found() -> None:
    """The database is there; whoever waits for it goes on."""
    global _absence
    before, _absence = _absence, None
    if before is not None:
        before.over.set()


def away_seconds() -> float | None:
    """For how long the database has been away; None while it is there."""
    return None if _absence is None else time.monotonic() - _absence.since


def told() -> str:
    """In one line: for how long it has been away, why, and how many were refused meanwhile."""
    if _absence is None:
        return "The database is there"
    away, why = time.monotonic() - _absence.since, " ".join(_absence.reason.split())
    return f"The database has been away for {away:.1f} s, {_absence.refused} requests were refused: {why}"


def count_refused() -> bool:
    """Count a request that is refused because the database is away; False while it is there."""
    if _absence is None:
        return False
    _absence.refused += 1
    return True


def see() -> None:
    """Refuse at once while the database is away."""
    if _absence is not None:
        raise Away


async def back() -> None:
    """Wait until the database is there."""
    while _absence is not None:
        await _absence.over.wait()


def is_lost(fault: BaseException | None) -> bool:
    """Whether a fault means that the database went away, and not that it said no; what came of such a one counts."""
    while fault is not None:
        if isinstance(fault, (Away, *_FAULTS)) or _of_the_wire(fault):
            return True
        if isinstance(fault, asyncpg.InterfaceError) and any(words in str(fault) for words in _GONE):
            return True
        fault = fault.__cause__ or (None if fault.__suppress_context__ else fault.__context__)
    return False


def _of_the_wire(fault: BaseException) -> bool:
    """Whether a connection of the driver broke, and not one to a mail server or to a browser, which looks the same."""
    # A time that ran out is an `OSError` as well; that of the system alone has a number.
    if not isinstance(fault, OSError) or not (isinstance(fault, ConnectionError) or fault.errno is not None):
        return False
    passed = (frame.f_globals.get("__name__", "") for frame, _ in walk_tb(fault.__traceback__))
    return any(name.partition(".")[0] == asyncpg.__name__ for name in passed)

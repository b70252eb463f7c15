"""How a database falls: its processes killed, all of them, the first alone, or one that works."""

import os
import signal
from contextlib import suppress
from pathlib import Path

from channel.database.embedded import EmbeddedPostgres

WAYS = ("whole", "postmaster", "backend")


def kill(server: EmbeddedPostgres, way: str, backend: int | None = None) -> None:
    """SIGKILL: to every process of a server, to its postmaster alone, or to one backend, for which all others end."""
    postmaster = postmaster_of(server)
    if way == "backend":
        assert backend is not None
        os.kill(backend, signal.SIGKILL)
        return
    doomed = [postmaster, *(children_of(postmaster) if way == "whole" else [])]
    for pid in doomed:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def wait_for_the_end(pid: int) -> None:
    """Until a process is gone; whoever waits here lets nobody else in his process work."""
    while Path(f"/proc/{pid}").exists():
        pass


def postmaster_of(server: EmbeddedPostgres) -> int:
    """The first process of a server, by its postmaster.pid."""
    assert server._seat is not None
    return int((server._seat.data / "postmaster.pid").read_text().split()[0])


def children_of(pid: int) -> list[int]:
    """The processes that a process has started."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError, ValueError):
            if int((entry / "stat").read_text().rpartition(")")[2].split()[1]) == pid:
                found.append(int(entry.name))
    return found

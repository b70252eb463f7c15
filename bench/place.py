"""What the benchmarks share: a database that runs as the service's does, time, memory, and the row of the table."""

import asyncio
import gc
import json
import resource
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import asyncpg

from channel.access.rules import Person, Role
from channel.app import ROOMS, use_rooms
from channel.cli.operator.serve import collect_seldom
from channel.database import db, schema
from channel.database.embedded import OWNER, SERVICE, EmbeddedPostgres

PERSON = Person("bench", "bench", Role.MANAGER, person_id=1)
"""The first person of the place: what is brought belongs to somebody."""
_MEBI = 1024 if sys.platform == "linux" else 1 << 20


@dataclass(frozen=True, slots=True)
class Place:
    """A throwaway database: its owner's connection, a folder that its server may use too, and the service's address."""

    owner: "asyncpg.Connection[asyncpg.Record]"
    folder: Path
    dsn: str


@dataclass(frozen=True, slots=True)
class Measured:
    """A row of the table. `ratio` is said to be good when it is at least, or at most, the bound."""

    what: str
    seconds: float
    bare: float
    ratio: float
    bound: str
    memory: float
    memory_bound: float | None


@asynccontextmanager
async def place() -> AsyncIterator[Place]:
    """A database on a server configured as the service configures its own: nothing of it is unsafe for speed."""
    with EmbeddedPostgres.temporary(conf=SERVICE) as server, tempfile.TemporaryDirectory(prefix="bench-") as folder:
        # The server may run under another account.
        Path(folder).chmod(0o777)  # noqa: ASYNC240 - nothing else waits here
        first = await asyncpg.connect(server.dsn(OWNER, "postgres"))
        await first.execute("CREATE DATABASE bench")
        await first.close()
        await schema.migrate(server.dsn(OWNER, "bench"))
        await db.open_pool(server.dsn(db.APP_ROLE, "bench"), size=4)
        use_rooms(ROOMS)
        collect_seldom()
        owner = await asyncpg.connect(server.dsn(OWNER, "bench"))
        await owner.execute("INSERT INTO setting (name, value) VALUES ('company_currency', '\"USD\"')")
        await owner.execute(
            "INSERT INTO person (login, name, role, active, created_at)"
            " VALUES ('bench', 'Bench', 'manager', true, now())"
        )
        try:
            yield Place(owner, Path(folder), server.dsn(db.APP_ROLE, "bench"))
        finally:
            await owner.close()
            await db.close_pool()


async def best(times: int, *acts: Callable[[], Awaitable[object]]) -> list[float]:
    """Seconds of the quickest go of each act: they take turns, so that a slow minute of the machine meets all."""
    taken: list[list[float]] = [[] for _ in acts]
    for _ in range(times):
        for act, mine in zip(acts, taken, strict=True):
            gc.collect()
            start = time.perf_counter()
            await act()
            mine.append(time.perf_counter() - start)
    return [min(mine) for mine in taken]


def memory() -> float:
    """The most memory that this process has held so far, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _MEBI


def tell(row: Measured) -> None:
    """Print the row: as JSON for the table of all, or as a line for who runs one benchmark alone."""
    if "--json" in sys.argv:
        print(json.dumps(asdict(row)))
    else:
        print(
            f"{row.what}: {row.seconds:.2f} s, bare {row.bare:.2f} s, ratio {row.ratio:.2f} (bound {row.bound}),"
            f" memory {row.memory:.0f} MB" + ("" if row.memory_bound is None else f" (bound {row.memory_bound:.0f})"),
            flush=True,
        )


def run(main: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run a benchmark."""
    asyncio.run(main())

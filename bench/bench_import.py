"""A million sell-in lines through the whole machinery, against a bare COPY of the same rows in the same run.

    python bench/bench_import.py [LINES]

Prints the seconds of each phase, the ratio (bare COPY / import; the aim is 0.22 or more) and the process's memory.
"""

import asyncio
import random
import resource
import shutil
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from datetime import date, timedelta
from pathlib import Path

import asyncpg

from channel import db
from channel.access.rules import Person, Role
from channel.app import LOADERS
from channel.embedded import EmbeddedPostgres
from channel.imports.loader import use_loaders
from channel.imports.queries import loads
from channel.imports.service.loads import Wish, start_load
from channel.imports.service.uploads import take_in
from channel.imports.service.worker import run_waiting

DEALERS, PRODUCTS, LINES = 2_000, 300, 3
PERSON = Person("bench", "bench", Role.MANAGER)
CONF = {"shared_buffers": "512MB", "max_wal_size": "4GB"}


def write_csv(path: Path, count: int) -> None:
    chance = random.Random(1)  # noqa: S311 - made-up sales
    first = date(2024, 1, 1)
    with path.open("w", encoding="utf-8") as file:
        file.write("dealer,date,product,quantity,amount,currency,document,line\n")
        for number in range(count):
            quantity = chance.randint(1, 40)
            day = first + timedelta(days=number * 365 // count)
            file.write(
                f"D{chance.randrange(DEALERS):05},{day},P{chance.randrange(PRODUCTS):04},{quantity},"
                f"{quantity * chance.randint(1000, 99999) / 100:.2f},{chance.choice(('USD', 'USD', 'EUR'))},"
                f"INV{number // 5:07},{number % 5 + 1}\n"
            )


async def make_masters() -> None:
    async with db.held(db.EVERYTHING), db.transaction():
        posting = await db.fetchval(
            "INSERT INTO posting (act, actor, recorded_at) VALUES ('x', 'x', now()) RETURNING id"
        )
        node = await db.fetchval("INSERT INTO territory (code, name, level) VALUES ('T', 'T', 'region') RETURNING id")
        await db.execute("INSERT INTO territory_tree VALUES ($1, $1, 0)", node)
        await db.execute(
            "INSERT INTO dealer (code, name, type, territory_id, status, currency, terms_days)"
            " SELECT 'D' || to_char(n, 'FM00000'), 'D', 'terminal', $1, 'active', 'USD', 30"
            " FROM generate_series(0, $2::int - 1) n",
            node,
            DEALERS,
        )
        await db.execute(
            "INSERT INTO dealer_fact (dealer_id, fact, value, effective_on, posting_id)"
            " SELECT id, 'currency', 'USD', '2000-01-01', $1 FROM dealer",
            posting,
        )
        await db.execute(
            "INSERT INTO product_line (code, name) SELECT 'L' || n, 'L' FROM generate_series(1, $1::int) n", LINES
        )
        await db.execute(
            "INSERT INTO product (code, name, line_id) SELECT 'P' || to_char(n, 'FM0000'), 'P', 1 + n % $2"
            " FROM generate_series(0, $1::int - 1) n",
            PRODUCTS,
            LINES,
        )
        await db.execute(
            "INSERT INTO exchange_rate SELECT 'EUR', d::date, $1, 1.1"
            " FROM generate_series('2023-12-25'::date, '2025-01-05', '1 day') d",
            posting,
        )


async def pieces(path: Path) -> AsyncIterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(1 << 20):
            yield piece


async def import_file(path: Path) -> float:
    use_loaders(LOADERS)
    async with db.held(db.EVERYTHING):
        upload_id = await take_in(PERSON, path.name, pieces(path))
        load_id = await start_load(PERSON, Wish("sell-in", upload_id, period="2024-01:2024-12"))
    start = time.perf_counter()
    phases = asyncio.create_task(watch(load_id, start))
    await run_waiting()
    seconds = time.perf_counter() - start
    phases.cancel()
    async with db.held(db.EVERYTHING):
        row = await loads.load(load_id)
    print("import:", row and (row["state"], row["counts"]))
    return seconds


async def watch(load_id: int, start: float) -> None:
    seen = ""
    while True:
        async with db.held(db.EVERYTHING):
            row = await loads.load(load_id)
        if row and row["phase"] != seen:
            seen = row["phase"]
            print(f"  {time.perf_counter() - start:6.1f} s  {seen}")
        await asyncio.sleep(0.2)


async def bare_copy(owner: str, folder: Path) -> float:
    connection = await asyncpg.connect(owner)
    rows = folder / "rows.copy"
    await connection.copy_from_table("sales_line", output=str(rows))
    await connection.execute("CREATE TABLE bare (LIKE sales_line INCLUDING INDEXES)")
    await connection.execute("CHECKPOINT")
    start = time.perf_counter()
    await connection.copy_to_table("bare", source=str(rows))
    seconds = time.perf_counter() - start
    await connection.close()
    return seconds


async def main(count: int) -> None:
    folder = Path(tempfile.mkdtemp(prefix="channel-bench-"))
    folder.chmod(0o711)  # noqa: ASYNC240 - nothing else runs yet
    postgres = EmbeddedPostgres(folder / "postgres", conf=CONF)
    postgres.start()
    try:
        path = folder / "lines.csv"
        write_csv(path, count)
        owner = await asyncpg.connect(postgres.dsn("channel_owner", "postgres"))
        await owner.execute("CREATE DATABASE bench")
        await owner.close()
        await db.migrate(postgres.dsn("channel_owner", "bench"))
        await db.open_pool(postgres.dsn(db.APP_ROLE, "bench"), size=2)
        await make_masters()
        took = await import_file(path)
        await db.close_pool()
        bare = await bare_copy(postgres.dsn("channel_owner", "bench"), folder)
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"import    {took:6.1f} s  {count / took:10,.0f} lines/s")
        print(f"bare COPY {bare:6.1f} s  {count / bare:10,.0f} lines/s")
        print(f"ratio     {bare / took:6.2f}    memory {memory:.0f} MB")
    finally:
        postgres.stop()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000))

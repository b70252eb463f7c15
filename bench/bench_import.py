"""A million lines of sell-in from a CSV, as the service loads them, against COPY of the same rows.

The load is the service's own: asked for, claimed by the worker, read, checked, written under all keys and the
row-level security, rolled up, recorded.

The bare COPY is the owner's: the rows that the load has written, all columns, in COPY's own text, into an empty logged
table made LIKE the lines' own INCLUDING INDEXES (the primary key, the unique index of document lines, the index of
days) without foreign keys, checks or row-level security; same server, same settings, a checkpoint before each, the
best of three. It is measured three times: with the rows in the order of the file, as COPY of that file would bring
them; with the rows in the order of the keys, in which COPY is quickest, though nobody's file comes so; and in the order
of the file into a table with the same foreign keys and checks.
"""

import asyncio
import os
import random
import sys
import time
from collections.abc import AsyncIterator
from datetime import date, timedelta
from pathlib import Path

from bench.place import PERSON, Measured, Place, memory, place, run, tell
from channel.access import service as access
from channel.database import db
from channel.imports.queries import loads
from channel.imports.service.loads import LoadWish, start_load
from channel.imports.service.uploads import take_in
from channel.imports.service.worker import run_waiting

COUNT = int(os.environ.get("BENCH_LINES", "1000000"))
DEALERS, PRODUCTS, LINES = 2_000, 300, 3
BOUND, MEMORY = 0.22, 300

MASTERS = """
INSERT INTO posting (act, actor, recorded_at) VALUES ('make', 'bench', '2020-01-01');
INSERT INTO territory (code, name, level) VALUES ('T', 'T', 'region');
INSERT INTO territory_tree SELECT id, id, 0 FROM territory;
INSERT INTO dealer (code, name, type, territory_id, status, currency, terms_days)
SELECT 'D' || to_char(n, 'FM00000'), 'D', 'terminal', 1, 'active', 'USD', 30 FROM generate_series(1, {dealers}) n;
INSERT INTO dealer_fact (dealer_id, fact, value, effective_on, posting_id)
SELECT id, 'currency', 'USD', '2000-01-01', 1 FROM dealer;
INSERT INTO product_line (code, name) SELECT 'L' || n, 'L' FROM generate_series(1, {lines}) n;
INSERT INTO product (code, name, line_id)
SELECT 'P' || to_char(n, 'FM0000'), 'P', 1 + n % {lines} FROM generate_series(1, {products}) n;
INSERT INTO exchange_rate SELECT 'EUR', d, 1, 1.1 FROM generate_series('2023-12-25'::date, '2025-01-05', '1 day') d;
INSERT INTO sell_in_year_kept (ends_on) VALUES ('2025-01-01');
"""
KEYS = """
SELECT string_agg(format('ALTER TABLE keyed ADD %s', pg_get_constraintdef(oid)), ';')
FROM pg_constraint WHERE conrelid = 'sales_line'::regclass AND contype = 'f'
"""
IN_FILE, BY_KEY = "document, line_number::integer", "dealer_id, on_date, document, line_number"
"""The file's own order (see `write_csv`), and the order in which every index grows at its end or close to it."""


def write_csv(path: Path) -> None:
    chance = random.Random(1)  # noqa: S311 - made-up sales
    with path.open("w", encoding="utf-8") as file:
        file.write("dealer,date,product,quantity,amount,currency,document,line\n")
        for number in range(COUNT):
            quantity = chance.randint(1, 40)
            day = date(2024, 1, 1) + timedelta(days=number * 365 // COUNT)
            file.write(
                f"D{chance.randint(1, DEALERS):05},{day},P{chance.randint(1, PRODUCTS):04},{quantity},"
                f"{quantity * chance.randint(1000, 99999) / 100:.2f},{chance.choice(('USD', 'USD', 'EUR'))},"
                f"INV{number // 5:07},{number % 5 + 1}\n"
            )


async def pieces(path: Path) -> AsyncIterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(1 << 20):
            yield piece


async def load(path: Path) -> float:
    """Seconds from the claim to the load's record."""
    async with db.held(access.scope_of(PERSON)):
        upload_id = await take_in(PERSON, path.name, pieces(path))
        load_id = await start_load(PERSON, LoadWish("sell-in", upload_id, period="2024-01:2024-12"))
    watching = asyncio.create_task(watch(load_id))
    start = time.perf_counter()
    await run_waiting()
    took = time.perf_counter() - start
    watching.cancel()
    async with db.held(db.EVERYTHING):
        row = await loads.load(load_id)
    if row is None or row["state"] != "loaded" or row["counts"]["loaded"] != COUNT:
        raise RuntimeError(f"not loaded: {row}")
    return took


async def watch(load_id: int) -> None:
    """Tell when each phase begins."""
    seen, start = "", time.perf_counter()
    while True:
        async with db.held(db.EVERYTHING):
            row = await loads.load(load_id)
        if row is not None and row["phase"] != seen:
            seen = row["phase"]
            print(f"  {time.perf_counter() - start:6.1f} s  {seen}", file=sys.stderr)
        await asyncio.sleep(0.2)


async def bare(at: Place, table: str, file: str) -> float:
    """Seconds of COPY into an empty table; the best of three."""
    taken = []
    for _ in range(3):
        await at.owner.execute(f"TRUNCATE {table}")
        await at.owner.execute("CHECKPOINT")
        start = time.perf_counter()
        await at.owner.copy_to_table(table, source=at.folder / file)
        taken.append(time.perf_counter() - start)
    return min(taken)


async def main() -> None:
    async with place() as at:
        await at.owner.execute(MASTERS.format(dealers=DEALERS, products=PRODUCTS, lines=LINES))
        await at.owner.execute("VACUUM ANALYZE")
        await at.owner.execute("CHECKPOINT")
        write_csv(at.folder / "lines.csv")
        took = await load(at.folder / "lines.csv")
        held = memory()
        for order, name in ((IN_FILE, "file.copy"), (BY_KEY, "keys.copy")):
            rows = f"SELECT * FROM sales_line ORDER BY {order}"
            await at.owner.copy_from_query(rows, output=at.folder / name)
        await at.owner.execute("CREATE TABLE bare (LIKE sales_line INCLUDING INDEXES)")
        await at.owner.execute("CREATE TABLE keyed (LIKE sales_line INCLUDING INDEXES INCLUDING CONSTRAINTS)")
        await at.owner.execute(await at.owner.fetchval(KEYS))
        for what, table, file, bound in (
            ("with the same indexes", "bare", "file.copy", f"at least {BOUND}"),
            ("the same, in order of the keys", "bare", "keys.copy", "none set"),
            ("with keys and checks too", "keyed", "file.copy", "none set"),
        ):
            least = await bare(at, table, file)
            tell(Measured(f"import of {COUNT:,} lines, to COPY {what}", took, least, least / took, bound, held, MEMORY))


if __name__ == "__main__":
    run(main)

"""200,000 invoices and 200,000 receipts from files, paid by themselves, against COPY of the same rows.

The loads are the service's own: asked for, claimed by the worker, read, checked, allocated, written under all keys and
the row-level security, with all that is kept beside the ledger. Four receipts of five name their invoice, one of ten
has its amount, and the rest pays what is oldest.

The bare COPY is the owner's: the rows that the loads have written to documents, items, allocations and what is open,
all columns, in COPY's own text, into empty logged tables made LIKE their own INCLUDING INDEXES without foreign keys,
checks or row-level security; same server, same settings, a checkpoint before each, the best of three. It is measured
twice, as for reports (docs/decisions/large-reports.md): with the rows in the order of the files, as COPY of those files
would bring them, which the bound is held against; and in the order of the keys, in which COPY is quickest, though
nobody's files come so. Before it the same is loaded with a tenth of the documents in a database of its own: the cost of
a document may grow by a third from there, and the memory of the process to 1.3 times.
"""

import asyncio
import os
import random
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from datetime import date, timedelta
from pathlib import Path

from bench.place import Measured, Place, memory, place, run, tell
from channel.access import service as access
from channel.access.rules import Person, Role
from channel.database import db
from channel.imports.queries import loads
from channel.imports.service.loads import LoadWish, start_load
from channel.imports.service.uploads import take_in
from channel.imports.service.worker import run_waiting

COUNT = int(os.environ.get("BENCH_DOCUMENTS", "200000"))
BOUND, GROWTH, MEMORY_GROWTH = 0.15, 4 / 3, 1.3
PERSON = Person("bench", "bench", Role.FINANCE, person_id=1)
TABLES = {
    "receivable_document": "id",
    "receivable_item": "document_id",
    "allocation": "money_id",
    "open_item": "document_id",
}
"""Each table with its column that names the document whose line of a file brought the row."""
IN_FILE = """
SELECT t.* FROM {table} t JOIN receivable_document d ON d.dealer_id = t.dealer_id AND d.id = t.{of}
ORDER BY d.posting_id, d.number, {more}
"""
BY_KEY = "SELECT t.* FROM {table} t ORDER BY t.dealer_id, {more}"
_A_DEALERS = 100
"""Invoices of a dealer."""
_NAMES, _EXACT = 0.8, 0.9
"""Up to which share a receipt names its invoice, and has its amount."""

MASTERS = """
UPDATE person SET role = 'finance';
INSERT INTO posting (act, actor, recorded_at) VALUES ('make', 'bench', '2020-01-01');
INSERT INTO territory (code, name, level) VALUES ('T', 'T', 'region');
INSERT INTO territory_tree SELECT id, id, 0 FROM territory;
INSERT INTO dealer (code, name, type, territory_id, status, currency, terms_days)
SELECT 'D' || to_char(n, 'FM00000'), 'D', 'terminal', 1, 'active', 'USD', 30 FROM generate_series(1, {dealers}) n;
INSERT INTO dealer_fact (dealer_id, fact, value, effective_on, posting_id)
SELECT d.id, f.fact, f.value, '2000-01-01', (SELECT max(id) FROM posting)
FROM dealer d, (VALUES ('currency', 'USD'), ('terms_days', '30')) AS f (fact, value);
"""


def write_files(folder: Path, count: int) -> None:
    chance = random.Random(1)  # noqa: S311 - made-up documents
    with (folder / "invoices.csv").open("w") as invoices, (folder / "receipts.csv").open("w") as receipts:
        invoices.write("dealer,number,date,amount,tax,due date,order\n")
        receipts.write("dealer,number,date,amount,reference,value date,account\n")
        for number in range(count):
            dealer = f"D{chance.randint(1, count // _A_DEALERS):05}"
            day = date(2023, 1, 1) + timedelta(days=number * 600 // count)
            amount = chance.randint(1_000, 9_999_999)
            invoices.write(
                f"{dealer},INV{number:07},{day},{amount / 100:.2f},{amount // 10 / 100:.2f},"
                f"{day + timedelta(days=30)},PO{number % 977}\n"
            )
            paid_on, way = day + timedelta(days=chance.randint(1, 90)), chance.random()
            named = f"INV{number:07}" if way < _NAMES else ""
            paid = amount if way < _EXACT else chance.randint(1_000, amount)
            receipts.write(
                f"{dealer},R{number:07},{paid_on},{paid / 100:.2f},{named},{paid_on},6222{number % 4999:06}\n"
            )


async def pieces(path: Path) -> AsyncIterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(1 << 20):
            yield piece


async def load(kind: str, path: Path, count: int) -> float:
    """Seconds from the claim to the load's record."""
    async with db.held(access.scope_of(PERSON)):
        upload_id = await take_in(PERSON, path.name, pieces(path))
        load_id = await start_load(PERSON, LoadWish(kind, upload_id, confirmed=True))
    watching = asyncio.create_task(watch(load_id))
    start = time.perf_counter()
    await run_waiting()
    took = time.perf_counter() - start
    watching.cancel()
    async with db.held(db.EVERYTHING):
        row = await loads.load(load_id)
    if row is None or row["state"] != "loaded" or row["counts"]["documents"] != count:
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
        await asyncio.sleep(1)


async def loaded(at: Place, count: int) -> float:
    """Seconds in which so many invoices and so many receipts are loaded."""
    await at.owner.execute(MASTERS.format(dealers=count // _A_DEALERS))
    await at.owner.execute("VACUUM ANALYZE")
    await at.owner.execute("CHECKPOINT")
    write_files(at.folder, count)
    return sum([await load(kind, at.folder / f"{kind}.csv", count) for kind in ("invoices", "receipts")])


async def bare(at: Place, ordered: str) -> float:
    """Seconds of COPY of all rows, in the order of a query, into empty tables with the same indexes; best of three."""
    for table, of in TABLES.items():
        more = "t.id" if of in ("id", "money_id") else "t.document_id, t.instalment"
        rows = ordered.format(table=table, of=of, more=more)
        await at.owner.copy_from_query(rows, output=at.folder / table)
        await at.owner.execute(f"CREATE TABLE IF NOT EXISTS bare_{table} (LIKE {table} INCLUDING INDEXES)")
    taken = []
    for _ in range(3):
        for table in TABLES:
            await at.owner.execute(f"TRUNCATE bare_{table}")
        await at.owner.execute("CHECKPOINT")
        start = time.perf_counter()
        for table in TABLES:
            await at.owner.copy_to_table(f"bare_{table}", source=at.folder / table)
        taken.append(time.perf_counter() - start)
    return min(taken)


async def main() -> None:
    if len(sys.argv) > 1 and sys.argv[-1] == "--tenth":
        async with place() as at:
            print(await loaded(at, COUNT // 10), memory())
        return
    command = [sys.executable, "-m", "bench.bench_ledger_load", "--tenth"]
    said = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)  # noqa: ASYNC221, S603 - this script
    tenth, held_by_tenth = map(float, said.stdout.split())
    async with place() as at:
        took = await loaded(at, COUNT)
        held = memory()
        in_file, by_key = await bare(at, IN_FILE), await bare(at, BY_KEY)
    what = f"{COUNT:,} invoices and receipts loaded and allocated"
    bound, most = f"at least {BOUND}", held_by_tenth * MEMORY_GROWTH
    tell(Measured(f"{what}, to COPY", took, in_file, in_file / took, bound, held, most))
    tell(Measured(f"{what}, to COPY in order of the keys", took, by_key, by_key / took, "none set", held, most))
    grown = took / (10 * tenth)
    tell(Measured(f"{what}, to a tenth of them", took, 10 * tenth, grown, f"at most {GROWTH:.2f}", held, None))


if __name__ == "__main__":
    run(main)

"""A load of documents whose process is killed in its middle is done once, by whoever takes it up."""

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from channel.access.rules import Role
from channel.database import db
from channel.database.embedded import EmbeddedPostgres
from channel.database.locks import Lock
from channel.imports.service.worker import run_waiting
from channel.receivables.service.kept import reconcile_ledger
from tests.make.access import make_person
from tests.make.dealers import make_dealer
from tests.make.sales import asked, csv_of, load_now, loaded

ROOT = Path(__file__).parents[2]
# A worker that is killed as soon as the database has carried out a statement that begins so.
KILLED = """
import asyncio, os, signal
import asyncpg
from channel.app import ROOMS, use_rooms
from channel.database import db
from channel.imports.service.worker import run_waiting

execute = asyncpg.Connection.execute


async def killed(self, sql, *args, **given):
    done = await execute(self, sql, *args, **given)
    if sql.strip().startswith({begins!r}):
        os.kill(os.getpid(), signal.SIGKILL)
    return done


async def work():
    use_rooms(ROOMS)
    asyncpg.Connection.execute = killed
    await db.open_pool({dsn!r}, size=3)
    await run_waiting()


asyncio.run(work())
"""
MOMENTS = (
    "INSERT INTO dealer_account",
    "CREATE TEMP TABLE staged_document",
    "INSERT INTO document_posting",
    "INSERT INTO receivable_document",
    "INSERT INTO allocation",
    "WITH gone AS",
    "INSERT INTO account_balance",
)


@pytest.mark.parametrize("begins", MOMENTS)
async def test_a_load_that_is_killed_loses_and_doubles_nothing(
    begins: str, server: EmbeddedPostgres, database: str, tmp_path: Path
) -> None:
    finance = await make_person(Role.FINANCE)
    await make_dealer("D-1", currency="CNY")
    invoices = csv_of("dealer,number,date,amount", "D-1,I1,2025-01-02,100", "D-1,I2,2025-01-02,50")
    assert (await loaded(finance, "invoices", invoices))["state"] == "loaded"
    receipts = csv_of("dealer,number,date,amount", "D-1,R1,2025-01-20,120", "D-1,R2,2025-01-21,40")
    load_id = await asked(finance, "receipts", receipts)
    script = tmp_path / "worker.py"
    script.write_text(KILLED.format(dsn=server.dsn(db.APP_ROLE, database), begins=begins))
    done = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, script],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        check=False,
        timeout=120,
    )
    assert done.returncode == -signal.SIGKILL
    async with db.alone(db.EVERYTHING):
        # PostgreSQL sees the end of the connection in its own time; this waits for exactly that.
        await db.execute("SELECT pg_advisory_lock($1, worker) FROM work WHERE worker IS NOT NULL", Lock.WORKERS)
        assert await db.fetchval("SELECT count(*) FROM receivable_document") == 2
    assert await run_waiting() == 1
    row = await load_now(load_id)
    assert (row["state"], row["attempts"]) == ("loaded", 2)
    async with db.held(db.EVERYTHING):
        documents = await db.fetchval("SELECT array_agg(number ORDER BY number) FROM receivable_document")
        assert documents == ["I1", "I2", "R1", "R2"]
        assert await db.fetchval("SELECT sum(amount) FROM allocation") == 150
        assert await db.fetchval("SELECT amount FROM open_item") == 10
        assert await reconcile_ledger() == 0

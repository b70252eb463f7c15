"""The machinery of loads: what is read, claimed, resumed, refused, kept and forgotten."""

import asyncio
import io
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from channel import clock, files
from channel.access.rules import Role
from channel.app import ROOMS, use_rooms
from channel.database import db
from channel.database.embedded import EmbeddedPostgres
from channel.database.locks import Lock
from channel.errors import Refused
from channel.imports.acts import LoadChecked
from channel.imports.loader import specs
from channel.imports.queries import loads as load_queries
from channel.imports.reading import Reading
from channel.imports.rules.mapping import reader, resolve
from channel.imports.rules.profile import profile_from_options
from channel.imports.service.loads import LOAD_A_FILE, LoadWish, load_checked, load_of, start_load
from channel.imports.service.mappings import keep_profile, profiles_of
from channel.imports.service.uploads import KEPT, forget_uploads, take_in, upload_of
from channel.imports.service.worker import LOADING, run_waiting
from channel.work import queries as work_queries
from channel.work.service import LEASE, Due, LeaseLost, finishing, working
from tests.make.access import acting, make_person
from tests.make.sales import csv_of, load_now, loaded, make_loader, make_masters

HEADER = "dealer,date,product,quantity,amount"
ROOT = Path(__file__).parents[2]
# A worker that has claimed a load and is killed before it can say a word.
KILLED = """
import asyncio, os, signal
from channel import clock
from channel.database import db
from channel.imports.service.loads import LOAD_A_FILE
from channel.work import queries
from channel.work.service import LEASE


async def work():
    await db.open_pool({dsn!r}, size=1)
    async with db.alone(db.EVERYTHING):
        await queries.be_present(7)
        assert await queries.claim(LOAD_A_FILE, clock.now(), 7, LEASE)
        os.kill(os.getpid(), signal.SIGKILL)


asyncio.run(work())
"""
GOOD = csv_of(HEADER, "D1,2025-01-05,P1,2,200.00")
_SPEC = specs()["sell-in"]
CELLS = st.sampled_from(
    ("D1", " D2 ", "P1", "2025-01-05", "5/1/2025", "1.5", "1,000.25", "-3", "", "x\\y", 'a"b', "0.00005")
)


@pytest.fixture(autouse=True)
def _loaders() -> None:
    use_rooms(ROOMS)


async def _asked(person: Any, content: bytes, **options: Any) -> int:  # noqa: ANN401 - a person, and what a wish takes
    # A file of one line leaves nearly a month without any.
    options.setdefault("confirmed", True)

    async def chunks() -> Any:  # noqa: ANN401 - bytes by and by
        yield content

    async with acting(person):
        upload_id = await take_in(person, "a.csv", chunks())
        return await start_load(person, LoadWish("sell-in", upload_id, **options))


@given(st.lists(st.tuples(*[CELLS] * 5), min_size=1, max_size=20))
def test_columns_and_lines_are_read_alike(rows: list[tuple[str, ...]]) -> None:
    """The quick way by columns gives the same text as the way line by line."""
    reading = _reading(rows)
    slow = _reading(rows)
    slow._by_columns = lambda *_: None  # type: ignore[method-assign,assignment]
    assert b"".join(reading.pieces()) == b"".join(slow.pieces())
    assert (reading.lines, reading.wrong) == (slow.lines, slow.wrong)


class _Loose(Reading):
    """A reading whose parts a test may replace."""


def _reading(rows: list[tuple[str, ...]]) -> _Loose:
    profile = profile_from_options(_SPEC, None, maps=[f"{name}={name}" for name in HEADER.split(",")])
    shape = files.FileShape("csv", tuple(HEADER.split(",")), 1, (), "utf-8", ",")
    columns = resolve(_SPEC, profile, shape.header)
    content = io.BytesIO(b"".join(files.csv_bytes(HEADER.split(","), rows, mark=False)))

    class _Memory:
        def open(self, _mode: str) -> io.BytesIO:
            content.seek(0)
            return io.BytesIO(content.getvalue())

    assert reader(columns, {}) is not None
    return _Loose(_SPEC, _Memory(), shape, columns, {})  # type: ignore[arg-type]


def _workbook() -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        page = book.add_worksheet()
        for line, row in enumerate([HEADER.split(","), ["D1", datetime(2025, 1, 5), "P1", 2, 200.5]]):  # noqa: DTZ001
            for column, value in enumerate(row):
                if isinstance(value, datetime):
                    page.write_datetime(line, column, value, book.add_format({"num_format": "yyyy-mm-dd"}))
                else:
                    page.write(line, column, value)
    return out.getvalue()


def _contents() -> Iterator[tuple[str, bytes]]:
    chinese = "经销商;日期;产品;数量;金额\nD1;2025年1月5日;P1;2;200.5\n"
    yield "gbk", chinese.encode("gbk")
    yield "utf-8 with mark", chinese.encode("utf-8-sig")
    yield "utf-16", chinese.encode("utf-16")
    yield "xlsx", _workbook()


@pytest.mark.parametrize(("name", "content"), list(_contents()))
async def test_files_of_every_make_are_read(database: str, name: str, content: bytes) -> None:
    await make_masters()
    result = await loaded(await make_loader(), "sell-in", content, name)
    assert (result["state"], result["counts"].get("loaded")) == ("loaded", 1), result


async def test_a_load_whose_worker_died_is_begun_again(database: str) -> None:
    await make_masters()
    load_id = await _asked(await make_loader(), GOOD)
    async with db.alone(db.EVERYTHING):
        await work_queries.be_present(7)
        first = await work_queries.claim(LOAD_A_FILE, clock.now(), 7, LEASE)
        assert first is not None
        assert await work_queries.claim(LOAD_A_FILE, clock.now(), 8, LEASE) is None
        assert await run_waiting() == 0, "the worker lives and its lease runs"
        await db.execute("UPDATE work SET lease_until = clock_timestamp()")
        assert await run_waiting() == 1
    assert (await load_now(load_id))["state"] == "loaded"
    async with db.held(db.EVERYTHING):
        # The dead worker wakes: its word no longer counts.
        due = Due(LOADING, str(load_id), None, (first["id"], 7, first["attempts"]), first["asked"], None)
        with pytest.raises(LeaseLost):
            await LOADING.carry_out(due)
        with pytest.raises(LeaseLost):
            async with finishing(due):
                pass
    assert (await load_now(load_id))["attempts"] == 2


async def test_a_load_whose_process_is_gone_is_begun_again_at_once(
    server: EmbeddedPostgres, database: str, tmp_path: Path
) -> None:
    """A process is killed in the middle: its lease would run for a minute, its lock of presence went with it."""
    await make_masters()
    load_id = await _asked(await make_loader(), GOOD)
    waiting = await _asked(await make_loader(), GOOD)
    script = tmp_path / "worker.py"
    script.write_text(KILLED.format(dsn=server.dsn(db.APP_ROLE, database)))
    done = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, script],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        check=False,
        timeout=60,
    )
    assert done.returncode == -signal.SIGKILL
    async with db.alone(db.EVERYTHING):
        # PostgreSQL sees the end of the connection in its own time; this waits for exactly that.
        await db.execute("SELECT pg_advisory_lock($1, 7)", Lock.WORKERS)
        claimed = await db.fetchrow("SELECT key, attempts, lease_until > now() AS runs FROM work WHERE attempts > 0")
    assert tuple(claimed or ()) == (str(load_id), 1, True)
    assert await run_waiting() == 2, "neither it nor what waits behind it waits for the lease"
    row = await load_now(load_id)
    assert (row["state"], row["attempts"]) == ("loaded", 2)
    assert (await load_now(waiting))["state"] == "unchanged"


async def test_a_file_that_kills_its_workers_is_given_up(database: str) -> None:
    await make_masters()
    load_id = await _asked(await make_loader(), GOOD)
    async with db.held(db.EVERYTHING):
        await db.execute("UPDATE work SET attempts = $1", LOADING.retries.most)
    await run_waiting()
    result = await load_now(load_id)
    assert (result["state"], "given up" in result["problem"]["title"]["text"]) == ("refused", True)


async def test_the_service_carries_loads_out_by_itself(database: str) -> None:
    await make_masters()
    carried_out: asyncio.Queue[Due] = asyncio.Queue()
    async with working([LOADING], carried_out.put_nowait):
        load_id = await _asked(await make_loader(), GOOD)
        assert (await asyncio.wait_for(carried_out.get(), 60)).key == str(load_id)
    assert (await load_now(load_id))["state"] == "loaded"


async def test_what_was_checked_goes_in_once(database: str) -> None:
    await make_masters()
    person = await make_loader()
    load_id = await _asked(person, GOOD, dry_run=True)
    await run_waiting()
    async with acting(person):
        await load_checked(person, load_id, LoadChecked(confirmed=True))
        with pytest.raises(Refused):
            await load_checked(person, load_id, LoadChecked(confirmed=True))
    await run_waiting()
    assert (await load_now(load_id))["counts"]["loaded"] == 1
    other = await make_loader()
    async with acting(other):
        with pytest.raises(Refused, match="who brought it"):
            await load_checked(other, load_id, LoadChecked(confirmed=True))


async def test_loads_need_the_right_and_readable_options(database: str) -> None:
    await make_masters()
    auditor = await make_person(Role.AUDITOR)
    with pytest.raises(Refused) as refused:
        await _asked(auditor, GOOD)
    assert refused.value.status == 403
    person = await make_loader()
    for options in (
        {"period": "2025-13"},
        {"maps": ["nothing=dealer"]},
        {"create_missing": ["dealers"]},
        {"effective_on": "yesterday"},
        {"profile_name": "none"},
        {"profile": {"lookups": {"dealer": {"file": "a.csv", "key": "a", "from": "dealer", "value": "b"}}}},
    ):
        with pytest.raises(Refused):
            await _asked(person, GOOD, **options)
    load_id = await _asked(person, csv_of("a,b", "1,2"), maps=["dealer=a", "date=b"])
    await run_waiting()
    result = await load_now(load_id)
    assert result["state"] == "refused"
    assert {error["field"] for error in result["problem"]["errors"]} == {"product", "quantity", "amount", "header_line"}


async def test_a_mapping_is_kept_under_a_name_and_used(database: str) -> None:
    await make_masters()
    person = await make_loader()
    columns = {"dealer": "A", "date": "B", "product": "C", "quantity": "D", "amount": "E"}
    async with acting(person):
        await keep_profile(person, "sell-in", "ERP", {"columns": columns, "date_format": "D/M/YYYY"})
        assert [row["name"] for row in await profiles_of(person, "sell-in")] == ["ERP"]
    content = csv_of("A,B,C,D,E", "D1,5/1/2025,P1,2,200.00")
    assert (await loaded(person, "sell-in", content, profile_name="ERP"))["state"] == "loaded"


async def test_files_are_forgotten_and_what_came_of_them_is_not(database: str) -> None:
    await make_masters()
    person = await make_loader()
    load_id = await _asked(person, GOOD)
    waiting = await _asked(person, csv_of(HEADER, "D1,2025-02-05,P1,2,200.00"))
    async with db.held(db.EVERYTHING):
        await db.execute("UPDATE import_load SET state = 'loaded' WHERE id = $1", load_id)
        with clock.fixed(clock.now() + KEPT + timedelta(days=1)):
            assert await forget_uploads() == 1
            assert await forget_uploads() == 0
    async with acting(person):
        row = await load_of(load_id)
        with pytest.raises(Refused):
            await upload_of(row["upload_id"])
        assert (await upload_of((await load_of(waiting))["upload_id"]))["size"] > 0


async def test_a_raw_body_and_its_options_come_over_the_api(api: Callable[..., Any], database: str) -> None:
    await make_masters()
    client = await api(await make_loader())
    query = {"kind": "sell-in", "file_name": "a.csv", "period": "2025-01", "set": ["currency=USD"], "dry_run": "true"}
    answer = await client.post("/api/v1/imports", params=query, content=GOOD)
    assert answer.status_code == 202, answer.text
    await run_waiting()
    load = (await client.get(f"/api/v1/imports/{answer.json()['id']}")).json()
    assert (load["state"], load["preview"]["dealers"]) == ("checked", {"covered": 3, "with_lines": 1})
    gone = await client.post(f"/api/v1/imports/{load['id']}/load", json={})
    assert gone.status_code == 202
    await run_waiting()
    listed = (await client.get("/api/v1/imports", params={"kind": "sell-in"})).json()["items"]
    assert [each["state"] for each in listed] == ["loaded"]
    assert (await client.post("/api/v1/imports", params={"kind": "gifts"}, content=GOOD)).status_code == 422
    odd = await client.post("/api/v1/imports", params=query | {"colour": "red"}, content=GOOD)
    assert odd.status_code == 422
    put = await client.put("/api/v1/imports/profiles/sell-in/ERP", json={"columns": {"dealer": "A"}})
    assert put.status_code == 200, put.text
    assert len((await client.get("/api/v1/imports/profiles")).json()["items"]) == 1
    assert (await client.delete("/api/v1/imports/profiles/sell-in/ERP")).status_code == 204
    kinds = (await client.get("/api/v1/imports/kinds")).json()["items"]
    assert "sell-in" in [each["kind"] for each in kinds]


async def test_a_pool_of_one_serves_while_a_load_runs(
    server: Any,  # noqa: ANN401 - the embedded server
    template: str,
    database: str,
    tmp_path: Path,
) -> None:
    await make_masters()
    person = await make_loader()
    await db.close_pool()
    await db.open_pool(server.dsn(db.APP_ROLE, database), size=1)
    load_id = await _asked(person, GOOD)
    async with db.held(db.EVERYTHING):
        # The only connection of the pool is taken; the load goes in all the same.
        assert await run_waiting() == 1
        row = await load_queries.load(load_id)
    assert row is not None
    assert row["state"] == "loaded"
    assert (row["counts"]["lines"], row["counts"].get("rejected", 0)) == (1, 0)
    assert datetime.now(UTC) > row["finished_at"]

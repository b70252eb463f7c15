"""A command whose connection is lost asks once more, and what it asked for is done once."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from channel.database import db
from tests.cli.conftest import Service
from tests.make.limits import Desk, make_dealer_selling, make_desk
from tests.make.sales import csv_of


@dataclass
class Line:
    """A line to the service that breaks under the first POST, or before it is heard, or after it was answered."""

    host: str
    port: int
    breaks: str = ""
    posts: int = 0
    writers: list[asyncio.StreamWriter] = field(default_factory=list)

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, to = await asyncio.open_connection(self.host, self.port)
        self.writers += [writer, to]
        lost = asyncio.Event()

        async def forth() -> None:
            while piece := await reader.read(1 << 16):
                if piece.startswith(b"POST"):
                    self.posts += 1
                    if self.posts == 1 and self.breaks:
                        lost.set()
                        if self.breaks == "unheard":
                            break
                to.write(piece)
            to.close()

        async def back() -> None:
            while piece := await there.read(1 << 16):
                if lost.is_set():
                    break
                writer.write(piece)
            writer.close()

        await asyncio.gather(forth(), back())


@pytest.fixture
async def line(service: Service) -> AsyncIterator[Line]:
    found = urlsplit(service.url)
    assert found.hostname is not None
    assert found.port is not None
    made = Line(found.hostname, found.port)
    listening = await asyncio.start_server(made.carry, "127.0.0.1", 0)
    made.port, port = found.port, listening.sockets[0].getsockname()[1]
    service.url = f"http://127.0.0.1:{port}"
    yield made
    listening.close()
    for writer in made.writers:
        writer.close()


async def _desk() -> Desk:
    desk = await make_desk()
    await make_dealer_selling(desk, "D-1")
    return desk


@pytest.mark.parametrize("breaks", ["unheard", "unanswered"])
async def test_what_was_asked_for_on_a_line_that_breaks_is_done_once(service: Service, line: Line, breaks: str) -> None:
    desk = await _desk()
    line.breaks = breaks
    said = await service.done(desk.manager, "dealer", "keep-contact", "D-1", "--name", "Lin")
    assert "The connection was lost" in said.err
    async with db.held(db.EVERYTHING):
        assert await db.fetchval("SELECT count(*) FROM contact") == 1
        assert await db.fetchval("SELECT count(*) FROM audit_dealer WHERE act = 'keep contact'") == 1
    assert line.posts == 2


async def test_a_file_that_was_brought_on_a_line_that_breaks_is_brought_once(
    service: Service, line: Line, tmp_path: Path
) -> None:
    desk = await _desk()
    file = tmp_path / "a.csv"
    file.write_bytes(csv_of("dealer,date,product,quantity,amount", "D-1,2013-11-20,P,2,200.00"))
    line.breaks = "unanswered"
    await service.done(desk.manager, "import", "sell-in", str(file), "--dry-run")
    async with db.held(db.EVERYTHING):
        assert await db.fetchval("SELECT count(*) FROM upload WHERE file_name = 'a.csv'") == 1


async def test_a_line_that_does_not_break_is_used_once(service: Service, line: Line) -> None:
    desk = await _desk()
    said = await service.done(desk.manager, "dealer", "keep-contact", "D-1", "--name", "Lin")
    assert ("The connection was lost" in said.err, line.posts) == (False, 1)

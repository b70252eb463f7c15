"""The rejected lines of a load as a file that can be mended and loaded again."""

from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import quote

from channel.access.rules import Person
from channel.errors import Message
from channel.files import csv_bytes
from channel.imports.queries import loads as queries
from channel.imports.rules.reasons import Reject, code_of, reject_header, reject_rows
from channel.imports.service.loads import header_of, load_of
from channel.web import language

_BATCH = 1000
_Batch = list[tuple[int, list[str], list[Reject]]]


async def rejects_file(person: Person, load_id: int) -> tuple[AsyncIterator[bytes], dict[str, str]]:
    """The CSV in pieces (original columns, line number, reasons in both languages) and the headers that name it."""
    row = await load_of(person, load_id)
    name = quote(f"{row['file_name'].rsplit('.', 1)[0]}.rejects.csv")
    headers = {"content-disposition": f"attachment; filename*=UTF-8''{name}"}
    return _pieces(load_id, await header_of(row)), headers


async def _pieces(load_id: int, header: list[str]) -> AsyncIterator[bytes]:
    batch: _Batch = []
    first = True
    async for row in queries.all_rejects(load_id):
        batch.append((row["line_no"], row["cells"], [_reject(row["line_no"], each) for each in row["reasons"]]))
        if len(batch) == _BATCH:
            yield _csv(header, batch, first=first)
            batch, first = [], False
    yield _csv(header, batch, first=first)


def _csv(header: list[str], batch: _Batch, *, first: bool) -> bytes:
    rows = reject_rows(header, batch, lambda message, code: language(code).tell(message))
    text = b"".join(csv_bytes(reject_header(header), rows))
    # Each part is written as a file with its header; only the first keeps it.
    return text if first else text.split(b"\r\n", 1)[1]


def _reject(line_no: int, stored: dict[str, Any]) -> Reject:
    message = Message.from_json(stored)
    return Reject(line_no, code_of(message), message, stored["field"])

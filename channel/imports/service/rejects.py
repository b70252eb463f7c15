"""The rejected lines of a load: kept when it is checked, and given as a file that can be mended and loaded again."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence

from asyncpg import Record

from channel import files
from channel.errors import Message
from channel.files import csv_bytes
from channel.imports.queries import loads as queries
from channel.imports.queries import staging
from channel.imports.reading import Reading
from channel.imports.rules.reasons import Reject, code_of, reject_header, reject_rows
from channel.imports.service.loads import header_of, labels_of, load_of
from channel.web import disposition, language

_BATCH = 2000


async def keep_rejects(load_id: int, readings: Sequence[Reading], header: Sequence[str], count: int) -> None:
    """Read the files again for the cells of the rejected lines, in the order of the columns of `header`."""
    await staging.order_faults()
    for reading in readings:
        batches = files.together(_arranged(reading, header), _BATCH)
        while count > 0 and (batch := await asyncio.to_thread(next, batches, None)):
            reasons = await staging.reasons_of([record.line_no for record in batch])
            rejected = [
                (load_id, each.line_no, list(each.cells), reasons[each.line_no])
                for each in batch
                if each.line_no in reasons
            ]
            await queries.record_rejects(rejected)
            count -= len(rejected)


def _arranged(reading: Reading, header: Sequence[str]) -> Iterator[files.Record]:
    own = reading.shape.header
    places = [own.index(name) if name in own else None for name in header]
    for record in reading.records():
        cells = reading.told(record.cells)
        if own != tuple(header):
            cells = ["" if place is None or place >= len(cells) else cells[place] for place in places]
        yield record._replace(cells=tuple(cells))


async def rejects_file(load_id: int) -> tuple[AsyncIterator[bytes], dict[str, str]]:
    """The CSV in pieces (original columns, load and line, reasons in both languages) and the headers that name it."""
    row = await load_of(load_id)
    headers = {"content-disposition": disposition(f"{row['file_name'].rsplit('.', 1)[0]}.rejects.csv")}
    return _pieces(row, await header_of(row)), headers


async def _pieces(row: Record, header: list[str]) -> AsyncIterator[bytes]:
    labels = labels_of(row["kind"])
    first = True
    async for batch in _batches(row["id"]):
        rows = reject_rows(
            header, row["completes"] or row["id"], batch, labels, lambda text, code: language(code).tell(text)
        )
        for piece in csv_bytes(reject_header(header), rows, first=first):
            yield piece
        first = False


async def _batches(load_id: int) -> AsyncIterator[list[tuple[int, list[str], list[Reject]]]]:
    """The rejected lines some at a time; one empty batch where there are none, so that the header is written."""
    line, first = -1, True
    while (rows := await queries.rejects(load_id, line, _BATCH)) or first:
        yield [(row["line_no"], row["cells"], _reasons(row)) for row in rows]
        line, first = rows[-1]["line_no"] if rows else line, False


def _reasons(row: Record) -> list[Reject]:
    found = [(Message.from_json(stored), stored["field"]) for stored in row["reasons"]]
    return [Reject(row["line_no"], code_of(message), message, field) for message, field in found]

"""Lists as files: exactly the rows that are handed in, as CSV or XLSX."""

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal
from urllib.parse import quote

from litestar import Response

from channel import files
from channel.database import db
from channel.lists import check_rows

FileKind = Literal["csv", "xlsx"]
FILE_TYPES: dict[FileKind, str] = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


async def download(
    stem: str, kind: FileKind, header: Sequence[str], rows: Iterable[Sequence[files.Cell]]
) -> Response[bytes]:
    """The rows under a header as a file named `stem` with the kind's ending; it is written beside the event loop.

    The rows are whole: nothing is read from the database any more, and the connection goes back first. More of them
    than a file holds are refused.
    """
    await db.give_back()
    content = await asyncio.to_thread(_written, kind, header, _bounded(rows))
    name = f"{stem}.{kind}"
    return Response(
        content,
        media_type=FILE_TYPES[kind],
        headers={"Content-Disposition": disposition(name)},
    )


def disposition(name: str) -> str:
    """The header that names a file, whatever stands in its name: RFC 6266 and RFC 8187.

    Old readers take the name in quotes, where what is not plain ASCII, or would end the quotes, is `_`.
    """
    told = name.encode("utf-8", "replace").decode()
    old = "".join(each if each.isascii() and each.isprintable() and each not in '"\\%' else "_" for each in told)
    return f"attachment; filename=\"{old}\"; filename*=UTF-8''{quote(told, safe='')}"


def _bounded(rows: Iterable[Sequence[files.Cell]]) -> Iterator[Sequence[files.Cell]]:
    for count, row in enumerate(rows, start=1):
        check_rows(count)
        yield row


def _written(kind: FileKind, header: Sequence[str], rows: Iterable[Sequence[files.Cell]]) -> bytes:
    if kind == "csv":
        return b"".join(files.csv_bytes(header, rows))
    with files.scratch() as folder:
        path = folder / "rows.xlsx"
        files.write_xlsx(path, header, rows)
        return path.read_bytes()

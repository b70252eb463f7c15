"""Lists as files: exactly the rows that are handed in, as CSV or XLSX."""

import asyncio
from collections.abc import Iterable, Sequence
from typing import Literal
from urllib.parse import quote

from litestar import Response

from channel import db, files

FileKind = Literal["csv", "xlsx"]
FILE_TYPES: dict[FileKind, str] = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


async def download(
    stem: str, kind: FileKind, header: Sequence[str], rows: Iterable[Sequence[files.Cell]]
) -> Response[bytes]:
    """The rows under a header as a file named `stem` with the kind's ending; it is written beside the event loop.

    The rows are whole: nothing is read from the database any more, and the connection goes back first.
    """
    await db.give_back()
    content = await asyncio.to_thread(_written, kind, header, rows)
    name = f"{stem}.{kind}"
    return Response(
        content,
        media_type=FILE_TYPES[kind],
        headers={"Content-Disposition": f"attachment; filename=\"{name}\"; filename*=UTF-8''{quote(name)}"},
    )


def _written(kind: FileKind, header: Sequence[str], rows: Iterable[Sequence[files.Cell]]) -> bytes:
    if kind == "csv":
        return b"".join(files.csv_bytes(header, rows))
    with files.scratch() as folder:
        path = folder / "rows.xlsx"
        files.write_xlsx(path, header, rows)
        return path.read_bytes()

"""Files as they arrive: a stream kept on disk with its size and digest, and opened again for reading."""

import hashlib
from collections.abc import AsyncIterable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from channel.files.problems import Unreadable

Source = Path | BinaryIO
"""A file by its path, or an open binary file that can seek."""

CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Stored:
    """A file that was kept: where, how many bytes, and the SHA-256 of its bytes in hexadecimal."""

    path: Path
    size: int
    sha256: str


class _Sink:
    """Counts and digests what is written, and stops at the limit."""

    def __init__(self, path: Path, limit: int) -> None:
        self.path, self.limit, self.size, self.digest = path, limit, 0, hashlib.sha256()

    def take(self, out: BinaryIO, chunk: bytes) -> None:
        self.size += len(chunk)
        if self.size > self.limit:
            raise Unreadable("too-large", limit=self.limit)
        self.digest.update(chunk)
        out.write(chunk)

    def stored(self) -> Stored:
        return Stored(self.path, self.size, self.digest.hexdigest())


def store(chunks: Iterable[bytes], path: Path, limit: int) -> Stored:
    """Keep a stream under `path`; past `limit` bytes it raises `Unreadable` and leaves no file."""
    sink = _Sink(path, limit)
    try:
        with path.open("wb") as out:
            for chunk in chunks:
                sink.take(out, chunk)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return sink.stored()


async def store_async(chunks: AsyncIterable[bytes], path: Path, limit: int) -> Stored:
    """The same for a request's body; each write is one chunk, short enough for the event loop."""
    sink = _Sink(path, limit)
    try:
        with path.open("wb") as out:
            async for chunk in chunks:
                sink.take(out, chunk)
    except BaseException:
        path.unlink(missing_ok=True)  # noqa: ASYNC240 - one call on a local file
        raise
    return sink.stored()


@contextmanager
def opened(source: Source) -> Iterator[BinaryIO]:
    """The file from its first byte; a path is closed afterwards, an open file is left open."""
    if isinstance(source, Path):
        with source.open("rb") as file:
            yield file
    else:
        source.seek(0)
        yield source

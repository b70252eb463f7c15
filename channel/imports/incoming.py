"""Forms with files as they come in: texts within a bound, files on disk within theirs, whatever the sender says."""

import hashlib
from collections import defaultdict
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qsl

from litestar import Request
from litestar.datastructures import FormMultiDict, UploadFile
from litestar.enums import RequestEncodingType
from litestar.exceptions import ClientException
from litestar.types import Empty
from multipart import MultipartError, MultipartSegment, ParserLimitReached, PushMultipartParser

from channel.errors import Refused, m
from channel.files import Unreadable
from channel.imports.service.uploads import largest_file, unreadable
from channel.web import bodies

TEXTS_LIMIT = 1 << 20
"""Bytes of all texts of a form together: 1 MiB."""
PARTS_LIMIT = 200
_HEAD = 4 << 10
"""Bytes of a part's own headers."""
_HELD = 64 << 10
"""Bytes of a file that are held in memory; what is longer lies on disk."""

Fields = dict[str, list[Any]]


class Incoming(Request[Any, Any, Any]):
    """A request whose form is read within bounds, whoever asks for it first, and kept by nobody else."""

    digest: bodies.Digest | None = None
    """What is given the parts of a form with files as they come: the same form is sent in other bytes each time."""

    async def form(self) -> FormMultiDict:
        """The form, read once; its files lie on disk."""
        kind, options = self.content_type
        boundary = options.get("boundary")
        state = self._connection_state
        if kind == RequestEncodingType.MULTI_PART and boundary and self._form is Empty and state.form is Empty:
            state.form = await read_parts(self.stream(), boundary, self.digest)
        elif kind == RequestEncodingType.URL_ENCODED and self._form is Empty and state.form is Empty:
            state.form = read_fields(await self.body())
        return await super().form()


def read_fields(body: bytes) -> dict[str, Any]:
    """Name -> a text, or the list of several, of a form without files.

    Read here because the framework keeps the last thousand forms in memory, passwords among them, to read none twice.
    """
    found: Fields = defaultdict(list)
    for name, text in parse_qsl(body.decode("latin-1"), keep_blank_values=True):
        found[name].append(text)
    return _told_singly(found)


def _told_singly(found: Fields) -> dict[str, Any]:
    return {name: values[0] if len(values) == 1 else values for name, values in found.items()}


async def read_parts(
    chunks: AsyncIterator[bytes], boundary: str, digest: bodies.Digest | None = None
) -> dict[str, Any]:
    """Name -> a text or a file, or the list of several, of a body in parts."""
    parts = _Parts(digest)
    try:
        with PushMultipartParser(boundary, max_segment_count=PARTS_LIMIT, max_header_size=_HEAD) as parser:
            async for chunk in chunks:
                for event in parser.parse(chunk) if chunk else ():
                    await parts.take(event)
    except ParserLimitReached:
        await parts.close()
        raise (_too_many() if parts.begun >= PARTS_LIMIT else _too_long()) from None
    except (MultipartError, LookupError, UnicodeDecodeError):
        await parts.close()
        raise ClientException from None
    except BaseException:
        await parts.close()
        raise
    return _told_singly(parts.found)


def _too_many() -> Refused:
    return Refused(m("A form has %(most)s parts at most.", most=PARTS_LIMIT), status=413)


def _too_long() -> Refused:
    return Refused(
        m(
            "The name of a field of a form, with that of its file, has %(most)s bytes at most.",
            most=_HEAD,
        ),
        status=413,
    )


class _Parts:
    """What a parser hands on, put together."""

    def __init__(self, digest: bodies.Digest | None = None) -> None:
        self._digest, self._part = digest, hashlib.sha256()
        self.found: Fields = defaultdict(list)
        self._name, self._charset, self._file = "", "utf-8", False
        self._text = bytearray()
        self._texts = self._size = self.begun = 0

    async def take(self, event: MultipartSegment | bytes | bytearray | None) -> None:
        """The beginning of a part, some of it, or its end."""
        if self._digest is not None:
            self._tell_apart(self._digest, event)
        if isinstance(event, MultipartSegment):
            self._begin(event)
        elif event is not None:
            await (self._take_file(event) if self._file else self._take_text(event))
        elif self._file:
            await self.found[self._name][-1].seek(0)
        else:
            self.found[self._name].append(self._text.decode(self._charset))

    def _tell_apart(self, digest: bodies.Digest, event: MultipartSegment | bytes | bytearray | None) -> None:
        """A part adds the digest of its names and that of what is in it: so many bytes, whatever these are."""
        if isinstance(event, MultipartSegment):
            names = repr((event.name, event.filename, event.charset))
            digest.update(hashlib.sha256(names.encode()).digest())
            self._part = hashlib.sha256()
        elif event is not None:
            self._part.update(event)
        else:
            digest.update(self._part.digest())

    def _begin(self, part: MultipartSegment) -> None:
        self._name, self._charset, self._file = part.name or "", part.charset or "utf-8", bool(part.filename)
        self._size = 0
        self.begun += 1
        self._text.clear()
        self._texts += len(self._name)
        if part.filename:
            kind = part.content_type or "text/plain"
            self.found[self._name].append(UploadFile(kind, part.filename, max_spool_size=_HELD))

    async def _take_text(self, piece: bytes | bytearray) -> None:
        self._texts += len(piece)
        if self._texts > TEXTS_LIMIT:
            raise Refused(m("The texts of a form have 1 MB at most, beside its files."), status=413)
        self._text.extend(piece)

    async def _take_file(self, piece: bytes | bytearray) -> None:
        self._size += len(piece)
        if self._size > largest_file():
            raise unreadable(Unreadable("too-large", limit=largest_file()))
        await self.found[self._name][-1].write(piece)

    async def close(self) -> None:
        """Forget the files."""
        for each in (each for values in self.found.values() for each in values):
            if isinstance(each, UploadFile):
                await each.close()

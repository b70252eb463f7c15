"""Rejected lines, mended, complete the load that rejected them: what they are added to, and what is read for that.

Of a load that went in without them only the mended lines are loaded, beside what counts already. Where nothing of it
went in, its file is read once more with the mended lines in their places.
"""

import asyncio
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from asyncpg import Record

from channel import files
from channel.database import db
from channel.errors import Conflict, Message, invalid, m
from channel.files import Unreadable
from channel.imports.loader import Completes
from channel.imports.queries import completing as queries
from channel.imports.queries.loads import load
from channel.imports.queries.uploads import may_hold
from channel.imports.rules.completing import Mended, known_rejects, mended_lines
from channel.imports.rules.reasons import LINE_COLUMN, LOAD_COLUMN
from channel.imports.service.shapes import ToldForm, sniffed
from channel.imports.service.uploads import on_disk, unreadable


@dataclass(frozen=True, slots=True)
class Source:
    """A file of which a load reads lines: all but those `left_out`; `numbered` where it is one of mended lines.

    `marks` are those before the decimals of its columns, as far as they are known.
    """

    upload_id: int
    options: dict[str, Any]
    numbered: bool = False
    left_out: AbstractSet[int] = frozenset()
    marks: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Family:
    """A load with those that complete it, in order. `base` is the first of them that went in, None while none did."""

    first: Record
    loads: Sequence[Record]
    base: Record | None

    @property
    def ids(self) -> list[int]:
        """The numbers of all of them."""
        return [each["id"] for each in self.loads]

    @property
    def marks(self) -> Mapping[str, str]:
        """The marks before decimals that the first file showed: mended lines alone may show none."""
        return dict((self.first["preview"] or {}).get("marks", {}))

    def completes(self) -> Completes:
        """What a loader is told of it."""
        base_id = None if self.base is None else self.base["id"]
        return Completes(self.first["id"], tuple(self.ids), base_id, self.first["finished_at"])


async def family_of(load_id: int) -> Family:
    """The load of that number with those that complete it."""
    found = await queries.family(load_id)
    return Family(found[0], found, next((each for each in found if each["state"] == "loaded"), None))


async def mended_in(upload_id: int, told: ToldForm) -> Mended | None:
    """What a file completes, None where it is a load of its own."""
    if not await may_hold(upload_id, LINE_COLUMN, LOAD_COLUMN):
        return None
    async with on_disk(upload_id) as path, db.let_go():
        return await asyncio.to_thread(_mended_lines, path, told)


def _mended_lines(path: Path, told: ToldForm) -> Mended | None:
    shape = sniffed(path, told, known_rejects)
    try:
        return mended_lines(shape.header, ((each.line_no, each.cells) for each in files.read_rows(path, shape)))
    except Unreadable as problem:
        raise unreadable(problem) from None


async def family_for(kind: str, mended: Mended) -> Family:
    """What a file of mended lines completes; refused where it cannot, or where it is not the asker's to do."""
    row = await load(mended.load_id)
    family = None if row is None or not row["seen"] else await family_of(row["completes"] or row["id"])
    if row is None or family is None or not family.first["seen"]:
        raise invalid(LOAD_COLUMN, m("There is no load %(load)s.", load=str(mended.load_id)))
    if row["kind"] != kind:
        what = m("Load %(load)s is of another kind.", load=str(row["id"]))
        raise invalid("kind", what, Message(row["kind"]))
    if family.first["state"] in {"queued", "running"}:
        raise Conflict(m("Load %(load)s is not done yet.", load=str(family.first["id"])))
    if not any([await queries.rejected_lines(each) for each in family.ids]):
        raise invalid(LOAD_COLUMN, m("Load %(load)s has no rejected lines.", load=str(row["id"])))
    if family.base is None:
        _refuse_others(family.first)
        _refuse_forgotten(family.first)
    return family


def _refuse_others(first: Record) -> None:
    # Days and dealers of a load that went in stand; those of one that did not depend on who brings it.
    if not first["own"]:
        raise Conflict(m("Only %(login)s can load this file, who brought it.", login=first["asked_by"]))


def _refuse_forgotten(needed: Record) -> None:
    if needed["forgotten_at"] is not None:
        raise Conflict(
            m(
                "The file of load %(load)s, whose other lines belong to these, is no longer kept. Bring all its lines.",
                load=str(needed["id"]),
            )
        )


async def sources_of(row: Record) -> tuple[Family | None, list[Source]]:
    """The files of which a load reads lines, the latest first: a line of one takes the place of those after it."""
    if row["completes"] is None:
        await refuse_completed(row["id"])
        return None, [Source(row["upload_id"], row["options"])]
    family = await family_of(row["completes"])
    if not family.first["seen"]:
        raise invalid(LOAD_COLUMN, m("There is no load %(load)s.", load=str(row["completes"])))
    own = Source(row["upload_id"], row["options"], numbered=True, marks=family.marks)
    sources = [own, *await _continued(row, family)]
    if family.base is None:
        _refuse_forgotten(family.first)
        sources.append(Source(family.first["upload_id"], family.first["options"], marks=family.marks))
    return family, sources


async def refuse_completed(load_id: int) -> None:
    """Pass while no mended lines of this load count: its file without them would take their place."""
    by = await queries.completed_by(load_id)
    if by:
        raise Conflict(m("Load %(load)s brought this file with its rejected lines mended.", load=str(by[0])))


async def _continued(row: Record, family: Family) -> list[Source]:
    """The earlier files of mended lines that this one goes on from, with the good lines that still wait in them."""
    by_id = {each["id"]: each for each in family.loads}
    counted = await queries.counted_lines(family.ids)
    sources, at = [], row["options"].get("continues")
    while at is not None and by_id[at]["state"] in {"checked", "refused"}:
        each = by_id[at]
        _refuse_forgotten(each)
        left_out = counted | await queries.rejected_lines(at)
        sources.append(Source(each["upload_id"], each["options"], True, left_out, family.marks))
        at = each["options"].get("continues")
    return sources

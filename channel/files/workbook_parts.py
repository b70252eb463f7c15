r"""The parts of a workbook: found by their relationships, as spreadsheets find them, never by a name that is usual.

Programs differ in how they name parts: another case, another file name, `\` for `/`, targets from the root or from
the part that names them. All of these are one name here.
"""

import posixpath
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass

from channel.files.problems import Unreadable
from channel.files.workcells import fed, safe_parser

_PIECE = 256 * 1024
_USUAL = "xl/workbook.xml"
SMALL_LIMIT = 16 << 20
"""Bytes unfolded of a part that says what others are (relations, sheets, styles): it is held whole in some form."""


@dataclass(frozen=True, slots=True)
class Relation:
    """Another part that a part names: `kind` is the last word of its type (`worksheet`, `styles`, ...)."""

    kind: str
    target: str


class Parts:
    """The parts of an unpacked workbook by their plain names: `/` between folders, none before, lower case."""

    def __init__(self, packed: zipfile.ZipFile) -> None:
        self._packed = packed
        self._stored: dict[str, zipfile.ZipInfo] = {}
        for part in packed.infolist():
            self._stored.setdefault(plain(part.filename), part)

    def __contains__(self, name: str) -> bool:
        return name in self._stored

    def workbook(self) -> str:
        """The part that names the sheets; `Unreadable` where there is none that can be read."""
        named = (each.target for each in self.relations("").values() if each.kind == "officedocument")
        found = next((target for target in (*named, _USUAL) if target in self._stored), "")
        if not found.endswith(".xml"):
            raise Unreadable("not-a-table")
        return found

    def relations(self, part: str) -> dict[str, Relation]:
        """What a part names, by id; '' is the workbook as a whole."""
        folder, name = posixpath.split(part)
        rels = posixpath.join(folder, "_rels", f"{name}.rels")
        found: dict[str, Relation] = {}

        def start(name: str, told: dict[str, str]) -> None:
            if name.rpartition(":")[2] == "Relationship" and told.get("TargetMode") != "External":
                target = plain(told.get("Target", ""), folder)
                found[told.get("Id", "")] = Relation(told.get("Type", "").rpartition("/")[2].casefold(), target)

        if rels in self._stored:
            for _ in fed(safe_parser(start), self.pieces(rels, SMALL_LIMIT)):
                pass
        return found

    def pieces(self, name: str, most: int | None = None) -> Iterator[bytes]:
        """The bytes of a part, of `most` at most. None unfolds beyond the size that it declares."""
        if most is not None and self._stored[name].file_size > most:
            raise Unreadable("workbook-too-large")
        with self._packed.open(self._stored[name]) as part:
            while piece := part.read(_PIECE):
                yield piece


def plain(target: str, folder: str = "") -> str:
    """A part's one name, from its name in the ZIP or from a target that a part in `folder` names."""
    path = target.replace("\\", "/")
    whole = path if path.startswith("/") else posixpath.join(folder, path)
    return posixpath.normpath("/" + whole).lstrip("/").casefold()

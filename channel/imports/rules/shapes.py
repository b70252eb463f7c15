"""What a file was taken for: how its header is told from titles, what a person should know, what he must confirm."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

from channel.errors import FieldError, Message, m
from channel.files import FileShape, Known, Seen
from channel.imports.rules.kinds import KindSpec
from channel.imports.rules.mapping import plain_name, propose_mapping
from channel.imports.rules.profile import Profile
from channel.imports.rules.reasons import NOTES

ENCODINGS_OF_CURRENCIES: Mapping[str, str] = {
    "CNY": "gb18030",
    **dict.fromkeys(("TWD", "HKD", "MOP"), "cp950"),
    "JPY": "cp932",
    "KRW": "cp949",
    **dict.fromkeys(("PLN", "CZK", "HUF", "RON", "BAM"), "cp1250"),
    **dict.fromkeys(("RUB", "UAH", "BYN", "BGN", "KZT", "RSD"), "cp1251"),
    **dict.fromkeys(("TRY", "AZN"), "cp1254"),
}
"""The older encoding in which a company that adds up in a currency most likely writes."""
_SURE = 2
"""Known names that make a line a header; a single one stands in titles, too."""
_TOLD = 5
_NAMES, _CELL = 30, 60


def known_fields(spec: KindSpec) -> Known:
    """Of a possible header: how many fields of a kind its names tell."""

    def known(header: Sequence[str]) -> int:
        found = len(propose_mapping(spec, header))
        return found if found >= _SURE else 0

    return known


def known_columns(profile: Profile) -> Known:
    """Of a possible header: how many of the columns that a profile uses stand in it."""
    sources = {lookup.source for lookup in profile.lookups.values()} - profile.lookups.keys()
    wanted = {plain_name(name) for columns in profile.columns.values() for name in columns} | set(
        map(plain_name, sources)
    )

    def known(header: Sequence[str]) -> int:
        return len(wanted & set(map(plain_name, header)))

    return known


def header_taken(shape: FileShape) -> FieldError:
    """Which line was taken as the header, for who misses a column in it."""
    names = ", ".join(name for name in shape.header[:_NAMES] if name)
    told = m("Line %(line)s was taken as the header: %(names)s", line=shape.header_line, names=names)
    if shape.sheet:
        told = m(
            "Line %(line)s of the sheet %(sheet)s was taken as the header: %(names)s",
            line=shape.header_line,
            sheet=shape.sheet,
            names=names,
        )
    return FieldError("header_line", told, m("If this is not it: the number of its line, or another sheet."))


def notes_of(shape: FileShape, seen: Seen | None = None) -> tuple[Message, ...]:
    """What a person should know of how a file was read; with `seen`, of all its lines."""
    notes = [Message(NOTES[note.code].text, (("about", note.about),) if note.about else ()) for note in shape.notes]
    if shape.names and shape.kind == "csv" and not shape.encoding.startswith("utf"):
        if not shape.misread:  # then these names stand where it is asked
            names = ", ".join(shape.names)
            notes.append(m("The text is read as %(encoding)s: %(names)s", encoding=shape.encoding, names=names))
        if shape.fits:
            notes.append(m("Its bytes would fit these encodings, too: %(others)s", others=", ".join(shape.fits)))
    if seen is None:
        return tuple(notes)
    if seen.dragged:
        notes.append(m("%(count)s rows with nothing but 0 or an empty formula were passed over.", count=seen.dragged))
    if seen.hidden:
        notes.append(m("%(count)s rows that are hidden in the spreadsheet are read as well.", count=seen.hidden))
    if seen.merged_count:
        merged = m(
            "Merged cells hold a value only in the first of them (%(count)s places: %(places)s).",
            count=seen.merged_count,
            places=", ".join(each.cells for each in seen.merged[:_TOLD]),
        )
        notes.append(merged)
    return tuple(notes)


def doubts_of(shape: FileShape, seen: Seen, places: AbstractSet[int]) -> tuple[Message, ...]:
    """What somebody must confirm before anything of the file goes in; texts only of the columns that are used."""
    quotes = (
        m(
            "A quote opens at line %(line)s and takes in the lines up to %(last)s; they were read one by one.",
            line=seen.quotes[0].line,
            last=seen.quotes[0].last,
        )
        if seen.quotes
        else None
    )
    more = m("There are %(count)s such quotes.", count=seen.quotes_count) if seen.quotes_count > 1 else None
    return tuple(each for each in (misread_of(shape) if shape.misread_in(places) else None, quotes, more) if each)


def misread_of(shape: FileShape) -> Message | None:
    """That the text may be misread, with texts of the file by which a person sees it."""
    if not shape.misread:
        return None
    names = ", ".join(shape.names)
    if shape.kind == "xlsx":
        return m("The texts of the file look misread: %(names)s", names=names)
    return m("The text may be misread: as %(encoding)s it says %(names)s", encoding=shape.encoding, names=names)


def read_as(shape: FileShape) -> dict[str, Any]:
    """How a file was read, as a load keeps it: what was found or told; of a doubtful one the first records, too."""
    told = {
        "kind": shape.kind,
        "encoding": shape.encoding,
        "delimiter": shape.delimiter,
        "sheet": shape.sheet,
        "header_line": shape.header_line,
    }
    top = [[cell[:_CELL] for cell in record.cells[:_NAMES]] for record in shape.top]
    return told | {"top": top} if shape.misread else told


def asks_of(preview: Mapping[str, Any] | None) -> list[Message]:
    """What a checked load asks somebody to confirm: for how its file was read, and for what it would do."""
    told = preview or {}
    return [Message.from_json(each) for each in (*told.get("doubts", ()), told.get("confirm")) if each]

"""What the pages of this room call things."""

from collections.abc import Mapping
from typing import Any

from litestar import Request

from channel.errors import Message, m

AnyRequest = Request[Any, Any, Any]

PHASES: Mapping[str, Message] = {
    "": m("Waiting for its turn"),
    "reading": m("Reading the file"),
    "checking": m("Checking the lines"),
    "collecting rejected lines": m("Collecting the rejected lines"),
    "superseding": m("Superseding what is covered"),
    "allocating": m("Finding what pays what"),
    "loading": m("Loading the lines"),
    "summing": m("Summing the months"),
}
COUNTS: Mapping[str, Message] = {
    "lines": m("Lines in the file"),
    "loaded": m("Lines loaded"),
    "rejected": m("Lines rejected"),
    "superseded": m("Lines superseded"),
    "documents": m("Documents posted"),
    "allocations": m("Payments of items"),
    "new_dealers": m("Dealers created"),
    "dealers": m("Dealers covered"),
    "added": m("Added"),
    "changed": m("Changed"),
    "unchanged": m("Unchanged"),
    "lines_added": m("Product lines added"),
}
"""What loaders count; a count without a word here is shown under its own name."""


ENCODINGS: Mapping[str, Message] = {
    "utf-8": m("UTF-8"),
    "gb18030": m("Chinese, simplified (GBK, GB 18030)"),
    "cp950": m("Chinese, traditional (Big5)"),
    "cp932": m("Japanese (Shift JIS)"),
    "cp949": m("Korean"),
    "cp1252": m("Western European"),
    "cp1250": m("Central European"),
    "cp1251": m("Cyrillic"),
    "cp1253": m("Greek"),
    "cp1254": m("Turkish"),
    "cp1257": m("Baltic"),
    "cp1258": m("Vietnamese"),
    "cp874": m("Thai"),
    "utf-16": m("UTF-16"),
}
"""The encodings that are offered by name; the command line and the API take any other, too."""
DELIMITERS: Mapping[str, Message] = {",": m("comma"), ";": m("semicolon"), "tab": m("tab"), "|": m("vertical bar")}
OPTIONS: Mapping[str, Message] = {
    "encoding": m("Encoding"),
    "delimiter": m("Delimiter"),
    "sheet": m("Sheet"),
    "header_line": m("Line of the header"),
    "decimal": m("Decimal sign"),
    "period": m("Days that the report covers"),
    "dealers": m("Dealers that it covers"),
    "confirmed": m("To be confirmed"),
}
"""What may be wrong of a load beside the fields of its kind."""


def phase(name: str) -> Message:
    """What a load is doing; a phase of a loader's own is shown as it calls it."""
    return PHASES.get(name) or m("%(phase)s", phase=name)


def count_label(name: str) -> Message:
    """What is counted."""
    return COUNTS.get(name) or m("%(count)s", count=name.replace("_", " "))

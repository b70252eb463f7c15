"""The trail's words of the room `imports`."""

from channel.access.trail_words import Form, TrailWords
from channel.errors import Message, m
from channel.imports.loader import KIND_LABELS


def _mapping(subject: str) -> Message:
    kind, _, name = subject.partition(" ")
    return m("%(kind)s: %(name)s", kind=KIND_LABELS.get(kind, kind), name=name)


TRAIL = TrailWords(
    acts={
        "keep mapping": m("Column mapping kept"),
        "remove mapping": m("Column mapping removed"),
    },
    forms=(Form("load ", lambda number: m("Import %(number)s", number=number), "/imports/"),),
    subjects_of={"keep mapping": _mapping, "remove mapping": _mapping},
    names={
        "counts": m("counts"),
        "counts.added": m("added"),
        "counts.changed": m("changed"),
        "counts.dealers": m("dealers"),
        "counts.facts": m("facts"),
        "counts.lines": m("lines"),
        "counts.loaded": m("loaded"),
        "counts.rejected": m("rejected"),
        "counts.superseded": m("superseded"),
        "counts.unchanged": m("unchanged"),
        "file": m("file"),
        "sha256": m("digest"),
    },
)

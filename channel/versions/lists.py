"""The list of the versions of a document."""

from functools import cache
from typing import Any

from channel.errors import m
from channel.lists import Column, Kind, List
from channel.versions.rules import Paper
from channel.versions.rules.states import STATE_KINDS, STATE_NAMES

COMPARED = List(
    "what-differs",
    m("What differs"),
    (
        Column("label", m("Field"), of=lambda change: change.labels, sort=False, wraps=True),
        Column("before", m("Before"), nothing=m("none"), sort=False),
        Column("after", m("After"), nothing=m("none"), sort=False),
        Column("path", m("In the document"), Kind.CODE, sort=False, page=False, less=1),
    ),
    order="path",
    key="path",
    nothing=m("They are the same."),
)
"""The fields in which two versions differ, in the order of the document, on the page that shows the later one."""


@cache
def list_of(paper: Paper[Any]) -> List:
    """Every version of a kind of document, the same list for all faces; its files are named after its address."""
    link = paper.at("{of}") + "/{version}"
    return List(
        paper.at().strip("/").replace("//", "/").replace("/", "-"),
        paper.title,
        (
            Column("version", m("Version"), Kind.SERIAL, link=link),
            Column("name", m("Name"), link=link, wraps=True),
            Column("effective_from", m("Effective from"), Kind.DAY),
            Column("state", m("State"), Kind.CHOICE, choices=STATE_NAMES, colours=STATE_KINDS),
            Column("author", m("Author"), less=1),
            Column("approver", m("Approved by")),
            Column("approved_at", m("Approved"), Kind.MOMENT, sub="approver", less=3),
            Column("note", m("Note"), less=2, wraps=True),
        ),
        order="-version",
        key="version",
    )

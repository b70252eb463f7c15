"""What the pages of this room call things."""

from collections.abc import Mapping
from typing import Any

from litestar import Request

from channel.errors import Message, m
from channel.imports.rules.spec import SPECS

AnyRequest = Request[Any, Any, Any]

KIND_LABELS: Mapping[str, Message] = {kind.value: spec.label for kind, spec in SPECS.items()}
STATES: Mapping[str, tuple[Message, str]] = {
    "queued": (m("waiting"), ""),
    "running": (m("running"), "accent"),
    "checked": (m("checked, not loaded"), "warn"),
    "loaded": (m("loaded"), "good"),
    "unchanged": (m("nothing new"), ""),
    "refused": (m("refused"), "bad"),
    "failed": (m("failed"), "bad"),
}
"""State -> its word and its colour."""
PHASES: Mapping[str, Message] = {
    "": m("Waiting for its turn"),
    "reading": m("Reading the file"),
    "checking": m("Checking the lines"),
    "collecting rejected lines": m("Collecting the rejected lines"),
    "superseding": m("Superseding what is covered"),
    "loading": m("Loading the lines"),
    "summing": m("Summing the months"),
}
COUNTS: Mapping[str, Message] = {
    "lines": m("Lines in the file"),
    "loaded": m("Lines loaded"),
    "rejected": m("Lines rejected"),
    "superseded": m("Lines superseded"),
    "dealers": m("Dealers covered"),
    "added": m("Added"),
    "changed": m("Changed"),
    "unchanged": m("Unchanged"),
    "lines_added": m("Product lines added"),
}
"""What loaders count; a count without a word here is shown under its own name."""


def phase(name: str) -> Message:
    """What a load is doing; a phase of a loader's own is shown as it calls it."""
    return PHASES.get(name) or m("%(phase)s", phase=name)


def count_label(name: str) -> Message:
    """What is counted."""
    return COUNTS.get(name) or m("%(count)s", count=name.replace("_", " "))

"""The words of the command line in the language of the terminal, from the one catalogue of the service."""

import functools
import os
from collections.abc import Mapping
from pathlib import Path

_CATALOGUE = Path(__file__).parents[2] / "locale/zh_Hans_CN/LC_MESSAGES/channel.po"
_VARIABLES = ("LC_ALL", "LC_MESSAGES", "LANG")

NONE = "–"
"""What stands where there is no value."""


def language() -> str:
    """The language that the terminal asks for: zh, or else en."""
    chosen = next((os.environ[name] for name in _VARIABLES if os.environ.get(name)), "")
    return "zh" if chosen.startswith("zh") else "en"


def say(text: str, **params: object) -> str:
    """A text in that language with its values put in; one that is not translated stays English.

    A value that there is none of is told as in a table.
    """
    told = _chinese().get(text, text) if language() == "zh" else text
    return told % {name: NONE if value is None else value for name, value in params.items()} if params else told


def later(text: str) -> str:
    """A text that is said later, marked for the catalogue."""
    return text


@functools.cache
def _chinese() -> Mapping[str, str]:
    from babel.messages.pofile import read_po  # noqa: PLC0415 - readers of English need no catalogue

    with _CATALOGUE.open("rb") as kept:
        entries = read_po(kept, locale="zh_Hans_CN")
    return {e.id: e.string for e in entries if isinstance(e.id, str) and isinstance(e.string, str) and e.string}

"""What a line of the trail says was changed, as people read it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import msgspec
from asyncpg import Record

from channel import web
from channel.access.trail_words import NAMES, VALUES

_NUMBER = re.compile(r"-?\d{1,20}(\.\d{1,10})?([Ee][+-]?\d{1,2})?")
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(\.\d{1,6})?(Z|[+-]\d{2}:?\d{2})")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
# Numbers that are names: they are not grouped.
_CODES = frozenset({"run", "policy", "grant", "code", "phone", "sha256", "name", "login"})
_DIGEST = 12
"""Signs of a digest that are told."""


@dataclass(frozen=True, slots=True)
class Change:
    """One value before and after; `name` is empty where the whole is one value."""

    name: str
    before: str | None
    after: str | None


def changes_of(before: object, after: object, told: web.Language) -> list[Change]:
    """What was changed, value by value: first what is another than before, then what was only said.

    A value that stands only in `before` of an act that left others behind is what held then, not what was taken away.
    """
    if before is None and after is None:
        return []
    if isinstance(after, Mapping) and before is not None and not isinstance(before, Mapping) and "amount" in after:
        before = {"amount": before}
    if not (isinstance(before, Mapping | None) and isinstance(after, Mapping | None)):
        return [Change("", _told("", before, told), _told("", after, told))]
    old: Mapping[str, Any] = before or {}
    new: Mapping[str, Any] = after or {}
    changes = []
    for name in dict.fromkeys((*new, *old)):
        was, now = _told(name, old.get(name), told), _told(name, new.get(name), told)
        if name not in new and new:
            was, now = None, was
        if was is not None or now is not None:
            changes.append(Change(_name(name, told), None if was == now else was, now))
    changes.sort(key=lambda change: change.before is None)
    return changes


def in_words(row: Record, told: web.Language) -> dict[str, Any]:
    """A line of the trail with all that was changed, as `changes`, and as two texts with each value behind its name."""
    changes = changes_of(row["before"], row["after"], told)
    sides = {"before": [(each, each.before) for each in changes], "after": [(each, each.after) for each in changes]}
    return {**row, "changes": changes, **{side: _side(values) for side, values in sides.items()}}


def _side(values: Sequence[tuple[Change, str | None]]) -> str:
    return "; ".join(f"{change.name}: {text}" if change.name else text for change, text in values if text is not None)


def _name(name: str, told: web.Language, inside: str = "") -> str:
    found = NAMES.get(f"{inside}.{name}") or NAMES.get(name)
    return told.tell(found) if found else name.replace("_", " ")


def _told(name: str, value: object, told: web.Language) -> str | None:  # noqa: PLR0911 - one return for each kind
    if value is None or value in ([], ""):
        return None
    if isinstance(value, bool):
        return told.say("yes") if value else told.say("no")
    if isinstance(value, str):
        return _text(name, value, told)
    if isinstance(value, int | float):
        return str(value) if name in _CODES else told.number(Decimal(str(value)))
    if isinstance(value, list) and all(isinstance(each, str | int | float) for each in value):
        return told.value([_told(name, each, told) or "" for each in value])
    if isinstance(value, Mapping) and all(isinstance(each, str | int | float) for each in value.values()):
        return told.value([f"{_name(key, told, name)} {_told(key, each, told)}" for key, each in value.items()])
    return msgspec.json.encode(value).decode()


def _text(name: str, text: str, told: web.Language) -> str:
    """A text: a word of ours in the reader's language, a number grouped, a day as it is written, the rest as it is."""
    if (name, text) in VALUES:
        return told.tell(VALUES[name, text])
    if name == "sha256":
        return f"{text[:_DIGEST]}…"
    if name not in _CODES and _NUMBER.fullmatch(text):
        return told.number(Decimal(text))
    return _when(text, told) or text


def _when(text: str, told: web.Language) -> str | None:
    """A day or a moment as the reader writes it; None for what is neither."""
    try:
        if _DAY.fullmatch(text):
            return told.day(date.fromisoformat(text))
        if _MOMENT.fullmatch(text):
            return told.moment(datetime.fromisoformat(text))
    except ValueError:
        return None
    return None

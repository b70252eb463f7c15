"""What can be refused, and in which words.

A `Message` is a text with its parameters, kept apart so that every face can say it in the reader's language
and a stored decision can be told again later. An exception of this module carries messages, never bare strings.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Any

import msgspec


class Message(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """An English text with `%(name)s` places and the values for them; equal when both are equal."""

    text: str
    params: tuple[tuple[str, object], ...] = ()

    def __str__(self) -> str:
        return filled(self.text, dict(self.params))

    def as_json(self) -> dict[str, Any]:
        """The form in which decisions and rejects store a message; values become strings, messages stay messages."""
        return {"text": self.text, "params": {name: _stored(value) for name, value in self.params}}

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> "Message":
        """The message that `as_json` stored."""
        params = stored.get("params", {}).items()
        return cls(stored["text"], tuple((name, _told_again(value)) for name, value in params))


def _stored(value: object) -> object:
    match value:
        case Message():
            return value.as_json()
        case list() | tuple():
            return [_stored(each) for each in value]
        case _:
            return str(value)


def _told_again(value: object) -> object:
    match value:
        case dict():
            return Message.from_json(value)
        case list():
            return tuple(_told_again(each) for each in value)
        case _:
            return value


_PLACES = re.compile(r"(?:[^%]|%%|%\(\w+\)s)*+")


@lru_cache(4096)
def _has_plain_places(text: str) -> bool:
    return _PLACES.fullmatch(text) is not None


def filled(text: str, values: Mapping[str, object]) -> str:
    """A text with its `%(name)s` places filled.

    `ValueError` where it has places of another form: a width or a precision could make any text endless, and none of
    ours has one. `KeyError` where a value is missing.
    """
    if not values:
        return text
    if not _has_plain_places(text):
        raise ValueError(f"the places of {text[:200]!r} are more than names")
    return text % values


def m(text: str, /, **params: object) -> Message:
    """A message to be translated where it is shown; the name by which texts are collected for translation."""
    return Message(text, tuple(params.items())) if params else _plain(text)


@cache
def _plain(text: str) -> Message:
    # A run over the whole channel tells the same few texts a million times.
    return Message(text)


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with one field of the input, and what would be right."""

    field: str
    reason: Message
    expected: Message | None = None


@dataclass
class Refused(Exception):  # noqa: N818 - a refusal is the trade's word and not every one is an error
    """An act or a question that is not carried out, with its reasons; nothing has changed."""

    title: Message
    errors: tuple[FieldError, ...] = field(default=())
    status: int = 400

    def __post_init__(self) -> None:
        super().__init__(str(self.title))
        self.after_seconds: int | None = None

    @property
    def headers(self) -> dict[str, str]:
        """What an answer must carry beside its text: when to come again, where that is known."""
        return {} if self.after_seconds is None else {"Retry-After": str(self.after_seconds)}


class NotSignedIn(Refused):
    """Nobody is known to stand behind the request."""

    def __init__(self, title: Message | None = None) -> None:
        super().__init__(title or m("Please sign in."), status=401)


class Forbidden(Refused):
    """The person is known, and this is not theirs to do."""

    def __init__(self, title: Message) -> None:
        super().__init__(title, status=403)


class NotFound(Refused):
    """There is no such thing, or none that this person may know of: the two look the same on purpose."""

    def __init__(self, title: Message) -> None:
        super().__init__(title, status=404)


class Conflict(Refused):
    """The act does not fit what already holds, or will after so many seconds, where that is known."""

    def __init__(
        self, title: Message, errors: tuple[FieldError, ...] = (), *, after_seconds: int | None = None
    ) -> None:
        super().__init__(title, errors, status=409)
        self.after_seconds = after_seconds


class Invalid(Refused):
    """The input cannot be used; each field error names the field, the reason and what would be right."""

    def __init__(self, title: Message, errors: tuple[FieldError, ...] = ()) -> None:
        super().__init__(title, errors, status=422)


class TooMany(Refused):
    """Too many tries in too short a time; the next one is let through after so many seconds, where that is known."""

    def __init__(self, title: Message, *, after_seconds: int | None = None) -> None:
        super().__init__(title, status=429)
        self.after_seconds = after_seconds


class Unavailable(Refused):
    """What is asked for can be had again after so many seconds: the caller may come again by itself."""

    def __init__(self, title: Message | None = None, *, after_seconds: int = 5) -> None:
        super().__init__(title or m("The service is busy. Please try again in a moment."), status=503)
        self.after_seconds = after_seconds


def ambiguous(field_name: str, code: str, several: str) -> Conflict:
    """A refusal of a code by which several could be meant: they are named, and nobody guesses."""
    why = m("%(code)s can be any of several that differ only in how they are written.", code=code)
    return Conflict(why, (FieldError(field_name, why, m("One of: %(names)s", names=several)),))


def invalid(field_name: str, reason: Message, expected: Message | None = None) -> Invalid:
    """A refusal because of one field."""
    return Invalid(m("The input cannot be used."), (FieldError(field_name, reason, expected),))

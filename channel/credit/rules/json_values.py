"""Frozen values as JSON and back, by their types: how decisions and snapshots are kept."""

import re
from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

import msgspec

from channel.errors import Message
from channel.periods import Month

_Read = Callable[[Any], Any]
_Write = Callable[[Any], Any]


def to_stored(value: object) -> Any:  # noqa: ANN401 - JSON is any of its kinds
    """JSON values for the value: Decimals and months as strings, dates in ISO form, records as objects."""
    return _WRITERS[type(value)](value)


class _Writers(dict[type, _Write]):
    """How values of each type are written, found out once for each: a run writes hundreds of thousands of them."""

    def __missing__(self, cls: type) -> _Write:
        self[cls] = found = self._find(cls)
        return found

    def _find(self, cls: type) -> _Write:
        if issubclass(cls, tuple):
            return lambda value: [self[type(each)](each) for each in value]
        if issubclass(cls, Message):
            return Message.as_json
        if issubclass(cls, bool | int | NoneType):
            return lambda value: value
        if issubclass(cls, str | Decimal | Month):
            return str
        if issubclass(cls, date):
            return cls.isoformat
        if issubclass(cls, msgspec.Struct):
            return self._record(cls.__struct_fields__)
        raise TypeError(f"cannot be stored: {cls.__name__}")

    def _record(self, names: tuple[str, ...]) -> _Write:
        def write(value: object) -> dict[str, Any]:
            stored = {}
            for name in names:
                each = getattr(value, name)
                stored[name] = self[type(each)](each)
            return stored

        return write


_WRITERS = _Writers()


def from_stored(wanted: Any, stored: Any) -> Any:  # noqa: ANN401 - the type asked for is the type given back
    """The value of the wanted type that `to_stored` wrote; a field that was not written takes its default.

    Reads as well what msgspec makes of the same values, which differs in three places: what is as it is by default is
    left out, a month is its year and number, and the parameters of a message are pairs. Assessments are kept so,
    because that is written ten times as fast.
    """
    return _reader(wanted)(stored)


@cache
def _reader(wanted: Any) -> _Read:  # noqa: ANN401 - any type annotation
    if wanted is Decimal or wanted is str or wanted is int or wanted is bool:
        read: _Read = wanted
    elif wanted is datetime or wanted is date:
        read = wanted.fromisoformat
    elif wanted is Month:
        read = _month
    elif wanted is Message:
        read = _message
    elif get_origin(wanted) in {Union, UnionType}:
        read = _optional(wanted)
    elif get_origin(wanted) is tuple:
        read = _tuple(wanted)
    elif issubclass(wanted, msgspec.Struct):
        read = _record(wanted)
    else:
        read = wanted
    return read


def _month(stored: Any) -> Month:  # noqa: ANN401 - see _reader
    if isinstance(stored, dict):  # as it was kept before the short form
        return Month(**stored)
    return Month.parse(stored) if isinstance(stored, str) else Month(*stored)


def _message(stored: Any) -> Message:  # noqa: ANN401 - see _reader
    params = dict(stored.get("params", ())).items()
    return Message(stored["text"], tuple((name, _value(value)) for name, value in params))


_DAY = re.compile(r"\d{4}-\d\d-\d\d")


def _value(stored: Any) -> object:  # noqa: ANN401 - see _reader
    """A value of a message, which is kept without its type: a day is known by its form, so that it is told as one."""
    match stored:
        case dict():
            return _message(stored)
        case list():
            return tuple(map(_value, stored))
        case str() if _DAY.fullmatch(stored):
            with suppress(ValueError):
                return date.fromisoformat(stored)
    return stored


def _optional(wanted: Any) -> _Read:  # noqa: ANN401 - see _reader
    inside = _reader(next(each for each in get_args(wanted) if each is not NoneType))
    return lambda stored: None if stored is None else inside(stored)


def _tuple(wanted: Any) -> _Read:  # noqa: ANN401 - see _reader
    kinds = get_args(wanted)
    if kinds[-1] is ...:
        each = _reader(kinds[0])
        return lambda stored: tuple(each(one) for one in stored)
    readers = [_reader(kind) for kind in kinds]
    return lambda stored: tuple(read(one) for read, one in zip(readers, stored, strict=True))


def _record(wanted: Any) -> _Read:  # noqa: ANN401 - see _reader
    readers = {name: _reader(kind) for name, kind in get_type_hints(wanted).items()}
    return lambda stored: wanted(**{name: read(stored[name]) for name, read in readers.items() if name in stored})

"""Frozen values as JSON and back, by their types: how decisions and snapshots are kept."""

import dataclasses
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from channel.errors import Message
from channel.periods import Month

_Read = Callable[[Any], Any]


def to_stored(value: object) -> Any:  # noqa: ANN401 - JSON is any of its kinds
    """JSON values for the value: Decimals and months as strings, dates in ISO form, records as objects."""
    if isinstance(value, tuple):
        return [to_stored(each) for each in value]
    if isinstance(value, Message):
        return value.as_json()
    if dataclasses.is_dataclass(value) and not isinstance(value, Month):
        return {field.name: to_stored(getattr(value, field.name)) for field in dataclasses.fields(value)}
    return _plain(value)


def _plain(value: object) -> Any:  # noqa: ANN401 - see to_stored
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, str | Decimal | Month):
        return str(value)
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"cannot be stored: {type(value).__name__}")


def from_stored(wanted: Any, stored: Any) -> Any:  # noqa: ANN401 - the type asked for is the type given back
    """The value of the wanted type that `to_stored` wrote; a field that was not written takes its default."""
    return _reader(wanted)(stored)


@cache
def _reader(wanted: Any) -> _Read:  # noqa: ANN401 - any type annotation
    if wanted is Decimal or wanted is str or wanted is int or wanted is bool:
        read: _Read = wanted
    elif wanted is datetime or wanted is date:
        read = wanted.fromisoformat
    elif wanted is Month:
        read = Month.parse
    elif wanted is Message:
        read = Message.from_json
    elif get_origin(wanted) in {Union, UnionType}:
        read = _optional(wanted)
    elif get_origin(wanted) is tuple:
        read = _tuple(wanted)
    elif dataclasses.is_dataclass(wanted):
        read = _record(wanted)
    else:
        read = wanted
    return read


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

"""A document as JSON: read strictly, written whole, compared field by field.

Numbers are written as strings, so that no face turns them into floats. A field that is left out takes the default of
its dataclass; a field that is not known is an error, so that a misspelt cap is never silently no cap.
"""

import dataclasses
from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from typing import Any, TypeAlias, cast

from channel.digits import whole_number
from channel.errors import FieldError, Message, m
from channel.money import parse_decimal
from channel.versions.rules.paper import Paper, T
from channel.versions.rules.spec import SPEC, Holds, Keys, Spec

Json: TypeAlias = Any
_WRONG = object()
_LONGEST_TEXT = 200
_MOST_RECORDS = 100
_MOST_PLACES = 12


def read_document(paper: Paper[T], document: Mapping[str, Json], version: int = 0) -> T | list[FieldError]:
    """What the JSON holds, or every error in it, each with its path and what would be right."""
    reader = _Reader()
    read = reader.record(document, "", paper.model)
    if reader.errors:
        return reader.errors
    held = cast("T", dataclasses.replace(cast("Any", read), version=version))
    return list(paper.check(held)) or held


def written(document: object) -> dict[str, Json]:
    """The whole document without its version; `read_document` reads it back equal."""
    return {name: _written(getattr(document, name), one) for name, one in fields_of(type(document)).items()}


def compare_documents(before: object, after: object) -> list[tuple[str, str | None, str | None]]:
    """Every path whose value differs, in the document's order, with both values; None where a side has no such path."""
    old, new = dict(_leaves("", written(before))), dict(_leaves("", written(after)))
    paths = dict.fromkeys([*old, *new])
    return [(path, old.get(path), new.get(path)) for path in paths if old.get(path) != new.get(path)]


class _Fields(dict[type[Any], Mapping[str, Spec]]):
    """The fields of each dataclass, found out once: a document is read whenever something is decided by it."""

    def __missing__(self, cls: type[Any]) -> Mapping[str, Spec]:
        found = {each.name: each.metadata[SPEC] for each in dataclasses.fields(cls) if SPEC in each.metadata}
        self[cls] = found
        return found


_FIELDS = _Fields()


def fields_of(cls: type[Any]) -> Mapping[str, Spec]:
    """The fields of a dataclass that are said, in their order."""
    return _FIELDS[cls]


def specs_of(cls: type[Any], prefix: str = "") -> Mapping[str, Spec]:
    """Path to spec of every field outside lists, sections and the keys of tables included."""
    found: dict[str, Spec] = {}
    for name, one in fields_of(cls).items():
        path = f"{prefix}{name}"
        found[path] = one
        if one.kind is Holds.RECORD and one.record:
            found |= specs_of(one.record, f"{path}.")
        if one.keys:
            found |= {f"{path}.{key}": _of_key(one) for key in one.keys.names}
    return found


def label_of(cls: type[Any], path: str) -> tuple[Message, ...]:
    """The labels along a path, outermost first; parts that have none (keys, places in lists) stand as they are."""
    labels: list[Message] = []
    inner: type[Any] | None = cls
    for part in path.split("."):
        one = fields_of(inner).get(part) if inner else None
        if one is None:
            place = whole_number(part)
            labels.append(m("%(part)s", part=part if place is None else str(place + 1)))
            continue
        labels.append(one.label)
        inner = one.record
    return tuple(labels)


def value_at(document: Json, path: str) -> Json:
    """What a document's JSON holds at a path."""
    for part in path.split("."):
        document = document[part]
    return document


def put_at(document: dict[str, Json], path: str, value: Json) -> None:
    """Write a value in the place of what a document's JSON holds at a path."""
    section, _, last = path.rpartition(".")
    (value_at(document, section) if section else document)[last] = value


def _of_key(one: Spec) -> Spec:
    """What the value of one key of a table may be."""
    return dataclasses.replace(one, kind=Holds.NUMBER, keys=None)


def _written(value: Any, one: Spec) -> Json:  # noqa: ANN401 - any field's
    match value:
        case tuple():
            return [written(each) if one.kind is Holds.RECORDS else f"{each:f}" for each in value]
        case Decimal():
            return f"{value:f}"
        case StrEnum():
            return value.value
        case _ if one.kind is Holds.TABLE:
            return {key: _written(each, _of_key(one)) for key, each in value.values().items()}
        case _:
            return written(value) if one.kind is Holds.RECORD and value is not None else value


def _leaves(path: str, value: Json) -> list[tuple[str, str | None]]:
    if isinstance(value, dict):
        inside = [(f"{path}.{name}" if path else name, each) for name, each in value.items()]
    elif isinstance(value, list):
        inside = [(f"{path}.{place}", each) for place, each in enumerate(value)]
    else:
        return [(path, None if value is None else _said(value))]
    return [leaf for name, each in inside for leaf in _leaves(name, each)]


def _said(value: Json) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    text = str(value)
    try:
        number = parse_decimal(text)
    except ValueError:
        return text
    return f"{number.normalize():f}"  # 2.0 and 2 are no difference


class _Reader:
    """Reads a document by the specs of the dataclasses and collects every error on the way."""

    def __init__(self) -> None:
        self.errors: list[FieldError] = []

    def wrong(self, path: str, reason: Message, expected: Message | None = None) -> object:
        self.errors.append(FieldError(path, reason, expected))
        return _WRONG

    def record(self, given: Json, path: str, cls: type[Any]) -> object:
        if not isinstance(given, Mapping):
            return self.wrong(path, m("This is not a section."), m("an object with named fields"))
        fields = fields_of(cls)
        prefix = f"{path}." if path else ""
        for name in given:
            if name not in fields:
                self.wrong(
                    f"{prefix}{name}", m("This field is not known."), m("one of %(names)s", names=", ".join(fields))
                )
        values: dict[str, object] = {}
        for name, one in fields.items():
            if name in given:
                values[name] = self.value(given[name], f"{prefix}{name}", one)
            elif cls.__dataclass_fields__[name].default is dataclasses.MISSING:
                values[name] = self.wrong(f"{prefix}{name}", m("This field is missing."), _expected(one))
        return _WRONG if _WRONG in values.values() else cls(**values)

    def value(self, given: Json, path: str, one: Spec) -> object:
        if given is None and one.kind is not Holds.TABLE:
            return None if one.optional else self.wrong(path, m("A value is needed."), _expected(one))
        return getattr(self, f"_{one.kind.value}")(given, path, one)

    def _number(self, given: Json, path: str, one: Spec) -> object:
        number = _as_number(given)
        if number is None or not _within(number, one):
            return self.wrong(path, m("%(given)s is not allowed here.", given=str(given)), _expected(one))
        return number

    def _whole(self, given: Json, path: str, one: Spec) -> object:
        number = _as_number(given)
        if number is None or number != number.to_integral_value() or not _within(number, one):
            return self.wrong(path, m("%(given)s is not allowed here.", given=str(given)), _expected(one))
        return int(number)

    def _flag(self, given: Json, path: str, one: Spec) -> object:
        return given if isinstance(given, bool) else self.wrong(path, m("This is neither yes nor no."), _expected(one))

    def _text(self, given: Json, path: str, one: Spec) -> object:
        if isinstance(given, str) and 0 < len(given.strip()) <= _LONGEST_TEXT:
            return given.strip()
        return self.wrong(path, m("This is not a text of 1 to 200 characters."), _expected(one))

    def _choice(self, given: Json, path: str, one: Spec) -> object:
        chosen = [each for each in one.choices if each == given]
        return chosen[0] if chosen else self.wrong(
            path, m("%(given)s is not one of the choices.", given=str(given)), _expected(one)
        )  # fmt: skip

    def _table(self, given: Json, path: str, one: Spec) -> object:
        keys = cast("Keys", one.keys)
        if not isinstance(given, Mapping):
            return self.wrong(path, keys.no_table, _expected(one))
        for name in given:
            if name not in keys.names:
                self.wrong(f"{path}.{name}", keys.unknown, m("one of %(names)s", names=", ".join(keys.names)))
        values: list[object] = []
        for key in keys.names:
            if key in given or one.optional:
                values.append(self.value(given.get(key), f"{path}.{key}", _of_key(one)))
            else:
                values.append(self.wrong(f"{path}.{key}", keys.missing, _expected(_of_key(one))))
        return _WRONG if _WRONG in values else keys.table(*values)

    def _numbers(self, given: Json, path: str, one: Spec) -> object:
        if not isinstance(given, list) or not 0 < len(given) <= _MOST_RECORDS:
            return self.wrong(path, m("This is not a list of 1 to 100 values."), _expected(one))
        values = [self._number(each, f"{path}.{place}", one) for place, each in enumerate(given)]
        return _WRONG if _WRONG in values else tuple(values)

    def _record(self, given: Json, path: str, one: Spec) -> object:
        return self.record(given, path, cast("type[Any]", one.record))

    def _records(self, given: Json, path: str, one: Spec) -> object:
        if not isinstance(given, list) or not one.least <= len(given) <= _MOST_RECORDS:
            return self.wrong(path, m("This is not a list of 1 to 100 values."), _expected(one))
        cls = cast("type[Any]", one.record)
        values = [self.record(each, f"{path}.{place}", cls) for place, each in enumerate(given)]
        return _WRONG if _WRONG in values else tuple(values)


def _as_number(given: Json) -> Decimal | None:
    """The finite number given as a JSON string or whole number; floats are told by their shortest text."""
    if isinstance(given, bool) or not isinstance(given, str | int | float | Decimal):
        return None
    try:
        number = parse_decimal(str(given))
    except ValueError:
        return None
    exponent = number.as_tuple().exponent
    return number if isinstance(exponent, int) and exponent >= -_MOST_PLACES else None


def _within(number: Decimal, one: Spec) -> bool:
    return (
        (one.low is None or number >= one.low)
        and (one.above is None or number > one.above)
        and (one.high is None or number <= one.high)
    )


def _expected(one: Spec) -> Message:
    """What would be right for a field, in words."""
    match one.kind:
        case Holds.CHOICE:
            return m("one of %(names)s", names=", ".join(one.choices))
        case Holds.TABLE:
            return m("an object with %(names)s", names=", ".join(cast("Keys", one.keys).names))
        case Holds.NUMBER | Holds.WHOLE | Holds.NUMBERS:
            return _range(one)
        case _:
            return _SHAPES[one.kind]


_SHAPES = {
    Holds.FLAG: m("true or false"),
    Holds.TEXT: m("a text of 1 to 200 characters"),
    Holds.RECORD: m("an object with named fields"),
    Holds.RECORDS: m("a list of objects with named fields"),
}


def _range(one: Spec) -> Message:
    low, high = _bound(one.low if one.above is None else one.above), _bound(one.high)
    if one.kind is Holds.WHOLE:
        return m("a whole number from %(low)s to %(high)s", low=low, high=high)
    if one.above is not None:
        return m("a number above %(low)s and up to %(high)s", low=low, high=high)
    return m("a number from %(low)s to %(high)s", low=low, high=high)


def _bound(number: Decimal | None) -> str:
    return "" if number is None else f"{number:,f}"

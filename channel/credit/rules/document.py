"""The policy as a JSON document: read strictly, written whole, compared field by field.

Numbers are written as strings, so that no face turns them into floats. A field that is left out takes the shipped
policy's value; a field that is not known is an error, so that a misspelt cap is never silently no cap.
"""

import dataclasses
from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from typing import Any, TypeAlias, cast

from channel.credit.rules.checks import check_policy
from channel.credit.rules.grades import GRADES, GradeTable
from channel.credit.rules.policy import Policy
from channel.credit.rules.spec import SPEC, Kind, Spec
from channel.digits import whole_number
from channel.errors import FieldError, Message, m
from channel.money import parse_decimal

Json: TypeAlias = Any
_WRONG = object()
_LONGEST_TEXT = 200
_MOST_RECORDS = 100
_MOST_PLACES = 12


def policy_from_document(document: Mapping[str, Json], version: int = 0) -> Policy | list[FieldError]:
    """The policy that the document holds, or every error in it, each with its path and what would be right."""
    reader = _Reader()
    read = reader.record(document, "", Policy)
    if reader.errors:
        return reader.errors
    policy = dataclasses.replace(cast("Policy", read), version=version)
    return check_policy(policy) or policy


def policy_to_document(policy: Policy) -> dict[str, Json]:
    """The whole policy without its version; `policy_from_document` reads it back equal."""
    return cast("dict[str, Json]", _written(policy))


def compare_policies(before: Policy, after: Policy) -> list[tuple[str, str | None, str | None]]:
    """Every path whose value differs, in the policy's order, with both values; None where a side has no such path."""
    old, new = dict(_leaves("", policy_to_document(before))), dict(_leaves("", policy_to_document(after)))
    paths = dict.fromkeys([*old, *new])
    return [(path, old.get(path), new.get(path)) for path in paths if old.get(path) != new.get(path)]


def policy_specs() -> dict[str, Spec]:
    """Path to spec of every field outside lists, sections included: for forms, labels and what-if."""
    return dict(_specs(Policy, ""))


def label_of(path: str) -> tuple[Message, ...]:
    """The labels along a path, outermost first; parts that have none (grades, places in lists) stand as they are."""
    labels: list[Message] = []
    cls: type[Any] | None = Policy
    for part in path.split("."):
        found = {field.name: field for field in _fields(cls)}.get(part) if cls else None
        if found is None:
            place = whole_number(part)
            labels.append(m("%(part)s", part=part if place is None else str(place + 1)))
            continue
        one: Spec = found.metadata[SPEC]
        labels.append(one.label)
        cls = one.record
    return tuple(labels)


def _fields(cls: type[Any]) -> tuple[dataclasses.Field[Any], ...]:
    return tuple(field for field in dataclasses.fields(cls) if SPEC in field.metadata)


def _specs(cls: type[Any], prefix: str) -> list[tuple[str, Spec]]:
    found: list[tuple[str, Spec]] = []
    for field in _fields(cls):
        one: Spec = field.metadata[SPEC]
        path = f"{prefix}{field.name}"
        found.append((path, one))
        if one.kind is Kind.RECORD and one.record:
            found += _specs(one.record, f"{path}.")
        if one.kind is Kind.GRADES:
            found += [(f"{path}.{grade}", dataclasses.replace(one, kind=Kind.NUMBER)) for grade in GRADES]
    return found


def _written(value: object) -> Json:
    if isinstance(value, GradeTable):
        return {grade: _written(each) for grade, each in value.values().items()}
    if dataclasses.is_dataclass(value):
        return {field.name: _written(getattr(value, field.name)) for field in _fields(type(value))}
    if isinstance(value, tuple):
        return [_written(each) for each in value]
    if isinstance(value, Decimal):
        return f"{value:f}"
    return value.value if isinstance(value, StrEnum) else value


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
        fields = {field.name: field for field in _fields(cls)}
        prefix = f"{path}." if path else ""
        for name in given:
            if name not in fields:
                self.wrong(
                    f"{prefix}{name}", m("This field is not known."), m("one of %(names)s", names=", ".join(fields))
                )
        values: dict[str, object] = {}
        for name, field in fields.items():
            if name in given:
                values[name] = self.value(given[name], f"{prefix}{name}", field.metadata[SPEC])
                if field.type in _ENUMS and isinstance(values[name], str):
                    values[name] = _ENUMS[field.type](str(values[name]))
            elif field.default is dataclasses.MISSING:
                values[name] = self.wrong(
                    f"{prefix}{name}", m("This field is missing."), _expected(field.metadata[SPEC])
                )
        return _WRONG if _WRONG in values.values() else cls(**values)

    def value(self, given: Json, path: str, one: Spec) -> object:
        if given is None and one.kind is not Kind.GRADES:
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
        if isinstance(given, str) and given in one.choices:
            return given
        return self.wrong(path, m("%(given)s is not one of the choices.", given=str(given)), _expected(one))

    def _grades(self, given: Json, path: str, one: Spec) -> object:
        if not isinstance(given, Mapping):
            return self.wrong(path, m("This is not a value for each grade."), m("an object with AAA, AA, A, B, C"))
        for name in given:
            if name not in GRADES:
                self.wrong(
                    f"{path}.{name}", m("This grade is not known."), m("one of %(names)s", names=", ".join(GRADES))
                )
        number = dataclasses.replace(one, kind=Kind.NUMBER)
        values: list[object] = []
        for grade in GRADES:
            if grade in given or one.optional:
                values.append(self.value(given.get(grade), f"{path}.{grade}", number))
            else:
                values.append(self.wrong(f"{path}.{grade}", m("This grade is missing."), _expected(number)))
        return _WRONG if _WRONG in values else GradeTable(*values)

    def _numbers(self, given: Json, path: str, one: Spec) -> object:
        if not isinstance(given, list) or not 0 < len(given) <= _MOST_RECORDS:
            return self.wrong(path, m("This is not a list of 1 to 100 values."), _expected(one))
        values = [self._number(each, f"{path}.{place}", one) for place, each in enumerate(given)]
        return _WRONG if _WRONG in values else tuple(values)

    def _record(self, given: Json, path: str, one: Spec) -> object:
        return self.record(given, path, cast("type[Any]", one.record))

    def _records(self, given: Json, path: str, one: Spec) -> object:
        if not isinstance(given, list) or not 0 < len(given) <= _MOST_RECORDS:
            return self.wrong(path, m("This is not a list of 1 to 100 values."), _expected(one))
        cls = cast("type[Any]", one.record)
        values = [self.record(each, f"{path}.{place}", cls) for place, each in enumerate(given)]
        return _WRONG if _WRONG in values else tuple(values)


def _enums(cls: type[Any]) -> dict[Any, type[StrEnum]]:
    found: dict[Any, type[StrEnum]] = {}
    for field in _fields(cls):
        if isinstance(field.type, type) and issubclass(field.type, StrEnum):
            found[field.type] = field.type
        inner: Spec = field.metadata[SPEC]
        if inner.record:
            found |= _enums(inner.record)
    return found


_ENUMS = _enums(Policy)


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
    if one.kind is Kind.CHOICE:
        return m("one of %(names)s", names=", ".join(one.choices))
    if one.kind in {Kind.NUMBER, Kind.WHOLE, Kind.NUMBERS}:
        return _range(one)
    return _SHAPES[one.kind]


_SHAPES = {
    Kind.FLAG: m("true or false"),
    Kind.TEXT: m("a text of 1 to 200 characters"),
    Kind.GRADES: m("an object with AAA, AA, A, B, C"),
    Kind.RECORD: m("an object with named fields"),
    Kind.RECORDS: m("a list of objects with named fields"),
}


def _range(one: Spec) -> Message:
    low, high = _bound(one.low if one.above is None else one.above), _bound(one.high)
    if one.kind is Kind.WHOLE:
        return m("a whole number from %(low)s to %(high)s", low=low, high=high)
    if one.above is not None:
        return m("a number above %(low)s and up to %(high)s", low=low, high=high)
    return m("a number from %(low)s to %(high)s", low=low, high=high)


def _bound(number: Decimal | None) -> str:
    return "" if number is None else f"{number:,f}"

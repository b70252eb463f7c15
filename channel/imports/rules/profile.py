"""A profile: from which columns, constants and look-ups the fields of a kind come.

    {"columns":    {"date": "OrderDate", "territory": ["SalesTerritoryGroup", "City"]},
     "constants":  {"terms_days": "30"},
     "value_maps": {"type": {"Warehouse": "wholesale", "": "terminal"}},
     "lookups":    {"dealer": {"file": "DimReseller.csv", "key": "ResellerKey",
                               "from": "ResellerKey", "value": "ResellerAlternateKey"}},
     "date_format": "M/D/YYYY", "decimal": ".", "grouping": "thousands"}

Every field comes from one place. Several columns for one field are joined by `/` to a path. A look-up takes the
value `from` a column of the main file (or the result of another look-up), finds it in the column `key` of its own
file and gives the column `value` of that line; named like a field it gives this field, under any other name it is
a column that other entries can use. A value map is applied last, to the trimmed value; '' stands for an empty one.
Without `decimal` each column shows by itself which mark stands before its decimals, or the load stops.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from channel.errors import FieldError, Invalid, Message, m
from channel.imports.rules.dates import date_patterns
from channel.imports.rules.kinds import KindSpec
from channel.imports.rules.numbers import GROUPINGS

_PARTS = ("columns", "constants", "value_maps", "lookups", "date_format", "decimal", "grouping")
_LOOKUP = ("file", "key", "from", "value")


@dataclass(frozen=True, slots=True)
class Lookup:
    """Take `source`, find it in column `key` of `file`, give column `value`."""

    file: str
    key: str
    source: str
    value: str


@dataclass(frozen=True, slots=True)
class Profile:
    """A checked profile; see the module for what its parts mean."""

    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    value_maps: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    lookups: Mapping[str, Lookup] = field(default_factory=dict)
    date_format: str | None = None
    decimal: str = ""
    grouping: str = "thousands"

    @property
    def files(self) -> tuple[str, ...]:
        """The other files that are needed, each once."""
        return tuple(dict.fromkeys(lookup.file for lookup in self.lookups.values()))

    def given(self, spec: KindSpec) -> frozenset[str]:
        """The fields that get a value from somewhere."""
        return frozenset(spec.names) & frozenset((*self.columns, *self.constants, *self.lookups))

    def as_json(self) -> dict[str, object]:
        """The document again, as it is kept under a name: `parse_profile` gives back an equal profile."""
        document: dict[str, object] = {
            "columns": {name: cols[0] if len(cols) == 1 else list(cols) for name, cols in self.columns.items()},
            "constants": dict(self.constants),
            "value_maps": {name: dict(pairs) for name, pairs in self.value_maps.items()},
            "lookups": {
                name: {"file": at.file, "key": at.key, "from": at.source, "value": at.value}
                for name, at in self.lookups.items()
            },
        }
        said = {"date_format": self.date_format, "decimal": self.decimal}
        if self.grouping != GROUPINGS[0]:
            said["grouping"] = self.grouping
        return document | {name: value for name, value in said.items() if value}


class _Errors:
    def __init__(self) -> None:
        self.found: list[FieldError] = []

    def add(self, at: str, reason: Message, expected: Message | None = None) -> None:
        self.found.append(FieldError(at, reason, expected))

    def raise_any(self) -> None:
        if self.found:
            raise Invalid(m("The profile cannot be used."), tuple(self.found))


def parse_profile(spec: KindSpec, document: object) -> Profile:
    """The profile of a document; `Invalid` with everything that is wrong in it and what would be right."""
    errors = _Errors()
    if not isinstance(document, Mapping):
        errors.add("profile", m("A profile is an object."), m("An object with columns, constants and so on."))
        errors.raise_any()
    parts: Mapping[object, object] = document if isinstance(document, Mapping) else {}
    for name in parts:
        if name not in _PARTS:
            errors.add(str(name), m("A profile has no such part."), _one_of(_PARTS))
    profile = Profile(
        {name: cols for name, value in _object(errors, parts, "columns") if (cols := _columns(errors, name, value))},
        {name: str(value) for name, value in _object(errors, parts, "constants") if _plain(errors, name, value)},
        {name: _value_map(errors, name, value) for name, value in _object(errors, parts, "value_maps")},
        {name: at for name, value in _object(errors, parts, "lookups") if (at := _lookup(errors, name, value))},
        _form(errors, parts.get("date_format")),
        _decimal(errors, parts.get("decimal")),
        _grouping(errors, parts.get("grouping")),
    )
    for error in _check(spec, profile):
        errors.found.append(error)
    errors.raise_any()
    return profile


def profile_from_options(
    spec: KindSpec,
    document: object = None,
    *,
    maps: Iterable[str] = (),
    sets: Iterable[str] = (),
    date_format: str | None = None,
    decimal: str = "",
    grouping: str = "",
) -> Profile:
    """A profile with what was said beside it: `FIELD=COLUMN` of --map and `FIELD=VALUE` of --set.

    What is said on the command line goes before the profile: it takes the place of wherever the profile had the
    field from, and look-ups that nothing uses then are dropped. The profile's value map of the field still holds
    for a column, never for a set value. A field in both --map and --set, or twice in one of them, is refused.
    """
    errors = _Errors()
    mapped = _pairs(errors, spec, "map", maps)
    fixed = _pairs(errors, spec, "set", sets)
    for name in mapped.keys() & fixed.keys():
        errors.add(f"set.{name}", m("The field is mapped to a column too."), m("Either --map or --set for a field."))
    errors.raise_any()
    base = Profile() if document is None else parse_profile(spec, document)
    over = mapped.keys() | fixed.keys()
    merged = Profile(
        {**_without(base.columns, over), **{name: (column,) for name, column in mapped.items()}},
        {**_without(base.constants, over), **fixed},
        _without(base.value_maps, fixed.keys()),
        _without(base.lookups, over),
        _form(errors, date_format) or base.date_format,
        _decimal(errors, decimal) or base.decimal,
        _grouping(errors, grouping) if grouping else base.grouping,
    )
    while idle := [name for name in merged.lookups if name not in spec.names and name not in _used(merged)]:
        merged = replace(merged, lookups=_without(merged.lookups, idle))
    errors.found.extend(_check(spec, merged))
    errors.raise_any()
    return merged


_T = TypeVar("_T")


def _without(held: Mapping[str, _T], names: Iterable[str]) -> dict[str, _T]:
    gone = set(names)
    return {name: value for name, value in held.items() if name not in gone}


def _used(profile: Profile) -> set[str]:
    """What columns and look-ups take their values from."""
    columns = {column for columns in profile.columns.values() for column in columns}
    return columns | {lookup.source for lookup in profile.lookups.values()}


def _pairs(errors: _Errors, spec: KindSpec, option: str, given: Iterable[str]) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for text in given:
        name, equals, value = text.partition("=")
        name, value = name.strip().replace("-", "_"), value.strip()
        at = f"{option}.{name}"
        if not equals or (option == "map" and not value):
            errors.add(at, m("“%(text)s” has no value.", text=text), m("FIELD=VALUE"))
        elif name not in spec.names:
            errors.add(at, m("There is no field %(name)s.", name=name), _one_of(spec.names))
        elif name in pairs:
            errors.add(at, m("The field is given twice."))
        else:
            pairs[name] = value
    return pairs


def _object(errors: _Errors, parts: Mapping[object, object], part: str) -> list[tuple[str, object]]:
    value = parts.get(part, {})
    if not isinstance(value, Mapping):
        errors.add(part, m("This part is an object."), m("An object with field names as keys."))
        return []
    return [(str(name), item) for name, item in value.items()]


def _columns(errors: _Errors, name: str, value: object) -> tuple[str, ...]:
    columns = tuple(value) if isinstance(value, list | tuple) else (value,)
    if not columns or not all(isinstance(column, str) and column.strip() for column in columns):
        errors.add(f"columns.{name}", m("This is no column name."), m("A column's name, or a list of them."))
        return ()
    return tuple(str(column).strip() for column in columns)


def _plain(errors: _Errors, name: str, value: object) -> bool:
    # A float has no exact text, so a document that was read with floats may not bring one in.
    if isinstance(value, str | int) and not isinstance(value, bool):
        return True
    errors.add(f"constants.{name}", m("This is no text."), m('A text, such as "30" or "0.5".'))
    return False


def _value_map(errors: _Errors, name: str, value: object) -> dict[str, str]:
    if isinstance(value, Mapping) and all(isinstance(to, str) for to in value.values()):
        return {str(key).strip(): str(to) for key, to in value.items()}
    errors.add(f"value_maps.{name}", m("This is no value map."), m("An object: value in the file to value meant."))
    return {}


def _lookup(errors: _Errors, name: str, value: object) -> Lookup | None:
    at = f"lookups.{name}"
    if not isinstance(value, Mapping):
        errors.add(at, m("This is no look-up."), m("An object with file, key, from and value."))
        return None
    wrong = [key for key in _LOOKUP if not isinstance(value.get(key), str) or not value[key].strip()]
    for key in wrong:
        errors.add(f"{at}.{key}", m("A look-up needs this."), m("A text."))
    for key in value:
        if key not in _LOOKUP:
            errors.add(f"{at}.{key}", m("A look-up has no such part."), _one_of(_LOOKUP))
    return None if wrong else Lookup(*(value[key].strip() for key in _LOOKUP))


def _form(errors: _Errors, value: object) -> str | None:
    if value is None or value == "":
        return None
    try:
        date_patterns(str(value))
    except ValueError:
        errors.add("date_format", m("This is no date form."), m("A form such as M/D/YYYY, DD.MM.YYYY or YYYYMMDD."))
        return None
    return str(value)


def _decimal(errors: _Errors, value: object) -> str:
    if value is None or value == "":
        return ""
    if value not in {".", ","}:
        errors.add("decimal", m("Decimals are parted by a point or a comma."), m("“.” or “,”"))
    return str(value)


def _grouping(errors: _Errors, value: object) -> str:
    if value is None or value == "":
        return GROUPINGS[0]
    if value not in GROUPINGS:
        errors.add("grouping", m("Digits are not grouped in this way."), _one_of(GROUPINGS))
    return str(value)


def _check(spec: KindSpec, profile: Profile) -> list[FieldError]:
    """What is wrong between the parts: unknown fields, fields from two places, look-ups in a circle or unused."""
    errors = _Errors()
    for part, names in (
        ("columns", profile.columns),
        ("constants", profile.constants),
        ("value_maps", profile.value_maps),
    ):
        for name in names:
            if name not in spec.names:
                errors.add(f"{part}.{name}", m("There is no field %(name)s.", name=name), _one_of(spec.names))
    for name in spec.names:
        places = [part for part in ("columns", "constants", "lookups") if name in getattr(profile, part)]
        if len(places) > 1:
            errors.add(f"{places[1]}.{name}", m("The field comes from two places."), _one_of(places))
    used = _used(profile) | set(spec.names)
    for name in profile.lookups:
        if name not in used:
            at = f"lookups.{name}"
            errors.add(at, m("Nothing uses this look-up, and it is no field."), _one_of(spec.names))
        if _circles(profile, name):
            errors.add(f"lookups.{name}.from", m("The look-ups go in a circle."), m("A column of the main file."))
    return errors.found


def _circles(profile: Profile, name: str) -> bool:
    seen: set[str] = set()
    while name in profile.lookups:
        source = profile.lookups[name].source
        if source == name:  # it starts from the file's column of its own name
            return False
        if name in seen:
            return True
        seen.add(name)
        name = source
    return False


def _one_of(names: Iterable[str]) -> Message:
    return m("One of: %(names)s", names=", ".join(names))


def names_dealers(spec: KindSpec, document: Mapping[str, Any]) -> bool:
    """Whether a kept mapping says codes of dealers by itself, in a constant or a value map."""
    fixed = {*document.get("constants", {}), *document.get("value_maps", {})}
    return bool(fixed - {field.name for field in spec.fields if field.of != "dealer"})


def load_digest(
    kind: str, file_sha256: str, profile: Profile, lookup_sha256: Mapping[str, str], options: Mapping[str, str]
) -> str:
    """What a load is recognised by: the same files, read in the same way, with the same options that matter.

    `options` are those that change the outcome (period, dealers, effective date, partial, what to create), as
    text. The order of a profile's entries does not matter; SHA-256 in hexadecimal.
    """
    # What was loaded before a mark could be left unsaid is recognised too: it was read with a point.
    said = {"decimal": "set"} if profile.decimal == "." else {}
    content = said | {
        "kind": kind,
        "file": file_sha256,
        "profile": {"decimal": "."} | profile.as_json(),
        "lookups": {name: lookup_sha256[name] for name in profile.files},
        "options": {name: value for name, value in options.items() if value},
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()

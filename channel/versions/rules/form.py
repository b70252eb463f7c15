"""A document as a form: every field with its label, its explanation and its choices; and the form as a document."""

import itertools
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from channel.errors import FieldError, Message, m
from channel.given import read_json
from channel.versions.rules.document import fields_of, label_of, put_at, specs_of, value_at, written
from channel.versions.rules.paper import Paper, T
from channel.versions.rules.spec import Holds, Spec


@dataclass(frozen=True, slots=True)
class Blank:
    """A field of the form; `keys` are the fields beneath one that has a value for each key: key, path, value."""

    path: str
    label: Message
    spec: Spec
    value: Any
    keys: tuple[tuple[str, str, Any], ...] = ()

    @property
    def choices(self) -> tuple[tuple[str, Message], ...]:
        """What may be chosen, with its names."""
        return tuple((str(each), self.spec.name_of(each)) for each in self.spec.choices)


@dataclass(frozen=True, slots=True)
class Section:
    """Fields that belong together; `tables` are lists of records as JSON, `folded` the words beneath which they lie."""

    key: str
    title: Message
    blanks: tuple[Blank, ...]
    tables: tuple[Blank, ...]
    folded: Message | None


@dataclass(frozen=True, slots=True)
class Rows:
    """A list of records that the form takes row by row, with one to fill at least."""

    path: str
    spec: Spec
    rows: tuple[tuple[Blank, ...], ...]


def sections_of(paper: Paper[T], document: T) -> list[Section]:
    """The fields by section, the general ones first; without those that have rows or are drawn by their room."""
    told = written(document)
    blanks: dict[str, list[Blank]] = {"": []}
    tables: dict[str, list[Blank]] = {}
    specs = specs_of(paper.model)
    for path, one in specs.items():
        outer, _, _ = path.rpartition(".")
        within_table = bool(outer) and specs[outer].kind is Holds.TABLE
        if one.kind is Holds.RECORD or one.rows or within_table or _is_own(paper, path):
            continue
        value = value_at(told, path)
        key = path if one.kind is Holds.TABLE and not outer else path.partition(".")[0] if outer else ""
        if one.kind is Holds.RECORDS:
            text = json.dumps(value, ensure_ascii=False, indent=1)
            tables.setdefault(key, []).append(Blank(path, one.label, one, text))
            continue
        keys = tuple((each, f"{path}.{each}", value[each]) for each in one.keys.names) if one.keys else ()
        shown = "; ".join(value) if one.kind is Holds.NUMBERS and value is not None else value
        blanks.setdefault(key, []).append(Blank(path, _label(paper, path), one, shown, keys))
    return [
        Section(
            key,
            specs[key].label if key else m("General"),
            tuple(blanks.get(key, ())),
            tuple(tables.get(key, ())),
            specs[key].folded if key else None,
        )
        for key in dict.fromkeys([*blanks, *tables])
    ]


def rows_of(paper: Paper[T], document: T) -> list[Rows]:
    """The lists of records that stand in rows, each with empty ones to fill."""
    told = written(document)
    found = []
    for path, one in _in_rows(paper):
        rows: list[Mapping[str, Any]] = list(value_at(told, path) or ())
        rows += [{}] * max(1, one.rows - len(rows))
        fields = fields_of(one.record) if one.record else {}
        blanks = tuple(
            tuple(Blank(f"{path}.{place}.{name}", each.label, each, row.get(name)) for name, each in fields.items())
            for place, row in enumerate(rows)
        )
        found.append(Rows(path, one, blanks))
    return found


def tables_of(paper: Paper[T]) -> tuple[str, ...]:
    """The fields of the form that hold a list of records as JSON, longer than any text of a person."""
    specs = specs_of(paper.model).items()
    return tuple(p for p, one in specs if one.kind is Holds.RECORDS and not one.rows and not _is_own(paper, p))


def document_of(paper: Paper[T], form: Mapping[str, str], base: T) -> tuple[dict[str, Any], list[FieldError]]:
    """The document that the form means, from a base for what the form does not show; and what cannot be read."""
    document = written(base)
    errors: list[FieldError] = []
    for path, one in specs_of(paper.model).items():
        if one.kind in {Holds.RECORD, Holds.RECORDS, Holds.TABLE} or _is_own(paper, path):
            continue
        if one.kind is Holds.FLAG or path in form:
            put_at(document, path, _typed(one, form, path))
    for path, one in _in_rows(paper):
        put_at(document, path, list(_rows_in(form, path, one)))
    for path in tables_of(paper):
        try:
            # Numbers stay as they were written: a document's numbers are decimals, and are read as such.
            put_at(document, path, read_json(form.get(path, "null"), object, str) or value_at(document, path))
        except ValueError:
            errors.append(FieldError(path, m("This is not JSON."), m("a list of objects with named fields")))
    if paper.own:
        for path, value in paper.own.read(form).items():
            put_at(document, path, value)
    return document, errors


def beside(paper: Paper[T], errors: Sequence[FieldError]) -> tuple[FieldError, ...]:
    """The errors at the fields that the form shows: those within a table or a room's own field stand at that."""
    whole = (*tables_of(paper), *(paper.own.paths if paper.own else ()))
    return tuple(
        FieldError(next((path for path in whole if _lies_in(each.field, path)), each.field), each.reason, each.expected)
        for each in errors
    )


def _typed(one: Spec, form: Mapping[str, str], path: str) -> object:
    """What a field of the form means; empty is none."""
    if one.kind is Holds.FLAG:
        return path in form
    text = form.get(path, "").strip()
    if one.kind is Holds.NUMBERS:
        return [part.strip() for part in text.split(";") if part.strip()]
    return text or None


def _rows_in(form: Mapping[str, str], path: str, one: Spec) -> Iterator[dict[str, Any]]:
    """The rows of the form in which something stands."""
    fields = fields_of(one.record) if one.record else {}
    written_in = [name for name, each in fields.items() if each.kind is not Holds.FLAG]
    for place in itertools.takewhile(
        lambda place: any(f"{path}.{place}.{name}" in form for name in written_in), itertools.count()
    ):
        row = {name: _typed(each, form, f"{path}.{place}.{name}") for name, each in fields.items()}
        if any(row[name] for name in written_in):
            yield row


def _in_rows(paper: Paper[T]) -> list[tuple[str, Spec]]:
    return [(path, one) for path, one in specs_of(paper.model).items() if one.rows and not _is_own(paper, path)]


def _is_own(paper: Paper[T], path: str) -> bool:
    return paper.own is not None and any(_lies_in(path, each) for each in paper.own.paths)


def _lies_in(path: str, outer: str) -> bool:
    return path == outer or path.startswith(f"{outer}.")


def _label(paper: Paper[T], path: str) -> Message:
    """A field inside a record of its own is named with it: Altman Z: Coefficients."""
    labels = label_of(paper.model, path)
    return labels[-1] if len(labels) <= 2 else m("%(record)s: %(field)s", record=labels[-2], field=labels[-1])  # noqa: PLR2004 - section and field

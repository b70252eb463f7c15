"""From the header of a file to the fields of a kind: proposals by name, and the reading of each record's cells."""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter

from channel.errors import FieldError, Invalid, Message, m
from channel.imports.rules.kinds import KindSpec
from channel.imports.rules.profile import Lookup, Profile
from channel.imports.rules.reasons import REJECT_COLUMNS, reason
from channel.imports.rules.rows import path_of

_ASIDE = re.compile(r"[(（\[【].*?[)）\]】]")
_NO_WORD = re.compile(r"[\W_]+")


def plain_name(name: str) -> str:
    """A column's name as it is compared: without case, spaces, signs and what stands in brackets."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    return _NO_WORD.sub("", _ASIDE.sub("", folded)) or _NO_WORD.sub("", folded)


def propose_mapping(spec: KindSpec, header: Sequence[str]) -> dict[str, str]:
    """Field -> column for the columns whose names are known, English or Chinese; no column is proposed twice.

    The better a name fits the sooner its field chooses; required fields choose before the others. Columns that
    stand twice in the header, and those of a file of rejects, are left out.
    """
    times = Counter(header)
    free = {plain_name(name): name for name in reversed(header) if name and times[name] == 1}
    for name in REJECT_COLUMNS:
        free.pop(plain_name(name), None)
    wishes = sorted(
        (rank, not field.required, place, field.name, plain_name(name))
        for place, field in enumerate(spec.fields)
        for rank, name in enumerate((field.name, *field.names))
    )
    proposed: dict[str, str] = {}
    for _, _, _, field_name, wish in wishes:
        if field_name not in proposed and wish in free:
            proposed[field_name] = free.pop(wish)
    return {name: proposed[name] for name in spec.names if name in proposed}


@dataclass(frozen=True, slots=True)
class FoundLookup:
    """A look-up with its place found: cell `source` of the widened record is sought among the keys."""

    name: str
    lookup: Lookup
    source: int


@dataclass(frozen=True, slots=True)
class Columns:
    """A profile laid on a header. A record is widened by the look-ups' results, in order, before fields take cells.

    `fields`: field -> the places of its cells in the widened record. `constants`: field -> text.
    """

    fields: Mapping[str, tuple[int, ...]]
    constants: Mapping[str, str]
    value_maps: Mapping[str, Mapping[str, str]]
    lookups: tuple[FoundLookup, ...]
    width: int

    @property
    def used(self) -> frozenset[int]:
        """The places of the cells that anything is taken from, those that look-ups add among them."""
        return frozenset(place for places in self.fields.values() for place in places) | {
            found.source for found in self.lookups
        }

    @property
    def names(self) -> tuple[str, ...]:
        """The fields that get a value, in the order in which `reader` gives them."""
        return (*self.fields, *self.constants)


def resolve(spec: KindSpec, profile: Profile, header: Sequence[str]) -> Columns:
    """The profile laid on the header of a file; `Invalid` names each column that is not there or not clear.

    A required field that nothing gives is refused here, before any line is read.
    """
    errors: list[FieldError] = []
    places = _Places(header, profile, errors)
    found = [FoundLookup(name, lookup, places.source(name, lookup)) for name, lookup in _in_order(profile)]
    fields = {
        name: tuple(places.find(f"columns.{name}", column) for column in columns)
        for name, columns in profile.columns.items()
    }
    fields |= {entry.name: (places.made[entry.name],) for entry in found if entry.name in spec.names}
    for name in spec.required:
        instead = spec.field(name).instead
        if not {name, instead} & (fields.keys() | profile.constants.keys()):
            at = m("Give the column with --map %(name)s=COLUMN or a value with --set %(name)s=VALUE.", name=name)
            errors.append(FieldError(name, m("Required: choose a column or enter a value."), at))
    if errors:
        raise Invalid(m("The file does not have what the fields need."), tuple(errors))
    ordered = {name: fields[name] for name in spec.names if name in fields}
    constants = {name: profile.constants[name] for name in spec.names if name in profile.constants}
    return Columns(ordered, constants, profile.value_maps, tuple(found), len(header))


def _in_order(profile: Profile) -> list[tuple[str, Lookup]]:
    """The look-ups so that each comes after the one from whose result it starts."""
    ordered: dict[str, Lookup] = {}

    def put(name: str) -> None:
        lookup = profile.lookups[name]
        if lookup.source in profile.lookups and lookup.source not in ordered and lookup.source != name:
            put(lookup.source)
        ordered[name] = lookup

    for name in profile.lookups:
        if name not in ordered:
            put(name)
    return list(ordered.items())


class _Places:
    """Where columns stand in a header widened by look-ups; what is missing or unclear is written down."""

    def __init__(self, header: Sequence[str], profile: Profile, errors: list[FieldError]) -> None:
        self._header, self._errors, self._lookups = header, errors, profile.lookups
        self.made = {name: len(header) + place for place, (name, _) in enumerate(_in_order(profile))}

    def source(self, name: str, lookup: Lookup) -> int:
        """Where a look-up starts; one that is named like its own source means the file's column."""
        return self.find(f"lookups.{name}.from", lookup.source, own=lookup.source == name)

    def find(self, at: str, column: str, *, own: bool = False) -> int:
        exact = [place for place, name in enumerate(self._header) if name == column]
        if column in self._lookups and not own:
            if exact and self._lookups[column].source != column:
                expected = m("A look-up's name that is no column of the file.")
                self._errors.append(FieldError(at, m("A look-up and a column share this name."), expected))
            return self.made[column]
        alike = exact or [p for p, name in enumerate(self._header) if plain_name(name) == plain_name(column)]
        if len(alike) == 1:
            return alike[0]
        why = m("The column %(column)s is not in the file.", column=column)
        if alike:
            why = m("The column %(column)s stands more than once in the header.", column=column)
        names = ", ".join(name for name in self._header if name)
        self._errors.append(FieldError(at, why, m("One of: %(names)s", names=names)))
        return 0


LOOKUP_LIMIT = 128 << 20
"""Characters of a look-up's table, a line counted as `_OF_A_LINE` more: it is held in memory whole."""
_OF_A_LINE = 100


def lookup_table(lookup: Lookup, header: Sequence[str], rows: Iterable[Sequence[str]]) -> dict[str, str]:
    """Key -> value of a look-up's file; the same key with two values is refused, and so is a missing column."""
    for part, column in (("key", lookup.key), ("value", lookup.value)):
        if list(header).count(column) != 1:
            why = m("The column %(column)s does not stand once in %(file)s.", column=column, file=lookup.file)
            names = m("One of: %(names)s", names=", ".join(name for name in header if name))
            raise Invalid(m("A look-up cannot be used."), (FieldError(f"lookups.{part}", why, names),))
    key_at, value_at = header.index(lookup.key), header.index(lookup.value)
    table: dict[str, str] = {}
    size = 0
    for cells in rows:
        if len(cells) <= max(key_at, value_at):
            continue
        key, value = cells[key_at].strip(), cells[value_at].strip()
        if table.setdefault(key, value) != value:
            why = m("%(key)s stands in %(file)s with two values.", key=key, file=lookup.file)
            raise Invalid(m("A look-up cannot be used."), (FieldError("lookups.key", why),))
        size += len(key) + len(value) + _OF_A_LINE
        if size > LOOKUP_LIMIT:
            why = m("%(file)s is too large to look up in.", file=lookup.file)
            right = m("A file of the lines that are needed, a million or so at most.")
            raise Invalid(m("A look-up cannot be used."), (FieldError("lookups.file", why, right),))
    return table


Read = tuple[list[str], tuple[tuple[str, Message], ...]]


def reader(columns: Columns, tables: Mapping[str, Mapping[str, str]]) -> Callable[[Sequence[str]], Read]:
    """A function from the cells of a record to (texts in the order of `columns.names`, what was not found).

    `tables` has the table of each look-up by the look-up's name. Texts are trimmed; what a look-up starts from may
    be empty, then its result is. A record must have the width of the header: ragged ones are refused before.
    """
    constants = tuple(columns.constants.values())
    single = all(len(places) == 1 for places in columns.fields.values())
    places = [place for group in columns.fields.values() for place in group]
    pick = itemgetter(*places) if len(places) > 1 else (lambda cells: tuple(cells[place] for place in places))
    cuts = [len(group) for group in columns.fields.values()]
    maps = [(at, columns.value_maps[name]) for at, name in enumerate(columns.fields) if name in columns.value_maps]
    lookups = [(found, tables[found.name]) for found in columns.lookups]

    def read(cells: Sequence[str]) -> Read:
        missing: tuple[tuple[str, Message], ...] = ()
        if lookups:
            cells, missing = _widened(cells, lookups)
        # A number or a day of a workbook stays what it is; only texts have spaces around them.
        texts = [cell.strip() if type(cell) is str else cell for cell in pick(cells)]
        if not single:
            texts = _joined(texts, cuts)
        for at, pairs in maps:
            texts[at] = pairs.get(texts[at], texts[at])
        texts.extend(constants)
        return texts, missing

    return read


def _widened(
    cells: Sequence[str], lookups: list[tuple[FoundLookup, Mapping[str, str]]]
) -> tuple[list[str], tuple[tuple[str, Message], ...]]:
    wide, missing = list(cells), []
    for found, table in lookups:
        sought = wide[found.source].strip()
        value = table.get(sought) if sought else ""
        if value is None:
            about = found.lookup
            missing.append((found.name, reason("unmatched", value=sought, column=about.key, file=about.file)))
            value = ""
        wide.append(value)
    return wide, tuple(missing)


def _joined(texts: list[str], cuts: list[int]) -> list[str]:
    joined, at = [], 0
    for cut in cuts:
        part = texts[at : at + cut]
        # A name that holds the mark itself must not become two territories.
        joined.append(part[0] if cut == 1 else path_of("/".join(text.replace("/", "-") for text in part)))
        at += cut
    return joined


def check_creatable(spec: KindSpec, profile: Profile, wanted: Iterable[str]) -> tuple[FieldError, ...]:
    """What `--create-missing` lacks: every required field of what is to be created must be given.

    Anything else cannot be created, and master files create what they name anyway.
    """
    errors = []
    for master in wanted:
        needed = [field.name for field in spec.fields if field.creates == master and field.needed]
        if not needed:
            known = spec.creates
            expected = m("One of: %(names)s", names=", ".join(known)) if known else None
            errors.append(FieldError("create_missing", m("%(what)s cannot be created here.", what=master), expected))
        errors.extend(
            FieldError(
                name,
                m("To create %(what)s this field must be given for every line.", what=master),
                m("Give the column with --map %(name)s=COLUMN or a value with --set %(name)s=VALUE.", name=name),
            )
            for name in needed
            if name not in profile.given(spec)
        )
    return tuple(errors)

"""The wizard: a file is brought, its columns are matched to fields and mended by hand, then it is checked."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any
from urllib.parse import urlencode

from asyncpg import Record
from litestar import Response, get, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.params import FromQuery

from channel import web
from channel.access.rules import Person
from channel.digits import whole_number
from channel.errors import Invalid, Message, Refused, invalid, m
from channel.files import FileShape
from channel.imports.acts import BringFile, CheckFile
from channel.imports.loader import loaders, require_some_file
from channel.imports.pages.loads import brought_so_far
from channel.imports.pages.names import DELIMITERS, ENCODINGS, AnyRequest
from channel.imports.rules.kinds import KindSpec
from channel.imports.rules.mapping import propose_mapping
from channel.imports.rules.profile import parse_profile
from channel.imports.rules.shapes import known_columns, known_fields, misread_of, notes_of
from channel.imports.service import loads, mappings, uploads
from channel.imports.service.completing import Family
from channel.imports.service.kinds import spec_for, spec_of
from channel.imports.service.loads import LoadWish
from channel.imports.service.shapes import ToldForm, likely_encodings, shape_of

_READ_SO = ("date_format", "decimal", "grouping")
"""How figures and days are read: what a kept mapping says, too."""
_SAMPLES = 3
_WIDE = 40
"""Columns of the first lines that are shown."""


@dataclass(frozen=True, slots=True)
class ColumnsAsked:
    """What the page of the columns is asked for: a file of a kind, those beside it, a kept mapping, its form."""

    kind: str
    upload_id: int
    others: str
    profile: str
    told: ToldForm
    new: str = ""

    @classmethod
    def of(cls, form: Mapping[str, Any]) -> "ColumnsAsked":
        """From what the form of the columns sends back."""
        names = ("kind", "others", "profile", "encoding", "delimiter", "sheet", "header_line")
        kind, others, profile, *told = (str(form.get(name, "")).strip() for name in names)
        new = str(form.get("new", "")).strip()
        return cls(kind, _number(form.get("upload")), others, profile, _told(*told), new)


@dataclass(frozen=True, slots=True)
class FieldRow:
    """A field in the form: the column or constant it has, from where else it comes, and samples of the column."""

    name: str
    label: Message
    about: Message
    required: bool
    column: str
    constant: str
    elsewhere: str
    samples: tuple[str, ...]
    creates: str


@post(
    "/imports/upload",
    include_in_schema=False,
    request_max_body_size=uploads.UPLOAD_LIMIT,
    brings_file=require_some_file,
)
async def bring_file(request: AnyRequest, person: NamedDependency[Person]) -> Response[str] | Response[None]:
    """Keep the file and those of look-ups, and go on to the columns."""
    form = await request.form()

    async def carry_out(act: BringFile) -> Mapping[str, object]:
        spec_for(person, act.kind)
        main = form.get("file")
        if not isinstance(main, UploadFile) or not main.filename:
            raise invalid("file", m("Choose a file."))
        upload_id = await uploads.take_in(person, main.filename, uploads.pieces_of(main), here=True)
        others = [
            await uploads.take_in(person, file.filename, uploads.pieces_of(file), here=True)
            for name, file in form.multi_items()
            if name == "others" and isinstance(file, UploadFile) and file.filename
        ]
        asked = {"kind": act.kind, "upload": upload_id}
        return asked | ({"others": ",".join(map(str, others))} if others else {})

    again = partial(brought_so_far, request, person, web.text_in(form, "kind"))
    return await web.act(
        request, BringFile, carry_out, again, to=lambda asked: f"/imports/columns?{urlencode(asked)}", said=None
    )


@get("/imports/columns", include_in_schema=False)
async def show_columns(
    request: AnyRequest,
    person: NamedDependency[Person],
    kind: FromQuery[str],
    upload: FromQuery[int],
    others: FromQuery[str] = "",
    profile: FromQuery[str] = "",
    encoding: FromQuery[str] = "",
    delimiter: FromQuery[str] = "",
    sheet: FromQuery[str] = "",
    header_line: FromQuery[str] = "",
    new: FromQuery[str] = "",
) -> Response[str]:
    """Which column is which field, as far as names tell or a kept mapping says; of mended lines what they complete."""
    told = _told(encoding, delimiter, sheet, header_line)
    return await _columns(request, person, ColumnsAsked(kind, upload, others, profile, told, new))


async def _columns(request: AnyRequest, person: Person, asked: ColumnsAsked) -> Response[str]:
    if not asked.new:
        row = await uploads.upload_of(asked.upload_id)
        try:
            family, lines = await loads.completed_by_file(_completing(asked, {}))
        except Refused as refused:
            return _completes_page(request, asked, row, None, frozenset(), refused)
        if family is not None:
            return _completes_page(request, asked, row, family, lines)
    return await _columns_page(request, person, asked)


def _completing(asked: ColumnsAsked, lookups: Mapping[str, int]) -> LoadWish:
    """What is asked of mended lines: the file alone, since all else stands with the load that they complete."""
    return LoadWish(asked.kind, asked.upload_id, **asdict(asked.told), lookups=lookups, dry_run=True)


def _completes_page(
    request: AnyRequest,
    asked: ColumnsAsked,
    upload: Record,
    family: Family | None,
    lines: frozenset[int],
    refused: Refused | None = None,
) -> Response[str]:
    told = {name: value for name, value in asdict(asked.told).items() if value}
    return web.page(
        request,
        "imports/completes.html",
        refused=refused,
        upload=upload,
        kind=asked.kind,
        label=spec_of(asked.kind).label,
        hidden={"kind": asked.kind, "upload": asked.upload_id, "others": asked.others} | told,
        first=None if family is None else family.first,
        base=None if family is None else family.base,
        lines=len(lines),
        is_report=spec_of(asked.kind).is_report,
    )


async def _columns_page(request: AnyRequest, person: Person, asked: ColumnsAsked) -> Response[str]:
    kind, others, profile = asked.kind, asked.others, asked.profile
    spec = spec_for(person, kind)
    row = await uploads.upload_of(asked.upload_id)
    kept = await mappings.profiles_of(person, kind)
    document = next((each["document"] for each in kept if each["name"] == profile), None)
    told, known = asked.told, known_fields(spec) if document is None else known_columns(parse_profile(spec, document))
    likely, refused = await likely_encodings(), None
    try:
        shape = await shape_of(asked.upload_id, told.checked(), known, likely)
    except Invalid as wrong:
        if told == ToldForm():
            raise
        # What was told is wrong: the file is shown as it is found, with the reason beside what was told.
        refused = wrong
        shape = await shape_of(asked.upload_id, ToldForm(), known, likely)
    return web.page(
        request,
        "imports/columns.html",
        refused=refused,
        act=CheckFile,
        upload=row,
        kind=kind,
        label=spec.label,
        others=others,
        new=asked.new,
        other_files=[await uploads.upload_of(number) for number in _numbers(others)],
        profile=profile,
        kept=[(each["name"], each["name"]) for each in kept],
        fields=_fields(spec, shape, document),
        header=[(name, name) for name in dict.fromkeys(shape.header) if name],
        shape=shape,
        told=told,
        misread=misread_of(shape),
        width=min(max(len(record.cells) for record in shape.top), _WIDE),
        encodings=ENCODINGS,
        delimiters=DELIMITERS,
        notes=notes_of(shape),
        is_report=spec.is_report,
        may_wait=loaders()[kind].waits_as is not None,
        masters=[spec_of(name) for name in spec.creates],
        values={name: (document or {}).get(name) or "" for name in _READ_SO},
    )


def _fields(spec: KindSpec, shape: FileShape, document: Mapping[str, Any] | None) -> list[FieldRow]:
    proposed = propose_mapping(spec, shape.header) if document is None else {}
    given = document or {}
    columns, constants, lookups = (given.get(part, {}) for part in ("columns", "constants", "lookups"))
    rows = []
    for field in spec.fields:
        column = columns.get(field.name, proposed.get(field.name, ""))
        elsewhere = lookups[field.name]["file"] if field.name in lookups else ""
        if isinstance(column, list) or column in lookups:
            elsewhere, column = " / ".join(column) if isinstance(column, list) else lookups[column]["file"], ""
        place = shape.header.index(column) if column in shape.header else None
        samples = () if place is None else _samples(shape, place)
        rows.append(
            FieldRow(
                field.name,
                field.label,
                field.about,
                field.required,
                column,
                constants.get(field.name, ""),
                elsewhere,
                samples,
                field.creates,
            )
        )
    return rows


def _samples(shape: FileShape, place: int) -> tuple[str, ...]:
    found = (record.cells[place] for record in shape.sample_rows if place < len(record.cells))
    return tuple(dict.fromkeys(text for text in found if text))[:_SAMPLES]


@post("/imports/check", include_in_schema=False, long_texts=True)
async def check_file(request: AnyRequest, person: NamedDependency[Person]) -> Response[str] | Response[None]:
    """Check the file with these columns; nothing is loaded yet."""
    form = await request.form()
    asked = ColumnsAsked.of(form)
    return await web.act(
        request,
        CheckFile,
        lambda act: _check(person, asked, act, form),
        lambda: _columns(request, person, asked),
        to=lambda load_id: f"/imports/{load_id}",
        said=None,
    )


def _number(text: object) -> int:
    """A number from a form; what is none leads to what is not there."""
    return whole_number(str(text)) or 0


def _numbers(text: str) -> list[int]:
    return [number for each in text.split(",") if (number := whole_number(each)) is not None]


def _told(encoding: str, delimiter: str, sheet: str, header_line: str) -> ToldForm:
    if header_line and not _number(header_line):
        raise invalid("header_line", m("This is no line."), m("The number of a line, from 1."))
    return ToldForm(encoding, delimiter, sheet, _number(header_line))


async def _check(person: Person, asked: ColumnsAsked, act: CheckFile, form: Mapping[str, Any]) -> int:
    lookups = await _lookups(asked.others)
    if form.get("completes"):
        return await loads.start_load(person, _completing(asked, lookups))
    spec = spec_of(asked.kind)
    kept = {row["name"]: row["document"] for row in await mappings.profiles_of(person, asked.kind)}
    maps = [f"{f.name}={form[f'col.{f.name}']}" for f in spec.fields if form.get(f"col.{f.name}")]
    sets = [
        f"{f.name}={form[f'set.{f.name}']}"
        for f in spec.fields
        if form.get(f"set.{f.name}") and not form.get(f"col.{f.name}")
    ]
    wish = LoadWish(
        asked.kind,
        asked.upload_id,
        profile=_stripped(spec, kept.get(asked.profile, {}), form),
        maps=maps,
        sets=sets,
        **{name: getattr(act, name) for name in (*_READ_SO, "period", "dealers", "create_missing")},
        **asdict(asked.told),
        effective_on="" if act.effective_on is None else str(act.effective_on),
        lookups=lookups,
        dry_run=True,
        new=bool(asked.new),
        ask=act.ask,
        reason=act.reason or "",
    )
    return await loads.start_load(person, wish, act.keep_as)


def _stripped(spec: KindSpec, document: Mapping[str, Any], form: Mapping[str, Any]) -> dict[str, Any]:
    """The kept mapping without the columns and constants that the form shows: there the form's word counts."""
    kept = dict(document)
    shown = {field.name for field in spec.fields if f"col.{field.name}" in form}
    lookups = set(kept.get("lookups", {}))
    kept["columns"] = {
        name: column
        for name, column in kept.get("columns", {}).items()
        if name not in shown or isinstance(column, list) or column in lookups
    }
    kept["constants"] = {name: text for name, text in kept.get("constants", {}).items() if name not in shown}
    for part in _READ_SO:
        kept.pop(part, None)
    return kept


async def _lookups(others: str) -> dict[str, int]:
    found = {}
    for number in _numbers(others):
        row = await uploads.upload_of(number)
        found[row["file_name"]] = row["id"]
    return found


ROUTES = (bring_file, show_columns, check_file)

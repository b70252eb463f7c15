"""JSON face of the room `imports`: files in, loads and their progress, rejected lines, kept mappings."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Self

import msgspec
from asyncpg import Record
from litestar import Request, delete, get, post, put
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter
from litestar.response import Stream

from channel import web
from channel.access.rules import Person
from channel.digits import whole_number
from channel.errors import Message, invalid, m
from channel.imports.acts import LoadChecked, SayOfLoad
from channel.imports.lists import LOADS, PROFILES
from channel.imports.loader import Share, require_some_file
from channel.imports.options import AskOperation, options_of, wish_of
from channel.imports.rules.shapes import asks_of
from channel.imports.service import loads, mappings, uploads, waiting
from channel.imports.service.kinds import kinds_for, spec_for
from channel.imports.service.rejects import rejects_file
from channel.imports.service.sharing import told_load, told_loads
from channel.imports.service.waiting import second_of
from channel.lists import Page, Wanted, page_in
from channel.web import FileOperation, Language, language_of

Limit = Annotated[int, QueryParameter(ge=1, le=1000)]
AnyRequest = Request[Any, Any, Any]


class ShareOfLoad(msgspec.Struct):
    """What a load of somebody else says of the dealers whom the reader sees: first and last day, lines, amount."""

    first: date
    last: date
    dealers: int
    lines: int
    company_amount: Decimal | None


class ListedLoad(msgspec.Struct):
    """A load in a list: without its options, what it would do, and what was wrong; each tells these by itself.

    Of a load of somebody else, who is bound to territories is told kind, state, by whom and when; the rest is null.
    """

    id: int
    kind: str
    file_name: str | None
    size: int | None
    sha256: str | None
    state: str
    dry_run: bool | None
    partial: bool | None
    asked_by: str
    asked_at: datetime
    finished_at: datetime | None
    phase: str
    done: int | None
    total: int | None
    counts: dict[str, Any]
    same_as: int | None
    completes: int | None


class Load(ListedLoad):
    """A load: what was asked, how far it is, and what came of it.

    `state` is queued, running, checked (a dry run that is done, or a load that waits to be confirmed), waiting (for a
    second person's word: nothing of it is loaded, and `preview.second` says why), loaded, unchanged (the same file went
    in the same way before, as load `same_as`), refused or failed. While it runs, `phase`, `done` and `total` tell how
    far it is. `preview` tells as what the file was read (`read_as`), what a person should know of it (`notes`), what
    has to be confirmed (`confirm`) and what a second person decides about (`second`), beside what the load would do.
    `completes` is the load whose rejected lines it brings.

    Where somebody else brought it and the reader is bound to territories, `share` tells what it says of the dealers
    whom he sees; file, options, counts of the whole, preview, problem and what else would tell of the file are null
    then, and `counts` has the lines loaded and the dealers of the share. It is null where the load is told whole.
    """

    preview: dict[str, Any] | None
    problem: dict[str, Any] | None
    options: dict[str, Any] | None
    share: ShareOfLoad | None

    @classmethod
    def of(cls, row: Record, request: AnyRequest, share: Share | None = None) -> Self:
        """From the database's row, in the words of whoever asked."""
        told_in = language_of(request)
        told = {name: row[name] for name in cls.__struct_fields__ if name != "share"}
        if share is not None:
            told["counts"] = {"loaded": share.lines, "dealers": share.dealers}
            return cls(**told, share=ShareOfLoad(**asdict(share)))
        hidden = {"header", "files", "doubts", "marks", "continues", "completes", "new", "approved", "second"}
        preview = row["preview"]
        told["preview"] = None if preview is None else {k: v for k, v in preview.items() if k not in hidden}
        if preview is not None:
            asks = " ".join(map(told_in.tell, asks_of(preview)))
            notes = [_said(each, told_in) for each in preview.get("notes", ())]
            second = second_of(preview)
            told["preview"] |= {
                "confirm": asks or None,
                "notes": notes,
                "second": None if second is None else told_in.tell(second),
            }
        told["options"] = {k: v for k, v in row["options"].items() if k not in hidden}
        told["problem"] = _problem(row["problem"], told_in)
        return cls(**told, share=None)


class Uploaded(msgspec.Struct):
    """A file that was brought and waits to be loaded."""

    id: int
    file_name: str
    size: int
    sha256: str


class Profile(msgspec.Struct):
    """A mapping kept under a name; who made it (`own`) replaces or removes it, and nobody else while he is here."""

    kind: str
    name: str
    document: dict[str, Any]
    kept_by: str
    kept_at: datetime
    own: bool

    @property
    def key(self) -> str:
        """No two of them are of one kind and name."""
        return f"{self.kind} {self.name}"


class KindField(msgspec.Struct):
    """A field that a kind of file may bring."""

    name: str
    label: str
    about: str
    type: str
    required: bool
    names: list[str]


class KindOfFile(msgspec.Struct):
    """A kind of file with its fields."""

    kind: str
    label: str
    fields: list[KindField]


class KindList(msgspec.Struct):
    """The kinds that the person may load."""

    items: list[KindOfFile]


def _problem(problem: dict[str, Any] | None, told: Language) -> dict[str, Any] | None:
    if problem is None:
        return None
    errors = [
        {name: None if each[name] is None else _said(each[name], told) for name in ("reason", "expected")}
        | {"field": each["field"]}
        for each in problem["errors"]
    ]
    return {"title": _said(problem["title"], told), "errors": errors}


def _said(stored: dict[str, Any], told: Language) -> str:
    return told.tell(Message.from_json(stored))


def _may(person: Person, options: Mapping[str, Any]) -> None:
    """Pass when the person may load what the options say; before anything of the file is kept."""
    wanted = options.get("create_missing", ())
    spec_for(person, str(options.get("kind", "")), wanted if isinstance(wanted, list) else ())


@post(
    "/api/v1/imports",
    status_code=202,
    request_max_body_size=uploads.UPLOAD_LIMIT,
    brings_file=require_some_file,
    long_texts=True,
    asks_any=True,
    operation_class=AskOperation,
    description="Bring a file and ask for its load: as the body with the options in the query, or as multipart with "
    "the part `file`, further parts for the files of look-ups, and the options as fields or one JSON field `options`. "
    "Rejected lines that come back with their columns `rejected_load` and `rejected_line` complete that load, unless "
    "`new` makes them one of their own.",
)
async def ask_for_load(request: AnyRequest, person: NamedDependency[Person]) -> Load:
    """Bring a file and ask for its load or its check; the load is carried out after the answer."""
    if request.headers.get("content-type", "").startswith("multipart/form-data"):
        form = await request.form()
        options = options_of([(k, v) for k, v in form.multi_items() if isinstance(v, str)])
        files = [(k, v) for k, v in form.multi_items() if isinstance(v, UploadFile)]
        main = [file for name, file in files if name == "file"]
        if len(main) != 1:
            raise invalid("file", m("Bring one file in the part “file”."))
        _may(person, options)
        upload_id = await uploads.take_in(person, main[0].filename, uploads.pieces_of(main[0]), here=True)
        lookups = {
            file.filename: await uploads.take_in(person, file.filename, uploads.pieces_of(file), here=True)
            for name, file in files
            if name != "file"
        }
    else:
        pairs = list(request.query_params.multi_items())
        file_name = next((value for key, value in pairs if key == "file_name"), "file")
        lookups = {key[7:]: _upload_id(key, value) for key, value in pairs if key.startswith("lookup.")}
        options = options_of([(k, v) for k, v in pairs if k != "file_name" and not k.startswith("lookup.")])
        _may(person, options)
        upload_id = await uploads.take_in(person, file_name, request.stream())
    options.setdefault("kind", "")
    load_id = await loads.start_load(person, wish_of(options, upload_id, lookups))
    return Load.of(await loads.load_of(load_id), request)


def _upload_id(name: str, text: str) -> int:
    number = whole_number(text)
    if number is None:
        raise invalid(name, m("This is no number."), m("the number of an upload"))
    return number


@post(
    "/api/v1/uploads",
    status_code=201,
    request_max_body_size=uploads.UPLOAD_LIMIT,
    operation_class=FileOperation,
    brings_file=require_some_file,
)
async def bring_file(request: AnyRequest, person: NamedDependency[Person], file_name: FromQuery[str]) -> Uploaded:
    """Bring a file as the body, for a later load or a look-up."""
    upload_id = await uploads.take_in(person, file_name, request.stream())
    row = await uploads.upload_of(upload_id)
    return Uploaded(row["id"], row["file_name"], row["size"], row["sha256"])


@get("/api/v1/imports", dependencies=web.list_asked(LOADS, 100))
async def list_loads(
    person: NamedDependency[Person], wanted: NamedDependency[Wanted], kind: FromQuery[str | None] = None
) -> Page[ListedLoad]:
    """The loads that the person may see, the latest first; those of others where they speak for his dealers."""
    return (await told_loads(person, kind, wanted)).as_(ListedLoad)


@get("/api/v1/imports/{load_id:int}")
async def show_load(request: AnyRequest, load_id: FromPath[int]) -> Load:
    """One load with its progress and outcome; of somebody else's, what it says of the dealers whom one sees."""
    row, share = await told_load(load_id)
    return Load.of(row, request, share)


@post("/api/v1/imports/{load_id:int}/load", status_code=202)
async def load_checked(
    request: AnyRequest, person: NamedDependency[Person], load_id: FromPath[int], data: JSONBody[LoadChecked]
) -> Load:
    """Let a load go in that was only checked."""
    await loads.load_checked(person, load_id, data)
    return Load.of(await loads.load_of(load_id), request)


@post("/api/v1/imports/{load_id:int}/word", status_code=200)
async def say_of_load(
    request: AnyRequest, person: NamedDependency[Person], load_id: FromPath[int], data: JSONBody[SayOfLoad]
) -> Load:
    """Approve, refuse or withdraw a load that waits for a second person; approved it goes in, checked anew."""
    await waiting.say_of_load(person, load_id, data)
    return Load.of(await loads.load_of(load_id), request)


@get("/api/v1/imports/{load_id:int}/rejects.csv", media_type="text/csv", heavy=True)
async def export_rejects(load_id: FromPath[int]) -> Stream:
    """The rejected lines: the original columns, the line number, and the reasons in English and Chinese."""
    pieces, headers = await rejects_file(load_id)
    return Stream(pieces, media_type="text/csv", headers=headers)


@get("/api/v1/imports/kinds")
async def list_kinds(request: AnyRequest, person: NamedDependency[Person]) -> KindList:
    """The kinds of files that the person may load, with their fields and the column names that are recognised."""
    tell = language_of(request).tell
    return KindList(
        [
            KindOfFile(
                spec.kind,
                tell(spec.label),
                [
                    KindField(f.name, tell(f.label), tell(f.about), f.type.value, f.required, list(f.names))
                    for f in spec.fields
                ],
            )
            for spec in kinds_for(person)
        ]
    )


@get("/api/v1/imports/profiles", dependencies=web.list_asked(PROFILES, 1000))
async def list_profiles(
    person: NamedDependency[Person], wanted: NamedDependency[Wanted], kind: FromQuery[str | None] = None
) -> Page[Profile]:
    """The mappings that are kept under names."""
    return page_in([Profile(**dict(row)) for row in await mappings.profiles_of(person, kind)], PROFILES, wanted)


@put("/api/v1/imports/profiles/{kind:str}/{name:str}")
async def keep_profile(
    person: NamedDependency[Person], kind: FromPath[str], name: FromPath[str], data: JSONBody[dict[str, Any]]
) -> Profile:
    """Keep a mapping under a name; the same name is replaced."""
    await mappings.keep_profile(person, kind, name, data)
    found = [row for row in await mappings.profiles_of(person, kind) if row["name"] == name]
    return Profile(**dict(found[0]))


@delete("/api/v1/imports/profiles/{kind:str}/{name:str}")
async def remove_profile(person: NamedDependency[Person], kind: FromPath[str], name: FromPath[str]) -> None:
    """Forget a kept mapping."""
    await mappings.remove_profile(person, kind, name)


ROUTES = (
    ask_for_load,
    bring_file,
    list_loads,
    show_load,
    load_checked,
    say_of_load,
    export_rejects,
    list_kinds,
    list_profiles,
    keep_profile,
    remove_profile,
)

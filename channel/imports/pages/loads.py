"""The loads: the list, one with its progress and outcome, letting a checked one go in, and its rejected lines."""

from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from asyncpg import Record
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from litestar.response import Stream

from channel import web
from channel.access.rules import Person
from channel.access.service import company_currency
from channel.errors import Message, m
from channel.imports.acts import BringFile, LoadAgain, LoadChecked, SayOfLoad, Word
from channel.imports.lists import COVERED, CURRENCIES, LOADS, PAYMENTS, REPLACED, SILENT, STATE_COLOURS, STATES
from channel.imports.loader import KIND_LABELS, loaders
from channel.imports.pages.names import OPTIONS, AnyRequest, count_label, phase
from channel.imports.queries.waiting import waiting_loads
from channel.imports.rules.reasons import by_field
from channel.imports.rules.shapes import asks_of
from channel.imports.service import loads as service
from channel.imports.service import sharing, waiting
from channel.imports.service.kinds import kinds_for
from channel.imports.service.rejects import rejects_file
from channel.imports.service.waiting import second_of
from channel.imports.service.worker import problem_messages
from channel.lists import Wanted

_SHOWN = 50
_MONTHS_SHOWN = 200


async def _which(kind: FromQuery[str | None] = None) -> str | None:
    return kind or None


async def _beside(_request: AnyRequest, person: Person, kind: str | None) -> dict[str, Any]:
    """The form for a further file."""
    kinds = [(spec.kind, spec.label) for spec in kinds_for(person)]
    return {"kinds": kinds, "kind": kind or "", "labels": KIND_LABELS, "act": BringFile}


async def brought_so_far(request: AnyRequest, person: Person, kind: str) -> Response[str]:
    """The list of loads with the form for a further file, which came back."""
    found = await sharing.told_loads(person, None, Wanted(limit=web.A_PAGE))
    return web.list_page(request, LOADS, found, "imports/list.html", await _beside(request, person, kind))


@get("/imports/{load_id:int}", include_in_schema=False)
async def show_load(request: AnyRequest, person: NamedDependency[Person], load_id: FromPath[int]) -> Response[str]:
    """One load: its progress while it runs, what it would do when it was checked, what came of it."""
    return await _load_page(request, person, load_id)


async def _load_page(request: AnyRequest, person: Person, load_id: int) -> Response[str]:
    row, share = await sharing.told_load(load_id)
    if share is not None:
        return web.page(
            request,
            "imports/share.html",
            load=row,
            share=share,
            label=KIND_LABELS[row["kind"]],
            state=(STATES[row["state"]], STATE_COLOURS.get(row["state"], "")),
            currency=await company_currency(),
        )
    preview = _with_decimals(row["preview"] or {})
    return web.page(
        request,
        "imports/load.html",
        load=row,
        label=KIND_LABELS[row["kind"]],
        state=(STATES[row["state"]], STATE_COLOURS.get(row["state"], "")),
        lists={
            "currencies": CURRENCIES,
            "covered": COVERED,
            "silent": SILENT,
            "replaced": REPLACED,
            "payments": PAYMENTS,
        },
        preview=preview,
        counts=[(count_label(name), value) for name, value in row["counts"].items()],
        problems=problem_messages(row["problem"]),
        asks_decimal=any(each["field"] == "decimal" for each in (row["problem"] or {}).get("errors", [])),
        field_labels={**OPTIONS, **service.labels_of(row["kind"])},
        asks=asks_of(preview),
        second=second_of(preview) if row["state"] in {"checked", "waiting"} else None,
        word=await _word_on(person, row),
        act=SayOfLoad,
        notes=[Message.from_json(note) for note in preview.get("notes", ())],
        # Only who brought the file goes on with it.
        own=row["own"],
        back=_back_to_columns(row),
        completed_by=await sharing.completions_of(load_id),
        same_as=await sharing.same_load(row),
        covered=preview.get("months", {}).get("rows", [])[:_MONTHS_SHOWN],
        replaced=preview.get("replaces", [])[:_MONTHS_SHOWN],
        rejects=await _rejects(row),
        step={"checked": 3, "queued": 4, "running": 4, "waiting": 4}.get(row["state"], 5) if not row["dry_run"] else 3,
        **_progress(row),
    )


async def _word_on(person: Person, row: Record) -> dict[str, Any] | None:
    """What was asked of a second person about a load that waits, and what this person may say to it."""
    kind = loaders()[row["kind"]].waits_as
    if row["state"] != "waiting" or kind is None:
        return None
    (asked,) = await waiting_loads([row["request_id"]])
    mine = person.person_id == asked["proposer_id"]
    words = [Word.WITHDRAW] if mine else [Word.REFUSE, Word.APPROVE] if person.may(kind.decides) else []
    return {"who": asked["proposer"], "reason": asked["reason"], "words": words}


def _back_to_columns(row: Record) -> str:
    """The address of the columns of this file, read as this load read it."""
    options = row["options"]
    told = {name: options[name] for name in ("encoding", "delimiter", "sheet", "header_line") if options.get(name)}
    return "/imports/columns?" + urlencode({"kind": row["kind"], "upload": row["upload_id"]} | told)


_AMOUNTS = frozenset({"amount", "company_amount", "quantity", "allocated", "left_over"})


def _with_decimals(preview: dict[str, Any]) -> dict[str, Any]:
    """A stored preview with its amounts as numbers again: JSON keeps them as text so that none is bent."""

    def read(name: str, value: Any) -> Any:  # noqa: ANN401 - JSON
        if isinstance(value, list):
            return [{k: read(k, v) for k, v in each.items()} if isinstance(each, dict) else each for each in value]
        return Decimal(str(value)) if name in _AMOUNTS and value is not None else value

    return {name: read(name, value) for name, value in preview.items()}


async def _rejects(row: Record) -> dict[str, Any]:
    """The first rejected lines with the columns of the file that were used."""
    found = await service.rejects_of(row["id"], _SHOWN)
    header = await service.header_of(row)
    profile = row["options"]["profile"]
    named = [
        column for given in profile["columns"].values() for column in ([given] if isinstance(given, str) else given)
    ]
    used = [place for place, name in enumerate(header) if name in named] or list(range(min(len(header), 8)))
    return {
        "columns": [header[place] for place in used],
        "rows": [
            (
                each["line_no"],
                list(by_field((told["field"], Message.from_json(told)) for told in each["reasons"]).items()),
                [each["cells"][place] if place < len(each["cells"]) else "" for place in used],
            )
            for each in found
        ],
    }


def _progress(row: Record) -> dict[str, Any]:
    share = row["done"] / row["total"] if row["total"] else None
    done = row["state"] not in {"queued", "running"}
    return {"done": done, "phase": phase(row["phase"]), "share": None if share is None else min(share, 1)}


@get("/imports/{load_id:int}/progress", include_in_schema=False)
async def show_progress(request: AnyRequest, load_id: FromPath[int]) -> Response[str]:
    """How far a load is; the page is drawn anew once it is done."""
    row = await service.progress_of(load_id)
    told = _progress(row)
    headers = {"HX-Refresh": "true"} if told["done"] else {}
    return web.fragment(request, "imports/_progress.html", headers=headers, load=row, **told)


@post("/imports/{load_id:int}/load", include_in_schema=False)
async def load_checked(
    request: AnyRequest, person: NamedDependency[Person], load_id: FromPath[int]
) -> Response[str] | Response[None]:
    """Let a checked load go in."""
    return await web.act(
        request,
        LoadChecked,
        lambda act: service.load_checked(person, load_id, act),
        lambda: _load_page(request, person, load_id),
        to=f"/imports/{load_id}",
        said=lambda row: m("The load of %(file)s has begun.", file=row["file_name"]),
    )


@post("/imports/{load_id:int}/again", include_in_schema=False)
async def load_again(
    request: AnyRequest, person: NamedDependency[Person], load_id: FromPath[int]
) -> Response[str] | Response[None]:
    """Read the file once more, by the mark before decimals that its columns did not show."""
    return await web.act(
        request,
        LoadAgain,
        lambda act: service.load_again(person, load_id, act),
        lambda: _load_page(request, person, load_id),
        to=lambda number: f"/imports/{number}",
        said=m("The file is read once more, with “%(decimal)s” before its decimals."),
    )


@post("/imports/{load_id:int}/word", include_in_schema=False)
async def say_of_load(
    request: AnyRequest, person: NamedDependency[Person], load_id: FromPath[int]
) -> Response[str] | Response[None]:
    """Approve, refuse or withdraw a load that waits for a second person."""
    return await web.act(
        request,
        SayOfLoad,
        lambda act: waiting.say_of_load(person, load_id, act),
        lambda: _load_page(request, person, load_id),
        to=f"/imports/{load_id}",
        said=m("Your word is recorded."),
    )


@get("/imports/{load_id:int}/rejects.csv", include_in_schema=False, heavy=True)
async def export_rejects(load_id: FromPath[int]) -> Stream:
    """The rejected lines with their reasons, to be mended and loaded again."""
    pieces, headers = await rejects_file(load_id)
    return Stream(pieces, media_type="text/csv", headers=headers)


ROUTES = (
    *web.list_routes(
        LOADS, "/imports", sharing.told_loads, template="imports/list.html", filtered=_which, context=_beside
    ),
    show_load,
    show_progress,
    load_checked,
    load_again,
    say_of_load,
    export_rejects,
)

"""Texts at the edge: what no database keeps and what is longer than anybody reads is refused, with its field's name."""

import re
from collections.abc import Collection, Iterator
from itertools import islice
from typing import Annotated, Literal

import msgspec
from litestar.enums import RequestEncodingType
from litestar.exceptions import HTTPException, SerializationException
from litestar.handlers import HTTPRouteHandler

from channel.acts import LONGEST_TEXT
from channel.codes import LINE_ENDS
from channel.digits import LARGEST_ID
from channel.errors import FieldError, Invalid, NotFound, invalid, m
from channel.given import DEEPEST, is_too_deep
from channel.web.bodies import kind_of
from channel.web.days import day_faults
from channel.web.frame import AnyRequest
from channel.web.questions import check_questions, days_of

LONGEST_DOCUMENT = 100_000
"""Characters of a table or other document in one field of a form."""

Text = Annotated[str, msgspec.Meta(max_length=LONGEST_TEXT)]
"""A text of a person, in what the API takes."""

_NUL = "\0"
_LINE_END = re.compile(f"[{LINE_ENDS}]")
_NOTE = "note"
"""The field of people's longer remarks, which may have several lines."""
_MOST_TOLD = 20
"""Faults that are told at once: a body of nothing but faults is not answered by a longer one."""
_READING = frozenset({"GET", "HEAD"})
_JSON = "application/json"
_FORM = "application/x-www-form-urlencoded"
_PARTS = "multipart/form-data"


async def check_request(request: AnyRequest) -> None:
    """Before any handler: nothing is asked that nobody reads, every text can be kept, and every day can be meant.

    The texts are those of the address and of the body, JSON or form. None is endless, and only notes and documents hold
    line ends: in any other text they would break the lines of lists, files and letters.

    A handler marked `long_texts` takes whole documents: in any field (True), or in the fields it names. One marked
    `any_text` tells nobody why it refuses (the sign-in). What may bring a file reads its body by itself; everywhere
    else a form comes without files. Unreadable bodies are not looked at: whoever reads them tells what is wrong.
    """
    marks = request.route_handler.opt
    await _bound_body(request)
    if marks.get("any_text"):
        return
    if any(isinstance(value, int) and abs(value) > LARGEST_ID for value in request.path_params.values()):
        raise NotFound(m("There is nothing here, or nothing that you may see."))
    long = marks.get("long_texts") or ()
    texts = [
        *((name, value) for name, value in request.path_params.items() if isinstance(value, str)),
        *request.query_params.multi_items(),
        *await _body_texts(request),
    ]
    faults = (error for name, text in texts if (error := _fault(name, text, _longest(name, long))))
    wrong = list(islice(faults, _MOST_TOLD))
    wrong += day_faults(texts, days_of(request.route_handler))[:_MOST_TOLD]
    if wrong:
        raise Invalid(m("The input cannot be used."), tuple(wrong))
    check_questions(request)


def _longest(name: str, long: Collection[str] | Literal[True]) -> int | None:
    if long is True:
        return None
    return LONGEST_DOCUMENT if name in long else LONGEST_TEXT


def _fault(name: str, text: str, longest: int | None) -> FieldError | None:
    if _NUL in text:
        return FieldError(name, m("The text of %(field)s holds a NUL character, which cannot be kept.", field=name))
    count = len(text) - text.count("\r\n")  # a browser sends an end of line as two characters, and counts it as one
    if longest is not None and count > longest:
        return FieldError(
            name,
            m("The text of %(field)s is too long: it has %(count)s characters.", field=name, count=count),
            m("at most %(most)s characters", most=longest),
        )
    if longest == LONGEST_TEXT and _LINE_END.search(text) and name.rpartition(".")[2] != _NOTE:
        return FieldError(name, m("The text of %(field)s holds a line end.", field=name), m("one line of text"))
    return None


def _kind_of(request: AnyRequest) -> str:
    """What a body is read as: JSON where the handler takes that, whatever the sender calls it."""
    if request.method in _READING or "brings_file" in request.route_handler.opt:
        return ""
    if _takes_json(request.route_handler):
        return _JSON
    return kind_of(request)


def _takes_json(handler: HTTPRouteHandler) -> bool:
    field = handler.parsed_data_field
    return field is not None and getattr(field.kwarg_definition, "media_type", None) == RequestEncodingType.JSON


async def _bound_body(request: AnyRequest) -> None:
    """Before it is read: no JSON is deeper than a document of ours, and no form has parts but where files are taken."""
    kind = _kind_of(request)
    if kind == _JSON and is_too_deep(await request.body()):
        raise invalid("body", m("The JSON is nested too deep."), m("at most %(most)s levels", most=DEEPEST))
    if kind == _PARTS:
        raise HTTPException(status_code=415)


async def _body_texts(request: AnyRequest) -> list[tuple[str, str]]:
    match _kind_of(request):
        case kind if kind == _FORM:
            return [(name, value) for name, value in (await request.form()).multi_items() if isinstance(value, str)]
        case kind if kind == _JSON:
            try:
                return list(_texts_in("", await request.json()))
            except SerializationException:
                return []
            except ValueError:  # bytes that are no text are told so by Python alone
                raise invalid("body", m("This is not JSON."), m("a JSON object")) from None
    return []


def _texts_in(place: str, value: object) -> Iterator[tuple[str, str]]:
    """Every text of a JSON document with the field in which it stands; the names of fields are texts as well."""
    if isinstance(value, str):
        yield place or "body", value
    elif isinstance(value, list):
        for each in value:
            yield from _texts_in(place, each)
    elif isinstance(value, dict):
        for name, each in value.items():
            inner = f"{place}.{name}" if place else name
            yield "body", name
            yield from _texts_in(inner, each)

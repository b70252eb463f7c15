"""Texts at the edge: what no database keeps and what is longer than anybody reads is refused, with its field's name."""

import re
from collections.abc import Collection, Iterator
from typing import Annotated, Literal

import msgspec
from litestar.exceptions import SerializationException

from channel.codes import LINE_ENDS
from channel.errors import FieldError, Invalid, NotFound, m
from channel.web.bodies import kind_of
from channel.web.days import day_faults
from channel.web.frame import AnyRequest
from channel.web.questions import check_questions, days_of

LONGEST_TEXT = 2000
"""Characters of a reason, a note or any other text of a person; forms say so by `maxlength`."""

LONGEST_DOCUMENT = 100_000
"""Characters of a table or other document in one field of a form."""

Text = Annotated[str, msgspec.Meta(max_length=LONGEST_TEXT)]
"""A text of a person, in what the API takes."""

_NUL = "\0"
_LINE_END = re.compile(f"[{LINE_ENDS}]")
_NOTE = "note"
"""The field of people's longer remarks, which may have several lines."""
_LARGEST_ID = 2**63 - 1
_JSON = "application/json"
_FORM = "application/x-www-form-urlencoded"


async def check_request(request: AnyRequest) -> None:
    """Before any handler: nothing is asked that nobody reads, every text can be kept, and every day can be meant.

    The texts are those of the address and of the body, JSON or form. None is endless, and only notes and documents hold
    line ends: in any other text they would break the lines of lists, files and letters.

    A handler marked `long_texts` takes whole documents: in any field (True), or in the fields it names. One marked
    `any_text` tells nobody why it refuses (the sign-in). What is brought as a file (`brings_file`), and unreadable
    bodies, are not looked at: whoever reads them tells what is wrong.
    """
    marks = request.route_handler.opt
    if marks.get("any_text"):
        return
    if any(isinstance(value, int) and abs(value) > _LARGEST_ID for value in request.path_params.values()):
        raise NotFound(m("There is nothing here, or nothing that you may see."))
    long = marks.get("long_texts") or ()
    texts = [
        *((name, value) for name, value in request.path_params.items() if isinstance(value, str)),
        *request.query_params.multi_items(),
        *await _body_texts(request),
    ]
    wrong = [error for name, text in texts if (error := _fault(name, text, _longest(name, long)))]
    wrong += day_faults(texts, days_of(request.route_handler))
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


async def _body_texts(request: AnyRequest) -> list[tuple[str, str]]:
    kind = kind_of(request)
    if kind == _FORM and "brings_file" in request.route_handler.opt:
        return []
    if kind == _FORM:
        return [(name, value) for name, value in (await request.form()).multi_items() if isinstance(value, str)]
    if kind != _JSON:
        return []
    try:
        return list(_texts_in("", await request.json()))
    except SerializationException:
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

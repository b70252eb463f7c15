"""The options of a load as the API takes them and as its description tells them: one table for both."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Any

import msgspec
from litestar.enums import ParamType
from litestar.openapi.spec import OpenAPIMediaType, Operation, Parameter, RequestBody, Schema
from litestar.openapi.spec.enums import OpenAPIFormat, OpenAPIType

from channel.digits import whole_number
from channel.errors import Invalid, invalid, m
from channel.given import read_json
from channel.imports.service.loads import LoadWish
from channel.web import ANY_FILE, field_error

_SHORT = {"maps": "map", "sets": "set"}
_FLAG = frozenset({"1", "true", "yes", "on"})
_ABOUT: dict[str, str] = {
    "kind": "What the file holds, such as sell-in or dealers.",
    "profile": "A mapping as a JSON document.",
    "profile_name": "A mapping that is kept under this name.",
    "maps": "FIELD=COLUMN; repeatable.",
    "sets": "FIELD=VALUE for every line; repeatable.",
    "date_format": "Form of the dates, such as M/D/YYYY, D-MMM-YY or ROC/M/D.",
    "decimal": "The sign before the decimals: . or , ; each column shows it, if not given, or the load stops.",
    "grouping": "How digits are grouped: thousands, or indian (12,34,567).",
    "period": "Days or months that a report covers, such as 2013-01:2013-03.",
    "dealers": "Dealers that a report covers, separated by commas, or all.",
    "create_missing": "Create unknown dealers,products.",
    "effective_on": "From when dated facts hold; today, if not given.",
    "encoding": "Encoding of a CSV file, such as utf-8, gb18030 or cp950; found by its content, if not given.",
    "delimiter": "What parts the cells of a CSV file: one character, or tab; found by its content, if not given.",
    "sheet": "Sheet of a workbook; the one whose header is known best, if not given.",
    "header_line": "Line on which the names of the columns stand; found by its content, if not given.",
    "dry_run": "Only check, and tell what would happen.",
    "partial": "Load the good lines where others are rejected.",
    "confirmed": "Load it also where it asks to be confirmed.",
    "new": "Make rejected lines that come back a load of their own.",
    "ask": "Load also lines for which a second person decides, such as those of closed months; the load waits for him.",
    "reason": "Why; needed where a second person is to decide.",
}
_TYPES = {"list": OpenAPIType.ARRAY, "flag": OpenAPIType.BOOLEAN, "number": OpenAPIType.INTEGER}
_FORMS: dict[str, str] = {
    **dict.fromkeys(("maps", "sets"), "list"),
    **dict.fromkeys(("dealers", "create_missing"), "codes"),
    **dict.fromkeys(("dry_run", "partial", "confirmed", "new", "ask"), "flag"),
    "header_line": "number",
    "profile": "document",
}
"""Option -> how it is read where it is more than a text."""


@dataclass
class AskOperation(Operation):
    """The description of asking for a load, with every option that the address may carry."""

    def __post_init__(self) -> None:
        self.parameters = [*(self.parameters or ()), _FILE_NAME, *(_parameter(name) for name in _ABOUT)]
        form = Schema(
            type=OpenAPIType.OBJECT,
            required=["file"],
            properties={
                "file": Schema(type=OpenAPIType.STRING, format=OpenAPIFormat.BINARY, description="The file to load."),
                "options": Schema(type=OpenAPIType.STRING, description="All options as one JSON document."),
                **{_SHORT.get(name, name): _schema(name, _ABOUT[name]) for name in _ABOUT},
            },
        )
        content = {ANY_FILE: OpenAPIMediaType(schema=Schema()), "multipart/form-data": OpenAPIMediaType(schema=form)}
        self.request_body = RequestBody(content=content, required=True)


_FILE_NAME = Parameter(
    name="file_name",
    param_in=ParamType.QUERY,
    description="The name of the file that is the body.",
    schema=Schema(type=OpenAPIType.STRING),
)


def _parameter(name: str) -> Parameter:
    return Parameter(
        name=_SHORT.get(name, name), param_in=ParamType.QUERY, description=_ABOUT[name], schema=_schema(name)
    )


def _schema(name: str, about: str | None = None) -> Schema:
    kind = _TYPES.get(_FORMS.get(name, ""), OpenAPIType.STRING)
    items = Schema(type=OpenAPIType.STRING) if kind is OpenAPIType.ARRAY else None
    return Schema(type=kind, items=items, description=about)


def options_of(given: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """The options of a wish from the pairs of a query or a form; `options` may hold them all as one JSON document."""
    found: dict[str, Any] = {}
    known = {field.name for field in fields(LoadWish)} - {"upload_id", "lookups"}
    names = {short: name for name, short in _SHORT.items()}
    for key, value in given:
        name = names.get(key, key)
        if name == "options":
            found |= _document(value, "options")
        elif name not in known:
            raise _unknown(key, known)
        elif (form := _FORMS.get(name)) in {"list", "codes"}:
            parts = [value] if form == "list" else value.split(",")
            found.setdefault(name, []).extend(part.strip() for part in parts if part.strip())
        else:
            found[name] = _read(name, form, value)
    if unknown := sorted(found.keys() - known):
        raise _unknown(unknown[0], known)
    return found


def _read(name: str, form: str | None, text: str) -> object:
    if form == "document":
        return _document(text, name)
    if form == "flag":
        return text.lower() in _FLAG
    if form == "number":
        number = whole_number(text)
        if number is None:
            raise invalid(name, m("This is no number."), m("a whole number"))
        return number
    return text


def _unknown(name: str, known: Iterable[str]) -> Invalid:
    return invalid(name, m("There is no such option."), m("One of: %(names)s", names=", ".join(sorted(known))))


def _document(text: str, name: str) -> dict[str, Any]:
    try:
        return read_json(text, dict[str, Any])
    except ValueError:
        raise invalid(name, m("This is no JSON object."), m("a JSON object")) from None


def wish_of(options: dict[str, Any], upload_id: int, lookups: dict[str, int]) -> LoadWish:
    """The wish that the options make; what is no value of an option is refused."""
    try:
        return msgspec.convert({**options, "upload_id": upload_id, "lookups": lookups}, LoadWish)
    except msgspec.ValidationError as error:
        said, _, place = str(error).partition(" - at `$.")
        raise Invalid(m("The input cannot be used."), (field_error(place.rstrip("`") or "options", said),)) from None

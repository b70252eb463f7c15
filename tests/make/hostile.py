"""What nobody means: values, documents and cookies that were made to break a reader, and where they can be put."""

import hashlib
import html
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from litestar import Litestar

UNLIKE = "".join(chr(0x4E00 + int(hashlib.sha256(str(n).encode()).hexdigest()[:4], 16) % 20_000) for n in range(1990))
"""A text that no database can make shorter: as the key of an index it is too long."""
NUMBERS = ("²", "٣", "9" * 19, "9" * 5000, "-1", "1_0", "+1", "0x10", "1e999", "NaN", "")
TEXTS = (
    "%(x)900000000s", "%s%n%d", "{0.__class__}", "经销一", 'a"b\\c', "a\nb", "\u202e", "\x00", "\x1b[31m", "x" * 1990,
    "𐍈" * 1990, "[" * 1990, "/../..", "' OR 1=1 --", "<script>", "\ud7ff\ue000", "2026-02-30", "0000-00-00", "-inf",
    UNLIKE,
)  # fmt: skip
DOCUMENTS: tuple[Any, ...] = (
    None, True, 0, -1, 2**31, 2**63, 10**400, 1.5, "", "²", "NaN", "Infinity", "-1E+999999", "1E-999999", "x" * 1990,
    "𐍈" * 1990, "\x00", [], {}, [None], [[]], {"": None}, {"text": "%(x)9s"}, ["x"] * 1000, "2026-02-30", "yes", UNLIKE,
)  # fmt: skip
DEEP = "[" * 20_000 + "]" * 20_000

PLACE = re.compile(r"\{(\w+)(?::(\w+))?\}")


@dataclass(frozen=True)
class Address:
    """A method at a path with its places, the names that its address may be asked, and a document that it may take.

    `document` has every field of its body, filled so that most addresses take it.
    """

    method: str
    path: str
    asked: tuple[str, ...]
    document: Mapping[str, Any]

    def at(self, known: Mapping[str, str]) -> str:
        """The path with its places filled; a place that nobody knows is 1."""
        return PLACE.sub(lambda place: known.get(place[1], "1"), self.path)

    def places(self) -> list[str]:
        """The names of the places."""
        return [found[1] for found in PLACE.finditer(self.path)]


def addresses(app: Litestar) -> list[Address]:
    """Every address of the service that is no static file."""
    document = app.openapi_schema.to_schema()
    found = []
    for route in app.routes:
        for method, (handler, model) in getattr(route, "route_handler_map", {}).items():
            if handler.opt.get("static") or method in {"OPTIONS", "HEAD"}:
                continue
            asked = {each.field_alias for each in model.expected_query_params} | set(handler.opt.get("asks", ()))
            taken = _document(document, PLACE.sub(r"{\1}", route.path), method.lower())
            found.append(Address(method, route.path, tuple(sorted(asked)), taken))
    return sorted(found, key=lambda each: (each.path, each.method))


WORDS = {
    "code": "D-1", "dealer": "D-1", "territory": "East", "territories": ["East"], "parent": None, "currency": "USD",
    "line": "Road", "product": "RB-210", "login": "somebody", "role": "auditor", "kind": "base", "level": "region",
    "fact": "grade", "value": "B", "grade": "B", "password": "words that nobody knows", "month": "2025-01",
    "wanted_type": "wholesale", "email": "a@b.example", "phone": "+1 555 0100", "scope": [], "document": {},
}  # fmt: skip


def _document(told: Mapping[str, Any], path: str, method: str) -> dict[str, Any]:
    body = told["paths"].get(path, {}).get(method, {}).get("requestBody")
    schemas = told["components"]["schemas"]
    taken = re.search(r"schemas/([\w.]+)", json.dumps(body)) if body else None
    if taken is None:
        return {}
    return {name: _sample(name, field, schemas) for name, field in schemas[taken[1]].get("properties", {}).items()}


def _sample(name: str, schema: Mapping[str, Any], schemas: Mapping[str, Any]) -> Any:  # noqa: ANN401, C901, PLR0911 - JSON
    if "$ref" in schema:
        return _sample(name, schemas[schema["$ref"].rpartition("/")[2]], schemas)
    for several in ("oneOf", "anyOf"):
        if several in schema:
            return _sample(name, next(each for each in schema[several] if each.get("type") != "null"), schemas)
    if "enum" in schema:
        return WORDS[name] if WORDS.get(name) in schema["enum"] else schema["enum"][0]
    if name in WORDS:
        return WORDS[name]
    match schema.get("type"), schema.get("format"):
        case "string", "date":
            return "2025-01-05"
        case "string", _:
            return "7" if name.endswith(("amount", "rate", "target")) else "tried"
        case "integer" | "number", _:
            return 1
        case "boolean", _:
            return False
        case "array", _:
            return []
        case _:
            inner = schema.get("properties", {})
            return {each: _sample(each, field, schemas) for each, field in inner.items()}


@dataclass(frozen=True)
class Form:
    """A form of a page: where it is posted, and its fields as the page filled them."""

    action: str
    fields: Mapping[str, str]


_FORM = re.compile(r'<form[^>]*method="post"[^>]*>.*?</form>', re.DOTALL)
_ATTRIBUTE = re.compile(r'([\w-]+)=(?:"([^"]*)"|\'([^\']*)\')')
_FIELD = re.compile(r"<(input|textarea|select|button)\b([^>]*)>")


def forms_of(page: str) -> Iterator[Form]:
    """The forms of a page that change something."""
    for form in _FORM.findall(page):
        action = re.search(r'action="([^"]*)"', form)
        fields = {}
        for _, attributes in _FIELD.findall(form):
            told = {name: html.unescape(value or other) for name, value, other in _ATTRIBUTE.findall(attributes)}
            if told.get("name"):
                fields[told["name"]] = told.get("value", "")
        if action:
            yield Form(html.unescape(action[1]), fields)

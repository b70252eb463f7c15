"""The answer where nothing else may fail: to what cannot be read as a request, and to a fault while a fault was told.

It is ready before the first request comes, in both languages at once: neither the reader's language, nor a template,
nor a cookie is asked for it.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import msgspec
from litestar.datastructures import URL
from litestar.enums import ScopeType
from litestar.types import Scope

from channel.errors import Message, m
from channel.web.language import LANGUAGES, language
from channel.web.security import SAFE_HEADERS

API = "/api/"
LONGEST_COOKIES = 8192
"""Bytes of all cookies of a request; ours have some 4,500, and reading one costs by the square of its length."""

UNREADABLE, TOO_LONG, FAULT = 400, 431, 500
_SAID: Mapping[int, Message] = MappingProxyType(
    {
        UNREADABLE: m("The request could not be understood."),
        TOO_LONG: m("The cookies of this address are too long. Please delete them and load the page again."),
        FAULT: m("Something went wrong on our side. It has been noted."),
    }
)


def _page(said: Message) -> bytes:
    told = "".join(f'<p lang="{(each := language(code)).tag}">{each.tell(said)}</p>' for code in LANGUAGES)
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>channel</title></head><body>{told}'
        '<p><a href="/">channel</a></p></body></html>'
    ).encode()


def _problem(status: int, said: Message) -> bytes:
    title = " ".join(language(code).tell(said) for code in LANGUAGES)
    return msgspec.json.encode({"type": "about:blank", "title": title, "status": status, "detail": "", "errors": []})


_PAGES = {status: ("text/html", _page(said)) for status, said in _SAID.items()}
_PROBLEMS = {status: ("application/problem+json", _problem(status, said)) for status, said in _SAID.items()}


def plain(path: str, status: int) -> tuple[str, bytes]:
    """The type and the text of the answer at an address."""
    return (_PROBLEMS if path.startswith(API) else _PAGES)[status]


async def answer_unreadable(scope: Any, send: Any) -> bool:  # noqa: ANN401 - ASGI
    """Answer what cannot be read as a request, before anything reads it; whether this was done."""
    status = _unreadable(scope) if scope["type"] == ScopeType.HTTP else None
    if status is None:
        return False
    media_type, body = plain(scope["path"], status)
    charset = "; charset=utf-8" if media_type.startswith("text/") else ""
    headers = {**SAFE_HEADERS, "Content-Type": media_type + charset, "Content-Length": str(len(body))}
    told = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": status, "headers": told})
    await send({"type": "http.response.body", "body": body, "more_body": False})
    return True


def _unreadable(scope: Scope) -> int | None:
    headers = scope.get("headers", [])
    if sum(len(value) for name, value in headers if name == b"cookie") > LONGEST_COOKIES:
        return TOO_LONG
    try:
        URL.from_scope(scope)
    except ValueError:  # a host that is none, or a question in bytes that are no text
        return UNREADABLE
    return None

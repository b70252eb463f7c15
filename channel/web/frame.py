"""What stands around every page: who reads, in which language and light, the rooms, and word of the last act."""

import hashlib
import hmac
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Protocol
from urllib.parse import quote, urlsplit

import msgspec
from litestar import Request, Response
from litestar.datastructures import Cookie

from channel import clock
from channel.errors import Message
from channel.given import packed, read_json, unpacked
from channel.web.language import Language, choose

LANGUAGE_COOKIE = "language"
THEME_COOKIE = "theme"
FLASH_COOKIE = "flash"
THEMES = ("light", "dark")
_YEAR = 365 * 24 * 3600
_A_MOMENT = 60
_LONGEST_FLASH = 3800
"""Characters of the flash's cookie; browsers keep no cookie of more than 4096 with its name and what stands beside."""
_LONGEST_TOLD = 200
"""Characters of a value that are told in a flash: a person sees his own long text cut rather than no word at all."""
_SIGNATURE_BYTES = 32
_LONGEST_ADDRESS = 6000
_IN_ADDRESSES = "%/?#[]@!$&'()*+,;=:~"
"""What stands in an address as it is, besides letters, digits and `-._`; all else is told by its bytes."""

Kind = Literal["good", "warn", "bad"]
AnyRequest = Request[Any, Any, Any]


class Viewer(Protocol):
    """What the frame needs of the person who is signed in."""

    @property
    def login(self) -> str:
        """The sign-in name."""

    @property
    def name(self) -> str:
        """The name that people read."""

    @property
    def locale(self) -> str | None:
        """The person's own language, None where none was chosen."""

    def may(self, right: Any, /) -> bool:  # noqa: ANN401 - the rights belong to a room above this one
        """Whether the person holds the right."""


@dataclass(frozen=True, slots=True)
class NavItem:
    """An entry of the rooms' list: shown to whoever holds `right`, to all signed in where it is None."""

    label: Message
    url: str
    order: int
    right: Any = None
    group: Literal["daily", "setup"] = "daily"


@dataclass(frozen=True, slots=True)
class Flash:
    """Word of an act that was just done, shown once on the next page."""

    message: Message
    kind: Kind = "good"


@dataclass(frozen=True, slots=True)
class Link:
    """An entry of the rooms' list as it is drawn."""

    label: str
    url: str
    current: bool


@dataclass(frozen=True, slots=True)
class Frame:
    """What `base.html` draws around the page; `moved_to` is the time where the clock is moved."""

    language: Language
    viewer: Viewer | None
    theme: str | None
    daily: Sequence[Link]
    setup: Sequence[Link]
    flash: Flash | None
    here: str
    moved_to: datetime | None


_nav: list[NavItem] = []
_flash_keys: list[bytes] = []
_keepers: list[Callable[[AnyRequest, str], Awaitable[None]]] = []


def use_nav(items: Iterable[NavItem]) -> None:
    """Set the rooms' list once, at start, from what all rooms offer."""
    _nav[:] = sorted(items, key=lambda item: item.order)


def sign_flashes_with(secret: str) -> None:
    """Set the key by which our own flashes are known again; once, at start."""
    _flash_keys[:] = [hashlib.sha256(b"flash\0" + secret.encode()).digest()]


def keep_language_with(keeper: Callable[[AnyRequest, str], Awaitable[None]]) -> None:
    """Name the act that keeps a signed-in person's choice of language with the person; set once, at start."""
    _keepers[:] = [keeper]


async def keep_language(request: AnyRequest, code: str) -> None:
    """Keep the choice of language with the person who is signed in, where somebody is."""
    if viewer_of(request) is not None:
        for keeper in _keepers:
            await keeper(request, code)


def viewer_of(request: AnyRequest) -> Viewer | None:
    """The person who is signed in; None at the sign-in page and where nobody is."""
    viewer: Viewer | None = request.scope.get("user")
    return viewer


def language_of(request: AnyRequest) -> Language:
    """The reader's language: the person's setting, else the device's cookie, else what the browser accepts."""
    viewer = viewer_of(request)
    return choose(
        getattr(viewer, "locale", None),
        request.cookies.get(LANGUAGE_COOKIE),
        request.headers.get("accept-language", ""),
    )


def frame_of(request: AnyRequest) -> Frame:
    """The frame for a page of this request."""
    language, viewer, path = language_of(request), viewer_of(request), request.url.path
    open_items = [item for item in _nav if viewer and (item.right is None or viewer.may(item.right))]
    current = _current([item.url for item in open_items], path)
    links = {
        group: [
            Link(language.tell(item.label), item.url, item.url == current) for item in open_items if item.group == group
        ]
        for group in ("daily", "setup")
    }
    theme = request.cookies.get(THEME_COOKIE)
    return Frame(
        language=language,
        viewer=viewer,
        theme=theme if theme in THEMES else None,
        daily=links["daily"],
        setup=links["setup"],
        flash=_read_flash(request.cookies.get(FLASH_COOKIE)),
        here=here_of(request),
        moved_to=clock.now() if clock.offset() else None,
    )


def redirect(url: str, flash: Message | None = None, kind: Kind = "good") -> Response[None]:
    """Go on to another page after an act, with word of what was done shown there once."""
    cookies = [_flash_cookie(Flash(flash, kind))] if flash else []
    return Response(None, status_code=303, headers={"Location": in_header(local_path(url))}, cookies=cookies)


def in_header(url: str) -> str:
    """An address as a header can carry it: what is not plain ASCII is told by its bytes, as browsers ask for it."""
    return quote(url, safe=_IN_ADDRESSES)


def here_of(request: AnyRequest) -> str:
    """The address that was asked for, as it can be asked for again: `?`, `#` and `%` in a code are told by bytes."""
    asked = request.url.query
    return local_path(quote(request.scope["path"]) + (f"?{in_header(asked)}" if asked else ""))


def local_path(url: str | None, otherwise: str = "/") -> str:
    """The address when it lies on this server, else `otherwise`: nobody is sent elsewhere by a crafted link.

    One that is longer than any of ours is none either: no proxy lets its header through.
    """
    if (
        not url
        or len(in_header(url)) > _LONGEST_ADDRESS
        or not url.startswith("/")
        or url.startswith("//")
        or "\\" in url
        or not url.isprintable()
    ):
        return otherwise
    parts = urlsplit(url)
    return otherwise if parts.scheme or parts.netloc else url


def preference_cookie(key: str, value: str) -> Cookie:
    """A cookie for the device's choice of language or light; scripts may read it."""
    return Cookie(key=key, value=value, max_age=_YEAR, samesite="lax", path="/")


def used_flash_cookie() -> Cookie:
    """The cookie that takes the flash away once it was shown."""
    return Cookie(key=FLASH_COOKIE, value="", max_age=0, path="/", samesite="lax")


class _SentFlash(msgspec.Struct):
    kind: Kind
    text: str
    params: dict[str, Any]


def _flash_cookie(flash: Flash) -> Cookie:
    """The flash with our signature: what comes back is told to the reader only as we have said it ourselves."""
    stored = flash.message.as_json()
    value = _signed(_SentFlash(flash.kind, stored["text"], stored["params"]))
    if len(value) > _LONGEST_FLASH:
        value = _signed(_SentFlash(flash.kind, stored["text"], _shortened(stored["params"])))
    return Cookie(key=FLASH_COOKIE, value=value, max_age=_A_MOMENT, httponly=True, samesite="lax", path="/")


def _signed(sent: _SentFlash) -> str:
    said = msgspec.json.encode(sent)
    return packed(_signature(said) + said)


def _signature(said: bytes) -> bytes:
    return hmac.digest(_flash_keys[0], said, "sha256")


def _shortened(value: Any) -> Any:  # noqa: ANN401 - a value of a stored message is a text, a message, or several
    match value:
        case dict():
            return {name: each if name == "text" else _shortened(each) for name, each in value.items()}
        case list():
            return [_shortened(each) for each in value[:10]]
        case _:
            return value if len(value) <= _LONGEST_TOLD else f"{value[:_LONGEST_TOLD]}…"


def _read_flash(value: str | None) -> Flash | None:
    """What the cookie says; one that we did not write, or that has grown, is as good as none."""
    told = unpacked(value, _LONGEST_FLASH) if value and _flash_keys else None
    if told is None:
        return None
    signature, said = told[:_SIGNATURE_BYTES], told[_SIGNATURE_BYTES:]
    if not hmac.compare_digest(signature, _signature(said)):
        return None
    sent = read_json(said, _SentFlash)
    return Flash(Message.from_json({"text": sent.text, "params": sent.params}), sent.kind)


def _current(urls: Sequence[str], path: str) -> str | None:
    """The entry in which the page lies: the longest one that is a part of its path."""
    inside = [url for url in urls if path == url or (url != "/" and path.startswith(url.rstrip("/") + "/"))]
    return max(inside, key=len, default=None)

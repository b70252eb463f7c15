"""A small app with one page of each manner, so that the frame and its parts can be looked at without any room."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

from jinja2 import FileSystemLoader
from litestar import Litestar, Request, Response, get, post
from litestar.config.csrf import CSRFConfig
from litestar.enums import RequestEncodingType
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.params import Body, FromPath

from channel import web
from channel.errors import FieldError, Invalid, m
from channel.periods import Month
from channel.web.rendering import environment

TEMPLATES = Path(__file__).parent / "templates"
FIRST = Month(2024, 11)
SELL_IN = [62, 58, 71, 80, 84, 96, 90, 101, 112, 108, 120, 131, 78, 70, None, 92, 99, 110, 104, 117, 126, 119, 133, 142]
SELL_THROUGH = [
    55,
    51,
    64,
    70,
    73,
    86,
    86,
    94,
    104,
    95,
    108,
    115,
    69,
    61,
    None,
    81,
    94,
    103,
    98,
    109,
    110,
    105,
    122,
    None,
]


@dataclass(frozen=True)
class Somebody:
    login: str = "finance-1"
    name: str = "Wang Min"
    locale: str | None = None

    def may(self, right: object) -> bool:
        return right != "keep people"


@dataclass(frozen=True)
class Row:
    code: str
    name: str
    type: str
    territory: str
    grade: str | None
    status: str
    kind: str
    sales: list[Decimal | None]
    sum: Decimal
    rise: Decimal
    limit: Decimal | None
    used: Decimal


def amounts(values: list[int | None]) -> list[Decimal | None]:
    return [None if value is None else Decimal(value) * 1000 for value in values]


DEALERS = [
    Row("D-0417", "Northgate Wholesale", "Wholesale", "East / Harbour City", "AA", "active", "good",
        amounts(SELL_IN[-12:]), Decimal(1312000), Decimal("0.31"), Decimal(236400), Decimal(167800)),
    Row("D-0092", "Harbour Supplies", "Wholesale", "East / Harbour City", "A", "on hold", "bad",
        amounts([12, 11, 12, 10, 10, 9, 9, 8, None, 8, 7, 6]), Decimal(880000), Decimal("-0.12"), Decimal(180000),
        Decimal(201600)),
    Row("D-0345", "Old Mill Stores", "Terminal", "South / Valley", None, "active", "good",
        amounts([5, 5, 6, 5, 6, 6, None, None, 6, 6, 6, 6]), Decimal(63000), Decimal("0.01"), None, Decimal(0)),
] * 12  # fmt: skip


@get("/", sync_to_thread=False)
def desk(request: Request[Any, Any, Any]) -> Response[str]:
    return web.page(request, "sample/desk.html", until=date(2026, 11, 22))


@get("/dealers", sync_to_thread=False)
def dealers(request: Request[Any, Any, Any]) -> Response[str]:
    asked = request.query_params.get("q", "").lower()
    return web.page(request, "sample/dealers.html", dealers=[row for row in DEALERS if asked in row.name.lower()])


@get("/dealers/{code:str}", sync_to_thread=False)
def dealer(request: Request[Any, Any, Any], code: FromPath[str]) -> Response[str]:
    months = [FIRST.plus(n) for n in range(len(SELL_IN))]
    told = web.language_of(request)
    return web.page(
        request, "sample/dealer.html", code=code, months=months, until=date(2027, 3, 31),
        bars=web.Series(told.say("sell-in"), amounts(SELL_IN), "sell-in"),
        lines=[web.Series(told.say("sell-through"), amounts(SELL_THROUGH), "sell-through")],
        missing_text=told.say("not known"),
    )  # fmt: skip


@get("/search", sync_to_thread=False)
def search(request: Request[Any, Any, Any]) -> Response[str]:
    asked = request.query_params.get("q", "")
    return Response(
        f'<a href="/dealers/D-0417">Northgate Wholesale <span class="muted">{len(asked)}</span></a>',
        media_type="text/html",
    )


@get("/import", sync_to_thread=False)
def wizard(request: Request[Any, Any, Any]) -> Response[str]:
    return web.page(request, "sample/wizard.html")


@get("/progress", sync_to_thread=False)
def progress() -> Response[str]:
    return Response(
        '<div id="progress" class="progress"><p>All 18,204 lines are loaded.</p></div>', media_type="text/html"
    )


@post("/form", sync_to_thread=False)
def form(data: Annotated[dict[str, str], Body(media_type=RequestEncodingType.URL_ENCODED)]) -> Response[Any]:
    assert data["reason"]
    return web.redirect("/", m("The limit is raised."))


@post("/upload", sync_to_thread=False)
def upload(data: Annotated[dict[str, Any], Body(media_type=RequestEncodingType.MULTI_PART)]) -> Response[Any]:
    assert data["file"].filename == "sales.csv"
    return web.redirect("/dealers")


@get("/refused", sync_to_thread=False)
def refused(request: Request[Any, Any, Any]) -> Response[str]:
    wrong = Invalid(
        m("The input cannot be used."),
        (FieldError("code", m("%(code)s is taken.", code="D-0417"), m("Choose another code.")),),
    )
    return web.page(request, "sample/wizard.html", refused=wrong, form={"code": "D-0417", "amount": "12"})


@get("/broken", sync_to_thread=False)
def broken() -> None:
    raise RuntimeError("a secret detail")


async def somebody(request: Request[Any, Any, Any]) -> None:
    request.scope["user"] = None if request.query_params.get("nobody") else Somebody()


def sample_app() -> Litestar:
    for code in ("en", "zh"):
        loader = environment(code).loader
        if isinstance(loader, FileSystemLoader) and str(TEMPLATES) not in loader.searchpath:
            loader.searchpath.append(str(TEMPLATES))
    web.use_nav(
        [
            web.NavItem(m("Desk"), "/", 10),
            web.NavItem(m("Dealers"), "/dealers", 20),
            web.NavItem(m("Sales reports"), "/import", 30),
            web.NavItem(m("Credit limits"), "/credit", 40),
            web.NavItem(m("Policies"), "/policies", 60, group="setup"),
            web.NavItem(m("People"), "/people", 70, right="keep people", group="setup"),
        ]
    )
    web.sign_flashes_with("x" * 32)
    return Litestar(
        [desk, dealers, dealer, search, wizard, progress, form, upload, refused, broken, *web.ROUTES],
        before_request=somebody,
        before_send=[web.secure],
        compression_config=web.compression,
        exception_handlers={Exception: web.respond},
        csrf_config=CSRFConfig(secret="x" * 32, cookie_samesite="strict"),
        openapi_config=OpenAPIConfig(
            title="sample", version="1", path="/api/schema", render_plugins=[JsonRenderPlugin(path="/openapi.json")]
        ),
    )

"""The API's description beyond what the framework reads from the handlers: refusals, files, who may ask."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from http import HTTPStatus

from litestar import Litestar
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.spec import (
    Components,
    OpenAPIHeader,
    OpenAPIMediaType,
    OpenAPIResponse,
    Operation,
    Parameter,
    Reference,
    RequestBody,
    Schema,
    SecurityScheme,
)
from litestar.openapi.spec.enums import OpenAPIType
from litestar.routes import HTTPRoute

from channel.web.downloads import FILE_TYPES
from channel.web.problems import usual_reason

ANY_FILE = "application/octet-stream"
"""The type of a file that is brought as the body; what it is, its content tells."""

TOKEN_ASKED = [{"token": list[str]()}]
"""What every operation asks for that is not open."""

_TEXT = Schema(type=OpenAPIType.STRING)
_TEXT_OR_NONE = Schema(type=[OpenAPIType.STRING, OpenAPIType.NULL])
_ANY = (401, 403, 409, 422, 429, 503)
"""How any operation may be refused: a code in the address can be two things' (409), a parameter unknown (422)."""
_NAMING = (404,)
"""How an operation may be refused beside, where it is told a name."""
_WITH_BODY = (400, 408, 413, 415)
"""How an operation may be refused beside, where it is given a body."""
_HEADERS: Mapping[int, tuple[str, str]] = {
    401: ("WWW-Authenticate", "Bearer: send a token."),
    409: ("Retry-After", "Seconds to wait, where a request under the same Idempotency-Key is being carried out."),
    429: ("Retry-After", "Seconds to wait, where that is known."),
    503: ("Retry-After", "Seconds to wait, where that is known."),
}

_KEY = Parameter(
    name="Idempotency-Key",
    param_in="header",
    required=False,
    schema=Schema(type=OpenAPIType.STRING, pattern="^[!-~]{1,200}$", min_length=1, max_length=200),
    description="A key of the sender's, one for each thing to be done; sent again with it, the same request is carried "
    "out once. For 7 days the token that sent it gets the first answer again, marked by `Idempotent-Replayed`, while "
    "it still reaches all that the answer may tell of (else 404). The same key with another address, query or body is "
    "refused with 409, as it is, with `Retry-After`, while the first request is being carried out. A request that was "
    "refused or failed leaves its key free.",
)
_NEVER_AGAIN = " What this answers is shown once and never kept: sent again, it is refused with 409."
_REPLAYED = OpenAPIHeader(
    description="`true` where this is the answer that was given before under the same Idempotency-Key.", schema=_TEXT
)

_PROBLEM = Schema(
    title="Problem",
    description="Why something was refused (RFC 9457), in the language asked for.",
    type=OpenAPIType.OBJECT,
    required=["type", "title", "status", "detail", "errors"],
    properties={
        "type": _TEXT,
        "title": _TEXT,
        "status": Schema(type=OpenAPIType.INTEGER),
        "detail": Schema(type=OpenAPIType.STRING, description="All reasons in one line."),
        "errors": Schema(
            type=OpenAPIType.ARRAY,
            items=Schema(
                type=OpenAPIType.OBJECT,
                required=["field", "reason", "expected"],
                properties={"field": _TEXT, "reason": _TEXT, "expected": _TEXT_OR_NONE},
            ),
        ),
    },
)


@dataclass
class DownloadOperation(Operation):
    """The description of a list that is given as a file of any kind."""

    def __post_init__(self) -> None:
        for response in (self.responses or {}).values():
            if isinstance(response, OpenAPIResponse):
                response.content = {kind.partition(";")[0]: OpenAPIMediaType() for kind in FILE_TYPES.values()}
                break


@dataclass
class FileOperation(Operation):
    """The description of an act to which a file is brought as the body."""

    def __post_init__(self) -> None:
        self.request_body = RequestBody(content={ANY_FILE: OpenAPIMediaType(schema=Schema())}, required=True)


def api_components() -> Components:
    """What the operations refer to: the problem document, the refusals, and the token that is asked for."""
    return Components(
        responses={_name(status): _refusal(status) for status in (*_ANY, *_NAMING, *_WITH_BODY)},
        security_schemes={"token": SecurityScheme(type="http", scheme="bearer")},
    )


def describe(app: Litestar) -> None:
    """Say of every operation how it refuses, and of the open ones that nobody need be known; once, at start."""
    openapi = app.openapi_schema
    openapi.components.schemas = {**(openapi.components.schemas or {}), "Problem": _PROBLEM}
    for route in app.routes:
        item = (openapi.paths or {}).get(route.path_format)
        if item is not None and isinstance(route, HTTPRoute):
            for method, (handler, _) in route.route_handler_map.items():
                operation = getattr(item, method.lower(), None)
                if operation is not None:
                    _complete(operation, handler)


def _complete(operation: Operation, handler: HTTPRouteHandler) -> None:
    statuses = set(_ANY)
    if "POST" in handler.http_methods and not handler.opt.get("only_computes"):
        _take_key(operation, shown_once=bool(handler.opt.get("shown_once")))
    if operation.parameters or operation.request_body:
        statuses |= set(_NAMING)
    if operation.request_body:
        statuses |= set(_WITH_BODY)
    given = {status: told for status, told in (operation.responses or {}).items() if status.startswith("2")}
    refused = {str(status): Reference(f"#/components/responses/{_name(status)}") for status in sorted(statuses)}
    operation.responses = {**given, **refused}
    if handler.opt.get("open"):
        operation.security = []


def _take_key(operation: Operation, *, shown_once: bool) -> None:
    told = replace(_KEY, description=f"{_KEY.description}{_NEVER_AGAIN}") if shown_once else _KEY
    operation.parameters = [*(operation.parameters or ()), told]
    for status, response in (operation.responses or {}).items():
        if status.startswith("2") and isinstance(response, OpenAPIResponse) and not shown_once:
            response.headers = {**(response.headers or {}), "Idempotent-Replayed": _REPLAYED}


def _refusal(status: int) -> OpenAPIResponse:
    header = _HEADERS.get(status)
    return OpenAPIResponse(
        description=str(usual_reason(status)),
        content={"application/problem+json": OpenAPIMediaType(schema=Reference("#/components/schemas/Problem"))},
        headers=None if header is None else {header[0]: OpenAPIHeader(description=header[1], schema=_TEXT)},
    )


def _name(status: int) -> str:
    return HTTPStatus(status).phrase.replace(" ", "")

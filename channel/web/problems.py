"""Refusals and faults as people and programs read them: an error page, or problem+json (RFC 9457)."""

import logging
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import asyncpg
import msgspec
from litestar import MediaType, Response
from litestar.exceptions import HTTPException, ValidationException

from channel.database import db, presence
from channel.errors import (
    Conflict,
    FieldError,
    Invalid,
    Message,
    NotSignedIn,
    Refused,
    TooMany,
    Unavailable,
    ambiguous,
    m,
)
from channel.web.faults import field_error
from channel.web.frame import AnyRequest, here_of, language_of, local_path
from channel.web.language import Language
from channel.web.last_resort import API, FAULT, plain
from channel.web.rendering import fragment, page

SIGN_IN_URL = "/sign-in"
"""Where somebody who is not signed in is sent; `next` names where to go on afterwards."""

_REASONS: dict[int, Message] = {
    400: m("The request could not be understood."),
    401: m("Please sign in."),
    403: m("This is not yours to do."),
    404: m("There is nothing here, or nothing that you may see."),
    405: m("This address does not take that kind of request."),
    409: m("This does not fit what already holds."),
    408: m("What was sent came too slowly."),
    413: m("The file is too large."),
    415: m("This kind of file cannot be read here."),
    422: m("The input cannot be used."),
    429: m("Too many tries. Please wait a little."),
    503: m("The service is busy. Please try again in a moment."),
}
_TOO_LONG = m("The database needed too long for this and was stopped. Ask for less, or come again later.")
_A_WHILE = 30
"""Seconds after which what took too long may be tried again."""
_NO_ROOM = m("The database has no room left. Whoever runs the service must make some.")
_FAULT = m("Something went wrong on our side. It has been noted; nothing was changed.")
_LEFT = "client disconnected prematurely"
"""The framework's words for a client that left while it sent; nobody reads the answer, and nothing of ours failed."""

_DONE = m("Something went wrong on our side after this was done, and it stands. Look at it before you do it again.")
_UNSURE = m("Something went wrong on our side, and it is not known whether this was done. Look before you do it again.")

_log = logging.getLogger(__name__)


def respond(request: AnyRequest, exc: Exception) -> Response[Any]:
    """The answer to any exception, in the manner of who asked; for `exception_handlers={Exception: respond, ...}`.

    Where that answer fails in its turn, there is a plain one.
    """
    path = request.scope["path"]
    try:
        return problem_response(request, exc) if path.startswith(API) else error_page(request, exc)
    except Exception:  # noqa: BLE001 - whatever it is, whoever asked gets an answer
        _log.exception("the answer to a fault could not be drawn")
        media_type, body = plain(path, FAULT)
        return Response(body, status_code=FAULT, media_type=media_type)


def problem_response(request: AnyRequest, exc: Exception) -> Response[bytes]:
    """A problem document: type, title, status, and for each bad field its name, the reason and what is expected.

    Texts are in the language asked for; `detail` tells all reasons in one line for who shows nothing else.
    """
    refused, told = _truly(refusal_of(exc)), language_of(request)
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": told.tell(refused.title),
        "status": refused.status,
        "detail": "; ".join(f"{error.field}: {told.tell(error.reason)}" for error in refused.errors),
        "errors": [
            {
                "field": error.field,
                "reason": told.tell(error.reason),
                "expected": told.tell(error.expected) if error.expected else None,
            }
            for error in refused.errors
        ],
    }
    return Response(
        msgspec.json.encode(body),
        status_code=refused.status,
        media_type="application/problem+json",
        headers=_headers_of(refused, exc),
    )


def error_page(request: AnyRequest, exc: Exception) -> Response[Any]:
    """The error in the frame; a fragment's request gets a notice in its place, and a lost session the sign-in page.

    After signing in the reader is back where he was; what he had typed, app.js has kept.
    """
    refused = _truly(refusal_of(exc))
    by_htmx = request.headers.get("hx-request") == "true"
    if refused.status == HTTPStatus.UNAUTHORIZED:
        target = f"{SIGN_IN_URL}?next={_quoted(_way_back(request))}"
        if by_htmx:
            return Response(b"", media_type=MediaType.HTML, status_code=200, headers={"HX-Redirect": target})
        return Response(b"", media_type=MediaType.HTML, status_code=303, headers={"Location": target})
    headers = _headers_of(refused, exc)
    if by_htmx:
        # What asked may take a part of its answer alone (`hx-select`), which a refusal does not have.
        headers |= {
            "HX-Retarget": "#said", "HX-Reswap": "innerHTML", "HX-Reselect": ".notice", "HX-Push-Url": "false",
        }  # fmt: skip
        return fragment(request, "_refused.html", status_code=refused.status, refused=refused, headers=headers)
    heading = _heading(language_of(request), refused.status)
    return page(request, "error.html", refused=refused, heading=heading, headers=headers)


def _truly(refused: Refused) -> Refused:
    """A fault, with what was done before it: what is committed stands, although its answer could not be made."""
    done, unsure = db.acts_done()
    if refused.status < HTTPStatus.INTERNAL_SERVER_ERROR or not (done or unsure):
        return refused
    return Refused(_UNSURE if unsure else _DONE, status=500, errors=tuple(FieldError("done", each) for each in done))


def refusal_of(exc: Exception) -> Refused:
    """Any exception as a refusal that may be told: ours as it is, the framework's and the database's in our words.

    What nobody foresaw is logged with its trace and told as a fault of ours, without its details.
    """
    match exc:
        case Refused():
            return exc
        case _ if presence.is_lost(exc):
            return presence.Away()
        case ValidationException():
            return Invalid(_REASONS[422], tuple(_field_errors(exc)))
        case HTTPException():
            return _http_refusal(exc)
        case asyncpg.PostgresError() | TimeoutError():
            return _database_refusal(exc)
        case _:
            return _fault(exc)


def _fault(exc: Exception) -> Refused:
    _log.error("a request failed", exc_info=exc)
    return Refused(_FAULT, status=500)


def _database_refusal(exc: Exception) -> Refused:  # noqa: PLR0911 - one return for each family of errors
    match exc:
        case asyncpg.UniqueViolationError() | asyncpg.ExclusionViolationError():
            return Conflict(m("This exists already."))
        case asyncpg.ForeignKeyViolationError():
            return Conflict(m("Something else depends on this, or what it names does not exist."))
        case (
            asyncpg.CheckViolationError()
            | asyncpg.NotNullViolationError()
            | asyncpg.DataError()
            | asyncpg.ProgramLimitExceededError()
        ):
            return Invalid(_REASONS[422])
        case asyncpg.PostgresError(sqlstate="CH001"):
            return ambiguous("code", str(exc.args[0]), str(exc.as_dict().get("detail", "")))
        case asyncpg.SerializationError() | asyncpg.DeadlockDetectedError() | asyncpg.LockNotAvailableError():
            return Conflict(m("Somebody else changed this in the same moment. Please try again."))
        case asyncpg.QueryCanceledError():
            return Unavailable(_TOO_LONG, after_seconds=_A_WHILE)
        case asyncpg.DiskFullError():
            _log.error("the database has no room left: %s", exc)
            return Unavailable(_NO_ROOM, after_seconds=60)
        case asyncpg.TooManyConnectionsError() | TimeoutError():
            _log.error("the database is not there for a request", exc_info=exc)
            return Unavailable()
        case _:
            return _fault(exc)


def usual_reason(status: int) -> Message:
    """What a refusal with this status says where nothing more is known."""
    return _REASONS[status]


def _http_refusal(exc: HTTPException) -> Refused:
    if exc.status_code == HTTPStatus.UNAUTHORIZED:
        return NotSignedIn()
    if exc.status_code == HTTPStatus.TOO_MANY_REQUESTS:
        return TooMany(_REASONS[429])
    if exc.detail == _LEFT:
        _log.debug("a client left before its request was whole")
        return Refused(_REASONS[400], status=400)
    if exc.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
        _log.error("a request failed", exc_info=exc)
        return Refused(_REASONS.get(exc.status_code, _FAULT), status=exc.status_code)
    if "CSRF" in exc.detail:
        return Refused(m("The page was too old to be sent. Please load it again and repeat the act."), status=403)
    return Refused(_REASONS.get(exc.status_code, _REASONS[400]), status=exc.status_code)


def _field_errors(exc: ValidationException) -> Sequence[FieldError]:
    """The fields that the framework found wrong, in our words."""
    found = exc.extra if isinstance(exc.extra, list) else []
    named = [
        field_error(str(each.get("key") or "body"), str(each.get("message", "")))
        for each in found
        if isinstance(each, dict)
    ]
    return named or [field_error("body", exc.detail)]


def _heading(told: Language, status: int) -> str:
    match status:
        case 404:
            return told.say("Not found")
        case 403:
            return told.say("Not allowed")
        case 409:
            return told.say("Not possible now")
        case 400 | 405 | 408 | 413 | 415 | 422:
            return told.say("Not accepted")
        case 429 | 503:
            return told.say("Please wait")
        case _:
            return told.say("Our fault")


def _headers_of(refused: Refused, exc: Exception) -> dict[str, str]:
    """What an answer must carry beside its text, of a framework's `Allow` and `Retry-After`."""
    match refused:
        case Refused(headers=found) if found:
            return found
        case NotSignedIn():
            return {"WWW-Authenticate": "Bearer"}
        case Refused(status=HTTPStatus.REQUEST_TIMEOUT):
            # Nobody waits for the rest of what comes too slowly.
            return {"Connection": "close"}
    headers = exc.headers if isinstance(exc, HTTPException) else None
    return {name: value for name, value in (headers or {}).items() if name.lower() in {"allow", "retry-after"}}


def _way_back(request: AnyRequest) -> str:
    """The page to return to: the one asked for, or the one from which a form was sent."""
    if request.method == "GET" and request.headers.get("hx-request") != "true":
        return here_of(request)
    sent_from = request.headers.get("hx-current-url") or request.headers.get("referer") or "/"
    rest = sent_from.split("//", 1)[-1]
    return local_path("/" + rest.partition("/")[2]) if "//" in sent_from else local_path(sent_from)


def _quoted(url: str) -> str:
    return quote(url, safe="/?=")

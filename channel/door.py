"""The door everybody comes through: who it is, then what is brought, then the act, then the answer.

A database connection is held for the first and the third of these alone. How long the others take is the client's
affair, so that no number of slow senders and readers keeps anybody from the database. What an act has written is kept
when its answer is whole, and before that is sent.
"""

import hashlib
from contextlib import AsyncExitStack, suppress
from typing import Any

import asyncpg
from litestar import Request
from litestar.enums import ScopeType
from litestar.exceptions import LitestarException
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Receive, Scope, Send

from channel import web
from channel.access import service as access
from channel.access.pages import SESSION_COOKIE
from channel.access.rules import Person
from channel.database import db
from channel.errors import NotSignedIn, Unavailable, m
from channel.imports.incoming import Incoming
from channel.imports.service.uploads import largest_file
from channel.web import bodies

PATIENCE = db.Patience(connection=10, statement=30)
"""Seconds that a request waits for a connection, and that a statement of it may take."""

_KEY_HEADER = access.KEY_HEADER.lower().encode()
_KEPT_HEADERS = frozenset({"content-type", "location"})
"""The headers of an answer that are given again with it; the others are those of every answer."""
_REPLAYED = ("Idempotent-Replayed", "true")

_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

AnyRequest = Request[Any, Any, Any]


class Door(ASGIMiddleware):
    """A connection is held, the person is known, and the scope is theirs; nothing slow happens meanwhile.

    Of a route's marks, `open` lets nobody-in-particular in (the sign-in page) and `static` needs no connection.
    `brings_file` says who may bring a file there: before it is read, and before anything else is known of it. `heavy`
    is what goes over the whole channel and makes a file of it: its statements take their time, and a person has one
    such act at a time, the sending of the file included.
    An API call that changes something must carry a token: a browser sends its cookie along with a forged form too.
    """

    scopes = (ScopeType.HTTP,)

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Know, read, act, and answer."""
        send = bodies.in_pieces(send)
        marks = scope["route_handler"].opt
        if marks.get("static"):
            await next_app(scope, receive, send)
            return
        request, digest = AnyRequest(scope), hashlib.sha256()
        keyed = _keyed(request, digest)
        answer = bodies.Answer(send)
        async with AsyncExitStack() as until_sent:
            until_sent.callback(answer.close)
            if bodies.has_body(scope):
                is_used = False
                if _credential(request):
                    async with db.held(patience=PATIENCE):
                        await _enter(request, keyed)
                        is_used = keyed is not None and await keyed.is_used(request.user)
                else:
                    await _enter(request, keyed)
                receive = await _brought(request, receive, until_sent, None if keyed is None else digest)
                if is_used and isinstance(receive, bodies.Coming):
                    # Nobody will carry it out again, but whether it is the same is to be known.
                    await receive.pass_over(largest_file())
            async with db.held(patience=PATIENCE), db.until_answered():
                await _enter(request, keyed)
                kept = None
                if keyed is not None and request.user is not None:
                    is_read = not isinstance(receive, bodies.Coming) or receive.is_whole
                    kept = await keyed.claim(request.user, is_read=is_read)
                if marks.get("heavy"):
                    until_sent.enter_context(access.one_at_a_time(request.user))
                    await db.take_time()
                if kept is None:
                    await _answered(request, next_app, answer, receive, keyed)
                else:
                    await answer.give(kept.status, [*kept.headers, _REPLAYED], kept.body)
            await answer.send_on()


async def _answered(
    request: AnyRequest, next_app: ASGIApp, answer: bodies.Answer, receive: Receive, keyed: access.Keyed | None
) -> None:
    """Have the answer made, whole; then what was done is kept, or with a fault of ours nothing of it.

    Where that fails as the answer is made, or in the commit, another answer says so in its place.
    """
    try:
        await next_app(request.scope, answer.heard(receive), answer.keep)
        if answer.is_fault:
            await db.roll_back()
        elif keyed is None:
            await db.commit()
        elif answer.is_done:
            whole = answer.told(_KEPT_HEADERS, access.LONGEST_ANSWER)
            keyed.answered(None if whole is None else access.KeptAnswer(*whole))
            await db.commit()
            await keyed.keep()
            await db.commit()
        else:
            await keyed.refused()
            await db.commit()
    except Exception as fault:  # noqa: BLE001 - whatever it is, it is told
        await db.roll_back()
        answer.begin_anew()
        # The framework wraps what is raised when an answer has begun, which nobody has seen any of here.
        told = fault.__cause__ if isinstance(fault, LitestarException) and fault.__cause__ is not None else fault
        response = web.respond(request, told if isinstance(told, Exception) else fault)
        await response.to_asgi_response(app=None, request=request)(request.scope, receive, answer.keep)


def _keyed(request: AnyRequest, digest: bodies.Digest) -> access.Keyed | None:
    """A request that writes, under the key that its sender gives it; None of others, and where there is no key.

    It is said with the request for whoever finds out by whom it is (the sign-in).
    """
    marks = request.route_handler.opt
    keys = [value.decode("latin-1") for name, value in request.scope["headers"] if name == _KEY_HEADER]
    if not keys or request.method != "POST" or not request.url.path.startswith("/api/") or marks.get("only_computes"):
        return None
    asked = (request.method, request.scope["path"], request.scope["query_string"])
    keyed = access.Keyed(", ".join(keys), repr(asked).encode(), digest.digest, shown_once=bool(marks.get("shown_once")))
    request.state["keyed"] = keyed
    return keyed


async def _enter(request: AnyRequest, keyed: access.Keyed | None) -> None:
    """Find who it is; the connection, where one is held, is narrowed to what that person may see."""
    person, marks = await _person(request), request.route_handler.opt
    if person is None and not marks.get("open"):
        raise NotSignedIn
    request.scope["user"] = person
    if person is not None:
        await db.narrow(access.scope_of(person))
        if may_bring := marks.get("brings_file"):
            may_bring(person)
    if keyed is not None:
        keyed.check()


def _credential(request: AnyRequest) -> str | None:
    return request.headers.get("authorization") or request.cookies.get(SESSION_COOKIE)


async def _person(request: AnyRequest) -> Person | None:
    kind, _, credential = request.headers.get("authorization", "").partition(" ")
    if kind:
        if kind.lower() != "bearer":
            raise NotSignedIn(m("Send the API token as: Authorization: Bearer TOKEN"))
        person = await access.person_of_token(credential.strip())
        if person is None:
            raise NotSignedIn(m("This API token is not known, has expired or was revoked."))
        return person
    cookie = request.cookies.get(SESSION_COOKIE)
    if not cookie:
        return None
    if request.url.path.startswith("/api/") and request.method not in _SAFE_METHODS:
        raise NotSignedIn(m("A change over the API needs an API token, not the browser's session."))
    return await access.person_of_session(cookie)


async def _brought(
    request: AnyRequest, receive: Receive, until_sent: AsyncExitStack, digest: bodies.Digest | None
) -> Receive:
    """Take in what comes behind the headers, at the sender's pace; what gives it to whoever asks for it.

    A form or a document is read whole. So is a form with files, which lie on disk then; a file that is a body of its
    own is taken by the handler that keeps it, which lets go of the connection meanwhile. The digest takes in all of it.
    """
    kind, of_page = bodies.kind_of(request), not request.url.path.startswith("/api/")
    if "brings_file" not in request.route_handler.opt or kind == "application/json":
        return await bodies.read_whole(request, bodies.Coming(receive, bodies.OF_BODIES, digest))
    if kind == "multipart/form-data":
        coming = bodies.Coming(receive, bodies.OF_FILES)
        form = Incoming(request.scope, coming)
        form.digest = digest
        # The form stays with the request: the check of its token and the handler find it read.
        until_sent.push_async_callback((await form.form()).close)
        return coming
    coming = bodies.Coming(receive, bodies.OF_FILES, digest)
    return await bodies.read_whole(request, coming) if of_page else coming


async def know_who_is_lost(_: Exception, scope: Scope) -> None:
    """Know the person behind an address that leads nowhere: routing fails before the door is reached.

    The page that says so then stands in the frame, with a way on. Whoever is not signed in is told without it, and so
    is everybody while the database is away.
    """
    # The scope has its handler only once the way to one was found.
    if scope.get("route_handler") is not None or scope["path"].startswith("/api/"):
        return
    cookie = AnyRequest(scope).cookies.get(SESSION_COOKIE)
    if cookie is not None:
        with suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError, Unavailable):
            async with db.held(patience=PATIENCE):
                scope["user"] = await access.person_of_session(cookie)

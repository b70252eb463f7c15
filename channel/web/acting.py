"""Carrying out the acts of forms: read, done, and word of it; refused, the page comes back as it was typed."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import TypeVar

import asyncpg
import msgspec
from litestar import Response
from litestar.datastructures import FormMultiDict

from channel.acts import Act
from channel.errors import Message, Refused, m
from channel.web.editing import still_typed
from channel.web.forms import read_form, text_in
from channel.web.frame import AnyRequest, Kind, local_path, redirect
from channel.web.problems import refusal_of
from channel.web.rendering import Returned, return_form

A = TypeVar("A", bound=Act)
T = TypeVar("T")
BACK = "_back"
"""The hidden field with the address to which one goes back after the act."""
_DONE = m("The change is recorded.")


async def act(
    request: AnyRequest,
    shape: type[A],
    carry_out: Callable[[A], Awaitable[T]],
    again: Callable[[], Awaitable[Response[str]]],
    *,
    to: str | Callable[[T], str] = "/",
    said: Message | Callable[[T], Message] = _DONE,
    kind: Kind | Callable[[T], Kind] = "good",
    shown: Callable[[T], Awaitable[Response[str]]] | None = None,
) -> Response[str] | Response[None]:
    """Read a posted form as an act, carry it out, and go on with word of it: back to where one was, or `to`.

    Whatever refuses it, the database included, `again` draws the page with the form, which shows itself as it was
    typed, marked where it is wrong; where even that page is refused, the refusal is told by itself. `to`, `said` and
    `kind` may be made of the act's result; places in `said` that bear the names of the act's fields take what these
    hold. What is told this once, such as a password, `shown` draws in their place.
    """
    form = await request.form()
    try:
        read = read_form(shape, form)
        done = await carry_out(read)
    except (Refused, asyncpg.PostgresError) as fault:
        refused = refusal_of(fault)
        if refused.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise
        return await draw_again(request, shape.__name__, refused, form, again)
    if shown is not None:
        return await shown(done)
    otherwise = to(done) if callable(to) else to
    word = said(done) if callable(said) else said
    back = local_path(text_in(form, BACK), otherwise)
    return redirect(back, _filled(word, read), kind(done) if callable(kind) else kind)


def _filled(word: Message, act: Act) -> Message:
    held = msgspec.structs.asdict(act).items()
    return Message(word.text, (*((name, value) for name, value in held if f"%({name})s" in word.text), *word.params))


async def draw_again(
    request: AnyRequest, name: str, refused: Refused, form: FormMultiDict, again: Callable[[], Awaitable[Response[str]]]
) -> Response[str]:
    """The page of a refused form, which shows itself as it was typed."""
    typed = {each: value for each, value in form.multi_items() if isinstance(value, str)}
    kept = still_typed(typed, refused)
    chosen = {each: [value for value in form.getall(each) if isinstance(value, str)] for each in kept}
    return_form(request, Returned(name, refused, kept, chosen))
    try:
        return await again()
    except Refused:
        raise refused from None

"""Carrying out the acts of forms: read, done, and word of it; refused, the page comes back as it was typed."""

import re
from collections.abc import Awaitable, Callable, Collection, Mapping
from http import HTTPStatus
from typing import Any, TypeVar
from urllib.parse import quote

import asyncpg
import msgspec
from litestar import Response, get, post
from litestar.datastructures import FormMultiDict
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler

from channel.acts import OPENED, Act
from channel.errors import Message, Refused, m
from channel.web.editing import still_typed
from channel.web.forms import read_form, text_in
from channel.web.frame import AnyRequest, Kind, language_of, local_path, redirect
from channel.web.language import Language
from channel.web.problems import refusal_of
from channel.web.rendering import Returned, return_form

A = TypeVar("A", bound=Act)
T = TypeVar("T")
Form = Callable[..., Awaitable[Response[str]]]
"""Draws the page of a form: for a request, a person and the places of the address; whether he may it checks itself."""
Asks = Callable[[Refused, dict[str, str]], Response[str] | None]
"""Draws what a refusal asks, with the form to be sent once more; None where it asks nothing."""
FORM = "_form"
"""The hidden field that tells one of several forms of an act on a page."""
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
    said: Message | Callable[[T], Message | None] | None = _DONE,
    kind: Kind | Callable[[T], Kind] = "good",
    shown: Callable[[T], Awaitable[Response[str] | None]] | None = None,
    asks: Asks = lambda _refused, _typed: None,
    read: Callable[[FormMultiDict], FormMultiDict] | None = None,
) -> Response[str] | Response[None]:
    """Read a posted form as an act, carry it out, and go on with word of it: back to where one was, or `to`.

    Whatever refuses it, the database included, `again` draws the page with the form, which shows itself as it was
    typed, marked where it is wrong; where even that page is refused, the refusal is told by itself. `to`, `said` and
    `kind` may be made of the act's result; places in them with the names of fields of the act and of places of the
    address take what these hold. Of one name `to` takes the address's, `said` the act's. What is told this once, such
    as a password, `shown` draws in their place, where it draws anything. A refusal that is a question `asks` draws,
    with what is to be sent again. `read` makes the act's own fields of a form that has others.
    """
    form = await request.form()
    try:
        given = read_form(shape, read(form) if read else form)
        done = await carry_out(given)
    except (Refused, asyncpg.PostgresError) as fault:
        refused = refusal_of(fault)
        if refused.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise
        return asks(refused, _typed(form)) or await draw_again(request, shape.__name__, refused, form, again)
    if shown is not None and (told := await shown(done)) is not None:
        return told
    held = msgspec.structs.asdict(given)
    otherwise = _address(to(done) if callable(to) else to, {**held, **request.path_params})
    word = said(done) if callable(said) else said
    back = local_path(text_in(form, BACK), otherwise)
    word = word and _told(language_of(request), _filled(word, {**request.path_params, **held}))
    return redirect(back, word, kind(done) if callable(kind) else kind)


def _address(to: str, held: Mapping[str, object]) -> str:
    return re.sub(r"{(\w+)}", lambda place: quote(str(held.get(place[1], place[0]))), to)


def _filled(word: Message, held: Mapping[str, object]) -> Message:
    found = ((name, value) for name, value in held.items() if f"%({name})s" in word.text)
    return Message(word.text, (*found, *word.params))


def _told(told: Language, word: Message) -> Message:
    """The word with its amounts and days as the reader writes them: the cookie that carries it holds texts."""
    params = (
        (name, _told(told, each) if isinstance(each, Message) else told.value(each)) for name, each in word.params
    )
    return Message(word.text, tuple(params))


def act_routes(
    path: str,
    shape: type[A],
    form: Form,
    carry_out: Callable[..., Awaitable[Any]],
    *,
    to: str | Callable[[Any], str],
    said: Message | Callable[[Any], Message],
    asks: Collection[str] = (),
) -> tuple[HTTPRouteHandler, HTTPRouteHandler]:
    """The page of an act at `path`, and where its form is posted, the same address.

    `form` draws the page for a person, who may do it, with the places of the address by their names; `carry_out` gets
    the person, those places in their order, and the act. Places stand in `to` and `said`, too. `asks` are the questions
    that the form reads of its address.
    """
    places = re.findall(r"{(\w+)", path)

    @get(path, include_in_schema=False, opt={"asks": asks})
    async def show_act(request: AnyRequest, person: NamedDependency[Any]) -> Response[str]:
        return await form(request, person, **request.path_params)

    @post(path, include_in_schema=False, long_texts=(OPENED,))
    async def do_act(request: AnyRequest, person: NamedDependency[Any]) -> Response[str] | Response[None]:
        given = [request.path_params[name] for name in places]
        return await act(
            request,
            shape,
            lambda read: carry_out(person, *given, read),
            lambda: form(request, person, **request.path_params),
            to=to,
            said=said,
        )

    return show_act, do_act


def _typed(form: FormMultiDict) -> dict[str, str]:
    return {name: value for name, value in form.multi_items() if isinstance(value, str)}


async def draw_again(
    request: AnyRequest, name: str, refused: Refused, form: FormMultiDict, again: Callable[[], Awaitable[Response[str]]]
) -> Response[str]:
    """The page of a refused form, which shows itself as it was typed."""
    kept = still_typed(_typed(form), refused)
    chosen = {each: [value for value in form.getall(each) if isinstance(value, str)] for each in kept}
    return_form(request, Returned(text_in(form, FORM) or name, refused, kept, chosen))
    try:
        return await again()
    except Refused:
        raise refused from None

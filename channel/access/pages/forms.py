"""What several forms of this room need."""

from collections.abc import Awaitable, Callable
from typing import Any

from litestar import Request, Response
from markupsafe import Markup

from channel import web
from channel.access import queries
from channel.access.service import NewToken, SignedOut
from channel.errors import Message, m

AnyRequest = Request[Any, Any, Any]
_NOTE = Markup('<span class="muted small">{}</span>')


def made_page(request: AnyRequest, back: str) -> Callable[[NewToken], Awaitable[Response[str]]]:
    """Shows a token that was made, this once."""

    async def shown(made: NewToken) -> Response[str]:
        return web.page(request, "access/token.html", made=made, back=back)

    return shown


def signed_out(ended: SignedOut) -> Message:
    """What signing out everywhere has ended, in words."""
    return m("Sessions ended: %(sessions)s, API tokens: %(tokens)s.", sessions=ended.ended, tokens=ended.tokens)


async def nodes_to_choose(within: tuple[int, ...] | None) -> list[tuple[str, str, Markup, int]]:
    """The territories to choose from (code, name, note, depth): all that the asker sees, or those in some nodes."""
    rows = await queries.territories()
    if within is not None:
        inside = set(await queries.nodes_below(within))
        rows = [row for row in rows if row["id"] in inside]
    return [(row["code"], row["name"], _NOTE.format(row["code"]), min(row["depth"], 6)) for row in rows]

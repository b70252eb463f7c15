"""Asking before open proposals are replaced, or what was refused is proposed again: what would be lost is shown."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from litestar import Response

from channel import web
from channel.access.rules import Person
from channel.credit.pages.form_reading import AnyRequest, shared, typed
from channel.credit.service.proposals import AlreadyProposed
from channel.credit.service.run_proposals import Replaces, loses
from channel.errors import Message, Refused, m

_SHOWN = 200
_CSRF = "_csrf_token"


def asking(
    request: AnyRequest, person: Person, back: str
) -> Callable[[Refused, Mapping[str, str]], Response[str] | None]:
    """What draws the same form once more, to be sent with what it would replace, where that is why it was refused."""

    def ask_replaced(refused: Refused, form: Mapping[str, str]) -> Response[str] | None:
        if isinstance(refused, Replaces):
            rows, answer = refused.rows, {"confirmed": refused.mark}
        elif isinstance(refused, AlreadyProposed):
            rows, answer = [refused.row], {"replaces": str(refused.row["id"])}
        else:
            return None
        title = m("Replace open proposals?") if len(rows) > 1 else m("Replace the open proposal?")
        act = m("Replace and propose")
        return _ask(request, title, (refused.title, loses(person)), act, {**form, **answer}, back, rows)

    return ask_replaced


async def ask_again(request: AnyRequest, why: Message, back: str) -> Response[str]:
    """The same form once more, to propose what was refused all the same."""
    form = await typed(request)
    title, act = m("Propose again what was refused?"), m("Propose it again")
    return _ask(request, title, (why,), act, {**form, "again": "yes"}, back)


def _ask(
    request: AnyRequest,
    title: Message,
    said: Sequence[Message],
    act: Message,
    fields: Mapping[str, str],
    back: str,
    rows: Sequence[Any] = (),
) -> Response[str]:
    return web.page(
        request,
        "credit/asking.html",
        title=title,
        said=said,
        act=act,
        action=request.url.path,
        back=back,
        fields={name: value for name, value in fields.items() if name != _CSRF},
        rows=rows,
        shown=_SHOWN,
        **shared(),
    )

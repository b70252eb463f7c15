"""The outbox as its keeper sees it, and what each person was told himself."""

from collections.abc import Mapping
from typing import Annotated, Any

from litestar import Request, Response, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, QueryParameter

from channel import web
from channel.access.rules import Person
from channel.errors import m
from channel.lists import Wanted, choice_asked
from channel.tasks.acts import SendAgain, SendTest
from channel.tasks.lists import MESSAGES, OUTBOX
from channel.tasks.queries.outbox import MailFilter
from channel.tasks.rules.outbox import MAIL_KIND_NAMES, MAIL_STATE_NAMES, SENT_AGAIN, MailKind, MailState
from channel.tasks.service import messages, outbox

AnyRequest = Request[Any, Any, Any]
_TEMPLATE = "tasks/outbox.html"


async def _asked(
    in_state: Annotated[str, QueryParameter(name="state")] = "", kind: FromQuery[str] = "", q: FromQuery[str] = ""
) -> MailFilter:
    chosen = choice_asked(MailState, in_state, "state"), choice_asked(MailKind, kind, "kind")
    return MailFilter(*chosen, q.strip() or None)


async def _beside(request: AnyRequest, _person: Person, _asked: MailFilter) -> Mapping[str, Any]:
    tell = web.language_of(request).tell
    return {
        "facts": [m("What people are told by mail, and what became of it. What is in it stands here nowhere.")],
        "states": [(each.value, tell(name)) for each, name in MAIL_STATE_NAMES.items()],
        "kinds": [(each.value, tell(name)) for each, name in MAIL_KIND_NAMES.items()],
        "act": SendTest,
        "dense": True,
        "sent_again": {each.value for each in SENT_AGAIN},
    }


async def _again(request: AnyRequest, person: Person) -> Response[str]:
    found = await outbox.outbox(person, MailFilter(), Wanted(limit=web.A_PAGE))
    return web.list_page(request, OUTBOX, found, _TEMPLATE, await _beside(request, person, MailFilter()))


@post("/outbox/test", include_in_schema=False)
async def send_test(request: AnyRequest, person: NamedDependency[Person]) -> Response[str] | Response[None]:
    """Send a mail that says only that it came."""
    return await web.act(
        request,
        SendTest,
        lambda act: outbox.send_test(person, act),
        lambda: _again(request, person),
        to="/outbox",
        said=m("A test goes to %(address)s; what becomes of it stands below."),
    )


@post("/outbox/{mail:int}/send-again", include_in_schema=False)
async def send_again(
    request: AnyRequest, person: NamedDependency[Person], mail: FromPath[int]
) -> Response[str] | Response[None]:
    """Have a mail that did not leave try it once more."""
    return await web.act(
        request,
        SendAgain,
        lambda act: outbox.send_again(person, mail, act),
        lambda: _again(request, person),
        to="/outbox",
        said=m("The mail is sent again."),
    )


ROUTES = (
    *web.list_routes(OUTBOX, "/outbox", outbox.outbox, template=_TEMPLATE, filtered=_asked, context=_beside),
    *web.list_routes(MESSAGES, "/messages", messages.own_messages, template="tasks/messages.html"),
    send_test,
    send_again,
)

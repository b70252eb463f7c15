"""The outbox and one's own messages over the API."""

from datetime import datetime
from typing import Annotated, Any, Self

import msgspec
from asyncpg import Record
from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from channel import web
from channel.access.rules import Person
from channel.lists import Page, Wanted
from channel.tasks.acts import SendAgain, SendTest
from channel.tasks.lists import MESSAGES, OUTBOX
from channel.tasks.queries.outbox import MailFilter
from channel.tasks.rules.outbox import MailKind, MailState, Why
from channel.tasks.service import messages, outbox


class MailRow(msgspec.Struct):
    """A mail of the outbox, without a word of what is in it.

    `messages` are those that it took up, `told` and `left_out` those that it told and those that its receiver may not
    see any more. `fault` is what stood in the way last, and `next_at` when it is tried again. A test goes to `address`.
    """

    id: int
    made_at: datetime
    login: str
    kind: MailKind
    address: str | None
    messages: int
    state: MailState
    why: Why | None
    attempts: int
    fault: str | None
    next_at: datetime | None
    ended_at: datetime | None
    told: int | None
    left_out: int | None

    @classmethod
    def of(cls, row: Record) -> Self:
        """From the database's row."""
        given = {name: row[name] for name in cls.__struct_fields__}
        why = None if row["why"] is None else Why(row["why"])
        return cls(**{**given, "kind": MailKind(row["kind"]), "state": MailState(row["state"]), "why": why})


class MadeMail(msgspec.Struct):
    """The number of the mail in the outbox, which tells what became of it."""

    id: int


class MessageRow(msgspec.Struct):
    """What the person was told, in the reader's language; `url` leads to where it is looked at or done.

    `mail_state` is what became of the mail that took it up, null where none has yet.
    """

    id: int
    recorded_at: datetime
    kind: str
    kind_name: str
    dealer: str | None
    what: str
    more: list[str]
    url: str
    mail_state: MailState | None


@get("/api/v1/outbox", dependencies=web.list_asked(OUTBOX))
async def list_outbox(
    person: NamedDependency[Person],
    wanted: NamedDependency[Wanted],
    in_state: Annotated[MailState | None, QueryParameter(name="state")] = None,
    kind: FromQuery[MailKind | None] = None,
    q: FromQuery[str | None] = None,
) -> Page[MailRow]:
    """Mail, the latest first; `q` is looked for in login and name of whom it is for."""
    found = await outbox.outbox(person, MailFilter(in_state, kind, q or None), wanted)
    return Page([MailRow.of(row) for row in found.items], found.next)


@post("/api/v1/outbox/{mail:int}/send-again", status_code=204)
async def send_again(person: NamedDependency[Person], mail: FromPath[int], data: JSONBody[SendAgain]) -> None:
    """Have a mail that did not leave try it once more."""
    await outbox.send_again(person, mail, data)


@post("/api/v1/outbox/test", status_code=201)
async def send_test(person: NamedDependency[Person], data: JSONBody[SendTest]) -> MadeMail:
    """Send a mail that says only that it came."""
    return MadeMail(await outbox.send_test(person, data))


@get("/api/v1/me/messages", dependencies=web.list_asked(MESSAGES))
async def list_messages(
    request: Request[Any, Any, Any], person: NamedDependency[Person], wanted: NamedDependency[Wanted]
) -> Page[MessageRow]:
    """What the person was told, the latest first, by mail or not."""
    found = await messages.own_messages(person, None, wanted)
    tell = web.language_of(request).tell
    rows = [
        MessageRow(
            row["id"],
            row["recorded_at"],
            row["kind"],
            tell(row["kind_name"]),
            row["dealer"],
            tell(row["what"]),
            [tell(each) for each in row["more"]],
            row["url"],
            None if row["mail_state"] is None else MailState(row["mail_state"]),
        )
        for row in found.items
    ]
    return Page(rows, found.next)


ROUTES = (list_outbox, send_again, send_test, list_messages)

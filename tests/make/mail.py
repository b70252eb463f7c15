"""A mail server that takes what comes or says what it is told to, and a kind of message as a room would make one."""

import asyncio
import secrets
import warnings
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword
from asyncpg import Record

from channel import clock
from channel.access.rules import Person, Right
from channel.access.service import open_posting
from channel.database import db
from channel.errors import m
from channel.tasks.queries.outbox import NewMessage, record_mail
from channel.tasks.rules.outbox import MailKind, Why, Words
from channel.tasks.service.messages import MessageKind, tell

OK = "250 OK"


@dataclass
class Taken:
    """What a mail server was given, in order; `answers` are said to the next ones in place of a yes."""

    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list)
    receivers: list[list[str]] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    refuses: Mapping[str, str] = field(default_factory=dict)
    logins: list[tuple[str, str]] = field(default_factory=list)
    while_taking: Callable[[], None] = lambda: None

    async def handle_RCPT(  # noqa: N802 - the library's name
        self, _server: SMTP, _session: object, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if address in self.refuses:
            return self.refuses[address]
        envelope.rcpt_tos.append(address)
        return OK

    async def handle_DATA(self, _server: SMTP, _session: object, envelope: Envelope) -> str:  # noqa: N802 - as above
        if self.answers:
            return self.answers.pop(0)
        assert isinstance(envelope.content, bytes)
        made = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(made, EmailMessage)
        self.mails.append(made)
        self.receivers.append([str(each) for each in envelope.rcpt_tos])
        self.while_taking()
        return OK

    def authenticate(
        self, _server: SMTP, _session: object, _envelope: Envelope, _kind: str, given: object
    ) -> AuthResult:
        assert isinstance(given, LoginPassword)
        self.logins.append((given.login.decode(), given.password.decode()))
        return AuthResult(success=True)

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"


@asynccontextmanager
async def mail_server(*, asks: bool = False) -> AsyncIterator[Taken]:
    """A server on this machine while the block lasts; one that `asks` wants to know who comes."""
    taken = Taken()
    loop = asyncio.get_running_loop()

    def speaks() -> SMTP:
        with warnings.catch_warnings():
            # Passwords go over this machine alone.
            warnings.simplefilter("ignore")
            return SMTP(taken, authenticator=taken.authenticate, auth_required=asks, auth_require_tls=False, loop=loop)

    server = await loop.create_server(speaks, "127.0.0.1", 0)
    taken.port = server.sockets[0].getsockname()[1]
    try:
        yield taken
    finally:
        server.close()


def text_of(mail: EmailMessage) -> str:
    """What stands in a mail."""
    body = mail.get_body()
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n")


async def _words(rows: Sequence[Record]) -> Mapping[int, Words]:
    names = {row["id"]: row["name"] for row in await db.fetch("SELECT id, name FROM dealer")}
    return {
        row["id"]: Words(
            m("%(name)s has no grade", name=names.get(row["dealer_id"], "nobody")),
            f"/dealers/{row['dealer']}" if row["dealer"] else "/",
            (m("%(value)s is not one of the choices.", value=row["told"].get("note", "-")),),
        )
        for row in rows
        if row["dealer_id"] is None or row["dealer_id"] in names
    }


WISHES = MessageKind("wish", m("Reason"), Right.SEE_CREDIT, _words)
"""A kind of message about dealers or none."""


async def told(by: Person, *new: NewMessage) -> None:
    """An act that tells people this."""
    async with db.held(db.EVERYTHING), db.transaction():
        await tell(WISHES, new, await open_posting(by, "propose limit"))


async def make_unsent(person: Person) -> int:
    """A mail to a person that went to nobody, since he had no address; its number."""
    assert person.person_id is not None
    async with db.held(db.EVERYTHING), db.transaction():
        message_id = f"<{secrets.token_hex(8)}@example.com>"
        return await record_mail(person.person_id, MailKind.MESSAGES, message_id, clock.now(), why=Why.NO_ADDRESS)

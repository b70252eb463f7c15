"""The ways by which mail leaves: the mail server that the settings name or, where they name none, files in a folder."""

import asyncio
import os
import secrets
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

import aiosmtplib

from channel.tasks.rules.letters import domain_of
from channel.tasks.rules.mail_server import MailServer, mail_server

_SECONDS = 30.0
"""A server that has not answered by then is tried again later."""

Deliver = Callable[[EmailMessage], Awaitable[None]]
"""Hands a mail over for good, or fails."""


class NotTaken(Exception):  # noqa: N818 - what stood in the way, not a fault of ours
    """The mail was not taken this time: the server is away, or wants to be asked again, or the folder is full."""


class RefusedForGood(Exception):  # noqa: N818 - what a server said, not a fault of ours
    """The mail server will not take this mail, however often it is asked."""


@dataclass(frozen=True, slots=True)
class Way:
    """How mail leaves this process: from which address, and where its links lead."""

    sender: str
    public_url: str
    deliver: Deliver

    def new_message_id(self) -> str:
        """By what mail programs know one mail from any other."""
        return f"<{secrets.token_hex(16)}@{domain_of(self.sender)}>"


_way: list[Way] = []


def use_mail(sender: str, public_url: str, server: str | None, folder: Path) -> None:
    """Set the way; once, when the app is put together. `server` is the URL of the settings, with its password."""
    _way[:] = [
        Way(sender, public_url, _ByServer(mail_server(server)).deliver if server else _IntoFolder(folder).deliver)
    ]


def the_way() -> Way:
    """The way that was set."""
    if not _way:
        raise RuntimeError("no way for mail was set: use_mail")
    return _way[0]


@dataclass(frozen=True, slots=True)
class _ByServer:
    """To a mail server."""

    server: MailServer

    async def deliver(self, mail: EmailMessage) -> None:
        """Over one connection of its own."""
        server = self.server
        try:
            await aiosmtplib.send(
                mail,
                hostname=server.host,
                port=server.port,
                username=server.login,
                password=server.password,
                use_tls=server.begins_encrypted,
                start_tls=server.start_tls,
                tls_context=ssl.create_default_context(),
                timeout=_SECONDS,
            )
        except aiosmtplib.SMTPRecipientsRefused as refused:
            said = "; ".join(f"{each.code} {each.message}" for each in refused.recipients)
            raise (RefusedForGood if all(map(_for_good, refused.recipients)) else NotTaken)(said) from None
        except (aiosmtplib.SMTPSenderRefused, aiosmtplib.SMTPDataError) as refused:
            said = f"{refused.code} {refused.message}"
            raise (RefusedForGood if _for_good(refused) else NotTaken)(said) from None
        except (aiosmtplib.SMTPException, OSError) as away:
            # Told as what it is: a lost connection would look like that of the database.
            raise NotTaken(f"{type(away).__name__}: {away}") from None


_PERMANENT = range(500, 600)


def _for_good(refused: aiosmtplib.SMTPResponseException) -> bool:
    return refused.code in _PERMANENT


@dataclass(frozen=True, slots=True)
class _IntoFolder:
    """As one file for each mail, which appears whole; one that is sent again takes the place of its first."""

    folder: Path

    async def deliver(self, mail: EmailMessage) -> None:
        """Written beside this and renamed."""
        try:
            await asyncio.to_thread(self._write, str(mail["Message-ID"]), mail.as_bytes())
        except OSError as closed:
            raise NotTaken(f"{type(closed).__name__}: {closed}") from None

    def _write(self, message_id: str, content: bytes) -> None:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        name = message_id.strip("<>").partition("@")[0]
        aside = self.folder / f".{name}.{secrets.token_hex(4)}"
        with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
        aside.replace(self.folder / f"{name}.eml")

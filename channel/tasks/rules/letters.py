"""Mail as it goes over the wire: nothing that somebody wrote can end a line of its head or begin another one."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

_LONGEST_SUBJECT = 200


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail in words, in the language (a tag such as "zh-Hans") of whom it goes to."""

    to: str
    subject: str
    paragraphs: Sequence[str]
    language: str


def one_line(text: str) -> str:
    r"""The text in one line: whatever could end one, or is not seen, has become a blank.

    >>> one_line("Harbour\r\nBcc: all@example.com\x00 Trading")
    'Harbour Bcc: all@example.com Trading'
    """
    return " ".join("".join(" " if unicodedata.category(each)[0] in "CZ" else each for each in text).split())


def compose(letter: Letter, sender: str, message_id: str, at: datetime) -> EmailMessage:
    """The mail with its head; the answer machines of holidays are asked not to answer it."""
    mail = EmailMessage(policy=SMTP)
    subject = one_line(letter.subject)
    mail["From"] = Address("channel", *_parts(sender))
    mail["To"] = Address("", *_parts(letter.to))
    mail["Subject"] = subject if len(subject) <= _LONGEST_SUBJECT else f"{subject[: _LONGEST_SUBJECT - 1]}…"
    mail["Date"] = format_datetime(at)
    mail["Message-ID"] = message_id
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content("\n\n".join(letter.paragraphs) + "\n", charset="utf-8", cte="quoted-printable")
    mail["Content-Language"] = letter.language
    return mail


def _parts(address: str) -> tuple[str, str]:
    """The name and the domain; a domain in letters of another script as mail servers know it."""
    name, _, domain = address.rpartition("@")
    return name, domain if domain.isascii() else domain.encode("idna").decode()


def domain_of(address: str) -> str:
    """The domain that makes the ids of mail from this address the company's own."""
    return _parts(address)[1]

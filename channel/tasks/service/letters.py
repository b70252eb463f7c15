"""What a mail says: messages and what waits, put into words under the receiver's scope and in his language."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from asyncpg import Record

from channel import web
from channel.access.rules import Person
from channel.access.rules.mail import Messages
from channel.errors import Message, m
from channel.tasks.queries import outbox as queries
from channel.tasks.rules.letters import Letter, one_line
from channel.tasks.rules.outbox import MailKind, Why, Words
from channel.tasks.service.mail_ways import Way
from channel.tasks.service.messages import kinds_told, words_of

_MOST_TOLD = 50
"""So many messages of a mail are told one by one; further ones are looked at on the page."""
_THE_PAGE = "/messages"


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a mail: its heading, what stands in it, and how much more there is."""

    title: Message
    items: Sequence[Words]
    more: Message | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """A mail put into words, or why there is none; how many messages it tells and how many it leaves out."""

    letter: Letter | None = None
    why: Why | None = None
    told: int = 0
    left_out: int = 0


@dataclass(slots=True)
class _Text:
    """Paragraphs in one language."""

    language: web.Language
    public_url: str
    paragraphs: list[str] = field(default_factory=list)

    def line(self, message: Message) -> str:
        return one_line(self.language.tell(message))

    def entry(self, words: Words) -> None:
        lines = [self.line(words.headline), *map(self.line, words.more), self.public_url + words.url]
        self.paragraphs.append("\n".join(lines))

    def section(self, part: Section) -> None:
        title = self.line(part.title)
        self.paragraphs.append(f"{title}\n{'=' * max(3, min(len(title), 60))}")
        for each in part.items:
            self.entry(each)
        if part.more is not None:
            self.paragraphs.append(self.line(part.more))


def why_not(mail: Record, person: Person | None) -> Why | None:
    """Why somebody is not written to, as things stand now; None where he is."""
    if person is None:
        return Why.GONE
    if mail["kind"] == MailKind.TEST:
        return None
    if mail["email"] is None:
        return Why.NO_ADDRESS
    return Why.WANTS_NONE if mail["messages"] == Messages.NONE else None


async def messages_told(mail: Record, person: Person) -> tuple[list[Words], int]:
    """The messages of a mail in words, in the receiver's scope, and how many there are that he is not told."""
    rows = await queries.messages_of_mail(mail["id"], mail["person_id"], kinds_told(person))
    words = await words_of(rows)
    return [words[row["id"]] for row in rows if row["id"] in words], len(rows) - len(words)


def write_messages(mail: Record, person: Person, told: Sequence[Words], way: Way) -> Letter:
    """A mail of messages: one by itself bears its own headline."""
    text = _text(person, way)
    many = m("%(count)s messages", count=len(told))
    subject = told[0].headline if len(told) == 1 else many
    _told(text, told)
    return _closed(text, mail["email"], subject)


def write_daily(mail: Record, person: Person, parts: Iterable[Section], told: Sequence[Words], way: Way) -> Letter:
    """The mail of a morning: what waits and what is late, then what happened."""
    text = _text(person, way)
    for each in parts:
        text.section(each)
    if told:
        title = text.line(m("What happened"))
        text.paragraphs.append(f"{title}\n{'=' * len(title)}")
        _told(text, told)
    day: date = mail["day"]
    return _closed(text, mail["email"], m("%(day)s: what waits for you, and what happened", day=day))


def write_test(mail: Record, person: Person, way: Way) -> Letter:
    """A mail that says only that it came."""
    text = _text(person, way)
    said = m("%(name)s sent this to see whether mail leaves and comes. It does.", name=person.name)
    text.paragraphs.append(text.line(said))
    text.paragraphs.append(way.public_url)
    subject = text.line(m("A test of the mail of channel"))
    return Letter(mail["address"], subject, text.paragraphs, text.language.tag)


def _text(person: Person, way: Way) -> _Text:
    return _Text(web.language(person.locale or "en"), way.public_url)


def _told(text: _Text, told: Sequence[Words]) -> None:
    for each in told[:_MOST_TOLD]:
        text.entry(each)
    if len(told) > _MOST_TOLD:
        further = text.line(m("and %(count)s more", count=len(told) - _MOST_TOLD))
        text.paragraphs.append(f"{further}\n{text.public_url}{_THE_PAGE}")


def _closed(text: _Text, to: str, subject: Message) -> Letter:
    account = f"{text.public_url}/account"
    text.paragraphs.append(f"-- \n{text.line(m('Where and when you are told, you choose here:'))}\n{account}")
    return Letter(to, text.line(subject), text.paragraphs, text.language.tag)

"""What people are told: its kinds, which the rooms bring, the telling itself, and what one was told oneself."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from asyncpg import Record

from channel.access.rules import Person, Right
from channel.errors import Message, NotFound, m
from channel.lists import Page, Wanted
from channel.tasks.queries import outbox as queries
from channel.tasks.queries.outbox import NewMessage
from channel.tasks.rules.outbox import Words
from channel.work.service import ask_each

GATHERING = "put messages into mail"
"""Work: what waits to be told to the person whose number is the key."""

MakeWords = Callable[[Sequence[Record]], Awaitable[Mapping[int, Words]]]
"""Puts messages into words, by their numbers, from what their ids lead to in the scope of who asks.

A message has `about`, what is `told`, `dealer_id`, `dealer` and `dealer_name`, `recorded_at` and the `actor`. One of
which there is nothing to be said any more is left out.
"""


@dataclass(frozen=True, slots=True)
class MessageKind:
    """A kind of message, as the room says it that tells it.

    `code` is kept with each message, `name` is what people call the kind, and `sees` the right that one needs to be
    told it, beside seeing its dealer: when it is told, when it is sent, and when it is looked at.
    """

    code: str
    name: Message
    sees: Right
    words: MakeWords


_kinds: dict[str, MessageKind] = {}
KINDS: Mapping[str, MessageKind] = MappingProxyType(_kinds)
"""All kinds by their codes."""


def use_message_kinds(kinds: Iterable[MessageKind]) -> None:
    """Set the kinds that the rooms bring; once, when the app is put together."""
    _kinds.clear()
    for each in kinds:
        if each.code in _kinds:
            raise ValueError(f"two kinds of messages have the code {each.code!r}")
        _kinds[each.code] = each


async def tell(kind: MessageKind, new: Sequence[NewMessage], posting_id: int) -> None:
    """Tell people what a posting did, but for whoever did it; each is told it once.

    The act writes down whom it concerns, and no more: words, mail, and all that can go wrong with them come later.
    """
    if new:
        people = await queries.record_messages(kind.code, new, posting_id)
        await ask_each(GATHERING, [str(each) for each in people])


def kinds_told(person: Person) -> list[str]:
    """The codes of the kinds that a person may be told, dealers apart."""
    return [code for code, kind in _kinds.items() if person.may(kind.sees)]


async def words_of(rows: Sequence[Record]) -> dict[int, Words]:
    """Messages in words, by their numbers; read kind by kind, in the scope of who asks."""
    found: dict[int, Words] = {}
    for code, kind in _kinds.items():
        if some := [row for row in rows if row["kind"] == code]:
            found |= await kind.words(some)
    return found


async def own_messages(person: Person, _filtered: object, wanted: Wanted) -> Page[dict[str, Any]]:
    """What a person was told, the latest first, by mail or not, as far as he may see it today."""
    if person.person_id is None:
        raise NotFound(m("A machine is told nothing."))
    found = await queries.own_messages(person.person_id, kinds_told(person), wanted)
    words = await words_of(found.items)
    told = [
        {
            **row,
            "kind_name": _kinds[row["kind"]].name,
            "what": words[row["id"]].headline,
            "more": words[row["id"]].more,
            "url": words[row["id"]].url,
        }
        for row in found.items
        if row["id"] in words
    ]
    return Page(told, found.next)

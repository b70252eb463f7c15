"""What a room puts on the desk, said once: what waits there for a person, and the first lines of lists."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import msgspec

from channel.errors import Message
from channel.lists import List


class WaitingItem(msgspec.Struct, frozen=True):
    """Something that waits: by what programs know it, what it is, where it is done, and why it waits.

    `marks` are what to beware of, `change` what it changes in company currency, where that is known.
    """

    key: str
    what: Message
    url: str
    why: Message
    marks: tuple[Message, ...] = ()
    change: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Waiting:
    """Things of one sort that wait for whoever holds `right`.

    `find` gives the first so many rows in the scope of who asks, each with how many there are (`found`); `item` says
    what one is, and `more` that so many further ones are not shown.
    """

    name: str
    right: Any
    find: Callable[[int], Awaitable[Sequence[Any]]]
    item: Callable[[Any], WaitingItem]
    more: Callable[[int], Message]


@dataclass(frozen=True, slots=True)
class Deciding:
    """Requests of one kind (a `RequestKind`) that wait for the word of whoever may decide on them.

    `read` gives those under these numbers, in whatever order, and `item` says what one is.
    """

    name: str
    kind: Any
    read: Callable[[Sequence[int]], Awaitable[Sequence[Any]]]
    item: Callable[[Any], WaitingItem]


@dataclass(frozen=True, slots=True)
class Panel:
    """The first rows of a list, with these of its columns, for whoever holds `right`.

    `whole` are the words that lead to all of it, at `url`. `told` is the Struct by which the API tells a row; without
    it only the page has the panel. `unless_empty` leaves it out where there is no row.
    """

    name: str
    title: Message
    right: Any
    listed: List
    only: tuple[str, ...]
    whole: Message
    url: str
    find: Callable[[int], Awaitable[Sequence[Any]]]
    told: type[msgspec.Struct] | None = None
    unless_empty: bool = False

"""What an act on a dealer's account would do, found before it is done: so that it can wait for a second person."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Generic, TypeVar

from channel.access.queries import DealerAct
from channel.access.rules import Right
from channel.errors import Message
from channel.receivables.acts.asking import MayWait

B = TypeVar("B", bound=MayWait)


@dataclass(frozen=True, slots=True)
class Prepared(Generic[B]):
    """An act that can be carried out now: what it does, how the trail tells of it, and how it is done.

    `kept` is its body with every day that was left open filled in, so that what waits is what was asked for. `days` are
    those on which it takes effect. `second` is why a second person decides whatever the days are. `carry_out` writes it
    under a posting that is open. `others` are further dealers whom it concerns, and `lines` what the trail is told of
    each document, where it is about several.
    """

    kept: B
    subject: str
    days: tuple[date, ...]
    carry_out: Callable[[int], Awaitable[None]]
    before: Mapping[str, Any] = field(default_factory=dict)
    after: Mapping[str, Any] = field(default_factory=dict)
    second: Message | None = None
    others: tuple[int, ...] = ()
    lines: Sequence[DealerAct] = ()


@dataclass(frozen=True, slots=True)
class LedgerAct(Generic[B]):
    """A kind of act on a dealer's account.

    `code` is what the trail calls it and what is kept of one that waits. `prepare` finds under the account's lock what
    it would do for whoever of this login asks for it, of a dealer, with the number of what it is about; it raises what
    refuses it. `about` tells it from what else of its kind may wait for the same dealer.
    """

    code: str
    right: Right
    body: type[B]
    prepare: Callable[[str, int, int, B], Awaitable[Prepared[B]]]
    about: Callable[[int, B], str]

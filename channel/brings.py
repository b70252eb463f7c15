"""What a room brings to the house: said once in the room's `brings.py`, put together in `app`.

A room above the others says here what its pages, its files and its part of the trail are, so that a new room, or a new
kind of file, edits none below its own.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from litestar.types import ControllerRouterHandler

from channel.access.trail_words import TrailWords
from channel.dealers.service.ended import Follower
from channel.dealers.service.responsible import Successor
from channel.errors import Message
from channel.imports.loader import Loader
from channel.panels import Deciding, Panel, Waiting
from channel.tasks.service.kinds import TaskKind
from channel.tasks.service.messages import MessageKind
from channel.web import NavItem
from channel.work.service import Work


class Compare(Protocol):
    """Computes again what is kept: how many things differ; with `mend` they are computed anew."""

    def __call__(self, *, mend: bool) -> Awaitable[int]:
        """How many differed."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept though it could be computed, held by `reconcile` against what it is made of."""

    key: str
    words: Message
    compare: Compare


@dataclass(frozen=True, slots=True)
class Concern:
    """What people decided and only people can put right: `reconcile` names the dealers concerned and mends nothing."""

    key: str
    words: Message
    look: Callable[[], Awaitable[list[str]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Brings:
    """What one room brings.

    `routes`: its addresses, JSON and pages. `nav`: its entries in the list beside every page. `words`: how its acts and
    what they change are told in the trail. `loaders`: its kinds of files, and how each is checked and written. `work`:
    its kinds of work, done when they are due. `followers`: what the end of a cooperation sets off, at once.
    `successors`: what of its open work goes along when another looks after a dealer. `kept` and `concerns`: lines of
    `reconcile`. `deciding`, `waiting` and `panels`: what stands on the desk of who may see it. `tasks`: its kinds of
    tasks, each with its words and what its end sets off. `of_members`: parts of the page of a member of staff, by
    addresses in which his code is `{code}`; each comes by itself.
    `messages`: its kinds of what people are told.
    """

    routes: Sequence[ControllerRouterHandler] = ()
    nav: Sequence[NavItem] = ()
    words: TrailWords = field(default_factory=TrailWords)
    loaders: Sequence[Loader] = ()
    work: Sequence[Work] = ()
    followers: Sequence[Follower] = ()
    successors: Sequence[Successor] = ()
    kept: Sequence[Kept] = ()
    concerns: Sequence[Concern] = ()
    deciding: Sequence[Deciding] = ()
    waiting: Sequence[Waiting] = ()
    of_members: Sequence[str] = ()
    panels: Sequence[Panel] = ()
    tasks: Sequence[TaskKind] = ()
    messages: Sequence[MessageKind] = ()

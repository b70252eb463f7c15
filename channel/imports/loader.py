"""What a room brings so that its kinds of files can be loaded; the rooms stand above and are handed in by app."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Protocol

from channel.access.rules import Person, Right, require
from channel.errors import Message
from channel.imports.rules.kinds import KindSpec
from channel.periods import Span

if TYPE_CHECKING:  # the command line has its lists from here, and is to start without the database
    from channel.consent.rules import Row
    from channel.consent.service import RequestKind


@dataclass(frozen=True, slots=True)
class Completes:
    """What a load of mended lines completes: the load that rejected them, and what counts of it so far.

    `base_id` is the load by which its other lines count: then only mended lines are at work. Where None do, all its
    lines are, the mended ones in their places, and nothing may have come between since `closed_at`. `loads` are all
    that belong to it.
    """

    load_id: int
    loads: tuple[int, ...]
    base_id: int | None
    closed_at: datetime


@dataclass(frozen=True, slots=True)
class Load:
    """A load at work: its lines stand in the temporary tables `incoming` and `fault` (see `queries.staging`).

    `given` are the fields that the file or a constant gives. `dealers` are codes, None where nobody said which.
    `fixed` are those of a constant. `total_line` is the last line of the file where it says that it is a total.
    `beside_numbers`: the names and signs of currencies that stand there -> the currencies that each may mean.
    `dry_run`: it is only looked at, and what `check` tells is all that comes of it. `asks`: what needs a second person
    is not to be rejected; the load then waits for him.
    `told` takes (phase, done, total) so that people see how far it is.
    """

    load_id: int
    person: Person
    spec: KindSpec
    file_name: str
    given: frozenset[str]
    period: Span | None = None
    dealers: frozenset[str] | None = None
    create_missing: frozenset[str] = frozenset()
    effective_on: date | None = None
    partial: bool = False
    confirmed: bool = False
    dry_run: bool = False
    asks: bool = False
    completes: Completes | None = None
    fixed: frozenset[str] = frozenset()
    total_line: int | None = None
    beside_numbers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    told: Callable[[str, int, int | None], None] = field(default=lambda _phase, _done, _total: None)

    @property
    def beside(self) -> bool:
        """Whether its lines are added beside others of a load that went in without them."""
        return self.completes is not None and self.completes.base_id is not None


@dataclass(frozen=True, slots=True)
class Share:
    """What a load says of the dealers in scope alone: days, dealers, lines and their amount in company currency.

    The days are from the first to the last. The amount is None where lines were brought and none has one.
    """

    first: date
    last: date
    dealers: int
    lines: int
    company_amount: Decimal | None


class Loader(Protocol):
    """How one kind of file is checked and written. `settle`, `check`, `write` run on the worker's held connection."""

    @property
    def spec(self) -> KindSpec:
        """The kind."""

    @property
    def waits_as(self) -> "RequestKind[Row] | None":
        """What a load of it waits as for a second person (`service.waiting.loads_kind`); None where none does."""

    async def settle(self, load: Load) -> None:
        """Give the codes of the lines the spelling that is stored, before lines of one key are told as doubled."""

    async def check(self, load: Load) -> Mapping[str, Any]:
        """Add a row to `fault` for all that is wrong, and tell what the load would do, as JSON.

        `confirm` in it is a message where somebody has to confirm what the load would do; then it waits for that.
        `second` is a message where a second person has to decide, of a load that `asks`; then it waits for him.
        `notes` are messages of what a person should know. `concerns` are the ids of dealers of whom it tells anything
        though no line names them.
        Writes nothing else. Called in a transaction. A refusal of the file as a whole is raised as `Refused`.
        """

    async def write(self, load: Load, posting_id: int) -> Mapping[str, int]:
        """Write the lines of `incoming` (the faulty ones are gone by now), after `check` in the same transaction.

        Gives counts by name. The posting is open, the load is audited by the caller.
        """

    async def stands(self, load_id: int, posting_id: int) -> bool:
        """Whether what that earlier load wrote is still what counts, so that loading it again would change nothing."""

    async def share(self, load_id: int) -> Share | None:
        """What that load says of the dealers in scope, for who did not bring it; None where it says nothing of them."""

    async def loads_concerning(self, before_id: int | None, limit: int) -> list[int]:
        """The latest loads of this kind, before one, that say anything of the dealers in scope."""


class Unshared:
    """A kind of file of which nothing is told by dealer: who did not bring it and is bound does not know of it."""

    @property
    def waits_as(self) -> "RequestKind[Row] | None":
        """No load of it waits for a second person."""
        return None

    async def share(self, _load_id: int) -> Share | None:
        """Nothing."""
        return None

    async def loads_concerning(self, _before_id: int | None, _limit: int) -> list[int]:
        """None."""
        return []


_loaders: dict[str, Loader] = {}
_specs: dict[str, KindSpec] = {}
_labels: dict[str, Message] = {}
KIND_LABELS: Mapping[str, Message] = MappingProxyType(_labels)
"""How people call each kind of file."""


def use_loaders(loaders: Iterable[Loader]) -> None:
    """Set the loaders of this process; once, when the app is put together."""
    for known in (_loaders, _specs, _labels):
        known.clear()
    for loader in sorted(loaders, key=lambda each: each.spec.order):
        kind = loader.spec.kind
        _loaders[kind], _specs[kind], _labels[kind] = loader, loader.spec, loader.spec.label


def loaders() -> Mapping[str, Loader]:
    """The loaders by kind."""
    return MappingProxyType(_loaders)


def specs() -> Mapping[str, KindSpec]:
    """Every kind of file that can be loaded here, in the order in which people are shown them."""
    return MappingProxyType(_specs)


def may_load(person: Person, spec: KindSpec) -> bool:
    """Whether the person may do by a file what its lines stand for."""
    return all(person.may(right) for right in spec.rights)


def require_file(person: Person, spec: KindSpec, create_missing: Iterable[str] = ()) -> None:
    """Pass when the person may load the kind, and create what the load is to create; otherwise `Forbidden`."""
    for each in (spec, *(_specs[name] for name in create_missing if name in spec.creates)):
        for right in each.rights:
            require(person, right)


def require_some_file(person: Person) -> None:
    """Pass when the person may load files of any kind."""
    if not any(may_load(person, spec) for spec in _specs.values()):
        require(person, Right.LOAD_REPORTS)

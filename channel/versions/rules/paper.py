"""What a kind of versioned document is, declared once by the room that brings it: its faces are made of this."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar

from channel.access.rules import Person, Right
from channel.errors import FieldError, Message, m


class Document(Protocol):
    """A frozen dataclass whose fields are said by `spec`; `version` is none of them: 0 in a draft, else its number."""

    @property
    def name(self) -> str:
        """How people call it."""

    @property
    def version(self) -> int:
        """The number that the register gave it."""


T = TypeVar("T", bound=Document)


@dataclass(frozen=True, slots=True)
class Own(Generic[T]):
    """What of a document no generated form does well: a template of the room's draws it.

    It has two macros: `fields(own, of)` draws the fields at `paths` in the form `of` that name, and `facts(own,
    document)` what a page shows at `shown`. `told` makes `own` of a document, and `read` the JSON at the paths of a
    form. What is wrong within one of the paths is told at the path.
    """

    template: str
    paths: tuple[str, ...]
    shown: tuple[str, ...]
    told: Callable[[T], Mapping[str, Any]]
    read: Callable[[Mapping[str, str]], Mapping[str, Any]]


def _nothing_wrong(_: object) -> Sequence[FieldError]:
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper(Generic[T]):
    """A kind of versioned document.

    `code` is kept with each version and names its acts in the trail: "draft credit policy". `address` is that of its
    pages, and of its API beneath /api/v1; a document that belongs to something has the place {of:str} in it, and
    `whose` refuses with NotFound what a person may not know of. `check` tells what is wrong between fields.

    It is called by `title` (all of them: "Credit policies"), `kind` ("Credit policy"), `one` ("a policy"), `named` and
    `within` ("Policy 3", "policy 3" within a sentence, with the place %(number)s, and %(of)s where it belongs to
    something). `key` is the field under which the API tells where a version stands.
    """

    code: str
    model: type[T]
    address: str
    see: Right
    propose: Right
    decide: Right
    title: Message
    kind: Message
    one: Message
    named: Message
    within: Message
    check: Callable[[T], Sequence[FieldError]] = _nothing_wrong
    whose: Callable[[Person, str], Awaitable[object]] | None = None
    own: Own[T] | None = None
    key: str = "version"
    wrong: Message = field(default_factory=lambda: m("The document has errors: please correct them."))
    missing: Message = field(default_factory=lambda: m("None is effective on %(on)s."))
    from_then_on: Message = field(default_factory=lambda: m("It counts from %(day)s on."))
    effect: Message = field(
        default_factory=lambda: m("It counts from this day on, once another person has approved it.")
    )

    def call(self, version: object, of: str = "") -> Message:
        """What a version is called where a sentence begins or by itself."""
        return m(self.named.text, number=str(version), of=of)

    def call_within(self, version: object, of: str = "") -> Message:
        """What a version is called within a sentence."""
        return m(self.within.text, number=str(version), of=of)

    def subject(self, version: int, of: str = "") -> str:
        """What the trail calls a version."""
        return f"{self.code} {of} {version}" if of else f"{self.code} {version}"

    def at(self, of: str = "") -> str:
        """The address of the pages, of what the document belongs to."""
        return self.address.replace("{of:str}", of)

    @property
    def has_owner(self) -> bool:
        """Whether its documents belong to something."""
        return "{of:str}" in self.address

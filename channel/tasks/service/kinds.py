"""Kinds of tasks: what a room says of one, and all that the rooms have brought."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from channel.access.rules import Person, Right
from channel.errors import Message, m

Ended = Callable[[Person, Sequence[Mapping[str, Any]], int], Awaitable[None]]
"""Does what the finishing of tasks sets off, in the same transaction: who finished them, the tasks, the posting."""


@dataclass(frozen=True, slots=True)
class TaskKind:
    """A kind of task, as the room says it whose it is.

    `code` is kept with each task, `name` is what people call the kind. `words` say what is to be done, and `url` where,
    both from a task's row: its `about`, what is `told` of it, its dealer (`dealer`, `dealer_name`; None where it is
    about none). `right` is needed to do it and `sees` to see it, beside seeing the dealer. `ended` does what it sets
    off when somebody says that it is done. What is not finished by hand says in `ends_by` what ends it.
    """

    code: str
    name: Message
    right: Right
    words: Callable[[Any], Message]
    url: Callable[[Any], str | None]
    sees: Right = Right.SEE_DEALERS
    ended: Ended | None = None
    ends_by: Message | None = None

    @property
    def rights(self) -> tuple[Right, ...]:
        """All that whoever does it must hold."""
        return Right.DO_TASKS, self.right, self.sees


def _own_words(row: Any) -> Message:  # noqa: ANN401 - a row
    return m("%(what)s", what=row["what"])


OWN = TaskKind("own", m("written by hand"), Right.DO_TASKS, _own_words, lambda _row: None)
"""What somebody writes down for himself or for one of his people."""

_kinds: dict[str, TaskKind] = {}
KINDS: Mapping[str, TaskKind] = MappingProxyType(_kinds)
"""All kinds by their codes."""


def use_task_kinds(kinds: Sequence[TaskKind]) -> None:
    """Set the kinds that the rooms bring; once, when the app is put together."""
    _kinds.clear()
    for each in (OWN, *kinds):
        if each.code in _kinds:
            raise ValueError(f"two kinds of tasks have the code {each.code!r}")
        _kinds[each.code] = each


use_task_kinds(())


def seen_by(person: Person) -> list[str]:
    """The codes of the kinds that a person may see, dealers apart."""
    return [code for code, kind in _kinds.items() if person.may(kind.sees)]


def done_by(person: Person) -> list[str]:
    """The codes of the kinds that a person may do."""
    return [code for code, kind in _kinds.items() if can_do(person, kind)]


def can_do(person: Person, kind: TaskKind) -> bool:
    """Whether a person may do tasks of a kind, dealers apart."""
    return all(person.may(right) for right in kind.rights)

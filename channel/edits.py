"""Changing what stands, by somebody who saw it some time ago: what others wrote meanwhile is not lost unseen.

A form shows a whole record, and so it sends one: with it goes `opened`, the record as the form showed it. Only what
its writer changed of that is written, over what stands now, which the act has locked and read again.
"""

from collections.abc import Collection, Iterable, Mapping
from types import MappingProxyType
from typing import Any

from channel.errors import Conflict, FieldError, Message, m

Values = Mapping[str, Any]
Labels = Mapping[str, Message]
Choices = Mapping[str, Mapping[Any, Message]]
_NONE: Choices = MappingProxyType({})


class Overtaken(Conflict):
    """Somebody else changed the same fields to something else; `mine` are all the fields that the writer changed."""

    def __init__(self, fields: Iterable[tuple[str, Message, object]], mine: Collection[str]) -> None:
        super().__init__(
            m("Somebody else has changed this since you opened it, and nothing is recorded. To put yours in its place,"
              " record it again."),
            tuple(
                FieldError(
                    name, m("%(field)s: somebody else has made it %(value)s.", field=label, value=_told(value))
                )
                for name, label, value in fields
            ),
        )  # fmt: skip
        self.mine = frozenset(mine)


def _told(value: object) -> object:
    match value:
        case None | "" | []:
            return m("empty")
        case bool():
            return m("yes") if value else m("no")
        case list():
            return ", ".join(map(str, value))
        case _:
            return value


def compute_changes(
    opened: Values | None, wanted: Values, present: Values, labels: Labels, choices: Choices = _NONE
) -> dict[str, Any]:
    """What is to be written of what is wanted: the fields that the writer changed and that do not stand so already.

    Without `opened` all of `wanted` is meant. `Overtaken` where that would replace what somebody else wrote since;
    it tells the fields by their labels and what was chosen by its name.
    >>> compute_changes({"a": 1, "b": 1}, {"a": 1, "b": 2}, {"a": 7, "b": 1}, {})
    {'b': 2}
    """
    mine = {name: value for name, value in wanted.items() if opened is None or value != opened.get(name)}
    changed = {name: value for name, value in mine.items() if value != present[name]}
    if opened is not None and (lost := [name for name in changed if present[name] != opened.get(name)]):
        raise Overtaken(
            [(name, labels[name], choices.get(name, {}).get(present[name], present[name])) for name in lost], mine
        )
    return changed


def compute_members(opened: Collection[str] | None, wanted: Collection[str], present: Collection[str]) -> set[str]:
    """What is in a set after its writer has put in and taken out what he did of what he saw.

    >>> sorted(compute_members(["a", "b"], ["b", "c"], ["a", "b", "x"]))
    ['b', 'c', 'x']
    """
    if opened is None:
        return set(wanted)
    return (set(present) - (set(opened) - set(wanted))) | (set(wanted) - set(opened))

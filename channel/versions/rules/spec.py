"""What one field of a document may hold, said once: it is read, written, compared, labelled and drawn by this."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import MISSING, dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any

from channel.errors import Message, m

SPEC = "spec"


class Holds(StrEnum):
    """What a field can hold."""

    NUMBER = "number"
    WHOLE = "whole"
    FLAG = "flag"
    TEXT = "text"
    CHOICE = "choice"
    TABLE = "table"
    """A value for each of the same keys."""
    NUMBERS = "numbers"
    RECORD = "record"
    RECORDS = "records"


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys of a table; `table` is made of a value for each in their order, and gives them by key (`values()`).

    Besides what is said where it is no table, where a key is not known and where one is missing.
    """

    names: tuple[str, ...]
    table: Callable[..., Any]
    no_table: Message
    unknown: Message
    missing: Message


@dataclass(frozen=True, slots=True)
class Spec:
    """Label, shape and bounds of a field; `low` and `high` belong to the allowed range, `above` does not.

    `optional` fields may be null, which means that the rule they name does not apply. Bounds of `TABLE` and `NUMBERS`
    hold for each number in them; `record` is the dataclass of a record or of the records in a list. `choices` may have
    names. `hint` says in a sentence what the field does. Of records there are `least` at least; a form offers `rows`,
    and one more than there are, and without any it takes them as JSON. `folded` are the words beneath which a section
    of a form is closed.
    """

    label: Message
    kind: Holds
    low: Decimal | None = None
    above: Decimal | None = None
    high: Decimal | None = None
    optional: bool = False
    choices: Collection[str] = ()
    record: type[Any] | None = None
    keys: Keys | None = None
    hint: Message | None = None
    rows: int = 0
    least: int = 1
    folded: Message | None = None

    def name_of(self, choice: str) -> Message:
        """What a choice is called; one without a name stands as it is."""
        named = self.choices.get(choice) if isinstance(self.choices, Mapping) else None
        return named or m("%(value)s", value=choice)


def spec(label: Message, kind: Holds, default: Any = MISSING, **told: Any) -> Any:  # noqa: ANN401 - a dataclass field
    """A dataclass field that carries its `Spec`; bounds may be given as texts or whole numbers."""
    for name in ("low", "above", "high"):
        if told.get(name) is not None:
            told[name] = Decimal(told[name])
    metadata = {SPEC: Spec(label, kind, **told)}
    return field(metadata=metadata) if default is MISSING else field(default=default, metadata=metadata)

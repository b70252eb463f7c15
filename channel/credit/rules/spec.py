"""What one field of a policy may hold, said once: it is read, written, compared and labelled by this."""

from dataclasses import MISSING, dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any

from channel.errors import Message

SPEC = "spec"


class Kind(StrEnum):
    """The shapes that a policy field can have."""

    NUMBER = "number"
    WHOLE = "whole"
    FLAG = "flag"
    TEXT = "text"
    CHOICE = "choice"
    GRADES = "grades"
    NUMBERS = "numbers"
    RECORD = "record"
    RECORDS = "records"


@dataclass(frozen=True, slots=True)
class Spec:
    """Label, shape and bounds of a field; `low` and `high` belong to the allowed range, `above` does not.

    `optional` fields may be null, which means that the rule they name does not apply. Bounds of `GRADES` and
    `NUMBERS` hold for each number in them; `record` is the dataclass of a record or of the records in a list.
    """

    label: Message
    kind: Kind
    low: Decimal | None = None
    above: Decimal | None = None
    high: Decimal | None = None
    optional: bool = False
    choices: tuple[str, ...] = ()
    record: type[Any] | None = None


def spec(label: Message, kind: Kind, default: Any = MISSING, **bounds: Any) -> Any:  # noqa: ANN401 - a dataclass field
    """A dataclass field that carries its `Spec`; bounds may be given as texts or whole numbers."""
    for name in ("low", "above", "high"):
        if bounds.get(name) is not None:
            bounds[name] = Decimal(bounds[name])
    metadata = {SPEC: Spec(label, kind, **bounds)}
    return field(metadata=metadata) if default is MISSING else field(default=default, metadata=metadata)

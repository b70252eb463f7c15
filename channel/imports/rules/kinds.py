"""What a kind of file is: its fields, what they mean and may hold, how they are called, and who may bring it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from channel.access.rules import Right
from channel.errors import Message

Value = str | date | Decimal | int | bool | tuple[str, ...] | None
"""What a cell holds when it is read."""


class Type(StrEnum):
    """What the text of a field is read as."""

    TEXT = "text"
    CODE = "code"
    CURRENCY = "currency"
    PHONE = "phone"
    MAIL = "mail"
    DATE = "date"
    DECIMAL = "decimal"
    WHOLE = "int"
    CHOICE = "choice"
    FLAG = "bool"
    LIST = "list"
    """Several codes, parted by ; , 、 or |, each made plain."""
    PATH = "path"
    """Names from the widest to the narrowest, parted by /."""


@dataclass(frozen=True, slots=True)
class FileField:
    """A field of a kind.

    `required`: every line must have it. `places`: decimals that are stored; further ones are rounded half away
    from zero. `low`, `high`: bounds, both allowed unless `above_low`, by which the lower one itself is not.
    `choices`: stored value -> other words for it. `names`: column names by which it is recognised, English and
    Chinese, best first. `creates`: the kind of file (`dealers`, `products`) that would do the same, for a field that
    is only asked for when unknown ones are to be made, and must be given then where it is `needed`. `plain`: the
    text names something and is made plain like a code, though it may hold what a code may not. `instead`: the field
    that stands in for a required one. `of`: the master whose code it is (`dealer`, `product`, `product_line`,
    `territory`, `staff_member`, `duty`).
    """

    name: str
    label: Message
    about: Message
    names: tuple[str, ...]
    type: Type = Type.TEXT
    required: bool = False
    places: int = 0
    low: Decimal | None = None
    high: Decimal | None = None
    above_low: bool = False
    choices: tuple[tuple[str, tuple[str, ...]], ...] = ()
    limit: int = 200
    creates: str = ""
    needed: bool = False
    plain: bool = False
    instead: str = ""
    of: str = ""


@dataclass(frozen=True, slots=True)
class KindSpec:
    """A kind of file, told to people as `label`, with its fields in the order in which people are shown them.

    `kind` is the word of the command line and the API. `rights` are those of the acts for which its lines stand, all of
    them: page, API and command ask there alone, before anything of a file is kept, and the worker asks again. `loaded`
    is the headline of a load in the trail. Kinds are shown in the `order` of their numbers, whichever room brings them.
    """

    kind: str
    label: Message
    fields: tuple[FileField, ...]
    rights: tuple[Right, ...]
    loaded: Message
    order: int
    key: tuple[str, ...] = ()
    """Fields that together stand once in a file (`duplicate-key`); of reports document and line, where given."""
    is_report: bool = False
    """Whether it covers days of dealers and supersedes."""
    wrong_together: Callable[[Mapping[str, Value]], list[tuple[str, Message]]] | None = None
    """What only several fields of a line show to be wrong."""
    create: Message | None = None
    """The words of the box by which a report creates those of this kind that nobody knows."""

    def field(self, name: str) -> FileField:
        """The field of that name; an unknown one raises `KeyError`."""
        for field in self.fields:
            if field.name == name:
                return field
        raise KeyError(name)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all fields."""
        return tuple(field.name for field in self.fields)

    @property
    def required(self) -> tuple[str, ...]:
        """The names of those that every line must have."""
        return tuple(field.name for field in self.fields if field.required)

    @property
    def creates(self) -> tuple[str, ...]:
        """The masters of which it may create what nobody knows: each is a kind of file of that name."""
        return tuple(dict.fromkeys(field.creates for field in self.fields if field.creates))


AMOUNT_LIMIT = Decimal("99999999999999.9999")
"""The largest amount and quantity that is stored: 14 digits before the point, 4 after it."""
ZERO = Decimal(0)

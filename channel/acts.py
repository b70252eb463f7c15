"""Acts said once: the body of an act is one frozen Struct, which is its JSON, its form and what the service is given.

Each field says what people call it and what it may hold. Texts are trimmed and bounds are checked when the Struct is
made, whoever makes it, so that no face and no service checks them again.
"""

import types
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

import msgspec

from channel.codes import is_code, lost_its_digits, plain_code
from channel.edits import compute_changes
from channel.errors import FieldError, Invalid, Message, m
from channel.periods import FIRST_DAY, LAST_DAY, is_day_of_business

LONGEST_TEXT = 2000
"""Characters of a reason, a note or any other text of a person; forms say so by `maxlength`."""

NEEDED: Message = m("A value is needed.")
A_DAY: Message = m("A date such as 2013-01-31.")


@dataclass(frozen=True, slots=True)
class Said:
    """What people are told of a field: its label, a hint beneath it, and what is said where a needed value is missing.

    `choices` are the names of what may be chosen, and nothing else may be. What a page must look up to offer it
    (product lines, places) it hands in itself. `longest` bounds a text, `low` and `high` a number.
    `read` makes a text plain (a code, a phone number) or tells what is wrong with it. `nothing` are the words of a
    choice that is not made. `note` has several lines, and `keys` are those that a phone offers (HTML's `inputmode`).
    `parted` is the sign between several that are written in one field. `hidden_as` is a password, kept to the letter
    and never shown again, named as browsers ask ("current-password", "new-password"). `option` is the command line's
    name for it, else made of the field's own.
    """

    label: Message
    hint: Message | None = None
    needed: Message = NEEDED
    choices: Mapping[Any, Message] = field(default_factory=dict)
    longest: int = LONGEST_TEXT
    low: Decimal | int | None = None
    high: Decimal | int | None = None
    read: Callable[[str], str | FieldError] | None = None
    nothing: Message | None = None
    note: bool = False
    keys: str | None = None
    parted: str = ""
    hidden_as: str = ""
    option: str | None = None


def day_fault(name: str, day: date) -> FieldError | None:
    """Why a day cannot be meant, in the one way that every face tells it; None for a day of business."""
    if is_day_of_business(day):
        return None
    return FieldError(
        name,
        m("This day is too far from any business."),
        m("a day from %(first)s to %(last)s", first=FIRST_DAY, last=LAST_DAY),
    )


def read_code(text: str) -> str | FieldError:
    """The code made plain, or why it could not stand in an address or lost digits in a spreadsheet."""
    plain = plain_code(text)
    if lost_its_digits(plain):
        lost = m(
            "“%(value)s” is a long number of which the spreadsheet keeps 15 digits; give the column the format of a"
            " text.",
            value=plain,
        )
        return FieldError("code", lost)
    if not is_code(plain):
        return FieldError(
            "code",
            m("%(value)s is not a code.", value=plain),
            m("1 to 40 characters, not beginning with a space, without / ? # % \\"),
        )
    return plain


@dataclass(frozen=True, slots=True)
class Field:
    """A field of an act: what it holds (`base`, `many` of it), whether it must be given, may be None, and its words."""

    name: str
    base: type
    many: bool
    optional: bool
    required: bool
    default: Any
    said: Said

    @property
    def must_hold(self) -> bool:
        """Whether it cannot be empty: it is needed, or what stands may be changed but not taken away."""
        return not (self.optional or self.many) and (self.required or self.default is msgspec.UNSET)

    def checked(self, value: Any) -> tuple[Any, FieldError | None]:  # noqa: ANN401 - any field's
        """The value as it is kept, and what is wrong with it."""
        if self.said.choices and (unknown := self._unknown(value if self.many else [value])):
            return value, FieldError(self.name, m("%(value)s is not one of the choices.", value=str(unknown[0])))
        match value:
            case str() if not isinstance(value, Enum):
                return self._text(value)
            case date():
                return value, day_fault(self.name, value)
            case int() | Decimal() if not isinstance(value, bool):
                return value, self._number(value)
            case list() if self.base is str:
                return [text for each in value if (text := each.strip())], None
            case _:
                return value, None

    def _unknown(self, chosen: Iterable[Any]) -> list[Any]:
        return [each for each in chosen if each not in (None, "", msgspec.UNSET) and each not in self.said.choices]

    def _text(self, value: str) -> tuple[str | None, FieldError | None]:
        text = value if self.said.hidden_as else value.strip()
        if not text and self.optional:
            return "" if "" in self.said.choices else None, None
        if not text and self.must_hold:
            return text, FieldError(self.name, self.said.needed)
        read = self.said.read(text) if self.said.read and text else text
        if isinstance(read, FieldError):
            return text, replace(read, field=self.name)
        # A browser sends an end of line as two characters, and counts it as one.
        if len(read) - read.count("\r\n") > self.said.longest:
            most = m("at most %(most)s characters", most=self.said.longest)
            return text, FieldError(self.name, m("The text is too long."), most)
        return read, None

    def _number(self, value: int | Decimal) -> FieldError | None:
        low, high = self.said.low, self.said.high
        finite = not isinstance(value, Decimal) or value.is_finite()
        if finite and (low is None or value >= low) and (high is None or value <= high):
            return None
        expected = m("a number from %(low)s to %(high)s", low=low, high=high)
        if high is None or low is None:
            expected = m("at least %(value)s", value=low) if high is None else m("at most %(value)s", value=high)
        return FieldError(self.name, m("The number is out of range."), expected)


class Act(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The body of an act; made with anything wrong in it, it raises `Invalid` with all that is wrong."""

    def __post_init__(self) -> None:
        """Trim and check every field, then what must hold between them."""
        faults = []
        for each in fields_of(type(self)):
            value = getattr(self, each.name)
            kept, fault = each.checked(value)
            if fault is not None:
                faults.append(fault)
            elif kept != value:
                msgspec.structs.force_setattr(self, each.name, kept)
        faults = faults or list(self.between())
        if faults:
            raise Invalid(m("The input cannot be used."), tuple(faults))

    def between(self) -> Iterable[FieldError]:
        """What is wrong between fields that are right each by itself."""
        return ()


Reason = Annotated[str, msgspec.Meta(max_length=LONGEST_TEXT), Said(m("Reason"), needed=m("A reason is needed."))]
"""Why an act is done; it is kept with the act."""


Opened = Annotated[dict[str, Any] | None, Said(m("As it was read"))]
"""The record as its writer saw it: only what differs from it is changed (`changes_of`).

The change is refused where somebody else has changed the same field since.
"""


class Why(Act, frozen=True, kw_only=True):
    """An act of which nothing need be said but why."""

    reason: Reason


def changes_of(act: Act, present: Mapping[str, Any]) -> dict[str, Any]:
    """What an act with the field `opened` changes of what stands (`channel.edits`), of what both hold."""
    fields = [each for each in fields_of(type(act)) if each.name in present]
    given = {each.name: getattr(act, each.name) for each in fields}
    wanted = {name: value for name, value in given.items() if value is not msgspec.UNSET}
    opened: Mapping[str, Any] | None = getattr(act, OPENED)
    if opened is not None:
        opened = {**opened, **{each.name: _day_read(opened.get(each.name)) for each in fields if each.base is date}}
    labels = {each.name: each.said.label for each in fields}
    return compute_changes(opened, wanted, present, labels, {each.name: each.said.choices for each in fields})


def _day_read(value: object) -> object:
    """A day of a record as it was read: JSON has it as a text."""
    if isinstance(value, str):
        with suppress(ValueError):
            return date.fromisoformat(value)
    return value


OPENED = "opened"
"""The field that holds the record as it was read; of a form, as JSON in a hidden field."""


@cache
def fields_of(shape: type[Act]) -> tuple[Field, ...]:
    """The fields of an act in their order; each must have its words."""
    hints = get_type_hints(shape, include_extras=True)
    return tuple(_field(each, hints[each.name]) for each in msgspec.structs.fields(shape))


def _field(told: msgspec.structs.FieldInfo, hint: Any) -> Field:  # noqa: ANN401 - a type
    said = next((each for each in getattr(hint, "__metadata__", ()) if isinstance(each, Said)), None)
    if said is None:
        raise TypeError(f"the field {told.name} of an act has no words")
    kinds = _kinds(hint)
    plain = [each for each in kinds if each not in (type(None), msgspec.UnsetType)]
    many = get_origin(plain[0]) is list
    base = _kinds(get_args(plain[0])[0])[0] if many else get_origin(plain[0]) or plain[0]
    default = told.default_factory() if told.default_factory is not msgspec.NODEFAULT else told.default
    return Field(told.name, base, many, type(None) in kinds, told.required, default, said)


def _kinds(hint: Any) -> list[Any]:  # noqa: ANN401 - a type
    """What a type is one of."""
    if get_origin(hint) is Annotated:
        return _kinds(get_args(hint)[0])
    if get_origin(hint) in (Union, types.UnionType):
        return [kind for each in get_args(hint) for kind in _kinds(each)]
    return [hint]

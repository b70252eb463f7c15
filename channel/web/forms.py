"""Forms of acts (`channel.acts`): drawn from an act's fields, and read into it."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import Enum
from types import MappingProxyType
from typing import Any, TypeVar

import msgspec
from litestar.datastructures import FormMultiDict

from channel.acts import A_DAY, OPENED, Act, Field, fields_of
from channel.digits import whole_number
from channel.errors import FieldError, Invalid, m
from channel.given import read_json
from channel.money import parse_decimal
from channel.web.language import Language

A = TypeVar("A", bound=Act)
_FLAGS = MappingProxyType({"yes": True, "true": True, "on": True, "no": False, "false": False})
_NOTHING: Mapping[str, Any] = MappingProxyType({})


def read_form(shape: type[A], form: FormMultiDict) -> A:
    """The act that a form holds; `Invalid` with everything that is wrong in it."""
    given: dict[str, Any] = {}
    faults = []
    for each in fields_of(shape):
        value, fault = _read(each, form)
        if fault is None and value is not None:
            value, fault = each.checked(value)
        if fault is not None:
            faults.append(fault)
        given[each.name] = value
    if faults:
        raise Invalid(m("The input cannot be used."), tuple(faults))
    return shape(**given)


def text_in(form: FormMultiDict, name: str) -> str:
    """The text under a name of a form, "" where there is none."""
    value = form.get(name)
    return value if isinstance(value, str) else ""


def _read(field: Field, form: FormMultiDict) -> tuple[Any, FieldError | None]:
    """What a form holds for a field: its default where the form does not have it, or has it empty."""
    if field.many:
        texts = [text for text in form.getall(field.name, []) if isinstance(text, str)]
        texts = texts[0].split(field.said.parted) if texts and field.said.parted else texts
        texts = [text for text in texts if text.strip()]
        read = [_value(field, text.strip()) for text in texts]
        return [value for value, _ in read], next((fault for _, fault in read if fault is not None), None)
    text = text_in(form, field.name)
    text = text if field.said.hidden_as else text.strip()
    if text:
        return _value(field, text)
    if field.base is bool and not field.optional:
        return False, None
    if field.base is str and field.must_hold and (field.required or field.name in form):
        return "", None
    if not field.required:
        return (None if field.optional and field.name in form else field.default), None
    return None, None if field.optional else FieldError(field.name, field.said.needed)


def _value(field: Field, text: str) -> tuple[Any, FieldError | None]:
    """A text as what the field holds."""
    no_choice = FieldError(field.name, m("%(value)s is not one of the choices.", value=text))
    read, wrong = _READERS.get(field.base, (field.base, no_choice))
    try:
        return read(text), None
    except ValueError:
        return text, replace(wrong, field=field.name)


def _whole(text: str) -> int:
    number = whole_number(text)
    if number is None:
        raise ValueError(text)
    return number


def _flag(text: str) -> bool:
    if text not in _FLAGS:
        raise ValueError(text)
    return _FLAGS[text]


_READERS: Mapping[type, tuple[Callable[[str], Any], FieldError]] = MappingProxyType(
    {
        date: (date.fromisoformat, FieldError("", m("This is no date."), A_DAY)),
        Decimal: (parse_decimal, FieldError("", m("This is no number."), m("a number such as 1234.50"))),
        int: (_whole, FieldError("", m("This is not a whole number."))),
        bool: (_flag, FieldError("", m("This value cannot be used."))),
        dict: (
            lambda text: read_json(text, dict[str, Any]),
            FieldError("", m("The page was too old to be sent. Please load it again and repeat the act.")),
        ),
    }
)
"""How a text is read as what is no text, and what is said where it cannot be."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A field as its macro draws it."""

    name: str
    label: str
    hint: str
    kind: str
    required: bool
    value: Any
    choices: Sequence[tuple[str, str]]
    nothing: str
    keys: str
    longest: int
    hidden_as: str


def drawn_fields(
    told: Language,
    shape: type[Act],
    values: Mapping[str, Any] = _NOTHING,
    choices: Mapping[str, Iterable[tuple[str, str]]] = _NOTHING,
    only: Sequence[str] = (),
) -> Iterator[Drawn]:
    """The fields of an act, or `only` some in this order, with what stands in them at first and what may be chosen."""
    fields = {each.name: each for each in fields_of(shape)}
    for each in map(fields.__getitem__, only or fields):
        open_choices = choices.get(each.name)
        named = [(_written(key), told.tell(name)) for key, name in each.said.choices.items()]
        yield Drawn(
            each.name,
            told.tell(each.said.label),
            told.tell(each.said.hint) if each.said.hint else "",
            _kind(each, bool(named) or open_choices is not None),
            each.must_hold or (each.base not in {str, bool, list} and not each.many and not each.optional),
            _seen(shape, values) if each.name == OPENED else _first(each, values),
            named if open_choices is None else list(open_choices),
            told.tell(each.said.nothing) if each.said.nothing else "",
            each.said.keys or {Decimal: "decimal", int: "numeric"}.get(each.base, ""),
            each.said.longest,
            each.said.hidden_as,
        )


def _seen(shape: type[Act], values: Mapping[str, Any]) -> str:
    """What the form shows, as JSON; nothing where there is no record yet."""
    shown = {each.name: values[each.name] for each in fields_of(shape) if each.name in values}
    return msgspec.json.encode(shown).decode() if shown else ""


def _first(field: Field, values: Mapping[str, Any]) -> Any:  # noqa: ANN401 - any field's
    otherwise = None if field.required or field.default is msgspec.UNSET else field.default
    value = values.get(field.name, otherwise)
    return field.said.parted.join(map(_written, value or ())) if field.said.parted else _written(value)


def _kind(field: Field, chosen: bool) -> str:  # noqa: FBT001 - whether it is chosen from a list
    if field.name == OPENED:
        return OPENED
    if chosen:
        return "several" if field.many else "choice"
    if field.said.hidden_as:
        return "password"
    if field.base is bool:
        return "check"
    if field.said.note:
        return "textarea"
    return {date: "date", Decimal: "number", int: "number"}.get(field.base, "text")


def _written(value: Any) -> Any:  # noqa: ANN401 - any field's
    """A value as a form holds it."""
    match value:
        case bool():
            return "yes" if value else "no"
        case Enum():
            return value.value
        case Decimal():
            return format(value, "f")
        case _:
            return value

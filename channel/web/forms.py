"""Forms of acts (`channel.acts`): drawn from an act's fields, and read into it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from types import MappingProxyType
from typing import Any, TypeVar

from litestar.datastructures import FormMultiDict

from channel.acts import A_DAY, Act, Field, fields_of
from channel.digits import whole_number
from channel.errors import FieldError, Invalid, Message, m
from channel.money import parse_decimal
from channel.web.language import Language

A = TypeVar("A", bound=Act)
_YES, _NO = frozenset({"yes", "true", "on"}), frozenset({"no", "false"})
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
        texts = [text for text in form.getall(field.name, []) if isinstance(text, str) and text.strip()]
        read = [_value(field, text.strip()) for text in texts]
        return [value for value, _ in read], next((fault for _, fault in read if fault is not None), None)
    text = text_in(form, field.name).strip()
    if text:
        return _value(field, text)
    if field.base is bool and not field.optional:
        return False, None
    if not field.required:
        return (None if field.optional and field.name in form else field.default), None
    if field.base is str:
        return "", None
    return None, None if field.optional else FieldError(field.name, field.said.needed)


def _value(field: Field, text: str) -> tuple[Any, FieldError | None]:
    """A text as what the field holds."""
    wrong: tuple[Message, Message | None] = (m("This value cannot be used."), None)
    try:
        if field.base is date:
            wrong = (m("This is no date."), A_DAY)
            return date.fromisoformat(text), None
        if field.base is Decimal:
            wrong = (m("This is no number."), m("a number such as 1234.50"))
            return parse_decimal(text), None
        if field.base is int:
            wrong = (m("This is not a whole number."), None)
            number = whole_number(text)
            if number is not None:
                return number, None
        elif field.base is bool:
            return text in _YES, None if text in _YES | _NO else FieldError(field.name, *wrong)
        else:
            wrong = (m("%(value)s is not one of the choices.", value=text), None)
            return (field.base(text) if issubclass(field.base, Enum) else text), None
    except ValueError:
        pass
    return text, FieldError(field.name, *wrong)


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
    longest: int


def drawn_fields(
    told: Language,
    shape: type[Act],
    values: Mapping[str, Any] = _NOTHING,
    choices: Mapping[str, Iterable[tuple[str, str]]] = _NOTHING,
    only: Sequence[str] = (),
) -> Iterator[Drawn]:
    """The fields of an act, or some of them, with what stands in them at first and what may be chosen."""
    for each in fields_of(shape):
        if only and each.name not in only:
            continue
        open_choices = choices.get(each.name)
        named = [(_written(key), told.tell(name)) for key, name in each.said.choices.items()]
        yield Drawn(
            each.name,
            told.tell(each.said.label),
            told.tell(each.said.hint) if each.said.hint else "",
            _kind(each, bool(named) or open_choices is not None),
            each.required and not each.optional,
            _written(values.get(each.name, each.default if not each.required else None)),
            named if open_choices is None else list(open_choices),
            each.said.longest,
        )


def _kind(field: Field, chosen: bool) -> str:  # noqa: FBT001 - whether it is chosen from a list
    if chosen:
        return "choice"
    if field.base is bool:
        return "check"
    if field.said.note:
        return "textarea"
    return {date: "date", Decimal: "decimal", int: "whole"}.get(field.base, "text")


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

"""Days at the edge: wherever a handler takes a day, one that nobody can mean is refused with its field's name."""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, get_args

import msgspec
from litestar.handlers import HTTPRouteHandler

from channel.acts import day_fault
from channel.errors import FieldError

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def day_fields(handler: HTTPRouteHandler) -> frozenset[str]:
    """The fields of the address and of the JSON body that hold days, by the types that the handler names.

    A field of an inner document stands behind that document's name, parted by a point, as faults tell it.
    """
    found: set[str] = set()
    signatures = [handler.parsed_fn_signature]
    signatures += [each.parsed_fn_signature for each in handler.resolve_dependencies().values()]
    for signature in signatures:
        for name, parameter in signature.parameters.items():
            if name == "data":
                found |= set(_in_type(msgspec.inspect.type_info(parameter.annotation), ""))
            elif date in (parameter.annotation, *get_args(parameter.annotation)):
                alias = getattr(parameter.kwarg_definition, "name", None)
                found.add(alias or name)
    return frozenset(found)


def _in_type(told: Any, place: str) -> Iterator[str]:  # noqa: ANN401 - msgspec's many kinds of types have no common one
    match told:
        case msgspec.inspect.DateType():
            yield place
        case msgspec.inspect.StructType(fields=fields):
            for field in fields:
                yield from _in_type(field.type, f"{place}.{field.encode_name}" if place else field.encode_name)
        case msgspec.inspect.UnionType(types=types):
            for each in types:
                yield from _in_type(each, place)
        case msgspec.inspect.ListType(item_type=item) | msgspec.inspect.VarTupleType(item_type=item):
            yield from _in_type(item, place)
        case _:
            return


def day_faults(texts: list[tuple[str, str]], fields: Mapping[str, object] | frozenset[str]) -> list[FieldError]:
    """What is wrong with the days among these texts; one that is no day at all is told where it is read."""
    return [
        fault
        for name, text in texts
        if name in fields and _DAY.fullmatch(text) and (fault := _fault(name, text)) is not None
    ]


def _fault(name: str, text: str) -> FieldError | None:
    try:
        return day_fault(name, date.fromisoformat(text))
    except ValueError:
        return None

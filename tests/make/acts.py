"""Bodies of acts, made of their fields, so that it is never the body that is refused."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import msgspec
from litestar import Litestar
from litestar.handlers import HTTPRouteHandler

from channel.acts import Act, Field, fields_of

KNOWN: Mapping[str, object] = {
    "line": "Road",
    "territory": "Harbour City",
    "dealer": "D-1",
    "currency": "EUR",
    "level": "city",
    "month": "2020-01",
    "from_on": date(2020, 1, 1),
    "locale": "en",
}
"""What fields of these names hold in the small world of the tests; codes and names that nobody has are as good."""


BESIDE: Mapping[str, Mapping[str, object]] = {
    "ProposeLimit": {"amount": "100"},
    "KeepStatement": {"figures": {"net_worth": "5"}},
    "KeepFact": {"fact": "stated_need"},
    "DraftVersion": {"document": {}},
    "EditVersion": {"document": {}},
    "PostDocuments": {
        "documents": [
            {"dealer": "D-1", "kind": "receipt", "number": "R-77", "amount": "5", "effective_on": "2021-01-01"}
        ]
    },
    "AllocateByHand": {"items": ["1=5"]},
    "EndDispute": {"outcome": "agreed"},
    "AddTask": {"due_on": "2040-01-02"},
    "SendTest": {"address": "somebody@example.com"},
    "LogContact": {"with_whom": "Lin", "said": "he pays on Monday"},
    "LogCall": {"with_whom": "Lin", "said": "he pays on Monday"},
    "CorrectContact": {"with_whom": "Ms Lin", "said": "he pays on Tuesday"},
    "EnterPromise": {"amount": "5", "due_on": "2030-01-31"},
    "WriteOff": {"items": ["1=5"]},
}
"""What an act needs beside its required fields, by what it is: `between` says so, which no field tells."""


def valid_body(shape: type[Act]) -> dict[str, Any]:
    """JSON of the act with all that it needs, and no more."""
    body = {each.name: _value(each) for each in fields_of(shape) if each.required}
    body |= BESIDE.get(shape.__name__, {})
    made: dict[str, Any] = msgspec.to_builtins(msgspec.convert(msgspec.to_builtins(body), shape))
    return {name: made[name] for name in body}


def _value(field: Field) -> object:
    known = KNOWN.get(field.name) or next(iter(field.said.choices), None)
    if known is None:
        least = field.said.low
        by_kind = {date: date(2021, 1, 1), Decimal: Decimal(least or 1), int: int(least or 1), bool: True}
        known = by_kind.get(field.base) or next(iter(getattr(field.base, "__members__", {}).values()), "agreed")
    return [known] if field.many else known


def body_of(handler: HTTPRouteHandler) -> type[Act] | None:
    """The act that an address takes, where it takes one."""
    data = handler.parsed_fn_signature.parameters.get("data")
    shape = None if data is None else data.annotation
    return shape if isinstance(shape, type) and issubclass(shape, Act) else None


def acts_of(app: Litestar) -> dict[tuple[str, str], type[Act]]:
    """Every address that takes an act, by method and path."""
    return {
        (method, route.path): shape
        for route in app.routes
        for method, (handler, _) in getattr(route, "route_handler_map", {}).items()
        if (shape := body_of(handler)) is not None
    }

"""The columns of which the rooms' tables are made: Piccolo's, but what is not given is refused and never made up.

By itself Piccolo writes '' for a text, 0 for a number and today for a date wherever a value was forgotten. A table says
of each column what the migrations say: its type, whether it may hold nothing, and what the database fills in itself.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Any, Generic, TypeVar, overload

from asyncpg import Range
from piccolo import columns
from piccolo.columns import BigSerial
from piccolo.columns.base import Column
from piccolo.columns.column_types import DEFAULT
from piccolo.table import Table

__all__ = [
    "JSON",
    "JSONB",
    "Array",
    "BigInt",
    "BigSerial",
    "Boolean",
    "Bytea",
    "Date",
    "DateRange",
    "Integer",
    "Numeric",
    "Text",
    "Timestamptz",
    "generated",
]

C = TypeVar("C", bound=Column)
T = TypeVar("T")


class OrNone(Column, Generic[T]):
    """A column that may hold nothing: Piccolo's own types leave that out."""

    default = None

    @overload
    def __get__(self, row: None, table: type[Table]) -> "OrNone[T]": ...
    @overload
    def __get__(self, row: Table, table: type[Table]) -> T | None: ...
    def __get__(self, row: Table | None, table: type[Table]) -> "OrNone[T] | T | None":
        return self if row is None else row.__dict__[self._meta.name]


class _Kind(Generic[C, T]):
    """A kind of column of Piccolo's and the type of its values."""

    def __init__(self, column: type[C], _: type[T]) -> None:
        self._column = column

    def __call__(self, **said: Any) -> C:  # noqa: ANN401 - what the kind of column can be told
        """One that always holds a value."""
        return self._column(**{"default": None} | said)

    def or_none(self, **said: Any) -> OrNone[T]:  # noqa: ANN401 - see above
        """One that may hold nothing."""
        column: Any = self(null=True, **said)
        return column  # type: ignore[no-any-return] # it gives what OrNone says


class JSON(OrNone[Any]):
    """A document as Python values, which the connection reads and writes; Piccolo's own would write it twice over."""


class JSONB(JSON):
    """The same, taken apart."""


class DateRange(OrNone[Range[Any]]):
    """Days from and to, which Piccolo does not know."""


Array = _Kind(columns.Array, list)
BigInt = _Kind(columns.BigInt, int)
Boolean = _Kind(columns.Boolean, bool)
Bytea = _Kind(columns.Bytea, bytes)
Date = _Kind(columns.Date, date)
Integer = _Kind(columns.Integer, int)
Numeric = _Kind(columns.Numeric, Decimal)
Text = _Kind(columns.Text, str)
Timestamptz = _Kind(columns.Timestamptz, datetime)


def generated(column: C) -> C:
    """A column that the database computes itself."""
    column.default = DEFAULT
    return column

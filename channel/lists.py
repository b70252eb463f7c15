"""Lists said once: which columns a list has and what each is, for pages, files and the command line alike.

A list's rows are whatever has its columns by name: a row of the database, a frozen Struct. A column bears the name of
its field in the API's JSON, so that one thing has one name everywhere.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated, Any, Generic, TypeVar

import msgspec

from channel.errors import Invalid, Message, invalid, m
from channel.given import packed, read_json, unpacked
from channel.money import check_bounds

T = TypeVar("T")
S = TypeVar("S", bound=msgspec.Struct)
E = TypeVar("E", bound=StrEnum)
MOST_ROWS = 100_000
"""Rows of a file; what is more is refused rather than cut off unseen."""


class Kind(StrEnum):
    """What stands in a column, and so how it is written, aligned, sorted and kept in a workbook."""

    TEXT = "text"
    CODE = "code"
    SERIAL = "serial"
    """The number of a thing: nothing is counted by it, so that it is neither grouped nor summed."""
    CHOICE = "choice"
    FLAG = "flag"
    COUNT = "count"
    NUMBER = "number"
    MONEY = "money"
    PERCENT = "percent"
    """A fraction: 0.071 is told as 7.1%."""
    DAY = "day"
    MONTH = "month"
    """One month, or several in their order."""
    MOMENT = "moment"


NUMBERS = frozenset({Kind.COUNT, Kind.NUMBER, Kind.MONEY, Kind.PERCENT})
"""The kinds that stand at the right and are sorted from the greatest down first."""


def several(one: str, many: str) -> tuple[str, str]:
    """A count's words, for one and for several, each with the place `%(num)s`."""
    return one, many


@dataclass(frozen=True, slots=True)
class Column:
    """A column: the field that it shows and what it is.

    `link` is an address with fields in it (`/dealers/{dealer}`); `sub` is a field told small beneath the value, and
    `currency` one that holds the code of an amount's currency: on a page neither has a column of its own then.
    `shown` is a field that a page tells in its place: the name of what files and programs have by its code.
    `nothing` are the words where there is no value. A `choice`, and a flag that has names, is told by its name in
    `choices` and, where it has one, in its colour. `places` are the decimals told of a number. `plural` tells a count
    ("%(num)s day", "%(num)s days").
    `less` says how dispensable the column is: the greater, the sooner it is left out where there is little room.
    `path` is where JSON has it, if not under its own name (`sell_in.total`).
    `by` is a field that every row has and by which it is sorted in the column's place: the size of a change.
    `wraps` says that it holds sentences, which go over several lines rather than make a table wider than its page.
    `exact` says that an amount is one of an account: also a whole one is told with every digit of its currency.
    `of` computes what a row holds otherwise than under its name. `page` is False for what only files and programs show.
    """

    name: str
    title: Message
    kind: Kind = Kind.TEXT
    link: str | None = None
    shown: str | None = None
    sub: str | None = None
    currency: str | None = None
    nothing: Message | None = None
    choices: Mapping[Any, Message] = field(default_factory=dict)
    colours: Mapping[Any, str] = field(default_factory=dict)
    places: int | None = None
    plural: tuple[str, str] | None = None
    less: int = 0
    path: str | None = None
    sort: bool = True
    by: str | None = None
    wraps: bool = False
    page: bool = True
    exact: bool = False
    of: Callable[[Any], object] | None = None

    @property
    def is_number(self) -> bool:
        """Whether it is aligned right."""
        return self.kind in NUMBERS

    @property
    def told(self) -> str:
        """Where the API's JSON has it."""
        return self.path or self.name

    def value(self, row: object) -> Any:  # noqa: ANN401 - whatever the column holds
        """What the row has in this column."""
        return self.of(row) if self.of is not None else value_of(row, self.name)


def value_of(row: Any, name: str) -> Any:  # noqa: ANN401 - rows of many shapes
    """What a row has under a name: of a mapping or a database's row its item, of anything else its attribute."""
    return row[name] if hasattr(row, "keys") else getattr(row, name)


@dataclass(frozen=True, slots=True)
class List:
    """A list: its name (also of its files), title, columns, and how it is ordered.

    `order` is the column by which it stands unless another is asked for, turned round by a minus before it; every row
    that a query gives has a value there. `key` is a
    field that no two rows share, which decides between equal ones; a minus turns it round, too. `nothing` is what is
    said where it is empty.
    """

    name: str
    title: Message
    columns: tuple[Column, ...]
    order: str
    key: str = "id"
    nothing: Message = field(default_factory=lambda: m("Nothing matches."))

    def __post_init__(self) -> None:
        """A list that names a column it has not is wrong from the start."""
        self.column(self.order.removeprefix("-"))

    def column(self, name: str) -> Column:
        """The column of this name; `KeyError` where there is none."""
        for each in self.columns:
            if each.name == name:
                return each
        raise KeyError(f"{self.name} has no column {name}")

    def on_page(self, only: Sequence[str] = ()) -> tuple[Column, ...]:
        """What a page shows: `only` these columns, or all that are not told within another."""
        if only:
            return tuple(self.column(name) for name in only)
        within = {name for each in self.columns for name in (each.sub, each.currency) if name != each.name}
        return tuple(each for each in self.columns if each.page and each.name not in within)

    @property
    def has_text_key(self) -> bool:
        """Whether the key is a text, as a column of that name says; otherwise it is a number."""
        name = self.key_name
        return any(each.name == name and each.kind not in _READ_AS for each in self.columns) or name == "key"

    @property
    def key_name(self) -> str:
        """The field that is the key."""
        return self.key.removeprefix("-")

    @property
    def sorts(self) -> tuple[str, ...]:
        """The columns by which the list can be sorted."""
        return tuple(each.name for each in self.columns if each.sort)


class Page(msgspec.Struct, Generic[T]):
    """Rows of a list, and with which `cursor` it goes on behind them; null at its end."""

    items: list[T]
    next: str | None = None

    def as_(self, told: type[S]) -> "Page[S]":
        """The same with each row told as a Struct, whose fields bear the names of the row's."""
        names = told.__struct_fields__
        return Page([told(**{name: value_of(row, name) for name in names}) for row in self.items], self.next)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rows of a list are wanted: in which order, from behind which place, how many (None: all that fit)."""

    sort: str | None = None
    cursor: str | None = None
    limit: int | None = None


ALL = Wanted()
"""All of a list, in its own order."""


@dataclass(frozen=True, slots=True)
class Order:
    """By which column a list stands, whether turned round, and behind which place it goes on: (value, key)."""

    by: Column
    turned: bool
    after: tuple[Any, Any] | None = None

    @property
    def field(self) -> str:
        """The field of the rows that decides."""
        return self.by.by or self.by.name

    def value(self, row: object) -> Any:  # noqa: ANN401 - whatever the column holds
        """What of a row decides."""
        return value_of(row, self.by.by) if self.by.by else self.by.value(row)

    @property
    def name(self) -> str:
        """The order as an address asks for it."""
        return f"-{self.by.name}" if self.turned else self.by.name


_Whole = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]
_READ_AS: Mapping[Kind, Any] = MappingProxyType(
    {
        Kind.FLAG: bool, Kind.SERIAL: _Whole, Kind.COUNT: _Whole, Kind.NUMBER: Decimal, Kind.MONEY: Decimal,
        Kind.PERCENT: Decimal,
    }
)  # fmt: skip
_GREATEST = Decimal(10) ** 30


def order_of(listed: List, wanted: Wanted) -> Order:
    """The order that is asked for, the list's own by default. An unknown one, or a foreign cursor, is refused."""
    asked = wanted.sort or listed.order
    name = asked.removeprefix("-")
    if name not in listed.sorts and asked != listed.order:
        names = ", ".join(listed.sorts)
        raise invalid("sort", m("The list cannot be sorted so."), m("One of: %(choices)s", choices=names))
    by = listed.column(name)
    order = Order(by, asked.startswith("-"))
    return replace(order, after=_read_place(listed, order, wanted.cursor)) if wanted.cursor else order


def _read_place(listed: List, order: Order, cursor: str) -> tuple[Any, Any]:
    key_type = str if listed.has_text_key else _Whole
    shape: Any = tuple[str, _READ_AS.get(order.by.kind, str) | None, key_type]  # type: ignore[misc] # known when it runs
    with suppress(ValueError):
        asked, value, key = read_json(unpacked(cursor) or b"", shape)
        if isinstance(value, Decimal) and not value.is_infinite():
            check_bounds(value, -_GREATEST, _GREATEST)
        if asked == order.name and not any(isinstance(each, str) and "\0" in each for each in (value, key)):
            return value, key
    raise no_cursor()


def no_cursor() -> Invalid:
    """What is said of a cursor that no answer gave."""
    return invalid("cursor", m("This is no cursor of this list."))


def cursor_behind(listed: List, order: Order, row: object) -> str:
    """The cursor with which the list goes on behind this row."""
    return cursor_at(order, order.value(row), value_of(row, listed.key_name))


def cursor_at(order: Order, value: object, key: object) -> str:
    """The cursor with which a list goes on behind a place in its order."""
    kept = str(value) if order.by.kind not in _READ_AS and value is not None else value
    return packed(msgspec.json.encode((order.name, kept, key)))


def page_in(rows: Iterable[T], listed: List, wanted: Wanted) -> Page[T]:
    """The page that is wanted of rows that are all at hand; those without a value come last either way."""
    order = order_of(listed, wanted)
    places = [(_place(listed, order, order.value(row), value_of(row, listed.key_name)), row) for row in rows]
    if order.after is not None:
        behind = _place(listed, order, *order.after)
        places = [each for each in places if each[0] > behind]
    places.sort(key=lambda each: each[0])
    return cut_page([row for _, row in places], listed, order, wanted.limit)


def _place(listed: List, order: Order, value: Any, key: Any) -> tuple[bool, Any, Any]:  # noqa: ANN401 - any column's
    """Where a row stands in an order, comparable with the places of the others."""
    key = key if isinstance(key, int) else str(key)
    key = _Turned(key) if listed.key.startswith("-") else key
    if value is None:
        return True, None, key
    told = value.casefold() if isinstance(value, str) else value if order.by.kind in _READ_AS else str(value)
    return False, _Turned(told) if order.turned else told, key


@dataclass(frozen=True, slots=True)
class _Turned:
    """A value that stands before all that are less."""

    value: Any

    def __lt__(self, other: "_Turned") -> bool:
        return bool(self.value > other.value)


def cut_page(rows: Sequence[T], listed: List, order: Order, limit: int | None) -> Page[T]:
    """Rows of which one more than wanted was read where there are more: the page, and its cursor only then."""
    if limit is None or len(rows) <= limit:
        return Page(list(rows))
    return Page(list(rows[:limit]), cursor_behind(listed, order, rows[limit - 1]))


def check_rows(count: int) -> None:
    """Refuse a file of more rows than one holds, rather than cut it off unseen."""
    if count > MOST_ROWS:
        narrower = m("a shorter time, or a narrower filter")
        raise invalid("q", m("More than %(most)s lines fit.", most=MOST_ROWS), narrower)


def choice_asked(kind: type[E], text: str | None, field: str) -> E | None:
    """The choice that a filter's field means: none where it was left open, `Invalid` where there is no such."""
    if not text:
        return None
    if text not in list(kind):
        raise invalid(
            field,
            m("%(value)s is not one of the choices.", value=text),
            m("One of: %(choices)s", choices=", ".join(kind)),
        )
    return kind(text)

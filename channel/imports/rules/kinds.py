"""The kinds of files that come in, and the fields of each: what they mean, what they may hold, how they are called."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from channel.errors import Message


class Kind(StrEnum):
    """What a file brings; the value is the word of the command line and the API."""

    SELL_IN = "sell-in"
    SELL_THROUGH = "sell-through"
    STOCK = "stock"
    DEALERS = "dealers"
    PRODUCTS = "products"
    TERRITORIES = "territories"
    STATEMENTS = "statements"
    RATES = "rates"


SALES = frozenset({Kind.SELL_IN, Kind.SELL_THROUGH, Kind.STOCK})
"""Kinds that are reports: they cover days of dealers and supersede."""


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
class Field:
    """A field of a kind.

    `required`: every line must have it. `places`: decimals that are stored; further ones are rounded half away
    from zero. `low`, `high`: bounds, both allowed unless `above_low`, by which the lower one itself is not.
    `choices`: stored value -> other words for it. `names`: column names by which it is recognised, English and
    Chinese, best first. `creates`: the master (`dealers`, `products`) for which the field is only needed when
    unknown ones are to be made. `plain`: the text names something and is made plain like a code, though it may
    hold what a code may not. `instead`: the field that stands in for a required one.
    `of`: the master whose code it is (`dealer`, `product`, `product_line`, `territory`).
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
    plain: bool = False
    instead: str = ""
    of: str = ""


@dataclass(frozen=True, slots=True)
class KindSpec:
    """A kind with its fields, in the order in which people are shown them."""

    kind: Kind
    label: Message
    fields: tuple[Field, ...]
    key: tuple[str, ...] = ()
    """Fields that together stand once in a file (`duplicate-key`); of reports document and line, where given."""

    def field(self, name: str) -> Field:
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


AMOUNT_LIMIT = Decimal("99999999999999.9999")
"""The largest amount and quantity that is stored: 14 digits before the point, 4 after it."""
RATE_LIMIT = Decimal(999_999_999)
RATE_PLACES = 12
TERMS_LIMIT = 365
ZERO = Decimal(0)

DEALER_TYPES = (
    ("wholesale", ("wholesaler", "批发", "坐商", "批发型", "批发商", "批发型经销商")),
    ("terminal", ("retail", "行商", "终端", "终端型", "终端型经销商")),
)
STATUSES = (
    ("prospect", ("潜在", "意向")),
    ("active", ("正常", "有效", "合作", "合作中")),
    ("on hold", ("on_hold", "hold", "暂停", "冻结")),
    ("ended", ("closed", "终止", "已终止", "停止合作")),
)
GRADES: tuple[tuple[str, tuple[str, ...]], ...] = (("AAA", ()), ("AA", ()), ("A", ()), ("B", ()), ("C", ()))

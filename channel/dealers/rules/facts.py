"""Dated facts: what may be said of a dealer, and what held on a day as it was known at a moment."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType

from babel.numbers import list_currencies

from channel.dealers.rules.kinds import ALLOWED_STATUS_CHANGES, DEALER_TYPE_NAMES, GRADES, STATUS_NAMES, Status
from channel.dealers.rules.terms import equivalent_days, read_terms, write_terms
from channel.digits import whole_number
from channel.errors import FieldError, Message, m
from channel.money import STORED_PLACES, parse_decimal
from channel.periods import Month


class Fact(StrEnum):
    """The kinds of dated facts."""

    TYPE = "type"
    TERRITORY = "territory"
    PARENT = "parent"
    GRADE = "grade"
    STATUS = "status"
    CURRENCY = "currency"
    TERMS_DAYS = "terms_days"
    TERMS = "terms"
    FIRST_YEAR_TARGET = "first_year_target"
    REPORTS_OWED = "reports_owed"
    REPORTS_DUE_DAY = "reports_due_day"
    RESPONSIBLE = "responsible"


FACT_NAMES: Mapping[Fact, Message] = MappingProxyType(
    {
        Fact.TYPE: m("Type"),
        Fact.TERRITORY: m("Territory"),
        Fact.PARENT: m("Parent dealer"),
        Fact.GRADE: m("Grade"),
        Fact.STATUS: m("Status"),
        Fact.CURRENCY: m("Currency"),
        Fact.TERMS_DAYS: m("Payment terms in days"),
        Fact.TERMS: m("Payment terms by month or in parts"),
        Fact.FIRST_YEAR_TARGET: m("Agreed first-year target"),
        Fact.REPORTS_OWED: m("Reports owed"),
        Fact.REPORTS_DUE_DAY: m("Reports due by day"),
        Fact.RESPONSIBLE: m("Responsible"),
    }
)

REASON_NEEDED = frozenset({Fact.GRADE, Fact.STATUS})
"""Facts that are decisions: they change only with a reason."""
MAY_BE_EMPTY = frozenset({Fact.PARENT, Fact.GRADE, Fact.FIRST_YEAR_TARGET, Fact.REPORTS_OWED, Fact.RESPONSIBLE})

REPORT_NAMES: Mapping[str, Message] = MappingProxyType({"sell-through": m("Sell-through"), "stock": m("Stock")})
DEFAULT_REPORTS_OWED = ("sell-through", "stock")
DEFAULT_REPORTS_DUE_DAY = 10

LONGEST_TERMS = 365
LAST_DUE_DAY = 28
LARGEST_TARGET = Decimal(10) ** 14

_CURRENCIES = frozenset(list_currencies())


def is_currency_code(text: str) -> bool:
    """Whether the text is a currency code of ISO 4217, in capitals."""
    return text in _CURRENCIES


def currency_codes() -> list[str]:
    """Every known currency code, for checks made in sets."""
    return sorted(_CURRENCIES)


def read_value(fact: Fact, text: str | None) -> str | FieldError | None:
    """The stored form of a value as people give it, or what is wrong with it; None means that nothing holds.

    For the territory, the parent and the responsible it is the code, which the caller looks up.
    """
    plain = (text or "").strip()
    if not plain:
        if fact is Fact.REPORTS_OWED and text is not None:
            return ""
        if fact in MAY_BE_EMPTY:
            return None
        return FieldError(fact.value, m("A value is needed."))
    return _READERS[fact](plain)


def _one_of(fact: Fact, choices: Iterable[str], plain: str) -> str | FieldError:
    for choice in choices:
        if plain.lower() == choice.lower():
            return choice
    return FieldError(
        fact.value,
        m("%(value)s is not one of the choices.", value=plain),
        m("One of: %(choices)s", choices=", ".join(choices)),
    )


def _whole(fact: Fact, low: int, high: int, plain: str) -> str | FieldError:
    number = whole_number(plain, high)
    if number is not None and number >= low:
        return str(number)
    return FieldError(
        fact.value,
        m("%(value)s is not a whole number in the range.", value=plain),
        m("A whole number from %(low)s to %(high)s", low=low, high=high),
    )


def read_currency(plain: str) -> str | FieldError:
    """The code of a currency in capitals, or what is wrong with it."""
    if is_currency_code(plain.upper()):
        return plain.upper()
    return FieldError(
        "currency",
        m("%(value)s is not a currency code.", value=plain),
        m("Three capital letters of ISO 4217, such as USD"),
    )


def _target(plain: str) -> str | FieldError:
    wrong = FieldError(
        "first_year_target",
        m("%(value)s is not an amount that can be a target.", value=plain),
        m("A number above 0 with at most 4 decimals"),
    )
    try:
        amount = parse_decimal(plain)
    except ValueError:
        return wrong
    if not 0 < amount < LARGEST_TARGET or amount != round(amount, STORED_PLACES):
        return wrong
    return format(amount.normalize(), "f")


def _terms(plain: str) -> str | FieldError:
    terms = read_terms(plain)
    if isinstance(terms, FieldError):
        return terms
    days = equivalent_days(terms)
    if days <= LONGEST_TERMS:
        return write_terms(terms)
    return FieldError(
        "terms",
        m("These terms are too long: %(days)s days in the mean.", days=days),
        m("at most %(most)s days", most=LONGEST_TERMS),
    )


def _reports(plain: str) -> str | FieldError:
    asked = {part.strip().lower() for part in plain.split(",") if part.strip()}
    if asked <= set(REPORT_NAMES):
        return ",".join(kind for kind in REPORT_NAMES if kind in asked)
    return FieldError(
        "reports_owed",
        m("%(value)s are not reports that a dealer owes.", value=plain),
        m("Any of: %(choices)s", choices=", ".join(REPORT_NAMES)),
    )


_READERS: Mapping[Fact, Callable[[str], str | FieldError]] = MappingProxyType(
    {
        Fact.TYPE: lambda plain: _one_of(Fact.TYPE, [t.value for t in DEALER_TYPE_NAMES], plain),
        Fact.TERRITORY: str,
        Fact.PARENT: str,
        Fact.GRADE: lambda plain: _one_of(Fact.GRADE, GRADES, plain),
        Fact.STATUS: lambda plain: _one_of(Fact.STATUS, [s.value for s in STATUS_NAMES], plain),
        Fact.CURRENCY: read_currency,
        Fact.TERMS_DAYS: lambda plain: _whole(Fact.TERMS_DAYS, 0, LONGEST_TERMS, plain),
        Fact.TERMS: _terms,
        Fact.FIRST_YEAR_TARGET: _target,
        Fact.REPORTS_OWED: _reports,
        Fact.REPORTS_DUE_DAY: lambda plain: _whole(Fact.REPORTS_DUE_DAY, 1, LAST_DUE_DAY, plain),
        Fact.RESPONSIBLE: str,
    }
)


def status_change_refused(before: Status | None, new: Status, following: Status | None) -> FieldError | None:
    """What is wrong with a status between the one that held before and the one already recorded after it.

    None for `before` is a dealer of whom no status was known, None for `following` that nothing comes after.
    """
    for earlier, later in ((before, new), (new, following)):
        if earlier is not None and later is not None and earlier is not later:
            allowed = ALLOWED_STATUS_CHANGES[earlier]
            if later not in allowed:
                return FieldError(
                    "status",
                    m(
                        "A dealer that is %(before)s cannot become %(after)s.",
                        before=STATUS_NAMES[earlier],
                        after=STATUS_NAMES[later],
                    ),
                    m("One of: %(choices)s", choices=", ".join(sorted(allowed))),
                )
    return None


@dataclass(frozen=True, slots=True)
class DatedFact:
    """One recorded value of one kind; `order` breaks ties of what was recorded at the same moment, later wins."""

    fact: Fact
    value: str | None
    effective_on: date
    recorded_at: datetime
    order: int = 0


@dataclass(frozen=True, slots=True)
class DealerFacts:
    """What held for a dealer on a day as it was known at a moment; None where nothing was known.

    `reports_owed` and `reports_due_day` carry the defaults where nothing was agreed. `appointed_on` is the first
    day, up to the day asked for, on which the dealer was active. `grade_since` and `terms_since` are the days from
    which the values hold that count. Territory, parent and responsible are ids.
    """

    dealer_id: int
    type: str | None = None
    territory_id: int | None = None
    parent_id: int | None = None
    grade: str | None = None
    status: str | None = None
    currency: str | None = None
    terms_days: int | None = None
    first_year_target: Decimal | None = None
    reports_owed: tuple[str, ...] = DEFAULT_REPORTS_OWED
    reports_due_day: int = DEFAULT_REPORTS_DUE_DAY
    appointed_on: date | None = None
    grade_since: date | None = None
    terms_since: date | None = None
    responsible_id: int | None = None


def facts_as_of(
    dealer_id: int, facts: Iterable[DatedFact], as_of: date, known_at: datetime | None = None
) -> DealerFacts | None:
    """What held on `as_of` as known at `known_at` (by all of the facts, if not given); None where nothing was known.

    Of each kind the value with the latest effective day counts, and of several for one day the last recorded.
    Here the value of a territory, a parent or a responsible is its id in digits.
    """
    known = sorted(
        (f for f in facts if f.effective_on <= as_of and (known_at is None or f.recorded_at <= known_at)),
        key=lambda f: (f.effective_on, f.recorded_at, f.order),
    )
    if not known:
        return None
    held = {f.fact: f.value for f in known}
    since = {f.fact: f.effective_on for f in known}
    status_by_day = {f.effective_on: f.value for f in known if f.fact is Fact.STATUS}
    owed = held.get(Fact.REPORTS_OWED)
    return DealerFacts(
        dealer_id,
        type=held.get(Fact.TYPE),
        territory_id=_number(held.get(Fact.TERRITORY)),
        parent_id=_number(held.get(Fact.PARENT)),
        grade=held.get(Fact.GRADE),
        status=held.get(Fact.STATUS),
        currency=held.get(Fact.CURRENCY),
        terms_days=_number(held.get(Fact.TERMS_DAYS)),
        first_year_target=None
        if held.get(Fact.FIRST_YEAR_TARGET) is None
        else Decimal(held[Fact.FIRST_YEAR_TARGET] or 0),
        reports_owed=reports_agreed(owed),
        reports_due_day=due_day_agreed(_number(held.get(Fact.REPORTS_DUE_DAY))),
        appointed_on=min((day for day, value in status_by_day.items() if value == Status.ACTIVE), default=None),
        grade_since=since.get(Fact.GRADE),
        terms_since=since.get(Fact.TERMS_DAYS),
        responsible_id=_number(held.get(Fact.RESPONSIBLE)),
    )


def reports_agreed(stored: str | None) -> tuple[str, ...]:
    """The reports that a dealer owes, from the stored fact: the default where nothing was agreed."""
    return DEFAULT_REPORTS_OWED if stored is None else tuple(kind for kind in stored.split(",") if kind)


def due_day_agreed(stored: int | None) -> int:
    """The day of the next month by which reports are due: the default where nothing was agreed."""
    return DEFAULT_REPORTS_DUE_DAY if stored is None else stored


@lru_cache(maxsize=4096)
def first_whole_month(appointed_on: date) -> Month:
    """The first month that was a dealer's whole: months before it are neither covered nor missing, nor reports owed.

    A month in which somebody became a dealer after its first day is only partly his.
    """
    month = Month.of(appointed_on)
    return month if appointed_on == month.first else month.plus(1)


def is_before_appointment(month: Month, appointed_on: date | None) -> bool:
    """Whether a month lies before the first whole one of a dealer; every month does for who was never active."""
    return appointed_on is None or month < first_whole_month(appointed_on)


def _number(text: str | None) -> int | None:
    return None if text is None else int(text)

"""A reader's language: texts by gettext, and numbers, dates and amounts as that reader writes them."""

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache, lru_cache
from importlib.resources import files
from io import BytesIO
from types import MappingProxyType
from typing import Literal

from babel.dates import format_date
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

from channel import clock
from channel.errors import Message, filled, m
from channel.money import digits_of, exact_text, round_half_away
from channel.own_words import own
from channel.periods import Month

CATALOGUE = files("channel").joinpath("locale/zh_Hans_CN/LC_MESSAGES/channel.po")
"""The one catalogue; English is the language of the texts themselves."""

LANGUAGES: Mapping[str, str] = MappingProxyType({"en": "English", "zh": "中文"})
"""The languages offered, each by its own name."""

Length = Literal["short", "medium", "long"]

_BABEL_NAMES = {"en": "en_GB", "zh": "zh_Hans_CN"}
_DATES: Mapping[str, Mapping[Length, str]] = {
    "en": {"short": "yyyy-MM-dd", "medium": "d MMM y", "long": "d MMMM y"},
    "zh": {"short": "yyyy-MM-dd", "medium": "y年M月d日", "long": "y年M月d日"},
}
_MONTHS: Mapping[str, Mapping[Length, str]] = {
    "en": {"short": "yyyy-MM", "medium": "MMM y", "long": "MMMM y"},
    "zh": {"short": "yyyy-MM", "medium": "y年M月", "long": "y年M月"},
}
_SCALES: Mapping[str, tuple[tuple[Decimal, str], ...]] = {
    "en": ((Decimal(10) ** 9, "bn"), (Decimal(10) ** 6, "M"), (Decimal(10) ** 3, "k")),
    "zh": ((Decimal(10) ** 8, "亿"), (Decimal(10) ** 4, "万")),
}
_WRITTEN_OUT = Decimal(10_000)
_GROUPED_COUNT = 10_000
_MINUS = "−"
_NARROW = "\N{NO-BREAK SPACE}"
_CENTS = 2
_MOST_PLACES = 4
_SHOWN_DIGITS = 3

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Language:
    """One of the languages offered, with all that it writes; made by `language`."""

    code: str
    texts: NullTranslations

    @property
    def tag(self) -> str:
        """What the page's `lang` says, so that fonts and speech fit."""
        return "zh-Hans" if self.code == "zh" else "en"

    def say(self, text: str, **params: object) -> str:
        """A text in this language with its values put in."""
        return self.tell(m(text, **params))

    def tell(self, message: Message | str) -> str:
        """A message in this language; its values are written as the reader writes them.

        A translation whose places do not fit its values falls back on the English text, and that on the bare text:
        a page never fails because of a word.
        """
        if isinstance(message, str):
            return message
        values = {name: self.value(value) for name, value in message.params}
        for text in (self.texts.gettext(message.text), message.text):
            try:
                return filled(text, values)
            except (KeyError, ValueError, TypeError):
                _log.warning("the places of a text do not fit its values: %r", text)
        return message.text

    def kept(self, text: str | None) -> str:
        """A text as it is kept (a reason, a note, a name): as it was written, unless the service itself wrote it."""
        return self.tell(own(text)) if text else ""

    def value(self, value: object) -> str:  # noqa: PLR0911 - one return for each kind of value
        """A value inside a text: amounts and counts grouped, dates written, messages told, the rest as it is."""
        match value:
            case Message():
                return self.tell(value)
            case bool() | None:
                return str(value)
            case Decimal():
                return self.money(value)
            case int():
                return self.number(value) if abs(value) >= _GROUPED_COUNT else str(value).replace("-", _MINUS)
            case datetime():
                return self.moment(value)
            case date():
                return self.day(value)
            case Month():
                return self.month(value)
            case list() | tuple():
                return ("、" if self.code == "zh" else ", ").join(self.value(each) for each in value)
            case _:
                return str(value)

    def number(self, x: Decimal | int | None, places: int | None = None, none: str | None = None) -> str:
        """A number, grouped by thousands; without `places` up to 4 decimals, the trailing zeros left away.

        What is not known is told as that, or as `none`; never as 0. Both languages group and point alike.
        """
        if x is None:
            return self._unknown(none)
        return _written(Decimal(x), places, least=0)

    def money(
        self, x: Decimal | int | None, currency: str | None = None, places: int | None = None, none: str | None = None
    ) -> str:
        """An amount: a whole one without decimals, another with its currency's digits, and the code after it.

        Without a currency it has 2 decimals and as many as 4; `places` says otherwise for both.
        """
        if x is None:
            return self._unknown(none)
        amount = Decimal(x)
        whole = amount == amount.to_integral_value()
        if places is None and currency and not whole:
            places = digits_of(currency)
        text = _written(amount, places, least=0 if whole else _CENTS)
        return f"{text}{_NARROW}{currency}" if currency else text

    def exact(
        self, x: Decimal | int | None, currency: str | None, none: str | None = None, *, code: bool = True
    ) -> str:
        """An amount of an account: with every digit of its currency, also a whole one, and `code` behind it."""
        return self._unknown(none) if x is None else exact_text(Decimal(x), currency, code=code)

    def signed(self, x: Decimal | int | None, places: int | None = None, none: str | None = None) -> str:
        """A difference: an amount with its sign in front, none on 0."""
        text = self.money(x, places=places, none=none)
        return f"+{text}" if x is not None and x > 0 else text

    def percent(self, x: Decimal | int | None, places: int = 0, none: str | None = None, *, sign: bool = False) -> str:
        """A fraction as a percentage: 0.071 with one place is 7.1%; `sign` shows a plus on a rise."""
        if x is None:
            return self._unknown(none)
        text = _written(Decimal(x) * 100, places, least=0) + "%"
        return f"+{text}" if sign and x > 0 and not text.startswith(_MINUS) else text

    def compact(self, x: Decimal | int | None, none: str | None = None) -> str:
        """An amount at a glance, to 3 digits: 1.31 M, 880 k, 2.1 bn; in Chinese 131 万, 1.2 亿. Small ones in full."""
        if x is None:
            return self._unknown(none)
        amount = Decimal(x)
        if abs(amount) < _WRITTEN_OUT:
            return _written(amount, 0, least=0)
        for scale, unit in reversed(_SCALES[self.code]):
            scaled = _short(amount / scale)
            following = next((big for big, _ in reversed(_SCALES[self.code]) if big > scale), None)
            if following is None or abs(scaled) < following / scale:
                return f"{_written(scaled, None, least=0)}{_NARROW}{unit}"
        raise AssertionError("the greatest scale takes every amount")

    def day(self, on: date | None, length: Length = "medium", none: str | None = None) -> str:
        """A date: 31 Mar 2027, 2027年3月31日; the short form, for columns, is 2027-03-31 in both."""
        if on is None:
            return self._unknown(none)
        return on.isoformat() if length == "short" else _dated(on, _DATES[self.code][length], self._babel)

    def month(self, of: Month | date | str | None, length: Length = "medium", none: str | None = None) -> str:
        """A month, also as JSON has it (2027-03): Mar 2027, 2027年3月; short 2027-03."""
        if of is None:
            return self._unknown(none)
        month = Month.parse(of) if isinstance(of, str) else of
        first = month.first if isinstance(month, Month) else month
        return _dated(first, _MONTHS[self.code][length], self._babel)

    def moment(self, at: datetime | None, none: str | None = None, *, seconds: bool = False) -> str:
        """A moment in the company's time zone, to the minute: 22 Nov 2026, 08:00."""
        if at is None:
            return self._unknown(none)
        here = (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(clock.zone())
        day = _dated(here.date(), _DATES[self.code]["medium"], self._babel)
        return day + (" " if self.code == "zh" else ", ") + here.strftime("%H:%M:%S" if seconds else "%H:%M")

    def weekday(self, on: date) -> str:
        """A day with its weekday: Sunday 22 November 2026, 2026年11月22日 星期日."""
        pattern = "y年M月d日 EEEE" if self.code == "zh" else "EEEE d MMMM y"
        return _dated(on, pattern, self._babel)

    def initial(self, of: Month) -> str:
        """The least mark of a month for a chart's axis: J, F, M; in Chinese its number."""
        return str(of.month) if self.code == "zh" else _dated(of.first, "MMMMM", self._babel)

    @property
    def _babel(self) -> str:
        return _BABEL_NAMES[self.code]

    def _unknown(self, none: str | None) -> str:
        return self.say("not known") if none is None else none


@cache
def language(code: str | None) -> Language:
    """The language of a code; one that is not offered, or none, is English."""
    if code == "zh":
        return Language("zh", _chinese())
    return Language("en", NullTranslations())


def translate(message: Message | str, locale: str | None) -> str:
    """A message in the language of the code `en` or `zh`."""
    return language(locale).tell(message)


def choose(person: str | None, cookie: str | None, accepted: str) -> Language:
    """The reader's language: the person's own setting, else the device's choice, else what the browser accepts."""
    for code in (person, cookie):
        if code in LANGUAGES:
            return language(code)
    return language(_first_accepted(accepted))


def stored_message(stored: Mapping[str, object] | str) -> Message:
    """The message that a decision or a reject stored, whether the driver gave it decoded or as text."""
    return Message.from_json(json.loads(stored) if isinstance(stored, str) else dict(stored))


def _chinese() -> Translations:
    with CATALOGUE.open("rb") as source:
        catalogue = read_po(source, locale="zh_Hans_CN")
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Translations(compiled)


@lru_cache(maxsize=4096)
def _dated(on: date, pattern: str, locale: str) -> str:
    """A date by a pattern; kept, because a page says the same few days many times."""
    return format_date(on, pattern, locale)


def _first_accepted(header: str) -> str | None:
    """The language offered that `Accept-Language` wants most; equal wishes go by their order."""
    wishes: list[tuple[float, str]] = []
    for part in header.split(","):
        tag, _, quality = part.strip().partition(";q=")
        code = tag.split("-")[0].lower()
        try:
            weight = float(quality or 1)
        except ValueError:
            continue
        if code in LANGUAGES and weight > 0:
            wishes.append((-weight, code))
    return min(wishes, key=lambda wish: wish[0])[1] if wishes else None


def _written(x: Decimal, places: int | None, least: int) -> str:
    rounded = round_half_away(x, _MOST_PLACES if places is None else places)
    text = f"{rounded:,f}"
    if places is None and "." in text:
        whole, _, decimals = text.partition(".")
        decimals = decimals.rstrip("0").ljust(least, "0")
        text = f"{whole}.{decimals}" if decimals else whole
    return text.replace("-", _MINUS)


def _short(x: Decimal) -> Decimal:
    """To 3 digits, but never fewer than the whole part has."""
    whole_digits = max(x.adjusted() + 1, 1)
    return round_half_away(x, max(_SHOWN_DIGITS - whole_digits, 0))

import re
from datetime import UTC, date, datetime
from decimal import Decimal

import msgspec
import pytest
from babel.numbers import format_decimal
from hypothesis import given
from hypothesis import strategies as st

from channel import clock
from channel.errors import Message, m
from channel.periods import Month
from channel.web.language import choose, language, translate

EN, ZH = language("en"), language("zh")
NBSP = "\N{NO-BREAK SPACE}"


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("0", "0"), ("-0", "0"), ("236400", "236,400"), ("236400.0000", "236,400"), ("109090.9090", "109,090.909"),
        ("163636.3636", "163,636.3636"), ("1.5", "1.50"), ("-3400", "−3,400"), ("0.00005", "0.0001"),
        ("1E+6", "1,000,000"),
    ],
)  # fmt: skip
def test_an_amount_is_grouped_with_two_to_four_decimals(amount: str, text: str) -> None:
    assert EN.money(Decimal(amount)) == text
    assert ZH.money(Decimal(amount)) == text


def test_an_amount_names_its_currency_and_what_is_missing_is_said() -> None:
    assert EN.money(Decimal("12.5"), "EUR") == f"12.50{NBSP}EUR"
    assert EN.money(Decimal("12.3456"), "EUR") == f"12.35{NBSP}EUR"
    assert EN.money(Decimal("12.6"), "JPY") == f"13{NBSP}JPY"
    assert EN.money(Decimal(12), "EUR") == f"12{NBSP}EUR"
    assert EN.money(Decimal("12.345"), places=2) == "12.35"
    assert EN.money(None) == "not known"
    assert ZH.money(None) == "未知"
    assert EN.money(None, none="no limit set") == "no limit set"


@pytest.mark.parametrize(
    ("amount", "en", "zh"),
    [
        ("0", "0", "0"),
        ("9999", "9,999", "9,999"),
        ("9999.4", "9,999", "9,999"),
        ("10000", "10 k", "1 万"),
        ("880400", "880 k", "88 万"),
        ("999499", "999 k", "99.9 万"),
        ("999500", "1 M", "100 万"),
        ("1312000", "1.31 M", "131 万"),
        ("99994999", "100 M", "9,999 万"),
        ("99995000", "100 M", "1 亿"),
        ("-2100000000", "−2.1 bn", "−21 亿"),
        ("1234567890123", "1,235 bn", "12,346 亿"),
    ],
)
def test_an_amount_at_a_glance(amount: str, en: str, zh: str) -> None:
    assert EN.compact(Decimal(amount)) == en.replace(" ", NBSP)
    assert ZH.compact(Decimal(amount)) == zh.replace(" ", NBSP)


@pytest.mark.parametrize(
    ("share", "places", "text"),
    [("0.071", 0, "7%"), ("0.071", 1, "7.1%"), ("0.005", 0, "1%"), ("-0.12", 0, "−12%"), ("1.12", 0, "112%")],
)
def test_a_share_is_a_percentage(share: str, places: int, text: str) -> None:
    assert EN.percent(Decimal(share), places) == text


def test_signs_stand_before_differences() -> None:
    assert [EN.signed(Decimal(x)) for x in (5, 0, -5)] == ["+5", "0", "−5"]
    assert EN.percent(Decimal("0.31"), sign=True) == "+31%"
    assert EN.percent(Decimal(0), sign=True) == "0%"


def test_dates_and_months_follow_the_language() -> None:
    day = date(2027, 3, 31)
    assert (EN.day(day), ZH.day(day)) == ("31 Mar 2027", "2027年3月31日")
    assert (EN.day(day, "short"), ZH.day(day, "short")) == ("2027-03-31", "2027-03-31")
    assert (EN.month(Month(2027, 3)), ZH.month(Month(2027, 3))) == ("Mar 2027", "2027年3月")
    assert (EN.weekday(day), ZH.weekday(day)) == ("Wednesday 31 March 2027", "2027年3月31日 星期三")
    assert (EN.initial(Month(2027, 3)), ZH.initial(Month(2027, 3))) == ("M", "3")


def test_a_moment_is_told_in_the_company_s_time_zone() -> None:
    at = datetime(2026, 11, 21, 23, 30, tzinfo=UTC)
    before = clock.zone().key
    clock.use_zone("Asia/Shanghai")
    try:
        assert (EN.moment(at), ZH.moment(at)) == ("22 Nov 2026, 07:30", "2026年11月22日 07:30")
    finally:
        clock.use_zone(before)


@given(st.decimals(min_value=-(10**12), max_value=10**12, places=4))
def test_numbers_agree_with_the_locale_data(x: Decimal) -> None:
    for told, locale in ((EN, "en_GB"), (ZH, "zh_Hans_CN")):
        assert told.number(x).replace("−", "-") == format_decimal(x, "#,##0.####", locale=locale)


def test_a_message_tells_its_values_as_the_reader_writes_them() -> None:
    inner = m("no report")
    message = m("%(a)s, %(d)s, %(n)s, %(o)s, %(w)s", a=Decimal("1234.5"), d=date(2026, 1, 2), n=18204, o=2013, w=inner)
    assert translate(message, "en") == "1,234.50, 2 Jan 2026, 18,204, 2013, no report"
    assert translate(message, "zh") == "1,234.50, 2026年1月2日, 18,204, 2013, 无报表"
    assert translate(m("%(l)s", l=("a", "b")), "zh") == "a、b"


def test_a_text_that_does_not_fit_its_values_is_still_told() -> None:
    assert translate(Message("100% of %(what)s", (("what", "it"),)), "en") == "100% of %(what)s"
    assert translate(Message("%(gone)s", (("other", 1),)), "zh") == "%(gone)s"
    assert translate(m("5% more"), "zh") == "5% more"


@pytest.mark.parametrize(
    ("person", "cookie", "accepted", "code"),
    [
        ("zh", "en", "en", "zh"),
        (None, "zh", "en", "zh"),
        (None, None, "zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        (None, None, "fr, en;q=0.3, zh;q=0.6", "zh"),
        (None, None, "zh;q=0, fr", "en"),
        (None, None, "en-US,zh;q=0.9", "en"),
        (None, "xx", "", "en"),
        ("xx", None, ";;q=x,,", "en"),
    ],
)
def test_the_person_s_setting_goes_before_the_device_s_and_the_browser_s(
    person: str | None, cookie: str | None, accepted: str, code: str
) -> None:
    assert choose(person, cookie, accepted).code == code


def test_a_message_inside_a_message_is_told_in_the_reader_s_language_after_it_was_stored() -> None:
    said = m("Nothing was proposed: %(why)s.", why=m("the limit in force is the same"))
    stored = Message.from_json(msgspec.json.decode(msgspec.json.encode(said.as_json())))
    assert stored == said
    assert language("en").tell(stored) == "Nothing was proposed: the limit in force is the same."
    assert re.search("[a-z]", language("zh").tell(stored)) is None

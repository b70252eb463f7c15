"""What cells of text mean."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channel.errors import Message
from channel.imports.loader import specs
from channel.imports.rules.dates import date_patterns, parse_date, written
from channel.imports.rules.kinds import FileField, Type
from channel.imports.rules.numbers import UNDECIDED, Marks, mark_of, marks_of, parse_number
from channel.imports.rules.reasons import code_of
from channel.imports.rules.rows import parse_cell, path_of, territory_nodes
from tests.make.rows import parse_row

DAY = date(2010, 12, 29)


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("2010-12-29", None),
        ("2010-12-29 00:00:00", None),
        ("2010-12-29 00:00:00.000", None),
        ("2010-12-29T00:00", None),
        ("2010-12-29 18:05:59", None),
        ("20101229", None),
        ("2010/12/29", None),
        ("2010.12.29", None),
        ("2010年12月29日", None),
        ("２０１０年１２月２９日", None),
        (" 2010-12-29\u00a0", None),
        ("12/29/2010", "M/D/YYYY"),
        ("29.12.2010", "DD.MM.YYYY"),
        ("29.12.2010 00:00", "D.M.YYYY"),
        ("29/12/2010", "%d/%m/%Y"),
        ("29122010", "DDMMYYYY"),
        ("2010年12月29日", "YYYY年M月D日"),
        ("2010-12-29 星期三", None),
        ("2010-12-29 12:00:00 AM", None),
        ("12/29/2010 12:00:00 AM", "M/D/YYYY"),
        ("12/29/10 8:26", "M/D/YY"),
        ("29.12.10", "DD.MM.YY"),
        ("10-12-29", "YY-MM-DD"),
        ("101229", "YYMMDD"),
        ("12/29/2010", "M/D/YY"),
        ("29-Dec-2010", None),
        ("29 December 2010", None),
        ("Dec 29, 2010", None),
        ("December 29, 2010 14:05", None),
        ("Wednesday, December 29, 2010", None),
        ("29-Dec-10", "D-MMM-YY"),
        ("29-DEC-10", "%d-%b-%y"),
        ("20101229.0", None),
        ("20101229.0", "YYYYMMDD"),
        ("民國99年12月29日", None),
        ("民国 99/12/29", None),
        ("99/12/29", "ROC/M/D"),
        ("民國99年12月29日", "ROC年M月D日"),
        ("'2010-12-29", None),
        ('="2010-12-29"', None),
        ("\u200e2010-12-29", None),
        ("2010‑12–29", None),
    ],
)
def test_dates_that_are_read(text: str, form: str | None) -> None:
    assert parse_date(text, form) == DAY


@pytest.mark.parametrize(
    ("text", "form", "code"),
    [
        ("12/29/2010", None, "date-needs-form"),
        ("29.12.2010", None, "date-needs-form"),
        ("26-11-05", None, "date-needs-form"),
        ("5-Nov-26", None, "date-needs-form"),
        ("115/11/5", None, "date-needs-form"),
        ("2010-02-29", None, "no-such-day-2"),
        ("2010-11-31", None, "no-such-day-11"),
        ("2010-01-32", None, "no-such-day"),
        ("2010-01-00", None, "no-such-day"),
        ("2010-13-01", None, "no-such-month"),
        ("29-Brr-2010", None, "no-such-month"),
        ("2010-12-29", "M/D/YYYY", "bad-date"),
        ("29/12/2010", "M/D/YYYY", "no-such-month"),
        ("2010-12-29T00:00:00Z", None, "date-with-zone"),
        ("2010-12-29T16:30:00.000Z", None, "date-with-zone"),
        ("2010-12-29 00:00:00+08:00", None, "date-with-zone"),
        ("2010-12", None, "month-only"),
        ("2010年12月", None, "month-only"),
        ("40541", None, "day-number"),
        ("201012290", None, "bad-date"),
        ("yesterday", None, "bad-date"),
        ("1899-12-31", None, "date-out-of-range"),
        ("2200-01-01", None, "date-out-of-range"),
    ],
)
def test_dates_that_are_not(text: str, form: str | None, code: str) -> None:
    told = parse_date(text, form)
    assert isinstance(told, Message)
    assert code_of(told) == code


@pytest.mark.parametrize("form", ["YYYY", "M/D", "D/M/YYYY/D", "DMYYYY", "YYYY-MM-DDx", "hh:mm"])
def test_forms_that_name_no_day_are_refused(form: str) -> None:
    with pytest.raises(ValueError, match=r"date form|touch"):
        date_patterns(form)


@pytest.mark.parametrize(("short", "year"), [("00", 2000), ("69", 2069), ("70", 1970), ("99", 1999)])
def test_years_of_two_digits_are_those_from_1970_to_2069(short: str, year: int) -> None:
    assert parse_date(f"1/2/{short}", "M/D/YY") == date(year, 1, 2)


def test_a_day_that_does_not_exist_is_said_so() -> None:
    assert str(parse_date("2026-11-31")) == "“2026-11-31”: there is no 31 November 2026."
    assert str(parse_date("31.11.26", "D.M.YY")) == "“31.11.26”: there is no 31 November 2026."


FORMS = ("M/D/YYYY", "DD.MM.YY", "D-MMM-YYYY", "MMMM D, YYYY", "YYYYMMDD", "ROC/M/D", "YYYY-DD-MM", "%d/%m/%y")


@given(st.dates(min_value=date(1912, 1, 1), max_value=date(2199, 12, 31)), st.sampled_from((None, *FORMS)))
def test_a_day_written_in_a_form_is_read_by_it(day: date, form: str | None) -> None:
    assert parse_date(written(day, form), form) == day


@given(st.dates(min_value=date(1900, 1, 1), max_value=date(2199, 12, 31)))
def test_every_day_is_read_in_every_form(day: date) -> None:
    for form, text in (
        (None, day.isoformat()),
        (None, f"{day.year}年{day.month}月{day.day}日"),
        (None, f"{day:%Y%m%d}"),
        ("M/D/YYYY", f"{day.month}/{day.day}/{day.year}"),
        ("DD.MM.YYYY", f"{day:%d.%m.%Y}"),
    ):
        assert parse_date(text, form) == day


@pytest.mark.parametrize(
    ("text", "decimal", "value"),
    [
        ("1234.5", ".", "1234.5"),
        ("1,234.50", ".", "1234.50"),
        ("1,234,567", ".", "1234567"),
        ("1 234.5", ".", "1234.5"),
        ("1'234.5", ".", "1234.5"),
        ("1\u202f234", ".", "1234"),
        ("1.234,50", ",", "1234.50"),
        ("1234,5", ",", "1234.5"),
        ("(1,234.50)", ".", "-1234.50"),
        ("（１２）", ".", "-12"),
        ("12-", ".", "-12"),
        ("-12", ".", "-12"),
        ("−12", ".", "-12"),
        ("+12", ".", "12"),
        (".5", ".", "0.5"),
        ("5.", ".", "5"),
        ("１，２３４．５", ".", "1234.5"),
        ("6.6668888962965404E-4", ".", "0.00066668888962965404"),
        ("1e3", ".", "1000"),
        ("0.99980003999200195", ".", "0.99980003999200195"),
        ("(0)", ".", "0"),
        ("1’234.50", ".", "1234.50"),
        ("1\u2009234.50", ".", "1234.50"),
        ("–1,234.50", ".", "-1234.50"),
        ("1,234.50-", ".", "-1234.50"),
        ("\u200e1234.5", ".", "1234.5"),
        ("'1234.5", ".", "1234.5"),
        ("¥1,234.50", ".", "1234.50"),
        ("￥-1,234.50", ".", "-1234.50"),
        ("$(5)", ".", None),
        ("($5)", ".", "-5"),
        ("US$ 5", ".", "5"),
        ("1,234.50 元", ".", "1234.50"),
        ("CNY 1,234.50", ".", "1234.50"),
        ("1.234,50 EUR", ",", "1234.50"),
        ("人民币 5", ".", "5"),
        ("1234.50CR", ".", "-1234.50"),
        ("1234.50 Dr", ".", "1234.50"),
        ("1.2万", ".", "12000"),
        ("1.2亿元", ".", "120000000"),
    ],
)
def test_numbers_that_are_read(text: str, decimal: str, value: str | None) -> None:
    read = parse_number(text, decimal)
    assert read == Decimal(value) if value is not None else isinstance(read, Message)


def test_indian_groups_are_read_where_they_are_set() -> None:
    assert parse_number("12,34,567.00", ".", "indian") == Decimal(1234567)
    assert parse_number("1,234,567.00", ".", "indian") == Decimal(1234567)
    assert isinstance(parse_number("12,34,567.00"), Message)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "not-a-number"),
        ("-", "dash"),
        ("1,5", "not-a-number"),
        ("1,23,456", "not-a-number"),
        ("12,34", "not-a-number"),
        ("1.2.3", "not-a-number"),
        ("1e999999", "not-a-number"),
        ("1e100", "not-a-number"),
        ("NaN", "not-finite"),
        ("Infinity", "not-finite"),
        ("0x1F", "hexadecimal"),
        ("1_000", "not-a-number"),
        ("(-5)", "not-a-number"),
        ("--5", "not-a-number"),
        ("-5-", "not-a-number"),
        ("-5CR", "number-with-unit"),
        ("$5 EUR", "not-a-number"),
        ("5%", "percentage"),
        ("1台", "number-with-unit"),
        ("5 pcs", "number-with-unit"),
        ("5 PCS", "number-with-unit"),
        ("#N/A", "error-value"),
        ("٣", "not-a-number"),
        ("1,234 567", "not-a-number"),
        (".", "not-a-number"),
        ("1" * 41, "not-a-number"),
    ],
)
def test_numbers_that_are_not(text: str, code: str) -> None:
    told = parse_number(text)
    assert isinstance(told, Message)
    assert code_of(told) == code


@pytest.mark.parametrize(
    ("text", "mark"),
    [
        ("1234", ""),
        ("1.5", "."),
        ("0.125", "."),
        (".5", "."),
        ("1234.567", "."),
        ("1 234.567", "."),
        ("1,234.50", "."),
        ("¥1,234.50", "."),
        ("1,234,567", "."),
        ("12,34,567", "."),
        ("1.234,50", ","),
        ("1.234.567", ","),
        ("1 234,5", ","),
        ("1'234,567", ","),
        ("1.234", UNDECIDED),
        ("-1.234", UNDECIDED),
        ("1,234", UNDECIDED),
        ("1,5", UNDECIDED),
        ("1.2.3", ""),
        ("n.a.", ""),
    ],
)
def test_which_mark_a_cell_shows(text: str, mark: str) -> None:
    assert mark_of(text) == mark


@pytest.mark.parametrize(
    ("texts", "mark"),
    [
        (["1", "2"], "."),
        (["1.234", "1,5"], UNDECIDED),
        (["1,5"], UNDECIDED),
        (["1.234", "2.5"], "."),
        (["1,234", "2.5"], "."),
        (["1.234", "1.234,50"], ","),
        (["1,5", "1.234,50"], ","),
        (["2.5", "1.234,50"], UNDECIDED),
        (["2.5"] * 9 + ["1.234,50"], "."),
    ],
)
def test_which_mark_a_column_shows(texts: list[str], mark: str) -> None:
    assert marks_of(texts).decided == mark


@given(st.lists(st.decimals(allow_nan=False, min_value=-(10**6), max_value=10**6, places=3), min_size=1))
def test_plain_numbers_show_the_same_mark_together_as_one_by_one(numbers: list[Decimal]) -> None:
    texts = [f"{x:f}" for x in numbers]
    together = Marks()
    together.see_plain("\n".join(texts) + "\n")
    assert together.decided == marks_of(texts).decided


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**13), max_value=10**13, places=4))
def test_a_number_with_separators_is_the_number_without(x: Decimal) -> None:
    assert parse_number(f"{x:,f}") == x
    assert parse_number(f"{x:,f}".translate(str.maketrans(",.", ".,")), ",") == x
    assert parse_number(f"{x:f}") == x


@given(st.text(st.sampled_from("0123456789.,'-+()eE CRD¥万"), max_size=12), st.sampled_from(".,"))
def test_whatever_is_read_is_finite_and_nothing_fails(text: str, decimal: str) -> None:
    value = parse_number(text, decimal)
    assert isinstance(value, Message) or value.is_finite()
    mark_of(text)


def field(kind: str, name: str) -> FileField:
    return specs()[kind].field(name)


@pytest.mark.parametrize(
    ("kind", "name", "text", "value"),
    [
        ("sell-in", "amount", "2024.9940", Decimal("2024.9940")),
        ("sell-in", "amount", "0.00005", Decimal("0.0001")),
        ("sell-in", "amount", "-0.00005", Decimal("-0.0001")),
        ("sell-in", "amount", "99999999999999.9999", Decimal("99999999999999.9999")),
        ("sell-in", "currency", " usd ", "USD"),
        ("sell-in", "currency", "", None),
        ("stock", "amount", "", None),
        ("stock", "quantity", "0", Decimal("0.0000")),
        ("dealers", "type", "坐商", "wholesale"),
        ("dealers", "type", "行商", "terminal"),
        ("dealers", "type", "Wholesale", "wholesale"),
        ("dealers", "terms_days", "30", 30),
        ("dealers", "terms_days", "365", 365),
        ("dealers", "terms_days", "30.0", 30),
        ("dealers", "grade", "aaa", "AAA"),
        ("dealers", "status", "on hold", "on hold"),
        ("dealers", "lines", "Road；Touring、Road", ("Road", "Touring")),
        ("dealers", "exclusivity_wanted", "是", True),
        ("dealers", "exclusivity_wanted", "No", False),
        ("dealers", "territory", " 华东 / 上海 ", "华东/上海"),
        ("dealers", "code", "D-1 北京", "D-1 北京"),
        ("dealers", "code", "Ｄ１０１４", "D1014"),
        ("dealers", "code", "D\xad1014\u200b\u00a0", "D1014"),
        ("dealers", "code", "D\u20111014", "D-1014"),
        ("dealers", "code", "'00731", "00731"),
        ("dealers", "code", '="00731"', "00731"),
        ("dealers", "code", "1E10", "1E10"),
        ("dealers", "code", "12E3", "12E3"),
        ("dealers", "territory", "华东／上海\u200b", "华东/上海"),
        ("sell-in", "document", "INV\u20111\u200b", "INV-1"),
        ("rates", "rate", "0.00066668888962965404", Decimal("0.000666688890")),
        ("statements", "net_worth", "(1,000)", Decimal("-1000.0000")),
    ],
)
def test_cells_of_fields(kind: str, name: str, text: str, value: object) -> None:
    assert parse_cell(field(kind, name), text) == value


@pytest.mark.parametrize(
    ("kind", "name", "text", "code"),
    [
        ("sell-in", "dealer", " ", "missing"),
        ("sell-in", "amount", "100000000000000", "out-of-range"),
        ("sell-in", "amount", "1e99", "out-of-range"),
        ("sell-in", "currency", "US$", "bad-currency"),
        ("sell-in", "document", "x" * 61, "too-long"),
        ("stock", "quantity", "-1", "out-of-range"),
        ("dealers", "terms_days", "366", "out-of-range"),
        ("dealers", "terms_days", "30.5", "not-a-whole-number"),
        ("dealers", "type", "Warehouse", "not-a-choice"),
        ("dealers", "code", "a/b", "bad-code"),
        ("dealers", "code", "a\u2105b", "bad-code"),
        ("dealers", "code", "a\u2028b", "bad-code"),
        ("dealers", "code", "9.13101E+17", "code-lost-digits"),
        ("sell-in", "document", "9.13101E+17", "code-lost-digits"),
        ("dealers", "code", "x" * 41, "bad-code"),
        ("rates", "rate", "0", "out-of-range"),
        ("rates", "rate", "-1", "out-of-range"),
        ("rates", "rate", "0.0000000000001", "out-of-range"),
    ],
)
def test_cells_that_do_not_fit(kind: str, name: str, text: str, code: str) -> None:
    told = parse_cell(field(kind, name), text)
    assert isinstance(told, Message)
    assert code_of(told) == code


def test_a_row_tells_everything_that_is_wrong_with_it() -> None:
    cells = {"dealer": "D1", "date": "x", "product": "P", "quantity": "1", "amount": "y", "currency": "EUR"}
    values, wrong = parse_row(specs()["sell-in"], cells)
    assert [(name, code_of(told)) for name, told in wrong] == [("date", "bad-date"), ("amount", "not-a-number")]
    assert values["quantity"] == Decimal(1)
    assert values["cost"] is None


def test_a_territory_has_a_path_or_code_name_and_level() -> None:
    spec = specs()["territories"]
    assert parse_row(spec, {"path": "a/b"})[1] == ()
    assert parse_row(spec, {"code": "E", "name": "East", "level": "region"})[1] == ()
    assert {name for name, _ in parse_row(spec, {"code": "E"})[1]} == {"name", "level"}
    assert code_of(parse_row(spec, {"code": "E", "name": "x", "level": "y", "parent": "E"})[1][0][1]) == "own-parent"


def test_a_path_becomes_its_territories() -> None:
    assert territory_nodes(" 华东 / 上海 //徐汇", "大区/城市") == (
        ("华东", "华东", "大区", None),
        ("华东/上海", "上海", "城市", "华东"),
        ("华东/上海/徐汇", "徐汇", "3", "华东/上海"),
    )
    assert path_of("／a／ b ") == "a/b"


def test_every_field_of_every_kind_is_whole() -> None:
    for spec in specs().values():
        assert len(set(spec.names)) == len(spec.names)
        assert set(spec.key) <= set(spec.names)
        for each in spec.fields:
            assert bool(each.choices) == (each.type is Type.CHOICE)
            if each.type in {Type.DECIMAL, Type.WHOLE}:
                assert each.low is not None
                assert each.high is not None
            assert each.names == tuple(dict.fromkeys(each.names))
            assert any(not name.isascii() for name in each.names), f"{each.name} has no Chinese name"

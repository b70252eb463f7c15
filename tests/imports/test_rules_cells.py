"""What cells of text mean."""

import re
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channel.errors import Message
from channel.imports.rules.cells import date_patterns, number_pattern, parse_date, parse_number
from channel.imports.rules.kinds import Field, Kind, Type
from channel.imports.rules.reasons import code_of
from channel.imports.rules.rows import parse_cell, parse_row, path_of, territory_nodes
from channel.imports.rules.spec import SPECS

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
    ],
)
def test_dates_that_are_read(text: str, form: str | None) -> None:
    assert parse_date(text, form) == DAY


@pytest.mark.parametrize(
    ("text", "form", "code"),
    [
        ("12/29/2010", None, "bad-date"),
        ("29.12.2010", None, "bad-date"),
        ("2010-02-29", None, "bad-date"),
        ("2010-13-01", None, "bad-date"),
        ("2010-12-29", "M/D/YYYY", "bad-date"),
        ("29/12/2010", "M/D/YYYY", "bad-date"),
        ("2010-12-29T00:00:00Z", None, "bad-date"),
        ("2010-12-29 00:00:00+08:00", None, "bad-date"),
        ("40541", None, "bad-date"),
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
    ],
)
def test_numbers_that_are_read(text: str, decimal: str, value: str) -> None:
    assert parse_number(text, decimal) == Decimal(value)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "-",
        "1,5",
        "1,23,456",
        "12,34",
        "1.2.3",
        "1e999999",
        "1e100",
        "NaN",
        "Infinity",
        "0x10",
        "1_000",
        "(-5)",
        "--5",
        "-5-",
        "5%",
        "$5",
        "٣",
        "1,234 567",
        ".",
        "1" * 41,
    ],
)
def test_numbers_that_are_not(text: str) -> None:
    told = parse_number(text)
    assert isinstance(told, Message)
    assert code_of(told) == "not-a-number"


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**13), max_value=10**13, places=4))
def test_a_number_with_separators_is_the_number_without(x: Decimal) -> None:
    assert parse_number(f"{x:,f}") == x
    assert parse_number(f"{x:,f}".translate(str.maketrans(",.", ".,")), ",") == x
    assert parse_number(f"{x:f}") == x


@given(st.text(st.sampled_from("0123456789.,'-+()eE "), max_size=12))
def test_whatever_matches_the_pattern_is_a_number(text: str) -> None:
    value = parse_number(text)
    assert isinstance(value, Decimal) == bool(re.match(number_pattern(), text.strip()))
    if isinstance(value, Decimal):
        assert value.is_finite()


def field(kind: str, name: str) -> Field:
    return SPECS[Kind(kind)].field(name)


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
    values, wrong = parse_row(SPECS[Kind.SELL_IN], cells)
    assert [(name, code_of(told)) for name, told in wrong] == [("date", "bad-date"), ("amount", "not-a-number")]
    assert values["quantity"] == Decimal(1)
    assert values["cost"] is None


def test_a_territory_has_a_path_or_code_name_and_level() -> None:
    spec = SPECS[Kind.TERRITORIES]
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
    for spec in SPECS.values():
        assert len(set(spec.names)) == len(spec.names)
        assert set(spec.key) <= set(spec.names)
        for each in spec.fields:
            assert bool(each.choices) == (each.type is Type.CHOICE)
            if each.type in {Type.DECIMAL, Type.WHOLE}:
                assert each.low is not None
                assert each.high is not None
            assert each.names == tuple(dict.fromkeys(each.names))
            assert any(not name.isascii() for name in each.names), f"{each.name} has no Chinese name"

"""Small files that were refused or misread: what their cells mean."""

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from channel import files
from channel.database import db
from channel.imports.service.loads import LoadWish
from tests.make.sales import loaded, make_loader, make_masters

CASES = Path(__file__).parent / "cases"
NOVEMBER = {"period": "2026-11"}


def case(name: str) -> bytes:
    return (CASES / name).read_bytes()


async def lines(kind: str = "sell-through") -> list[Any]:
    async with db.held(db.EVERYTHING):
        return await db.fetch(
            "SELECT on_date, quantity, amount FROM sales_line WHERE kind = $1 AND closed_by IS NULL ORDER BY id", kind
        )


@pytest.fixture
async def masters(database: str) -> dict[str, int]:
    products = [(code, "Line") for code in ("AC10", "85123A", "71053", "84406B")]
    rates = [("CNY", date(2026, 10, 31) + timedelta(weeks=week), "0.14") for week in range(5)]
    rates.append(("CNY", date(2024, 2, 29), "0.14"))
    return await make_masters((("D1014", "CNY"), ("17850", "USD")), products, rates)


def wrong(result: dict[str, Any]) -> dict[int, str]:
    return {line: "; ".join(f"{field}: {text}" for field, text in reasons) for line, reasons in result["rejects"]}


@pytest.mark.parametrize("form", ["", "M/D/YYYY", "DD.MM.YY", "YYYY-DD-MM"])
async def test_days_of_a_workbook_pass_whatever_form_is_set(masters: dict[str, int], form: str) -> None:
    result = await loaded(await make_loader(), "sell-through", case("dates_all_cells.xlsx"), date_format=form)
    assert result["state"] == "loaded", result
    assert [row["on_date"] for row in await lines()] == [date(2026, 11, 5), date(2026, 11, 13)]


async def test_a_moment_never_rolls_into_the_next_day(masters: dict[str, int]) -> None:
    result = await loaded(await make_loader(), "sell-through", case("dates_end_of_day.xlsx"))
    assert result["state"] == "loaded", result
    assert [row["on_date"] for row in await lines()] == [date(2026, 10, 31)]


def workbook(path: Path, *rows: list[Any], formats: tuple[str, ...] = ()) -> bytes:
    """A workbook of the usual columns; dates as days, the columns otherwise in these formats."""
    with xlsxwriter.Workbook(str(path), {"default_date_format": "yyyy-mm-dd"}) as book:
        page = book.add_worksheet()
        made = [book.add_format({"num_format": code}) if code else None for code in formats]
        page.write_row(0, 0, ["Dealer", "Date", "Product", "Quantity", "Amount"])
        for line, row in enumerate(rows, 1):
            for place, value in enumerate(row):
                page.write(line, place, value, made[place] if place < len(made) and made[place] else None)
    return path.read_bytes()


async def test_texts_beside_days_are_read_by_the_form_and_come_back_so(masters: dict[str, int], tmp_path: Path) -> None:
    content = workbook(
        tmp_path / "a.xlsx",
        ["D1014", date(2026, 11, 5), "AC10", 1, 1.234],
        ["D1014", "6.11.2026", "AC10", 1, "1.234,50"],
        ["D1014", date(2026, 11, 7), "AC99", 1, 2.5],
    )
    asked: dict[str, Any] = {"date_format": "D.M.YYYY", "decimal": ",", **NOVEMBER}
    result = await loaded(await make_loader(), "sell-through", content, "a.xlsx", **asked, partial=True)
    assert [tuple(row) for row in await lines()] == [
        (date(2026, 11, 5), 1, Decimal("1.2340")),
        (date(2026, 11, 6), 1, Decimal("1234.5000")),
    ]
    async with db.held(db.EVERYTHING):
        assert await db.fetchval("SELECT cells FROM import_reject") == ["D1014", "07.11.2026", "AC99", "1", "2,5"]
    assert list(wrong(result)) == [4]


async def test_amounts_are_what_a_cell_holds_whatever_its_format_shows(masters: dict[str, int], tmp_path: Path) -> None:
    row = ["D1014", date(2026, 11, 5), "AC10", 5, 1234567.5]
    content = workbook(tmp_path / "a.xlsx", row, formats=("", "", "", '0"台"', "#,##0,"))
    result = await loaded(await make_loader(), "sell-through", content, "a.xlsx")
    assert result["state"] == "loaded", result
    assert [tuple(row) for row in await lines()] == [(date(2026, 11, 5), 5, Decimal("1234567.5000"))]


async def test_codes_are_what_a_spreadsheet_shows(database: str) -> None:
    await make_masters((("D1", "USD"),), territory="E-SH-1")
    result = await loaded(await make_loader(), "dealers", case("codes_by_number_format.xlsx"))
    assert result["state"] == "loaded", result
    async with db.held(db.EVERYTHING):
        found = await db.fetch("SELECT code FROM dealer WHERE code <> 'D1' ORDER BY id")
    assert [row["code"] for row in found] == ["000731", "D2999", "12-345"]


@pytest.mark.parametrize("code", [913101234567890123, 1e18, 1e15, "9.13101E+17", date(2026, 10, 5)])
async def test_a_code_that_lost_digits_is_refused(masters: dict[str, int], tmp_path: Path, code: object) -> None:
    content = workbook(tmp_path / "a.xlsx", [code, date(2026, 11, 5), "AC10", 1, 1])
    result = await loaded(await make_loader(), "sell-through", content, "a.xlsx")
    assert result["state"] == "refused"
    assert "give the column the format of a text" in wrong(result)[2]


def test_fifteen_digits_are_a_code(tmp_path: Path) -> None:
    workbook(tmp_path / "a.xlsx", [999999999999999, 1, 1, 1, 1])
    shape = files.sniff(tmp_path / "a.xlsx")
    assert next(files.read_rows(tmp_path / "a.xlsx", shape)).cells[0] == "999999999999999"


READ_WITHOUT_A_FORM = {2, 3, 4, 5, 6, 8, 9, 10, 11, 14, 15, 16, 17, 25, 28, 30, 31, 32, 33, 34}
"""Lines of date_forms.csv that name one day and no other, whoever reads them."""


async def test_dates_are_read_where_they_name_one_day(masters: dict[str, int]) -> None:
    result = await loaded(await make_loader(), "sell-through", case("date_forms.csv"), partial=True)
    told = wrong(result)
    assert set(range(2, 35)) - told.keys() == READ_WITHOUT_A_FORM
    days = {row["on_date"] for row in await lines()}
    assert days == {date(2026, 11, 5), date(2024, 2, 29)}
    many_ways = "can be read in more than one way"
    for line, why in {
        7: many_ways,
        12: many_ways,
        13: many_ways,
        18: "a spreadsheet's number for a day",
        19: "names a time zone",
        20: "names a time zone",
        21: "names a time zone",
        22: many_ways,
        23: "there is no 31 November 2026",
        24: "there is no 29 February 2026",
        26: "is a month",
        27: "is a month",
        29: many_ways,
    }.items():
        assert why in told[line], (line, told[line])


@pytest.mark.parametrize(
    ("form", "line"), [("M/D/YYYY", 7), ("D-MMM-YY", 12), ("DD.MM.YY", 13), ("YY-MM-DD", 22), ("ROC/M/D", 29)]
)
async def test_dates_are_read_by_a_form_where_one_is_needed(masters: dict[str, int], form: str, line: int) -> None:
    rows = case("date_forms.csv").decode().splitlines()
    content = "\n".join([rows[0], rows[line - 1]]).encode()
    result = await loaded(await make_loader(), "sell-through", content, date_format=form)
    assert result["state"] == "loaded", result
    assert [row["on_date"] for row in await lines()] == [date(2026, 11, 5)]


async def test_numbers_are_read_as_people_write_them(masters: dict[str, int]) -> None:
    result = await loaded(await make_loader(), "sell-through", case("number_forms.csv"), partial=True, **NOVEMBER)
    told = wrong(result)
    amounts = {row["on_date"].day: row["amount"] for row in await lines()}
    full = {day: Decimal("1234.5") for day in (1, 2, 3, 4, 5, 10, 11, 12, 18)}
    negative = {day: Decimal("-1234.5") for day in (6, 7, 8, 9, 20)}
    assert amounts == full | negative | {16: 1234, 17: 12000, 23: 1000}
    for day, why in {
        13: "amount: “12,34,567.00” is not a number with “.” before its decimals",
        14: "amount: “1.234,50” is not a number with “.” before its decimals",
        15: "amount: “1,5” is not a number with “.” before its decimals",
        19: "quantity: “1台” has a unit",
        21: "amount: “5%” is a percentage",
        22: "amount: “-” is a dash",
        24: "amount: “0x1F” is a hexadecimal number",
        25: "amount: “(-5)” is not a number",
        26: "amount: “1_000” is not a number",
        27: "amount: “NaN” is not a number",
    }.items():
        assert why in told[day + 1], (day, told.get(day + 1))


async def test_a_currency_beside_a_number_is_that_of_the_line_or_the_line_is_refused(masters: dict[str, int]) -> None:
    rows = [
        *("D1014;2026-11-01;;CNY 5;", "D1014;2026-11-02;;USD 5;", "D1014;2026-11-03;USD;USD 5;"),
        *("D1014;2026-11-04;USD;¥5;", "D1014;2026-11-05;;US$5;", "D1014;2026-11-06;;5 RMB;", "D1014;2026-11-07;;5 €;"),
        *("D1014;2026-11-08;;5;EUR 1", "D1014;2026-11-09;USD;$5;", "D1014;2026-11-10;;5 元;"),
    ]
    content = "\n".join(["Dealer;Date;Currency;Amount;Cost", *rows]).encode()
    sets = ["product=AC10", "quantity=1"]
    result = await loaded(await make_loader(), "sell-through", content, partial=True, sets=sets, **NOVEMBER)
    assert [row["on_date"].day for row in await lines()] == [1, 3, 6, 9, 10], result
    told = wrong(result)
    assert told == {
        3: "amount: “USD” stands beside the number, and the line is in CNY.",
        5: "amount: “¥” stands beside the number, and the line is in USD.",
        6: "amount: “US$” stands beside the number, and the line is in CNY.",
        8: "amount: “€” stands beside the number, and the line is in CNY.",
        9: "cost: “EUR” stands beside the number, and the line is in CNY.",
    }


async def test_indian_groups_are_read_by_a_setting(masters: dict[str, int]) -> None:
    content = case("number_forms.csv")
    asked: dict[str, Any] = {"grouping": "indian", "partial": True, **NOVEMBER}
    await loaded(await make_loader(), "sell-through", content, **asked)
    assert {row["on_date"].day: row["amount"] for row in await lines()}[13] == 1234567


def sales(*amounts: str) -> bytes:
    rows = (f"D1014;2026-11-{day:02};AC10;1;{amount}" for day, amount in enumerate(amounts, 1))
    return "\n".join(["Dealer;Date;Product;Quantity;Amount", *rows]).encode()


@pytest.mark.parametrize("amounts", [("1.234", "1,5"), ("1.234",), ("1,5", "7"), ("1,234",), ("2.5", "1.234,50")])
async def test_a_column_in_which_nothing_decides_stops_the_load(
    masters: dict[str, int], amounts: tuple[str, ...]
) -> None:
    result = await loaded(await make_loader(), "sell-through", sales(*amounts), partial=True)
    assert result["state"] == "refused"
    [error] = result["problem"]["errors"]
    assert error["field"] == "decimal"
    assert error["reason"]["params"]["column"] == "Amount"
    assert "--decimal" in error["expected"]["text"]
    assert await lines() == []


@pytest.mark.parametrize(
    ("decimal", "amounts", "read"),
    [
        (".", ("1.234", "2,345"), ["1.2340", "2345"]),
        (",", ("1.234", "1,5"), ["1234", "1.5"]),
        ("", ("1.234", "2.5"), ["1.2340", "2.5"]),
        ("", ("1.234", "1.234,50"), ["1234", "1234.5"]),
        ("", ("1,5", "1.234.567"), ["1.5", "1234567"]),
    ],
)
async def test_the_mark_before_decimals_is_set_or_shown_by_the_column(
    masters: dict[str, int], decimal: str, amounts: tuple[str, ...], read: list[str]
) -> None:
    result = await loaded(await make_loader(), "sell-through", sales(*amounts), decimal=decimal)
    assert result["state"] == "loaded", result
    assert [row["amount"] for row in await lines()] == [Decimal(text) for text in read]


async def test_a_column_that_shows_its_mark_late_is_read_once_more(masters: dict[str, int]) -> None:
    amounts = ["1,5"] * 30 + ["1.234,50"]
    rows = [f"D1014;2026-11-05;AC10;1;{amount}" for amount in ["7"] * 30 + amounts]
    content = "\n".join(["Dealer;Date;Product;Quantity;Amount", *rows]).encode()
    result = await loaded(await make_loader(), "sell-through", content)
    assert (result["state"], result["counts"]["lines"]) == ("loaded", 61), result
    assert sum(row["amount"] for row in await lines()) == Decimal("1489.5")


def test_what_a_person_says_of_decimals_is_part_of_a_wish() -> None:
    assert {"decimal", "grouping", "date_format"} <= set(LoadWish.__slots__)


async def test_amounts_are_quantity_times_unit_price(masters: dict[str, int]) -> None:
    content = case("price_and_quantity.csv")
    result = await loaded(await make_loader(), "sell-through", content, date_format="M/D/YY")
    assert result["state"] == "loaded", result
    assert [tuple(row) for row in await lines()] == [
        (date(2010, 12, 1), 6, Decimal("15.3000")),
        (date(2010, 12, 1), -2, Decimal("-6.7800")),
        (date(2011, 1, 3), 3, Decimal("8.2650")),
    ]


async def test_a_line_keeps_the_amount_it_has_and_needs_one_or_a_price(masters: dict[str, int]) -> None:
    content = (
        b"Dealer,Date,Product,Quantity,Amount,Unit price\n"
        b"D1014,2026-11-05,AC10,2,7.5,4.5\nD1014,2026-11-06,AC10,0.00005,,10\nD1014,2026-11-07,AC10,2,,\n"
        b"D1014,2026-11-08,AC10,x,,4\nD1014,2026-11-09,AC10,1e13,,100\n"
    )
    result = await loaded(await make_loader(), "sell-through", content, partial=True, **NOVEMBER)
    assert [row["amount"] for row in await lines()] == [Decimal("7.5"), Decimal("0.0005")]
    assert {line: why.split(":")[0] for line, why in wrong(result).items()} == {4: "amount", 5: "quantity", 6: "amount"}


@pytest.mark.parametrize("end", list("\v\f\x1c\x85\u2028\u2029"))
async def test_no_document_or_name_holds_a_line_end_of_any_kind(masters: dict[str, int], end: str) -> None:
    content = f"Dealer,Date,Product,Quantity,Amount,Document\nD1014,2026-11-05,AC10,1,5,A{end}1\n".encode()
    result = await loaded(await make_loader(), "sell-through", content)
    assert result["state"] == "loaded", result
    async with db.held(db.EVERYTHING):
        assert await db.fetchval("SELECT document FROM sales_line") == "A 1"
    content = f"Code,Name,Line\nAC10,Cold{end}air,Line\n".encode()
    await loaded(await make_loader(), "products", content)
    async with db.held(db.EVERYTHING):
        assert await db.fetchval("SELECT name FROM product WHERE code = 'AC10'") == "Cold air"

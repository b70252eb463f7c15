"""Lists as files, read back: amounts, moments and widths as a spreadsheet has them, and how many rows fit."""

import io
import re
import zipfile
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal

import msgspec
import pytest
from python_calamine import CalamineWorkbook

from channel import clock
from channel.errors import Invalid, m
from channel.lists import MOST_ROWS, Column, Kind, List
from channel.web import download
from channel.web.language import language
from channel.web.listing import list_file


class Row(msgspec.Struct, frozen=True):
    id: int
    name: str
    amount: Decimal | None
    currency: str
    company_amount: Decimal | None
    at: datetime
    on: date


LISTED = List(
    "rows",
    m("Rows"),
    (
        Column("id", m("No."), Kind.COUNT),
        Column("name", m("Name")),
        Column("amount", m("Amount"), Kind.MONEY, currency="currency"),
        Column("currency", m("Currency"), Kind.CODE),
        Column("company_amount", m("In %(currency)s"), Kind.MONEY),
        Column("at", m("When"), Kind.MOMENT),
        Column("on", m("Day"), Kind.DAY),
    ),
    order="name",
)
AT = datetime(2026, 3, 31, 20, 5, 6, 789, tzinfo=UTC)
ROWS = [
    Row(1, "王府井" * 8, Decimal("1234567.5000"), "USD", Decimal(8900), AT, date(2026, 3, 31)),
    Row(2, "Li", Decimal("1234567.0000"), "JPY", Decimal("12.3456"), AT, date(2026, 3, 31)),
    Row(3, "x" * 300, None, "KWD", None, AT, date(2026, 3, 31)),
]


@pytest.fixture
def shanghai() -> Iterator[None]:
    clock.use_zone("Asia/Shanghai")
    yield
    clock.use_zone("UTC")


async def _book(currency: str = "CNY") -> bytes:
    return (await list_file(LISTED, "xlsx", ROWS, language("en"), {"currency": currency})).content


@pytest.mark.usefixtures("shanghai")
async def test_a_workbook_has_what_the_list_has() -> None:
    header, first, second, third = (
        CalamineWorkbook.from_filelike(io.BytesIO(await _book())).get_sheet_by_index(0).to_python()
    )
    assert header[4:6] == ["In CNY", "When (Asia/Shanghai)"]
    assert first[2:] == [1234567.5, "USD", 8900.0, datetime(2026, 4, 1, 4, 5, 6), date(2026, 3, 31)]  # noqa: DTZ001
    assert second[2:5] == [1234567.0, "JPY", 12.3456]
    assert third[2:5] == ["", "KWD", ""]


@pytest.mark.parametrize(
    ("currency", "forms"), [("CNY", ["#,##0.00", "#,##0.00", "#,##0"]), ("JPY", ["#,##0.00", "#,##0", "#,##0"])]
)
async def test_an_amount_is_shown_with_the_digits_of_its_currency(currency: str, forms: list[str]) -> None:
    """Of a column without a currency of its own it is the company's; what has more digits keeps them."""
    book = await _book(currency)
    assert [_form(book, cell) for cell in ("C2", "E2", "C3")] == forms
    assert _form(book, "E3") == "#,##0.0000"


async def test_the_columns_are_as_wide_as_what_stands_in_them() -> None:
    """Within bounds; a Chinese sign takes the room of two."""
    widths = _widths(await _book())
    number, name, amount, _, _, at, day = widths
    assert number < amount
    assert name == max(widths) < 70
    assert amount >= len("1,234,567.50")
    assert at >= len("2026-04-01 04:05:06")
    assert day >= len("2026-03-31")
    wide = await list_file(LISTED, "xlsx", ROWS[:1], language("en"), {"currency": "CNY"})
    assert _widths(wide.content)[1] >= 3 * 8 * 2


@pytest.mark.parametrize(("code", "words"), [("en", "Told,yes,no"), ("zh", "Told,是,否")])
async def test_a_flag_is_told_in_the_words_of_the_reader(code: str, words: str) -> None:
    listed = List("flags", m("Flags"), (Column("told", m("Told"), Kind.FLAG),), order="told")
    rows: list[object] = [{"told": True}, {"told": False}]
    told = (await list_file(listed, "csv", rows, language(code))).content.decode("utf-8-sig")
    assert told.split() == words.split(",")


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
async def test_more_rows_than_a_file_holds_are_refused(kind: str) -> None:
    with pytest.raises(Invalid) as refused:
        await download("rows", kind, ["n"], ([n] for n in range(MOST_ROWS + 1)))  # type: ignore[arg-type]
    assert str(refused.value.errors[0].reason) == f"More than {MOST_ROWS} lines fit."
    whole = await download("rows", "csv", ["n"], ([n] for n in range(MOST_ROWS)))
    assert whole.content.count(b"\r\n") == MOST_ROWS + 1


def _part(book: bytes, name: str) -> str:
    with zipfile.ZipFile(io.BytesIO(book)) as parts:
        return parts.read("xl/styles.xml" if name == "styles" else f"xl/worksheets/{name}.xml").decode()


def _widths(book: bytes) -> list[float]:
    told = re.findall(r'<col min="(\d+)" max="(\d+)" width="([\d.]+)"', _part(book, "sheet1"))
    return [float(width) for first, last, width in told for _ in range(int(first), int(last) + 1)]


def _form(book: bytes, cell: str) -> str:
    """How a cell's number is written, as the workbook says it."""
    styled = re.search(rf'<c r="{cell}" s="(\d+)"', _part(book, "sheet1"))
    assert styled
    styles = _part(book, "styles")
    used = re.findall(r'<xf numFmtId="(\d+)"', styles.partition("<cellXfs")[2])[int(styled[1])]
    named = dict(re.findall(r'<numFmt numFmtId="(\d+)" formatCode="([^"]+)"', styles))
    return {"3": "#,##0", "4": "#,##0.00"}.get(used) or named[used]

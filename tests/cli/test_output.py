"""The same items in four formats."""

import csv
import io
import json
from datetime import date, datetime, timedelta
from pathlib import Path

import click
import pytest
from python_calamine import CalamineWorkbook

from channel.cli.terminal.output import Show, grouped, inform
from channel.cli.terminal.text_tables import ItemColumn
from channel.cli.terminal.words import say
from channel.errors import m
from channel.lists import Column, Kind, List

ITEMS = [
    {"code": "0017", "name": "长江贸易有限公司", "amount": "1234567.5000", "dealer": {"grade": "A"}, "note": None},
    {"code": "D2", "name": "=Harbour & Sons", "amount": "-20.0000", "dealer": {"grade": None}, "note": "x"},
]
COLUMNS = (ItemColumn("code", "Code"), ItemColumn("name", "Name"), ItemColumn("amount", "Amount", number=True))


@pytest.mark.parametrize(
    ("value", "shown"),
    [("1234567.50", "1,234,567.50"), ("-1000", "-1,000"), ("999", "999"), (12345, "12,345"), ("n/a", "n/a")],
)
def test_thousands_are_separated_and_decimals_are_not(value: object, shown: str) -> None:
    assert grouped(value) == shown


def test_a_table_in_a_pipe_is_never_cut(capsys: pytest.CaptureFixture[str]) -> None:
    Show("table").rows([{"code": "A" * 300, "amount": "1000.00"}])
    out = capsys.readouterr().out
    assert "A" * 300 in out
    assert "1,000.00" in out


def test_a_document_in_a_pipe_is_as_wide_as_its_words(capsys: pytest.CaptureFixture[str]) -> None:
    Show("table").document({"state": "loaded", "days": {"from": "2013-01-01", "to": "2013-01-31"}})
    assert max(map(len, capsys.readouterr().out.splitlines())) < 40


@pytest.mark.parametrize("form", ["table", "json", "csv", "xlsx"])
def test_a_file_that_cannot_be_written_is_named(form: str, tmp_path: Path) -> None:
    with pytest.raises(click.FileError) as refused:
        Show(form, tmp_path / "nowhere" / "x").rows(ITEMS, *COLUMNS)
    assert "nowhere" in refused.value.format_message()


def test_a_table_shows_what_is_absent_as_absent(capsys: pytest.CaptureFixture[str]) -> None:
    Show("table").rows(ITEMS, ItemColumn("code", "Code"), ItemColumn("dealer.grade", "Grade"))
    lines = capsys.readouterr().out.splitlines()
    assert [line.split() for line in lines] == [["Code", "Grade"], ["0017", "A"], ["D2", "–"]]


def test_json_gives_the_items_whole(capsys: pytest.CaptureFixture[str]) -> None:
    Show("json").rows(ITEMS, *COLUMNS)
    assert json.loads(capsys.readouterr().out) == ITEMS


def test_no_items_are_an_empty_list_and_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    Show("json").rows([])
    Show("table").rows([])
    said = capsys.readouterr()
    assert json.loads(said.out) == []
    assert said.err == "Nothing found.\n"


def test_csv_keeps_codes_and_figures_and_disarms_formulas(tmp_path: Path) -> None:
    file = tmp_path / "list.csv"
    Show("csv", file).rows(ITEMS, *COLUMNS)
    rows = list(csv.reader(io.StringIO(file.read_text("utf-8-sig"))))
    assert rows == [
        ["Code", "Name", "Amount"],
        ["0017", "长江贸易有限公司", "1234567.5000"],
        ["D2", "'=Harbour & Sons", "-20.0000"],
    ]


def test_a_workbook_holds_numbers_as_numbers_and_codes_as_text(tmp_path: Path) -> None:
    file = tmp_path / "list.xlsx"
    Show("xlsx", file).rows(ITEMS, *COLUMNS)
    rows = CalamineWorkbook.from_path(file).get_sheet_by_index(0).to_python()
    assert rows[1] == ["0017", "长江贸易有限公司", 1234567.5]


LISTED = List(
    "months",
    m("Months"),
    (
        Column("on", m("Day"), Kind.DAY),
        Column("at", m("When"), Kind.MOMENT),
        Column("amount", m("Amount"), Kind.MONEY, currency="currency"),
        Column("currency", m("Currency"), Kind.CODE),
        Column("whole", m("Whole"), Kind.FLAG),
        Column("rate", m("Rate, percent"), Kind.PERCENT, path="year.rate"),
    ),
    order="on",
)
LINES = [
    {"on": "2013-01-31", "at": "2013-02-01T08:30:00.250Z", "amount": "12.5000", "currency": "CNY", "whole": True,
     "year": {"rate": "0.071000"}},
    {"on": "2013-02-28", "at": None, "amount": "1200.0000", "currency": "JPY", "whole": False, "year": {"rate": None}},
]  # fmt: skip


def test_a_workbook_of_a_list_holds_days_moments_and_amounts_as_such_and_flags_in_words(tmp_path: Path) -> None:
    """A moment names the zone in which it stands; an amount has its currency's digits, as in the page's file."""
    file = tmp_path / "list.xlsx"
    Show("xlsx", file).listed(LISTED, LINES)
    head, *rows = CalamineWorkbook.from_path(file).get_sheet_by_index(0).to_python()
    assert head == ["Day", "When (UTC)", "Amount", "Currency", "Whole", "Rate, percent"]
    at = datetime(2013, 2, 1, 8, 30)  # noqa: DTZ001 - a workbook knows no zones
    assert rows[0][0] == date(2013, 1, 31)
    assert abs(rows[0][1] - at) < timedelta(seconds=1)
    assert rows[0][2:] == [12.5, "CNY", "yes", 7.1]
    assert rows[1] == [date(2013, 2, 28), "", 1200.0, "JPY", "no", ""]


def test_a_csv_file_of_a_list_has_its_days_as_they_are_and_flags_in_the_terminal_s_language(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    file = tmp_path / "list.csv"
    Show("csv", file).listed(LISTED, LINES)
    rows = list(csv.reader(io.StringIO(file.read_text("utf-8-sig"))))
    assert rows[1] == ["2013-01-31", "2013-02-01T08:30:00.250Z", "12.50", "CNY", "是", "7.1"]
    assert rows[2] == ["2013-02-28", "", "1200", "JPY", "否", ""]


def test_a_document_is_flattened_for_a_sheet(tmp_path: Path) -> None:
    file = tmp_path / "one.csv"
    Show("csv", file).document({"code": "D1", "limit": {"amount": "100.00"}, "steps": [{"name": "a"}, {"name": "b"}]})
    rows = list(csv.reader(io.StringIO(file.read_text("utf-8-sig"))))
    assert rows[1:] == [["code", "D1"], ["limit.amount", "100.00"], ["steps.1.name", "a"], ["steps.2.name", "b"]]


def test_a_document_shows_its_lists_as_tables_and_its_messages_as_sentences(
    capsys: pytest.CaptureFixture[str],
) -> None:
    Show("table").document(
        {
            "amount": "236400.00",
            "reason": {"text": "%(n)s months are missing", "params": {"n": "3"}},
            "steps": [{"name": "mean", "after": "1000.00"}, {"name": "terms", "after": "2000.00", "note": "x"}],
        },
        title="Limit",
    )
    out = capsys.readouterr().out
    assert "236,400.00" in out
    assert "3 months are missing" in out
    assert "2,000.00" in out


def test_what_there_is_none_of_is_never_told_as_none() -> None:
    assert grouped(None) == "–"
    assert (
        say("%(amount)s %(currency)s until %(day)s", amount=grouped(None), currency="CNY", day=None) == "– CNY until –"
    )


def test_headings_have_their_values_and_amounts_of_accounts_their_digits(capsys: pytest.CaptureFixture[str]) -> None:
    bucket = Column("open", m("%(days)s days", days="1-30"), Kind.MONEY, currency="currency", exact=True)
    items = [{"currency": "CNY", "open": "0"}, {"currency": "JPY", "open": "1235.0000"}]
    Show("table").listed(List("x", m("X"), (Column("currency", m("Currency"), Kind.CODE), bucket), order="open"), items)
    lines = capsys.readouterr().out.splitlines()
    assert [line.split() for line in lines] == [["Currency", "1-30", "days"], ["CNY", "0.00"], ["JPY", "1,235"]]


def test_what_something_is_named_by_is_told_as_it_is_typed(capsys: pytest.CaptureFixture[str]) -> None:
    Show("table").document({"id": 12932, "money": [{"document_id": 10442, "count": 10442}]})
    out = capsys.readouterr().out
    assert ("12932" in out, "10442 " in out.replace("\n", " "), "10,442" in out) == (True, True, True)


STANDING = List(
    "standing",
    m("Standing"),
    (
        Column("code", m("Code"), Kind.CODE),
        Column("live", m("State"), Kind.FLAG, choices={True: m("posted"), False: m("reversed")}),
        Column("whole", m("Whole"), Kind.FLAG),
    ),
    order="code",
)
FLAGS = [{"code": "D1", "live": True, "whole": True}, {"code": "D2", "live": False, "whole": False}]


@pytest.mark.parametrize(
    ("language", "posted", "plain"),
    [("en_US", ["posted", "reversed"], ["yes", "no"]), ("zh_CN", ["已过账", "已冲销"], ["是", "否"])],
)
def test_a_flag_is_told_by_the_names_that_its_list_gives_it(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    language: str,
    posted: list[str],
    plain: list[str],
) -> None:
    """On the screen and in files alike; one without names is a yes or a no."""
    monkeypatch.setenv("LC_ALL", f"{language}.UTF-8")
    told = [["D1", posted[0], plain[0]], ["D2", posted[1], plain[1]]]
    Show("table").listed(STANDING, FLAGS)
    assert [line.split() for line in capsys.readouterr().out.splitlines()[1:]] == told
    file = tmp_path / "list.csv"
    Show("csv", file).listed(STANDING, FLAGS)
    assert list(csv.reader(io.StringIO(file.read_text("utf-8-sig"))))[1:] == told


def test_months_and_numbers_are_told_as_on_pages_and_whole_in_files(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """A month by itself, a number with the decimals of its list; a file has the number whole."""
    listed = List(
        "figures",
        m("Figures"),
        (Column("month", m("Month"), Kind.MONTH), Column("days", m("Days"), Kind.NUMBER, places=1)),
        order="month",
    )
    items = [{"month": "2026-07-01", "days": "1089.9541"}, {"month": "2026-08", "days": None}]
    Show("table").listed(listed, items)
    lines = capsys.readouterr().out.splitlines()[1:]
    assert [line.split() for line in lines] == [["2026-07", "1,090.0"], ["2026-08", "–"]]
    file = tmp_path / "list.csv"
    Show("csv", file).listed(listed, items)
    assert list(csv.reader(io.StringIO(file.read_text("utf-8-sig"))))[1:] == [["2026-07", "1089.9541"], ["2026-08", ""]]


def test_a_sentence_tells_a_moment_as_a_table_does(capsys: pytest.CaptureFixture[str]) -> None:
    inform("as known at %(at)s", at="2026-11-30T06:33:41.460556Z")
    assert capsys.readouterr().err == "as known at 2026-11-30T06:33:41Z\n"

"""What a file is, found by its content."""

import io

import pytest

from channel import files

CHINESE = "经销商编码,日期,产品,数量,金额\n" + "".join(
    f"D{i:03},2013-01-{i:02},轮胎{i},{i},{i}.5000\n" for i in range(1, 20)
)
WESTERN = "Händler;Datum;Stück;Größe\nMüller & Söhne;2013-01-05;3;groß\nCafé Señor;2013-01-06;4;klein\n"


def read(content: bytes, **told: str) -> list[tuple[str, ...]]:
    source = io.BytesIO(content)
    return [record.cells for record in files.read_rows(source, files.sniff(source, **told))]


@pytest.mark.parametrize(
    ("codec", "found"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("gbk", "gb18030"),
        ("gb18030", "gb18030"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
        ("utf-32", "utf-32"),
    ],
)
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_chinese_in_every_encoding(codec: str, found: str, delimiter: str) -> None:
    content = CHINESE.replace(",", delimiter).encode(codec)
    shape = files.sniff(io.BytesIO(content))
    assert (shape.encoding, shape.delimiter) == (found, delimiter)
    assert shape.header == ("经销商编码", "日期", "产品", "数量", "金额")
    assert shape.header_line == 1
    rows = read(content)
    assert len(rows) == 19
    assert rows[6] == ("D007", "2013-01-07", "轮胎7", "7", "7.5000")


@pytest.mark.parametrize("codec", ["cp1252", "utf-8"])
def test_western_letters_are_not_taken_for_chinese(codec: str) -> None:
    rows = read(WESTERN.encode(codec))
    assert rows[0] == ("Müller & Söhne", "2013-01-05", "3", "groß")


def test_a_single_chinese_name_among_ascii_is_enough_for_gbk() -> None:
    assert read("code,name\n1,中原轮胎公司\n2,plain\n".encode("gbk"))[0][1] == "中原轮胎公司"


def test_other_old_encodings_are_told_apart() -> None:
    assert read(("經銷商,產品,數量\n" + "臺灣經銷商,輪胎,5\n" * 5).encode("big5"))[0] == ("臺灣經銷商", "輪胎", "5")


def test_one_broken_byte_leaves_a_utf8_file_utf8_and_marks_its_line() -> None:
    content = CHINESE.encode().replace("轮胎7".encode(), b"\xe8\xbd7")
    source = io.BytesIO(content)
    shape = files.sniff(source)
    assert shape.encoding == "utf-8"
    faults = {record.line_no: record.fault for record in files.read_rows(source, shape) if record.fault}
    assert faults == {8: "bad-character"}


def test_what_is_told_is_not_searched_for() -> None:
    shape = files.sniff(io.BytesIO(b"a|b;c\n1|2;3\n"), delimiter=";", encoding="GBK")
    assert (shape.encoding, shape.header) == ("gb18030", ("a|b", "c"))


def test_titles_before_the_header_are_passed_over() -> None:
    source = io.BytesIO(b"\nSell-in report\nprinted 2013-02-01\n\ndealer,date\nD1,2013-01-05\n")
    shape = files.sniff(source)
    assert (shape.header, shape.header_line) == (("dealer", "date"), 5)
    assert [(r.line_no, r.cells) for r in files.read_rows(source, shape)] == [(6, ("D1", "2013-01-05"))]


def test_the_line_with_which_excel_is_told_the_delimiter_is_no_header() -> None:
    assert files.sniff(io.BytesIO(b"sep=;\na;b\n1;2\n")).header == ("a", "b")


def test_a_header_line_that_is_told_must_be_there() -> None:
    assert files.sniff(io.BytesIO(b"x,y\na,b\n1,2\n"), header_line=2).header == ("a", "b")
    with pytest.raises(files.Unreadable, match="no header at line 9"):
        files.sniff(io.BytesIO(b"x,y\na,b\n"), header_line=9)


def test_doubled_and_nameless_columns_are_noted() -> None:
    shape = files.sniff(io.BytesIO("dealer, 金额 ,,金额,x\n1,2,3,4,5\n".encode()))
    assert shape.header == ("dealer", "金额", "", "金额", "x")
    assert {(note.code, note.about) for note in shape.notes} == {
        ("duplicate-column", "金额"),
        ("unnamed-column", ""),
    }


def test_a_header_alone_is_noted_and_gives_no_rows() -> None:
    shape = files.sniff(io.BytesIO(b"dealer,,amount\n"))
    assert [note.code for note in shape.notes] == ["no-rows"]
    assert shape.sample_rows == ()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b"\n\n \n"[:2], "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (b"%PDF-1.7 ...", "not-a-table"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 old", "old-excel"),
        (b"PK\x03\x04 broken", "bad-workbook"),
        (bytes(range(256)) * 40, "not-a-table"),
        (b"\0" * 4000 + bytes(range(200)), "not-a-table"),
    ],
)
def test_what_is_no_table_says_so(content: bytes, code: str) -> None:
    with pytest.raises(files.Unreadable) as told:
        files.sniff(io.BytesIO(content))
    assert told.value.code == code


def test_an_unknown_encoding_says_so() -> None:
    with pytest.raises(files.Unreadable, match="klingon"):
        files.sniff(io.BytesIO(b"a,b\n"), encoding="klingon")

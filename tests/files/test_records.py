"""Records: their line numbers, their faults, and the memory they take."""

import csv
import hashlib
import io
import re
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channel import files


def records(content: bytes) -> list[files.Record]:
    source = io.BytesIO(content)
    return list(files.read_rows(source, files.sniff(source)))


def test_line_numbers_are_those_of_the_file() -> None:
    content = b'a,b\r\n1,"two\r\nlines"\r\n\r\n,\r\n2,x\r\n3,"a\nb\nc"\r\n4,end'
    assert [(r.line_no, r.cells[0]) for r in records(content)] == [(2, "1"), (6, "2"), (7, "3"), (10, "4")]


def test_ragged_records_are_kept_and_marked() -> None:
    found = records(b"a,b,c\n1,2,3\n1,2\n1,2,3,4\n1,2,3,,\n")
    assert [(r.fault, r.cells) for r in found] == [
        (None, ("1", "2", "3")),
        ("ragged", ("1", "2")),
        ("ragged", ("1", "2", "3", "4")),
        (None, ("1", "2", "3")),
    ]


def test_zero_bytes_mark_their_line_alone() -> None:
    found = records(b"a,b\n1,2\n1,\x002\n" + b"1,2\n" * 20)
    assert [r.line_no for r in found if r.fault] == [3]
    assert found[1].cells == ("1", "\ufffd2")


def test_an_unclosed_quote_ends_the_reading_at_its_line() -> None:
    source = io.BytesIO(b"a,b\n" + b"1,2\n" * 300 + b'1,"2\n' + b"1,2\n" * 50_000)
    shape = files.sniff(source)
    with pytest.raises(files.Unreadable, match="line 302 "):
        list(files.read_rows(source, shape))


@pytest.mark.parametrize("told", ["utf-8", ""])
def test_a_line_without_end_is_not_read_into_memory(told: str) -> None:
    class Endless(io.RawIOBase):
        """Half a gigabyte on one line, in no encoding that is known for sure."""

        place = 0

        def seekable(self) -> bool:
            return True

        def seek(self, offset: int, _whence: int = 0, /) -> int:
            self.place = offset
            return offset

        def read(self, size: int = -1, /) -> bytes:
            self.place += size
            return b"x\xfcx" + b"x" * (size - 3) if self.place < 1 << 29 else b""

    tracemalloc.start()
    with pytest.raises(files.Unreadable, match="longer than"):
        files.sniff(Endless(), encoding=told)  # type: ignore[arg-type]
    assert tracemalloc.get_traced_memory()[1] < 64 << 20
    tracemalloc.stop()


def test_two_hundred_thousand_lines_take_no_more_memory_than_two_thousand(tmp_path: Path) -> None:
    def peak(lines: int) -> int:
        path = tmp_path / f"{lines}.csv"
        rows = ((f"D{i % 700}", "2013-01-05", "轮胎", i, f"{i}.5000") for i in range(lines))
        with path.open("wb") as out:
            out.writelines(files.csv_bytes(("dealer", "日期", "产品", "quantity", "amount"), rows))
        tracemalloc.start()
        assert sum(1 for _ in files.read_rows(path, files.sniff(path))) == lines
        top = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return top

    small, large = peak(2_000), peak(200_000)
    assert large < small + (6 << 20)


def test_a_stream_is_kept_with_its_digest_and_stopped_at_its_limit(tmp_path: Path) -> None:
    kept = files.store([b"a,b\n", b"1,2\n"], tmp_path / "in.csv", limit=8)
    assert (kept.size, kept.sha256) == (8, hashlib.sha256(kept.path.read_bytes()).hexdigest())
    with pytest.raises(files.Unreadable, match="larger than 7 bytes"):
        files.store([b"a,b\n", b"1,2\n"], tmp_path / "large.csv", limit=7)
    assert not (tmp_path / "large.csv").exists()


async def test_a_request_body_is_kept_in_the_same_way(tmp_path: Path) -> None:
    async def body() -> Iterator[bytes]:  # type: ignore[misc]
        yield b"a,b\n"
        yield b"1,2\n"

    kept = await files.store_async(body(), tmp_path / "in.csv", limit=8)  # type: ignore[arg-type]
    assert kept.path.read_bytes() == b"a,b\n1,2\n"
    with pytest.raises(files.Unreadable):
        await files.store_async(body(), tmp_path / "large.csv", limit=5)  # type: ignore[arg-type]
    assert not (tmp_path / "large.csv").exists()


TEXTS = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0\ufffd\ufeff"), max_size=30)


@given(
    rows=st.lists(st.lists(TEXTS, min_size=3, max_size=3).filter(any), max_size=8),
    delimiter=st.sampled_from([",", ";", "\t", "|"]),
)
def test_what_is_written_is_read_again(rows: list[list[str]], delimiter: str) -> None:
    header = ("first", "第二", "third")
    source = io.BytesIO(b"".join(files.csv_bytes(header, rows, delimiter=delimiter)))
    shape = files.sniff(source, delimiter=delimiter)
    assert shape.header == header
    found = list(files.read_rows(source, shape))
    assert [r.cells for r in found] == [tuple(row) for row in rows]
    assert not any(r.fault for r in found)


@given(
    rows=st.lists(st.tuples(TEXTS, TEXTS, TEXTS).filter(any), max_size=5),
    codec=st.sampled_from(["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gb18030"]),
)
def test_every_encoding_is_read_back_when_it_is_told(rows: list[tuple[str, ...]], codec: str) -> None:
    content = b"".join(files.csv_bytes(("a", "b", "c"), rows, mark=False)).decode().encode(codec)
    source = io.BytesIO(content)
    shape = files.sniff(source, encoding=codec, delimiter=",")
    assert [r.cells for r in files.read_rows(source, shape)] == rows


@given(st.text(st.sampled_from("=+-@'\t\r＝＋123.,eE x"), max_size=8))
def test_no_cell_begins_a_formula_unless_it_is_a_number(text: str) -> None:
    written = b"".join(files.csv_bytes(("a", "b"), [("k", text)], mark=False)).decode()
    cell = next(csv.reader(io.StringIO(written.partition("\r\n")[2], newline="")))[1]
    assert cell[:1] not in set("=+-@\t\r＝＋") or re.fullmatch(r"[+-]?[0-9.,]+([eE][+-]?[0-9]+)?", cell)


def test_a_text_with_any_delimiter_or_line_end_stands_in_quotes() -> None:
    texts = ["a;b", "a,b", "a\tb", "a|b", "a\nb", "a\u2028b", 'a"b', " a", "plain"]
    (written,) = files.csv_bytes([str(place) for place in range(len(texts))], [texts], delimiter=";", mark=False)
    line = written.decode().split("\r\n", 1)[1]
    assert line == '"a;b";"a,b";"a\tb";"a|b";"a\nb";"a\u2028b";"a""b";" a";plain\r\n'

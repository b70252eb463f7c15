"""Records many at a time are the records one by one, whatever the file holds and wherever it is cut."""

import csv
import io
from collections.abc import Iterator

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from channel import files
from channel.files import table
from channel.files.quotes import mended

PIECES = st.sampled_from(
    (
        *(
            b"1",
            b"x y",
            b",",
            b",",
            b",",
            b"\n",
            b"\n",
            b"\r\n",
            b"\r",
            b'"',
            b'""',
            b'"a,b"',
            b'"a\nb"',
            b"'=1+1",
            b"'",
            b" ",
        ),
        *("轮胎".encode(), b"\xff", b"\0", b"1,2,3\n", b"1,2,3\n", b'"1","2","3"\r\n', b"1,2,3,\n", b",,\n", b"\n"),
    )
)
CONTENTS = st.builds(
    lambda mark, pieces, end: mark + b"a,b,c" + end + b"".join(pieces),
    st.sampled_from([b"", b"\xef\xbb\xbf"]),
    st.lists(PIECES, max_size=40),
    st.sampled_from([b"\n", b"\r\n"]),
)


def one_by_one(content: bytes, width: int) -> Iterator[files.Record]:
    """A reading that is slow and plain: one line after the other, each looked at."""
    text = content.decode("utf-8-sig", "replace").replace("\0", "\ufffd")
    lines, next_line = list(io.StringIO(text, newline="")), 1
    while next_line <= len(lines):
        line = next_line
        reader = csv.reader(lines[line - 1 :])
        cells = next(reader)
        next_line = line + reader.line_num
        taken = lines[line - 1 : next_line - 1]
        single = mended(taken, ",", width)
        if single is not None:
            lines[line - 1 : next_line - 1] = single
            cells, next_line, taken = next(csv.reader([single[0].rstrip("\r\n")])), line + 1, single[:1]
        of_record = "".join(taken)
        if not any(cells) or line == 1:
            continue
        if "'" in of_record:
            cells = [c[1:] if c.lstrip("'")[:1] in {*"=+-@\t\r＝＋－＠"} and c[:1] == "'" else c for c in cells]
        fault = "bad-character" if "\ufffd" in of_record else None
        if len(cells) > width and not any(cells[width:]):
            cells = cells[:width]
        if len(cells) != width:
            fault = fault or ("open-quote" if len(taken) > 1 else "ragged")
        yield files.Record(line, tuple(cells), fault)


@example(b'a,b,c\n1,2,"3\n', 1)
@example(b'a,b,c\n1,2,"3\n1,2,3"\n1,2,3\n', 1)
@example(b'a,b,c\n"\n\n', 1)
@example(b'a,b,c\n1,"2,3\n1,2,3\n1,2",3\n1,"2,3\n1,2,3\n', 9)
@example(b'a,b,c\n1,2,"3\n4"\n1,2,3\n', 7)
@example(b"a,b,c\n1,2\n1,2,3,4\n", 100)
@example(b"a,b,c\n,,\n1,2,3\n", 100)
@example(b"a,b,c\r1,2,3\r\r1,2,3", 3)
@given(content=CONTENTS, at_once=st.integers(1, 60))
def test_a_file_is_the_same_in_blocks_of_any_size(content: bytes, at_once: int) -> None:
    encoding = "utf-8-sig" if content.startswith(b"\xef") else "utf-8"
    shape = files.FileShape("csv", ("a", "b", "c"), 1, (), encoding, ",")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(table, "_AT_ONCE", at_once)
        rows = list(files.read_rows(io.BytesIO(content), shape))
        blocks = list(files.read_blocks(io.BytesIO(content), shape))
    told = [record for some in blocks for record in (some.records() if isinstance(some, files.Block) else some)]
    assert rows == told == list(one_by_one(content, 3))


def test_an_ordinary_file_comes_in_blocks_with_and_without_quotes() -> None:
    for line in (b"1,2,3\n", b'"1","2","3"\r\n', b"1,it's,3\n", b"1,2,3,\n"):
        content = b"a,b,c\n" + line * 5_000
        shape = files.sniff(io.BytesIO(content), delimiter=",")
        blocks = list(files.read_blocks(io.BytesIO(content), shape))
        assert all(isinstance(some, files.Block) for some in blocks), line
        assert sum(some.length for some in blocks if isinstance(some, files.Block)) == 5_000


def test_a_cell_without_end_is_refused_in_a_line_without_quotes_too() -> None:
    content = b"a,b\n1,2\n3," + b"x" * (csv.field_size_limit() + 1) + b"\n"
    shape = files.FileShape("csv", ("a", "b"), 1, (), "utf-8", ",")
    with pytest.raises(files.Unreadable, match="line 3 "):
        list(files.read_blocks(io.BytesIO(content), shape))

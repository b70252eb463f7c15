"""In which encoding a text is: found by the letters that its languages write, or said to be unsure."""

import io
import random
from pathlib import Path

import pytest

from channel import files
from channel.files.scripts import BEFOREHAND
from channel.files.wrong_encoding import looks_misread
from tests.make.names import NAMES

CASES = Path(__file__).parent / "cases"


def content(names: list[str], encoding: str) -> bytes:
    lines = [f"X{number:03},{name},terminal,E-SH-1,CNY,30" for number, name in enumerate(names)]
    return ("Code,Name,Type,Territory,Currency,Terms days\n" + "\n".join(lines) + "\n").encode(encoding)


def read(source: io.BytesIO, shape: files.FileShape) -> list[str]:
    return [record.cells[1] for record in files.read_rows(source, shape)]


@pytest.mark.parametrize(
    ("name", "encoding", "first"),
    [
        ("cp950", "cp950", "恒昌冷氣工程"),
        ("gb18030_rare", "gb18030", "喆堃翀贸易"),
        ("gbk_traditional", "gb18030", "顯著貿易有限公司"),
        ("cp1250", "cp1250", "Łódzka Hurtownia Świątek"),
    ],
)
def test_files_that_were_misread_are_read_and_shown(name: str, encoding: str, first: str) -> None:
    source = io.BytesIO((CASES / f"encoding_{name}.csv").read_bytes())
    shape = files.sniff(source)
    assert (shape.encoding, shape.names[0], shape.misread) == (encoding, first, False)
    told = (CASES / f"encoding_{name}.csv").read_text(encoding).splitlines()[1:]
    assert read(source, shape) == [line.split(",")[1] for line in told]


@pytest.mark.parametrize("language", sorted(NAMES))
@pytest.mark.parametrize("count", [1, 2, 4, 6])
def test_names_are_read_rightly_or_said_to_be_unsure(language: str, count: int) -> None:
    encoding, names = NAMES[language]
    chance = random.Random(count)  # noqa: S311 - which names, not secrets
    for _ in range(12):
        some = chance.sample(names, min(count, len(names)))
        if "".join(some).isascii():
            continue
        source = io.BytesIO(content(some, encoding))
        shape = files.sniff(source)
        assert shape.misread or read(source, shape) == some, (shape.encoding, some)
        hinted = files.sniff(source, likely=[encoding])
        assert hinted.misread or read(source, hinted) == some, (hinted.encoding, some)


@pytest.mark.parametrize("language", sorted(NAMES))
def test_a_file_of_ordinary_length_is_read_rightly_and_nobody_is_asked(language: str) -> None:
    encoding, names = NAMES[language]
    source = io.BytesIO(content(names * 5, encoding))
    shape = files.sniff(source, likely=[encoding])
    assert (read(source, shape), shape.misread) == (names * 5, False), shape.encoding


def test_earlier_files_decide_between_readings_that_are_as_likely() -> None:
    source = io.BytesIO(content(["Plzeň"], "cp1250"))
    assert files.sniff(source).misread
    hinted = files.sniff(source, likely=["cp1250"])
    assert (hinted.encoding, hinted.names, hinted.misread) == ("cp1250", ("Plzeň",), False)
    assert "cp1252" in hinted.fits


def test_what_was_said_is_not_doubted() -> None:
    source = io.BytesIO(content(["Plzeň"], "cp1250"))
    assert files.sniff(source, encoding="cp1250").misread is False


@pytest.mark.parametrize("wrongly", ["cp1252", "latin-1", "gb18030"])
@pytest.mark.parametrize("name", ["中原轮胎公司", "上海瑞丰商贸", "北京华联"])
def test_utf8_that_was_read_as_something_else_before_is_seen(name: str, wrongly: str) -> None:
    spoilt = name.encode().decode(wrongly, "replace").replace("\ufffd", "?")
    assert looks_misread(["D1", spoilt])
    assert files.sniff(io.BytesIO(content([spoilt], "utf-8"))).misread


@pytest.mark.parametrize("language", sorted(NAMES))
def test_no_ordinary_name_looks_misread(language: str) -> None:
    assert not looks_misread(NAMES[language][1])
    assert not files.sniff(io.BytesIO(content(NAMES[language][1], "utf-8"))).misread


@pytest.mark.parametrize("text", ["锟斤拷", "A\x92s", "\ue5e5", "Garﾃｧon".encode().decode("cp1252", "replace")])
def test_characters_that_no_one_writes_betray_a_misreading(text: str) -> None:
    assert looks_misread([text])


def test_the_encodings_that_are_told_apart_are_known_to_python() -> None:
    assert {files.checked_encoding(name) for name in BEFOREHAND} == set(BEFOREHAND)

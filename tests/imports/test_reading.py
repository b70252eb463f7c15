"""What COPY is given, against the rules asked cell by cell: the ways by column change nothing and miss nothing."""

import json
import re
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from channel import files
from channel.errors import Message
from channel.files import table
from channel.imports.loader import specs
from channel.imports.reading import Reading
from channel.imports.rules.mapping import resolve
from channel.imports.rules.profile import profile_from_options
from channel.imports.rules.rows import Value, parse_cell

SPEC = specs()["sell-in"]
HEADER = ("dealer", "date", "product", "quantity", "amount", "currency", "document", "line")
ORDINARY = ("D1", "2025-01-05", "P1", "2", "200.00", "USD", "INV-1", "1")
NUMBERS = (
    "2",
    "-3",
    "200.00",
    "1,5",
    "1.234,50",
    "1,234.50",
    "0.00005",
    " 7 ",
    "７",
    "1e3",
    "1 2",
    "12345678901234",
    "",
)
TEXTS = (
    "",
    " ",
    "INV 1",
    "A\\N",
    "a\tb",
    "x\ny",
    'q"q',
    "'x",
    "轮胎",
    " padded ",
    "N" * 201,
    "\u00a0",
    "a\u2028b",
    "'",
)
ODD = {
    "dealer": ("d2", "", "bad/code", " D3", "D'4"),
    "date": ("2025/1/6", "5.1.2025", "2025-02-30", "", "20250107", "2025-01-05 10:00"),
    "product": ("P2", "", "P%"),
    "quantity": NUMBERS,
    "amount": (*NUMBERS, "99999999999999.9999", "100000000000000", "-0", "nan", ".5", "5."),
    "currency": ("usd", "", "US", "EUR "),
    "document": TEXTS,
    "line": (*TEXTS, "2"),
}
CELLS = st.tuples(
    *(st.one_of(st.just(plain), st.sampled_from(ODD[name])) for name, plain in zip(HEADER, ORDINARY, strict=True))
)
ESCAPES = {"t": "\t", "n": "\n", "r": "\r", "\\": "\\"}


def by_cells(rows: list[tuple[str, ...]], decimal: str, words: dict[str, str]) -> list[tuple[list[Value], list[str]]]:
    """Of each line the values, and the fields that cannot be used: the rule for every cell, nothing remembered."""
    read = []
    for row in rows:
        values: list[Value] = []
        wrong = []
        for name, cell in zip(HEADER, row, strict=True):
            text = words.get(cell.strip(), cell) if name == "currency" else cell
            value = parse_cell(SPEC.field(name), text, decimal=decimal)
            if isinstance(value, Message):
                wrong.append(name)
            values.append(None if isinstance(value, Message) else value)
        read.append((values, wrong))
    return read


def as_copied(text: str) -> str | None:
    return None if text == "\\N" else re.sub(r"\\(.)", lambda found: ESCAPES[found[1]], text)


def as_value(name: str, text: str | None) -> Value:
    if text is None:
        return None
    if name == "date":
        return date.fromisoformat(text)
    return Decimal(text) if name in {"quantity", "amount"} else text


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(rows=[ORDINARY] * 3, decimal=".", at_once=1 << 17, quoted=False)
@example(rows=[ORDINARY, (*ORDINARY[:4], "1\n2", *ORDINARY[5:])], decimal=".", at_once=1 << 17, quoted=False)
@given(
    rows=st.lists(CELLS, min_size=1, max_size=12),
    decimal=st.sampled_from(".,"),
    at_once=st.sampled_from([1, 90, 1 << 17]),
    quoted=st.booleans(),
)
def test_every_cell_is_what_its_rule_says(
    tmp_path: Path, rows: list[tuple[str, ...]], decimal: str, at_once: int, *, quoted: bool
) -> None:
    path = tmp_path / "lines.csv"
    content = b"".join(files.csv_bytes(HEADER, rows, mark=False))
    if quoted:
        content = "".join(
            ",".join('"' + cell.replace('"', '""') + '"' for cell in row) + "\r\n" for row in (HEADER, *rows)
        ).encode()
    path.write_bytes(content)
    profile = profile_from_options(SPEC, {"value_maps": {"currency": {"US": "USD"}}}, maps=[f"{n}={n}" for n in HEADER])
    shape = files.FileShape("csv", HEADER, 1, (), "utf-8", ",")
    reading = Reading(SPEC, path, shape, resolve(SPEC, profile, HEADER), {}, None, decimal)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(table, "_AT_ONCE", at_once)
        said = b"".join(reading.pieces()).decode()
    told = [line.split("\t") for line in said.removesuffix("\n").split("\n")]
    expected = by_cells(rows, decimal, {"US": "USD"})
    assert len(told) == len(rows) == reading.lines
    assert reading.wrong == sum(bool(wrong) for _, wrong in expected)
    for (_, *cells, beside, faults), (values, wrong) in zip(told, expected, strict=True):
        got = [as_value(name, as_copied(cell)) for name, cell in zip(HEADER, cells, strict=True)]
        assert got == values
        assert beside == "\\N"
        assert [fault["field"] for fault in json.loads(as_copied(faults) or "[]")] == wrong

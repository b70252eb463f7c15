"""Whole files, good and bad, against a slow reading of them line by line in Python: the same lines, the same faults."""

import csv
import io
import random
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from channel.database import db
from channel.errors import Message
from channel.imports.loader import specs
from channel.imports.rules.rows import parse_cell
from channel.sales.queries import loading
from channel.sales.rules import convert
from tests.make.sales import loaded, make_loader, make_masters

FIELDS = ("dealer", "date", "product", "quantity", "amount", "currency", "document", "line")
FIRST, LAST = date(2025, 1, 10), date(2025, 3, 5)
OWN = {"D1": "USD", "D2": "USD", "D3": "EUR"}
RATES = {date(2024, 12, 30) + timedelta(days=3 * n): Decimal(f"1.{1234567 + 7919 * n}") for n in range(16)}
SPOILED = (
    *((0, "DX"), (0, ""), (1, "2025-02-30"), (1, "2025-03-06"), (2, "PX"), (3, "many"), (4, "1e14"), (4, "")),
    *((4, "99999999999999.9999"), (4, "-89999999999999"), (5, "GBP"), (5, "E"), (6, "N" * 201), (6, "SAME")),
)
"""(field, text) of what may be wrong with a line, or at the edge of it."""
LARGEST = Decimal("99999999999999.9999")


def rate_of(currency: str, day: date) -> Decimal | None:
    if currency == "USD":
        return Decimal(1)
    days = [each for each in RATES if each <= day <= each + timedelta(days=7)]
    return RATES[max(days)] if currency == "EUR" and days else None


def made_up(chance: random.Random, count: int, *, spoiled: float) -> Iterator[tuple[str, ...]]:
    """Lines of which some are spoiled in some way; a document line may stand twice among these."""
    for number in range(count):
        day = FIRST + timedelta(days=chance.randrange((LAST - FIRST).days + 1))
        line = [
            chance.choice(("D1", "D2", "D3", " D1 ")),
            chance.choice((f"{day}", f"{day:%Y/%m/%d}", f"{day:%Y%m%d}")),
            chance.choice(("P1", "P2", "P3")),
            str(chance.randrange(-3, 20)),
            f"{chance.randrange(-500, 90000)}.{chance.randrange(100000):05}",
            chance.choice(("USD", "EUR", "", "usd")),
            chance.choice(("", f"INV {number}", f'"{number}"', f"单{number}")),
            chance.choice(("", "1")),
        ]
        if chance.random() < spoiled:
            at, text = chance.choice(SPOILED)
            line[at] = text
            line[7] = "1" if text == "SAME" else line[7]
        yield tuple(line)


def written(rows: list[tuple[str, ...]], *, delimiter: str, end: str, quoting: Any, mark: bool) -> bytes:  # noqa: ANN401 - csv's
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=delimiter, lineterminator=end, quoting=quoting)
    writer.writerow(FIELDS)
    for row in rows:
        comma = [
            cell.replace(".", ",") if name in {"quantity", "amount"} else cell
            for name, cell in zip(FIELDS, row, strict=True)
        ]
        writer.writerow(comma if delimiter == ";" else row)
    return ("\ufeff" if mark else "").encode() + out.getvalue().encode()


def slowly(rows: list[tuple[str, ...]]) -> tuple[list[tuple[object, ...]], dict[int, list[str]]]:
    """(the lines that can be loaded, the fields at fault by line number), by the rules alone."""
    spec, seen = specs()["sell-in"], set()
    good: list[tuple[object, ...]] = []
    faults: dict[int, list[str]] = {}
    for number, row in enumerate(rows, 2):
        values: dict[str, Any] = {
            name: parse_cell(spec.field(name), cell) for name, cell in zip(FIELDS, row, strict=True)
        }
        wrong = [name for name, value in values.items() if isinstance(value, Message)]
        if not wrong:
            wrong = unresolved(values)
            key = (values["dealer"], values["document"], values["line"])
            if values["dealer"] in OWN and None not in key:
                wrong += ["document"] if key in seen else []
                seen.add(key)
        if wrong:
            faults[number] = sorted(set(wrong))
            continue
        own = OWN[values["dealer"]]
        currency = values["currency"] or own
        rate, own_rate = rate_of(currency, values["date"]), rate_of(own, values["date"])
        assert rate is not None
        assert own_rate is not None
        company, dealer = convert(values["amount"], rate, own_rate)
        good.append(
            (
                *(values["dealer"], values["date"], values["date"].replace(day=1), values["product"]),
                *(values["quantity"], values["amount"], currency, values["document"], values["line"]),
                *(rate, company, own, own_rate, values["amount"] if currency == own else dealer),
            )
        )
    return good, faults


def unresolved(values: dict[str, Any]) -> list[str]:
    wrong = ["product"] if values["product"] not in {"P1", "P2", "P3"} else []
    wrong += [] if FIRST <= values["date"] <= LAST else ["date"]
    if values["dealer"] not in OWN:
        return [*wrong, "dealer"]
    own = OWN[values["dealer"]]
    rate, own_rate = rate_of(values["currency"] or own, values["date"]), rate_of(own, values["date"])
    if rate is None or own_rate is None:
        return [*wrong, "currency"]
    large = max(abs(values["amount"] * rate), abs(values["amount"] * rate / own_rate)) > LARGEST
    return [*wrong, "amount"] if large else wrong


_LINES = """
SELECT d.code, l.on_date, l.month, p.code, l.quantity, l.amount, l.currency, l.document, l.line_number, l.rate,
       l.company_amount, l.dealer_currency, l.dealer_rate, l.dealer_amount
FROM sales_line l JOIN dealer d ON d.id = l.dealer_id JOIN product p ON p.id = l.product_id AND p.line_id = l.line_id
WHERE l.closed_by IS NULL
"""


@pytest.mark.parametrize("seed", range(8))
async def test_what_goes_in_is_what_a_slow_reading_gives(database: str, seed: int) -> None:
    await make_masters(rates=[("EUR", day, str(rate)) for day, rate in RATES.items()])
    chance = random.Random(seed)  # noqa: S311 - made-up sales
    rows = list(made_up(chance, 120, spoiled=(0, 0, 0.1, 0.4)[seed % 4]))
    content = written(
        rows,
        delimiter=chance.choice(",;"),
        end=chance.choice(("\n", "\r\n")),
        quoting=chance.choice((csv.QUOTE_MINIMAL, csv.QUOTE_ALL)),
        mark=chance.random() < 0.5,
    )
    profile: dict[str, Any] = {
        "columns": {name: name for name in FIELDS},
        "decimal": "," if b";" in content[:20] else ".",
    }
    options: dict[str, Any] = {"period": f"{FIRST}:{LAST}", "profile": profile}
    good, faults = slowly(rows)
    person = await make_loader()
    result = await loaded(person, "sell-in", content, **options)
    assert {line: sorted({name for name, _ in reasons}) for line, reasons in result["rejects"]} == faults
    assert result["state"] == ("refused" if faults else "loaded")
    if faults:
        async with db.held(db.EVERYTHING):
            assert await db.fetch(_LINES) == []
        result = await loaded(person, "sell-in", content, **options, partial=True)
    async with db.held(db.EVERYTHING):
        found = [tuple(row.values()) for row in await db.fetch(_LINES)]
        assert await loading.different_rollups() == 0
    assert sorted(found, key=repr) == sorted(good, key=repr)
    told = {
        each["currency"]: (each["lines"], each["amount"], each["returns"]) for each in result["preview"]["currencies"]
    }
    assert {name: count for name, (count, _, _) in told.items()} == {
        name: sum(line[6] == name for line in good) for name in {line[6] for line in good}
    }

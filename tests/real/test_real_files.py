"""The files and profiles of AdventureWorks: a bicycle maker and its 701 resellers."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from channel import files
from channel.imports.loader import specs
from channel.imports.rules.kinds import Value
from channel.imports.rules.mapping import lookup_table, reader, resolve
from channel.imports.rules.profile import Profile, parse_profile
from channel.imports.rules.rows import territory_nodes
from tests.make.data import PROFILES, real_data
from tests.make.rows import parse_row


@pytest.fixture(scope="module")
def folder() -> Path:
    return real_data("adventureworks_dw")


def profile_of(kind: str) -> Profile:
    return parse_profile(specs()[kind], json.loads((PROFILES / f"adventureworks-{kind}.json").read_text()))


def rows_of(folder: Path, name: str, kind: str, profile: Profile) -> Iterator[dict[str, Value]]:
    """Every row of a file, read by a profile; each must be right."""
    path, spec = folder / name, specs()[kind]
    shape = files.sniff(path)
    columns = resolve(spec, profile, shape.header)
    tables = {}
    for found in columns.lookups:
        beside = PROFILES / found.lookup.file
        other = beside if beside.exists() else folder / found.lookup.file
        seen = files.sniff(other)
        rows = (record.cells for record in files.read_rows(other, seen))
        tables[found.name] = lookup_table(found.lookup, seen.header, rows)
    read = reader(columns, tables)
    for record in files.read_rows(path, shape):
        assert record.fault is None
        texts, missing = read(record.cells)
        assert missing == ()
        values, wrong = parse_row(spec, dict(zip(columns.names, texts, strict=True)))
        assert wrong == (), (record, wrong)
        yield values


def test_every_file_is_read_whole(folder: Path) -> None:
    counts = {}
    for path in folder.glob("*.csv"):
        shape = files.sniff(path)
        assert (shape.kind, shape.delimiter, shape.header_line, shape.notes) == ("csv", ",", 1, ())
        counts[path.stem] = sum(record.fault is None for record in files.read_rows(path, shape))
    told = {"DimReseller": 701, "DimGeography": 655, "DimProduct": 606, "FactCurrencyRate": 14264}
    assert counts.items() >= (told | {"FactResellerSales": 60855, "DimCurrency": 105}).items()


def test_the_sales_add_up_by_currency(folder: Path) -> None:
    sums: dict[object, Decimal] = defaultdict(Decimal)
    days, dealers, keys = set(), set(), Counter[object]()
    for row in rows_of(folder, "FactResellerSales.csv", "sell-in", profile_of("sell-in")):
        assert isinstance(row["amount"], Decimal)
        sums[row["currency"]] += row["amount"]
        days.add(row["date"])
        dealers.add(row["dealer"])
        keys[row["document"], row["line"]] += 1
    assert sums == {
        "USD": Decimal("57724791.4733"),
        "CAD": Decimal("14377925.5965"),
        "GBP": Decimal("4279008.8266"),
        "EUR": Decimal("2474535.7092"),
        "AUD": Decimal("1594335.3767"),
    }
    assert sum(sums.values()) == Decimal("80450596.9823")
    assert (min(days), max(days)) == (date(2010, 12, 29), date(2013, 11, 29))  # type: ignore[type-var]
    assert len(dealers) == 635
    assert (keys.total(), max(keys.values())) == (60855, 1)


def test_products_can_be_looked_up_by_their_other_code(folder: Path) -> None:
    document = json.loads((PROFILES / "adventureworks-sell-in.json").read_text())
    del document["columns"]["product"]
    at = {"file": "DimProduct.csv", "key": "ProductKey", "from": "ProductKey", "value": "ProductAlternateKey"}
    document["lookups"]["product"] = at
    profile = parse_profile(specs()["sell-in"], document)
    first = next(rows_of(folder, "FactResellerSales.csv", "sell-in", profile))
    assert (first["dealer"], first["product"], first["currency"]) == ("AW00000676", "BK-M82B-42", "USD")


def test_dealers_have_type_currency_grade_and_a_territory_of_the_tree(folder: Path) -> None:
    nodes = {}
    for row in rows_of(folder, "DimGeography.csv", "territories", profile_of("territories")):
        for code, name, level, parent in territory_nodes(str(row["path"]), str(row["path_levels"])):
            assert nodes.setdefault(code, (name, level, parent)) == (name, level, parent)
    dealers = list(rows_of(folder, "DimReseller.csv", "dealers", profile_of("dealers")))
    assert Counter(row["type"] for row in dealers) == {"wholesale": 232, "terminal": 469}
    assert len({row["code"] for row in dealers}) == 701
    assert {nodes[str(row["territory"])][1] for row in dealers} == {"city"}
    assert {row["currency"] for row in dealers} == {"USD", "CAD", "GBP", "AUD", "EUR"}
    assert {row["terms_days"] for row in dealers} == {30}
    assert [row["grade"] for row in dealers[:5]] == ["AA", "A", "B", "C", "AAA"]
    first = dealers[0]
    assert (first["code"], first["name"]) == ("AW00000001", "A Bike Store")
    assert first["territory"] == "North America/United States/Northwest/Washington/Seattle"
    assert nodes["North America"] == ("North America", "group", None)
    assert nodes["Europe/France"] == ("France", "country", "Europe")


def test_products_have_a_line_and_rates_are_of_the_company_currency(folder: Path) -> None:
    products = list(rows_of(folder, "DimProduct.csv", "products", profile_of("products")))
    lines = Counter(row["line"] for row in products)
    assert lines == {"Other": 226, "Road": 162, "Mountain": 112, "Standard": 54, "Touring": 52}
    rates = {
        (row["currency"], row["date"]): row["rate"]
        for row in rows_of(folder, "FactCurrencyRate.csv", "rates", profile_of("rates"))
    }
    assert len(rates) == 14264
    day = date(2013, 11, 29)
    assert rates["USD", day] == 1
    # A pound was dearer than a dollar, and a yen far cheaper: dollars for one unit, as the company counts.
    assert rates["GBP", day] > 1.5 > rates["CAD", day] > 0.5 > rates["JPY", day]  # type: ignore[operator]

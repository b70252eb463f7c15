"""The way of a new user on the real data: masters, rates and sell-in over the API, with the kept profiles."""

import csv
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import httpx

from channel.database import db
from channel.money import round_half_away
from channel.sales.queries import loading
from tests.make.data import real_data
from tests.real.conftest import load

_CURRENCIES = {"US": "USD", "CA": "CAD", "GB": "GBP", "AU": "AUD", "FR": "EUR", "DE": "EUR"}
_SPOILED = {
    100: ("OrderDate", "2013-02-30 00:00:00"),
    2_000: ("ResellerKey", "99999"),
    3_000: ("ProductKey", "99999"),
    20_000: ("OrderQuantity", "many"),
    30_000: ("SalesAmount", "123456789012345678"),
    40_000: ("OrderDate", "2014-01-01 00:00:00"),
    60_000: ("CurrencyKey", "2"),
}
"""Data line -> what is made wrong in it."""


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        yield from csv.DictReader(file)


def _expected(data: Path) -> tuple[Decimal, int, set[str], set[str]]:
    """Company amount, lines, resellers and those of several currencies, computed without any code of ours."""
    codes = {row["CurrencyKey"]: row["CurrencyAlternateKey"] for row in _rows(data / "DimCurrency.csv")}
    rates: dict[str, dict[date, Decimal]] = defaultdict(dict)
    for row in _rows(data / "FactCurrencyRate.csv"):
        rate = round_half_away(Decimal(row["EndOfDayRate"]), 12)
        rates[codes[row["CurrencyKey"]]][date.fromisoformat(row["Date"][:10])] = rate
    total, lines = Decimal(0), 0
    traded = defaultdict(set)
    for row in _rows(data / "FactResellerSales.csv"):
        currency, day = codes[row["CurrencyKey"]], date.fromisoformat(row["OrderDate"][:10])
        rate = Decimal(1)
        if currency != "USD":
            rate = next(
                rates[currency][at] for back in range(8) if (at := day - timedelta(days=back)) in rates[currency]
            )
        total += round_half_away(Decimal(row["SalesAmount"]) * rate)
        lines += 1
        traded[row["ResellerKey"]].add(currency)
    return total, lines, set(traded), {key for key, found in traded.items() if len(found) > 1}


def _spoiled(text: str) -> str:
    lines = text.splitlines()
    header = lines[0].split(",")
    for number, (column, value) in _SPOILED.items():
        cells = lines[number].split(",")
        cells[header.index(column)] = value
        lines[number] = ",".join(cells)
    return "\n".join(lines) + "\n"


async def test_sell_in_of_adventureworks(channel: dict[str, httpx.AsyncClient]) -> None:
    data = real_data("adventureworks_dw")
    client = channel["manager"]
    source = data / "FactResellerSales.csv"
    lookups = (data / "DimReseller.csv", data / "DimCurrency.csv")
    options = {"period": "2010-12:2013-11"}
    content = source.read_bytes()

    refused = await load(client, "sell-in", _spoiled(content.decode()).encode(), source.name, lookups, **options)
    assert (refused["state"], refused["counts"]["rejected"]) == ("refused", 7)
    rejects = (await client.get(f"/api/v1/imports/{refused['id']}/rejects.csv")).content.decode("utf-8-sig")
    assert [int(row["rejected_line"]) for row in csv.DictReader(rejects.splitlines())] == [n + 1 for n in _SPOILED]

    result = await load(client, "sell-in", content, source.name, lookups, **options)
    assert (result["state"], result["counts"]["loaded"]) == ("loaded", 60_855)
    total, lines, resellers, several = _expected(data)
    async with db.held(db.EVERYTHING):
        row = await db.fetchrow(
            "SELECT count(*) AS lines, sum(company_amount) AS company, count(DISTINCT dealer_id) AS dealers"
            " FROM sales_line"
        )
        assert row is not None
        assert (row["lines"], row["company"], row["dealers"]) == (lines, total, len(resellers)) == (60_855, total, 635)
        assert len(several) == 2
        own = await db.fetch("SELECT currency, sum(amount) AS amount FROM sales_line GROUP BY 1 ORDER BY 1")
        assert {r["currency"]: r["amount"] for r in own} == {
            "AUD": Decimal("1594335.3767"),
            "CAD": Decimal("14377925.5965"),
            "EUR": Decimal("2474535.7092"),
            "GBP": Decimal("4279008.8266"),
            "USD": Decimal("57724791.4733"),
        }
        types = await db.fetch("SELECT type, count(*) AS dealers FROM dealer GROUP BY 1 ORDER BY 1")
        assert [(r["type"], r["dealers"]) for r in types] == [("terminal", 469), ("wholesale", 232)]
        assert await loading.different_rollups() == 0
        rolled = await db.fetchval("SELECT sum(company_amount) FROM sales_month")
        assert rolled == total

    again = await load(client, "sell-in", content, source.name, lookups, **options)
    assert (again["state"], again["same_as"]) == ("unchanged", result["id"])
    await _one_month_is_superseded(client, content.decode(), source.name, lookups)


async def _one_month_is_superseded(client: httpx.AsyncClient, text: str, name: str, lookups: tuple[Path, ...]) -> None:
    before = await _all_months(client)
    async with db.held(db.EVERYTHING), db.known() as moment:
        pass
    lines = text.splitlines()
    march = [line for line in lines[1:] if line.split(",")[1].startswith("201303")]
    content = "\n".join([lines[0], *march[1:]]) + "\n"
    result = await load(client, "sell-in", content.encode(), name, lookups, period="2013-03")
    assert (result["state"], result["counts"]["superseded"]) == ("loaded", len(march))
    after = await _all_months(client)
    changed = {key for key in before if before[key] != after[key]}
    assert {month for _, month in changed} == {"2013-03"}
    assert len(changed) == 1
    assert await _all_months(client, known_at=moment.isoformat()) == before


async def _all_months(client: httpx.AsyncClient, **query: str) -> dict[tuple[str, str], object]:
    found: dict[tuple[str, str], object] = {}
    cursor: str | None = None
    while True:
        asked = {"kind": "sell-in", "from": "2012-12", "to": "2013-06", "limit": "400", **query}
        page = (await client.get("/api/v1/sales/months", params=asked | ({"cursor": cursor} if cursor else {}))).json()
        for row in page["items"]:
            found.setdefault((row["dealer"], row["month"]), []).append(row)  # type: ignore[attr-defined]
        cursor = page["next"]
        if cursor is None:
            return found

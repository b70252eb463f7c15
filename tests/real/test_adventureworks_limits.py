"""The limits of all resellers, from the files to the three kinds of asker, against figures worked out apart."""

from datetime import date
from decimal import Decimal
from typing import Any

import httpx

from channel.access.rules import Role
from channel.database import db
from tests.make.access import make_person
from tests.make.data import real_data
from tests.real.adventureworks import expected_limits
from tests.real.conftest import load

AS_OF = date(2013, 12, 1)


async def _limits(client: httpx.AsyncClient, run: int) -> dict[str, tuple[Decimal | None, str | None]]:
    found: dict[str, tuple[Decimal | None, str | None]] = {}
    cursor: str | None = None
    while True:
        asked = {"limit": "400"} | ({"cursor": cursor} if cursor else {})
        page = (await client.get(f"/api/v1/credit/runs/{run}/assessments", params=asked)).json()
        for row in page["items"]:
            found[row["dealer"]] = (None if row["amount"] is None else Decimal(row["amount"]), row["withheld"])
        cursor = page["next"]
        if cursor is None:
            return found


async def test_every_reseller_has_its_limit_or_a_reason_whoever_asks(
    channel: dict[str, httpx.AsyncClient],
    api: Any,  # noqa: ANN401 - the fixture of conftest
) -> None:
    data = real_data("adventureworks_dw")
    lookups = (data / "DimReseller.csv", data / "DimCurrency.csv")
    content = (data / "FactResellerSales.csv").read_bytes()
    loaded = await load(
        channel["manager"], "sell-in", content, "FactResellerSales.csv", lookups, period="2010-12:2013-11"
    )
    assert loaded["state"] == "loaded"
    finance = channel["finance"]
    run = (await finance.post("/api/v1/credit/assess", json={"as_of": str(AS_OF)}, timeout=120)).json()
    found = await _limits(finance, run["run"])
    expected = expected_limits(data, AS_OF)
    assert len(found) == 701
    assert {code: amount for code, (amount, _) in found.items()} == expected
    assert all((amount is None) == bool(reason) for amount, reason in found.values())

    async with db.held(db.EVERYTHING):
        america = await db.fetchval("SELECT id FROM territory WHERE name = 'North America' AND parent_id IS NULL")
    regional = await api(await make_person(Role.REGIONAL, america))
    own = (await regional.post("/api/v1/credit/assess", json={"as_of": str(AS_OF)}, timeout=120)).json()
    theirs = await _limits(regional, own["run"])
    assert 0 < len(theirs) < 701
    assert theirs == {code: found[code] for code in theirs}

    codes = sorted(theirs)[::40]
    for code in codes:
        asked = {"as_of": str(AS_OF)}
        told = [
            (await client.get(f"/api/v1/credit/dealers/{code}/explain", params=asked)).json()["decision"]
            for client in (finance, regional)
        ]
        assert told[0]["amount"] == told[1]["amount"]
        assert (None if told[0]["amount"] is None else Decimal(told[0]["amount"])) == found[code][0]
        days = {"first": "2013-06-01", "second": str(AS_OF)}
        difference = (await finance.get(f"/api/v1/credit/dealers/{code}/diff", params=days)).json()
        assert difference["parts"], difference
        assert sum((Decimal(part["amount"]) for part in difference["parts"]), Decimal(0)) == Decimal(
            difference["whole"]
        )
    elsewhere = next(code for code in found if code not in theirs)
    assert (await regional.get(f"/api/v1/credit/dealers/{elsewhere}/explain")).status_code == 404

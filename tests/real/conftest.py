"""The real data brought in as a new user does it: over the API, with the kept profiles."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from channel.access.rules import Role
from channel.imports.service.worker import run_waiting
from tests.make.access import make_person
from tests.make.data import PROFILES, real_data


async def load(
    client: httpx.AsyncClient, kind: str, content: bytes, name: str, lookups: tuple[Path, ...] = (), **options: object
) -> dict[str, Any]:
    document = PROFILES / f"adventureworks-{kind}.json"
    sent = {"kind": kind, "profile": json.loads(document.read_text("utf-8")), **options}
    parts = [("file", (name, content))] + [
        (f"lookup{n}", (path.name, path.read_bytes())) for n, path in enumerate(lookups)
    ]
    answer = await client.post("/api/v1/imports", data={"options": json.dumps(sent)}, files=parts, timeout=60)
    assert answer.status_code == 202, answer.text
    await run_waiting()
    result: dict[str, Any] = (await client.get(f"/api/v1/imports/{answer.json()['id']}")).json()
    return result


@pytest.fixture
async def channel(api: Any, database: str) -> dict[str, httpx.AsyncClient]:  # noqa: ANN401 - the fixture of conftest
    """Everything but sell-in is loaded; clients by role."""
    data = real_data("adventureworks_dw")
    clients = {role.value: await api(await make_person(role)) for role in (Role.MANAGER, Role.FINANCE)}
    geography, territory, currency = (data / f"{n}.csv" for n in ("DimGeography", "DimSalesTerritory", "DimCurrency"))
    grades = PROFILES / "adventureworks-grades.csv"
    since = {"effective_on": "2010-01-01"}
    steps = [
        ("territories", "manager", geography, (territory,), {}),
        ("products", "manager", data / "DimProduct.csv", (), {}),
        ("dealers", "manager", data / "DimReseller.csv", (geography, territory, grades), since),
        ("rates", "finance", data / "FactCurrencyRate.csv", (currency,), since),
    ]
    for kind, role, path, lookups, options in steps:
        result = await load(clients[role], kind, path.read_bytes(), path.name, lookups, **options)
        assert result["state"] == "loaded", (kind, result)
    return clients

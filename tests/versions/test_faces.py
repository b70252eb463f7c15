"""A further kind of document on pages, over the API and on the command line: made of its declaration alone."""

import json
import re
from collections.abc import Awaitable, Callable
from pathlib import Path

import httpx
import pytest
from litestar import Litestar

from channel import clock
from channel.access.rules import Person
from tests.cli.conftest import Service
from tests.make.limits import Desk
from tests.make.papers import form_of
from tests.make.service_terms import TERMS, Pace, Repairs, ServiceTerms

Client = Callable[[Person], Awaitable[httpx.AsyncClient]]
V1 = "/api/v1/service-terms"


async def _post(client: httpx.AsyncClient, path: str, **form: str) -> httpx.Response:
    return await client.post(path, data=form | {"_csrf_token": client.cookies["csrftoken"]})


async def _get(client: httpx.AsyncClient, path: str) -> str:
    answer = await client.get(path)
    assert answer.status_code == 200, answer.text[:2000]
    return answer.text


async def test_on_pages_from_the_form_to_what_counts(desk: Desk, browser: Client) -> None:
    manager, finance = await browser(desk.manager), await browser(desk.finance)
    page = await _get(manager, "/service-terms/new")
    assert [page.count(text) for text in ("Until the machine is back.", "on the same day", "From repairs")] == [1, 1, 3]
    today = clock.today().isoformat()
    form = form_of(TERMS, ServiceTerms()) | {"effective_from": today, "note": "quicker"}
    wrong = {"repairs.most_days": "9", "repairs.pace": "same_day", "steps.1.repairs": "20", "steps.1.free": "2"}
    refused = await _post(manager, "/service-terms/new", **(form | wrong))
    assert (refused.status_code, refused.text.count('aria-invalid="true"')) == (422, 1)
    assert re.search(r'name="steps\.1\.repairs"[^>]*value="20"', refused.text), "it comes back as it was typed"
    assert re.search(r'<option value="same_day" selected>', refused.text)
    kept = await _post(manager, "/service-terms/new", **(form | wrong | {"repairs.most_days": "7"}))
    assert kept.headers["location"] == "/service-terms/1", kept.text
    assert (await _post(manager, "/service-terms/1/propose", reason="for the year")).status_code == 303
    assert (await _post(manager, "/service-terms/1/approve", reason="mine")).status_code == 403
    assert "It counts from" in await _get(finance, "/service-terms/1")
    assert (await _post(finance, "/service-terms/1/approve", reason="agreed")).status_code == 303
    shown = await _get(finance, "/service-terms/1")
    assert [text in shown for text in ("counts today", "on the same day", "small 2 · large 8")] == [True] * 3
    assert "Service terms 1 counts today" in await _get(await browser(desk.east), "/service-terms")
    # A copy starts from what counts, and is compared with it.
    copied = await _post(manager, "/service-terms/new", **(form | wrong | {"repairs.most_days": "5"}))
    assert "Compared with service terms 1" in await _get(finance, copied.headers["location"])


async def test_it_waits_on_the_desk_of_whoever_may_decide(desk: Desk, browser: Client, api: Client) -> None:
    manager, finance, page = await api(desk.manager), await api(desk.finance), await browser(desk.finance)
    before = (await finance.get("/api/v1/desk")).json()
    assert {name: before["also"][name] for name in ("ledger_rules", "service_terms", "workshop_terms")} == {
        "ledger_rules": [],
        "service_terms": [],
        "workshop_terms": [],
    }
    text = {"document": {}, "effective_from": clock.today().isoformat()}
    for address in (V1, "/api/v1/workshops/W%202/terms"):
        await manager.post(address, json=text)
        await manager.post(f"{address}/1/propose", json={"reason": "for the year"})
    told = (await finance.get("/api/v1/desk")).json()
    assert (told["waiting"], told["policies"]) == (before["waiting"] + 2, [])
    said = {name: [each["what"].partition(",")[0] for each in items] for name, items in told["also"].items()}
    assert {name: said[name] for name in ("ledger_rules", "service_terms", "workshop_terms")} == {
        "ledger_rules": [], "service_terms": ["Service terms 1"], "workshop_terms": ["Workshop terms W 2 1"],
    }  # fmt: skip
    (waits,) = told["also"]["service_terms"]
    assert (waits["key"], waits["url"], waits["why"]) == ("1", "/service-terms/1", "manager-1: for the year")
    assert '<a class="what" href="/service-terms/1">Service terms 1, effective from' in await _get(page, "/")
    own = await _get(await browser(desk.manager), "/")
    assert 'href="/service-terms/1">Service terms 1, effective from' in own
    assert not {"ledger_rules", "service_terms", "workshop_terms"} & set(
        (await manager.get("/api/v1/desk")).json()["also"]
    )
    await finance.post(f"{V1}/1/refuse", json={"reason": "too mild"})
    assert (await finance.get("/api/v1/desk")).json()["also"]["service_terms"] == []


async def test_what_somebody_else_changed_since_is_told_and_nothing_typed_is_lost(desk: Desk, browser: Client) -> None:
    manager, second = await browser(desk.manager), await browser(desk.second)
    today = clock.today().isoformat()
    form = form_of(TERMS, ServiceTerms()) | {"effective_from": today, "note": ""}
    await _post(manager, "/service-terms/new", **form)
    opened = [
        re.search(r"name=\"opened\" value='([^']*)'", await _get(each, "/service-terms/1/edit"))
        for each in (manager, second)
    ]
    texts = [each[1].replace("&#34;", '"') for each in opened if each]
    first = await _post(manager, "/service-terms/1/edit", **(form | {"repairs.most_days": "4", "opened": texts[0]}))
    assert first.status_code == 303, first.text
    late = await _post(second, "/service-terms/1/edit", **(form | {"name": "Mine", "opened": texts[1]}))
    assert late.status_code == 409
    assert "Most days: somebody else has made it 4." in late.text
    assert re.search(r'name="name"[^>]*value="Mine"', late.text)
    assert re.search(r'name="repairs\.most_days"[^>]*value="10"', late.text)


async def test_over_the_api_as_any_document(desk: Desk, api: Client, app: Litestar) -> None:
    manager, finance = await api(desk.manager), await api(desk.finance)
    checked = await manager.post(f"{V1}/check", json={"document": {"repairs": {"most_days": 99}}})
    assert (checked.status_code, checked.json()["errors"][0]["field"]) == (422, "repairs.most_days")
    text = {"document": {"repairs": {"pace": "same_day", "most_days": 3}}, "effective_from": clock.today().isoformat()}
    assert (await manager.post(V1, json=text)).json() == {"version": 1}
    assert (await manager.put(f"{V1}/1", json=text | {"note": "again"})).json() == {"version": 1}
    assert (await manager.post(f"{V1}/1/propose", json={"reason": "now"})).json() == {"state": "proposed"}
    assert (await finance.post(f"{V1}/1/approve", json={"reason": "good"})).json() == {"state": "approved"}
    told = (await finance.get(f"{V1}/1")).json()
    assert told["document"]["repairs"] == {"pace": "same_day", "most_days": 3, "hours": {"small": "2", "large": "8"}}
    assert (told["version"]["state"], told["version"]["approver"]) == ("approved", "finance-1")
    assert [each["act"] for each in told["acts"]] == ["draft", "edit", "propose", "approve"]
    await manager.post(V1, json=text | {"document": {"name": "Slow"}})
    compared = (await manager.get(f"{V1}/2/compare")).json()["items"]
    assert [each["label"] for each in compared] == ["Name", "Repairs / Begun", "Repairs / Most days"]
    assert [each["version"] for each in (await manager.get(V1)).json()["items"]] == [2, 1]
    described = app.openapi_schema.to_schema()["paths"]
    assert "of" in {each["name"] for each in described["/api/v1/workshops/{of}/terms"]["get"]["parameters"]}


async def test_of_what_they_belong_to_by_every_face(desk: Desk, api: Client, browser: Client, service: Service) -> None:
    manager, page = await api(desk.manager), await browser(desk.manager)
    text = {"document": {}, "effective_from": clock.today().isoformat()}
    assert (await manager.post("/api/v1/workshops/W%202/terms", json=text)).json() == {"version": 1}
    assert (await manager.get("/api/v1/workshops/W-1/terms")).json()["items"] == []
    assert (await manager.get("/api/v1/workshops/W-9/terms")).status_code == 404
    assert "/workshops/W%202/terms/1" in await _get(page, "/workshops/W%202/terms")
    assert "Terms 1 of W 2" in await _get(page, "/workshops/W%202/terms/1")
    form = form_of(TERMS, ServiceTerms()) | {"effective_from": text["effective_from"], "note": ""}
    kept = await _post(page, "/workshops/W%202/terms/new", **form)
    assert kept.headers["location"] == "/workshops/W%202/terms/2", kept.text
    assert [row["version"] for row in await service.found(desk.east, "workshop-terms", "list", "W 2")] == [2, 1]
    proposed = await service.done(desk.manager, "workshop-terms", "propose", "W 2", "2", "--reason", "now")
    assert proposed.err.strip() == "Terms 2 of W 2 is proposed."


@pytest.mark.usefixtures("desk")
async def test_on_the_command_line(desk: Desk, service: Service, tmp_path: Path) -> None:
    text = tmp_path / "terms.json"
    text.write_text(json.dumps({"repairs": {"pace": "same_day"}}))
    refused = await service.run(desk.manager, "terms", "check", str(text))
    assert (refused.code, "no longer than a week" in refused.err) == (1, True)
    text.write_text(json.dumps({"repairs": {"pace": "same_day", "most_days": 2}}))
    today = clock.today().isoformat()
    drafted = await service.done(desk.manager, "terms", "draft", str(text), "--effective-from", today)
    assert drafted.err.strip() == "Service terms 1 is a draft."
    await service.done(desk.manager, "terms", "propose", "1", "--reason", "now")
    assert (await service.run(desk.manager, "terms", "approve", "1", "--reason", "mine")).code == 1
    await service.done(desk.finance, "terms", "approve", "1", "--reason", "good")
    shown = await service.found(desk.east, "terms", "show", "1")
    assert shown["document"]["repairs"]["pace"] == Pace.SAME_DAY
    assert Repairs(Pace.SAME_DAY, 2).most_days == shown["document"]["repairs"]["most_days"]
    assert (await service.found(desk.east, "terms", "list"))[0]["state"] == "approved"

"""The JSON face: the same acts and figures, refusals as problems, and nothing of what one may not know of."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import httpx
import pytest

from channel.versions.rules import written
from tests.make.credit import DEFAULT_POLICY
from tests.make.dealers import make_dealer
from tests.make.limits import AS_OF, make_dealer_selling, make_desk, on_day

Client = Callable[[Any], Any]
V1 = "/api/v1/credit"


pytestmark = pytest.mark.usefixtures("database")


def _ok(response: httpx.Response) -> Any:  # noqa: ANN401 - JSON
    assert response.is_success, response.text
    return response.json()


@on_day(AS_OF)
async def test_from_assessment_to_the_limit_in_force(api: Client) -> None:
    desk = await make_desk()
    await make_dealer_selling(desk, "D-1", "60123.45", terms=45)
    await make_dealer("D-2", territory="Lake District")
    manager, finance, second, east, north = [
        await api(each) for each in (desk.manager, desk.finance, desk.second, desk.east, desk.north)
    ]
    run = _ok(await manager.post(f"{V1}/assess", json={"as_of": "2013-12-01", "propose": True}))
    assert (run["computed"], run["withheld"], run["proposed"]) == (1, 1, 1)
    items = _ok(await finance.get(f"{V1}/runs/{run['run']}/assessments"))["items"]
    assert [(each["dealer"], each["amount"] and Decimal(each["amount"])) for each in items] == [
        ("D-1", Decimal(90_100)), ("D-2", None),
    ]  # fmt: skip
    assert items[1]["withheld"] == "the dealer is new and no first-year target is agreed"
    explained = [
        _ok(await client.get(f"{V1}/dealers/D-1/explain", params={"as_of": "2013-12-01"}))["decision"]["unrounded"]
        for client in (finance, east, manager)
    ]
    assert {Decimal(each) for each in explained} == {Decimal("90185.175")}
    before = {"as_of": "2013-12-01", "known_at": "2013-01-01T00:00:00", "dealer": "D-1"}
    assert _ok(await finance.post(f"{V1}/assess", json=before))["withheld"] == 1, "a moment in the company's time zone"
    far = {"kind": "base", "amount": "100", "reason": "x", "from_on": "9999-12-31"}
    answer = await finance.post(f"{V1}/dealers/D-1/proposals", json=far)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "from_on")
    again = _ok(await east.get(f"{V1}/assessments/{items[0]['id']}/recompute"))
    assert again["differs"] is None

    queue = _ok(await finance.get(f"{V1}/proposals", params={"mine_to_decide": True}))["items"]
    assert [each["dealer"] for each in queue] == ["D-1"]
    refused = await manager.post(f"{V1}/proposals/{queue[0]['id']}/approve", json={"reason": "mine"})
    assert refused.status_code == 403
    approved = _ok(await finance.post(f"{V1}/proposals/{queue[0]['id']}/approve", json={"reason": "sound"}))
    assert approved["state"] == "approved"
    again = await second.post(f"{V1}/proposals/{queue[0]['id']}/approve", json={"reason": "sound"})
    assert again.status_code == 409
    held = _ok(await east.get(f"{V1}/dealers/D-1/limit", params={"as_of": "2013-12-01"}))
    assert (held["state"], Decimal(held["base"]), held["until"]) == ("in_force", Decimal(90_100), "2014-12-01")
    history = _ok(await east.get(f"{V1}/dealers/D-1/limits"))
    assert history["journal"][0]["votes"] == ["finance-1: sound"]
    listed = _ok(await finance.get(f"{V1}/limits", params={"as_of": "2014-01-01"}))["items"]
    assert [each["dealer"] for each in listed] == ["D-1"]

    for path in (
        "dealers/D-1/explain", "dealers/D-1/limit", "dealers/D-1/limits", "dealers/D-1/statements", "dealers/D-1/facts",
        "dealers/D-1/knobs", "dealers/D-1/diff?first=2013-12-01&second=2014-01-01", f"assessments/{items[0]['id']}",
        f"proposals/{queue[0]['id']}",
    ):  # fmt: skip
        assert (await north.get(f"{V1}/{path}")).status_code == 404, path
    for path in ("proposals?state=any", "limits?as_of=2014-01-01"):
        assert _ok(await north.get(f"{V1}/{path}"))["items"] == []


@on_day(AS_OF)
async def test_a_run_is_reviewed_and_approved(api: Client) -> None:
    desk = await make_desk()
    await make_dealer_selling(desk, "D-1", 60_000)
    manager, finance = await api(desk.manager), await api(desk.finance)
    run = _ok(await manager.post(f"{V1}/assess", json={"as_of": "2013-12-01", "propose": True, "reason": "yearly"}))
    review = _ok(await finance.get(f"{V1}/runs/{run['run']}/approval"))
    assert (review["proposals"], review["come_into_force"]) == (1, 1)
    wrong = await finance.post(f"{V1}/runs/{run['run']}/approval", json={"mark": "x", "reason": "fine"})
    assert wrong.status_code == 409
    done = _ok(await finance.post(f"{V1}/runs/{run['run']}/approval", json={"mark": review["mark"], "reason": "fine"}))
    assert done == {"approved": 1, "skipped": []}
    runs = _ok(await finance.get(f"{V1}/runs", params={"limit": 1}))
    assert (runs["items"][0]["open_proposals"], runs["next"]) == (0, None)


async def test_differences_and_what_if(api: Client) -> None:
    desk = await make_desk()
    await make_dealer_selling(desk, "D-1", 60_000)
    east = await api(desk.east)
    knobs = _ok(await east.get(f"{V1}/dealers/D-1/knobs", params={"as_of": "2013-12-01"}))["items"]
    assert {"inputs.grade", "policy.caps.rise_rate"} <= {knob["name"] for knob in knobs}
    then = {"as_of": "2013-12-01", "known_at": "2013-01-01T00:00:00"}
    unknown = _ok(await east.get(f"{V1}/dealers/D-1/knobs", params=then))["items"]
    grades = [next(knob["value"] for knob in each if knob["name"] == "inputs.grade") for each in (knobs, unknown)]
    assert grades[0], "graded as known now"
    assert not grades[1], "nothing was known of the dealer then"
    tried = _ok(
        await east.post(
            f"{V1}/dealers/D-1/what-if", json={"as_of": "2013-12-01", "overrides": {"inputs.terms_days": "60"}}
        )
    )
    assert Decimal(tried["change"]) == 60_000
    wrong = await east.post(f"{V1}/dealers/D-1/what-if", json={"overrides": {"inputs.terms_days": "soon"}})
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "inputs.terms_days")
    found = _ok(await east.get(f"{V1}/dealers/D-1/diff", params={"first": "2013-10-01", "second": "2013-12-01"}))
    assert sum(Decimal(part["amount"]) for part in found["parts"]) == Decimal(found["whole"])


async def test_policies_statements_and_facts(api: Client) -> None:
    desk = await make_desk()
    await make_dealer("D-1", territory="Harbour City")
    manager, finance, auditor, east = [
        await api(each) for each in (desk.manager, desk.finance, desk.auditor, desk.east)
    ]
    document = written(DEFAULT_POLICY) | {"rounding_unit": "1000"}
    assert (await manager.post(f"{V1}/policies/check", json={"document": {"floor": "x"}})).status_code == 422
    text = {"document": document, "effective_from": "2199-01-01", "note": "rounder"}
    assert (await east.post(f"{V1}/policies", json=text)).status_code == 403
    version = _ok(await manager.post(f"{V1}/policies", json=text))["version"]
    compared = _ok(await auditor.get(f"{V1}/policies/{version}/compare"))
    assert [(each["path"], each["after"]) for each in compared["items"]] == [("rounding_unit", "1000")]
    _ok(await manager.post(f"{V1}/policies/{version}/propose", json={"reason": "rounder"}))
    assert (await manager.post(f"{V1}/policies/{version}/approve", json={"reason": "x"})).status_code == 403
    _ok(await finance.post(f"{V1}/policies/{version}/approve", json={"reason": "agreed"}))
    listed = _ok(await auditor.get(f"{V1}/policies"))["items"]
    assert [(each["version"], each["state"]) for each in listed] == [(2, "approved"), (1, "approved")]

    statement = {"period_end": "2013-06-30", "figures": {"total_assets": "1000.5", "net_worth": "-3"}}
    _ok(await east.post(f"{V1}/dealers/D-1/statements", json=statement))
    _ok(await east.post(f"{V1}/dealers/D-1/statements", json=statement | {"figures": {"net_worth": "7"}}))
    kept = _ok(await auditor.get(f"{V1}/dealers/D-1/statements"))["items"]
    assert [(each["net_worth"], each["total_assets"]) for each in kept] == [("7.0000", None)]
    wrong = await east.post(f"{V1}/dealers/D-1/statements", json={"period_end": "2199-01-01", "figures": {}})
    assert [each["field"] for each in wrong.json()["errors"]] == ["total_assets"]
    early = {"period_end": "2199-01-01", "figures": {"sales": "1"}}
    wrong = await east.post(f"{V1}/dealers/D-1/statements", json=early)
    assert [each["field"] for each in wrong.json()["errors"]] == ["period_end"]
    _ok(await east.post(f"{V1}/dealers/D-1/facts", json={"fact": "score", "factor": "prospects", "amounts": ["7"]}))
    wrong = await east.post(f"{V1}/dealers/D-1/facts", json={"fact": "score", "amounts": ["11"]})
    assert {each["field"] for each in wrong.json()["errors"]} == {"factor", "amounts"}
    _ok(await east.post(f"{V1}/dealers/D-1/facts", json={"fact": "reference_limits", "amounts": ["5", "6"]}))
    assert len(_ok(await auditor.get(f"{V1}/dealers/D-1/facts"))["items"]) == 2
    _ok(await east.post(f"{V1}/dealers/D-1/facts", json={"fact": "reference_limits", "amounts": []}))
    assert len(_ok(await auditor.get(f"{V1}/dealers/D-1/facts"))["items"]) == 1

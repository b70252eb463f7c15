"""The pages: whole for everybody who may see them, the same figures as the other faces, forms that come back."""

import re
from dataclasses import replace
from datetime import date
from decimal import Decimal

import httpx
import pytest

from channel.acts import LONGEST_TEXT
from channel.credit.rules import POLICY, Policy
from channel.credit.rules.parameters import FactorWeight
from channel.credit.rules.policy import ApprovalLevel
from channel.credit.rules.policy_paper import methods_told
from channel.credit.service.limits import limit_of
from channel.database.snapshots import view_of
from channel.versions.rules import read_document
from channel.versions.rules.form import document_of, rows_of
from tests.make.access import acting
from tests.make.credit import DEFAULT_POLICY
from tests.make.dealers import make_dealer
from tests.make.limits import (
    AS_OF,
    approve_proposal,
    assess,
    make_dealer_selling,
    make_desk,
    on_day,
    propose_limit,
    put_in_force,
)
from tests.make.papers import form_of


async def _get(client: httpx.AsyncClient, path: str) -> str:
    response = await client.get(path)
    assert response.status_code == 200, (path, response.text[:2000])
    return response.text


async def _post(client: httpx.AsyncClient, path: str, **form: object) -> httpx.Response:
    token = client.cookies.get("csrftoken")
    if token is None:
        await client.get("/credit")
        token = client.cookies["csrftoken"]
    return await client.post(path, data={name: str(value) for name, value in form.items()} | {"_csrf_token": token})


@on_day(AS_OF)
async def test_from_a_run_to_the_limit_in_force(browser) -> None:  # noqa: ANN001 - a fixture's function
    desk = await make_desk()
    await make_dealer_selling(desk, "D-1", "60123.45", terms=45)
    await make_dealer("D-2", territory="Lake District")
    manager, finance, north = [await browser(each) for each in (desk.manager, desk.finance, desk.north)]
    assert "Nothing has been assessed yet" in await _get(manager, "/credit/runs")
    done = await _post(manager, "/credit/runs", as_of="2013-12-01", propose="yes", reason="yearly")
    assert done.status_code == 303, done.text
    run = await _get(manager, done.headers["location"])
    assert "90,100" in run
    assert "no first-year target is agreed" in run
    queue = await _get(finance, "/credit")
    assert "90,100" in queue
    number = re.search(r"/credit/proposals/(\d+)/why", queue)[1]
    why = await _get(finance, f"/credit/proposals/{number}/why")
    assert "rounded down to 100" in why
    assert "Approve 90,100" in why
    review = await _get(finance, f"{done.headers['location']}/approval")
    assert "Approve 1 proposal" in review
    refused = await _post(finance, f"/credit/proposals/{number}/approve", reason=" ")
    assert refused.status_code == 422
    assert (await _post(finance, f"/credit/proposals/{number}/approve", reason="sound")).status_code == 303
    async with acting(desk.finance):
        assert (await limit_of(desk.finance, "D-1", view_of(AS_OF))).state.base == Decimal(90_100)
    assert "No proposal waits here" in await _get(finance, "/credit")
    assert "90,100" in await _get(finance, "/credit/limits?as_of=2014-01-01")
    assert (await north.get(f"/credit/proposals/{number}")).status_code == 404
    assert (await north.get("/credit/dealers/D-1")).status_code == 404
    assert "D-1" not in await _get(north, "/credit?state=any")


async def test_every_page_in_both_languages(browser) -> None:  # noqa: ANN001 - a fixture's function
    desk = await make_desk()
    await make_dealer_selling(desk, "D-1", 60_000)
    await put_in_force(desk, "D-1", 50_000)
    async with acting(desk.finance):
        run = await assess(desk.finance, view=view_of(AS_OF), propose=True)
    for person in (desk.finance, desk.auditor, desk.east):
        for language in ("en", "zh"):
            client = await browser(person, language)
            for path in (
                "/credit", "/credit?state=any&kind=base&mine=yes&q=D", "/credit/runs", f"/credit/runs/{run.run_id}",
                "/credit/limits", "/credit/policies", "/credit/policies/1", "/credit/proposals/1",
                "/credit/dealers/D-1", "/credit/dealers/D-1?as_of=2013-12-01&first=2013-11-01&second=2013-12-01",
                "/credit/dealers/D-1/sheets", "/credit/dealers/D-1/what-if?as_of=2013-12-01&inputs.grade=A",
                f"/credit/assessments/{run.run_id}?again=yes",
            ):  # fmt: skip
                await _get(client, path)
    finance = await browser(desk.finance)
    assert "D-1" in await _get(finance, "/credit?state=any&q=Ｄ‑１")
    assert "D-1" not in await _get(finance, "/credit?state=any&q=Ｄ‑２")
    await _get(finance, "/credit/dealers/D-1/statements")
    await _get(finance, "/credit/policies/new")
    tried = await _get(finance, "/credit/dealers/D-1/what-if?as_of=2013-12-01&inputs.grade=A")
    assert "48,000" in tried
    # Figures stand as people type them, and a form that comes back as it was turns nothing.
    assert not re.search(r'value="-?\d+\.\d*0"', tried)
    untouched = await _get(finance, "/credit/dealers/D-1/what-if?as_of=2013-12-01&policy.grade_coefficients.AAA=2")
    assert "now: " not in untouched
    assert "the same to the cent" in await _get(finance, f"/credit/assessments/{run.run_id}?again=yes")


async def test_acts_on_a_dealers_credit(browser) -> None:  # noqa: ANN001 - a fixture's function
    desk = await make_desk()
    await make_dealer("D-1", territory="Harbour City", name="Northgate")
    east = await browser(desk.east)
    base = "/credit/dealers/D-1"
    wrong = await _post(east, f"{base}/proposals", kind="base", amount="much", reason="x")
    assert wrong.status_code == 422
    assert 'value="much"' in wrong.text
    assert (await _post(east, f"{base}/proposals", kind="base", amount="12,000", reason="asked")).status_code == 303
    assert "12,000" in await _get(east, base)
    assert (await _post(east, f"{base}/statements", period_end="", net_worth="5")).status_code == 422
    kept = await _post(east, f"{base}/statements", period_end="2013-12-31", net_worth="5,000", period_months="12")
    assert kept.status_code == 303, kept.text
    assert "5,000" in await _get(east, base)
    assert (await _post(east, f"{base}/facts", fact="reference_limits", amounts="5; 6")).status_code == 303
    skipped = await _post(east, f"{base}/assess", as_of="2013-12-01")
    assert skipped.status_code == 303


@on_day(AS_OF)
async def test_of_several_forms_of_one_act_only_the_refused_one_is_marked(browser) -> None:  # noqa: ANN001 - a fixture's function
    desk = await make_desk()
    await make_dealer("D-1", territory="Harbour City")
    await put_in_force(desk, "D-1", 50_000)
    for amount in (100, 200):
        async with acting(desk.manager):
            number = await propose_limit(
                desk.manager, "D-1", "temporary", amount=Decimal(amount), to_on=date(2014, 2, 1), reason="a fair"
            )
        async with acting(desk.finance):
            assert await approve_proposal(desk.finance, number, "agreed")
    client = await browser(desk.manager)
    page = await _get(client, "/credit/dealers/D-1")
    forms = [each for each in re.findall(r"<form.*?</form>", page, re.DOTALL) if "/D-1/proposals" in each]
    assert len(forms) == 3
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', forms[1]))
    wrong = await client.post("/credit/dealers/D-1/proposals", data={**hidden, "from_on": "soon", "reason": "is over"})
    assert wrong.status_code == 422
    marked = [each for each in re.findall(r"<form.*?</form>", wrong.text, re.DOTALL) if "soon" in each]
    assert len(marked) == 1
    assert ('aria-invalid="true"' in marked[0], 'value="is over"' in marked[0]) == (True, True)
    assert f'name="raise_id" value="{hidden["raise_id"]}"' in marked[0]
    assert wrong.text.count('aria-invalid="true"') == 1


async def test_a_policy_is_drafted_on_the_page(browser) -> None:  # noqa: ANN001 - a fixture's function
    desk = await make_desk()
    manager, finance = await browser(desk.manager), await browser(desk.finance)
    form = _form_of(DEFAULT_POLICY) | {"effective_from": "2199-01-01", "note": "stricter", "caps.rise_rate": "0.25"}
    wrong = await _post(manager, "/credit/policies/new", **(form | {"floor": "-1", "approvals.0.approvals": "9"}))
    assert wrong.status_code == 422
    assert wrong.text.count('aria-invalid="true"') == 2
    kept = await _post(manager, "/credit/policies/new", **form)
    assert kept.status_code == 303, kept.text
    page = await _get(finance, kept.headers["location"])
    assert "Largest rise per assessment" in page
    assert "0.25" in page
    assert (await _post(manager, f"{kept.headers['location']}/propose", reason="for the year")).status_code == 303
    assert (await _post(manager, f"{kept.headers['location']}/approve", reason="x")).status_code == 403
    assert (await _post(finance, f"{kept.headers['location']}/approve", reason="agreed")).status_code == 303


def _form_of(policy: Policy) -> dict[str, str]:
    form = form_of(POLICY, policy)
    for row in methods_told(policy)["methods"]:
        form |= {f"use.{row.key}": row.use, f"place.{row.key}": str(row.place or "")}
    return form


@pytest.mark.parametrize("levels", [1, 2, 4, 5, 9])
def test_the_form_means_the_policy_that_it_shows(levels: int) -> None:
    steps = [ApprovalLevel(Decimal(1000 * step), 1) for step in range(1, levels)] + [ApprovalLevel(None, 2)]
    policy = replace(DEFAULT_POLICY, approvals=tuple(steps))
    ((shown, _),) = [(each.rows, each.path) for each in rows_of(POLICY, policy)]
    assert len(shown) >= 4, "there are rows to fill"
    assert shown[levels:], "there is always one to fill"
    document, errors = document_of(POLICY, _form_of(policy), policy)
    assert errors == []
    assert read_document(POLICY, document, 1) == policy


async def test_a_policy_with_the_longest_tables_is_sent_again(browser) -> None:  # noqa: ANN001 - a fixture's function
    """A table may hold 100 records, far more than any text of a person, and its lines end in two characters."""
    desk = await make_desk()
    manager = await browser(desk.manager)
    weights = tuple(FactorWeight(f"factor {number:03} {'x' * 180}", "own", Decimal(1)) for number in range(100))
    policy = replace(DEFAULT_POLICY, parameters=replace(DEFAULT_POLICY.parameters, characteristic_weights=weights))
    note = "\n".join(["x" * 99] * 20)
    assert len(note) == LONGEST_TEXT - 1
    form = {name: text.replace("\n", "\r\n") for name, text in (_form_of(policy) | {"note": note}).items()}
    kept = await _post(manager, "/credit/policies/new", effective_from="2199-01-01", **form)
    assert kept.status_code == 303, kept.text
    deep = form | {"parameters.characteristic_weights": "[" * 50_000}
    refused = await _post(manager, "/credit/policies/new", effective_from="2199-01-01", **deep)
    assert refused.status_code == 422
    assert "This is not JSON." in refused.text
    endless = form | {"parameters.characteristic_weights": " " * 100_001}
    assert (await _post(manager, "/credit/policies/new", effective_from="2199-01-01", **endless)).status_code == 422

"""An open proposal is kept with its votes, or replaced by somebody who was told so; what was refused stays refused."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest

from channel import clock
from channel.access.rules import Person
from channel.credit.queries.assessments import runs
from channel.credit.queries.proposals import Queue
from channel.credit.service.assess import Run, run_of
from channel.credit.service.decisions import bulk_of
from channel.credit.service.limits import limit_of, proposal_of, proposals
from channel.credit.service.proposals import AlreadyProposed
from channel.credit.service.run_proposals import Replaces
from channel.database import db
from channel.database.snapshots import view_of
from channel.errors import Conflict
from channel.lists import Wanted
from tests.make.access import acting
from tests.make.dealers import make_dealer
from tests.make.limits import (
    AS_OF,
    TWELVE,
    Desk,
    approve_proposal,
    approve_run,
    assess,
    make_dealer_selling,
    make_desk,
    make_sold,
    noon,
    on_day,
    propose_limit,
    put_in_force,
    refuse_proposal,
)

Client = Callable[..., Any]
V1 = "/api/v1/credit"


async def _assess(person: Person, as_of: date = AS_OF, **more: object) -> Run:
    async with acting(person):
        return await assess(person, view=view_of(as_of), propose=True, **more)  # type: ignore[arg-type]


async def _propose(desk: Desk, amount: object, code: str = "D-1", **more: object) -> int:
    async with acting(desk.manager):
        return await propose_limit(desk.manager, code, "base", amount=Decimal(str(amount)), reason="asked", **more)  # type: ignore[arg-type]


async def _approve(person: Person, proposal: int) -> bool:
    async with acting(person):
        return await approve_proposal(person, proposal, "fine")


async def _refuse(person: Person, proposal: int) -> None:
    async with acting(person):
        await refuse_proposal(person, proposal, "too much")


async def _open(desk: Desk) -> dict[str, Any]:
    async with acting(desk.auditor):
        return {row["dealer"]: row for row in (await proposals(desk.auditor, Queue())).items}


@on_day(AS_OF)
async def test_a_run_keeps_what_says_the_same_with_its_votes(database: str) -> None:
    desk = await make_desk()
    await make_dealer_selling(desk, "D-1", 150_000)
    await make_dealer_selling(desk, "D-2", 60_000)
    first = await _assess(desk.manager)
    before = await _open(desk)
    assert not await _approve(desk.finance, before["D-1"]["id"])
    again = await _assess(desk.second)
    assert (again.proposed, again.kept, again.replaced, again.skipped) == (0, 2, 0, ())
    after = await _open(desk)
    assert {code: row["id"] for code, row in after.items()} == {code: row["id"] for code, row in before.items()}
    assert (after["D-1"]["approvals"], after["D-1"]["proposer"]) == (["finance-1"], "manager-1")
    async with acting(desk.second):
        for run in (first, again):
            assert (await run_of(desk.second, run.run_id))["open_proposals"] == 2
            assert len((await proposals(desk.second, Queue(run_id=run.run_id))).items) == 2
        bulk = await bulk_of(desk.second, again.run_id)
        assert await approve_run(desk.second, again.run_id, bulk.mark, "reviewed") == (2, [])
        assert (await limit_of(desk.second, "D-1", view_of(AS_OF))).state.base == 150_000


@on_day(AS_OF)
async def test_a_run_that_would_replace_says_so_and_does_nothing(database: str) -> None:
    desk = await make_desk()
    await make_dealer_selling(desk, "D-1", 150_000)
    await make_dealer_selling(desk, "D-2", 60_000)
    await make_dealer_selling(desk, "D-3", 50_000)
    mine, other = await _propose(desk, 140_000), await _propose(desk, 1, "D-2")
    assert not await _approve(desk.finance, mine)
    with pytest.raises(Replaces) as asked:
        await _assess(desk.second)
    assert [row["id"] for row in asked.value.rows] == [mine, other], "those with approvals first"
    assert "proposer and could decide none of them" in str(asked.value.errors[0].reason)
    assert [str(error.reason) for error in asked.value.errors[1:]] == [
        f"proposal {mine} for D-1 by manager-1, approved by finance-1"
    ]
    assert {row["id"] for row in (await _open(desk)).values()} == {mine, other}
    async with acting(desk.second):
        assert not (await proposals(desk.second, Queue(state=None, dealer="D-3"))).items
    # What was looked at has changed: nothing is done by the old mark.
    await _refuse(desk.finance, other)
    with pytest.raises(Replaces) as once_more:
        await _assess(desk.second, confirmed=asked.value.mark)
    done = await _assess(desk.second, confirmed=once_more.value.mark)
    assert (done.proposed, done.replaced, done.kept) == (3, 1, 0)
    async with acting(desk.finance):
        assert (await proposal_of(desk.finance, mine))["state"] == "superseded"


@on_day(AS_OF)
async def test_another_policy_or_another_limit_in_force_keeps_nothing(database: str) -> None:
    desk = await make_desk()
    await make_dealer_selling(desk, "D-1", 60_000)
    await _assess(desk.manager)
    await _propose(desk, 10_000, replaces=(await _open(desk))["D-1"]["id"])
    assert await _approve(desk.finance, (await _open(desk))["D-1"]["id"])
    # By now the rise over 10,000 is capped.
    assert (await _assess(desk.manager)).proposed == 1
    assert (await _open(desk))["D-1"]["amount"] == 15_000


@on_day(AS_OF)
async def test_what_was_refused_on_the_same_figures_stays_refused(database: str) -> None:
    desk = await make_desk()
    await make_dealer_selling(desk, "D-1", 60_000)
    await _assess(desk.manager)
    await _refuse(desk.finance, (await _open(desk))["D-1"]["id"])
    again = await _assess(desk.manager)
    assert (again.proposed, again.skipped[0].stays_refused) == (0, True)
    assert str(again.skipped[0].reason) == "finance-1 refused it on the same figures: too much"
    assert (await _assess(desk.manager, as_of=AS_OF + timedelta(days=9))).proposed == 0, "whatever the day"
    assert (await _assess(desk.manager, again=True)).proposed == 1
    await _refuse(desk.finance, (await _open(desk))["D-1"]["id"])
    # A corrected month is another ground.
    await make_sold(desk.manager, ("2013-11",), {"D-1": 72_000}, dealers=frozenset({"D-1"}))
    assert (await _assess(desk.manager)).proposed == 1


@on_day(AS_OF)
async def test_what_a_later_run_kept_was_refused_on_the_figures_of_that_run(database: str) -> None:
    desk = await make_desk()
    await make_dealer_selling(desk, "D-1", 60_000)
    await _assess(desk.manager)
    # So little more that the limit, rounded down, is the same: the proposal is kept, on the figures of the new run.
    await make_sold(desk.manager, ("2013-11",), {"D-1": 60_012}, dealers=frozenset({"D-1"}))
    assert (await _assess(desk.manager)).kept == 1
    await _refuse(desk.finance, (await _open(desk))["D-1"]["id"])
    again = await _assess(desk.manager)
    assert (again.proposed, [each.stays_refused for each in again.skipped]) == (0, [True])


@on_day(AS_OF)
async def test_by_hand_the_open_proposal_has_to_be_named(database: str) -> None:
    desk = await make_desk()
    await make_dealer_selling(desk, "D-1", 60_000)
    await put_in_force(desk, "D-1", 10_000)
    first = await _propose(desk, 150_000)
    assert not await _approve(desk.finance, first)
    with pytest.raises(AlreadyProposed, match="already") as refused:
        await _propose(desk, 50_000)
    assert "approved by finance-1" in str(refused.value.errors[0].reason)
    with pytest.raises(Conflict, match="cannot be proposed"):
        await _propose(desk, 50_000, replaces=first + 1)
    second = await _propose(desk, 50_000, replaces=first)
    assert [row["id"] for row in (await _open(desk)).values()] == [second]
    # A raise is of another kind: both stand.
    async with acting(desk.manager):
        later = clock.today() + timedelta(days=9)
        await propose_limit(desk.manager, "D-1", "temporary", amount=Decimal(1), to_on=later, reason="peak")


async def test_what_would_come_into_force_too_late_is_not_kept(database: str) -> None:
    desk = await make_desk()
    await make_dealer_selling(desk, "D-1", 60_000)
    with clock.fixed(noon(AS_OF)):
        await _assess(desk.manager)
    with clock.fixed(noon(date(2014, 12, 1))), pytest.raises(Replaces):
        await _assess(desk.manager, as_of=date(2013, 12, 2))


@on_day(AS_OF)
async def test_over_the_api_a_refusal_gives_what_is_to_be_sent(api: Client) -> None:
    desk = await make_desk()
    await make_dealer_selling(desk, "D-1", 60_000)
    manager = await api(desk.manager)
    url, wish = f"{V1}/dealers/D-1/proposals", {"kind": "base", "amount": "1000", "reason": "asked"}
    first = (await manager.post(url, json=wish)).json()["id"]
    refused = await manager.post(url, json=wish | {"amount": "2000"})
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (409, "replaces")
    assert (
        refused.json()["errors"][0]["reason"] == f"Proposal {first} by manager-1 is open; nobody has approved it yet."
    )
    second = (await manager.post(url, json=wish | {"amount": "2000", "replaces": first})).json()["id"]
    asked = {"as_of": str(AS_OF), "propose": True}
    run = await manager.post(f"{V1}/assess", json=asked)
    (error,) = run.json()["errors"]
    assert (run.status_code, error["field"]) == (409, "confirmed")
    assert (await manager.get(f"{V1}/runs")).json()["items"] == [], "nothing was kept"
    done = (await manager.post(f"{V1}/assess", json=asked | {"confirmed": error["expected"]})).json()
    assert (done["proposed"], done["replaced"], done["kept"]) == (1, 1, 0)
    assert (await manager.get(f"{V1}/proposals/{second}")).json()["state"] == "superseded"


Browser = Callable[..., Any]


def _hidden(page: str) -> dict[str, str]:
    return dict(re.findall(r'<input type="hidden" name="([a-z_]+)" value="([^"]*)">', page))


async def _post(client: httpx.AsyncClient, path: str, **form: object) -> httpx.Response:
    if client.cookies.get("csrftoken") is None:
        await client.get("/credit")
    token = client.cookies["csrftoken"]
    return await client.post(path, data={name: str(value) for name, value in form.items()} | {"_csrf_token": token})


@on_day(AS_OF)
async def test_the_pages_ask_before_and_show_what_would_be_lost(browser: Browser) -> None:
    desk = await make_desk()
    await make_dealer_selling(desk, "D-1", 150_000)
    manager, second = await browser(desk.manager), await browser(desk.second)
    form = (await manager.get("/credit/runs")).text
    assert re.search(r'name="propose" value="yes" checked', form), "nothing is open yet"
    base = "/credit/dealers/D-1"
    assert (await _post(manager, f"{base}/proposals", kind="base", amount="140000", reason="wish")).status_code == 303
    (first,) = (await _open(desk)).values()
    assert not await _approve(desk.finance, first["id"])
    # By hand, another one.
    asks = await _post(manager, f"{base}/proposals", kind="base", amount="130000", reason="less")
    assert (asks.status_code, "finance-1" in asks.text) == (200, True)
    assert [row["id"] for row in (await _open(desk)).values()] == [first["id"]]
    # A run: the box is not ticked, and what it would replace is shown.
    form = (await second.get("/credit/runs")).text
    assert 'name="propose" value="yes">' in form
    asks = await _post(second, "/credit/runs", as_of=str(AS_OF), propose="yes", reason="yearly")
    assert asks.status_code == 200
    for told in ("Approvals given would be lost", "finance-1", "finance-2 would be the proposer", "140,000"):
        assert told in asks.text, told
    done = await _post(second, "/credit/runs", **_hidden(asks.text))
    assert done.status_code == 303, done.text
    (new,) = (await _open(desk)).values()
    assert (new["amount"], new["proposer"]) == (150_000, "finance-2")
    # The dealer's page: the same stays; what was refused is asked about.
    assert (await _post(manager, f"{base}/assess", as_of=str(AS_OF))).status_code == 303
    assert [row["id"] for row in (await _open(desk)).values()] == [new["id"]]
    await _refuse(desk.finance, new["id"])
    asks = await _post(manager, f"{base}/assess", as_of=str(AS_OF))
    assert (asks.status_code, "finance-1 refused it on the same figures" in asks.text) == (200, True)
    assert (await _post(manager, f"{base}/assess", **_hidden(asks.text))).status_code == 303
    assert [row["amount"] for row in (await _open(desk)).values()] == [150_000]


async def _asked_of_the_database(act: Callable[[], Any]) -> int:
    asked: list[str] = []
    with db.connection().query_logger(lambda query: asked.append(query.query)):
        await act()
    return len(asked)


@on_day(AS_OF)
async def test_many_proposals_are_made_and_approved_in_as_many_statements_as_few(database: str) -> None:
    desk = await make_desk()
    counts: list[tuple[int, int]] = []
    for codes in (("A-1", "A-2"), tuple(f"B-{n}" for n in range(25))):
        for code in codes:
            await make_dealer(code, territory="Harbour City", grade="AA")
        await make_sold(desk.manager, TWELVE, dict.fromkeys(codes, 60_000), dealers=frozenset(codes))
        async with acting(desk.manager):
            made = await _asked_of_the_database(lambda: assess(desk.manager, view=view_of(AS_OF), propose=True))
            (run,) = (await runs(Wanted(limit=1))).items
        async with acting(desk.finance):
            bulk = await bulk_of(desk.finance, run["id"])
            assert len(bulk.proposals) == len(codes)
            approved = await _asked_of_the_database(
                lambda run=run, bulk=bulk: approve_run(desk.finance, run["id"], bulk.mark, "reviewed")
            )
            assert (await limit_of(desk.finance, codes[-1], view_of(AS_OF))).state.base == 60_000
        counts.append((made, approved))
    (made, approved), (more, others) = counts
    # Reading many dealers at a time takes a few more statements, none for each of them.
    assert (more - made, others - approved) <= (20, 20), counts
    async with db.held(db.EVERYTHING):
        lines = await db.fetch(
            "SELECT act, count(*), count(DISTINCT dealer_id) AS dealers FROM audit_dealer GROUP BY act ORDER BY act"
        )
    assert [tuple(row) for row in lines if row["act"] in {"approve limit", "propose limit"}] == [
        ("approve limit", 27, 27), ("propose limit", 27, 27),
    ]  # fmt: skip

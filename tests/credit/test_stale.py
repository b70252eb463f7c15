"""A proposal computed from what has changed since says so, and is approved only by whoever says that he knows."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from channel import clock
from channel.access.rules import Person
from channel.credit.queries.proposals import Queue
from channel.credit.service.decisions import bulk_of
from channel.credit.service.limits import limit_of, proposals
from channel.database.snapshots import view_of
from channel.dealers.rules import Fact
from channel.errors import Conflict
from channel.versions.rules import written
from tests.make.access import acting
from tests.make.credit import DEFAULT_POLICY
from tests.make.dealers import change_fact, make_dealer
from tests.make.limits import (
    AS_OF,
    Desk,
    approve_policy,
    approve_proposal,
    approve_run,
    assess,
    draft_policy,
    make_dealer_selling,
    make_desk,
    make_sold,
    noon,
    on_day,
    propose_limit,
    propose_policy,
    put_in_force,
)


async def _change(desk: Desk, fact: str, value: str) -> None:
    async with acting(desk.manager):
        await change_fact(desk.manager, "D-1", Fact(fact), value, effective_on=clock.today(), reason="reviewed")


async def _stricter(desk: Desk) -> None:
    document = written(DEFAULT_POLICY) | {"floor": "1"}
    async with acting(desk.manager):
        version = await draft_policy(desk.manager, document, clock.today(), "stricter")
        await propose_policy(desk.manager, version, "stricter")
    async with acting(desk.finance):
        await approve_policy(desk.finance, version, "agreed")


async def _corrected(desk: Desk) -> None:
    await make_sold(desk.manager, ("2013-10",), {"D-1": 61_000}, dealers=frozenset({"D-1"}))


async def _causes(person: Person) -> list[list[str]]:
    async with acting(person):
        return [[each.cause.value for each in row["stale"]] for row in (await proposals(person, Queue())).items]


@pytest.mark.parametrize("cause", ["grade", "terms", "months", "policy"])
async def test_each_cause_makes_a_proposal_out_of_date(database: str, cause: str) -> None:
    desk = await make_desk()
    await make_dealer_selling(desk, "D-1", 60_000)
    with clock.fixed(noon(AS_OF)):
        async with acting(desk.manager):
            run = await assess(desk.manager, view=view_of(AS_OF), propose=True)
        assert await _causes(desk.east) == [[]]
    with clock.fixed(noon(AS_OF + timedelta(days=1))):
        await {
            "grade": lambda: _change(desk, "grade", "B"),
            "terms": lambda: _change(desk, "terms_days", "45"),
            "months": lambda: _corrected(desk),
            "policy": lambda: _stricter(desk),
        }[cause]()
        assert await _causes(desk.east) == [[cause]], "for who sees a part of the dealers, too"
        async with acting(desk.second):
            bulk = await bulk_of(desk.second, run.run_id)
            assert ([row["dealer"] for row in bulk.stale], bulk.proposals) == (["D-1"], ())
            assert await approve_run(desk.second, run.run_id, bulk.mark, "reviewed") == (0, [])
            number = bulk.stale[0]["id"]
            with pytest.raises(Conflict) as refused:
                await approve_proposal(desk.second, number, "fine", ["currency"])
            assert [(error.field, str(error.expected)) for error in refused.value.errors] == [("although", cause)]
            assert await approve_proposal(desk.second, number, "urgent", [cause])
            assert (await limit_of(desk.second, "D-1", view_of())).state.base == 60_000


@on_day(AS_OF)
async def test_the_review_of_a_run_leaves_out_what_its_approval_would_leave_out(
    api: Callable[[Person], Any], database: str
) -> None:
    desk = await make_desk()
    for code in ("D-1", "D-2", "D-3"):
        await make_dealer_selling(desk, code, 60_000)
    await put_in_force(desk, "D-3", 10_000)
    async with acting(desk.manager):
        run = (await assess(desk.manager, view=view_of(AS_OF), propose=True)).run_id
        ended = await propose_limit(desk.manager, "D-3", "end", reason="guarantee gone")
    await _change(desk, "currency", "EUR")
    async with acting(desk.second):
        await approve_proposal(desk.second, ended, "agreed")
    why = {
        "D-1": "The dealer now trades in EUR: propose the limit again.",
        "D-3": "The limit in force has changed since this was proposed: propose it again.",
    }
    finance = await api(desk.finance)
    told = (await finance.get(f"/api/v1/credit/runs/{run}/approval")).json()
    assert {each["dealer"]: each["reason"] for each in told["skipped"]} == why
    assert ([each["dealer"] for each in told["items"]], told["proposals"], told["come_into_force"]) == (["D-2"], 1, 1)
    page = (await finance.get(f"/credit/runs/{run}/approval")).text
    assert all(text in page for text in (*why.values(), "Approve 1 proposal"))
    async with acting(desk.finance):
        assert await approve_run(desk.finance, run, told["mark"], "reviewed") == (1, [])
        left = await bulk_of(desk.finance, run)
        assert (left.proposals, len(left.closed)) == ((), 2)


@on_day(AS_OF)
async def test_another_target_of_a_new_dealer_makes_his_proposal_out_of_date(database: str) -> None:
    desk = await make_desk()
    appointed = AS_OF - timedelta(days=40)
    await make_dealer("D-1", territory="Harbour City", first_year_target=240_000, effective_on=appointed)
    async with acting(desk.manager):
        assert (await assess(desk.manager, view=view_of(AS_OF), propose=True)).proposed == 1
    assert await _causes(desk.finance) == [[]]
    await _change(desk, "first_year_target", "120000")
    assert await _causes(desk.finance) == [["figures"]]


@on_day(AS_OF)
async def test_a_run_that_gives_the_same_makes_it_up_to_date(database: str) -> None:
    desk = await make_desk()
    await make_dealer_selling(desk, "D-1", 60_000)
    await put_in_force(desk, "D-1", 10_000)
    async with acting(desk.manager):
        await assess(desk.manager, view=view_of(AS_OF), propose=True)
    await _change(desk, "terms_days", "45")
    assert await _causes(desk.finance) == [["terms"]]
    async with acting(desk.manager):
        # The rise over the limit in force holds either way.
        assert (await assess(desk.manager, view=view_of(AS_OF), propose=True)).kept == 1
    assert await _causes(desk.finance) == [[]]


@on_day(AS_OF)
async def test_what_was_proposed_by_hand_is_never_out_of_date(database: str) -> None:
    desk = await make_desk()
    await make_dealer_selling(desk, "D-1", 60_000)
    async with acting(desk.manager):
        await propose_limit(desk.manager, "D-1", "base", amount=Decimal(5), reason="asked")
    await _change(desk, "grade", "B")
    assert await _causes(desk.finance) == [[]]


@on_day(date(2013, 12, 2))
async def test_every_face_says_it(api: Callable[..., Any], browser: Callable[..., Any]) -> None:
    desk = await make_desk()
    await make_dealer_selling(desk, "D-1", 60_000)
    async with acting(desk.manager):
        run = await assess(desk.manager, view=view_of(AS_OF), propose=True)
    await _change(desk, "grade", "B")
    finance, client = await api(desk.finance), await browser(desk.finance)
    url = "/api/v1/credit"
    (row,) = (await finance.get(f"{url}/proposals")).json()["items"]
    assert row["stale"] == [{"cause": "grade", "said": "the grade was AA and is B"}]
    for asked, waiting in (({"known_at": "2013-12-01T23:00:00Z"}, []), ({}, [row["id"]])):
        card = (await finance.get("/api/v1/dealers/D-1/card", params=asked)).json()
        assert card["limit"]["open_proposals"] == waiting, "as known at a moment nothing later is seen"
    review = (await finance.get(f"{url}/runs/{run.run_id}/approval")).json()
    assert (review["proposals"], [each["dealer"] for each in review["stale"]]) == (0, ["D-1"])
    (on_desk,) = (await finance.get("/api/v1/desk")).json()["to_decide"]
    assert (on_desk["stale"], on_desk["status"]) == (row["stale"], "active")
    for path in (
        "/credit",
        "/",
        "/dealers/D-1",
        f"/credit/proposals/{row['id']}",
        f"/credit/proposals/{row['id']}/why",
    ):
        assert "out of date" in (await client.get(path)).text.lower(), path
    assert "the grade was AA and is B" in (await client.get(f"/credit/runs/{run.run_id}/approval")).text
    page = f"/credit/proposals/{row['id']}"
    box = re.search(r'name="although" value="([^"]+)"', (await client.get(page)).text)
    assert box is not None
    form = {"reason": "urgent", "_csrf_token": client.cookies["csrftoken"]}
    unsaid = await client.post(f"{page}/approve", data=form)
    assert (unsaid.status_code, "the grade was AA and is B" in unsaid.text) == (409, True)
    assert (await client.post(f"{page}/approve", data=form | {"although": box[1]})).status_code == 303
    assert (await finance.get(f"{url}/proposals/{row['id']}")).json()["state"] == "approved"

"""The journal of limits: nothing is in force but by proposal and approval, by different people, one act at a time."""

import asyncio
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import asyncpg
import pytest

from channel import clock
from channel.access.rules import Person
from channel.credit.queries.proposals import Queue
from channel.credit.service.decisions import bulk_of
from channel.credit.service.explain import explain
from channel.credit.service.limit_spans import reconcile_spans
from channel.credit.service.limits import history, limit_of, open_count, proposal_of, proposals, takes_force
from channel.credit.service.proposals import AlreadyProposed
from channel.database import db
from channel.database.snapshots import view_of
from channel.errors import Conflict, Forbidden, Invalid, NotFound
from tests.make.access import acting
from tests.make.dealers import make_dealer, make_rate
from tests.make.limits import (
    AS_OF,
    Desk,
    approve_proposal,
    approve_run,
    assess,
    journal_of,
    make_dealer_selling,
    make_desk,
    make_sold,
    noon,
    on_day,
    propose_limit,
    put_in_force,
    refuse_proposal,
    withdraw_proposal,
)

pytestmark = pytest.mark.usefixtures("database")


async def _proposed(desk: Desk, code: str = "D-1", amount: object = 50_000, kind: str = "base", **more: object) -> int:
    async with acting(desk.manager):
        return await propose_limit(
            desk.manager, code, kind, amount=None if amount is None else Decimal(str(amount)), reason="asked", **more
        )


async def _approve(person: Person, proposal: int, reason: str = "fine") -> bool:
    async with acting(person):
        return await approve_proposal(person, proposal, reason)


async def test_a_limit_comes_into_force_by_another_persons_approval(database: str) -> None:
    desk = await make_desk()
    dealer_id = await make_dealer("D-1", territory="Harbour City")
    async with acting(desk.finance):
        proposal = await propose_limit(desk.finance, "D-1", "base", amount=Decimal(50_000), reason="agreed")
        with pytest.raises(Forbidden, match="Nobody approves what he proposed"):
            await approve_proposal(desk.finance, proposal, "mine")
        with pytest.raises(Forbidden):
            await refuse_proposal(desk.finance, proposal, "mine")
    assert await journal_of(dealer_id) == []
    assert await _approve(desk.second, proposal)
    today = clock.today()
    assert await journal_of(dealer_id) == [("limit", Decimal(50_000), today, today.replace(year=today.year + 1))]
    async with acting(desk.east):
        held = await limit_of(desk.east, "D-1", view_of())
        assert (held.state.total, held.currency) == (Decimal(50_000), "USD")
        journal, proposed = await history(desk.east, "D-1")
    assert (journal[0]["proposer"], journal[0]["reason"], journal[0]["votes"]) == (
        "finance-1", "agreed", ["finance-2: fine"],
    )  # fmt: skip
    assert ([row["state"] for row in proposed], proposed[0]["words"][0]["person"]) == (["approved"], "finance-2")
    async with acting(desk.north):
        with pytest.raises(NotFound):
            await limit_of(desk.north, "D-1", view_of())
        with pytest.raises(NotFound):
            await proposal_of(desk.north, proposal)


async def test_only_finance_decides_and_only_people(database: str) -> None:
    desk = await make_desk()
    await make_dealer("D-1", territory="Harbour City")
    proposal = await _proposed(desk)
    for person in (desk.east, desk.auditor, desk.machine):
        async with acting(person):
            with pytest.raises(Forbidden):
                await approve_proposal(person, proposal, "fine")
    async with acting(desk.machine):
        with pytest.raises(Forbidden):
            await propose_limit(desk.machine, "D-1", "base", amount=Decimal(1), reason="x")
    async with acting(desk.auditor):
        with pytest.raises(Forbidden):
            await propose_limit(desk.auditor, "D-1", "base", amount=Decimal(1), reason="x")


@pytest.mark.parametrize(("amount", "needed"), [(100_000, 1), ("100000.01", 2)])
async def test_two_people_approve_above_the_level(database: str, amount: object, needed: int) -> None:
    desk = await make_desk()
    dealer_id = await make_dealer("D-1", territory="Harbour City")
    proposal = await _proposed(desk, amount=amount)
    assert await _approve(desk.finance, proposal) == (needed == 1)
    if needed == 2:
        assert await journal_of(dealer_id) == []
        with pytest.raises(Forbidden, match="another person"):
            await _approve(desk.finance, proposal)
        assert await _approve(desk.second, proposal)
    assert len(await journal_of(dealer_id)) == 1


async def test_the_level_is_in_company_currency_and_without_a_rate_the_most_approve(database: str) -> None:
    desk = await make_desk()
    await make_dealer("D-1", territory="Harbour City", currency="EUR")
    unknown = await _proposed(desk, amount=10)
    await make_rate("EUR", clock.today() - timedelta(days=7), "1.25")
    known = await _proposed(desk, amount=80_000, replaces=unknown)
    async with acting(desk.finance):
        rows = (await proposals(desk.finance, Queue(state=None))).items
    by_id = {row["id"]: row for row in rows}
    assert (by_id[unknown]["approvals_needed"], by_id[unknown]["state"]) == (2, "superseded")
    assert (by_id[known]["approvals_needed"], by_id[known]["company_amount"]) == (1, Decimal(100_000))


async def test_a_newer_proposal_takes_the_place_of_the_one_that_it_names(database: str) -> None:
    desk = await make_desk()
    dealer_id = await make_dealer("D-1", territory="Harbour City")
    old = await _proposed(desk, amount=1)
    new = await _proposed(desk, amount=2, replaces=old)
    with pytest.raises(Conflict, match="no longer open"):
        await _approve(desk.finance, old)
    assert await _approve(desk.finance, new)
    with pytest.raises(Conflict, match="no longer open"):
        await _approve(desk.second, new)
    assert [line[1] for line in await journal_of(dealer_id)] == [Decimal(2)]


async def test_two_approvals_at_once_are_one_after_the_other(database: str) -> None:
    desk = await make_desk()
    dealer_id = await make_dealer("D-1", territory="Harbour City")
    proposal = await _proposed(desk, amount=200_000)
    done = await asyncio.gather(
        _approve(desk.finance, proposal), _approve(desk.second, proposal), _approve(desk.third, proposal),
        return_exceptions=True,
    )  # fmt: skip
    assert sorted(map(str, done)) == sorted(["False", "True", "This proposal is no longer open: it is approved."])
    assert len(await journal_of(dealer_id)) == 1


async def test_approving_and_proposing_at_once_leaves_one_answer(database: str) -> None:
    desk = await make_desk()
    dealer_id = await make_dealer("D-1", territory="Harbour City")
    first = await _proposed(desk, amount=1)
    approved, second = await asyncio.gather(
        _approve(desk.finance, first), _proposed(desk, amount=2), return_exceptions=True
    )
    assert approved is True
    assert [line[1] for line in await journal_of(dealer_id)] == [Decimal(1)]
    # Whoever came second found what the first had done: proposed first, it would have taken another's place unnamed.
    if isinstance(second, int):
        async with acting(desk.finance):
            row = await proposal_of(desk.finance, second)
        assert row["before_amount"] == Decimal(1), "it was proposed after the approval, and says what held then"
    else:
        assert isinstance(second, AlreadyProposed)


async def test_a_proposal_that_rests_on_another_limit_is_not_approved(database: str) -> None:
    desk = await make_desk()
    await make_dealer("D-1", territory="Harbour City")
    await put_in_force(desk, "D-1", 10_000, clock.today())
    later = clock.today() + timedelta(days=30)
    raised = await _proposed(desk, amount=5000, kind="temporary", to_on=later)
    ended = await _proposed(desk, amount=None, kind="end")
    assert await _approve(desk.finance, ended)
    with pytest.raises(Conflict, match="has changed"):
        await _approve(desk.finance, raised)


async def test_a_raise_adds_while_it_lasts_and_counts_not_as_the_limit(database: str) -> None:
    desk = await make_desk()
    await make_dealer_selling(desk, "D-1", 60_000)
    await put_in_force(desk, "D-1", 50_000, date(2013, 10, 1))
    with pytest.raises(Invalid, match="cannot be used"):
        await _proposed(desk, amount=10, kind="temporary")
    with clock.fixed(clock.now().replace(year=2013, month=11, day=20)):
        raised = await _proposed(desk, amount="60000", kind="temporary", to_on=date(2013, 12, 20))
        assert not await _approve(desk.finance, raised), "110,000 would be in force, so two approve"
        assert await _approve(desk.second, raised)
    async with acting(desk.finance):
        during = await limit_of(desk.finance, "D-1", view_of(date(2013, 12, 19)))
        after = await limit_of(desk.finance, "D-1", view_of(date(2013, 12, 20)))
        explained = await explain(desk.finance, "D-1", view_of(AS_OF))
    assert (during.state.base, during.state.total, after.state.total) == (50_000, 110_000, 50_000)
    assert explained.collected.inputs.limit_in_force == 50_000


async def test_a_limit_ends_by_its_day_or_by_an_act(database: str) -> None:
    desk = await make_desk()
    await make_dealer("D-1", territory="Harbour City")
    await put_in_force(desk, "D-1", 10_000, date(2024, 1, 1))
    async with acting(desk.finance):
        assert (await limit_of(desk.finance, "D-1", view_of(date(2024, 12, 31)))).state.base == 10_000
        assert (await limit_of(desk.finance, "D-1", view_of(date(2025, 1, 1)))).state.state == "expired"
        # Known before it was approved, there was none.
        long_ago = noon(date(2024, 1, 1)) - timedelta(days=1)
        assert (await limit_of(desk.finance, "D-1", view_of(date(2024, 2, 1), long_ago))).state.state == "not_set"
    await put_in_force(desk, "D-1", 20_000, clock.today())
    assert await _approve(desk.finance, await _proposed(desk, amount=None, kind="end"))
    async with acting(desk.finance):
        assert (await limit_of(desk.finance, "D-1", view_of())).state.state == "withdrawn"
        with pytest.raises(Invalid):
            await propose_limit(desk.finance, "D-1", "end", reason="again")


async def test_only_the_proposer_withdraws_and_a_refusal_closes(database: str) -> None:
    desk = await make_desk()
    dealer_id = await make_dealer("D-1", territory="Harbour City")
    proposal = await _proposed(desk)
    async with acting(desk.finance):
        with pytest.raises(Forbidden):
            await withdraw_proposal(desk.finance, proposal, "no")
        with pytest.raises(Invalid):
            await refuse_proposal(desk.finance, proposal, " ")
        await refuse_proposal(desk.finance, proposal, "too much")
        assert await open_count(desk.finance) == 0
    async with acting(desk.manager):
        with pytest.raises(Conflict):
            await withdraw_proposal(desk.manager, proposal, "late")
        again = await propose_limit(desk.manager, "D-1", "base", amount=Decimal(1), reason="less")
        await withdraw_proposal(desk.manager, again, "not needed")
    assert await journal_of(dealer_id) == []
    async with acting(desk.auditor):
        acts = [row["act"] for row in await db.fetch("SELECT act FROM audit_dealer WHERE dealer_id = $1", dealer_id)]
    assert acts[-4:] == ["propose limit", "refuse limit", "propose limit", "withdraw limit"]


async def _run(desk: Desk) -> int:
    await make_dealer_selling(desk, "D-1", 60_000)
    await make_dealer_selling(desk, "D-2", 150_000)
    await make_dealer_selling(desk, "D-3", 20_000)
    await make_dealer("D-4", territory="Lake District")
    await put_in_force(desk, "D-3", 20_000)
    async with acting(desk.manager):
        run = await assess(desk.manager, view=view_of(AS_OF), propose=True)
    assert (run.computed, run.withheld, run.proposed) == (3, 1, 2)
    assert [each.dealer for each in run.skipped] == ["D-4"]
    return run.run_id


@on_day(AS_OF)
async def test_a_reviewed_run_is_approved_at_once(database: str) -> None:
    desk = await make_desk()
    run_id = await _run(desk)
    async with acting(desk.finance):
        queue = (await proposals(desk.finance, Queue())).items
        assert [row["dealer"] for row in queue] == ["D-2", "D-1"], "the biggest change comes first"
        bulk = await bulk_of(desk.finance, run_id)
        assert (len(bulk.proposals), bulk.change, bulk.come_into_force) == (2, Decimal(210_000), 1)
        with pytest.raises(Conflict, match="look again"):
            await approve_run(desk.finance, run_id, "another", "reviewed")
        assert await approve_run(desk.finance, run_id, bulk.mark, "reviewed") == (2, [])
        assert (await limit_of(desk.finance, "D-1", view_of(AS_OF))).state.base == 60_000
        assert (await limit_of(desk.finance, "D-2", view_of(AS_OF))).state.base is None
        assert (await bulk_of(desk.finance, run_id)).proposals == ()
    async with acting(desk.manager):
        with pytest.raises(Forbidden):
            await bulk_of(desk.manager, run_id)
    async with acting(desk.second):
        bulk = await bulk_of(desk.second, run_id)
        assert bulk.come_into_force == 1
        assert await approve_run(desk.second, run_id, bulk.mark, "seconded") == (1, [])
        assert (await limit_of(desk.second, "D-2", view_of(AS_OF))).state.base == 150_000


@on_day(AS_OF)
async def test_what_has_changed_since_the_limit_in_force_is_told(database: str) -> None:
    desk = await make_desk()
    run_id = await _run(desk)
    async with acting(desk.finance):
        bulk = await bulk_of(desk.finance, run_id)
        await approve_run(desk.finance, run_id, bulk.mark, "reviewed")
    await make_sold(desk.manager, ("2013-12",), {"D-1": 120_000}, dealers=frozenset({"D-1"}))
    async with acting(desk.finance):
        explained = await explain(desk.finance, "D-1", view_of(date(2014, 1, 1)))
        since = explained.since
        assert since is not None
        assert (since.before.amount, since.after.amount, since.whole) == (60_000, 65_000, 5000)
        assert (await explain(desk.finance, "D-3", view_of(AS_OF))).since is None


async def test_the_database_itself_keeps_the_journal(database: str) -> None:
    desk = await make_desk()
    await make_dealer("D-1", territory="Harbour City")
    await put_in_force(desk, "D-1", 10_000)
    for sql in (
        "UPDATE credit_limit SET amount = 1", "DELETE FROM credit_limit", "UPDATE vote_dealer SET reason = ''",
        "UPDATE limit_proposal SET amount = 1", "DELETE FROM limit_proposal", "UPDATE assessment SET amount = 1",
    ):  # fmt: skip
        async with acting(desk.finance):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await db.execute(sql)
    async with acting(desk.finance):
        assert await db.execute("UPDATE document_version SET note = 'other' WHERE version = 1") == 0
        with pytest.raises(Conflict):
            await approve_proposal(desk.finance, 1, "again")


async def test_a_raise_is_ended_early_by_proposal_and_approval(api: Callable[..., Any], database: str) -> None:
    desk = await make_desk()
    dealer_id = await make_dealer("D-1", territory="Harbour City")
    await put_in_force(desk, "D-1", 50_000, clock.today())
    today = clock.today()
    end, early = today + timedelta(days=30), today + timedelta(days=10)
    assert await _approve(desk.finance, await _proposed(desk, amount=5000, kind="temporary", to_on=end))
    manager, finance = await api(desk.manager), await api(desk.finance)
    (raised,) = (await finance.get("/api/v1/credit/dealers/D-1/limit")).json()["raises"]
    url = "/api/v1/credit/dealers/D-1/proposals"
    wish = {"kind": "raise_end", "raise_id": raised["id"], "from_on": str(early), "reason": "the season is over"}
    for wrong in ({"raise_id": raised["id"] + 1}, {"raise_id": None}, {"from_on": str(end)}):
        refused = await manager.post(url, json=wish | wrong)
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "raise_id"), wrong
    assert (await (await api(desk.auditor)).post(url, json=wish)).status_code == 403
    made = (await manager.post(url, json=wish)).json()["id"]
    proposal = (await finance.get(f"/api/v1/credit/proposals/{made}")).json()
    assert (proposal["kind"], proposal["raise_id"], proposal["approvals_needed"]) == ("raise_end", raised["id"], 1)
    assert Decimal(proposal["change_amount"]) == -5000
    assert (await manager.post(f"/api/v1/credit/proposals/{made}/approve", json={"reason": "mine"})).status_code == 403
    before = clock.now()
    assert (
        await finance.post(f"/api/v1/credit/proposals/{made}/approve", json={"reason": "agreed"})
    ).status_code == 200
    async with acting(desk.finance):
        totals = {
            day: (await limit_of(desk.finance, "D-1", view_of(day))).state.total
            for day in (early - timedelta(1), early)
        }
        assert totals == {early - timedelta(1): 55_000, early: 50_000}
        assert (await limit_of(desk.finance, "D-1", view_of(early, before))).state.total == 55_000, "as known before"
        assert await reconcile_spans() == 0
        with pytest.raises(Invalid):
            await propose_limit(desk.finance, "D-1", "raise_end", raise_id=raised["id"], from_on=early, reason="again")
    assert (await journal_of(dealer_id))[-1] == ("raise_end", None, early, None)
    async with db.held(db.EVERYTHING):
        told = await db.fetch(
            "SELECT act, reason FROM audit_dealer WHERE subject = $1 ORDER BY id", f"limit proposal {made}"
        )
    assert [(row["act"], row["reason"]) for row in told] == [
        ("propose limit", "the season is over"),
        ("approve limit", "agreed"),
    ]


async def test_an_assessment_of_an_earlier_day_counts_from_its_approval(database: str) -> None:
    """Assessed as of the first of December, approved on the tenth: what held until then is not changed."""
    desk = await make_desk()
    dealer_id = await make_dealer_selling(desk, "D-1", 60_000)
    with clock.fixed(noon(date(2013, 12, 10))):
        async with acting(desk.manager):
            run = await assess(desk.manager, view=view_of(AS_OF), propose=True)
        async with acting(desk.finance):
            bulk = await bulk_of(desk.finance, run.run_id)
            assert [(row["from_on"], takes_force(row)) for row in bulk.proposals] == [(AS_OF, date(2013, 12, 10))]
            assert await approve_run(desk.finance, run.run_id, bulk.mark, "late") == (1, [])
            assert (await limit_of(desk.finance, "D-1", view_of(date(2013, 12, 9)))).state.state == "not_set"
    # Its validity still runs from the day whose figures it rests on.
    assert await journal_of(dealer_id) == [("limit", 60_000, date(2013, 12, 10), date(2014, 12, 1))]


async def test_an_assessment_whose_validity_is_over_is_not_approved(database: str) -> None:
    desk = await make_desk()
    dealer_id = await make_dealer_selling(desk, "D-1", 60_000)
    with clock.fixed(noon(date(2014, 11, 30))):
        async with acting(desk.manager):
            run = await assess(desk.manager, view=view_of(AS_OF), propose=True)
    assert run.proposed == 1, "on the last day of its validity"
    with clock.fixed(noon(date(2014, 12, 1))):
        async with acting(desk.finance):
            bulk = await bulk_of(desk.finance, run.run_id)
            assert await approve_run(desk.finance, run.run_id, bulk.mark, "late") == (0, [])
        assert ["assess it again" in str(row["in_vain"]) for row in bulk.closed] == [True]
        async with acting(desk.manager):
            again = await assess(desk.manager, view=view_of(AS_OF), propose=True)
        assert (again.proposed, str(again.skipped[0].reason)) == (0, "its validity would be over already")
    assert await journal_of(dealer_id) == []


async def test_nothing_is_proposed_for_a_day_that_is_over(database: str) -> None:
    desk = await make_desk()
    await make_dealer("D-1", territory="Harbour City")
    yesterday = clock.today() - timedelta(days=1)
    with pytest.raises(Invalid) as refused:
        await _proposed(desk, from_on=yesterday)
    assert [error.field for error in refused.value.errors] == ["from_on"]

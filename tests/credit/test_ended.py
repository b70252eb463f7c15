"""Who gets a limit by the status of the cooperation, and what becomes of a limit when the cooperation ends."""

import asyncio
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import asyncpg
import pytest
from hypothesis import given

from channel import clock
from channel.access.rules import Person, Role
from channel.app import ROOMS, use_rooms
from channel.credit.queries.limits import InForce, limits_in_force
from channel.credit.queries.proposals import Queue
from channel.credit.rules import LimitEvent, LimitEventKind, compute_limit, limit_in_force
from channel.credit.rules.cooperation import days_to_end
from channel.credit.service.assess import assessments_of
from channel.credit.service.decisions import bulk_of
from channel.credit.service.ended import reconcile_ended
from channel.credit.service.explain import explain, recompute, what_if
from channel.credit.service.limit_spans import reconcile_spans
from channel.credit.service.limits import history, limit_of, proposal_of, proposals
from channel.database import db
from channel.database.embedded import OWNER, EmbeddedPostgres
from channel.database.snapshots import view_of
from channel.dealers.rules import Fact, Status
from channel.dealers.service.ended import ENDING, use_followers
from channel.dealers.service.facts import apply_due_facts
from channel.errors import Conflict, Invalid
from channel.lists import ALL
from channel.work.service import run_due
from tests.credit.test_rules_spans import START, journals
from tests.make.access import acting, make_machine, make_person
from tests.make.credit import DEFAULT_POLICY, snapshot
from tests.make.dealers import change_fact, end_dealer, make_dealer
from tests.make.limits import (
    AS_OF,
    Desk,
    approve_proposal,
    assess,
    journal_of,
    make_dealer_selling,
    make_desk,
    noon,
    on_day,
    propose_limit,
    put_in_force,
)
from tests.make.sales import loaded

PROSPECT = "the dealer is a prospect: only dealers that are active or on hold get a limit"
ENDED = "the cooperation with this dealer has ended"
IN_A_MONTH = AS_OF + timedelta(days=31)


async def _status(person: Person, code: str, status: Status, on: date, reason: str = "decided") -> None:
    async with acting(person):
        await change_fact(person, code, Fact.STATUS, status, effective_on=on, reason=reason)


async def _end(person: Person, code: str = "D-1", on: date | None = None) -> None:
    async with acting(person):
        assert await end_dealer(person, code, "closed the business", effective_on=on)


async def _in_force(desk: Desk, on: date, code: str = "D-1") -> Decimal | None:
    async with acting(desk.finance):
        return (await limit_of(desk.finance, code, view_of(on))).state.total


async def _proposed(desk: Desk, code: str = "D-1", **more: Any) -> int:  # noqa: ANN401 - what a proposal may say
    async with acting(desk.manager):
        given_amount = {"kind": "base", "amount": Decimal(70_000)} | more
        return await propose_limit(desk.manager, code, reason="asked", **given_amount)


async def _state(desk: Desk, proposal: int) -> str:
    async with acting(desk.finance):
        row = await proposal_of(desk.finance, proposal)
    return str(row["state"])


@on_day(AS_OF)
async def test_a_run_takes_dealers_at_work_and_one_who_is_named_is_withheld_with_his_status(database: str) -> None:
    desk = await make_desk()
    for code, status in (("D-1", "active"), ("D-2", "on hold"), ("D-3", "prospect"), ("D-4", "ended")):
        await make_dealer_selling(desk, code, 60_000, status=status, effective_on=date(2012, 12, 1))
    await make_dealer("D-5", territory="Harbour City", effective_on=IN_A_MONTH)
    async with acting(desk.finance):
        for territory in (None, "Harbour City"):
            run = await assess(desk.finance, view=view_of(AS_OF), territory=territory, propose=True)
            rows = (await assessments_of(desk.finance, run.run_id)).items
            assert [(row["dealer"], row["status"]) for row in rows] == [("D-1", "active"), ("D-2", "on hold")]
            assert {row["dealer"] for row in (await proposals(desk.finance, Queue())).items} == {"D-1", "D-2"}
        for code, why in (("D-3", PROSPECT), ("D-4", ENDED)):
            run = await assess(desk.finance, dealer=code, view=view_of(AS_OF), propose=True)
            (row,) = (await assessments_of(desk.finance, run.run_id)).items
            assert (row["amount"], row["withheld"]["text"], run.proposed) == (None, why, 0)
            assert [str(each.reason) for each in run.skipped] == [why]
        held = (await explain(desk.finance, "D-2", view_of(AS_OF))).decision
        assert (held.steps[0].key, str(held.steps[0].inputs[0]), held.amount is None) == ("status", "On hold", False)
        tried = (await what_if(desk.finance, "D-3", view_of(AS_OF))).turned({"inputs.status": "active"})
        assert (tried.before.amount, tried.after.amount) == (None, held.amount)


@on_day(AS_OF)
async def test_the_status_is_that_of_the_day_as_known_at_the_moment(database: str) -> None:
    desk = await make_desk()
    await make_dealer_selling(desk, "D-1")
    async with acting(desk.finance):
        known = (await explain(desk.finance, "D-1", view_of())).decision.known_at
    with clock.fixed(noon(AS_OF) + timedelta(hours=1)):
        await _end(desk.manager, on=AS_OF - timedelta(days=10))
        await _seen_as_ended(desk, known)


async def _seen_as_ended(desk: Desk, known: datetime | None) -> None:
    async with acting(desk.finance):
        assert str((await explain(desk.finance, "D-1", view_of())).decision.withheld) == ENDED
        assert (await explain(desk.finance, "D-1", view_of(AS_OF - timedelta(days=11)))).decision.amount == 60_000
        assert (await explain(desk.finance, "D-1", view_of(AS_OF, known))).decision.amount == 60_000
        run = await assess(desk.finance, view=view_of(AS_OF, known))
        assert (run.computed, run.withheld) == (1, 0)
        run = await assess(desk.finance, view=view_of(AS_OF))
        assert (run.computed, run.withheld) == (0, 0)


@on_day(AS_OF)
async def test_what_was_kept_before_the_status_was_an_input_is_computed_again_to_the_same(
    database: str, server: EmbeddedPostgres
) -> None:
    desk = await make_desk()
    await make_dealer_selling(desk, "D-1")
    async with acting(desk.finance):
        run = await assess(desk.finance, dealer="D-1")
        (row,) = (await assessments_of(desk.finance, run.run_id)).items
    owner = await asyncpg.connect(server.dsn(OWNER, database))
    await owner.execute(
        "UPDATE assessment SET inputs = (inputs::jsonb #- '{inputs,status}')::json,"
        " decision = (decision::jsonb #- '{steps,0}')::json"
    )
    await owner.execute("UPDATE dealer_fact SET value = 'prospect' WHERE fact = 'status'")
    await owner.close()
    async with acting(desk.finance):
        again = await recompute(desk.finance, row["id"])
        (row,) = (await assessments_of(desk.finance, run.run_id)).items
    assert (again.differs, again.again.amount, row["status"]) == (None, 60_000, None)
    assert "status" not in {step.key for step in again.again.steps}


@pytest.mark.parametrize("status", ["prospect", "ended", "unknown"])
@on_day(AS_OF)
async def test_what_is_withheld_for_the_status_is_computed_again_to_the_same(database: str, status: str) -> None:
    desk = await make_desk()
    if status == "unknown":
        # A file may say from which day a dealer is active, and the rest from an earlier one.
        rows = "D-1,One,terminal,Harbour City,USD,30,2014-02-01"
        file = f"code,name,type,territory,currency,terms_days,appointed_on\n{rows}\n".encode()
        done = await loaded(desk.manager, "dealers", file, "dealers.csv", effective_on="2013-01-01")
        assert done["state"] == "loaded", (done["problem"], done["counts"], done["preview"])
    else:
        await make_dealer("D-1", territory="Harbour City", status=status)
    async with acting(desk.finance):
        run = await assess(desk.finance, dealer="D-1")
        (row,) = (await assessments_of(desk.finance, run.run_id)).items
        again = await recompute(desk.finance, row["id"])
        everybody = await assess(desk.finance)
    said = {"prospect": PROSPECT, "ended": ENDED, "unknown": "no status was known of the dealer on 2013-12-01"}
    assert (again.differs, str(again.again.withheld)) == (None, said[status])
    assert (everybody.computed, everybody.withheld) == (0, 0)


def test_nothing_is_computed_of_who_gets_no_limit() -> None:
    inputs = snapshot([100] * 12, status="ended", grade=None)
    decision = compute_limit(DEFAULT_POLICY, inputs)
    assert ([step.key for step in decision.steps], str(decision.withheld)) == (["status"], ENDED)


@on_day(AS_OF)
async def test_ending_a_dealer_ends_his_limit_at_once_in_the_name_of_who_ended_him(database: str) -> None:
    desk = await make_desk()
    dealer_id = await make_dealer_selling(desk, "D-1")
    await put_in_force(desk, "D-1", 50_000)
    raised = await _proposed(desk, kind="temporary", amount=Decimal(1000), to_on=IN_A_MONTH)
    waiting = await _proposed(desk)
    async with acting(desk.finance):
        before = (await limit_of(desk.finance, "D-1", view_of())).state.total
    await _end(desk.manager)
    assert (before, await _in_force(desk, AS_OF)) == (50_000, None)
    assert (await journal_of(dealer_id))[-1] == ("withdrawal", None, AS_OF, None)
    assert [await _state(desk, each) for each in (raised, waiting)] == ["ended", "ended"]
    async with acting(desk.finance):
        journal, proposed = await history(desk.finance, "D-1")
        end = proposed[0]
        assert (end["kind"], end["state"], end["proposer"], end["reason"]) == (
            "end", "approved", "manager-1", "closed the business",
        )  # fmt: skip
        assert (end["approvals_needed"], end["before_amount"], end["change_amount"]) == (0, 50_000, -50_000)
        assert (journal[0]["proposer"], journal[0]["votes"]) == ("manager-1", None)
        with pytest.raises(Conflict, match="the cooperation with the dealer has ended"):
            await approve_proposal(desk.finance, waiting, "all the same")
        with pytest.raises(Invalid) as refused:
            await propose_limit(desk.finance, "D-1", "base", amount=Decimal(1), reason="x")
        assert [(each.field, str(each.reason)) for each in refused.value.errors] == [("from_on", ENDED)]
    async with acting(desk.auditor):
        told = await db.fetch("SELECT act, actor, reason FROM audit_dealer WHERE dealer_id = $1 ORDER BY id", dealer_id)
    assert [tuple(row) for row in told][-2:] == [
        ("change status", "manager-1", "closed the business"), ("end limit", "manager-1", "closed the business"),
    ]  # fmt: skip
    async with db.held(db.EVERYTHING):
        assert (await reconcile_spans(), await reconcile_ended()) == (0, 0)
    assert await run_due([ENDING]) == 0, "all was done at once"


@on_day(AS_OF)
async def test_no_change_of_status_brings_a_limit_back(database: str) -> None:
    desk = await make_desk()
    await make_dealer_selling(desk, "D-1")
    await put_in_force(desk, "D-1", 50_000)
    await _end(desk.manager)
    # It was a mistake: the same day is said again.
    await _status(desk.manager, "D-1", Status.ACTIVE, AS_OF)
    assert await _in_force(desk, AS_OF) is None
    await _end(desk.manager)
    await _status(desk.manager, "D-1", Status.PROSPECT, AS_OF + timedelta(days=5))
    await _status(desk.manager, "D-1", Status.ACTIVE, AS_OF + timedelta(days=9))
    await run_due([ENDING])
    assert await _in_force(desk, AS_OF + timedelta(days=20)) is None
    with clock.fixed(noon(AS_OF + timedelta(days=10))):
        proposal = await _proposed(desk)
        async with acting(desk.finance):
            assert await approve_proposal(desk.finance, proposal, "looked at anew")
        assert await _in_force(desk, AS_OF + timedelta(days=10)) == 70_000


@on_day(AS_OF)
async def test_an_ending_that_lies_ahead_ends_the_limit_from_its_day(database: str) -> None:
    desk = await make_desk()
    dealer_id = await make_dealer_selling(desk, "D-1")
    await put_in_force(desk, "D-1", 50_000)
    until_then, later = await _proposed(desk), await _proposed(desk, kind="end", amount=None, from_on=IN_A_MONTH)
    await _end(desk.manager, on=IN_A_MONTH)
    assert [await _state(desk, each) for each in (until_then, later)] == ["open", "ended"]
    eve = IN_A_MONTH - timedelta(days=1)
    assert [await _in_force(desk, day) for day in (eve, IN_A_MONTH)] == [50_000, None]
    assert (await journal_of(dealer_id))[-1] == ("withdrawal", None, IN_A_MONTH, None)
    async with acting(desk.finance):
        # The limit is told to hold until then, by dealer and in the list of limits that end.
        assert (await limit_of(desk.finance, "D-1", view_of())).state.until == IN_A_MONTH
        for ends_before, found in ((IN_A_MONTH, []), (IN_A_MONTH + timedelta(days=1), [IN_A_MONTH])):
            held = await limits_in_force(InForce(clock.today(), ends_before), ALL)
            assert [row["to_on"] for row in held.items] == found
    with pytest.raises(Invalid, match="proposed"):
        await _proposed(desk, from_on=IN_A_MONTH)
    with clock.fixed(noon(IN_A_MONTH)):
        async with acting(desk.finance):
            with pytest.raises(Conflict, match=ENDED):
                await approve_proposal(desk.finance, until_then, "late")
        async with db.held(db.EVERYTHING):
            await apply_due_facts()
            assert await reconcile_ended() == 1
        assert (await run_due([ENDING]), await run_due([ENDING])) == (1, 0)
        async with db.held(db.EVERYTHING):
            assert await reconcile_ended() == 0
        assert await _state(desk, until_then) == "ended"
    assert len([line for line in await journal_of(dealer_id) if line[0] == "withdrawal"]) == 1


@on_day(AS_OF)
async def test_a_day_that_is_over_keeps_what_was_in_force_on_it(database: str) -> None:
    desk = await make_desk()
    await make_dealer_selling(desk, "D-1")
    with clock.fixed(noon(AS_OF - timedelta(days=40))):
        await put_in_force(desk, "D-1", 50_000, AS_OF - timedelta(days=40))
    await _end(desk.manager, on=AS_OF - timedelta(days=20))
    assert await _in_force(desk, AS_OF - timedelta(days=1)) == 50_000
    assert await _in_force(desk, AS_OF) is None


@on_day(AS_OF)
async def test_a_limit_that_begins_after_the_ending_never_begins(database: str) -> None:
    desk = await make_desk()
    await make_dealer_selling(desk, "D-1")
    coming = await _proposed(desk, from_on=IN_A_MONTH)
    async with acting(desk.finance):
        assert await approve_proposal(desk.finance, coming, "fine")
    await _end(desk.manager)
    assert [await _in_force(desk, IN_A_MONTH + timedelta(days=n)) for n in (-1, 0, 1, 100)] == [None] * 4


@pytest.mark.parametrize("loader", ["manager", "machine"])
@on_day(AS_OF)
async def test_dealers_end_by_a_file_too(database: str, loader: str) -> None:
    desk = await make_desk()
    ids = [await make_dealer_selling(desk, code) for code in ("D-1", "D-2", "D-3")]
    for code in ("D-1", "D-2", "D-3"):
        await put_in_force(desk, code, 50_000)
    administrator = await make_person(Role.ADMINISTRATOR)
    person = desk.manager if loader == "manager" else await make_machine(administrator, "nightly")
    rows = [
        f"D-{n},One,terminal,Harbour City,USD,30,{status}" for n, status in enumerate(("ended", "ended", "on hold"), 1)
    ]
    file = "\n".join(["code,name,type,territory,currency,terms_days,status", *rows]).encode()
    done = await loaded(person, "dealers", file, "dealers.csv")
    assert done["state"] == "loaded", (done["problem"], done["counts"], done["preview"])
    assert [await _in_force(desk, AS_OF, code) for code in ("D-1", "D-2", "D-3")] == [None, None, 50_000]
    async with acting(desk.finance):
        _, proposed = await history(desk.finance, "D-2")
    assert (proposed[0]["proposer"], proposed[0]["reason"]) == (person.login, "cooperation ended")
    assert (await journal_of(ids[0]))[-1][0] == "withdrawal"


@on_day(AS_OF)
async def test_what_nobody_followed_is_claimed_once_however_many_look(database: str) -> None:
    desk = await make_desk()
    ids = [await make_dealer_selling(desk, f"D-{n}") for n in range(3)]
    for n in range(3):
        await put_in_force(desk, f"D-{n}", 50_000)
    use_followers(())
    for n in range(3):
        await _end(desk.manager, f"D-{n}")
    # Taken back before anybody looked: nothing has ended.
    await _status(desk.manager, "D-2", Status.ACTIVE, AS_OF)
    assert await _in_force(desk, AS_OF, "D-0") == 50_000

    use_rooms(ROOMS)
    assert sum(await asyncio.gather(*(run_due([ENDING]) for _ in range(3)))) == 3
    assert [len(await journal_of(dealer_id)) for dealer_id in ids] == [2, 2, 1]
    assert await _in_force(desk, AS_OF, "D-2") == 50_000


@on_day(AS_OF)
async def test_an_approval_and_an_ending_at_once_leave_no_limit(database: str) -> None:
    desk = await make_desk()
    await make_dealer_selling(desk, "D-1")
    for _ in range(5):
        proposal = await _proposed(desk)

        async def approve(number: int = proposal) -> bool:
            async with acting(desk.finance):
                return await approve_proposal(desk.finance, number, "fine")

        await asyncio.gather(approve(), _end(desk.manager), return_exceptions=True)
        assert await _in_force(desk, AS_OF) is None
        await _status(desk.manager, "D-1", Status.ACTIVE, AS_OF)


@on_day(AS_OF)
async def test_reconcile_tells_what_stands_for_dealers_who_have_ended_and_ends_it(
    database: str, server: EmbeddedPostgres
) -> None:
    desk = await make_desk()
    dealer_id = await make_dealer_selling(desk, "D-1")
    await put_in_force(desk, "D-1", 50_000)
    await make_dealer_selling(desk, "D-2")
    waiting = await _proposed(desk, "D-2")
    use_followers(())
    await _end(desk.manager)
    await _end(desk.manager, "D-2")
    owner = await asyncpg.connect(server.dsn(OWNER, database))
    await owner.execute("DELETE FROM dealer_ended")  # as they ended before endings were written down
    await owner.close()
    use_rooms(ROOMS)
    assert await run_due([ENDING]) == 2, "which find nothing to end"
    async with db.held(db.EVERYTHING):
        assert (await reconcile_ended(), await reconcile_ended(mend=True)) == (2, 2)
        assert await reconcile_ended() == 0
    assert (await journal_of(dealer_id))[-1] == ("withdrawal", None, AS_OF, None)
    assert await _state(desk, waiting) == "ended"


@on_day(AS_OF)
async def test_the_faces_end_a_dealer_and_tell_the_status(api: Callable[[Person], Any], database: str) -> None:
    desk = await make_desk()
    for code, status in (("D-1", "active"), ("D-2", "on hold")):
        await make_dealer_selling(desk, code, status=status, effective_on=date(2012, 12, 1))
    manager, finance = await api(desk.manager), await api(desk.finance)
    run = (await manager.post("/api/v1/credit/assess", json={"propose": True})).json()["run"]
    listed = (await finance.get(f"/api/v1/credit/runs/{run}/assessments")).json()["items"]
    queue = (await finance.get("/api/v1/credit/proposals")).json()["items"]
    bulk = (await finance.get(f"/api/v1/credit/runs/{run}/approval")).json()["items"]
    for items in (listed, queue, bulk):
        assert {each["dealer"]: each["status"] for each in items} == {"D-1": "active", "D-2": "on hold"}
    body = {"fact": "status", "value": "ended", "reason": "closed"}
    assert (await manager.post("/api/v1/dealers/D-2/facts", json=body)).status_code < 300
    rows = (await finance.get("/api/v1/credit/proposals", params={"state": "ended"})).json()["items"]
    assert [(each["dealer"], each["status"], each["closed_by"]) for each in rows] == [("D-2", "ended", "manager-1")]
    async with acting(desk.finance):
        assert [row["dealer"] for row in (await bulk_of(desk.finance, run)).proposals] == ["D-1"]


def _ended_from(events: list[LimitEvent], begin: date) -> list[LimitEvent]:
    ends = days_to_end(events, begin)
    return [*events, *(LimitEvent(LimitEventKind.WITHDRAWAL, 100 + n, day) for n, day in enumerate(ends))]


@given(journals())
def test_nothing_is_in_force_from_the_end_on_and_all_that_was_before_stays(events: list[LimitEvent]) -> None:
    begin = START + timedelta(days=15)
    after = _ended_from(events, begin)
    for number in range(-2, 70):
        day = START + timedelta(days=number)
        total = limit_in_force(events, day).total if day < begin else None
        assert limit_in_force(after, day).total == total
    assert days_to_end(after, begin) == ()


@given(journals())
def test_a_limit_is_told_to_hold_until_the_first_day_without_one_unless_another_follows(
    events: list[LimitEvent],
) -> None:
    for number in range(60):
        day = START + timedelta(days=number)
        held = limit_in_force(events, day)
        if held.base is None or any(each.kind is LimitEventKind.LIMIT and each.from_on > day for each in events):
            continue
        later = (day + timedelta(days=n) for n in range(1, 120))
        assert held.until == next((each for each in later if limit_in_force(events, each).base is None), None)

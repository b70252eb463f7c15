"""Promises to pay on PostgreSQL: entered, judged by night by what came, cancelled, and told as they were judged."""

import asyncio
from collections.abc import Awaitable, Callable

import asyncpg
import httpx
import pytest

from channel import clock
from channel.access.rules import Person, Role
from channel.acts import Why
from channel.database import db
from channel.database.snapshots import view_of
from channel.errors import Conflict, Forbidden, Invalid, NotFound
from channel.lists import ALL
from channel.receivables.acts.promises import EnterPromise
from channel.receivables.queries.promises import PromiseFilter
from channel.receivables.rules.documents import DocumentKind
from channel.receivables.rules.promises import PromiseState
from channel.receivables.rules.settings import LedgerRules
from channel.receivables.service import promises as service
from channel.receivables.service.promises import JUDGING
from channel.work.service import run_due
from tests.make.access import acting, make_person
from tests.make.dealers import make_dealer
from tests.make.ledger import LATER, post, reverse
from tests.make.ledger_rules import put_in_force
from tests.make.receivables import D, day, moment, paying

GIVEN = LATER // 24
"""The day, counted from 1 January 2025, on which what is promised here was promised."""


def promising(promised: str = "1000", on: int = GIVEN + 10, **more: object) -> EnterPromise:
    given = {"amount": D(promised), "due_on": day(on), "promised_by": "Ms Lin"} | more
    return EnterPromise(**given)  # type: ignore[arg-type] # fields of the act


async def entered(person: Person, act: EnterPromise, code: str = "D-1", at: int = LATER) -> int:
    with clock.fixed(moment(at)):
        async with acting(person):
            return await service.enter_promise(person, code, act)


async def judged_at(hour: int) -> int:
    """The night's work at an hour; how many times something was begun."""
    with clock.fixed(moment(hour)):
        return await run_due([JUDGING])


async def told(person: Person, hour: int, **asked: object) -> list[tuple[int, int, str, object, object]]:
    """Number, place, state, what came and the state by the books of the hour, in the order of the days."""
    with clock.fixed(moment(hour)):
        async with acting(person):
            found = await service.promises_told(person, PromiseFilter(**asked), ALL)  # type: ignore[arg-type]
    return [(row["id"], row["place"], row["state"], row["came"], row["today"]) for row in found.items]


OVER = (GIVEN + 14) * 24
"""The hour at which what was promised for ten days later, with three days of grace, is over."""


async def test_enough_in_time_keeps_it_and_what_is_missing_breaks_it(finance: Person, dealer: int) -> None:
    first = await entered(finance, promising())
    second = await entered(finance, promising("500", GIVEN + 10), at=LATER + 1)
    bill = paying("900", on=GIVEN + 4, number="B1", kind=DocumentKind.BILL, matures_on=day(300))
    await post(finance, bill, at=OVER - 5 * 24)
    last_day = paying("60", on=GIVEN + 13, number="R2")
    await post(finance, last_day, paying("70", on=GIVEN + 13, number="R3"), at=OVER - 24)
    assert await told(finance, OVER - 24) == [(first, 1, "open", D(1000), "kept"), (second, 1, "open", D(30), None)]
    assert await judged_at(OVER - 24) == 1
    assert await told(finance, OVER - 24, state=PromiseState.KEPT) == []
    await judged_at(OVER)
    assert await told(finance, OVER) == [(first, 1, "kept", D(1000), None), (second, 1, "broken", D(30), None)]
    row = await db_row("SELECT * FROM promise_judgement WHERE promise_id = $1", second)
    assert (row["judged_on"], row["kept"], row["came"]) == (day(GIVEN + 14), False, D(30))
    trail = await db_row("SELECT * FROM audit_dealer WHERE subject = $1 AND act = 'judge promise'", f"promise {second}")
    assert (trail["via"], trail["actor"], trail["dealer_id"]) == ("service", "channel", dealer)
    assert trail["posting_id"] == row["posting_id"]


async def db_row(sql: str, *args: object) -> asyncpg.Record:
    async with db.held(db.EVERYTHING):
        row = await db.fetchrow(sql, *args)
    assert row is not None
    return row


async def test_what_was_judged_stays_and_what_it_would_be_today_is_told(
    finance: Person, dealer: int, browser: Callable[[Person], Awaitable[httpx.AsyncClient]]
) -> None:
    number = await entered(finance, promising())
    posted = await post(finance, paying("1000", on=GIVEN + 2), at=LATER + 48)
    await judged_at(OVER)
    await reverse(finance, posted.documents[0].document.id, at=OVER + 1)
    assert await told(finance, OVER + 2) == [(number, 1, "kept", D(1000), "broken")]
    await judged_at(OVER + 48)
    assert await told(finance, OVER + 48) == [(number, 1, "kept", D(1000), "broken")]
    with clock.fixed(moment(OVER + 48)):
        page = await browser(finance)
        text = (await page.get(f"/receivables/promises/{number}")).text
        assert "By those of today it would be: broken." in text
        assert ">broken<" in (await page.get("/receivables/promises")).text
    # Money that the bank had in time, told late, would keep it again.
    late = paying("960", on=GIVEN + 17, number="R9", value_on=day(GIVEN + 13))
    await post(finance, late, at=OVER + 72)
    assert await told(finance, OVER + 73) == [(number, 1, "kept", D(1000), None)]


async def test_two_services_judge_once(finance: Person, dealer: int) -> None:
    for _ in range(3):
        await entered(finance, promising())
    with clock.fixed(moment(OVER)):
        await asyncio.gather(*(run_due([JUDGING]) for _ in range(2)))
    row = await db_row("SELECT count(*) AS judged, count(DISTINCT posting_id) AS postings FROM promise_judgement")
    assert (row["judged"], row["postings"]) == (3, 1)


async def test_days_down_are_caught_up_and_a_killed_one_goes_on(
    finance: Person, dealer: int, owner: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "_A_BATCH", 1)
    with clock.fixed(moment(0)):
        others = [await make_dealer(code, currency="CNY") for code in ("D-2", "D-3")]
    for code in ("D-1", "D-2", "D-3"):
        await entered(finance, promising(), code)
    await entered(finance, promising("7", GIVEN + 40), "D-1")
    await post(finance, paying("1000", on=GIVEN + 5), at=LATER + 6 * 24, code="D-3")
    await judged_at(OVER - 24)
    # The last dealer's account is held by somebody else: the worker ends while it waits for it.
    held = owner.transaction()
    await held.start()
    await owner.execute("UPDATE dealer_account SET acts = acts WHERE dealer_id = $1", others[1])
    with clock.fixed(moment(OVER + 5 * 24)):
        work = asyncio.ensure_future(run_due([JUDGING]))
        for _ in range(500):
            if await owner.fetchval("SELECT count(*) FROM promise_judgement") == 2:
                break
            await asyncio.sleep(0.02)
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)
        await held.rollback()
        assert await owner.fetchval("SELECT count(*) FROM promise_judgement") == 2
        await run_due([JUDGING])
    rows = await owner.fetch("SELECT dealer_id, judged_on, kept FROM promise_judgement ORDER BY dealer_id")
    on = day(GIVEN + 19)
    assert [tuple(row) for row in rows] == [(dealer, on, False), (others[0], on, False), (others[1], on, True)]


async def test_grace_and_share_come_from_the_rules_in_force_and_stay(finance: Person, dealer: int) -> None:
    before = await entered(finance, promising())
    second = await make_person(Role.FINANCE, login="second")
    with clock.fixed(moment(LATER + 1)):
        await put_in_force(finance, second, day(GIVEN), LedgerRules(promise_grace_days=0, promise_share=D(1)))
    after = await entered(finance, promising(), at=LATER + 2)
    mine = await entered(finance, promising(grace_days=30, share=D("0.5")), at=LATER + 2)
    with clock.fixed(moment(LATER + 3)):
        async with acting(finance):
            rows = {row["id"]: row for row in (await service.promises_told(finance, PromiseFilter(), ALL)).items}
    assert {number: (row["grace_days"], row["share"], row["last_on"]) for number, row in rows.items()} == {
        before: (3, D("0.95"), day(GIVEN + 13)),
        after: (0, D(1), day(GIVEN + 10)),
        mine: (30, D("0.5"), day(GIVEN + 40)),
    }


async def test_what_is_open_is_cancelled_and_what_was_judged_stays(finance: Person, dealer: int) -> None:
    parts = [f"{day(GIVEN + on)}={amount}" for on, amount in ((20, 60), (10, 40), (30, "0.50"))]
    plan = EnterPromise(instalments=parts, promised_by="Ms Lin", remark="by post")
    number = await entered(finance, plan)
    await judged_at(OVER)
    with clock.fixed(moment(OVER + 1)):
        async with acting(finance):
            await service.cancel_promise(finance, number, Why(reason="a new plan"))
            with pytest.raises(Conflict):
                await service.cancel_promise(finance, number, Why(reason="again"))
            with pytest.raises(NotFound):
                await service.cancel_promise(finance, number + 1, Why(reason="another"))
    await judged_at(OVER + 60 * 24)
    assert await told(finance, OVER + 60 * 24) == [
        (number, 1, "broken", D(0), None),
        (number, 2, "cancelled", None, None),
        (number, 3, "cancelled", None, None),
    ]


async def test_each_instalment_tells_what_came_for_it(finance: Person, dealer: int) -> None:
    parts = [f"{day(GIVEN + on)}={amount}" for on, amount in ((10, 40), (20, 60))]
    number = await entered(finance, EnterPromise(instalments=parts, promised_by="Ms Lin"))
    await post(finance, paying("70", on=GIVEN + 2), at=LATER + 48)
    await judged_at(OVER)
    assert await told(finance, OVER) == [(number, 1, "kept", D(40), None), (number, 2, "open", D(30), None)]
    with clock.fixed(moment(OVER)):
        async with acting(finance):
            whole = await service.promise_told(finance, number)
    assert [row["came_up_to"] for row in whole.instalments] == [D(40), D(70)]


async def test_a_view_of_the_past_tells_what_was_open_then(finance: Person, dealer: int) -> None:
    number = await entered(finance, promising())
    await post(finance, paying("1000", on=GIVEN + 2), at=LATER + 48)
    await judged_at(OVER)
    with clock.fixed(moment(OVER + 5)):
        async with acting(finance):
            views = {
                "now": view_of(),
                "on the day before": view_of(day(GIVEN + 13)),
                "before the money": view_of(day(GIVEN + 13), moment(LATER + 24)),
                "before it was given": view_of(day(GIVEN - 1)),
            }
            found = {
                name: [(row["id"], row["came"]) for row in await service.open_promises(finance, dealer, view)]
                for name, view in views.items()
            }
    assert found == {
        "now": [],
        "on the day before": [(number, D(1000))],
        "before the money": [(number, D(0))],
        "before it was given": [],
    }


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"amount": None}, "amount"),
        ({"due_on": None}, "due_on"),
        ({"instalments": ["2025-04-01=5"]}, "instalments"),
        ({"amount": None, "due_on": None, "instalments": ["2025-04-01"]}, "instalments"),
        ({"amount": None, "due_on": None, "instalments": ["1725-04-01=5"]}, "instalments"),
        ({"amount": None, "due_on": None, "instalments": ["2025-04-01=5"] * 121}, "instalments"),
        ({"grace_days": 31}, "grace_days"),
        ({"given_on": day(GIVEN + 1)}, "given_on"),
        ({"amount": D("1.005")}, "amount"),
        ({"share": D(0)}, "share"),
        ({"promised_by": " "}, "promised_by"),
    ],
)
async def test_what_cannot_be_promised_names_its_field(
    given: dict[str, object], field: str, finance: Person, dealer: int
) -> None:
    with pytest.raises(Invalid) as refused:
        await entered(finance, promising(**given))
    assert [each.field for each in refused.value.errors] == [field]


async def test_who_may_enter_and_who_may_see(finance: Person, dealer: int) -> None:
    number = await entered(await make_person(Role.MANAGER), promising())
    for role in (Role.AUDITOR, Role.ADMINISTRATOR):
        with pytest.raises(Forbidden):
            await entered(await make_person(role), promising())
    elsewhere = await make_person(Role.REGIONAL)
    with pytest.raises(NotFound):
        await entered(elsewhere, promising())
    async with acting(elsewhere):
        assert (await service.promises_told(elsewhere, PromiseFilter(), ALL)).items == []
        with pytest.raises(NotFound):
            await service.cancel_promise(elsewhere, number, Why(reason="not mine"))
        with pytest.raises(NotFound):
            await service.promise_told(elsewhere, number)


async def test_the_api_goes_the_whole_way(
    finance: Person, dealer: int, api: Callable[[Person], Awaitable[httpx.AsyncClient]]
) -> None:
    await post(finance, paying("30", on=GIVEN), at=LATER)
    at = "/api/v1/receivables/promises"
    with clock.fixed(moment(LATER + 1)):
        async with await api(finance) as client:
            body = {"amount": "100", "due_on": str(day(GIVEN + 3)), "promised_by": "Ms Lin", "currency": "CNY"}
            number = (await client.post("/api/v1/receivables/dealers/D-1/promises", json=body)).json()["id"]
            (row,) = (await client.get("/api/v1/receivables/dealers/D-1/promises")).json()["items"]
            assert (row["came"], row["state"], row["last_on"]) == ("30.0000", "open", str(day(GIVEN + 6)))
            for asked, count in (
                ({"due_until": str(day(GIVEN + 2))}, 0),
                ({"due_until": str(day(GIVEN + 3)), "state": "open", "dealer": "D-1"}, 1),
                ({"state": "broken"}, 0),
            ):
                assert len((await client.get(at, params=asked)).json()["items"]) == count
            assert (await client.post(f"{at}/{number}/cancel", json={"reason": "a mistake"})).status_code == 204
            said = (await client.get(f"{at}/{number}")).json()
            assert (said["cancelled_why"], said["instalments"][0]["state"]) == ("a mistake", "cancelled")
            assert (await client.get(f"{at}/{number + 1}")).status_code == 404


async def test_the_desk_of_finance_tells_what_was_broken_and_what_is_due_today(
    finance: Person, dealer: int, api: Callable[[Person], Awaitable[httpx.AsyncClient]]
) -> None:
    broken = await entered(finance, promising())
    due = await entered(finance, promising(on=GIVEN + 15))
    await entered(finance, promising(on=GIVEN + 14))
    manager = await make_person(Role.MANAGER)
    for hour, expected in ((OVER + 24, [broken]), (OVER + 47, [broken]), (OVER + 72, [])):
        await judged_at(OVER)
        with clock.fixed(moment(hour)):
            also = (await (await api(finance)).get("/api/v1/desk")).json()["also"]
            assert "promises_due" not in (await (await api(manager)).get("/api/v1/desk")).json()["also"]
        assert [each["id"] for each in also["promises_broken"]] == expected
        assert [each["id"] for each in also["promises_due"]] == ([due] if hour < OVER + 48 else [])

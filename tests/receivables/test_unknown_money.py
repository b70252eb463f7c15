"""Money whose payer is not known: kept apart, proposed for dealers with reasons, assigned, taken back, sent back."""

from collections.abc import Awaitable, Callable

import httpx
import pytest

from channel import clock
from channel.access.rules import Person, Role
from channel.database import db
from channel.errors import Conflict, Forbidden, Invalid
from channel.lists import ALL
from channel.receivables.acts.months import CloseMonth
from channel.receivables.acts.unknown_money import AssignMoney, KeepUnknownMoney, ReturnMoney, TakeBackAssignment
from channel.receivables.queries import accounts
from channel.receivables.rules.payers import Ground
from channel.receivables.service import unknown_money as service
from channel.receivables.service.kept import reconcile_ledger
from channel.receivables.service.months import close_month
from tests.make.access import acting, make_person
from tests.make.dealers import make_dealer
from tests.make.ledger import LATER, post
from tests.make.receivables import D, day, moment, owed, paying


def line(**given: object) -> KeepUnknownMoney:
    fields = {"number": "B1", "currency": "CNY", "amount": D(80), "booked_on": day(20), "remark": "货款INV-7谢谢"}
    return KeepUnknownMoney(**fields | given)  # type: ignore[arg-type] # fields of the act


async def kept(finance: Person, act: KeepUnknownMoney, at: int = LATER) -> int:
    with clock.fixed(moment(at)):
        async with acting(finance):
            return await service.keep_money(finance, act)


async def test_what_speaks_for_whom_is_told_the_strongest_first(finance: Person, dealer: int) -> None:
    with clock.fixed(moment(0)):
        await make_dealer("D-2", currency="CNY")
        await make_dealer("D-3", currency="CNY")
    await post(finance, owed("100", number="INV-7"))
    from channel.receivables.service.posting import Given, post_documents  # noqa: PLC0415 - with an account

    with clock.fixed(moment(LATER)):
        async with acting(finance):
            receipt = Given("D-2", paying("5", id=0), payer_account="DE89 3704")
            await post_documents(finance, [receipt, Given("D-3", owed("80", number="X1", id=0))])
    number = await kept(finance, line(payer_account="de89-3704"))
    async with acting(finance):
        found = await service.payers_proposed(finance, number)
    assert [(each.dealer, [reason.ground for reason in each.reasons]) for each in found] == [
        ("D-1", [Ground.NUMBER]),
        ("D-2", [Ground.ACCOUNT]),
        ("D-3", [Ground.AMOUNT]),
    ]


async def test_assigned_money_is_on_the_books_from_today_and_paid_on_the_banks_day(
    finance: Person, dealer: int
) -> None:
    await post(finance, owed("100", number="INV-7"), owed("80", number="A1"))
    number = await kept(finance, line())
    with clock.fixed(moment(LATER + 30)):
        async with acting(finance):
            posted = await service.assign_money(finance, number, AssignMoney(dealer="D-1", reason="named"))
            document = posted.documents[0].document
            assert (document.effective_on, document.value_on) == (clock.today(), day(20))
            # It pays what its text names, although another item has its very amount.
            assert [(each.item.document_id, each.amount) for each in posted.planned[0].allocations] == [
                (await db.fetchval("SELECT id FROM receivable_document WHERE number = 'INV-7'"), D(80))
            ]
            with pytest.raises(Conflict):
                await service.assign_money(finance, number, AssignMoney(dealer="D-1", reason="again"))
            with pytest.raises(Conflict):
                await service.return_money(finance, number, ReturnMoney(reason="again"))


async def test_a_wrong_assignment_is_taken_back_and_the_money_waits_again(finance: Person, dealer: int) -> None:
    await post(finance, owed("100", number="INV-7"))
    number = await kept(finance, line())
    with clock.fixed(moment(LATER + 1)):
        async with acting(finance):
            await service.assign_money(finance, number, AssignMoney(dealer="D-1", reason="named"))
            again = (await service.take_back(finance, number, TakeBackAssignment(reason="it was another's"))).money_id
            assert again is not None
            states = {row["id"]: row["state"] for row in (await service.list_money(finance, None, ALL)).items}
            assert states == {number: "taken_back", again: "unknown"}
            sums = await accounts.account_sums([dealer], clock.today())
            assert [(row["open"], row["on_account"]) for row in sums] == [(D(100), D(0))]
            await service.return_money(finance, again, ReturnMoney(reason="sent back"))


async def test_a_number_waits_once_and_nothing_comes_from_the_future(finance: Person, dealer: int) -> None:
    await kept(finance, line())
    for wrong, field in ((line(number="ｂ1"), "number"), (line(number="B2", booked_on=day(90)), "booked_on")):
        with pytest.raises(Invalid) as refused:
            await kept(finance, wrong, LATER + 1)
        assert refused.value.errors[0].field == field
    with pytest.raises(Invalid):
        line(amount=D("1.005"))


async def test_what_was_assigned_in_a_closed_month_is_taken_back_by_a_second_person(
    finance: Person,
    dealer: int,
    api: Callable[[Person], Awaitable[httpx.AsyncClient]],
    browser: Callable[[Person], Awaitable[httpx.AsyncClient]],
) -> None:
    await post(finance, owed("100", number="INV-7"))
    number, at = await kept(finance, line()), "/api/v1/receivables/unknown-money"
    second = await make_person(Role.FINANCE)
    with clock.fixed(moment(LATER + 1)):
        async with acting(finance):
            await service.assign_money(finance, number, AssignMoney(dealer="D-1", reason="named"))
    with clock.fixed(moment(LATER + 31 * 24)):
        async with acting(finance):
            await close_month(finance, CloseMonth(month="2025-03", reason="done"))
        async with await api(finance) as one, await api(second) as other:
            refused = await one.post(f"{at}/{number}/take-back", json={"reason": "another's"})
            assert [each["field"] for each in refused.json()["errors"]] == ["ask"]
            page, its_page = await browser(finance), f"/receivables/unknown/{number}"
            assert 'href="/dealers/D-1/receivables"' in (await page.get("/receivables/unknown")).text
            await page.get(its_page)
            marked = {"reason": "another's", "_csrf_token": page.cookies["csrftoken"]}
            done = await page.post(f"{its_page}/take-back", data=marked | {"ask": "yes"})
            assert done.headers["location"].startswith("/receivables/waiting/")
            assert (await page.post(f"{done.headers['location']}/withdraw", data=marked)).status_code == 303
            asked = {"reason": "another's", "ask": True}
            told = (await one.post(f"{at}/{number}/take-back", json=asked)).json()
            assert (told["id"], isinstance(told["waits"], int)) == (None, True)
            assert (await one.post(f"{at}/{number}/take-back", json=asked)).status_code == 409
            word = f"/api/v1/receivables/waiting/{told['waits']}"
            states = [row["state"] for row in (await one.get(at)).json()["items"]]
            assert states == ["assigned"]
            assert (await one.post(f"{word}/approve", json={"reason": "so"})).status_code == 403
            assert (await other.post(f"{word}/approve", json={"reason": "so"})).status_code == 200
            assert sorted(row["state"] for row in (await one.get(at)).json()["items"]) == ["taken_back", "unknown"]
        async with acting(finance):
            assert await reconcile_ledger() == 0
            sums = await accounts.account_sums([dealer], clock.today())
            assert [(row["open"], row["on_account"]) for row in sums] == [(D(100), D(0))]


async def test_its_number_may_have_come_again_meanwhile(finance: Person, dealer: int) -> None:
    number = await kept(finance, line())
    with clock.fixed(moment(LATER + 1)):
        async with acting(finance):
            await service.assign_money(finance, number, AssignMoney(dealer="D-1", reason="named"))
    await kept(finance, line(), LATER + 2)
    with clock.fixed(moment(LATER + 3)):
        async with acting(finance):
            with pytest.raises(Conflict, match="B1"):
                await service.take_back(finance, number, TakeBackAssignment(reason="another's"))


@pytest.mark.parametrize("role", [Role.MANAGER, Role.AUDITOR, Role.ADMINISTRATOR])
async def test_finance_alone_sees_it(role: Role, finance: Person) -> None:
    other = await make_person(role)
    async with acting(other):
        with pytest.raises(Forbidden):
            await service.list_money(other, None, ALL)


async def test_the_api_goes_the_whole_way(
    finance: Person, dealer: int, api: Callable[[Person], Awaitable[httpx.AsyncClient]]
) -> None:
    await post(finance, owed("100", number="INV-7"))
    at = "/api/v1/receivables/unknown-money"
    with clock.fixed(moment(LATER + 1)):
        async with await api(finance) as client:
            body = {"number": "B1", "currency": "CNY", "amount": "80", "booked_on": "2025-01-21", "remark": "INV-7"}
            number = (await client.post(at, json=body)).json()["id"]
            assert [each["dealer"] for each in (await client.get(f"{at}/{number}/payers")).json()] == ["D-1"]
            done = await client.post(f"{at}/{number}/assign", json={"dealer": "D-1", "reason": "named"})
            assert (done.status_code, done.json()["allocated"]) == (200, "80.0000")
            assert (await client.post(f"{at}/{number}/take-back", json={"reason": "no"})).status_code == 200
            assert (await client.post(f"{at}/999/return", json={"reason": "no"})).status_code == 404
            rows = (await client.get(at, params={"state": "unknown"})).json()["items"]
            assert [row["number"] for row in rows] == ["B1"]

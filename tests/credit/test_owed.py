"""What is owed as an input of a limit: exposure beside the limit in force, the overdue gate, best high credit."""

import json
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest

from channel import clock
from channel.access.rules import Person, Role
from channel.credit.rules import LimitDecision
from channel.credit.service.explain import diff, explain, recompute
from channel.database import db
from channel.database.snapshots import view_of
from channel.receivables.rules.documents import DocumentKind
from channel.versions.rules import written
from channel.view import View
from tests.make.access import acting, make_person
from tests.make.credit import DEFAULT_POLICY
from tests.make.dealers import make_rate
from tests.make.ledger import post, reverse
from tests.make.limits import (
    Desk,
    approve_policy,
    assess,
    draft_policy,
    make_dealer_selling,
    make_desk,
    noon,
    propose_policy,
    put_in_force,
)
from tests.make.receivables import FIRST, D, day, owed, paying

Client = Callable[[Person], Awaitable[httpx.AsyncClient]]
MONTHS = ("2024-11", "2024-12", *(f"2025-{month:02}" for month in range(1, 13)))
TODAY = day(400)
V1 = "/api/v1/credit/dealers/D-1"
NET = "The limit comes from net sales; the exposure has tax in it."


@pytest.fixture
async def desk(database: str) -> Desk:
    """D-1 sells every month and has no limit; nothing of him is in the ledger."""
    with clock.fixed(noon(FIRST - timedelta(days=90))):
        made = await make_desk()
    with clock.fixed(noon(TODAY)):
        await make_dealer_selling(made, "D-1", months=MONTHS, currency="USD")
    return made


async def policy(desk: Desk, changes: Mapping[str, Mapping[str, Any]], **top: object) -> None:
    document = written(DEFAULT_POLICY) | top
    for section, values in changes.items():
        document[section] = {**document[section], **values}
    async with acting(desk.manager):
        version = await draft_policy(desk.manager, document, clock.today(), "owed")
        await propose_policy(desk.manager, version, "owed")
    async with acting(desk.finance):
        await approve_policy(desk.finance, version, "agreed")


async def decided(desk: Desk, view: View | None = None) -> LimitDecision:
    async with acting(desk.finance):
        return (await explain(desk.finance, "D-1", view or view_of())).decision


def said(decision: LimitDecision, key: str) -> str:
    (step,) = [each for each in decision.steps if each.key == key]
    return "; ".join(each.text % dict(each.params) for each in step.inputs)


def dollars(amount: str, on: int, number: str = "I1", **given: Any) -> Any:  # noqa: ANN401 - fields of Document
    return owed(amount, on=on, number=number, currency="USD", **given)


def received(amount: str, on: int, number: str = "R1", **given: Any) -> Any:  # noqa: ANN401 - fields of Document
    return paying(amount, on=on, number=number, currency="USD", **given)


HOURS = 24 * 401


async def test_no_receivables_are_not_an_exposure_of_zero(desk: Desk, api: Client, browser: Client) -> None:
    with clock.fixed(noon(TODAY)):
        told = (await (await api(desk.finance)).get(f"{V1}/limit")).json()["exposure"]
        page = (await (await browser(desk.finance)).get("/credit/dealers/D-1")).text
    assert (told["amount"], told["share"], told["parts"]) == (None, None, [])
    assert (told["unknown"], told["basis"]) == ("no receivables are kept", NET)
    assert "no receivables are kept" in page


async def test_the_exposure_and_how_much_of_the_limit_it_takes(desk: Desk, api: Client, browser: Client) -> None:
    with clock.fixed(noon(TODAY)):
        await put_in_force(desk, "D-1", 1000, TODAY)
    bill = received("200", 390, "B1", kind=DocumentKind.BILL, matures_on=day(500))
    await post(desk.finance, dollars("700", 380), dollars("200", 381, "I2"), bill, at=HOURS)
    await post(desk.finance, received("50", 395, "C1", kind=DocumentKind.CREDIT_NOTE, stays_on_account=True), at=HOURS)
    with clock.fixed(noon(day(402))):
        client, page = await api(desk.finance), await browser(desk.finance)
        told = (await client.get(f"{V1}/limit")).json()["exposure"]
        assert told["parts"] == [{"currency": "USD", "open": "700.0000", "on_account": "50.0000", "bills": "200.0000"}]
        assert [D(told[each]) for each in ("balance", "bills", "amount")] == [D(650), D(200), D(850)]
        assert (D(told["share"]), D(told["headroom"]), told["unknown"]) == (D("0.85"), D(150), None)
        shown = (await page.get("/credit/dealers/D-1")).text
        assert "85.0% of the limit" in shown
        assert NET in shown
        before = (await client.get(f"{V1}/limit?as_of={day(389)}")).json()["exposure"]
        assert (D(before["amount"]), before["share"]) == (D(900), None), "no limit was in force then"
        unknown = (await client.get(f"{V1}/limit?known_at={noon(TODAY).replace(tzinfo=None).isoformat()}")).json()
        assert unknown["exposure"]["unknown"] == "no receivables are kept"


async def test_a_currency_without_a_rate_leaves_the_exposure_unknown(desk: Desk, api: Client) -> None:
    await post(desk.finance, dollars("700", 380), owed("100", on=390, number="E1", currency="EUR"), at=HOURS)
    with clock.fixed(noon(day(402))):
        client = await api(desk.finance)
        told = (await client.get(f"{V1}/limit")).json()["exposure"]
        assert (told["amount"], told["unknown"]) == (None, "there is no rate for EUR")
        assert {part["currency"] for part in told["parts"]} == {"EUR", "USD"}
        await make_rate("EUR", day(401), "1.25")
        assert D((await client.get(f"{V1}/limit")).json()["exposure"]["amount"]) == D(825)


async def test_administrators_are_not_told_what_is_owed(desk: Desk, api: Client) -> None:
    with clock.fixed(noon(TODAY)):
        administrator = await make_person(Role.ADMINISTRATOR, login="admin-2")
        assert (await (await api(administrator)).get(f"{V1}/limit")).json()["exposure"] is None


GATE = {"overdue": "withhold", "overdue_days": 20}


@pytest.mark.parametrize(("past", "withheld"), [(0, False), (20, False), (21, True)])
async def test_the_days_of_the_gate_pass_and_one_more_does_not(past: int, withheld: bool, desk: Desk) -> None:
    await post(desk.finance, dollars("100", 350, due=402 - past), dollars("5", 350, "I2", due=401), at=HOURS)
    with clock.fixed(noon(day(402))):
        plain = await decided(desk)
        await policy(desk, {"gates": GATE})
        found = await decided(desk)
    if withheld:
        assert found.amount is None
        assert "I1, due on" in said(found, "overdue")
    else:
        assert found.amount == plain.amount
        assert "overdue by" in said(found, "overdue")


async def test_what_is_paid_is_overdue_no_more(desk: Desk) -> None:
    await post(desk.finance, dollars("100", 350, due=380), at=HOURS)
    await post(desk.finance, received("100", 411), at=24 * 411 + 1)
    with clock.fixed(noon(day(411))):
        plain = await decided(desk)
        await policy(desk, {"gates": {"overdue": "factor", "overdue_days": 20, "overdue_factor": "0.25"}})
        assert (await decided(desk)).amount == plain.amount, "it is paid"
        assert "nothing is overdue" in said(await decided(desk), "overdue")


async def test_a_factor_lowers_the_limit_and_what_was_paid_since_is_a_part_of_the_diff(desk: Desk) -> None:
    await post(desk.finance, dollars("100", 350, due=380), at=HOURS)
    with clock.fixed(noon(day(402))):
        await policy(desk, {"gates": {"overdue": "factor", "overdue_days": 20, "overdue_factor": "0.25"}})
        moment = clock.now() + timedelta(minutes=1)
        lowered = await decided(desk)
        async with acting(desk.manager):
            run = await assess(desk.manager, dealer="D-1")
    await post(desk.finance, received("100", 379), at=24 * 403)
    with clock.fixed(noon(day(404))):
        now, then = await decided(desk, view_of(day(402))), await decided(desk, view_of(day(402), moment))
        async with acting(desk.manager):
            again = await recompute(desk.manager, run.run_id)
            found = await diff(desk.manager, "D-1", view_of(day(402), moment), view_of(day(402)))
    assert then.amount == lowered.amount
    assert (now.amount or 0) > (then.amount or 0)
    assert again.differs is None
    (part,) = [each for each in found.parts if each.key == "receivables"]
    assert part.amount == now.unrounded - then.unrounded
    assert part.before.text % dict(part.before.params) == "oldest overdue by 22 days"
    assert found.whole == now.amount - then.amount


async def test_without_receivables_the_gate_is_left_out_or_required(desk: Desk) -> None:
    with clock.fixed(noon(TODAY)):
        plain = await decided(desk)
        await policy(desk, {"gates": GATE})
        left_out = await decided(desk)
    with clock.fixed(noon(day(401))):
        await policy(desk, {"gates": GATE | {"overdue_required": True}})
        required = await decided(desk)
    assert (left_out.amount, said(left_out, "left_out_gate")) == (plain.amount, "left out")
    assert required.withheld is not None
    assert required.withheld.text == "no receivables are kept"


BEST = [{"method": "best_high_credit", "required": True}]


async def best(desk: Desk, on: int = 402, view: View | None = None) -> LimitDecision:
    with clock.fixed(noon(day(on))):
        async with acting(desk.finance):
            known = await db.fetchval("SELECT max(version) FROM document_version WHERE paper = 'credit policy'")
        if known == 1:
            await policy(desk, {"parameters": {"high_credit_from_ledger": True}}, methods=BEST, rounding_unit="1")
        return await decided(desk, view)


async def test_the_best_high_credit_is_the_largest_balance_that_was_cleared_on_terms(desk: Desk) -> None:
    await post(
        desk.finance,
        dollars("300", 100, "A"), dollars("200", 110, "B"),  # together 500, paid on their days
        received("300", 130, "RA", references=("A",)), received("200", 140, "RB", references=("B",)),
        dollars("900", 200, "C"), received("900", 231, "RC", references=("C",)),  # a day late
        dollars("400", 300, "E"), received("400", 330, "RE", references=("E",)),
        dollars("50", 390, "F"),  # not yet paid: nothing that stands with it is cleared
        at=HOURS,
    )  # fmt: skip
    found = await best(desk)
    assert found.unrounded == D(500)
    assert said(found, "high_credit") == f"stood on {day(110)}, cleared on terms, by the ledger"


async def test_what_was_reversed_written_off_or_credited_makes_no_high_credit(desk: Desk) -> None:
    posted = await post(
        desk.finance,
        dollars("800", 100, "A"), received("800", 120, "RA", references=("A",)),
        dollars("600", 150, "B"), received("600", 160, "CB", references=("B",), kind=DocumentKind.CREDIT_NOTE),
        dollars("400", 200, "C"), received("100", 205, "CC", references=("C",), kind=DocumentKind.CREDIT_NOTE),
        received("300", 210, "RC", references=("C",)),
        at=HOURS,
    )  # fmt: skip
    assert (await best(desk)).unrounded == D(800)
    await reverse(desk.finance, posted.documents[1].document.id, at=24 * 403)
    moment = noon(day(402)) + timedelta(minutes=1)
    then = await best(desk, 404, view_of(day(402), moment))
    now = await best(desk, 404)
    assert then.unrounded == D(800)
    assert now.withheld is not None, "what is open again has stood since, and nothing is cleared beside it"


@pytest.mark.parametrize(("paid", "expected"), [(130, D(100)), (131, None)])
async def test_a_balance_that_waits_for_its_due_day_alone_is_cleared_on_it(
    paid: int, expected: Decimal | None, desk: Desk
) -> None:
    await post(desk.finance, dollars("100", 100), received("100", paid), at=HOURS)
    found = await best(desk)
    assert found.unrounded == expected
    if expected is None:
        assert found.withheld is not None
        assert "the ledger has no balance" in found.withheld.text


@pytest.mark.parametrize(("stood", "expected"), [(37, D(100)), (38, D(100)), (36, None)])
async def test_a_balance_counts_that_stood_on_a_day_of_the_twelve_months(
    stood: int, expected: Decimal | None, desk: Desk
) -> None:
    """As of day 402 the twelve months begin on day 37: what was paid on it stood until the day before."""
    await post(desk.finance, dollars("100", 20), received("100", stood + 1), at=HOURS)
    assert (await best(desk)).unrounded == expected


async def test_money_on_account_lowers_the_balance_and_currencies_are_not_added(desk: Desk) -> None:
    await post(
        desk.finance,
        dollars("500", 100, "A"), received("100", 101, "X", kind=DocumentKind.CREDIT_NOTE, stays_on_account=True),
        received("500", 120, "RA", references=("A",)),
        owed("450", on=100, number="E", currency="EUR"), paying("450", on=120, number="RE", currency="EUR"),
        at=HOURS,
    )  # fmt: skip
    with clock.fixed(noon(day(402))):
        await make_rate("EUR", day(402), "1.2")
    found = await best(desk)
    assert found.unrounded == D(540)
    assert "450 EUR" in said(found, "high_credit")


async def test_an_assessment_kept_before_these_inputs_reads_and_recomputes(desk: Desk) -> None:
    await post(desk.finance, dollars("100", 350, due=360), at=HOURS)
    with clock.fixed(noon(day(402))):
        async with acting(desk.manager):
            run = await assess(desk.manager, dealer="D-1")
    async with db.held(db.EVERYTHING):
        kept = await db.fetchval("SELECT inputs FROM assessment WHERE run_id = $1", run.run_id)
    kept = json.loads(kept) if isinstance(kept, str) else kept
    assert "owed" not in kept["inputs"], "a policy that does not read the ledger keeps what was kept before"
    with clock.fixed(noon(day(403))):
        await policy(desk, {"gates": GATE})
        async with acting(desk.manager):
            assert (await recompute(desk.manager, run.run_id)).differs is None
            newer = await assess(desk.manager, dealer="D-1")
            assert newer.withheld == 1
            assert (await recompute(desk.manager, newer.run_id)).differs is None

"""What goes to the database for a dealer's credit: one snapshot, one lock, one look at the dealer, nothing twice."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from decimal import Decimal

import httpx
import pytest

from channel import clock
from channel.access.rules import Person
from channel.dealers.rules import Fact
from channel.versions.rules import written
from tests.desk.test_since import LATER, with_limits
from tests.make.access import acting
from tests.make.credit import DEFAULT_POLICY
from tests.make.dealers import change_fact, make_rate
from tests.make.limits import (
    Desk,
    approve_policy,
    assess,
    draft_policy,
    make_desk,
    noon,
    propose_limit,
    propose_policy,
)
from tests.make.statements import statements

Client = Callable[[Person], Awaitable[httpx.AsyncClient]]
V1 = "/api/v1/credit"
SIDES = "first=2013-12-05&second=2014-02-10"
MOST = 16
"""Statements that a dealer's credit page takes, whatever waits or is compared, at whatever day and moment."""


@pytest.fixture
async def desk(database: str) -> Desk:
    """D-1 has a limit that rests on an assessment."""
    made = await make_desk()
    await with_limits(made)
    return made


def _of(asked: Sequence[str], part: str) -> int:
    return sum(part in each for each in asked)


async def _got(client: httpx.AsyncClient, path: str) -> list[str]:
    assert (await client.get(path)).status_code == 200  # a new connection learns types once
    with statements() as asked:
        answer = await client.get(path)
    assert answer.status_code == 200, answer.text
    return asked


async def _sent(client: httpx.AsyncClient, path: str, **sent: object) -> tuple[list[str], httpx.Response]:
    """What an act asks from its beginning to its end, both of them counted."""
    with statements() as asked:
        answer = await client.post(path, **sent)
    first, last = asked.index("BEGIN;"), asked.index("COMMIT;")
    return asked[first : last + 1], answer


async def test_a_dealers_credit_page_is_one_state_read_once(desk: Desk, browser: Client) -> None:
    with clock.fixed(noon(LATER)):
        client = await browser(desk.finance)
        before = (clock.now() - timedelta(minutes=1)).replace(tzinfo=None).isoformat()
        for asked in ("", f"?{SIDES}", f"?known_at={before}", f"?known_at={before}&{SIDES}"):
            found = await _got(client, f"/credit/dealers/D-1{asked}")
            assert len(found) <= MOST, (asked, found)
            for once in ("BEGIN", "pg_advisory_lock", "known_moment", "dealer_meant", "ROLLBACK"):
                assert _of(found, once) == 1, (asked, once, found)


async def test_what_waits_is_told_from_what_the_page_has_read(desk: Desk, browser: Client) -> None:
    with clock.fixed(noon(LATER)):
        async with acting(desk.manager):
            assert (await assess(desk.manager, dealer="D-1", propose=True)).proposed == 1
            await propose_limit(
                desk.manager, "D-1", "temporary", amount=Decimal(10), to_on=LATER + timedelta(days=9), reason="season"
            )
        client = await browser(desk.finance)
        for asked in ("", "?as_of=2014-02-09", f"?as_of=2014-02-09&{SIDES}", f"?{SIDES}"):
            found = await _got(client, f"/credit/dealers/D-1{asked}")
            assert len(found) <= MOST, (asked, found)
            once_each = (
                "'approved' AND v.effective_from",
                "FROM assessment a",
                "FROM request_dealer r\nJOIN limit_proposal",
            )
            for once in (
                *once_each,
                "FROM dealer_fact f",
                "FROM financial_statement s",
                "FROM credit_fact f",
                "FROM coverage c",
            ):
                assert _of(found, once) == 1, (asked, once, found)


async def test_what_is_seldom_wanted_is_asked_with_all_else(desk: Desk, browser: Client) -> None:
    """Another currency, a policy that looks at the company's own sales, what waits, and two days beside each other."""
    document = written(DEFAULT_POLICY)
    document["sales"] |= {"window_months": 3}
    document["caps"] |= {"own_sales_rate": "0.5"}
    with clock.fixed(noon(LATER)):
        before = (clock.now() - timedelta(minutes=1)).replace(tzinfo=None).isoformat()
        async with acting(desk.manager):
            assert (await assess(desk.manager, dealer="D-1", propose=True)).proposed == 1
            version = await draft_policy(desk.manager, document, LATER, "own sales")
            await propose_policy(desk.manager, version, "own sales")
        async with acting(desk.finance):
            await approve_policy(desk.finance, version, "agreed")
        await make_rate("EUR", LATER, "1.25")
        async with acting(desk.manager):
            await change_fact(desk.manager, "D-1", Fact.CURRENCY, "EUR", effective_on=LATER, reason="moved")
        client = await browser(desk.finance)
        for asked in ("", f"?{SIDES}", f"?as_of=2014-02-09&{SIDES}", f"?known_at={before}&{SIDES}"):
            found = await _got(client, f"/credit/dealers/D-1{asked}")
            assert len(found) <= MOST, (asked, found)
            for once in ("FROM exchange_rate r", "sales_month"):
                assert _of(found, once) == (2 if once == "sales_month" else 1), (asked, once, found)


@pytest.mark.parametrize(
    "path", ["explain", "knobs", "diff?first=2013-12-05&second=2014-02-10&second_known_at=2014-02-09T12:00"]
)
async def test_an_explanation_opens_one_snapshot(desk: Desk, api: Client, path: str) -> None:
    with clock.fixed(noon(LATER)):
        found = await _got(await api(desk.finance), f"{V1}/dealers/D-1/{path}")
    for once in ("BEGIN", "pg_advisory_lock", "known_moment", "dealer_meant"):
        assert _of(found, once) == 1, (once, found)


async def test_turned_knobs_are_tried_on_what_was_read_for_the_knobs(desk: Desk, browser: Client) -> None:
    with clock.fixed(noon(LATER)):
        client = await browser(desk.finance)
        plain = await _got(client, "/credit/dealers/D-1/what-if")
        assert await _got(client, "/credit/dealers/D-1/what-if?inputs.terms_days=60") == plain
    assert _of(plain, "BEGIN") == 1


async def test_an_approval_takes_few_statements_from_beginning_to_end(desk: Desk, browser: Client, api: Client) -> None:
    """By page and by program alike; what comes into force by it is written as well."""
    with clock.fixed(noon(LATER)):
        async with acting(desk.manager):
            number = await propose_limit(desk.manager, "D-1", "base", amount=Decimal(2_000_000), reason="asked")
        program, page = await api(desk.finance), await browser(desk.second)
        await page.get("/credit")
        (asked, first) = await _sent(program, f"{V1}/proposals/{number}/approve", json={"reason": "fine"})
        assert (first.status_code, first.json()["state"], first.json()["approvals"]) == (200, "open", ["finance-1"])
        form = {"reason": "fine", "_csrf_token": page.cookies["csrftoken"]}
        (others, last) = await _sent(page, f"/credit/proposals/{number}/approve", data=form)
        assert last.status_code == 303, last.text
        told = (await program.get(f"{V1}/proposals/{number}")).json()
    assert told["state"] == "approved"
    # Twelve are the act, one asks who is to be told of what came into force. Before it is kept its constraints
    # are looked at, and the answer, or the page's word, is read.
    assert len(asked) <= 14, asked
    assert len(others) <= 18, others

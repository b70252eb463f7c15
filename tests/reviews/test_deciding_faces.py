"""Deciding reviews on pages and over the API: the same figures, and nothing of another territory."""

import re
from collections.abc import Awaitable, Callable
from datetime import timedelta
from decimal import Decimal
from html import unescape
from typing import Any

import httpx
import pytest

from channel import clock
from channel.database import db
from channel.reviews.rules.plan import FindingKind
from tests.make.dealers import make_dealer
from tests.make.deciding import PLAN, make_review
from tests.make.limits import Desk, make_desk

Client = Callable[..., Awaitable[httpx.AsyncClient]]
_AT = "/api/v1/reviews"


@pytest.fixture
async def desk(database: str) -> Desk:
    return await make_desk()


@pytest.fixture
async def queue(desk: Desk) -> dict[str, int]:
    """Four reviews in the East, the heaviest first, and one in the North."""
    made = {}
    for place, (code, act) in enumerate((("A", "hold"), ("B", "change limit"), ("C", "call"), ("D", "keep"))):
        dealer_id = await make_dealer(code, territory="Harbour City", currency="USD")
        amount = "900" if act == "change limit" else None
        found = (FindingKind.OVERDUE_RISING,) if place < 2 else (FindingKind.NOTHING,)
        made[code] = await make_review(dealer_id, act, amount=amount, found=found, weight=40 - 10 * place)
    made["N"] = await make_review(await make_dealer("N", territory="Lake District"), weight=99)
    return made


async def _get(client: httpx.AsyncClient, path: str, **asked: Any) -> Any:  # noqa: ANN401 - JSON
    answer = await client.get(path, params=asked)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def send(client: httpx.AsyncClient, page: str, action: str, **typed: str) -> httpx.Response:
    """Send the form of a page whose action begins so, with what it holds hidden and what is typed."""
    text = (await client.get(page)).text
    form = re.search(rf'<form [^>]*method="post" action="{re.escape(action)}[^"]*".*?</form>', text, re.DOTALL)
    assert form is not None, text
    where = re.search(r'action="([^"]*)"', form[0])
    assert where is not None
    hidden = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', form[0])
    data = {name: unescape(value) for name, value in hidden} | typed
    return await client.post(unescape(where[1]), data=data)


async def test_one_is_decided_over_the_api_and_told(api: Client, desk: Desk, queue: dict[str, int]) -> None:
    client = await api(desk.finance)
    one = f"{_AT}/dealers/B/{queue['B']}"
    assert await _get(client, f"{one}/decision") == {"decision": None, "steps": []}
    answer = await client.post(f"{one}/decide", json={"reason": "as the policy says"})
    assert answer.status_code == 200, answer.text
    done = answer.json()
    assert (done["act"], done["amount"], done["outcome"]) == ("change limit", "900.0000", "limit proposed")
    told = (await _get(client, f"{one}/decision"))["decision"]
    assert (told["limit"], told["limit_state"], told["actor"]) == (done["limit"], "open", desk.finance.login)
    again = await client.post(f"{one}/decide", json={"reason": "as the policy says"})
    assert again.status_code == 409
    assert desk.finance.login in again.json()["title"]
    assert (await _get(client, f"{_AT}/dealers/B/{queue['B']}"))["state"] == "decided"


async def test_what_is_wrong_is_told_by_its_field(api: Client, desk: Desk, queue: dict[str, int]) -> None:
    client = await api(desk.finance)
    one = f"{_AT}/dealers/A/{queue['A']}/decide"
    for body, field in (({}, "reason"), ({"act": "dance"}, "act"), ({"amount": "-1"}, "amount")):
        answer = await client.post(one, json=body)
        assert answer.status_code == 422, answer.text
        assert [each["field"] for each in answer.json()["errors"]] == [field]


async def test_many_are_shown_and_decided_over_the_api(api: Client, desk: Desk, queue: dict[str, int]) -> None:
    client = await api(desk.finance)
    shown = await _get(client, f"{_AT}/together", territory="East", but=[queue["A"]])
    assert shown["counts"] == {"limit proposed": 1, "call": 1, "kept": 1}
    assert shown["limits"] == [{"currency": "USD", "count": 1, "change": "900.0000"}]
    assert {each["dealer"]: each["outcome"] for each in shown["reviews"]} == {
        "B": "limit proposed", "C": "call", "D": "kept",
    }  # fmt: skip
    body = {"territory": "East", "but": [queue["A"]], "reason": "all of them", "mark": shown["mark"]}
    answer = await client.post(f"{_AT}/together", json=body)
    assert answer.status_code == 200, answer.text
    assert (len(answer.json()["decided"]), answer.json()["left"]) == (3, [])
    left = (await _get(client, _AT, state="undecided"))["items"]
    assert [each["dealer"] for each in left] == ["N", "A"]
    assert (await client.post(f"{_AT}/together", json=body)).status_code == 409


async def test_filters_let_through_the_same_in_the_list_and_together(
    api: Client, desk: Desk, queue: dict[str, int]
) -> None:
    client = await api(desk.finance)
    for asked, dealers in (
        ({"finding": "overdue_rising"}, {"A", "B"}),
        ({"proposal": "call"}, {"C"}),
        ({"plan": PLAN}, {"A", "B", "C", "D", "N"}),
        ({"plan": "limit-ends"}, set()),
        ({"kind": "receivables", "dealer": "D"}, {"D"}),
        ({"whose": "pool"}, {"A", "B", "C", "D", "N"}),
        ({"whose": "mine"}, set()),
        ({"waits": "late"}, set()),
        ({"waits": "escalated"}, set()),
        ({"responsible": "nobody", "territory": "North"}, {"N"}),
        ({"period": str(clock.today() - timedelta(days=1))}, set()),
    ):
        listed = await _get(client, _AT, state="undecided", **asked)
        assert {each["dealer"] for each in listed["items"]} == dealers, asked
        together = await _get(client, f"{_AT}/together", **asked)
        assert {each["dealer"] for each in together["reviews"]} == dealers, asked


async def test_regional_staff_see_and_decide_their_own_alone(api: Client, desk: Desk, queue: dict[str, int]) -> None:
    client = await api(desk.north)
    assert [each["dealer"] for each in (await _get(client, _AT))["items"]] == ["N"]
    assert [each["dealer"] for each in (await _get(client, f"{_AT}/together"))["reviews"]] == ["N"]
    for path, body in (
        ("decide", {}),
        ("hand-on", {"member": "X", "reason": "no"}),
        ("hold/withdraw", {"reason": "no"}),
    ):
        answer = await client.post(f"{_AT}/dealers/A/{queue['A']}/{path}", json=body)
        assert answer.status_code == 404, (path, answer.text)
    for path in ("", "/decision", "/today"):
        assert (await client.get(f"{_AT}/dealers/A/{queue['A']}{path}")).status_code == 404
    assert (await client.post(f"{_AT}/dealers/N/{queue['N']}/decide", json={})).status_code == 200
    assert (await client.post(f"{_AT}/dealers/N/{queue['A']}/decide", json={})).status_code == 404


async def test_a_hold_asked_for_is_approved_over_the_api(api: Client, desk: Desk, queue: dict[str, int]) -> None:
    one = f"{_AT}/dealers/A/{queue['A']}"
    regional, finance = await api(desk.east), await api(desk.finance)
    done = (await regional.post(f"{one}/decide", json={"reason": "does not pay"})).json()
    assert (done["outcome"], done["hold"] is not None) == ("hold asked for", True)
    refused = await regional.post(f"{one}/hold/approve", json={"reason": "mine"})
    assert refused.status_code == 403
    waiting = (await _get(finance, "/api/v1/desk"))["also"]["holds_of_reviews"]
    assert [each["key"] for each in waiting] == [str(done["hold"])]
    assert (await finance.post(f"{one}/hold/approve", json={"reason": "right"})).status_code == 200
    assert (await finance.post(f"{one}/hold/approve", json={"reason": "right"})).status_code == 409
    assert (await _get(finance, f"{one}/decision"))["decision"]["hold_state"] == "approved"
    async with db.held(db.EVERYTHING):
        assert await db.fetchval("SELECT status FROM dealer WHERE code = 'A'") == "on hold"


async def test_today_tells_what_has_changed_since(api: Client, desk: Desk) -> None:
    dealer_id = await make_dealer("A", territory="Harbour City", currency="USD")
    number = await make_review(dealer_id, "hold", status="active", overdue=Decimal(50), exposure=Decimal(50), kept=True)
    told = await _get(await api(desk.east), f"{_AT}/dealers/A/{number}/today")
    assert told["proposal"] == "keep"
    assert "overdue" in told["changed"]
    assert "status" not in told["changed"]


async def test_pages_lead_from_one_to_the_next(browser: Client, desk: Desk, queue: dict[str, int]) -> None:
    client = await browser(desk.finance)
    page = (await client.get("/reviews", params={"territory": "East"})).text
    first = f"/dealers/A/reviews/{queue['A']}?territory=East"
    assert first in page
    one = (await client.get(first)).text
    second = f"/dealers/B/reviews/{queue['B']}?territory=East"
    assert f'name="_back" value="{second}"' in one
    assert 'data-key="p"' not in one
    answer = await send(client, first, f"/dealers/A/reviews/{queue['A']}/decide", act="keep", reason="he will pay")
    assert answer.headers["location"] == second
    after = (await client.get(second)).text
    assert "everything kept as it is" in after
    assert 'data-key="n"' in after
    last = (await client.get(f"/dealers/D/reviews/{queue['D']}?territory=East")).text
    assert 'name="_back" value="/reviews?territory=East"' in last


async def test_a_refused_decision_comes_back_as_it_was_chosen(
    browser: Client, desk: Desk, queue: dict[str, int]
) -> None:
    client = await browser(desk.finance)
    here = f"/dealers/D/reviews/{queue['D']}"
    answer = await send(client, here, f"{here}/decide", act="hold", reason="")
    assert answer.status_code == 422
    assert "A reason is needed." in answer.text
    assert 'value="hold" data-key="3" checked' in answer.text


async def test_a_decided_review_is_told_whole(browser: Client, desk: Desk, queue: dict[str, int]) -> None:
    client = await browser(desk.finance)
    here = f"/dealers/C/reviews/{queue['C']}"
    await send(client, here, f"{here}/decide", act="call", reason="")
    page = (await client.get(here)).text
    assert "What was decided" in page
    assert "Call the dealer" in page
    assert "/tasks/" in page
    assert 'id="decide"' not in page


async def test_many_are_decided_on_a_page(browser: Client, desk: Desk, queue: dict[str, int]) -> None:
    client = await browser(desk.finance)
    asked = {"territory": "East", "seen": [queue["A"], queue["D"]], "ticked": [queue["D"]]}
    shown = await client.get("/reviews/together", params=asked)
    assert shown.status_code == 200, shown.text
    assert "Decide 3 reviews" in shown.text
    answer = await send(client, str(shown.url), "/reviews/together", reason="all of them")
    assert answer.headers["location"] == "/reviews?territory=East"
    async with db.held(db.EVERYTHING):
        decided = await db.fetch("SELECT number FROM review_decision ORDER BY 1")
    assert [row["number"] for row in decided] == [queue[code] for code in "BCD"]


async def test_the_auditor_reads_and_decides_nothing(browser: Client, desk: Desk, queue: dict[str, int]) -> None:
    client = await browser(desk.auditor)
    page = (await client.get(f"/dealers/A/reviews/{queue['A']}")).text
    assert 'id="decide"' not in page
    assert (await client.get("/reviews/together")).status_code == 403

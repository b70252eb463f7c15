"""Reviews and their plans as pages and over the API: the same figures, in both languages, for whom they are."""

from collections.abc import Awaitable, Callable
from functools import partial

import httpx
import pytest

from channel import clock
from channel.access.rules import Person, Role
from channel.access.service import one_at_a_time
from channel.database import db
from tests.desk.test_pages import NOT_A_QUERY
from tests.make.access import make_person, make_territories
from tests.make.dealers import make_dealer
from tests.make.ledger import post
from tests.make.receivables import moment, owed
from tests.make.reviews import make_plan, reviews, work_at
from tests.receivables.test_document_pages import noted

Client = Callable[..., Awaitable[httpx.AsyncClient]]
# Monday, 10 February 2025.
OPENED = 40 * 24 + 1
API = "/api/v1/reviews"
PLAN = "/reviews/plans/receivables-weekly"


@pytest.fixture
async def nodes(database: str) -> dict[str, int]:
    with clock.fixed(moment(0)):
        return await make_territories("East", "North")


@pytest.fixture
async def opened(nodes: dict[str, int], finance: Person) -> Person:
    with clock.fixed(moment(0)):
        await make_dealer("D-1", territory="East", currency="USD")
        await make_dealer("D-2", territory="North", currency="USD")
    await post(finance, owed("100", on=0, due=30, currency="USD"), at=35 * 24)
    await post(finance, owed("70", on=0, due=50, currency="USD"), at=35 * 24, code="D-2")
    await work_at(moment(OPENED))
    return finance


async def test_a_review_stands_on_its_page_in_the_api_and_at_the_dealer(
    opened: Person, browser: Client, api: Client
) -> None:
    (row,) = await reviews("receivables-weekly")
    number = row["number"]
    with clock.fixed(moment(OPENED + 1)):
        page, program = await browser(opened), await api(opened)
        listed = (await page.get("/reviews")).text
        assert f"/dealers/D-1/reviews/{number}" in listed
        assert "Dealer D-2" not in listed
        one = (await page.get(f"/dealers/D-1/reviews/{number}")).text
        for words in ("100.00", "Keep everything as it is", "months of 12 with a report missing: 12", "17 Feb 2025"):
            assert words in one
        chinese = await (await browser(opened, "zh")).get(f"/dealers/D-1/reviews/{number}")
        assert "Overdue" not in chinese.text
        assert f"/dealers/D-1/reviews/{number}" in (await page.get("/dealers/D-1/reviews")).text
        assert "No review of this dealer" in (await page.get("/dealers/D-2/reviews")).text
        assert 'hx-get="/dealers/D-1/reviews"' in (await page.get("/dealers/D-1")).text
        (told,) = (await program.get(API, params={"state": "undecided"})).json()["items"]
        assert (told["dealer"], told["overdue"], told["proposal"]) == ("D-1", "100.0000", "keep")
        whole = (await program.get(f"{API}/dealers/D-1/{number}")).json()
        assert whole["snapshot"]["aged"][0]["buckets"][1] == "100.0000"
        assert whole["findings"] == [
            {"kind": "reports_missing", "weight": 5, "said": "months of 12 with a report missing: 12"}
        ]
        assert (await program.get(f"{API}/dealers/D-2/{number}")).status_code == 404
        assert (await program.get(f"{API}/dealers/D-2")).json()["items"] == []


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, 3), ({"dealer": "D-1"}, 2), ({"plan": "two"}, 2), ({"plan": "none"}, 0), ({"territory": "North"}, 1),
        ({"finding": "reports_missing"}, 3), ({"finding": "use_high"}, 0),
        ({"proposal": "keep"}, 1),
        ({"proposal": "call"}, 2),
        ({"proposal": "hold"}, 0), ({"responsible": "nobody"}, 3), ({"responsible": "S-1"}, 0),
        ({"period": "2025-02-10"}, 3), ({"period": "2025-02-03"}, 0), ({"state": "decided"}, 0), ({"run": "3"}, 1),
    ],
)  # fmt: skip
async def test_reviews_are_filtered(
    asked: dict[str, str], found: int, opened: Person, browser: Client, api: Client
) -> None:
    await make_plan("two", {"when": {"weekday": "tuesday"}}, moment(OPENED + 1))
    await work_at(moment(OPENED + 24))
    if asked == {"period": "2025-02-10"}:
        asked, found = {"period": "2025-02-11"}, 2
    with clock.fixed(moment(OPENED + 25)):
        told = (await (await api(opened)).get(API, params=asked)).json()["items"]
        assert len(told) == found
        page = (await (await browser(opened)).get("/reviews", params=asked)).text
        assert page.count("/reviews/plans/receivables-weekly") + page.count('"/reviews/plans/two"') >= found
        assert ("There is no such review." in page) == (found == 0)


async def test_plans_tell_what_they_say_would_open_and_opened(opened: Person, browser: Client, api: Client) -> None:
    with clock.fixed(moment(OPENED + 1)):
        page, program = await browser(opened), await api(opened)
        plans = (await page.get("/reviews/plans")).text
        assert "Receivables each week" in plans
        one = (await page.get(PLAN)).text
        for words in ("Opens each week on Monday.", "17 Feb 2025", "anything is overdue", f'hx-get="{PLAN}/preview"'):
            assert words in one
        assert "It would open 1 review, of 2 dealers" in (await page.get(f"{PLAN}/preview")).text
        would = (await program.get(f"{API}/plans/receivables-weekly/preview")).json()
        assert (would["looked_at"], would["found"], would["dealers"][0]["dealer"]) == (2, 1, "D-1")
        runs = (await program.get(f"{API}/runs", params={"plan": "receivables-weekly"})).json()["items"]
        assert [(row["period"], row["opened"], row["undecided"], row["state"]) for row in runs] == [
            ("2025-02-10", 1, 1, "opened")
        ]
        due = (await program.get(f"{API}/due")).json()["items"]
        assert ("receivables-weekly", "2025-02-17", "to_come") in [
            (row["plan"], row["period"], row["state"]) for row in due
        ]
        draft = (await page.get(f"{PLAN}/versions/new")).text
        assert 'name="findings.0.finding"' in draft
        assert 'name="dealers.statuses.1.status"' in draft
        for path in (f"{PLAN}/versions", f"{PLAN}/versions/1", "/reviews/due", "/reviews/runs", "/reviews/plans/new"):
            assert (await page.get(path)).status_code == 200, path
        assert (await page.get("/reviews/plans/nothing/versions")).status_code == 404
        assert (await page.get("/reviews/plans/nothing")).status_code == 404


async def test_a_look_at_a_plan_waits_while_another_of_this_person_is_under_way(
    opened: Person, browser: Client
) -> None:
    with clock.fixed(moment(OPENED + 1)):
        page, at = await browser(opened), f"{PLAN}/preview?version=1"
        with one_at_a_time(opened):
            waits = await page.get(at)
            assert waits.status_code == 200
            assert f'hx-get="{at}" hx-trigger="load delay:2s"' in waits.text
            assert "It would open" not in waits.text
        assert "It would open 1 review" in (await page.get(at)).text


async def test_each_sees_of_his_dealers_alone_and_the_desk_tells_what_was_opened(
    opened: Person, nodes: dict[str, int], browser: Client, api: Client
) -> None:
    number = (await reviews("receivables-weekly"))[0]["number"]
    north = await make_person(Role.REGIONAL, nodes["North"])
    with clock.fixed(moment(OPENED + 1)):
        program, page = await api(north), await browser(north)
        assert (await program.get(API)).json()["items"] == []
        assert [row["opened"] for row in (await program.get(f"{API}/runs")).json()["items"]] == [0, 0, 0]
        assert (await page.get(f"/dealers/D-1/reviews/{number}")).status_code == 404
        assert (await page.get("/dealers/D-1/reviews")).status_code == 404
        assert (await program.post(f"{API}/plans/receivables-weekly/pause", json={"reason": "no"})).status_code == 403
        assert "Reviews opened since yesterday" not in (await page.get("/")).text
        desk = (await (await browser(opened)).get("/")).text
        assert "Reviews opened since yesterday" in desk
        assert f"/dealers/D-1/reviews/{number}" in desk
        administrator = await browser(await make_person(Role.ADMINISTRATOR))
        assert (await administrator.get("/reviews")).status_code == 403
    with clock.fixed(moment(OPENED + 48)):
        later = (await (await browser(opened)).get("/")).text
        opened_lately = later.partition("Reviews opened since yesterday")[2].partition("</section>")[0]
        assert f"/dealers/D-1/reviews/{number}" not in opened_lately
        assert f"/dealers/D-1/reviews/{number}" in later, "it is still to be decided"


async def test_a_review_s_page_takes_few_queries(opened: Person, browser: Client) -> None:
    number = (await reviews("receivables-weekly"))[0]["number"]
    with clock.fixed(moment(OPENED + 1)):
        page = await browser(opened)
        for path, most in ((f"/dealers/D-1/reviews/{number}", 8), (f"/dealers/D-1/reviews/{number}/today", 27)):
            assert (await page.get(path)).status_code == 200
            queries: list[str] = []
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(db, "held", partial(noted, db.held, queries))
                assert (await page.get(path)).status_code == 200
            counted = [each for each in queries if not each.startswith(NOT_A_QUERY)]
            assert 0 < len(counted) <= most, (path, len(counted), counted)

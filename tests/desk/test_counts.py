"""Every count on a page that leads to a list is the number of rows of that list: followed, by each role."""

import re
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, date, datetime
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import httpx
import pytest
from litestar import Litestar

from channel import clock
from channel.access.rules import Role
from channel.database import db
from tests.make.access import acting, make_person, make_session, make_token
from tests.make.dealers import end_dealer, make_dealer, make_line
from tests.make.limits import TWELVE, Desk, assess, make_dealer_selling, make_desk, make_sold, put_in_force
from tests.make.sales import csv_of, loaded

NOW = datetime(2013, 12, 20, 8, tzinfo=UTC)
_VOID = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
)
_OF_ONE_MAKE = re.compile(r"/(W-|P-|N-|D-[2-4])|/credit/(assessments|proposals|dealers)/|/edit|/record|/new")
"""Pages of other dealers than D-1, and forms, which count nothing."""


class Page(HTMLParser):
    """What a page leads to, the counts on it (address, number), and the rows of its list where it has one."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.counts: list[tuple[str, int]] = []
        self.lists = self.rows = 0
        self.next: str | None = None
        self._open: list[tuple[str, bool]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        href = given.get("href") if tag == "a" else None
        if href:
            self.links.append(href)
            if "data-counts" in given:
                self.counts.append((href, int(given["data-counts"] or "")))
            if given.get("rel") == "next":
                self.next = href
        within = bool(self._open) and self._open[-1][1]
        parent = self._open[-1][0] if self._open else ""
        self.rows += within and (tag in {"details", "li"} or (tag, parent) == ("tr", "tbody"))
        self.lists += "data-list" in given
        if tag not in _VOID:
            self._open.append((tag, within or "data-list" in given))

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop()[0] != tag:
            pass


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with clock.fixed(NOW):
        yield


@pytest.fixture
async def desk(app: Litestar, database: str) -> Desk:
    """A channel with what lists leave out or take in: ended dealers, prospects, limits of 0, late and early reports."""
    made = await make_desk()
    await make_line("Tyres", wanted_type="terminal")
    for number in range(10):
        await make_dealer(f"W-{number}", type="wholesale", lines=["Tyres"], territory="Lake District", grade=None)
    for code, amount in (("D-1", 10_000), ("D-2", 500), ("D-3", 700), ("D-4", 900)):
        await make_dealer_selling(made, code, amount, type="wholesale")
    await make_dealer("P-1", status="prospect", grade=None, territory="Harbour City")
    await make_dealer("N-1", effective_on=date(2013, 12, 2), grade=None, first_year_target=90_000)
    await make_sold(made.manager, TWELVE[-2:], {"D-1": 9_000}, kind="sell-through", dealers=frozenset({"D-1"}))
    for code, amount in (("D-1", 8_000), ("D-2", 0), ("D-3", 600)):
        await put_in_force(made, code, amount, date(2013, 12, 3))
    counts = csv_of("dealer,date,product,quantity", "D-1,2013-11-10,P,5", "D-1,2013-11-30,P,7", "D-2,2013-11-30,P,1")
    await loaded(made.manager, "stock", counts)
    async with acting(made.manager) as person:
        await end_dealer(person, "D-3", "closed")
    async with acting(made.finance) as person:
        await assess(person, propose=True, reason="monthly")
    await make_token(made.second)
    await make_person(Role.ADMINISTRATOR, login="administrator-1")
    return made


@pytest.fixture
async def browser(app: Litestar) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://channel.test") as client:
        yield client


async def _rows(browser: httpx.AsyncClient, address: str) -> int:
    """The rows of a list, page after page."""
    rows = 0
    following: str | None = address
    while following:
        answer = await browser.get(following)
        assert answer.status_code == 200, following
        page = Page(answer.text)
        rows += page.rows
        following = urljoin(address, page.next) if page.next else None
    return rows


async def _different(browser: httpx.AsyncClient) -> tuple[list[str], set[str]]:
    """Counts that are not those of their lists, on all pages that lead from the desk; and the paths counts lead to."""
    waiting, seen = ["/"], set[str]()
    counted: dict[str, int] = {}
    different = []
    while waiting:
        address = waiting.pop(0)
        answer = await browser.get(address)
        if "text/html" not in answer.headers.get("content-type", "") or answer.status_code != 200:
            continue
        page = Page(answer.text)
        for href, number in page.counts:
            target = urljoin(address, href)
            if target not in counted:
                counted[target] = await _rows(browser, target)
            if counted[target] != number:
                different.append(f"{address}: {number} leads to {counted[target]} of {target}")
        for href in page.links:
            target = urljoin(address, href.partition("#")[0] or address)
            place = urlsplit(target)
            key = place.path + ("?kind" + place.query if place.path == "/sales" else "")
            if not place.netloc and key not in seen and "export" not in target and not _OF_ONE_MAKE.search(target):
                seen.add(key)
                waiting.append(target)
    return different, {urlsplit(target).path for target in counted}


_LED_TO = {
    Role.MANAGER: {"/dealers", "/credit/limits", "/credit", "/sales/chase", "/dealers/D-1", "/dealers/D-1/sales"},
    Role.FINANCE: {"/dealers", "/credit/limits", "/credit", "/sales/chase", "/dealers/D-1", "/dealers/D-1/sales"},
    Role.REGIONAL: {"/dealers", "/credit/limits", "/credit", "/sales/chase"},
    Role.AUDITOR: {"/dealers", "/credit/limits", "/credit", "/sales/chase"},
    Role.ADMINISTRATOR: {"/dealers", "/people", "/machines"},
}


@pytest.mark.parametrize("role", list(_LED_TO))
async def test_every_count_is_that_of_the_list_it_leads_to(role: Role, desk: Desk, browser: httpx.AsyncClient) -> None:
    people = {
        Role.MANAGER: desk.manager,
        Role.FINANCE: desk.second,
        Role.REGIONAL: desk.east,
        Role.AUDITOR: desk.auditor,
    }
    person = people[role] if role in people else await make_person(role, login="administrator-2")
    browser.cookies.set("channel_session", await make_session(person))
    different, led_to = await _different(browser)
    assert different == []
    assert led_to >= _LED_TO[role]


_OF_BEFORE = """
WITH other AS (
    SELECT jsonb_build_object('dealer_id', id, 'id', 1000, 'assessment_id', NULL) AS other
    FROM dealer WHERE code = 'P-1'
), asked AS (
    INSERT INTO request_dealer OVERRIDING SYSTEM VALUE
    SELECT (jsonb_populate_record(NULL::request_dealer, to_jsonb(r) || other.other)).*
    FROM request_dealer r, other WHERE r.state = 'open' AND r.about = 'base' LIMIT 1
)
INSERT INTO limit_proposal
SELECT (jsonb_populate_record(NULL::limit_proposal, to_jsonb(l) || other.other)).*
FROM limit_proposal l, other WHERE l.kind = 'base' LIMIT 1
"""


async def test_what_can_no_longer_come_into_force_waits_for_nobody(desk: Desk, browser: httpx.AsyncClient) -> None:
    """A limit of a prospect, as it could be proposed before: it is refused, and counted nowhere until then."""
    browser.cookies.set("channel_session", await make_session(desk.second))
    before = Page((await browser.get("/")).text).counts
    headers = {"authorization": f"Bearer {await make_token(desk.second)}"}
    async with db.held(db.EVERYTHING), db.transaction():
        await db.execute(_OF_BEFORE)
    assert Page((await browser.get("/")).text).counts == before
    for address in ("/credit", "/credit?mine=yes"):
        assert "/credit/proposals/1000" not in (await browser.get(address)).text
    assert "/credit/proposals/1000" in (await browser.get("/credit?state=in-vain")).text
    assert "/credit/proposals/1000" in (await browser.get("/credit?state=any")).text
    asked = await browser.get("/api/v1/credit/proposals?mine_to_decide=true", headers=headers)
    assert 1000 not in [each["id"] for each in asked.json()["items"]]
    page = (await browser.get("/credit/proposals/1000")).text
    assert "No limit can come into force: the dealer is a prospect" in page
    assert "/credit/proposals/1000/approve" not in page
    assert "/credit/proposals/1000/refuse" in page
    other = re.search(r"/credit/proposals/\d+", (await browser.get("/credit?mine=yes")).text)
    assert other is not None
    assert f"{other[0]}/approve" in (await browser.get(other[0])).text


async def test_stock_leads_to_the_lines_of_its_last_count(desk: Desk, browser: httpx.AsyncClient) -> None:
    browser.cookies.set("channel_session", await make_session(desk.finance))
    page = Page((await browser.get("/sales?kind=stock")).text)
    months = {href: number for href, number in page.counts if "/dealers/D-1/sales" in href}
    assert list(months.values()) == [1]
    assert await _rows(browser, next(iter(months))) == 1


async def test_the_desk_says_what_an_ungraded_dealer_comes_to(desk: Desk, browser: httpx.AsyncClient) -> None:
    browser.cookies.set("channel_session", await make_session(desk.manager))
    page = (await browser.get("/")).text
    assert "without a grade no limit is computed" not in page
    assert "New dealers count as grade B until one is set" in page
    assert "a limit of" in page
    assert "waits for a decision all the same" in page

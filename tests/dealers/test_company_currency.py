"""A company that has not chosen its currency has none: nothing is made up, and what needs one says so."""

from collections.abc import Awaitable, Callable
from datetime import date
from decimal import Decimal

import httpx
import pytest
from litestar import Litestar

from channel.access.pages import SESSION_COOKIE
from channel.access.rules import Person
from channel.access.service import fix_company_currency
from channel.credit.service.explain import explain
from channel.credit.service.limit_spans import lacking_approvals
from channel.database.snapshots import view_of
from channel.dealers.acts import KeepRate
from channel.dealers.queries import masters
from channel.dealers.service.masters import keep_rate
from channel.errors import Conflict
from tests.make.access import acting, make_session
from tests.make.dealers import make_dealer
from tests.make.limits import AS_OF, TWELVE, Desk, assess, make_desk, make_sold, on_day
from tests.make.sales import loaded

NOT_SET = "The company currency is not set: start the service once with CHANNEL_COMPANY_CURRENCY."
pytestmark = pytest.mark.usefixtures("no_currency")


@pytest.fixture
async def desk(database: str, no_currency: None) -> Desk:
    made = await make_desk()
    await make_dealer("D-1", territory="Harbour City", currency="CNY", grade="AA")
    return made


async def test_no_currency_is_told_where_there_is_none(desk: Desk) -> None:
    async with acting(desk.finance):
        assert await masters.company_currency() is None
        assert await masters.rate_on("USD", AS_OF) is None
        assert await lacking_approvals() == []


@on_day(AS_OF)
async def test_what_needs_a_currency_says_that_none_is_chosen(desk: Desk) -> None:
    async with acting(desk.finance):
        for act in (
            lambda: assess(desk.finance),
            lambda: explain(desk.finance, "D-1", view_of()),
            lambda: keep_rate(desk.finance, KeepRate(currency="EUR", on=AS_OF, rate=Decimal("1.1"))),
        ):
            with pytest.raises(Conflict) as refused:
                await act()
            assert str(refused.value.title) == NOT_SET
    for kind, file in (
        ("sell-in", b"dealer,date,product,quantity,amount\nD-1,2013-11-15,P,1,100\n"),
        ("rates", b"currency,date,rate\nEUR,2013-11-15,1.1\n"),
    ):
        done = await loaded(desk.finance, kind, file)
        assert (done["state"], done["problem"]["title"]["text"]) == ("refused", NOT_SET), kind
    async with acting(desk.finance):
        await fix_company_currency("CNY", has_lines=False)
    await make_sold(desk.manager, TWELVE, {"D-1": 1000})
    async with acting(desk.finance):
        found = await explain(desk.finance, "D-1", view_of(AS_OF))
    assert (found.decision.amount, found.decision.company_currency) == (1000, "CNY")


@on_day(date(2013, 12, 2))
async def test_every_page_of_a_house_without_a_currency_opens_and_makes_none_up(
    desk: Desk, app: Litestar, api: Callable[[Person], Awaitable[httpx.AsyncClient]]
) -> None:
    page = httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://channel.test")
    page.cookies.set(SESSION_COOKIE, await make_session(desk.finance))
    paths = ("/", "/dealers", "/dealers/D-1", "/dealers/D-1/sales", "/sales", "/rates", "/credit", "/credit/runs")
    for path in (*paths, "/credit/limits", "/credit/policies"):
        answer = await page.get(path)
        assert answer.status_code == 200, (path, answer.text)
        shown = answer.text.partition("<main")[2].replace("Three capital letters, such as USD.", "")
        assert "USD" not in shown, path
        assert ">None" not in shown, path
        assert " None" not in shown, path
    assert "No limit can be told: the company has no currency yet." in (await page.get("/dealers/D-1")).text
    assert "The company has no currency yet" in (await page.get("/")).text
    await page.aclose()
    program = await api(desk.finance)
    for path, name in (("/desk/dealers", "currency"), ("/rates", "company_currency")):
        assert (await program.get(f"/api/v1{path}")).json()[name] is None
    assert (await program.get("/api/v1/desk")).json()["figures"]["currency"] is None
    assert (await program.get("/api/v1/dealers/D-1/card")).json()["limit"] is None
    told = await program.get("/api/v1/credit/dealers/D-1/explain")
    assert (told.status_code, told.json()["title"]) == (409, NOT_SET)

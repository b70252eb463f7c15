import io
import re
from collections.abc import Awaitable, Callable
from datetime import date

import httpx
import pytest

from channel import files
from channel.access.rules import Person, Role
from channel.database import db
from channel.dealers.queries.dealers import dealer_card
from channel.dealers.rules import Fact
from channel.dealers.service.exclusivity import grant_exclusivity
from tests.make.access import acting, make_person, make_territories
from tests.make.dealers import MANAGER, change_fact, granting, make_dealer, make_line, make_product, make_rate

Browser = Callable[[Person], Awaitable[httpx.AsyncClient]]


async def _post(client: httpx.AsyncClient, form_at: str, to: str, **fields: object) -> httpx.Response:
    page = await client.get(form_at)
    assert page.status_code == 200, page.text
    token = re.search(r'name="_csrf_token" value="([^"]+)"', page.text)
    assert token is not None
    return await client.post(to, data={"_csrf_token": token[1], **fields})


async def _world() -> None:
    await make_territories("East/Harbour", "West")
    await make_line("Road", wanted_type="terminal")
    await make_line("Touring")
    await make_product("P-1", "Road")
    await make_rate("EUR", date(2020, 1, 1), "1.1")
    await make_dealer("D-1", type="wholesale", territory="Harbour", lines=["Road"], first_year_target=1000)
    await make_dealer("D 2/ü".replace("/", "-"), territory="West", parent="D-1")
    async with acting(MANAGER):
        await grant_exclusivity(MANAGER, "D-1", granting("Road", "East", date(2020, 1, 1)))


PAGES = (
    "/dealers",
    "/dealers?type=terminal&territory=East&line=Road&grade=A&status=active&q=x&sort=-grade",
    "/dealers/new",
    "/dealers/D-1",
    "/dealers/D-1/record",
    "/dealers/D%202-%C3%BC",
    *(
        f"/dealers/D-1/facts/{name}"
        for name in (
            "type",
            "territory",
            "parent",
            "grade",
            "status",
            "currency",
            "terms_days",
            "first_year_target",
            "reports_owed",
            "reports_due_day",
            "responsible",
        )
    ),
    "/dealers/D-1/edit",
    "/dealers/D-1/lines",
    "/dealers/D-1/contacts/0",
    "/dealers/D-1/second-tier",
    "/dealers/D-1/exclusivity",
    "/products",
    "/rates",
    "/territories",
    "/territories?code=East",
)


async def test_every_page_stands_in_both_languages(browser: Browser) -> None:
    await _world()
    client = await browser(await make_person(Role.MANAGER))
    for language in ("en", "zh-CN"):
        for path in PAGES:
            answer = await client.get(path, headers={"accept-language": language})
            assert answer.status_code == 200, (path, answer.text)
            assert "style=" not in answer.text


async def test_a_dealer_page_takes_few_queries(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    await _world()
    client = await browser(await make_person(Role.MANAGER))
    asked: list[str] = []
    for name in ("fetch", "fetchrow", "fetchval", "execute"):
        real = getattr(db, name)

        async def counted(sql: str, *args: object, real: Callable[..., Awaitable[object]] = real) -> object:
            asked.append(sql)
            return await real(sql, *args)

        monkeypatch.setattr(db, name, counted)
    assert (await client.get("/dealers/D-1/record")).status_code == 200
    assert len(asked) <= 6, asked


async def test_the_record_says_what_is_missing_unusual_and_coming(browser: Browser) -> None:
    for n, terms in enumerate((30, 30, 45), start=1):
        await make_dealer(f"D-{n}", terms=terms)
    async with acting(MANAGER):
        await change_fact(MANAGER, "D-3", Fact.TERMS_DAYS, "60", effective_on=date(2190, 1, 1))
    client = await browser(await make_person(Role.AUDITOR))
    unusual, usual = (await client.get("/dealers/D-3")).text, (await client.get("/dealers/D-1")).text
    assert "most of this type and grade: 30" in unusual
    assert "coming" in unusual
    assert "most of this type" not in usual
    assert "coming" not in usual
    assert re.search(r"Still missing</dt><dd[^>]*>Way of selling, .*Product lines, Contacts</dd>", usual)


async def test_a_new_dealer_by_the_form(browser: Browser) -> None:
    await _world()
    client = await browser(await make_person(Role.MANAGER))
    fields = {
        "code": "N-1",
        "name": "Newcomer",
        "type": "terminal",
        "territory": "Harbour",
        "currency": "usd",
        "terms_days": "30",
        "status": "active",
        "grade": "",
        "parent": "",
        "first_year_target": "12,000",
        "effective_on": "2020-02-01",
    }
    wrong = await _post(client, "/dealers/new", "/dealers/new", **fields | {"currency": "dollars"})
    assert wrong.status_code == 422
    assert 'value="Newcomer"' in wrong.text
    done = await _post(client, "/dealers/new", "/dealers/new", **fields)
    assert (done.status_code, done.headers["location"]) == (303, "/dealers/N-1")
    async with acting(MANAGER):
        card = await dealer_card("N-1")
    assert (card["currency"], card["grade"], card["status"]) == ("USD", None, "active")


async def test_acts_by_their_forms(browser: Browser) -> None:
    await _world()
    client = await browser(await make_person(Role.MANAGER))
    base = "/dealers/D-1"
    grade = f"{base}/facts/grade"
    refused = await _post(client, grade, grade, value="AA", effective_on="2020-01-01", reason="")
    assert refused.status_code == 422
    assert "A reason is needed." in refused.text
    done = await _post(client, grade, grade, value="AA", effective_on="2020-01-01", reason="paid early")
    assert done.status_code == 303
    edit = f"{base}/edit"
    await _post(client, edit, edit, name="One", selling_way="active", brands_carried="7", exclusivity_wanted="no")
    lines = f"{base}/lines"
    await _post(client, lines, lines, lines=["Road", "Touring"])
    contact = f"{base}/contacts/0"
    await _post(client, contact, contact, name="Lin", phone="139")
    customer = f"{base}/second-tier"
    await _post(client, customer, customer, code="K-1", name="Kiosk", kind="mixed")
    taken = await _post(client, customer, customer, code="k-1", name="Another shop", kind="direct")
    assert (taken.status_code, "There is Kiosk (K-1) with this code already." in taken.text) == (409, True)
    assert 'value="Another shop"' in taken.text, "what is added never takes the place of another"
    page = (await client.get(base)).text
    for text in ("One", "paid early", "Goes out to customers of its own", "Touring", "Lin", "Kiosk", "Mixed"):
        assert text in page
    meets = f"{base}/exclusivity"
    clash = await _post(client, meets, meets, line="Road", territory="Harbour", from_on="2021-01-01", reason="x")
    assert clash.status_code == 409
    assert "has it for East" in clash.text
    ended = await _post(client, base, f"{base}/exclusivity/1/end", to_on="2021-01-01", reason="over")
    assert ended.status_code == 303
    again = await _post(client, meets, meets, line="Road", territory="Harbour", from_on="2021-01-01", reason="x")
    assert again.status_code == 303


async def test_masters_by_their_forms(browser: Browser) -> None:
    await _world()
    client = await browser(await make_person(Role.MANAGER))
    answers = [
        await _post(client, "/products", "/product-lines", code="M", name="Mountain", wanted_type=""),
        await _post(client, "/products", "/products", code="P-2", name="Pump", line="M", unit=""),
        await _post(client, "/territories", "/territories", code="N", name="North", level="region", parent=""),
        await _post(
            client, "/territories", "/territories/change", code="N", name="Far North", level="x", parent="East"
        ),
    ]
    assert [answer.status_code for answer in answers] == [303] * 4
    taken = await _post(client, "/products", "/products", code="p-2", name="Bell", line="M", unit="")
    assert (taken.status_code, "There is Pump (P-2) with this code already." in taken.text) == (409, True)
    edit = "/products/P-2/edit"
    assert 'href="/products/P-2/edit"' in (await client.get("/products")).text
    assert (await _post(client, edit, edit, code="P-2", name="Bell", line="Road", unit="")).status_code == 303
    assert "Bell" in (await client.get(edit)).text
    assert (await client.get("/products/P-3/edit")).status_code == 404
    own = await _post(client, "/territories", "/territories/change", code="East", name="E", level="x", parent="N")
    assert own.status_code == 422
    finance = await browser(await make_person(Role.FINANCE))
    for rate, status in (("1.2", 303), ("0", 422), ("x", 422)):
        assert (
            await _post(finance, "/rates", "/rates", currency="EUR", on="2020-02-01", rate=rate)
        ).status_code == status


async def test_the_export_is_exactly_what_is_filtered(browser: Browser) -> None:
    await _world()
    client = await browser(await make_person(Role.AUDITOR))
    answer = await client.get("/dealers/export", params={"format": "csv", "territory": "East"})
    rows = list(files.read_rows(io.BytesIO(answer.content), files.sniff(io.BytesIO(answer.content))))
    assert [row.cells[:4] for row in rows] == [("D-1", "Dealer D-1", "Wholesale", "East / Harbour")]
    book = await client.get("/dealers/export", params={"format": "xlsx"})
    shape = files.sniff(io.BytesIO(book.content))
    assert (shape.kind, len(list(files.read_rows(io.BytesIO(book.content), shape)))) == ("xlsx", 2)


async def test_what_one_may_not_do_is_not_offered_and_not_done(browser: Browser) -> None:
    await _world()
    client = await browser(await make_person(Role.AUDITOR))
    page = (await client.get("/dealers/D-1")).text
    assert "/facts/" not in page
    assert "/edit" not in page
    assert "New dealer" not in (await client.get("/dealers")).text
    for path in ("/dealers/new", "/dealers/D-1/edit", "/dealers/D-1/facts/grade", "/dealers/D-1/exclusivity"):
        assert (await client.get(path)).status_code == 403
    assert (await client.get("/dealers/D-9")).status_code == 404


async def test_a_refused_form_comes_back_as_it_was_typed_with_the_field_marked(browser: Browser) -> None:
    await _world()
    client = await browser(await make_person(Role.MANAGER))
    for form_at, to, fields, wrong, status in (
        ("/dealers/D-1/contacts/0", "", {"name": "Typed", "phone": "abc"}, "phone", 422),
        ("/dealers/D-1/second-tier", "", {"code": "a/b", "name": "Typed", "kind": "mixed"}, "code", 422),
        ("/dealers/D-1/edit", "", {"name": "Typed", "brands_carried": "many"}, "brands_carried", 422),
        ("/dealers/D-1/facts/status", "", {"value": "active", "reason": "Typed", "effective_on": "x"}, "", 422),
        ("/dealers/D-1/lines", "", {"lines": "Typed"}, "lines", 422),
        ("/dealers/new", "", {"code": "D-1", "name": "Typed", "type": "terminal", "territory": "East",
                              "currency": "USD", "terms_days": "30"}, "", 409),
        ("/products", "/products", {"code": "P-9", "name": "Typed", "line": "None"}, "line", 422),
        ("/products", "/product-lines", {"code": "P/9", "name": "Typed"}, "code", 422),
        ("/products", "/product-lines", {"code": "road", "name": "Typed"}, "code", 409),
        ("/products", "/products", {"code": "p-1", "name": "Typed", "line": "Road"}, "code", 409),
        ("/territories", "/territories", {"code": "East", "name": "Typed", "level": "x"}, "", 409),
        ("/territories?code=East", "/territories/change?code=East",
         {"code": "East", "name": "Typed", "level": "x", "parent": "Harbour"}, "parent", 422),
        ("/territories", "/rates", {"currency": "EUR", "on": "2020-02-01", "rate": "1"}, "", 403),
    ):  # fmt: skip
        refused = await _post(client, form_at, to or form_at, **fields)
        assert refused.status_code == status, (to or form_at, refused.text)
        assert 'value="Typed"' in refused.text or to == "/rates" or fields == {"lines": "Typed"}, to or form_at
        assert (f'-{wrong}"' in refused.text and "wrong" in refused.text) or not wrong, to or form_at

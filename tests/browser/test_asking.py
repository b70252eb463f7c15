"""Every form that asks: a browser sends it as it stands and filled in, and what is asked for is what is shown."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from litestar import Litestar
from playwright.async_api import Browser, Page, expect

from channel import clock
from channel.access.rules import Person, Role
from channel.acts import Why
from channel.dealers.service.exclusivity import grant_exclusivity
from channel.imports.service.mappings import keep_profile
from channel.receivables.acts.allocating import WriteOff
from channel.receivables.acts.documents import ReverseDocument
from channel.receivables.acts.statements import GiveStatement
from channel.receivables.acts.unknown_money import ReturnMoney
from channel.receivables.rules.disputes import DisputeReason
from channel.receivables.rules.documents import DocumentKind
from channel.receivables.service.contact_log import log_contact
from channel.receivables.service.disputes import open_dispute
from channel.receivables.service.posting import Given, post_documents
from channel.receivables.service.promises import cancel_promise, enter_promise
from channel.receivables.service.reversing import REVERSE
from channel.receivables.service.statements import give_statement
from channel.receivables.service.unknown_money import keep_money, return_money
from channel.receivables.service.waiting import do_or_ask
from channel.receivables.service.writing_off import WRITE_OFF
from channel.web.rendering import ROOT, template_folders
from tests.browser.conftest import watched
from tests.browser.forms.masters import brought
from tests.browser.test_desk import without_life
from tests.make.access import acting, make_member
from tests.make.browser import serve
from tests.make.dealers import granting, make_rate
from tests.make.disputes import opening
from tests.make.forms import Desks
from tests.make.limits import approve_proposal, assess, make_sold, propose_limit
from tests.make.mail import make_unsent
from tests.make.receivables import owed, paying, promising, speaking, unknown_line
from tests.make.reviews import open_reviews
from tests.make.tasks_opened import open_for_anybody
from tests.make.world import World, make_world

_ASKS = re.compile(r'method="get"|call filters\(')
RESULTS = "#results"
expect.set_options(timeout=15_000)


@dataclass(frozen=True)
class Asking:
    """A form of a template: filled in, asked by its button or by the change alone, and what then stands in a part."""

    template: str
    page: str
    fill: Mapping[str, str]
    shows: str
    hides: str = ""
    part: str = RESULTS
    form: str = "form.filters"
    button: bool = False
    role: Role = Role.FINANCE
    opens: str = ""
    key: str = ""


ASKED = (
    Asking("base.html", "/", {"q": "D-1"}, "Dealer D-1", "Dealer D-2", "#found", "form.search"),
    Asking("desk/dealers.html", "/dealers", {"q": "D-2"}, "Dealer D-2", "Dealer D-1"),
    Asking("desk/dealers.html", "/dealers", {"type": "wholesale"}, "Dealer D-1", "Dealer D-2"),
    Asking("dealers/responsible.html", "/responsible", {"type": "wholesale"}, "Dealer D-1", "Dealer D-2",
           role=Role.MANAGER),
    Asking("desk/dealers.html", "/dealers", {"responsible": "nobody"}, "Dealer D-1"),
    Asking("desk/dealer.html", "/dealers/D-1", {"as_of": "2024-01-31", "known_at": "{moment}"},
           "You are looking at", part="#main", form="form.view", button=True, opens="details.as-of summary"),
    Asking("desk/dealer.html", "/dealers/D-1", {"inputs.terms_days": "60"}, "What if", part="#tried",
           form="form.knobs"),
    Asking("sales/overview.html", "/sales", {"q": "D-2"}, "Dealer D-2", "Dealer D-1"),
    Asking("sales/dealer.html", "/dealers/D-1/sales", {"kind": "sell-in", "month": "{month}"}, "RB-210",
           part="#lines", button=True),
    Asking("dealers/rates.html", "/rates", {"currency": "EUR"}, "1.08", "0.14"),
    Asking("dealers/products.html", "/products", {"q": "RB-210"}, "RB-210"),
    Asking("dealers/grants.html", "/exclusivity", {"dealer": "D-1"}, "Dealer D-1", "Dealer D-2", key="Tab"),
    Asking("sales/reports.html", "/sales/reports", {"kind": "sell-in"}, "Sell-in"),
    Asking("access/people.html", "/people", {"role": "auditor"}, "auditor-1", "finance-1", role=Role.ADMINISTRATOR),
    Asking("access/staff.html", "/staff", {"q": "E-2"}, "Member E-2", "Member E-1"),
    Asking("access/audit.html", "/audit", {"act": "keep rate"}, "EUR", "D-1", role=Role.ADMINISTRATOR),
    Asking("credit/queue.html", "/credit", {"kind": "base"}, "Dealer D-2"),
    Asking("credit/queue.html", "/credit", {"state": "refused"}, "No proposal waits here", "Dealer D-2"),
    Asking("credit/limits.html", "/credit/limits", {"as_of": "2020-01-01"}, "", "Dealer D-1"),
    Asking("credit/run.html", "/credit/runs/{run}", {"withheld": "no"}, "", "Dealer D-1"),
    Asking("credit/dealer.html", "/credit/dealers/D-1", {"first": "{before}", "second": "{today}"},
           "There are no parts", part="#diff", form="#diff form.filters", button=True),
    Asking("credit/what_if.html", "/credit/dealers/D-1/what-if", {"inputs.first_year_target": "12,000"},
           "agreed target 12,000 ÷ 12", part="#tried", form="form.what-if", key="Tab"),
    Asking("receivables/ageing.html", "/receivables/ageing", {"type": "wholesale"}, "Dealer D-1", "Dealer D-2"),
    Asking("receivables/dealer.html", "/dealers/D-1/receivables", {"as_of": "2025-02-01"}, "You are looking at",
           part="#main", form="form.view", button=True, opens="details.as-of summary"),
    Asking("sales/chase.html", "/sales/chase", {"responsible": "nobody"}, ""),
    Asking("receivables/disputes.html", "/receivables/disputes", {"reason_code": "price"}, "Dealer D-1", "Dealer D-2"),
    Asking("receivables/documents.html", "/receivables/documents", {"q": "J1"}, "J1", "I1"),
    Asking("receivables/figures.html", "/receivables/figures", {"type": "wholesale"}, "USD"),
    Asking("receivables/incidents.html", "/receivables/incidents", {"dealer": "D-1"}, "Dealer D-1", "Dealer D-2"),
    Asking("receivables/items.html", "/receivables/items", {"type": "wholesale"}, "I1", "J1"),
    Asking("receivables/calls.html", "/receivables/calls?left_out=yes", {"territory": "East"}, "Dealer D-1",
           "Dealer D-2"),
    Asking("receivables/contact_log.html", "/receivables/contact-log", {"dealer": "D-1"}, "Dealer D-1", "Dealer D-2"),
    Asking("receivables/promises.html", "/receivables/promises", {"state": "open"}, "Dealer D-1", "Dealer D-2"),
    Asking("reviews/reviews.html", "/reviews", {"dealer": "D-1", "state": "any"}, "Dealer D-1", "Dealer D-2"),
    Asking("reviews/together.html", "/reviews/together?plan=statements-yearly", {"act": "hold"},
           "the dealer put on hold", part="#main", form="form.together", button=True),
    Asking("reviews/runs.html", "/reviews/runs", {"plan": "statements-yearly"}, "statements-yearly", "stale-files"),
    Asking("receivables/statements.html", "/receivables/statements", {"dealer": "D-1"}, "Dealer D-1", "Dealer D-2"),
    Asking("receivables/unknown.html", "/receivables/unknown", {"state": "returned"}, "B-9", "B-8"),
    Asking("receivables/waiting.html", "/receivables/waiting", {"state": "approved"}, "", "Dealer D-1"),
    Asking("tasks/outbox.html", "/outbox", {"q": "manager-1"}, "manager-1", "finance-1",
           role=Role.ADMINISTRATOR),
    Asking("tasks/outbox.html", "/outbox", {"state": "sent"}, "No mail fits these filters.", "no mail address",
           role=Role.ADMINISTRATOR),
    Asking("tasks/tasks.html", "/tasks", {"dealer": "D-1"}, "Dealer D-1", "Dealer D-2"),
    Asking("tasks/tasks.html", "/tasks", {"state": "done"}, "There is no such task.", "Dealer D-1"),
    Asking("imports/columns.html", "/imports/columns?kind=sell-in&upload={upload}", {"header_line": "1"},
           "Which column is what", part="#main", form="form.form:not(.wide)", button=True,
           opens="details:has([name='header_line']) summary"),
    Asking("imports/columns.html", "/imports/columns?kind=sell-in&upload={upload}", {"profile": "ERP"},
           "Which column is what", part="#main", form="form.filters", button=True),
)  # fmt: skip


def test_every_form_that_asks_is_tried() -> None:
    def asks(folder: Path) -> set[str]:
        return {
            path.relative_to(folder).as_posix()
            for path in folder.rglob("*.html")
            if path.name != "_parts.html" and _ASKS.search(path.read_text(encoding="utf-8"))
        }

    assert len(template_folders()) > 1, ROOT
    assert set().union(*map(asks, template_folders())) == {each.template for each in ASKED}


async def _prepared(world: World) -> dict[str, str]:
    manager = world.people[Role.MANAGER]
    today = clock.today()
    month = f"{today - timedelta(days=62):%Y-%m}"
    await make_sold(manager, [month], {"D-1": 900}, dealers=frozenset({"D-1"}), product="RB-210")
    await make_rate("EUR", today, "1.08")
    await make_rate("CNY", today, "0.14")
    upload = await brought(manager, b"dealer,date,product,quantity,amount\nD-1,2025-01-05,RB-210,2,200.00\n")
    async with acting(manager):
        await grant_exclusivity(manager, "D-1", granting("Road", "Harbour City", today))
        await grant_exclusivity(manager, "D-2", granting("Road", "Lake District", today))
        number = await propose_limit(manager, "D-1", "base", amount=Decimal(100), reason="asked for")
        await propose_limit(manager, "D-2", "base", amount=Decimal(100), reason="asked for")
        run = await assess(manager)
        await keep_profile(manager, "sell-in", "ERP", {"columns": {"dealer": "dealer"}})
    for code, dealer_id in world.dealer_ids.items():
        await open_for_anybody(f"Call {code}", dealer_id)
    for plan in ("statements-yearly", "stale-files"):
        await open_reviews(plan)
    for code in ("E-1", "E-2"):
        await make_member(world.people[Role.ADMINISTRATOR], code)
    finance = world.people[Role.FINANCE]
    for person in (manager, finance):
        await make_unsent(person)
    async with acting(finance):
        assert await approve_proposal(finance, number, "agreed")
        await _owed(finance)
    before = today - timedelta(days=31)
    moment = clock.now().astimezone(clock.zone())
    days = {"today": f"{today}", "before": f"{before}", "moment": f"{moment:%Y-%m-%dT%H:%M:%S}"}
    return days | {"month": month, "run": str(run.run_id), "upload": str(upload)}


async def _owed(finance: Person) -> None:
    """An invoice, its dispute and a statement of each dealer; an act that waits; money sent back and not identified."""
    given = [
        Given(code, owed("100", number=number, currency="USD", id=0)) for code, number in (("D-1", "I1"), ("D-2", "J1"))
    ]
    posted = await post_documents(finance, given)
    for each, reason in zip(posted.documents, (DisputeReason.PRICE, DisputeReason.QUALITY), strict=True):
        act = opening(each.document.id, reason_code=reason, owner=finance.login, due_on=clock.today())
        await open_dispute(finance, "D-1" if reason is DisputeReason.PRICE else "D-2", act)
    await _promised(finance)
    for code in ("D-1", "D-2"):
        await give_statement(finance, GiveStatement(dealer=code))
    item = f"{posted.documents[0].document.id}=5"
    assert await do_or_ask(finance, WRITE_OFF, "D-1", 0, WriteOff(items=[item], ask=True, reason="gone"))
    for number in ("B-8", "B-9"):
        kept = await keep_money(finance, unknown_line(number))
    await return_money(finance, kept, ReturnMoney(reason="nobody's"))


async def _promised(finance: Person) -> None:
    """A promise of each dealer, of which one is cancelled, and a bill of each that was dishonoured."""
    for code in ("D-1", "D-2"):
        number = await enter_promise(finance, code, promising())
        await log_contact(finance, code, speaking())
        bill = paying(kind=DocumentKind.BILL, number="B1", id=0, currency="USD", matures_on=clock.today())
        posted = await post_documents(finance, [Given(code, bill)])
        back = ReverseDocument(reason="no funds")
        assert await do_or_ask(finance, REVERSE, code, posted.documents[0].document.id, back) is None
    await cancel_promise(finance, number, Why(reason="a new plan"))


async def test_what_is_asked_for_is_what_is_shown(app: Litestar, database: str, chromium: Browser) -> None:
    world = await make_world()
    names = await _prepared(world)
    async with serve(without_life(app)) as url:
        desks = Desks(chromium, url, app, watched)
        for each in ASKED:
            looked = await desks.of(world.people[each.role if "imports" not in each.page else Role.MANAGER])
            answer = await looked.page.goto(url + each.page.format(**names), wait_until="domcontentloaded")
            assert answer is not None
            assert answer.status == 200, each
            await _ask(looked.page, each, names)
            assert looked.faults == [], each
        await desks.close()


async def _ask(page: Page, asking: Asking, names: Mapping[str, str]) -> None:
    if asking.opens:
        await page.locator(asking.opens).click()
    form = page.locator(asking.form).first
    held = await form.evaluate("form => [...form.elements].filter(e => !e.checkValidity()).map(e => e.name)")
    assert set(held) <= set(asking.fill), asking
    for name, value in asking.fill.items():
        each = form.locator(f"[name='{name}']")
        if await each.evaluate("field => field.localName") == "select":
            await each.select_option(value.format(**names))
        else:
            await each.fill(value.format(**names))
            if asking.key:
                await each.press(asking.key)
    if asking.button:
        async with page.expect_navigation(wait_until="domcontentloaded"):
            await form.locator("button").click()
    part = page.locator(asking.part)
    if asking.hides:
        await expect(part, str(asking)).not_to_contain_text(asking.hides)
    await expect(part, str(asking)).to_contain_text(asking.shows)


async def test_what_a_filter_is_refused_for_is_told_until_it_is_answered(
    app: Litestar, database: str, chromium: Browser
) -> None:
    world = await make_world()
    finance = world.people[Role.FINANCE]
    async with acting(finance):
        await _owed(finance)
    async with serve(without_life(app)) as url:
        desks = Desks(chromium, url, app, watched)
        page = (await desks.of(finance)).page
        await page.goto(f"{url}/receivables/ageing", wait_until="domcontentloaded")
        edges = page.locator("[name='edges']")
        await edges.fill("15,4")
        await edges.press("Enter")
        await expect(page.locator("#said")).to_contain_text("The buckets do not follow one another.")
        await expect(page.locator(RESULTS)).to_contain_text("Dealer D-1")
        assert page.url == f"{url}/receivables/ageing", "the address is that of what is shown"
        await edges.fill("15,45")
        await edges.press("Enter")
        await expect(page.locator(RESULTS)).to_contain_text("16-45 days")
        await expect(page.locator("#said")).to_be_empty()
        await desks.close()

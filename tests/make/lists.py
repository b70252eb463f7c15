"""Rows for every list, so that each can be sorted and paged; and where each stands, for whom."""

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from msgspec.structs import replace

from channel import clock
from channel.access.acts import MakeToken
from channel.access.rules import Person, Role
from channel.access.service import add_machine_token, add_own_token
from channel.acts import Why
from channel.dealers.acts import CarryLines, ObserveFact
from channel.dealers.rules import SecondTierKind
from channel.dealers.service.dealers import carry_lines, keep_second_tier
from channel.dealers.service.exclusivity import grant_exclusivity
from channel.dealers.service.observed import observe_fact
from channel.imports.service.mappings import keep_profile
from channel.receivables.acts.allocating import WriteOff
from channel.receivables.acts.contact_log import CorrectContact, LogContact
from channel.receivables.acts.disputes import HandOnDispute
from channel.receivables.acts.months import CloseMonth
from channel.receivables.acts.statements import GiveStatement
from channel.receivables.rules.contact_log import ContactKind, ContactOutcome
from channel.receivables.rules.settings import LEDGER_RULES
from channel.receivables.service.contact_log import correct_contact, log_contact
from channel.receivables.service.disputes import hand_on_dispute, open_dispute
from channel.receivables.service.months import close_month
from channel.receivables.service.posting import Given, post_documents
from channel.receivables.service.promises import JUDGING, cancel_promise, enter_promise
from channel.receivables.service.statements import give_statement
from channel.receivables.service.unknown_money import keep_money
from channel.receivables.service.waiting import do_or_ask
from channel.receivables.service.writing_off import WRITE_OFF
from channel.reviews.service.plans import PAPER
from channel.tasks.acts import SetCompanyDay
from channel.tasks.service.calendar import set_company_day
from channel.tasks.service.mail_ways import use_mail
from channel.tasks.service.outbox import GATHERED
from channel.versions.acts import DraftVersion
from channel.versions.rules import written
from channel.versions.service.drafting import draft
from channel.work.service import run_due
from tests.make.access import acting, make_member, make_session
from tests.make.credit import DEFAULT_POLICY
from tests.make.dealers import granting, keeping_customer, make_contact, make_dealer, make_line, make_product, make_rate
from tests.make.disputes import opening
from tests.make.limits import approve_proposal, assess, draft_policy, keep_fact, keep_statement, propose_limit
from tests.make.receivables import owed, paying, promising, speaking, unknown_line
from tests.make.reviews import open_reviews
from tests.make.sales import csv_of, loaded
from tests.make.tasks_opened import drop, open_for_anybody
from tests.make.world import World

FILLED = {
    "/audit": Role.AUDITOR,
    "/dealers": Role.MANAGER,
    "/sales/chase": Role.MANAGER,
    "/credit": Role.FINANCE,
    "/credit/dealers/D-3/journal": Role.FINANCE,
    "/credit/limits": Role.FINANCE,
    "/credit/policies": Role.FINANCE,
    "/credit/runs": Role.FINANCE,
    "/credit/runs/2": Role.FINANCE,
    "/exclusivity": Role.MANAGER,
    "/product-lines": Role.MANAGER,
    "/products": Role.MANAGER,
    "/rates": Role.FINANCE,
    "/territories": Role.REGIONAL,
    "/imports": Role.MANAGER,
    "/sales/reports": Role.MANAGER,
    "/dealers/D-1/sales?kind=sell-in": Role.MANAGER,
    "/receivables/waiting?state=any": Role.FINANCE,
    "/receivables/months": Role.FINANCE,
    "/messages": Role.FINANCE,
    "/outbox": Role.ADMINISTRATOR,
    "/people": Role.ADMINISTRATOR,
    "/staff": Role.REGIONAL,
    "/tasks?state=any": Role.MANAGER,
    "/calendar": Role.REGIONAL,
    "/duties": Role.REGIONAL,
    "/machines": Role.ADMINISTRATOR,
    "/receivables/ageing/items?whole=true": Role.FINANCE,
    "/receivables/rules": Role.FINANCE,
    "/receivables/figures": Role.FINANCE,
    "/receivables/disputes?state=any": Role.FINANCE,
    "/receivables/documents": Role.FINANCE,
    "/receivables/items": Role.FINANCE,
    "/receivables/statements": Role.FINANCE,
    "/receivables/incidents": Role.FINANCE,
    "/receivables/promises": Role.FINANCE,
    "/receivables/contact-log": Role.FINANCE,
    "/receivables/calls?left_out=yes": Role.FINANCE,
    "/receivables/unknown": Role.FINANCE,
    "/reviews?state=any": Role.FINANCE,
    "/reviews/due": Role.MANAGER,
    "/reviews/plans": Role.MANAGER,
    "/reviews/plans/stale-files/versions": Role.MANAGER,
    "/reviews/runs": Role.MANAGER,
    "/dealers/D-1/facts": Role.MANAGER,
    "/dealers/D-1/observed": Role.MANAGER,
    "/dealers/D-1/observed-history": Role.MANAGER,
    "/dealers/D-1/carried": Role.MANAGER,
    "/dealers/D-1/contacts": Role.MANAGER,
    "/dealers/D-1/customers": Role.REGIONAL,
}
"""The address of the page of each list, with what it is asked, and who asks."""
QUESTIONS = {
    "/api/v1/sales/lines": {"dealer": "D-1"},
    "/api/v1/sales/stock": {"dealer": "D-1"},
    "/api/v1/receivables/ageing/items": {"whole": "true"},
    "/api/v1/receivables/calls": {"left_out": "true"},
}
"""What an address of the API must be asked with."""


async def fill_lists(world: World) -> None:
    """Three grants, of two lines, one with an end; limits of three dealers, two with an end."""
    manager = world.people[Role.MANAGER]
    await make_line("Touring", wanted_type="terminal")
    await make_product("TB-1", "Touring")
    for day, rate in (("2025-01-03", "1.04"), ("2025-01-03", "1.05"), ("2025-01-10", "1.05")):
        await make_rate("EUR", date.fromisoformat(day), rate)
    await make_rate("CNY", date(2025, 1, 3), "0.1375")
    for code in ("D-3", "D-4", "D-5"):
        await make_dealer(code, territory="Harbour City", lines=["Road"])
    async with acting(manager):
        await _grant(manager)
        await _know(manager)
    await _put_limits(world)
    await _assess(world)
    await _load_reports(manager)
    await _close_months(world)
    await _draft_rules(world)
    await _keep_money(world)
    await _post_documents(world)
    await _give_statements(world)
    await _promise(world)
    await _speak(world)
    await _let_in(world)
    await _employ(world)
    await _set_tasks(world)
    await _tell(world)
    await _review(world)


async def _load_reports(manager: Person) -> None:
    """Three lines of D-1, two of them alike in date and amount; three counts of his stock; two kept mappings."""
    for name in ("ERP", "Till"):
        async with acting(manager):
            await keep_profile(manager, "sell-in", name, {"columns": {"dealer": "dealer"}})
    head = "dealer,date,product,quantity,amount,document"
    lines = ("D-1,2025-01-05,RB-210,2,200.00,A1", "D-1,2025-01-05,RB-210,1,200.00,A1", "D-1,2025-02-06,RB-210,3,90.50,")
    await loaded(manager, "sell-in", csv_of(head, *lines), period="2025-01:2025-02")
    for month, count in (("2025-01", 5), ("2025-02", 4), ("2025-03", 4)):
        counted = csv_of("dealer,date,product,quantity", f"D-1,{month}-28,RB-210,{count}")
        await loaded(manager, "stock", counted, period=month)


async def _grant(manager: Person) -> None:
    await grant_exclusivity(manager, "D-1", granting("Road", "Harbour City", date(2024, 1, 1)))
    await grant_exclusivity(manager, "D-1", granting("Touring", "Harbour City", date(2023, 1, 1), date(2027, 1, 1)))
    await grant_exclusivity(manager, "D-2", granting("Touring", "Lake District", date(2024, 6, 1)))


async def _know(manager: Person) -> None:
    for fact, value, day in (("employees", "12", 1), ("employees", "15", 2), ("potential", "high", 2)):
        found = ObserveFact(fact=fact, value=value, observed_on=date(2025, 1, day), source="a visit")
        await observe_fact(manager, "D-1", found)
    await make_contact(manager, "D-1", phone="139 1", role="owner")
    await carry_lines(manager, "D-1", CarryLines(lines=["Road", "Touring"]))
    for code, kind in (("S-1", SecondTierKind.DIRECT), ("S-2", SecondTierKind.MIXED)):
        await keep_second_tier(manager, "D-1", keeping_customer(code, "Shop", kind))


async def _put_limits(world: World) -> None:
    manager, finance = world.people[Role.MANAGER], world.people[Role.FINANCE]
    for code, amount in (("D-3", 800), ("D-3", 700), ("D-4", 500), ("D-5", 500)):
        to_on = None if code == "D-4" else clock.today() + timedelta(days=amount)
        async with acting(manager):
            number = await propose_limit(manager, code, "base", amount=Decimal(amount), to_on=to_on, reason="agreed")
        async with acting(finance):
            assert await approve_proposal(finance, number, "as agreed")


async def _assess(world: World) -> None:
    """Two runs, one of them of one dealer; three proposals by hand; a draft of the policy; what is known of D-1."""
    manager = world.people[Role.MANAGER]
    async with acting(manager):
        await assess(manager)
        await assess(manager, dealer="D-1")
        for code, amount in (("D-2", 300), ("D-3", 900), ("D-4", 900)):
            await propose_limit(manager, code, "base", amount=Decimal(amount), reason="a fair")
        await draft_policy(manager, written(DEFAULT_POLICY), clock.today(), "for next year")
        for year, worth in ((2023, 100), (2024, 100), (2022, 90)):
            await keep_statement(manager, "D-1", date(year, 12, 31), {"net_worth": Decimal(worth)})
        for factor in ("prospects", "security"):
            await keep_fact(manager, "D-1", "score", [Decimal(7)], factor=factor)


async def _draft_rules(world: World) -> None:
    """Two drafts of the rules of the ledger, of one day."""
    finance = world.people[Role.FINANCE]
    async with acting(finance):
        for name in ("Strict", "Lenient"):
            act = DraftVersion(document={"name": name}, effective_from=clock.today(), note="for next year")
            await draft(finance, LEDGER_RULES, act)


async def _close_months(world: World) -> None:
    """Three months long before any document, and three write-offs that wait."""
    finance = world.people[Role.FINANCE]
    async with acting(finance):
        given = [Given("D-1", owed("100", number=f"L{n}", id=0, currency="USD")) for n in range(3)]
        for each in (await post_documents(finance, given)).documents:
            act = WriteOff(items=[f"{each.document.id}=5"], reason="gone", ask=True)
            await do_or_ask(finance, WRITE_OFF, "D-1", 0, act)
        for month in ("2010-01", "2010-02", "2010-03"):
            await close_month(finance, CloseMonth(month=month, reason="done"))


async def _keep_money(world: World) -> None:
    """Two bank lines more without a dealer, of one day."""
    finance = world.people[Role.FINANCE]
    async with acting(finance):
        for number in ("B-2", "B-3"):
            await keep_money(finance, unknown_line(number, "70", booked_on=date(2025, 2, 1)))


async def _post_documents(world: World) -> None:
    """Three invoices, two of them alike in day and amount and disputed; a receipt that pays half of one of them."""
    finance, today = world.people[Role.FINANCE], clock.today()
    documents = [
        ("D-1", owed("100", number="I-1"), 9),
        ("D-1", owed("100", number="I-2"), 40),
        ("D-2", owed("70", number="I-3"), 40),
        ("D-3", owed("70", number="I-4"), 40),
        ("D-1", paying("50"), 0),
    ]
    given = [
        Given(dealer, replace(each, id=0, currency="USD", instalments=(), effective_on=today - timedelta(days=ago)))
        for dealer, each, ago in documents
    ]
    async with acting(finance):
        posted = await post_documents(finance, given)
        for place, ago in ((0, 9), (1, 9), (1, 30)):
            number = posted.documents[place].document.id
            on, owner = today - timedelta(days=ago), finance.login
            await open_dispute(finance, "D-1", opening(number, "20", owner=owner, due_on=today, effective_on=on))


async def _give_statements(world: World) -> None:
    """Three statements of account of two dealers, as of two days."""
    finance = world.people[Role.FINANCE]
    async with acting(finance):
        for code, as_of in (("D-1", date(2025, 2, 28)), ("D-1", date(2025, 1, 31)), ("D-3", date(2025, 2, 28))):
            await give_statement(finance, GiveStatement(dealer=code, as_of=as_of))


async def _promise(world: World) -> None:
    """Four promises of two dealers, two of one day and amount, and one cancelled; three more that are broken."""
    finance, today = world.people[Role.FINANCE], clock.today()
    async with acting(finance):
        for code, amount, in_days in (("D-1", "80", 5), ("D-1", "80", 5), ("D-3", "90", 7)):
            await enter_promise(finance, code, promising(amount, in_days, remark="by phone"))
        cancelled = await enter_promise(finance, "D-3", promising("60", 8))
        await cancel_promise(finance, cancelled, Why(reason="a new plan"))
        past = today - timedelta(days=20)
        for amount in ("40", "40"):
            await enter_promise(finance, "D-1", promising(amount, -9, given_on=past))
        await enter_promise(finance, "D-3", promising("50", -8, given_on=past))
    await run_due([JUDGING])


async def _speak(world: World) -> None:
    """Contacts with two dealers by two people, two of one day; one that nobody answered, and one that was corrected."""
    finance, manager, today = world.people[Role.FINANCE], world.people[Role.MANAGER], clock.today()
    async with acting(finance):
        for code, days in (("D-1", 3), ("D-1", 3), ("D-3", 5)):
            on = today - timedelta(days=days)
            await log_contact(finance, code, speaking(took_place_on=on, next_step="look", next_on=today))
        missed = LogContact(outcome=ContactOutcome.NOT_REACHED, at_time="00:00")
        number = await log_contact(finance, "D-3", missed)
        fields = {"kind": ContactKind.MAIL, "outcome": ContactOutcome.BY_DEALER, "contact": None, "with_whom": "Mr Wu"}
        await correct_contact(finance, number, CorrectContact(said="he wrote", reason="he did", **fields))
    async with acting(manager):
        visit = speaking("the shop is full", kind=ContactKind.VISIT, at_time="00:05", with_whom="Wu's clerk")
        await log_contact(manager, "D-1", visit)
        await log_contact(manager, "D-3", missed)


async def _review(world: World) -> None:
    """Reviews of two plans more as of today; two drafts of one plan, of one day."""
    for plan in ("receivables-weekly", "receivables-monthly"):
        await open_reviews(plan)
    manager = world.people[Role.MANAGER]
    async with acting(manager):
        for name in ("Strict", "Lenient"):
            act = DraftVersion(document={"name": name}, effective_from=clock.today(), note="for next year")
            await draft(manager, PAPER, act, "stale-files")


async def _tell(world: World) -> None:
    """Three disputes for which others answer from now on, one after the other, and mails that go to nobody."""
    manager, finance = world.people[Role.MANAGER], world.people[Role.FINANCE]
    use_mail("channel@localhost", "http://127.0.0.1", None, Path("/nowhere"))
    for number in (1, 2, 3):
        for by, owner in ((finance, manager), (manager, finance)):
            async with acting(by):
                await hand_on_dispute(by, number, HandOnDispute(owner=owner.login, reason="knows it"))
            await run_due([GATHERED])


async def _let_in(world: World) -> None:
    """Tokens of the administrator and of machines, with an end and without; the manager signed in at two places."""
    administrator = world.people[Role.ADMINISTRATOR]
    async with acting(administrator):
        for days in (10, 20):
            await add_own_token(administrator, MakeToken(name=f"script of {days} days", days=days))
        for name in ("order desk", "till"):
            await add_machine_token(administrator, MakeToken(name=name))
    for _ in range(2):
        await make_session(world.people[Role.MANAGER])


async def _employ(world: World) -> None:
    """Three members of staff more, two of them of one name; one has left."""
    administrator = world.people[Role.ADMINISTRATOR]
    for code, name, last_on in (("S-3", "Wu An", None), ("S-4", "Wu An", date(2024, 1, 31)), ("S-5", "Xu Li", None)):
        await make_member(administrator, code, name=name, manager="S-1", territory="Lake District", last_on=last_on)


async def _set_tasks(world: World) -> None:
    """Three tasks more, two of them of one day, one without a dealer, which is no longer needed; three days off."""
    due_on = clock.today() + timedelta(days=3)
    await open_for_anybody("Call him", world.dealer_ids["D-2"], due_on)
    await open_for_anybody("Ask for his figures", world.dealer_ids["D-2"], due_on)
    await open_for_anybody("Tidy up")
    await drop("Tidy up")
    administrator = world.people[Role.ADMINISTRATOR]
    async with acting(administrator):
        for day, words, works in ((1, "New Year", False), (2, "New Year", False), (3, "worked instead", True)):
            await set_company_day(administrator, SetCompanyDay(day=date(2030, 1, day), words=words, works=works))

"""A small whole world for tests that walk everything: a tree, a person of every role, a dealer in each branch."""

from dataclasses import dataclass
from decimal import Decimal

from channel import clock
from channel.access import service as access
from channel.access.rules import Person, Role
from channel.consent.queries import NewRequest
from channel.consent.rules import the_person
from channel.consent.service import ask
from channel.database import db
from channel.receivables.acts.allocating import WriteOff
from channel.receivables.acts.statements import GiveStatement, GiveStatements
from channel.receivables.rules.documents import DocumentKind
from channel.receivables.service.contact_log import log_contact
from channel.receivables.service.disputes import open_dispute
from channel.receivables.service.posting import Given, post_documents
from channel.receivables.service.promises import enter_promise
from channel.receivables.service.statement_runs import give_statements
from channel.receivables.service.statements import give_statement
from channel.receivables.service.unknown_money import keep_money
from channel.receivables.service.waiting import do_or_ask
from channel.receivables.service.writing_off import WRITE_OFF
from channel.reviews.service.holding import HOLDS, ONE_MORE
from tests.make.access import acting, give, make_member, make_person, make_territories, send_away
from tests.make.dealers import make_contact, make_dealer, make_line, make_product
from tests.make.deciding import make_review
from tests.make.disputes import opening
from tests.make.limits import assess, propose_limit
from tests.make.receivables import owed, paying, promising, speaking, unknown_line
from tests.make.reviews import open_reviews
from tests.make.sales import csv_of, loaded
from tests.make.tasks_opened import open_for_anybody


@dataclass(frozen=True)
class World:
    """The ids and people of the small world; `elsewhere` is regional staff of the branch where D-1 is not."""

    territories: dict[str, int]
    people: dict[Role, Person]
    elsewhere: Person
    dealer_ids: dict[str, int]


async def make_world() -> World:
    """Fill the open database: D-1 stands in the East, D-2 in the North."""
    territories = await make_territories("East/Harbour City", "North/Lake District")
    people = {
        role: await make_person(role, login=f"{role}-1")
        for role in (Role.MANAGER, Role.FINANCE, Role.AUDITOR, Role.ADMINISTRATOR)
    }
    people[Role.REGIONAL] = await make_person(Role.REGIONAL, territories["East"], login="regional-1")
    elsewhere = await make_person(Role.REGIONAL, territories["North"], login="regional-2")
    await make_member(people[Role.ADMINISTRATOR], "S-1", name="Su Min", territory="East")
    await make_member(people[Role.ADMINISTRATOR], "S-2", name="Tang Wei", manager="S-1", territory="Lake District")
    await give(people[Role.ADMINISTRATOR], "S-1", "head-of-region")
    await send_away(people[Role.ADMINISTRATOR], "S-1", "S-2")
    await make_line("Road")
    await make_product("RB-210", "Road")
    dealer_ids = {
        "D-1": await make_dealer("D-1", type="wholesale", territory="Harbour City", lines=["Road"]),
        "D-2": await make_dealer("D-2", territory="Lake District", lines=["Road"]),
    }
    return World(territories, people, elsewhere, dealer_ids)


async def make_full_world() -> World:
    """The small world with one of everything that has a number, all of it of D-1."""
    world = await make_world()
    manager = world.people[Role.MANAGER]
    report = csv_of("dealer,date,product,quantity,amount", "D-1,2025-01-05,RB-210,2,200.00", "D-1,soon,RB-210,1,1")
    await loaded(manager, "sell-in", report, period="2025-01", dealers=frozenset({"D-1"}), dry_run=True)
    async with acting(manager):
        await assess(manager, dealer="D-1")
        await propose_limit(manager, "D-1", "base", amount=Decimal(100), reason="asked for")
        await make_contact(manager, "D-1")
    finance = world.people[Role.FINANCE]
    async with acting(finance):
        credit = paying("20", kind=DocumentKind.CREDIT_NOTE, currency="USD", id=0, stays_on_account=True)
        owed_ = (owed("100", currency="USD", id=0), owed("50", currency="USD", id=0, number="I2"))
        await post_documents(finance, [Given("D-1", each) for each in (*owed_, credit)])
    second = await make_person(Role.FINANCE, login="finance-2")
    async with acting(second):
        for document in (1, 2):
            act = WriteOff(items=[f"{document}=5"], reason="gone", ask=True)
            await do_or_ask(second, WRITE_OFF, "D-1", 0, act)
        await keep_money(finance, unknown_line("B-1"))
        await open_dispute(finance, "D-1", opening(1, "1", owner=finance.login, due_on=clock.today()))
        await give_statement(finance, GiveStatement(dealer="D-1"))
        await enter_promise(finance, "D-1", promising())
        await log_contact(finance, "D-1", speaking())
        await give_statements(finance, GiveStatements())
    await open_reviews("statements-yearly")
    await _ask_for_holds(world, second)
    await make_tasks(world)
    return world


async def make_tasks(world: World) -> None:
    """Two things that anybody who may is to do about D-1; the manager is a member of staff."""
    await make_member(world.people[Role.ADMINISTRATOR], "S-7", name="Ma Li", login="manager-1")
    for what in ("Call him", "Visit him"):
        await open_for_anybody(what, world.dealer_ids["D-1"])


async def _ask_for_holds(world: World, second: Person) -> None:
    """Three reviews of D-1 that each asked for a hold: two of finance, the last of the manager."""
    dealer_id, manager = world.dealer_ids["D-1"], world.people[Role.MANAGER]
    for plan, person in (("receivables-weekly", second), ("limit-ends", second), ("stale-files", manager)):
        number = await make_review(dealer_id, "hold", plan=plan)
        async with acting(person), db.transaction():
            posting_id = await access.open_posting(person, "decide review")
            asked = NewRequest(str(number), "does not pay", ONE_MORE, dealer_id)
            await ask(HOLDS, [asked], the_person(person), posting_id)

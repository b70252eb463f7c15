"""The demonstration filled: people and masters first, then each room's story, month after month up to today."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from channel import clock
from channel.access import queries as access_queries
from channel.access import service as access
from channel.access.acts import AddPerson
from channel.access.rules import OPERATOR, Person, Role
from channel.app import ROOMS, use_rooms
from channel.database import db
from channel.demo import company, contacts, credit, dealers, receivables, reviews, sales, staff, tasks
from channel.demo.filling import AT, Filling
from channel.demo.story import DEALERS
from channel.periods import Month

MARK = "demonstration"
"""The setting that says: everything here is made up, and its passwords are known to everybody."""
STORIES: Sequence[Callable[[Filling], None]] = (
    staff.plan, dealers.plan, tasks.plan, receivables.plan, contacts.plan, credit.plan, reviews.plan,
)  # fmt: skip
"""What each room plans beside the reports, from the lowest room up."""
_RATES_BACK = 30
"""Days of rates that are looked at when the demonstration is started again."""


async def fill(told: Callable[[str, float], None], number: int = DEALERS) -> None:
    """Fill an empty database up to the month before today, with so many dealers; `told` hears how far it is."""
    use_rooms(ROOMS)
    filling = Filling(Month.of(clock.today()).plus(-1), number)
    told("people and masters", 0.0)
    await _open(filling)
    for plan in STORIES:
        plan(filling)
    await sales.live_through(filling, told)
    await filling.live_until(filling.now)
    async with db.held(access.scope_of(OPERATOR)), db.transaction():
        await access_queries.record_setting(MARK, str(filling.story.months[-1]))
        await access.audit(OPERATOR, "fill the demonstration", "company")


async def keep_up() -> None:
    """Enter the exchange rates since the last start: yesterday's amounts could not be compared without them."""
    use_rooms(ROOMS)
    async with db.held(access.scope_of(OPERATOR)):
        last = await access_queries.setting(MARK)
    if not isinstance(last, str):
        return
    filling = Filling(Month.parse(last))
    await filling.sign_in("fang")
    filling.rates_until = filling.now.date() - timedelta(days=_RATES_BACK)
    await filling.enter_rates(filling.now)


async def _open(filling: Filling) -> None:
    began = datetime.combine(filling.story.months[0].first - timedelta(days=20), AT)
    with clock.fixed(began):
        async with db.held(access.scope_of(OPERATOR)):
            await access.fix_company_currency(company.COMPANY_CURRENCY, has_lines=False)
        await _add_people(filling, [a for a in company.ACCOUNTS if a.role == Role.ADMINISTRATOR], OPERATOR)
        await _add_people(
            filling,
            [a for a in company.ACCOUNTS if not a.territories and a.role != Role.ADMINISTRATOR],
            filling.people["admin"],
        )
    later = began + timedelta(hours=3)
    await filling.load("mei", "territories", filling.story.territory_file(), later)
    await filling.load("mei", "products", filling.story.product_file(), later)
    with clock.fixed(later):
        await _add_people(filling, [a for a in company.ACCOUNTS if a.territories], filling.people["admin"])


async def _add_people(filling: Filling, accounts: Sequence[company.Account], by: Person) -> None:
    for account in accounts:
        async with db.held(access.scope_of(by)):
            added = AddPerson(
                login=account.login,
                name=account.name,
                role=Role(account.role),
                territories=list(account.territories),
                email=f"{account.login}@example.com",
                messages=account.messages,
                password=company.PASSWORD,
            )
            await access.add_person(by, added)
        await filling.sign_in(account.login)

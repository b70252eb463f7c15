"""Builders of the room `dealers`: dealers with their facts, product lines, products, rates."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from channel import db
from channel.access import queries as access
from channel.access.rules import Person, Role
from channel.access.service import open_posting
from channel.dealers.acts import AddTerritory, ChangeTerritory, GrantExclusivity, KeepProduct, KeepRate
from channel.dealers.queries import masters
from channel.dealers.rules import Fact
from channel.dealers.service import territories
from channel.dealers.service.dealers import NewDealer, add_dealer
from channel.dealers.service.masters import keep_rate

MANAGER = Person(login="manager-made", name="manager", role=Role.MANAGER)
"""A channel manager who is nobody in the database; the acts of the builders are his."""
FINANCE = Person(login="finance-made", name="finance", role=Role.FINANCE)
LONG_AGO = date(2010, 1, 1)


async def make_dealer(
    code: str,
    *,
    type: str = "terminal",
    territory: int | str | None = None,
    grade: str | None = "A",
    status: str = "active",
    currency: str = "USD",
    terms: int = 30,
    parent: str | None = None,
    first_year_target: Decimal | int | None = None,
    lines: Sequence[str] = (),
    effective_on: date = LONG_AGO,
    name: str | None = None,
) -> int:
    """A dealer and its id; without a territory it stands in one called Land, which is made when it is missing.

    `territory` is an id or a code. Product lines must have been made. Not to be called while a connection is held.
    """
    async with db.held(db.EVERYTHING), db.transaction():
        facts: dict[Fact, str | None] = {
            Fact.TYPE: type,
            Fact.TERRITORY: await _territory_code(territory),
            Fact.GRADE: grade,
            Fact.STATUS: status,
            Fact.CURRENCY: currency,
            Fact.TERMS_DAYS: str(terms),
            Fact.PARENT: parent,
            Fact.FIRST_YEAR_TARGET: None if first_year_target is None else str(first_year_target),
        }
        new = NewDealer(code, name or f"Dealer {code}", facts, lines=lines)
        return await add_dealer(MANAGER, new, effective_on=effective_on)


async def _territory_code(territory: int | str | None) -> str:
    if isinstance(territory, int):
        code: str = await db.fetchval("SELECT code FROM territory WHERE id = $1", territory)
        return code
    code = territory or "Land"
    if territory is None and await access.territory_by_code(code) is None:
        await access.record_territory(code, code, "region", None, await open_posting(MANAGER, "add territory"))
    return code


async def make_line(code: str, *, wanted_type: str | None = None) -> int:
    """A product line and its id."""
    async with db.held(db.EVERYTHING), db.transaction():
        await masters.record_line(code, f"Line {code}", wanted_type)
        return (await masters.line_ids([code]))[code]


async def make_product(code: str, line: str = "Road") -> int:
    """A product and its id; its line is made when it is missing."""
    async with db.held(db.EVERYTHING), db.transaction():
        found = await masters.line_ids([line])
        if line not in found:
            await masters.record_line(line, f"Line {line}", None)
            found = await masters.line_ids([line])
        await masters.record_product(code, f"Product {code}", found[line], "piece")
        product_id: int = await db.fetchval("SELECT id FROM product WHERE code = $1", code)
        return product_id


async def make_rate(currency: str, on: date, rate: Decimal | str) -> None:
    """A rate: company currency per unit."""
    async with db.held(db.EVERYTHING), db.transaction():
        await keep_rate(FINANCE, KeepRate(currency=currency, on=on, rate=Decimal(rate)))


def granting(line: str, territory: str, from_on: date, to_on: date | None = None) -> GrantExclusivity:
    return GrantExclusivity(line=line, territory=territory, from_on=from_on, to_on=to_on, reason="agreed")


async def move_territory(person: Person, code: str, parent: str | None) -> None:
    await territories.change_territory(person, ChangeTerritory(code=code, parent=parent))


async def add_territory(person: Person, code: str, level: str, parent: str) -> None:
    await territories.add_territory(person, AddTerritory(code=code, name=code, level=level, parent=parent))


def keeping_product(code: str, name: str, line: str = "Road") -> KeepProduct:
    return KeepProduct(code=code, name=name, line=line)

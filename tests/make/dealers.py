"""Builders of the room `dealers`: dealers with their facts, product lines, products, rates."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from channel.access import queries as access
from channel.access.rules import Person, Role
from channel.access.service import open_posting
from channel.database import db
from channel.dealers.acts import (
    AddDealer,
    AddTerritory,
    ChangeFact,
    ChangeTerritory,
    GrantExclusivity,
    KeepContact,
    KeepCustomer,
    KeepProduct,
    KeepRate,
)
from channel.dealers.queries import masters
from channel.dealers.rules import DealerType, Fact, SecondTierKind, Status
from channel.dealers.service import dealers, facts, territories
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
        act = AddDealer(
            code=code,
            name=name or f"Dealer {code}",
            type=DealerType(type),
            territory=await _territory_code(territory),
            grade=grade,
            status=Status(status),
            currency=currency,
            terms_days=terms,
            parent=parent,
            first_year_target=None if first_year_target is None else Decimal(first_year_target),
            lines=list(lines),
            effective_on=effective_on,
        )
        return await dealers.add_dealer(MANAGER, act)


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
        if line not in await masters.line_ids([line]):
            await masters.record_line(line, f"Line {line}", None)
        await masters.record_product(code, f"Product {code}", line, "piece")
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


async def change_fact(
    person: Person,
    code: str,
    fact: Fact,
    value: str | None,
    *,
    effective_on: date | None = None,
    reason: str | None = None,
) -> bool:
    act = ChangeFact(fact=fact, value=value, effective_on=effective_on, reason=reason)
    return await facts.change_fact(person, code, act)


async def end_dealer(person: Person, code: str, reason: str, *, effective_on: date | None = None) -> bool:
    return await change_fact(person, code, Fact.STATUS, Status.ENDED, effective_on=effective_on, reason=reason)


async def make_contact(person: Person, code: str, **given: str) -> int:
    return await dealers.keep_contact(person, code, KeepContact(name="Lin", **given))


def keeping_customer(code: str, name: str, kind: SecondTierKind, opened: dict[str, Any] | None = None) -> KeepCustomer:
    return KeepCustomer(code=code, name=name, kind=kind, opened=opened)

"""What belongs to a dealer: product lines carried, contacts, second-tier customers."""

from typing import Any

import msgspec
from litestar import Request, delete, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from channel import web
from channel.access.rules import Person, Right, require
from channel.dealers.acts import CarryLines, KeepContact, KeepCustomer
from channel.dealers.lists import CARRIED, CONTACTS, CUSTOMERS
from channel.dealers.queries import dealers as queries
from channel.dealers.queries.dealer_page import carried_lines
from channel.dealers.rules import SecondTierKind
from channel.dealers.service import dealers as service
from channel.dealers.service.facts import dealer_by_code
from channel.lists import ALL, Page, Wanted, page_in

AnyRequest = Request[Any, Any, Any]


class CarriedLine(msgspec.Struct):
    """A product line carried; `mismatch` is a sentence where it wants the other type of dealer."""

    code: str
    name: str
    wanted_type: str | None
    mismatch: str | None


class Contact(msgspec.Struct):
    """Somebody at a dealer, with the id by which to change the entry."""

    id: int
    name: str
    role: str | None
    phone: str | None
    email: str | None


class Customer(msgspec.Struct):
    """A second-tier customer: a direct or indirect retailer, or both."""

    code: str
    name: str
    kind: SecondTierKind


@get("/api/v1/dealers/{code:str}/lines", dependencies=web.list_asked(CARRIED, web.MOST_TOLD))
async def list_lines(
    request: AnyRequest, person: NamedDependency[Person], code: FromPath[str], wanted: NamedDependency[Wanted]
) -> Page[CarriedLine]:
    """The product lines that a dealer carries."""
    require(person, Right.SEE_DEALERS)
    await dealer_by_code(code)
    return await _lines(request, code, wanted)


async def _lines(request: AnyRequest, code: str, wanted: Wanted = ALL) -> Page[CarriedLine]:
    tell = web.language_of(request).tell
    rows = [
        CarriedLine(row["code"], row["name"], row["wanted_type"], row["mismatch"] and tell(row["mismatch"]))
        for row in await carried_lines(code)
    ]
    return page_in(rows, CARRIED, wanted)


@put("/api/v1/dealers/{code:str}/lines")
async def carry_lines(
    request: AnyRequest, person: NamedDependency[Person], code: FromPath[str], data: JSONBody[CarryLines]
) -> Page[CarriedLine]:
    """Exactly these product lines are carried from now on."""
    await service.carry_lines(person, code, data)
    return await _lines(request, code)


async def _contacts(code: str, wanted: Wanted = ALL) -> Page[Contact]:
    dealer = await dealer_by_code(code)
    return (await queries.contacts(dealer["id"], wanted)).as_(Contact)


@get("/api/v1/dealers/{code:str}/contacts", dependencies=web.list_asked(CONTACTS, web.MOST_TOLD))
async def list_contacts(
    person: NamedDependency[Person], code: FromPath[str], wanted: NamedDependency[Wanted]
) -> Page[Contact]:
    """The people at a dealer."""
    require(person, Right.SEE_DEALERS)
    return await _contacts(code, wanted)


@post("/api/v1/dealers/{code:str}/contacts")
async def add_contact(
    person: NamedDependency[Person], code: FromPath[str], data: JSONBody[KeepContact]
) -> Page[Contact]:
    """Add a contact; all of them."""
    await service.keep_contact(person, code, data)
    return await _contacts(code)


@put("/api/v1/dealers/{code:str}/contacts/{contact_id:int}")
async def change_contact(
    person: NamedDependency[Person], code: FromPath[str], contact_id: FromPath[int], data: JSONBody[KeepContact]
) -> Page[Contact]:
    """Change a contact; all of them."""
    await service.keep_contact(person, code, data, contact_id)
    return await _contacts(code)


@delete("/api/v1/dealers/{code:str}/contacts/{contact_id:int}")
async def remove_contact(person: NamedDependency[Person], code: FromPath[str], contact_id: FromPath[int]) -> None:
    """Take out a contact."""
    await service.remove_contact(person, code, contact_id)


async def _customers(code: str, wanted: Wanted = ALL) -> Page[Customer]:
    dealer = await dealer_by_code(code)
    return (await queries.second_tier(dealer["id"], wanted)).as_(Customer)


@get("/api/v1/dealers/{code:str}/second-tier", dependencies=web.list_asked(CUSTOMERS, web.MOST_TOLD))
async def list_second_tier(
    person: NamedDependency[Person], code: FromPath[str], wanted: NamedDependency[Wanted]
) -> Page[Customer]:
    """The customers of a dealer."""
    require(person, Right.SEE_DEALERS)
    return await _customers(code, wanted)


@post("/api/v1/dealers/{code:str}/second-tier")
async def keep_second_tier(
    person: NamedDependency[Person], code: FromPath[str], data: JSONBody[KeepCustomer]
) -> Page[Customer]:
    """Add a customer of a dealer, or change the one with this code; all of them."""
    await service.keep_second_tier(person, code, data)
    return await _customers(code)


@delete("/api/v1/dealers/{code:str}/second-tier/{customer:str}")
async def remove_second_tier(person: NamedDependency[Person], code: FromPath[str], customer: FromPath[str]) -> None:
    """Take out a customer that no sales line names."""
    await service.remove_second_tier(person, code, customer)


ROUTES = (
    list_lines,
    carry_lines,
    list_contacts,
    add_contact,
    change_contact,
    remove_contact,
    list_second_tier,
    keep_second_tier,
    remove_second_tier,
)

"""What belongs to a dealer: product lines carried, contacts, second-tier customers."""

from typing import Any

import msgspec
from litestar import Request, delete, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from channel.access.rules import Person, Right, require
from channel.dealers.queries import dealers as queries
from channel.dealers.rules import DealerType, SecondTierKind, type_mismatch
from channel.dealers.service import dealers as service
from channel.dealers.service.facts import dealer_by_code
from channel.web import language_of

AnyRequest = Request[Any, Any, Any]


class CarriedLine(msgspec.Struct):
    """A product line carried; `mismatch` is a sentence where it wants the other type of dealer."""

    code: str
    name: str
    wanted_type: str | None
    mismatch: str | None


class CarriedLines(msgspec.Struct):
    """The product lines that a dealer carries."""

    items: list[CarriedLine]
    next: None = None


class Lines(msgspec.Struct, forbid_unknown_fields=True):
    """Codes of exactly the product lines to be carried."""

    lines: list[str]


class NewContact(msgspec.Struct, forbid_unknown_fields=True):
    """Somebody at a dealer."""

    name: str
    role: str | None = None
    phone: str | None = None
    email: str | None = None


class ChangedContact(NewContact, forbid_unknown_fields=True):
    """All of the entry anew; with what was read (`opened`) only what differs from that is changed.

    It is refused where somebody else has changed the same field since.
    """

    opened: NewContact | None = None


class Contact(msgspec.Struct):
    """Somebody at a dealer, with the id by which to change the entry."""

    id: int
    name: str
    role: str | None
    phone: str | None
    email: str | None


class Contacts(msgspec.Struct):
    """The people at a dealer."""

    items: list[Contact]
    next: None = None


class Customer(msgspec.Struct, forbid_unknown_fields=True):
    """A second-tier customer: a direct or indirect retailer, or both."""

    code: str
    name: str
    kind: SecondTierKind


class Customers(msgspec.Struct):
    """The customers of a dealer."""

    items: list[Customer]
    next: None = None


@get("/api/v1/dealers/{code:str}/lines")
async def list_lines(request: AnyRequest, person: NamedDependency[Person], code: FromPath[str]) -> CarriedLines:
    """The product lines that a dealer carries."""
    require(person, Right.SEE_DEALERS)
    await dealer_by_code(code)
    return await _lines(request, code)


async def _lines(request: AnyRequest, code: str) -> CarriedLines:
    card = await queries.dealer_card(code)
    if card is None:
        return CarriedLines([])
    items = []
    for row in await queries.dealer_lines(card["id"]):
        wanted = None if row["wanted_type"] is None else DealerType(row["wanted_type"])
        mismatch = type_mismatch(DealerType(card["type"]), row["name"], wanted)
        said = None if mismatch is None else language_of(request).tell(mismatch)
        items.append(CarriedLine(row["code"], row["name"], row["wanted_type"], said))
    return CarriedLines(items)


@put("/api/v1/dealers/{code:str}/lines")
async def carry_lines(
    request: AnyRequest, person: NamedDependency[Person], code: FromPath[str], data: JSONBody[Lines]
) -> CarriedLines:
    """Exactly these product lines are carried from now on."""
    await service.carry_lines(person, code, data.lines)
    return await _lines(request, code)


async def _contacts(code: str) -> Contacts:
    dealer = await dealer_by_code(code)
    return Contacts([Contact(**dict(row)) for row in await queries.contacts(dealer["id"])])


@get("/api/v1/dealers/{code:str}/contacts")
async def list_contacts(person: NamedDependency[Person], code: FromPath[str]) -> Contacts:
    """The people at a dealer."""
    require(person, Right.SEE_DEALERS)
    return await _contacts(code)


@post("/api/v1/dealers/{code:str}/contacts")
async def add_contact(person: NamedDependency[Person], code: FromPath[str], data: JSONBody[NewContact]) -> Contacts:
    """Add a contact."""
    await service.keep_contact(person, code, name=data.name, role=data.role, phone=data.phone, email=data.email)
    return await _contacts(code)


@put("/api/v1/dealers/{code:str}/contacts/{contact_id:int}")
async def change_contact(
    person: NamedDependency[Person], code: FromPath[str], contact_id: FromPath[int], data: JSONBody[ChangedContact]
) -> Contacts:
    """Change a contact."""
    await service.keep_contact(
        person,
        code,
        name=data.name,
        role=data.role,
        phone=data.phone,
        email=data.email,
        contact_id=contact_id,
        opened=None if data.opened is None else msgspec.structs.asdict(data.opened),
    )
    return await _contacts(code)


@delete("/api/v1/dealers/{code:str}/contacts/{contact_id:int}")
async def remove_contact(person: NamedDependency[Person], code: FromPath[str], contact_id: FromPath[int]) -> None:
    """Take out a contact."""
    await service.remove_contact(person, code, contact_id)


async def _customers(code: str) -> Customers:
    dealer = await dealer_by_code(code)
    rows = await queries.second_tier(dealer["id"])
    return Customers([Customer(row["code"], row["name"], SecondTierKind(row["kind"])) for row in rows])


@get("/api/v1/dealers/{code:str}/second-tier")
async def list_second_tier(person: NamedDependency[Person], code: FromPath[str]) -> Customers:
    """The customers of a dealer."""
    require(person, Right.SEE_DEALERS)
    return await _customers(code)


@post("/api/v1/dealers/{code:str}/second-tier")
async def keep_second_tier(person: NamedDependency[Person], code: FromPath[str], data: JSONBody[Customer]) -> Customers:
    """Add a customer of a dealer, or change the one with this code."""
    await service.keep_second_tier(person, code, data.code, data.name, data.kind)
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

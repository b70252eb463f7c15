"""The contact log over the API."""

from datetime import date, datetime

import msgspec
from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from channel import web
from channel.access.rules import Person
from channel.access.rules.signing_in import plain_login
from channel.lists import Page, Wanted
from channel.receivables.acts.contact_log import CorrectContact, LogContact
from channel.receivables.lists.contact_log import CONTACT_LOG
from channel.receivables.queries.contact_log import ContactFilter
from channel.receivables.rules.contact_log import ContactKind, ContactOutcome
from channel.receivables.service import contact_log as service
from channel.receivables.service.documents import dealer_asked
from channel.view import View

_AT = "/api/v1/receivables/contact-log"
_OF_DEALER = "/api/v1/receivables/dealers/{code:str}/contact-log"


class ContactRow(msgspec.Struct):
    """A contact with a dealer. `at_time` is by the company's clock, null where nobody said it.

    `contact` is the number of whom of the dealer's contacts it was with, and `with_whom` his name as it was, or that of
    somebody else. `supersedes` is the entry in whose place this one stands, for the `reason`.
    """

    id: int
    dealer: str
    kind: ContactKind
    outcome: ContactOutcome
    took_place_on: date
    at_time: str | None
    contact: int | None
    with_whom: str | None
    said: str | None
    next_step: str | None
    next_on: date | None
    supersedes: int | None
    reason: str | None
    recorded_at: datetime | None
    actor: str


class ContactSaid(msgspec.Struct):
    """An entry, whether it stands, and all that stood in its place before and after, the first one first."""

    entry: ContactRow
    stands: bool
    every: list[ContactRow]


class Logged(msgspec.Struct):
    """Under which number the entry stands."""

    id: int


@get(_AT, dependencies=web.list_asked(CONTACT_LOG, 200))
async def list_contact_log(
    person: NamedDependency[Person],
    wanted: NamedDependency[Wanted],
    view: NamedDependency[View],
    dealer: FromQuery[str | None] = None,
    kind: FromQuery[ContactKind | None] = None,
    outcome: FromQuery[ContactOutcome | None] = None,
    actor: FromQuery[str | None] = None,
    from_on: FromQuery[date | None] = None,
    until: FromQuery[date | None] = None,
) -> Page[ContactRow]:
    """Contacts with dealers up to a day as known at a moment, the latest first.

    Asked by dealer, kind, outcome, the sign-in name of who wrote them (`actor`) and the days on which they took place.
    """
    by = plain_login(actor) if actor else None
    asked = ContactFilter(await dealer_asked(dealer), kind, outcome, by, from_on, until)
    return (await service.contact_log(person, asked, wanted, view)).as_(ContactRow)


@get(_OF_DEALER, dependencies=web.list_asked(CONTACT_LOG, 200))
async def list_contact_log_of_dealer(
    person: NamedDependency[Person],
    wanted: NamedDependency[Wanted],
    view: NamedDependency[View],
    code: FromPath[str],
    kind: FromQuery[ContactKind | None] = None,
) -> Page[ContactRow]:
    """Contacts with one dealer, the latest first."""
    asked = ContactFilter(await dealer_asked(code), kind)
    return (await service.contact_log(person, asked, wanted, view)).as_(ContactRow)


@post(_OF_DEALER)
async def log_contact(person: NamedDependency[Person], code: FromPath[str], data: JSONBody[LogContact]) -> Logged:
    """Write down a contact with a dealer; it is never edited, only corrected by another entry."""
    return Logged(await service.log_contact(person, code, data))


@get(f"{_AT}/{{entry:int}}")
async def show_contact_entry(person: NamedDependency[Person], entry: FromPath[int]) -> ContactSaid:
    """One entry with its corrections."""
    told = await service.entry_told(person, entry)
    names = ContactRow.__struct_fields__
    every = [ContactRow(**{name: row[name] for name in names}) for row in told.every]
    return ContactSaid(next(each for each in every if each.id == entry), told.stands, every)


@post(f"{_AT}/{{entry:int}}/correct")
async def correct_contact(
    person: NamedDependency[Person], entry: FromPath[int], data: JSONBody[CorrectContact]
) -> Logged:
    """Put another entry in the place of one that is wrong; all of it is given anew."""
    return Logged(await service.correct_contact(person, entry, data))


ROUTES = (list_contact_log, list_contact_log_of_dealer, log_contact, show_contact_entry, correct_contact)

"""The contact log: contacts with dealers written down, corrected by further entries, and told."""

from collections.abc import Sequence
from dataclasses import dataclass

from asyncpg import Record

from channel import clock
from channel.access import service as access
from channel.access.rules import Person, Right, require
from channel.database import db
from channel.database.snapshots import known_as, view_of
from channel.errors import Conflict, Invalid, NotFound, invalid, m
from channel.lists import Page, Wanted
from channel.receivables.acts.contact_log import CorrectContact, LogContact
from channel.receivables.queries import contact_log as queries
from channel.receivables.queries.accounts import lock_accounts
from channel.receivables.queries.contact_log import ContactFilter, NewContact
from channel.receivables.rules.contact_log import Contact, contact_faults
from channel.receivables.service.next_steps import drop_next_step, finish_next_step, open_next_step
from channel.receivables.service.posting import dealers_named
from channel.view import View

_LOG, _CORRECT = "log contact", "correct contact"


@dataclass(frozen=True, slots=True)
class EntryTold:
    """An entry with all that stood in its place before and after, the first one first."""

    row: Record
    every: Sequence[Record]

    @property
    def stands(self) -> bool:
        """Whether nothing stands in its place."""
        return bool(self.every[-1]["id"] == self.row["id"])


async def contact_log(person: Person, asked: ContactFilter, wanted: Wanted, view: View | None = None) -> Page[Record]:
    """Entries in the person's scope that stood in a view (today's as known now, if None)."""
    require(person, Right.SEE_RECEIVABLES)
    async with known_as(view or view_of()) as fixed:
        return await queries.contact_log_listed(asked, fixed, wanted)


async def entry_told(person: Person, entry_id: int) -> EntryTold:
    """One entry, and its corrections; `NotFound` where there is none such in scope."""
    require(person, Right.SEE_RECEIVABLES)
    row = await _existing(entry_id)
    return EntryTold(row, await queries.corrections_of(row["dealer_id"], entry_id))


async def _existing(entry_id: int) -> Record:
    row = await queries.contact_entry(entry_id)
    if row is None:
        raise NotFound(m("There is no entry %(number)s in the contact log.", number=str(entry_id)))
    return row


async def log_contact(person: Person, code: str, act: LogContact) -> int:
    """Write down a contact with a dealer; the entry's number."""
    require(person, Right.LOG_CONTACTS)
    async with db.transaction():
        dealer = (await dealers_named([code]))[code]
        new = await _checked(dealer["id"], act)
        posting_id = await access.open_posting(person, _LOG)
        number = await queries.record_contact_entry(new, posting_id)
        if act.task is not None:
            await finish_next_step(person, dealer["id"], act.task, posting_id)
        await open_next_step(person, new, number, act.next_for, posting_id)
        await access.audit(
            person,
            _LOG,
            f"contact entry {number}",
            dealer_ids=[dealer["id"]],
            after=_told(new),
            reason=new.said,
            posting_id=posting_id,
        )
    return number


async def correct_contact(person: Person, entry_id: int, act: CorrectContact) -> int:
    """Put another entry in the place of one; `Conflict` where another stands there already."""
    require(person, Right.LOG_CONTACTS)
    async with db.transaction():
        before = await _existing(entry_id)
        dealer_id = before["dealer_id"]
        await lock_accounts([dealer_id])
        if await queries.is_superseded(dealer_id, entry_id):
            raise Conflict(m("This entry was corrected already."))
        new = await _checked(dealer_id, act, entry_id)
        posting_id = await access.open_posting(person, _CORRECT)
        number = await queries.record_contact_entry(new, posting_id)
        await drop_next_step(dealer_id, entry_id, posting_id)
        await open_next_step(person, new, number, act.next_for, posting_id)
        await access.audit(
            person,
            _CORRECT,
            f"contact entry {number}",
            dealer_ids=[dealer_id],
            before={name: before[name] for name in ("took_place_on", "with_whom", "next_step", "next_on")},
            after=_told(new),
            reason=act.reason,
            posting_id=posting_id,
        )
    return number


def _told(new: NewContact) -> dict[str, object]:
    told = {"contact_kind": new.kind.value, "contact_outcome": new.outcome.value}
    found = {name: getattr(new, name) for name in ("took_place_on", "with_whom", "next_step", "next_on")}
    return told | {name: value for name, value in found.items() if value is not None}


async def _checked(dealer_id: int, act: LogContact, supersedes: int | None = None) -> NewContact:
    """What the act says, complete; `Invalid` with everything that is wrong in it."""
    with_whom, contact_id = act.with_whom, None if act.with_whom else act.contact
    if contact_id is not None:
        found = {row["id"]: row["name"] for row in await queries.people_at(dealer_id)}
        if contact_id not in found:
            raise invalid("contact", m("The dealer has no such contact."))
        with_whom = found[contact_id]
    now = clock.now().astimezone(clock.zone())
    on = act.took_place_on or now.date()
    contact = Contact(on, act.at_time, act.outcome, with_whom, act.said, act.next_step, act.next_on)
    faults = tuple(contact_faults(contact, now))
    if faults:
        raise Invalid(m("The contact cannot be written down so."), faults)
    return NewContact(
        dealer_id,
        act.kind,
        act.outcome,
        on,
        act.at_time,
        contact_id,
        with_whom,
        act.said,
        act.next_step,
        act.next_on,
        supersedes,
        act.reason if isinstance(act, CorrectContact) else None,
    )

"""The contact log: what kinds of contact with a dealer there are, how one came about, and what may be written."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType

from channel.errors import FieldError, Message, m


class ContactKind(StrEnum):
    """How somebody spoke with a dealer; the table holds the same list."""

    CALL = "call"
    MAIL = "mail"
    VISIT = "visit"
    MEETING = "meeting"
    OTHER = "other"


KIND_NAMES: Mapping[ContactKind, Message] = MappingProxyType(
    {
        ContactKind.CALL: m("Call"),
        ContactKind.MAIL: m("Mail"),
        ContactKind.VISIT: m("Visit"),
        ContactKind.MEETING: m("Meeting"),
        ContactKind.OTHER: m("Other"),
    }
)


class ContactOutcome(StrEnum):
    """Who came to whom, or that nobody was reached; the table holds the same list."""

    BY_US = "by_us"
    BY_DEALER = "by_dealer"
    NOT_REACHED = "not_reached"


OUTCOME_NAMES: Mapping[ContactOutcome, Message] = MappingProxyType(
    {
        ContactOutcome.BY_US: m("from us"),
        ContactOutcome.BY_DEALER: m("from the dealer"),
        ContactOutcome.NOT_REACHED: m("nobody reached"),
    }
)


class NextFor(StrEnum):
    """Who is to take the next step."""

    WRITER = "writer"
    RESPONSIBLE = "responsible"


NEXT_FOR_NAMES: Mapping[NextFor, Message] = MappingProxyType(
    {NextFor.WRITER: m("myself"), NextFor.RESPONSIBLE: m("whoever is responsible for the dealer")}
)

_TIME = re.compile(r"([01]?\d|2[0-3])[:.]([0-5]\d)")


def read_time(text: str) -> str | FieldError:
    """A time of day as it is kept, 9:05 and 09.05 as 09:05, or what is wrong with it."""
    found = _TIME.fullmatch(text.strip())
    if found is None:
        return FieldError("at_time", m("%(value)s is not a time.", value=text[:20]), m("A time such as 14:30."))
    return f"{int(found[1]):02}:{found[2]}"


@dataclass(frozen=True, slots=True)
class Contact:
    """What is written about a contact, as far as it is weighed: on which day and at which time it took place."""

    took_place_on: date
    at_time: str | None
    outcome: ContactOutcome
    with_whom: str | None
    said: str | None
    next_step: str | None
    next_on: date | None


def contact_faults(contact: Contact, now: datetime) -> Iterator[FieldError]:
    """What is wrong with it at a moment of the company's clock; nothing where it can be written.

    Where somebody was reached it is told with whom and what was said; a next step has a day, and a day a next step.
    """
    on, today = contact.took_place_on, now.date()
    if on > today:
        yield FieldError("took_place_on", m("It took place today or before."), m("a day up to today"))
    elif on == today and contact.at_time is not None and contact.at_time > f"{now:%H:%M}":
        yield FieldError("at_time", m("This time has not come yet."))
    if contact.outcome is not ContactOutcome.NOT_REACHED:
        if contact.with_whom is None:
            yield FieldError("contact", m("With whom it was is needed."), m("somebody at the dealer's, or a name"))
        if contact.said is None:
            yield FieldError("said", m("What was said is needed."))
    if contact.next_step is not None and contact.next_on is None:
        yield FieldError("next_on", m("A next step has a day."))
    if contact.next_on is not None and contact.next_step is None:
        yield FieldError("next_step", m("What is to be done on that day is needed."))
    if contact.next_on is not None and contact.next_on < on:
        yield FieldError("next_on", m("The next step lies before the contact."), m("from %(on)s on", on=on))

"""The contact log: the bodies of its acts."""

from datetime import date
from typing import Annotated

from channel.acts import Act, Reason, Said
from channel.errors import m
from channel.receivables.rules.contact_log import (
    KIND_NAMES,
    NEXT_FOR_NAMES,
    OUTCOME_NAMES,
    ContactKind,
    ContactOutcome,
    NextFor,
    read_time,
)

_KIND = Said(m("Kind of contact"), choices=KIND_NAMES)
_OUTCOME = Said(m("How it came about"), choices=OUTCOME_NAMES)
_ON = Said(m("Took place on"), hint=m("Today, unless another day is given."), option="--on")
_TIME = Said(m("Time"), hint=m("Such as 14:30, by the company's clock."), read=read_time, longest=20, option="--at")
_CONTACT = Said(m("With whom"), hint=m("One of the dealer's contacts."), low=1, option="--contact")
_NAME = Said(
    m("Or with whom else"), hint=m("A name, which counts in place of the contact."), longest=200, option="--with"
)
_SAID = Said(m("What was said"), note=True)
_NEXT = Said(m("Next step"), hint=m("What is to be done next."), option="--next")
_NEXT_FOR = Said(m("Whose task it is"), choices=NEXT_FOR_NAMES)
_TASK = Said(m("Task that is done by it"), hint=m("The number of a next step with this dealer."), low=1)
_NEXT_ON = Said(m("Day of the next step"), option="--next-on")


class LogContact(Act, frozen=True, kw_only=True):
    """A contact with a dealer as it took place; it is never edited, and an entry that is wrong is corrected by another.

    `contact` is the number of one of the dealer's contacts; a name in `with_whom` counts in his place.
    A next step becomes a task with its day; `task` is one that is done by this contact.
    """

    kind: Annotated[ContactKind, _KIND] = ContactKind.CALL
    outcome: Annotated[ContactOutcome, _OUTCOME]
    took_place_on: Annotated[date | None, _ON] = None
    at_time: Annotated[str | None, _TIME] = None
    contact: Annotated[int | None, _CONTACT] = None
    with_whom: Annotated[str | None, _NAME] = None
    said: Annotated[str | None, _SAID] = None
    next_step: Annotated[str | None, _NEXT] = None
    next_on: Annotated[date | None, _NEXT_ON] = None
    next_for: Annotated[NextFor, _NEXT_FOR] = NextFor.WRITER
    task: Annotated[int | None, _TASK] = None


class CorrectContact(LogContact, frozen=True, kw_only=True):
    """What stands in place of an entry: all of it is given anew."""

    reason: Reason

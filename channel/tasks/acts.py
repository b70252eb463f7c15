"""The acts on tasks and on the company's calendar: their bodies."""

from collections.abc import Iterable
from datetime import date
from typing import Annotated

import msgspec

from channel.access.acts import Because
from channel.access.rules.mail import read_mail
from channel.acts import LONGEST_TEXT, Act, Reason, Said, read_code
from channel.codes import LONGEST
from channel.errors import FieldError, m
from channel.tasks.rules.working_days import LONGEST_WORDS, MOST_DAYS, WEEKDAYS

MOST_AT_ONCE = 200
"""So many tasks are handed on together."""

_MEMBER = Said(
    m("Member of staff"),
    hint=m("The code of who is to do it; he must be able to see the dealer."),
    longest=LONGEST,
    read=read_code,
)


class FinishTask(Act, frozen=True, kw_only=True):
    """It is done; what came of it can be said."""

    note: Annotated[
        Annotated[str, msgspec.Meta(max_length=LONGEST_TEXT)] | None, Said(m("What came of it"), note=True)
    ] = None


class PutOffTask(Act, frozen=True, kw_only=True):
    """It is to be done by a later working day."""

    until: Annotated[date, Said(m("Until"), hint=m("A working day after the one on which it is due."))]
    reason: Reason


class HandOnTask(Act, frozen=True, kw_only=True):
    """Another is to do it, by the same day."""

    member: Annotated[str, _MEMBER]
    reason: Reason


class HandOnTasks(HandOnTask, frozen=True, kw_only=True):
    """Another is to do all of these: either all of them are handed on or none."""

    tasks: Annotated[list[int], Said(m("Tasks"), hint=m("Their numbers."), option="--task")]

    def between(self) -> Iterable[FieldError]:
        """There are some, and not more than are handed on together."""
        if not self.tasks:
            yield FieldError("tasks", m("No task is chosen."))
        if len(self.tasks) > MOST_AT_ONCE:
            most = m("at most %(most)s at once", most=MOST_AT_ONCE)
            yield FieldError("tasks", m("These are too many tasks."), most)


class AddTask(Act, frozen=True, kw_only=True):
    """Somebody is to do something by a day, or within so many working days: oneself, or one of one's people."""

    what: Annotated[str, Said(m("What is to be done"), note=True)]
    due_on: Annotated[date | None, Said(m("Due on"), hint=m("A working day."), option="--due")] = None
    within_days: Annotated[
        int | None,
        Said(m("Within working days"), hint=m("In place of a day; 0 is today, if that is one."), low=0, high=MOST_DAYS),
    ] = None
    dealer: Annotated[
        str | None, Said(m("Dealer"), hint=m("The code of the dealer it is about, if any."), longest=LONGEST)
    ] = None
    member: Annotated[
        str | None,
        Said(
            m("Member of staff"),
            hint=m("The code of one of your people; without it the task is your own."),
            longest=LONGEST,
            read=read_code,
        ),
    ] = None

    def between(self) -> Iterable[FieldError]:
        """Its day is said in one of two ways."""
        if (self.due_on is None) == (self.within_days is None):
            yield FieldError("due_on", m("Either a day or a number of working days is needed."))


class SetWorkingWeek(Act, frozen=True, kw_only=True):
    """On which weekdays the company works."""

    weekdays: Annotated[list[int], Said(m("Working days of the week"), choices=WEEKDAYS, option="--day")]
    reason: Reason

    def between(self) -> Iterable[FieldError]:
        """On one of them at least, or nothing would ever be due."""
        if not self.weekdays:
            yield FieldError("weekdays", m("The company works on one day of the week at least."))


class SetEscalation(Act, frozen=True, kw_only=True):
    """After how many working days a late task is shown to the manager."""

    escalate_days: Annotated[
        int,
        Said(m("Escalated after"), hint=m("Working days after the one on which it is due."), low=1, high=60),
    ]
    reason: Reason


class SetCompanyDay(Act, frozen=True, kw_only=True):
    """The company does not work on a date, or works though its weekday says otherwise; said anew it is corrected."""

    day: Annotated[date, Said(m("Day"))]
    words: Annotated[str, Said(m("What it is"), hint=m("Such as the name of the holiday."), longest=LONGEST_WORDS)]
    works: Annotated[
        bool, Said(m("The company works on it"), hint=m("Otherwise it is a day off."), option="--works")
    ] = False


class TakeBackDay(Act, frozen=True, kw_only=True):
    """The date is again as its weekday says."""

    day: Annotated[date, Said(m("Day"))]
    reason: Reason


class SendAgain(Act, frozen=True, kw_only=True):
    """A mail that did not leave is to try it once more."""

    reason: Because = None


class SendTest(Act, frozen=True, kw_only=True):
    """Where a mail goes that says only that it came."""

    address: Annotated[str, Said(m("E-mail"), read=read_mail, keys="email")]

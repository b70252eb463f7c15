"""The day and the moment that are asked about: read, checked and settled in one place for every face.

`as_of` is a business date. `known_at` is a moment: one without a time zone is in the company's, a date alone means its
end there (of today: now), and one that has not come yet is refused, because nobody knows what will be known then.
Before anything is read as known at a moment, every posting that was stamped up to it is waited for, so that nothing
recorded by then is missed.
"""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated

from litestar.params import QueryParameter

from channel import clock
from channel.acts import A_DAY, day_fault
from channel.database import db
from channel.database.snapshots import view_of
from channel.errors import Invalid, Message, invalid, m
from channel.view import KNOWN_SAID, View

A_MOMENT: Message = m("A moment such as 2013-01-31T08:00, or a date, which means its end.")
_A_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def read_day(given: Mapping[str, str | None], field: str) -> date | None:
    """The day in a field of a form or an address; None where it is empty, `Invalid` where it is no day of business."""
    text = (given.get(field) or "").strip()
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise invalid(field, m("This is no date."), A_DAY) from None
    check_day(field, day)
    return day


def check_day(field: str, day: date) -> None:
    """Refuse a day that can only be a slip of the pen."""
    fault = day_fault(field, day)
    if fault is not None:
        raise Invalid(m("The input cannot be used."), (fault,))


async def read_moment(given: Mapping[str, str | None], field: str) -> datetime | None:
    """The moment in a field; `Invalid` where it is none or has not come yet.

    None, which is now, where the field is empty or holds today's date.
    """
    text = (given.get(field) or "").strip()
    if not text:
        return None
    try:
        if _A_DATE.fullmatch(text):
            day = date.fromisoformat(text)
            return None if day == clock.today() else await checked_moment(_end_of(day), field)
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise invalid(field, m("This is no moment."), A_MOMENT) from None
    return await checked_moment(moment, field)


def _end_of(day: date) -> datetime:
    """The last moment of a day in the company's time zone: whatever is recorded at midnight belongs to the next."""
    check_day("known_at", day)
    midnight = datetime.combine(day + timedelta(days=1), time(), clock.zone())
    return midnight.astimezone(UTC) - timedelta(microseconds=1)


async def checked_moment(moment: datetime, field: str) -> datetime:
    """A moment that has come, in UTC; one without a time zone is in the company's.

    What was handed out as known has come, although the clock may have gone back since.
    """
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=clock.zone())
    check_day(field, moment.date())
    moment = moment.astimezone(UTC)
    if moment > clock.now() and moment > await db.latest_moment():
        raise invalid(field, m("Nobody knows yet what will be known then."), m("a moment that has passed"))
    return moment


def asked_moment(name: str) -> QueryParameter:
    """A moment in an address, read by this module and told as such to whoever reads what the API looks like."""
    return QueryParameter(name=name, description=KNOWN_SAID)


AsOf = Annotated[
    str | None,
    QueryParameter(name="as_of", description="The business date, by default today.", schema_extra={"format": "date"}),
]


async def as_of_asked(as_of: AsOf = None) -> date | None:
    """The day that an address asks about, for handlers that name `as_of_day`."""
    return read_day({"as_of": as_of}, "as_of")


KnownAt = Annotated[str | None, asked_moment("known_at")]


async def view_asked(as_of: AsOf = None, known_at: KnownAt = None) -> View:
    """The day and the moment that an address asks about, for handlers that name `view`.

    They read in a snapshot of it (`snapshots.known_as`), or as known at its moment once that is settled.
    """
    return view_of(await as_of_asked(as_of), await read_moment({"known_at": known_at}, "known_at"))


async def view_given(as_of: date | None, known_at: str | None) -> View:
    """The day and the moment that the body of an act names."""
    return view_of(as_of, await read_moment({"known_at": known_at}, "known_at"))


async def known_at_asked(known_at: KnownAt = None) -> datetime | None:
    """The moment that an address asks about, settled, for handlers that name `known_moment` and no day."""
    moment = await read_moment({"known_at": known_at}, "known_at")
    if moment is not None:
        await db.settle(moment)
    return moment

"""What both faces of this room read of a request."""

from datetime import date, datetime, time, timedelta
from typing import Annotated, Any

from litestar import Request
from litestar.params import FromQuery, QueryParameter

from channel import clock
from channel.access.queries import AuditFilter
from channel.access.service import Keyed
from channel.access.trail_words import acts_said
from channel.web import LANGUAGES, language
from channel.web.moments import read_day

_A_DAY = {"format": "date"}


async def audit_filter(
    from_: Annotated[str | None, QueryParameter(name="from", schema_extra=_A_DAY)] = None,
    to: Annotated[str | None, QueryParameter(schema_extra=_A_DAY)] = None,
    actor: FromQuery[str | None] = None,
    act: FromQuery[str | None] = None,
    subject: FromQuery[str | None] = None,
    dealer: FromQuery[str | None] = None,
    q: FromQuery[str | None] = None,
) -> AuditFilter:
    """What is asked of the trail: days of the company's time zone, both included; exact names; text in any part.

    Acts are found by their words as well, in every language offered: who searches has read one of them.
    """
    first, last = read_day({"from": from_}, "from"), read_day({"to": to}, "to")
    return AuditFilter(
        since=None if first is None else _start_of(first),
        until=None if last is None else _start_of(last + timedelta(days=1)),
        actor=actor or None,
        act=act or None,
        subject=subject or None,
        dealer=dealer or None,
        text=q or None,
        said=tuple({code: None for each in LANGUAGES for code in acts_said(q, language(each).tell)}) if q else (),
    )


def _start_of(day: date) -> datetime:
    return datetime.combine(day, time(), clock.zone())


def address_of(request: "Request[Any, Any, Any]") -> str:
    """The network address a request came from; behind a proxy the server puts the client's here."""
    return request.client.host if request.client else "unknown"


def keyed_of(request: "Request[Any, Any, Any]") -> Keyed | None:
    """The request under its key, where it has one and nobody is known by whose it is: whoever signs in claims it."""
    found: Keyed | None = request.state.get("keyed")
    return found

"""What both faces of this room read of a request."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any

from asyncpg import Record
from litestar import Request
from litestar.params import FromQuery, QueryParameter

from channel import clock
from channel.access.queries import AuditFilter
from channel.access.service import Keyed
from channel.access.trail_words import acts_said
from channel.digits import whole_number
from channel.errors import invalid, m
from channel.given import packed, unpacked
from channel.web import LANGUAGES, language
from channel.web.moments import read_day

_A_DAY = {"format": "date"}


def audit_filter(
    from_: Annotated[str | None, QueryParameter(name="from", schema_extra=_A_DAY)] = None,
    to: Annotated[str | None, QueryParameter(schema_extra=_A_DAY)] = None,
    actor: FromQuery[str | None] = None,
    act: FromQuery[str | None] = None,
    subject: FromQuery[str | None] = None,
    dealer: FromQuery[str | None] = None,
    q: FromQuery[str | None] = None,
    cursor: FromQuery[str | None] = None,
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
        after=read_cursor(cursor) if cursor else None,
    )


def _start_of(day: date) -> datetime:
    return datetime.combine(day, time(), clock.zone())


def cursor_behind(row: Record) -> str:
    """The cursor with which the list goes on behind this line."""
    return packed(f"{row['at'].isoformat()} {row['trail']} {row['id']}".encode())


def read_cursor(cursor: str) -> tuple[datetime, str, int]:
    """The place that a cursor names; one that is not ours raises Invalid."""
    try:
        at, trail, line_id = (unpacked(cursor) or b"").decode().split(" ")
        moment, number = datetime.fromisoformat(at).astimezone(UTC), whole_number(line_id)
    except (ValueError, OverflowError):
        number = None
    if number is None:
        raise invalid("cursor", m("This is not a cursor of this list."))
    return moment, trail, number


def address_of(request: "Request[Any, Any, Any]") -> str:
    """The network address a request came from; behind a proxy the server puts the client's here."""
    return request.client.host if request.client else "unknown"


def keyed_of(request: "Request[Any, Any, Any]") -> Keyed | None:
    """The request under its key, where it has one and nobody is known by whose it is: whoever signs in claims it."""
    found: Keyed | None = request.state.get("keyed")
    return found

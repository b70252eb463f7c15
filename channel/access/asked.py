"""What both faces of this room read of a request, and how they write the trail into files."""

import base64
import binascii
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any

import msgspec
from asyncpg import Record
from litestar import Request
from litestar.params import FromQuery, QueryParameter

from channel import clock
from channel.access.queries import AuditFilter
from channel.access.trail_words import acts_said
from channel.errors import invalid, m
from channel.files import Cell
from channel.web import LANGUAGES, language

HEADER = (
    "at",
    "actor",
    "role",
    "via",
    "act",
    "subject",
    "dealer",
    "before",
    "after",
    "reason",
    "posting",
    "trail",
    "id",
)


def audit_filter(
    from_: Annotated[date | None, QueryParameter(name="from")] = None,
    to: FromQuery[date | None] = None,
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
    return AuditFilter(
        since=None if from_ is None else _start_of(from_),
        until=None if to is None else _start_of(to + timedelta(days=1)),
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
    text = f"{row['at'].isoformat()} {row['trail']} {row['id']}"
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read_cursor(cursor: str) -> tuple[datetime, str, int]:
    """The place that a cursor names; one that is not ours raises Invalid."""
    try:
        at, trail, line_id = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode().split(" ")
        return datetime.fromisoformat(at).astimezone(UTC), trail, int(line_id)
    except (binascii.Error, ValueError, OverflowError):
        raise invalid("cursor", m("This is not a cursor of this list.")) from None


def file_rows(rows: Sequence[Record]) -> Iterator[Sequence[Cell]]:
    """The lines as a file holds them; values before and after as JSON."""
    for r in rows:
        yield (
            r["at"],
            r["actor"],
            r["actor_role"],
            r["via"],
            r["act"],
            r["subject"],
            r["dealer"],
            _as_json(r["before"]),
            _as_json(r["after"]),
            r["reason"],
            r["posting_id"],
            r["trail"],
            r["id"],
        )


def _as_json(value: object) -> str | None:
    return None if value is None else msgspec.json.encode(value).decode()


def address_of(request: "Request[Any, Any, Any]") -> str:
    """The network address a request came from; behind a proxy the server puts the client's here."""
    return request.client.host if request.client else "unknown"

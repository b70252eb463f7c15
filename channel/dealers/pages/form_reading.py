"""What the pages of this room have in common: forms read, choices named, places to choose from."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from asyncpg import Record
from litestar import Request

from channel import clock, web
from channel.access import queries as tree
from channel.access.queries import staff
from channel.access.rules import Right
from channel.access.rules.staff import Standing
from channel.dealers.lists import CARRIED, CONTACTS, CUSTOMERS, FACTS, GRANTS
from channel.dealers.rules import (
    ALLOWED_STATUS_CHANGES,
    DEALER_TYPE_NAMES,
    FACT_NAMES,
    GRADES,
    REPORT_NAMES,
    STATUS_ASKED_NAMES,
    STATUS_NAMES,
    TRAIT_CHOICES,
    TRAIT_NAMES,
    Fact,
    Status,
    due_day_agreed,
)
from channel.dealers.rules.responsible import NOBODY
from channel.errors import Message, m

AnyRequest = Request[Any, Any, Any]

STATUS_KINDS: Mapping[str, str] = MappingProxyType(
    {"prospect": "accent", "active": "good", "on hold": "warn", "ended": ""}
)
WORDS: Mapping[str, Any] = MappingProxyType(
    {
        "types": DEALER_TYPE_NAMES,
        "statuses": STATUS_NAMES,
        "status_kinds": STATUS_KINDS,
        "facts": FACT_NAMES,
        "traits": TRAIT_NAMES,
        "trait_choices": TRAIT_CHOICES,
        "grades": GRADES,
        "reports": REPORT_NAMES,
        "due_day": due_day_agreed(None),
        "status_acts": {
            Status.ACTIVE: m("Make active"),
            Status.ON_HOLD: m("Put on hold"),
            Status.ENDED: m("End the cooperation"),
            Status.PROSPECT: m("Make a prospect again"),
        },
        "parts": {
            **TRAIT_NAMES,
            "grade": FACT_NAMES[Fact.GRADE],
            "lines": m("Product lines"),
            "contacts": m("Contacts"),
        },
        "next_statuses": lambda status: [s for s in Status if s in ALLOWED_STATUS_CHANGES[Status(status)]],
        "decimal": Decimal,
        "lists": {each.name: each for each in (GRANTS, FACTS, CARRIED, CONTACTS, CUSTOMERS)},
    }
)
"""Names of everything that the templates of this room show; they are handed in as `words` (by `shared`)."""


def choices(request: AnyRequest, names: Mapping[Any, Message]) -> list[tuple[str, str]]:
    """(value, name in the reader's language) of a choice."""
    told = web.language_of(request)
    return [(str(value), told.tell(name)) for value, name in names.items()]


def shared(request: AnyRequest) -> dict[str, Any]:
    """What every template of this room may show: the words, the choices, the rights, today."""
    told = web.language_of(request)
    grades = [(grade, grade) for grade in GRADES]
    return {
        "words": WORDS,
        "right": Right,
        "today": clock.today(),
        "type_choices": choices(request, DEALER_TYPE_NAMES),
        "status_choices": choices(request, STATUS_NAMES),
        "status_filter": choices(request, STATUS_ASKED_NAMES),
        "grade_choices": grades,
        "grade_filter": [*grades, ("none", told.tell(m("not graded")))],
    }


def line_choices(lines: Iterable[Record]) -> list[tuple[str, str]]:
    """(code, name) of product lines."""
    return [(line["code"], line["name"]) for line in lines]


async def places() -> list[tuple[str, str]]:
    """(code, path) of the territories that the person may see; within his own ones where he is bound to some."""
    return [(row["code"], row["path"]) for row in await tree.territories()]


async def members(present: str | None = None) -> list[tuple[str, str]]:
    """(code, name with code) of who can look after a dealer: all who have not left, and whoever does at present."""
    today = clock.today()
    everybody = (await staff.whole_register(today)).values()
    return [
        (each.code, f"{each.name} ({each.code})")
        for each in everybody
        if each.code == present or each.standing(today) is not Standing.LEFT
    ]


async def member_filter(request: AnyRequest) -> list[tuple[str, str]]:
    """What a list can be filtered by: every member of staff, and that nobody is responsible."""
    nobody = web.language_of(request).tell(m("nobody responsible"))
    return [*((row["code"], row["name"]) for row in await staff.names()), (NOBODY, nobody)]

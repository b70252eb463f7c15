"""What a desk shows: what waits for a decision, what is late, what has changed, and the figures of the scope."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import msgspec
from asyncpg import Record

from channel import clock
from channel.access.queries.trail import AuditFilter, audit_lines
from channel.access.rules import Person, Right, Role, require
from channel.consent.rules import since_asked
from channel.consent.service import Open, open_for
from channel.credit.queries import limits as limit_queries
from channel.credit.queries.limits import InForce
from channel.credit.rules import POLICY
from channel.database.snapshots import known_as, view_of
from channel.dealers.queries.masters import company_currency
from channel.desk import queries
from channel.desk.rules import YEAR, Year, compute_year
from channel.errors import Message
from channel.lists import Page, Wanted
from channel.panels import Deciding, Panel, Waiting, WaitingItem
from channel.periods import Month, complete_months_before
from channel.sales.queries import coverage as coverage_queries
from channel.sales.queries import months as month_queries
from channel.sales.rules import KINDS, OwedReports
from channel.sales.service.views import chased
from channel.versions import queries as version_queries
from channel.versions.service import read_version

ENDING_DAYS = 30
"""Limits that end within so many days are told on the desk."""
_CHASED_MONTHS = 3
_SHOWN = 8
_ENDING_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Figures:
    """The band: all in the person's scope, amounts in company currency (None while the company has none).

    Dealers are those that have not ended, limits those above 0 of such dealers, and a report of one kind that a dealer
    owes is one, of however many months: each number is that of the rows in the list it leads to.
    """

    currency: str | None
    sell_in: Year
    months: tuple[Month, ...]
    sell_in_by_month: tuple[Decimal | None, ...]
    wholesale: int
    terminal: int
    limits: int
    limits_amount: Decimal | None
    limits_ending: int
    missing_reports: int
    missing_months: int
    late_reports: int

    @property
    def dealers(self) -> int:
        """All who have not ended."""
        return self.wholesale + self.terminal


@dataclass(frozen=True, slots=True)
class Waits:
    """The first items of one sort that wait for this person, and how many there are."""

    of: Waiting
    items: tuple[WaitingItem, ...]
    count: int

    @property
    def more(self) -> Message | None:
        """That further ones are not shown."""
        return self.of.more(self.count - len(self.items)) if self.count > len(self.items) else None


@dataclass(frozen=True, slots=True)
class Decisions:
    """What of one kind is open: the first that wait for this person's word, and what he asked for himself."""

    of: Deciding
    open: Open
    rows: tuple[Any, ...]
    items: tuple[WaitingItem, ...]
    own: tuple[WaitingItem, ...]


_deciding: list[Deciding] = []
_waiting: list[Waiting] = []
_panels: list[Panel] = []


def use_panels(deciding: Sequence[Deciding], waiting: Sequence[Waiting], panels: Sequence[Panel]) -> None:
    """Set what the rooms put on the desk; once, when the app is put together."""
    _deciding[:], _waiting[:], _panels[:] = deciding, waiting, panels


@dataclass(frozen=True, slots=True)
class Desk:
    """The desk of one person. Lists are the first few of what there is; the counts are of all.

    `decisions` are what waits for a second person's word, kind by kind; `grade_unless_set` is what a new dealer without
    a grade counts as, None where no policy is effective; `ending` are limits that end before the day `ends_before`;
    `begun` says which first steps are done, while there is no dealer or no report yet, to who sees the whole company.
    `waits` and `panels` are what the rooms put here.
    """

    today: date
    at: datetime
    figures: Figures
    decisions: tuple[Decisions, ...]
    ungraded: tuple[Record, ...]
    ungraded_count: int
    grade_unless_set: str | None
    late: tuple[OwedReports, ...]
    ending: tuple[Record, ...]
    ends_before: date
    acts: tuple[Record, ...]
    reports: tuple[Record, ...]
    people: Record | None
    trail: tuple[Record, ...]
    begun: Record | None
    waits: tuple[Waits, ...]
    panels: tuple[tuple[Panel, Page[Any]], ...]

    @property
    def waiting(self) -> int:
        """How many things wait for this person; what he proposed himself waits for somebody else."""
        to_decide = sum(each.open.waiting for each in self.decisions)
        return to_decide + self.ungraded_count + sum(each.count for each in self.waits)

    def named(self, name: str) -> Decisions:
        """Those of the kind that rooms brought under this name."""
        return next(each for each in self.decisions if each.of.name == name)


async def desk_of(person: Person) -> Desk:
    """What waits for this person today, what is late and what has changed, in the person's scope."""
    require(person, Right.SEE_DEALERS)
    async with known_as(view_of()):
        return await _desk_of(person)


async def _desk_of(person: Person) -> Desk:
    today, now = clock.today(), clock.now()
    months = complete_months_before(today, 2 * YEAR)
    owing = complete_months_before(today, _CHASED_MONTHS)
    ends_before = today + timedelta(days=ENDING_DAYS)
    keeps = person.may(Right.KEEP_DEALERS)
    currency = await company_currency()
    totals = await month_queries.company_totals(["sell-in"], months[0], months[-1])
    counts = await queries.dealer_states()
    held = await limit_queries.limits_summed(today, ends_before)
    owed = [await coverage_queries.owed_reports(month, KINDS) for month in owing]
    ending = await limit_queries.limits_in_force(InForce(today, ends_before, at_work=True), Wanted(limit=_ENDING_SHOWN))
    asked = await open_for(person, [each.kind for each in _deciding], _SHOWN)
    in_force = await version_queries.in_force(POLICY.code, "", [view_of()]) if keeps else None
    ungraded = await queries.ungraded(_SHOWN) if keeps else []
    acts = await queries.last_acts(_SHOWN)
    reports = await coverage_queries.reports(None, None, Wanted(limit=_SHOWN), counted=False)
    kept = person.may(Right.KEEP_PEOPLE)
    trail = (await audit_lines(AuditFilter(), Wanted(limit=_SHOWN))).items if person.role is Role.AUDITOR else []
    people = await queries.people_counted(now) if kept else None
    begun = None if person.bound else await queries.begun()
    late = chased(list(zip(owing, owed, strict=True)), today)
    return Desk(
        today,
        now,
        _figures(currency, totals, months, (counts, held), late),
        tuple([await _decisions(each, asked[each.kind.code]) for each in _deciding]),
        tuple(ungraded),
        counts["ungraded"] if counts and keeps else 0,
        _grade_unless_set(in_force[0] if in_force else None),
        tuple(each for each in late if each.days_late),
        tuple(ending.items),
        ends_before,
        tuple(acts),
        tuple(reports.items),
        people,
        tuple(trail),
        _beginning(begun),
        tuple([await _waits(each) for each in _waiting if person.may(each.right)]),
        tuple([panel for panel in [await _panel(each) for each in _panels if person.may(each.right)] if panel]),
    )


async def _decisions(deciding: Deciding, found: Open) -> Decisions:
    numbers = (*found.first, *found.own)
    rows = {row["id"]: row for row in await deciding.read(numbers)} if numbers else {}
    first, own = ([rows[number] for number in some] for some in (found.first, found.own))
    own_items = [msgspec.structs.replace(deciding.item(row), why=since_asked(row)) for row in own]
    return Decisions(deciding, found, tuple(first), tuple(deciding.item(row) for row in first), tuple(own_items))


async def _panel(panel: Panel) -> tuple[Panel, Page[Any]] | None:
    rows = list(await panel.find(_SHOWN))
    return None if panel.unless_empty and not rows else (panel, Page(rows))


async def _waits(waiting: Waiting) -> Waits:
    rows = await waiting.find(_SHOWN)
    return Waits(waiting, tuple(waiting.item(row) for row in rows), rows[0]["found"] if rows else 0)


def _grade_unless_set(in_force: Record | None) -> str | None:
    return (
        None
        if in_force is None or in_force["version"] is None
        else read_version(POLICY, in_force).document.new_dealer.grade_unless_set
    )


def _beginning(begun: Record | None) -> Record | None:
    """The first steps, until there are dealers and reports of them."""
    return None if begun is None or (begun["dealers"] and begun["reports"]) else begun


def _figures(
    currency: str | None,
    totals: Sequence[Record],
    months: tuple[Month, ...],
    counts: tuple[Record | None, Record | None],
    late: Sequence[OwedReports],
) -> Figures:
    by_month = {Month.of(row["month"]): row["company_amount"] for row in totals}
    row = tuple(by_month.get(month) for month in months)
    states, held = counts
    if states is None or held is None:  # aggregates without groups always give a row
        raise RuntimeError("no row")
    return Figures(
        currency,
        compute_year(row),
        months,
        row,
        states["wholesale"],
        states["terminal"],
        held["dealers"],
        held["company_amount"],
        held["ending"],
        len(late),
        sum(len(each.months) for each in late),
        sum(bool(each.days_late) for each in late),
    )

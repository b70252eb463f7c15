"""A plan of reviews: which dealers are looked at on which days, what counts as a finding, and who decides by when.

A share is a fraction: 0.8 is 80%. Days of the rhythm are calendar days, days to decide are working days.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType

from channel.access.rules import ROLE_NAMES, Role
from channel.dealers.rules import DEALER_TYPE_NAMES, GRADES, STATUS_NAMES, Status
from channel.errors import Message, m
from channel.versions.rules import Holds, spec

NOBODY = "nobody"
"""The responsible member by which dealers without one are asked for."""
UNGRADED = "none"
"""The grade by which dealers without one are asked for."""


class PlanKind(StrEnum):
    """What a review is about; by it what is proposed is chosen."""

    RECEIVABLES = "receivables"
    LIMIT = "limit"
    STATEMENTS = "statements"
    STALE_FILE = "stale_file"


KIND_NAMES: Mapping[PlanKind, Message] = MappingProxyType(
    {
        PlanKind.RECEIVABLES: m("Receivables"),
        PlanKind.LIMIT: m("Credit limit"),
        PlanKind.STATEMENTS: m("Financial statements"),
        PlanKind.STALE_FILE: m("Stale file"),
    }
)


class Rhythm(StrEnum):
    """When a plan opens reviews; by events each day is looked at, and a dealer is taken when something came to pass."""

    WEEKLY = "weekly"
    MONTHLY = "monthly"
    QUARTERLY = "quarterly"
    YEARLY = "yearly"
    ONCE = "once"
    EVENT = "event"


RHYTHM_NAMES: Mapping[Rhythm, Message] = MappingProxyType(
    {
        Rhythm.WEEKLY: m("each week"),
        Rhythm.MONTHLY: m("each month"),
        Rhythm.QUARTERLY: m("each quarter"),
        Rhythm.YEARLY: m("each year"),
        Rhythm.ONCE: m("once"),
        Rhythm.EVENT: m("when it comes to pass"),
    }
)


class Weekday(StrEnum):
    """The days of the week, Monday first."""

    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"
    SATURDAY = "saturday"
    SUNDAY = "sunday"


WEEKDAY_NAMES: Mapping[Weekday, Message] = MappingProxyType(
    {
        Weekday.MONDAY: m("Monday"),
        Weekday.TUESDAY: m("Tuesday"),
        Weekday.WEDNESDAY: m("Wednesday"),
        Weekday.THURSDAY: m("Thursday"),
        Weekday.FRIDAY: m("Friday"),
        Weekday.SATURDAY: m("Saturday"),
        Weekday.SUNDAY: m("Sunday"),
    }
)


class Missed(StrEnum):
    """What is opened of the days that were missed while the service was down."""

    EACH = "each"
    LAST = "last"


MISSED_NAMES: Mapping[Missed, Message] = MappingProxyType(
    {Missed.EACH: m("each of them"), Missed.LAST: m("only the last of them")}
)


class FindingKind(StrEnum):
    """What can be found in what was seen of a dealer."""

    OVERDUE_RISING = "overdue_rising"
    DAYS_WORSE = "days_worse"
    USE_HIGH = "use_high"
    PROMISE_BROKEN = "promise_broken"
    INCIDENTS = "incidents"
    SELL_IN_ABOVE = "sell_in_above"
    REPORTS_MISSING = "reports_missing"
    TERMS_STRETCHED = "terms_stretched"
    LIMIT_OFF = "limit_off"
    LIMIT_OLD = "limit_old"
    LIMIT_ENDS = "limit_ends"
    STATEMENT_OLD = "statement_old"
    FILE_STALE = "file_stale"
    NO_CONTACT = "no_contact"
    NOTHING = "nothing"


FINDING_NAMES: Mapping[FindingKind, Message] = MappingProxyType(
    {
        FindingKind.OVERDUE_RISING: m("Overdue rising"),
        FindingKind.DAYS_WORSE: m("Pays later than before"),
        FindingKind.USE_HIGH: m("Use of the limit high"),
        FindingKind.PROMISE_BROKEN: m("Promises broken"),
        FindingKind.INCIDENTS: m("Credit incidents"),
        FindingKind.SELL_IN_ABOVE: m("Sell-in above sell-through"),
        FindingKind.REPORTS_MISSING: m("Reports missing"),
        FindingKind.TERMS_STRETCHED: m("Terms stretched"),
        FindingKind.LIMIT_OFF: m("Limit away from the policy's"),
        FindingKind.LIMIT_OLD: m("Limit older than its basis"),
        FindingKind.LIMIT_ENDS: m("Limit ends"),
        FindingKind.STATEMENT_OLD: m("Financial statement old"),
        FindingKind.FILE_STALE: m("Facts or grade old"),
        FindingKind.NO_CONTACT: m("No contact"),
        FindingKind.NOTHING: m("Nothing found"),
    }
)
EDGES: Mapping[FindingKind, tuple[Message, Decimal | None, Decimal]] = MappingProxyType(
    {
        FindingKind.OVERDUE_RISING: (m("share of the overdue before, passed"), Decimal("0.1"), Decimal(1000)),
        FindingKind.DAYS_WORSE: (m("days, passed"), Decimal(5), Decimal(3650)),
        FindingKind.USE_HIGH: (m("share of the limit, passed"), Decimal("0.8"), Decimal(100)),
        FindingKind.PROMISE_BROKEN: (m("promises in 12 months, passed"), Decimal(0), Decimal(1000)),
        FindingKind.INCIDENTS: (m("incidents in 12 months, passed"), Decimal(0), Decimal(1000)),
        FindingKind.SELL_IN_ABOVE: (m("times the sell-through, passed"), Decimal("1.2"), Decimal(1000)),
        FindingKind.REPORTS_MISSING: (m("months of the last 12, passed"), Decimal(0), Decimal(12)),
        FindingKind.TERMS_STRETCHED: (m("days, passed"), Decimal(0), Decimal(365)),
        FindingKind.LIMIT_OFF: (m("share of the limit in force, passed"), Decimal("0.1"), Decimal(1000)),
        FindingKind.LIMIT_OLD: (m("months, passed"), Decimal(12), Decimal(600)),
        FindingKind.LIMIT_ENDS: (m("days, reached"), Decimal(30), Decimal(3650)),
        FindingKind.STATEMENT_OLD: (m("none: as many months as the credit policy says"), None, Decimal(0)),
        FindingKind.FILE_STALE: (m("months, passed"), Decimal(12), Decimal(600)),
        FindingKind.NO_CONTACT: (m("days, passed"), Decimal(90), Decimal(3650)),
    }
)
"""Of each finding what its edge counts, the usual edge, and the greatest; none has one that cannot be moved."""


@dataclass(frozen=True, slots=True)
class When:
    """On which days reviews are opened. A month that is shorter than the day has its last one."""

    rhythm: Rhythm = spec(m("Rhythm"), Holds.CHOICE, Rhythm.WEEKLY, choices=RHYTHM_NAMES)
    weekday: Weekday = spec(
        m("Weekday"), Holds.CHOICE, Weekday.MONDAY, choices=WEEKDAY_NAMES, hint=m("Of what is opened each week.")
    )
    day: int = spec(
        m("Day of the month"), Holds.WHOLE, 1, low=1, high=31,
        hint=m("Of what is opened each month, quarter or year; a shorter month has its last day instead."),
    )  # fmt: skip
    month: int = spec(
        m("Month"), Holds.WHOLE, 1, low=1, high=12,
        hint=m("Of what is opened each year; of each quarter the first, second or third month (1 to 3)."),
    )  # fmt: skip
    once_on: str | None = spec(
        m("The one day"), Holds.TEXT, None, optional=True, hint=m("Of what is opened once: a date such as 2013-01-31.")
    )
    again_days: int = spec(
        m("Days before it is opened again"), Holds.WHOLE, 30, low=1, high=366,
        hint=m("When it comes to pass: the same dealer is not taken again for so many days, unless by a new hold or"
               " a promise broken since."),
    )  # fmt: skip
    missed: Missed = spec(m("Days missed while the service was down"), Holds.CHOICE, Missed.LAST, choices=MISSED_NAMES)


@dataclass(frozen=True, slots=True)
class InStatus:
    """A status that is looked at."""

    status: Status = spec(m("Status"), Holds.CHOICE, choices=STATUS_NAMES)


@dataclass(frozen=True, slots=True)
class InTerritory:
    """A territory that is looked at, with what lies below it."""

    territory: str = spec(m("Territory's code"), Holds.TEXT)


@dataclass(frozen=True, slots=True)
class InGrade:
    """A grade that is looked at."""

    grade: str = spec(m("Grade"), Holds.CHOICE, choices={**{each: m("%(value)s", value=each) for each in GRADES},
                                                         UNGRADED: m("without a grade")})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Dealers:
    """Which dealers are looked at, as they stood on the day; what is left open leaves nobody out."""

    statuses: tuple[InStatus, ...] = spec(
        m("Statuses"), Holds.RECORDS, (InStatus(Status.ACTIVE), InStatus(Status.ON_HOLD)), record=InStatus, rows=3,
        hint=m("Dealers of these statuses are looked at."),
    )  # fmt: skip
    territories: tuple[InTerritory, ...] = spec(
        m("Territories"), Holds.RECORDS, (), record=InTerritory, rows=3, least=0,
        hint=m("Only dealers in one of these or below it; none named: everywhere."),
    )  # fmt: skip
    grades: tuple[InGrade, ...] = spec(
        m("Grades"), Holds.RECORDS, (), record=InGrade, rows=3, least=0,
        hint=m("Only dealers with one of these; none named: of any grade."),
    )  # fmt: skip
    type: str | None = spec(m("Type"), Holds.CHOICE, None, optional=True, choices=DEALER_TYPE_NAMES)
    currency: str | None = spec(m("Currency"), Holds.TEXT, None, optional=True, hint=m("A code such as USD."))
    responsible: str | None = spec(
        m("Responsible"), Holds.TEXT, None, optional=True,
        hint=m("The code of a member of staff, or “nobody” for dealers without one."),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Conditions:
    """Of the dealers looked at, those are reviewed to whom any of these applies; without any, all of them."""

    overdue: bool = spec(m("Anything is overdue"), Holds.FLAG, default=False)
    use_above: Decimal | None = spec(
        m("Exposure above this share of the limit"), Holds.NUMBER, None, low=0, high=100, optional=True,
        hint=m("0.8 is 80%; of a limit of 0 any exposure is above it."),
    )  # fmt: skip
    days_above: Decimal | None = spec(
        m("Exposure above this share of the limit on each day"), Holds.NUMBER, None, low=0, high=100, optional=True,
        hint=m("On each of so many days up to the day itself, which the next field says."),
    )  # fmt: skip
    days_above_days: int = spec(m("on so many days"), Holds.WHOLE, 30, low=1, high=92)
    limit_ends_days: int | None = spec(
        m("The limit ends within days"), Holds.WHOLE, None, low=1, high=366, optional=True
    )
    statement_old: bool = spec(
        m("The financial statement is old"), Holds.FLAG, default=False,
        hint=m("Older than the credit policy lets it count, or none is known."),
    )  # fmt: skip
    file_months: int | None = spec(
        m("A credit fact or the grade is older than months"), Holds.WHOLE, None, low=1, high=120, optional=True
    )
    contact_days: int | None = spec(m("No contact for days"), Holds.WHOLE, None, low=1, high=3650, optional=True)
    hold_placed: bool = spec(
        m("A hold was placed"), Holds.FLAG, default=False, hint=m("Since the last day that was looked at.")
    )
    promise_broken: bool = spec(
        m("A promise to pay was broken"), Holds.FLAG, default=False, hint=m("Since the last day that was looked at.")
    )


@dataclass(frozen=True, slots=True)
class Deciding:
    """Who decides, and by when: working days of the company's calendar."""

    role: str = spec(
        m("Role"), Holds.CHOICE, Role.FINANCE.value,
        choices={each.value: ROLE_NAMES[each] for each in (Role.MANAGER, Role.FINANCE)},
        hint=m("Whoever has it can decide what nobody by name is charged with."),
    )  # fmt: skip
    duty: str | None = spec(
        m("Duty"), Holds.TEXT, None, optional=True,
        hint=m("The code of a duty: a member of staff who has it and sees the dealer decides."),
    )  # fmt: skip
    to_responsible: bool = spec(
        m("To who is responsible for the dealer"), Holds.FLAG, default=True,
        hint=m("Where he may decide; otherwise as duty and role say."),
    )  # fmt: skip
    days: int = spec(m("Working days to decide"), Holds.WHOLE, 5, low=1, high=90)
    remind_days: int = spec(
        m("Reminded so many working days before"), Holds.WHOLE, 1, low=0, high=90, hint=m("0 reminds on the last day.")
    )
    escalate_days: int = spec(
        m("To the manager so many working days after"), Holds.WHOLE, 2, low=1, high=90,
        hint=m("What is not decided by then stands on the desk of the manager in the register of staff."),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class FindingRule:
    """A finding that is looked for: from which edge on, and how much it weighs in the queue."""

    finding: FindingKind = spec(
        m("Finding"), Holds.CHOICE,
        choices={each: m("%(name)s (%(edge)s)", name=FINDING_NAMES[each], edge=edge)
                 for each, (edge, _, _) in EDGES.items()},
    )  # fmt: skip
    edge: Decimal | None = spec(m("Edge"), Holds.NUMBER, None, low=0, high=3650, optional=True)
    weight: int = spec(m("Weight"), Holds.WHOLE, 10, low=0, high=100)


def usual(*kinds: FindingKind, weights: Mapping[FindingKind, int] | None = None) -> tuple[FindingRule, ...]:
    """These findings with their usual edges."""
    return tuple(FindingRule(kind, EDGES[kind][1], (weights or USUAL_WEIGHTS)[kind]) for kind in kinds)


USUAL_WEIGHTS: Mapping[FindingKind, int] = MappingProxyType(
    {
        FindingKind.OVERDUE_RISING: 30,
        FindingKind.DAYS_WORSE: 20,
        FindingKind.USE_HIGH: 20,
        FindingKind.PROMISE_BROKEN: 30,
        FindingKind.INCIDENTS: 20,
        FindingKind.SELL_IN_ABOVE: 15,
        FindingKind.REPORTS_MISSING: 5,
        FindingKind.TERMS_STRETCHED: 10,
        FindingKind.LIMIT_OFF: 15,
        FindingKind.LIMIT_OLD: 5,
        FindingKind.LIMIT_ENDS: 20,
        FindingKind.STATEMENT_OLD: 5,
        FindingKind.FILE_STALE: 5,
        FindingKind.NO_CONTACT: 5,
    }
)


@dataclass(frozen=True, slots=True)
class ReviewPlan:
    """One version of a plan; `version` is given by the register, 0 is a draft."""

    name: str = spec(m("Name"), Holds.TEXT, "Receivables each week", hint=m("How people call this plan."))
    kind: PlanKind = spec(m("What is reviewed"), Holds.CHOICE, PlanKind.RECEIVABLES, choices=KIND_NAMES)
    when: When = spec(m("When"), Holds.RECORD, When(), record=When)
    dealers: Dealers = spec(m("Which dealers"), Holds.RECORD, Dealers(), record=Dealers)
    conditions: Conditions = spec(m("To whom any of these applies"), Holds.RECORD, Conditions(), record=Conditions)
    deciding: Deciding = spec(m("Who decides by when"), Holds.RECORD, Deciding(), record=Deciding)
    findings: tuple[FindingRule, ...] = spec(
        m("Findings"), Holds.RECORDS, usual(*EDGES), record=FindingRule, rows=len(EDGES),
        hint=m("What is looked for in what is seen; what is not named here is not looked for."),
    )  # fmt: skip
    version: int = 0

    def rule_of(self, kind: FindingKind) -> FindingRule | None:
        """How a finding is looked for, None where it is not."""
        return next((each for each in self.findings if each.finding is kind), None)

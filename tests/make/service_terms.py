"""Two kinds of versioned documents that are not in the house: what repairs a dealer's customers are promised.

The terms of the whole channel belong to nothing; those of a workshop belong to it, by its code.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from channel.access.rules import Person, Right
from channel.brings import Brings
from channel.cli.versions import commands_of
from channel.errors import FieldError, NotFound, m
from channel.versions import api, pages
from channel.versions.rules import Holds, Keys, Paper, spec
from channel.versions.service import deciding_of
from channel.versions.trail_words import trail_of
from channel.web import NavItem


class Pace(StrEnum):
    """When a repair is begun."""

    SAME_DAY = "same_day"
    NEXT_DAY = "next_day"


@dataclass(frozen=True, slots=True)
class BySize:
    """A value for small and for large machines."""

    small: Decimal
    large: Decimal

    def values(self) -> dict[str, Decimal]:
        return {"small": self.small, "large": self.large}


SIZES = Keys(
    ("small", "large"), BySize, m("This is no value for each size."), m("No such size."), m("This size is missing.")
)


@dataclass(frozen=True, slots=True)
class Repairs:
    """How quickly."""

    pace: Pace = spec(
        m("Begun"),
        Holds.CHOICE,
        Pace.NEXT_DAY,
        choices={Pace.SAME_DAY: m("on the same day"), Pace.NEXT_DAY: m("on the next day")},
    )
    most_days: int = spec(m("Most days"), Holds.WHOLE, 10, low=1, high=60, hint=m("Until the machine is back."))
    hours: BySize = spec(m("Hours"), Holds.TABLE, BySize(Decimal(2), Decimal(8)), keys=SIZES, above=0, high=100)


@dataclass(frozen=True, slots=True)
class Costs:
    """Who pays."""

    spare_machine: bool = spec(m("A spare machine meanwhile"), Holds.FLAG, default=False)
    share_rate: Decimal | None = spec(m("Our share"), Holds.NUMBER, None, low=0, high=1, optional=True)


@dataclass(frozen=True, slots=True)
class Step:
    """From how many repairs a year on how many are free."""

    repairs: int = spec(m("From repairs"), Holds.WHOLE, low=1, high=1000)
    free: int = spec(m("Free"), Holds.WHOLE, low=0, high=1000)


@dataclass(frozen=True, slots=True)
class ServiceTerms:
    """The whole of it."""

    name: str = spec(m("Name"), Holds.TEXT, "Next day")
    repairs: Repairs = spec(m("Repairs"), Holds.RECORD, Repairs(), record=Repairs)
    costs: Costs = spec(m("Costs"), Holds.RECORD, Costs(), record=Costs)
    steps: tuple[Step, ...] = spec(m("Steps"), Holds.RECORDS, (Step(10, 1),), record=Step, rows=3)
    version: int = 0


def check_terms(terms: ServiceTerms) -> Sequence[FieldError]:
    """Who begins on the same day is done within the week."""
    if terms.repairs.pace is Pace.SAME_DAY and terms.repairs.most_days > 7:
        return [FieldError("repairs.most_days", m("Begun at once, it takes no longer than a week."), m("at most 7"))]
    return []


# Here the lines begin that a further kind takes beside its model.
TERMS = Paper(
    code="service terms",
    model=ServiceTerms,
    address="/service-terms",
    see=Right.SEE_DEALERS,
    propose=Right.PROPOSE_POLICY,
    decide=Right.DECIDE_POLICY,
    title=m("Service terms"),
    kind=m("Service terms"),
    one=m("service terms"),
    named=m("Service terms %(number)s"),
    within=m("service terms %(number)s"),
    check=check_terms,
)
BRINGS = Brings(
    routes=(*api.routes_of(TERMS), *pages.routes_of(TERMS)),
    nav=(NavItem(TERMS.title, TERMS.address, 745, TERMS.see, "setup"),),
    words=trail_of(TERMS),
    deciding=(deciding_of(TERMS, "service_terms"),),
)
COMMANDS = commands_of(TERMS, "terms")
# Here they end.


async def _workshop(_: Person, code: str) -> None:
    if code not in {"W-1", "W 2"}:
        raise NotFound(m("There is no workshop %(code)s.", code=code))


OF_WORKSHOPS = Paper(
    code="workshop terms",
    model=ServiceTerms,
    address="/workshops/{of:str}/terms",
    see=Right.SEE_DEALERS,
    propose=Right.PROPOSE_POLICY,
    decide=Right.DECIDE_POLICY,
    title=m("Terms of a workshop"),
    kind=m("Workshop terms"),
    one=m("terms of a workshop"),
    named=m("Terms %(number)s of %(of)s"),
    within=m("terms %(number)s of %(of)s"),
    whose=_workshop,
)
BRINGS_OF_WORKSHOPS = Brings(
    routes=(*api.routes_of(OF_WORKSHOPS), *pages.routes_of(OF_WORKSHOPS)),
    words=trail_of(OF_WORKSHOPS),
    deciding=(deciding_of(OF_WORKSHOPS, "workshop_terms"),),
)
COMMANDS_OF_WORKSHOPS = commands_of(OF_WORKSHOPS, "workshop-terms")

"""The acts of the room `dealers`."""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, UnsetType, field

from channel.access.rules.mail import read_mail
from channel.acts import LONGEST_TEXT, OPENED, Act, Opened, Reason, Said, read_code
from channel.codes import LONGEST, plain_code
from channel.dealers.rules import (
    DEALER_TYPE_NAMES,
    LARGEST_TARGET,
    LONGEST_TERMS,
    REASON_NEEDED,
    REPORT_NAMES,
    SECOND_TIER_NAMES,
    STATUS_ASKED_NAMES,
    STATUS_NAMES,
    TRAIT_CHOICES,
    TRAIT_NAMES,
    Assortment,
    DealerType,
    Fact,
    MarginLevel,
    PriceLevel,
    PriceTransparency,
    SecondTierKind,
    SellingWay,
    Status,
    StatusAsked,
    read_currency,
)
from channel.errors import FieldError, Message, m
from channel.imports.rules.contacts import is_phone
from channel.imports.rules.reasons import reason

_FIRST_DAY_WITHOUT = m("The first day without it; empty for no end.")


class GrantExclusivity(Act, frozen=True, kw_only=True):
    """A dealer alone may sell a line in a territory and below it on [from_on, to_on), line and territory by code."""

    line: Annotated[str, Said(m("Product line"))]
    territory: Annotated[str, Said(m("Territory"))]
    from_on: Annotated[date, Said(m("From"), option="--from")]
    to_on: Annotated[date | None, Said(m("Until before"), hint=_FIRST_DAY_WITHOUT, option="--until-before")] = None
    reason: Reason

    def between(self) -> Iterable[FieldError]:
        """The end lies after the beginning."""
        if self.to_on is not None and self.to_on <= self.from_on:
            yield FieldError("to_on", m("The end must be after the start."))


class EndExclusivity(Act, frozen=True, kw_only=True):
    """The first day on which a grant holds no longer, and why."""

    to_on: Annotated[date, Said(m("First day without it"), option="--until-before")]
    reason: Reason


_LONGEST_NAME, _LONGEST_PLACE = 200, 400
_NAMED = Said(m("Name"), needed=m("A name is needed."), longest=_LONGEST_NAME)
_LEVEL = Said(m("Level"), hint=m("What it is, such as region or city."), longest=_LONGEST_NAME)
_UNDER = Said(m("Under"), nothing=m("at the top"))
_PLACE = Said(m("Code"), needed=m("A code is needed."), longest=_LONGEST_PLACE, read=plain_code)
RATE_PLACES = 12
_MOST = Decimal(1_000_000_000)


class KeepLine(Act, frozen=True, kw_only=True):
    """A product line to be added, or changed where the code is known; sales keep the line they were posted with."""

    code: Annotated[str, Said(m("Code"), longest=LONGEST, read=read_code)]
    name: Annotated[str, _NAMED]
    wanted_type: Annotated[
        DealerType | None,
        Said(m("Meant for dealer type"), choices=DEALER_TYPE_NAMES, nothing=m("either type"), option="--wants"),
    ] = None
    opened: Opened = None


class KeepProduct(Act, frozen=True, kw_only=True):
    """A product to be added, or changed where the code is known; what was posted keeps the line it was posted with."""

    code: Annotated[str, Said(m("Code"), longest=LONGEST, read=read_code)]
    name: Annotated[str, _NAMED]
    line: Annotated[str, Said(m("Product line"))]
    unit: Annotated[str | None, Said(m("Unit"))] = None
    opened: Opened = None


class KeepRate(Act, frozen=True, kw_only=True):
    """Company currency per unit of another on a day; a rate of the same day before it stays as known then."""

    currency: Annotated[str, Said(m("Currency"), longest=3, read=read_currency)]
    on: Annotated[date, Said(m("Day"))]
    rate: Annotated[Decimal, Said(m("Rate"), hint=m("Company currency for one unit."), low=0, high=_MOST)]

    def between(self) -> Iterable[FieldError]:
        """The rate is one, with no more decimals than are kept."""
        if self.rate == 0 or self.rate != round(self.rate, RATE_PLACES):
            wrong = m("%(value)s is not a rate.", value=str(self.rate))
            yield FieldError("rate", wrong, m("A number above 0 with at most 12 decimals"))


class AddTerritory(Act, frozen=True, kw_only=True):
    """A node to be added under a parent, or at the top."""

    code: Annotated[str, _PLACE]
    name: Annotated[str, _NAMED]
    level: Annotated[str, _LEVEL]
    parent: Annotated[str | None, _UNDER] = None


class ChangeTerritory(Act, frozen=True, kw_only=True):
    """What is to be different of the node with this code; a `parent` of null moves it to the top."""

    code: Annotated[str, _PLACE]
    name: Annotated[str | UnsetType, _NAMED] = UNSET
    level: Annotated[str | UnsetType, _LEVEL] = UNSET
    parent: Annotated[str | UnsetType | None, _UNDER] = UNSET
    opened: Opened = None


_MOST_BRANDS = 10_000
_YES_OR_NO = {True: m("yes"), False: m("no")}


def _of_trait(name: str) -> Said:
    choices = _YES_OR_NO if name == "exclusivity_wanted" else TRAIT_CHOICES.get(name, {})
    return Said(TRAIT_NAMES[name], choices=choices, nothing=m("not known yet"), low=0, high=_MOST_BRANDS)


class TraitsGiven(Act, frozen=True, kw_only=True):
    """What marks a dealer: null where nobody has found out yet; those that are not named stay as they are."""

    selling_way: Annotated[SellingWay | UnsetType | None, _of_trait("selling_way")] = UNSET
    assortment: Annotated[Assortment | UnsetType | None, _of_trait("assortment")] = UNSET
    margin_level: Annotated[MarginLevel | UnsetType | None, _of_trait("margin_level")] = UNSET
    price_level: Annotated[PriceLevel | UnsetType | None, _of_trait("price_level")] = UNSET
    price_transparency: Annotated[PriceTransparency | UnsetType | None, _of_trait("price_transparency")] = UNSET
    brands_carried: Annotated[int | UnsetType | None, _of_trait("brands_carried")] = UNSET
    exclusivity_wanted: Annotated[bool | UnsetType | None, _of_trait("exclusivity_wanted")] = UNSET

    @property
    def named(self) -> dict[str, Any]:
        """Those that are named."""
        given = {name: getattr(self, name) for name in TRAIT_NAMES}
        return {name: value for name, value in given.items() if value is not UNSET}


class ChangeDealer(TraitsGiven, frozen=True, kw_only=True):
    """Another name or other traits of a dealer."""

    name: Annotated[str | UnsetType, _NAMED] = UNSET
    opened: Opened = None


_TERMS = Said(m("Payment terms in days"), low=0, high=LONGEST_TERMS, option="--terms")
_RESPONSIBLE = m("Code of the member of staff who looks after the dealer; what is open goes to him.")
_TARGET = m("Sell-in of the first year in the dealer's currency; limits of new dealers are reckoned from it.")


class AddDealer(Act, frozen=True, kw_only=True):
    """A dealer to be added; territory and parent by code, effective from a day on (default today)."""

    code: Annotated[
        str,
        Said(m("Code"), hint=m("Once and for all; it stands in addresses and files."), longest=LONGEST, read=read_code),
    ]
    name: Annotated[str, _NAMED]
    type: Annotated[DealerType, Said(m("Type"), choices=DEALER_TYPE_NAMES)]
    territory: Annotated[str, Said(m("Territory"))]
    currency: Annotated[
        str, Said(m("Currency"), hint=m("Three capital letters, such as USD."), longest=3, read=read_currency)
    ]
    terms_days: Annotated[int, _TERMS]
    status: Annotated[Status, Said(m("Status"), choices=STATUS_NAMES)] = Status.PROSPECT
    grade: Annotated[str | None, Said(m("Grade"), nothing=m("not graded"))] = None
    parent: Annotated[str | None, Said(m("Parent dealer"), hint=m("Its code, where there is one."))] = None
    responsible: Annotated[str | None, Said(m("Responsible"), hint=_RESPONSIBLE, nothing=m("nobody"))] = None
    first_year_target: Annotated[
        Decimal | None, Said(m("Agreed first-year target"), hint=_TARGET, low=0, high=LARGEST_TARGET)
    ] = None
    lines: Annotated[list[str], Said(m("Product lines carried"), option="--line")] = field(default_factory=list)
    traits: Annotated[TraitsGiven, Said(m("Profile"))] = TraitsGiven()
    effective_on: Annotated[date | None, Said(m("Holds from"), option="--effective-on")] = None

    @property
    def facts(self) -> dict[Fact, str | None]:
        """What holds from its first day on, as people give it."""
        given = {fact: getattr(self, fact.value) for fact in _FIRST_FACTS}
        return {
            fact: value if value is None else format(value, "f") if isinstance(value, Decimal) else str(value)
            for fact, value in given.items()
        }


_FIRST_FACTS = tuple(each for each in Fact if each not in {Fact.TERMS, Fact.REPORTS_OWED, Fact.REPORTS_DUE_DAY})


_EFFECTIVE = Said(
    m("Holds from"),
    hint=m("A day in the past corrects what held then; what was known before stays on record."),
    option="--effective-on",
)


class FactGiven(Act, frozen=True, kw_only=True):
    """A value that holds from a day on (default today): null or empty says that none does."""

    value: Annotated[str | int | None, Said(m("Value"))]
    effective_on: Annotated[date | None, _EFFECTIVE] = None
    reason: Annotated[Annotated[str, msgspec.Meta(max_length=LONGEST_TEXT)] | None, Said(m("Reason"))] = None


class ReportsGiven(FactGiven, frozen=True, kw_only=True):
    """The reports that a dealer owes from a day on, each by itself, as a form has them."""

    value: Annotated[list[str], Said(m("Reports owed"), choices=REPORT_NAMES)]  # type: ignore[assignment] # joined below


class ChangeFact(FactGiven, frozen=True, kw_only=True):
    """A value of a fact to be added. A grade or status needs a reason."""

    fact: Annotated[Fact, Said(m("Fact"))]

    def __post_init__(self) -> None:
        """An empty text is kept: that no report is owed is another thing than that none was agreed."""
        blank = isinstance(self.value, str) and not self.value.strip()
        super().__post_init__()
        if blank:
            msgspec.structs.force_setattr(self, "value", "")

    def between(self) -> Iterable[FieldError]:
        """What is a decision has a reason."""
        if self.fact in REASON_NEEDED and self.reason is None:
            yield FieldError("reason", m("A reason is needed."))


class Which(StrEnum):
    """Which of the dealers that a filter finds are meant, where some are named."""

    ALL_BUT = "all but"
    ONLY = "only"


WHICH_NAMES: Mapping[Which, Message] = MappingProxyType(
    {Which.ALL_BUT: m("All that match, but those ticked"), Which.ONLY: m("Only those ticked")}
)


class ChangeResponsible(Act, frozen=True, kw_only=True):
    """Who looks after many dealers from a day on: a member of staff by code, or "nobody".

    Meant are all in scope that the filters find, `which` says whether but for those in `dealers`, or only those. The
    filters are those of the list of dealers. Unless `confirmed` carries the mark of exactly what would be done, nothing
    is done, and the refusal (409) says what that is and gives the mark.
    """

    member: Annotated[str, Said(m("Responsible"), hint=m("By whom what is open is done from then on."))]
    effective_on: Annotated[date | None, _EFFECTIVE] = None
    type: Annotated[DealerType | None, Said(m("Type"), choices=DEALER_TYPE_NAMES)] = None
    territory: Annotated[str | None, Said(m("Territory"))] = None
    line: Annotated[str | None, Said(m("Product line"))] = None
    grade: Annotated[str | None, Said(m("Grade"))] = None
    status: Annotated[StatusAsked | None, Said(m("Status"), choices=STATUS_ASKED_NAMES)] = None
    q: Annotated[str | None, Said(m("Name or code"), option="--text")] = None
    responsible: Annotated[str | None, Said(m("Responsible so far"), option="--responsible")] = None
    which: Annotated[Which | None, Said(m("Which dealers"), choices=WHICH_NAMES, nothing=m("All that match"))] = None
    dealers: Annotated[list[str], Said(m("Dealers"), option="--dealer")] = field(default_factory=list)
    reason: Reason
    confirmed: Annotated[str, Said(m("Mark of what would be done"))] = ""

    def between(self) -> Iterable[FieldError]:
        """Dealers are named to be left out, or to be the only ones."""
        if self.dealers and self.which is None:
            yield FieldError("which", m("Say whether those are left out, or the only ones."))
        if self.which is Which.ONLY and not self.dealers:
            yield FieldError("dealers", m("No dealer is named."))


class CarryLines(Act, frozen=True, kw_only=True):
    """Codes of exactly the product lines to be carried; with what was read, those put in and taken out since."""

    lines: Annotated[list[str], Said(m("Product lines carried"))]
    opened: Opened = None

    def between(self) -> Iterable[FieldError]:
        """What was read are codes, too."""
        read = (self.opened or {}).get("lines", [])
        if not isinstance(read, list) or not all(isinstance(each, str) for each in read):
            yield FieldError(OPENED, m("This is no list."), m("a list"))


def _read_phone(text: str) -> str | FieldError:
    return text if is_phone(text) else FieldError("phone", reason("bad-phone", value=text))


class KeepContact(Act, frozen=True, kw_only=True):
    """Somebody at a dealer, all of the entry; with what was read only what differs from that is changed."""

    name: Annotated[str, _NAMED]
    role: Annotated[str | None, Said(m("Role"))] = None
    phone: Annotated[str | None, Said(m("Phone"), read=_read_phone, keys="tel")] = None
    email: Annotated[str | None, Said(m("E-mail"), read=read_mail, keys="email")] = None
    opened: Opened = None


class KeepCustomer(Act, frozen=True, kw_only=True):
    """A second-tier customer to be added, or changed where the code is known; it is a retailer, direct or indirect."""

    code: Annotated[str, Said(m("Code"), longest=LONGEST, read=read_code)]
    name: Annotated[str, _NAMED]
    kind: Annotated[SecondTierKind, Said(m("Kind"), choices=SECOND_TIER_NAMES)]
    opened: Opened = None


class RemoveCustomer(Act, frozen=True, kw_only=True):
    """A second-tier customer to be taken out, by its code."""

    code: Annotated[str, Said(m("Code"))]


class ObservedGiven(Act, frozen=True, kw_only=True):
    """What was found out, on which day (default today) and from whom; without a value nothing is known any more."""

    value: Annotated[str | int | None, Said(m("Value"), hint=m("Empty says that it is not known any more."))] = None
    observed_on: Annotated[date | None, Said(m("Found out on"), option="--on")] = None
    source: Annotated[str, Said(m("Source"), hint=m("From whom or what it is known."), longest=_LONGEST_NAME)]


class ObserveFact(ObservedGiven, frozen=True, kw_only=True):
    """The same, of the fact with this code."""

    fact: Annotated[str, Said(m("Fact"))]

"""The credit policy: every figure and choice by which a limit is computed, as one frozen value.

The field defaults are the shipped policy, version 1. Rates are fractions (0.5 is 50%). Amounts called "in company
currency" are converted at the rate of the as-of date; the floor and the rounding unit are in the limit's currency.
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from channel.credit.rules.grades import BY_GRADE, GRADES, GradeTable
from channel.credit.rules.parameters import Parameters
from channel.errors import m
from channel.versions.rules.spec import Holds, spec

LONGEST_WINDOW = 60


class Method(StrEnum):
    """The ways of computing a limit that a policy can name."""

    TURNOVER = "turnover"
    SEASONAL = "seasonal"
    WORKING_ASSETS = "working_assets"
    NET_WORTH = "net_worth"
    TWO_TEN_PERCENT = "two_ten_percent"
    THREE_CALCULATIONS = "three_calculations"
    SMALL_CUSTOMER = "small_customer"
    BEST_HIGH_CREDIT = "best_high_credit"
    EXPECTED_LOSS = "expected_loss"


class Combine(StrEnum):
    """How several methods become one limit.

    SMALLEST: the smallest of those that could be computed. FIRST: the first in the policy's order that could be.
    MEAN: the mean of those that could be. A method marked as required withholds the limit when it is withheld.
    """

    SMALLEST = "smallest"
    FIRST = "first"
    MEAN = "mean"


class Basis(StrEnum):
    """Which sales count: to the dealer, by the dealer, or the smaller of the first and what the second needs."""

    SELL_IN = "sell_in"
    SELL_THROUGH = "sell_through"
    SMALLER = "smaller"


class MonthsCounted(StrEnum):
    """Which covered months enter the mean: all of them, or only those in which something was sold or returned."""

    COVERED = "covered"
    WITH_SALES = "with_sales"


class Trim(StrEnum):
    """What happens to the highest and lowest months: nothing, counted as the next one, or left out."""

    NONE = "none"
    WINSORISE = "winsorise"
    DROP = "drop"


class SeasonMonth(StrEnum):
    """Whose season counts: the month of the as-of date, or the strongest month while the limit is valid."""

    AS_OF = "as_of"
    PEAK = "peak"


class AltmanVariant(StrEnum):
    """Which of Altman's scores is the gate, if any."""

    NONE = "none"
    Z = "z"
    Z_PRIME = "z_prime"
    Z_DOUBLE_PRIME = "z_double_prime"


class IncidentGate(StrEnum):
    """What more credit incidents than the policy lets pass do to the limit."""

    NONE = "none"
    WITHHOLD = "withhold"
    FACTOR = "factor"


class OverdueGate(StrEnum):
    """What an item that is overdue beyond the policy's days does to the limit."""

    NONE = "none"
    WITHHOLD = "withhold"
    FACTOR = "factor"


@dataclass(frozen=True, slots=True)
class MethodUse:
    """A method in the policy's order, and whether the limit is withheld when it is."""

    method: Method = spec(m("Method"), Holds.CHOICE, choices=tuple(Method))
    required: bool = spec(m("Required"), Holds.FLAG, default=True)


@dataclass(frozen=True, slots=True)
class SalesRule:
    """From which months of which reports the mean monthly sales are taken.

    Basis `smaller` compares mean sell-in with mean sell-through plus the wanted change of stock a month:
    (wanted weeks of supply x weekly sell-through - stock at the end of the last complete month) / months of the
    change, where a week's sell-through is the mean month x 12 / 52. Without wanted weeks no change is wanted.
    """

    basis: Basis = spec(
        m("Basis"), Holds.CHOICE, Basis.SELL_IN, hint=m("Whose sales the mean month is taken of."),
        choices={
            Basis.SELL_IN: m("sell-in: what we sold to the dealer"),
            Basis.SELL_THROUGH: m("sell-through: what the dealer sold on"),
            Basis.SMALLER: m("the smaller of sell-in and sell-through with the wanted change of stock"),
        },
    )  # fmt: skip
    wanted_weeks_of_supply: Decimal | None = spec(
        m("Wanted weeks of supply"), Holds.NUMBER, None, low=0, high=104, optional=True,
        hint=m("For the smaller basis: how many weeks of his own sales a dealer should stock."),
    )  # fmt: skip
    stock_change_months: int = spec(
        m("Months in which stock is brought to the wanted level"), Holds.WHOLE, 3, low=1, high=24,
        hint=m("Over how many months stock is brought to the wanted level."),
    )  # fmt: skip
    window_months: int = spec(
        m("Complete months looked at"), Holds.WHOLE, 12, low=1, high=LONGEST_WINDOW,
        hint=m("A complete month ends before the as-of date."),
    )  # fmt: skip
    months_counted: MonthsCounted = spec(
        m("Months counted"), Holds.CHOICE, MonthsCounted.COVERED,
        choices={
            MonthsCounted.COVERED: m("all covered months"), MonthsCounted.WITH_SALES: m("only months with sales"),
        },
        hint=m("A covered month without sales is a month of 0, or is left out of the mean."),
    )  # fmt: skip
    least_covered_months: int = spec(
        m("Least covered months"), Holds.WHOLE, 3, low=1, high=LONGEST_WINDOW,
        hint=m("With fewer the limit is withheld."),
    )  # fmt: skip
    trim: Trim = spec(
        m("Outliers"), Holds.CHOICE, Trim.NONE, hint=m("What happens to unusually high and low months."),
        choices={
            Trim.NONE: m("nothing is trimmed"), Trim.WINSORISE: m("the highest and lowest count as the next ones"),
            Trim.DROP: m("the highest and lowest are left out"),
        },
    )  # fmt: skip
    trim_highest: int = spec(
        m("Highest months trimmed"), Holds.WHOLE, 1, low=0, high=12, hint=m("How many of the highest months.")
    )
    trim_lowest: int = spec(
        m("Lowest months trimmed"), Holds.WHOLE, 1, low=0, high=12, hint=m("How many of the lowest months.")
    )


@dataclass(frozen=True, slots=True)
class SeasonRule:
    """The seasonal index: a calendar month's mean over the mean of all twelve, within a band around 1."""

    use: bool = spec(
        m("Turnover follows the season"), Holds.FLAG, default=False,
        hint=m("The turnover limit is multiplied by the seasonal index of its credit window."),
    )  # fmt: skip
    window_months: int = spec(
        m("Complete months behind the index"), Holds.WHOLE, 24, low=12, high=LONGEST_WINDOW,
        hint=m("At least 12, better 24."),
    )  # fmt: skip
    month: SeasonMonth = spec(
        m("Month of the season"), Holds.CHOICE, SeasonMonth.AS_OF, hint=m("Whose index counts."),
        choices={
            SeasonMonth.AS_OF: m("the month of the as-of date"),
            SeasonMonth.PEAK: m("the strongest month while the limit is valid"),
        },
    )  # fmt: skip
    band_rate: Decimal | None = spec(
        m("Most that the season adds or takes"), Holds.NUMBER, Decimal("0.5"), low=0, high=10, optional=True,
        hint=m("0.5 keeps the index between 0.5 and 1.5; empty for no band."),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class TermsRule:
    """How payment terms count: days / days of a month, counting at most the longest days."""

    days_per_month: int = spec(
        m("Days that count as a month"), Holds.WHOLE, 30, low=1, high=31,
        hint=m("Payment terms in days are divided by this."),
    )  # fmt: skip
    longest_days: int | None = spec(
        m("Longest terms counted"), Holds.WHOLE, None, low=0, high=720, optional=True,
        hint=m("Longer terms count as these; empty for no such rule."),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Caps:
    """What no limit passes; null means that there is no such cap.

    rise: limit <= limit in force x (1 + rate). own sales: limit <= rate x the company's own sales of twelve months.
    season: limit <= the mean month x the seasonal index of the as-of month, at most the mean month x (1 + rate) in
    the peak season and at least x (1 - rate) in the off season. ceiling months: limit <= months x mean monthly sales.
    ceiling amounts: in company currency.
    """

    rise_rate: Decimal | None = spec(
        m("Largest rise per assessment"), Holds.NUMBER, Decimal("0.5"), low=0, high=100, optional=True,
        hint=m("0.5 is at most 50% over the approved limit in force, raises not counted; empty for no cap."),
    )  # fmt: skip
    own_sales_rate: Decimal | None = spec(
        m("Most share of own yearly sales"), Holds.NUMBER, None, above=0, high=1, optional=True,
        hint=m("0.02 is at most 2% of the company's sales of twelve months; empty for no cap."),
    )  # fmt: skip
    mean_month_season_rate: Decimal | None = spec(
        m("Mean month as a cap, more or less by season"), Holds.NUMBER, None, low=0, high=1, optional=True,
        hint=m("0.5 caps at the mean month by season, from half of it to one and a half; empty for no such cap."),
    )  # fmt: skip
    grade_ceiling_months: GradeTable[Decimal | None] = spec(
        m("Grade ceiling in months of sales"), Holds.TABLE, GradeTable(None, None, None, None, None), keys=BY_GRADE,
        low=0, high=36, optional=True, hint=m("At most so many mean months; empty for no ceiling."),
    )  # fmt: skip
    grade_ceiling_amounts: GradeTable[Decimal | None] = spec(
        m("Grade ceiling in company currency"), Holds.TABLE, GradeTable(None, None, None, None, None), keys=BY_GRADE,
        low=0, high="1e15", optional=True, hint=m("At most this amount; empty for no ceiling."),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class ApprovalLevel:
    """How many people approve a limit of up to an amount in company currency, that amount included."""

    up_to: Decimal | None = spec(m("Up to"), Holds.NUMBER, above=0, high="1e15", optional=True)
    approvals: int = spec(m("Approvals"), Holds.WHOLE, low=1, high=5)


@dataclass(frozen=True, slots=True)
class NewDealerRule:
    """Who counts as new, and with which grade: one not set by an act is `grade_unless_set`, none is above the best."""

    fewer_than_months: int = spec(
        m("New with fewer covered months since appointment than"), Holds.WHOLE, 3, low=0, high=24,
        hint=m("Until then the agreed first-year target counts instead of reports."),
    )  # fmt: skip
    grade_unless_set: str = spec(
        m("Grade of a new dealer unless set"), Holds.CHOICE, "B", choices=GRADES,
        hint=m("What a new dealer counts as until a grade is set by an act."),
    )  # fmt: skip
    best_grade: str = spec(
        m("Best grade of a new dealer"), Holds.CHOICE, "A", choices=GRADES,
        hint=m("A better grade counts only as this one while the dealer is new."),
    )  # fmt: skip
    first_order_prepaid: bool = spec(
        m("First order prepaid"), Holds.FLAG, default=True, hint=m("Told with the limit of a new dealer.")
    )


@dataclass(frozen=True, slots=True)
class Gates:
    """Judgements that multiply the methods' limit: Altman's zone, the characteristic analysis, and what is overdue.

    A gate that cannot be computed withholds the limit when it is required, and is told as left out when not.
    """

    altman: AltmanVariant = spec(
        m("Altman score"), Holds.CHOICE, AltmanVariant.NONE,
        hint=m("A score of the latest statement that lowers the limit when it is weak."),
        choices={
            AltmanVariant.NONE: m("none"), AltmanVariant.Z: m("Z, for listed makers"),
            AltmanVariant.Z_PRIME: m("Z', for private makers"),
            AltmanVariant.Z_DOUBLE_PRIME: m("Z'', for everybody else"),
        },
    )  # fmt: skip
    altman_required: bool = spec(
        m("Altman score required"), Holds.FLAG, default=True,
        hint=m("Without a statement: withhold the limit, or leave the score out."),
    )  # fmt: skip
    distress_factor: Decimal = spec(
        m("Factor in distress"), Holds.NUMBER, Decimal(0), low=0, high=1,
        hint=m("What the limit is multiplied by below the lower cut-off."),
    )  # fmt: skip
    grey_factor: Decimal = spec(
        m("Factor in the grey zone"), Holds.NUMBER, Decimal("0.5"), low=0, high=1,
        hint=m("What the limit is multiplied by between the cut-offs."),
    )  # fmt: skip
    characteristic: bool = spec(
        m("Characteristic analysis"), Holds.FLAG, default=False,
        hint=m("Factors scored from 1 to 10 give a factor for the limit."),
    )  # fmt: skip
    characteristic_required: bool = spec(
        m("Characteristic analysis required"), Holds.FLAG, default=True,
        hint=m("With too few scores: withhold the limit, or leave the analysis out."),
    )  # fmt: skip
    overdue: OverdueGate = spec(
        m("Oldest overdue item"), Holds.CHOICE, OverdueGate.NONE,
        hint=m("What an item does that is overdue beyond the days below; read from the ledger."),
        choices={
            OverdueGate.NONE: m("does not matter"), OverdueGate.WITHHOLD: m("withholds the limit"),
            OverdueGate.FACTOR: m("lowers the limit by the factor"),
        },
    )  # fmt: skip
    overdue_days: int = spec(
        m("Days overdue that are let pass"), Holds.WHOLE, 60, low=0, high=3650,
        hint=m("So many days past the due day still pass; one more does not."),
    )  # fmt: skip
    overdue_factor: Decimal = spec(
        m("Factor beyond these days"), Holds.NUMBER, Decimal("0.5"), low=0, high=1,
        hint=m("What the limit is multiplied by then."),
    )  # fmt: skip
    overdue_required: bool = spec(
        m("Receivables required"), Holds.FLAG, default=False,
        hint=m("Where no receivables of a dealer are kept: withhold the limit, or leave the gate out."),
    )  # fmt: skip
    incidents: IncidentGate = spec(
        m("Credit incidents"), Holds.CHOICE, IncidentGate.NONE,
        hint=m("What more incidents in twelve months do than are let pass below."),
        choices={
            IncidentGate.NONE: m("do not matter"), IncidentGate.WITHHOLD: m("withhold the limit"),
            IncidentGate.FACTOR: m("lower the limit by the factor"),
        },
    )  # fmt: skip
    broken_promises_most: int | None = spec(
        m("Broken promises that are let pass"), Holds.WHOLE, None, low=0, high=1000, optional=True,
        hint=m("In twelve months; one more does not pass. Empty where they do not count."),
    )  # fmt: skip
    write_offs_most: int | None = spec(
        m("Write-offs that are let pass"), Holds.WHOLE, None, low=0, high=1000, optional=True,
        hint=m("In twelve months; one more does not pass. Empty where they do not count."),
    )  # fmt: skip
    dishonoured_bills_most: int | None = spec(
        m("Dishonoured bills that are let pass"), Holds.WHOLE, None, low=0, high=1000, optional=True,
        hint=m("In twelve months; one more does not pass. Empty where they do not count."),
    )  # fmt: skip
    holds_most: int | None = spec(
        m("Holds that are let pass"), Holds.WHOLE, None, low=0, high=1000, optional=True,
        hint=m("In twelve months; one more does not pass. Empty where they do not count."),
    )  # fmt: skip
    incidents_factor: Decimal = spec(
        m("Factor with more incidents"), Holds.NUMBER, Decimal("0.5"), low=0, high=1,
        hint=m("What the limit is multiplied by then."),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Policy:
    """One version of the credit policy; `version` is given by the register, 0 is a draft, and is not in the document.

    The floor lifts a limit that is above 0 and below it; what comes out at 0 or less is a limit of 0. Caps hold after
    the floor. The limit is rounded once, at the end, down to the rounding unit.
    """

    name: str = spec(m("Name"), Holds.TEXT, "Turnover on sell-in", hint=m("How people call this policy."))
    methods: tuple[MethodUse, ...] = spec(m("Methods"), Holds.RECORDS, (MethodUse(Method.TURNOVER),), record=MethodUse)
    combine: Combine = spec(
        m("How methods combine"), Holds.CHOICE, Combine.SMALLEST,
        hint=m("When several methods are used, which of their limits counts."),
        choices={
            Combine.SMALLEST: m("the smallest of those that can be computed"),
            Combine.FIRST: m("the first that can be computed"),
            Combine.MEAN: m("the mean of those that can be computed"),
        },
    )  # fmt: skip
    sales: SalesRule = spec(m("Sales"), Holds.RECORD, SalesRule(), record=SalesRule)
    season: SeasonRule = spec(m("Season"), Holds.RECORD, SeasonRule(), record=SeasonRule)
    grade_coefficients: GradeTable[Decimal] = spec(
        m("Grade coefficients"), Holds.TABLE,
        GradeTable(Decimal("2.0"), Decimal("1.0"), Decimal("0.8"), Decimal("0.6"), Decimal(0)), keys=BY_GRADE, low=0,
        high=10, hint=m("What the mean month in payment terms is multiplied by."),
    )  # fmt: skip
    terms: TermsRule = spec(m("Payment terms"), Holds.RECORD, TermsRule(), record=TermsRule)
    gates: Gates = spec(m("Gates"), Holds.RECORD, Gates(), record=Gates)
    caps: Caps = spec(m("Caps"), Holds.RECORD, Caps(), record=Caps)
    floor: Decimal = spec(
        m("Floor"), Holds.NUMBER, Decimal(0), low=0, high="1e12",
        hint=m("A limit above 0 is never below this amount, in the dealer's currency; 0 for no floor."),
    )  # fmt: skip
    rounding_unit: Decimal = spec(
        m("Rounded down to"), Holds.NUMBER, Decimal(100), above=0, high="1e9",
        hint=m("The limit is rounded down to a multiple of this, once, at the end."),
    )  # fmt: skip
    validity_months: int = spec(
        m("Valid for months"), Holds.WHOLE, 12, low=1, high=60,
        hint=m("A limit expires so many months after its as-of date."),
    )  # fmt: skip
    approvals: tuple[ApprovalLevel, ...] = spec(
        m("Approvals"), Holds.RECORDS, (ApprovalLevel(Decimal(100_000), 1), ApprovalLevel(None, 2)),
        record=ApprovalLevel, rows=4,
        hint=m("In company currency at the rate of the day of the vote, for all that would be in force; the "
        "amount belongs to its level, and the last level has none."),
    )  # fmt: skip
    new_dealer: NewDealerRule = spec(m("New dealer"), Holds.RECORD, NewDealerRule(), record=NewDealerRule)
    parameters: Parameters = spec(
        m("Parameters of the methods"), Holds.RECORD, Parameters(), record=Parameters,
        folded=m("Figures that single methods are built on"),
    )  # fmt: skip
    version: int = 0


def months_needed(policy: Policy) -> int:
    """How many complete months before the as-of date the policy may look at."""
    return max(policy.sales.window_months, policy.season.window_months if uses_season(policy) else 0)


def uses_season(policy: Policy) -> bool:
    """Whether a method or a cap of the policy reads the seasonal index."""
    by_method = policy.season.use or any(use.method is Method.SEASONAL for use in policy.methods)
    return by_method or policy.caps.mean_month_season_rate is not None

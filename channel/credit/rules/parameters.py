"""The figures that single methods are built on: published tables and cut-offs, as data that a policy can change.

Sources: working assets, the table of a published credit-management front end, whose printed edges leave holes
(0.30 to 0.31) that the half-open bands here close towards the lower percentage; Altman Z 1968, Z' 1983 and Z'' 1993,
with their usual cut-offs; characteristic analysis has no published weights, so all eighteen start equal; the
probabilities of default by grade are a start to be replaced by the company's own losses.
"""

from dataclasses import dataclass
from decimal import Decimal

from channel.credit.rules.grades import BY_GRADE, GradeTable
from channel.errors import m
from channel.versions.rules.spec import Holds, spec

RISKS = ("high", "limited", "low")
FACTOR_GROUPS = ("own", "priority", "credit")


@dataclass(frozen=True, slots=True)
class AltmanRule:
    """Coefficients for X1, X2, ... and the cut-offs: below the first is distress, above the second is safe."""

    version: str = spec(m("Version"), Holds.TEXT)
    coefficients: tuple[Decimal, ...] = spec(m("Coefficients"), Holds.NUMBERS, low=-100, high=100)
    distress_below: Decimal = spec(m("Distress below"), Holds.NUMBER, low=-100, high=100)
    safe_above: Decimal = spec(m("Safe above"), Holds.NUMBER, low=-100, high=100)


@dataclass(frozen=True, slots=True)
class WorkingAssetsBand:
    """The share of working assets from a score on, up to where the next band begins; null begins at the lowest."""

    from_score: Decimal | None = spec(m("From score"), Holds.NUMBER, low=-1000, high=1000, optional=True)
    rate: Decimal = spec(m("Share of working assets"), Holds.NUMBER, low=0, high=1)
    risk: str = spec(m("Risk"), Holds.CHOICE, choices=RISKS)


@dataclass(frozen=True, slots=True)
class FactorWeight:
    """One factor of the characteristic analysis and its weight; factors are scored from 1 to 10."""

    factor: str = spec(m("Factor"), Holds.TEXT)
    group: str = spec(m("Group"), Holds.CHOICE, choices=FACTOR_GROUPS)
    weight: Decimal = spec(m("Weight"), Holds.NUMBER, low=0, high=1000)


@dataclass(frozen=True, slots=True)
class CharacteristicBand:
    """What a percentage from here on, up to the next band, means and by what it multiplies the limit."""

    from_percent: Decimal = spec(m("From percent"), Holds.NUMBER, low=0, high=100)
    meaning: str = spec(m("Meaning"), Holds.TEXT)
    factor: Decimal = spec(m("Factor"), Holds.NUMBER, low=0, high=10)


def _bands(*rows: tuple[str | None, str, str]) -> tuple[WorkingAssetsBand, ...]:
    return tuple(
        WorkingAssetsBand(None if start is None else Decimal(start), Decimal(rate), risk) for start, rate, risk in rows
    )


WORKING_ASSETS_BANDS = _bands(
    (None, "0", "high"),
    ("-4.59", "0.025", "high"),
    ("-3.89", "0.05", "high"),
    ("-3.19", "0.075", "high"),
    ("-2.49", "0.10", "high"),
    ("-1.79", "0.125", "limited"),
    ("-1.09", "0.15", "limited"),
    ("-0.39", "0.175", "limited"),
    ("0.31", "0.20", "limited"),
    ("1.0", "0.25", "low"),
)

_FACTORS = {
    "own": ("appearance", "organisation", "product_and_market", "competitiveness", "operating_state", "prospects"),
    "priority": (
        "deal_margin",
        "product_demands",
        "effect_on_appeal",
        "effect_on_strength",
        "security",
        "replaceability",
    ),
    "credit": ("payment_record", "bank_credit", "profitability", "balance_sheet", "solvency", "total_capital"),
}
EQUAL_WEIGHTS = tuple(
    FactorWeight(factor, group, Decimal(1)) for group, factors in _FACTORS.items() for factor in factors
)

CHARACTERISTIC_BANDS = (
    CharacteristicBand(Decimal(0), "no credit", Decimal(0)),
    CharacteristicBand(Decimal(21), "watch closely", Decimal("0.5")),
    CharacteristicBand(Decimal(46), "normal", Decimal(1)),
    CharacteristicBand(Decimal(66), "larger limit", Decimal("1.25")),
)

ALTMAN_Z = AltmanRule(
    "Altman 1968", tuple(Decimal(c) for c in ("1.2", "1.4", "3.3", "0.6", "1.0")), Decimal("1.81"), Decimal("2.99")
)
ALTMAN_Z_PRIME = AltmanRule(
    "Altman 1983",
    tuple(Decimal(c) for c in (".717", ".847", "3.107", ".420", ".998")),
    Decimal("1.23"),
    Decimal("2.90"),
)
ALTMAN_Z_DOUBLE_PRIME = AltmanRule(
    "Altman 1993", tuple(Decimal(c) for c in ("6.56", "3.26", "6.72", "1.05")), Decimal("1.1"), Decimal("2.6")
)


@dataclass(frozen=True, slots=True)
class Parameters:
    """Parameters of the single methods; they are read only when the policy names the method or gate."""

    statement_max_age_months: int = spec(
        m("Oldest statement used, in months"),
        Holds.WHOLE,
        18,
        low=1,
        high=60,
        hint=m("Older statements are not used."),
    )
    net_worth_rate: Decimal = spec(
        m("Share of net worth"), Holds.NUMBER, Decimal("0.10"), above=0, high=1,
        hint=m("For the methods that read net worth: 0.10 is 10%."),
    )  # fmt: skip
    own_sales_rate: Decimal = spec(
        m("Share of own sales beside net worth"), Holds.NUMBER, Decimal("0.10"), above=0, high=1,
        hint=m("For the two ten-percent rules."),
    )  # fmt: skip
    small_customer_rate: Decimal = spec(
        m("Share of the small customer's base"), Holds.NUMBER, Decimal(1), above=0, high=1,
        hint=m("Of (net assets + net profit) ÷ 2."),
    )  # fmt: skip
    high_credit_growth_factor: Decimal = spec(
        m("Growth over the best high credit"), Holds.NUMBER, Decimal(1), above=0, high=10,
        hint=m("The best high credit is multiplied by this."),
    )  # fmt: skip
    high_credit_from_ledger: bool = spec(
        m("Best high credit from the ledger"), Holds.FLAG, default=False,
        hint=m("The largest balance of twelve months that was cleared on terms, in place of what people keep."),
    )  # fmt: skip
    default_rates: GradeTable[Decimal] = spec(
        m("Probability of default within a year"), Holds.TABLE,
        GradeTable(Decimal("0.001"), Decimal("0.005"), Decimal("0.02"), Decimal("0.05"), Decimal("0.20")),
        keys=BY_GRADE, low=0, high=1, hint=m("For the expected loss: 0.02 is 2%."),
    )  # fmt: skip
    loss_given_default_rate: Decimal = spec(
        m("Loss given default"), Holds.NUMBER, Decimal("0.45"), low=0, high=1,
        hint=m("Which share of the exposure is lost then."),
    )  # fmt: skip
    expected_loss_ceiling: Decimal = spec(
        m("Most expected loss per dealer, in company currency"), Holds.NUMBER, Decimal(10_000), above=0, high="1e12",
        hint=m("Default × loss × exposure stays below this."),
    )  # fmt: skip
    working_assets_version: str = spec(
        m("Version of the working-asset table"), Holds.TEXT, "published table, holes closed"
    )
    working_assets_bands: tuple[WorkingAssetsBand, ...] = spec(
        m("Working-asset table"), Holds.RECORDS, WORKING_ASSETS_BANDS, record=WorkingAssetsBand
    )
    characteristic_weights: tuple[FactorWeight, ...] = spec(
        m("Weights of the characteristic analysis"), Holds.RECORDS, EQUAL_WEIGHTS, record=FactorWeight
    )
    characteristic_bands: tuple[CharacteristicBand, ...] = spec(
        m("Bands of the characteristic analysis"), Holds.RECORDS, CHARACTERISTIC_BANDS, record=CharacteristicBand
    )
    characteristic_known_rate: Decimal = spec(
        m("Least share of the weights that is scored"), Holds.NUMBER, Decimal("0.5"), above=0, high=1,
        hint=m("With fewer of the weights scored there is no result."),
    )  # fmt: skip
    altman_z: AltmanRule = spec(m("Altman Z"), Holds.RECORD, ALTMAN_Z, record=AltmanRule)
    altman_z_prime: AltmanRule = spec(m("Altman Z'"), Holds.RECORD, ALTMAN_Z_PRIME, record=AltmanRule)
    altman_z_double_prime: AltmanRule = spec(m("Altman Z''"), Holds.RECORD, ALTMAN_Z_DOUBLE_PRIME, record=AltmanRule)

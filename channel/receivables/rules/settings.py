"""The rules of the ledger as a versioned document: rests let go, write-offs by one person, ageing, and calls."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from channel.access.rules import Right
from channel.dealers.rules import is_currency_code
from channel.errors import FieldError, m
from channel.money import digits_of
from channel.receivables.rules.ageing import LAST_EDGE, MOST_EDGES, AgeBasis, Buckets, check_edges
from channel.receivables.rules.allocation import AllocationRules, tolerance_within
from channel.receivables.rules.calls import CallRules
from channel.receivables.rules.promises import MOST_GRACE_DAYS, SHARE_EXPECTED, is_share
from channel.versions.rules import Holds, Paper, spec

_LARGEST = 10**13


@dataclass(frozen=True, slots=True)
class CurrencyRules:
    """What holds for amounts of one currency."""

    currency: str = spec(m("Currency"), Holds.TEXT)
    tolerance_amount: Decimal = spec(
        m("Rest let go, at most"), Holds.NUMBER, Decimal(0), low=0, high=_LARGEST,
        hint=m("What a payment leaves of an item is let go up to this amount and this part of the item."),
    )  # fmt: skip
    tolerance_rate: Decimal = spec(m("and at most this part of the item"), Holds.NUMBER, Decimal(0), low=0, high=1)
    alone_amount: Decimal = spec(
        m("Written off by one person, up to"), Holds.NUMBER, Decimal(0), low=0, high=_LARGEST,
        hint=m("Above it a second person approves; the amount belongs to what one may do alone."),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class LedgerRules:
    """What money lets go, what needs a second person, how old receivables are told, and whom to call first."""

    name: str = spec(m("Name"), Holds.TEXT, "Standard", hint=m("How people call these rules."))
    currencies: tuple[CurrencyRules, ...] = spec(
        m("Currencies"), Holds.RECORDS, (), record=CurrencyRules, rows=3, least=0,
        hint=m("Of a currency that is not named nothing is let go, and every write-off needs a second person."),
    )  # fmt: skip
    edges: tuple[Decimal, ...] = spec(
        m("Last days of the ageing's buckets"), Holds.NUMBERS, tuple(map(Decimal, (30, 60, 90, 180))),
        low=1, high=LAST_EDGE,
    )  # fmt: skip
    promise_grace_days: int = spec(
        m("Days of grace of a promise"), Holds.WHOLE, 3, low=0, high=MOST_GRACE_DAYS,
        hint=m("So many days later money still keeps a promise to pay, unless it says otherwise."),
    )  # fmt: skip
    promise_share: Decimal = spec(
        m("Share that keeps a promise"), Holds.NUMBER, Decimal("0.95"), low=0, high=1,
        hint=m("A promise to pay is kept by this share of what was promised, unless it says otherwise: 0.95 is 95%."),
    )  # fmt: skip
    calls: CallRules = spec(
        m("Call list"), Holds.RECORD, CallRules(), record=CallRules,
        hint=m("Who stands in the call list of a day, and who comes first."),
    )  # fmt: skip
    version: int = 0

    def of(self, currency: str) -> CurrencyRules:
        """What holds for a currency; of one that is not named nothing is let go and nothing written off alone."""
        return next((each for each in self.currencies if each.currency == currency), CurrencyRules(currency))

    def allocation_of(self, currency: str) -> AllocationRules:
        """The settings by which money of a currency is allocated."""
        mine = self.of(currency)
        tolerance = tolerance_within(mine.tolerance_amount, mine.tolerance_rate, mine.alone_amount)
        return AllocationRules(digits_of(currency), tolerance)

    def buckets(self, basis: AgeBasis = AgeBasis.DUE) -> Buckets:
        """The buckets of an ageing by these rules."""
        return Buckets(basis, tuple(map(int, self.edges)))


def check_ledger_rules(rules: LedgerRules) -> Sequence[FieldError]:
    """Every contradiction between fields."""
    named = [each.currency for each in rules.currencies]
    errors = [
        FieldError(
            f"currencies.{place}.currency",
            m("%(value)s is not a currency code.", value=each),
            m("Three capital letters of ISO 4217, such as USD"),
        )
        for place, each in enumerate(named)
        if not is_currency_code(each)
    ]
    errors += [
        FieldError(f"currencies.{place}.currency", m("The currency is named twice."))
        for place, each in enumerate(named)
        if each in named[:place]
    ]
    if any(edge != edge.to_integral_value() for edge in rules.edges) or check_edges(tuple(map(int, rules.edges))):
        expected = m(
            "From 1 to %(most)s whole numbers that rise, the last at most %(last)s", most=MOST_EDGES, last=LAST_EDGE
        )
        errors.append(FieldError("edges", m("The buckets do not follow one another."), expected))
    if not is_share(rules.promise_share):
        errors.append(FieldError("promise_share", m("The number is out of range."), SHARE_EXPECTED))
    return errors


LEDGER_RULES: Paper[LedgerRules] = Paper(
    code="ledger rules",
    model=LedgerRules,
    address="/receivables/rules",
    see=Right.SEE_RECEIVABLES,
    propose=Right.PROPOSE_POLICY,
    decide=Right.DECIDE_POLICY,
    title=m("Rules of the ledger"),
    kind=m("Rules of the ledger"),
    one=m("rules of the ledger"),
    named=m("Rules of the ledger %(number)s"),
    within=m("rules of the ledger %(number)s"),
    check=check_ledger_rules,
    wrong=m("The rules have errors: please correct them."),
    missing=m("No rules of the ledger are effective on %(on)s."),
    from_then_on=m("From %(day)s on money is allocated by it."),
    effect=m("What is posted on this day or later follows it, once another person has approved it."),
)

"""How the choices in a policy are called."""

from collections.abc import Mapping
from types import MappingProxyType

from channel.errors import Message, m

TAX_SAID = m("The limit comes from net sales; the exposure has tax in it.")
"""Told wherever a limit stands beside what is owed."""

_LABELS = {
    "turnover": m("Turnover"),
    "seasonal": m("Seasonal turnover"),
    "working_assets": m("Working assets"),
    "net_worth": m("Share of net worth"),
    "two_ten_percent": m("Two ten-percent rules"),
    "three_calculations": m("Mean of three calculations"),
    "small_customer": m("Small customer"),
    "best_high_credit": m("Best high credit"),
    "expected_loss": m("Expected loss"),
    "smallest": m("The smallest"),
    "first": m("The first that can be computed"),
    "withhold": m("Withholds the limit"),
    "factor": m("Lowers the limit by the factor"),
    "mean": m("The mean"),
    "sell_in": m("Sell-in"),
    "sell_through": m("Sell-through"),
    "smaller": m("The smaller of sell-in and sell-through with the wanted change of stock"),
    "covered": m("All covered months"),
    "with_sales": m("Only months with sales"),
    "none": m("None"),
    "winsorise": m("Counted as the next month"),
    "drop": m("Left out"),
    "as_of": m("The month of the as-of date"),
    "peak": m("The strongest month of the validity"),
    "z": m("Altman Z"),
    "z_prime": m("Altman Z'"),
    "z_double_prime": m("Altman Z''"),
    "high": m("High"),
    "limited": m("Limited"),
    "low": m("Low"),
    "own": m("The dealer himself"),
    "priority": m("How much we want him"),
    "credit": m("Credit and finance"),
    "appearance": m("Appearance"),
    "organisation": m("Organisation"),
    "product_and_market": m("Products and market"),
    "competitiveness": m("Competitiveness"),
    "operating_state": m("State of the business"),
    "prospects": m("Prospects"),
    "deal_margin": m("Our margin on his orders"),
    "product_demands": m("What he demands of the products"),
    "effect_on_appeal": m("Effect on our appeal in the market"),
    "effect_on_strength": m("Effect on our strength in the market"),
    "security": m("Security given"),
    "replaceability": m("How hard he is to replace"),
    "payment_record": m("Payment record"),
    "bank_credit": m("Credit with banks"),
    "profitability": m("Profitability"),
    "balance_sheet": m("Balance sheet"),
    "solvency": m("Solvency"),
    "total_capital": m("Total capital"),
}
STATE_NAMES: Mapping[str, Message] = MappingProxyType(
    {
        "open": m("open"),
        "approved": m("approved"),
        "refused": m("refused"),
        "withdrawn": m("withdrawn"),
        "superseded": m("superseded"),
        "ended": m("dealer ended"),
    }
)
"""How far a proposal has come."""

KIND_NAMES: Mapping[str, Message] = MappingProxyType(
    {
        "base": m("Limit"),
        "temporary": m("Temporary increase"),
        "end": m("End of the limit"),
        "raise_end": m("End of a raise"),
    }
)
STATE_KINDS: Mapping[str, str] = MappingProxyType(
    {"open": "accent", "approved": "good", "refused": "bad", "ended": "warn"}
)
JOURNAL_NAMES: Mapping[str, Message] = MappingProxyType(
    {"limit": m("Limit"), "raise": m("Raise"), "withdrawal": m("End of the limit"), "raise_end": m("End of a raise")}
)
"""What a line of the journal of limits says."""
FACT_NAMES: Mapping[str, Message] = MappingProxyType(
    {
        "score": m("Score of a factor"),
        "reference_limits": m("Limits that others grant"),
        "stated_need": m("Stated need"),
        "best_high_credit": m("Best high credit"),
    }
)
"""What people know of a dealer's credit besides its statements."""

CAUSE_NAMES: Mapping[str, Message] = MappingProxyType(
    {
        "grade": m("Grade"),
        "terms": m("Payment terms"),
        "currency": m("Currency"),
        "months": m("Reports"),
        "figures": m("Figures"),
        "policy": m("Credit policy"),
    }
)
"""What may have changed since a limit was computed."""


def choice_label(value: str) -> Message:
    """The name of a choice; a grade is its own."""
    return _LABELS.get(value) or m("%(value)s", value=value)

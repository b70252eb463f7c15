"""The rules of the ledger that hold when something is posted."""

from collections.abc import Iterable, Mapping

from channel.database.snapshots import view_of
from channel.receivables.rules.allocation import AllocationRules
from channel.receivables.rules.settings import LEDGER_RULES, LedgerRules
from channel.versions.service import in_force


async def rules_today() -> LedgerRules:
    """The rules in force today, as known now."""
    return await in_force(LEDGER_RULES, view_of())


async def allocation_rules(currencies: Iterable[str]) -> Mapping[str, AllocationRules]:
    """By currency the settings by which money is allocated today."""
    rules = await rules_today()
    return {currency: rules.allocation_of(currency) for currency in set(currencies)}

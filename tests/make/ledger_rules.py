"""Rules of the ledger in force, with what a test asks for."""

from datetime import date
from decimal import Decimal

from channel.access.rules import Person
from channel.acts import Why
from channel.receivables.rules.settings import LEDGER_RULES, CurrencyRules, LedgerRules
from channel.versions import service as versions
from channel.versions.acts import ApproveVersion, DraftVersion
from channel.versions.rules import written
from tests.make.access import acting


async def put_rules_in_force(drafter: Person, approver: Person, from_on: date, **amounts: str) -> None:
    """Rules for amounts in CNY, drafted by one person and approved by the other."""
    rules = LedgerRules(currencies=(CurrencyRules("CNY", **{name: Decimal(each) for name, each in amounts.items()}),))
    await put_in_force(drafter, approver, from_on, rules)


async def put_in_force(drafter: Person, approver: Person, from_on: date, rules: LedgerRules) -> None:
    """These rules, drafted by one person and approved by the other."""
    async with acting(drafter):
        draft = DraftVersion(document=dict(written(rules)), effective_from=from_on, note="for a test")
        number = await versions.draft(drafter, LEDGER_RULES, draft)
        await versions.propose(drafter, LEDGER_RULES, number, Why(reason="for a test"))
    async with acting(approver):
        await versions.approve(approver, LEDGER_RULES, number, ApproveVersion(reason="agreed", effective_from=None))

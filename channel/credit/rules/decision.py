"""A computed limit with its workings, as a value that can be stored and told again years later."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import msgspec

from channel.credit.rules.inputs import Rate
from channel.credit.rules.json_values import from_stored
from channel.credit.rules.steps import Step
from channel.errors import Message


class LimitDecision(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """The limit that a policy gives, or why it gives none.

    Either `amount` (rounded down) and `unrounded` are set and `withheld` is None, or `withheld` is set and they are
    None. The limit holds over [as_of, valid_until). `approvals_needed` follows from `company_amount`, the amount in
    company currency; without a rate for it the most approvals are needed, and a note says so.
    """

    dealer: str
    as_of: date
    known_at: datetime | None
    policy_version: int
    policy_name: str
    currency: str
    amount: Decimal | None
    unrounded: Decimal | None
    steps: tuple[Step, ...]
    withheld: Message | None
    new_dealer: bool
    first_order_prepaid: bool
    company_currency: str
    company_amount: Decimal | None
    approvals_needed: int | None
    valid_until: date | None
    rates: tuple[Rate, ...]
    notes: tuple[Message, ...] = ()


def decision_from_document(document: dict[str, Any]) -> LimitDecision:
    """The decision that was stored, equal to the one that was computed."""
    decision: LimitDecision = from_stored(LimitDecision, document)
    return decision

"""Sent: statements of account given, one, and one of each account of a selection."""

from channel.access.rules import Role
from tests.make.forms import Sending

_AT = "/receivables/statements"
CASES = (
    Sending(f"{_AT}/give", _AT, [Role.FINANCE], {"dealer": "D-1", "currency": "eur", "as_of": "2025-01-31"},
            "is given.",
            "SELECT count(*) = 1 FROM account_statement WHERE currency = 'EUR' AND as_of = '2025-01-31'"),
    Sending(f"{_AT}/runs", _AT, [Role.FINANCE], {"as_of": "2025-01-30", "type": "wholesale"},
            "The statements of account are being given.",
            "SELECT count(*) = 1 FROM statement_run WHERE as_of = '2025-01-30' AND type = 'wholesale'"),
)  # fmt: skip

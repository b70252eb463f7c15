"""Sent: statements of account given, one, and one of each account of a selection."""

import itertools
from collections.abc import Mapping

from channel.access.rules import Person, Role
from channel.receivables.service.posting import Given, post_documents
from tests.make.access import acting
from tests.make.forms import Sending
from tests.make.receivables import owed

_numbers = itertools.count(1)


async def _owing(person: Person) -> Mapping[str, str]:
    """An invoice of D-1, so that there is an account to state."""
    async with acting(person):
        document = owed("100", number=f"S-{next(_numbers)}", currency="USD", id=0)
        await post_documents(person, [Given("D-1", document)])
    return {}


_AT = "/receivables/statements"
CASES = (
    Sending(f"{_AT}/give", _AT, [Role.FINANCE], {"dealer": "D-1", "currency": "usd"},
            "is given.",
            "SELECT count(*) = 1 FROM account_statement WHERE currency = 'USD'", before=_owing),
    Sending(f"{_AT}/runs", _AT, [Role.FINANCE], {"as_of": "2025-01-30", "type": "wholesale"},
            "The statements of account are being given.",
            "SELECT count(*) = 1 FROM statement_run WHERE as_of = '2025-01-30' AND type = 'wholesale'", before=_owing),
)  # fmt: skip

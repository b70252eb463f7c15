"""Sent: on to the next dealer of the call list, a dealer taken, and what was said in a call."""

import itertools
from collections.abc import Mapping

from channel.access.rules import Person, Role
from channel.receivables.service.posting import Given, post_documents
from tests.make.access import acting, make_person
from tests.make.dealers import make_dealer
from tests.make.forms import Sending
from tests.make.receivables import owed

_numbers = itertools.count(1)


async def _overdue(_: Person) -> Mapping[str, str]:
    """A dealer who owes more than all before him, so that he comes first."""
    n = next(_numbers)
    await make_dealer(f"C-{n}", territory="Harbour City")
    finance = await make_person(Role.FINANCE)
    async with acting(finance):
        await post_documents(finance, [Given(f"C-{n}", owed(f"{n}000", number=f"C-{n}", id=0))])
    return {"dealer": f"C-{n}"}


_ALL = [Role.FINANCE, Role.MANAGER, Role.REGIONAL]
_CALL = "/dealers/{code}/receivables/call"
_CLAIMED = "SELECT c.name = '{me}' FROM call_claim c JOIN dealer d ON d.id = c.dealer_id WHERE d.code = '{dealer}'"
CASES = (
    Sending("/receivables/calls/next", "/receivables/calls", _ALL, {}, "Dealer {dealer}", _CLAIMED, before=_overdue),
    Sending(_CALL, "/dealers/{dealer}/receivables/call", _ALL,
            {"with_whom": "{me}", "said": "he pays", "promised_amount": "5", "promised_on": "2040-01-02",
             "next_step": "look", "next_on": "2040-01-03"},
            "The call is written down.",
            "SELECT count(*) = 1 FROM promise p JOIN contact_entry e USING (dealer_id)"
            " JOIN dealer d ON d.id = e.dealer_id WHERE d.code = '{dealer}'"
            " AND p.promised_by = '{me}' AND e.said = 'he pays'",
            button="button[value='by_us']", before=_overdue),
    Sending(f"{_CALL}/claim", "/dealers/{dealer}/receivables/call", _ALL, {}, "yours to call", _CLAIMED,
            form="[action$='/claim']", before=_overdue),
)  # fmt: skip

"""Sent: what a dealer promised to pay, and that it no longer holds."""

from collections.abc import Mapping

from channel.access.rules import Person, Role
from channel.receivables.service.promises import enter_promise
from tests.make.access import acting
from tests.make.forms import Sending
from tests.make.receivables import promising


async def _entered(person: Person) -> Mapping[str, str]:
    async with acting(person):
        return {"number": str(await enter_promise(person, "D-1", promising()))}


_ALL = [Role.FINANCE, Role.MANAGER, Role.REGIONAL]
CASES = (
    Sending("/dealers/{code}/receivables/promise", "/dealers/D-1/receivables/promise", _ALL,
            {"instalments": "2031-01-31=500; 2031-02-28=80.50", "promised_by": "{me}", "grace_days": "5"},
            "The promise is written down.",
            "SELECT count(*) = 2 FROM promise p JOIN promise_instalment i ON i.promise_id = p.id"
            " WHERE p.promised_by = '{me}' AND grace_days = 5 AND i.due_on > '2031-01-01'"),
    Sending("/receivables/promises/{promise}/cancel", "/receivables/promises/{number}", _ALL,
            {"reason": "a new plan"}, "The promise is cancelled.",
            "SELECT count(*) = 1 FROM promise_cancellation WHERE promise_id = {number}", before=_entered),
)  # fmt: skip

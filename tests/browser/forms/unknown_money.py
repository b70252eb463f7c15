"""Sent: money whose payer is not known, kept apart, assigned, taken back, sent back."""

import itertools
from collections.abc import Mapping

from channel.access.rules import Person, Role
from channel.receivables.acts.unknown_money import AssignMoney
from channel.receivables.service.unknown_money import assign_money, keep_money
from tests.make.access import acting
from tests.make.forms import Sending
from tests.make.receivables import unknown_line

_numbers = itertools.count(1)


async def _kept(person: Person) -> Mapping[str, str]:
    number = f"W-{next(_numbers)}"
    async with acting(person):
        return {"number": str(await keep_money(person, unknown_line(number))), "called": number}


async def _assigned(person: Person) -> Mapping[str, str]:
    kept = await _kept(person)
    async with acting(person):
        await assign_money(person, int(kept["number"]), AssignMoney(dealer="D-1", reason="named"))
    return kept


_AT = "/receivables/unknown"
CASES = (
    Sending(f"{_AT}/new", f"{_AT}/new", [Role.FINANCE],
            {"number": "B-77", "currency": "usd", "amount": "80.50", "booked_on": "2025-01-21", "remark": "I1"},
            "The money B-77 is kept apart.", "SELECT amount = 80.5 FROM unknown_money WHERE number = 'B-77'"),
    Sending(f"{_AT}/{{number}}/assign", f"{_AT}/{{number}}", [Role.FINANCE], {"dealer": "D-1", "reason": "it is his"},
            "The money is a receipt of D-1.",
            "SELECT count(*) = 1 FROM money_assigned WHERE money_id = {number}", form="[action$='/assign']",
            before=_kept),
    Sending(f"{_AT}/{{number}}/return", f"{_AT}/{{number}}", [Role.FINANCE], {"reason": "nobody's"},
            "The money was sent back.", "SELECT ended_by IS NOT NULL FROM unknown_money WHERE id = {number}",
            form="[action$='/return']", before=_kept),
    Sending(f"{_AT}/{{number}}/take-back", f"{_AT}/{{number}}", [Role.FINANCE], {"reason": "another's"},
            "The receipt is reversed, and the money waits again.",
            "SELECT count(*) = 1 FROM unknown_money WHERE number = '{called}' AND ended_by IS NULL", before=_assigned),
)  # fmt: skip

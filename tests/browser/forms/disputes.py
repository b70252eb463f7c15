"""Sent: a dispute opened, handed on and ended."""

import itertools
from collections.abc import Mapping

from channel import clock
from channel.access.rules import Person, Role
from channel.receivables.service.disputes import open_dispute
from channel.receivables.service.posting import Given, post_documents
from tests.make.access import acting
from tests.make.disputes import opening
from tests.make.forms import Sending
from tests.make.receivables import owed

_numbers = itertools.count(1)


async def _owed(person: Person) -> Mapping[str, str]:
    given = Given("D-1", owed("100", number=f"X-{next(_numbers)}", id=0))
    async with acting(person):
        posted = await post_documents(person, [given])
    return {"document": str(posted.documents[0].document.id)}


async def _disputed(person: Person) -> Mapping[str, str]:
    made = await _owed(person)
    async with acting(person):
        act = opening(int(made["document"]), owner=person.login, due_on=clock.today())
        return made | {"dispute": str(await open_dispute(person, "D-1", act))}


_AT = "/receivables/disputes"
_NEW = "/dealers/D-1/receivables/dispute"
CASES = (
    Sending("/dealers/{code}/receivables/dispute", f"{_NEW}?document={{document}}", [Role.FINANCE],
            {"reason_code": "quality", "owner": "{me}", "due_on": "2040-01-01"}, "The dispute is open.",
            "SELECT amount = 100 FROM dispute WHERE document_id = {document}", before=_owed),
    Sending(f"{_AT}/{{dispute}}/hand-on", f"{_AT}/{{dispute}}", [Role.FINANCE],
            {"owner": "{me}", "due_on": "2041-01-01", "reason": "later"}, "answers for the dispute.",
            "SELECT count(*) = 2 FROM dispute_owner WHERE dispute_id = {dispute}", form="[action$='/hand-on']",
            before=_disputed),
    Sending(f"{_AT}/{{dispute}}/end", f"{_AT}/{{dispute}}", [Role.FINANCE],
            {"outcome": "agreed", "reason": "he pays"}, "The dispute has ended.",
            "SELECT outcome = 'agreed' FROM dispute_end WHERE dispute_id = {dispute}", form="[action$='/end']",
            before=_disputed),
)  # fmt: skip

"""Sent: a contact with a dealer, and another in its place."""

from collections.abc import Mapping

from channel.access.rules import Person, Role
from channel.receivables.service.contact_log import log_contact
from tests.make.access import acting
from tests.make.forms import Sending
from tests.make.receivables import speaking


async def _logged(person: Person) -> Mapping[str, str]:
    async with acting(person):
        return {"number": str(await log_contact(person, "D-1", speaking()))}


_ALL = [Role.FINANCE, Role.MANAGER, Role.REGIONAL]
_AT = "/receivables/contact-log"
CASES = (
    Sending("/dealers/{code}/contact-log/new", "/dealers/D-1/contact-log/new", _ALL,
            {"kind": "visit", "outcome": "by_us", "at_time": "0:05", "with_whom": "{me}", "said": "the shop is full",
             "next_step": "send the list", "next_on": "2040-01-02"},
            "The contact is written down.",
            "SELECT count(*) = 1 FROM contact_entry WHERE with_whom = '{me}' AND kind = 'visit' AND at_time = '00:05'"
            " AND next_on = '2040-01-02'"),
    Sending(f"{_AT}/{{entry}}/correct", f"{_AT}/{{number}}/correct", _ALL,
            {"said": "he does not pay", "reason": "misheard"}, "The entry is corrected.",
            "SELECT said = 'he does not pay' FROM contact_entry WHERE supersedes_id = {number}", before=_logged),
)  # fmt: skip

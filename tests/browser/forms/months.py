"""Sent: months of the ledger closed and opened again."""

from collections.abc import Mapping

from channel.access.rules import Person, Role
from channel.periods import Month
from channel.receivables.acts.months import CloseMonth
from channel.receivables.queries.months import closed_now
from channel.receivables.service.months import close_month
from tests.make.access import acting
from tests.make.forms import Sending


async def _closed(person: Person) -> Mapping[str, str]:
    async with acting(person):
        if Month(2011, 5) not in await closed_now():
            await close_month(person, CloseMonth(month="2011-05", reason="done"))
    return {}


_LAST = "SELECT closed = {} FROM month_closing WHERE month = '{}' ORDER BY id DESC LIMIT 1"

CASES = (
    Sending("/receivables/months/close", "/receivables/months", [Role.FINANCE],
            {"month": "2011-04", "reason": "all is in"}, "The month 2011-04 is closed.",
            _LAST.format("true", "2011-04-01")),
    Sending("/receivables/months/open", "/receivables/months", [Role.FINANCE],
            {"month": "2011-05", "reason": "an invoice came late"}, "The month 2011-05 is open again.",
            _LAST.format("false", "2011-05-01"), before=_closed),
)  # fmt: skip

"""The register of staff from files: it belongs to a room beneath that of files, which writes it itself."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from channel import clock
from channel.access.rules.staff import StaffLine
from channel.access.service import staff
from channel.dealers.file_kinds.staff import STAFF
from channel.dealers.queries.loads import masters as loads
from channel.dealers.service.codes import settle_codes
from channel.imports.loader import Load, Unshared


class StaffLoader(Unshared):
    """Members of staff by code: added and changed; an empty cell says nothing, and who is not named stays as he is."""

    spec = STAFF
    settle = staticmethod(settle_codes)

    async def check(self, load: Load) -> Mapping[str, Any]:
        """Faults of the lines; how many members are new and how many are known."""
        counts, wrong = await staff.check_staff(load.person, await _lines(), _from_on(load))
        for line_no, fault in wrong:
            await loads.record_fault(line_no, fault.field, fault.reason.as_json())
        return counts

    async def write(self, load: Load, _posting_id: int) -> Mapping[str, int]:
        """Members added, changed, unchanged."""
        return await staff.load_staff(load.person, await _lines(), _from_on(load))

    async def stands(self, _load_id: int, _posting_id: int) -> bool:
        """Members have no postings: the file is looked at again, and what is there already stays as it is."""
        return False


def _from_on(load: Load) -> date:
    return load.effective_on or clock.today()


async def _lines() -> list[StaffLine]:
    return [StaffLine(**{**row, "duties": tuple(row["duties"] or ())}) for row in await loads.incoming_staff()]

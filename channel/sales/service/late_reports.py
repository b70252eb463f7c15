"""Tasks about sales reports that are late: one for each dealer and month, for whoever is responsible of the dealer."""

from collections.abc import Mapping
from typing import Any

from channel import clock
from channel.access import service as access
from channel.access.rules import SERVICE, Right
from channel.errors import Message, m
from channel.periods import Month, complete_months_before
from channel.sales.queries import coverage as queries
from channel.sales.rules import KINDS, compute_owed
from channel.sales.rules.late_reports import Cause, compute_late
from channel.tasks.queries.roster import responsible_of
from channel.tasks.queries.writing import outstanding_of
from channel.tasks.rules.working_days import add_working_days
from channel.tasks.service.calendar import working_calendar
from channel.tasks.service.kinds import TaskKind
from channel.tasks.service.opening import NewTask, end_tasks, open_tasks
from channel.work.rules import Every, Rhythm
from channel.work.service import Due, Work

_MONTHS = 3
"""Of so many complete months, as the list of owed reports has them, a late report opens a task."""
_DAYS = 3
"""A task is due so many working days after it was opened."""
REPORTS_IN = "tasks of reports that are in"


def _words(row: Mapping[str, Any]) -> Message:
    return m("Get the reports of %(month)s from %(dealer)s", month=Month.parse(row["about"]), dealer=row["dealer_name"])


LATE_REPORT = TaskKind(
    "late report",
    m("late report"),
    Right.LOAD_REPORTS,
    _words,
    lambda row: f"/dealers/{row['dealer']}#reports",
    sees=Right.SEE_SALES,
    ends_by=m("when the reports are in, or are owed no longer."),
)


async def look_for_late_reports() -> None:
    """Open a task for each dealer and month of which a report is late, and end those whose reports are late no more."""
    today = clock.today()
    stale = await _end_those_in()
    late: dict[Cause, list[str]] = {}
    for month in complete_months_before(today, _MONTHS):
        late |= await _late(month)
    new = [each for each in late if each not in stale]
    if not new:
        return
    due_on = add_working_days(today, _DAYS, await working_calendar())
    whose = await responsible_of([dealer_id for dealer_id, _ in new])
    tasks = [NewTask(month, due_on, dealer_id, whose.get(dealer_id)) for dealer_id, month in new]
    await open_tasks(LATE_REPORT, tasks, await access.open_posting(SERVICE, "open tasks"))


async def _late(month: Month) -> dict[Cause, list[str]]:
    rows = await queries.owed_reports(month, KINDS)
    return compute_late(
        compute_owed(row["dealer_id"], row["kind"], month, row["due_day"], clock.today()) for row in rows
    )


async def _end_those_in() -> set[Cause]:
    """End what is outstanding of months whose reports are in; what is still late, by dealer and month."""
    causes = {(row["dealer_id"], row["about"]) for row in await outstanding_of(LATE_REPORT.code)}
    still: set[Cause] = set()
    for month in sorted({month for _, month in causes}):
        still |= causes & (await _late(Month.parse(month))).keys()
    if gone := sorted(causes - still):
        await end_tasks(LATE_REPORT, gone, await access.open_posting(SERVICE, "end tasks"))
    return still


async def _look(_: Due) -> None:
    await look_for_late_reports()


async def _reports_in(_: Due) -> None:
    await _end_those_in()


LOOKING = (Work("tasks of late reports", _look, Every(Rhythm.DAY)), Work(REPORTS_IN, _reports_in))
"""Each day, and after each report that is loaded."""

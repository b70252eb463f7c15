"""What a decision leaves to be done: a call, or statements to be asked for, as tasks of who is responsible."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from urllib.parse import quote

from channel import clock
from channel.access.rules import Right
from channel.consent.rules import Row
from channel.errors import Message, m
from channel.reviews.rules.deciding import Outcome
from channel.tasks.queries.calendar import calendar
from channel.tasks.queries.writing import outstanding_about
from channel.tasks.rules.working_days import add_working_days
from channel.tasks.service.kinds import TaskKind
from channel.tasks.service.opening import NewTask, open_tasks


def _url(row: Any) -> str:  # noqa: ANN401 - a row
    return f"/dealers/{quote(row['dealer'], safe='')}/reviews/{row['told']['review']}"


def _call(row: Any) -> Message:  # noqa: ANN401 - a row
    return m("Call %(name)s: the review of %(on)s asks for it", name=row["dealer_name"], on=_day(row))


def _statements(row: Any) -> Message:  # noqa: ANN401 - a row
    return m(
        "Ask %(name)s for financial statements: the review of %(on)s asks for it", name=row["dealer_name"], on=_day(row)
    )


def _day(row: Any) -> date:  # noqa: ANN401 - a row
    return date.fromisoformat(row["told"]["as_of"])


CALLS = TaskKind("review call", m("Call of a review"), Right.ENTER_FOR_DEALERS, _call, _url, sees=Right.SEE_REVIEWS)
STATEMENTS = TaskKind(
    "review statements", m("Statements of a review"), Right.KEEP_STATEMENTS, _statements, _url, sees=Right.SEE_REVIEWS
)
KINDS: Mapping[Outcome, TaskKind] = {Outcome.CALL: CALLS, Outcome.STATEMENTS: STATEMENTS}


_ABOUT = "reviews"


async def open_follow_ups(
    outcome: Outcome, decided: Sequence[Row], days: Mapping[tuple[str, int], int], posting_id: int
) -> dict[int, int]:
    """Write down what these decided reviews leave to be done, each within so many working days as its plan says.

    It is for who is responsible for the dealer, or for anybody who may. Of a dealer one call is outstanding at a time,
    however many reviews ask for it: the first one's. The numbers of the tasks, by those of the reviews.
    """
    if not decided:
        return {}
    week, today = await calendar(), clock.today()
    due = {count: add_working_days(today, count, week) for count in set(days.values())}
    new = [
        NewTask(
            _ABOUT,
            due[days[row["plan"], row["plan_version"]]],
            row["dealer_id"],
            row["responsible_id"],
            {"review": row["number"], "as_of": row["as_of"], "plan": row["plan"]},
        )
        for row in decided
    ]
    kind = KINDS[outcome]
    await open_tasks(kind, new, posting_id)
    tasks = await outstanding_about(kind.code, [(row["dealer_id"], _ABOUT) for row in decided])
    return {row["number"]: tasks[row["dealer_id"], _ABOUT] for row in decided}

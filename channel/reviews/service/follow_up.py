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
from channel.tasks.rules.working_days import add_working_days
from channel.tasks.service.kinds import TaskKind
from channel.tasks.service.opening import NewTask, open_tasks


def _url(row: Any) -> str:  # noqa: ANN401 - a row
    return f"/dealers/{quote(row['dealer'], safe='')}/reviews/{row['about']}"


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


async def open_follow_ups(
    outcome: Outcome, decided: Sequence[Row], days: Mapping[tuple[str, int], int], posting_id: int
) -> None:
    """Write down what these decided reviews leave to be done, each within so many working days as its plan says.

    It is for who is responsible for the dealer, or for anybody who may; a review's number is the task's cause.
    """
    week, today = await calendar(), clock.today()
    due = {count: add_working_days(today, count, week) for count in set(days.values())}
    new = [
        NewTask(
            str(row["number"]),
            due[days[row["plan"], row["plan_version"]]],
            row["dealer_id"],
            row["responsible_id"],
            {"as_of": row["as_of"], "plan": row["plan"]},
        )
        for row in decided
    ]
    await open_tasks(KINDS[outcome], new, posting_id)

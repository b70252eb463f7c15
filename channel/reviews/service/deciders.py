"""Who is to decide the reviews of a run, and by when: by the register of staff and the calendar of the day."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from channel import clock
from channel.access.rules import Right
from channel.reviews.queries.dealers import members_with_duty
from channel.reviews.rules.deciders import compute_decider
from channel.reviews.rules.plan import Deciding, ReviewPlan
from channel.tasks.queries.roster import lineages, roster_on, territories_of
from channel.tasks.rules.receiver import Roster
from channel.tasks.rules.working_days import add_working_days
from channel.tasks.service.calendar import working_calendar

_RIGHTS = (Right.DECIDE_REVIEWS,)


@dataclass(frozen=True, slots=True)
class Deciders:
    """By whom reviews that are opened on a day are decided: the register, who has the plan's duty, and by when."""

    deciding: Deciding
    roster: Roster
    with_duty: Mapping[str, int | None]
    decide_by: date

    async def of_each(self, responsible: Mapping[int, str | None]) -> dict[int, int]:
        """The member who decides about each dealer, where it is one; who is responsible is told by his code."""
        if not self.with_duty and not any(responsible.values()):
            return {}
        placed = await territories_of(list(responsible))
        above = await lineages(sorted(set(placed.values())))
        found = {}
        for dealer_id, code in responsible.items():
            lineage = above.get(placed[dealer_id], frozenset())
            decider = compute_decider(
                self.deciding,
                code,
                self.with_duty,
                lineage,
                lambda each, lineage=lineage: self.roster.may(each, _RIGHTS, lineage),  # type: ignore[misc] # bound now
            )
            if decider is not None:
                found[dealer_id] = self.roster.ids[decider]
        return found


async def deciders_of(plan: ReviewPlan) -> Deciders:
    """Who decides what a plan opens today."""
    today, duty = clock.today(), plan.deciding.duty
    with_duty = {} if duty is None else await members_with_duty(duty, today)
    decide_by = add_working_days(today, plan.deciding.days, await working_calendar())
    return Deciders(plan.deciding, await roster_on(today), with_duty, decide_by)

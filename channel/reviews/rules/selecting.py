"""Which of the dealers that a plan looks at are reviewed: by how they stood, and by what applies to them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from channel.dealers.rules import DealerFacts
from channel.reviews.rules.findings import is_above, is_stale, lacks_contact
from channel.reviews.rules.plan import NOBODY, UNGRADED, Conditions, Dealers, ReviewPlan, Rhythm
from channel.reviews.rules.snapshot import Snapshot


def is_looked_at(
    asked: Dealers,
    held: DealerFacts | None,
    *,
    below: Collection[int] | None,
    currency: str,
    responsible: str | None,
) -> bool:
    """Whether a dealer is among those that a plan looks at, by the facts of the day; of whom none was known is not.

    `below` are the territories that are meant with all that lies below them, None where none was named. `responsible`
    is the code of the member who is responsible for him.
    """
    if held is None or held.status not in {each.status for each in asked.statuses}:
        return False
    return (
        (asked.type is None or held.type == asked.type)
        and (below is None or held.territory_id in below)
        and (not asked.grades or (held.grade or UNGRADED) in {each.grade for each in asked.grades})
        and (asked.currency is None or asked.currency == currency)
        and (asked.responsible is None or asked.responsible == (responsible or NOBODY))
    )


@dataclass(frozen=True, slots=True)
class Happened:
    """What else a plan's conditions ask of a dealer.

    `above_each_day` is whether his exposure passed the plan's share of the limit on each of its days; `held` and
    `broke` whether a hold was placed and a promise broken since the run before. `last_on` is the day of the last
    review that the same plan opened of him.
    """

    above_each_day: bool = False
    held: bool = False
    broke: bool = False
    last_on: date | None = None


def is_reviewed(plan: ReviewPlan, seen: Snapshot, happened: Happened) -> bool:
    """Whether any condition of the plan applies; without any, every dealer that is looked at is reviewed.

    When reviews are opened as things come to pass, a dealer who was taken less than `again_days` before is not taken
    again for what still applies, only for a new hold or promise broken.
    """
    asked = plan.conditions
    if (asked.hold_placed and happened.held) or (asked.promise_broken and happened.broke):
        return True
    by_event, last_on = plan.when.rhythm is Rhythm.EVENT, happened.last_on
    if by_event and last_on is not None and (seen.as_of - last_on).days < plan.when.again_days:
        return False
    return asks_nothing(asked) or _applies(asked, seen, happened)


def asks_nothing(asked: Conditions) -> bool:
    """Whether no condition is asked."""
    return asked == Conditions(days_above_days=asked.days_above_days)


def _applies(asked: Conditions, seen: Snapshot, happened: Happened) -> bool:
    ends = seen.days_to_end
    return any(
        (
            asked.overdue and any(each.overdue > 0 for each in seen.aged),
            asked.use_above is not None and is_above(seen, asked.use_above),
            asked.days_above is not None and happened.above_each_day,
            asked.limit_ends_days is not None and ends is not None and ends <= asked.limit_ends_days,
            asked.statement_old and seen.statement_is_old,
            asked.file_months is not None and is_stale(seen, asked.file_months),
            asked.contact_days is not None and lacks_contact(seen, asked.contact_days),
        )
    )

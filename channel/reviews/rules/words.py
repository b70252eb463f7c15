"""What a plan says, in sentences, for whoever reads it before it opens anything."""

from collections.abc import Iterator

from channel.access.rules import ROLE_NAMES, Role
from channel.dealers.rules import DEALER_TYPE_NAMES, STATUS_NAMES, DealerType
from channel.errors import Message, m
from channel.reviews.rules.plan import MISSED_NAMES, NOBODY, UNGRADED, WEEKDAY_NAMES, ReviewPlan, Rhythm, When


def when_said(when: When) -> Message:
    """When a plan opens reviews."""
    day = str(when.day)
    match when.rhythm:
        case Rhythm.WEEKLY:
            return m("Opens each week on %(weekday)s.", weekday=WEEKDAY_NAMES[when.weekday])
        case Rhythm.MONTHLY:
            return m("Opens each month on day %(day)s.", day=day)
        case Rhythm.QUARTERLY:
            return m("Opens each quarter on day %(day)s of its month %(month)s.", day=day, month=str(when.month))
        case Rhythm.YEARLY:
            return m("Opens each year on day %(day)s of month %(month)s.", day=day, month=str(when.month))
        case Rhythm.ONCE:
            return m("Opens once, on %(day)s.", day=when.once_on)
        case Rhythm.EVENT:
            return m(
                "Looks each day, and takes whom it applies to; the same dealer not again for %(days)s days.",
                days=str(when.again_days),
            )


def plan_said(plan: ReviewPlan) -> tuple[Message, ...]:
    """What a plan says: when, of whom, to whom what applies, and who decides by when."""
    missed = m("Of days missed while the service was down it opens %(which)s.", which=MISSED_NAMES[plan.when.missed])
    return (when_said(plan.when), missed, _dealers_said(plan), *_conditions_said(plan), *_deciding_said(plan))


def _dealers_said(plan: ReviewPlan) -> Message:
    return m("Looks at dealers: %(which)s.", which=list(_which(plan)))


def _which(plan: ReviewPlan) -> Iterator[Message]:
    asked = plan.dealers
    yield from (STATUS_NAMES[each.status] for each in asked.statuses)
    if asked.type is not None:
        yield DEALER_TYPE_NAMES[DealerType(asked.type)]
    yield from (m("in %(place)s", place=each.territory) for each in asked.territories)
    for each in asked.grades:
        yield m("without a grade") if each.grade == UNGRADED else m("Grade %(grade)s", grade=each.grade)
    if asked.currency is not None:
        yield m("%(value)s", value=asked.currency)
    if asked.responsible is not None:
        nobody = asked.responsible == NOBODY
        yield m("nobody is responsible") if nobody else m("%(who)s is responsible", who=asked.responsible)


def _conditions_said(plan: ReviewPlan) -> Iterator[Message]:
    applies = list(_conditions(plan))
    if applies:
        yield m("Takes those to whom any of these applies: %(what)s.", what=applies)
    else:
        yield m("Takes all of them.")


def _conditions(plan: ReviewPlan) -> Iterator[Message]:
    asked = plan.conditions
    if asked.overdue:
        yield m("anything is overdue")
    if asked.use_above is not None:
        yield m("the exposure passes %(share)s of the limit", share=f"{asked.use_above:f}")
    if asked.days_above is not None:
        yield m(
            "the exposure passed %(share)s of the limit on each of %(days)s days",
            share=f"{asked.days_above:f}",
            days=str(asked.days_above_days),
        )
    if asked.limit_ends_days is not None:
        yield m("the limit ends within %(days)s days", days=str(asked.limit_ends_days))
    if asked.statement_old:
        yield m("the financial statement is older than the credit policy lets it count, or none is known")
    if asked.file_months is not None:
        yield m("a credit fact or the grade is older than %(months)s months", months=str(asked.file_months))
    if asked.contact_days is not None:
        yield m("nobody had contact for %(days)s days", days=str(asked.contact_days))
    if asked.hold_placed:
        yield m("a hold was placed")
    if asked.promise_broken:
        yield m("a promise to pay was broken")


def _deciding_said(plan: ReviewPlan) -> Iterator[Message]:
    asked, role = plan.deciding, ROLE_NAMES[Role(plan.deciding.role)]
    first = [m("who is responsible for the dealer")] if asked.to_responsible else []
    duty = [m("whoever has the duty %(duty)s", duty=asked.duty)] if asked.duty is not None else []
    yield m("Decides: %(who)s.", who=[*first, *duty, role])
    yield m(
        "To be decided in %(days)s working days, with a reminder %(before)s before the last; %(after)s after it the"
        " manager has it.",
        days=str(asked.days),
        before=str(asked.remind_days),
        after=str(asked.escalate_days),
    )

"""The queue of reviews: which somebody looks for, and what stands on his desk."""

from collections.abc import Iterable, Sequence

from asyncpg import Record

from channel import clock
from channel.access.rules import Person
from channel.dealers.service.facts import dealer_by_code
from channel.reviews.acts import ManyReviews
from channel.reviews.queries import reviews as queries
from channel.reviews.queries.reviews import Asker, ReviewFilter
from channel.reviews.rules.choices import ReviewState
from channel.reviews.rules.queue import Waits, Whose
from channel.tasks.queries.roster import roster_on
from channel.tasks.rules.receiver import compute_reach
from channel.tasks.service.tasks import looking


async def asker_of(person: Person) -> Asker:
    """Who looks at reviews, with whose are his own and those of his people."""
    reach = compute_reach(person.person_id, await roster_on(clock.today()))
    return Asker(clock.today(), person.role.value, tuple(sorted(reach.mine)), tuple(sorted(reach.people)))


async def filter_of(person: Person, act: ManyReviews) -> ReviewFilter:
    """Which undecided reviews are meant by what is to be decided together."""
    return ReviewFilter(
        dealer_id=(await dealer_by_code(act.dealer))["id"] if act.dealer else None,
        plan=act.plan,
        run=act.run,
        finding=act.finding,
        proposal=act.proposal,
        member=act.responsible,
        period=act.period,
        territory=act.territory,
        state=ReviewState.UNDECIDED,
        kind=act.kind,
        late=act.waits == Waits.LATE,
        escalated=act.waits == Waits.ESCALATED,
        whose=() if act.whose is None else (act.whose,),
        asker=await asker_of(person),
    )


async def _on_desk(whose: Iterable[Whose], count: int, *, only: Waits | None = None) -> Sequence[Record]:
    found = await looking()
    if found is None:
        return ()
    person, reach = found
    asker = Asker(clock.today(), person.role.value, tuple(sorted(reach.mine)), tuple(sorted(reach.people)))
    late = only is Waits.LATE
    asked = ReviewFilter(state=ReviewState.UNDECIDED, whose=tuple(whose), asker=asker, late=late)
    return await queries.reviews_counted(asked, count)


async def to_decide(count: int) -> Sequence[Record]:
    """Reviews that whoever looks is to decide: his own, and those that his role may."""
    return await _on_desk((Whose.MINE, Whose.POOL), count)


async def of_people(count: int) -> Sequence[Record]:
    """Reviews of the people of whoever looks that are past their day, or were shown to him."""
    return await _on_desk((Whose.PEOPLE,), count, only=Waits.LATE)

"""What nobody decides: who is to is reminded, then it goes to who is above him; each once, whoever looks how often."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import date

from asyncpg import Record

from channel import clock
from channel.access import service as access
from channel.access.queries import DealerAct
from channel.access.queries.staff import member_meant
from channel.access.rules import SERVICE, Person, Right, require
from channel.consent.rules import the_person
from channel.database import db
from channel.errors import invalid, m
from channel.reviews.acts import HandOnReview
from channel.reviews.queries import steps as queries
from channel.reviews.queries.steps import Step
from channel.reviews.rules.plan import Deciding
from channel.reviews.rules.reminding import is_escalated, is_reminded
from channel.reviews.service.deciding import locked_review
from channel.reviews.service.messages import tell_steps
from channel.reviews.service.plans import PAPER
from channel.tasks.queries.calendar import calendar
from channel.tasks.queries.roster import lineages, roster_on
from channel.tasks.rules.receiver import Roster, compute_owner, compute_receiver
from channel.versions.service import numbered
from channel.work.rules import Every, Rhythm
from channel.work.service import Due, Work, finishing, hold

RIGHTS = (Right.DECIDE_REVIEWS, Right.SEE_REVIEWS, Right.SEE_DEALERS)
"""What whoever decides a review must hold, beside seeing the dealer."""

_REMIND, _ESCALATE, _HAND_ON = "remind of review", "escalate review", "hand on review"
_BATCH = 1000


async def remind_and_escalate(due: Due) -> None:
    """Do both for today, a thousand reviews in a transaction: whoever takes over goes on with the rest."""
    async with db.alone(db.EVERYTHING):
        week, today = await calendar(), clock.today()
        for plan, version, days, deciding in await _waiting():
            reminded = [each for each in days if is_reminded(each, today, deciding, week)]
            escalated = [each for each in days if is_escalated(each, today, deciding, week)]
            await _each(due, plan, version, reminded, "remind", _remind)
            await _each(due, plan, version, escalated, "escalate", _escalate)
        async with finishing(due):
            return


async def _waiting() -> list[tuple[str, int, list[date], Deciding]]:
    """Of each version of a plan by which something waits, the days by which is to be decided, and what it says."""
    days: dict[tuple[str, int], list[date]] = {}
    for row in await queries.waiting_versions():
        days.setdefault((row["plan"], row["plan_version"]), []).append(row["decide_by"])
    return [(*key, each, (await numbered(PAPER, key[1], key[0])).deciding) for key, each in days.items()]


async def _each(
    due: Due,
    plan: str,
    version: int,
    days: Sequence[date],
    step: str,
    take: Callable[[Sequence[Record]], Awaitable[None]],
) -> None:
    after = 0
    while days:
        async with db.transaction():
            await hold(due)
            rows = await queries.to_tell(plan, version, days, step, after, _BATCH)
            if not rows:
                return
            await take(rows)
            after = rows[-1]["number"]


async def _remind(rows: Sequence[Record]) -> None:
    receivers = await Receivers.of(rows)
    steps = [Step(row["dealer_id"], row["number"], None, receivers.of_owner(row)) for row in rows]
    posting_id = await access.open_posting(SERVICE, _REMIND)
    await queries.record_steps("remind", steps, clock.today(), posting_id)
    await tell_steps("remind", steps, receivers.roster, posting_id)


async def _escalate(rows: Sequence[Record]) -> None:
    receivers = await Receivers.of(rows)
    steps = [Step(row["dealer_id"], row["number"], row["member_id"], receivers.above(row)) for row in rows]
    posting_id = await access.open_posting(SERVICE, _ESCALATE)
    await queries.record_steps("escalate", steps, clock.today(), posting_id)
    await queries.keep_escalated(steps, clock.today())
    await tell_steps("escalate", steps, receivers.roster, posting_id)


class Receivers:
    """To whom reviews go, by the day's register and where their dealers stand."""

    def __init__(self, roster: Roster, above: dict[int, frozenset[int]]) -> None:
        self.roster, self._above = roster, above
        self._codes = {each: code for code, each in roster.ids.items()}

    @classmethod
    async def of(cls, rows: Sequence[Record]) -> "Receivers":
        """Those of these reviews."""
        return await cls.at(sorted({row["territory_id"] for row in rows}))

    @classmethod
    async def at(cls, territory_ids: Sequence[int]) -> "Receivers":
        """Those of dealers in these territories."""
        async with db.system_scope():
            return cls(await roster_on(clock.today()), dict(await lineages(territory_ids)))

    def may(self, code: str, territory_id: int) -> bool:
        """Whether a member may decide on a dealer in a territory."""
        return self.roster.may(code, RIGHTS, self._above.get(territory_id, frozenset()))

    def member_id(self, code: str | None) -> int | None:
        """The id of a member."""
        return None if code is None else self.roster.ids.get(code)

    def of_owner(self, row: Record) -> int | None:
        """Who is told of a review: its owner, or who stands in for him, or the next above who may."""
        return self._receiver(self._codes.get(row["member_id"]), row)

    def above(self, row: Record) -> int | None:
        """To whom it goes that the owner has not decided it: the next above who may; None where nobody stands there."""
        owner = self._codes.get(row["member_id"])
        return self._receiver(None if owner is None else self.roster.manager(owner), row)

    def owner(self, member_id: int | None, row: Record) -> int | None:
        """Whose a review becomes that goes to a member: his, or the next above's who may decide it; None: anybody's."""
        code = None if member_id is None else self._codes.get(member_id)
        return self.member_id(compute_owner(code, self.roster, lambda each: self.may(each, row["territory_id"])))

    def _receiver(self, code: str | None, row: Record) -> int | None:
        found = compute_receiver(code, self.roster, lambda each: self.may(each, row["territory_id"]))
        return self.member_id(found)


async def hand_on_review(person: Person, code: str, number: int, act: HandOnReview) -> None:
    """Let another decide a review; refused where he may not see the dealer, or may not decide."""
    require(person, Right.DECIDE_REVIEWS)
    the_person(person)
    async with db.transaction():
        row = await locked_review(code, number)
        member = await member_meant(act.member)
        receivers = await Receivers.at([row["territory_id"]])
        to_id = receivers.member_id(member)
        if to_id is None or not receivers.may(member, row["territory_id"]):
            # In one sentence whatever he lacks: nobody finds out by it who sees which dealer.
            raise invalid(
                "member", m("Nobody of the code %(code)s is there who signs in and may decide it.", code=member)
            )
        if to_id == row["member_id"]:
            return
        posting_id = await access.open_posting(person, _HAND_ON)
        step = Step(row["dealer_id"], number, row["member_id"], to_id, act.reason)
        await queries.record_steps("hand on", [step], clock.today(), posting_id)
        await queries.keep_members([step])
        await tell_steps("hand on", [step], receivers.roster, posting_id)
        line = DealerAct(
            row["dealer_id"], f"review {number}", {"member": row["member"]}, {"member": member}, act.reason
        )
        await access.audit_each(person, _HAND_ON, [line], posting_id)


REMINDING = Work("reviews not decided", remind_and_escalate, Every(Rhythm.DAY), own=True)
"""Each day once, however many replicas there are."""

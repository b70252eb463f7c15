"""Another looks after many dealers: what that would do, and doing exactly that."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from asyncpg import Record

from channel import clock
from channel.access import service as access
from channel.access.queries import DealerAct
from channel.access.rules import Person, Right, require
from channel.consent.rules import mark_of
from channel.database import db
from channel.dealers.acts import ChangeResponsible, Which
from channel.dealers.queries import facts, lists
from channel.dealers.queries import responsible as queries
from channel.dealers.queries.facts import NewFact
from channel.dealers.queries.lists import DealerFilter, Filter
from channel.dealers.rules import Fact
from channel.dealers.rules.responsible import NOBODY
from channel.dealers.service.responsible import Change, GoesAlong, goes_along, hand_over, member_to_be
from channel.errors import Conflict, FieldError, invalid, m

_ACT = "change responsible"


@dataclass(frozen=True, slots=True)
class Before:
    """So many dealers have this member of staff so far; None where nobody looks after them."""

    member: str | None
    name: str | None
    dealers: int


@dataclass(frozen=True, slots=True)
class Plan:
    """What would be done: the dealers (rows) whom another looks after from the day on, and what goes along.

    `member` is the row of who it will be, None for nobody. `unchanged` are further dealers of whom the same holds on
    the day already. `today` are those whom another looks after from today on: a day that lies ahead, or after which
    others came, changes nothing today. By `mark` the act knows that exactly this was looked at.
    """

    act: ChangeResponsible
    day: date
    member: Record | None
    rows: Sequence[Record]
    unchanged: int
    today: Sequence[Change]
    along: Sequence[GoesAlong]

    @property
    def member_id(self) -> int | None:
        """The id of who it will be."""
        return None if self.member is None else self.member["id"]

    @property
    def before(self) -> list[Before]:
        """From whom how many dealers go, the most first."""
        counted = Counter((row["was"], row["was_name"]) for row in self.rows)
        return [Before(code, name, count) for (code, name), count in counted.most_common()]

    @property
    def mark(self) -> str:
        """Another one where another dealer, day or member is meant, or somebody else looks after one of them."""
        looked_at = [(row["id"], row["was_id"] or 0, row["today_id"] or 0) for row in self.rows]
        return mark_of([*looked_at, (0, self.member_id or 0, self.day.toordinal())])


class WouldChange(Conflict):
    """What would be done was not looked at, or is another thing by now."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        title = m("%(count)s dealers would have another responsible.", count=len(plan.rows))
        if plan.act.confirmed:
            title = m("What would be done is no longer what was looked at. %(now)s", now=title)
        look = m("Look at what would be done, and send its mark.")
        super().__init__(title, (FieldError("confirmed", look, m("%(mark)s", mark=plan.mark)),))


@dataclass(frozen=True, slots=True)
class Changed:
    """How many dealers have another from the day on, how many had the same already, and what was handed over."""

    effective_on: date
    dealers: int
    unchanged: int
    handed_over: int


async def review_responsible(person: Person, act: ChangeResponsible) -> Plan:
    """What the act would do now."""
    require(person, Right.CHANGE_DEALER_FACTS)
    return await _plan(act, await _meant(act))


async def change_responsible(person: Person, act: ChangeResponsible) -> Changed:
    """Let another look after the dealers that are meant, where it is what was looked at; what is open goes along."""
    require(person, Right.CHANGE_DEALER_FACTS)
    async with db.transaction():
        meant = await _meant(act)
        await facts.lock_dealers(meant)
        plan = await _plan(act, meant)
        if act.confirmed != plan.mark:
            raise WouldChange(plan)
        if not plan.rows:
            return Changed(plan.day, 0, plan.unchanged, 0)
        posting_id = await access.open_posting(person, _ACT)
        ids = [row["id"] for row in plan.rows]
        await facts.record_facts(
            posting_id,
            [
                NewFact(each, Fact.RESPONSIBLE, None, plan.day, reason=act.reason, responsible_id=plan.member_id)
                for each in ids
            ],
        )
        refreshed = await facts.refresh_dealers(ids, clock.today())
        done = await hand_over(refreshed.responsible, posting_id)
        await _tell(person, plan, posting_id)
    return Changed(plan.day, len(ids), plan.unchanged, done.get("handed_over", 0))


async def _tell(person: Person, plan: Plan, posting_id: int) -> None:
    member = None if plan.member is None else plan.member["code"]
    after = {Fact.RESPONSIBLE.value: member, "effective_on": plan.day}
    told = [
        DealerAct(row["id"], f"dealer {row['code']}", {Fact.RESPONSIBLE.value: row["was"]}, after, plan.act.reason)
        for row in plan.rows
    ]
    await access.audit_each(person, _ACT, told, posting_id)


async def _meant(act: ChangeResponsible) -> list[int]:
    """The dealers in scope that are meant."""
    asked = DealerFilter(act.type, act.territory, act.line, act.grade, act.status, act.q, act.responsible)
    within: Filter = await lists.filter_of(asked)
    if act.dealers:
        known = await queries.dealers_meant(act.dealers)
        unknown = [code for code, meant in known.items() if meant is None]
        if unknown:
            raise invalid("dealers", m("The dealer %(code)s is not known.", code=unknown[0]))
        part = "d.code = ANY ({}::text[])" if act.which is Which.ONLY else "NOT d.code = ANY ({}::text[])"
        within = within.with_part(part, list(known.values()))
    return await queries.dealers_within(within)


async def _plan(act: ChangeResponsible, meant: Sequence[int]) -> Plan:
    today = clock.today()
    day = act.effective_on or today
    member = None if act.member == NOBODY else await member_to_be(act.member, day, "member")
    new = None if member is None else member["id"]
    held = await queries.held_on(meant, day, today)
    rows = [row for row in held if row["was_id"] != new]
    changes: list[Change] = [
        (row["id"], row["today_id"], new)
        for row in rows
        if day <= today and not row["overtaken"] and row["today_id"] != new
    ]
    # What is open on a day that lies ahead nobody knows yet: told is what would go along if it came now.
    ahead: list[Change] = [(row["id"], row["was_id"], new) for row in rows if day > today]
    along = await goes_along(changes or ahead)
    return Plan(act, day, member, rows, len(held) - len(rows), changes, along)

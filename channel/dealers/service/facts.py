"""Adding dated facts: a value effective from a day, never in place of another one."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from asyncpg import Record

from channel import clock
from channel.access import service as access
from channel.access.rules import Person, Right, require
from channel.database import db
from channel.dealers.acts import ChangeFact
from channel.dealers.queries import dealers, masters
from channel.dealers.queries import facts as queries
from channel.dealers.queries.facts import NewFact
from channel.dealers.rules import Fact, Status, read_value, status_change_refused
from channel.dealers.rules.terms import equivalent_days, read_terms
from channel.dealers.service.changed import TOLD_OF, tell_changed
from channel.dealers.service.ended import tell_ended
from channel.dealers.service.held import tell_held
from channel.dealers.service.moved import tell_moved
from channel.dealers.service.responsible import hand_over, hand_over_on_day, member_to_be
from channel.errors import FieldError, Invalid, NotFound, invalid, m


async def dealer_by_code(code: str) -> Record:
    """Id, code and name of a dealer in the person's scope.

    `NotFound` for one that there is not and for one out of scope, in the same words.
    """
    found = await dealers.dealer_identity(code)
    if found is None:
        raise NotFound(m("The dealer %(code)s is not known.", code=code))
    return found


async def locked_dealer(code: str) -> Record:
    """The same, held to the end of the transaction: whatever is read of it afterwards nobody else changes meanwhile."""
    dealer = await dealer_by_code(code)
    await queries.lock_dealers([dealer["id"]])
    return dealer


@dataclass(frozen=True, slots=True)
class Read:
    """A value made ready to be written: its text, or the id of the territory, parent or member of staff it names."""

    value: str | None = None
    territory_id: int | None = None
    parent_id: int | None = None
    responsible_id: int | None = None


async def read_fact(fact: Fact, text: str | None, day: date) -> Read:
    """Check a value that is to hold from a day on, and look up what it names; `Invalid` tells what is wrong."""
    value = read_value(fact, text)
    if isinstance(value, FieldError):
        raise Invalid(m("The input cannot be used."), (value,))
    if fact is Fact.TERRITORY and value is not None:
        territory = await masters.territory_in_scope(value)
        if territory is None:
            raise invalid(fact.value, m("The territory %(code)s is not known.", code=value))
        return Read(territory_id=territory["id"])
    if fact is Fact.PARENT and value is not None:
        parent = await dealers.dealer_identity(value)
        if parent is None:
            raise invalid(fact.value, m("The dealer %(code)s is not known.", code=value))
        return Read(parent_id=parent["id"])
    if fact is Fact.RESPONSIBLE and value is not None:
        return Read(responsible_id=(await member_to_be(value, day))["id"])
    return Read(value)


async def change_fact(person: Person, code: str, act: ChangeFact) -> bool:
    """Add a value that holds from a day on (default today); False when it holds on that day already.

    What was recorded before stays and can be asked as known then.
    """
    require(person, Right.CHANGE_DEALER_FACTS)
    fact, day, text = act.fact, act.effective_on or clock.today(), None if act.value is None else str(act.value)
    async with db.transaction():
        if fact is Fact.PARENT:
            await queries.hold_parents()
        dealer = await locked_dealer(code)
        new = await read_fact(fact, text, day)
        history = [row for row in await queries.facts_history(dealer["id"], fact.value) if row["counts"]]
        held = next((row for row in history if row["effective_on"] <= day), None)
        if held is not None and await _stands(held, new, dealer["id"], day):
            return False
        if held is None and new == Read() and fact is not Fact.REPORTS_OWED:
            return False
        if fact is Fact.STATUS and new.value is not None:
            _check_status(history, day, new.value)
        if new.parent_id is not None:
            await check_parent(dealer["id"], new.parent_id)
        posting_id = await access.open_posting(person, f"change {fact.value}")
        row = NewFact(dealer["id"], fact.value, new.value, day, new.territory_id, new.parent_id, act.reason)
        row = replace(row, responsible_id=new.responsible_id)
        await queries.record_facts(posting_id, [*_with_it(row), row])
        refreshed = await queries.refresh_dealers([dealer["id"]], clock.today())
        handed_over = await hand_over(refreshed.responsible, posting_id)
        await access.audit(
            person,
            f"change {fact.value}",
            f"dealer {code}",
            dealer_ids=[dealer["id"]],
            before={fact.value: None if held is None else held["value"]},
            after={fact.value: text if new.value is None else new.value, "effective_on": day, **handed_over},
            reason=act.reason,
            posting_id=posting_id,
        )
        if fact is Fact.STATUS and new.value == Status.ENDED:
            await tell_ended(person, [(dealer["id"], day)], act.reason, posting_id)
        elif fact is Fact.STATUS and new.value == Status.ON_HOLD:
            await tell_held([day], posting_id)
        elif fact is Fact.TERRITORY:
            await tell_moved(day)
        if fact in TOLD_OF:
            await tell_changed(posting_id)
    return True


async def _stands(held: Record, new: Read, dealer_id: int, day: date) -> bool:
    """Whether a value holds on the day already; of the terms what was said last does, in whichever form."""
    if held["fact"] != Fact.TERMS:
        return _same(held, new)
    return (await queries.terms_on([(dealer_id, day)])).get((dealer_id, day)) == new.value


def _with_it(row: NewFact) -> Iterator[NewFact]:
    """What a value says besides: terms by month or in parts have their equivalent in days, which limits read."""
    terms = read_terms(row.value) if row.fact == Fact.TERMS and row.value is not None else None
    if terms is not None and not isinstance(terms, FieldError):
        yield replace(row, fact=Fact.TERMS_DAYS.value, value=str(equivalent_days(terms)))


def _same(held: Record, new: Read) -> bool:
    named = (new.territory_id, new.parent_id, new.responsible_id)
    held_named = (held["territory_id"], held["parent_id"], held["responsible_id"])
    return (
        named == held_named if any(each is not None for each in (*named, *held_named)) else held["value"] == new.value
    )


def _check_status(history: list[Record], day: date, new: str) -> None:
    before = next((row["value"] for row in history if row["effective_on"] < day), None)
    following = next((row["value"] for row in reversed(history) if row["effective_on"] > day), None)
    wrong = status_change_refused(
        None if before is None else Status(before), Status(new), None if following is None else Status(following)
    )
    if wrong is not None:
        raise Invalid(m("The status cannot change so."), (wrong,))


async def check_parent(dealer_id: int, parent_id: int) -> None:
    """Refuse a parent that is the dealer itself or stands below it."""
    async with db.system_scope():
        above = await dealers.dealers_above(parent_id)
    if dealer_id in above:
        raise invalid("parent", m("A dealer cannot be its own parent, directly or through others."))


async def apply_due_facts() -> int:
    """Bring cached columns in line for facts whose day has come: daily and at the start; how many dealers changed.

    Runs under an open scope (a job's). Dealers are locked before they are brought in line, so that a change made
    meanwhile is not overwritten with what was read before it. Where somebody else looks after a dealer from that day
    on, what is open goes along.
    """
    async with db.transaction():
        today = clock.today()
        stale = await queries.stale_dealers(today)
        await queries.lock_dealers(stale)
        refreshed = await queries.refresh_dealers(stale, today)
        await hand_over_on_day(refreshed.responsible)
    return refreshed.dealers


async def reconcile_dealers(*, mend: bool = False) -> int:
    """How many dealers' cached columns differ from their facts; with `mend` they are brought in line."""
    if mend:
        return await apply_due_facts()
    return len(await queries.stale_dealers(clock.today()))

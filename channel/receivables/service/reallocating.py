"""Allocating everything of a dealer and currency anew: what the rules would do now, shown and done by reversals."""

from dataclasses import dataclass
from functools import partial

from channel import clock
from channel.access.rules import Person, Right, require
from channel.dealers.service.facts import dealer_by_code
from channel.errors import Conflict, FieldError, Invalid, m
from channel.receivables.acts.allocating import Reallocate
from channel.receivables.queries import documents as queries
from channel.receivables.queries import writing
from channel.receivables.rules.documents import Document
from channel.receivables.rules.movements import AllocationReason, movements_of_allocation, movements_of_taking_back
from channel.receivables.rules.reallocation import Reallocation, plan_reallocation
from channel.receivables.service.ledger_acts import LedgerAct, Prepared
from channel.receivables.service.settings import allocation_rules


@dataclass(frozen=True, slots=True)
class Shown:
    """What allocating anew would change, and the documents that it names, by their numbers in the ledger."""

    plan: Reallocation
    documents: dict[int, Document]


async def shown_reallocation(person: Person, code: str, act: Reallocate) -> Shown:
    """What the rules would do now; nothing is written."""
    require(person, Right.SEE_RECEIVABLES)
    return await _planned((await dealer_by_code(code))["id"], act)


async def _planned(dealer_id: int, act: Reallocate) -> Shown:
    if act.from_on is not None and act.from_on > clock.today():
        by = m("%(on)s or earlier", on=clock.today())
        raise Invalid(_NOT_SO, (FieldError("from_on", m("Nothing takes effect after today."), by),))
    live = await queries.live_documents(dealer_id, act.currency)
    documents = {each.id: each for each in live}
    allocations = await queries.allocations_between(dealer_id, list(documents))
    by_hand = {each.id for each in allocations if each.holds and each.why is AllocationReason.BY_HAND}
    rules = await allocation_rules([act.currency])
    kept = frozenset(by_hand if act.keep_by_hand else ())
    return Shown(plan_reallocation(live, allocations, rules[act.currency], act.from_on, kept), documents)


_NOT_SO = m("It cannot be allocated so.")


async def _prepare(_login: str, dealer_id: int, _target: int, act: Reallocate) -> Prepared[Reallocate]:
    plan = (await _planned(dealer_id, act)).plan
    if not (plan.taken_back or plan.made):
        raise Conflict(m("The rules would change nothing."))
    return Prepared(
        act,
        f"account in {act.currency}",
        (*(each.on for each in plan.taken_back), *(each.effective_on for each in plan.made)),
        partial(_carry_out, dealer_id, plan, act.reason),
        after={
            "taken_back": len(plan.taken_back),
            "made": len(plan.made),
            "unchanged": len(plan.unchanged),
        },
    )


async def _carry_out(dealer_id: int, plan: Reallocation, reason: str, posting_id: int) -> None:
    await writing.record_ends([(dealer_id, each) for each in plan.taken_back], reason, posting_id)
    await writing.record_allocations([(dealer_id, each) for each in plan.made], reason, posting_id)
    now = clock.now()
    moved = [each for taken in plan.taken_back for each in movements_of_taking_back(taken, now)]
    moved += [each for made in plan.made for each in movements_of_allocation(made, now)]
    await writing.move([(dealer_id, each) for each in moved], posting_id)


REALLOCATE = LedgerAct(
    "reallocate",
    Right.ALLOCATE_MONEY,
    Reallocate,
    _prepare,
    lambda _, act: f"reallocate {act.currency}",
)

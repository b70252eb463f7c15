"""Deciding reviews, one or many: each once, and what is decided is carried out with it or asked of who may do it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from msgspec import structs

from channel import clock
from channel.access import service as access
from channel.access.queries import DealerAct
from channel.access.rules import Person, Right, require
from channel.consent.queries import NewRequest
from channel.consent.rules import Row, mark_of, the_person
from channel.consent.service import ask
from channel.credit.rules.json_values import from_stored, to_stored
from channel.credit.service.needs import Counted, counted, refused_by_status, state_of
from channel.credit.service.proposals import Wished, propose_limits
from channel.database import db
from channel.dealers.queries.facts import lock_dealers, values_on
from channel.dealers.queries.holding import statuses_ahead
from channel.dealers.rules import Fact
from channel.dealers.service.holding import Held, hold_dealers
from channel.errors import Conflict, FieldError, Invalid, Message, NotFound, m
from channel.receivables.queries.accounts import lock_accounts
from channel.reviews.acts import DecideReview, DecideReviews, ManyReviews
from channel.reviews.queries import deciding as queries
from channel.reviews.queries.reviews import numbers_listed
from channel.reviews.rules.deciding import (
    Outcome,
    Sum,
    Today,
    chosen_for,
    needs_reason,
    outcome_of,
    sums_of_limits,
)
from channel.reviews.rules.proposing import REVIEW_ACT_NAMES, Proposal, ReviewAct
from channel.reviews.rules.snapshot import PolicyLimit
from channel.reviews.service.follow_up import KINDS, open_follow_ups
from channel.reviews.service.holding import HOLDS, ONE_MORE
from channel.reviews.service.plans import days_to_decide
from channel.reviews.service.queue import filter_of

DECIDE = "decide review"
"""The act by its name in the trail."""

_BATCH = 500
_ONCE = {ReviewAct.CHANGE_LIMIT, ReviewAct.HOLD}
"""What one dealer is done once, whatever number of his reviews say so."""
_A_LIMIT = {"kind": "base", "raise_id": None}


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants to decide of a review that nobody has decided."""

    row: Row
    chosen: Proposal
    reason: str
    replaces: int | None = None

    @property
    def dealer_id(self) -> int:
        """Whose review it is."""
        found: int = self.row["dealer_id"]
        return found


@dataclass(frozen=True, slots=True)
class Would:
    """What a decision would do, or the field that is wrong with it; `before` is the limit in force of a change."""

    wish: Wish
    came: Outcome | FieldError
    before: Decimal | None = None

    @property
    def outcome(self) -> Outcome | None:
        """What it would set off; None where it cannot be done."""
        return self.came if isinstance(self.came, Outcome) else None

    @property
    def why_not(self) -> Message | None:
        """Why it cannot be done."""
        return self.came.reason if isinstance(self.came, FieldError) else None

    def as_row(self) -> Mapping[str, Any]:
        """What a list shows of it."""
        row, chosen = self.wish.row, self.wish.chosen
        return {
            "number": row["number"],
            "dealer": row["dealer"],
            "name": row["dealer_name"],
            "proposal": row["proposal"],
            "decision": chosen.act,
            "before": self.before if chosen.amount is not None else None,
            "amount": chosen.amount,
            "currency": row["currency"],
            "outcome": self.outcome,
            "why_not": self.why_not,
        }


@dataclass(frozen=True, slots=True)
class Done:
    """A review that was decided: what was chosen and what came of it (`told` as it is kept)."""

    row: Row
    chosen: Proposal
    outcome: Outcome
    told: Mapping[str, Any]


def proposed_of(row: Row) -> Proposal:
    """What a review proposes."""
    return Proposal(ReviewAct(row["proposal"]), row["proposed_amount"], row["proposed_until"])


def policy_of(row: Row) -> PolicyLimit | None:
    """The limit by policy that was seen."""
    stored = row["policy"]
    found: PolicyLimit | None = None if stored is None else from_stored(PolicyLimit, stored)
    return found


def _chosen(row: Row, act: DecideReview) -> Proposal:
    """What is chosen of a review; amount and day say nothing of anything but a change of the limit."""
    chosen = chosen_for(None if act.act is None else ReviewAct(act.act), proposed_of(row), policy_of(row))
    if chosen.act is not ReviewAct.CHANGE_LIMIT:
        return Proposal(chosen.act)
    if act.amount is not None:
        return Proposal(chosen.act, act.amount, act.until)
    return structs.replace(chosen, until=act.until) if act.until is not None else chosen


async def decide_review(person: Person, code: str, number: int, act: DecideReview) -> Done:
    """Decide a dealer's review: what is chosen is carried out in the same transaction, or asked of who may do it."""
    require(person, Right.DECIDE_REVIEWS)
    the_person(person)
    async with db.transaction():
        row = await locked_review(code, number)
        chosen = _chosen(row, act)
        if act.reason is None and needs_reason(proposed_of(row), chosen):
            raise Invalid(m("The input cannot be used."), (FieldError("reason", m("A reason is needed.")),))
        (would,), done = await _carry_out(person, [Wish(row, chosen, act.reason or "", act.replaces)])
        if isinstance(would.came, FieldError):
            raise Conflict(m("The review cannot be decided so."), (would.came,))
    return done[0]


async def locked_review(code: str, number: int) -> Row:
    """A review of a dealer that nobody has decided, held to the end of the transaction.

    `Conflict` tells by whom it was decided, `NotFound` that there is none such in scope.
    """
    missing = NotFound(m("There is no review %(number)s of %(dealer)s.", number=str(number), dealer=code))
    if not await queries.is_there(code, number):
        raise missing
    rows: Sequence[Row] = await queries.lock_undecided([number])
    if rows:
        return rows[0]
    found = await queries.decided_by(number)
    if found is None:
        raise missing
    raise Conflict(
        m(
            "%(who)s decided this review on %(on)s: %(what)s.",
            who=found["actor"],
            on=found["decided_on"],
            what=REVIEW_ACT_NAMES[ReviewAct(found["act"])],
        )
    )


async def _carry_out(person: Person, wishes: Sequence[Wish]) -> tuple[list[Would], list[Done]]:
    """Decide these reviews, which are locked, as far as each can be: what each would do, and those that were done."""
    ids = sorted({each.dealer_id for each in wishes if each.chosen.act in _ONCE})
    if ids:
        await lock_dealers(ids)
        await lock_accounts(ids)
    found, held = await _look(person, wishes)
    able = [each for each in found if each.outcome is not None]
    if not able:
        return found, []
    posting_id = await access.open_posting(person, DECIDE)
    set_off = await _set_off(person, able, held, posting_id)
    done = [
        Done(each.wish.row, each.wish.chosen, outcome, _kept(each, set_off.get(each.wish.row["number"], {})))
        for each in able
        if (outcome := each.outcome) is not None
    ]
    decisions = [
        queries.NewDecision(
            each.row["dealer_id"], each.row["number"], each.chosen.act, to_stored(each.chosen), would.wish.reason,
            each.told,
        )
        for each, would in zip(done, able, strict=True)
    ]  # fmt: skip
    await queries.record_decisions(decisions, person.person_id, clock.today(), posting_id)
    await access.audit_each(person, DECIDE, [_line(each) for each in able], posting_id)
    return found, done


def _kept(would: Would, set_off: Mapping[str, Any]) -> dict[str, Any]:
    """What came of a decision, as it is kept."""
    kept: dict[str, Any] = {"outcome": str(would.outcome), **set_off}
    if would.outcome is Outcome.LIMIT_PROPOSED:
        kept["before"] = to_stored(would.before)
    return kept


def _line(would: Would) -> DealerAct:
    wish = would.wish
    before = {"proposed": wish.row["proposal"]}
    after: dict[str, Any] = {"decision": wish.chosen.act.value}
    if wish.chosen.amount is not None:
        after |= {"amount": wish.chosen.amount, "currency": wish.row["currency"]}
    return DealerAct(wish.dealer_id, f"review {wish.row['number']}", before, after, wish.reason or None)


async def _look(person: Person, wishes: Sequence[Wish]) -> tuple[list[Would], Counted | None]:
    """What each decision would do today, read in sets; a dealer's limit is changed, and he is held, by one alone."""
    stands, held = await _stand(wishes)
    may_hold, on = person.may(Right.CHANGE_DEALER_FACTS), clock.today()
    found: list[Would] = []
    taken: set[tuple[int, ReviewAct]] = set()
    for each in wishes:
        today = stands.get(each.dealer_id) or Today(currency=each.row["dealer_currency"])
        key, currency = (each.dealer_id, each.chosen.act), each.row["currency"]
        came = outcome_of(each.chosen, currency, today, on, may_hold=may_hold, replaces=each.replaces)
        if isinstance(came, Outcome) and each.chosen.act in _ONCE:
            if key in taken:
                came = FieldError("act", m("another review of the dealer does the same"))
            taken.add(key)
        found.append(Would(each, came, today.limit))
    return found, held


async def _stand(wishes: Sequence[Wish]) -> tuple[dict[int, Today], Counted | None]:
    """What counts today of the dealers whose limit is to be changed or who are to be put on hold."""
    limits = {each.dealer_id for each in wishes if each.chosen.act is ReviewAct.CHANGE_LIMIT}
    holds = {each.dealer_id for each in wishes if each.chosen.act is ReviewAct.HOLD}
    currencies = {each.dealer_id: each.row["dealer_currency"] for each in wishes}
    on, held = clock.today(), None
    refused: Mapping[int, Message] = {}
    if limits:
        held = await counted(sorted(limits), {currencies[each] for each in limits})
        refused = await refused_by_status(dict.fromkeys(limits, on))
    status = await values_on(Fact.STATUS, [(each, on) for each in holds]) if holds else {}
    ahead = await statuses_ahead(sorted(holds), on) if holds else {}
    asked = await queries.open_holds(sorted(holds)) if holds else {}
    found = {}
    for each in limits | holds:
        state, currency = state_of(held.journal.get(each, ()), on) if held else (None, None)
        found[each] = Today(
            status=status.get((each, on)),
            following=ahead.get(each),
            currency=currencies[each],
            limit=state.base if state else None,
            limit_currency=currency,
            limit_until=state.until if state and state.base is not None else None,
            limit_refused=refused.get(each),
            proposals=tuple(held.in_place_of(each, _A_LIMIT)) if held else (),
            hold_request=asked.get(each),
        )
    return found, held


async def _set_off(
    person: Person, able: Sequence[Would], held: Counted | None, posting_id: int
) -> dict[int, dict[str, Any]]:
    """Do what these decisions set off; of each review by its number what is kept of that."""
    by = {outcome: [each.wish for each in able if each.outcome is outcome] for outcome in Outcome}
    kept: dict[int, dict[str, Any]] = {}
    if held is not None:
        wished = [
            Wished(each.dealer_id, each.row["dealer_currency"], each.chosen.amount, each.chosen.until, each.reason)
            for each in by[Outcome.LIMIT_PROPOSED]
            if each.chosen.amount is not None
        ]
        made = await propose_limits(person, wished, held, posting_id)
        kept |= {each.row["number"]: {"limit": made[each.dealer_id]} for each in by[Outcome.LIMIT_PROPOSED]}
    holds = [
        Held(each.dealer_id, each.row["dealer"], each.row["dealer_status"], each.reason) for each in by[Outcome.HELD]
    ]
    if holds:
        await hold_dealers(person, holds, posting_id)
    kept |= await _ask_for_holds(person, by[Outcome.HOLD_ASKED], posting_id)
    days = await days_to_decide({(each.wish.row["plan"], each.wish.row["plan_version"]) for each in able})
    for outcome in KINDS:
        tasks = await open_follow_ups(outcome, [each.row for each in by[outcome]], days, posting_id)
        kept |= {number: {"task": task} for number, task in tasks.items()}
    return kept


async def _ask_for_holds(person: Person, wishes: Sequence[Wish], posting_id: int) -> dict[int, dict[str, Any]]:
    if not wishes:
        return {}
    asked = [NewRequest(str(each.row["number"]), each.reason, ONE_MORE, each.dealer_id) for each in wishes]
    made = await ask(HOLDS, asked, the_person(person), posting_id)
    return {each.row["number"]: {"hold": made[each.dealer_id, str(each.row["number"])]} for each in wishes}


@dataclass(frozen=True, slots=True)
class Preview:
    """What deciding many reviews would do: each of those that match. By `mark` the act knows that they are these."""

    would: tuple[Would, ...]
    mark: str

    @property
    def able(self) -> list[Would]:
        """Those that can be decided."""
        return [each for each in self.would if each.outcome is not None]

    @property
    def left(self) -> list[Would]:
        """Those that cannot, and stay undecided."""
        return [each for each in self.would if each.outcome is None]

    @property
    def counts(self) -> dict[Outcome, int]:
        """How many would come to what."""
        return {each: count for each in Outcome if (count := sum(one.outcome is each for one in self.would))}

    @property
    def limits(self) -> tuple[Sum, ...]:
        """By currency how many limits would be proposed, and by how much they would change what is in force."""
        return sums_of_limits(
            (each.wish.row["currency"], each.before, each.wish.chosen.amount)
            for each in self.would
            if each.outcome is Outcome.LIMIT_PROPOSED and each.wish.chosen.amount is not None
        )

    @property
    def whys(self) -> dict[Message, int]:
        """Why those that stay undecided do, each reason with how many."""
        found: dict[Message, int] = {}
        for each in self.left:
            if each.why_not is not None:
                found[each.why_not] = found.get(each.why_not, 0) + 1
        return found


async def preview_of(person: Person, act: ManyReviews) -> Preview:
    """What deciding the reviews that match would do; nothing is written."""
    require(person, Right.DECIDE_REVIEWS)
    the_person(person)
    numbers = await numbers_listed(await filter_of(person, act), act.but)
    found, _ = await _look(person, _wishes(await queries.undecided(numbers), act, ""))
    return Preview(tuple(found), mark_of(_looked_at(each) for each in found))


def _wishes(rows: Iterable[Row], act: ManyReviews, reason: str) -> list[Wish]:
    for_all = None if act.act is None else ReviewAct(act.act)
    return [Wish(row, chosen_for(for_all, proposed_of(row), policy_of(row)), reason) for row in rows]


def _looked_at(would: Would) -> tuple[object, ...]:
    chosen = would.wish.chosen
    came = str(would.outcome or would.why_not)
    return would.wish.row["number"], chosen.act.value, str(chosen.amount), str(chosen.until), came, str(would.before)


async def decide_reviews(person: Person, act: DecideReviews) -> tuple[list[Done], list[Would]]:
    """Decide all that was shown, in one act: those that were decided, and those that were left and why.

    `act.mark` is that of what was shown: when it is no longer that, nothing is done.
    """
    shown = await preview_of(person, act)
    if shown.mark != act.mark:
        raise _changed()
    done: list[Done] = []
    numbers = [each.wish.row["number"] for each in shown.able]
    looked = {each.wish.row["number"]: _looked_at(each) for each in shown.able}
    async with db.transaction():
        for start in range(0, len(numbers), _BATCH):
            batch = numbers[start : start + _BATCH]
            rows = await queries.lock_undecided(batch)
            found, more = await _carry_out(person, _wishes(rows, act, act.reason))
            if [_looked_at(each) for each in found] != [looked[row["number"]] for row in rows] or len(rows) < len(
                batch
            ):
                raise _changed()
            done += more
    return done, shown.left


def _changed() -> Conflict:
    return Conflict(m("These reviews have changed since they were shown: look again."))

"""Proposing limits by hand: a proposal takes the place of an open one of its kind only where it names it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from asyncpg import Record

from channel import clock
from channel.access import service as access
from channel.access.queries import DealerAct
from channel.access.rules import Person, Right, require
from channel.consent.rules import Row, the_person
from channel.credit.acts import ProposeLimit
from channel.credit.queries import proposals as queries
from channel.credit.rules import check_raise
from channel.credit.rules.steps import EXACT
from channel.credit.service.looks import dealer_named
from channel.credit.service.needs import Counted, counted, refused_by_status, runs_on, state_of
from channel.credit.service.weighing import put
from channel.database import db
from channel.errors import Conflict, FieldError, Invalid, Message, m
from channel.money import STORED_PLACES, round_half_away
from channel.periods import plus_months
from channel.receivables.queries.accounts import lock_accounts

PROPOSE = "propose limit"
"""The act by its name in the trail."""

_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Skipped:
    """A dealer for whom nothing was done, and why; `stays_refused` where somebody refused the same before."""

    dealer: str
    reason: Message
    stays_refused: bool = False


async def record(
    person: Person, proposals: Sequence[queries.NewProposal], held: Counted, posting_id: int
) -> dict[int, int]:
    """Write proposals in place of the open ones of their kind; the number of each by its dealer."""
    made = await put(proposals, the_person(person), posting_id, held)
    said = [
        DealerAct(
            each.dealer_id,
            f"limit proposal {made[each.dealer_id]}",
            each.before_amount,
            {"kind": each.kind, "amount": each.amount, "currency": each.currency, "from": each.from_on,
             "to": each.to_on, "run": each.run_id},
            each.reason,
        )
        for each in proposals
    ]  # fmt: skip
    await access.audit_each(person, PROPOSE, said, posting_id)
    return made


async def propose_limit(person: Person, code: str, act: ProposeLimit) -> int:
    """Propose by hand a limit (`base`), a raise on top of it for a time (`temporary`), or an end.

    The end is the limit's (`end`) or that of a raise (`raise_end`), which `raise_id` names by its line in the journal.
    The amount is in the dealer's currency; a raise's is what it adds. A limit without `to_on` is valid for the
    policy's months. Where a proposal of this kind (and about this raise) is open, `replaces` names it: its votes are
    lost with it. `from_on` is today or later; for an end it is the first day without. How many must approve is
    counted anew at every vote, see `rules.need_of`.
    """
    require(person, Right.PROPOSE_LIMIT)
    the_person(person)
    dealer, today = await dealer_named(code), clock.today()
    kind, amount, begin = act.kind, act.amount, act.from_on or today
    errors = _errors(act, begin, today)
    if errors:
        raise Invalid(m("The limit cannot be proposed so."), tuple(errors))
    async with db.transaction():
        await lock_accounts([dealer["id"]])
        held = await counted([dealer["id"]], [dealer["currency"]])
        events, policy = held.journal.get(dealer["id"], ()), held.policy
        state, currency = state_of(events, begin)
        if kind != "base" and state.base is None:
            raise Invalid(
                m("The limit cannot be proposed so."),
                (FieldError("kind", m("No limit is in force on %(on)s.", on=begin), m("a limit to begin with")),),
            )
        if kind in {"base", "temporary"} and (closed := await refused_by_status({dealer["id"]: begin})):
            raise Invalid(m("The limit cannot be proposed so."), (FieldError("from_on", closed[dealer["id"]]),))
        ended = _raise_to_end(events, act.raise_id, begin) if kind == "raise_end" else None
        if kind == "temporary" and currency != dealer["currency"]:
            text = m("The limit in force is in %(currency)s, not in the dealer's currency.", currency=currency)
            raise Invalid(text)
        end = plus_months(begin, policy.validity_months) if kind == "base" and act.to_on is None else act.to_on
        rate = held.rates.get(dealer["currency"])
        before_rate = held.rates.get(currency or dealer["currency"])
        before = state.base or Decimal(0)
        after = {"base": amount or _ZERO, "temporary": before + (amount or _ZERO), "end": _ZERO, "raise_end": before}
        company = None if rate is None else in_company(after[kind], rate)
        change = None
        if company is not None and before_rate is not None:
            change = company - in_company(before + (ended or _ZERO), before_rate)
        ends = kind in {"end", "raise_end"}
        proposed = {
            "kind": kind,
            "amount": None if ends else amount,
            "currency": dealer["currency"],
            "from_on": begin,
            "to_on": None if ends else end,
            "raise_id": act.raise_id if kind == "raise_end" else None,
        }
        standing = held.in_place_of(dealer["id"], proposed)
        await _check_standing(standing, act.replaces)
        need = held.need(dealer["id"], proposed, replaces=standing)
        proposal = queries.NewProposal(
            dealer["id"], **proposed, reason=act.reason, before_amount=state.base, company_amount=company,
            company_rate=rate, rate_as_of=today, change_amount=change, policy_version=policy.version, need=need,
        )  # fmt: skip
        posting_id = await access.open_posting(person, PROPOSE)
        made = await record(person, [proposal], held, posting_id)
    return made[dealer["id"]]


@dataclass(frozen=True, slots=True)
class Wished:
    """A limit that is wanted for a dealer from today on, in the currency in which he trades.

    Without `to_on` it is valid for the policy's months.
    """

    dealer_id: int
    currency: str
    amount: Decimal
    to_on: date | None
    reason: str


async def propose_limits(person: Person, wished: Sequence[Wished], held: Counted, posting_id: int) -> dict[int, int]:
    """Propose limits for many dealers, each in place of the open proposal of one; the number of each by its dealer.

    Whoever calls has looked, under the lock of their accounts, at what is `held`, and whether each can be proposed.
    """
    require(person, Right.PROPOSE_LIMIT)
    return await record(person, [_wished(each, held) for each in wished], held, posting_id) if wished else {}


def _wished(each: Wished, held: Counted) -> queries.NewProposal:
    state, currency = state_of(held.journal.get(each.dealer_id, ()), held.today)
    rate, before_rate = held.rates.get(each.currency), held.rates.get(currency or each.currency)
    company = None if rate is None else in_company(each.amount, rate)
    change = None
    if company is not None and before_rate is not None:
        change = company - in_company(state.base or _ZERO, before_rate)
    proposed: dict[str, Any] = {
        "kind": "base",
        "amount": each.amount,
        "currency": each.currency,
        "from_on": held.today,
        "to_on": each.to_on or plus_months(held.today, held.policy.validity_months),
        "raise_id": None,
    }
    need = held.need(each.dealer_id, proposed, replaces=held.in_place_of(each.dealer_id, proposed))
    return queries.NewProposal(
        each.dealer_id, **proposed, reason=each.reason, before_amount=state.base, company_amount=company,
        company_rate=rate, rate_as_of=held.today, change_amount=change, policy_version=held.policy.version, need=need,
    )  # fmt: skip


class AlreadyProposed(Conflict):
    """A proposal of this kind is open for the dealer, and the new one does not name it."""

    def __init__(self, row: Record) -> None:
        self.row = row
        asked = {"id": str(row["id"]), "who": row["proposer"], "names": ", ".join(row["approvals"])}
        text = m("Proposal %(id)s by %(who)s is open; nobody has approved it yet.", **asked)
        if row["approvals"]:
            text = m("Proposal %(id)s by %(who)s is open, approved by %(names)s: that would be lost.", **asked)
        super().__init__(
            m("There is an open proposal of this kind for %(dealer)s already.", dealer=row["dealer"]),
            (FieldError("replaces", text, m("%(id)s, to put the new one in its place", id=str(row["id"]))),),
        )


async def _check_standing(standing: Sequence[int], replaces: int | None) -> None:
    if replaces is not None and replaces not in standing:
        text = m("Proposal %(id)s is not open for this any more.", id=str(replaces))
        raise Conflict(m("The limit cannot be proposed so."), (FieldError("replaces", text),))
    if standing and replaces is None:
        raise AlreadyProposed((await queries.proposals_of(standing))[0])


def _raise_to_end(events: Sequence[Row], raise_id: int | None, begin: date) -> Decimal:
    """What the raise adds that is to end early; refused where no such raise would still hold on the day."""
    for row in events:
        if row["id"] == raise_id and row["kind"] == "raise" and runs_on(events, row, begin):
            amount: Decimal = row["amount"]
            return amount
    raise Invalid(
        m("The limit cannot be proposed so."),
        (
            FieldError(
                "raise_id",
                m("No such raise holds on %(on)s or later.", on=begin),
                m("the number of a raise in the dealer's journal"),
            ),
        ),
    )


def _errors(act: ProposeLimit, begin: date, today: date) -> list[FieldError]:
    """What is wrong with the days of a proposal, seen from today."""
    if begin < today:
        expected = m("today (%(on)s) or a later day", on=today)
        return [FieldError("from_on", m("This day is over: what held on it is not changed."), expected)]
    if act.kind == "temporary" and act.amount is not None and act.to_on is not None:
        return check_raise(act.amount, begin, act.to_on, today)
    if act.kind == "base" and act.to_on is not None and act.to_on <= begin:
        expected = m("a day after %(on)s", on=begin)
        return [FieldError("to_on", m("The limit would end before it begins."), expected)]
    return []


def in_company(amount: Decimal, rate: Decimal) -> Decimal:
    """An amount in company currency, rounded once."""
    return round_half_away(EXACT.multiply(amount, rate), STORED_PLACES)

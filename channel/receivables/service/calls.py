"""The call list of a day: computed as of today, worked through dealer by dealer, and what was said written down."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

import msgspec

from channel import clock
from channel.access.rules import Person, Right, require
from channel.database import db
from channel.database.snapshots import view_of
from channel.dealers.queries.masters import company_currency, rates_at
from channel.dealers.service.facts import dealer_by_code
from channel.errors import Conflict, Invalid, invalid, m
from channel.lists import Page, Wanted, page_in
from channel.periods import plus_months
from channel.receivables.acts.calls import LogCall
from channel.receivables.acts.promises import EnterPromise
from channel.receivables.lists.calls import CALLS
from channel.receivables.queries import calls as queries
from channel.receivables.queries.calls import Overdue
from channel.receivables.rules.ageing import Money
from channel.receivables.rules.calls import (
    BROKEN_WITHIN_MONTHS,
    CLAIM_LASTS,
    Call,
    LeftOut,
    compute_calls,
    count_left_out,
    following,
)
from channel.receivables.service import ageing
from channel.receivables.service.contact_log import entry_told, log_contact
from channel.receivables.service.promises import enter_promise
from channel.receivables.service.settings import rules_today


@dataclass(frozen=True, slots=True)
class CallsAsked:
    """Which calls are wanted: of dealers in a territory, what is owed in a currency, in which money amounts are told.

    `responsible` is the code of the member of staff who looks after the dealers today, or "nobody". Without `money`
    amounts are told in the company's currency, where it has one. `left_out` asks for those who are not to be called.
    """

    territory: str | None = None
    currency: str | None = None
    money: Money | None = None
    left_out: bool = False
    responsible: str | None = None


@dataclass(frozen=True, slots=True)
class CallsTold:
    """Everybody with something overdue, the most urgent first, and in which currency amounts are told (None: each)."""

    calls: Sequence[Call]
    company: str | None

    @property
    def left_out(self) -> Sequence[tuple[LeftOut, int]]:
        """How many are left out for what."""
        return tuple(count_left_out(self.calls).items())

    def wanted(self, asked: CallsAsked) -> list[Call]:
        """Those to be called, or those who are left out."""
        return [call for call in self.calls if (call.left_out is not None) == asked.left_out]


class CallRow(msgspec.Struct, frozen=True, kw_only=True):
    """A dealer and currency of the call list.

    `overdue` is that of the ageing, `to_collect` what of it is not `disputed`; `days_overdue` are those of the oldest
    item that is not wholly disputed. `broken` counts promises broken in twelve months; `last_contact_on` is when
    somebody was reached last, `tried` says that today nobody was. `urgency` orders the list. `claimed_by` is calling.
    """

    key: str
    dealer: str
    dealer_name: str
    territory: str | None
    territory_name: str | None
    currency: str
    overdue: Decimal
    disputed: Decimal
    to_collect: Decimal
    oldest_due_on: date | None
    days_overdue: int
    broken: int
    last_contact_on: date | None
    tried: bool
    promised_on: date | None
    urgency: Decimal
    left_out: LeftOut | None
    claimed_by: str | None
    claimed_at: datetime | None
    mine: bool


def row_of(call: Call) -> CallRow:
    """A call as every face tells it."""
    owing = call.owing
    return CallRow(
        key=call.key,
        dealer=owing.code,
        dealer_name=owing.name,
        territory=owing.territory,
        territory_name=owing.territory_name,
        currency=owing.currency,
        overdue=owing.overdue,
        disputed=owing.disputed,
        to_collect=owing.to_collect,
        oldest_due_on=owing.oldest_due_on,
        days_overdue=call.days_overdue,
        broken=owing.broken,
        last_contact_on=owing.last_contact_on,
        tried=owing.tried,
        promised_on=owing.promised_on,
        urgency=call.urgency,
        left_out=call.left_out,
        claimed_by=owing.claimed_by,
        claimed_at=owing.claimed_at,
        mine=owing.mine,
    )


@dataclass(frozen=True, slots=True)
class CallDone:
    """Under which numbers a call was written down: the entry, and the promise where one was given."""

    entry: int
    promise: int | None


async def calls_told(person: Person, asked: CallsAsked) -> CallsTold:
    """The whole list as of today, as known now."""
    require(person, Right.SEE_RECEIVABLES)
    view, today, rules = view_of(), clock.today(), await rules_today()
    company = None if asked.money is Money.OWN else await company_currency()
    if asked.money is Money.COMPANY and company is None:
        raise invalid("money", m("The company has no currency yet."), m("own, or a currency that is set first"))
    rates = {} if company is None else {row["currency"]: row["rate"] for row in await rates_at(view)}
    placed = await ageing.placed_dealers(ageing.Asked(territory=asked.territory, responsible=asked.responsible), [view])
    owing = await queries.overdue_dealers(
        Overdue(
            today,
            plus_months(today, -BROKEN_WITHIN_MONTHS),
            clock.now(),
            rules.buckets(),
            person.owner,
            None if placed is None else placed[0],
            asked.currency,
            company,
            rates,
        )
    )
    return CallsTold(compute_calls(owing, rules.calls, today), company)


async def call_list(person: Person, asked: CallsAsked, wanted: Wanted) -> Page[CallRow]:
    """A page of those to be called, the most urgent first, or of those who are left out."""
    return call_page(await calls_told(person, asked), asked, wanted)


def call_page(told: CallsTold, asked: CallsAsked, wanted: Wanted) -> Page[CallRow]:
    """A page of a list that was computed."""
    return page_in(map(row_of, told.wanted(asked)), CALLS, wanted)


async def next_call(person: Person, asked: CallsAsked, after: str | None, *, back: bool = False) -> str | None:
    """The dealer to be called after one (before him, if `back`), who is this person's from now on; None at the end.

    Of two who ask at once each has another.
    """
    require(person, Right.LOG_CONTACTS)
    found = await calls_told(person, asked)
    ids = {call.owing.code: call.owing.dealer_id for call in found.calls}
    return await first_free(person, [(code, ids[code]) for code in following(found.calls, after, back=back)])


async def first_free(person: Person, dealers: Iterable[tuple[str, int]]) -> str | None:
    """The first of these dealers whom nobody else is calling: he is this person's from now on, and no other."""
    async with db.transaction():
        for code, dealer_id in dealers:
            if await _claim(person, dealer_id):
                await queries.remove_claims(person.owner, but=dealer_id)
                return code
        await queries.remove_claims(person.owner)
    return None


async def _claim(person: Person, dealer_id: int) -> bool:
    now = clock.now()
    return await queries.record_claim(dealer_id, person.owner, person.name, now, now + CLAIM_LASTS)


async def claim_call(person: Person, code: str) -> None:
    """Take a dealer to be called by this person alone; `Conflict` while somebody else is calling him."""
    require(person, Right.LOG_CONTACTS)
    async with db.transaction():
        dealer_id = (await dealer_by_code(code))["id"]
        if await _claim(person, dealer_id):
            await queries.remove_claims(person.owner, but=dealer_id)
            return
        held = await queries.claim_of(dealer_id, clock.now())
        raise Conflict(
            m(
                "%(name)s has been calling since %(since)s.",
                name="" if held is None else held["name"],
                since="" if held is None else f"{held['claimed_at'].astimezone(clock.zone()):%H:%M}",
            )
        )


async def release_call(person: Person, code: str) -> None:
    """Let others call a dealer again; nothing changes where he is not this person's to call."""
    require(person, Right.LOG_CONTACTS)
    async with db.transaction():
        await queries.remove_claim((await dealer_by_code(code))["id"], person.owner)


async def log_call(person: Person, code: str, act: LogCall) -> CallDone:
    """Write a call down, with the promise that was given, all or nothing; others can call the dealer again."""
    require(person, Right.LOG_CONTACTS)
    async with db.transaction():
        entry = await log_contact(person, code, act)
        promise = None
        if act.promised_amount is not None:
            with_whom = (await entry_told(person, entry)).row["with_whom"]
            promise = await _enter(person, code, act, with_whom)
        await release_call(person, code)
    return CallDone(entry, promise)


_OF_THE_CALL = {"amount": "promised_amount", "due_on": "promised_on", "given_on": "took_place_on"}


async def _enter(person: Person, code: str, act: LogCall, with_whom: str) -> int:
    """The promise that was given in the call; what is wrong with it is told at the fields of the call."""
    try:
        promise = EnterPromise(
            amount=act.promised_amount,
            due_on=act.promised_on,
            promised_by=with_whom,
            given_on=act.took_place_on,
            remark=act.said,
        )
        return await enter_promise(person, code, promise)
    except Invalid as refused:
        errors = [replace(each, field=_OF_THE_CALL.get(each.field, each.field)) for each in refused.errors]
        raise Invalid(refused.title, tuple(errors)) from None

"""Acts on a dealer's account: done at once, or put before a second person where they need one.

An act that changes figures of a closed month, or that one person may not do alone, waits: what was asked for is kept,
and with the last approval it is carried out under the account's lock, checked anew.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, TypeVar

import msgspec
from asyncpg import Record

from channel.access import service as access
from channel.access.rules import Person, Right, require
from channel.acts import Why
from channel.consent.queries import OF_DEALERS, NewRequest
from channel.consent.rules import Need, Needs, Row, Weighed
from channel.consent.service import Approval, RequestKind, Told, approve_one, ask, refuse, withdraw
from channel.database import db
from channel.dealers.service.facts import dealer_by_code
from channel.errors import Conflict, FieldError, Message, NotFound, Refused, m
from channel.receivables.acts.asking import MayWait
from channel.receivables.queries import waiting as queries
from channel.receivables.queries.accounts import lock_accounts
from channel.receivables.service.allocating import ALLOCATE, TAKE_BACK
from channel.receivables.service.assignments import TAKE_BACK_ASSIGNMENT
from channel.receivables.service.ledger_acts import LedgerAct, Prepared
from channel.receivables.service.months import changes_closed, closed_months_touched_by
from channel.receivables.service.posting_later import POST_LATER
from channel.receivables.service.reallocating import REALLOCATE
from channel.receivables.service.reversing import REVERSE
from channel.receivables.service.writing_off import WRITE_OFF

B = TypeVar("B", bound=MayWait)

ACTS: Mapping[str, LedgerAct[Any]] = MappingProxyType(
    {
        each.code: each
        for each in (ALLOCATE, TAKE_BACK, REALLOCATE, REVERSE, WRITE_OFF, POST_LATER, TAKE_BACK_ASSIGNMENT)
    }
)
"""Every act on an account that can wait, by its code."""


@dataclass(frozen=True, slots=True)
class Looked:
    """What an act would do, and why it would wait; done at once where nothing is said."""

    prepared: Prepared[Any]
    why: tuple[Message, ...]


async def looked_at(person: Person, kind: LedgerAct[B], code: str, target: int, act: B) -> Looked:
    """What an act would do now and whether it would wait; nothing is written, and what refuses it is raised."""
    require(person, kind.right)
    async with db.transaction():
        dealer = await dealer_by_code(code)
        await lock_accounts([dealer["id"]])
        return await _look(kind, person.login, dealer["id"], target, act)


async def _look(kind: LedgerAct[B], login: str, dealer_id: int, target: int, act: B) -> Looked:
    prepared = await kind.prepare(login, dealer_id, target, act)
    months = await closed_months_touched_by(prepared.days)
    closed = changes_closed(months) if months else None
    return Looked(prepared, tuple(each for each in (prepared.second, closed) if each is not None))


async def do_or_ask(person: Person, kind: LedgerAct[B], code: str, target: int, act: B) -> int | None:
    """Do an act on a dealer's account, or put it before a second person: the number under which it waits then.

    `Conflict` says why a second person is needed where the act does not `ask` for one.
    """
    require(person, kind.right)
    async with db.transaction():
        dealer = await dealer_by_code(code)
        await lock_accounts([dealer["id"]])
        found = await _look(kind, person.login, dealer["id"], target, act)
        if not found.why:
            posting_id = await access.open_posting(person, kind.code)
            await _carry_out(person, kind, dealer["id"], found.prepared, posting_id)
            return None
        if not act.ask:
            raise second_needed(found.why)
        return await put_before(person, kind, dealer["id"], target, found)


def second_needed(why: Iterable[Message]) -> Conflict:
    """The refusal of what needs a second person and does not ask for one."""
    return Conflict(_SECOND, tuple(FieldError("ask", each, _ASK) for each in why))


_SECOND = m("A second person decides about this.")
_ASK = m("Ask for his word, and it waits for it.")


async def _carry_out(
    person: Person, kind: LedgerAct[B], dealer_id: int, prepared: Prepared[B], posting_id: int
) -> None:
    await prepared.carry_out(posting_id)
    if prepared.lines:
        await access.audit_each(person, kind.code, prepared.lines, posting_id)
        return
    await access.audit(
        person,
        kind.code,
        prepared.subject,
        dealer_ids=[dealer_id],
        before=dict(prepared.before) or None,
        after=dict(prepared.after),
        reason=prepared.kept.reason,
        posting_id=posting_id,
    )


def kind_of(act: LedgerAct[Any]) -> RequestKind[Row]:
    """Which of the two kinds of requests an act waits as."""
    return WRITE_OFFS if act.code == WRITE_OFF.code else IN_CLOSED_MONTHS


async def put_before(person: Person, kind: LedgerAct[B], dealer_id: int, target: int, found: Looked) -> int:
    """Keep an act until a second person has decided about it, under the lock of its accounts; its number."""
    request, kept = kind_of(kind), found.prepared.kept
    about = kind.about(target, kept)
    if (open_id := await queries.open_about(request.code, dealer_id, about)) is not None:
        raise Conflict(m("The same waits already, under number %(id)s.", id=str(open_id)))
    act = f"ask for {request.act}"
    posting_id = await access.open_posting(person, act)
    made = await ask(
        request,
        [NewRequest(about, kept.reason, _needs(found.why), dealer_id)],
        (person.person_id, person.login),
        posting_id,
    )
    number = made[dealer_id, about]
    others = found.prepared.others
    await queries.record_waiting(dealer_id, number, kind.code, target, msgspec.to_builtins(kept), others)
    await access.audit(
        person,
        act,
        f"ledger request {number}",
        dealer_ids=[dealer_id, *others],
        after={"what": kind.code, **found.prepared.after},
        reason=kept.reason,
        posting_id=posting_id,
    )
    return number


def _needs(why: Sequence[Message]) -> Needs:
    return Needs(1, why[0] if why else _SECOND)


def body_of(row: Row) -> Any:  # noqa: ANN401 - the body of any act
    """The act of a request as it was asked for."""
    return msgspec.convert(row["body"], ACTS[row["act"]].body, strict=False)


async def _weigh(rows: Sequence[Row]) -> Mapping[int, Weighed[Row]]:
    """What each would do now, one by one: an act is checked as by itself, and few of them wait."""
    return {row["id"]: await _weighed(row) for row in rows}


async def _weighed(row: Row) -> Weighed[Row]:
    try:
        found = await _look(ACTS[row["act"]], row["proposer"], row["dealer_id"], row["target"], body_of(row))
    except Refused as refused:
        return Weighed(_needs(()), row, refused)
    return Weighed(_needs(found.why), row)


async def _carry_out_approved(person: Person, rows: Sequence[Row], posting_id: int) -> None:
    for row in rows:
        kind = ACTS[row["act"]]
        prepared = await kind.prepare(row["proposer"], row["dealer_id"], row["target"], body_of(row))
        await _carry_out(person, kind, row["dealer_id"], prepared, posting_id)


def _told(row: Row, _need: Need | None) -> Told:
    return Told(f"ledger request {row['id']}", {}, {"what": row["act"]})


WRITE_OFFS: RequestKind[Row] = RequestKind(
    code="write-off",
    act="write-off",
    proposes=Right.WRITE_OFF,
    decides=Right.WRITE_OFF,
    weigh=_weigh,
    carry_out=_carry_out_approved,
    told=_told,
    tables=OF_DEALERS,
    lock=queries.lock_accounts_of,
    read=queries.waiting_of,
    alive=queries.told_whole,
)
"""What is above the amount that one person may write off alone."""
IN_CLOSED_MONTHS: RequestKind[Row] = RequestKind(
    code="in closed months",
    act="act in closed months",
    proposes=Right.POST_DOCUMENTS,
    decides=Right.CLOSE_MONTHS,
    weigh=_weigh,
    carry_out=_carry_out_approved,
    told=_told,
    tables=OF_DEALERS,
    lock=queries.lock_accounts_of,
    read=queries.waiting_of,
    alive=queries.told_whole,
)
"""What changes figures of closed months."""
KINDS = {each.code: each for each in (WRITE_OFFS, IN_CLOSED_MONTHS)}


@dataclass(frozen=True, slots=True)
class Waits:
    """An act that waits or waited: its row, its body, and while it is open what it would do now, or why it cannot."""

    row: Record
    body: Any
    found: Looked | None
    refused: Refused | None


async def waiting_act(person: Person, number: int) -> Waits:
    """One act that waits or waited."""
    require(person, Right.SEE_RECEIVABLES)
    row = await _row(number)
    found = refused = None
    if row["state"] == "open":
        try:
            found = await _look(ACTS[row["act"]], row["proposer"], row["dealer_id"], row["target"], body_of(row))
        except Refused as fault:
            refused = fault
    return Waits(row, body_of(row), found, refused)


async def _row(number: int) -> Record:
    rows = await queries.waiting_of([number])
    if not rows:
        raise NotFound(m("Nothing waits under number %(id)s.", id=str(number)))
    return rows[0]


async def approve_waiting(person: Person, number: int, said: Why) -> Approval[Row]:
    """Approve an act of somebody else: with it, it is carried out."""
    return await approve_one(KINDS[(await _row(number))["kind"]], person, number, said)


async def refuse_waiting(person: Person, number: int, said: Why) -> Row:
    """Refuse an act of somebody else."""
    return await refuse(KINDS[(await _row(number))["kind"]], person, number, said)


async def withdraw_waiting(person: Person, number: int, said: Why) -> Row:
    """Take back what one has asked for."""
    return await withdraw(KINDS[(await _row(number))["kind"]], person, number, said)

"""Acts on what waits for a second person's word: asked for, approved, refused, withdrawn, one or many at a time."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic, TypeVar

from channel import clock
from channel.access import service as access
from channel.access.queries import DealerAct
from channel.access.rules import Person, Right, require
from channel.acts import Why
from channel.consent import queries
from channel.consent.queries import GENERAL, Alive, Key, NewRequest, Tables, Word
from channel.consent.rules import (
    Need,
    Review,
    Row,
    State,
    Weighed,
    closed,
    is_last,
    refused_approval,
    refused_refusal,
    refused_withdrawal,
    review_of,
    the_person,
)
from channel.database import db
from channel.errors import Conflict, Message, NotFound, Refused, m

T = TypeVar("T")

_BATCH = 500


@dataclass(frozen=True, slots=True)
class Told:
    """How the trail tells of a request: its subject, what held before the act, and what was asked for."""

    subject: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class RequestKind(Generic[T]):
    """What a room lets a second person decide, and how the room takes part in it.

    `code` is kept with each request. `act` is what the trail calls it: "approve limit", "refuse limit", "withdraw
    limit" for "limit", and `comes_to` what it says has become of what was approved. `weigh` is asked at every word and
    says of each open request how many must approve it, what it would do, whether it can still be done and what has
    changed since; `carry_out` does what the last approval let happen, where that is more than that it is approved.
    `lock` makes whoever else acts on the same wait, and `read` gives the requests; where a room has no lock and no
    columns of its own, the requests themselves are locked and told. `alive` is what the database can tell by
    itself of whether an open one can still come about.
    """

    code: str
    act: str
    proposes: Right
    decides: Right
    weigh: Callable[[Sequence[Row]], Awaitable[Mapping[int, Weighed[T]]]]
    told: Callable[[Row, Need | None], Told]
    carry_out: Callable[[Person, Sequence[T], int], Awaitable[None]] | None = None
    comes_to: str = State.APPROVED
    tables: Tables = GENERAL
    lock: Callable[[Sequence[int]], Awaitable[None]] | None = None
    read: Callable[[Sequence[int]], Awaitable[Sequence[Row]]] | None = None
    alive: Alive | None = None

    async def standing(self, ids: Sequence[int]) -> dict[int, Row]:
        """These requests, under the lock."""
        await (self.lock or partial(queries.lock_requests, self.tables))(ids)
        rows = await (self.read or partial(queries.requests, self.tables, self.code))(ids)
        return {row["id"]: row for row in rows}

    async def weighed(self, rows: Collection[Row]) -> Mapping[int, Weighed[T]]:
        """What the room says of those that are open."""
        waiting = [row for row in rows if row["state"] == State.OPEN]
        return await self.weigh(waiting) if waiting else {}


@dataclass(frozen=True, slots=True)
class Approval(Generic[T]):
    """What an approval came to: `complete` by it, or others are needed; or why it was not taken."""

    request_id: int
    refused: Refused | None
    complete: bool = False
    weighed: Weighed[T] | None = None


async def ask(
    kind: RequestKind[T], asked: Sequence[NewRequest], proposer: tuple[int | None, str], posting_id: int
) -> dict[tuple[int, str], int]:
    """Put these before other people, in place of those that they replace; the number of each by dealer and matter.

    The room has checked that the proposer may, holds its lock, and says in the trail what was proposed.
    """
    replaced = [(each.dealer_id, each.replaces) for each in asked if each.replaces is not None]
    if replaced:
        await queries.close_requests(kind.tables, replaced, State.SUPERSEDED, posting_id)
    return await queries.record_requests(kind.tables, kind.code, asked, proposer, clock.now(), posting_id)


async def close(kind: RequestKind[T], keys: Sequence[Key], state: State, posting_id: int) -> None:
    """Close open requests without a word of anybody: by what happens in the room that brought them."""
    await queries.close_requests(kind.tables, keys, state, posting_id)


async def approve(
    kind: RequestKind[T], person: Person, ids: Sequence[int], reason: str, although: Collection[str] = ()
) -> list[Approval[T]]:
    """One person's approval of these, each for itself; what is complete by it is carried out in the same transaction.

    Everything is read under the lock, in a handful of statements whatever their number.
    """
    require(person, kind.decides)
    person_id, _ = the_person(person)
    async with db.transaction():
        rows = await kind.standing(ids)
        weighed = await kind.weighed(rows.values())
        approvals = [_approval(rows.get(each), each, weighed.get(each), person_id, although) for each in ids]
        agreed = [(rows[each.request_id], each) for each in approvals if each.refused is None]
        if agreed:
            await _write(kind, person, agreed, reason)
    return approvals


def _approval(
    row: Row | None, request_id: int, weighed: Weighed[T] | None, person_id: int, although: Collection[str]
) -> Approval[T]:
    if row is None:
        return Approval(request_id, _missing(request_id))
    if weighed is None:
        return Approval(request_id, closed(row))
    refused = refused_approval(row, weighed, person_id, although)
    return Approval(request_id, refused, is_last(row, weighed.need, person_id), weighed)


async def approve_one(
    kind: RequestKind[T], person: Person, request_id: int, said: Why, although: Collection[str] = ()
) -> Approval[T]:
    """The same of a single one; raises what refuses it."""
    (approval,) = await approve(kind, person, [request_id], said.reason, although)
    if approval.refused is not None:
        raise approval.refused
    return approval


async def _write(kind: RequestKind[T], person: Person, agreed: Sequence[tuple[Row, Approval[T]]], reason: str) -> None:
    act = f"approve {kind.act}"
    posting_id = await access.open_posting(person, act)
    weighed = [(row, each.weighed, each.complete) for row, each in agreed if each.weighed is not None]
    words = [Word(_key(kind, row), State.APPROVED if last else State.OPEN, found.need) for row, found, last in weighed]
    await queries.record_words(kind.tables, words, "approve", the_person(person), reason, clock.now(), posting_id)
    acts = [found.act for _, found, last in weighed if last]
    if acts and kind.carry_out is not None:
        await kind.carry_out(person, acts, posting_id)
    said = [(row, kind.comes_to if last else "one approval more", found.need) for row, found, last in weighed]
    await _audit(kind, person, act, said, reason, posting_id)


async def refuse(kind: RequestKind[T], person: Person, request_id: int, said: Why) -> Row:
    """Refuse; one refusal is enough. The request as it was."""
    require(person, kind.decides)
    who, act = the_person(person), f"refuse {kind.act}"
    async with db.transaction():
        row = await _standing(kind, request_id)
        if (refused := refused_refusal(row, who[0])) is not None:
            raise refused
        posting_id = await access.open_posting(person, act)
        word = Word(_key(kind, row), State.REFUSED)
        await queries.record_words(kind.tables, [word], "refuse", who, said.reason, clock.now(), posting_id)
        await _audit(kind, person, act, [(row, State.REFUSED, None)], said.reason, posting_id)
    return row


async def withdraw(kind: RequestKind[T], person: Person, request_id: int, said: Why) -> Row:
    """Take back what one has proposed. The request as it was."""
    require(person, kind.proposes)
    person_id, _ = the_person(person)
    act = f"withdraw {kind.act}"
    async with db.transaction():
        row = await _standing(kind, request_id)
        if (refused := refused_withdrawal(row, person_id)) is not None:
            raise refused
        posting_id = await access.open_posting(person, act)
        await queries.close_requests(kind.tables, [_key(kind, row)], State.WITHDRAWN, posting_id)
        await _audit(kind, person, act, [(row, State.WITHDRAWN, None)], said.reason, posting_id)
    return row


async def review(kind: RequestKind[T], person: Person, rows: Sequence[Row]) -> Review[T]:
    """What this person's approval of these open requests would do; nothing is written."""
    require(person, kind.decides)
    person_id, _ = the_person(person)
    return review_of(rows, await kind.weighed(rows), person_id)


async def approve_reviewed(
    kind: RequestKind[T], person: Person, rows: Sequence[Row], mark: str, reason: str
) -> tuple[int, list[tuple[Row, Message]]]:
    """Approve those of these open requests that were looked at, each for itself, in one act.

    `mark` is that of the review: when they are no longer the ones that were looked at, nothing is done. How many were
    approved, and which were not and why.
    """
    found = await review(kind, person, rows)
    if found.mark != mark:
        raise Conflict(m("These proposals have changed since you looked at them: look again."))
    approved, left = 0, []
    # In the order of the dealers, in which everybody locks what is theirs.
    ordered = sorted(found.mine, key=lambda row: _key(kind, row))
    if kind.tables.dealer:
        db.note_dealers(row["dealer_id"] for row in ordered)
    async with db.transaction():
        for start in range(0, len(ordered), _BATCH):
            batch = ordered[start : start + _BATCH]
            for row, each in zip(batch, await approve(kind, person, [row["id"] for row in batch], reason), strict=True):
                if each.refused is None:
                    approved += 1
                else:
                    left.append((row, each.refused.title))
    return approved, left


@dataclass(frozen=True, slots=True)
class Open:
    """What is open of a kind: how many can still come about, and how many of these wait for one person's word.

    `first` are the numbers of the first of these, the greatest first, and `own` of what he asked for himself and nobody
    has decided, the oldest first; nothing of either for who may not decide, or not ask.
    """

    count: int
    waiting: int
    first: tuple[int, ...]
    own: tuple[int, ...]


async def open_for(person: Person, kinds: Sequence[RequestKind[Any]], most: int) -> dict[str, Open]:
    """What is open of each of these kinds, by its code, as far as the person may know of it; `most` numbers of each."""
    parts = [(kind.code, kind.tables, kind.alive) for kind in kinds]
    rows = {row["kind"]: row for row in await queries.open_of(parts, person.person_id or 0, clock.today(), most)}
    found = {}
    for kind in kinds:
        row, decides = rows[kind.code], person.may(kind.decides)
        found[kind.code] = Open(
            row["count"],
            row["waiting"] if decides else 0,
            tuple(row["first"]) if decides else (),
            tuple(row["own"]) if person.may(kind.proposes) else (),
        )
    return found


async def _standing(kind: RequestKind[T], request_id: int) -> Row:
    """The request under the lock."""
    row = (await kind.standing([request_id])).get(request_id)
    if row is None:
        raise _missing(request_id)
    return row


def _missing(request_id: int) -> NotFound:
    return NotFound(m("There is no proposal %(id)s.", id=str(request_id)))


def _key(kind: RequestKind[T], row: Row) -> Key:
    return row["dealer_id"] if kind.tables.dealer else 0, row["id"]


async def _audit(
    kind: RequestKind[T],
    person: Person,
    act: str,
    said: Sequence[tuple[Row, str, Need | None]],
    reason: str,
    posting_id: int,
) -> None:
    """Say in the trail what became of each."""
    lines = []
    for row, after, need in said:
        told = kind.told(row, need)
        before_told = {**told.before, "state": row["state"]}
        after_told = {**told.after, "state": str(after)}
        if kind.tables.dealer:
            lines.append(DealerAct(row["dealer_id"], told.subject, before_told, after_told, reason))
        else:
            await access.audit(
                person, act, told.subject, before=before_told, after=after_told, reason=reason, posting_id=posting_id
            )
    await access.audit_each(person, act, lines, posting_id)

"""Another person's word on a version: proposed, approved, refused, taken back."""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache, partial
from typing import Any

from channel import clock
from channel.access import service as access
from channel.access.rules import Person
from channel.acts import Why
from channel.consent import service as consent
from channel.consent.queries import NewRequest
from channel.consent.rules import Need, Needs, Row, State, Weighed, the_person, who_asks
from channel.consent.service import RequestKind, Told, approve_one, ask, close
from channel.database import db
from channel.errors import Conflict, Forbidden, invalid, m
from channel.panels import Deciding, WaitingItem
from channel.versions import queries
from channel.versions.acts import ApproveVersion
from channel.versions.rules import Paper, T
from channel.versions.service.standing import locked, record, require_of

_ONE = Needs(1, m("Another person approves it."))


@cache
def requests_of(paper: Paper[Any]) -> RequestKind[None]:
    """The versions of a kind of document as what a second person decides: one that is approved needs nothing more."""
    return RequestKind(
        code=paper.code,
        act=paper.code,
        proposes=paper.propose,
        decides=paper.decide,
        weigh=partial(_weigh, paper),
        told=partial(_told, paper),
        read=partial(queries.proposed, paper.code),
    )


def deciding_of(paper: Paper[T], name: str) -> Deciding:
    """Its versions as they wait on desks, under this name."""
    kind = requests_of(paper)

    def item(row: Row) -> WaitingItem:
        words = {"kind": paper.kind, "number": row["about"], "day": row["effective_from"]}
        what = m("%(kind)s %(number)s, effective from %(day)s", **words)
        return WaitingItem(str(row["version"]), what, f"{paper.at(row['of'])}/{row['version']}", who_asks(row))

    return Deciding(name, kind, partial(queries.proposed, paper.code), item)


async def propose(person: Person, paper: Paper[T], version: int, act: Why, of: str = "") -> None:
    """Put a draft before another person; from now on it cannot be edited."""
    await require_of(person, paper.propose, paper, of)
    proposer = the_person(person)
    key = (paper.code, of, version)
    async with db.transaction():
        draft = await locked(paper, key, "draft")
        if over := _over(paper, of, version, draft.effective_from):
            raise over
        said = f"propose {paper.code}"
        posting_id = await access.open_posting(person, said)
        about = f"{of} {version}" if of else str(version)
        new = NewRequest(about, act.reason, _ONE, author_ids=draft.author_ids)
        made = await ask(requests_of(paper), [new], proposer, posting_id)
        await queries.keep_request(key, made[0, about])
        subject, after = paper.subject(version, of), {"state": "proposed"}
        await access.audit(person, said, subject, after=after, reason=act.reason, posting_id=posting_id)


async def approve(person: Person, paper: Paper[T], version: int, act: ApproveVersion, of: str = "") -> None:
    """Let a proposed version count from its day on; only somebody who neither wrote nor proposed it may.

    The approver may let it count from a later day (`act.effective_from`), and must where its own day is over; nothing
    else of what was proposed can be changed.
    """
    await require_of(person, paper.decide, paper, of)
    key, day, said = (paper.code, of, version), act.effective_from, Why(reason=act.reason)
    async with db.transaction():
        # One approval at a time, so that two versions for one day have an order.
        await queries.lock_numbers()
        proposed = await locked(paper, key, "proposed")
        if day is not None and day < proposed.effective_from:
            expected = m("%(on)s or a later day", on=proposed.effective_from)
            raise invalid("effective_from", m("It was not proposed for so early a day."), expected)
        if day is not None and day != proposed.effective_from:
            await queries.postpone(key, day)
            said = Why(reason=f"{act.reason} ({day.isoformat()})")
        await approve_one(requests_of(paper), person, proposed.request_id, said)


async def refuse(person: Person, paper: Paper[T], version: int, act: Why, of: str = "") -> None:
    """Refuse a proposed version."""
    await require_of(person, paper.decide, paper, of)
    async with db.transaction():
        proposed = await locked(paper, (paper.code, of, version), "proposed")
        await consent.refuse(requests_of(paper), person, proposed.request_id, act)


async def withdraw(person: Person, paper: Paper[T], version: int, act: Why, of: str = "") -> None:
    """Take back a draft or a proposal; its authors and its proposer may."""
    await require_of(person, paper.propose, paper, of)
    person_id, _ = the_person(person)
    key = (paper.code, of, version)
    async with db.transaction():
        found = await locked(paper, key, "draft", "proposed")
        if person_id not in found.hands:
            raise Forbidden(
                m("Only the authors and the proposer take %(one)s back; another person refuses it.", one=paper.one)
            )
        posting_id = await access.open_posting(person, f"withdraw {paper.code}")
        if found.request_id:
            await close(requests_of(paper), [(0, found.request_id)], State.WITHDRAWN, posting_id)
        else:
            await queries.withdraw_draft(key, posting_id)
        await record(person, paper, key, "withdraw", act.reason, posting_id, after={"state": State.WITHDRAWN})


async def _weigh(paper: Paper[T], rows: Sequence[Row]) -> Mapping[int, Weighed[None]]:
    return {
        row["id"]: Weighed(_ONE, None, _over(paper, row["of"], row["version"], row["effective_from"])) for row in rows
    }


def _over(paper: Paper[T], of: str, version: int, effective_from: date) -> Conflict | None:
    """That it would count from a day that is over: what was decided on that day was decided under another version."""
    if effective_from >= clock.today():
        return None
    return Conflict(
        m(
            "%(document)s would count from %(on)s, which is over: give a later day when you approve it, or in the"
            " draft.",
            document=paper.call(version, of),
            on=effective_from,
        )
    )


def _told(paper: Paper[T], row: Row, _need: Need | None) -> Told:
    return Told(paper.subject(row["version"], row["of"]), {}, {})

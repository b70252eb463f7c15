"""Another person's word on a version: proposed, approved, refused, taken back."""

from dataclasses import replace

from channel import clock
from channel.access import service as access
from channel.access.rules import Person
from channel.acts import Why
from channel.consent.rules import the_person
from channel.database import db
from channel.errors import Conflict, Forbidden, invalid, m
from channel.versions import queries
from channel.versions.acts import ApproveVersion
from channel.versions.rules import Paper, T
from channel.versions.service.standing import Version, locked, record, require_of


async def propose(person: Person, paper: Paper[T], version: int, act: Why, of: str = "") -> None:
    """Put a draft before another person; from now on it cannot be edited."""
    await require_of(person, paper.propose, paper, of)
    person_id, _ = the_person(person)
    key = (paper.code, of, version)
    async with db.transaction():
        _check_day(paper, await locked(paper, key, "draft"))
        await _bring_on(person, paper, key, "propose", "proposed", act.reason, proposer_id=person_id)


async def approve(person: Person, paper: Paper[T], version: int, act: ApproveVersion, of: str = "") -> None:
    """Let a proposed version count from its day on; only somebody who neither wrote nor proposed it may.

    The approver may let it count from a later day (`act.effective_from`), and must where its own day is over; nothing
    else of what was proposed can be changed.
    """
    await require_of(person, paper.decide, paper, of)
    person_id, _ = the_person(person)
    effective_from, reason = act.effective_from, act.reason
    key = (paper.code, of, version)
    async with db.transaction():
        # One approval at a time, so that two versions for one day have an order.
        await queries.lock_numbers()
        proposed = await locked(paper, key, "proposed")
        if person_id in proposed.hands:
            raise Forbidden(m("Another person than the authors and the proposer approves %(one)s.", one=paper.one))
        if effective_from is not None and effective_from < proposed.effective_from:
            expected = m("%(on)s or a later day", on=str(proposed.effective_from))
            raise invalid("effective_from", m("It was not proposed for so early a day."), expected)
        if effective_from is not None and effective_from != proposed.effective_from:
            proposed = replace(proposed, effective_from=effective_from)
            _check_day(paper, proposed)
            await queries.postpone(key, effective_from)
            reason = f"{reason} ({effective_from.isoformat()})"
        _check_day(paper, proposed)
        await _bring_on(person, paper, key, "approve", "approved", reason)


async def refuse(person: Person, paper: Paper[T], version: int, act: Why, of: str = "") -> None:
    """Refuse a proposed version."""
    await require_of(person, paper.decide, paper, of)
    the_person(person)
    key = (paper.code, of, version)
    async with db.transaction():
        await locked(paper, key, "proposed")
        await _bring_on(person, paper, key, "refuse", "refused", act.reason)


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
        await _bring_on(person, paper, key, "withdraw", "withdrawn", act.reason)


def _check_day(paper: Paper[T], version: Version[T]) -> None:
    """A version cannot count from a day that is over: what was decided on that day was decided under another one."""
    if version.effective_from < clock.today():
        raise Conflict(
            m(
                "%(document)s would count from %(on)s, which is over: give a later day when you approve it, or in the"
                " draft.",
                document=paper.call(version.version, version.of),
                on=version.effective_from,
            )
        )


async def _bring_on(
    person: Person,
    paper: Paper[T],
    key: queries.Key,
    act: str,
    state: str,
    reason: str,
    *,
    proposer_id: int | None = None,
) -> None:
    posting_id = await access.open_posting(person, f"{act} {paper.code}")
    await queries.change_state(
        key, state, proposer_id=proposer_id, approved_by=posting_id if state == "approved" else None
    )
    await record(person, paper, key, act, reason, posting_id, after=state)

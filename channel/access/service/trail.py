"""Writing down what was done, and reading it again."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from asyncpg import Record

from channel import clock
from channel.access import queries
from channel.access.rules import Person, Right, require
from channel.access.trail_words import ACTS, UNKNOWN, act_words, subject_words
from channel.database import db
from channel.errors import Message, m
from channel.lists import Page, Wanted


async def open_posting(person: Person, act: str) -> int:
    """The posting of this act; the facts it writes carry its id, and the commit stamps when it was recorded."""
    _check(act)
    posting_id = await queries.record_posting(act, person.login)
    db.note_posting(posting_id)
    return posting_id


async def audit(
    person: Person,
    act: str,
    subject: str,
    *,
    dealer_ids: Iterable[int] = (),
    before: object = None,
    after: object = None,
    reason: str | None = None,
    posting_id: int | None = None,
) -> None:
    """Write the act into the trail, in the act's own transaction; `act` has words in a room's `trail_words`."""
    _check(act)
    if not db.in_transaction():
        raise RuntimeError("an act is audited inside its transaction")
    db.note_act(_said(act, subject))
    concerned = list(dealer_ids)
    db.note_dealers(concerned)
    actor = (person.login, person.role.value, person.via)
    await queries.record_audit(concerned, clock.now(), actor, act, subject, before, after, reason, posting_id)


async def audit_stranger(act: str, subject: str, *, after: object) -> None:
    """Write down what was tried by somebody of whom nothing is known but the address."""
    _check(act)
    await queries.record_audit((), clock.now(), (UNKNOWN, UNKNOWN, "sign-in"), act, subject, None, after, None, None)


async def audit_each(
    person: Person, act: str, lines: Sequence[queries.DealerAct], posting_id: int | None = None
) -> None:
    """Write an act on many dealers into the trail, a line for each, in the act's own transaction."""
    _check(act)
    if not db.in_transaction():
        raise RuntimeError("an act is audited inside its transaction")
    if lines:
        first = _said(act, lines[0].subject)
        more = len(lines) - 1
        db.note_act(m("%(act)s, and %(more)s more", act=first, more=more) if more else first)
        db.note_dealers(line.dealer_id for line in lines)
        actor = (person.login, person.role.value, person.via)
        await queries.record_audits(lines, clock.now(), actor, act, posting_id)


def _said(act: str, subject: str) -> Message:
    return m("%(act)s: %(subject)s", act=act_words(act), subject=subject_words(act, subject).words)


def _check(act: str) -> None:
    """An act that has no words cannot be told to people in their language: a fault of the code, found at once."""
    if act not in ACTS:
        raise RuntimeError(f"the act {act!r} has no words in the trail_words of any room")


async def audit_lines(person: Person, asked: queries.AuditFilter, wanted: Wanted) -> Page[Record]:
    """Lines of the trail that the person may read, the latest first unless they are wanted otherwise."""
    require(person, Right.READ_AUDIT)
    return await queries.audit_lines(replace(asked, files_by=person.files_by), wanted)

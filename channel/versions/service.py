"""Acts on versions of a document: drafted, checked, compared, proposed, and decided by another person."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Generic

import msgspec
from asyncpg import Record

from channel import clock
from channel.access import service as access
from channel.access.rules import Person, Right, require
from channel.acts import OPENED, Why
from channel.database import db
from channel.edits import Overtaken
from channel.errors import Conflict, Forbidden, Invalid, Message, NotFound, invalid, m
from channel.versions import queries
from channel.versions.acts import ApproveVersion, DraftVersion, EditVersion
from channel.versions.rules import Paper, T, compare_documents, label_of, read_document, written
from channel.versions.rules.states import STATE_NAMES
from channel.view import View


@dataclass(frozen=True, slots=True)
class Version(Generic[T]):
    """One version of a document: what it says and where it stands; `of` is what it belongs to, or ''."""

    document: T
    of: str
    effective_from: date
    state: str
    note: str
    author: str
    author_ids: tuple[int, ...]
    proposer_id: int | None
    created_at: datetime
    approved_at: datetime | None
    approver: str | None

    @property
    def version(self) -> int:
        """The number."""
        return self.document.version

    @property
    def name(self) -> str:
        """How people call it."""
        return self.document.name

    @property
    def hands(self) -> frozenset[int | None]:
        """Who had a hand in it, and so cannot approve it: its authors and its proposer."""
        return frozenset({*self.author_ids, self.proposer_id})


class _Seen(msgspec.Struct):
    """The text of a draft as somebody opened it to change it."""

    document: dict[str, Any]
    effective_from: date
    note: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """A field in which two documents differ; None where a side has no such field."""

    path: str
    labels: tuple[Message, ...]
    before: str | None
    after: str | None


def read_version(paper: Paper[T], row: Record) -> Version[T]:
    """The version that a row holds."""
    read = read_document(paper, row["document"], row["version"])
    if isinstance(read, list):
        raise RuntimeError(  # noqa: TRY004 - no type is wrong: the kept document is
            f"{paper.subject(row['version'], row['of'])} cannot be read: {read[0].field}: {read[0].reason}"
        )
    return Version(
        read,
        row["of"],
        row["effective_from"],
        row["state"],
        row["note"],
        row["author"],
        tuple(row["author_ids"]),
        row["proposer_id"],
        row["created_at"],
        row["approved_at"],
        row["approver"],
    )


def the_person(person: Person) -> tuple[int, str]:
    """Id and login of the human being behind an act that another one must decide or has proposed."""
    if person.person_id is None:
        raise Forbidden(m("Only a person may do this, not a machine."))
    return person.person_id, person.login


async def _may(person: Person, right: Right, paper: Paper[T], of: str) -> None:
    require(person, right)
    if paper.whose is not None:
        await paper.whose(person, of)


async def versions_of(person: Person, paper: Paper[T], of: str = "") -> list[Version[T]]:
    """Every version, the latest first."""
    await _may(person, paper.see, paper, of)
    return [read_version(paper, row) for row in await queries.versions(paper.code, of)]


async def version_of(person: Person, paper: Paper[T], version: int, of: str = "") -> Version[T]:
    """One version."""
    await _may(person, paper.see, paper, of)
    return _found(paper, await queries.version((paper.code, of, version)), version, of)


async def numbered(paper: Paper[T], version: int, of: str = "") -> T:
    """What a version says, whatever its state."""
    return _found(paper, await queries.version((paper.code, of, version)), version, of).document


async def in_force(paper: Paper[T], view: View, of: str = "") -> T:
    """What counts on the day as known at the moment; now is now, whatever the clock says."""
    return (await in_force_at(paper, (view,), of))[0]


async def in_force_at(paper: Paper[T], views: Sequence[View], of: str = "") -> list[T]:
    """The same for each of these views, in their order."""
    return read_in_force(paper, await queries.in_force(paper.code, of, views), views)


def read_in_force(paper: Paper[T], rows: Sequence[Record], views: Sequence[View]) -> list[T]:
    """The documents of `queries.IN_FORCE`, each read once; refused where none counts."""
    for row, view in zip(rows, views, strict=True):
        if row["version"] is None:
            raise NotFound(m(paper.missing.text, on=view.as_of))
    read = {row["version"]: read_version(paper, row).document for row in {row["version"]: row for row in rows}.values()}
    return [read[row["version"]] for row in rows]


def check_document(paper: Paper[T], document: Mapping[str, Any]) -> T:
    """What the JSON holds; a wrong one is refused with every error in it."""
    read = read_document(paper, document)
    if isinstance(read, list):
        raise Invalid(paper.wrong, tuple(read))
    return read


def compared(paper: Paper[T], before: T, after: T) -> list[Change]:
    """Every field that differs, with its labels."""
    return [Change(path, label_of(paper.model, path), old, new) for path, old, new in compare_documents(before, after)]


async def compare(
    person: Person, paper: Paper[T], version: int, other: int | None = None, of: str = ""
) -> tuple[Version[T], Version[T], list[Change]]:
    """A version against another one; without one, against the latest approved version before it."""
    after = await version_of(person, paper, version, of)
    if other is None:
        every = await versions_of(person, paper, of)
        earlier = [each for each in every if each.version < version and each.state == "approved"]
        if not earlier:
            raise NotFound(m("There is no version before %(version)s to compare with.", version=str(version)))
        before = earlier[0]
    else:
        before = await version_of(person, paper, other, of)
    return before, after, compared(paper, before.document, after.document)


async def draft(person: Person, paper: Paper[T], act: DraftVersion, of: str = "") -> int:
    """A new version as a draft; what is left out of the document is as in the shipped one."""
    await _may(person, paper.propose, paper, of)
    author = the_person(person)
    document = check_document(paper, act.document)
    async with db.transaction():
        await queries.lock_numbers()
        posting_id = await access.open_posting(person, f"draft {paper.code}")
        version = await queries.record_draft(
            paper.code, of, act.effective_from, written(document), act.note, author, clock.now()
        )
        await _record(person, paper, (paper.code, of, version), "draft", act.note, posting_id, after=written(document))
    return version


async def edit(person: Person, paper: Paper[T], version: int, act: EditVersion, of: str = "") -> None:
    """Another text of a draft; whoever has edited it counts as an author and cannot approve it.

    A document is read as a whole: when somebody else has changed anything of the draft since it was `opened`, he is
    told what instead of mixing two texts that nobody has read together.
    """
    await _may(person, paper.propose, paper, of)
    person_id, _ = the_person(person)
    document = check_document(paper, act.document)
    key = (paper.code, of, version)
    async with db.transaction():
        before = await _locked(paper, key, "draft")
        if act.opened is not None and (others := _changed_since(paper, act.opened, before)):
            raise Overtaken(others, ())
        posting_id = await access.open_posting(person, f"edit {paper.code}")
        authors = sorted({*before.author_ids, person_id})
        await queries.change_draft(key, act.effective_from, written(document), act.note, authors)
        changes = compare_documents(before.document, document)
        told = {path: old for path, old, _ in changes}, {path: new for path, _, new in changes}
        await _record(person, paper, key, "edit", act.note, posting_id, *told)


def _changed_since(paper: Paper[T], opened: Mapping[str, Any], draft: Version[T]) -> list[tuple[str, Message, object]]:
    """What of a draft is no longer as somebody opened it: path, label, what stands now."""
    try:
        seen = msgspec.convert(opened, _Seen)
    except msgspec.ValidationError:
        raise invalid(OPENED, m("The page was too old to be sent. Please load it again and repeat the act.")) from None
    before = check_document(paper, seen.document)
    changed: list[tuple[str, Message, object]] = [
        (change.path, change.labels[-1], change.after or m("empty"))
        for change in compared(paper, before, draft.document)
    ]
    if seen.effective_from != draft.effective_from:
        changed.append(("effective_from", m("Effective from"), draft.effective_from))
    if seen.note.strip() != draft.note:
        changed.append(("note", m("Note"), draft.note))
    return changed


async def propose(person: Person, paper: Paper[T], version: int, act: Why, of: str = "") -> None:
    """Put a draft before another person; from now on it cannot be edited."""
    await _may(person, paper.propose, paper, of)
    person_id, _ = the_person(person)
    key = (paper.code, of, version)
    async with db.transaction():
        _check_day(paper, await _locked(paper, key, "draft"))
        await _bring_on(person, paper, key, "propose", "proposed", act.reason, proposer_id=person_id)


async def approve(person: Person, paper: Paper[T], version: int, act: ApproveVersion, of: str = "") -> None:
    """Let a proposed version count from its day on; only somebody who neither wrote nor proposed it may.

    The approver may let it count from a later day (`act.effective_from`), and must where its own day is over; nothing
    else of what was proposed can be changed.
    """
    await _may(person, paper.decide, paper, of)
    person_id, _ = the_person(person)
    effective_from, reason = act.effective_from, act.reason
    key = (paper.code, of, version)
    async with db.transaction():
        # One approval at a time, so that two versions for one day have an order.
        await queries.lock_numbers()
        proposed = await _locked(paper, key, "proposed")
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
    await _may(person, paper.decide, paper, of)
    the_person(person)
    key = (paper.code, of, version)
    async with db.transaction():
        await _locked(paper, key, "proposed")
        await _bring_on(person, paper, key, "refuse", "refused", act.reason)


async def withdraw(person: Person, paper: Paper[T], version: int, act: Why, of: str = "") -> None:
    """Take back a draft or a proposal; its authors and its proposer may."""
    await _may(person, paper.propose, paper, of)
    person_id, _ = the_person(person)
    key = (paper.code, of, version)
    async with db.transaction():
        found = await _locked(paper, key, "draft", "proposed")
        if person_id not in found.hands:
            raise Forbidden(
                m("Only the authors and the proposer take %(one)s back; another person refuses it.", one=paper.one)
            )
        await _bring_on(person, paper, key, "withdraw", "withdrawn", act.reason)


def _found(paper: Paper[T], row: Record | None, version: int, of: str) -> Version[T]:
    if row is None:
        raise NotFound(m("There is no %(document)s.", document=paper.call_within(version, of)))
    return read_version(paper, row)


async def _locked(paper: Paper[T], key: queries.Key, *states: str) -> Version[T]:
    _, of, version = key
    found = _found(paper, await queries.lock_version(key), version, of)
    if found.state not in states:
        raise Conflict(
            m(
                "%(document)s is %(state)s; this act needs: %(needed)s.",
                document=paper.call(version, of),
                state=STATE_NAMES[found.state],
                needed=[STATE_NAMES[state] for state in states],
            )
        )
    return found


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
    await _record(person, paper, key, act, reason, posting_id, after=state)


async def _record(
    person: Person,
    paper: Paper[T],
    key: queries.Key,
    act: str,
    reason: str,
    posting_id: int,
    before: object = None,
    after: object = None,
) -> None:
    """What was done with a version, kept beside it and in the trail."""
    _, of, version = key
    await queries.record_act(key, act, person.login, reason or None, clock.now(), posting_id)
    await access.audit(
        person,
        f"{act} {paper.code}",
        paper.subject(version, of),
        before=before,
        after=after,
        reason=reason or None,
        posting_id=posting_id,
    )

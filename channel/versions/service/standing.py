"""Where the versions of a document stand: read, checked, compared, in force on a day as known at a moment."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Generic

from asyncpg import Record

from channel import clock
from channel.access import service as access
from channel.access.rules import Person, Right, require
from channel.errors import Conflict, Invalid, Message, NotFound, m
from channel.versions import queries
from channel.versions.rules import Paper, T, compare_documents, label_of, read_document
from channel.versions.rules.states import STATE_NAMES
from channel.view import View


@dataclass(frozen=True, slots=True)
class Version(Generic[T]):
    """One version of a document: what it says and where it stands; `of` is what it belongs to, or ''.

    `request_id` is the request by which it was put before another person, 0 until it was.
    """

    document: T
    of: str
    effective_from: date
    state: str
    note: str
    author: str
    author_ids: tuple[int, ...]
    request_id: int
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


@dataclass(frozen=True, slots=True)
class Change:
    """A field in which two documents differ; None where a side has no such field."""

    path: str
    labels: tuple[Message, ...]
    before: str | None
    after: str | None


def read_kept(paper: Paper[T], document: Mapping[str, Any], version: int, of: str = "") -> T:
    """What a document says that was kept under this number."""
    read = read_document(paper, document, version)
    if isinstance(read, list):
        raise RuntimeError(  # noqa: TRY004 - no type is wrong: the kept document is
            f"{paper.subject(version, of)} cannot be read: {read[0].field}: {read[0].reason}"
        )
    return read


def read_version(paper: Paper[T], row: Record) -> Version[T]:
    """The version that a row holds."""
    return Version(
        read_kept(paper, row["document"], row["version"], row["of"]),
        row["of"],
        row["effective_from"],
        row["state"],
        row["note"],
        row["author"],
        tuple(row["author_ids"]),
        row["request_id"] or 0,
        row["proposer_id"],
        row["created_at"],
        row["approved_at"],
        row["approver"],
    )


async def require_of(person: Person, right: Right, paper: Paper[T], of: str) -> None:
    """That the person holds the right, and may know of what the document belongs to."""
    require(person, right)
    if paper.whose is not None:
        await paper.whose(person, of)


async def versions_of(person: Person, paper: Paper[T], of: str = "") -> list[Version[T]]:
    """Every version, the latest first."""
    await require_of(person, paper.see, paper, of)
    return [read_version(paper, row) for row in await queries.versions(paper.code, of)]


async def version_of(person: Person, paper: Paper[T], version: int, of: str = "") -> Version[T]:
    """One version."""
    await require_of(person, paper.see, paper, of)
    return existing(paper, await queries.version((paper.code, of, version)), version, of)


async def numbered(paper: Paper[T], version: int, of: str = "") -> T:
    """What a version says, whatever its state."""
    return existing(paper, await queries.version((paper.code, of, version)), version, of).document


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


def existing(paper: Paper[T], row: Record | None, version: int, of: str) -> Version[T]:
    """The version that a row holds; refused where there is none."""
    if row is None:
        raise NotFound(m("There is no %(document)s.", document=paper.call_within(version, of)))
    return read_version(paper, row)


async def locked(paper: Paper[T], key: queries.Key, *states: str) -> Version[T]:
    """The version, held to the end of the transaction; refused unless it is in one of these states."""
    _, of, version = key
    found = existing(paper, await queries.lock_version(key), version, of)
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


async def record(
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

"""Who may give a word on what somebody asked for, and what a word leads to."""

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Generic, Protocol, TypeVar

from channel.access.rules import Person
from channel.errors import Conflict, FieldError, Forbidden, Message, Refused, m
from channel.own_words import own

T_co = TypeVar("T_co", covariant=True)


class Row(Protocol):
    """A request as the database gives it, or as it is told."""

    def keys(self) -> Iterable[str]:
        """The names of its columns."""

    def __getitem__(self, name: str, /) -> Any:  # noqa: ANN401 - any column's
        """What the column of this name holds."""


class State(StrEnum):
    """Where a request stands: it waits, or how it was closed, which is for good."""

    OPEN = "open"
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    SUPERSEDED = "superseded"
    ENDED = "ended"


_STATES: Mapping[str, Message] = MappingProxyType(
    {
        State.APPROVED: m("approved"),
        State.REFUSED: m("refused"),
        State.WITHDRAWN: m("withdrawn"),
        State.SUPERSEDED: m("superseded by a newer proposal"),
        State.ENDED: m("closed, because the cooperation with the dealer has ended"),
    }
)


class Need(Protocol):
    """How many must approve, why, and what that was counted from: kept with the request for whoever reads it later."""

    @property
    def approvals(self) -> int:
        """How many people other than the proposer."""

    @property
    def why(self) -> Message:
        """What it was counted by."""

    @property
    def counted(self) -> Mapping[str, Any]:
        """The figures behind it, by name."""


@dataclass(frozen=True, slots=True)
class Needs:
    """So many, without any figures behind it."""

    approvals: int
    why: Message
    counted: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Stale:
    """One thing that is no longer as it was when somebody asked; whoever approves all the same names its `cause`."""

    cause: str
    said: Message


@dataclass(frozen=True, slots=True)
class Weighed(Generic[T_co]):
    """What the room that brought an open request says of it now, under its lock.

    `act` is what the last approval carries out. `in_vain` is why it cannot be carried out any more, whoever approves;
    `stale` what of the figures that it rests on has changed since.
    """

    need: Need
    act: T_co
    in_vain: Refused | None = None
    stale: tuple[Stale, ...] = ()


def the_person(person: Person) -> tuple[int, str]:
    """Id and login of the human being behind an act that another one must decide or has proposed."""
    if person.person_id is None:
        raise Forbidden(m("Only a person may do this, not a machine."))
    return person.person_id, person.login


def who_asks(row: Row) -> Message:
    """Who asks for it and why, and how many have agreed to it where it takes several."""
    said = {"who": row["proposer"], "reason": own(row["reason"])}
    if row["approvals_needed"] <= 1:
        return m("%(who)s: %(reason)s", **said)
    given = {"given": len(row["approvals"]), "needed": row["approvals_needed"]}
    return m("%(who)s: %(reason)s · %(given)s of %(needed)s approvals", **said, **given)


def since_asked(row: Row) -> Message:
    """What has become of it, to whoever asked."""
    return m(
        "You proposed it on %(day)s; %(given)s of %(needed)s approvals.",
        day=row["proposed_at"],
        given=len(row["approvals"]),
        needed=row["approvals_needed"],
    )


def closed(row: Row) -> Conflict | None:
    """Why nobody can decide about it any more; None while it is open."""
    if row["state"] == State.OPEN:
        return None
    return Conflict(m("This proposal is no longer open: it is %(state)s.", state=_STATES[row["state"]]))


def approvals_missing(needed: int, proposed_by: int | None, approved_by: Iterable[int]) -> int:
    """How many approvals a proposal still lacks; only those of different people other than the proposer count."""
    return max(0, needed - len({person for person in approved_by if person != proposed_by}))


def is_last(row: Row, need: Need, person: int) -> bool:
    """Whether this person's approval would be the last one that the request needs."""
    return approvals_missing(need.approvals, row["proposer_id"], [*row["approver_ids"], person]) == 0


def refused_approval(row: Row, weighed: Weighed[object], person: int, although: Collection[str]) -> Refused | None:
    """Why this person's approval of an open request is not taken; `although` names in spite of what he approves it."""
    return refused_word(row, person) or weighed.in_vain or _unsaid(weighed.stale, although)


def refused_word(row: Row, person: int) -> Forbidden | None:
    """Why this person may not approve an open request, for who he is or for what he has said already.

    Nobody approves what he proposed or had a hand in, and each approval of one request is another person's.
    """
    if person == row["proposer_id"]:
        return Forbidden(m("Nobody approves what he proposed."))
    if person in row["author_ids"]:
        return Forbidden(m("Another person than its authors and its proposer approves it."))
    if person in row["approver_ids"]:
        return Forbidden(m("You have approved this already; the next approval must be another person's."))
    return None


def refused_refusal(row: Row, person: int) -> Refused | None:
    """Why this person may not refuse it: one refusal is enough, and whoever approved it has given his word."""
    if (found := closed(row)) is not None:
        return found
    if person == row["proposer_id"]:
        return Forbidden(m("Nobody refuses what he proposed; withdraw it."))
    if person in row["approver_ids"]:
        return Conflict(m("You have approved this already."))
    return None


def refused_withdrawal(row: Row, person: int) -> Refused | None:
    """Why this person may not take it back: its proposer and its authors do."""
    if (found := closed(row)) is not None:
        return found
    if person != row["proposer_id"] and person not in row["author_ids"]:
        return Forbidden(m("Only the proposer takes a proposal back; another person refuses it."))
    return None


def _unsaid(stale: Sequence[Stale], although: Collection[str]) -> Conflict | None:
    """The refusal of what has changed since and is not named."""
    unsaid = [each for each in stale if each.cause not in although]
    if not unsaid:
        return None
    causes = ", ".join(each.cause for each in stale)
    return Conflict(
        m("This was computed from what has changed since: assess it again, or approve it although it has."),
        tuple(FieldError("although", each.said, m("%(causes)s", causes=causes)) for each in unsaid),
    )


@dataclass(frozen=True, slots=True)
class Review(Generic[T_co]):
    """What one person's approval of several open requests would do.

    `mine` he may approve together; by `mark` the act knows that they are the ones that were looked at. `stale` he
    might approve one by one, `in_vain` nobody can any more; `left` are those that are not his to decide.
    """

    mine: tuple[Row, ...]
    mark: str
    complete: int
    left: int
    stale: tuple[Row, ...]
    in_vain: tuple[Row, ...]
    weighed: Mapping[int, Weighed[T_co]]


def review_of(rows: Sequence[Row], weighed: Mapping[int, Weighed[T_co]], person: int) -> Review[T_co]:
    """Sort open requests by what this person can do about them."""
    his = [row for row in rows if refused_word(row, person) is None]
    alive = [row for row in his if weighed[row["id"]].in_vain is None]
    mine = [row for row in alive if not weighed[row["id"]].stale]
    return Review(
        tuple(mine),
        mark_of((row["id"], len(row["approver_ids"]), weighed[row["id"]].need.approvals) for row in mine),
        sum(is_last(row, weighed[row["id"]].need, person) for row in mine),
        len(rows) - len(his),
        tuple(row for row in alive if weighed[row["id"]].stale),
        tuple(row for row in his if weighed[row["id"]].in_vain is not None),
        weighed,
    )


def mark_of(looked_at: Iterable[tuple[object, ...]]) -> str:
    """A short word for exactly these, in whatever order: another one where anything of them is different."""
    return hashlib.sha256(repr(sorted(looked_at)).encode()).hexdigest()[:16]

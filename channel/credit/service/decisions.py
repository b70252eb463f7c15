"""Deciding about proposals, one or all of a run."""

from dataclasses import dataclass
from decimal import Decimal

from channel.access.rules import Person
from channel.consent.service import approve_one, approve_reviewed, review
from channel.credit.acts import ApproveRun, DecideLimit
from channel.credit.queries import proposals as queries
from channel.credit.service.limits import Told, told_as
from channel.credit.service.proposals import Skipped
from channel.credit.service.weighing import LIMITS


async def approve_proposal(person: Person, proposal_id: int, act: DecideLimit) -> Told:
    """Approve; the proposal as it stands then, in force when that was the last approval needed.

    A limit that was computed from what has changed since is approved only by whoever names what has (`act.although`).
    """
    approval = await approve_one(LIMITS, person, proposal_id, act, act.although)
    (row,) = await queries.proposals_of([proposal_id])
    return told_as(row, approval.weighed)


@dataclass(frozen=True, slots=True)
class Bulk:
    """What the approval of a run would do: the proposals that this person may approve.

    `stale` are others that he might, but one by one: what they were computed from has changed since. `closed` are those
    that nobody can approve any more (`in_vain`). By `mark` the act knows that they are the ones that were looked at.
    """

    proposals: tuple[Told, ...]
    mark: str
    change: Decimal | None
    come_into_force: int
    left: int
    stale: tuple[Told, ...]
    closed: tuple[Told, ...]

    @property
    def second_needed(self) -> int:
        """How many would wait for another approval afterwards."""
        return len(self.proposals) - self.come_into_force


async def bulk_of(person: Person, run_id: int) -> Bulk:
    """What this person's approval of a run's open proposals would do."""
    found = await review(LIMITS, person, await queries.open_of_run(run_id))
    mine, stale, closed = (
        tuple(told_as(row, found.weighed[row["id"]]) for row in rows)
        for rows in (found.mine, found.stale, found.in_vain)
    )
    changes = [row["change_amount"] for row in mine]
    change = None if None in changes else sum(changes, Decimal(0))
    return Bulk(mine, found.mark, change, found.complete, found.left, stale, closed)


async def approve_run(person: Person, run_id: int, act: ApproveRun) -> tuple[int, list[Skipped]]:
    """Approve the proposals of a reviewed run, each for itself, locked and audited like a single one, in one act.

    `act.mark` is that of the review. How many were approved, and which were not and why.
    """
    rows = await queries.open_of_run(run_id)
    approved, left = await approve_reviewed(LIMITS, person, rows, act.mark, act.reason)
    return approved, [Skipped(row["dealer"], why) for row, why in left]

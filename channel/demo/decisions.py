"""What was decided on limits in the story: a review every half year, a raise for a time, and a review under way."""

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from channel import clock
from channel.access.rules import Person
from channel.acts import Why
from channel.consent.service import refuse
from channel.credit.acts import ApproveRun, AssessLimits, DecideLimit, ProposeLimit
from channel.credit.queries.proposals import Queue
from channel.credit.service.assess import assess
from channel.credit.service.decisions import approve_proposal, approve_run, bulk_of
from channel.credit.service.limits import limit_of, proposals
from channel.credit.service.proposals import propose_limit
from channel.credit.service.run_proposals import Replaces
from channel.credit.service.weighing import LIMITS
from channel.database.snapshots import view_of
from channel.errors import Refused
from channel.lists import Wanted

_REVIEWED = "Reviewed together with sales 与销售共同评审"
_REFUSED = (
    "Wait for the audited accounts 待审计报表",
    "Two invoices are late 两张发票逾期",
    "Owner changes 股权变更中",
)


@dataclass(frozen=True, slots=True)
class Finance:
    """The people of finance at their work; `acting` puts one of them on a connection."""

    acting: Callable[[str], AbstractAsyncContextManager[Person]]

    async def review(self, by: str, approvers: Sequence[str]) -> None:
        """Assess everybody and propose; the others refuse a few and approve the rest, twice where two are needed."""
        run_id = await self._assess(by, "Half-yearly review 半年评审")
        for number, approver in enumerate(approvers):
            async with self.acting(approver) as person:
                if number == 0:
                    found = await proposals(person, Queue(run_id=run_id), Wanted(limit=len(_REFUSED) * 9))
                    for row in found.items[::9]:
                        await refuse(LIMITS, person, row["id"], Why(reason=_REFUSED[row["id"] % len(_REFUSED)]))
                bulk = await bulk_of(person, run_id)
                await approve_run(person, run_id, ApproveRun(mark=bulk.mark, reason=_REVIEWED))

    async def begin_review(self, by: str, approvers: Sequence[str], decided: int) -> None:
        """Assess everybody and propose; a few are decided, most wait for a word, some for a second one."""
        run_id = await self._assess(by, "Monthly review 月度评审")
        first, *others = approvers
        async with self.acting(first) as person:
            waiting = (await proposals(person, Queue(run_id=run_id))).items
            middle = waiting[len(waiting) // 2 :][:decided]
            for row in waiting[2:8:3]:
                await refuse(LIMITS, person, row["id"], Why(reason=_REFUSED[row["id"] % len(_REFUSED)]))
            for row in (waiting[0], waiting[4], *middle):
                await approve_proposal(person, row["id"], DecideLimit(reason=_REVIEWED))
        for approver in others:
            async with self.acting(approver) as person:
                for row in middle:
                    if row["approvals_needed"] > 1:
                        await approve_proposal(person, row["id"], DecideLimit(reason=_REVIEWED))

    async def raise_for_a_time(self, by: str, approvers: Sequence[str], codes: Sequence[str]) -> None:
        """A raise for two months for the first of these dealers that has a limit, proposed where he is looked after."""
        for code in codes:
            async with self.acting(by) as person:
                try:
                    base = (await limit_of(person, code, view_of())).state.base
                except Refused:
                    continue
                if base is None or base <= 0:
                    continue
                proposal_id = await propose_limit(
                    person,
                    code,
                    ProposeLimit(
                        kind="temporary",
                        amount=(base * Decimal("0.4")).quantize(Decimal(1)),
                        to_on=clock.today() + timedelta(days=61),
                        reason="Big project order in the season 旺季工程订单",
                    ),
                )
            for approver in approvers:
                async with self.acting(approver) as person:
                    said = DecideLimit(reason="Order seen, guaranteed by the parent 已见订单")
                    if (await approve_proposal(person, proposal_id, said))["state"] == "approved":
                        return
            return

    async def _assess(self, by: str, reason: str) -> int:
        async with self.acting(by) as person:
            try:
                return (await assess(person, AssessLimits(propose=True, reason=reason))).run_id
            except Replaces as asked:
                said = AssessLimits(propose=True, reason=reason, confirmed=asked.mark)
                return (await assess(person, said)).run_id

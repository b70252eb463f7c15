"""What the journal of limits puts in force by days: kept for the list of dealers, and held against its approvals."""

from collections.abc import Sequence
from itertools import groupby

from channel.access import service as access
from channel.credit.queries import limit_spans as queries
from channel.credit.queries.limit_spans import KeptSpan
from channel.credit.rules import POLICY, lacks_approvals, limit_spans
from channel.credit.rules.steps import EXACT
from channel.credit.service.inputs import events_of
from channel.credit.service.needs import company_rates
from channel.database import db
from channel.database.snapshots import view_of
from channel.receivables.queries.accounts import lock_accounts
from channel.versions.service import in_force

_BATCH = 5_000


async def keep_spans(dealer_ids: Sequence[int]) -> None:
    """Write the spans of these (locked) dealers anew from their journal."""
    await queries.replace_spans(dealer_ids, await _true_spans(dealer_ids))


async def _true_spans(dealer_ids: Sequence[int]) -> list[KeptSpan]:
    found: list[KeptSpan] = []
    for dealer_id, lines in groupby(await queries.journal_with_rates(dealer_ids), key=lambda row: row["dealer_id"]):
        journal = list(lines)
        rates = {row["id"]: row["company_rate"] for row in journal}
        for span in limit_spans(events_of(journal)):
            rate = rates[span.place]
            amount = None if rate is None else EXACT.multiply(span.total, rate)
            found.append(KeptSpan(dealer_id, span.from_on, span.to_on, amount))
    return found


async def reconcile_spans(*, mend: bool = False) -> int:
    """Of how many dealers the spans differ from the journal; with `mend` theirs are written anew."""
    different, after = 0, 0
    while ids := await queries.dealers_with_limits(after, _BATCH):
        after = ids[-1]
        truth, kept = set(await _true_spans(ids)), set(await queries.kept_spans(ids))
        wrong = sorted({span.dealer_id for span in truth ^ kept})
        different += len(wrong)
        if wrong and mend:
            async with db.transaction():
                await lock_accounts(wrong)
                await keep_spans(wrong)
    return different


async def lacking_approvals() -> list[str]:
    """The dealers for whom more is in force than its approvers may approve, by the policy and at the rates of today."""
    view = view_of()
    policy = await in_force(POLICY, view)
    found: list[str] = []
    after = 0
    while ids := await queries.dealers_with_limits(after, _BATCH):
        after = ids[-1]
        journal = await queries.journal_with_approvals(ids)
        company = await access.company_currency()
        rates = await company_rates({row["currency"] for row in journal}, view, company)
        for _, rows in groupby(journal, key=lambda row: row["dealer_id"]):
            lines = list(rows)
            given = {row["id"]: row["approvals"] for row in lines}
            if lacks_approvals(policy, events_of(lines), given, view.as_of, rates):
                found.append(lines[0]["code"])
    return found

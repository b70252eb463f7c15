"""Disputes on PostgreSQL, opened, ended and overtaken at hours after 1 January 2025."""

from contextlib import suppress
from random import Random
from typing import Any

from channel import clock
from channel.access.rules import Person
from channel.database import db
from channel.errors import Refused
from channel.receivables.acts.disputes import EndDispute, OpenDispute
from channel.receivables.rules.disputes import Dispute, DisputeReason, Outcome
from channel.receivables.rules.documents import Instalment
from channel.receivables.service.disputes import end_dispute, open_dispute
from tests.make.access import acting
from tests.make.ledger import post, reverse
from tests.make.receivables import D, day, moment, owed, paying


def opening(document: int, amount: str = "40", **given: Any) -> OpenDispute:  # noqa: ANN401 - fields of the act
    """A dispute about the quality, which finance-1 answers by the 60th day."""
    fields: dict[str, Any] = {"reason_code": DisputeReason.QUALITY, "owner": "finance-1", "due_on": day(60)} | given
    return OpenDispute(document=document, amount=D(amount), **fields)


async def dispute_at_random(random: Random, finance: Person, hour: int, code: str = "D-1") -> int:
    """Contest documents of a dealer, end some disputes, pay and reverse some of the documents; the last hour.

    One of two instalments is contested for sure, beyond the first of them.
    """
    parts = (Instalment(day(6), D(40)), Instalment(day(11), D(50)))
    hour += 1
    sure = (await post(finance, owed("90", number="Z1", instalments=parts), at=hour, code=code)).documents[0]
    hour += 1
    with clock.fixed(moment(hour)):
        async with acting(finance):
            act = opening(sure.document.id, "60", owner=finance.login, effective_on=day(random.randint(0, 18)))
            await open_dispute(finance, code, act)
    async with acting(finance):
        rows = await db.fetch(
            "SELECT r.id, r.effective_on, r.amount FROM receivable_document r JOIN dealer d ON d.id = r.dealer_id"
            " WHERE d.code = $1 AND r.kind IN ('invoice', 'debit_note') AND r.effective_on <= $2 ORDER BY r.id",
            code,
            day(18),
        )
    for row in random.choices(rows, k=min(12, 2 * len(rows))):
        hour += 1
        first = (row["effective_on"] - day(0)).days
        act = opening(
            row["id"],
            str(random.choice((1, 20, 49, row["amount"]))),
            owner=finance.login,
            effective_on=day(random.randint(first, 18)),
        )
        with suppress(Refused), clock.fixed(moment(hour)):
            async with acting(finance):
                number = await open_dispute(finance, code, act)
            hour += 1
            if random.random() < 0.4:
                await _end(random, finance, number, hour, (act.effective_on or day(0)).toordinal() - day(0).toordinal())
            elif random.random() < 0.3:
                await reverse(finance, row["id"], on=random.randint(first, 20), at=hour, code=code)
        if random.random() < 0.3:
            hour += 1
            number_of_it = f"P{hour}"
            money = paying(str(random.choice((10, 60, 150))), number=number_of_it, on=random.randint(6, 18))
            await post(finance, money, at=hour, code=code)
    return hour


async def _end(random: Random, finance: Person, number: int, hour: int, first: int) -> None:
    outcome = random.choice((Outcome.AGREED, Outcome.REFUSED))
    act = EndDispute(outcome=outcome, effective_on=day(random.randint(first, 20)), reason="talked about it")
    with clock.fixed(moment(hour)):
        async with acting(finance):
            await end_dispute(finance, number, act)


_POSTED = """
SELECT x.document_id, x.amount, x.effective_on AS opened_on, p.recorded_at, e.effective_on AS ended_on,
       q.recorded_at AS end_recorded_at
FROM dispute x JOIN posting p ON p.id = x.posting_id
LEFT JOIN dispute_end e ON e.dealer_id = x.dealer_id AND e.dispute_id = x.id LEFT JOIN posting q ON q.id = e.posting_id
WHERE x.dealer_id = $1
"""


async def disputes_posted(dealer_id: int) -> list[Dispute]:
    """All disputes of a dealer as they were written, for the rules."""
    return [Dispute(**dict(row)) for row in await db.fetch(_POSTED, dealer_id)]

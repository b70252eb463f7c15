"""Limits that change, told to who is responsible for the dealer."""

from collections.abc import Iterable, Mapping, Sequence

from asyncpg import Record

from channel.access.rules import Right
from channel.credit.queries.telling import changes_told
from channel.errors import Message, m
from channel.money import exact_text
from channel.tasks.rules.outbox import Words
from channel.tasks.service.facts_told import by_whom
from channel.tasks.service.messages import MessageKind
from channel.tasks.service.receivers import Matter, tell_responsible


async def _words(rows: Sequence[Record]) -> Mapping[int, Words]:
    found = await changes_told([(row["dealer_id"], row["told"]["proposal"]) for row in rows])
    by_proposal = {each["proposal_id"]: each for each in found}
    return {
        row["id"]: Words(
            _headline(row["dealer_name"], limit),
            f"/credit/proposals/{limit['proposal_id']}",
            by_whom(row["actor"], None),
        )
        for row in rows
        if (limit := by_proposal.get(row["told"]["proposal"])) is not None
    }


def _headline(name: str, limit: Record) -> Message:
    day, amount = limit["from_on"], limit["amount"]
    if amount is None:
        text = m("The limit of %(name)s ends on %(day)s", name=name, day=day)
        return text if limit["kind"] == "withdrawal" else m("The raise of %(name)s ends on %(day)s", name=name, day=day)
    told = exact_text(amount, limit["currency"])
    if limit["kind"] == "raise":
        return m("The limit of %(name)s is raised by %(amount)s from %(day)s", name=name, amount=told, day=day)
    return m("The limit of %(name)s is %(amount)s from %(day)s", name=name, amount=told, day=day)


LIMITS_TOLD = MessageKind("limit", m("Limit in force"), Right.SEE_CREDIT, _words)


async def tell_limits(proposals: Iterable[tuple[int, int]], posting_id: int) -> None:
    """Tell of these dealers that the proposals beside them, by their numbers, changed the limit in force."""
    matters = [Matter(dealer_id, f"proposal {number}", {"proposal": number}) for dealer_id, number in proposals]
    await tell_responsible(LIMITS_TOLD, matters, posting_id)

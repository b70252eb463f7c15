"""Holds, releases and grades, told to who is responsible for the dealer."""

from collections.abc import Mapping, Sequence

from asyncpg import Record

from channel.access.rules import Right
from channel.dealers.rules import STATUS_NAMES, Fact, Status
from channel.dealers.service.changed import CHANGED
from channel.errors import Message, m
from channel.tasks.queries.outbox import facts_changed, facts_told
from channel.tasks.rules.outbox import Words
from channel.tasks.service.messages import MessageKind
from channel.tasks.service.receivers import Matter, tell_responsible
from channel.work.service import Due, Work


async def _words(rows: Sequence[Record]) -> Mapping[int, Words]:
    facts = {row["id"]: row for row in await facts_told([row["told"]["fact"] for row in rows])}
    return {row["id"]: _said(row, facts[row["told"]["fact"]]) for row in rows if row["told"]["fact"] in facts}


def _said(row: Record, fact: Record) -> Words:
    name, day, value = row["dealer_name"], fact["effective_on"], fact["value"]
    if fact["fact"] == Fact.GRADE:
        headline: Message = m("%(name)s has no grade from %(day)s", name=name, day=day)
        if value is not None:
            headline = m("%(name)s has grade %(grade)s from %(day)s", name=name, grade=value, day=day)
    elif value == Status.ON_HOLD:
        headline = m("%(name)s is on hold from %(day)s", name=name, day=day)
    else:
        status = STATUS_NAMES[Status(value)]
        headline = m("%(name)s is off hold from %(day)s: %(status)s", name=name, day=day, status=status)
    return Words(headline, f"/dealers/{row['dealer']}", by_whom(row["actor"], fact["reason"]))


def by_whom(actor: str, reason: str | None) -> tuple[Message, ...]:
    """Who did it and why, as far as he said it."""
    if reason is None:
        return (m("by %(actor)s", actor=actor),)
    return (m("by %(actor)s: %(reason)s", actor=actor, reason=reason),)


FACTS_TOLD = MessageKind("dealer changed", m("Hold, release or grade"), Right.SEE_DEALERS, _words)


async def _tell(due: Due) -> None:
    """Tell of a posting what it put on hold or released, and which grades it changed; of new dealers nothing."""
    posting_id = int(due.key)
    changed = await facts_changed(posting_id, Fact.GRADE, Fact.STATUS, Status.ON_HOLD)
    matters = [Matter(row["dealer_id"], f"fact {row['id']}", {"fact": row["id"]}) for row in changed]
    await tell_responsible(FACTS_TOLD, matters, posting_id)


TELLING_FACTS = Work(CHANGED, _tell)

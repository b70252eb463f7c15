"""Reviews that somebody is reminded of, that were escalated or handed on to him, told to him as messages."""

from collections.abc import Mapping, Sequence

from asyncpg import Record

from channel.access.rules import Right
from channel.errors import Message, m
from channel.reviews.queries.steps import Step, reviews_of
from channel.tasks.queries.outbox import NewMessage
from channel.tasks.rules.outbox import Words
from channel.tasks.rules.receiver import Roster
from channel.tasks.service.messages import MessageKind, tell


async def _words(rows: Sequence[Record]) -> Mapping[int, Words]:
    found = {row["number"]: row for row in await reviews_of([row["told"]["review"] for row in rows])}
    return {
        row["id"]: _said(row["told"]["step"], found[row["told"]["review"]])
        for row in rows
        if row["told"]["review"] in found
    }


def _said(step: str, review: Record) -> Words:
    named = {"name": review["dealer_name"], "on": review["as_of"]}
    headlines: Mapping[str, Message] = {
        "remind": m("The review of %(name)s of %(on)s is to be decided", **named),
        "escalate": m("Late, and escalated to you: the review of %(name)s of %(on)s", **named),
        "hand on": m("Handed on to you: the review of %(name)s of %(on)s", **named),
    }
    address = f"/dealers/{review['dealer']}/reviews/{review['number']}"
    return Words(headlines[step], address, (m("to be decided by %(day)s", day=review["decide_by"]),))


REVIEWS_TOLD = MessageKind("review", m("Review to decide"), Right.SEE_REVIEWS, _words)


async def tell_steps(step: str, steps: Sequence[Step], roster: Roster, posting_id: int) -> None:
    """Tell those to whom the steps of a posting lead, where they sign in, but for whoever took them."""
    codes = {member_id: code for code, member_id in roster.ids.items()}
    new = []
    for each in steps:
        person = roster.people.get(codes.get(each.to_id or 0, ""))
        if person is not None and person.person_id is not None:
            about, told = f"review {each.number}, posting {posting_id}", {"review": each.number, "step": step}
            new.append(NewMessage(person.person_id, about, told, each.dealer_id))
    await tell(REVIEWS_TOLD, new, posting_id)

"""Disputes and promises, told to who is responsible for the dealer, and to who is to answer."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from enum import StrEnum

from asyncpg import Record

from channel.access.rules import Right
from channel.errors import Message, m
from channel.money import exact_text
from channel.receivables.queries.telling import disputes_told, promises_in_words
from channel.receivables.rules.disputes import OUTCOME_NAMES, REASON_NAMES, STATE_NAMES, DisputeState, Outcome
from channel.tasks.queries.outbox import NewMessage
from channel.tasks.rules.outbox import Words
from channel.tasks.service.facts_told import by_whom
from channel.tasks.service.messages import MessageKind, tell
from channel.tasks.service.receivers import Matter, tell_responsible


class Happened(StrEnum):
    """What became of a dispute."""

    OPENED = "opened"
    YOURS = "yours"
    ENDED = "ended"


async def _disputes(rows: Sequence[Record]) -> Mapping[int, Words]:
    found = {row["id"]: row for row in await disputes_told([row["told"]["dispute"] for row in rows])}
    return {row["id"]: _dispute(row, found[row["told"]["dispute"]]) for row in rows if row["told"]["dispute"] in found}


def _dispute(row: Record, dispute: Record) -> Words:
    name, amount = row["dealer_name"], exact_text(dispute["amount"], dispute["currency"])
    why = m("document %(number)s: %(why)s", number=str(dispute["number"]), why=REASON_NAMES[dispute["reason"]])
    match row["told"]["what"]:
        case Happened.ENDED if dispute["outcome"] is not None:
            headline: Message = m(
                "The dispute of %(name)s about %(amount)s has ended: %(outcome)s",
                name=name,
                amount=amount,
                outcome=_ended_how(dispute["outcome"]),
            )
            more = (why, *by_whom(row["actor"], dispute["ended_for"]))
        case Happened.YOURS:
            headline = m(
                "You answer for the dispute of %(name)s about %(amount)s until %(day)s",
                name=name,
                amount=amount,
                day=dispute["due_on"],
            )
            more = (why, *by_whom(row["actor"], None))
        case _:
            headline = m("%(name)s disputes %(amount)s", name=name, amount=amount)
            answers = m("%(owner)s answers until %(day)s", owner=dispute["owner"], day=dispute["due_on"])
            more = (why, answers, *by_whom(row["actor"], None))
    return Words(headline, f"/receivables/disputes/{dispute['id']}", more)


def _ended_how(outcome: str) -> Message:
    # With its document a dispute ends by nobody's choice: it is a state, and no outcome of the form.
    state = DisputeState(outcome)
    return STATE_NAMES[state] if state is DisputeState.REVERSED else OUTCOME_NAMES[Outcome(outcome)]


DISPUTES_TOLD = MessageKind("dispute", m("Dispute"), Right.SEE_RECEIVABLES, _disputes)


async def tell_disputes(what: Happened, dealer_id: int, numbers: Iterable[int], posting_id: int) -> None:
    """Tell who is responsible for the dealer that disputes were opened, or have ended."""
    matters = [Matter(dealer_id, f"{what.value} {each}", {"dispute": each, "what": what.value}) for each in numbers]
    await tell_responsible(DISPUTES_TOLD, matters, posting_id)


async def tell_owner(dealer_id: int, number: int, owner_id: int, posting_id: int) -> None:
    """Tell somebody that he answers for a dispute from now on."""
    told = {"dispute": number, "what": Happened.YOURS.value}
    about = f"yours {number}, posting {posting_id}"
    await tell(DISPUTES_TOLD, [NewMessage(owner_id, about, told, dealer_id)], posting_id)


async def _promises(rows: Sequence[Record]) -> Mapping[int, Words]:
    found: dict[int, list[Record]] = {}
    for each in await promises_in_words([row["told"]["promise"] for row in rows]):
        found.setdefault(each["id"], []).append(each)
    return {row["id"]: _promise(row, found[row["told"]["promise"]]) for row in rows if row["told"]["promise"] in found}


def _promise(row: Record, instalments: Sequence[Record]) -> Words:
    name, place = row["dealer_name"], row["told"].get("place")
    url = f"/receivables/promises/{instalments[0]['id']}"
    part = next((each for each in instalments if each["place"] == place), None)
    if part is None or part["kept"] is None:
        last = instalments[-1]
        amount = exact_text(sum((each["amount"] for each in instalments), Decimal()), last["currency"])
        headline = m("%(name)s promises to pay %(amount)s by %(day)s", name=name, amount=amount, day=last["due_on"])
        promised = m("promised by %(who)s", who=last["promised_by"])
        return Words(headline, url, (promised, *by_whom(row["actor"], None)))
    amount, day = exact_text(part["amount"], part["currency"]), part["due_on"]
    headline = m("%(name)s has broken the promise of %(amount)s by %(day)s", name=name, amount=amount, day=day)
    if part["kept"]:
        headline = m("%(name)s has kept the promise of %(amount)s by %(day)s", name=name, amount=amount, day=day)
    came = exact_text(part["came"], part["currency"])
    asked = exact_text(part["promised"], part["currency"])
    return Words(headline, url, (m("%(came)s of %(promised)s came", came=came, promised=asked),))


PROMISES_TOLD = MessageKind("promise", m("Promise to pay"), Right.SEE_RECEIVABLES, _promises)


async def tell_promise(dealer_id: int, number: int, posting_id: int) -> None:
    """Tell who is responsible for the dealer what he promised."""
    matter = Matter(dealer_id, f"made {number}", {"promise": number})
    await tell_responsible(PROMISES_TOLD, [matter], posting_id)


async def tell_judged(judged: Iterable[tuple[int, int, int]], posting_id: int) -> None:
    """Tell who is responsible what instalments came to: each its dealer, promise and place."""
    matters = [
        Matter(dealer_id, f"judged {number} {place}", {"promise": number, "place": place})
        for dealer_id, number, place in judged
    ]
    await tell_responsible(PROMISES_TOLD, matters, posting_id)

"""Limits as what a second person decides: what is asked for, what counts at every word, what the last one does."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict

from channel.access.rules import Person, Right
from channel.consent.queries import OF_DEALERS, NewRequest
from channel.consent.rules import Need, Row, Weighed
from channel.consent.service import RequestKind, Told, ask
from channel.credit.queries import limits as limit_queries
from channel.credit.queries import proposals as queries
from channel.credit.queries.limits import JournalLine
from channel.credit.queries.proposals import NewProposal
from channel.credit.rules import takes_force_on
from channel.credit.service.limit_spans import keep_spans
from channel.credit.service.needs import JOURNAL_KINDS, Counted, counted, refused_by_status, runs_on, state_of
from channel.credit.service.stale import stale_of_these
from channel.credit.service.telling import tell_limits
from channel.errors import Conflict, Message, m

_RISING = {"base", "temporary"}


async def put(
    proposals: Sequence[NewProposal], proposer: tuple[int | None, str], posting_id: int, held: Counted | None = None
) -> dict[int, int]:
    """Put these before another person, in place of what is `held` open of their kind; the number of each by dealer."""
    requests = [
        NewRequest(
            each.about,
            each.reason,
            each.need,
            each.dealer_id,
            None if each.change_amount is None else abs(each.change_amount),
            lapses_on=each.to_on,
            replaces=next(iter(held.in_place_of(each.dealer_id, asdict(each))), None) if held else None,
        )
        for each in proposals
    ]
    made = await ask(LIMITS, requests, proposer, posting_id)
    await queries.record_proposals(proposals, [made[each.dealer_id, each.about] for each in proposals])
    return {dealer_id: number for (dealer_id, _), number in made.items()}


async def _weigh(rows: Sequence[Row]) -> Mapping[int, Weighed[JournalLine]]:
    """How many must approve each is counted anew, see `rules.need_of`.

    It counts from its day, but never from one that is over at the last approval; what would have ended by then, or was
    proposed against another limit or in another currency than today's, is in vain.
    """
    held = await counted(sorted({row["dealer_id"] for row in rows}))
    closed = await _closed(rows, held)
    stale = await stale_of_these(rows, held.policy)
    return {
        row["id"]: Weighed(
            held.need_of_open(row), _line(row, held), _in_vain(row, held, closed), stale.get(row["id"], ())
        )
        for row in rows
    }


async def _closed(rows: Collection[Row], held: Counted) -> dict[int, Message]:
    rising = [row for row in rows if row["kind"] in _RISING]
    return await refused_by_status({row["dealer_id"]: takes_force_on(row["from_on"], held.today) for row in rising})


def _line(row: Row, held: Counted) -> JournalLine:
    """What it puts into the journal."""
    begin = takes_force_on(row["from_on"], held.today)
    return JournalLine(
        row["dealer_id"], JOURNAL_KINDS[row["kind"]], row["amount"], row["currency"], begin, row["to_on"],
        row["id"], row["raise_id"],
    )  # fmt: skip


def _in_vain(row: Row, held: Counted, closed: Mapping[int, Message]) -> Conflict | None:
    """Why it cannot come into force any more; `closed` says of which dealers the status lets none, and why."""
    if row["kind"] in _RISING and row["dealer_id"] in closed:
        return Conflict(m("No limit can come into force: %(why)s.", why=closed[row["dealer_id"]]))
    begin = takes_force_on(row["from_on"], held.today)
    if row["kind"] != "end" and row["dealer_currency"] != row["currency"]:
        text = m("The dealer now trades in %(currency)s: propose the limit again.", currency=row["dealer_currency"])
        return Conflict(text)
    events = held.journal.get(row["dealer_id"], ())
    state, _ = state_of(events, begin)
    if state.base != row["before_amount"]:
        return Conflict(m("The limit in force has changed since this was proposed: propose it again."))
    if row["to_on"] is not None and row["to_on"] <= begin:
        text = m("The limit would be valid until before %(to)s only, which is over: assess it again.", to=row["to_on"])
        return Conflict(m("The raise would have ended already.") if row["kind"] == "temporary" else text)
    if row["kind"] == "raise_end" and not any(
        each["id"] == row["raise_id"] and runs_on(events, each, begin) for each in events if each["kind"] == "raise"
    ):
        return Conflict(m("The raise has ended already."))
    return None


async def _carry_out(_person: Person, lines: Sequence[JournalLine], posting_id: int) -> None:
    await limit_queries.record_limits(lines, posting_id)
    await keep_spans(sorted({line.dealer_id for line in lines}))
    await tell_limits(((line.dealer_id, line.proposal_id) for line in lines), posting_id)


def _told(row: Row, need: Need | None) -> Told:
    counted_on = {}
    if need is not None:
        figures = need.counted
        counted_on = {"needs": need.approvals, "total": figures["total_after"], "policy": figures["need_policy"]}
    after = {"kind": row["kind"], "amount": row["amount"], "currency": row["currency"], **counted_on}
    return Told(f"limit proposal {row['id']}", {"in_force": row["before_amount"]}, after)


LIMITS = RequestKind(
    code=queries.LIMIT,
    act="limit",
    proposes=Right.PROPOSE_LIMIT,
    decides=Right.DECIDE_LIMIT,
    weigh=_weigh,
    told=_told,
    carry_out=_carry_out,
    comes_to="in force",
    tables=OF_DEALERS,
    lock=limit_queries.lock_accounts_of,
    read=queries.proposals_of,
    alive=queries.allowed_by_status,
)
"""A limit, a raise on top of it, or the end of either."""

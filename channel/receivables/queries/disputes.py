"""Disputes as they were opened, handed on and ended, and who may answer for one."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from asyncpg import Record

from channel.database import db
from channel.database.paging import page_of
from channel.dealers.queries.lists import Filter
from channel.lists import Page, Wanted
from channel.receivables import tables
from channel.receivables.lists.disputes import DISPUTES
from channel.receivables.queries.standing import standing

_TOLD = """
SELECT x.id, x.dealer_id, r.code AS dealer, r.name AS dealer_name, x.document_id, d.kind, d.number, d.currency,
       d.effective_on AS document_on, x.amount, x.reason AS reason_code, x.effective_on AS opened_on,
       x.remark, o.due_on, o.owner_id,
       o.login AS owner, o.name AS owner_name, coalesce(e.outcome, 'open') AS state, e.effective_on AS ended_on,
       e.reason AS ended_why, e.credit_note_id, c.number AS credit_note, c.amount AS credited,
       coalesce((SELECT sum(i.amount) FROM open_item i
                 WHERE i.dealer_id = x.dealer_id AND i.document_id = x.document_id), 0) AS open,
       CASE WHEN e.outcome IS NULL THEN nullif(greatest($1::date - o.due_on, 0), 0) END AS days_late,
       p.recorded_at, p.actor
FROM dispute x JOIN dealer r ON r.id = x.dealer_id JOIN posting p ON p.id = x.posting_id
JOIN receivable_document d ON d.dealer_id = x.dealer_id AND d.id = x.document_id
JOIN LATERAL (
    SELECT w.owner_id, w.due_on, h.login, h.name FROM dispute_owner w JOIN person h ON h.id = w.owner_id
    WHERE w.dealer_id = x.dealer_id AND w.dispute_id = x.id ORDER BY w.id DESC LIMIT 1
) AS o ON true
LEFT JOIN dispute_end e ON e.dealer_id = x.dealer_id AND e.dispute_id = x.id
LEFT JOIN receivable_document c ON c.dealer_id = e.dealer_id AND c.id = e.credit_note_id
"""


@dataclass(frozen=True, slots=True)
class DisputeFilter:
    """Which disputes are wanted; None leaves a question open.

    `owner` is a sign-in name. `late` are those open of which the owner's day has passed.
    `responsible` is the number of the member of staff who looks after the dealer today, 0 for nobody.
    """

    state: str | None = None
    owner: str | None = None
    dealer_id: int | None = None
    document_id: int | None = None
    reason: str | None = None
    late: bool = False
    responsible: int | None = None


async def disputes_listed(asked: DisputeFilter, today: date, wanted: Wanted) -> Page[Record]:
    """Disputes of the dealers in scope, those first that are to be answered first."""
    found = Filter((), (today,))
    for value, part in (
        (asked.dealer_id, "x.dealer_id = {}"),
        (asked.document_id, "x.document_id = {}"),
        (asked.reason, "x.reason = {}"),
        (asked.owner, "o.login = {}"),
        (asked.state, "coalesce(e.outcome, 'open') = {}"),
        (asked.responsible, "coalesce(r.responsible_id, 0) = {}"),
    ):
        found = found.with_part(part, value) if value is not None else found
    if asked.late:
        found = found.with_part("e.outcome IS NULL AND o.due_on < $1::date")
    return await page_of(f"{_TOLD} WHERE {found.where}", found.args, DISPUTES, wanted)


_TO_ANSWER = f"""
SELECT *, count(*) OVER () AS found FROM ({_TOLD}
WHERE e.outcome IS NULL AND o.due_on <= $1::date AND o.owner_id = $2) AS mine ORDER BY due_on, id LIMIT $3
"""


async def disputes_to_answer(owner_id: int, today: date, limit: int) -> list[Record]:
    """The open disputes of an owner whose day has come, those first that wait the longest; `found` are all."""
    return await db.fetch(_TO_ANSWER, today, owner_id, limit)


async def dispute(dispute_id: int, today: date) -> Record | None:
    """One dispute as it stands now."""
    return await db.fetchrow(f"{_TOLD} WHERE x.id = $2", today, dispute_id)


async def dealer_of_dispute(dispute_id: int) -> int | None:
    """The dealer whose dispute it is, in scope."""
    found: int | None = await db.fetchval("SELECT dealer_id FROM dispute WHERE id = $1", dispute_id)
    return found


_OWNERS = """
SELECT w.id, h.login, h.name, w.due_on, w.reason, p.recorded_at, p.actor
FROM dispute_owner w JOIN person h ON h.id = w.owner_id JOIN posting p ON p.id = w.posting_id
WHERE w.dealer_id = $1 AND w.dispute_id = $2 ORDER BY w.id
"""
_END = """
SELECT p.recorded_at, p.actor FROM dispute_end e JOIN posting p ON p.id = e.posting_id
WHERE e.dealer_id = $1 AND e.dispute_id = $2
"""


async def owners_of(dealer_id: int, dispute_id: int) -> list[Record]:
    """Who answered for a dispute, in order, with who said so, when and why."""
    return await db.fetch(_OWNERS, dealer_id, dispute_id)


async def end_of(dealer_id: int, dispute_id: int) -> Record | None:
    """Who recorded its end, and when."""
    return await db.fetchrow(_END, dealer_id, dispute_id)


_SEES = """
SELECT p.id, p.login, p.name, p.role, p.active,
       NOT EXISTS (SELECT FROM person_territory t WHERE t.person_id = p.id)
       OR EXISTS (SELECT FROM person_territory t JOIN territory_tree b ON b.ancestor_id = t.territory_id
                  JOIN dealer d ON d.territory_id = b.territory_id WHERE t.person_id = p.id AND d.id = $2) AS reaches
FROM person p WHERE p.login = $1
"""


async def owner_named(login: str, dealer_id: int) -> Record | None:
    """A person by sign-in name: role, whether he signs in, and whether his territories reach the dealer."""
    return await db.fetchrow(_SEES, login, dealer_id)


_ONE = "x.dealer_id = $1 AND x.document_id = $2"
_FREE = f"""
SELECT coalesce((SELECT sum(amount) FROM ({standing(_ONE, "$3", "NULL")}) AS l WHERE instalment > 0), 0)
     - coalesce((SELECT sum(x.amount) FROM dispute x WHERE {_ONE} AND NOT EXISTS (
           SELECT FROM dispute_end e
           WHERE e.dealer_id = x.dealer_id AND e.dispute_id = x.id AND e.effective_on <= $3::date)), 0)
"""


async def free_to_dispute(dealer_id: int, document_id: int, on: date) -> Decimal:
    """What of a document was open on a day, less what was disputed of it then or is from a later day on."""
    found: Decimal = await db.fetchval(_FREE, dealer_id, document_id, on)
    return found


@dataclass(frozen=True, slots=True)
class NewDispute:
    """A dispute as it is opened."""

    dealer_id: int
    document_id: int
    amount: Decimal
    reason: str
    effective_on: date
    remark: str | None


async def record_dispute(new: NewDispute, posting_id: int) -> int:
    """A dispute, whose owner is recorded apart; its number."""
    row = tables.Dispute(
        dealer_id=new.dealer_id,
        document_id=new.document_id,
        amount=new.amount,
        reason=new.reason,
        effective_on=new.effective_on,
        remark=new.remark,
        posting_id=posting_id,
    )
    await row.save()
    return row.id


async def record_owner(
    dealer_id: int, dispute_id: int, owner_id: int, due_on: date, reason: str | None, posting_id: int
) -> None:
    """Who answers for it from now on."""
    row = tables.DisputeOwner(
        dealer_id=dealer_id,
        dispute_id=dispute_id,
        owner_id=owner_id,
        due_on=due_on,
        reason=reason,
        posting_id=posting_id,
    )
    await row.save()


async def record_end(
    dealer_id: int, dispute_id: int, on: date, outcome: str, credit_note_id: int | None, reason: str, posting_id: int
) -> None:
    """How it ended."""
    row = tables.DisputeEnd(
        dealer_id=dealer_id,
        dispute_id=dispute_id,
        effective_on=on,
        outcome=outcome,
        credit_note_id=credit_note_id,
        reason=reason,
        posting_id=posting_id,
    )
    await row.save()


_END_WITH = """
INSERT INTO dispute_end (dealer_id, dispute_id, effective_on, outcome, reason, posting_id)
SELECT x.dealer_id, x.id, greatest(x.effective_on, $3::date), 'reversed', $4, $5 FROM dispute x
WHERE x.dealer_id = $1 AND x.document_id = $2
  AND NOT EXISTS (SELECT FROM dispute_end e WHERE e.dealer_id = x.dealer_id AND e.dispute_id = x.id)
RETURNING dispute_id
"""


async def end_with_document(dealer_id: int, document_id: int, on: date, reason: str, posting_id: int) -> list[int]:
    """End what is open of the disputes of a document that is gone from a day on; their numbers."""
    return [row["dispute_id"] for row in await db.fetch(_END_WITH, dealer_id, document_id, on, reason, posting_id)]

"""Promises to pay: what was promised and what became of it, as of a day as known at a moment, and what came since."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby

from asyncpg import Record

from channel.database import db
from channel.database.paging import page_of
from channel.database.posted import known
from channel.lists import Page, Wanted
from channel.receivables import tables
from channel.receivables.lists.promises import PROMISES
from channel.receivables.queries.books import Whose
from channel.receivables.queries.selecting import dealers_selected
from channel.receivables.rules.documents import Instalment
from channel.receivables.rules.promises import Came, Judgement, Promise, PromiseState, judged_from
from channel.view import View

# $1 is the day and $2 the moment as known at which is asked.
_THEN = f"<= $1 AND {known('$2')}"
_TOLD = f"""
SELECT x.id, i.place, x.id * 1000 + i.place AS line, x.dealer_id, d.code AS dealer, d.name, x.currency, i.due_on,
       i.amount, i.promised, i.judged_from - 1 AS last_on, x.given_on, x.promised_by, x.remark, x.grace_days, x.share,
       CASE WHEN j.kept THEN 'kept' WHEN j.kept = false THEN 'broken' WHEN c.promise_id IS NOT NULL THEN 'cancelled'
            ELSE 'open' END AS state,
       j.judged_on, j.came, j.recorded_at AS judged_at, c.cancelled_on, c.reason AS cancelled_why,
       c.actor AS cancelled_by, p.recorded_at, p.actor
FROM promise x JOIN posting p ON p.id = x.posting_id JOIN dealer d ON d.id = x.dealer_id
JOIN promise_instalment i ON i.dealer_id = x.dealer_id AND i.promise_id = x.id
LEFT JOIN LATERAL (
    SELECT y.kept, y.judged_on, y.came, p.recorded_at FROM promise_judgement y JOIN posting p ON p.id = y.posting_id
    WHERE y.dealer_id = i.dealer_id AND y.promise_id = i.promise_id AND y.place = i.place AND y.judged_on {_THEN}
) AS j ON true
LEFT JOIN LATERAL (
    SELECT y.promise_id, y.cancelled_on, y.reason, p.actor FROM promise_cancellation y
    JOIN posting p ON p.id = y.posting_id
    WHERE y.dealer_id = x.dealer_id AND y.promise_id = x.id AND y.cancelled_on {_THEN}
) AS c ON true
WHERE x.given_on {_THEN}
"""


@dataclass(frozen=True, slots=True)
class PromiseFilter:
    """Which instalments are wanted: of a dealer, in a state, by the day promised for, or judged from a day on.

    `responsible` is the number of the member of staff who looked after the dealer in the view, 0 for nobody.
    """

    dealer_id: int | None = None
    state: PromiseState | None = None
    due_until: date | None = None
    judged_from: date | None = None
    due_from: date | None = None
    responsible: int | None = None


_LISTED = f"""
SELECT * FROM ({_TOLD} AND ($3::bigint IS NULL OR x.dealer_id = $3) AND ($5::date IS NULL OR i.due_on <= $5)
                         AND ($7::date IS NULL OR i.due_on >= $7)
                         AND ($8::bigint[] IS NULL OR x.dealer_id = ANY ($8))) AS told
WHERE ($4::text IS NULL OR state = $4) AND ($6::date IS NULL OR judged_on >= $6)
"""


async def promises_listed(asked: PromiseFilter, view: View, wanted: Wanted) -> Page[Record]:
    """Instalments of promises as they stood in the view."""
    days = asked.due_until, asked.judged_from, asked.due_from
    whose = None if asked.responsible is None else await dealers_selected(None, None, view, asked.responsible)
    args = (view.as_of, view.moment, asked.dealer_id, asked.state, *days, whose)
    return await page_of(_LISTED, args, PROMISES, wanted)


async def instalments_of(promise_id: int, view: View) -> list[Record]:
    """The instalments of one promise in the order of their days; none where there is no such promise in scope."""
    return await db.fetch(f"{_TOLD} AND x.id = $3 ORDER BY i.place", view.as_of, view.moment, promise_id)


_MONEY = f"""
SELECT x.dealer_id, x.currency, coalesce(x.value_on, x.effective_on) AS on_, sum(x.amount) AS amount
FROM receivable_document x JOIN posting p ON p.id = x.posting_id
WHERE x.dealer_id = ANY ($3::bigint[]) AND x.kind IN ('receipt', 'bill') AND x.effective_on {_THEN}
  AND coalesce(x.value_on, x.effective_on) >= $4
  AND NOT EXISTS (SELECT FROM document_reversal r JOIN posting p ON p.id = r.posting_id
                  WHERE r.dealer_id = x.dealer_id AND r.document_id = x.id AND r.effective_on {_THEN})
GROUP BY 1, 2, 3
"""


@dataclass(frozen=True, slots=True)
class Promised:
    """What a dealer promised in one currency, and the money that came since the first of it was given.

    Money is there on the day on which the bank had it, where that is told.
    """

    promises: tuple[Promise, ...]
    money: tuple[Came, ...]


async def promised_by(dealer_ids: Sequence[int], view: View) -> dict[Whose, Promised]:
    """By dealer and currency all that was promised and came, in the view."""
    told = f"{_TOLD} AND x.dealer_id = ANY ($3::bigint[]) ORDER BY x.dealer_id, x.currency, x.id, i.place"
    rows = await db.fetch(told, view.as_of, view.moment, dealer_ids)
    if not rows:
        return {}
    first = min(row["given_on"] for row in rows)
    money: dict[Whose, list[Came]] = {}
    for row in await db.fetch(_MONEY, view.as_of, view.moment, dealer_ids, first):
        money.setdefault((row["dealer_id"], row["currency"]), []).append(Came(row["on_"], row["amount"]))
    return {
        whose: Promised(tuple(_promises(theirs)), tuple(money.get(whose, ())))
        for whose, theirs in groupby(rows, key=lambda row: (row["dealer_id"], row["currency"]))
    }


def _promises(rows: Iterable[Record]) -> Iterable[Promise]:
    for number, parts in groupby(rows, key=lambda row: row["id"]):
        mine = list(parts)
        yield Promise(
            number,
            mine[0]["given_on"],
            mine[0]["grace_days"],
            mine[0]["share"],
            tuple(Instalment(each["due_on"], each["amount"]) for each in mine),
            next((each["place"] for each in mine if each["state"] == PromiseState.CANCELLED), None),
        )


@dataclass(frozen=True, slots=True)
class NewPromise:
    """A promise to be written: of whom, in which currency, and what is said of it."""

    dealer_id: int
    currency: str
    promised_by: str
    remark: str | None
    promise: Promise


_INSTALMENTS = """
INSERT INTO promise_instalment (dealer_id, promise_id, place, due_on, judged_from, amount, promised)
SELECT $1, $2, u.* FROM unnest($3::integer[], $4::date[], $5::date[], $6::numeric[], $7::numeric[]) AS u
"""


async def record_promise(new: NewPromise, promised: Sequence[Decimal], posting_id: int) -> int:
    """Write it down; `promised` is what is promised up to each instalment. Its number."""
    given = new.promise
    row = tables.Promise(
        dealer_id=new.dealer_id,
        currency=new.currency,
        given_on=given.given_on,
        promised_by=new.promised_by,
        remark=new.remark,
        grace_days=given.grace_days,
        share=given.share,
        posting_id=posting_id,
    )
    await row.save()
    days = [each.due_on for each in given.instalments]
    await db.execute(
        _INSTALMENTS,
        new.dealer_id,
        row.id,
        range(1, len(days) + 1),
        days,
        [judged_from(each, given.grace_days) for each in days],
        [each.amount for each in given.instalments],
        promised,
    )
    return row.id


async def record_cancellation(dealer_id: int, promise_id: int, on: date, reason: str, posting_id: int) -> int:
    """What of a promise is open is cancelled; how many instalments that were."""
    ended = await db.execute(
        "UPDATE promise_instalment SET ended_by = $3 WHERE dealer_id = $1 AND promise_id = $2 AND ended_by IS NULL",
        dealer_id,
        promise_id,
        posting_id,
    )
    if ended:
        row = tables.PromiseCancellation(
            dealer_id=dealer_id, promise_id=promise_id, cancelled_on=on, reason=reason, posting_id=posting_id
        )
        await row.save()
    return ended


_DUE = """
SELECT DISTINCT dealer_id FROM promise_instalment WHERE ended_by IS NULL AND judged_from <= $1 ORDER BY 1 LIMIT $2
"""


async def dealers_to_judge(today: date, most: int) -> list[int]:
    """Dealers of whom an instalment is over and not judged yet."""
    return [row["dealer_id"] for row in await db.fetch(_DUE, today, most)]


async def instalments_to_judge(dealer_ids: Sequence[int], today: date) -> Mapping[tuple[int, int], int]:
    """What is over and not judged yet: the dealer by promise and place. The accounts are locked."""
    rows = await db.fetch(
        "SELECT dealer_id, promise_id, place FROM promise_instalment"
        " WHERE dealer_id = ANY ($1::bigint[]) AND ended_by IS NULL AND judged_from <= $2",
        dealer_ids,
        today,
    )
    return {(row["promise_id"], row["place"]): row["dealer_id"] for row in rows}


_JUDGE = """
INSERT INTO promise_judgement (dealer_id, promise_id, place, kept, came, judged_on, posting_id)
SELECT u.*, $1, $2 FROM unnest($3::bigint[], $4::bigint[], $5::integer[], $6::boolean[], $7::numeric[]) AS u
"""
_END = """
UPDATE promise_instalment i SET ended_by = $1
FROM unnest($2::bigint[], $3::bigint[], $4::integer[]) AS u (dealer_id, promise_id, place)
WHERE i.dealer_id = u.dealer_id AND i.promise_id = u.promise_id AND i.place = u.place AND i.ended_by IS NULL
"""


async def record_judgements(judged: Sequence[tuple[int, Judgement]], on: date, posting_id: int) -> None:
    """What these instalments came to, each with its dealer: kept, or broken."""
    rows = [
        (dealer_id, each.promise_id, each.place, each.state is PromiseState.KEPT, each.came)
        for dealer_id, each in judged
    ]
    columns = list(zip(*rows, strict=True))
    await db.change_exactly(len(rows), _END, posting_id, *columns[:3])
    await db.execute(_JUDGE, on, posting_id, *columns)

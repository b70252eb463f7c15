"""Acts on dealers' accounts that wait for a second person, or waited."""

from collections.abc import Sequence
from typing import Any

from asyncpg import Record

from channel.consent.queries import COLUMNS, OF_DEALERS, joined
from channel.database import db
from channel.database.paging import page_of
from channel.lists import ALL, Page, Wanted
from channel.receivables.lists.waiting import WAITING
from channel.receivables.queries.accounts import locking

_TOLD = f"""
SELECT r.id, r.dealer_id, d.code AS dealer, d.name, r.kind, r.about, w.act, w.target, w.body,
       cardinality(w.others) AS others, {COLUMNS}
FROM waiting_act w JOIN request_dealer r ON r.dealer_id = w.dealer_id AND r.id = w.request_id
JOIN dealer d ON d.id = r.dealer_id {joined(OF_DEALERS)}
"""


async def waiting_of(ids: Sequence[int]) -> list[Record]:
    """These acts that waited or wait, as far as the asker may know of them."""
    return await db.fetch(f"{_TOLD} WHERE r.id = ANY ($1::bigint[])", ids)


async def waiting_acts(state: str | None, dealer_id: int | None = None, wanted: Wanted = ALL) -> Page[Record]:
    """Acts that stand so (None: however), of a dealer or of all."""
    where = "WHERE ($1::text IS NULL OR r.state = $1) AND ($2::bigint IS NULL OR r.dealer_id = $2)"
    return await page_of(f"{_TOLD} {where}", (state, dealer_id), WAITING, wanted)


async def open_about(kind: str, dealer_id: int, about: str) -> int | None:
    """The number of what waits about the same already."""
    found: int | None = await db.fetchval(
        "SELECT id FROM request_dealer WHERE kind = $1 AND dealer_id = $2 AND about = $3 AND state = 'open'",
        kind,
        dealer_id,
        about,
    )
    return found


async def record_waiting(
    dealer_id: int,
    request_id: int,
    act: str,
    target: int,
    body: Any,  # noqa: ANN401 - JSON
    others: Sequence[int],
) -> None:
    """Keep an act as it is to be carried out; `others` are further dealers whom it concerns."""
    await db.execute(
        "INSERT INTO waiting_act (dealer_id, request_id, act, target, body, others) VALUES ($1, $2, $3, $4, $5, $6)",
        dealer_id,
        request_id,
        act,
        target,
        body,
        others,
    )


def told_whole(_today: str) -> str:
    """SQL: that whoever asks may know of every dealer whom the waiting act `r` concerns."""
    return "EXISTS (SELECT FROM waiting_act w WHERE w.dealer_id = r.dealer_id AND w.request_id = r.id)"


_LOCK = locking(
    "SELECT DISTINCT unnest(dealer_id || others) AS dealer_id FROM waiting_act WHERE request_id = ANY ($1::bigint[])"
)


async def lock_accounts_of(ids: Sequence[int]) -> None:
    """Lock the account rows of the dealers whom these requests concern."""
    await db.execute(_LOCK, ids)

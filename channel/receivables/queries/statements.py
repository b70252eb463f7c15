"""Statements of account as they were given, their numbers, and runs that give many."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from asyncpg import Record

from channel.access.rules import Person
from channel.database import db
from channel.database.paging import page_of
from channel.lists import ALL, Page, Wanted
from channel.receivables.lists.statements import STATEMENTS
from channel.receivables.rules.statements import Account
from channel.view import View

_SERIES = "statement of account"


async def take_numbers(count: int) -> range:
    """The next so many numbers of the series, which nobody else takes before the end of the transaction."""
    last: int = await db.fetchval(
        "UPDATE number_series SET last = last + $2 WHERE series = $1 RETURNING last", _SERIES, count
    )
    return range(last - count + 1, last + 1)


@dataclass(frozen=True, slots=True)
class Kept:
    """A statement to be kept: whose, what it tells in short, its content, its sheet and the checksum over both."""

    account: Account
    number: int
    from_on: date
    as_of: date
    known_at: datetime
    opening: Decimal
    closing: Decimal
    content: str
    sheet: str
    checksum: str


_KEEP = """
INSERT INTO account_statement (dealer_id, number, currency, from_on, as_of, known_at, opening, closing, content, sheet,
                               checksum, run_id, posting_id)
SELECT u.*, $1, $2 FROM unnest($3::bigint[], $4::bigint[], $5::text[], $6::date[], $7::date[], $8::timestamptz[],
                               $9::numeric[], $10::numeric[], $11::text[], $12::text[], $13::text[]) AS u
"""


async def keep(statements: Sequence[Kept], run_id: int | None, posting_id: int) -> None:
    """Keep these as they are given."""
    rows = [
        (
            each.account.dealer_id,
            each.number,
            each.account.currency,
            each.from_on,
            each.as_of,
            each.known_at,
            each.opening,
            each.closing,
            each.content,
            each.sheet,
            each.checksum,
        )
        for each in statements
    ]
    await db.execute(_KEEP, run_id, posting_id, *zip(*rows, strict=True))


_TOLD = """
SELECT s.number, d.code AS dealer, d.name AS dealer_name, s.currency, s.from_on, s.as_of, s.opening, s.closing,
       s.run_id AS run, p.recorded_at AS given_at, p.actor AS given_by, s.checksum
FROM account_statement s JOIN dealer d ON d.id = s.dealer_id JOIN posting p ON p.id = s.posting_id
WHERE ($1::bigint IS NULL OR s.dealer_id = $1) AND ($2::text IS NULL OR s.currency = $2)
  AND ($3::bigint IS NULL OR s.run_id = $3) AND ($4::bigint IS NULL OR coalesce(d.responsible_id, 0) = $4)
"""


async def statements(
    dealer_id: int | None, currency: str | None, run: int | None, wanted: Wanted = ALL, responsible: int | None = None
) -> Page[Record]:
    """Statements that were given, in scope; of dealers of a member of staff today, by his number, 0 for nobody."""
    return await page_of(_TOLD, (dealer_id, currency, run, responsible), STATEMENTS, wanted)


async def statement(number: int) -> Record | None:
    """One as it is kept, with its content and its sheet."""
    return await db.fetchrow(
        "SELECT s.*, d.code AS dealer FROM account_statement s JOIN dealer d ON d.id = s.dealer_id WHERE s.number = $1",
        number,
    )


async def names_of(dealer_ids: Sequence[int]) -> dict[int, Record]:
    """Code and name of dealers in scope, by id."""
    rows = await db.fetch("SELECT id, code, name FROM dealer WHERE id = ANY ($1::bigint[])", dealer_ids)
    return {row["id"]: row for row in rows}


async def record_run(
    person: Person,
    from_on: date,
    view: View,
    selection: tuple[str | None, str | None],
    accounts: Sequence[Account],
    posting_id: int,
) -> int:
    """A run for these accounts of a selection (territory, type), as known at the view's moment."""
    run_id: int = await db.fetchval(
        "INSERT INTO statement_run (from_on, as_of, known_at, territory, type, asked_by, person_id, by_token_id,"
        " by_session_id, posting_id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) RETURNING id",
        from_on,
        view.as_of,
        view.known_at,
        *selection,
        person.login,
        person.person_id,
        *person.door,
        posting_id,
    )
    await db.execute(
        "INSERT INTO statement_run_account (dealer_id, run_id, currency)"
        " SELECT u.dealer_id, $1, u.currency FROM unnest($2::bigint[], $3::text[]) AS u (dealer_id, currency)",
        run_id,
        [each.dealer_id for each in accounts],
        [each.currency for each in accounts],
    )
    return run_id


_RUN = """
SELECT r.*, (SELECT count(*) FROM statement_run_account a WHERE a.run_id = r.id) AS total,
       (SELECT count(*) FROM account_statement s WHERE s.run_id = r.id) AS done
FROM statement_run r WHERE r.id = $1
"""


async def run(run_id: int) -> Record | None:
    """A run, with how many accounts it has and of how many the statement is given; both in scope."""
    return await db.fetchrow(_RUN, run_id)


_LEFT_TO_GIVE = """
SELECT a.dealer_id, a.currency FROM statement_run_account a
WHERE a.run_id = $1 AND NOT EXISTS (SELECT FROM account_statement s WHERE s.run_id = a.run_id
                                    AND s.dealer_id = a.dealer_id AND s.currency = a.currency)
ORDER BY a.dealer_id, a.currency LIMIT $2
"""


async def left_to_give(run_id: int, most: int) -> list[Account]:
    """The next accounts of a run whose statement is not given yet."""
    return [Account(row["dealer_id"], row["currency"]) for row in await db.fetch(_LEFT_TO_GIVE, run_id, most)]


async def end_run(run_id: int, at: datetime, problem: dict[str, Any] | None = None) -> None:
    """Nothing more is given in a run: all is, or it is given up for a reason."""
    await db.execute(
        "UPDATE statement_run SET ended_at = $2, problem = $3 WHERE id = $1 AND ended_at IS NULL", run_id, at, problem
    )

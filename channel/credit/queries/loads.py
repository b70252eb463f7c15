"""Statements from files: checked and written in sets, from the staging tables of a load (see `imports`)."""

from collections.abc import Sequence

from asyncpg import Record

from channel.credit.queries.facts import FIGURES
from channel.database import db
from channel.database.posted import latest_of

_GIVEN = ", ".join(f"i.{name}::numeric(18, 4)" for name in FIGURES)
_NAMED = ", ".join(f"i.{name}::numeric(18, 4) AS {name}" for name in FIGURES)
_KEPT = ", ".join(f"c.{name}" for name in FIGURES)
_NONE = " AND ".join(f"i.{name} IS NULL" for name in FIGURES)
_FAULTS = f"""
INSERT INTO fault
SELECT i.line_no, f.field, jsonb_build_object('text', f.sentence, 'params', f.params)
FROM incoming i LEFT JOIN dealer d ON d.code = i.dealer
CROSS JOIN LATERAL (VALUES
    (i.dealer IS NOT NULL AND d.id IS NULL, 'dealer', $1::text, jsonb_build_object('value', i.dealer)),
    (i.currency IS NOT NULL AND NOT i.currency = ANY ($3::text[]), 'currency', $2::text,
     jsonb_build_object('value', i.currency)),
    (i.period_end > $4::date, 'period_end', $5::text, '{{}}'::jsonb),
    ({_NONE}, 'total_assets', $6::text, '{{}}'::jsonb)
) AS f (wrong, field, sentence, params)
WHERE i.faults IS NULL AND f.wrong
"""
CURRENCIES = """
SELECT i.line_no, coalesce(i.currency, d.currency) AS currency
FROM incoming i JOIN dealer d ON d.code = i.dealer WHERE i.faults IS NULL
"""
"""The currency of each staged statement: its own, else the dealer's."""
_COLUMNS = ", ".join(f"s.{name}" for name in ("period_months", "currency", "void", *FIGURES))
_CURRENT = latest_of("financial_statement s", "s.dealer_id, s.period_end", _COLUMNS, "true")
_NEW = f"""
SELECT d.id AS dealer_id, i.period_end, i.period_months::integer AS period_months,
       coalesce(i.currency, d.currency) AS currency, {_NAMED},
       c.dealer_id IS NOT NULL AND NOT c.void AS known,
       c.dealer_id IS NOT NULL AND NOT c.void AND (c.period_months, c.currency, {_KEPT})
       IS NOT DISTINCT FROM (i.period_months::integer, coalesce(i.currency, d.currency),
                             {_GIVEN}) AS same
FROM incoming i JOIN dealer d ON d.code = i.dealer
LEFT JOIN ({_CURRENT}) AS c ON c.dealer_id = d.id AND c.period_end = i.period_end
WHERE i.faults IS NULL AND i.line_no NOT IN (SELECT line_no FROM fault)
"""
_COUNTS = f"""
SELECT count(*) FILTER (WHERE NOT known) AS new, count(*) FILTER (WHERE known AND NOT same) AS changed,
       count(*) FILTER (WHERE same) AS unchanged FROM ({_NEW}) AS n
"""
_WRITE = f"""
INSERT INTO financial_statement (dealer_id, period_end, period_months, currency, {", ".join(FIGURES)}, void, posting_id)
SELECT n.dealer_id, n.period_end, n.period_months, n.currency, {", ".join(f"n.{name}" for name in FIGURES)}, false,
       $1::bigint
FROM ({_NEW}) AS n WHERE NOT n.same RETURNING dealer_id
"""


async def check_statements(
    unknown_dealer: str, bad_currency: str, currencies: Sequence[str], today: object, not_over: str, empty: str
) -> None:
    """A row in `fault` for each thing that is wrong with a staged statement."""
    await db.execute(_FAULTS, unknown_dealer, bad_currency, currencies, today, not_over, empty)


async def counts() -> Record:
    """How many staged statements are new, other than what is kept, or the same."""
    row = await db.fetchrow(_COUNTS)
    if row is None:  # an aggregate without groups has one row
        raise RuntimeError("no row")
    return row


async def write_statements(posting_id: int) -> list[int]:
    """Post the staged statements that say something new; the dealers concerned."""
    return sorted({row["dealer_id"] for row in await db.fetch(_WRITE, posting_id)})


async def nothing_posted_since(posting_id: int) -> bool:
    """Whether no statement was posted after that posting."""
    found: bool = await db.fetchval(
        "SELECT NOT EXISTS (SELECT 1 FROM financial_statement WHERE posting_id > $1)", posting_id
    )
    return found

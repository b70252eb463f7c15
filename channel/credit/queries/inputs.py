"""What limits are computed from beside the sales: for one dealer or twenty thousand in the same few queries.

All of it is read inside `db.known()`, so that it is one state.
"""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from decimal import Decimal

from asyncpg import Record

from channel.database import db
from channel.database.posted import by_place, latest_of, live, of_each
from channel.dealers.queries.facts import ever_within, stays_within
from channel.sales.queries.months import LINES_POSTED
from channel.view import View


def _rates(as_of: str, known_at: str) -> str:
    return latest_of(
        "exchange_rate r",
        "r.currency",
        "r.rate, r.on_date",
        f"r.currency = ANY ($1::text[]) AND r.on_date <= {as_of} AND r.on_date >= {as_of}::date - 7",
        known_at,
        later="r.on_date DESC",
        numbered=False,
    )


_RATES = _rates("$2", "$3")


async def rates(currencies: Collection[str], view: View) -> list[Record]:
    """Company currency per unit with the day of the rate: the same choice as the function `rate_on` makes."""
    return await db.fetch(_RATES, sorted(currencies), view.as_of, view.moment) if currencies else []


# Own sales are summed for those of the questions that name their months; their row bears no currency.
_OWN = """
SELECT sum(company_amount) FROM sales_month WHERE kind = 'sell-in' AND month >= asked.first AND month < asked.before
"""
_OWN_BY_LINES = f"""
SELECT sum(l.company_amount) FROM {LINES_POSTED}
WHERE l.kind = 'sell-in' AND l.on_date >= asked.first AND l.on_date < asked.before AND {live("asked.known_at")}
"""
_OF_THE_COMPANY = of_each(
    f"""
    SELECT * FROM ({_rates("asked.as_of", "asked.known_at")}) AS rates
    UNION ALL SELECT NULL, CASE WHEN asked.known_at IS NULL THEN ({_OWN}) ELSE ({_OWN_BY_LINES}) END, NULL
    WHERE asked.first IS NOT NULL
    """,
    "$2::date[], $3::timestamptz[], $4::date[], $5::date[]",
    "as_of, known_at, first, before",
)


async def of_the_company(
    currencies: Collection[str], questions: Sequence[tuple[View, tuple[date, date] | None]]
) -> list[tuple[list[Record], Decimal | None]]:
    """For each view the rates of these currencies, as `rates` gives them, and the company's net sell-in of the months.

    The sell-in is in company currency: None where no months are named, and where there are no lines at all.
    """
    rows = await db.fetch(
        _OF_THE_COMPANY,
        sorted(currencies),
        [view.as_of for view, _ in questions],
        [view.moment for view, _ in questions],
        [None if months is None else months[0] for _, months in questions],
        [None if months is None else months[1] for _, months in questions],
    )
    return [
        (
            [row for row in found if row["currency"] is not None],
            next((row["rate"] for row in found if row["currency"] is None), None),
        )
        for found in by_place(rows, len(questions))
    ]


_BEHIND = """
SELECT m.kind, m.month, pl.code AS product_line, sum(m.lines)::bigint AS lines, sum(m.quantity) AS quantity,
       m.dealer_currency, sum(m.dealer_amount) AS dealer_amount, sum(m.company_amount) AS company_amount
FROM sales_month m JOIN product_line pl ON pl.id = m.line_id
WHERE m.dealer_id = $1 AND m.month >= $2 AND m.month < $3
GROUP BY m.kind, m.month, pl.code, m.dealer_currency ORDER BY m.month, m.kind, pl.code, m.dealer_currency
"""
_BEHIND_BY_LINES = f"""
SELECT l.kind, l.month, pl.code AS product_line, count(*) AS lines, sum(l.quantity) AS quantity,
       l.dealer_currency, sum(l.dealer_amount) AS dealer_amount, sum(l.company_amount) AS company_amount
FROM {LINES_POSTED} JOIN product_line pl ON pl.id = l.line_id
WHERE l.dealer_id = $1 AND l.on_date >= $2 AND l.on_date < $3 AND l.kind <> 'stock' AND {live("$4")}
GROUP BY l.kind, l.month, pl.code, l.dealer_currency ORDER BY l.month, l.kind, pl.code, l.dealer_currency
"""


async def lines_behind(dealer_id: int, months: tuple[date, date], known_at: datetime | None) -> list[Record]:
    """How many lines stand behind each month's figures, by kind and product line, with their sums."""
    if known_at is None:
        return [row for row in await db.fetch(_BEHIND, dealer_id, *months) if row["kind"] != "stock"]
    return await db.fetch(_BEHIND_BY_LINES, dealer_id, *months, known_at)


_ASKED = "SELECT d.id, d.code, d.name, d.currency, d.type FROM dealer d"
_ASKED_NOW = f"""
{_ASKED}
WHERE $1::bigint IS NULL OR d.territory_id IN (SELECT territory_id FROM territory_tree WHERE ancestor_id = $1)
ORDER BY d.code
"""
# Who was ever put there is found first, and then the days of these alone are read, once.
_EVER = f"f.dealer_id = ANY (ARRAY({ever_within('$1', '$3')}))"
_ASKED_WITHIN = f"""
WITH here AS MATERIALIZED (
    SELECT s.dealer_id FROM ({stays_within("$1", _EVER, "$3")}) AS s
    WHERE s.from_on <= $2::date AND s.to_on > $2::date
) {_ASKED} JOIN here ON here.dealer_id = d.id ORDER BY d.code
"""
_ASKED_KNOWN = f"""
{_ASKED} WHERE EXISTS (
    SELECT FROM dealer_fact f JOIN posting p ON p.id = f.posting_id WHERE f.dealer_id = d.id AND p.recorded_at <= $1)
ORDER BY d.code
"""


async def dealer_asked(code: str) -> Record | None:
    """Id, code, name, type and present currency of the dealer that is meant, if the asker may know of him."""
    return await db.fetchrow(f"{_ASKED} WHERE d.code = (SELECT dealer_meant($1))", code)


async def dealers_asked(territory_id: int | None, view: View | None = None) -> list[Record]:
    """The same of all dealers that the asker may see, or of those of a territory.

    `view` is the day and the moment of what is asked; None is today as known now. A dealer of whom nothing was known
    at the moment is none of all.
    """
    if view is not None and territory_id is not None:
        return await db.fetch(_ASKED_WITHIN, territory_id, view.as_of, view.moment)
    if view is not None and view.past:
        return await db.fetch(_ASKED_KNOWN, view.known_at)
    return await db.fetch(_ASKED_NOW, territory_id)

"""Checking the lines of a report in sets: who and what they name, in which currencies, for which days.

Works on the temporary table `incoming` of a load and leaves `checked`, one row for each line with what it resolves
to, and a row in `fault` for each thing that is wrong.
"""

from asyncpg import Record

from channel.database import db
from channel.database.posted import last_first, latest_of
from channel.dealers.queries.codes import codes_of
from channel.imports.rules.reasons import REASONS
from channel.periods import Span

RATE_DAYS = 7
"""How old a rate may be, in days."""


async def resolve_codes() -> None:
    """Make `known_dealer` and `known_product`: the codes of the file that the loader may know of."""
    await db.execute(
        "CREATE TEMP TABLE known_dealer ON COMMIT DROP AS"
        f" SELECT d.id, d.code FROM dealer d WHERE d.code IN (SELECT code FROM {codes_of('dealer')})"
    )
    await db.execute(
        "CREATE TEMP TABLE known_product ON COMMIT DROP AS"
        " SELECT p.id, p.code, p.line_id FROM product p"
        f" WHERE p.code IN (SELECT code FROM {codes_of('product')})"
    )
    # Without knowing how few they are, the database would hash all the lines to look these up.
    await db.execute("ANALYZE known_dealer")
    await db.execute("ANALYZE known_product")


async def dates_in_file() -> Record:
    """First and last date, and the number of dealers, of the lines that could be read."""
    row = await db.fetchrow("SELECT min(date) AS first, max(date) AS last FROM incoming")
    if row is None:  # an aggregate without groups has one row
        raise RuntimeError("no row")
    return row


async def codes_in_file() -> frozenset[str]:
    """Codes of dealers, known or to be created, that have a line in the file."""
    return frozenset(row["code"] for row in await db.fetch("SELECT code FROM known_dealer"))


async def codes_in_scope() -> frozenset[str]:
    """Codes of every dealer that the loader may know of, those that the load creates among them."""
    return frozenset(
        row["code"] for row in await db.fetch("SELECT code FROM dealer UNION SELECT code FROM known_dealer")
    )


CURRENCIES = "SELECT line_no, currency FROM checked"
"""The currency of each line: its own, else the dealer's of that day."""
# The dealer's own currency is a dated fact: of several values for one day the last recorded counts, and what was
# known first also holds for the days before it, since a line of the past has to be held in some currency.
_OF_KNOWN = "dealer_fact f JOIN known_dealer k ON k.id = f.dealer_id"
_CURRENCY_SPANS = f"""
CREATE TEMP TABLE dealer_span ON COMMIT DROP AS
WITH facts AS ({latest_of(_OF_KNOWN, "f.dealer_id, f.effective_on", "f.value", "f.fact = 'currency'")})
SELECT dealer_id, value AS currency,
       CASE WHEN lag(effective_on) OVER w IS NULL THEN '-infinity' ELSE effective_on END AS from_on,
       coalesce(lead(effective_on) OVER w, 'infinity') AS to_on
FROM facts WINDOW w AS (PARTITION BY dealer_id ORDER BY effective_on)
UNION ALL
SELECT d.id, d.currency, '-infinity', 'infinity' FROM dealer d JOIN known_dealer k ON k.id = d.id
WHERE NOT EXISTS (SELECT 1 FROM dealer_fact f WHERE f.dealer_id = d.id AND f.fact = 'currency')
"""

# The latest rate on or before each day of the file and at most so many days old; of a day the last recorded.
_RATES = f"""
CREATE TEMP TABLE rate_at ON COMMIT DROP AS
WITH days AS (SELECT DISTINCT date FROM incoming WHERE date IS NOT NULL),
currencies AS (
    SELECT DISTINCT currency FROM incoming WHERE currency IS NOT NULL UNION SELECT DISTINCT currency FROM dealer_span)
SELECT c.currency, d.date, date_trunc('month', d.date::timestamp)::date AS month,
       CASE WHEN c.currency = $1::text THEN 1 ELSE r.rate END::numeric AS rate
FROM currencies c CROSS JOIN days d LEFT JOIN LATERAL (
    SELECT x.rate FROM exchange_rate x JOIN posting p ON p.id = x.posting_id
    WHERE x.currency = c.currency AND x.on_date <= d.date AND x.on_date >= d.date - $2::integer
    ORDER BY x.on_date DESC, {last_first("x", numbered=False)} LIMIT 1) r ON true
"""

# Amounts are converted from the unrounded values and rounded once; numeric rounds a half away from zero. The lines lie
# in the order of the keys under which they will be kept, so that the indexes there grow page by page.
_CHECKED = """
CREATE TEMP TABLE checked ON COMMIT DROP AS
SELECT x.*, quantity < 0 OR amount < 0 AS returned,
       round(amount * rate, 4) AS company_amount,
       CASE WHEN currency = dealer_currency THEN amount ELSE round(amount * rate / dealer_rate, 4) END AS dealer_amount
FROM (
    SELECT i.line_no, k.id AS dealer_id, p.id AS product_id, p.line_id, i.date AS on_date,
           i.quantity::numeric(18, 4) AS quantity, i.amount::numeric(18, 4) AS amount, {cost} AS cost,
           {document} AS document, {line} AS line_number,
           {second_tier} AS second_tier, {second_tier_id} AS second_tier_id,
           coalesce(i.currency, s.currency) AS currency, s.currency AS dealer_currency,
           own.month, r.rate, own.rate AS dealer_rate, c.dealer_id IS NOT NULL AS is_covered
    FROM incoming i
    LEFT JOIN known_dealer k ON k.code = i.dealer
    LEFT JOIN known_product p ON p.code = i.product
    LEFT JOIN covered c ON c.dealer_id = k.id
    LEFT JOIN dealer_span s ON s.dealer_id = k.id AND i.date >= s.from_on AND i.date < s.to_on
    LEFT JOIN rate_at r ON r.currency = coalesce(i.currency, s.currency) AND r.date = i.date
    LEFT JOIN rate_at own ON own.currency = s.currency AND own.date = i.date
    {second_tiers}
    WHERE i.faults IS NULL
) x ORDER BY dealer_id, on_date, line_no
"""


async def resolve_currencies() -> None:
    """Make `dealer_span`: the dealers' own currencies by day."""
    await db.execute(_CURRENCY_SPANS)


async def resolve_rates(company_currency: str) -> None:
    """Make `rate_at`: the rates of the currencies and days of the file."""
    await db.execute("ANALYZE dealer_span")
    await db.execute(_RATES, company_currency, RATE_DAYS)
    await db.execute("ANALYZE rate_at")


async def resolve_lines(*, given: frozenset[str]) -> None:
    """Make `checked` from `incoming`; the file's documents, costs and second-tier customers where it has them."""
    parts = {
        "cost": "i.cost::numeric(18, 4)" if "cost" in given else "NULL::numeric",
        "document": "i.document" if "document" in given else "NULL::text",
        "line": "i.line" if "line" in given else "NULL::text",
        "second_tier": "NULL::text",
        "second_tier_id": "NULL::bigint",
        "second_tiers": "",
    }
    if "second_tier" in given:
        parts["second_tier"], parts["second_tier_id"] = "i.second_tier", "t.id"
        parts["second_tiers"] = "LEFT JOIN second_tier t ON t.dealer_id = k.id AND t.code = i.second_tier"
    await db.execute(_CHECKED.format(**parts))
    await db.execute("ANALYZE checked (line_no, dealer_id, month, line_id, currency, dealer_currency, returned)")


def _reason(code: str, **params: str) -> str:
    """SQL for a stored message: the sentence is a parameter, the places are expressions of the same file."""
    text = REASONS[code].text.replace("'", "''")
    told = ", ".join(f"'{name}', ({expression})::text" for name, expression in params.items())
    return f"jsonb_build_object('text', '{text}', 'params', jsonb_build_object({told}))"


_UNRESOLVED = f"""
INSERT INTO fault
SELECT c.line_no, f.field, f.reason
FROM checked c JOIN incoming i USING (line_no)
CROSS JOIN LATERAL (VALUES
    (c.dealer_id IS NULL, 'dealer', {_reason("unknown-dealer", value="i.dealer")}),
    (c.dealer_id IS NOT NULL AND NOT c.is_covered, 'dealer', {_reason("outside-dealers", value="i.dealer")}),
    (c.product_id IS NULL, 'product', {_reason("unknown-product", value="i.product")}),
    (c.on_date < $1 OR c.on_date >= $2, 'date', {_reason("outside-period", value="c.on_date", period="$3::text")}),
    (c.dealer_id IS NOT NULL AND c.rate IS NULL, 'currency',
     {_reason("no-rate", currency="c.currency", date="c.on_date")}),
    (c.dealer_id IS NOT NULL AND c.rate IS NOT NULL AND c.dealer_rate IS NULL, 'currency',
     {_reason("no-rate", currency="c.dealer_currency", date="c.on_date")}),
    (c.dealer_id IS NOT NULL AND c.second_tier IS NOT NULL AND c.second_tier_id IS NULL, 'second_tier',
     {_reason("unknown-second-tier", value="c.second_tier")})
) AS f (wrong, field, reason)
WHERE (c.dealer_id IS NULL OR NOT c.is_covered OR c.product_id IS NULL OR c.on_date < $1 OR c.on_date >= $2
       OR c.rate IS NULL OR c.dealer_rate IS NULL OR (c.second_tier IS NOT NULL AND c.second_tier_id IS NULL))
  AND f.wrong
"""

# A converted amount may be too large where the line's own is not. Only what is at the bound when it is rounded can be
# past it before.
_TOO_LARGE = f"""
INSERT INTO fault
SELECT line_no, 'amount', {_reason("out-of-range", value="amount", expected="'± 99999999999999.9999'")}
FROM checked
WHERE (abs(company_amount) >= 99999999999999.9999 OR abs(dealer_amount) >= 99999999999999.9999)
  AND (abs(amount * rate) > 99999999999999.9999 OR abs(amount * rate / dealer_rate) > 99999999999999.9999)
"""

# Where every hash is another, every document line is: then nobody needs to look for those that are alike.
_ANY_DOUBLED = """
SELECT count(hash) > count(DISTINCT hash)
FROM (SELECT hashtextextended(line_number, hashtextextended(document, dealer_id)) AS hash FROM checked) x
"""
_DOUBLED = f"""
WITH doubled AS (
    SELECT dealer_id, document, line_number, min(line_no) AS first_line FROM checked
    WHERE document IS NOT NULL AND line_number IS NOT NULL
    GROUP BY dealer_id, document, line_number HAVING count(*) > 1)
INSERT INTO fault
SELECT c.line_no, 'document', {_reason("duplicate-line", line="d.first_line")}
FROM doubled d JOIN checked c USING (dealer_id, document, line_number) WHERE c.line_no <> d.first_line
"""

# Only lines that the report does not supersede can be doubled: those of other days, since the dealer is covered.
_LOADED_BEFORE = f"""
INSERT INTO fault
SELECT c.line_no, 'document', {_reason("loaded-line")}
FROM checked c JOIN sales_line l ON l.dealer_id = c.dealer_id AND l.kind = $1 AND l.document = c.document
     AND l.line_number = c.line_number AND l.closed_by IS NULL
WHERE c.is_covered AND NOT EXISTS (
    SELECT FROM covered_span s WHERE s.dealer_id = l.dealer_id AND l.on_date >= s.from_on AND l.on_date < s.to_on)
"""


async def find_faults(kind: str, days: Span, *, documents: bool, beside: bool = False) -> None:
    """A row in `fault` for each thing that is wrong with a line of `checked`.

    Lines that are added `beside` what counts of these days are held against it by `completing.find_faults`.
    """
    period = f"{days.start} … {days.last}"
    await db.execute(_UNRESOLVED, days.start, days.end, period)
    await db.execute(_TOO_LARGE)
    if documents:
        if await db.fetchval(_ANY_DOUBLED):
            await db.execute(_DOUBLED)
        if not beside and await _has_lines_outside(kind):
            await db.execute(_LOADED_BEFORE, kind)


async def _has_lines_outside(kind: str) -> bool:
    """Whether any covered dealer has coverage outside his days; without it nothing can be doubled there."""
    found: bool = await db.fetchval(
        "SELECT EXISTS (SELECT 1 FROM coverage c JOIN covered_span s USING (dealer_id) WHERE c.kind = $1"
        " AND (c.from_on < s.from_on OR c.to_on > s.to_on))",
        kind,
    )
    return found


_SUMMED = """
CREATE TEMP TABLE summed ON COMMIT DROP AS
SELECT dealer_id, month, line_id, currency, dealer_currency, returned, count(*) AS lines, sum(quantity) AS quantity,
       sum(amount) AS amount, sum(company_amount) AS company_amount, sum(dealer_amount) AS dealer_amount,
       sum(cost) AS cost
FROM checked c WHERE NOT EXISTS (SELECT 1 FROM fault f WHERE f.line_no = c.line_no)
GROUP BY dealer_id, month, line_id, currency, dealer_currency, returned
"""

_SUMMARY = """
SELECT currency, sum(lines)::bigint AS lines, sum(amount) AS amount, sum(company_amount) AS company_amount,
       sum(quantity) AS quantity,
       coalesce(sum(lines) FILTER (WHERE returned), 0)::bigint AS returns
FROM summed GROUP BY currency ORDER BY currency
"""

_DEALERS = """
SELECT (SELECT count(*) FROM (SELECT dealer_id FROM checked WHERE dealer_id IS NOT NULL GROUP BY 1) x) AS with_lines,
       (SELECT count(*) FROM covered) AS covered
"""

_REPLACED = """
SELECT d.code, d.name, l.month, l.lines, l.company_amount, coalesce(n.lines, 0) AS new_lines
FROM (SELECT x.dealer_id, x.month, count(*) AS lines, sum(x.company_amount) AS company_amount
      FROM sales_line x JOIN covered_span s ON s.dealer_id = x.dealer_id AND x.on_date >= s.from_on
           AND x.on_date < s.to_on
      WHERE x.kind = $1 AND x.closed_by IS NULL AND x.on_date >= $2 AND x.on_date < $3
      GROUP BY x.dealer_id, x.month) l
JOIN dealer d ON d.id = l.dealer_id
LEFT JOIN (SELECT dealer_id, month, sum(lines)::bigint AS lines FROM summed GROUP BY 1, 2) n
    ON n.dealer_id = l.dealer_id AND n.month = l.month
ORDER BY d.code, l.month
"""


async def sum_lines() -> None:
    """Make `summed`: the good lines by dealer, month, product line and both currencies, returns apart."""
    await db.execute("DROP TABLE IF EXISTS pg_temp.summed")
    await db.execute(_SUMMED)


async def summary() -> list[Record]:
    """What the good lines come to, by currency."""
    return await db.fetch(_SUMMARY)


async def dealers_concerned() -> Record:
    """How many dealers have a line, and for how many the report speaks."""
    row = await db.fetchrow(_DEALERS)
    if row is None:  # two scalar subqueries always give a row
        raise RuntimeError("no row")
    return row


async def replaced(kind: str, days: Span) -> list[Record]:
    """Every dealer-month that has live lines in the days that the report covers, with what takes their place."""
    return await db.fetch(_REPLACED, kind, days.start, days.end)

"""Limits for 20,000 dealers with 24 months of three product lines, against one SQL aggregate over the same rollups.

The assessment is the service's own, with everything it does: facts, coverage, sums, rates, the steps of each limit,
and the decisions kept with their inputs. The bound is held against the barest aggregate there is, one sum over all
these rollups; a sum for each dealer, and for each dealer's months, stand beside it.
"""

import os
from datetime import date
from decimal import Decimal
from functools import partial

from bench.place import PERSON, Measured, Place, best, memory, place, run, tell
from channel.credit.acts import AssessLimits
from channel.credit.service.assess import Run, assess
from channel.database import db
from channel.database.snapshots import view_of

DEALERS, MONTHS, LINES = int(os.environ.get("BENCH_DEALERS", "20000")), 24, 3
BOUND, MEMORY, GOES = 25, 500, 4
BOUNDED = "one sum"

MASTERS = """
INSERT INTO posting (act, actor, recorded_at) VALUES ('make', 'bench', '2020-01-01');
INSERT INTO territory (code, name, level) SELECT 'T' || n, 'T', 'region' FROM generate_series(1, 50) n;
INSERT INTO territory_tree SELECT id, id, 0 FROM territory;
INSERT INTO product_line (code, name) SELECT 'L' || n, 'L' FROM generate_series(1, {lines}) n;
INSERT INTO dealer (code, name, type, territory_id, status, currency, terms_days, grade)
SELECT 'D' || to_char(n, 'FM00000'), 'Dealer ' || n, CASE n % 3 WHEN 0 THEN 'wholesale' ELSE 'terminal' END,
       1 + n % 50, 'active', CASE n % 4 WHEN 0 THEN 'EUR' ELSE 'USD' END, 30 + 15 * (n % 3),
       (ARRAY['AAA', 'AA', 'A', 'B', 'C'])[1 + n % 5]
FROM generate_series(1, {dealers}) n;
INSERT INTO dealer_fact (dealer_id, fact, value, territory_id, effective_on, posting_id)
SELECT d.id, f.fact, f.value, f.territory_id, '2020-01-01', 1 FROM dealer d CROSS JOIN LATERAL (VALUES
    ('type', d.type, NULL::bigint), ('territory', NULL, d.territory_id), ('grade', d.grade, NULL),
    ('status', d.status, NULL), ('currency', d.currency, NULL), ('terms_days', d.terms_days::text, NULL)
) f (fact, value, territory_id);
INSERT INTO exchange_rate SELECT 'EUR', d, 1, 1.1 FROM generate_series('2025-12-01'::date, '2026-01-05', '1 day') d;
INSERT INTO sales_report (kind, file_name, covers_from, covers_to, posting_id)
SELECT 'sell-in', 'report', m, m + interval '1 month', 1
FROM generate_series('2024-01-01'::date, '2025-12-01', '1 month') m;
"""
# Of a month in seven nothing was reported by one dealer in ten: that is told in the steps as well.
FIGURES = """
INSERT INTO coverage (dealer_id, kind, from_on, to_on, report_id, posting_id)
SELECT d.id, 'sell-in', r.covers_from, r.covers_to, r.id, 1 FROM sales_report r, dealer d
WHERE d.id % 10 > 0 OR r.id % 7 > 0 ORDER BY r.id, d.id;
INSERT INTO sales_month (dealer_id, kind, month, line_id, dealer_currency, quantity, dealer_amount, company_amount,
                         returned_quantity, returned_dealer_amount, returned_company_amount, cost, lines)
SELECT d.id, 'sell-in', r.covers_from, l.id, d.currency, q, q * 12.5, q * 13.75, 0, 0, 0, NULL, 9
FROM sales_report r, dealer d, product_line l,
     LATERAL (SELECT (100 + (d.id * 7 + l.id * 31 + r.id) % 977)::numeric) x (q)
ORDER BY r.id, d.id, l.id;
"""
SUM = "SELECT sum(dealer_amount) FROM sales_month WHERE kind = 'sell-in'"
BY_DEALER = """
SELECT sum(dealer_amount) FROM (
    SELECT sum(dealer_amount) AS dealer_amount FROM sales_month WHERE kind = 'sell-in' GROUP BY dealer_id) x
"""
BY_MONTH = """
SELECT sum(dealer_amount) FROM (
    SELECT sum(dealer_amount) AS dealer_amount FROM sales_month WHERE kind = 'sell-in' GROUP BY dealer_id, month) x
"""

BESIDE = {BOUNDED: SUM, "a sum a dealer": BY_DEALER, "a sum a dealer and month": BY_MONTH}


async def make(at: Place) -> None:
    await at.owner.execute(MASTERS.format(dealers=DEALERS, lines=LINES))
    # What is made here by the million is right: its keys need not be looked up one by one.
    await at.owner.execute("SET session_replication_role = replica")
    await at.owner.execute(FIGURES)
    await at.owner.execute("RESET session_replication_role")
    # Both sides find the tables as they are after a night: statistics made, nothing left to write down.
    await at.owner.execute("VACUUM ANALYZE")
    await at.owner.execute("CHECKPOINT")


async def assess_all() -> Run:
    async with db.held(db.EVERYTHING):
        return await assess(PERSON, AssessLimits(), view_of(date(2026, 1, 1)))


async def summed(sql: str, whole: Decimal) -> None:
    async with db.held(db.EVERYTHING):
        if await db.fetchval(sql) != whole:
            raise RuntimeError("the rollups are not all there")


async def main() -> None:
    async with place() as at:
        await make(at)
        whole = await at.owner.fetchval(SUM)
        sums = [partial(summed, sql, whole) for sql in BESIDE.values()]
        took, *bares = await best(GOES, assess_all, *sums)
        held = memory()
    for beside, bare in zip(BESIDE, bares, strict=True):
        bound = f"at most {BOUND}" if beside == BOUNDED else "none set"
        what = f"credit assess, {DEALERS:,} dealers, beside {beside}"
        tell(Measured(what, took, bare, took / bare, bound, held, MEMORY))


if __name__ == "__main__":
    run(main)

"""Opening a receivables review of 20,000 dealers, against what cannot be left out of it.

The ledger is that of `bench.ledger` in another shape: a million invoices of 20,000 dealers. Beside it stand 24 months
of sell-in and sell-through. The opening is the service's own claimed work: it fixes what is known, looks at every
dealer, finds and proposes, and keeps all that was seen. Beside it, in the same run: the ageing of the same books, an
assessment of the same dealers, and a bare COPY of the rows of the reviews into a table without an index.
"""

import os

# The shape of the ledger is read where it is made.
os.environ.setdefault("BENCH_LEDGER_DEALERS", "20000")
os.environ.setdefault("BENCH_LEDGER_DAYS", "50")

from datetime import UTC, datetime, time

from bench.ledger import DEALERS, LAST, make_ledger
from bench.place import PERSON, Measured, Place, best, memory, place, run, tell
from channel import clock
from channel.credit.acts import AssessLimits
from channel.credit.service.assess import assess
from channel.database import db
from channel.database.snapshots import view_of
from channel.receivables.queries.ageing import Books, aged
from channel.receivables.rules.ageing import DEFAULT_BUCKETS, AgeBy
from channel.reviews.service.opening import OPENING
from channel.reviews.service.planning import OPEN
from channel.work.service import ask, run_due

BOUND, MEMORY, GOES = 2, 500, 3
PLAN = "receivables-monthly"
FIGURES = f"""
INSERT INTO product_line (code, name) SELECT 'L' || n, 'L' FROM generate_series(1, 3) n;
INSERT INTO sales_report (kind, file_name, covers_from, covers_to, posting_id)
SELECT k, 'report', m, m + interval '1 month', 1 FROM unnest(ARRAY['sell-in', 'sell-through']) AS k,
     generate_series(date_trunc('month', '{LAST}'::date - interval '24 months'), date_trunc('month', '{LAST}'::date)
                     - interval '1 month', '1 month') AS m;
INSERT INTO coverage (dealer_id, kind, from_on, to_on, report_id, posting_id)
SELECT d.id, r.kind, r.covers_from, r.covers_to, r.id, 1 FROM sales_report r, dealer d
WHERE d.id % 10 > 0 OR r.id % 7 > 0 ORDER BY r.id, d.id;
INSERT INTO sales_month (dealer_id, kind, month, line_id, dealer_currency, quantity, dealer_amount, company_amount,
                         returned_quantity, returned_dealer_amount, returned_company_amount, cost, lines)
SELECT d.id, r.kind, r.covers_from, l.id, d.currency, q, q * 12.5, q * 13.75, 0, 0, 0, NULL, 9
FROM sales_report r, dealer d, product_line l,
     LATERAL (SELECT (100 + (d.id * 7 + l.id * 31 + r.id) % 977)::numeric) x (q)
ORDER BY r.id, d.id, l.id;
"""


async def make(at: Place) -> None:
    await make_ledger(at.owner)
    # What is made here by the million is right: its keys need not be looked up one by one.
    await at.owner.execute("SET session_replication_role = replica")
    await at.owner.execute(FIGURES)
    await at.owner.execute("RESET session_replication_role")
    await at.owner.execute("CREATE TABLE bare AS SELECT * FROM review WITH NO DATA")
    await at.owner.execute("VACUUM ANALYZE")
    await at.owner.execute("CHECKPOINT")


async def open_all(at: Place) -> None:
    await at.owner.execute("TRUNCATE review, review_run, review_decision, review_step")
    async with db.held(db.EVERYTHING), db.transaction():
        await ask(OPEN, PLAN, period=LAST, lane=PLAN, due_at=clock.now())
    await run_due([OPENING])
    opened = await at.owner.fetchval("SELECT count(*) FROM review")
    if opened != DEALERS:
        raise RuntimeError(f"{opened} reviews were opened")


async def main() -> None:
    async with place() as at:
        await make(at)
        with clock.fixed(datetime.combine(LAST, time(23, 59), UTC)):
            await open_all(at)
            rows = [tuple(row) for row in await at.owner.fetch("SELECT * FROM review")]
            view = view_of(LAST)

            async def bare() -> None:
                async with db.held(db.EVERYTHING):
                    await aged(Books(view, LAST), DEFAULT_BUCKETS, AgeBy.DEALER)
                    await assess(PERSON, AssessLimits(), view)
                await at.owner.execute("TRUNCATE bare")
                await at.owner.copy_records_to_table("bare", records=rows)

            async def ours() -> None:
                await open_all(at)

            took, least = await best(GOES, ours, bare)
        what = f"reviews of {DEALERS:,} dealers, to ageing, assessment and COPY"
        tell(Measured(what, took, least, took / least, f"at most {BOUND}", memory(), MEMORY))


if __name__ == "__main__":
    run(main)

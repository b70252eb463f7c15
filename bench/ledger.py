"""A ledger of 1,000,000 invoices, 800,000 receipts and 900,000 allocations in 500 postings, made by SQL.

2,000 dealers get an invoice each on each of 500 days; most are paid 10 to 79 days later, one in twenty by half, some
receipts pay two, some leave money on account, and one in fifty is recorded six days late. What is kept beside the
ledger is made with it, so that `reconcile` finds nothing. The tables are written straight: no posting of the service's
made these rows, but it would have made the same.
"""

import os
from datetime import date, timedelta

import asyncpg

DEALERS = int(os.environ.get("BENCH_LEDGER_DEALERS", "2000"))
DAYS = int(os.environ.get("BENCH_LEDGER_DAYS", "500"))
"""Another shape of as many invoices: 20,000 dealers on 50 days."""
PAID, DOUBLE = DEALERS * DAYS * 9 // 10, DEALERS * DAYS // 10
FIRST = date(2024, 7, 1)
LAST = FIRST + timedelta(days=DAYS)
"""The day of the last posting."""

MASTERS = f"""
INSERT INTO posting (act, actor, recorded_at) VALUES ('make', 'bench', '2020-01-01');
INSERT INTO territory (code, name, level) SELECT 'T' || n, 'T', 'region' FROM generate_series(1, 50) n;
INSERT INTO territory_tree SELECT id, id, 0 FROM territory;
INSERT INTO dealer (code, name, type, territory_id, status, currency, terms_days, grade)
SELECT 'D' || to_char(n, 'FM00000'), 'Dealer ' || n, CASE n % 3 WHEN 0 THEN 'wholesale' ELSE 'terminal' END,
       (SELECT min(id) FROM territory) + n % 50, 'active', CASE n % 10 WHEN 0 THEN 'EUR' ELSE 'USD' END, 30, 'A'
FROM generate_series(1, {DEALERS}) n;
INSERT INTO dealer_fact (dealer_id, fact, value, territory_id, effective_on, posting_id)
SELECT d.id, f.fact, f.value, f.territory_id, '2020-01-01', (SELECT max(id) FROM posting)
FROM dealer d CROSS JOIN LATERAL (VALUES
    ('type', d.type, NULL::bigint), ('territory', NULL, d.territory_id), ('grade', d.grade, NULL),
    ('status', d.status, NULL), ('currency', d.currency, NULL), ('terms_days', d.terms_days::text, NULL)
) f (fact, value, territory_id);
INSERT INTO exchange_rate (currency, on_date, posting_id, rate)
SELECT 'EUR', d, (SELECT max(id) FROM posting), 1.1
FROM generate_series('{FIRST}'::date, '{LAST}'::date, interval '1 day') d;
"""
PLAN = f"""
CREATE TEMP TABLE booked AS
WITH made AS (
    INSERT INTO posting (act, actor, recorded_at)
    SELECT 'post documents', 'bench', DATE '{FIRST}' + n + interval '18 hours' FROM generate_series(1, {DAYS}) n
    RETURNING id, recorded_at)
SELECT row_number() OVER (ORDER BY recorded_at)::integer AS n, id AS posting_id, recorded_at::date AS on_ FROM made;
CREATE TEMP TABLE sold AS
SELECT ((b.n - 1) * {DEALERS} + row_number() OVER (PARTITION BY b.n ORDER BY d.id))::bigint AS id, d.id AS dealer_id,
       d.currency, b.n, b.posting_id, b.on_,
       (100 + (hashint8(b.n * 7919 + d.id) & 65535) / 10.0)::numeric(18, 2) AS amount,
       b.n + 10 + (hashint8(d.id * 104729 + b.n) & 1048575) % 70 AS paid_n
FROM booked b, dealer d;
CREATE TEMP TABLE settling AS
SELECT s.id AS document_id, s.dealer_id, s.currency, s.paid_n, s.amount AS owed,
       CASE WHEN s.id % 20 = 7 THEN round(s.amount / 2, 2) ELSE s.amount END AS amount,
       row_number() OVER (PARTITION BY s.dealer_id, s.paid_n ORDER BY s.id) AS nth
FROM (SELECT * FROM sold WHERE paid_n <= {DAYS} ORDER BY paid_n, id LIMIT {PAID}) s;
CREATE TEMP TABLE paid AS
WITH doubled AS (SELECT document_id FROM settling WHERE nth = 2 ORDER BY paid_n, document_id LIMIT {DOUBLE})
SELECT s.*, {DEALERS} * {DAYS}
       + dense_rank() OVER (ORDER BY s.paid_n, s.dealer_id, CASE WHEN d.document_id IS NULL THEN s.nth ELSE 1 END)
       AS money_id
FROM settling s LEFT JOIN doubled d USING (document_id);
CREATE TEMP TABLE received AS
SELECT p.money_id AS id, p.dealer_id, p.currency, b.posting_id,
       b.on_ - CASE WHEN p.money_id % 50 = 3 THEN 6 ELSE 0 END AS on_,
       sum(p.amount) + CASE WHEN p.money_id % 33 = 5 THEN 25 ELSE 0 END AS amount, sum(p.amount) AS used
FROM paid p JOIN booked b ON b.n = p.paid_n GROUP BY p.money_id, p.dealer_id, p.currency, b.posting_id, b.on_;
ANALYZE sold; ANALYZE paid; ANALYZE received;
"""
DOCUMENTS = """
INSERT INTO receivable_document (dealer_id, id, kind, number, number_key, currency, amount, effective_on, refs,
                                 stays_on_account, live, posting_id)
OVERRIDING SYSTEM VALUE
SELECT dealer_id, id, kind, upper(key), key, currency, amount, on_, '{}', false, true, posting_id
FROM (SELECT dealer_id, id, 'invoice' AS kind, 'i' || id AS key, currency, amount, on_, posting_id FROM sold
      UNION ALL SELECT dealer_id, id, 'receipt', 'r' || id, currency, amount, on_, posting_id FROM received) d
ORDER BY posting_id, dealer_id, id;
INSERT INTO document_posting (dealer_id, posting_id)
SELECT DISTINCT dealer_id, posting_id FROM receivable_document ORDER BY posting_id, dealer_id;
SELECT setval('receivable_document_id_seq', max(id)) FROM receivable_document;
"""
ITEMS = """
INSERT INTO receivable_item (dealer_id, document_id, instalment, currency, due_on, effective_on, amount, touched_on,
                             settled_on, settled_by, posting_id)
SELECT * FROM (
    SELECT s.dealer_id, s.id, 1, s.currency, s.on_ + 30, s.on_, s.amount, r.on_,
           CASE WHEN p.amount = s.amount THEN r.on_ END, CASE WHEN p.amount = s.amount THEN r.posting_id END,
           s.posting_id
    FROM sold s LEFT JOIN paid p ON p.document_id = s.id LEFT JOIN received r ON r.id = p.money_id
    UNION ALL
    SELECT dealer_id, id, 0, currency, NULL, on_, amount, on_, CASE WHEN used = amount THEN on_ END,
           CASE WHEN used = amount THEN posting_id END, posting_id
    FROM received
) i (dealer_id, document_id, instalment, currency, due_on, effective_on, amount, touched_on, settled_on, settled_by,
     posting_id)
ORDER BY posting_id, dealer_id, document_id;
INSERT INTO open_item (dealer_id, document_id, instalment, currency, due_on, effective_on, amount, brought, touched_on,
                       moved_on, moved_by, posting_id)
SELECT s.dealer_id, s.id, 1, s.currency, s.on_ + 30, s.on_, s.amount - coalesce(p.amount, 0), s.amount, r.on_,
       coalesce(r.on_, s.on_), coalesce(r.posting_id, s.posting_id), s.posting_id
FROM sold s LEFT JOIN paid p ON p.document_id = s.id LEFT JOIN received r ON r.id = p.money_id
WHERE s.amount - coalesce(p.amount, 0) > 0 ORDER BY s.id;
INSERT INTO open_item (dealer_id, document_id, instalment, currency, effective_on, amount, brought, touched_on,
                       moved_on, moved_by, posting_id)
SELECT dealer_id, id, 0, currency, on_, amount - used, amount, on_, on_, posting_id, posting_id
FROM received WHERE used < amount ORDER BY id;
"""
REST = """
INSERT INTO allocation (dealer_id, money_id, document_id, instalment, amount, effective_on, settles, why, posting_id)
SELECT p.dealer_id, p.money_id, p.document_id, 1, p.amount, r.on_, 'payment', 'reference', r.posting_id
FROM paid p JOIN received r ON r.id = p.money_id ORDER BY r.posting_id, p.dealer_id, p.money_id, p.document_id;
INSERT INTO account_balance (dealer_id, currency, open, on_account)
SELECT dealer_id, currency, coalesce(sum(amount) FILTER (WHERE instalment > 0), 0),
       coalesce(sum(amount) FILTER (WHERE instalment = 0), 0)
FROM open_item GROUP BY dealer_id, currency;
INSERT INTO dealer_account (dealer_id, acts) SELECT id, 1 FROM dealer;
DROP TABLE booked, sold, settling, paid, received;
"""


async def make_ledger(owner: "asyncpg.Connection[asyncpg.Record]") -> None:
    """Fill an empty database of the service's with it."""
    await owner.execute(MASTERS)
    # What is made here by the million is right: its keys need not be looked up one by one.
    await owner.execute("SET session_replication_role = replica")
    await owner.execute("SET work_mem = '256MB'")
    for part in (PLAN, DOCUMENTS, ITEMS, REST):
        await owner.execute(part)
    await owner.execute("RESET session_replication_role")
    await owner.execute("RESET work_mem")
    # Every side finds the tables as they are after a night: statistics made, nothing left to write down.
    await owner.execute("VACUUM ANALYZE")
    await owner.execute("CHECKPOINT")

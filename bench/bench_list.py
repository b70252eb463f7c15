"""The list of dealers at 100,000 of them, as a browser asks for it, against one bare indexed query in the same run.

    python -m bench.bench_list [DEALERS]

Prints the median of each view of the list (the aim for a page of 50 is under 60 ms) for somebody who sees every
territory and for regional staff who see a twentieth of the dealers, each against the bare query.
"""

import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, cast

import asyncpg
import httpx

from bench.place import Measured, memory, tell
from channel.access.rules import Role
from channel.access.service.door import hash_token
from channel.app import create_app
from channel.cli.operator.serve import collect_seldom
from channel.credit.service.limit_spans import reconcile_spans
from channel.database import db, schema
from channel.database.embedded import OWNER, EmbeddedPostgres
from channel.sales.service.years import keep_year
from channel.settings import Settings

ROUNDS, WARM = 15, 6
PEOPLE = {"bench": "", "near": ", regional"}
"""The login of each, which is the session's token as well, and how its rows are named."""
CONF = {"shared_buffers": "512MB", "max_wal_size": "4GB", "fsync": "off"}
AIM = "median < 0.060 s"
BARE = "SELECT id, code, name, type, grade, status, terms_days FROM dealer ORDER BY name, id LIMIT 50"
FILL = """
INSERT INTO posting (act, actor, recorded_at) VALUES ('bench', 'bench', now() - interval '1 hour');
INSERT INTO territory (code, name, level) VALUES ('G', 'Group', 'group');
INSERT INTO territory (code, name, level, parent_id)
    SELECT 'R' || n, 'Region ' || n, 'region', (SELECT id FROM territory WHERE code = 'G')
    FROM generate_series(1, 20) n;
INSERT INTO territory (code, name, level, parent_id)
    SELECT 'C' || n, 'City ' || n, 'city', (SELECT id FROM territory WHERE code = 'R' || (1 + n % 20))
    FROM generate_series(1, 400) n;
INSERT INTO territory_tree (ancestor_id, territory_id, depth)
    WITH RECURSIVE up AS (
        SELECT id AS ancestor_id, id AS territory_id, 0 AS depth, parent_id FROM territory
        UNION ALL SELECT t.id, up.territory_id, up.depth + 1, t.parent_id
        FROM up JOIN territory t ON t.id = up.parent_id)
    SELECT ancestor_id, territory_id, depth FROM up;
INSERT INTO product_line (code, name) VALUES ('Road', 'Road'), ('Touring', 'Touring');
INSERT INTO dealer (code, name, type, territory_id, grade, status, currency, terms_days)
    SELECT 'D' || to_char(n, 'FM000000'), 'Dealer ' || md5(n::text),
           CASE n % 3 WHEN 0 THEN 'wholesale' ELSE 'terminal' END,
           (SELECT id FROM territory WHERE code = 'C' || (1 + n % 400)),
           (ARRAY['AAA', 'AA', 'A', 'B', 'C'])[1 + n / 20 % 5], 'active', 'USD', 30
    FROM generate_series(1, {dealers}) n;
INSERT INTO dealer_fact (dealer_id, fact, value, effective_on, posting_id)
    SELECT id, f.fact, CASE f.fact WHEN 'currency' THEN 'USD' WHEN 'grade' THEN grade WHEN 'type' THEN type
           WHEN 'status' THEN 'active' ELSE '30' END, DATE '2020-01-01', 1
    FROM dealer, (VALUES ('currency'), ('grade'), ('type'), ('status'), ('terms_days')) f (fact);
INSERT INTO dealer_line (dealer_id, line_id) SELECT id, 1 + id / 40 % 2 FROM dealer;
INSERT INTO contact (dealer_id, name, phone)
    SELECT id, 'Person ' || id, '+1 555 ' || to_char(id, 'FM000000') FROM dealer;
INSERT INTO sales_report (kind, file_name, covers_from, covers_to, posting_id)
    VALUES ('sell-in', 'all.csv', date_trunc('month', now())::date - 800, date_trunc('month', now())::date, 1);
INSERT INTO coverage (dealer_id, kind, from_on, to_on, report_id, posting_id)
    SELECT id, 'sell-in', date_trunc('month', now())::date - 800, date_trunc('month', now())::date, 1, 1 FROM dealer;
INSERT INTO sales_month (dealer_id, kind, month, line_id, dealer_currency, quantity, dealer_amount, company_amount,
                         returned_quantity, returned_dealer_amount, returned_company_amount, lines)
    SELECT d.id, 'sell-in', (date_trunc('month', now()) - m * interval '1 month')::date, 1, 'USD', 10,
           1000 + (d.id * m) % 777, 1000 + (d.id * m) % 777, 0, 0, 0, 3
    FROM dealer d, generate_series(1, 24) m;
INSERT INTO person (login, name, role, active, created_at)
    VALUES ('bench', 'Bench', '{finance}', true, now()), ('near', 'Near', '{regional}', true, now());
INSERT INTO person_territory (person_id, territory_id)
    SELECT p.id, t.id FROM person p, territory t WHERE p.login = 'near' AND t.code = 'R7';
INSERT INTO request_dealer (dealer_id, kind, about, reason, author_ids, needed, counted, state, proposer_id, proposer,
                            proposed_at, posting_id, closed_by)
    SELECT id, 'limit', 'base', 'bench', '{{}}', 1, '{{}}', 'approved', (SELECT id FROM person WHERE login = 'bench'),
           'bench', now(), 1, 1
    FROM dealer WHERE id / 20 % 2 = 0;
INSERT INTO limit_proposal (dealer_id, id, kind, amount, currency, from_on, company_amount, company_rate, rate_as_of)
    SELECT dealer_id, id, 'base', 10000 + dealer_id % 5000, 'USD', DATE '2024-01-01', 10000 + dealer_id % 5000, 1,
           DATE '2024-01-01'
    FROM request_dealer;
INSERT INTO credit_limit (dealer_id, kind, amount, currency, from_on, proposal_id, posting_id)
    SELECT dealer_id, 'limit', amount, currency, from_on, id, 1 FROM limit_proposal;
"""
VIEWS = {
    "first page": "/dealers",
    "filtered by type and region": "/dealers?type=wholesale&territory=R7",
    "by product line": "/dealers?line=Road",
    "searched": "/dealers?q=abc",
    "searched, common text": "/dealers?q=dealer",
    "searched, two letters": "/dealers?q=a1",
    "by code, downwards": "/dealers?sort=-code",
    "by territory": "/dealers?sort=territory",
    "by grade": "/dealers?sort=grade",
    "by sell-in": "/dealers?sort=-sell_in",
    "by sell-in, of one grade": "/dealers?sort=-sell_in&grade=AA",
    "by limit": "/dealers?sort=-limit",
    "search in the bar": "/search?q=D0421",
    "dealer page": "/dealers/D000405",
}


async def fill(owner_dsn: str, dealers: int) -> None:
    owner = await asyncpg.connect(owner_dsn)
    try:
        await owner.execute(FILL.format(dealers=dealers, finance=Role.FINANCE.value, regional=Role.REGIONAL.value))
        for login in PEOPLE:
            await owner.execute(
                "INSERT INTO session (token_hash, person_id, created_at, expires_at, address, agent)"
                " SELECT $1, id, now(), now() + interval '1 day', '127.0.0.1', 'bench' FROM person WHERE login = $2",
                hash_token(login),
                login,
            )
    finally:
        await owner.close()


async def keep(owner_dsn: str) -> None:
    """What loads, approvals and the hourly job would have kept by now."""
    async with db.held(db.EVERYTHING):
        await keep_year()
        await reconcile_spans(mend=True)
    owner = await asyncpg.connect(owner_dsn)
    await owner.execute("VACUUM ANALYZE")
    await owner.close()


async def median_ms(work: Callable[[], Awaitable[object]]) -> float:
    """The median over the rounds, after those in which plans are settled."""
    taken = []
    for number in range(ROUNDS + WARM):
        begun = time.perf_counter()
        await work()
        if number >= WARM:
            taken.append((time.perf_counter() - begun) * 1000)
    return statistics.median(taken)


async def bare() -> None:
    async with db.held(db.EVERYTHING):
        await db.fetch(BARE)


async def measure(dsn: str) -> None:
    """Ask for every view as each of the people; the pool is open."""
    app = create_app(Settings(data_dir=Path(tempfile.gettempdir()) / "channel-bench"), dsn=dsn)
    collect_seldom()
    floor = await median_ms(bare)
    for login, who in PEOPLE.items():
        transport = httpx.ASGITransport(app=cast("Any", app))  # the two libraries name one protocol differently
        async with httpx.AsyncClient(transport=transport, base_url="http://channel.bench", timeout=120) as browser:
            browser.cookies.set("channel_session", login)
            for name, path in VIEWS.items():

                async def ask(browser: httpx.AsyncClient = browser, path: str = path) -> None:
                    answer = await browser.get(path)
                    if answer.is_error or answer.is_redirect:
                        raise SystemExit(f"{path}: {answer.status_code}")

                taken = await median_ms(ask)
                row = Measured(f"{name}{who}", taken / 1000, floor / 1000, taken / floor, AIM, memory(), None)
                tell(row)


async def main(dealers: int) -> None:
    with EmbeddedPostgres.temporary(conf=CONF) as server:
        owner = await asyncpg.connect(server.dsn(OWNER, "postgres"))
        await owner.execute("CREATE DATABASE bench")
        await owner.close()
        await schema.migrate(server.dsn(OWNER, "bench"))
        begun = time.perf_counter()
        await fill(server.dsn(OWNER, "bench"), dealers)
        await db.open_pool(server.dsn(db.APP_ROLE, "bench"), size=2)
        try:
            await keep(server.dsn(OWNER, "bench"))
            print(f"{dealers:,} dealers filled in {time.perf_counter() - begun:.0f} s", file=sys.stderr)
            await measure(server.dsn(db.APP_ROLE, "bench"))
        finally:
            await db.close_pool()


if __name__ == "__main__":
    asyncio.run(main(next((int(word) for word in sys.argv[1:] if word.isdigit()), 100_000)))

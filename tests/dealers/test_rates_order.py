"""The first rates of very many are found by the order in which they are read, without sorting all of them anew."""

import pytest

from channel.database import db
from channel.dealers.queries.masters import rates
from channel.lists import Wanted
from tests.make.world import make_world

_RATES = """
INSERT INTO exchange_rate (currency, on_date, rate, posting_id)
SELECT 'A' || chr(65 + c) || 'X', day::date, 1.5, (SELECT max(id) FROM posting)
FROM generate_series(0, 19) c, generate_series('2013-01-01'::timestamp, '2013-12-31', '1 day') day
"""


async def test_a_page_of_rates_sorts_no_more_than_it_shows(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    await make_world()
    asked: list[tuple[str, tuple[object, ...]]] = []
    fetch = db.fetch
    monkeypatch.setattr(db, "fetch", lambda sql, *args: asked.append((sql, args)) or fetch(sql, *args))
    async with db.held(db.EVERYTHING):
        await db.execute(_RATES)
        await db.execute("ANALYZE exchange_rate")
        first = await rates(None, None, Wanted(limit=50))
        second = await rates(None, None, Wanted(limit=50, cursor=first.next))
        plans = []
        for sql, args in asked:
            plans.append("\n".join([row[0] for row in await fetch(f"EXPLAIN {sql}", *args)]))
    shown = [(row["on"], row["currency"]) for row in (*first.items, *second.items)]
    assert shown == sorted(set(shown), reverse=True)
    assert len(shown) == 100
    assert len(plans) == 2
    for plan in plans:
        assert 'Presorted Key: listed."on"' in plan, plan

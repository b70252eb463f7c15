"""The demonstration's filling, on a few of its dealers: through the doors of real data, in the order of its moments."""

from datetime import UTC, datetime, timedelta

from channel import clock
from channel.access.rules import Role
from channel.access.service.territories import reconcile_tree
from channel.database import db
from channel.dealers.service.facts import reconcile_dealers
from channel.demo.company import ACCOUNTS
from channel.demo.fill import fill, keep_up
from channel.sales.service.views import reconcile_rollups

NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)


async def test_the_filling_tells_a_story_that_holds_together(database: str) -> None:
    with clock.fixed(NOW):
        await fill(lambda _what, _part: None, number=12)
        async with db.held(db.Scope("all", (), Role.AUDITOR.value)):
            await _check_story()
    with clock.fixed(NOW + timedelta(days=9)):
        await keep_up()
    async with db.held(db.EVERYTHING):
        # The 22nd of November 2026 is a Sunday: its last rate is Friday's, and by the 1st seven more came.
        assert await db.fetchval("SELECT count(*) FROM exchange_rate WHERE on_date > $1", NOW.date()) == 7
        assert await db.fetchval("SELECT count(*) FROM posting WHERE recorded_at > $1", NOW) == 1


async def _check_story() -> None:
    assert await db.fetchval("SELECT count(*) FROM dealer") == 12
    assert await db.fetchval("SELECT count(*) FROM person") == len(ACCOUNTS)
    months = await db.fetchval("SELECT count(DISTINCT month) FROM sales_month WHERE kind = 'sell-in'")
    assert months == 24
    assert (await reconcile_tree(), await reconcile_dealers(), await reconcile_rollups()) == (0, 0, 0)

    disorder = "SELECT count(*) FROM (SELECT recorded_at < lag(recorded_at) OVER (ORDER BY id) AS early FROM posting) x"
    assert await db.fetchval(disorder + " WHERE early") == 0, "what came later was recorded later"
    assert await db.fetchval("SELECT count(*) FROM posting WHERE recorded_at > $1 OR recorded_at IS NULL", NOW) == 0

    states = dict(await db.fetch("SELECT state, count(*) FROM request_dealer GROUP BY state"))
    assert min(states["open"], states["approved"], states["refused"]) > 0
    assert await db.fetchval("SELECT count(*) FROM limit_proposal WHERE change_amount IS NULL") == 0, "rates were there"
    assert await db.fetchval("SELECT count(*) FROM financial_statement") > 0
    assert await db.fetchval("SELECT count(*) FROM exclusivity") > 0

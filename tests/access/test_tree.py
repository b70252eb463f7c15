"""The kept tree of territories is compared with what the parents make of it, and mended."""

from channel import db
from channel.access.service.territories import reconcile_tree
from tests.make.access import make_territories


async def test_a_tree_that_was_kept_rightly_has_no_differences(database: str) -> None:
    await make_territories("East/Harbour/Docks", "East/Market", "West")
    async with db.held(db.EVERYTHING):
        assert await reconcile_tree() == 0


async def test_what_is_missing_and_what_is_too_much_is_found_and_mended(database: str) -> None:
    ids = await make_territories("East/Harbour/Docks", "West")
    async with db.held(db.EVERYTHING):
        await db.execute("DELETE FROM territory_tree WHERE depth = 2")
        await db.execute("INSERT INTO territory_tree VALUES ($1, $2, 1)", ids["West"], ids["East"])
        assert await reconcile_tree() == 2
        assert await reconcile_tree(mend=True) == 2
        assert await reconcile_tree() == 0
        assert await db.fetchval("SELECT count(*) FROM territory_tree") == 7

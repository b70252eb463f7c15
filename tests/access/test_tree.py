"""The kept tree of territories is compared with what the parents make of it, and mended."""

from datetime import UTC, datetime

import asyncpg

from channel import clock
from channel.access import queries
from channel.access.rules import OPERATOR
from channel.access.service import open_posting
from channel.access.service.territories import reconcile_tree
from channel.database import db
from channel.database.embedded import OWNER, EmbeddedPostgres
from channel.database.schema import migrate
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


async def test_what_stood_before_places_were_dated_was_known_always(server: EmbeddedPostgres, database: str) -> None:
    """A database of the version before is brought up: its tree is the one known at every moment up to its next move."""
    ids = await make_territories("East/Harbour/Docks", "West")
    owner = await asyncpg.connect(server.dsn(OWNER, database))
    try:
        await owner.execute("DROP FUNCTION territories_below; DROP TABLE territory_place")
        assert await owner.execute("DELETE FROM migration WHERE name = 'access-0002'") == "DELETE 1"
        await migrate(server.dsn(OWNER, database))
    finally:
        await owner.close()
    async with db.held(db.EVERYTHING):
        assert await reconcile_tree() == 0
        for moment in (datetime(1950, 1, 1, tzinfo=UTC), clock.now(), None):
            assert await _below(ids["East"], moment) == {ids["East"], ids["Harbour"], ids["Docks"]}


async def test_the_tree_is_read_as_it_was_known(database: str) -> None:
    ids = await make_territories("East/Harbour/Docks", "West")
    east, harbour, docks, west = (ids[name] for name in ("East", "Harbour", "Docks", "West"))
    async with db.held(db.EVERYTHING):
        before = clock.now()
        await _move(harbour, west)
        between = clock.now()
        await _move(docks, None)
        assert await _below(east, before) == {east, harbour, docks}
        assert (await _below(east, between), await _below(west, between)) == ({east}, {west, harbour, docks})
        for moment in (None, clock.now()):
            assert (await _below(west, moment), await _below(docks, moment)) == ({west, harbour}, {docks})
        assert await _below(east, datetime(2000, 1, 1, tzinfo=UTC)) == set(), "nobody knew of it yet"
    async with db.held(db.Scope("territories", (docks,))):
        assert await _below(east, before) == {east, harbour, docks}, "where a node hung does not depend on who asks"


async def test_a_node_that_was_never_put_anywhere_is_found_and_put_where_it_hangs(database: str) -> None:
    """As a version would leave it that does not date places yet."""
    ids = await make_territories("East/Harbour", "West")
    async with db.held(db.EVERYTHING):
        await db.execute("UPDATE territory SET parent_id = $2 WHERE id = $1", ids["Harbour"], ids["West"])
        assert await reconcile_tree(mend=True) == 3, "two rows of the tree and a place"
        assert await reconcile_tree() == 0
        assert await _below(ids["West"], clock.now()) == {ids["West"], ids["Harbour"]}


async def _below(node: int, moment: datetime | None) -> set[int]:
    return {row[0] for row in await db.fetch("SELECT territories_below($1, $2)", node, moment)}


async def _move(node: int, parent: int | None) -> None:
    async with db.transaction():
        await queries.move_territory(node, parent, await open_posting(OPERATOR, "move territory"))

from datetime import timedelta

import asyncpg
import pytest

from channel.access import queries
from channel.access.rules import OPERATOR, Role
from channel.access.service import audit, open_posting
from channel.database import db
from tests.make.access import acting, make_person, make_territories


async def test_a_closed_connection_sees_no_territory(database: str) -> None:
    await make_territories("East/Harbour City", "North")
    async with db.held():
        assert await queries.territories() == []


async def test_regional_staff_see_their_branch_and_its_lineage_only(database: str) -> None:
    ids = await make_territories("East/Harbour City", "East/Old Town", "North")
    person = await make_person(Role.REGIONAL, ids["Harbour City"])
    async with acting(person):
        assert [row["path"] for row in await queries.territories()] == ["East", "East / Harbour City"]


async def test_moving_a_node_carries_what_hangs_below_it(database: str) -> None:
    ids = await make_territories("East/Harbour City/Docks", "North")
    async with db.held(db.EVERYTHING):
        async with db.transaction():
            await queries.move_territory(
                ids["Harbour City"], ids["North"], await open_posting(OPERATOR, "move territory")
            )
        paths = [row["path"] for row in await queries.territories()]
    assert paths == ["East", "North", "North / Harbour City", "North / Harbour City / Docks"]
    async with acting(await make_person(Role.REGIONAL, ids["East"])):
        assert [row["path"] for row in await queries.territories()] == ["East"]


async def test_the_scope_does_not_stay_on_a_connection_that_goes_back(database: str) -> None:
    await make_territories("East")
    for _ in range(8):
        async with db.held(db.EVERYTHING):
            assert await queries.territories() != []
        async with db.held():
            assert await queries.territories() == []


async def test_what_is_known_excludes_a_posting_still_open_and_stays_so(database: str) -> None:
    async def posted(at: object) -> int:
        return await db.fetchval("SELECT count(*) FROM posting WHERE recorded_at <= $1 AND actor = 'operator'", at)

    async with db.held(db.EVERYTHING):
        async with db.transaction():
            await open_posting(OPERATOR, "keep rate")
        async with db.known() as moment:
            before = await posted(moment)
        async with db.transaction():
            await open_posting(OPERATOR, "keep rate")
        async with db.known(moment):
            assert await posted(moment) == before == 1
        async with db.known() as later:
            assert await posted(later) == 2


async def test_what_is_asked_inside_a_snapshot_joins_it(database: str) -> None:
    async def reach() -> str:
        return str(await db.fetchval("SELECT current_setting('app.scope')"))

    async with db.held(db.Scope("territories")):
        async with db.known() as moment:
            before = moment - timedelta(hours=1)
            async with db.known() as again, db.known(before, system=True) as earlier:
                assert (again, earlier, await reach()) == (moment, before, "system")
                async with db.system_scope():
                    pass
                assert await reach() == "system", "the inner one was the outer one"
            assert await reach() == "territories"
            with pytest.raises(RuntimeError, match="before the transaction"):
                async with db.known(keep=True):
                    pass
        async with db.known(system=True) as later:
            assert later >= moment
            assert await reach() == "system"
        assert await reach() == "territories"
        async with db.transaction():
            with pytest.raises(RuntimeError, match="before the transaction"):
                async with db.known():
                    pass


async def test_much_is_planned_for_what_is_asked_and_what_comes_after_is_not(database: str) -> None:
    async def settings() -> tuple[str, str]:
        return await db.fetchval("SHOW plan_cache_mode"), await db.fetchval("SHOW random_page_cost")

    async with db.held(db.EVERYTHING):
        before = await settings()
        async with db.known():
            async with db.planned_anew():
                assert await settings() == ("force_custom_plan", "1.1")
            assert await settings() == before
            async with db.summed_anew():
                assert await db.fetchval("SHOW enable_sort") == "off"
                assert (await settings())[0] == "force_custom_plan"
            assert (await settings(), await db.fetchval("SHOW enable_sort")) == (before, "on")
            with pytest.raises(asyncpg.UndefinedTableError):
                async with db.planned_anew():
                    await db.execute("SELECT * FROM nowhere")
        assert await settings() == before
        with pytest.raises(RuntimeError, match="transaction"):
            async with db.planned_anew():
                pass


async def test_a_reader_sees_the_state_of_the_view_and_only_in_the_system_scope(database: str) -> None:
    async def postings() -> int:
        return await db.fetchval("SELECT count(*) FROM posting WHERE actor = 'operator'")

    async with db.held(db.EVERYTHING):
        async with db.transaction():
            await open_posting(OPERATOR, "keep rate")
        async with db.known(keep=True):
            with pytest.raises(RuntimeError, match="system scope"):
                async with db.reader():
                    pass
            async with db.system_scope(), db.reader() as reader:
                await open_posting(OPERATOR, "keep rate")
                assert (await postings(), await reader.read(postings())) == (2, 1)
                with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
                    await reader.read(open_posting(OPERATOR, "keep rate"))


async def test_the_general_trail_is_for_auditors_and_administrators(database: str) -> None:
    async with db.held(db.EVERYTHING), db.transaction():
        await audit(OPERATOR, "reconcile", "thing 1", after={"x": 1})
    for role, sees in ((Role.AUDITOR, 1), (Role.ADMINISTRATOR, 1), (Role.FINANCE, 0), (Role.MANAGER, 0)):
        async with acting(await make_person(role)):
            assert await db.fetchval("SELECT count(*) FROM audit_general") == sees

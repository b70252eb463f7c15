"""A text is found by an index that row-level security knows nothing of, and still only within the asker's scope."""

import asyncpg
import pytest

from channel.access.rules import Person, Role
from channel.access.service import scope_of
from channel.database import db
from channel.database.embedded import EmbeddedPostgres
from channel.dealers.lists import DEALERS
from channel.dealers.queries import dealers, lists
from channel.dealers.queries.dealers import find_dealers, named
from channel.dealers.queries.lists import DealerFilter
from channel.lists import ALL
from tests.make.access import acting, make_person, make_territories
from tests.make.dealers import make_dealer


@pytest.fixture
async def people(database: str) -> tuple[Person, Person]:
    """Somebody who sees all, and regional staff of the North; `Harbour` stands in the East, `Lakeside` in the North."""
    nodes = await make_territories("East/Harbour City", "North/Lake District")
    for code, name, place, phone in (
        ("E-1", "Harbour Wholesale", "Harbour City", "555-0001"),
        ("E-2", "Harbour 50% Ünder_One Roof", "Harbour City", "555-0002"),
        ("N-1", "Lakeside Harbour View", "Lake District", "555-0003"),
    ):
        dealer_id = await make_dealer(code, name=name, territory=place)
        async with db.held(db.EVERYTHING):
            await dealers.record_contact(dealer_id, "Mr Li", None, phone, None)
    return await make_person(Role.FINANCE, login="f"), await make_person(Role.REGIONAL, nodes["North"], login="n")


async def _codes(person: Person, text: str) -> set[str]:
    async with acting(person):
        wanted = await lists.filter_of(DealerFilter(text=text))
        ids, _ = await lists.dealer_page(DEALERS, wanted, ALL)
        in_list = {row["code"] for row in await lists.dealer_rows(ids)}
        assert (await lists.dealer_count(wanted))[0] == len(in_list)
        return in_list


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("harbour", {"E-1", "E-2", "N-1"}),
        ("HARBOUR", {"E-1", "E-2", "N-1"}),
        ("  wholesale ", {"E-1"}),
        ("e-1 harb", {"E-1"}),
        ("ünder", {"E-2"}),
        ("ÜNDER", {"E-2"}),
        ("%", {"E-2"}),
        ("r_o", {"E-2"}),
        ("50% ü", {"E-2"}),
        ("-", {"E-1", "E-2", "N-1"}),
        ("\\", set()),
        ("nowhere", set()),
    ],
)
async def test_a_text_is_found_in_code_and_name_in_any_case(
    people: tuple[Person, Person], text: str, found: set[str]
) -> None:
    everywhere, north = people
    assert await _codes(everywhere, text) == found
    assert await _codes(north, text) == found & {"N-1"}


async def test_a_common_text_finds_the_same(people: tuple[Person, Person], monkeypatch: pytest.MonkeyPatch) -> None:
    everywhere, north = people
    async with acting(everywhere):
        rare = [row["code"] for row in await find_dealers("harbour", 2)], await find_dealers("555-00")
    for room in (dealers, lists):
        monkeypatch.setattr(room, "MOST_NAMED", 1)
    assert await _codes(everywhere, "harbour") == {"E-1", "E-2", "N-1"}
    assert await _codes(north, "harbour") == {"N-1"}
    async with acting(everywhere):
        assert [row["code"] for row in await find_dealers("harbour", 2)] == rare[0]
        assert await find_dealers("555-00") == rare[1]
        assert [row["code"] for row in await find_dealers("N-1")] == ["N-1"]
        assert [row["code"] for row in await find_dealers("-")] == ["E-2", "E-1", "N-1"]
    async with acting(north):
        assert [row["code"] for row in await find_dealers("harbour")] == ["N-1"]
        assert [row["code"] for row in await find_dealers("555-000")] == ["N-1"]


async def test_the_functions_themselves_tell_nothing_beyond_the_scope(people: tuple[Person, Person]) -> None:
    _, north = people
    asked = ("SELECT dealers_named('%harbour%', 10)", "SELECT dealers_phoned('555%', 10)")
    for sql in asked:
        async with db.held(db.CLOSED):
            assert await db.fetch(sql) == [], "closed when unset"
        async with db.held(scope_of(north)):
            assert len(await db.fetch(sql)) == 1
        async with db.held(db.EVERYTHING):
            assert len(await db.fetch(sql)) == 3
    async with db.held(scope_of(north)):
        assert len(await named("harbour")) == 1


async def test_only_the_service_may_call_them(
    people: tuple[Person, Person], server: EmbeddedPostgres, database: str
) -> None:
    owner = await asyncpg.connect(server.dsn("channel_owner", database))
    try:
        for name in ("dealers_named(text, integer)", "dealers_phoned(text, integer)"):
            told = await owner.fetchrow(
                "SELECT has_function_privilege('public', $1, 'EXECUTE') AS everybody,"
                " has_function_privilege($2, $1, 'EXECUTE') AS service, p.prosecdef, p.proconfig"
                " FROM pg_proc p WHERE p.oid = $1::regprocedure",
                name,
                db.APP_ROLE,
            )
            assert (told["everybody"], told["service"], told["prosecdef"]) == (False, True, True)
            assert "search_path=public, pg_temp" in told["proconfig"]
    finally:
        await owner.close()

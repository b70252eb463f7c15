from datetime import timedelta

import pytest

from channel import clock
from channel.access import queries, service
from channel.access.acts import MakeToken
from channel.access.rules import OPERATOR, Person, Right, Role
from channel.database import db
from channel.errors import Forbidden, Invalid, NotFound
from channel.lists import ALL
from tests.make.access import acting, make_person, make_territories

TREE = ("East/Harbour City/Docks", "East/Old Town", "North/Hill")


async def token_of(person: Person, *territories: str) -> str:
    async with acting(person):
        return (await service.add_own_token(person, MakeToken(name="script", territories=list(territories)))).text


async def as_token(text: str) -> Person:
    async with db.held():
        person = await service.person_of_token(text)
    assert person is not None
    return person


async def reach(person: Person) -> list[str]:
    async with acting(person):
        below = await db.fetch("SELECT code FROM territory WHERE id = ANY (scope_territories()) ORDER BY 1")
        return [row["code"] for row in below]


@pytest.mark.parametrize(
    ("token_nodes", "person_now", "reached"),
    [
        (["Harbour City"], ["East"], ["Docks", "Harbour City"]),
        (["Harbour City"], ["Harbour City"], ["Docks", "Harbour City"]),
        (["Harbour City"], ["Docks"], ["Docks"]),
        (["Harbour City"], ["Old Town"], []),
        (["Harbour City"], ["North"], []),
        (["East"], ["Docks", "Old Town"], ["Docks", "Old Town"]),
        (["Docks", "Old Town"], ["East", "North"], ["Docks", "Old Town"]),
    ],
)
async def test_a_narrowed_token_reaches_where_it_and_its_person_do_now(
    database: str, token_nodes: list[str], person_now: list[str], reached: list[str]
) -> None:
    ids = await make_territories(*TREE)
    person = await make_person(Role.REGIONAL, ids["East"])
    text = await token_of(person, *token_nodes)
    async with db.held(db.EVERYTHING), db.transaction():
        await queries.set_person_territories(person.person_id or 0, [ids[code] for code in person_now])
    speaker = await as_token(text)
    assert speaker.bound
    assert await reach(speaker) == reached


async def test_a_narrowed_token_without_nodes_reaches_nothing(database: str) -> None:
    await make_territories(*TREE)
    for role in (Role.REGIONAL, Role.FINANCE, Role.MANAGER):
        ids = [] if role is not Role.REGIONAL else [1]
        person = await make_person(role, *ids)
        text = await token_of(person, "East")
        async with db.held(db.EVERYTHING):
            await db.execute("DELETE FROM api_token_territory")
        speaker = await as_token(text)
        assert (speaker.bound, speaker.territory_ids) == (True, ())
        assert await reach(speaker) == []
        async with acting(speaker):
            assert await queries.territories() == []


async def test_a_node_that_moves_takes_the_token_along(database: str) -> None:
    ids = await make_territories(*TREE)
    person = await make_person(Role.REGIONAL, ids["East"])
    text = await token_of(person, "Harbour City")
    async with db.held(db.EVERYTHING), db.transaction():
        posting_id = await service.open_posting(OPERATOR, "move territory")
        await queries.move_territory(ids["Harbour City"], ids["North"], posting_id)
    assert await reach(await as_token(text)) == []


async def test_a_token_of_a_person_with_the_whole_company_is_narrowed_too(database: str) -> None:
    await make_territories(*TREE)
    administrator = await make_person(Role.ADMINISTRATOR)
    speaker = await as_token(await token_of(administrator, "East"))
    assert await reach(speaker) == ["Docks", "East", "Harbour City", "Old Town"]
    assert not speaker.may(Right.KEEP_PEOPLE)
    async with db.held(db.EVERYTHING), db.transaction():
        await service.audit(OPERATOR, "reconcile", "something")
    async with acting(speaker):
        assert await db.fetchval("SELECT count(*) FROM audit_general") == 0
        with pytest.raises(Forbidden):
            await service.add_own_token(speaker, MakeToken(name="wider"))
        with pytest.raises(Forbidden):
            await service.add_machine_token(speaker, MakeToken(name="wider"))


async def test_a_token_narrows_and_never_widens(database: str) -> None:
    ids = await make_territories(*TREE)
    person = await make_person(Role.REGIONAL, ids["Harbour City"])
    async with acting(person):
        for code in ("East", "Old Town", "North", "Nowhere"):
            with pytest.raises(Invalid):
                await service.add_own_token(person, MakeToken(name="wider", territories=[code]))
        made = await service.add_own_token(person, MakeToken(name="all of mine"))
    assert await reach(await as_token(made.text)) == ["Docks", "Harbour City"]


async def test_a_token_ends(database: str) -> None:
    person = await make_person(Role.FINANCE)
    async with acting(person):
        made = await service.add_own_token(person, MakeToken(name="a day", days=1))
        for days in (0, 367):
            with pytest.raises(Invalid):
                await service.add_own_token(person, MakeToken(name="wrong", days=days))
    now = clock.now()
    assert made.expires_at is not None
    assert now < made.expires_at <= now + timedelta(days=1)
    with clock.fixed(made.expires_at - timedelta(microseconds=1)):
        assert (await as_token(made.text)).login == person.login
    async with db.held():
        with clock.fixed(made.expires_at):
            assert await service.person_of_token(made.text) is None


async def test_a_machines_token_needs_no_end_and_no_person(database: str) -> None:
    await make_territories(*TREE)
    administrator = await make_person(Role.ADMINISTRATOR)
    async with acting(administrator):
        free = await service.add_machine_token(administrator, MakeToken(name="order desk"))
        bound = await service.add_machine_token(
            administrator, MakeToken(name="east desk", territories=["East"], days=30)
        )
    with clock.fixed(clock.now() + timedelta(days=4000)):
        machine = await as_token(free.text)
    assert (machine.login, machine.role, machine.person_id, machine.bound) == (
        "machine:order desk",
        Role.SYSTEM,
        None,
        False,
    )
    assert (await as_token(bound.text)).bound
    async with acting(machine):
        with pytest.raises(Forbidden):
            await service.add_own_token(machine, MakeToken(name="child"))


async def test_only_ones_own_tokens_are_known_and_revoked(database: str) -> None:
    one, other = await make_person(Role.FINANCE), await make_person(Role.MANAGER)
    administrator = await make_person(Role.ADMINISTRATOR)
    async with acting(one):
        made = await service.add_own_token(one, MakeToken(name="mine"))
        again = await service.add_own_token(one, MakeToken(name="mine too"))
    async with acting(other):
        assert (await service.tokens(other)).items == []
        with pytest.raises(Forbidden):
            await service.tokens(other, everybody=True)
        with pytest.raises(NotFound):
            await service.revoke_token(other, made.id)
    async with acting(one):
        assert {row["name"] for row in (await service.tokens(one)).items} == {"mine", "mine too"}
        await service.revoke_token(one, made.id)
        with pytest.raises(NotFound):
            await service.revoke_token(one, made.id)
        assert await service.person_of_token(made.text) is None
    async with acting(administrator):
        assert again.id in {row["id"] for row in (await service.tokens(administrator, everybody=True)).items}
        await service.revoke_token(administrator, again.id, "left behind on a laptop")
        assert await service.person_of_token(again.text) is None
        lines = (await service.audit_lines(administrator, queries.AuditFilter(act="revoke token"), ALL)).items
    assert [(line["actor"], line["reason"]) for line in lines] == [
        (administrator.login, "left behind on a laptop"),
        (one.login, None),
    ]


async def test_the_text_of_a_token_is_stored_nowhere(database: str) -> None:
    person = await make_person(Role.FINANCE)
    async with acting(person):
        made = await service.add_own_token(person, MakeToken(name="mine"))
    assert made.text not in repr(made)
    async with db.held(db.Scope("all", (), "auditor")):
        tables = await db.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename")
        lines = {
            table: [row["line"] for row in await db.fetch(f"SELECT t::text AS line FROM {table} t")]
            for table in (row["tablename"] for row in tables)
            if await db.fetchval("SELECT has_table_privilege($1, 'SELECT')", table)
        }
    assert len(lines["api_token"]) == len(lines["audit_general"]) == 1
    assert made.text[:4] in lines["api_token"][0], "its beginning is kept"
    assert [table for table, rows in lines.items() for line in rows if made.text in line] == []


async def test_the_last_use_is_kept(database: str) -> None:
    person = await make_person(Role.FINANCE)
    text = await token_of(person)
    await as_token(text)
    async with acting(person):
        (row,) = (await service.tokens(person)).items
    assert row["last_used_at"] is not None

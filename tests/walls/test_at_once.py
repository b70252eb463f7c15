"""Many who change one thing at once: no change is lost, and what others wrote is not replaced unseen."""

import asyncio
import json
import re
from collections.abc import Awaitable, Callable, Sequence
from html import unescape
from typing import Any

import asyncpg
import httpx
import pytest
from argon2 import PasswordHasher
from litestar import Litestar

from channel import clock
from channel.access import queries as access
from channel.access.acts import ChangePassword, ChangePerson
from channel.access.rules import Person, Role
from channel.access.service import signing
from channel.access.service.people import change_person, person_named
from channel.access.service.signing import change_own_password, hash_password
from channel.credit.rules import POLICY
from channel.database import db
from channel.database.embedded import OWNER, EmbeddedPostgres
from channel.database.snapshots import view_of
from channel.dealers.acts import AddDealer, CarryLines, ChangeDealer, ChangeTerritory, KeepContact, KeepLine
from channel.dealers.queries.dealers import contacts, dealer_card, dealer_lines
from channel.dealers.queries.dealers import second_tier as customers_of
from channel.dealers.rules import DealerType, Fact, PriceLevel, SecondTierKind, Traits
from channel.dealers.service import dealers as service
from channel.dealers.service.masters import keep_line, keep_product
from channel.dealers.service.territories import change_territory
from channel.edits import Overtaken, compute_changes
from channel.errors import Conflict, Invalid, NotSignedIn
from channel.versions.rules import written
from channel.versions.service import in_force
from tests.make.access import acting, make_person, make_session, make_territories
from tests.make.dealers import (
    MANAGER,
    change_fact,
    keeping_customer,
    keeping_product,
    make_contact,
    make_dealer,
    make_line,
)
from tests.make.limits import draft_policy
from tests.make.races import second_of, until_waiting
from tests.make.world import World, make_world

ADMIN = Person(login="admin-made", name="administrator", role=Role.ADMINISTRATOR)
POOL = 4
"""Connections of the tests' pool."""

TRAITS: dict[str, object] = {
    "selling_way": "active",
    "assortment": "broad",
    "margin_level": "high",
    "price_level": "low",
    "price_transparency": "open",
    "brands_carried": 7,
    "exclusivity_wanted": True,
}


async def _at_once(person: Person, acts: Sequence[Callable[[], Awaitable[Any]]]) -> list[object]:
    """Each act on a connection of its own, as many begun together as there are; what came of each, or its refusal."""
    begun, together = asyncio.Event(), min(len(acts), POOL)
    connected = 0

    async def one(act: Callable[[], Awaitable[Any]]) -> object:
        nonlocal connected
        async with acting(person):
            connected += 1
            if connected == together:
                begun.set()
            await begun.wait()
            try:
                return await act()
            except (Conflict, Invalid) as refused:
                return refused

    return list(await asyncio.gather(*(one(act) for act in acts)))


async def test_of_many_traits_changed_at_once_none_is_lost(database: str) -> None:
    await make_dealer("D-1")
    changes = [{name: value} for name, value in TRAITS.items()] * 2
    said = await _at_once(
        MANAGER, [lambda c=each: service.change_dealer(MANAGER, "D-1", ChangeDealer(**c)) for each in changes]
    )
    assert said == [None] * len(changes)
    async with acting(MANAGER):
        card = await dealer_card("D-1")
        assert card is not None
        assert {name: card[name] for name in TRAITS} == TRAITS
        told = await db.fetchval("SELECT count(*) FROM audit_dealer WHERE act = 'change dealer'")
        assert told == len(TRAITS), "a change that holds already is none"


async def test_over_the_api_only_what_is_named_is_written(
    database: str, api: Callable[[Person], Awaitable[httpx.AsyncClient]]
) -> None:
    await make_dealer("D-1")
    client = await api(await make_person(Role.MANAGER))
    answers = await asyncio.gather(
        *(client.patch("/api/v1/dealers/D-1", json={"traits": {name: value}}) for name, value in TRAITS.items())
    )
    assert [each.status_code for each in answers] == [200] * len(TRAITS)
    assert (await client.get("/api/v1/dealers/D-1")).json()["traits"] == TRAITS


async def test_what_a_dealer_carries_and_whom_it_knows_is_changed_in_turn(database: str) -> None:
    await make_dealer("D-1")
    codes = [f"L{n}" for n in range(6)]
    for code in codes:
        await make_line(code)
    async with acting(MANAGER):
        contact = await make_contact(MANAGER, "D-1")
        await service.keep_second_tier(MANAGER, "D-1", keeping_customer("S", "Shop", SecondTierKind.DIRECT))
    seen = {"name": "Lin", "role": None, "phone": None, "email": None}
    shop = {"name": "Shop", "kind": "direct"}
    await _at_once(
        MANAGER,
        [
            *(lambda c=code: service.carry_lines(MANAGER, "D-1", CarryLines(lines=[c], opened={})) for code in codes),
            lambda: service.keep_contact(
                MANAGER, "D-1", KeepContact(name="Lin", phone="021 5550101", opened=seen), contact
            ),
            lambda: service.keep_contact(MANAGER, "D-1", KeepContact(name="Lin", email="a@b.cn", opened=seen), contact),
            lambda: service.keep_contact(MANAGER, "D-1", KeepContact(name="Lin", role="boss", opened=seen), contact),
            lambda: service.keep_second_tier(
                MANAGER, "D-1", keeping_customer("S", "Store", SecondTierKind.DIRECT, opened=shop)
            ),
            lambda: service.keep_second_tier(
                MANAGER, "D-1", keeping_customer("S", "Shop", SecondTierKind.MIXED, opened=shop)
            ),
        ],
    )
    async with acting(MANAGER):
        card = await dealer_card("D-1")
        assert card is not None
        assert [row["code"] for row in await dealer_lines(card["id"])] == codes
        (row,) = (await contacts(card["id"])).items
        assert (row["name"], row["role"], row["phone"], row["email"]) == ("Lin", "boss", "021 5550101", "a@b.cn")
        (customer,) = (await customers_of(card["id"])).items
        assert (customer["name"], customer["kind"]) == ("Store", "mixed")


async def test_of_two_who_choose_otherwise_the_second_is_told(database: str) -> None:
    await make_dealer("D-1")
    seen = dict.fromkeys(Traits.__slots__)
    told = await second_of(
        MANAGER,
        lambda: service.change_dealer(MANAGER, "D-1", ChangeDealer(price_level=PriceLevel.LOW, opened=seen)),
        lambda: service.change_dealer(MANAGER, "D-1", ChangeDealer(price_level=PriceLevel.HIGH, opened=seen)),
    )
    assert isinstance(told, Overtaken)
    assert (told.status, [each.field for each in told.errors], told.mine) == (409, ["price_level"], {"price_level"})


async def test_two_dealers_are_not_put_under_each_other(database: str) -> None:
    await make_dealer("D-1")
    await make_dealer("D-2")
    told = await second_of(
        MANAGER,
        lambda: change_fact(MANAGER, "D-1", Fact.PARENT, "D-2"),
        lambda: change_fact(MANAGER, "D-2", Fact.PARENT, "D-1"),
    )
    assert isinstance(told, Invalid)


@pytest.mark.parametrize("written", ["N-1", "n-1"])
async def test_who_adds_what_somebody_adds_in_the_same_moment_changes_it(database: str, written: str) -> None:
    """One code is added once, in whatever letters, and the second one's trail tells what the first wrote."""
    await make_line("Road")
    acts: dict[str, Callable[[str, str], Awaitable[None]]] = {
        "product": lambda code, name: keep_product(MANAGER, keeping_product(code, name)),
        "product line": lambda code, name: keep_line(
            MANAGER, KeepLine(code=code, name=name, wanted_type=DealerType.TERMINAL)
        ),
    }
    for what, keep in acts.items():
        await second_of(MANAGER, lambda k=keep: k("N-1", "First"), lambda k=keep: k(written, "Second"))
        async with acting(MANAGER):
            table = what.replace(" ", "_")
            rows = await db.fetch(f"SELECT code, name FROM {table} WHERE lower(code) = 'n-1'")
            assert [tuple(row) for row in rows] == [("N-1", "Second")], what
        async with acting(ADMIN):
            trail = await db.fetch(
                "SELECT before ->> 'name' AS before FROM audit_general WHERE subject = $1 ORDER BY id", f"{what} N-1"
            )
            assert [row["before"] for row in trail] == [None, "First"], what


@pytest.mark.parametrize("written", ["N-1", "n-1"])
async def test_of_two_who_add_one_dealer_the_second_is_told(database: str, written: str) -> None:
    await make_territories("East")
    told = await second_of(MANAGER, lambda: _new_dealer("N-1"), lambda: _new_dealer(written))
    assert isinstance(told, Conflict)
    async with acting(MANAGER):
        assert [row["code"] for row in await db.fetch("SELECT code FROM dealer")] == ["N-1"]


async def _new_dealer(code: str) -> None:
    act = AddDealer(code=code, name="New", type=DealerType.TERMINAL, territory="East", currency="USD", terms_days=30)
    await service.add_dealer(MANAGER, act)


async def test_name_and_place_of_a_territory_change_side_by_side(database: str) -> None:
    await make_territories("East/Docks", "West")
    await _at_once(
        MANAGER,
        [
            lambda: change_territory(MANAGER, ChangeTerritory(code="Docks", name="Old docks")),
            lambda: change_territory(MANAGER, ChangeTerritory(code="Docks", level="quarter")),
            lambda: change_territory(MANAGER, ChangeTerritory(code="Docks", parent="West")),
        ],
    )
    async with acting(MANAGER):
        docks = {row["code"]: row for row in await access.territories()}["Docks"]
        assert (docks["name"], docks["level"], docks["path"]) == ("Old docks", "quarter", "West / Old docks")


async def test_a_language_chosen_meanwhile_is_kept(server: EmbeddedPostgres, database: str) -> None:
    """An administrator renames somebody who chooses another language in the same moment."""
    admin, somebody = await make_person(Role.ADMINISTRATOR), await make_person(Role.FINANCE)
    other = await asyncpg.connect(server.dsn(OWNER, database))
    try:
        await other.execute("BEGIN")
        await other.execute("UPDATE person SET locale = 'zh' WHERE login = $1", somebody.login)

        async def rename() -> None:
            async with acting(admin):
                await change_person(admin, somebody.login, ChangePerson(name="Other"))

        renaming = asyncio.create_task(rename())
        await until_waiting(renaming)
        await other.execute("COMMIT")
        await renaming
    finally:
        await other.close()
    async with acting(admin):
        row = await person_named(admin, somebody.login)
        assert (row["name"], row["locale"]) == ("Other", "zh")


async def test_of_two_new_passwords_for_one_old_one_the_second_is_refused(database: str) -> None:
    somebody = await make_person(Role.FINANCE)
    old, new = "the old pass phrase 1", "another pass phrase"
    hashed = await hash_password(old)
    async with db.held(db.EVERYTHING), db.transaction():
        await access.change_password_hash(somebody.person_id or 0, hashed)

    def wanted(n: int) -> ChangePassword:
        return ChangePassword(old_password=old, password=f"{new} {n}")

    said = await _at_once(
        somebody,
        [lambda n=n: change_own_password(somebody, wanted(n), address="127.0.0.1") for n in range(2)],
    )
    assert sorted(type(each).__name__ for each in said) == ["Invalid", "NoneType"]


async def test_signing_in_does_not_bring_an_old_password_back(server: EmbeddedPostgres, database: str) -> None:
    """Its hash is one of the past and made anew at the sign-in, while an administrator sets another password."""
    somebody, old = await make_person(Role.FINANCE), "the old pass phrase 1"
    async with db.held(db.EVERYTHING), db.transaction():
        stale = PasswordHasher(time_cost=1, memory_cost=64).hash(old)
        await access.change_password_hash(somebody.person_id or 0, stale)
    other = await asyncpg.connect(server.dsn(OWNER, database))

    async def sign_in() -> None:
        async with db.held(db.EVERYTHING):
            await signing.sign_in(somebody.login, old, address="127.0.0.1", agent="test")

    try:
        await other.execute("BEGIN")
        await other.execute("UPDATE person SET password_hash = 'set anew' WHERE login = $1", somebody.login)
        signing_in = asyncio.create_task(sign_in())
        await until_waiting(signing_in)
        await other.execute("COMMIT")
        with pytest.raises(NotSignedIn):
            await signing_in
        assert await other.fetchval("SELECT password_hash FROM person WHERE login = $1", somebody.login) == "set anew"
    finally:
        await other.close()


def test_only_what_the_writer_changed_is_written() -> None:
    opened, present = {"a": 1, "b": 1}, {"a": 7, "b": 1}
    assert compute_changes(opened, {"a": 1, "b": 2}, present, {}) == {"b": 2}
    assert compute_changes(opened, {"a": 7, "b": 1}, present, {}) == {}
    assert compute_changes(None, {"a": 1, "b": 1}, present, {}) == {"a": 1}


class Desk:
    """A browser without scripts: forms are read as they come and sent with what was typed over them."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client

    async def opened(self, address: str) -> dict[str, str]:
        page = await self.client.get(address)
        assert page.status_code == 200, page.text[:300]
        return self.read(page.text)

    def read(self, text: str) -> dict[str, str]:
        found = {
            name: unescape(value)
            for name, value in re.findall(r'<input (?:id="[^"]*" )?[^>]*?name="([^"]+)"[^>]*? value="([^"]*)"', text)
        }
        for name, body in re.findall(r'<select [^>]*?name="([^"]+)"[^>]*>(.*?)</select>', text, re.DOTALL):
            chosen = re.search(r'value="([^"]*)" selected', body)
            found[name] = unescape(chosen[1]) if chosen else ""
        for name, body in re.findall(r'<textarea [^>]*?name="([^"]+)"[^>]*>(.*?)</textarea>', text, re.DOTALL):
            found[name] = unescape(body)
        # Templates that write the record themselves quote it otherwise.
        if hidden := re.search(r"name=\"opened\" value='([^']*)'", text):
            found["opened"] = unescape(hidden[1])
        assert found.get("opened"), "the form carries what it showed"
        return found

    async def send(self, address: str, form: dict[str, str]) -> httpx.Response:
        return await self.client.post(address, data=form)


@pytest.fixture
async def world(database: str) -> World:
    return await make_world()


async def _desk(app: Litestar, person: Person) -> Desk:
    cookies = {"channel_session": await make_session(person)}
    return Desk(
        httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://channel.test", cookies=cookies)
    )


async def test_two_open_the_form_of_a_dealer(app: Litestar, world: World) -> None:
    """The second to record keeps what the first wrote, and is asked where both changed one field."""
    desk = await _desk(app, world.people[Role.MANAGER])
    address = "/dealers/D-1/edit"
    first, second = await desk.opened(address), await desk.opened(address)
    assert json.loads(first["opened"])["price_level"] is None
    assert (await desk.send(address, first | {"price_level": "low", "brands_carried": "3"})).status_code == 303
    assert (await desk.send(address, second | {"margin_level": "thin"})).status_code == 303
    third = await desk.send(address, second | {"price_level": "high", "margin_level": "thin"})
    assert third.status_code == 409
    assert "Price level: somebody else has made it Low" in third.text
    again = desk.read(third.text)
    assert (again["price_level"], again["brands_carried"], again["margin_level"]) == ("high", "3", "thin")
    assert (await desk.send(address, again)).status_code == 303
    async with acting(MANAGER):
        card = await dealer_card("D-1")
        assert card is not None
        assert (card["price_level"], card["brands_carried"], card["margin_level"]) == ("high", 3, "thin")


async def test_two_open_the_form_of_a_contact_a_person_and_a_territory(app: Litestar, world: World) -> None:
    async with acting(MANAGER):
        contact = await make_contact(MANAGER, "D-1")
    manager = await _desk(app, world.people[Role.MANAGER])
    admin = await _desk(app, world.people[Role.ADMINISTRATOR])
    for desk, address, sent_to, field, values in (
        (manager, f"/dealers/D-1/contacts/{contact}", "", "phone", ("021 5550101", "021 5550102")),
        (admin, "/people/finance-1", "", "name", ("Fan", "Fang")),
        (manager, "/territories?code=East", "/territories/change?code=East", "level", ("area", "zone")),
    ):
        first, second = await desk.opened(address), await desk.opened(address)
        extra = {"code": "East"} if sent_to else {}
        assert (await desk.send(sent_to or address, first | extra | {field: values[0]})).status_code == 303, address
        told = await desk.send(sent_to or address, second | extra | {field: values[1]})
        assert (told.status_code, values[0] in told.text) == (409, True), address


async def test_two_open_a_draft_of_the_policy(app: Litestar, world: World) -> None:
    finance = world.people[Role.FINANCE]
    async with acting(finance):
        policy = await in_force(POLICY, view_of())
        version = await draft_policy(finance, written(policy), clock.today(), "first")
    desk = await _desk(app, finance)
    address = f"/credit/policies/{version}/edit"
    first, second = await desk.opened(address), await desk.opened(address)
    assert (await desk.send(address, first | {"rounding_unit": "500"})).status_code == 303
    told = await desk.send(address, second | {"note": "mine"})
    assert told.status_code == 409
    assert "somebody else has made it 500" in told.text
    again = desk.read(told.text)
    assert (again["rounding_unit"], again["note"]) == ("100", "mine"), "all of it stays as it was typed"
    assert (await desk.send(address, again)).status_code == 303

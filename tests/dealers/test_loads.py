from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from channel import clock
from channel.access import queries as access
from channel.access.rules import Person, Role
from channel.access.service import open_posting
from channel.database import db
from channel.database.snapshots import view_of
from channel.dealers.queries.dealers import contacts, dealer_card, dealer_lines
from channel.dealers.queries.exclusivity import grants
from channel.dealers.queries.facts import facts_at, facts_history
from channel.dealers.queries.loads.dealers import MISSING, open_missing_dealers
from channel.dealers.queries.masters import rate_on
from channel.dealers.service.exclusivity import grant_exclusivity
from channel.dealers.service.loads import check_dealers, load_dealers
from channel.dealers.service.masters import keep_product
from channel.errors import Conflict
from channel.imports.loader import Load, loaders, specs
from channel.imports.rules.kinds import Type
from tests.make.access import acting, make_member, make_person, make_territories
from tests.make.dealers import FINANCE, MANAGER, granting, keeping_product, make_dealer, make_line, make_rate
from tests.make.races import second_of

TYPES = {Type.DATE: "date", Type.DECIMAL: "numeric", Type.WHOLE: "integer", Type.FLAG: "boolean", Type.LIST: "text[]"}
START = datetime(2020, 6, 15, 12, tzinfo=UTC)
ROW: dict[str, object] = {
    "code": "D-1",
    "name": "One",
    "type": "terminal",
    "territory": "East",
    "currency": "USD",
    "terms_days": 30,
    "grade": "A",
}


@asynccontextmanager
async def _staged(kind: str, rows: Sequence[Mapping[str, object]]) -> AsyncIterator[None]:
    columns = [(field.name, TYPES.get(field.type, "text")) for field in specs()[kind].fields]
    told = ", ".join(f'"{name}" {type_}' for name, type_ in columns)
    async with db.transaction():
        await db.execute(f"CREATE TEMP TABLE incoming (line_no bigint NOT NULL, {told}, faults jsonb) ON COMMIT DROP")
        await db.execute("CREATE TEMP TABLE fault (line_no bigint, field text, reason jsonb) ON COMMIT DROP")
        for line_no, row in enumerate(rows, start=2):
            names = ", ".join(f'"{name}"' for name in row)
            places = ", ".join(f"${n}" for n in range(2, len(row) + 2))
            await db.execute(f"INSERT INTO incoming (line_no, {names}) VALUES ($1, {places})", line_no, *row.values())
        yield


async def _load(
    kind: str, rows: Sequence[Mapping[str, object]], day: date | None = None, person: Person = MANAGER
) -> dict[str, int]:
    load = Load(1, person, specs()[kind], "x.csv", frozenset(), effective_on=day)
    async with _staged(kind, rows):
        await loaders()[kind].check(load)
        assert await db.fetch("SELECT * FROM fault") == []
        return dict(await loaders()[kind].write(load, await open_posting(person, f"load {kind}")))


async def _faults(kind: str, rows: Sequence[Mapping[str, object]], person: Person = MANAGER) -> list[tuple[int, str]]:
    load = Load(1, person, specs()[kind], "x.csv", frozenset())
    async with _staged(kind, rows):
        await loaders()[kind].check(load)
        return [tuple(row) for row in await db.fetch("SELECT line_no, field FROM fault ORDER BY 1, 2")]


async def test_a_file_says_who_looks_after_a_dealer(database: str) -> None:
    await make_territories("East")
    with clock.fixed(START):
        administrator = await make_person(Role.ADMINISTRATOR)
        await make_member(administrator, "S-1")
        await make_member(administrator, "S-2", last_on=date(2020, 6, 14))
        async with acting(MANAGER):
            rows = [ROW | {"responsible": "S-1"}, ROW | {"code": "D-2"}]
            assert (await _load("dealers", rows))["facts"] == 13
            # Who is not named stays as he is.
            assert (await _load("dealers", [ROW, ROW | {"code": "D-2", "responsible": "S-1"}]))["facts"] == 1
            cached = await db.fetch(
                "SELECT d.code, s.code AS member FROM dealer d JOIN staff_member s ON s.id = d.responsible_id"
            )
            assert {tuple(row) for row in cached} == {("D-1", "S-1"), ("D-2", "S-1")}
            wrong = [ROW | {"responsible": "S-2"}, ROW | {"code": "D-2", "responsible": "S-9"}]
            assert await _faults("dealers", wrong) == [(2, "responsible"), (3, "responsible")]


async def test_dealers_come_in_and_a_later_file_adds_and_never_overwrites(database: str) -> None:
    await make_territories("East/Harbour")
    await make_line("Road")
    first = ROW | {"lines": ["Road"], "contact_name": "Lin", "contact_phone": "139", "selling_way": "active"}
    second = ROW | {"code": "D-2", "parent": "D-1", "appointed_on": date(2009, 5, 1), "first_year_target": Decimal(900)}
    async with acting(MANAGER):
        with clock.fixed(START):
            done = await _load("dealers", [first, second], date(2010, 1, 1))
        assert done == {"added": 2, "changed": 0, "unchanged": 0, "facts": 14}
        done = await _load("dealers", [first, second], date(2010, 1, 1))
        assert done == {"added": 0, "changed": 0, "unchanged": 2, "facts": 0}
        done = await _load("dealers", [first | {"grade": "AA", "terms_days": 45}], date(2012, 1, 1))
        assert done == {"added": 0, "changed": 1, "unchanged": 0, "facts": 2}
        one, two = await dealer_card("D-1"), await dealer_card("D-2")
        assert (one["grade"], one["terms_days"], one["selling_way"]) == ("AA", 45, "active")
        then = (await facts_at([one["id"]], view_of(date(2011, 12, 31))))[one["id"]]
        assert (then.grade, then.terms_days) == ("A", 30)
        facts = (await facts_at([two["id"]], view_of(date(2011, 1, 1))))[two["id"]]
        assert (facts.parent_id, facts.first_year_target) == (one["id"], Decimal(900))
        assert facts.appointed_on == date(2009, 5, 1)
        assert [row["code"] for row in await dealer_lines(one["id"])] == ["Road"]
        assert [(row["name"], row["phone"]) for row in (await contacts(one["id"])).items] == [("Lin", "139")]


async def test_an_empty_cell_says_nothing(database: str) -> None:
    await make_territories("East")
    async with acting(MANAGER):
        await _load("dealers", [ROW], date(2010, 1, 1))
        await _load("dealers", [ROW | {"grade": None}], date(2011, 1, 1))
        card = await dealer_card("D-1")
        assert card["grade"] == "A"
        assert [row["effective_on"] for row in await facts_history(card["id"], "grade")] == [date(2010, 1, 1)]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"territory": "Nowhere"}, "territory"),
        ({"parent": "D-9"}, "parent"),
        ({"parent": "D-2"}, "parent"),
        ({"lines": ["Moon"]}, "lines"),
        ({"currency": "XXQ"}, "currency"),
        ({"code": "D-0", "status": "ended"}, None),
        ({"code": "D-0", "status": "prospect"}, "status"),
    ],
)
async def test_a_line_that_cannot_be_meant_is_named(database: str, wrong: dict[str, object], field: str | None) -> None:
    await make_dealer("D-0", territory=(await make_territories("East"))["East"])
    async with acting(MANAGER):
        others = [ROW | {"code": "D-2", "parent": "D-1"}]
        found = await _faults("dealers", [ROW | wrong, *others])
    expected = [] if field is None else [(2, field)]
    if wrong == {"parent": "D-2"}:
        expected.append((3, "parent"))  # both stand in the circle
    if wrong.get("code") == "D-0":
        expected.append((3, "parent"))  # D-1 is not in this file
    assert found == expected


async def test_a_restricted_token_meets_only_its_own_dealers(database: str) -> None:
    ids = await make_territories("East", "West")
    await make_dealer("D-7", territory="West")
    bound = Person(login="m", name="m", role=Role.MANAGER, bound=True, territory_ids=(ids["East"],))
    async with acting(bound):
        found = await _faults(
            "dealers", [ROW, ROW | {"code": "D-7"}, ROW | {"code": "D-8", "territory": "West"}], bound
        )
        assert found == [(3, "code"), (4, "territory")]
        assert (await _load("dealers", [ROW], person=bound))["added"] == 1


async def test_what_a_report_names_can_be_made(database: str) -> None:
    await make_territories("East")
    async with acting(FINANCE):
        async with db.transaction():
            await open_missing_dealers()
            await db.execute("CREATE TEMP TABLE fault (line_no bigint, field text, reason jsonb) ON COMMIT DROP")
            await db.execute(
                "INSERT INTO missing_dealer (line_no, code, type, territory, currency, terms_days)"
                " VALUES (2, 'N-1', 'wholesale', 'East', 'EUR', 60)"
            )
            await check_dealers(FINANCE, date(2010, 1, 1), MISSING)
            posting_id = await open_posting(FINANCE, "load sell-in")
            assert (await load_dealers(FINANCE, posting_id, date(2010, 1, 1), MISSING))["added"] == 1
        card = await dealer_card("N-1")
        assert (card["name"], card["status"], card["currency"]) == ("N-1", "active", "EUR")


async def test_products_bring_their_lines(database: str) -> None:
    rows = [
        {"code": "P-1", "name": "Pump", "line": "R", "line_name": "Road", "wanted_type": "terminal"},
        {"code": "P-2", "name": "Bell", "line": "R"},
    ]
    async with acting(MANAGER):
        assert await _load("products", rows) == {"added": 2, "changed": 0, "lines_added": 1}
        again = [rows[0] | {"name": "Air pump"}, rows[1] | {"line": "T"}]
        assert await _load("products", again) == {"added": 0, "changed": 2, "lines_added": 1}
        assert await _load("products", again) == {"added": 0, "changed": 0, "lines_added": 0}
        line = await db.fetchrow("SELECT name, wanted_type FROM product_line WHERE code = 'R'")
        assert tuple(line) == ("Road", "terminal")


async def test_rates_add_what_differs_and_the_first_can_be_asked(database: str) -> None:
    day = date(2013, 1, 10)
    rows = [
        {"currency": "EUR", "date": day, "rate": Decimal("1.3")},
        {"currency": "USD", "date": day, "rate": Decimal(1)},
    ]
    async with acting(FINANCE):
        assert await _load("rates", rows, person=FINANCE) == {"added": 1}
        assert await _load("rates", rows, person=FINANCE) == {"added": 0}
        async with db.known() as moment:
            pass
        assert await _load("rates", [rows[0] | {"rate": Decimal("1.31")}], person=FINANCE) == {"added": 1}
        assert await rate_on("EUR", day) == Decimal("1.31")
        assert await rate_on("EUR", day, moment) == Decimal("1.3")
        wrong = [rows[0] | {"currency": "QQQ"}, rows[1] | {"rate": Decimal("1.1")}]
        assert await _faults("rates", wrong) == [(2, "currency"), (3, "rate")]


async def test_a_rate_is_at_most_seven_days_old(database: str) -> None:
    await make_rate("EUR", date(2013, 1, 10), "1.3")
    async with acting(FINANCE):
        asked = {9: None, 10: Decimal("1.3"), 17: Decimal("1.3"), 18: None}
        assert {day: await rate_on("EUR", date(2013, 1, day)) for day in asked} == asked
        assert await rate_on("USD", date(2013, 1, 9)) == 1


async def test_territories_by_path_and_by_parent(database: str) -> None:
    rows = [
        {"path": "Group/North/Lake", "path_levels": "group/region/city"},
        {"path": "Group/South", "path_levels": "group/region"},
        {"code": "S-1", "name": "Valley", "level": "city", "parent": "Group/South"},
    ]
    async with acting(MANAGER):
        assert await _load("territories", rows) == {"added": 5, "renamed": 0, "moved": 0}
        assert await _load("territories", rows) == {"added": 0, "renamed": 0, "moved": 0}
        moved = [rows[2] | {"parent": "Group/North", "name": "Green Valley"}]
        assert await _load("territories", moved) == {"added": 0, "renamed": 1, "moved": 1}
        paths = {row["code"]: (row["path"], row["level"]) for row in await access.territories()}
        assert paths["S-1"] == ("Group / North / Green Valley", "city")
        assert paths["Group/North/Lake"] == ("Group / North / Lake", "city")
        wrong = [
            {"code": "A", "name": "A", "level": "x", "parent": "B"},
            {"code": "B", "name": "B", "level": "x", "parent": "A"},
            {"code": "C", "name": "C", "level": "x", "parent": "Q"},
        ]
        assert await _faults("territories", wrong) == [(2, "parent"), (3, "parent"), (4, "parent")]


async def test_a_file_that_makes_two_grants_overlap_is_refused_whole(database: str) -> None:
    await make_territories("East", "West/Lake")
    await make_line("Road")
    await make_dealer("D-1", territory="East")
    await make_dealer("D-2", territory="Lake")
    async with acting(MANAGER):
        await grant_exclusivity(MANAGER, "D-1", granting("Road", "East", date(2020, 1, 1)))
        await grant_exclusivity(MANAGER, "D-2", granting("Road", "Lake", date(2020, 1, 1)))
        with pytest.raises(Conflict):
            await _load("territories", [{"code": "Lake", "name": "Lake", "level": "city", "parent": "East"}])
        assert {row["code"]: row["path"] for row in await access.territories()}["Lake"] == "West / Lake"
        assert len((await grants()).items) == 2


async def test_a_file_that_moves_the_tree_waits_for_who_is_granting_on_it(database: str) -> None:
    """A grant for the East is being made while Lake, which another dealer has, moves there: one of them is refused."""
    await make_territories("East", "West/Lake")
    await make_line("Road")
    await make_dealer("D-1", territory="East")
    await make_dealer("D-2", territory="Lake")
    async with acting(MANAGER):
        await grant_exclusivity(MANAGER, "D-2", granting("Road", "Lake", date(2020, 1, 1)))
    told = await second_of(
        MANAGER,
        lambda: grant_exclusivity(MANAGER, "D-1", granting("Road", "East", date(2020, 1, 1))),
        lambda: _load("territories", [{"code": "Lake", "name": "Lake", "level": "city", "parent": "East"}]),
    )
    assert isinstance(told, Conflict)
    async with acting(MANAGER):
        assert {row["code"]: row["path"] for row in await access.territories()}["Lake"] == "West / Lake"
        assert len((await grants()).items) == 2


async def test_a_file_finds_what_somebody_adds_in_the_same_moment(database: str) -> None:
    """A new product that a file writes in other letters is the one that was added by hand meanwhile."""
    await make_line("Road")

    async def load() -> dict[str, int]:
        row = {"code": "n-1", "name": "Of the file", "line": "ROAD"}
        load = Load(1, MANAGER, specs()["products"], "x.csv", frozenset(row))
        async with _staged("products", [row]):
            await loaders()["products"].settle(load)
            return dict(await loaders()["products"].write(load, await open_posting(MANAGER, "load products")))

    told = await second_of(MANAGER, lambda: keep_product(MANAGER, keeping_product("N-1", "By hand")), load)
    assert told == {"added": 0, "changed": 1, "lines_added": 0}
    async with acting(MANAGER):
        rows = await db.fetch("SELECT code, name FROM product")
        assert [tuple(row) for row in rows] == [("N-1", "Of the file")]

import asyncio
from collections.abc import Mapping
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from channel.access.rules import Person, Role
from channel.database import db
from channel.database.snapshots import view_of
from channel.dealers.acts import EndExclusivity
from channel.dealers.queries import exclusivity as queries
from channel.dealers.rules import Grant
from channel.dealers.service.exclusivity import end_exclusivity, grant_exclusivity
from channel.errors import Conflict, Invalid
from tests.make.access import acting, make_territories
from tests.make.dealers import MANAGER, add_territory, granting, make_dealer, make_line, move_territory

SPRING, SUMMER, AUTUMN = date(2020, 3, 1), date(2020, 6, 1), date(2020, 9, 1)


async def _prepare() -> dict[str, int]:
    ids = await make_territories("East/Harbour/Docks", "East/Old Town", "West/Lake")
    await make_line("Road")
    await make_line("Touring")
    await make_dealer("D-1", territory="Harbour")
    await make_dealer("D-2", territory="West")
    return ids


async def _grant(
    dealer: str, line: str, territory: str, start: date, end: date | None, person: Person = MANAGER
) -> int:
    return await grant_exclusivity(person, dealer, granting(line, territory, start, end))


@pytest.mark.parametrize(
    ("first", "second", "meet"),
    [
        ((SPRING, SUMMER), (SUMMER, AUTUMN), False),
        ((SUMMER, AUTUMN), (SPRING, SUMMER), False),
        ((SPRING, SUMMER + timedelta(days=1)), (SUMMER, AUTUMN), True),
        ((SPRING, None), (SUMMER, AUTUMN), True),
        ((SUMMER, None), (SPRING, SUMMER), False),
        ((SPRING, None), (AUTUMN, None), True),
        ((SPRING, AUTUMN), (SUMMER, SUMMER + timedelta(days=1)), True),
    ],
)
async def test_days_are_half_open(
    database: str, first: tuple[date, date | None], second: tuple[date, date | None], *, meet: bool
) -> None:
    await _prepare()
    async with acting(MANAGER):
        await _grant("D-1", "Road", "Harbour", *first)
        if meet:
            with pytest.raises(Conflict):
                await _grant("D-2", "Road", "Harbour", *second)
        else:
            await _grant("D-2", "Road", "Harbour", *second)


@pytest.mark.parametrize(
    ("line", "territory", "meets"),
    [
        ("Road", "Harbour", True),
        ("Road", "East", True),
        ("Road", "Docks", True),
        ("Road", "Old Town", False),
        ("Road", "West", False),
        ("Touring", "Harbour", False),
    ],
)
async def test_a_territory_contains_what_lies_below_it(
    database: str, line: str, territory: str, *, meets: bool
) -> None:
    await _prepare()
    async with acting(MANAGER):
        await _grant("D-1", "Road", "Harbour", SPRING, None)
        if meets:
            with pytest.raises(Conflict) as refused:
                await _grant("D-2", line, territory, SUMMER, None)
            assert str(refused.value.errors[0].reason) == "Dealer D-1 (D-1) has it for Harbour, from 2020-03-01."
        else:
            await _grant("D-2", line, territory, SUMMER, None)


async def test_a_dealer_out_of_sight_is_not_named(database: str) -> None:
    ids = await _prepare()
    await make_dealer("D-3", territory="Docks")
    manager = Person(login="m", name="m", role=Role.MANAGER, bound=True, territory_ids=(ids["Docks"],))
    async with acting(MANAGER):
        await _grant("D-1", "Road", "East", SPRING, SUMMER)
    async with acting(manager):
        with pytest.raises(Conflict) as refused:
            await _grant("D-3", "Road", "Docks", SPRING, None, manager)
    assert str(refused.value.errors[0].reason) == "Another dealer has it for East, from 2020-03-01 until 2020-06-01."


async def test_of_two_who_grant_at_once_one_is_refused_in_words(database: str) -> None:
    await _prepare()

    async def one(dealer: str, territory: str) -> str:
        async with acting(MANAGER):
            try:
                await _grant(dealer, "Road", territory, SPRING, None)
            except Conflict as refused:
                return str(refused.errors[0].reason)
            return "granted"

    said = sorted(await asyncio.gather(one("D-1", "East"), one("D-2", "Docks")))
    assert said[1] == "granted"
    assert "has it for" in said[0]


async def test_the_constraint_itself_refuses_what_the_service_overlooked(database: str) -> None:
    ids = await _prepare()
    first, second = await make_dealer("D-4", territory="East"), await make_dealer("D-5", territory="East")
    async with acting(MANAGER), db.transaction():
        from channel.access.service import open_posting  # noqa: PLC0415

        posting = await open_posting(MANAGER, "change grade")
        line = await db.fetchval("SELECT id FROM product_line WHERE code = 'Road'")
        await queries.record_grant(Grant(first, line, ids["East"], SPRING, None), "x", posting)
        with pytest.raises(Exception, match="exclusivity_does_not_overlap"):
            async with db.connection().transaction():
                await queries.record_grant(Grant(second, line, ids["Docks"], AUTUMN, None), "x", posting)


async def test_a_grant_that_ended_makes_room_and_stays_as_it_was_known(database: str) -> None:
    await _prepare()
    async with acting(MANAGER):
        grant_id = await _grant("D-1", "Road", "East", SPRING, None)
        dealer_id = await db.fetchval("SELECT id FROM dealer WHERE code = 'D-1'")
        async with db.known() as moment:
            pass
        await end_exclusivity(MANAGER, "D-1", grant_id, EndExclusivity(to_on=SUMMER, reason="they gave it back"))
        await _grant("D-2", "Road", "Harbour", SUMMER, None)
        assert [row["to_on"] for row in (await queries.grants(dealer_id)).items] == [SUMMER]
        assert [row["to_on"] for row in (await queries.grants(dealer_id, view_of(known_at=moment))).items] == [None]
        assert (await queries.grants(dealer_id, view_of(SUMMER))).items == []


async def test_ending_before_the_first_day_withdraws(database: str) -> None:
    await _prepare()
    async with acting(MANAGER):
        grant_id = await _grant("D-1", "Road", "East", SUMMER, None)
        await end_exclusivity(MANAGER, "D-1", grant_id, EndExclusivity(to_on=SUMMER, reason="a mistake"))
        assert (await queries.grants()).items == []
        await _grant("D-2", "Road", "East", SPRING, None)


async def test_a_new_node_belongs_to_the_grants_above_it(database: str) -> None:
    await _prepare()
    async with acting(MANAGER):
        await _grant("D-1", "Road", "East", SPRING, None)
        await add_territory(MANAGER, "Pier", "district", "Docks")
        with pytest.raises(Conflict):
            await _grant("D-2", "Road", "Pier", SPRING, None)


async def test_a_node_that_moves_takes_the_promises_of_its_new_place(database: str) -> None:
    await _prepare()
    async with acting(MANAGER):
        await _grant("D-1", "Road", "East", SPRING, None)
        await move_territory(MANAGER, "Harbour", "West")
        await _grant("D-2", "Road", "Docks", SPRING, None)
        with pytest.raises(Conflict) as refused:
            await move_territory(MANAGER, "Docks", "East")
        assert len(refused.value.errors) == 2
        await move_territory(MANAGER, "Docks", "West")
        with pytest.raises(Invalid):
            await move_territory(MANAGER, "West", "Docks")
        await _nodes_match_the_tree()


async def _nodes_match_the_tree() -> None:
    wrong = await db.fetch(
        "(SELECT e.dealer_id, e.id, t.territory_id FROM exclusivity e JOIN territory_tree t"
        " ON t.ancestor_id = e.territory_id WHERE e.closed_by IS NULL"
        " EXCEPT SELECT dealer_id, exclusivity_id, territory_id FROM exclusivity_node)"
        " UNION ALL (SELECT dealer_id, exclusivity_id, territory_id FROM exclusivity_node"
        " EXCEPT SELECT e.dealer_id, e.id, t.territory_id FROM exclusivity e JOIN territory_tree t"
        " ON t.ancestor_id = e.territory_id WHERE e.closed_by IS NULL)"
    )
    assert wrong == []


NODES = ("East", "Harbour", "Docks", "Old Town", "West", "Lake")
ASKED = st.lists(
    st.tuples(st.sampled_from(NODES), st.integers(0, 5), st.integers(1, 4) | st.none()), min_size=1, max_size=8
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(asked=ASKED)
async def test_the_database_refuses_exactly_what_the_rule_calls_an_overlap(
    database: str, asked: list[tuple[str, int, int | None]]
) -> None:
    ids = await _once()
    code = await _fresh_line()
    async with acting(MANAGER):
        pairs = await db.fetch("SELECT territory_id, array_agg(ancestor_id) AS up FROM territory_tree GROUP BY 1")
        lineage = {row["territory_id"]: frozenset(row["up"]) for row in pairs}
        held: list[Grant] = []
        for node, start, days in asked:
            first = SPRING + timedelta(days=start)
            last = None if days is None else first + timedelta(days=days)
            new = Grant(1, 1, ids[node], first, last)
            overlaps = any(_grants_overlap(new, other, lineage) for other in held)
            try:
                await _grant("D-1", code, node, first, last)
            except Conflict:
                assert overlaps
            else:
                assert not overlaps
                held.append(new)
        await _nodes_match_the_tree()


def _days_meet(a_from: date, a_to: date | None, b_from: date, b_to: date | None) -> bool:
    """Whether two half-open spans share a day; one that ends on the day the other begins does not meet it."""
    return (b_to is None or a_from < b_to) and (a_to is None or b_from < a_to)


def _grants_overlap(a: Grant, b: Grant, lineage: Mapping[int, frozenset[int]]) -> bool:
    """Whether two grants promise the same thing: the line is the same, the days meet, one place contains the other.

    `lineage` gives for each territory itself and all nodes above it. Two grants of the same dealer overlap too:
    one of them is then a mistake.
    """
    contained = a.territory_id in lineage[b.territory_id] or b.territory_id in lineage[a.territory_id]
    return a.line_id == b.line_id and contained and _days_meet(a.from_on, a.to_on, b.from_on, b.to_on)


async def _once() -> dict[str, int]:
    async with db.held(db.EVERYTHING):
        rows = await db.fetch("SELECT code, id FROM territory")
    return {row["code"]: row["id"] for row in rows} or await _prepare()


_lines = 0


async def _fresh_line() -> str:
    global _lines  # noqa: PLW0603 - examples share one database
    _lines += 1
    await make_line(f"L-{_lines}")
    return f"L-{_lines}"

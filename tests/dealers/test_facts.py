from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from channel import clock
from channel.access.rules import Role
from channel.database import db
from channel.database.snapshots import view_of
from channel.dealers.queries.dealers import dealer_card
from channel.dealers.queries.facts import NewFact, facts_at, facts_history, record_facts, refresh_dealers
from channel.dealers.rules import DatedFact, Fact, facts_as_of
from channel.dealers.service.facts import apply_due_facts
from channel.errors import Forbidden, Invalid, NotFound
from tests.make.access import acting, make_person, make_territories
from tests.make.dealers import FINANCE, MANAGER, change_fact, make_dealer

NOON = datetime(2020, 6, 15, 12, tzinfo=UTC)


async def test_a_value_is_added_and_the_earlier_one_can_be_asked(database: str) -> None:
    with clock.fixed(NOON):
        dealer_id = await make_dealer("D-1", terms=30)
    later = NOON + timedelta(hours=1)
    with clock.fixed(later):
        async with acting(FINANCE):
            assert await change_fact(FINANCE, "D-1", Fact.TERMS_DAYS, "45", effective_on=date(2020, 1, 1))
    async with acting(FINANCE):
        day = date(2020, 3, 1)
        assert (await facts_at([dealer_id], view_of(day, NOON)))[dealer_id].terms_days == 30
        assert (await facts_at([dealer_id], view_of(day, later)))[dealer_id].terms_days == 45
        assert (await facts_at(None, view_of(date(2019, 12, 31))))[dealer_id].terms_days == 30
        history = await facts_history(dealer_id, "terms_days")
    assert [(row["value"], row["effective_on"]) for row in history] == [
        ("45", date(2020, 1, 1)),
        ("30", date(2010, 1, 1)),
    ]


async def test_a_value_that_holds_already_adds_nothing(database: str) -> None:
    dealer_id = await make_dealer("D-1", currency="EUR")
    async with acting(FINANCE):
        before = await facts_history(dealer_id)
        assert not await change_fact(FINANCE, "D-1", Fact.CURRENCY, "eur")
        assert not await change_fact(FINANCE, "D-1", Fact.PARENT, "")
        assert await facts_history(dealer_id) == before


async def test_a_fact_with_a_day_ahead_counts_from_that_day(database: str) -> None:
    with clock.fixed(NOON):
        await make_dealer("D-1", terms=30)
        async with acting(FINANCE):
            await change_fact(FINANCE, "D-1", Fact.TERMS_DAYS, "60", effective_on=date(2020, 6, 16))
            assert await apply_due_facts() == 0
            assert (await dealer_card("D-1"))["terms_days"] == 30
    with clock.fixed(NOON + timedelta(days=1)):
        async with db.held(db.EVERYTHING):
            assert await apply_due_facts() == 1
            assert (await dealer_card("D-1"))["terms_days"] == 60
            assert await apply_due_facts() == 0


async def test_a_grade_needs_a_reason_and_leaves_its_trail(database: str) -> None:
    dealer_id = await make_dealer("D-1", grade="A")
    async with acting(MANAGER):
        with pytest.raises(Invalid):
            await change_fact(MANAGER, "D-1", Fact.GRADE, "AA", reason="  ")
        await change_fact(MANAGER, "D-1", Fact.GRADE, "AA", reason="paid early all year")
        row = await db.fetchrow("SELECT * FROM audit_dealer WHERE act = 'change grade' AND dealer_id = $1", dealer_id)
    assert row["before"] == {"grade": "A"}
    assert row["after"]["grade"] == "AA"
    assert row["reason"] == "paid early all year"
    assert row["actor"] == MANAGER.login


@pytest.mark.parametrize(
    ("before", "after", "allowed"),
    [
        ("prospect", "active", True),
        ("prospect", "on hold", False),
        ("active", "on hold", True),
        ("active", "prospect", False),
        ("on hold", "active", True),
        ("active", "ended", True),
        ("ended", "active", False),
        ("ended", "prospect", True),
    ],
)
async def test_statuses_change_along_their_way(database: str, before: str, after: str, *, allowed: bool) -> None:
    await make_dealer("D-1", status=before)
    async with acting(MANAGER):
        if allowed:
            assert await change_fact(MANAGER, "D-1", Fact.STATUS, after, reason="so it is")
        else:
            with pytest.raises(Invalid):
                await change_fact(MANAGER, "D-1", Fact.STATUS, after, reason="so it is")
        assert (await dealer_card("D-1"))["status"] == (after if allowed else before)


async def test_a_dealer_is_never_its_own_parent(database: str) -> None:
    await make_dealer("D-1")
    await make_dealer("D-2", parent="D-1")
    await make_dealer("D-3", parent="D-2")
    async with acting(MANAGER):
        for parent in ("D-1", "D-2", "D-3"):
            with pytest.raises(Invalid):
                await change_fact(MANAGER, "D-1", Fact.PARENT, parent)
        assert await change_fact(MANAGER, "D-3", Fact.PARENT, "")
        assert await change_fact(MANAGER, "D-1", Fact.PARENT, "D-3")


async def test_who_may_not_see_a_dealer_hears_what_one_hears_of_no_dealer(database: str) -> None:
    ids = await make_territories("East", "West")
    await make_dealer("D-1", territory="East")
    person = await make_person(Role.REGIONAL, ids["West"])
    said = []
    for code in ("D-1", "D-9"):
        async with acting(MANAGER.__class__(**{**_fields(person), "role": Role.MANAGER})) as narrow:
            with pytest.raises(NotFound) as refused:
                await change_fact(narrow, code, Fact.TERMS_DAYS, "1")
            said.append(str(refused.value).replace(code, "X"))
    assert said[0] == said[1]
    async with acting(person):
        with pytest.raises(Forbidden):
            await change_fact(person, "D-1", Fact.TERMS_DAYS, "1")


def _fields(person: object) -> dict[str, object]:
    return {name: getattr(person, name) for name in person.__slots__}


async def test_a_bound_person_cannot_move_a_dealer_away(database: str) -> None:
    ids = await make_territories("East/Harbour", "East/Old Town", "West")
    await make_dealer("D-1", territory="Harbour")
    bound = await make_person(Role.REGIONAL, ids["Harbour"])
    manager = MANAGER.__class__(**{**_fields(bound), "role": Role.MANAGER})
    async with acting(manager):
        for elsewhere in ("West", "East", "Old Town", "Nowhere"):
            with pytest.raises(Invalid):
                await change_fact(manager, "D-1", Fact.TERRITORY, elsewhere, effective_on=date(2100, 1, 1))


CHOICES = {
    Fact.TYPE: ["wholesale", "terminal"],
    Fact.GRADE: ["AAA", "B", None],
    Fact.STATUS: ["prospect", "active", "on hold", "ended"],
    Fact.CURRENCY: ["USD", "EUR"],
    Fact.TERMS_DAYS: ["0", "30", "45"],
    Fact.FIRST_YEAR_TARGET: ["1000", "2500.5", None],
    Fact.REPORTS_OWED: ["", "stock", "sell-through,stock", None],
    Fact.REPORTS_DUE_DAY: ["5", "28", None],
}
FACTS = st.lists(
    st.sampled_from(sorted(CHOICES)).flatmap(
        lambda fact: st.tuples(
            st.just(fact),
            st.sampled_from(CHOICES[fact]),
            st.integers(0, 6).map(lambda n: date(2020, 1, 1) + timedelta(days=n)),
        )
    ),
    max_size=14,
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(postings=st.lists(FACTS, max_size=4), as_of=st.integers(-1, 7), known=st.integers(-1, 5))
async def test_what_the_database_says_is_what_the_rule_says(
    database: str, postings: list[list[tuple[Fact, str | None, date]]], as_of: int, known: int
) -> None:
    """Random histories, any day, any moment; and the cached columns are what holds today as known now."""
    # The examples share one database, and what is recorded never goes back.
    example = _next()
    start = datetime(2020, 1, 4, tzinfo=UTC) + timedelta(seconds=10 * example)
    with clock.fixed(start):
        dealer_id = await make_dealer(f"D-{example}", effective_on=date(2020, 1, 1))
    facts: list[DatedFact] = []
    async with db.held(db.EVERYTHING):
        for row in reversed(await facts_history(dealer_id)):
            value = row["territory_id"] if row["fact"] == "territory" else row["value"]
            facts.append(DatedFact(Fact(row["fact"]), str(value), row["effective_on"], row["recorded_at"]))
        for n, posting in enumerate(postings, start=1):
            with clock.fixed(start + timedelta(seconds=n)):
                async with db.transaction():
                    posting_id = await _posting()
                    await record_facts(posting_id, [NewFact(dealer_id, f.value, v, day) for f, v, day in posting])
                    await refresh_dealers([dealer_id], clock.today())
            at = start + timedelta(seconds=n)
            facts += [DatedFact(f, v, day, at, 100 * n + i) for i, (f, v, day) in enumerate(posting)]
        day, moment = date(2020, 1, 1) + timedelta(days=as_of), start + timedelta(seconds=known)
        found = (await facts_at([dealer_id], view_of(day, moment))).get(dealer_id)
        assert found == facts_as_of(dealer_id, facts, day, moment)
        now = facts_as_of(dealer_id, facts, start.date(), start + timedelta(days=1))
        cached = await db.fetchrow("SELECT * FROM dealer WHERE id = $1", dealer_id)
        assert now is not None
        for column in ("type", "territory_id", "parent_id", "grade", "status", "currency", "terms_days"):
            assert cached[column] == getattr(now, column)


_count = 0


def _next() -> int:
    global _count  # noqa: PLW0603 - examples share one database
    _count += 1
    return _count


async def _posting() -> int:
    from channel.access.service import open_posting  # noqa: PLC0415

    return await open_posting(MANAGER, "change grade")

"""Ageing on PostgreSQL: by the rules of random ledgers, by group as it was then, and in company currency."""

from dataclasses import replace as changed
from datetime import date
from decimal import Decimal
from random import Random

import pytest

from channel import clock
from channel.access import queries as access
from channel.access.rules import Person, Role
from channel.dealers.rules import Fact
from channel.errors import Forbidden, Invalid, NotFound
from channel.lists import ALL
from channel.receivables.lists.ageing import AGED_ITEMS
from channel.receivables.queries.ageing import Cell
from channel.receivables.queries.documents import document_of, documents
from channel.receivables.rules.ageing import AgeBasis, AgeBy, Buckets, Money, compute_ageing
from channel.receivables.rules.disputes import Dispute, disputed_items
from channel.receivables.rules.documents import Document, DocumentKind
from channel.receivables.rules.movements import Movement, compute_standing
from channel.receivables.service.ageing import AgeingRow, Asked, Told, ageing, documents_behind, history
from channel.view import View
from tests.make.access import acting, make_person, make_territories
from tests.make.dealers import change_fact, make_dealer, make_rate
from tests.make.disputes import dispute_at_random, disputes_posted
from tests.make.ledger import post as post_documents
from tests.make.ledger import post_at_random
from tests.make.receivables import D, day, moment, movements_posted, owed, paying

NOW = 60 * 24
"""The hour, counted from 1 January 2025, that is now where a test looks."""


async def post(finance: Person, code: str, *given: Document, at: int) -> None:
    await post_documents(finance, *given, at=at, code=code)


async def told(person: Person, view: View | None = None, **asked: object) -> Told:
    with clock.fixed(moment(NOW)):
        async with acting(person):
            return await ageing(person, Asked(**asked), view or View(clock.today(), clock.now()))  # type: ignore[arg-type] # as a test says


def as_of(on: int, known_at: int | None = None) -> View:
    return View(day(on), moment(NOW if known_at is None else known_at), past=known_at is not None, dated=True)


def figures(row: AgeingRow) -> tuple[tuple[Decimal, ...], Decimal, Decimal, Decimal]:
    return tuple(row.buckets.values()), row.unapplied, row.bills, row.disputed


def by_group(found: Told) -> dict[tuple[str | None, str], Decimal]:
    return {(row.group, row.currency): row.balance for row in found.rows}


@pytest.fixture
async def finance(database: str) -> Person:
    with clock.fixed(moment(0)):
        return await make_person(Role.FINANCE)


@pytest.fixture
async def dealers(finance: Person) -> dict[str, int]:
    with clock.fixed(moment(0)):
        places = await make_territories("East/Harbour", "West")
        made = {"D-1": await make_dealer("D-1", currency="CNY", territory=places["Harbour"])}
        made["D-2"] = await make_dealer("D-2", type="wholesale", territory=places["West"], terms=60)
        return made


async def _by_the_rules(
    dealer_id: int, movements: list[Movement], disputes: list[Dispute], view: View, buckets: Buckets
) -> tuple[tuple[Decimal, ...], Decimal, Decimal, Decimal]:
    standing = compute_standing(movements, view)
    ids = [key.document_id for key in standing.items]
    posted = {key: document_of(row) for key, row in (await documents(dealer_id, ids)).items()}
    row = compute_ageing(standing, posted, view.as_of, buckets, disputed_items(standing.items, disputes, view))
    return row.buckets, row.unapplied, row.bills, row.disputed


@pytest.mark.parametrize("seed", range(6))
async def test_every_view_is_aged_as_the_rules_age_it(seed: int, finance: Person, dealers: dict[str, int]) -> None:
    random = Random(seed)  # noqa: S311 - documents for a test
    last = await dispute_at_random(random, finance, await post_at_random(random, finance, "D-1"))
    async with acting(finance):
        movements, disputes = await movements_posted(dealers["D-1"]), await disputes_posted(dealers["D-1"])
    assert disputes
    for _ in range(40):
        basis, edges = random.choice(list(AgeBasis)), random.choice(["30", "1,2", "1,3,5,8", "2,4"])
        buckets = Buckets(basis, tuple(map(int, edges.split(","))))
        view = as_of(random.randint(-1, 25), random.randint(20 * 24, last + 1))
        if random.random() < 0.2:
            view = View(day(60), moment(NOW))
        found = await told(finance, view, basis=basis, edges=edges)
        async with acting(finance):
            expected = await _by_the_rules(dealers["D-1"], movements, disputes, view, buckets)
            standing = compute_standing(movements, view)
        nothing = ((D(0),) * len(buckets.names), D(0), D(0), D(0))
        assert [figures(row) for row in found.rows] == ([] if expected == nothing else [expected]), view
        for row in found.totals:
            assert (row.open, row.balance, row.bills) == (standing.open, standing.balance, standing.in_bills)
            assert sum(row.buckets.values()) == row.open >= row.disputed


async def test_documents_behind_a_cell_make_the_cell(finance: Person, dealers: dict[str, int]) -> None:
    bill = paying("30", kind=DocumentKind.BILL, number="B", on=3, matures_on=day(70), references=("I1",))
    await post(finance, "D-1", owed("100", due=20), owed("50", number="I2", on=40), paying("7", on=2), bill, at=NOW - 9)
    await post(finance, "D-2", owed("80", number="I9", currency="USD", due=20), at=NOW - 8)
    found = await told(finance)
    assert {row.group: (row.buckets["31-60"], row.buckets["not_due"], row.bills) for row in found.rows} == {
        "D-1": (D(63), D(50), D(30)),
        "D-2": (D(80), D(0), D(0)),
    }
    with clock.fixed(moment(NOW)):
        async with acting(finance):
            for by in AgeBy:
                asked = Asked(by=by)
                view = View(clock.today(), clock.now())
                rows = (await ageing(finance, asked, view)).rows
                assert rows
                for row in rows:
                    mine = changed(asked, currency=row.currency)
                    for column, amount in {**row.buckets, "unapplied": row.unapplied, "bills": row.bills}.items():
                        cell = Cell(by, row.group, column)
                        page = await documents_behind(finance, mine, cell, view, AGED_ITEMS, ALL)
                        assert sum(each["left"] for each in page.items) == amount, (by, row.group, column)
            total = await documents_behind(finance, Asked(), Cell(), view, AGED_ITEMS, ALL)
            assert [each["number"] for each in total.items] == ["I1", "I2", "I9"]
            with pytest.raises(Invalid):
                await documents_behind(finance, Asked(), Cell(column="1-31"), view, AGED_ITEMS, ALL)


async def test_groups_are_those_of_the_day_as_known_then(finance: Person, dealers: dict[str, int]) -> None:
    await post(finance, "D-1", owed("100"), at=24)
    await post(finance, "D-2", owed("80", currency="USD"), at=24)
    manager = await make_person(Role.MANAGER)
    with clock.fixed(moment(20 * 24)):
        async with acting(manager):
            await change_fact(manager, "D-1", Fact.TERRITORY, "West", effective_on=day(10), reason="moved")
            await change_fact(manager, "D-1", Fact.TYPE, "wholesale", effective_on=day(10), reason="moved")
            await change_fact(manager, "D-1", Fact.TERMS_DAYS, "45", effective_on=day(10), reason="moved")
    then, moved = (D(100), "Harbour"), (D(100), "West")
    for view, expected in ((as_of(9), then), (as_of(10), moved), (as_of(12, 19 * 24), then), (None, moved)):
        found = by_group(await told(finance, view, by=AgeBy.TERRITORY))
        assert found == {(expected[1], "CNY"): D(100), ("West", "USD"): D(80)}, view
        east = by_group(await told(finance, view, territory="East"))
        assert east == ({("D-1", "CNY"): D(100)} if expected is then else {})
    assert set(by_group(await told(finance, as_of(12, 19 * 24), by=AgeBy.TYPE))) == {
        ("terminal", "CNY"),
        ("wholesale", "USD"),
    }
    assert set(by_group(await told(finance, by=AgeBy.TYPE))) == {("wholesale", "CNY"), ("wholesale", "USD")}
    assert set(by_group(await told(finance, by=AgeBy.TERMS))) == {("45", "CNY"), ("60", "USD")}
    assert set(by_group(await told(finance, as_of(9), by=AgeBy.TERMS))) == {("30", "CNY"), ("60", "USD")}
    assert by_group(await told(finance, type="wholesale", territory="West", currency="USD")) == {("D-2", "USD"): D(80)}


async def test_company_currency_is_the_latest_rate_and_what_has_none_stands_outside(
    finance: Person, dealers: dict[str, int]
) -> None:
    await post(finance, "D-1", owed("100.01"), owed("7", number="E1", currency="EUR"), at=24)
    await post(finance, "D-2", owed("80", currency="USD"), at=24)
    with clock.fixed(moment(30 * 24)):
        await make_rate("CNY", day(20), "0.13333")
        await make_rate("CNY", day(25), "0.14005")
    found = await told(finance, as_of(27), money=Money.COMPANY)
    assert found.rates == {"CNY": (D("0.14005"), day(25))}
    assert [(row.group, row.currency, row.open) for row in found.rows] == [
        ("D-1", "EUR", D(7)),
        ("D-1", "USD", D("14.0064")),
        ("D-2", "USD", D(80)),
    ]
    assert [(row.currency, row.dealers, row.open) for row in found.totals] == [
        ("USD", 2, D("94.0064")),
        ("EUR", 1, D(7)),
    ]
    assert [row.currency for row in found.lacking] == ["EUR"]
    for by in AgeBy:
        other = await told(finance, as_of(27), money=Money.COMPANY, by=by)
        assert [row.open for row in other.totals] == [D("94.0064"), D(7)], by
    assert (await told(finance, as_of(27, 29 * 24), money=Money.COMPANY)).rates == {}
    assert (await told(finance, as_of(33), money=Money.COMPANY)).rates == {}
    with clock.fixed(moment(NOW)):
        async with acting(finance):
            asked = Asked(money=Money.COMPANY)
            page = await documents_behind(finance, asked, Cell(column="open"), as_of(27), AGED_ITEMS, ALL)
            assert [each["number"] for each in page.items] == ["I1", "I1"]


async def test_regional_staff_see_their_dealers_and_the_sum_of_these(finance: Person, dealers: dict[str, int]) -> None:
    await post(finance, "D-1", owed("100"), at=24)
    await post(finance, "D-2", owed("80"), at=24)
    with clock.fixed(moment(48)):
        async with acting(finance):
            west = (await access.territory_by_code("West"))["id"]  # type: ignore[index]
    near = await make_person(Role.REGIONAL, west)
    found = await told(near)
    assert [(row.group, row.open) for row in found.rows] == [("D-2", D(80))]
    assert [row.open for row in found.totals] == [D(80)]
    assert by_group(await told(near, as_of(20, 48), by=AgeBy.TERRITORY)) == {("West", "CNY"): D(80)}
    with pytest.raises(NotFound):
        await told(near, dealer="D-1")
    with pytest.raises(Forbidden):
        await told(await make_person(Role.ADMINISTRATOR))


@pytest.mark.parametrize(
    "edges", ["", " ", "0", "30,20", "30,,60", "a", "-1", "30,3661", "٣", "1.5", ",".join(map(str, range(1, 15)))]
)
async def test_edges_that_make_no_buckets_are_refused(edges: str, finance: Person) -> None:
    if not edges:
        assert list((await told(finance, edges=edges)).buckets.edges) == [30, 60, 90, 180]
        return
    with pytest.raises(Invalid) as refused:
        await told(finance, edges=edges)
    assert [each.field for each in refused.value.errors] == ["edges"]


async def test_twelve_month_ends_are_told_as_known_at_one_moment(finance: Person, dealers: dict[str, int]) -> None:
    await post(finance, "D-2", owed("80", currency="USD", due=10), at=24)
    await post(finance, "D-2", paying("30", currency="USD", on=35), at=40 * 24)
    with clock.fixed(moment(NOW)):
        async with acting(finance):
            found = await history(finance, Asked(), View(clock.today(), clock.now()))
            earlier = await history(finance, Asked(), as_of(45, 30 * 24))
    assert found is not None
    assert found.currency == "USD"
    assert [str(each.month) for each in found.ends][-3:] == ["2025-01", "2025-02", "2025-03"]
    assert [each.ageing.open for each in found.ends][-3:] == [D(80), D(50), D(50)]
    assert len(found.ends) == 12
    assert found.ends[0].ageing.open == 0
    assert found.ends[-3].ageing.buckets[1] == D(80)
    assert earlier is not None
    assert [each.ageing.open for each in earlier.ends][-2:] == [D(80), D(80)]


async def test_month_ends_begin_with_the_first_day_of_business(finance: Person) -> None:
    with clock.fixed(moment(NOW)):
        async with acting(finance):
            found = await history(finance, Asked(currency="CNY"), View(date(1900, 3, 5), clock.now(), dated=True))
    assert found is not None
    assert [str(each.month) for each in found.ends] == ["1900-01", "1900-02", "1900-03"]

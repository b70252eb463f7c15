"""The desk, the list and the dealer page: their figures are those of the rooms, within the person's scope."""

import csv
import io
import re
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, date, datetime
from decimal import Decimal

import httpx
import pytest
from litestar import Litestar
from python_calamine import CalamineWorkbook

from channel import clock
from channel.access.rules import Person, Role
from channel.credit.service.explain import explain
from channel.credit.service.limits import limit_of
from channel.database import db
from channel.database.snapshots import view_of
from channel.dealers.queries.lists import DealerFilter
from channel.dealers.rules import Fact
from channel.desk.lists import DEALERS
from channel.desk.service.dealer import dealer_page
from channel.desk.service.desk import desk_of
from channel.desk.service.lists import dealer_list
from channel.errors import NotFound
from channel.lists import ALL, Wanted
from channel.periods import Month
from channel.sales.queries import months as month_queries
from channel.sales.service.views import chase_list
from tests.make.access import acting, make_person
from tests.make.dealers import change_fact, make_line
from tests.make.limits import Desk, make_dealer_selling, make_desk, make_sold, propose_limit, put_in_force

Browser = Callable[[Person], Awaitable[httpx.AsyncClient]]
NOW = datetime(2013, 12, 20, 8, tzinfo=UTC)
TWO_YEARS = [str(Month(2011, 12).plus(n)) for n in range(24)]
YEAR_BEFORE, YEAR = TWO_YEARS[:12], TWO_YEARS[12:]
NOT_A_QUERY = (
    "BEGIN",
    "ROLLBACK",
    "COMMIT",
    "SELECT 1",
    "SELECT pg_advisory",
    "SELECT set_config",
    "SELECT pg_catalog",
)


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with clock.fixed(NOW):
        yield


@pytest.fixture
async def desk(app: Litestar, database: str) -> Desk:
    """D-1 in the East sold 10,000 a month and then 12,000, with stock and a limit; D-2 in the North sold 100."""
    made = await make_desk()
    await make_line("Tyres", wanted_type="terminal")
    await make_dealer_selling(
        made, "D-1", 10_000, YEAR_BEFORE, type="wholesale", lines=["Tyres"], name="Harbour Wholesale"
    )
    await make_sold(made.manager, YEAR, {"D-1": 12_000}, dealers=frozenset({"D-1"}))
    await make_sold(made.manager, YEAR[:-1], {"D-1": 9_000}, kind="sell-through", dealers=frozenset({"D-1"}))
    await make_dealer_selling(made, "D-2", 100, YEAR, territory="Lake District", grade=None)
    await put_in_force(made, "D-1", 8_000, date(2013, 6, 1))
    return made


async def test_the_figures_of_the_dealer_page_are_those_of_the_rooms(desk: Desk) -> None:
    async with acting(desk.finance) as person:
        page = await dealer_page(person, "D-1", view_of())
        explained = await explain(person, "D-1", view_of())
        held = await limit_of(person, "D-1", view_of())
        since = explained.since
        months = await month_queries.months([page.card["id"]], ["sell-in"], Month(2011, 12), Month(2013, 11))
        chased = await chase_list(person)
    assert page.limit is not None
    assert page.limit.decision.amount == explained.decision.amount == Decimal(12_000)
    assert page.limit.decision.steps == explained.decision.steps
    assert page.limit.held == held
    assert page.limit.since is None is since, "the limit was set by hand and rests on no assessment"
    assert page.sales.rows["sell-in"] == tuple(each.amount for each in months)
    assert page.sales.sell_in.total == Decimal(144_000)
    assert page.sales.sell_in.change_rate == Decimal("0.2")
    assert page.sales.rows["sell-through"][-1] is None, "November was not reported, which is not zero"
    assert page.sales.sell_through.missing == 1
    assert page.owed == tuple(each for each in chased if each.dealer == "D-1")
    assert [(each.kind, len(each.months)) for each in page.owed] == [("stock", 3), ("sell-through", 1)]


async def test_the_dealer_page_takes_few_queries(desk: Desk, browser: Browser) -> None:
    client = await browser(desk.finance)
    assert (await client.get("/dealers/D-1")).status_code == 200  # a new connection learns types once
    asked: list[str] = []
    held = db.held

    def counted(scope: db.Scope = db.CLOSED, patience: db.Patience = db.UNHURRIED) -> object:
        return _Counting(held(scope, patience), asked)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(db, "held", counted)
        answer = await client.get("/dealers/D-1")
    assert answer.status_code == 200
    queries = [each for each in asked if not each.startswith(NOT_A_QUERY)]
    assert asked, "the counter saw nothing"
    assert len(queries) <= 25, queries


class _Counting:
    """A held connection whose statements are noted."""

    def __init__(self, held: object, asked: list[str]) -> None:
        self._held, self._asked = held, asked

    async def __aenter__(self) -> object:
        mine = await self._held.__aenter__()  # type: ignore[attr-defined]
        mine.connection.add_query_logger(self._note)
        return mine

    async def __aexit__(self, *fault: object) -> object:
        db.connection().remove_query_logger(self._note)
        return await self._held.__aexit__(*fault)  # type: ignore[attr-defined]

    def _note(self, query: object) -> None:
        text = str(query.query).strip()  # type: ignore[attr-defined]
        if "typeinfo_tree" not in text and "current_setting('jit')" not in text:
            self._asked.append(text)


async def test_a_dealer_is_seen_as_of_a_day_as_known_at_a_moment(desk: Desk) -> None:
    async with acting(desk.finance) as person:
        early = await dealer_page(person, "D-1", view_of(date(2013, 3, 1)))
        unknown = await dealer_page(person, "D-1", view_of(None, datetime(2013, 1, 1, tzinfo=UTC)))
        now = await dealer_page(person, "D-1", view_of())
    assert early.past
    assert early.sales.months[-1] == Month(2013, 2)
    assert early.limit is not None
    assert early.limit.held.state.total is None, "the limit began in June"
    assert (early.sales.sell_in.total, now.sales.sell_in.total) == (Decimal(126_000), Decimal(144_000))
    assert unknown.facts is None
    assert unknown.limit is not None
    assert unknown.limit.decision.amount is None
    assert unknown.sales.sell_in.total is None


async def test_who_may_not_know_of_a_dealer_finds_nothing_of_it(desk: Desk, browser: Browser) -> None:
    async with acting(desk.north) as person:
        with pytest.raises(NotFound):
            await dealer_page(person, "D-1", view_of())
        assert [each.row["code"] for each in (await dealer_list(person, DealerFilter(), ALL)).items] == ["D-2"]
        north = await desk_of(person)
    assert (north.figures.wholesale, north.figures.terminal, north.figures.limits) == (0, 1, 0)
    assert {each.dealer for each in north.late} == {"D-2"}
    client = await browser(desk.north)
    assert (await client.get("/dealers/D-1")).status_code == 404
    assert (await client.get("/api/v1/dealers/D-1/card")).status_code == 404
    assert "Harbour Wholesale" not in (await client.get("/search?q=Harbour")).text
    assert (await client.get("/api/v1/search?q=Harbour")).json()["items"] == []


async def test_no_limit_is_offered_to_whoever_gets_none(desk: Desk, browser: Browser) -> None:
    client = await browser(desk.manager)
    assert "Propose" in (await client.get("/dealers/D-2")).text
    async with acting(desk.manager):
        await change_fact(desk.manager, "D-2", Fact.STATUS, "ended", effective_on=clock.today(), reason="sold")
    page = await client.get("/dealers/D-2")
    assert page.status_code == 200
    assert "Propose" not in page.text


async def test_figures_are_the_same_for_everybody_who_sees_the_dealer(desk: Desk) -> None:
    told = set()
    for each in desk.everybody():
        async with acting(each) as person:
            page = await dealer_page(person, "D-1", view_of())
            assert page.limit is not None
            told.add((page.limit.decision.amount, page.limit.held.state.total, page.sales.sell_in.total))
    assert told == {(Decimal(12_000), Decimal(8_000), Decimal(144_000))}


async def test_the_list_shows_the_figures_and_sorts_by_every_column(desk: Desk) -> None:
    async with acting(desk.finance) as person:
        listed = await dealer_list(person, DealerFilter(), ALL)
        for sort in DEALERS.sorts:
            up = await dealer_list(person, DealerFilter(), Wanted(sort))
            down = await dealer_list(person, DealerFilter(), Wanted(f"-{sort}"))
            assert [each.row["id"] for each in up.items] == [each.row["id"] for each in reversed(down.items)], sort
            first = await dealer_list(person, DealerFilter(), Wanted(f"-{sort}", limit=1))
            second = await dealer_list(person, DealerFilter(), Wanted(f"-{sort}", first.next, 1))
            assert [*first.items, *second.items] == down.items, sort
        best = await dealer_list(person, DealerFilter(), Wanted("-sell_in"))
    first_row = {each.row["code"]: each for each in listed.items}["D-1"]
    assert first_row.year.total == Decimal(144_000)
    assert first_row.limit.total == Decimal(8_000)
    assert [each.row["code"] for each in best.items] == ["D-1", "D-2"]
    assert listed.found == (2, 1, 1)


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
async def test_the_export_is_exactly_what_is_filtered(desk: Desk, browser: Browser, kind: str) -> None:
    client = await browser(desk.finance)
    answer = await client.get(f"/dealers/export?format={kind}&type=wholesale")
    assert answer.status_code == 200
    if kind == "csv":
        rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    else:
        rows = CalamineWorkbook.from_filelike(io.BytesIO(answer.content)).get_sheet_by_index(0).to_python()
    assert [row[0] for row in rows[1:]] == ["D-1"]
    assert [Decimal(str(each)) for each in rows[1][9:13]] == [144_000, 0, 20, 8_000]


async def test_the_desk_counts_what_waits(desk: Desk) -> None:
    async with acting(desk.finance) as person:
        before = await desk_of(person)
        chased = await chase_list(person)
    assert before.figures.limits_amount == Decimal(8_000)
    assert before.figures.missing_reports == len(chased)
    assert before.figures.missing_months == sum(len(each.months) for each in chased)
    assert before.named("to_decide").open.count == 0
    async with acting(desk.manager) as person:
        await propose_limit(person, "D-2", "base", amount=Decimal(100), reason="asked for")
        manager = await desk_of(person)
    async with acting(desk.finance) as person:
        limits = (await desk_of(person)).named("to_decide")
    assert (limits.open.count, limits.open.waiting) == (1, 1)
    assert [str(each.what) for each in limits.items] == ["Limit of Dealer D-2: 100.0000 USD"]
    (own,) = manager.named("to_decide").own
    assert re.fullmatch("You proposed it on .*; 0 of 1 approvals.", str(own.why))
    assert [item.key for each in manager.waits for item in each.items] == ["D-1"]
    assert [row["code"] for row in manager.ungraded] == ["D-2"]


@pytest.mark.parametrize("role", [Role.FINANCE, Role.MANAGER, Role.AUDITOR, Role.ADMINISTRATOR])
async def test_every_role_has_its_pages_in_both_languages(desk: Desk, browser: Browser, role: Role) -> None:
    client = await browser(await make_person(role))
    for language, word in (("en", "Dealers"), ("zh-CN", "经销商")):
        for path in ("/", "/dealers", "/dealers?sort=-limit&type=terminal", "/dealers/D-1", "/dealers/D-2"):
            answer = await client.get(path, headers={"accept-language": language})
            assert answer.status_code == 200, (path, answer.text)
            assert word in answer.text
            assert "style=" not in answer.text
            if language == "zh-CN":
                assert "Missing reports" not in answer.text


async def test_the_card_and_the_desk_tell_the_same_over_the_api(
    desk: Desk, api: Callable[[Person], Awaitable[httpx.AsyncClient]]
) -> None:
    client = await api(desk.finance)
    card = (await client.get("/api/v1/dealers/D-1/card?as_of=2013-12-01")).json()
    assert card["limit"]["computed"]["amount"] == "12000"
    assert card["limit"]["in_force"] == "8000.0000"
    assert card["sell_in"] == {"total": "144000.0000", "missing": 0, "change_rate": "0.200000", "compared": 12}
    assert card["months"][-1] == {"month": "2013-11", "sell_in": "12000.0000", "sell_through": None, "stock": None,
                                  "before_appointment": False}  # fmt: skip
    told = (await client.get("/api/v1/desk")).json()
    assert told["figures"]["wholesale"] == 1
    listed = (await client.get("/api/v1/desk/dealers?sort=-sell_in&limit=1")).json()
    assert [each["code"] for each in listed["items"]] == ["D-1"]
    assert listed["next"]


@pytest.mark.parametrize("query", ["as_of=yesterday", "known_at=never", "known_at=2199-01-01T00:00"])
async def test_a_view_that_makes_no_sense_is_refused(desk: Desk, browser: Browser, query: str) -> None:
    client = await browser(desk.finance)
    assert (await client.get(f"/dealers/D-1?{query}")).status_code == 422
    assert (await client.get("/dealers?sort=-sell_in&cursor=bm9uc2Vuc2U")).status_code == 422


async def test_a_new_house_is_led_on_until_there_are_dealers_and_reports(database: str, browser: Browser) -> None:
    administrator = await browser(await make_person(Role.ADMINISTRATOR))
    page = (await administrator.get("/")).text
    assert "How to begin" in page
    # Only the step that is the reader's own has an act; the others say whose they are.
    assert 'href="/add-person">Add a person' in page
    assert 'href="/imports?kind=dealers"' not in page
    assert page.count("does this.") == 5
    manager = await browser(await make_person(Role.MANAGER))
    assert 'href="/imports?kind=dealers"' in (await manager.get("/")).text
    await make_person(Role.FINANCE)
    assert "done</span>" in (await manager.get("/")).text


async def test_a_house_at_work_is_not_told_how_to_begin(desk: Desk, browser: Browser) -> None:
    assert "How to begin" not in (await (await browser(desk.finance)).get("/")).text

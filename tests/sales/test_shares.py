"""A load of somebody else, as regional staff see it: what it says of their dealers, and nothing of its file."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import httpx
import pytest
from litestar import Litestar

from channel.access.queries import AuditFilter
from channel.access.rules import Person, Role
from channel.access.service import audit_lines
from channel.lists import ALL
from tests.make.access import acting, make_person, make_session
from tests.make.sales import csv_of, loaded
from tests.make.world import World, make_world
from tests.walls.test_every_address import QUESTIONS, paths_of

V1 = "/api/v1"
NAME = "geheim-4711"
PERIOD = "2025-01"
HEADER = "dealer,date,product,quantity,amount,document,line"


@dataclass(frozen=True)
class Loads:
    """Loads of the manager: of both dealers, of D-1 alone, one only checked, one of dealers; and a person beside."""

    world: World
    both: dict[str, Any]
    east: dict[str, Any]
    checked: dict[str, Any]
    masters: dict[str, Any]
    colleague: Person

    @property
    def regional(self) -> Person:
        """Regional staff of the East, where D-1 is."""
        return self.world.people[Role.REGIONAL]


@pytest.fixture
async def loads(database: str) -> Loads:
    world = await make_world()
    manager = world.people[Role.MANAGER]
    east = csv_of(HEADER, "D-1,2025-02-05,RB-210,1,50.00,C1,1")
    both = csv_of(
        HEADER,
        "D-1,2025-01-05,RB-210,2,200.25,A1,1",
        "D-1,2025-01-06,RB-210,1,100.00,A1,2",
        "D-2,2025-01-07,RB-210,7,777.77,B1,1",
        "D-2,soon,RB-210,1,1.00,SECRET,1",
    )
    masters = csv_of("code,name,type,territory,currency,terms_days", "D-3,Dealer D-3,terminal,Harbour City,USD,30")
    return Loads(
        world,
        await loaded(manager, "sell-in", both, f"{NAME}.csv", period=PERIOD, partial=True),
        await loaded(manager, "sell-in", east, f"{NAME}-east.csv", period="2025-02", dealers=frozenset({"D-1"})),
        await loaded(manager, "sell-through", both, f"{NAME}-2.csv", period=PERIOD, dry_run=True),
        await loaded(manager, "dealers", masters, f"{NAME}-3.csv"),
        await make_person(Role.REGIONAL, world.territories["East"], login="regional-3"),
    )


def reader_of(app: Litestar, session: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app), base_url="http://channel.test", cookies={"channel_session": session}
    )


async def test_the_api_tells_the_share_of_ones_own_dealers(api: Callable[[Person], Any], loads: Loads) -> None:
    assert [each["state"] for each in (loads.both, loads.east, loads.masters)] == ["loaded"] * 3
    told = {}
    for person in (loads.regional, loads.world.elsewhere):
        client = await api(person)
        told[person.login] = (await client.get(f"{V1}/imports/{loads.both['id']}")).json()
        for hidden in (loads.checked, loads.masters):
            assert (await client.get(f"{V1}/imports/{hidden['id']}")).status_code == 404
        assert (await client.get(f"{V1}/imports/{loads.both['id']}/rejects.csv")).status_code == 404
        answer = await client.post(f"{V1}/imports/{loads.both['id']}/load", json={})
        assert answer.status_code == 404
    here, there = told["regional-1"], told["regional-2"]
    assert here["share"] == {
        "first": "2025-01-01", "last": "2025-01-31", "dealers": 1, "lines": 2, "company_amount": "300.2500",
    }  # fmt: skip
    assert here["counts"] == {"loaded": 2, "dealers": 1}
    assert (there["share"]["lines"], Decimal(there["share"]["company_amount"])) == (1, Decimal("777.77"))
    told_at_all = {"id", "kind", "state", "asked_by", "asked_at", "finished_at", "phase", "counts", "share"}
    assert {name for name, value in here.items() if value is not None} == told_at_all
    # Where nothing concerns one's dealers there is no such load.
    stranger = await api(loads.world.elsewhere)
    assert (await stranger.get(f"{V1}/imports/{loads.east['id']}")).status_code == 404
    listed = {}
    for person in (loads.regional, loads.world.elsewhere):
        items = (await (await api(person)).get(f"{V1}/imports")).json()["items"]
        assert {each["file_name"] for each in items} == {None}
        listed[person.login] = [each["id"] for each in items]
    assert listed == {"regional-1": [loads.east["id"], loads.both["id"]], "regional-2": [loads.both["id"]]}


async def test_lists_of_loads_go_on_where_they_ended(api: Callable[[Person], Any], loads: Loads) -> None:
    own = csv_of(HEADER, "D-1,2025-03-05,RB-210,1,50.00,C9,1")
    mine = await loaded(loads.regional, "sell-in", own, "mine.csv", period="2025-03")
    client = await api(loads.regional)
    found, cursor = [], None
    for _ in range(3):
        page = (await client.get(f"{V1}/imports", params={"limit": 1} | ({"cursor": cursor} if cursor else {}))).json()
        found += [(each["id"], each["file_name"]) for each in page["items"]]
        cursor = page["next"]
    assert found == [(mine["id"], "mine.csv"), (loads.east["id"], None), (loads.both["id"], None)]
    assert cursor is None
    # Who brought it sees it whole, a colleague of the same branch the share of it.
    whole = (await client.get(f"{V1}/imports/{mine['id']}")).json()
    assert (whole["file_name"], whole["counts"]["lines"], whole["share"]) == ("mine.csv", 1, None)
    colleague = (await (await api(loads.colleague)).get(f"{V1}/imports/{mine['id']}")).json()
    assert (colleague["file_name"], colleague["share"]["lines"]) == (None, 1)


async def test_reports_count_the_lines_of_ones_own_dealers(api: Callable[[Person], Any], loads: Loads) -> None:
    again = csv_of(HEADER, "D-1,2025-01-05,RB-210,1,10.00,A9,1", "D-2,2025-01-07,RB-210,1,10.00,B9,1")
    await loaded(loads.world.people[Role.MANAGER], "sell-in", again, f"{NAME}-again.csv", period=PERIOD)
    counted = {}
    for person in (loads.regional, loads.world.elsewhere, loads.world.people[Role.MANAGER]):
        items = (await (await api(person)).get(f"{V1}/sales/reports")).json()["items"]
        counted[person.login] = [(e["file_name"], e["dealers"], e["lines"], e["superseded"]) for e in items]
    assert counted == {
        "regional-1": [(None, 2, 1, 2), (None, 1, 1, 0), (None, 1, 2, 0)],
        "regional-2": [(None, 1, 1, 1), (None, 1, 1, 0)],
        "manager-1": [
            (f"{NAME}-again.csv", 3, 2, 3), (f"{NAME}-east.csv", 1, 1, 0), (f"{NAME}.csv", 2, 3, 0),
        ],
    }  # fmt: skip


async def test_days_without_a_line_are_zero_and_counts_have_no_amount(
    api: Callable[[Person], Any], loads: Loads
) -> None:
    manager = loads.world.people[Role.MANAGER]
    sold = csv_of(HEADER, "D-1,2025-04-05,RB-210,1,50.00,Z1,1")
    quiet = await loaded(manager, "sell-in", sold, period="2025-04", dealers=frozenset({"D-1", "D-2"}))
    counted = await loaded(manager, "stock", csv_of("dealer,date,product,quantity", "D-2,2025-04-30,RB-210,4"))
    client = await api(loads.world.elsewhere)
    shares = [(await client.get(f"{V1}/imports/{load['id']}")).json()["share"] for load in (quiet, counted)]
    assert [(each["lines"], each["company_amount"]) for each in shares] == [(0, "0"), (1, None)]
    assert (shares[1]["first"], shares[1]["last"]) == ("2025-04-30", "2025-04-30")


async def test_pages_show_the_share(app: Litestar, loads: Loads) -> None:
    async with reader_of(app, await make_session(loads.regional)) as reader:
        page = await reader.get(f"/imports/{loads.both['id']}")
        assert page.status_code == 200
        for shown in ("Somebody else brought this file", "300.25", "Sell-in", "by manager-1", "loaded"):
            assert shown in page.text
        assert "777.77" not in page.text
        assert "rejects.csv" not in page.text
        listed = (await reader.get("/imports")).text
        assert f'href="/imports/{loads.both["id"]}">Sell-in<' in listed
        assert f"/imports/{loads.checked['id']}" not in listed
        assert f'href="/imports/{loads.both["id"]}">Sell-in<' in (await reader.get("/sales")).text
        for hidden in (loads.checked, loads.masters):
            assert (await reader.get(f"/imports/{hidden['id']}")).status_code == 404
        assert (await reader.get(f"/imports/{loads.both['id']}/rejects.csv")).status_code == 404
    async with reader_of(app, await make_session(loads.world.elsewhere)) as stranger:
        assert "777.77" in (await stranger.get(f"/imports/{loads.both['id']}")).text
        assert (await stranger.get(f"/imports/{loads.east['id']}")).status_code == 404


@pytest.mark.parametrize("who", ["regional", "colleague", "elsewhere"])
async def test_no_answer_names_the_file_of_somebody_else(app: Litestar, loads: Loads, who: str) -> None:
    person = loads.world.elsewhere if who == "elsewhere" else getattr(loads, who)
    dealer = "D-2" if who == "elsewhere" else "D-1"
    secrets = (NAME, loads.both["sha256"], "SECRET")
    asked, opened = 0, 0
    async with reader_of(app, await make_session(person)) as reader:
        for path in paths_of(app, "GET"):
            for load in (loads.both, loads.checked, loads.masters):
                if "imports/1" in path or load is loads.both:
                    address = path.replace("imports/1", f"imports/{load['id']}").replace("/D-1", f"/{dealer}")
                    asked_with = {
                        name: dealer if name == "dealer" else value for name, value in QUESTIONS.get(path, {}).items()
                    }
                    answer = await reader.get(address, params=asked_with)
                    asked += 1
                    opened += answer.is_success
                    assert not [each for each in secrets if each in answer.text], address
        for address in (
            f"/dealers/{dealer}/sales?kind=sell-in&month={PERIOD}",
            f"/dealers/{dealer}/sales/export?kind=sell-in&month={PERIOD}&format=csv",
            f"{V1}/sales/lines?dealer={dealer}&from={PERIOD}&to={PERIOD}",
            f"{V1}/sales/lines?dealer={dealer}&from={PERIOD}&to={PERIOD}&known_at=2199-01-01",
        ):
            answer = await reader.get(address)
            assert answer.status_code == 200 or "known_at" in address, address
            assert "RB-210" in answer.text or "known_at" in address, address
            assert not [each for each in secrets if each in answer.text], address
    assert asked > 100
    assert opened > 60
    # What is looked for stands where it may be seen.
    async with reader_of(app, await make_session(loads.world.people[Role.MANAGER])) as manager:
        for address in ("/sales", "/imports", f"/dealers/{dealer}", f"{V1}/sales/reports"):
            assert NAME in (await manager.get(address)).text, address


async def test_a_narrowed_token_reads_no_file_in_the_trail(loads: Loads) -> None:
    """Statements name their file in the trail of each dealer; the trail without dealers is not for who is bound."""
    statements = csv_of("dealer,period_end,period_months,total_assets", "D-1,2024-12-31,12,1000")
    done = await loaded(loads.world.people[Role.FINANCE], "statements", statements, f"{NAME}-4.csv")
    assert done["state"] == "loaded", done
    auditor = loads.world.people[Role.AUDITOR]
    wanted = AuditFilter(text=NAME)
    async with acting(auditor):
        found = (await audit_lines(auditor, wanted, ALL)).items
        assert {line["act"] for line in found} == {"keep statement", "load sell-in", "load dealers", "load statements"}
    narrow = replace(
        auditor, bound=True, narrowed=True, token_id=4711, territory_ids=(loads.world.territories["East"],)
    )
    async with acting(narrow):
        assert (await audit_lines(narrow, wanted, ALL)).items == []
        (line,) = (await audit_lines(narrow, AuditFilter(act="keep statement"), ALL)).items
        assert line["after"] == {}

"""A view that was given is given again: whatever moves afterwards, as known at that moment nothing has moved."""

import random
from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from typing import Any

import httpx
import pytest

from channel import clock
from channel.access import queries as tree
from channel.access.rules import Role
from channel.credit.queries.inputs import dealers_asked
from channel.database import db
from channel.database.snapshots import view_of
from channel.dealers.lists import DEALERS
from channel.dealers.queries.lists import DealerFilter, dealer_page, filter_of
from channel.dealers.rules import ALLOWED_STATUS_CHANGES, Fact, Status
from channel.lists import ALL
from channel.sales.queries.listed import dealers_by_code
from tests.make.access import acting, make_person, make_territories
from tests.make.dealers import MANAGER, add_territory, change_fact, make_dealer, move_territory
from tests.make.limits import TWELVE, Desk, make_desk, make_sold, put_in_force
from tests.make.sales import csv_of, loaded

V1 = "/api/v1"
AS_OF = "2013-12-01"
VIEWS: dict[str, dict[str, str]] = {
    "/sales/months?everybody": {"from": "2013-01", "to": "2013-12"},
    "/sales/months?by default": {},
    **{f"/sales/months?{where}": {"territory": where} for where in ("East", "North", "Harbour City", "Lake District")},
    "/sales/coverage?everybody": {},
    "/sales/coverage?East": {"territory": "East"},
    "/sales/coverage?North": {"territory": "North"},
    "/sales/lines": {"dealer": "D-1"},
    "/dealers/D-1": {"as_of": AS_OF},
    "/dealers/D-3": {"as_of": AS_OF},
    "/credit/dealers/D-1/limit": {"as_of": AS_OF},
    "/credit/dealers/D-1/explain": {"as_of": AS_OF},
}
RUNS = ("East", "North", "Harbour City", None)


class Asking:
    """Somebody who sees all, and asks for everything as known at one moment."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client

    async def views(self, known_at: str | None) -> dict[str, Any]:
        given = {}
        for name, rest in VIEWS.items():
            asked = rest | ({"known_at": known_at} if known_at else {})
            answer = await self.client.get(V1 + name.partition("?")[0], params=asked)
            assert answer.status_code == 200, (name, answer.text)
            given[name] = _as_then(answer.json())
        return given

    async def runs(self, known_at: str) -> dict[str | None, Any]:
        """Who was assessed with what, of each territory, as of days before and after the moves."""
        given: dict[str | None, Any] = {}
        for territory in RUNS:
            for as_of in ("2013-06-15", AS_OF):
                asked = {"as_of": as_of, "known_at": known_at, "territory": territory}
                done = await self.client.post(f"{V1}/credit/assess", json=asked)
                assert done.status_code == 201, done.text
                run = done.json()["run"]
                rows = (await self.client.get(f"{V1}/credit/runs/{run}/assessments")).json()["items"]
                given[f"{territory} {as_of}"] = [{k: row[k] for k in ("dealer", "amount", "withheld")} for row in rows]
        return given


def _as_then(told: Any) -> Any:  # noqa: ANN401 - JSON is any of its kinds
    """Without the moment itself, and without what an answer says of a dealer's today beside what was asked."""
    if isinstance(told, list):
        return [_as_then(each) for each in told]
    if not isinstance(told, dict):
        return told
    if "facts" in told and "traits" in told:
        told = {"facts": told["facts"]}
    return {name: _as_then(value) for name, value in told.items() if name != "known_at"}


async def _territory(_: Desk) -> None:
    await change_fact(MANAGER, "D-1", Fact.TERRITORY, "Lake District", effective_on=date(2013, 3, 15))


async def _type(_: Desk) -> None:
    await change_fact(MANAGER, "D-1", Fact.TYPE, "wholesale", effective_on=date(2013, 1, 1))


async def _status(_: Desk) -> None:
    await change_fact(MANAGER, "D-2", Fact.STATUS, Status.ENDED, effective_on=date(2013, 1, 1), reason="gone")


async def _appointed(_: Desk) -> None:
    await change_fact(MANAGER, "D-3", Fact.STATUS, Status.ACTIVE, effective_on=date(2013, 1, 1), reason="good")


async def _parent(_: Desk) -> None:
    await change_fact(MANAGER, "D-1", Fact.PARENT, "D-2", effective_on=date(2013, 1, 1))


async def _node(_: Desk) -> None:
    await move_territory(MANAGER, "Harbour City", "North")


async def _new_node(_: Desk) -> None:
    await add_territory(MANAGER, "Docks", "district", "Lake District")
    await change_fact(MANAGER, "D-2", Fact.TERRITORY, "Docks", effective_on=date(2013, 1, 1))


MOVES = (_territory, _type, _status, _appointed, _parent, _node, _new_node)


async def _known(desk: Desk) -> None:
    """Three dealers and a year's sales; D-3 is a prospect, who is asked for no reports."""
    for code, where, status in (
        ("D-1", "Harbour City", "active"), ("D-2", "Lake District", "active"), ("D-3", "Harbour City", "prospect"),
    ):  # fmt: skip
        await make_dealer(code, territory=where, grade="AA", status=status)
        await make_sold(desk.manager, TWELVE, {code: 60_000}, dealers=frozenset({code}))
    await put_in_force(desk, "D-1", 50_000, date(2013, 12, 1))


async def _added(desk: Desk) -> None:
    """A dealer nobody knew, and months that nobody had reported."""
    await make_dealer("D-0", territory="Harbour City", grade="AA")
    await make_sold(desk.manager, ["2014-01"], {"D-1": 7}, dealers=frozenset({"D-1"}))


async def _moved_by_file(desk: Desk) -> None:
    rows = csv_of("code,name,level,parent", "Lake District,Lake District,city,East")
    assert (await loaded(desk.manager, "territories", rows))["state"] == "loaded"


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.REGIONAL])
async def test_every_view_is_given_again(
    database: str, api: Callable[..., Awaitable[httpx.AsyncClient]], role: Role
) -> None:
    desk = await make_desk()
    await _known(desk)
    nodes = {row["code"]: row["id"] for row in await _tree()}
    asking = Asking(await api(await make_person(role, *([nodes["East"], nodes["North"]] * (role is Role.REGIONAL)))))
    assessing = Asking(await api(desk.finance))
    async with db.held(db.EVERYTHING), db.known() as moment:
        pass
    known_at = moment.isoformat()
    then, runs = await asking.views(known_at), await assessing.runs(known_at)
    assert then == await asking.views(None), "as known at this moment is what is known now"
    assert {row["dealer"] for row in then["/sales/months?East"]["items"]} == {"D-1"}
    assert [row["dealer"] for row in runs["North 2013-12-01"]] == ["D-2"]
    for move in MOVES:
        async with acting(MANAGER):
            await move(desk)
        assert await asking.views(known_at) == then, move.__name__
        assert await assessing.runs(known_at) == runs, move.__name__
    await _added(desk)
    await _moved_by_file(desk)
    assert await asking.views(known_at) == then
    assert await assessing.runs(known_at) == runs
    now = await asking.views(None)
    assert {name for name in VIEWS if now[name] == then[name]} == {"/credit/dealers/D-1/limit"}, "all others moved"


async def _tree() -> list[Any]:
    async with db.held(db.EVERYTHING):
        return await tree.territories()


async def test_a_month_belongs_to_the_territory_of_its_last_day(
    database: str, api: Callable[..., Awaitable[httpx.AsyncClient]]
) -> None:
    """D-1 moves on 30 June and on 1 September: June is of the new place, August still of it, September of the third."""
    desk = await make_desk()
    await make_dealer("D-1", territory="Harbour City")
    await make_sold(desk.manager, [f"2013-{month:02}" for month in range(4, 11)], {"D-1": 10})
    async with acting(MANAGER):
        await change_fact(MANAGER, "D-1", Fact.TERRITORY, "Lake District", effective_on=date(2013, 6, 30))
        await change_fact(MANAGER, "D-1", Fact.TERRITORY, "East", effective_on=date(2013, 9, 1))
    client = await api(desk.auditor)

    async def months(territory: str, known_at: str | None = None) -> list[str]:
        asked = {"territory": territory, "kind": "sell-in", "from": "2013-04", "to": "2013-10"}
        page = await client.get(f"{V1}/sales/months", params=asked | ({"known_at": known_at} if known_at else {}))
        assert all(row["amount"] == "10.0000" for row in page.json()["items"])
        return [row["month"][-2:] for row in page.json()["items"]]

    assert await months("Harbour City") == ["04", "05"]
    assert await months("North") == ["06", "07", "08"]
    assert await months("East") == ["04", "05", "09", "10"]
    moment = clock.now().isoformat()
    async with acting(MANAGER):
        await move_territory(MANAGER, "Harbour City", "North")
    assert await months("North") == ["04", "05", "06", "07", "08"]
    assert (await months("North", moment), await months("East", moment)) == (
        ["06", "07", "08"], ["04", "05", "09", "10"],
    )  # fmt: skip


async def test_where_a_node_hung_is_known_to_who_sees_the_dealer_today(
    database: str, api: Callable[..., Awaitable[httpx.AsyncClient]]
) -> None:
    """Harbour City lay in the East and its dealer has come to the North: the North's staff ask for the East then."""
    desk = await make_desk()
    await make_dealer("D-1", territory="Harbour City")
    await make_sold(desk.manager, ["2013-11"], {"D-1": 10})
    moment = clock.now().isoformat()
    async with acting(MANAGER):
        await change_fact(MANAGER, "D-1", Fact.TERRITORY, "Lake District", effective_on=date(2013, 1, 1))
    north, east = await api(desk.north), await api(desk.east)
    asked = {"known_at": moment, "kind": "sell-in", "from": "2013-11", "to": "2013-11"}
    assert (await north.get(f"{V1}/sales/months", params=asked | {"territory": "North"})).json()["items"] == []
    assert len((await north.get(f"{V1}/sales/months", params=asked)).json()["items"]) == 1
    assert (await east.get(f"{V1}/sales/months", params=asked | {"territory": "East"})).json()["items"] == []


async def test_what_dealers_show_today_is_what_their_facts_say_of_today(database: str) -> None:
    """Lists of now read the columns of dealers and today's tree; asked as of today as known now they read facts."""
    ids = await make_territories("East/Harbour/Docks", "East/Old Town", "West/Lake")
    luck, today = random.Random(7), clock.today()  # noqa: S311 - a drawn example, no secret
    for n in range(40):
        first = today + timedelta(days=luck.choice([-800, -30, -1, 0, 1, 30]))
        code, status = f"D-{n:02}", luck.choice(list(Status))
        await make_dealer(code, territory=luck.choice(list(ids)), status=status, effective_on=first)
        async with acting(MANAGER):
            for _ in range(luck.randrange(4)):
                day = max(first, today + timedelta(days=luck.choice([-400, -5, 0, 5])))
                await change_fact(MANAGER, code, Fact.TERRITORY, luck.choice(list(ids)), effective_on=day)
            later = luck.choice(list(Status))
            if later in ALLOWED_STATUS_CHANGES[status] and luck.random() < 0.5:
                await change_fact(MANAGER, code, Fact.STATUS, later, effective_on=max(first, today), reason="x")
    async with acting(MANAGER):
        await move_territory(MANAGER, "Harbour", "West")
    found = set()
    async with db.held(db.EVERYTHING):
        now = clock.now()
        for code, territory_id in ids.items():
            shown = [row["code"] for row in await dealers_by_code("", "", 1000, territory_id=territory_id)]
            dated = await dealers_by_code("", "", 1000, territory_id=territory_id, known=(today, now))
            assert [row["code"] for row in dated] == shown
            for moment in (None, now):
                asked = await dealers_asked(territory_id, view_of(today, moment))
                assert asked == await dealers_asked(territory_id)
            listed, _ = await dealer_page(DEALERS, await filter_of(DealerFilter(territory=code)), ALL)
            assert sorted(listed) == sorted(row["id"] for row in asked)
            found |= set(shown)
        everybody = [row["code"] for row in await dealers_by_code("", "", 1000)]
        assert everybody == [row["code"] for row in await dealers_by_code("", "", 1000, known=(today, now))]
        assert 20 < len(found) < 40, "some are prospects"

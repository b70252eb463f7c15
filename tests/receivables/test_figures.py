"""Figures on PostgreSQL against the rules over what was posted, and their three faces."""

from collections import defaultdict
from collections.abc import Awaitable, Callable
from random import Random

import httpx
import pytest
from msgspec.structs import replace

from channel import clock
from channel.access.rules import Person, Role
from channel.database import db
from channel.periods import Month
from channel.receivables.queries import documents, figures
from channel.receivables.rules.allocation import items_of
from channel.receivables.rules.figures import Behaviour, behaviour_of, settled_item
from channel.receivables.rules.movements import compute_standing
from channel.receivables.service.figures import Selection, figures_asked
from channel.view import View
from tests.make.access import acting, make_person, make_territories
from tests.make.dealers import make_dealer
from tests.make.ledger import post, post_at_random
from tests.make.receivables import D, day, moment, movements_posted, owed, paying


@pytest.mark.parametrize("seed", range(4))
async def test_what_moved_and_what_was_settled_is_what_the_rules_say(seed: int, finance: Person, dealer: int) -> None:
    hour = await post_at_random(Random(seed + 50), finance)  # noqa: S311 - documents for a test
    with clock.fixed(moment(hour + 1)):
        async with acting(finance):
            movements = await movements_posted(dealer)
            for known_at in (20 * 24 + 1, hour - 1, hour + 1):
                for on in (3, 7, 12, 25):
                    view = View(day(on), moment(known_at), past=True, dated=True)
                    moved = await figures.moved([dealer], view)
                    stood = compute_standing(movements, view)
                    if "CNY" in moved:
                        assert moved["CNY"].open_on(day(on)) == stood.open
                        assert moved["CNY"].on_account.until(day(on)) == stood.unapplied
                    else:
                        assert not movements or stood.open == stood.unapplied == 0
                    expected = await _settled_by_rules(dealer, view)
                    assert await figures.settled([dealer], view) == ({"CNY": expected} if expected else {})


async def _settled_by_rules(dealer_id: int, view: View) -> dict[Month, Behaviour]:
    known = (
        "JOIN posting p ON p.id = x.posting_id WHERE x.dealer_id = $1 AND x.effective_on <= $2 AND p.recorded_at <= $3"
    )
    args = dealer_id, view.as_of, view.known_at
    ids = [row["id"] for row in await db.fetch(f"SELECT x.id FROM receivable_document x {known}", *args)]
    rows = await documents.documents(dealer_id, ids)
    ended = {
        row["allocation_id"] for row in await db.fetch(f"SELECT x.allocation_id FROM allocation_end x {known}", *args)
    }
    made = {row["id"] for row in await db.fetch(f"SELECT x.id FROM allocation x {known}", *args)}
    every = await documents.allocations_between(dealer_id, ids)
    held = [replace(each, taken_back_on=None) for each in every if each.id in made - ended]
    money = {key: documents.document_of(row) for key, row in rows.items()}
    sums: dict[Month, Behaviour] = defaultdict(Behaviour)
    for each in money.values():
        for item in items_of(each) if each.kind.is_owed else ():
            found = settled_item(item, held, money)
            if found is not None:
                sums[Month.of(found.closed_on)] = sums[Month.of(found.closed_on)].plus(behaviour_of(found))
    return dict(sums)


async def test_a_month_is_told_as_of_its_end_and_all_together_last(finance: Person, dealer: int) -> None:
    await post(
        finance,
        owed("100", number="I1"),
        owed("300", number="I2", on=20, due=25),
        paying("100", number="R1", on=40, references=("I1",)),
        paying("200", number="R2", on=45, references=("I2",)),
    )
    with clock.fixed(moment(60 * 24)):
        async with acting(finance):
            rows = await figures_asked(finance, Selection("D-1"), View(day(58), clock.now()), 2)
    january, february, together = rows
    assert (january.month, january.as_of) == ("2025-01", day(30))
    assert january.dso_simple == D(90)
    assert january.days_late is None
    assert february.month == "2025-02"
    assert february.dso_simple == D("22.5")
    assert february.days_late == D(10)
    # Open before 400, sold nothing, 100 open after, all of it overdue.
    assert february.cei_full_period == D(75)
    assert (together.month, together.days_late, together.cei_full_period) == (None, D(10), None)


async def test_who_is_elsewhere_sees_nothing_and_the_api_tells_the_same(
    database: str, api: Callable[[Person], Awaitable[httpx.AsyncClient]]
) -> None:
    with clock.fixed(moment(0)):
        nodes = await make_territories("East", "North")
        await make_dealer("D-1", territory="East", currency="CNY", type="wholesale")
    finance, north = await make_person(Role.FINANCE), await make_person(Role.REGIONAL, nodes["North"])
    await post(finance, owed("100", number="I1"))
    asked = {"as_of": "2025-01-31", "months": "1"}
    async with await api(finance) as client:
        for narrowed in ({}, {"dealer": "D-1"}, {"territory": "East"}, {"type": "wholesale"}):
            rows = (await client.get("/api/v1/receivables/figures", params=asked | narrowed)).json()["items"]
            assert [row["dso_simple"] for row in rows] == ["90.0000", "90.0000"]
            assert rows[0]["workings"]["dso_simple"] == {"receivables": "100.0000", "sales": "100.0000", "days": "90"}
        for narrowed in ({"territory": "North"}, {"type": "terminal"}):
            assert (await client.get("/api/v1/receivables/figures", params=asked | narrowed)).json()["items"] == []
        assert (await client.get("/api/v1/receivables/figures", params={"dealer": "D-9"})).status_code == 404
    async with await api(north) as client:
        assert (await client.get("/api/v1/receivables/figures", params=asked)).json()["items"] == []
        assert (await client.get("/api/v1/receivables/figures", params={"dealer": "D-1"})).status_code == 404

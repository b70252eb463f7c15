"""The ageing of many days in one reading: the same to the cent as each day's ageing by itself."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace as changed
from datetime import date, datetime
from decimal import Decimal
from random import Random

import pytest

from channel import clock
from channel.access import queries as access
from channel.access.rules import Person, Role
from channel.database import db
from channel.dealers.rules import Fact
from channel.errors import Invalid
from channel.receivables.acts.allocating import TakeBackAllocation
from channel.receivables.queries.ageing import Books, Converting, aged
from channel.receivables.queries.month_ends import Ends, aged_on_each
from channel.receivables.rules.ageing import AgeBasis, AgeBy, Ageing, Buckets, Money
from channel.receivables.rules.documents import DocumentKind
from channel.receivables.service.ageing import Asked, ageing, history
from channel.receivables.service.allocating import TAKE_BACK
from channel.receivables.service.waiting import do_or_ask
from channel.view import View
from tests.make.access import acting, make_person, make_territories
from tests.make.dealers import change_fact, make_dealer, make_rate
from tests.make.disputes import dispute_at_random
from tests.make.ledger import post, post_at_random, reverse
from tests.make.receivables import D, day, moment, owed, paying

LATER = 70 * 24


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


async def _take_some_back(random: Random, finance: Person, hour: int) -> int:
    """Take back some of what settles something, from a day of the ledger on."""
    async with acting(finance):
        rows = await db.fetch(
            "SELECT d.code, a.id, a.effective_on FROM allocation a JOIN dealer d ON d.id = a.dealer_id"
            " WHERE a.settles = 'payment' AND NOT EXISTS (SELECT FROM allocation_end e"
            " WHERE e.dealer_id = a.dealer_id AND e.allocation_id = a.id) ORDER BY a.id"
        )
    for row in random.sample(rows, min(4, len(rows))):
        hour += 1
        on = day(random.randint((row["effective_on"] - day(0)).days, 18))
        with clock.fixed(moment(hour)):
            async with acting(finance):
                # One that belongs to another that was taken back just now has gone with it.
                with suppress(Invalid):
                    await do_or_ask(
                        finance, TAKE_BACK, row["code"], row["id"], TakeBackAllocation(effective_on=on, reason="wrong")
                    )
    return hour


async def _ledger_of_two(random: Random, finance: Person) -> int:
    """Documents of both dealers, backdated, reversed and taken back, in two currencies; the last hour."""
    hour = await dispute_at_random(random, finance, await post_at_random(random, finance, "D-1"))
    others = [
        owed("80.01", number="U1", currency="USD", on=3, due=6),
        owed("33.37", number="U2", currency="USD", on=1, due=14),
        paying("90.02", number="V1", currency="USD", on=random.randint(5, 12)),
        owed("70.03", number="C1", on=2, due=random.randint(3, 12)),
        paying("20.02", number="D1", on=random.randint(3, 12)),
        paying("11.11", number="W1", currency="USD", on=4, kind=DocumentKind.BILL, matures_on=day(20)),
    ]
    posted = {}
    for each in random.sample(others, len(others)):
        hour += 1
        posted[each.number] = (await post(finance, each, at=hour, code="D-2")).documents[0].document.id
    await reverse(finance, posted["W1"], on=random.randint(4, 20), at=hour + 1, code="D-2")
    return await _take_some_back(random, finance, hour + 1)


async def _each_by_itself(
    ends: Ends, buckets: Buckets, into: Sequence[Converting] | None
) -> list[dict[str, tuple[object, ...]]]:
    """The totals by currency of the ageing of each of the days, asked day by day."""
    found = []
    for n, on in enumerate(ends.days):
        known_at = ends.moment or clock.now()
        view = View(on, known_at, past=ends.moment is not None, dated=True)
        whose = None if ends.placed is None else ends.placed[n]
        books = Books(view, clock.today(), whose, None if ends.currency is None else [ends.currency])
        sums: dict[str, Ageing] = {}
        for row in await aged(books, buckets, AgeBy.DEALER, into[n] if into else None):
            mine = Ageing(tuple(row["buckets"]), row["unapplied"], row["bills"], row["disputed"])
            sums[row["currency"]] = sums[row["currency"]].plus(mine) if row["currency"] in sums else mine
        found.append(_figures(sums))
    return found


def _figures(sums: dict[str, Ageing]) -> dict[str, tuple[object, ...]]:
    """What is not nothing: a currency in which all is nothing may stand in the one and not in the other."""
    told = {code: (each.buckets, each.unapplied, each.bills, each.disputed) for code, each in sums.items()}
    return {code: each for code, each in told.items() if any((*each[0], *each[1:]))}


def _some_rates(random: Random, days: Sequence[date]) -> list[Converting]:
    rates = [{"CNY": D(random.choice(("0.13333", "0.14005")))} if random.random() < 0.8 else {} for _ in days]
    return [Converting("USD", each) for each in rates]


def _asked(random: Random, dealers: dict[str, int], last: int) -> tuple[Ends, Buckets, list[Converting] | None]:
    days = [day(n) for n in sorted(random.sample(range(random.choice((-1, 8, 15)), 26), 11))] + [
        day(random.choice((27, 70, 90)))
    ]
    ids = sorted(dealers.values())
    placed = random.choice(
        [None, [ids] * 12, [ids[:1]] * 12, [[]] * 12, [random.sample(ids, random.randint(0, 2)) for _ in days]]
    )
    at: datetime | None = None if random.random() < 0.3 else moment(random.randint(20 * 24, last + 1))
    basis, edges = random.choice(list(AgeBasis)), random.choice([(30,), (1, 2), (1, 3, 5, 8), (2, 4)])
    into = _some_rates(random, days) if random.random() < 0.6 else None
    return Ends(days, at, placed, random.choice((None, None, "CNY"))), Buckets(basis, edges), into


@pytest.mark.parametrize("seed", range(8))
async def test_days_in_one_reading_are_those_read_one_by_one(
    seed: int, finance: Person, dealers: dict[str, int]
) -> None:
    random = Random(seed)  # noqa: S311 - documents for a test
    last = await _ledger_of_two(random, finance)
    with clock.fixed(moment(LATER)):
        async with acting(finance):
            for _ in range(25):
                ends, buckets, into = _asked(random, dealers, last)
                async with db.known():
                    at_once = [_figures(each) for each in await aged_on_each(ends, buckets, into)]
                    assert at_once == await _each_by_itself(ends, buckets, into), (ends, buckets, into)


async def test_the_months_are_those_of_the_ageing_asked_for_each_end(finance: Person, dealers: dict[str, int]) -> None:
    random = Random(3)  # noqa: S311 - documents for a test
    last = await _ledger_of_two(random, finance)
    manager = await make_person(Role.MANAGER)
    with clock.fixed(moment(50 * 24)):
        async with acting(manager):
            await change_fact(manager, "D-1", Fact.TERRITORY, "West", effective_on=day(40), reason="moved")
            await change_fact(manager, "D-2", Fact.TYPE, "terminal", effective_on=day(45), reason="grew")
        for on, rate in ((30, "0.13333"), (57, "0.14005"), (65, "0.15")):
            await make_rate("CNY", day(on), rate)
        async with acting(finance):
            west = (await access.territory_by_code("West"))["id"]  # type: ignore[index]
    near = await make_person(Role.REGIONAL, west)
    with clock.fixed(moment(LATER)):
        for person in (finance, near):
            seen = "D-1" if person is finance else "D-2"
            for asked in (
                Asked(), Asked(territory="West"), Asked(type="wholesale"), Asked(dealer=seen), Asked(currency="CNY"),
                Asked(currency="USD", basis=AgeBasis.DOCUMENT), Asked(edges="3,9,40"),
                Asked(territory="West", type="terminal"), Asked(currency="CNY", money=Money.COMPANY),
            ):  # fmt: skip
                for view in (
                    View(clock.today(), clock.now()),
                    View(day(61), clock.now(), dated=True),
                    View(day(64), moment(last - 3), past=True, dated=True),
                ):
                    async with acting(person):
                        found = await history(person, asked, view)
                        assert found is not None
                        assert found.currency == (asked.currency or "USD")
                        assert await _each_end(person, asked, view) == [
                            (each.ageing.buckets, each.ageing.unapplied, each.ageing.bills, each.ageing.disputed)
                            for each in found.ends
                        ], (asked, view)


async def _each_end(person: Person, asked: Asked, view: View) -> list[object]:
    """The total of each month's end, asked by itself, in the currency asked for or the company's."""
    money = Money.OWN if asked.currency else Money.COMPANY
    found: list[object] = []
    for back in range(11, -1, -1):
        last = view.as_of.year * 12 + view.as_of.month - 1 - back
        on = view.as_of if back == 0 else date((last + 1) // 12, (last + 1) % 12 + 1, 1) - (day(1) - day(0))
        told = await ageing(person, changed(asked, money=money), changed(view, as_of=on, dated=True))
        nothing: tuple[Decimal, ...] = (D(0),) * len(told.buckets.names)
        mine = [row for row in told.totals if row.currency == (asked.currency or "USD")]
        found += [(tuple(row.buckets.values()), row.unapplied, row.bills, row.disputed) for row in mine] or [
            (nothing, D(0), D(0), D(0))
        ]
    return found

"""A year of receivables reviews on the documents of a real company, under a moved clock, against its file alone."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from msgspec.structs import replace

from channel import clock
from channel.access.rules import Person, Role
from channel.database import db
from channel.receivables.rules.documents import DocumentKind
from channel.receivables.service.posting import Given, post_documents
from channel.receivables.service.promises import JUDGING, enter_promise
from channel.work.service import run_due
from tests.make.access import acting, make_person
from tests.make.dealers import make_dealer
from tests.make.limits import approve_proposal, propose_limit
from tests.make.receivables import owed, paying, promising
from tests.make.reviews import reviews, runs, work_at
from tests.real.ibm_reviews import FIRST, LAST, Year, compared, days

D = Decimal
_DAY = timedelta(days=1)
_JUDGED = """
SELECT d.code, p.given_on, j.judged_on, CASE WHEN j.kept THEN 'kept' ELSE 'broken' END AS state, j.came
FROM promise_judgement j JOIN promise p ON (p.dealer_id, p.id) = (j.dealer_id, j.promise_id)
JOIN dealer d ON d.id = j.dealer_id
"""


def at(day: date, hour: int) -> datetime:
    return datetime.combine(day, time(hour), UTC)


async def _begin(year: Year, finance: Person, second: Person) -> None:
    """Every dealer, the limits entered by hand, and what took effect before the year."""
    with clock.fixed(at(FIRST - _DAY, 8)):
        for code in year.of_dealer:
            await make_dealer(code)
        for code, limit in year.limits.items():
            given = {"amount": limit.amount, "from_on": FIRST, "to_on": limit.until, "reason": "by hand"}
            async with acting(finance):
                number = await propose_limit(finance, code, "base", **given)
            async with acting(second):
                assert await approve_proposal(second, number, "as agreed")
    await _load(year, finance, date.min, FIRST - _DAY)


async def _load(year: Year, finance: Person, after: date, until: date) -> None:
    """What took effect after a day, up to another one, recorded on that."""
    given = []
    for code, its in year.of_dealer.items():
        for row in its:
            if after < row.invoiced_on <= until:
                invoice = replace(owed(row.amount, number=row.number, currency="USD"), instalments=())
                given.append(Given(code, replace(invoice, id=0, effective_on=row.invoiced_on)))
            if after < row.settled_on <= until:
                money = paying(row.amount, number=row.number, currency="USD", references=(row.number,))
                given.append(Given(code, replace(money, id=0, effective_on=row.settled_on)))
    given.sort(key=lambda each: (each.document.effective_on, each.document.kind is not DocumentKind.INVOICE))
    with clock.fixed(at(until, 18)):
        async with acting(finance):
            await post_documents(finance, given)


async def _promise(year: Year, finance: Person, day: date) -> None:
    """What dealers promise on a day, after what came up to it was loaded."""
    with clock.fixed(at(day, 19)):
        async with acting(finance):
            for each in year.promises:
                if each.given_on == day:
                    await enter_promise(finance, each.dealer, promising(str(each.amount), 14, given_on=day))


async def _judged() -> dict[tuple[str, date], tuple[date, str, Decimal]]:
    async with db.held(db.EVERYTHING):
        rows = await db.fetch(_JUDGED)
    return {(row["code"], row["given_on"]): (row["judged_on"], row["state"], row["came"]) for row in rows}


DOWN = frozenset(days(date(2013, 6, 26), date(2013, 8, 1)))
"""For more than five weeks, over two firsts of a month and five Mondays, the service does not run."""
IDLE = frozenset(each for each in days(FIRST, LAST) if each.isoweekday() != 1 and each.day not in {1, 2, 15})


async def test_every_review_of_a_year_opens_once_for_whom_the_file_names_with_its_figures(database: str) -> None:
    year = Year(2, IDLE, DOWN)
    finance, second = await make_person(Role.FINANCE), await make_person(Role.FINANCE)
    await _begin(year, finance, second)
    known = FIRST - _DAY
    for day in days(FIRST, LAST):
        if day not in IDLE | DOWN:
            with clock.fixed(at(day, 0)):
                await run_due([JUDGING])
            await work_at(at(day, 1))
        if year.is_loaded(day):
            await _load(year, finance, known, day)
            known = day
            await _promise(year, finance, day)
    judged = await _judged()
    assert judged == year.judged
    assert {state for _, state, _ in judged.values()} == {"kept", "broken"}
    opened = [(row["plan"], row["as_of"], row["code"], row["snapshot"]) for row in await reviews()]
    assert compared(year, [(plan, period) for plan, period, _ in await runs()], opened) == []

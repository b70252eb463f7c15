"""Stock that was counted many times is checked against what came and went in one statement."""

from datetime import date

from channel.periods import Month
from channel.sales.service.views import stock_checks
from tests.make.access import acting
from tests.make.limits import YEAR, make_dealer_selling, make_desk, make_sold
from tests.make.statements import statements


async def test_many_counts_are_checked_in_as_many_statements_as_few(database: str) -> None:
    desk = await make_desk()
    dealer_id = await make_dealer_selling(desk, "D-1", 300, YEAR)
    await make_sold(desk.manager, YEAR, {"D-1": 200}, kind="sell-through", dealers=frozenset({"D-1"}))
    taken = []
    for counted in (YEAR[:3], YEAR):
        await make_sold(desk.manager, counted, {"D-1": 500}, kind="stock", dealers=frozenset({"D-1"}))
        with statements() as asked:
            async with acting(desk.finance):
                checks = await stock_checks(dealer_id, Month.parse(YEAR[0]), Month.parse(YEAR[-1]))
        taken.append(len(asked))
        assert len(checks) == len(counted) - 1
    assert taken[0] == taken[1], taken
    last = checks[-1]
    assert (last.line_code, last.opened_on, last.closed_on) == ("Road", date(2013, 10, 15), date(2013, 11, 15))
    # One piece came and one went between the counts, of which one lay there each time.
    assert (last.opening, last.sell_in, last.sell_through, last.expected, last.difference) == (1, 1, 1, 1, 0)

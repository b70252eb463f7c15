"""Statements from files and by hand: of a period the last posting counts, and the one before can be asked as known."""

from datetime import date
from decimal import Decimal

import pytest

from channel import clock
from channel.credit.queries.facts import statements
from channel.credit.service.facts import statements_of
from tests.make.access import acting
from tests.make.dealers import make_dealer
from tests.make.limits import keep_statement, make_desk
from tests.make.sales import csv_of, loaded

HEADER = "dealer,period end,period months,currency,total assets,net worth"


pytestmark = pytest.mark.usefixtures("database")


async def test_a_file_of_statements_is_loaded_and_mended(database: str) -> None:
    desk = await make_desk()
    dealer_id = await make_dealer("D-1", territory="Harbour City")
    await make_dealer("D-2", territory="Lake District", currency="EUR")
    content = csv_of(HEADER, "D-1,2013-06-30,12,,1000.5,400", "D-2,2013-06-30,12,,900,")
    done = await loaded(desk.finance, "statements", content)
    assert (done["state"], done["counts"]["added"]) == ("loaded", 2)
    known = clock.now()
    again = csv_of(HEADER, "D-1,2013-06-30,12,USD,1000.5,390", "D-2,2013-06-30,12,EUR,900,")
    done = await loaded(desk.finance, "statements", again)
    assert (done["counts"]["changed"], done["counts"]["unchanged"]) == (1, 1)
    async with acting(desk.east):
        (row,) = await statements_of(desk.east, "D-1")
        (before,) = await statements([dealer_id], date(2014, 1, 1), known)
    assert (row["net_worth"], before["net_worth"], row["currency"]) == (390, 400, "USD")
    async with acting(desk.finance):
        (other,) = await statements_of(desk.finance, "D-2")
        assert (other["currency"], other["net_worth"]) == ("EUR", None)
        await keep_statement(desk.finance, "D-2", date(2013, 6, 30), {}, void=True, reason="not theirs")
        assert await statements_of(desk.finance, "D-2") == []
        await keep_statement(desk.finance, "D-2", date(2013, 6, 30), {"net_worth": Decimal(5)})
        assert len(await statements_of(desk.finance, "D-2")) == 1


async def test_wrong_lines_come_back_with_their_reasons(database: str) -> None:
    desk = await make_desk()
    await make_dealer("D-1", territory="Harbour City")
    content = csv_of(
        HEADER, "D-1,2013-06-30,12,,1000.5,400", "D-9,2013-06-30,12,,1,1", "D-1,2012-06-30,12,XXQ,1,1",
        "D-1,2099-06-30,12,,1,1", "D-1,2011-06-30,12,,,", "D-1,2013-06-30,12,,1,1",
    )  # fmt: skip
    done = await loaded(desk.finance, "statements", content)
    assert done["state"] == "refused"
    assert {line: {field for field, _ in reasons} for line, reasons in done["rejects"]} == {
        3: {"dealer"}, 4: {"currency"}, 5: {"period_end"}, 6: {"total_assets"}, 7: {"dealer"},
    }  # fmt: skip
    # Regional staff load for their own dealers only.
    done = await loaded(desk.north, "statements", csv_of(HEADER, "D-1,2013-06-30,12,,1000.5,400"))
    assert done["state"] == "refused"

"""What is told of a report's lines without refusing one: the total at its end, and lines that say the same."""

import pytest

from channel.database import db
from channel.imports.rules.totals import says_total
from tests.make.sales import csv_of, loaded, make_loader, make_masters

HEADER = "remark,dealer,date,product,quantity,amount"
ROWS = (",D1,2025-01-05,P1,2,200.50", ",D1,2025-01-06,P2,1,-0.50")


@pytest.mark.parametrize("word", ["合计", "总计：", "小 计", "Total", "TOTALS", "Grand total", "Sub-total:", " 合計"])
def test_words_of_a_total(word: str) -> None:
    assert says_total(("", word))


@pytest.mark.parametrize("word", ["Totalbeton GmbH", "合同", "Summit", "The total", ""])
def test_other_words(word: str) -> None:
    assert not says_total(("", word))


@pytest.mark.parametrize(
    ("total", "passed"),
    [
        ("合计,,,,3,200.00", True),
        (",Total,,,3,200", True),
        ("Total,NOBODY,,,,200.00", True),
        ("Total,,,,3,200.01", False),
        (",,,,3,200.00", False),
        ("Total,,2025-01-07,,3,200.00", False),
        ("Total,D1,,,3,200.00", False),
        ("Total,,,P1,3,200.00", False),
        ("Total,,,,3,", False),
    ],
)
async def test_a_total_at_the_end_is_passed_over_only_where_it_is_one(
    database: str, total: str, *, passed: bool
) -> None:
    await make_masters()
    result = await loaded(await make_loader(), "sell-in", csv_of(HEADER, *ROWS, total), period="2025-01")
    assert result["state"] == ("loaded" if passed else "refused"), result
    if passed:
        assert (result["counts"]["lines"], result["counts"]["loaded"]) == (2, 2)
        (note,) = result["preview"]["notes"]
        assert (note["params"]["line"], note["params"]["count"]) == ("4", "1")
        async with db.held(db.EVERYTHING):
            assert await db.fetchval("SELECT sum(amount) FROM sales_line WHERE closed_by IS NULL") == 200
    else:
        assert [line for line, _ in result["rejects"]] == [4]


async def test_a_total_that_is_not_at_the_end_is_a_reject(database: str) -> None:
    await make_masters()
    content = csv_of(HEADER, ROWS[0], "Total,,,,2,200.50", ROWS[1])
    result = await loaded(await make_loader(), "sell-in", content, period="2025-01")
    assert (result["state"], [line for line, _ in result["rejects"]]) == ("refused", [3])


async def test_a_dealer_who_is_said_for_the_whole_file_is_no_word_of_its_total(database: str) -> None:
    await make_masters()
    content = csv_of("date,product,quantity,amount", "2025-01-05,P1,2,200", "Total,,2,200")
    result = await loaded(await make_loader(), "sell-through", content, period="2025-01", sets=["dealer=D1"])
    assert (result["state"], result["counts"]["loaded"]) == ("loaded", 1), result


async def test_a_line_that_says_the_same_as_another_is_pointed_out_and_counts(database: str) -> None:
    await make_masters()
    person = await make_loader()
    header = "dealer,date,product,quantity,amount,document,line"
    twice = "D1,2025-01-05,P1,2,200,A1,"
    content = csv_of(header, twice, "D1,2025-01-05,P1,2,200,A2,", twice, "D1,2025-01-05,P1,2,200,A3,1", twice)
    result = await loaded(person, "sell-in", content, period="2025-01")
    assert (result["state"], result["counts"]["loaded"]) == ("loaded", 5)
    (note,) = result["preview"]["notes"]
    assert (note["params"]["count"], note["params"]["lines"]) == ("2", "4 = 2, 6 = 2")
    apart = await loaded(person, "sell-in", csv_of(header, twice, twice.replace("200", "201")), period="2025-01")
    assert apart["preview"]["notes"] == []

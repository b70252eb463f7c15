"""Rejected lines that come back mended complete the load that rejected them, and take nothing's place."""

import csv
import io
from collections.abc import Callable, Sequence
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from channel import clock
from channel.access.rules import Person, Role
from channel.database import db
from channel.errors import Refused
from channel.imports.acts import LoadChecked
from channel.imports.service.loads import load_checked
from channel.imports.service.rejects import rejects_file
from channel.imports.service.uploads import KEPT, forget_uploads
from channel.imports.service.worker import run_waiting
from channel.periods import Month
from channel.sales.queries import loading, years
from channel.sales.queries.months import months
from tests.make.access import acting, make_person, make_territories
from tests.make.sales import csv_of, load_now, loaded, make_loader, make_masters

CASE = (Path(__file__).parent / "cases" / "mended_rejects.csv").read_bytes()
HEADER = "dealer,date,product,quantity,amount"
CODES = ("D1016", "D1017", "D1018")
NOVEMBER = Month(2026, 11)
BOTH_DAYS = "2026-11-12:2026-11-13"
"""The days of the report: what is said without them depends on whether November is over."""


@pytest.fixture
async def person(database: str) -> Person:
    await make_masters(
        dealers=[(code, "CNY") for code in CODES],
        products=[("AC10", "Air"), ("AC20", "Air"), ("AC30", "Air")],
        rates=[("CNY", clock.today().replace(year=2026, month=11, day=day), "1") for day in (1, 7, 14, 21, 28)],
    )
    return await make_loader()


async def rejects_of(person: Person, load: dict[str, Any], **changes: str) -> bytes:
    """The rejects file of a load, each cell of the first that holds a key now holding its value."""
    async with acting(person):
        pieces, _ = await rejects_file(load["id"])
        content = b"".join([piece async for piece in pieces]).decode("utf-8-sig")
    return mended(content, changes)


def mended(content: str, changes: dict[str, str], only: Sequence[str] | None = None) -> bytes:
    rows = list(csv.reader(io.StringIO(content)))
    kept = rows[:1] + [row for row in rows[1:] if only is None or any(word in row for word in only)]
    out = io.StringIO(newline="")
    csv.writer(out).writerows([[changes.get(cell, cell) for cell in row] for row in kept])
    return out.getvalue().encode()


async def counting(kind: str = "sell-through") -> list[tuple[str, str, Decimal]]:
    """(dealer, day, amount) of the lines that count, after seeing that every sum is theirs."""
    async with db.held(db.EVERYTHING):
        assert await loading.different_rollups() == 0
        assert await years.different_years() == 0
        rows = await db.fetch(
            "SELECT d.code, l.on_date, l.amount FROM sales_line l JOIN dealer d ON d.id = l.dealer_id"
            " WHERE l.closed_by IS NULL AND l.kind = $1 ORDER BY d.code, l.on_date, l.amount",
            kind,
        )
        found = await months(None, [kind], NOVEMBER, NOVEMBER)
    assert sum(each.amount or 0 for each in found) == sum(row["amount"] for row in rows)
    return [(row["code"], f"{row['on_date']:%d}", row["amount"]) for row in rows]


ALL_FOUR = [("D1016", "12", 700), ("D1016", "12", 1500), ("D1016", "12", 2000), ("D1016", "13", 1000)]


async def test_mended_rejects_are_added_to_the_load_they_belong_to(person: Person) -> None:
    first = await loaded(person, "sell-through", CASE, partial=True)
    assert (first["counts"]["loaded"], first["counts"]["rejected"]) == (3, 1)
    content = await rejects_of(person, first, AC99="AC30")
    assert f",{first['id']},4,product," in content.decode()
    async with db.held(db.EVERYTHING), db.known() as moment:
        pass
    second = await loaded(person, "sell-through", content)
    assert (second["state"], second["counts"]["loaded"], second["counts"]["superseded"]) == ("loaded", 1, 0), second
    assert (second["completes"], second["posting_id"] != first["posting_id"]) == (first["id"], True)
    assert await counting() == ALL_FOUR
    async with db.held(db.EVERYTHING):
        before = await months(None, ["sell-through"], NOVEMBER, NOVEMBER, moment)
        assert sum(each.amount or 0 for each in before) == 4500
        assert await db.fetchval("SELECT count(*) FROM sales_line WHERE closed_by IS NOT NULL") == 0

    again = await loaded(person, "sell-through", content)
    assert (again["state"], again["same_as"]) == ("unchanged", second["id"])
    otherwise = await loaded(person, "sell-through", content.replace(b"700", b"701"))
    assert otherwise["state"] == "refused"
    assert otherwise["rejects"] == [
        (4, [("rejected_line", f"Line 4 of load {first['id']} was brought already, by load {second['id']}.")])
    ]
    assert await counting() == ALL_FOUR


async def test_without_the_numbers_or_as_new_it_is_a_report_of_its_own(person: Person) -> None:
    first = await loaded(person, "sell-through", CASE, partial=True)
    content = await rejects_of(person, first, AC99="AC30")
    new = await loaded(person, "sell-through", content, new=True, period=BOTH_DAYS)
    assert (new["state"], new["completes"], new["counts"]["superseded"]) == ("loaded", None, 3)
    assert await counting() == ALL_FOUR[:1]


async def test_a_load_refused_whole_goes_in_whole_with_its_rejects_mended(person: Person) -> None:
    first = await loaded(person, "sell-through", CASE)
    assert (first["state"], await counting()) == ("refused", [])
    second = await loaded(person, "sell-through", await rejects_of(person, first, AC99="AC30"))
    assert (second["state"], second["counts"]["lines"], second["counts"]["loaded"]) == ("loaded", 4, 4), second
    assert await counting() == ALL_FOUR
    async with acting(person):
        with pytest.raises(Refused, match="with its rejected lines mended"):
            await load_checked(person, first["id"], LoadChecked(partial=True))


async def test_a_load_that_was_only_checked_is_completed_and_does_not_go_in_after(person: Person) -> None:
    first = await loaded(person, "sell-through", CASE, dry_run=True, period=BOTH_DAYS)
    second = await loaded(person, "sell-through", await rejects_of(person, first, AC99="AC30"), dry_run=True)
    assert (second["state"], second["preview"]["company_amount"]) == ("checked", "5200.0000")
    async with acting(person):
        await load_checked(person, second["id"], LoadChecked())
    await run_waiting()
    assert (await load_now(second["id"]))["state"] == "loaded"
    async with acting(person):
        with pytest.raises(Refused, match="with its rejected lines mended"):
            await load_checked(person, first["id"], LoadChecked(partial=True))
    assert await counting() == ALL_FOUR


TWO_WRONG = csv_of(
    HEADER,
    "D1016,2026-11-12,AC10,2,2000",
    "D1016,2026-11-12,AC98,1,1500",
    "D1016,2026-11-12,AC99,1,700",
    "D1016,2026-11-13,AC10,1,1000",
)


@pytest.mark.parametrize("partial", [True, False])
async def test_rejects_that_are_mended_and_rejected_a_second_time(person: Person, *, partial: bool) -> None:
    first = await loaded(person, "sell-through", TWO_WRONG, partial=partial)
    half = await rejects_of(person, first, AC98="AC20")
    second = await loaded(person, "sell-through", half)
    assert (second["state"], [line for line, _ in second["rejects"]]) == ("refused", [4])
    content = await rejects_of(person, second, AC99="AC30")
    assert content.decode().splitlines()[0].count("rejected_load") == 1
    assert f",{first['id']},4," in content.decode()
    third = await loaded(person, "sell-through", content)
    assert (third["state"], third["counts"]["loaded"]) == ("loaded", 2 if partial else 4), third
    assert await counting() == ALL_FOUR
    late = await loaded(person, "sell-through", await rejects_of(person, first, AC98="AC20", AC99="AC30"))
    assert (late["state"], [line for line, _ in late["rejects"]]) == ("refused", [3, 4])
    assert await counting() == ALL_FOUR


async def test_some_now_and_the_rest_later(person: Person) -> None:
    first = await loaded(person, "sell-through", TWO_WRONG)
    half = await loaded(person, "sell-through", await rejects_of(person, first, AC98="AC20"), partial=True)
    assert (half["state"], half["counts"]["loaded"], half["counts"]["rejected"]) == ("loaded", 3, 1)
    rest = await loaded(person, "sell-through", await rejects_of(person, half, AC99="AC30"))
    assert (rest["state"], rest["counts"]["loaded"], rest["counts"]["superseded"]) == ("loaded", 1, 0), rest
    assert await counting() == ALL_FOUR


async def test_in_sell_in_the_lines_of_other_dealers_stay(person: Person) -> None:
    content = csv_of(
        HEADER, "D1016,2026-11-12,AC10,2,2000", "D1017,2026-11-12,AC99,1,700", "D1018,2026-11-13,AC20,1,1500"
    )
    async with db.alone(db.EVERYTHING), db.transaction():
        await years.keep_all([Month(2026, 12).first])
    first = await loaded(person, "sell-in", content, partial=True, period="2026-11")
    before = await counting("sell-in")
    second = await loaded(person, "sell-in", await rejects_of(person, first, AC99="AC30"), period="2026-11")
    assert (second["state"], second["counts"]["superseded"], second["counts"]["dealers"]) == ("loaded", 0, 1), second
    assert await counting("sell-in") == sorted([*before, ("D1017", "12", 700)])
    async with db.held(db.EVERYTHING):
        assert {row["company_amount"] for row in await db.fetch("SELECT company_amount FROM sell_in_year")} == {
            2000, 700, 1500
        }  # fmt: skip


async def test_a_dealer_of_whom_only_the_mended_line_tells_is_covered_too(person: Person) -> None:
    content = csv_of(HEADER, "D1016,2026-11-12,AC10,2,2000", "D1O17,2026-11-13,AC20,1,700")
    first = await loaded(person, "sell-through", content, partial=True, period="2026-11")
    second = await loaded(person, "sell-through", await rejects_of(person, first, D1O17="D1017"))
    assert second["state"] == "loaded", second
    assert await counting() == [("D1016", "12", 2000), ("D1017", "13", 700)]


async def test_nothing_of_another_report_is_superseded_for_such_a_dealer(person: Person) -> None:
    other = await loaded(person, "sell-through", csv_of(HEADER, "D1017,2026-11-20,AC10,1,5"), period="2026-11")
    content = csv_of(HEADER, "D1016,2026-11-12,AC10,2,2000", "D1O17,2026-11-13,AC20,1,700")
    first = await loaded(person, "sell-through", content, partial=True, period="2026-11")
    second = await loaded(person, "sell-through", await rejects_of(person, first, D1O17="D1017"))
    told = f"Another report speaks for this dealer and day by now: load {other['id']}."
    assert (second["state"], second["rejects"]) == ("refused", [(3, [("date", told)])])


async def test_stock_is_completed_too(person: Person) -> None:
    content = csv_of("dealer,date,product,quantity", "D1016,2026-11-12,AC10,2", "D1016,2026-11-12,AC99,3")
    first = await loaded(person, "stock", content, partial=True)
    second = await loaded(person, "stock", await rejects_of(person, first, AC99="AC30"))
    assert second["state"] == "loaded", second
    async with db.held(db.EVERYTHING):
        assert await loading.different_rollups() == 0
        assert [m.quantity for m in await months(None, ["stock"], NOVEMBER, NOVEMBER) if m.lines] == [5]


async def test_a_count_of_a_day_of_which_only_the_mended_line_tells(person: Person) -> None:
    content = csv_of("dealer,date,product,quantity", "D1016,2026-11-12,AC10,2", "D1016,2026-11-31,AC20,3")
    first = await loaded(person, "stock", content, partial=True)
    second = await loaded(person, "stock", await rejects_of(person, first, **{"2026-11-31": "2026-11-30"}))
    assert (second["state"], second["counts"]["superseded"]) == ("loaded", 0), second
    third = await loaded(person, "stock", csv_of("dealer,date,product,quantity", "D1016,2026-11-30,AC30,9"))
    assert third["counts"]["superseded"] == 1
    async with db.held(db.EVERYTHING):
        assert await loading.different_rollups() == 0


async def test_a_mended_day_outside_those_of_the_load_is_rejected(person: Person) -> None:
    content = csv_of(HEADER, "D1016,2026-11-12,AC10,2,2000", "D1016,2026-11-31,AC20,1,700")
    first = await loaded(person, "sell-through", content, partial=True, period="2026-11-12:2026-11-12")
    second = await loaded(person, "sell-through", await rejects_of(person, first, **{"2026-11-31": "2026-11-20"}))
    told = "2026-11-20 is outside the period 2026-11-12 … 2026-11-12."
    assert (second["state"], second["rejects"]) == ("refused", [(3, [("date", told)])])
    assert await counting() == [("D1016", "12", 2000)]


async def test_days_superseded_since_are_not_completed(person: Person) -> None:
    first = await loaded(person, "sell-through", CASE, partial=True)
    content = await rejects_of(person, first, AC99="AC30")
    later = await loaded(person, "sell-through", csv_of(HEADER, "D1016,2026-11-12,AC10,1,9"))
    refused = await loaded(person, "sell-through", content)
    told = f"Another report speaks for this dealer and day by now: load {later['id']}."
    assert (refused["state"], refused["rejects"]) == ("refused", [(4, [("date", told)])])
    assert await counting() == [("D1016", "12", 9), ("D1016", "13", 1000)]


async def test_other_days_superseded_since_do_not_matter(person: Person) -> None:
    first = await loaded(person, "sell-through", CASE, partial=True)
    await loaded(person, "sell-through", csv_of(HEADER, "D1016,2026-11-13,AC10,1,9"))
    second = await loaded(person, "sell-through", await rejects_of(person, first, AC99="AC30"))
    assert second["state"] == "loaded", second
    assert await counting() == [*ALL_FOUR[:3], ("D1016", "13", 9)]


async def test_what_was_refused_whole_takes_no_newer_lines_place(person: Person) -> None:
    first = await loaded(person, "sell-through", CASE)
    content = await rejects_of(person, first, AC99="AC30")
    later = await loaded(person, "sell-through", csv_of(HEADER, "D1016,2026-11-13,AC10,1,9"))
    refused = await loaded(person, "sell-through", content)
    told = refused["problem"]["title"]
    assert (refused["state"], told["params"]["later"], told["params"]["dealer"]) == (
        "refused", str(later["id"]), "D1016"
    )  # fmt: skip
    assert await counting() == [("D1016", "13", 9)]


async def test_a_file_that_is_forgotten_cannot_be_completed_unless_its_lines_count(person: Person) -> None:
    whole = await loaded(person, "sell-through", CASE)
    partly = await loaded(person, "sell-through", CASE, partial=True, dealers=["D1016"])
    with clock.fixed(clock.now() + KEPT + timedelta(days=1)):
        async with db.held(db.EVERYTHING):
            assert await forget_uploads() == 2
    with pytest.raises(Refused, match="no longer kept"):
        await loaded(person, "sell-through", await rejects_of(person, whole, AC99="AC30"))
    done = await loaded(person, "sell-through", await rejects_of(person, partly, AC99="AC30"))
    assert done["state"] == "loaded", done
    assert await counting() == ALL_FOUR


async def test_a_document_line_that_counts_is_refused_as_a_line(person: Person) -> None:
    header = f"{HEADER},document,line"
    content = csv_of(header, "D1016,2026-11-12,AC10,2,2000,M-1,1", "D1016,2026-11-12,AC99,1,700,M-2,1")
    first = await loaded(person, "sell-through", content, partial=True)
    refused = await loaded(person, "sell-through", await rejects_of(person, first, AC99="AC30", **{"M-2": "M-1"}))
    assert (refused["state"], refused["rejects"][0][1]) == (
        "refused", [("document", "The document line counts already.")]
    )  # fmt: skip


async def test_the_mapping_days_and_dealers_are_those_of_then(person: Person) -> None:
    content = csv_of("Who,When,What,N,Sum", "D1016,12.11.2026,AC10,2,2000", "D1016,31.11.2026,AC20,1,1500")
    words = {
        "maps": ["dealer=Who", "date=When", "product=What", "quantity=N", "amount=Sum"],
        "date_format": "DD.MM.YYYY",
        "period": "2026-11",
    }
    first = await loaded(person, "sell-through", content, partial=True, **words)
    rejects = await rejects_of(person, first, **{"31.11.2026": "30.11.2026"})
    for field, said in (
        ("period", {"period": "2026-12"}),
        ("dealers", {"dealers": ["D1017"]}),
        ("profile", {"maps": ["dealer=Who", "date=When", "product=What", "quantity=N", "amount=N"]}),
    ):
        with pytest.raises(Refused) as refused:
            await loaded(person, "sell-through", rejects, **said)
        assert [error.field for error in refused.value.errors] == [field]
    again = await loaded(person, "sell-through", rejects, dry_run=True, **words)
    assert again["state"] == "checked", again
    assert (await loaded(person, "sell-through", rejects))["state"] == "loaded"
    outside = await rejects_of(person, first, **{"31.11.2026": "01.12.2026"})
    told = await loaded(person, "sell-through", outside)
    assert "outside the period 2026-11-01 … 2026-11-30" in str(told["rejects"])


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (lambda text: text.replace(",rejected_load,", ",x,"), "rejected_load"),
        (lambda text: text.replace(",3,product", ",,product"), "rejected_line"),
        (lambda text: text.replace(",4,product", ",3,product"), "rejected_line"),
        (lambda text: text + "D1016,2026-11-12,AC10,2,2000,,,,,\n", "rejected_load"),
        (lambda text: text.replace("{load},4", "77,4"), "rejected_load"),
        (lambda text: text.replace("{load},", "7777,"), "rejected_load"),
        (lambda text: text.replace("{load},", "x,"), "rejected_load"),
    ],
)
async def test_a_file_of_rejects_that_does_not_say_what_it_completes_is_refused(
    person: Person, change: Callable[[str], str], field: str
) -> None:
    first = await loaded(person, "sell-through", TWO_WRONG, partial=True)
    before = await counting()
    content = (await rejects_of(person, first)).decode().replace(f",{first['id']},", ",{load},")
    with pytest.raises(Refused) as refused:
        await loaded(person, "sell-through", change(content).replace("{load}", str(first["id"])).encode())
    assert [error.field for error in refused.value.errors] == [field]
    assert await counting() == before


async def test_a_line_that_was_not_rejected_does_not_come_back(person: Person) -> None:
    first = await loaded(person, "sell-through", CASE, partial=True)
    content = (await rejects_of(person, first, AC99="AC30")).replace(b",4,product", b",3,product")
    refused = await loaded(person, "sell-through", content)
    told = f"Line 3 is none of the rejected lines of load {first['id']}."
    assert (refused["state"], refused["rejects"]) == ("refused", [(3, [("rejected_line", told)])])


async def test_whose_load_it_is_and_of_which_kind(person: Person) -> None:
    first = await loaded(person, "sell-through", CASE)
    content = await rejects_of(person, first, AC99="AC30")
    nodes = await make_territories("West")
    other, regional = await make_loader(), await make_person(Role.REGIONAL, nodes["West"])
    for whose, kind, word in (
        (other, "sell-through", "who brought it"),
        (regional, "sell-through", "There is no load"),
        (person, "sell-in", "of another kind"),
    ):
        with pytest.raises(Refused) as refused:
            await loaded(whose, kind, content)
        assert word in " ".join([str(refused.value), *(str(error.reason) for error in refused.value.errors)])
    await loaded(person, "sell-through", CASE, partial=True)
    partly = await loaded(person, "sell-through", CASE, partial=True, period="2026-11")
    done = await loaded(other, "sell-through", await rejects_of(person, partly, AC99="AC30"))
    assert done["state"] == "loaded"


async def test_masters_are_completed_alike(person: Person) -> None:
    content = csv_of("code,name,line", "N1,One,Air", "N2,,Air")
    for partial, lines in ((False, 2), (True, 1)):
        first = await loaded(person, "products", content.replace(b"N", b"P" if partial else b"N"), partial=partial)
        rejects = (await rejects_of(person, first)).replace(b"2,,", b"2,Two,")
        done = await loaded(person, "products", rejects)
        assert (done["state"], done["counts"]["lines"], done["counts"]["added"]) == ("loaded", lines, lines), done


async def test_a_workbook_and_another_order_of_columns_complete_as_well(person: Person) -> None:
    first = await loaded(person, "sell-through", TWO_WRONG)
    rows = list(csv.reader(io.StringIO((await rejects_of(person, first, AC98="AC20")).decode())))
    turned = "\n".join(",".join(reversed([cell.replace(",", "") for cell in row])) for row in [rows[0], *rows[:0:-1]])
    second = await loaded(person, "sell-through", turned.encode())
    assert [line for line, _ in second["rejects"]] == [4]
    content = (await rejects_of(person, second)).decode()
    assert "D1016,2026-11-12,AC99,1,700," in content, "back in the columns of the file that is mended"
    done = await loaded(person, "sell-through", mended(content, {"AC99": "AC30"}))
    assert (done["state"], await counting()) == ("loaded", ALL_FOUR)


async def test_the_mark_before_decimals_is_that_of_the_file_that_is_mended(person: Person) -> None:
    content = csv_of(HEADER, 'D1016,2026-11-12,AC10,2,"1.234,50"', "D1016,2026-11-12,AC99,2,1.234")
    first = await loaded(person, "sell-through", content, partial=True)
    second = await loaded(person, "sell-through", await rejects_of(person, first, AC99="AC30"))
    assert second["state"] == "loaded", second
    assert await counting() == [("D1016", "12", 1234), ("D1016", "12", Decimal("1234.5"))]

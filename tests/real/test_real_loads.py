"""The receivables of a real company brought in by file, held on PostgreSQL against what the file says by itself."""

import csv
import io
import json
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from channel import clock
from channel.access.rules import Person, Role
from channel.database import db
from channel.receivables.queries import standing
from channel.receivables.service.ageing import Asked, ageing
from channel.receivables.service.figures import Selection, figures_asked
from channel.receivables.service.kept import reconcile_ledger
from channel.view import View
from tests.make.access import acting, make_machine, make_person
from tests.make.data import PROFILES
from tests.make.sales import csv_of, loaded
from tests.real.ibm import (
    BUCKETS,
    LAST_DAY,
    Row,
    aged_by_hand,
    file,
    month_ends,
    recorded_at_the_end_of,
    rows,
)

D = Decimal
BEFORE = datetime(2011, 12, 31, tzinfo=UTC)
AFTER = datetime(2015, 1, 2, tzinfo=UTC)
CREATED = {"create_missing": ["dealers"], "effective_on": "2012-01-01"}
AS_OF = [*month_ends(2012, 2013), date(2013, 6, 24)]


def profile(name: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((PROFILES / f"ibm-{name}.json").read_text("utf-8"))
    return document


async def load(
    person: Person,
    kind: str,
    content: bytes,
    at: datetime,
    **options: Any,  # noqa: ANN401 - whatever a wish takes
) -> dict[str, Any]:
    with clock.fixed(at):
        result = await loaded(person, kind, content, profile=profile(kind), **options)
    assert result["state"] == "loaded", (result["problem"], result["rejects"][:3])
    return result


@pytest.fixture
async def machine(database: str) -> Person:
    """Who brings everything, with the five territories of the file."""
    with clock.fixed(BEFORE):
        speaker = await make_machine(await make_person(Role.ADMINISTRATOR), "erp")
    codes = sorted({line.split(",", 1)[0] for line in file().read_text("utf-8").splitlines()[1:]})
    assert len(codes) == 5
    await load(speaker, "territories", csv_of("countryCode", *codes), BEFORE + timedelta(hours=1))
    return speaker


def as_file(wanted: Sequence[Row], later: bool) -> bytes:
    """Lines of the file with these invoices, each settled when its copy says."""
    numbers = {row.number: row for row in wanted}
    out = io.StringIO()
    with file().open(encoding="utf-8", newline="") as source:
        reader = csv.DictReader(source)
        writer = csv.DictWriter(out, reader.fieldnames or [])
        writer.writeheader()
        for line in reader:
            if row := numbers.get(line["invoiceNumber"]):
                on = row.settled_on
                writer.writerow(
                    line | {"SettledDate": f"{on.month}/{on.day}/{on.year}" if later else line["SettledDate"]}
                )
    return out.getvalue().encode()


async def stood(view: View) -> dict[str, list[Decimal]]:
    """What is left of each dealer's items by bucket of days past the due day."""
    found: dict[str, list[Decimal]] = defaultdict(lambda: [D(0)] * 6)
    codes = {row["id"]: row["code"] for row in await db.fetch("SELECT id, code FROM dealer")}
    for row in await standing.left_of(list(codes), view, clock.today()):
        assert row["instalment"] == 1
        late = (view.as_of - row["due_on"]).days
        place = next(n for n, (first, last) in enumerate(BUCKETS) if first <= late <= last)
        found[codes[row["dealer_id"]]][place] += row["amount"]
    return dict(found)


async def aged(finance: Person, view: View) -> dict[str, list[Decimal]]:
    """The same as the ageing tells it."""
    told = await ageing(finance, Asked(), view)
    assert all((row.balance, row.unapplied, row.bills) == (row.open, 0, 0) for row in told.rows)
    return {str(row.group): list(row.buckets.values()) for row in told.rows}


@pytest.mark.parametrize("later", [False, True])
async def test_the_file_loads_as_invoices_and_again_as_the_receipts_that_name_them(
    later: bool,
    machine: Person,
) -> None:
    content = as_file(rows(later), later)
    result = await load(machine, "invoices", content, AFTER, **CREATED)
    counts = {"lines": 2466, "rejected": 0, "documents": 2466, "allocations": 0, "new_dealers": 100}
    assert result["counts"] == counts
    assert [each["amount"] for each in result["preview"]["payments"]] == ["147703.1800"]
    result = await load(machine, "receipts", content, AFTER + timedelta(hours=1))
    assert result["counts"] == {"lines": 2466, "rejected": 0, "documents": 2466, "allocations": 2466}
    paid = {"currency": "USD", "documents": 2466, "amount": "147703.1800", "allocated": "147703.1800"}
    assert result["preview"]["payments"] == [paid | {"left_over": "0.0000"}]
    filled = [D(0)] * 6
    with clock.fixed(AFTER + timedelta(hours=2)):
        finance = await make_person(Role.FINANCE)
        async with db.held(db.EVERYTHING):
            assert await reconcile_ledger() == 0
            assert await db.fetchval("SELECT count(*) FROM open_item") == 0
        async with acting(finance):
            for as_of in AS_OF:
                found = await aged(finance, View(as_of, clock.now(), past=True, dated=True))
                assert found == aged_by_hand(later, as_of, LAST_DAY)
                filled = [sum(each) for each in zip(filled, *found.values(), strict=True)]
            if not later:
                rows_of = await figures_asked(
                    finance, Selection(None, None, None), View(clock.today(), clock.now()), 60
                )
                (together,) = [row for row in rows_of if row.month is None]
                assert (together.days_late, together.days_beyond_terms) == (D("3.4424"), D("-3.5552"))
    assert later == all(filled)


async def test_loaded_by_month_every_month_end_is_told_as_known_at_every_other(machine: Person) -> None:
    every = rows(True)
    for end in month_ends(2012, 2014):
        at = recorded_at_the_end_of(end)
        for kind, mine, hours in (
            ("invoices", [row for row in every if _same_month(row.invoiced_on, end)], -1),
            ("receipts", [row for row in every if _same_month(row.settled_on, end)], 0),
        ):
            if mine:
                options = CREATED if kind == "invoices" else {}
                await load(machine, kind, as_file(mine, True), at + timedelta(hours=hours), **options)
    with clock.fixed(AFTER):
        finance = await make_person(Role.FINANCE)
        async with db.held(db.EVERYTHING):
            assert await reconcile_ledger() == 0
            assert await db.fetchval("SELECT count(*) FROM open_item") == 0
        async with acting(finance):
            for known in month_ends(2012, 2014):
                for as_of in AS_OF:
                    view = View(as_of, recorded_at_the_end_of(known), past=True, dated=True)
                    by_hand = aged_by_hand(True, as_of, known)
                    assert await stood(view) == by_hand, (as_of, known)
                    # The whole of the way to a reader is asked at every third.
                    if known.month % 3 == 0:
                        assert await aged(finance, view) == by_hand, (as_of, known)


def _same_month(on: date, end: date) -> bool:
    return (on.year, on.month) == (end.year, end.month)

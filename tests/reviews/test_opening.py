"""What a review tells of a dealer is what the pages of the rooms below tell, dealer by dealer."""

from datetime import date, timedelta
from decimal import Decimal
from random import Random

import pytest
from asyncpg import Record

from channel import clock
from channel.access.rules import Person
from channel.credit.service.dealer import credit_of
from channel.database import db
from channel.database.snapshots import view_of
from channel.dealers.rules import Fact
from channel.lists import ALL
from channel.receivables.queries.incidents import IncidentFilter
from channel.receivables.queries.promises import PromiseFilter
from channel.receivables.rules.disputes import Dispute
from channel.receivables.rules.documents import DocumentKind
from channel.receivables.service.ageing import Asked, ageing
from channel.receivables.service.incidents import incidents_told
from channel.receivables.service.promises import JUDGING, enter_promise, promises_told
from channel.reviews.rules.snapshot import LATE_DAYS, Counted, Snapshot, Sold, Turned, snapshot_from_document
from channel.sales.service.views import chase_list
from channel.view import View
from channel.work.service import run_due
from tests.make.access import acting
from tests.make.dealers import change_fact, make_dealer, make_rate
from tests.make.disputes import dispute_at_random, disputes_posted
from tests.make.ledger import post, post_at_random, reverse
from tests.make.limits import keep_fact, keep_statement, make_desk, make_sold, on_day, put_in_force
from tests.make.receivables import day, moment, owed, paying, promising
from tests.make.reviews import make_plan, opened_by_hand, reviews

# Movements as they were written, for a computation that knows nothing of how they are read.
_SETTLED = """
SELECT i.document_id, i.instalment, i.currency, i.amount AS whole, i.effective_on AS item_on, i.due_on, a.id, a.amount,
       a.effective_on, p.recorded_at, d.kind, coalesce(d.value_on, d.effective_on) AS paid_on,
       e.effective_on AS ended_on, q.recorded_at AS ended_at
FROM receivable_item i JOIN allocation a ON (a.dealer_id, a.document_id, a.instalment)
                                          = (i.dealer_id, i.document_id, i.instalment)
JOIN posting p ON p.id = a.posting_id
JOIN receivable_document d ON d.dealer_id = a.dealer_id AND d.id = a.money_id
LEFT JOIN allocation_end e ON e.dealer_id = a.dealer_id AND e.allocation_id = a.id
LEFT JOIN posting q ON q.id = e.posting_id
WHERE i.dealer_id = $1 AND i.instalment > 0 ORDER BY a.id
"""


def late_days(rows: list[Record], view: View, back: int) -> Decimal | None:
    """Days beyond terms of what was settled in the days of a window, weighted, straight from the definition."""
    # An allocation can be taken back twice: from a day on, and from an earlier one.
    ended = {
        row["id"]
        for row in rows
        if row["ended_on"] is not None and row["ended_on"] <= view.as_of and row["ended_at"] <= view.known_at
    }
    held: dict[tuple[int, int], dict[int, Record]] = {}
    for row in rows:
        if row["effective_on"] <= view.as_of and row["recorded_at"] <= view.known_at and row["id"] not in ended:
            held.setdefault((row["document_id"], row["instalment"]), {})[row["id"]] = row
    last = view.as_of - timedelta(days=back * LATE_DAYS)
    amount, weighted = Decimal(0), Decimal(0)
    for mine in held.values():
        parts = list(mine.values())
        paid = [each["paid_on"] for each in parts if each["kind"] in {"receipt", "bill"}]
        if not parts or not paid or sum(each["amount"] for each in parts) != parts[0]["whole"]:
            continue
        closed = max(each["effective_on"] for each in parts)
        if last - timedelta(days=LATE_DAYS) < closed <= last:
            days = (max(parts[0]["item_on"], *paid) - parts[0]["due_on"]).days
            amount += parts[0]["whole"]
            weighted += parts[0]["whole"] * days
    return None if amount == 0 else round(weighted / amount, 4)


async def aged(person: Person, code: str, view: View) -> list[tuple[object, ...]]:
    told = await ageing(person, Asked(dealer=code), view)
    return [
        (row.currency, tuple(row.buckets.values()), row.unapplied, row.bills, row.disputed)
        for row in sorted(told.rows, key=lambda row: row.currency)
    ]


def told_aged(seen: Snapshot, name: str) -> list[tuple[object, ...]]:
    return [(one.currency, one.buckets, one.on_account, one.bills, one.disputed) for one in getattr(seen, name)]


async def seen_of(plan: str) -> dict[str, tuple[Record, Snapshot]]:
    return {row["code"]: (row, snapshot_from_document(row["snapshot"])) for row in await reviews(plan)}


@pytest.mark.parametrize("seed", range(6))
async def test_the_ledger_of_a_review_is_that_of_the_pages_whatever_is_posted_later(seed: int, finance: Person) -> None:
    random = Random(seed + 70)  # noqa: S311 - documents for a test
    with clock.fixed(moment(0)):
        ids = {code: await make_dealer(code, currency="CNY") for code in ("D-1", "D-2", "D-3")}
        await make_rate("CNY", day(0), "0.14")
    await make_plan("all", {}, moment(1))
    hour = 0
    for code in ("D-1", "D-2"):
        hour = max(hour, await dispute_at_random(random, finance, await post_at_random(random, finance, code), code))
    on = day(random.randint(3, hour // 24))
    await opened_by_hand("all", on, moment(hour + 2))
    for code in ("D-1", "D-3"):
        await post(finance, owed("700", on=0, due=1, number="late"), at=hour + 3, code=code)
    found = await seen_of("all")
    assert sorted(found) == ["D-1", "D-2", "D-3"]
    with clock.fixed(moment(hour + 30)):
        async with acting(finance):
            for code, (row, seen) in found.items():
                view = View(on, await db.fetchval("SELECT known_at FROM review_run"), past=True, dated=True)
                assert told_aged(seen, "aged") == await aged(finance, code, view)
                before = View(on - timedelta(days=7), view.known_at, past=True, dated=True)
                assert told_aged(seen, "aged_before") == await aged(finance, code, before)
                assert seen.compared_on == before.as_of
                usage = (await credit_of(finance, code, view, (None, None))).limit.usage
                assert usage is not None
                assert seen.exposure == (None if usage.exposure is None else usage.exposure.amount)
                assert seen.kept is (usage.exposure is not None)
                assert row["exposure"] == seen.exposure
                rows = await db.fetch(_SETTLED, ids[code])
                assert seen.late_days == late_days(rows, view, 0)
                assert seen.late_days_before == late_days(rows, view, 1)
                assert seen.disputes.count == disputed(await disputes_posted(ids[code]), view)
                overdue = sum((sum(one.buckets[1:]) for one in seen.aged), Decimal(0))
                assert seen.overdue == (overdue if seen.kept else None)
    assert found["D-3"][1].kept is False
    assert found["D-3"][1].exposure is None


@on_day(date(2013, 12, 1))
async def test_limit_sales_and_file_of_a_review_are_those_of_the_pages(database: str) -> None:
    desk = await make_desk()
    await make_dealer("D-1", territory="Harbour City", grade="AA", terms=30, currency="USD")
    await make_dealer("D-2", territory="Lake District", grade=None, currency="USD")
    months = [f"2013-{month:02}" for month in range(1, 12)]
    for place, month in enumerate(months):
        await make_sold(desk.manager, [month], {"D-1": 1000 + place}, dealers=frozenset({"D-1"}))
    for month in ("2013-06", "2013-08", "2013-09", "2013-11"):
        await make_sold(desk.manager, [month], {"D-1": 500}, "sell-through", dealers=frozenset({"D-1"}))
    await put_in_force(desk, "D-1", "900")
    async with acting(desk.finance):
        await change_fact(desk.manager, "D-1", Fact.TERMS_DAYS, "45", effective_on=date(2013, 3, 1), reason="asked")
        await keep_statement(desk.finance, "D-1", date(2012, 12, 31), {"sales": Decimal(1)}, currency="USD")
        await keep_statement(desk.finance, "D-1", date(2011, 12, 31), {"sales": Decimal(1)}, currency="USD")
        for on in (date(2013, 1, 2), date(2013, 9, 9)):
            factor = "appearance" if on.month == 1 else "solvency"
            await keep_fact(desk.finance, "D-1", "score", [Decimal(7)], factor=factor, effective_on=on, reason="seen")
    await make_plan("all", {"when": {"rhythm": "monthly"}}, clock.now())
    await opened_by_hand("all", date(2013, 12, 1), clock.now())
    found = await seen_of("all")
    row, seen = found["D-1"]
    async with acting(desk.finance):
        credit = await credit_of(desk.finance, "D-1", view_of(), (None, None))
        owed_reports = await chase_list(desk.finance, months=12)
    decision, held = credit.limit.decision, credit.limit.held
    assert seen.policy is not None
    assert (seen.policy.amount, seen.policy.currency, seen.policy.valid_until) == (
        decision.amount, decision.currency, decision.valid_until,
    )  # fmt: skip
    assert decision.amount is not None
    assert (seen.limit, seen.limit_base, seen.limit_since, seen.limit_until) == (
        held.state.total, held.state.base, held.state.since, held.state.until,
    )  # fmt: skip
    assert (row["limit_amount"], row["limit_until"]) == (held.state.total, held.state.until)
    assert seen.limit == 900
    # September to November against June to August, of sell-in; of sell-through four months are too few for both.
    assert seen.sell_in == Sold(3, Decimal(1010 + 1009 + 1008), Decimal(1007 + 1006 + 1005))
    assert seen.sell_through == Sold(3, Decimal(1500), None)
    assert seen.turned == Turned(3, Decimal(1010 + 1008 + 1007), Decimal(1500))
    # What is owed is sell-through and stock; stock was never counted.
    missing = {month for each in owed_reports if each.dealer == "D-1" for month in each.months}
    assert seen.missing_reports == len(missing) == 12
    assert (seen.terms_days, seen.terms_before, seen.terms_since) == (45, 30, date(2013, 3, 1))
    assert (seen.statement_on, seen.facts_since, seen.grade) == (date(2012, 12, 31), date(2013, 1, 2), "AA")
    assert (seen.territory, seen.type, seen.status) == ("Harbour City", "terminal", "active")
    other = found["D-2"][1]
    assert (other.grade, other.grade_since, other.limit, other.statement_on) == (None, None, None, None)
    assert other.policy is not None
    assert other.policy.withheld is not None


async def test_promises_and_incidents_of_a_review_are_those_of_the_pages(finance: Person) -> None:
    with clock.fixed(moment(0)):
        await make_dealer("D-1", currency="CNY")
    await make_plan("all", {}, moment(1))
    await post(finance, owed("1000", on=0, due=20), at=24)
    bill = paying("40", on=1, number="B1", kind=DocumentKind.BILL, matures_on=day(200))
    (posted,) = (await post(finance, bill, at=25)).documents
    with clock.fixed(moment(30 * 24)):
        async with acting(finance):
            await enter_promise(finance, "D-1", promising("300", 2))
            await enter_promise(finance, "D-1", promising("200", 60))
    await reverse(finance, posted.document.id, on=31, at=31 * 24)
    with clock.fixed(moment(40 * 24)):
        await run_due([JUDGING])
    await opened_by_hand("all", day(41), moment(41 * 24))
    seen = (await seen_of("all"))["D-1"][1]
    with clock.fixed(moment(41 * 24)):
        async with acting(finance):
            states = [row["state"] for row in (await promises_told(finance, PromiseFilter(), ALL)).items]
            kinds = sorted(row["kind"] for row in (await incidents_told(finance, IncidentFilter(), ALL)).items)
    assert sorted(states) == ["broken", "open"]
    assert kinds == ["broken_promise", "dishonoured_bill"]
    assert (seen.promises, seen.broken_promises) == (Counted(1, Decimal(200)), 1)
    assert seen.incidents == (("broken_promise", 1), ("dishonoured_bill", 1))
    # A year later they lie too far back.
    await opened_by_hand("all", day(36 + 365), moment((36 + 365) * 24))
    later = [snapshot_from_document(row["snapshot"]) for row in await reviews("all")][-1]
    assert (later.broken_promises, later.incidents) == (0, ())


def disputed(posted: list[Dispute], view: View) -> int:
    return sum(
        each.opened_on <= view.as_of
        and each.recorded_at <= view.known_at
        and not (
            each.ended_on is not None
            and each.ended_on <= view.as_of
            and each.end_recorded_at is not None
            and each.end_recorded_at <= view.known_at
        )
        for each in posted
    )

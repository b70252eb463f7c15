"""Limits computed from the books: whose figures count, as of which day, as known at which moment."""

import asyncio
from collections.abc import Sequence
from contextvars import Context
from datetime import date, datetime, timedelta
from decimal import Decimal

import msgspec
import pytest

from channel import clock
from channel.access.rules import Person
from channel.credit.queries import assessments
from channel.credit.rules import POLICY, LimitDecision, Policy, decision_from_document
from channel.credit.rules.snapshot import Collected, collected_from_document, collected_to_document, decide
from channel.credit.service.explain import diff, explain, recompute, what_if
from channel.credit.service.looks import Asked, Found, Look, find
from channel.database import db
from channel.database.snapshots import view_of
from channel.dealers.rules import Fact
from channel.errors import Invalid, NotFound, m
from channel.versions.rules import read_document
from channel.web.moments import view_given
from tests.make.access import acting
from tests.make.credit import DEFAULT_POLICY, snapshot
from tests.make.dealers import change_fact, make_dealer, make_rate
from tests.make.limits import AS_OF, TWELVE, YEAR, assess, make_dealer_selling, make_desk, make_sold, put_in_force

pytestmark = pytest.mark.usefixtures("database")


async def _amount(person: Person, code: str, as_of: date = AS_OF, known_at: datetime | None = None) -> LimitDecision:
    async with acting(person):
        return (await explain(person, code, view_of(as_of, known_at))).decision


async def test_the_shipped_policy_is_the_one_of_the_rules(database: str) -> None:
    async with db.held(db.EVERYTHING):
        row = await db.fetchrow(
            "SELECT v.*, p.recorded_at FROM document_version v JOIN request_general r ON r.id = v.request_id"
            " JOIN posting p ON p.id = r.closed_by WHERE v.paper = 'credit policy' AND v.version = 1"
            " AND r.state = 'approved'"
        )
    assert read_document(POLICY, row["document"], 1) == DEFAULT_POLICY
    assert (row["effective_from"], row["recorded_at"].date()) == (date(1900, 1, 1), date(1900, 1, 1))


async def test_a_limit_is_told_with_its_steps(database: str) -> None:
    desk = await make_desk()
    await make_dealer_selling(desk, "D-1", 60_000)
    found = await _amount(desk.finance, "D-1")
    assert (found.amount, found.currency, found.approvals_needed) == (Decimal(60_000), "USD", 1)
    assert [step.key for step in found.steps][-1] == "limit"
    assert found.valid_until == date(2014, 12, 1)


async def test_everybody_gets_the_same_figure_and_who_may_not_know_gets_none(database: str) -> None:
    desk = await make_desk()
    await make_dealer_selling(desk, "D-1", "60123.45", terms=45)
    # Another territory's sales count for caps whoever asks.
    await make_dealer("D-2", territory="Lake District")
    found = {(await _amount(person, "D-1")).unrounded for person in desk.everybody()}
    assert found == {Decimal("90185.175")}
    with pytest.raises(NotFound):
        await _amount(desk.north, "D-1")
    async with acting(desk.north):
        with pytest.raises(NotFound):
            await assess(desk.north, dealer="D-1")
        with pytest.raises(NotFound):
            await what_if(desk.north, "D-1", view_of())


async def test_company_totals_count_dealers_out_of_sight(database: str) -> None:
    desk = await make_desk()
    await make_dealer_selling(desk, "D-1", 1000)
    await make_dealer("D-2", territory="Lake District", grade="A")
    await make_sold(desk.manager, TWELVE, {"D-2": 9000}, dealers=frozenset({"D-2"}))
    for person in (desk.finance, desk.east):
        async with acting(person):
            able = await what_if(person, "D-1", view_of(AS_OF))
            tried = able.turned({"policy.caps.own_sales_rate": "0.005"})
        assert tried.after.unrounded == Decimal(600)  # 0.5% of 120,000


async def test_what_is_missing_is_withheld_and_never_zero(database: str) -> None:
    desk = await make_desk()
    await make_dealer_selling(desk, "D-1", 100, months=YEAR[-2:])
    found = await _amount(desk.finance, "D-1")
    assert (found.amount, str(found.withheld)) == (None, "the dealer is new and no first-year target is agreed")
    await make_sold(desk.manager, ("2012-10", "2012-11"), {"D-1": 100}, dealers=frozenset({"D-1"}))
    found = await _amount(desk.finance, "D-1")
    assert (found.amount, str(found.withheld)) == (None, "10 of 12 months missing: 2 covered, at least 3 needed")
    early = await _amount(desk.finance, "D-1", date(2009, 1, 1))
    assert str(early.withheld) == "nothing was known of the dealer on 2009-01-01"


async def test_a_late_report_changes_the_limit_of_today_and_not_the_one_known_before(database: str) -> None:
    desk = await make_desk()
    await make_dealer_selling(desk, "D-1", 60_000, months=TWELVE)
    before = await _amount(desk.finance, "D-1")
    known = before.known_at
    await make_sold(desk.manager, ("2013-11",), {"D-1": 0}, dealers=frozenset({"D-1"}))
    assert (await _amount(desk.finance, "D-1")).amount == Decimal(55_000)
    again = await _amount(desk.finance, "D-1", AS_OF, known)
    assert again == before
    async with acting(desk.finance):
        found = await diff(desk.finance, "D-1", view_of(AS_OF, known), view_of(AS_OF))
    assert found.whole == Decimal(-5000)
    assert {part.key: part.amount for part in found.parts if part.amount} == {"sales": Decimal(-5000)}


async def test_a_view_given_while_a_load_is_open_is_given_again(database: str) -> None:
    desk = await make_desk()
    dealer_id = await make_dealer_selling(desk, "D-1", 60_000)
    opened, given = asyncio.Event(), asyncio.Event()

    async def load() -> None:
        """A report that is written and not yet committed while the view is given."""
        async with acting(desk.manager), db.transaction():
            posting_id = await db.fetchval("INSERT INTO posting (act, actor) VALUES ('load', 'x') RETURNING id")
            db.note_posting(posting_id)
            await db.execute(
                "UPDATE sales_line SET closed_by = $2 WHERE dealer_id = $1 AND month = '2013-11-01'",
                dealer_id,
                posting_id,
            )
            await db.execute("DELETE FROM sales_month WHERE dealer_id = $1 AND month = '2013-11-01'", dealer_id)
            opened.set()
            await given.wait()

    task = asyncio.create_task(load())
    await opened.wait()
    view = await _amount(desk.finance, "D-1")
    given.set()
    await task
    assert view.amount == Decimal(60_000)
    assert await _amount(desk.finance, "D-1", AS_OF, view.known_at) == view
    assert (await _amount(desk.finance, "D-1")).amount == Decimal(55_000)


async def test_an_assessment_is_kept_and_computed_again_to_the_cent(database: str) -> None:
    desk = await make_desk()
    await make_rate("EUR", AS_OF, "1.36")
    for day in TWELVE:
        await make_rate("EUR", date.fromisoformat(f"{day}-14"), "1.3")
    await make_dealer_selling(desk, "D-1", "7777.7777", currency="EUR", terms=45)
    await make_dealer("D-2", territory="Lake District")
    async with acting(desk.finance):
        run = await assess(desk.finance, view=view_of(AS_OF))
        assert (run.computed, run.withheld) == (1, 1)
        (kept, _) = (await assessments.assessments_of_run(run.run_id)).items
    await make_sold(desk.manager, ("2013-11",), {"D-1": 1}, dealers=frozenset({"D-1"}))
    async with acting(desk.auditor):
        again = await recompute(desk.auditor, kept["id"])
    assert again.differs is None
    assert again.again.unrounded == Decimal("11666.66655") == kept["unrounded"]
    assert kept["company_amount"] == Decimal(11_600) * Decimal("1.36")
    async with acting(desk.north):
        assert [row["dealer"] for row in (await assessments.assessments_of_run(run.run_id)).items] == ["D-2"]
        seen = await assessments.run(run.run_id)
        assert (seen["computed"], seen["withheld"]) == (0, 1)
    async with acting(desk.east):
        with pytest.raises(NotFound):
            await assess(desk.east, territory="nowhere")


def test_what_is_kept_reads_back_equal_however_it_was_written() -> None:
    collected = Collected(7, snapshot([1, None, "2.5"]), (m("%(a)s of %(b)s", a="1", b="2"),), m("no"))
    decision = decide(DEFAULT_POLICY, collected)
    assert collected_from_document(msgspec.json.decode(msgspec.json.encode(collected))) == collected
    assert collected_from_document(collected_to_document(collected)) == collected
    older = collected_to_document(collected)
    for each in older["inputs"]["months"]:
        year, month = each["month"].split("-")
        each["month"] = {"year": int(year), "month": int(month)}
    assert collected_from_document(older) == collected
    assert decision_from_document(msgspec.json.decode(msgspec.json.encode(decision))) == decision


async def test_lines_of_an_older_currency_are_brought_into_the_present_one(database: str) -> None:
    desk = await make_desk()
    await make_dealer_selling(desk, "D-1", 1000)
    await make_rate("EUR", date(2013, 11, 29), "1.25")
    await _change(desk.finance, "D-1", "currency", "EUR", date(2013, 11, 20))
    found = await _amount(desk.finance, "D-1")
    assert (found.unrounded, found.currency) == (Decimal(800), "EUR")
    assert str(found.steps[0].inputs[0]) == ("lines held in USD are counted from USD at 1.250000 USD per EUR")
    assert (await _amount(desk.finance, "D-1", date(2013, 12, 20))).withheld is not None


async def _change(person: Person, code: str, fact: str, value: str, on: date) -> None:
    async with acting(person):
        await change_fact(person, code, Fact(fact), value, effective_on=on, reason="moved")


async def test_what_if_keeps_nothing(database: str) -> None:
    desk = await make_desk()
    await make_dealer_selling(desk, "D-1", 60_000)
    counts = (
        "SELECT (SELECT count(*) FROM posting), (SELECT count(*) FROM assessment), (SELECT count(*) FROM audit_dealer)"
    )
    async with acting(desk.east):
        before = await db.fetchrow(counts)
        able = await what_if(desk.east, "D-1", view_of(AS_OF))
        tried = able.turned({"inputs.grade": "A", "policy.sales.window_months": "24", "inputs.sales_factor": "2"})
        assert (tried.before.amount, tried.after.amount, tried.change) == (Decimal(60_000), Decimal(96_000), 36_000)
        with pytest.raises(Invalid) as refused:
            able.turned({"inputs.grade": "Z", "policy.nothing": "1"})
        assert {error.field for error in refused.value.errors} == {"inputs.grade", "policy.nothing"}
        assert await db.fetchrow(counts) == before


async def test_the_parts_of_a_difference_sum_to_the_whole(database: str) -> None:
    desk = await make_desk()
    await make_dealer_selling(desk, "D-1", "10003.33", months=TWELVE)
    await put_in_force(desk, "D-1", 12_000, date(2013, 11, 15))
    await _change(desk.finance, "D-1", "grade", "AAA", date(2013, 11, 15))
    await _change(desk.finance, "D-1", "terms_days", "60", date(2013, 11, 15))
    async with acting(desk.finance):
        found = await diff(desk.finance, "D-1", view_of(date(2013, 11, 1)), view_of(AS_OF))
    assert found.withheld is None
    assert sum((part.amount for part in found.parts), Decimal(0)) == found.whole
    assert {"terms", "grade", "caps"} <= {part.key for part in found.parts if part.amount}


async def test_nobody_asks_what_will_be_known(database: str) -> None:
    async with db.held():
        with pytest.raises(Invalid):
            await view_given(AS_OF, (clock.now() + timedelta(hours=1)).isoformat())


async def test_a_run_in_several_batches_gives_what_one_batch_gives(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = await make_desk()
    for number in range(5):
        await make_dealer_selling(desk, f"D-{number}", 1000 + 1000 * number)
    await make_dealer("D-none", territory="Harbour City")

    async def assessed() -> tuple[tuple[int, int], list[tuple[object, ...]]]:
        async with acting(desk.finance):
            run = await assess(desk.finance, view=view_of(AS_OF))
            rows = (await assessments.assessments_of_run(run.run_id)).items
        return (run.computed, run.withheld), [(row["dealer"], row["amount"], row["withheld"]) for row in rows]

    whole = await assessed()
    assert (whole[0], len(whole[1])) == ((5, 1), 6)
    for size in (1, 2, 6, 7):
        monkeypatch.setattr("channel.credit.service.assess.BATCH", size)
        assert await assessed() == whole, size


async def test_what_is_recorded_during_a_run_does_not_reach_its_later_batches(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = await make_desk()
    for number in range(3):
        await make_dealer_selling(desk, f"D-{number}", 1000)
    batches: list[Sequence[Asked]] = []

    async def downgrade() -> None:
        async with acting(desk.manager):
            await change_fact(desk.manager, "D-2", Fact.GRADE, "C", effective_on=AS_OF, reason="disputes")

    async def found_late(looks: Sequence[Look]) -> list[Found]:
        batches.append(looks[0].asked)
        if len(batches) == 2:
            # Somebody else's act: not on the connection of the run.
            await asyncio.create_task(downgrade(), context=Context())
        return await find(looks)

    async def assessed() -> list[Decimal]:
        async with acting(desk.finance):
            run = await assess(desk.finance, view=view_of(AS_OF))
            return [row["amount"] for row in (await assessments.assessments_of_run(run.run_id)).items]

    monkeypatch.setattr("channel.credit.service.assess.BATCH", 1)
    monkeypatch.setattr("channel.credit.service.assess.find", found_late)
    assert await assessed() == [1000, 1000, 1000]
    assert (len(batches), await assessed()) == (3, [1000, 1000, 0])


async def test_a_run_that_fails_on_its_way_keeps_nothing(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = await make_desk()
    for number in range(4):
        await make_dealer_selling(desk, f"D-{number}", 1000)
    monkeypatch.setattr("channel.credit.service.assess.BATCH", 1)
    seen: list[int] = []

    def fails_late(policy: Policy, known: Collected) -> LimitDecision:
        seen.append(known.dealer_id)
        if len(seen) == 3:
            raise ArithmeticError
        return decide(policy, known)

    monkeypatch.setattr("channel.credit.service.assess.decide", fails_late)
    async with acting(desk.finance):
        with pytest.raises(ArithmeticError):
            await assess(desk.finance, view=view_of(AS_OF))
        kept = await db.fetchrow("SELECT (SELECT count(*) FROM assessment), (SELECT count(*) FROM assessment_run)")
    assert (len(seen), tuple(kept or ())) == (3, (0, 0))

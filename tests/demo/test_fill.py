"""The demonstration's filling, on a few of its dealers: through the doors of real data, in the order of its moments."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from channel import clock
from channel.access import service as access
from channel.access.queries.away import away_on
from channel.access.queries.staff import whole_register
from channel.access.rules import Person, Role
from channel.access.rules.away import compute_stand_in
from channel.access.rules.staff import circles
from channel.access.service.territories import reconcile_tree
from channel.database import db
from channel.dealers.service.facts import reconcile_dealers
from channel.demo.company import ACCOUNTS, PASSWORD
from channel.demo.fill import fill, keep_up
from channel.demo.payers import Part
from channel.lists import ALL
from channel.receivables.queries import standing
from channel.receivables.queries.contact_log import ContactFilter
from channel.receivables.queries.disputes import DisputeFilter
from channel.receivables.queries.incidents import IncidentFilter
from channel.receivables.queries.promises import PromiseFilter
from channel.receivables.service import (
    ageing,
    calls,
    contact_log,
    disputes,
    figures,
    incidents,
    promises,
    unknown_money,
)
from channel.receivables.service.kept import reconcile_ledger
from channel.sales.service.views import reconcile_rollups
from channel.view import View

NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)


async def test_the_filling_tells_a_story_that_holds_together(database: str) -> None:
    with clock.fixed(NOW):
        await fill(lambda _what, _part: None, number=12)
        async with db.held(db.Scope("all", (), Role.AUDITOR.value)):
            await _check_story()
        await _check_receivables()
    with clock.fixed(NOW + timedelta(days=9)):
        await keep_up()
    async with db.held(db.EVERYTHING):
        # The 22nd of November 2026 is a Sunday: its last rate is Friday's, and by the 1st seven more came.
        assert await db.fetchval("SELECT count(*) FROM exchange_rate WHERE on_date > $1", NOW.date()) == 7
        assert await db.fetchval("SELECT count(*) FROM posting WHERE recorded_at > $1", NOW) == 1


async def _check_story() -> None:
    assert await db.fetchval("SELECT count(*) FROM dealer") == 12
    assert await db.fetchval("SELECT count(*) FROM person") == len(ACCOUNTS)
    register = await whole_register(NOW.date())
    assert (len(register), circles({code: each.manager for code, each in register.items()})) == (12, [])
    assert {duty for each in register.values() for duty in each.duties} == {
        "head-of-region", "collector", "market-representative", "key-account-manager", "technical", "recruiter",
    }  # fmt: skip
    assert compute_stand_in("E11", NOW.date(), register, await away_on(NOW.date())) == "E12"
    without = await db.fetchval("SELECT count(*) FROM dealer WHERE responsible_id IS NULL")
    members = await db.fetchval("SELECT count(DISTINCT responsible_id) FROM dealer")
    assert (without, members > 2) == (1, True)
    months = await db.fetchval("SELECT count(DISTINCT month) FROM sales_month WHERE kind = 'sell-in'")
    assert months == 24
    assert (await reconcile_tree(), await reconcile_dealers(), await reconcile_rollups()) == (0, 0, 0)

    tasks = dict(await db.fetch("SELECT state, count(*) FROM task_dealer GROUP BY state"))
    assert (tasks["done"] >= 1, tasks["outstanding"] >= 5) == (True, True)
    steps = {row["step"] for row in await db.fetch("SELECT DISTINCT step FROM task_step_dealer")}
    assert steps == {"done", "put off", "handed on", "escalated"}
    due = "SELECT count(*) FILTER (WHERE due_on < $1) > 0 AND count(*) FILTER (WHERE due_on >= $1) > 0 FROM task_dealer"
    assert await db.fetchval(f"{due} WHERE state = 'outstanding'", NOW.date())

    disorder = "SELECT count(*) FROM (SELECT recorded_at < lag(recorded_at) OVER (ORDER BY id) AS early FROM posting) x"
    assert await db.fetchval(disorder + " WHERE early") == 0, "what came later was recorded later"
    assert await db.fetchval("SELECT count(*) FROM posting WHERE recorded_at > $1 OR recorded_at IS NULL", NOW) == 0

    states = dict(await db.fetch("SELECT state, count(*) FROM request_dealer GROUP BY state"))
    assert min(states["open"], states["approved"], states["refused"]) > 0
    assert await db.fetchval("SELECT count(*) FROM limit_proposal WHERE change_amount IS NULL") == 0, "rates were there"
    assert await db.fetchval("SELECT count(*) FROM financial_statement") > 0
    assert await db.fetchval("SELECT count(*) FROM exclusivity") > 0


def _code(part: Part) -> str:
    """Of a few dealers all trade all the time, so that places among them are places among all."""
    return f"D{1001 + part}"


async def _days_late(person: Person, part: Part) -> list[Decimal]:
    rows = await figures.figures_asked(person, figures.Selection(_code(part)), View(NOW.date(), NOW), 24)
    return [row.days_late for row in rows if row.month is not None and row.days_late is not None]


async def _left(part: Part, as_of: date, known_at: datetime | None = None) -> tuple[Decimal, Decimal]:
    """What is open and on account of a dealer, from all that was posted."""
    dealer_id = await db.fetchval("SELECT id FROM dealer WHERE code = $1", _code(part))
    rows = await standing.sums_of([dealer_id], as_of, known_at)
    return sum(row["open"] for row in rows), sum(row["on_account"] for row in rows)


async def _check_receivables() -> None:
    async with db.held():
        fang = await access.person_of_session(await access.sign_in("fang", PASSWORD, address="127.0.0.1", agent="test"))
    assert fang is not None
    async with db.held(access.scope_of(fang)):
        assert await reconcile_ledger() == 0
        early, sliding = await _days_late(fang, Part.EARLY_PAYER), await _days_late(fang, Part.SLIDER)
        assert (len(early) > 20, set(early)) == (True, {Decimal(0)})
        assert sliding[-1] > sliding[0] + 30
        await _check_bills()
        await _check_mistake()
        await _check_unknown(fang)
        await _check_disputes(fang)
        await _check_promises(fang)
        await _check_contacts(fang)
        assert await _left(Part.OVER_PAYER, NOW.date()) == (Decimal(0), Decimal(8_000))
        by_why = dict(await db.fetch("SELECT why, count(*) FROM allocation GROUP BY why"))
        assert min(by_why[why] for why in ("reference", "exact", "oldest")) > 20
        assert await db.fetchval("SELECT count(*) FROM receivable_document WHERE kind = 'credit_note'") > 0
        assert await db.fetchval("SELECT count(*) FROM month_closing WHERE closed") == 2
        monthly = (
            "SELECT DISTINCT extract(day FROM i.due_on) FROM receivable_item i JOIN dealer d ON d.id = i.dealer_id"
        )
        assert await db.fetchval(f"{monthly} WHERE d.code = $1 AND i.instalment > 0", _code(Part.MONTHLY)) == 7


async def _check_disputes(person: Person) -> None:
    """Two are open, one of them late, and one ended by a credit note."""
    rows = (await disputes.disputes(person, DisputeFilter(), ALL)).items
    assert sorted((row["state"], row["days_late"]) for row in rows if row["days_late"]) == [("open", 7)]
    assert sorted(row["state"] for row in rows) == ["credited", "open", "open"]
    (credited,) = [row for row in rows if row["state"] == "credited"]
    assert (credited["dealer"], credited["credited"]) == (_code(Part.IN_PARTS), credited["amount"])
    aged = await ageing.ageing(person, ageing.Asked(), View(NOW.date(), NOW))
    assert any(each.disputed for each in aged.totals)


async def _check_promises(person: Person) -> None:
    """One is kept, one broken, one cancelled, and of one in two parts the first is for today."""
    rows = (await promises.promises_told(person, PromiseFilter(), ALL)).items
    assert sorted(row["state"] for row in rows) == ["broken", "cancelled", "kept", "open", "open"]
    (broken,) = await promises.broken_since_yesterday(5)
    (due,) = await promises.due_today(5)
    assert (broken["dealer"], due["dealer"]) == (_code(Part.SLIDER), _code(Part.SLOWER_SLIDER))
    assert [row["today"] for row in rows if row["state"] != "open"] == [None] * 3
    kinds = {row["kind"] for row in (await incidents.incidents_told(person, IncidentFilter(), ALL)).items}
    assert kinds == {"broken_promise", "dishonoured_bill"}, "so few are none of them on hold"


async def _check_contacts(person: Person) -> None:
    """What stands, one of it in another's place; who does not pay is to be called, and who promised or spoke is not."""
    rows = (await contact_log.contact_log(person, ContactFilter(), ALL)).items
    assert {row["kind"] for row in rows} == {"call", "mail", "visit"}
    assert [row["supersedes"] for row in rows if row["supersedes"]] == [
        min(row["id"] for row in rows if row["reason"]) - 1
    ]
    found = await calls.calls_told(person, calls.CallsAsked())
    called = {call.owing.code for call in found.calls if call.left_out is None}
    assert _code(Part.SLIDER) in called
    assert _code(Part.SLOWER_SLIDER) not in called
    assert found.calls[0].owing.broken == 1


async def _check_bills() -> None:
    """Bills mature, one is returned by the bank on its day, and what it had paid is open again from then on."""
    bills = await db.fetch(
        "SELECT b.matures_on, b.amount, r.effective_on, p.recorded_at"
        " FROM receivable_document b JOIN dealer d ON d.id = b.dealer_id"
        " LEFT JOIN document_reversal r ON r.dealer_id = b.dealer_id AND r.document_id = b.id"
        " LEFT JOIN posting p ON p.id = r.posting_id WHERE b.kind = 'bill' AND d.code = $1",
        _code(Part.WITH_BILLS),
    )
    assert sum(row["effective_on"] is None and row["matures_on"] < NOW.date() for row in bills) > 10
    (back,) = [row for row in bills if row["effective_on"] is not None]
    assert back["effective_on"] == back["matures_on"]
    day = back["matures_on"]
    assert (await _left(Part.WITH_BILLS, NOW.date()))[0] >= back["amount"], "its items are open"
    before = await _left(Part.WITH_BILLS, day, back["recorded_at"] - timedelta(seconds=1))
    known = await _left(Part.WITH_BILLS, day, back["recorded_at"])
    assert (known[0] - before[0], known[1]) == (back["amount"], before[1])


async def _check_mistake() -> None:
    """One number stands twice with one amount too high, which was reversed before it was posted anew."""
    rows = await db.fetch(
        "SELECT d.amount, d.live FROM receivable_document d WHERE d.kind = 'invoice' AND (d.dealer_id, d.number) IN"
        " (SELECT dealer_id, number FROM receivable_document WHERE kind = 'invoice' AND NOT live) ORDER BY d.id"
    )
    assert [row["live"] for row in rows] == [False, True]
    assert rows[0]["amount"] - rows[1]["amount"] == Decimal(9_000)


async def _check_unknown(person: Person) -> None:
    """Three bank lines wait: one names an invoice, of one the account is known, one has the amount of an open item."""
    waiting = sorted((await unknown_money.list_money(person, "unknown", ALL)).items, key=lambda row: row["number"])
    found = [(await unknown_money.payers_proposed(person, row["id"]))[0] for row in waiting]
    assert [(each.dealer, each.reasons[0].ground.value) for each in found] == [
        (_code(Part.SLIDER), "number"),
        (_code(Part.IN_PARTS), "account"),
        (_code(Part.SLOWER_SLIDER), "amount"),
    ]
    (assigned,) = (await unknown_money.list_money(person, "assigned", ALL)).items
    assert assigned["dealer"] == _code(Part.FOUND)

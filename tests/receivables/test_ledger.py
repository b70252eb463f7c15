"""The ledger on PostgreSQL: what is posted, what is kept beside it, and every view of it as of a day as known then."""

from decimal import Decimal
from random import Random

import pytest
from msgspec.structs import replace

from channel import clock
from channel.access.rules import Person, Role
from channel.database import db
from channel.errors import Conflict, Forbidden, Invalid
from channel.receivables.queries import accounts, standing
from channel.receivables.rules.documents import DocumentKind
from channel.receivables.rules.movements import AllocationReason, compute_standing
from channel.receivables.service.kept import reconcile_ledger
from channel.receivables.service.posting import Given, preview_documents
from channel.view import View
from tests.make.access import acting, make_person
from tests.make.ledger import LATER, post, post_at_random, reverse
from tests.make.receivables import D, day, moment, movements_posted, owed, paying, stood


async def account(dealer_id: int) -> dict[str, tuple[Decimal, Decimal, Decimal]]:
    rows = await accounts.account_sums([dealer_id], clock.today())
    return {row["currency"]: (row["open"], row["on_account"], row["bills"]) for row in rows}


async def test_money_pays_what_it_names_and_the_account_row_follows(finance: Person, dealer: int) -> None:
    posted = await post(finance, owed("100", number="I1"), owed("80", number="I2"))
    assert posted.dealers == {dealer: "D-1"}
    posted = await post(finance, paying("90", number="R1", references=("i2",)), at=LATER + 1)
    made = posted.planned[0].allocations
    assert [(each.amount, each.why) for each in made] == [
        (D(80), AllocationReason.REFERENCE),
        (D(10), AllocationReason.OLDEST),
    ]
    with clock.fixed(moment(LATER + 2)):
        async with acting(finance):
            assert await account(dealer) == {"CNY": (D(90), D(0), D(0))}
            assert await reconcile_ledger() == 0


async def test_what_has_no_due_day_takes_the_terms_of_its_day(finance: Person, dealer: int) -> None:
    posted = await post(finance, owed("100", on=3, instalments=()))
    assert posted.documents[0].document.instalments[0].due_on == day(33)


async def test_a_number_stands_once_among_live_documents_of_a_kind(finance: Person, dealer: int) -> None:
    posted = await post(finance, owed(number="I1"))
    with pytest.raises(Invalid) as refused:
        await post(finance, owed(number="ｉ1"), owed(number="I2"), owed(number="i2"))
    assert [each.field for each in refused.value.errors] == ["0.number", "2.number"]
    await reverse(finance, posted.documents[0].document.id)
    await post(finance, owed(number="I1"), paying(number="I1"))


async def test_what_is_wrong_with_one_of_many_keeps_all_out_and_names_each(finance: Person, dealer: int) -> None:
    with pytest.raises(Invalid) as refused:
        await post(finance, owed("1"), owed("1.005", number="I2"), paying(number="R1", on=100))
    assert [each.field for each in refused.value.errors] == ["1.amount", "1.instalments", "2.effective_on"]
    async with acting(finance):
        assert await db.fetchval("SELECT count(*) FROM receivable_document") == 0


async def test_a_preview_tells_what_posting_does_and_writes_nothing(finance: Person, dealer: int) -> None:
    await post(finance, owed("100"))
    with clock.fixed(moment(LATER)):
        async with acting(finance):
            shown = await preview_documents(finance, [Given("D-1", replace(paying("30"), id=0))])
            assert [each.amount for each in shown.planned[0].allocations] == [D(30)]
            assert await account(dealer) == {"CNY": (D(100), D(0), D(0))}


async def test_only_finance_posts(finance: Person, dealer: int) -> None:
    manager = await make_person(Role.MANAGER)
    with pytest.raises(Forbidden):
        await post(manager, owed())


async def test_a_dishonoured_bill_reopens_what_it_paid_and_leaves_the_exposure(finance: Person, dealer: int) -> None:
    bill = paying("100", kind=DocumentKind.BILL, number="B1", on=5, matures_on=day(90))
    posted = await post(finance, owed("100"), bill)
    with clock.fixed(moment(LATER)):
        async with acting(finance):
            assert await account(dealer) == {"CNY": (D(0), D(0), D(100))}
    await reverse(finance, posted.documents[1].document.id, on=50)
    with clock.fixed(moment(LATER + 2)):
        async with acting(finance):
            assert await account(dealer) == {"CNY": (D(100), D(0), D(0))}
            before = await stood(dealer, View(day(49), clock.now(), past=True, dated=True))
            assert (before.open, before.in_bills) == (D(0), D(100))
            assert await reconcile_ledger() == 0
    with pytest.raises(Conflict):
        await reverse(finance, posted.documents[1].document.id)


@pytest.mark.parametrize("seed", range(8))
async def test_every_view_is_the_sum_of_what_was_posted_by_the_rules(seed: int, finance: Person, dealer: int) -> None:
    random = Random(seed)  # noqa: S311 - documents for a test
    hour = await post_at_random(random, finance)
    with clock.fixed(moment(hour + 1)):
        async with acting(finance):
            assert await reconcile_ledger() == 0
            await _every_view_agrees(dealer, hour)
            async with db.transaction():
                await standing.keep_anew([dealer], clock.today())
            assert await reconcile_ledger() == 0
            await _every_view_agrees(dealer, hour)


async def _every_view_agrees(dealer: int, hour: int) -> None:
    movements = await movements_posted(dealer)
    for known_at in range(20 * 24, hour + 2):
        for on in range(-1, 21):
            view = View(day(on), moment(known_at), past=True, dated=True)
            assert await stood(dealer, view) == compute_standing(movements, view), (on, known_at)
    now = View(clock.today(), clock.now())
    assert await stood(dealer, now) == compute_standing(movements, now)
    summed = compute_standing(movements, now)
    assert await account(dealer) == {"CNY": (summed.open, summed.unapplied, summed.in_bills)}


async def test_what_is_kept_wrongly_is_found_and_made_anew(finance: Person, dealer: int) -> None:
    await post(finance, owed("100"), paying("30"), paying("5", kind=DocumentKind.BILL, number="B", matures_on=day(99)))
    with clock.fixed(moment(LATER + 1)):
        async with acting(finance):
            kept = await account(dealer)
            for spoilt in (
                "UPDATE open_item SET amount = amount + 1",
                "DELETE FROM open_item",
                "UPDATE open_item SET touched_on = NULL",
                "UPDATE open_item SET moved_by = moved_by - 1",
                "UPDATE open_item SET moved_on = moved_on - 1",
                "UPDATE receivable_item SET touched_on = touched_on - 1 WHERE settled_on IS NOT NULL",
                "UPDATE receivable_item SET settled_on = settled_on - 1",
                "UPDATE receivable_item SET settled_by = settled_by - 1",
                "UPDATE receivable_item SET settled_on = '2025-01-01', settled_by = posting_id",
                "UPDATE account_balance SET on_account = 7",
                "UPDATE account_bill SET amount = 1",
            ):
                async with db.transaction():
                    await db.execute(spoilt)
                assert await reconcile_ledger(mend=True) == 1, spoilt
                assert await reconcile_ledger() == 0
                assert await account(dealer) == kept

"""Decisions on reviews on PostgreSQL: each once, carried out with what it sets off or asked of who may do it."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from channel import clock
from channel.access.rules import Person
from channel.acts import Why
from channel.consent.service import approve_one, refuse, withdraw
from channel.database import db
from channel.dealers.rules import Fact
from channel.errors import Conflict, Forbidden, Invalid, NotFound, Refused
from channel.reviews.acts import DecideReview, DecideReviews, ManyReviews
from channel.reviews.rules.deciding import Outcome
from channel.reviews.service.deciding import Done, decide_review, decide_reviews, preview_of
from channel.reviews.service.holding import HOLDS
from channel.tasks.acts import FinishTask
from channel.tasks.service.acting import finish_task
from tests.make.access import acting
from tests.make.dealers import change_fact, make_dealer
from tests.make.deciding import make_review
from tests.make.limits import Desk, make_desk, propose_limit, put_in_force


@pytest.fixture
async def desk(database: str) -> Desk:
    return await make_desk()


@pytest.fixture
async def dealer(desk: Desk) -> int:
    return await make_dealer("D-1", territory="Harbour City", currency="USD")


async def _decide(person: Person, number: int, code: str = "D-1", **act: Any) -> Done:  # noqa: ANN401 - of an act
    async with acting(person):
        return await decide_review(person, code, number, DecideReview(**act))


async def _all(sql: str, *args: object) -> list[dict[str, Any]]:
    async with db.held(db.EVERYTHING):
        return [dict(row) for row in await db.fetch(sql, *args)]


async def _decisions() -> list[dict[str, Any]]:
    return await _all("SELECT number, act, told, reason, outcome FROM review_decision ORDER BY number")


async def _status(dealer_id: int) -> str:
    (row,) = await _all("SELECT status FROM dealer WHERE id = $1", dealer_id)
    return str(row["status"])


async def test_kept_as_proposed_needs_no_reason_and_is_there_for_good(desk: Desk, dealer: int) -> None:
    number = await make_review(dealer)
    done = await _decide(desk.finance, number)
    assert done.outcome is Outcome.KEPT
    assert [(each["act"], each["reason"], each["outcome"]) for each in await _decisions()] == [
        ("keep", "", {"outcome": "kept"})
    ]
    with pytest.raises(Conflict, match=f"{desk.finance.login} decided this review on .*: Keep everything"):
        await _decide(desk.manager, number, act="call", reason="no")
    assert len(await _decisions()) == 1
    (line,) = await _all("SELECT act, subject, after, posting_id FROM audit_dealer WHERE act = 'decide review'")
    assert (line["subject"], line["after"]) == (f"review {number}", {"decision": "keep"})
    (row,) = await _all("SELECT decided_by FROM review")
    assert row["decided_by"] == line["posting_id"]


async def test_what_is_not_as_proposed_says_why(desk: Desk, dealer: int) -> None:
    number = await make_review(dealer, "call")
    with pytest.raises(Invalid) as refused:
        await _decide(desk.finance, number, act="keep")
    assert [each.field for each in refused.value.errors] == ["reason"]
    assert await _decisions() == []
    await _decide(desk.finance, number, act="keep", reason="paid on the telephone")


async def test_a_limit_goes_its_own_way_of_two_people(desk: Desk, dealer: int) -> None:
    until = clock.today() + timedelta(days=90)
    number = await make_review(dealer, "change limit", amount="900", until=until)
    done = await _decide(desk.east, number, reason="as the policy says")
    (row,) = await _all(
        "SELECT l.*, r.state, r.proposer, r.reason FROM limit_proposal l JOIN request_dealer r USING (id)"
    )
    assert (row["kind"], row["amount"], row["to_on"], row["state"]) == ("base", Decimal(900), until, "open")
    assert (row["proposer"], row["reason"]) == (desk.east.login, "as the policy says")
    assert done.told == {"outcome": "limit proposed", "limit": row["id"], "before": None}
    assert not await _all("SELECT FROM credit_limit"), "nothing is in force by it"


async def test_a_limit_of_another_amount_is_proposed_as_it_is_given(desk: Desk, dealer: int) -> None:
    number = await make_review(dealer, "keep", policy="500", until=clock.today() + timedelta(days=9))
    await _decide(desk.finance, number, act="change limit", amount=Decimal(250), reason="half of it")
    (row,) = await _all("SELECT amount, to_on FROM limit_proposal")
    assert row["amount"] == Decimal(250)
    assert row["to_on"] > clock.today() + timedelta(days=300), "the policy's months, not the day that was seen"


async def test_an_open_proposal_stays_unless_it_is_named(desk: Desk, dealer: int) -> None:
    number = await make_review(dealer, "change limit", amount="900")
    async with acting(desk.manager):
        standing = await propose_limit(desk.manager, "D-1", "base", amount=Decimal(100), reason="by hand")
    with pytest.raises(Conflict) as refused:
        await _decide(desk.finance, number, reason="as the policy says")
    assert [each.field for each in refused.value.errors] == ["replaces"]
    assert await _decisions() == []
    await _decide(desk.finance, number, reason="as the policy says", replaces=standing)
    rows = await _all("SELECT r.state, l.amount FROM limit_proposal l JOIN request_dealer r USING (id) ORDER BY l.id")
    assert [(row["state"], row["amount"]) for row in rows] == [("superseded", Decimal(100)), ("open", Decimal(900))]


async def test_a_limit_in_force_already_is_not_proposed_again(desk: Desk, dealer: int) -> None:
    await put_in_force(desk, "D-1", 900, clock.today())
    number = await make_review(dealer, "change limit", amount="900")
    with pytest.raises(Conflict) as refused:
        await _decide(desk.finance, number, reason="as the policy says")
    assert [each.field for each in refused.value.errors] == ["amount"]


async def test_a_hold_of_who_may_changes_the_status_at_once(desk: Desk, dealer: int) -> None:
    number = await make_review(dealer, "hold")
    with pytest.raises(Invalid):
        await _decide(desk.finance, number)
    done = await _decide(desk.finance, number, reason="does not pay")
    assert done.outcome is Outcome.HELD
    assert await _status(dealer) == "on hold"
    (fact,) = await _all("SELECT reason, effective_on FROM dealer_fact WHERE fact = 'status' AND value = 'on hold'")
    assert fact == {"reason": "does not pay", "effective_on": clock.today()}
    assert await _all("SELECT FROM work WHERE kind = 'what follows a hold'"), "an incident is to be written"


async def test_a_hold_of_who_may_not_waits_for_who_may(desk: Desk, dealer: int) -> None:
    number = await make_review(dealer, "hold")
    done = await _decide(desk.east, number, reason="does not pay")
    assert done.outcome is Outcome.HOLD_ASKED
    assert await _status(dealer) == "active"
    (request,) = await _all("SELECT id, kind, about, state FROM request_dealer")
    assert request == {"id": done.told["hold"], "kind": "hold of a review", "about": str(number), "state": "open"}
    async with acting(desk.east):
        with pytest.raises(Forbidden):
            await approve_one(HOLDS, desk.east, request["id"], Why(reason="mine"))
    async with acting(desk.finance):
        await approve_one(HOLDS, desk.finance, request["id"], Why(reason="right"))
    assert await _status(dealer) == "on hold"
    (line,) = await _all("SELECT actor, subject, after FROM audit_dealer WHERE act = 'approve hold'")
    assert (line["actor"], line["subject"]) == (desk.finance.login, f"review {number}")


async def test_a_hold_that_is_refused_or_withdrawn_is_not_carried_out(desk: Desk) -> None:
    for code, word in (("R-1", refuse), ("R-2", withdraw)):
        dealer_id = await make_dealer(code, territory="Harbour City")
        done = await _decide(desk.east, await make_review(dealer_id, "hold"), code, reason="does not pay")
        person = desk.finance if word is refuse else desk.east
        async with acting(person):
            await word(HOLDS, person, done.told["hold"], Why(reason="he paid"))
        assert await _status(dealer_id) == "active"


async def test_a_hold_is_asked_for_once_and_in_vain_of_who_is_held_meanwhile(desk: Desk, dealer: int) -> None:
    done = await _decide(desk.east, await make_review(dealer, "hold"), reason="does not pay")
    other = await make_review(dealer, "hold", plan="receivables-monthly")
    with pytest.raises(Conflict) as refused:
        await _decide(desk.east, other, reason="does not pay")
    assert str(done.told["hold"]) in str(refused.value.errors[0].expected)
    async with acting(desk.manager):
        await change_fact(desk.manager, "D-1", Fact.STATUS, "on hold", reason="by hand")
    async with acting(desk.finance):
        with pytest.raises(Conflict, match="on hold already"):
            await approve_one(HOLDS, desk.finance, done.told["hold"], Why(reason="right"))


@pytest.mark.parametrize(("act", "kind"), [("call", "review call"), ("ask for statements", "review statements")])
async def test_what_is_left_to_do_is_a_task(desk: Desk, dealer: int, act: str, kind: str) -> None:
    number = await make_review(dealer, act)
    await _decide(desk.finance, number)
    (task,) = await _all("SELECT kind, about, dealer_id, due_on, state, member_id FROM task_dealer")
    assert (task["kind"], task["dealer_id"]) == (kind, dealer)
    assert task["member_id"] is None, "nobody is responsible, so it is anybody's who may"
    assert 5 <= (task["due_on"] - clock.today()).days <= 9, "the plan's five working days"


async def test_a_dealer_is_called_once_however_many_reviews_ask_for_it(desk: Desk, dealer: int) -> None:
    today = clock.today()
    reviews = [await make_review(dealer, "call", as_of=today - timedelta(days=days)) for days in (14, 7, 0)]
    first = await _decide(desk.finance, reviews[0])
    assert (await _decide(desk.finance, reviews[1])).told["task"] == first.told["task"]
    async with acting(desk.manager):
        await finish_task(desk.manager, first.told["task"], FinishTask(note="spoken"))
    assert (await _decide(desk.finance, reviews[2])).told["task"] != first.told["task"]


async def test_nobody_knows_of_a_review_in_another_territory(desk: Desk, dealer: int) -> None:
    number = await make_review(dealer, "hold")
    with pytest.raises(NotFound):
        await _decide(desk.north, number, act="keep", reason="mine")
    with pytest.raises(NotFound):
        await _decide(desk.north, number + 1000)
    async with acting(desk.north):
        assert (await preview_of(desk.north, ManyReviews())).would == ()
    await _decide(desk.finance, number, reason="does not pay")
    with pytest.raises(NotFound):
        await _decide(desk.north, number)


async def test_only_people_who_may_decide(desk: Desk, dealer: int) -> None:
    number = await make_review(dealer)
    for person in (desk.auditor, desk.machine):
        with pytest.raises(Forbidden):
            await _decide(person, number)


async def _preview(person: Person, **asked: Any) -> Any:  # noqa: ANN401 - of an act
    async with acting(person):
        return await preview_of(person, ManyReviews(**asked))


async def _many(person: Person, mark: str, **asked: Any) -> tuple[int, list[tuple[str, str]]]:  # noqa: ANN401 - of an act
    async with acting(person):
        done, left = await decide_reviews(person, DecideReviews(mark=mark, reason="all of them", **asked))
    return len(done), [(each.wish.row["dealer"], str(each.why_not)) for each in left]


async def test_many_are_decided_as_each_proposes_and_shown_before(desk: Desk) -> None:
    ids = {
        code: await make_dealer(code, territory="Harbour City", currency="USD") for code in ("A", "B", "C", "D", "E")
    }
    await put_in_force(desk, "B", 500, clock.today())
    numbers = {
        "A": await make_review(ids["A"]),
        "B": await make_review(ids["B"], "change limit", amount="900"),
        "C": await make_review(ids["C"], "hold"),
        "D": await make_review(ids["D"], "call"),
        "E": await make_review(ids["E"]),
    }
    async with acting(desk.manager):
        await change_fact(desk.manager, "C", Fact.STATUS, "on hold", reason="by hand")
    shown = await _preview(desk.finance, but=[numbers["E"]])
    assert shown.counts == {Outcome.KEPT: 1, Outcome.LIMIT_PROPOSED: 1, Outcome.CALL: 1}
    assert [(each.currency, each.count, each.change) for each in shown.limits] == [("USD", 1, Decimal(400))]
    assert {str(why): count for why, count in shown.whys.items()} == {"the dealer is on hold already": 1}
    assert await _decisions() == [], "nothing is written"
    assert await _many(desk.finance, shown.mark, but=[numbers["E"]]) == (3, [("C", "the dealer is on hold already")])
    decided = {each["number"]: each for each in await _decisions()}
    assert set(decided) == {numbers["A"], numbers["B"], numbers["D"]}
    assert {each["reason"] for each in decided.values()} == {"all of them"}
    assert [each.wish.row["dealer"] for each in (await _preview(desk.finance)).would] == ["C", "E"]


async def test_one_act_for_all(desk: Desk) -> None:
    for code in ("A", "B"):
        await make_review(await make_dealer(code, territory="Harbour City"), "call")
    shown = await _preview(desk.finance, act="keep")
    assert shown.counts == {Outcome.KEPT: 2}
    assert await _many(desk.finance, shown.mark, act="keep") == (2, [])


async def test_a_dealer_with_two_reviews_is_held_by_one(desk: Desk, dealer: int) -> None:
    await make_review(dealer, "hold")
    await make_review(dealer, "hold", plan="receivables-monthly")
    shown = await _preview(desk.finance)
    assert shown.counts == {Outcome.HELD: 1}
    assert await _many(desk.finance, shown.mark) == (1, [("D-1", "another review of the dealer does the same")])


async def test_what_was_not_shown_is_not_decided(desk: Desk, dealer: int) -> None:
    await make_review(dealer)
    shown = await _preview(desk.finance)
    await make_review(dealer, plan="receivables-monthly")
    with pytest.raises(Conflict, match="changed since they were shown"):
        await _many(desk.finance, shown.mark)
    with pytest.raises(Conflict, match="changed since they were shown"):
        await _many(desk.finance, (await _preview(desk.finance)).mark, act="call")
    assert await _decisions() == []


async def test_regional_staff_decide_their_own(desk: Desk, dealer: int) -> None:
    await make_review(dealer)
    await make_review(await make_dealer("N-1", territory="Lake District"))
    assert [each.wish.row["dealer"] for each in (await _preview(desk.east)).would] == ["D-1"]
    assert [each.wish.row["dealer"] for each in (await _preview(desk.finance)).would] == ["D-1", "N-1"]
    shown = await _preview(desk.east)
    assert await _many(desk.east, shown.mark) == (1, [])


async def test_the_mark_of_one_is_nothing_to_another_who_sees_more(desk: Desk, dealer: int) -> None:
    await make_review(dealer, "hold")
    mark = (await _preview(desk.east)).mark
    with pytest.raises(Refused):
        await _many(desk.finance, mark)

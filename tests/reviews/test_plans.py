"""Plans of reviews on PostgreSQL: those that come with the service, new ones, pauses, and who may do what."""

from datetime import date
from decimal import Decimal

import pytest

from channel import clock
from channel.access.rules import Person, Right, Role
from channel.access.service import scope_of
from channel.database import db
from channel.database.snapshots import view_of
from channel.dealers.rules import Fact
from channel.errors import Conflict, Forbidden, Invalid, NotFound
from channel.lists import ALL
from channel.receivables.rules.contact_log import ContactOutcome
from channel.receivables.service.contact_log import log_contact
from channel.receivables.service.incidents import FOLLOWING_HOLDS
from channel.reviews.acts import AddPlan, OpenReviews, PausePlan, ResumePlan
from channel.reviews.queries.reviews import ReviewFilter
from channel.reviews.rules.choices import PlanState, RunState
from channel.reviews.rules.deciders import compute_decider
from channel.reviews.rules.plan import Deciding, ReviewPlan
from channel.reviews.rules.snapshot import snapshot_from_document
from channel.reviews.service.plans import PAPER, add_plan, pause_plan, plan_told, plans_told, resume_plan
from channel.reviews.service.previews import preview
from channel.reviews.service.reviews import ask_for_reviews, due_told, reviews_told
from channel.versions.rules import written
from channel.versions.service import in_force
from channel.work.service import run_due
from tests.make.access import acting, give, make_member, make_person, make_territories
from tests.make.dealers import change_fact, make_dealer
from tests.make.ledger import post
from tests.make.limits import approve_proposal, propose_limit
from tests.make.receivables import moment, owed, speaking
from tests.make.reviews import make_plan, reviews, runs, work_at

SHIPPED = (
    "limit-ends", "limit-used", "receivables-monthly", "receivables-weekly", "stale-files", "statements-yearly",
)  # fmt: skip
# 10 February 2025 is a Monday.
MONDAY = 40 * 24
DAY = date(2025, 2, 10)


async def test_what_comes_with_the_service_counts_and_is_whole(database: str) -> None:
    finance = await make_person(Role.FINANCE)
    with clock.fixed(moment(MONDAY)):
        async with acting(finance):
            told = await plans_told(finance)
            assert tuple(each.code for each in told) == SHIPPED
            assert {each.state for each in told} == {PlanState.COUNTS}
            assert [each.as_row()["next_on"] for each in told] == [
                date(2025, 2, 11), date(2025, 2, 11), date(2025, 3, 1), date(2025, 2, 17), date(2025, 4, 15),
                date(2025, 5, 1),
            ]  # fmt: skip
            for code in SHIPPED:
                kept = await db.fetchval("SELECT document FROM document_version WHERE of = $1", code)
                plan = await in_force(PAPER, view_of(), code)
                assert isinstance(plan, ReviewPlan)
                assert written(plan) == kept


async def test_a_new_plan_opens_nothing_until_another_person_has_approved_what_it_says(database: str) -> None:
    manager, finance = await make_person(Role.MANAGER), await make_person(Role.FINANCE)
    with clock.fixed(moment(0)):
        await make_dealer("D-1")
    with clock.fixed(moment(MONDAY)):
        async with acting(manager):
            assert await add_plan(manager, AddPlan(code="all", reason="wanted")) == "all"
            with pytest.raises(Conflict):
                await add_plan(manager, AddPlan(code="all", reason="wanted"))
            assert (await plan_told(manager, "all")).state is PlanState.WITHOUT_VERSION
            with pytest.raises(Conflict):
                await ask_for_reviews(manager, "all", OpenReviews(reason="now"))
            assert (await preview(manager, "all")).plan is None
    await make_plan("all", {"when": {"rhythm": "monthly", "day": 11}}, moment(MONDAY))
    await work_at(moment(MONDAY + 1))
    assert await reviews("all") == []
    await work_at(moment(MONDAY + 25))
    assert [row["as_of"] for row in await reviews("all")] == [date(2025, 2, 11)]
    with clock.fixed(moment(MONDAY + 25)):
        async with acting(finance):
            assert [row["plan"] for row in (await reviews_told(finance, ReviewFilter(), ALL)).items] == ["all"]


async def test_paused_a_plan_opens_nothing_and_the_days_are_not_made_up_for(database: str) -> None:
    finance, auditor = await make_person(Role.FINANCE), await make_person(Role.AUDITOR)
    with clock.fixed(moment(0)):
        await make_dealer("D-1", currency="USD")
    await post(finance, owed("100", on=0, due=1, currency="USD"), at=30 * 24)
    await work_at(moment(MONDAY))
    with clock.fixed(moment(MONDAY + 24)):
        async with acting(finance):
            await pause_plan(finance, "receivables-weekly", PausePlan(reason="moving house"))
            await pause_plan(finance, "receivables-weekly", PausePlan(reason="moving house"))
            told = await plan_told(finance, "receivables-weekly")
            assert (told.state, told.next_days) == (PlanState.PAUSED, ())
        async with acting(auditor):
            with pytest.raises(Forbidden):
                await pause_plan(auditor, "receivables-weekly", PausePlan(reason="no"))
    for week in (1, 2):
        await work_at(moment(MONDAY + week * 7 * 24))
    with clock.fixed(moment(MONDAY + 15 * 24)):
        async with acting(finance):
            await resume_plan(finance, "receivables-weekly", ResumePlan(reason="settled"))
            rows = await db.fetch("SELECT paused FROM review_plan_pause ORDER BY id")
            assert [row["paused"] for row in rows] == [True, False]
    await work_at(moment(MONDAY + 21 * 24))
    days = [row["as_of"] for row in await reviews("receivables-weekly")]
    assert days == [DAY, date(2025, 3, 3)]


async def test_by_hand_it_is_opened_once_for_a_day_that_has_come(database: str) -> None:
    finance, auditor = await make_person(Role.FINANCE), await make_person(Role.AUDITOR)
    with clock.fixed(moment(0)):
        await make_dealer("D-1", currency="USD")
    await post(finance, owed("100", on=0, due=1, currency="USD"), at=30 * 24)
    later = moment(MONDAY + 3 * 24)
    with clock.fixed(later):
        async with acting(auditor):
            with pytest.raises(Forbidden):
                await ask_for_reviews(auditor, "receivables-weekly", OpenReviews(reason="now"))
        async with acting(finance):
            with pytest.raises(NotFound):
                await ask_for_reviews(finance, "nothing", OpenReviews(reason="now"))
            with pytest.raises(Invalid):
                await ask_for_reviews(finance, "receivables-weekly", OpenReviews(on=date(2025, 2, 14), reason="now"))
            # A Tuesday is no day of the plan; by hand it is opened all the same.
            asked = OpenReviews(on=date(2025, 2, 11), reason="now")
            assert await ask_for_reviews(finance, "receivables-weekly", asked)
            due = [row for row in (await due_told(finance, ALL)).items if row["state"] is RunState.WAITING]
            assert [(row["plan"], row["period"]) for row in due] == [("receivables-weekly", date(2025, 2, 11))]
    await work_at(later)
    with clock.fixed(later):
        async with acting(finance):
            assert not await ask_for_reviews(finance, "receivables-weekly", asked)
            due = [row for row in (await due_told(finance, ALL)).items if row["state"] is not RunState.TO_COME]
            assert due == []
    assert [row for row in await runs() if row[0] == "receivables-weekly"] == [
        ("receivables-weekly", date(2025, 2, 11), 1)
    ]


async def test_a_preview_tells_what_an_opening_opens_and_writes_nothing(database: str) -> None:
    nodes = await make_territories("East", "North")
    finance, east = await make_person(Role.FINANCE), await make_person(Role.REGIONAL, nodes["East"])
    with clock.fixed(moment(0)):
        for code, place in (("D-1", "East"), ("D-2", "North"), ("D-3", "East")):
            await make_dealer(code, territory=place, currency="USD")
    for code in ("D-1", "D-2"):
        await post(finance, owed("100", on=0, due=1, currency="USD"), at=30 * 24, code=code)
    with clock.fixed(moment(MONDAY)):
        async with acting(finance):
            would = await preview(finance, "receivables-weekly")
            assert await db.fetchval("SELECT count(*) FROM review") == 0
        async with acting(east):
            theirs = await preview(east, "receivables-weekly")
    assert (would.day, would.looked_at, would.found) == (DAY, 3, 2)
    assert [each.dealer for each in would.shown] == ["D-1", "D-2"]
    assert (theirs.looked_at, theirs.found, [each.dealer for each in theirs.shown]) == (2, 1, ["D-1"])
    await work_at(moment(MONDAY))
    opened = await reviews("receivables-weekly")
    assert [(row["code"], row["weight"], row["proposal"]) for row in opened] == [
        (each.dealer, each.review.weight, each.review.proposal) for each in would.shown
    ]
    assert [list(row["finding_kinds"]) for row in opened] == [list(each.review.finding_kinds) for each in would.shown]
    assert theirs.shown[0].review.snapshot == would.shown[0].review.snapshot
    # Regional staff are shown those of their dealers alone.
    with clock.fixed(moment(MONDAY + 1)):
        async with acting(east):
            assert [row["dealer"] for row in (await reviews_told(east, ReviewFilter(), ALL)).items] == ["D-1"]
            with pytest.raises(Forbidden):
                await ask_for_reviews(east, "receivables-weekly", OpenReviews(reason="now"))


def test_who_is_bound_to_territories_opens_nothing_for_all() -> None:
    bound = Person("token", "token", Role.FINANCE, bound=True, territory_ids=(1,))
    assert bound.may(Right.DECIDE_REVIEWS)
    assert not bound.may(Right.OPEN_REVIEWS)
    assert scope_of(bound).reach == "territories"


@pytest.mark.parametrize(
    ("deciding", "responsible", "with_duty", "decider"),
    [
        (Deciding(), "S-1", {}, "S-1"),
        (Deciding(to_responsible=False), "S-1", {}, None),
        (Deciding(), "S-9", {}, None),
        (Deciding(), None, {}, None),
        (Deciding(duty="collector"), "S-1", {"S-2": None}, "S-1"),
        (Deciding(duty="collector"), "S-9", {"S-2": None}, "S-2"),
        (Deciding(duty="collector"), None, {"S-2": 8, "S-3": 5}, "S-3"),
        (Deciding(duty="collector"), None, {"S-3": 8, "S-2": None}, "S-2"),
        (Deciding(duty="collector"), None, {"S-9": 5, "S-3": 8}, "S-3"),
        (Deciding(duty="collector"), None, {"S-9": 5}, None),
    ],
)
def test_who_is_to_decide(
    deciding: Deciding, responsible: str | None, with_duty: dict[str, int | None], decider: str | None
) -> None:
    assert compute_decider(deciding, responsible, with_duty, {4, 5}, lambda code: code != "S-9") == decider


async def test_a_review_is_for_who_is_responsible_or_has_the_duty_where_he_may(database: str) -> None:
    nodes = await make_territories("East", "North")
    administrator = await make_person(Role.ADMINISTRATOR)
    manager, rep = (
        await make_person(Role.MANAGER, login="mei"),
        await make_person(Role.REGIONAL, nodes["East"], login="r"),
    )
    await make_person(Role.FINANCE, login="fang")
    with clock.fixed(moment(0)):
        for code, login, place in (("S-1", "mei", None), ("S-2", "r", "East"), ("S-3", "fang", "North")):
            await make_member(administrator, code, login=login, territory=place)
        await give(administrator, "S-3", "collector")
        for code in ("D-1", "D-2", "D-3"):
            await make_dealer(code, territory="East")
        async with acting(manager):
            for dealer, member in (("D-1", "S-1"), ("D-2", "S-2")):
                await change_fact(
                    manager, dealer, Fact.RESPONSIBLE, member, effective_on=date(2025, 1, 1), reason="his"
                )
    await make_plan("all", {"deciding": {"duty": "collector", "days": 3}}, moment(1))
    await make_plan("pool", {"deciding": {"days": 3}, "dealers": {"responsible": "nobody"}}, moment(1))
    await work_at(moment(MONDAY))
    async with acting(rep):
        members = {row["id"]: row["code"] for row in await db.fetch("SELECT id, code FROM staff_member")}
    found = await reviews("all")
    # Regional staff decide as well: of what their member is responsible for, nobody else by his duty.
    assert [(row["code"], members.get(row["member_id"])) for row in found] == [
        ("D-1", "S-1"), ("D-2", "S-2"), ("D-3", "S-3"),
    ]  # fmt: skip
    assert [snapshot_from_document(row["snapshot"]).responsible for row in found] == ["S-1", "S-2", None]
    assert {row["decide_by"] for row in found} == {date(2025, 2, 13)}
    assert [(row["code"], row["member_id"], row["role"]) for row in await reviews("pool")] == [("D-3", None, "finance")]


async def test_what_comes_to_pass_takes_a_dealer_once_until_it_is_new(finance: Person, database: str) -> None:
    """By a limit that is used up on each of three days, by a hold, and by a contact that nobody had."""
    manager = await make_person(Role.MANAGER)
    with clock.fixed(moment(0)):
        for code in ("D-1", "D-2", "D-3"):
            await make_dealer(code, currency="USD")
    event = {"rhythm": "event", "again_days": 5}
    above = {"when": event, "conditions": {"days_above": "0.9", "days_above_days": 3}}
    await make_plan("used", above, moment(1))
    await make_plan("held", {"when": event, "conditions": {"hold_placed": True}}, moment(1))
    await make_plan("silent", {"when": event, "conditions": {"contact_days": 4}}, moment(1))
    with clock.fixed(moment(2)):
        for code in ("D-1", "D-2"):
            async with acting(manager):
                act = {"amount": Decimal(100), "from_on": clock.today(), "reason": "agreed"}
                number = await propose_limit(manager, code, "base", **act)
            async with acting(finance):
                assert await approve_proposal(finance, number, "as agreed")
    # Of D-1 91 are owed from the fifth day on, of D-2 from the sixth; D-3 has no limit.
    for code, on in (("D-1", 5), ("D-2", 6), ("D-3", 5)):
        await post(finance, owed("91", on=on, currency="USD"), at=on * 24, code=code)
    await work_at(moment(7 * 24 + 1))
    assert [row["code"] for row in await reviews("used")] == ["D-1"]
    with clock.fixed(moment(7 * 24 + 2)):
        async with acting(finance):
            await log_contact(finance, "D-1", speaking())
            await log_contact(finance, "D-2", speaking(outcome=ContactOutcome.NOT_REACHED, with_whom=None, said=None))
        async with acting(manager):
            await change_fact(manager, "D-3", Fact.STATUS, "on hold", reason="no word of him")
        await run_due([FOLLOWING_HOLDS])
    for on in range(8, 14):
        await work_at(moment(on * 24 + 1))
    days = [(row["code"], (row["as_of"] - date(2025, 1, 1)).days) for row in await reviews("used")]
    assert days == [("D-1", 7), ("D-2", 8), ("D-1", 12), ("D-2", 13)]
    held = await reviews("held")
    assert [(row["code"], (row["as_of"] - date(2025, 1, 1)).days) for row in held] == [("D-3", 8)]
    silent = [(row["code"], (row["as_of"] - date(2025, 1, 1)).days) for row in await reviews("silent")]
    assert silent == [
        ("D-1", 7), ("D-2", 7), ("D-3", 7), ("D-1", 12), ("D-2", 12), ("D-3", 12),
    ]  # fmt: skip
    seen = [snapshot_from_document(row["snapshot"]) for row in await reviews("silent")]
    assert [each.contact_on for each in seen] == [None, None, None, date(2025, 1, 8), None, None]

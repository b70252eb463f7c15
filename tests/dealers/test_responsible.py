"""Who of the staff looks after a dealer: a dated fact, its cache, who can be it, and what goes along."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime

import msgspec
import pytest

from channel import clock
from channel.access.acts import ChangeMember
from channel.access.rules import Person, Role
from channel.access.rules.staff import Member
from channel.access.service.staff import change_member
from channel.app import ROOMS, use_rooms
from channel.database import db
from channel.database.snapshots import view_of
from channel.dealers.acts import AddDealer, ChangeResponsible, Which
from channel.dealers.queries import lists
from channel.dealers.queries.dealers import dealer_card
from channel.dealers.queries.facts import facts_at, facts_history
from channel.dealers.queries.lists import DealerFilter
from channel.dealers.rules import DatedFact, DealerType, Fact, StatusAsked, facts_as_of
from channel.dealers.rules.responsible import NOBODY, refused_responsible
from channel.dealers.service.dealers import add_dealer
from channel.dealers.service.facts import apply_due_facts, reconcile_dealers
from channel.dealers.service.responsible import Change, Successor, use_successors
from channel.dealers.service.responsible_of_many import WouldChange, change_responsible, review_responsible
from channel.errors import Forbidden, Invalid, m
from tests.make.access import acting, make_member, make_person, make_territories
from tests.make.dealers import MANAGER, change_fact, make_dealer

START = datetime(2024, 6, 10, 8, tzinfo=UTC)
MAY = date(2024, 5, 1)


@pytest.fixture
async def staff(database: str) -> Person:
    """A dealer D-1 of whom nobody is responsible yet, and two members of staff; who keeps them."""
    with clock.fixed(START):
        administrator = await make_person(Role.ADMINISTRATOR, login="administrator-1")
        await make_member(administrator, "S-1", name="Su Min")
        await make_member(administrator, "S-2", name="Tang Wei")
        await make_dealer("D-1")
    return administrator


@pytest.fixture
def handed_over() -> Iterator[list[tuple[list[Change], int]]]:
    """What was handed over, by a room that has one thing open of each dealer."""
    done: list[tuple[list[Change], int]] = []

    async def hand_over(changes: Sequence[Change], posting_id: int) -> int:
        done.append((list(changes), posting_id))
        return len(changes)

    async def count(changes: Sequence[Change]) -> int:
        return len(changes)

    use_successors([Successor("things", lambda n: m("%(count)s things", count=n), hand_over, count)])
    yield done
    use_rooms(ROOMS)


async def _set(code: str | None, day: date | None = None, dealer: str = "D-1") -> bool:
    return await change_fact(MANAGER, dealer, Fact.RESPONSIBLE, code, effective_on=day)


async def _ids() -> dict[str, int]:
    return {row["code"]: row["id"] for row in await db.fetch("SELECT code, id FROM staff_member")}


async def test_who_looked_after_a_dealer_is_known_on_both_clocks(staff: Person) -> None:
    async with acting(MANAGER):
        with clock.fixed(START):
            assert await _set("s-1", MAY)
            assert not await _set("S-1", date(2024, 6, 1))
        with clock.fixed(START.replace(day=12)):
            assert await _set("S-2")
        with clock.fixed(START.replace(day=14)):
            assert await _set("S-2", date(2024, 5, 20))
            assert await _set(None, date(2024, 6, 13))
            ids = await _ids()
            card = await dealer_card("D-1")
            assert card is not None
            assert card["responsible"] is None
            history = await facts_history(card["id"], "responsible")
            asked = [
                (date(2024, 4, 30), 14), (MAY, 14), (date(2024, 5, 25), 12), (date(2024, 5, 25), 14),
                (date(2024, 6, 12), 12), (date(2024, 6, 13), 12), (date(2024, 6, 13), 14),
            ]  # fmt: skip
            held = []
            for day, known in asked:
                view = view_of(day, START.replace(day=known, hour=20))
                at = (await facts_at([card["id"]], view)).get(card["id"])
                assert at is not None
                held.append(at.responsible_id)
                dated = [
                    DatedFact(
                        Fact.RESPONSIBLE,
                        None if row["responsible_id"] is None else str(row["responsible_id"]),
                        row["effective_on"],
                        row["recorded_at"],
                        row["id"],
                    )
                    for row in history
                ]
                ruled = facts_as_of(card["id"], dated, day, view.moment)
                assert (None if ruled is None else ruled.responsible_id) == at.responsible_id
    assert held == [None, ids["S-1"], ids["S-1"], ids["S-2"], ids["S-2"], ids["S-2"], None]
    assert [row["value"] for row in history] == [None, "S-2", "S-2", "S-1"]


async def test_nobody_is_responsible_who_has_left_or_is_not_there_yet(staff: Person) -> None:
    with clock.fixed(START):
        await make_member(staff, "S-3", first_on=date(2024, 7, 1))
        async with acting(staff):
            await change_member(staff, "S-2", ChangeMember(last_on=date(2024, 6, 9), reason="left"))
        async with acting(MANAGER):
            for code, day, said in (
                ("S-2", date(2024, 6, 10), "%(code)s has left and can look after no dealer."),
                ("S-2", date(2024, 6, 1), "%(code)s has left and can look after no dealer."),
                ("S-3", date(2024, 6, 10), "%(code)s is not with the company on %(day)s."),
                ("S-9", date(2024, 6, 10), "The member of staff %(code)s is not known."),
            ):
                with pytest.raises(Invalid) as refused:
                    await _set(code, day)
                (error,) = refused.value.errors
                assert (error.field, error.reason.text) == ("responsible", said)
            assert await _set("S-3", date(2024, 7, 1))
            # What held in the past is told of whoever is there now, however far the register reaches back.
            assert await _set("S-1", date(2015, 1, 1))


def test_the_last_day_is_a_day_of_work() -> None:
    member = Member("S", "S", date(2020, 1, 1), date(2024, 6, 10))
    today = date(2024, 6, 10)
    assert refused_responsible(member, today, today) is None
    assert refused_responsible(member, date(2024, 6, 11), today) is not None
    assert refused_responsible(member, date(2024, 6, 1), date(2024, 6, 11)) is not None
    coming = Member("S", "S", date(2024, 6, 12))
    assert refused_responsible(coming, date(2024, 6, 11), today) is not None
    assert refused_responsible(coming, date(2024, 6, 12), today) is None
    assert refused_responsible(coming, date(2024, 6, 9), today) is None


async def test_what_is_open_goes_along_at_once_in_the_same_act(
    staff: Person, handed_over: list[tuple[list[Change], int]]
) -> None:
    async with acting(MANAGER):
        with clock.fixed(START):
            await _set("S-1")
            await _set("S-2")
            ids, card = await _ids(), await dealer_card("D-1")
            assert card is not None
            history = await facts_history(card["id"], "responsible")
            # A day on which another came after changes nothing today, and hands nothing over.
            await _set("S-1", MAY)
    (first, first_posting), (second, second_posting) = handed_over
    assert first == [(card["id"], None, ids["S-1"])]
    assert second == [(card["id"], ids["S-1"], ids["S-2"])]
    assert {first_posting, second_posting} == {row["posting_id"] for row in history}
    async with db.held(db.EVERYTHING):
        after = await db.fetchval("SELECT after FROM audit_dealer WHERE posting_id = $1", second_posting)
    assert after == {"responsible": "S-2", "effective_on": "2024-06-10", "handed_over": 1}


async def test_what_is_open_goes_along_when_the_day_comes(
    staff: Person, handed_over: list[tuple[list[Change], int]]
) -> None:
    async with acting(MANAGER):
        with clock.fixed(START):
            await _set("S-1")
            await _set("S-2", date(2024, 6, 12))
    del handed_over[:]
    ids = None
    for day, changed in ((11, 0), (12, 1), (13, 0)):
        with clock.fixed(START.replace(day=day)):
            async with db.held(db.EVERYTHING):
                assert await reconcile_dealers() == changed
                assert await apply_due_facts() == changed
                ids = await _ids()
    ((changes, posting_id),) = handed_over
    assert [each[1:] for each in changes] == [(ids["S-1"], ids["S-2"])] if ids else False
    async with db.held(db.EVERYTHING):
        row = await db.fetchrow("SELECT actor, act, after FROM audit_dealer WHERE posting_id = $1", posting_id)
    assert row is not None
    assert tuple(row) == ("channel", "hand over dealers", {"effective_on": "2024-06-12", "handed_over": 1})


async def test_a_new_dealer_has_somebody_from_its_first_day_on(staff: Person) -> None:
    act = AddDealer(
        code="D-2", name="Two", type=DealerType.TERMINAL, territory="Land", currency="USD", terms_days=30,
        responsible="S-1", effective_on=date(2024, 6, 20),
    )  # fmt: skip
    with clock.fixed(START):
        async with acting(MANAGER):
            await add_dealer(MANAGER, act)
            # His first day lies ahead: there is nothing else to show yet.
            card = await dealer_card("D-2")
            assert card is not None
            assert (card["responsible"], card["responsible_name"]) == ("S-1", "Su Min")
            assert await reconcile_dealers() == 0


async def test_dealers_are_found_by_who_looks_after_them(staff: Person) -> None:
    with clock.fixed(START):
        for code, member in (("D-2", "S-1"), ("D-3", "S-2"), ("D-4", "S-1")):
            await make_dealer(code)
            async with acting(MANAGER):
                await _set(member, dealer=code)
        async with acting(MANAGER):
            found = {}
            for asked in ("S-1", "s-2", NOBODY, "S-9"):
                within = await lists.filter_of(DealerFilter(responsible=asked))
                rows = await db.fetch(f"SELECT d.code FROM dealer d WHERE {within.where} ORDER BY 1", *within.args)
                found[asked] = [row["code"] for row in rows]
    assert found == {"S-1": ["D-2", "D-4"], "s-2": ["D-3"], NOBODY: ["D-1"], "S-9": []}


async def _many(staff: Person) -> None:
    """D-1 and D-4 are of nobody, D-2 and D-3 of S-1, D-5 of S-2 already; D-4 has ended."""
    del staff
    for code, member, status in (
        ("D-2", "S-1", "active"), ("D-3", "S-1", "active"), ("D-4", None, "ended"), ("D-5", "S-2", "active"),
    ):  # fmt: skip
        await make_dealer(code, status=status)
        if member is not None:
            async with acting(MANAGER):
                await _set(member, dealer=code)


def _changing(**more: object) -> ChangeResponsible:
    given: dict[str, object] = {"member": "S-2", "reason": "a new territory"} | more
    return ChangeResponsible(**given)  # type: ignore[arg-type] # told by the cases


async def _cached() -> dict[str, str | None]:
    rows = await db.fetch(
        "SELECT d.code, s.code AS m FROM dealer d LEFT JOIN staff_member s ON s.id = d.responsible_id"
    )
    return {row["code"]: row["m"] for row in rows}


async def test_many_go_to_another_as_it_was_shown(staff: Person, handed_over: list[tuple[list[Change], int]]) -> None:
    with clock.fixed(START):
        await _many(staff)
        del handed_over[:]
        async with acting(MANAGER):
            act = _changing(status=StatusAsked.CURRENT)
            plan = await review_responsible(MANAGER, act)
            assert [row["code"] for row in plan.rows] == ["D-1", "D-2", "D-3"]
            assert [(each.member, each.dealers) for each in plan.before] == [("S-1", 2), (None, 1)]
            assert (plan.unchanged, [(each.name, each.count) for each in plan.along]) == (1, [("things", 3)])
            assert handed_over == []
            with pytest.raises(WouldChange):
                await change_responsible(MANAGER, act)
            assert set((await _cached()).values()) == {None, "S-1", "S-2"}
            done = await change_responsible(MANAGER, msgspec.structs.replace(act, confirmed=plan.mark))
            assert (done.dealers, done.unchanged, done.handed_over) == (3, 1, 3)
            assert await _cached() == {"D-1": "S-2", "D-2": "S-2", "D-3": "S-2", "D-4": None, "D-5": "S-2"}
            ((changes, posting_id),) = handed_over
            assert len(changes) == 3
            told = "SELECT subject, before, reason FROM audit_dealer WHERE posting_id = $1"
            trail = await db.fetch(told, posting_id)
            assert {(row["subject"], row["before"]["responsible"]) for row in trail} == {
                ("dealer D-1", None), ("dealer D-2", "S-1"), ("dealer D-3", "S-1"),
            }  # fmt: skip
            assert {row["reason"] for row in trail} == {"a new territory"}


async def test_nothing_is_done_but_what_was_looked_at(staff: Person) -> None:
    with clock.fixed(START):
        await _many(staff)
        async with acting(MANAGER):
            act = _changing()
            mark = (await review_responsible(MANAGER, act)).mark
            await _set("S-1", dealer="D-1")
            for other in (act, msgspec.structs.replace(act, member="S-1"), _changing(status=StatusAsked.CURRENT)):
                with pytest.raises(WouldChange) as refused:
                    await change_responsible(MANAGER, msgspec.structs.replace(other, confirmed=mark))
                assert refused.value.plan.mark != mark
            tomorrow = msgspec.structs.replace(act, effective_on=date(2024, 6, 11))
            assert (await review_responsible(MANAGER, act)).mark != (await review_responsible(MANAGER, tomorrow)).mark


async def test_some_are_left_out_or_the_only_ones(staff: Person) -> None:
    with clock.fixed(START):
        await _many(staff)
        async with acting(MANAGER):
            for which, codes, meant in (
                (Which.ALL_BUT, ["d-2"], ["D-1", "D-3", "D-4"]),
                (Which.ONLY, ["D-2", "D-5"], ["D-2"]),
                (None, [], ["D-1", "D-2", "D-3", "D-4"]),
            ):
                plan = await review_responsible(MANAGER, _changing(which=which, dealers=codes))
                assert [row["code"] for row in plan.rows] == meant
            # Of those that are named only those count that the filter finds.
            found = _changing(which=Which.ONLY, dealers=["D-1", "D-2"], responsible=NOBODY)
            assert [row["code"] for row in (await review_responsible(MANAGER, found)).rows] == ["D-1"]
            with pytest.raises(Invalid) as refused:
                await review_responsible(MANAGER, _changing(which=Which.ONLY, dealers=["D-1", "D-99"]))
            assert [each.field for each in refused.value.errors] == ["dealers"]
            for wrong in ({"dealers": ["D-1"]}, {"which": Which.ONLY}):
                with pytest.raises(Invalid):
                    _changing(**wrong)


async def test_a_day_of_the_past_hands_over_what_nobody_took_since(
    staff: Person, handed_over: list[tuple[list[Change], int]]
) -> None:
    with clock.fixed(START):
        await _many(staff)
        del handed_over[:]
        async with acting(MANAGER):
            act = _changing(effective_on=MAY)
            plan = await review_responsible(MANAGER, act)
            # D-2 and D-3 came to S-1 today: what is open of them stays where it is, and D-5 is with S-2 already.
            assert len(plan.rows) == 5
            ids = {row["code"]: row["id"] for row in plan.rows}
            assert {each[0] for each in plan.today} == {ids["D-1"], ids["D-4"]}
            done = await change_responsible(MANAGER, msgspec.structs.replace(act, confirmed=plan.mark))
            assert (done.dealers, done.handed_over) == (5, 2)
            ((changes, _),) = handed_over
            assert set(changes) == set(plan.today)
            ahead = await review_responsible(MANAGER, _changing(member=NOBODY, effective_on=date(2024, 6, 20)))
            assert (len(ahead.rows), ahead.today, [each.count for each in ahead.along]) == (5, [], [5])


async def test_a_thousand_dealers_go_in_one_act(staff: Person) -> None:
    with clock.fixed(START):
        async with db.held(db.EVERYTHING), db.transaction():
            place = await db.fetchval("SELECT id FROM territory WHERE code = 'Land'")
            await db.execute(
                "INSERT INTO dealer (code, name, type, territory_id, status, currency, terms_days)"
                " SELECT 'M-' || n, 'Many ' || n, 'terminal', $1, 'active', 'USD', 30 FROM generate_series(1, 1000) n",
                place,
            )
        async with acting(MANAGER):
            act = _changing(q="M-")
            plan = await review_responsible(MANAGER, act)
            assert len(plan.rows) == 1000
            await change_responsible(MANAGER, msgspec.structs.replace(act, confirmed=plan.mark))
            cached = await _cached()
    assert sum(member == "S-2" for member in cached.values()) == 1000


async def test_a_manager_of_some_territories_changes_only_what_he_sees(staff: Person) -> None:
    with clock.fixed(START):
        nodes = await make_territories("East/Harbour", "North")
        await make_dealer("E-1", territory="Harbour")
        await make_dealer("N-1", territory="North")
        bound = replace(MANAGER, bound=True, territory_ids=(nodes["East"],))
        async with acting(bound):
            plan = await review_responsible(bound, _changing())
            assert [row["code"] for row in plan.rows] == ["E-1"]
            with pytest.raises(Invalid):
                await review_responsible(bound, _changing(which=Which.ONLY, dealers=["N-1"]))
        regional = await make_person(Role.REGIONAL, nodes["East"], login="regional-1")
        async with acting(regional):
            with pytest.raises(Forbidden):
                await review_responsible(regional, _changing())

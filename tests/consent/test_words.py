"""Words on what somebody asked for, with a dealer and without: who may give one, and what it leads to."""

import asyncpg
import pytest

from channel.access.rules import Person
from channel.acts import Why
from channel.consent.queries import last_reasons, requests
from channel.consent.rules import Stale, State
from channel.consent.service import approve, approve_one, approve_reviewed, close, refuse, review, withdraw
from channel.database import db
from channel.errors import Conflict, Forbidden, NotFound, m
from tests.make.access import acting
from tests.make.consent import Room, make_request
from tests.make.dealers import make_dealer
from tests.make.limits import Desk, make_desk
from tests.make.statements import statements


@pytest.fixture
async def desk(database: str) -> Desk:
    return await make_desk()


@pytest.fixture(params=[True, False], ids=["of a dealer", "general"])
async def room(request: pytest.FixtureRequest, desk: Desk) -> Room:
    return Room(dealer=request.param)


@pytest.fixture
async def dealer_id(room: Room) -> int:
    return await make_dealer("D-1", territory="Harbour City") if room.dealer else 0


async def _row(room: Room, number: int) -> asyncpg.Record:
    async with db.held(db.EVERYTHING):
        (row,) = await requests(room.kind.tables, "wish", [number])
    return row


async def test_the_last_approval_needed_carries_it_out(room: Room, desk: Desk, dealer_id: int) -> None:
    room.needed = 2
    async with acting(desk.manager):
        number = await make_request(room, desk.manager, dealer_id=dealer_id)
    async with acting(desk.finance):
        first = await approve_one(room.kind, desk.finance, number, Why(reason="fine"))
    row = await _row(room, number)
    assert (first.complete, room.done, row["state"], row["approvals"]) == (False, [], "open", ["finance-1"])
    assert (row["approvals_needed"], row["closed_at"]) == (2, None)
    async with acting(desk.second):
        last = await approve_one(room.kind, desk.second, number, Why(reason="fine as well"))
    row = await _row(room, number)
    assert (last.complete, room.done, row["state"]) == (True, ["a"], "approved")
    assert (row["approvals"], row["closed_by"]) == (["finance-1", "finance-2"], "finance-2")
    async with db.held(db.EVERYTHING):
        assert await db.fetchval(f"SELECT counted FROM {room.kind.tables.request} WHERE id = $1", number) == {
            "total": "1.5000"
        }
        reasons = await last_reasons(room.kind.tables, "wish", desk.second.person_id or 0)
    async with acting(desk.auditor):
        said = await db.fetch(
            "SELECT act, after->>'state' AS state FROM audit_dealer WHERE act = 'approve limit'"
            " UNION ALL SELECT act, after->>'state' FROM audit_general WHERE act = 'approve limit'"
        )
    assert sorted(tuple(row) for row in said) == [("approve limit", "approved"), ("approve limit", "one approval more")]
    assert reasons == ["fine as well"]


async def test_how_many_are_needed_is_asked_at_every_word(room: Room, desk: Desk, dealer_id: int) -> None:
    room.needed = 2
    async with acting(desk.manager):
        number = await make_request(room, desk.manager, dealer_id=dealer_id)
    room.needed = 1
    async with acting(desk.finance):
        assert (await approve_one(room.kind, desk.finance, number, Why(reason="fine"))).complete
    assert (await _row(room, number))["approvals_needed"] == 1


async def test_nobody_approves_what_he_proposed_or_votes_twice(room: Room, desk: Desk, dealer_id: int) -> None:
    room.needed = 2
    async with acting(desk.finance):
        number = await make_request(room, desk.finance, dealer_id=dealer_id)
        with pytest.raises(Forbidden, match="Nobody approves what he proposed"):
            await approve_one(room.kind, desk.finance, number, Why(reason="mine"))
        with pytest.raises(Forbidden, match="withdraw it"):
            await refuse(room.kind, desk.finance, number, Why(reason="mine"))
    async with acting(desk.second):
        await approve_one(room.kind, desk.second, number, Why(reason="fine"))
        with pytest.raises(Forbidden, match="another person's"):
            await approve_one(room.kind, desk.second, number, Why(reason="fine again"))
        with pytest.raises(Conflict, match="approved this already"):
            await refuse(room.kind, desk.second, number, Why(reason="not fine"))
        with pytest.raises(Forbidden, match="takes a proposal back"):
            await withdraw(room.kind, desk.second, number, Why(reason="not mine"))
    assert (await _row(room, number))["approvals"] == ["finance-2"]
    assert room.done == []


async def test_who_had_a_hand_in_it_takes_it_back_and_does_not_approve_it(
    room: Room, desk: Desk, dealer_id: int
) -> None:
    authors = (desk.second.person_id,)
    async with acting(desk.finance):
        number = await make_request(room, desk.finance, dealer_id=dealer_id, author_ids=authors)
    async with acting(desk.second):
        with pytest.raises(Forbidden, match="authors"):
            await approve_one(room.kind, desk.second, number, Why(reason="fine"))
        await withdraw(room.kind, desk.second, number, Why(reason="wrong"))
    assert (await _row(room, number))["state"] == "withdrawn"


@pytest.mark.parametrize("who", ["manager", "auditor", "east", "machine"])
async def test_only_a_person_with_the_right_decides(room: Room, desk: Desk, dealer_id: int, who: str) -> None:
    async with acting(desk.finance):
        number = await make_request(room, desk.finance, dealer_id=dealer_id)
    person: Person = getattr(desk, who)
    async with acting(person):
        for word in (approve_one, refuse):
            with pytest.raises(Forbidden):
                await word(room.kind, person, number, Why(reason="fine"))
    assert (await _row(room, number))["state"] == "open"


async def test_what_is_closed_is_decided_no_more(room: Room, desk: Desk, dealer_id: int) -> None:
    async with acting(desk.manager):
        numbers = [await make_request(room, desk.manager, each, dealer_id=dealer_id) for each in "abcd"]
    refused, withdrawn, ended, approved = numbers
    async with acting(desk.finance):
        await refuse(room.kind, desk.finance, refused, Why(reason="no"))
        await approve_one(room.kind, desk.finance, approved, Why(reason="yes"))
    async with acting(desk.manager):
        await withdraw(room.kind, desk.manager, withdrawn, Why(reason="wrong"))
        async with db.transaction():
            posting_id = await db.fetchval("INSERT INTO posting (act, actor) VALUES ('x', 'y') RETURNING id")
            await close(room.kind, [(dealer_id, ended)], State.ENDED, posting_id)
    found = {number: (await _row(room, number))["state"] for number in numbers}
    assert list(found.values()) == ["refused", "withdrawn", "ended", "approved"]
    for number in numbers:
        async with acting(desk.second):
            for word in (approve_one, refuse):
                with pytest.raises(Conflict, match="no longer open"):
                    await word(room.kind, desk.second, number, Why(reason="again"))
        async with acting(desk.manager):
            with pytest.raises(Conflict, match="no longer open"):
                await withdraw(room.kind, desk.manager, number, Why(reason="again"))
    assert room.done == ["d"]


async def test_what_takes_the_place_of_another_says_so(room: Room, desk: Desk, dealer_id: int) -> None:
    async with acting(desk.manager):
        old = await make_request(room, desk.manager, dealer_id=dealer_id)
        with pytest.raises(asyncpg.UniqueViolationError):
            await make_request(room, desk.manager, dealer_id=dealer_id)
        new = await make_request(room, desk.manager, dealer_id=dealer_id, replaces=old)
    assert (await _row(room, old))["state"] == "superseded"
    async with db.held(db.EVERYTHING):
        held = await db.fetch(f"SELECT id, replaces FROM {room.kind.tables.request} WHERE state = 'open'")
    assert [tuple(row) for row in held] == [(new, old)]


async def test_what_it_rests_on_is_named_by_who_approves_it_all_the_same(
    room: Room, desk: Desk, dealer_id: int
) -> None:
    async with acting(desk.manager):
        number = await make_request(room, desk.manager, dealer_id=dealer_id)
    room.stale[number] = (Stale("grade", m("the grade was A")), Stale("terms", m("the terms were 30 days")))
    async with acting(desk.finance):
        with pytest.raises(Conflict) as refused:
            await approve_one(room.kind, desk.finance, number, Why(reason="fine"), ["terms"])
        assert [(each.field, str(each.reason)) for each in refused.value.errors] == [("although", "the grade was A")]
        assert (await approve_one(room.kind, desk.finance, number, Why(reason="fine"), ["terms", "grade"])).complete


async def test_what_cannot_come_about_any_more_is_refused_by_its_room(room: Room, desk: Desk, dealer_id: int) -> None:
    async with acting(desk.manager):
        number = await make_request(room, desk.manager, dealer_id=dealer_id)
    room.in_vain[number] = Conflict(m("It is over."))
    async with acting(desk.finance):
        with pytest.raises(Conflict, match="It is over"):
            await approve_one(room.kind, desk.finance, number, Why(reason="fine"))
        await refuse(room.kind, desk.finance, number, Why(reason="over"))


async def test_what_cannot_be_carried_out_leaves_no_word(room: Room, desk: Desk, dealer_id: int) -> None:
    async with acting(desk.manager):
        number = await make_request(room, desk.manager, "fault", dealer_id=dealer_id)
    async with acting(desk.finance):
        with pytest.raises(Conflict, match="after all"):
            await approve_one(room.kind, desk.finance, number, Why(reason="fine"))
    row = await _row(room, number)
    assert (row["state"], row["approvals"]) == ("open", [])


async def test_a_reviewed_selection_is_approved_as_it_was_looked_at(room: Room, desk: Desk, dealer_id: int) -> None:
    room.needed = 2
    async with acting(desk.manager):
        numbers = [await make_request(room, desk.manager, each, dealer_id=dealer_id) for each in "abcd"]
    async with acting(desk.finance):
        own = await make_request(room, desk.finance, "own", dealer_id=dealer_id)
        await approve_one(room.kind, desk.finance, numbers[1], Why(reason="first"))
    room.stale[numbers[2]] = (Stale("grade", m("the grade was A")),)
    room.in_vain[numbers[3]] = Conflict(m("It is over."))
    rows = [await _row(room, each) for each in (*numbers, own)]
    async with acting(desk.finance):
        his = await review(room.kind, desk.finance, rows)
        assert ([row["id"] for row in his.mine], his.left, his.complete) == ([numbers[0]], 2, 0)
    async with acting(desk.second):
        found = await review(room.kind, desk.second, rows)
        assert [row["id"] for row in found.mine] == [numbers[0], numbers[1], own]
        assert [row["id"] for row in found.stale] == [numbers[2]]
        assert [row["id"] for row in found.in_vain] == [numbers[3]]
        assert (found.left, found.complete) == (0, 1)
        with pytest.raises(Conflict, match="look again"):
            await approve_reviewed(room.kind, desk.second, rows, his.mark, "all")
    weighings = room.weighings
    with statements() as asked:
        async with acting(desk.second):
            assert await approve_reviewed(room.kind, desk.second, rows, found.mark, "all") == (3, [])
    assert room.done == ["b"]
    assert room.weighings == weighings + 2
    assert sum("INSERT INTO vote" in each for each in asked) == 1
    assert [(await _row(room, each))["approvals"] for each in (numbers[0], own)] == [["finance-2"], ["finance-2"]]


async def test_of_what_has_changed_meanwhile_is_said_why_it_was_left(room: Room, desk: Desk, dealer_id: int) -> None:
    async with acting(desk.manager):
        numbers = [await make_request(room, desk.manager, each, dealer_id=dealer_id) for each in "ab"]
    rows = [await _row(room, each) for each in numbers]
    async with acting(desk.third):
        await refuse(room.kind, desk.third, numbers[0], Why(reason="no"))
    async with acting(desk.second):
        found = await review(room.kind, desk.second, rows)
        approved, left = await approve_reviewed(room.kind, desk.second, rows, found.mark, "all")
    assert approved == 1
    assert [(row["id"], str(why)) for row, why in left] == [
        (numbers[0], "This proposal is no longer open: it is refused.")
    ]


async def test_what_nobody_asked_for_is_not_found(room: Room, desk: Desk) -> None:
    async with acting(desk.finance):
        for word in (approve_one, refuse, withdraw):
            with pytest.raises(NotFound):
                await word(room.kind, desk.finance, 4711, Why(reason="fine"))
        (approval,) = await approve(room.kind, desk.finance, [4711], "fine")
        assert isinstance(approval.refused, NotFound)


async def test_another_kind_with_the_same_number_is_not_meant(room: Room, desk: Desk, dealer_id: int) -> None:
    async with acting(desk.manager):
        number = await make_request(room, desk.manager, dealer_id=dealer_id)
    async with acting(desk.finance), db.transaction():
        assert await requests(room.kind.tables, "something else", [number]) == []


async def test_a_request_of_a_dealer_is_seen_with_him(desk: Desk) -> None:
    room = Room(dealer=True)
    dealer_id = await make_dealer("D-1", territory="Harbour City")
    async with acting(desk.manager):
        number = await make_request(room, desk.manager, dealer_id=dealer_id)
    async with acting(desk.second):
        await approve_one(room.kind, desk.second, number, Why(reason="fine"))
    for person, rows in ((desk.east, 1), (desk.north, 0)):
        async with acting(person):
            assert len(await requests(room.kind.tables, "wish", [number])) == rows
            assert await db.fetchval("SELECT count(*) FROM vote_dealer") == rows


@pytest.mark.parametrize("change", ["state = 'approved'", "needed = 0", "reason = 'x'", "proposer_id = NULL"])
async def test_what_is_decided_stays(room: Room, desk: Desk, dealer_id: int, change: str) -> None:
    async with acting(desk.manager):
        number = await make_request(room, desk.manager, dealer_id=dealer_id)
        await withdraw(room.kind, desk.manager, number, Why(reason="wrong"))
    async with db.held(db.EVERYTHING):
        try:
            assert await db.execute(f"UPDATE {room.kind.tables.request} SET {change}") == 0
        except asyncpg.InsufficientPrivilegeError:
            assert "reason" in change or "proposer" in change
        for never in (f"DELETE FROM {room.kind.tables.vote}", f"UPDATE {room.kind.tables.vote} SET reason = 'x'"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await db.execute(never)

"""The contact log on PostgreSQL: written, corrected by another entry, told as of a day as known at a moment."""

from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from channel import clock
from channel.access.rules import Person, Right, Role
from channel.database import db
from channel.database.snapshots import view_of
from channel.errors import Conflict, Forbidden, Invalid, NotFound
from channel.lists import ALL
from channel.receivables.acts.contact_log import CorrectContact, LogContact
from channel.receivables.queries.contact_log import ContactFilter
from channel.receivables.rules.contact_log import ContactKind, ContactOutcome, NextFor
from channel.receivables.service import contact_log as service
from channel.tasks.acts import FinishTask
from channel.tasks.service.acting import finish_task
from tests.make.access import acting, make_member, make_person
from tests.make.dealers import make_contact, make_dealer
from tests.make.ledger import LATER
from tests.make.receivables import day, moment, speaking

TODAY = LATER // 24


async def logged(person: Person, act: LogContact, code: str = "D-1", at: int = LATER) -> int:
    with clock.fixed(moment(at)):
        async with acting(person):
            return await service.log_contact(person, code, act)


async def corrected(person: Person, entry: int, at: int, **given: Any) -> int:  # noqa: ANN401 - fields of the act
    fields: dict[str, Any] = {"outcome": ContactOutcome.BY_US, "with_whom": "Ms Lin", "said": "he does not pay"}
    with clock.fixed(moment(at)):
        async with acting(person):
            return await service.correct_contact(person, entry, CorrectContact(reason="misheard", **fields | given))


async def told(
    person: Person,
    at: int,
    then: tuple[int, int | None] | None = None,
    **asked: Any,  # noqa: ANN401 - a filter's
) -> list[int]:
    """The entries at an hour, or `then`: as of a day, as known at an hour."""
    with clock.fixed(moment(at)):
        view = None if then is None else view_of(day(then[0]), None if then[1] is None else moment(then[1]))
        async with acting(person):
            return [row["id"] for row in (await service.contact_log(person, ContactFilter(**asked), ALL, view)).items]


async def test_an_entry_keeps_the_name_of_whom_it_was_with(finance: Person, dealer: int) -> None:
    manager = await make_person(Role.MANAGER)
    with clock.fixed(moment(0)):
        async with acting(manager):
            lin = await make_contact(manager, "D-1")
    number = await logged(finance, speaking(contact=lin, with_whom=None, next_step="look", next_on=day(TODAY + 3)))
    with clock.fixed(moment(LATER + 1)):
        async with acting(finance):
            row = (await service.entry_told(finance, number)).row
            with pytest.raises(Invalid) as unknown:
                await service.log_contact(finance, "D-1", speaking(contact=lin + 1, with_whom=None))
            other = await service.log_contact(finance, "D-1", speaking(contact=lin))
            someone = (await service.entry_told(finance, other)).row
    assert (someone["contact"], someone["with_whom"]) == (None, "Ms Lin")
    assert (row["contact"], row["with_whom"], row["took_place_on"], row["at_time"]) == (lin, "Lin", day(TODAY), None)
    assert (row["next_step"], row["next_on"], row["actor"]) == ("look", day(TODAY + 3), finance.login)
    assert [each.field for each in unknown.value.errors] == ["contact"]


async def test_a_correction_stands_in_its_place_and_what_was_written_stays(finance: Person, dealer: int) -> None:
    first = await logged(finance, speaking())
    second = await corrected(finance, first, LATER + 2)
    third = await corrected(finance, second, LATER + 4, took_place_on=day(TODAY - 1))
    assert await told(finance, LATER + 5) == [third]
    for at, stood in ((0, first), (2, second), (4, third)):
        assert await told(finance, LATER + 5, (TODAY, LATER + at + 1)) == [stood]
    with clock.fixed(moment(LATER + 5)):
        async with acting(finance):
            whole = await service.entry_told(finance, second)
            with pytest.raises(Conflict):
                await service.correct_contact(
                    finance, first, CorrectContact(outcome=ContactOutcome.NOT_REACHED, reason="again")
                )
            assert (await service.entry_told(finance, third)).stands
    assert [row["id"] for row in whole.every] == [first, second, third]
    assert not whole.stands
    assert [row["said"] for row in whole.every] == ["he pays on Monday", "he does not pay", "he does not pay"]


async def _steps() -> list[tuple[str, str, str | None, str]]:
    """Every next step: from which entry, what, whose, and what became of it."""
    async with db.held(db.EVERYTHING):
        rows = await db.fetch(
            "SELECT x.about, x.what, s.code, x.state FROM task_dealer x LEFT JOIN staff_member s ON s.id = x.member_id"
            " WHERE x.kind = 'next step' ORDER BY x.id"
        )
    return [tuple(row) for row in rows]


async def test_a_next_step_is_a_task_that_the_next_entry_does(finance: Person, dealer: int) -> None:
    administrator = await make_person(Role.ADMINISTRATOR)
    with clock.fixed(moment(0)):
        await make_member(administrator, "S-1", login=finance.login)
    step: dict[str, Any] = {"next_step": "look", "next_on": day(TODAY + 3)}
    first = await logged(finance, speaking(**step))
    assert await _steps() == [(str(first), "look", "S-1", "outstanding")]
    # A correction takes the step along; what is not agreed any more is dropped.
    second = await corrected(finance, first, LATER + 2, next_step="look twice", next_on=day(TODAY + 4))
    assert [row[1:] for row in await _steps()] == [
        ("look", "S-1", "dropped"),
        ("look twice", "S-1", "outstanding"),
    ]
    async with db.held(db.EVERYTHING):
        number = await db.fetchval("SELECT id FROM task_dealer WHERE about = $1", str(second))
    with clock.fixed(moment(LATER + 3)):
        async with acting(finance):
            with pytest.raises(Conflict):
                await finish_task(finance, number, FinishTask())
    with pytest.raises(NotFound):
        await logged(finance, speaking(task=number + 1), at=LATER + 4)
    await logged(finance, speaking(task=number), at=LATER + 4)
    assert [row[3] for row in await _steps()] == ["dropped", "done"]
    with pytest.raises((Conflict, NotFound)):
        await logged(finance, speaking(task=number), at=LATER + 5)
    with pytest.raises(Invalid) as refused:
        await logged(finance, speaking(next_for=NextFor.RESPONSIBLE, **step), at=LATER + 5)
    assert [each.field for each in refused.value.errors] == ["next_for"]


async def test_the_list_is_asked_by_kind_outcome_writer_and_days(finance: Person, dealer: int) -> None:
    manager = await make_person(Role.MANAGER)
    call = await logged(finance, speaking(took_place_on=day(TODAY - 4)))
    visit = await logged(manager, speaking(kind=ContactKind.VISIT, took_place_on=day(TODAY - 2)))
    missed = await logged(finance, LogContact(outcome=ContactOutcome.NOT_REACHED))
    for asked, found in (
        ({}, [missed, visit, call]),
        ({"kind": ContactKind.VISIT}, [visit]),
        ({"outcome": ContactOutcome.NOT_REACHED}, [missed]),
        ({"actor": finance.login}, [missed, call]),
        ({"from_on": day(TODAY - 2)}, [missed, visit]),
        ({"until": day(TODAY - 2)}, [visit, call]),
        ({"dealer_id": dealer + 1}, []),
    ):
        assert await told(finance, LATER + 1, **asked) == found, asked
    assert await told(finance, LATER + 1, (TODAY - 3, None)) == [call]


async def test_who_may_write_and_who_may_see(finance: Person, dealer: int) -> None:
    number = await logged(await make_person(Role.MANAGER), speaking())
    for role in (Role.AUDITOR, Role.ADMINISTRATOR):
        with pytest.raises(Forbidden):
            await logged(await make_person(role), speaking())
    elsewhere = await make_person(Role.REGIONAL)
    assert elsewhere.may(Right.LOG_CONTACTS)
    with pytest.raises(NotFound):
        await logged(elsewhere, speaking())
    with pytest.raises(NotFound):
        await corrected(elsewhere, number, LATER + 1)
    assert await told(elsewhere, LATER + 1) == []
    async with acting(elsewhere):
        with pytest.raises(NotFound):
            await service.entry_told(elsewhere, number)


async def test_the_part_of_a_dealers_pages_writes_and_leads_on(
    finance: Person, dealer: int, browser: Callable[[Person], Awaitable[httpx.AsyncClient]]
) -> None:
    with clock.fixed(moment(0)):
        await make_dealer("D-2", currency="CNY")
    for said in ("he pays on Monday", "she pays on Friday"):
        await logged(finance, speaking(said))
    await logged(finance, speaking("the other dealer pays"), "D-2")
    with clock.fixed(moment(LATER + 1)):
        async with await browser(finance) as client:
            for page in ("/dealers/D-1", "/dealers/D-1/receivables"):
                assert 'hx-get="/dealers/D-1/contact-log' in (await client.get(page)).text
            part = (await client.get("/dealers/D-1/contact-log")).text
            assert "she pays on Friday" in part
            assert "the other dealer pays" not in part
            for path in ("contact-log/new", "receivables/promise", "receivables/dispute"):
                assert f"/dealers/D-1/{path}" in part
            past = (await client.get("/dealers/D-1/contact-log", params={"as_of": f"{day(TODAY - 1)}"})).text
            assert "she pays on Friday" not in past
        async with await browser(await make_person(Role.AUDITOR)) as client:
            part = (await client.get("/dealers/D-1/contact-log")).text
            assert "she pays on Friday" in part
            assert "contact-log/new" not in part


async def test_the_api_goes_the_whole_way(
    finance: Person, dealer: int, api: Callable[[Person], Awaitable[httpx.AsyncClient]]
) -> None:
    at = "/api/v1/receivables/contact-log"
    with clock.fixed(moment(LATER)):
        async with await api(finance) as client:
            body = {"outcome": "by_dealer", "kind": "mail", "with_whom": "Ms Lin", "said": "the goods are wet"}
            number = (await client.post("/api/v1/receivables/dealers/D-1/contact-log", json=body)).json()["id"]
            (row,) = (await client.get("/api/v1/receivables/dealers/D-1/contact-log")).json()["items"]
            assert (row["id"], row["said"], row["outcome"]) == (number, "the goods are wet", "by_dealer")
            answer = await client.post(f"{at}/{number}/correct", json=body | {"reason": "dry", "said": "they are dry"})
            assert answer.status_code == 201
            whole = (await client.get(f"{at}/{number}")).json()
            assert (whole["stands"], [each["said"] for each in whole["every"]]) == (
                False,
                ["the goods are wet", "they are dry"],
            )
            assert (await client.get(f"{at}/{number + 2}")).status_code == 404
            refused = await client.post("/api/v1/receivables/dealers/D-1/contact-log", json={"outcome": "by_us"})
            assert [each["field"] for each in refused.json()["errors"]] == ["contact", "said"]

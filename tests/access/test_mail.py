"""Where and when people are told: kept by the administrator and by each person himself."""

from collections.abc import Awaitable, Callable

import asyncpg
import httpx
import pytest

from channel.access import service
from channel.access.acts import ChooseMessages
from channel.access.queries import AuditFilter
from channel.access.rules import OPERATOR, Person, Role
from channel.access.rules.mail import Messages
from channel.access.service import audit_lines
from channel.database import db
from channel.edits import Overtaken
from channel.errors import Invalid
from channel.lists import ALL
from channel.mail import is_mail
from tests.make.access import acting, adding, make_machine, make_person

Api = Callable[[Person], Awaitable[httpx.AsyncClient]]
ME = "/api/v1/me"


@pytest.mark.parametrize(
    "address",
    ["a@example.com\nBcc: b@example.com", "a\r\n@example.com", "a@example.com\0", "a\x0b@example.com", "a\u2028@b.com"],
)
async def test_no_address_ends_a_line(api: Api, address: str) -> None:
    person = await make_person(Role.FINANCE)
    assert not is_mail(address)
    answer = await (await api(person)).patch(ME, json={"email": address})
    assert answer.status_code == 422
    assert [each["field"] for each in answer.json()["errors"]] == ["email"]
    async with db.held(db.EVERYTHING), db.transaction():
        with pytest.raises(asyncpg.CheckViolationError):
            await db.execute("UPDATE person SET email = $1 WHERE id = $2", "a@b.com\nx", person.person_id)


async def test_a_person_chooses_for_himself(api: Api) -> None:
    person = await make_person(Role.REGIONAL)
    client = await api(person)
    assert {(await client.get(ME)).json()[name] for name in ("email", "locale")} == {None}
    assert (await client.get(ME)).json()["messages"] == "daily"
    kept = (await client.patch(ME, json={"email": " li@example.com ", "messages": "at-once"})).json()
    assert (kept["email"], kept["messages"], kept["locale"]) == ("li@example.com", "at-once", None)
    kept = (await client.patch(ME, json={"messages": "none"})).json()
    assert (kept["email"], kept["messages"]) == ("li@example.com", "none")
    kept = (await client.patch(ME, json={"email": None})).json()
    assert (kept["email"], kept["messages"]) == (None, "none")
    assert (await client.patch(ME, json={"messages": "hourly"})).status_code == 422
    auditor = await make_person(Role.AUDITOR)
    async with acting(auditor):
        lines = (await audit_lines(auditor, AuditFilter(act="choose messages"), ALL)).items
    assert [(line["actor"], line["before"], line["after"]) for line in reversed(lines)] == [
        (person.login, {"email": None, "messages": "daily"}, {"email": "li@example.com", "messages": "at-once"}),
        (person.login, {"messages": "at-once"}, {"messages": "none"}),
        (person.login, {"email": "li@example.com"}, {"email": None}),
    ]


async def test_the_administrator_keeps_an_address(api: Api) -> None:
    keeper = await make_person(Role.ADMINISTRATOR)
    client = await api(keeper)
    async with acting(OPERATOR):
        await service.add_person(OPERATOR, adding("wang", Role.FINANCE, password="correct horse battery"))
    at = "/api/v1/people/wang"
    answer = await client.patch(at, json={"email": "wang@example.com", "messages": "none"})
    assert (answer.json()["email"], answer.json()["messages"]) == ("wang@example.com", "none")
    assert (await client.patch(at, json={"name": "Wang Li"})).json()["email"] == "wang@example.com"
    assert (await client.patch(at, json={"email": ""})).json()["email"] is None
    assert (await client.patch(at, json={"email": "wang"})).json()["errors"][0]["field"] == "email"
    listed = (await client.get("/api/v1/people", params={"q": "wang"})).json()["items"]
    assert (listed[0]["email"], listed[0]["messages"]) == (None, "none")


async def test_a_machine_is_not_written_to(api: Api) -> None:
    machine = await make_machine(await make_person(Role.ADMINISTRATOR), "till")
    client = await api(machine)
    assert (await client.get(ME)).json()["messages"] is None
    assert (await client.patch(ME, json={"email": "till@example.com"})).status_code == 404


async def test_what_somebody_else_kept_meanwhile_is_told(database: str) -> None:
    person = await make_person(Role.FINANCE)
    opened = {"email": None, "messages": "daily"}
    async with acting(person):
        await service.keep_messages(person, ChooseMessages(email="one@example.com", messages=Messages.DAILY))
        with pytest.raises(Overtaken):
            await service.keep_messages(
                person, ChooseMessages(email="two@example.com", messages=Messages.DAILY, opened=opened)
            )
        await service.keep_messages(person, ChooseMessages(email=None, messages=Messages.NONE, opened=opened))
        kept = await service.oneself(person)
    assert kept is not None
    assert (kept["email"], kept["messages"]) == ("one@example.com", "none")
    with pytest.raises(Invalid):
        ChooseMessages(email="two")

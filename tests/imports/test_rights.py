"""A file is loaded by exactly whom the acts allow for which its lines stand, whichever door he comes by."""

import re
from collections.abc import AsyncIterator, Mapping
from typing import Any

import httpx
import pytest
from litestar import Litestar

from channel.access.acts import MakeToken
from channel.access.rules import WHOLE_COMPANY, Role
from channel.access.service import add_machine_token, add_own_token
from channel.database import db
from channel.imports.loader import specs
from tests.make.access import acting, make_session, make_token
from tests.make.sales import csv_of
from tests.make.world import World, make_world

V1 = "/api/v1"
SOLD = csv_of("dealer,date,product,quantity,amount", "D-1,2025-01-05,RB-210,2,200.00")
FILES: Mapping[str, bytes] = {
    "sell-in": SOLD,
    "sell-through": SOLD,
    "stock": csv_of("dealer,date,product,quantity", "D-1,2025-01-31,RB-210,2"),
    "invoices": csv_of("dealer,number,date,amount", "D-1,I-1,2025-01-05,200.00"),
    "receipts": csv_of("dealer,number,date,amount", "D-1,R-1,2025-01-05,200.00"),
    "credit-notes": csv_of("dealer,number,date,amount", "D-1,C-1,2025-01-05,200.00"),
    "debit-notes": csv_of("dealer,number,date,amount", "D-1,N-1,2025-01-05,200.00"),
    "bills": csv_of("dealer,number,date,amount,maturity", "D-1,B-1,2025-01-05,200.00,2025-04-05"),
    "dealers": csv_of("code,name,type,territory,currency,terms_days", "D-9,Nine,terminal,Harbour City,USD,30"),
    "products": csv_of("code,name,line", "P-9,Pump,Road"),
    "territories": csv_of("path", "South"),
    "staff": csv_of("code,name", "S-9,Wang Min"),
    "holidays": csv_of("day,name", "2030-01-01,New Year"),
    "statements": csv_of("dealer,period_end,period_months,net_worth", "D-1,2024-12-31,12,5"),
    "rates": csv_of("currency,date,rate", "EUR,2025-01-02,1.1"),
}
ACTS: Mapping[str, tuple[tuple[str, str, dict[str, Any]], ...]] = {
    "dealers": (
        (
            "POST",
            "/dealers",
            {
                "code": "D-8",
                "name": "Eight",
                "type": "terminal",
                "territory": "Harbour City",
                "currency": "USD",
                "terms_days": 30,
                "status": "active",
            },
        ),
        ("PATCH", "/dealers/D-1", {"name": "One"}),
        ("POST", "/dealers/D-1/facts", {"fact": "grade", "value": "B", "reason": "pays late"}),
        ("PATCH", "/dealers/D-1", {"traits": {"brands_carried": 3}}),
        ("PUT", "/dealers/D-1/lines", {"lines": []}),
        ("POST", "/dealers/D-1/contacts", {"name": "Lin"}),
    ),
    "products": (
        ("PUT", "/products", {"code": "P-8", "name": "Bell", "line": "Road"}),
        ("PUT", "/product-lines", {"code": "Gravel", "name": "Gravel"}),
    ),
    "staff": (
        ("POST", "/staff", {"code": "S-8", "name": "Eight"}),
        ("PATCH", "/staff/S-1", {"name": "One"}),
    ),
    "holidays": (("PUT", "/calendar/days", {"day": "2030-01-02", "words": "the day after"}),),
    "territories": (("POST", "/territories", {"code": "West", "name": "West", "level": "region"}),),
    "statements": (
        ("POST", "/credit/dealers/D-1/statements", {"period_end": "2020-12-31", "figures": {"net_worth": "5"}}),
    ),
    "rates": (("POST", "/rates", {"currency": "EUR", "on": "2025-01-03", "rate": "1.2"}),),
}
"""The acts for which the lines of a kind stand; reports come by file alone."""


@pytest.fixture
async def world(database: str) -> World:
    return await make_world()


async def tokens_of(world: World) -> dict[str, str]:
    """A token of every role; one narrowed to a branch of whoever is not bound to one, and of a machine."""
    found = {role.value: await make_token(person) for role, person in world.people.items()}
    for role in (Role.MANAGER, Role.FINANCE, Role.AUDITOR, Role.ADMINISTRATOR):
        async with acting(world.people[role]) as person:
            found[f"{role} of the East"] = (
                await add_own_token(person, MakeToken(name="east", territories=["East"]))
            ).text
    async with acting(world.people[Role.ADMINISTRATOR]) as person:
        found["machine"] = (await add_machine_token(person, MakeToken(name="erp"))).text
        found["machine of the East"] = (
            await add_machine_token(person, MakeToken(name="east", territories=["East"]))
        ).text
    return found


@pytest.fixture
async def programs(app: Litestar, world: World) -> AsyncIterator[dict[str, httpx.AsyncClient]]:
    made = {
        name: httpx.AsyncClient(
            transport=httpx.ASGITransport(app=app),
            base_url="http://channel.test",
            headers={"authorization": f"Bearer {token}"},
        )
        for name, token in (await tokens_of(world)).items()
    }
    yield made
    for each in made.values():
        await each.aclose()


async def brought(program: httpx.AsyncClient, kind: str, **options: str) -> int:
    asked = {"kind": kind, "dry_run": "true"} | options
    plain = (await program.post(f"{V1}/imports", params=asked, content=FILES[kind])).status_code
    parted = await program.post(f"{V1}/imports", data=asked, files={"file": ("f.csv", FILES[kind])})
    assert parted.status_code == plain, parted.text
    return plain


async def kept() -> int:
    async with db.held(db.EVERYTHING):
        count: int = await db.fetchval("SELECT count(*) FROM upload")
    return count


async def test_a_file_and_the_acts_that_it_stands_for_are_allowed_to_the_same(
    programs: dict[str, httpx.AsyncClient],
) -> None:
    allowed: dict[tuple[str, str], bool] = {}
    for name, program in programs.items():
        listed = {each["kind"] for each in (await program.get(f"{V1}/imports/kinds")).json()["items"]}
        for kind in specs():
            before = await kept()
            status = await brought(program, kind)
            assert status in {202, 403}, (name, kind, status)
            allowed[name, kind] = status == 202
            assert (kind in listed) == allowed[name, kind], (name, kind)
            # Nothing is kept of what may not be loaded.
            assert await kept() - before == (2 if allowed[name, kind] else 0), (name, kind)
            if kind in ACTS:
                answers = [await program.request(method, V1 + path, json=body) for method, path, body in ACTS[kind]]
                assert all(each.is_success or each.status_code in {403, 409} for each in answers), (name, kind, answers)
                acts = all(each.status_code != 403 for each in answers)
                assert acts == allowed[name, kind], (name, kind, [each.text for each in answers])
    for kind in specs():
        of_company = bool(WHOLE_COMPANY.intersection(specs()[kind].rights))
        assert of_company == (kind in {"products", "territories", "staff", "holidays", "rates"}), kind
        for role in ("manager", "finance", "administrator", "machine"):
            expected = allowed[role, kind] and not of_company
            assert allowed[f"{role} of the East", kind] == expected, (role, kind)
        assert any(allowed[name, kind] for name in programs), kind
        assert not allowed["auditor", kind]
        # Who works for the company, and on which days it works, is kept by who keeps people, and nothing else is.
        assert allowed["administrator", kind] == (kind in {"staff", "holidays"}), kind
        assert not allowed["administrator of the East", kind]


async def test_a_report_creates_what_its_bringer_may_create(programs: dict[str, httpx.AsyncClient]) -> None:
    for what, kind in (("dealers", "dealers"), ("products", "products")):
        for name, program in programs.items():
            creates = await brought(program, "sell-in", create_missing=what)
            may = [await brought(program, each) == 202 for each in ("sell-in", kind)]
            # 422: the report does not say all that a new dealer needs.
            assert creates in ({202, 422} if all(may) else {403}), (name, what, creates)


async def test_who_may_load_nothing_has_nothing_kept(programs: dict[str, httpx.AsyncClient]) -> None:
    for name in ("auditor", "administrator of the East", "auditor of the East"):
        answer = await programs[name].post(f"{V1}/uploads", params={"file_name": "f.csv"}, content=SOLD)
        assert answer.status_code == 403, name
    assert await kept() == 0
    answer = await programs["regional"].post(f"{V1}/uploads", params={"file_name": "f.csv"}, content=SOLD)
    assert (answer.status_code, await kept()) == (201, 1)


async def test_the_wizard_asks_for_the_same_rights(app: Litestar, world: World) -> None:
    for role, kind, status in (
        (Role.AUDITOR, "sell-in", 403),
        (Role.FINANCE, "products", 403),
        (Role.MANAGER, "rates", 403),
        (Role.MANAGER, "products", 303),
    ):
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://channel.test") as browser:
            browser.cookies.set("channel_session", await make_session(world.people[role]))
            found = re.search(r'name="_csrf_token" value="([^"]+)"', (await browser.get("/account")).text)
            assert found is not None
            token = found[1]
            before = await kept()
            answer = await browser.post(
                "/imports/upload",
                data={"kind": kind, "_csrf_token": token},
                files={"file": ("f.csv", FILES[kind])},
            )
            assert (answer.status_code, await kept() - before) == (status, int(status == 303)), (role, kind)


async def test_rights_are_read_before_what_is_asked(programs: dict[str, httpx.AsyncClient]) -> None:
    """What has no form that anybody could mean is told to everybody alike, before there is a question of rights."""
    for body, status in (
        ({"traits": {"no such": 1}}, 422),
        ({"traits": {"brands_carried": "many"}}, 422),
        ({"name": ""}, 422),
        ({"name": "Another"}, 403),
        ({}, 403),
    ):
        for path in ("/dealers/D-1", "/dealers/NOBODY"):
            answer = await programs["auditor"].patch(V1 + path, json=body)
            assert answer.status_code == status, (path, body, answer.text)

"""What is put as it stands already is no change: nothing is written a second time, the audit trail included."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import asyncpg
import httpx
import pytest
from litestar import Litestar

from channel.access.rules import Person, Role
from channel.database.embedded import OWNER, EmbeddedPostgres
from channel.receivables.rules.settings import LedgerRules
from channel.reviews.rules.plan import ReviewPlan
from channel.versions.rules import written
from tests.make.credit import DEFAULT_POLICY
from tests.make.whole import Owner, everything
from tests.make.world import make_full_world

V1 = "/api/v1"
POLICY = {"document": written(DEFAULT_POLICY), "effective_from": "2030-01-01", "note": "for later"}
PLAN = {"document": written(ReviewPlan()), "effective_from": "2030-01-01", "note": "for later"}
RULES = {"document": written(LedgerRules()), "effective_from": "2030-01-01", "note": "for later"}
CUSTOMER = {"code": "1", "name": "Corner Shop", "kind": "direct"}
RATE = {"currency": "EUR", "on": "2021-01-01", "rate": "1.2"}

# Every PUT and PATCH of the API, and the POSTs that keep what has a name: who sends what where.
KEEPS: tuple[tuple[Role, str, str, str, dict[str, Any]], ...] = (
    (Role.MANAGER, "PATCH", "/dealers/{code:str}", "/dealers/D-1",
     {"name": "Northgate", "traits": {"assortment": "broad"}}),
    (Role.MANAGER, "PUT", "/dealers/{code:str}/lines", "/dealers/D-1/lines", {"lines": []}),
    (Role.MANAGER, "PUT", "/dealers/{code:str}/contacts/{contact_id:int}", "/dealers/D-1/contacts/1",
     {"name": "Lin Min"}),
    (Role.MANAGER, "PUT", "/products", "/products", {"code": "P-8", "name": "Bell", "line": "Road", "unit": "piece"}),
    (Role.MANAGER, "PUT", "/product-lines", "/product-lines",
     {"code": "Gravel", "name": "Gravel", "wanted_type": "terminal"}),
    (Role.MANAGER, "PATCH", "/territories", "/territories",
     {"code": "Lake District", "name": "Lakes", "parent": "East"}),
    (Role.MANAGER, "PATCH", "/me", "/me", {"locale": "zh", "email": "m@example.com", "messages": "none"}),
    (Role.ADMINISTRATOR, "PATCH", "/people/{login:str}", "/people/finance-1", {"name": "Ada", "reason": "married"}),
    (Role.ADMINISTRATOR, "PATCH", "/staff/{member:str}", "/staff/s-2",
     {"manager": "s-1", "territory": "north", "last_on": "2030-01-31", "login": "Finance-1"}),
    (Role.ADMINISTRATOR, "PUT", "/duties", "/duties",
     {"code": "Collector", "name": "Collects", "rights": ["see receivables", "allocate money"]}),
    (Role.ADMINISTRATOR, "PUT", "/calendar/week", "/calendar/week",
     {"weekdays": [1, 2, 3, 4, 5, 6], "reason": "the shop is open"}),
    (Role.ADMINISTRATOR, "PUT", "/calendar/escalation", "/calendar/escalation",
     {"escalate_days": 3, "reason": "as agreed"}),
    (Role.ADMINISTRATOR, "PUT", "/calendar/days", "/calendar/days", {"day": "2030-01-01", "words": "New Year"}),
    (Role.MANAGER, "PUT", "/imports/profiles/{kind:str}/{name:str}", "/imports/profiles/sell-in/Till",
     {"columns": {"dealer": "dealer"}}),
    (Role.MANAGER, "PUT", "/credit/policies/{version:int}", "/credit/policies/{draft}", POLICY),
    (Role.FINANCE, "PUT", "/receivables/rules/{version:int}", "/receivables/rules/{rules}", RULES),
    (Role.MANAGER, "PUT", "/reviews/plans/{of:str}/versions/{version:int}",
     "/reviews/plans/stale-files/versions/{plan}", PLAN),
    (Role.MANAGER, "POST", "/dealers/{code:str}/second-tier", "/dealers/D-1/second-tier", CUSTOMER),
    (Role.MANAGER, "POST", "/dealers/{code:str}/facts", "/dealers/D-1/facts",
     {"fact": "grade", "value": "B", "reason": "late"}),
    (Role.FINANCE, "POST", "/rates", "/rates", RATE),
)  # fmt: skip


@pytest.fixture
async def owner(server: EmbeddedPostgres, database: str) -> AsyncIterator[Owner]:
    connection = await asyncpg.connect(server.dsn(OWNER, database))
    yield connection
    await connection.close()


def test_every_address_that_keeps_is_tried(app: Litestar) -> None:
    found = {
        (method, route.path.removeprefix(V1))
        for route in app.routes
        for method in ("PUT", "PATCH")
        if method in getattr(route, "route_handler_map", {}) and route.path.startswith(V1)
    }
    assert found == {(method, route) for _, method, route, _, _ in KEEPS if method != "POST"}


async def test_what_stands_already_is_not_written_again(
    api: Callable[[Person], Awaitable[httpx.AsyncClient]], owner: Owner
) -> None:
    world = await make_full_world()
    clients = {role: await api(world.people[role]) for role in {each[0] for each in KEEPS}}
    draft = await clients[Role.MANAGER].post(f"{V1}/credit/policies", json=POLICY | {"note": "first"})
    rules = await clients[Role.FINANCE].post(f"{V1}/receivables/rules", json=RULES | {"note": "first"})
    plan = await clients[Role.MANAGER].post(f"{V1}/reviews/plans/stale-files/versions", json=PLAN | {"note": "first"})
    for role, method, _, at, body in KEEPS:
        made = {"draft": draft, "rules": rules, "plan": plan}
        path = V1 + at.format(**{name: each.json().get("version") for name, each in made.items()})
        before = await everything(owner)
        first = await clients[role].request(method, path, json=body)
        assert first.is_success, f"{method} {path}: {first.text}"
        after = await everything(owner)
        assert after != before, f"{method} {path} has changed nothing at all"
        again = await clients[role].request(method, path, json=body)
        assert again.status_code == first.status_code, f"{method} {path}: {again.text}"
        changed = {name for name, told in (await everything(owner)).items() if told != after[name]}
        assert changed == set(), f"{method} {path} was written twice"

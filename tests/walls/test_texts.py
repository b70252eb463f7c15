"""Whatever is typed or sent: what is wrong with which field is told at the edge, before any room reads it."""

import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from litestar import Litestar

from channel.access.rules import Role
from channel.acts import LONGEST_TEXT
from tests.make.access import make_session
from tests.make.world import make_world

V1 = "/api/v1"
PLACE = re.compile(r"\{(\w+)(?::(\w+))?\}")
# Whoever signs in wrongly is told nothing but that.
OPEN = {"/api/v1/sign-in"}
TOO_LONG = "r" * (LONGEST_TEXT + 1)
DEALER = {
    "code": "D-9",
    "name": "Nine",
    "type": "wholesale",
    "territory": "East",
    "currency": "USD",
    "terms_days": 30,
}


def _paths(app: Litestar, method: str) -> list[str]:
    found = set()
    for route in app.routes:
        handlers = getattr(route, "route_handler_map", {})
        # A file that is brought is read by whoever keeps it: no text of it is kept as a person's.
        if method in handlers and not handlers[method][0].opt.keys() & {"static", "brings_file"}:
            found.add(PLACE.sub("1", route.path))
    return sorted(path for path in found if path.startswith("/api/") and path not in OPEN)


@pytest.fixture
async def manager(api: Callable[..., Any], database: str) -> httpx.AsyncClient:
    world = await make_world()
    client: httpx.AsyncClient = await api(world.people[Role.MANAGER])
    return client


async def test_a_nul_is_refused_at_every_address_with_its_field(app: Litestar, manager: httpx.AsyncClient) -> None:
    for path in _paths(app, "GET"):
        answer = await manager.get(path, params={"q": "a\0b"})
        assert (answer.status_code, [each["field"] for each in answer.json()["errors"]]) == (422, ["q"]), path
    assert [each["field"] for each in (await manager.get(f"{V1}/dealers/a%00b")).json()["errors"]] == ["code"]
    for method in ("POST", "PUT", "PATCH"):
        for path in _paths(app, method):
            answer = await manager.request(method, path, json={"traits": {"note": "a\0b"}})
            told = [each["field"] for each in answer.json()["errors"]]
            assert (answer.status_code, told) == (422, ["traits.note"]), (method, path)


async def test_a_text_without_an_end_is_refused_at_every_address(app: Litestar, manager: httpx.AsyncClient) -> None:
    for method in ("POST", "PUT", "PATCH"):
        for path in _paths(app, method):
            answer = await manager.request(method, path, json={"reason": TOO_LONG})
            (error,) = answer.json()["errors"]
            assert (answer.status_code, error["field"]) == (422, "reason"), (method, path)
            assert error["expected"] == f"at most {LONGEST_TEXT} characters"
    fits = await manager.post(f"{V1}/dealers/D-1/facts", json={"fact": "grade", "value": "B", "reason": TOO_LONG[:-1]})
    assert fits.status_code == 201


def _bodies(document: dict[str, Any]) -> list[str]:
    return [
        f"requestBody {operation['requestBody']}"
        for item in document["paths"].values()
        for operation in item.values()
        if isinstance(operation, dict) and operation.get("requestBody")
    ]


def test_the_api_says_how_long_a_reason_may_be(app: Litestar) -> None:
    document = app.openapi_schema.to_schema()
    schemas = document["components"]["schemas"]
    bodies = set(re.findall(r"requestBody.*?schemas/([\w.]+)", "\n".join(_bodies(document))))
    taken = [
        (name, field)
        for name in sorted(bodies)
        for field in ("reason", "note")
        if field in schemas[name].get("properties", {})
    ]
    assert len(taken) > 5
    for name, field in taken:
        assert schemas[name]["properties"][field].get("maxLength") == LONGEST_TEXT, name


@pytest.mark.parametrize(
    ("path", "field", "reason", "expected"),
    [
        ("sales/lines", "dealer", "A value is needed.", None),
        ("credit/dealers/D-1/diff?first=2013-02-30&second=2013-03-01", "first", "no date", "A date such as 2013-01-31"),
        ("rates/on?currency=EUR&on=31.1.2013", "on", "no date", "A date such as 2013-01-31"),
        ("audit?from=soon", "from", "no date", "A date such as 2013-01-31"),
        ("sales/chase?months=99", "months", "out of range", "at most 24"),
        ("sales/chase?limit=ten", "limit", "no number", "a whole number"),
        ("credit/proposals?mine_to_decide=perhaps", "mine_to_decide", "neither true", "true or false"),
        ("dealers?type=shop", "type", "shop is not one of the choices", None),
    ],
)
async def test_what_is_wrong_with_an_address_is_told_by_field(
    manager: httpx.AsyncClient, path: str, field: str, reason: str, expected: str | None
) -> None:
    answer = await manager.get(f"{V1}/{path}")
    assert answer.status_code == 422, answer.text
    (error,) = answer.json()["errors"]
    assert (error["field"], reason in error["reason"]) == (field, True), error
    assert error["expected"] is None if expected is None else expected in error["expected"]
    told = (await manager.get(f"{V1}/{path}", headers={"accept-language": "zh"})).json()["errors"][0]
    assert re.search(r"[\u4e00-\u9fff]", told["reason"]), told


@pytest.mark.parametrize(
    ("body", "field", "reason"),
    [
        ({"code": "D-9"}, "name", "A value is needed."),
        (DEALER | {"huh": 1}, "huh", "no such field"),
        (DEALER | {"terms_days": "soon"}, "terms_days", "no number"),
        (DEALER | {"effective_on": "soon"}, "effective_on", "no date"),
        (DEALER | {"first_year_target": "1,5"}, "first_year_target", "no number"),
        (DEALER | {"traits": {"brands_carried": "x"}}, "traits.brands_carried", "no number"),
        (DEALER | {"traits": {"brand": 1}}, "traits.brand", "no such field"),
        (DEALER | {"name": 7}, "name", "no text"),
        (DEALER | {"lines": "Road"}, "lines", "no list"),
        ([], "body", "no JSON object"),
    ],
)
async def test_what_is_wrong_with_a_body_is_told_by_field(
    manager: httpx.AsyncClient, body: object, field: str, reason: str
) -> None:
    answer = await manager.post(f"{V1}/dealers", json=body)
    assert answer.status_code == 422, answer.text
    (error,) = answer.json()["errors"]
    assert (error["field"], reason in error["reason"]) == (field, True), error


async def test_a_number_that_no_id_can_be_is_nothing(manager: httpx.AsyncClient) -> None:
    assert (await manager.get(f"{V1}/credit/runs/{2**63}")).status_code == 404
    assert (await manager.get(f"{V1}/credit/runs/{2**63 - 1}")).status_code == 404


async def test_a_form_says_how_long_a_text_may_be_and_holds_to_it(app: Litestar, database: str) -> None:
    world = await make_world()
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app),
        base_url="http://channel.test",
        cookies={"channel_session": await make_session(world.people[Role.MANAGER])},
    ) as browser:
        page = await browser.get("/dealers/D-1/facts/grade")
        field = re.search(r'<input id="field-[^"]*reason"[^>]*>', page.text)
        assert field
        assert f'maxlength="{LONGEST_TEXT}"' in field[0]
        token = re.search(r'name="_csrf_token" value="([^"]+)"', page.text)
        assert token
        asked = {"_csrf_token": token[1], "value": "B", "reason": TOO_LONG}
        answer = await browser.post("/dealers/D-1/facts/grade", data=asked)
        assert answer.status_code == 422
        assert "The text of reason is too long" in answer.text


DATED = {
    ("POST", "/api/v1/credit/dealers/1/facts"): "effective_on",
    ("POST", "/api/v1/credit/dealers/1/statements"): "period_end",
    ("POST", "/api/v1/credit/dealers/1/proposals"): "from_on",
    ("POST", "/api/v1/credit/policies"): "effective_from",
    ("POST", "/api/v1/credit/assess"): "as_of",
    ("POST", "/api/v1/dealers/1/exclusivity"): "to_on",
    ("POST", "/api/v1/rates"): "on",
}


def _days_of(app: Litestar) -> list[tuple[str, str, str, str]]:
    """Method, address, place (query or body) and name of every day that the description of the API names."""
    document = app.openapi_schema.to_schema()
    schemas, found = document["components"]["schemas"], []
    for path, item in document["paths"].items():
        for method, operation in item.items():
            found += [
                (method.upper(), PLACE.sub("1", path), "query", each["name"])
                for each in operation.get("parameters", [])
                if each["in"] == "query" and "'date'" in str(each["schema"])
            ]
            taken = re.search(r"schemas/([\w.]+)", str(operation.get("requestBody", "")))
            if taken:
                fields = schemas[taken[1]].get("properties", {}).items()
                found += [(method.upper(), PLACE.sub("1", path), "body", f) for f, t in fields if "'date'" in str(t)]
    return found


async def test_a_day_that_nobody_can_mean_is_refused_at_every_address(
    app: Litestar, manager: httpx.AsyncClient
) -> None:
    days = _days_of(app)
    assert len(days) > 30
    assert set(DATED.items()) <= {((method, path), name) for method, path, _, name in days}
    for method, path, place, name in days:
        for day in ("0001-01-01", "1899-12-31", "2200-01-01", "9999-12-31"):
            asked = {"params": {name: day}} if place == "query" else {"json": {name: day}}
            answer = await manager.request(method, path, **asked)
            (error,) = answer.json()["errors"]
            assert (answer.status_code, error["field"]) == (422, name), (method, path, day)
            assert error["expected"] == "a day from 1 Jan 1900 to 31 Dec 2199", (method, path, day)


async def test_only_a_note_holds_a_line_end(app: Litestar, manager: httpx.AsyncClient) -> None:
    for method in ("POST", "PUT", "PATCH"):
        for path in _paths(app, method):
            for end in "\n\r\u2028":
                answer = await manager.request(
                    method, path, json={"reason": f"two{end}lines", "note": f"two{end}lines"}
                )
                (error,) = answer.json()["errors"]
                assert (answer.status_code, error["field"], error["expected"]) == (422, "reason", "one line of text"), (
                    path
                )

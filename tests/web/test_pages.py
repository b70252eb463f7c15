import json
from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import asyncpg
import httpx
import msgspec
import pytest
from jinja2 import UndefinedError
from litestar import Litestar, Request, Response, get, post
from litestar.config.csrf import CSRFConfig
from litestar.params import JSONBody

from channel import web
from channel.errors import Conflict, FieldError, Forbidden, Invalid, NotFound, NotSignedIn, TooMany, m
from channel.web.rendering import environment
from tests.browser.sample import sample_app


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(sample_app()), base_url="http://test") as client:
        yield client


async def test_a_page_is_in_the_language_asked_for(client: httpx.AsyncClient) -> None:
    english = await client.get("/dealers", headers={"accept-language": "en"})
    chinese = await client.get("/dealers", headers={"accept-language": "zh-CN"})
    assert 'lang="en"' in english.text
    assert "Find a dealer" in english.text
    assert 'lang="zh-Hans"' in chinese.text
    assert "查找经销商" in chinese.text
    assert "131\N{NO-BREAK SPACE}万" in chinese.text


async def test_the_rooms_list_shows_what_the_person_may_see_and_marks_where_he_is(client: httpx.AsyncClient) -> None:
    text = (await client.get("/dealers/D-0417")).text
    assert '<a href="/dealers" aria-current="page">' in text
    assert "Policies" in text
    assert "/people" not in text
    assert '<a href="/dealers"' not in (await client.get("/?nobody=1")).text.replace('action="/dealers"', "")


async def test_every_answer_carries_the_policy_and_pages_are_not_kept(client: httpx.AsyncClient) -> None:
    for path in ("/", "/nowhere", "/api/nowhere", "/broken"):
        answer = await client.get(path)
        assert answer.headers["content-security-policy"] == web.CONTENT_SECURITY_POLICY
        assert "unsafe" not in answer.headers["content-security-policy"]
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "same-origin"
        assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "name", ["style.css", "app.js", "icon.svg", "vendor/htmx.js", "vendor/vega.js", "vendor/swagger-ui.css"]
)
async def test_a_static_file_is_kept_for_good_under_its_digest(client: httpx.AsyncClient, name: str) -> None:
    plain = await client.get(web.static_url(name), headers={"accept-encoding": "identity"})
    packed = await client.get(web.static_url(name), headers={"accept-encoding": "gzip"})
    assert plain.status_code == packed.status_code == 200
    assert plain.content == packed.content
    assert packed.headers["content-encoding"] == "gzip"
    assert "immutable" in plain.headers["cache-control"]
    outdated = await client.get(f"/static/000000000000/{name}")
    assert outdated.headers["cache-control"] == "no-cache"


@pytest.mark.parametrize(
    "path", ["/static/x/nothing.css", "/static/x/..%2f..%2fapp.py", "/static/x//etc/passwd", "/static/x/templates"]
)
async def test_only_listed_files_are_served(client: httpx.AsyncClient, path: str) -> None:
    assert (await client.get(path)).status_code == 404


async def test_sorting_turns_round_and_starts_at_the_first_page(client: httpx.AsyncClient) -> None:
    text = (await client.get("/dealers?q=o&sort=name&cursor=abc")).text
    assert 'aria-sort="ascending"><a href="/dealers?q=o&amp;sort=-name"' in text
    assert 'href="/dealers?q=o&amp;sort=-limit"' in text
    assert 'href="/dealers/export?q=o&amp;sort=name&amp;format=xlsx" download data-export' in text
    assert 'rel="next" href="/dealers?q=o&amp;sort=name&amp;cursor=abc"' in text


async def test_a_refused_form_comes_back_as_typed_with_the_reason_at_the_field(client: httpx.AsyncClient) -> None:
    answer = await client.get("/refused")
    assert answer.status_code == 422
    assert 'value="D-0417" required aria-describedby="hint-code error-code" aria-invalid="true"' in answer.text
    assert "D-0417 is taken. Choose another code." in answer.text


async def test_word_of_an_act_is_shown_once(client: httpx.AsyncClient) -> None:
    await client.get("/")
    token = {"_csrf_token": client.cookies["csrftoken"]}
    answer = await client.post("/form", data={"reason": "x", **token})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert "The limit is raised." in (await client.get("/")).text
    assert "The limit is raised." not in (await client.get("/")).text


@pytest.mark.parametrize("cookie", ["x", "e30", "bnVsbA", "W10", "eyJraW5kIjoxfQ", "/wA"])
async def test_a_flash_that_is_not_ours_is_no_flash(client: httpx.AsyncClient, cookie: str) -> None:
    answer = await client.get("/", headers={"cookie": f"flash={cookie}"})
    assert answer.status_code == 200
    assert 'role="status"' not in answer.text


async def test_the_choice_of_language_and_light_is_kept_on_the_device(client: httpx.AsyncClient) -> None:
    await client.get("/")
    token = {"_csrf_token": client.cookies["csrftoken"], "next": "/dealers?q=a"}
    answer = await client.post("/preferences", data={"language": "zh", "theme": "dark", **token})
    assert answer.headers["location"] == "/dealers?q=a"
    text = (await client.get("/")).text
    assert 'lang="zh-Hans" data-theme="dark"' in text
    await client.post("/preferences", data={"language": "xx", "theme": "pink", **token})
    assert 'lang="zh-Hans" data-theme="dark"' in (await client.get("/")).text


@pytest.mark.parametrize(
    "url",
    [
        "https://elsewhere.example/",
        "//elsewhere.example",
        "/\\elsewhere.example",
        "javascript:alert(1)",
        "",
        None,
        "/a\nb",
        "/" + "长" * 1000,
    ],
)
def test_nobody_is_sent_elsewhere(url: str | None) -> None:
    assert web.local_path(url) == "/"
    assert web.redirect(url or "").headers["Location"] == "/"


def test_an_unknown_name_in_a_template_is_an_error() -> None:
    with pytest.raises(UndefinedError):
        environment("en").from_string("{{ nothing }}").render()


ERRORS: dict[str, Exception] = {
    "401": NotSignedIn(),
    "403": Forbidden(m("This is not yours to do.")),
    "404": NotFound(m("Dealer %(code)s is not known", code="<b>")),
    "409": Conflict(m("This exists already.")),
    "422": Invalid(m("The input cannot be used."), (FieldError("code", m("no report"), m("Month")),)),
    "429": TooMany(m("Too many tries. Please wait a little.")),
    "500": RuntimeError("a secret detail"),
    "unique": asyncpg.UniqueViolationError("secret_constraint"),
    "exclude": asyncpg.ExclusionViolationError("secret_constraint"),
    "foreign": asyncpg.ForeignKeyViolationError("secret_constraint"),
    "checked": asyncpg.CheckViolationError("secret_constraint"),
    "deadlock": asyncpg.DeadlockDetectedError("secret"),
    "busy": asyncpg.TooManyConnectionsError("secret"),
}
STATUS = {"unique": 409, "exclude": 409, "foreign": 409, "checked": 422, "deadlock": 409, "busy": 503}


@pytest.fixture
async def failing() -> AsyncIterator[httpx.AsyncClient]:
    handlers = [handler for name in ERRORS for handler in _failing(name)]
    app = Litestar(
        handlers,
        before_send=[web.secure],
        exception_handlers={Exception: web.respond},
        csrf_config=CSRFConfig(secret="x" * 32, exclude=["^/api/"]),
        openapi_config=None,
    )
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        yield client


def _failing(name: str) -> list[Any]:
    @get([f"/{name}", f"/api/v1/{name}"], sync_to_thread=False)
    def asked(request: Request[Any, Any, Any]) -> Response[str]:
        raise ERRORS[name]

    return [asked]


@pytest.mark.parametrize("name", ERRORS)
async def test_an_error_is_a_page_to_people_and_a_problem_to_programs(failing: httpx.AsyncClient, name: str) -> None:
    status = STATUS.get(name) or int(name)
    problem = await failing.get(f"/api/v1/{name}", headers={"accept-language": "zh"})
    assert problem.status_code == status
    assert problem.headers["content-type"].startswith("application/problem+json")
    body = problem.json()
    assert (body["type"], body["status"]) == ("about:blank", status)
    page = await failing.get(f"/{name}")
    for answer in (page, problem):
        assert "secret" not in answer.text
    if status == 401:
        assert (page.status_code, page.headers["location"]) == (303, f"{web.SIGN_IN_URL}?next=/{name}")
    else:
        assert page.status_code == status
        assert 'role="alert"' in page.text
        assert "<b>" not in page.text


async def test_a_problem_names_each_field_in_the_language_asked_for(failing: httpx.AsyncClient) -> None:
    body = (await failing.get("/api/v1/422", headers={"accept-language": "zh"})).json()
    assert body["title"] == "输入内容无法使用。"
    assert body["errors"] == [{"field": "code", "reason": "无报表", "expected": "月份"}]


async def test_a_fragment_s_error_goes_to_the_place_of_notices(failing: httpx.AsyncClient) -> None:
    answer = await failing.get("/409", headers={"hx-request": "true"})
    assert answer.headers["hx-retarget"] == "#said"
    assert "<html" not in answer.text
    lost = await failing.get(
        "/401", headers={"hx-request": "true", "hx-current-url": "http://test/dealers?q=a%20b&x=1"}
    )
    assert lost.headers["hx-redirect"] == f"{web.SIGN_IN_URL}?next=/dealers?q=a%2520b%26x=1"


class Wanted(msgspec.Struct, forbid_unknown_fields=True):
    amount: Decimal


async def test_what_the_framework_refuses_is_a_problem_too() -> None:
    @post("/api/v1/things", sync_to_thread=False)
    def make(data: JSONBody[Wanted]) -> None:
        assert data

    app = Litestar([make], exception_handlers={Exception: web.respond}, openapi_config=None)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        wrong = await client.post("/api/v1/things", content=json.dumps({"amount": "x"}))
        broken = await client.post("/api/v1/things", content="{")
        other = await client.get("/api/v1/things")
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "amount")
    assert broken.status_code in {400, 422}
    assert (other.status_code, "POST" in other.headers["allow"]) == (405, True)

"""What was made to break a reader is refused as what it is: never a fault of ours, and never the client's format."""

import base64
import json
import logging
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from litestar import Litestar

from channel import web
from channel.access.rules import Role
from channel.errors import Message, m
from channel.web.frame import FLASH_COOKIE, redirect
from tests.make.access import make_session, make_token
from tests.make.hostile import DEEP, DOCUMENTS, NUMBERS, TEXTS, UNLIKE, Form, addresses, forms_of
from tests.make.world import make_full_world

KNOWN = {"code": "D-1", "kind": "sell-in", "login": "finance-1", "format": "csv", "fact": "grade", "line": "Road"}


@pytest.fixture
async def manager(app: Litestar, database: str) -> AsyncIterator[httpx.AsyncClient]:
    world = await make_full_world()
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app, raise_app_exceptions=False),
        base_url="http://channel.test",
        headers={"authorization": f"Bearer {await make_token(world.people[Role.MANAGER])}"},
    ) as client:
        yield client


@pytest.fixture
async def browser(app: Litestar, database: str) -> AsyncIterator[httpx.AsyncClient]:
    world = await make_full_world()
    async with _browser(app, await make_session(world.people[Role.MANAGER])) as client:
        yield client


def _browser(app: Litestar, session: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app, raise_app_exceptions=False),
        base_url="http://channel.test",
        cookies={"channel_session": session},
    )


VALUES = (*NUMBERS, *TEXTS)
WORST = ("²", "9" * 5000, "\x00", "2026-02-30", UNLIKE)


def _some(place: int) -> list[str]:
    """What broke readers before, and a fifth of the rest: another fifth at the next address."""
    return [value for number, value in enumerate(VALUES) if value in WORST or number % 5 == place % 5]


async def test_no_value_in_an_address_is_a_fault_of_ours(app: Litestar, manager: httpx.AsyncClient) -> None:
    asked, faults, whole = 0, [], set[tuple[bool, str]]()
    for place, address in enumerate(each for each in addresses(app) if each.method == "GET"):
        tried = []
        for name in address.asked:
            # The same name is read alike wherever it is asked for: the first page and the first of the API meet all.
            key = (address.path.startswith("/api/"), name)
            tried += [{name: value} for value in (VALUES if key not in whole else _some(place))]
            whole.add(key)
        paths = [address.at(KNOWN | {name: value}) for name in address.places() for value in ("²", "9" * 5000, "a%00b")]
        for path, params in [*((path, {}) for path in paths), *((address.at(KNOWN), each) for each in tried)]:
            answer = await manager.get(path, params=params)
            faults += [f"{path} {params}"] if answer.status_code >= 500 else []
            asked += 1
    assert faults == []
    assert asked > 3000


async def test_no_value_in_a_document_is_a_fault_of_ours(app: Litestar, manager: httpx.AsyncClient) -> None:
    sent, taken, faults, whole = 0, set(), [], set[str]()
    for place, address in enumerate(addresses(app)):
        if address.document and address.path not in {"/api/v1/sign-in", "/api/v1/me/password"}:
            changed = [
                {**address.document, name: value}
                for name in address.document
                for number, value in enumerate(DOCUMENTS)
                if name not in whole or value == UNLIKE or number % 4 == place % 4
            ]
            whole |= address.document.keys()
            for body in (address.document, *changed):
                answer = await manager.request(address.method, address.at(KNOWN), content=json.dumps(body).encode())
                told = f"{address.method} {address.path}: {body!s:.300}"
                faults += [told] if answer.status_code >= 500 else []
                taken |= {(address.method, address.path)} if answer.is_success else set()
                sent += 1
    assert faults == []
    assert sent > 1000
    assert len(taken) > 15, taken


async def test_no_field_of_a_form_is_a_fault_of_ours(app: Litestar, database: str) -> None:
    world, met, whole = await make_full_world(), set[tuple[str, tuple[str, ...]]](), set[str]()
    for role, least in ((Role.MANAGER, 20), (Role.ADMINISTRATOR, 6)):
        async with _browser(app, await make_session(world.people[role])) as browser:
            forms = {}
            for address in addresses(app):
                if address.method == "GET" and not address.path.startswith("/api/"):
                    page = await browser.get(address.at(KNOWN))
                    forms |= {(each.action, tuple(each.fields)): each for each in forms_of(page.text)}
            forms = {key: form for key, form in forms.items() if not form.action.startswith(("/sign-out", "/account"))}
            assert len(forms) >= least
            new = [form for key, form in forms.items() if key not in met]
            assert [fault for form in new async for fault in _faults_of(browser, form, whole)] == []
            met |= forms.keys()


TYPED = ("²", "9" * 5000, "-1E+99", "NaN", "𐍈" * 1990, "[" * 1990, UNLIKE, "经销一", "\x00")


async def _faults_of(browser: httpx.AsyncClient, form: Form, whole: set[str]) -> AsyncIterator[str]:
    """Each value in each field whose name no form had before; a third of them, by turns, in every other one."""
    for place, name in enumerate(sorted(form.fields.keys() - {"_csrf_token"})):
        tried = TYPED[place % 3 :: 3] if name in whole else TYPED
        whole.add(name)
        for value in tried:
            fields = {**form.fields, name: value, "_csrf_token": browser.cookies["csrftoken"]}
            answer = await browser.post(form.action, data=fields)
            if answer.status_code >= 500:
                yield f"{form.action} {name}: {value[:20]}"


@pytest.mark.parametrize("kind", ["application/json", "text/plain", "application/x-www-form-urlencoded"])
async def test_a_document_without_a_bottom_is_refused_before_it_is_read(
    app: Litestar, manager: httpx.AsyncClient, kind: str
) -> None:
    tried = [each for each in addresses(app) if each.document and each.method != "GET"]
    assert len(tried) > 25
    for address in tried:
        for body in (DEEP, DEEP[:20_000], '{"a":' * 20_000):
            answer = await manager.request(
                address.method, address.at(KNOWN), content=body, headers={"content-type": kind}
            )
            if address.path == "/api/v1/sign-in":
                assert answer.status_code < 500
                continue
            (error,) = answer.json()["errors"]
            assert (answer.status_code, error["field"]) == (422, "body"), (address.path, answer.text)


async def test_a_document_in_bytes_that_are_no_text_is_refused(manager: httpx.AsyncClient) -> None:
    answer = await manager.post("/api/v1/dealers", content=b'{"code": "\xed\xa0\x80"}')
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "body")


async def test_a_text_is_looked_at_whatever_its_sender_calls_it(manager: httpx.AsyncClient) -> None:
    for kind in ("text/plain", "application/x-www-form-urlencoded", ""):
        answer = await manager.post(
            "/api/v1/dealers/D-1/contacts", content=json.dumps({"name": "a\0b"}), headers={"content-type": kind}
        )
        assert answer.status_code == 422, kind
        assert [each["field"] for each in answer.json()["errors"]] == ["name"], kind


async def test_a_form_in_parts_is_taken_only_where_files_are(browser: httpx.AsyncClient) -> None:
    await browser.get("/account")
    token = {"_csrf_token": browser.cookies["csrftoken"]}
    answer = await browser.post("/dealers/D-1/facts/grade", data={"reason": "x"}, files={"value": b"B"},
                                headers={"x-csrftoken": token["_csrf_token"]})  # fmt: skip
    assert answer.status_code == 415


async def test_faults_without_an_end_are_told_in_part(manager: httpx.AsyncClient) -> None:
    answer = await manager.get("/api/v1/dealers", params={f"x{number}": "" for number in range(3000)})
    assert (answer.status_code, len(answer.json()["errors"])) == (422, 20)
    answer = await manager.put("/api/v1/dealers/D-1/lines", json={"lines": ["\0"] * 3000})
    assert (answer.status_code, len(answer.json()["errors"])) == (422, 20)


def _as_before(said: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(said).encode()).decode().rstrip("=")


NESTED: dict[str, Any] = {"text": "x"}
for _ in range(3000):
    NESTED = {"text": "%(x)s", "params": {"x": NESTED}} if len(json.dumps(NESTED)) < 2000 else NESTED


@pytest.mark.parametrize(
    "cookie",
    [
        _as_before({"kind": "good", "text": "%(x)900000000s", "params": {"x": "1"}}),
        _as_before({"kind": "good", "text": "You have won", "params": {}}),
        _as_before({"kind": "good", **NESTED}),
        base64.urlsafe_b64encode(b"[" * 3000).decode(),
        "[" * 3000,
        "\\" * 3000,
        '"' + "\\" * 3000,
    ],
)
async def test_a_flash_that_we_did_not_write_is_not_told(app: Litestar, database: str, cookie: str) -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://channel.test") as nobody:
        for path in ("/sign-in", "/nowhere"):
            answer = await nobody.get(path, headers={"cookie": f"flash={cookie}"})
            assert answer.status_code in {200, 404}
            assert len(answer.text) < 20_000
            assert "You have won" not in answer.text
            assert 'class="notice good"' not in answer.text


async def test_a_flash_tells_what_we_wrote_and_no_letter_else(app: Litestar, database: str) -> None:
    said = m("%(count)s: %(why)s", count=10_000, why=m("no %(what)s", what="经销一%(x)9s"))
    cookie = redirect("/", said).cookies[0].value
    assert cookie
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://channel.test") as nobody:
        told = await nobody.get("/sign-in", headers={"cookie": f"{FLASH_COOKIE}={cookie}"})
        assert "10000: no 经销一%(x)9s" in told.text
        for changed in (cookie[:-1] + ("A" if cookie[-1] != "A" else "B"), cookie[:-4], "A" + cookie[1:]):
            told = await nobody.get("/sign-in", headers={"cookie": f"{FLASH_COOKIE}={changed}"})
            assert "经销一" not in told.text


def test_a_long_word_of_an_act_is_cut_and_not_lost() -> None:
    cookie = redirect("/", m("%(name)s is added.", name="长" * 2000)).cookies[0].value
    assert cookie
    assert len(cookie) < 4000


def test_a_text_is_filled_by_names_alone() -> None:
    for text in ("%(x)900000000s", "%(x).9s", "%(x)d", "%s", "%(x", "%"):
        with pytest.raises(ValueError, match="places"):
            str(m(text, x="1"))
        assert web.language("en").tell(m(text, x="1")) == text
    assert str(m("100%% of %(x)s", x="%(y)9s")) == "100% of %(y)9s"


def test_a_stored_message_keeps_the_messages_within_it_in_any_depth() -> None:
    said = m("Only %(holders)s may.", holders=(m("Finance"), m("Manager")))
    again = Message.from_json(json.loads(json.dumps(said.as_json())))
    for code in ("en", "zh"):
        assert web.language(code).tell(again) == web.language(code).tell(said)
    assert "Message(" not in web.language("en").tell(again)


@pytest.mark.parametrize(
    ("header", "value", "status"),
    [("cookie", "a=" + "\\" * 9000, 431), ("host", "a:b", 400), ("host", "a:99999999", 400)],
)
@pytest.mark.parametrize("path", ["/sign-in", "/nowhere", "/api/v1/dealers", "/static/0/style.css"])
async def test_what_is_no_request_is_told_so_before_anything_reads_it(
    app: Litestar, database: str, header: str, value: str, status: int, path: str
) -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://channel.test") as nobody:
        answer = await nobody.get(path, headers={header: value})
        assert answer.status_code == status
        assert answer.headers["content-security-policy"] == web.CONTENT_SECURITY_POLICY
        assert ("problem" in answer.headers["content-type"]) == path.startswith("/api/")


async def test_a_question_in_bytes_that_are_no_text_is_no_request(app: Litestar, database: str) -> None:
    answer = await _raw(app, {"query_string": b"q=\xff\xfe"})
    assert answer["status"] == 400


async def _raw(app: Litestar, changes: dict[str, Any], *messages: dict[str, Any]) -> dict[str, Any]:
    """An answer's start to a request that no client library would send."""
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "scheme": "http",
        "path": "/sign-in", "raw_path": b"/sign-in", "root_path": "", "query_string": b"",
        "headers": [(b"host", b"channel.test")], "client": ("127.0.0.1", 1), "server": ("channel.test", 80),
        "state": {},
    }  # fmt: skip
    told = iter(messages)
    said: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return next(told, {"type": "http.disconnect"})

    async def send(message: dict[str, Any]) -> None:
        said.append(message)

    await app(scope | changes, receive, send)  # type: ignore[arg-type]
    return said[0] if said else {}


async def test_a_client_that_left_is_no_fault_of_ours(
    app: Litestar, database: str, caplog: pytest.LogCaptureFixture
) -> None:
    world = await make_full_world()
    token = await make_token(world.people[Role.MANAGER])
    part = {"type": "http.request", "body": b'{"login": "a', "more_body": True}
    with caplog.at_level(logging.INFO):
        for path in ("/api/v1/sign-in", "/api/v1/dealers", "/sign-in", "/preferences", "/api/v1/uploads"):
            headers = [(b"host", b"channel.test"), (b"authorization", f"Bearer {token}".encode())]
            headers.append((b"content-type", b"application/x-www-form-urlencoded"))
            asked = {"path": path, "raw_path": path.encode(), "method": "POST", "headers": headers}
            answer = await _raw(app, asked | {"query_string": b"file_name=a.csv"}, part)
            assert answer.get("status", 0) < 500, path
    assert [each.getMessage() for each in caplog.records if each.levelno >= logging.WARNING] == []


async def test_an_error_page_that_fails_is_answered_by_a_plain_one(
    app: Litestar, browser: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise RecursionError

    monkeypatch.setattr("channel.web.problems.language_of", broken)
    for path, kind in (("/nowhere", "text/html"), ("/api/v1/nowhere", "application/problem+json")):
        answer = await browser.get(path)
        assert answer.status_code == 500
        assert answer.headers["content-type"].startswith(kind)
        assert "Something went wrong on our side" in answer.text
        assert "我们" in answer.text
    assert "could not be drawn" in caplog.text

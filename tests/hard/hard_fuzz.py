# ruff: noqa: S311, T201
"""Hostile forms, questions, documents, headers and cookies at every address, as each role: no answer is our fault.

For a set time, by chance from a seed that is printed, so that a run can be had again (`HARD_SEED`). What was answered
is counted by kind and status; each fault is printed as it was sent. At the end the service must still answer, and hold
no more than its bound of memory over what it held before.
"""

import asyncio
import contextlib
import itertools
import json
import os
import random
import secrets
import socket
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

import httpx

from channel.app import create_app
from channel.demo.company import PASSWORD
from channel.settings import Settings
from tests.hard.place import Service, service
from tests.make.hostile import DEEP, DOCUMENTS, NUMBERS, TEXTS, Address, Form, addresses, forms_of

SECONDS = 420.0
FUZZING_SECONDS = float(os.environ.get("HARD_FUZZ_SECONDS", "180"))
MOST_MIB_MORE = 300
LOOKED_AT_AFTER = 20
"""Rounds after which each looks whether he is still signed in."""
KNOWN = {"code": "D-0001", "kind": "sell-in", "format": "csv", "fact": "grade", "year": "2026", "month": "2026-01"}
QUIET = ("sign-in", "sign-out", "password", "sessions", "standing", "revoke", "preferences")
"""Acts after which somebody would not be signed in any more."""
COOKIES = (
    "flash=" + "[" * 3000, "flash=" + "A" * 3000, "flash=eyJ0ZXh0IjoiJSh4KTkwMDAwMDAwMHMiLCJraW5kIjoiZ29vZCJ9",
    "language=%00", "language=" + "z" * 4000, "theme=<script>", "csrftoken=" + "f" * 128, 'a="' + "\\" * 8000, "=;=;=",
    "b=" + "\\" * 20_000, "channel_session=" + "x" * 3000, "channel_session=%00%ff",
)  # fmt: skip
HEADERS = (
    ("accept-language", "zh;q=nan,en;q=1e999," + "x;q=1," * 500), ("content-type", "application/json; charset=klingon"),
    ("content-type", "multipart/form-data"), ("content-type", "multipart/form-data; boundary=" + "b" * 300),
    ("content-type", "x" * 3000), ("referer", "http://[/"), ("hx-request", "true"), ("hx-current-url", "http://a/%zz经"),
    ("range", "bytes=0-1,2-" + "9" * 300), ("if-none-match", '"' + "x" * 3000), ("x-forwarded-for", "999.1.1.1, ²"),
    ("x-forwarded-proto", "gopher"), ("authorization", "Bearer"), ("authorization", "Basic " + "A" * 2000),
)  # fmt: skip
RAW = (
    b"GET /sign-in HTTP/1.1\r\nHost: a:b\r\n", b"GET /sign-in HTTP/1.1\r\nHost: [\r\n",
    b"GET /dealers?q=\xff\xfe HTTP/1.1\r\nHost: a\r\n", b"GET /\xff HTTP/1.1\r\nHost: a\r\n",
    b"GET /%ff%fe%00 HTTP/1.1\r\nHost: a\r\n", b"GET //evil/%2e%2e HTTP/1.1\r\nHost: a\r\n",
    b"POST /sign-in HTTP/1.1\r\nHost: a\r\nContent-Length: 500\r\n\r\nlogin=",
    b"POST /api/v1/sign-in HTTP/1.1\r\nHost: a\r\nContent-Length: 500\r\n\r\n{",
    b"POST /api/v1/sign-in HTTP/1.1\r\nHost: a\r\nContent-Length: \xb2\r\n",
    b"POST /sign-in HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    b"OPTIONS * HTTP/1.1\r\nHost: a\r\n", b"BREW /sign-in HTTP/1.1\r\nHost: a\r\n",
)  # fmt: skip


class Seen:
    """What was answered, and the faults as they were sent."""

    def __init__(self) -> None:
        self.answers: Counter[tuple[str, int]] = Counter()
        self.faults: list[str] = []

    def note(self, kind: str, status: int, what: str) -> None:
        """Count an answer; 503 is no fault: the service says when to come again."""
        self.answers[kind, status] += 1
        if status >= httpx.codes.INTERNAL_SERVER_ERROR and status != httpx.codes.SERVICE_UNAVAILABLE:
            self.faults.append(f"{status} {kind} {what[:300]}")
            print("  FAULT", self.faults[-1], flush=True)


async def main() -> None:
    """Fuzz for the set time and print what was seen."""
    seed = int(os.environ.get("HARD_SEED") or secrets.randbelow(10**6))
    print(f"seed {seed}, {FUZZING_SECONDS:.0f} s")
    chance, seen = random.Random(seed), Seen()
    with tempfile.TemporaryDirectory(prefix="hard-") as folder:
        every = addresses(create_app(Settings(data_dir=Path(folder)), dsn=""))
    async with service() as running:
        before = running.rss()
        database = await running.database()
        logins = {
            row["role"]: row["login"] for row in await database.fetch("SELECT role, login FROM person WHERE active")
        }
        await database.close()
        ends = time.monotonic() + FUZZING_SECONDS
        async with asyncio.TaskGroup() as together:
            for login in logins.values():
                together.create_task(_as(running, login, every, seen, random.Random(chance.random()), ends))
            together.create_task(_raw(running, seen, ends))
        async with httpx.AsyncClient(base_url=running.url, timeout=30) as nobody:
            alive = (await nobody.get("/sign-in")).status_code
        for (kind, status), count in sorted(seen.answers.items()):
            print(f"  {kind:<10} {status}  {count:>6}")
        traces = running.said().count("Traceback")
        print(f"roles {sorted(logins)}; memory {before:.0f} -> {running.rss():.0f} MiB; traces in the log {traces}")
        assert alive == httpx.codes.OK, alive
        assert seen.faults == [], f"{len(seen.faults)} faults of ours"
        assert traces == 0, running.said()[-3000:]
        assert running.rss() < before + MOST_MIB_MORE


async def _as(
    running: Service, login: str, every: list[Address], seen: Seen, chance: random.Random, ends: float
) -> None:
    """Send what is hostile as one person, by token and by session."""
    async with (
        httpx.AsyncClient(base_url=running.url, timeout=60) as browser,
        httpx.AsyncClient(base_url=running.url, timeout=60) as api,
    ):
        forms: list[Form] = []
        for number in itertools.count():
            if time.monotonic() > ends:
                break
            if number % LOOKED_AT_AFTER == 0:
                await _come_in(running, login, browser, api, seen)
            address = chance.choice(every)
            path = address.at(_places(address, chance))
            # An address that is longer than the client's own bound is not sent.
            with contextlib.suppress(httpx.InvalidURL):
                if address.path.startswith("/api/"):
                    await _document(api, address, path, seen, chance)
                elif address.method == "GET":
                    params = {name: _text(chance) for name in address.asked if chance.random() < 0.5}
                    answer = await browser.get(path, params=params, headers=_headers(chance, browser))
                    seen.note("page", answer.status_code, f"{login} {path} {params}")
                    forms = [*forms[-200:], *forms_of(answer.text)]
            if forms:
                await _form(browser, chance.choice(forms), seen, chance)


async def _come_in(
    running: Service, login: str, browser: httpx.AsyncClient, api: httpx.AsyncClient, seen: Seen
) -> None:
    """Sign in where what was sent has ended the session or the token: whoever is locked out tries nothing more."""
    if (await api.get("/api/v1/me")).status_code != httpx.codes.OK:
        api.headers["authorization"] = f"Bearer {await running.token(login)}"
        seen.answers["came in by API", 201] += 1
    if (await browser.get("/account")).status_code != httpx.codes.OK:
        browser.cookies.clear()
        await browser.get("/sign-in")
        csrf = {"_csrf_token": browser.cookies["csrftoken"]}
        answer = await browser.post("/sign-in", data={"login": login, "password": PASSWORD, **csrf})
        assert answer.status_code == httpx.codes.SEE_OTHER, f"{login} is locked out: {answer.status_code}"
        seen.answers["came in by page", 303] += 1


async def _document(api: httpx.AsyncClient, address: Address, path: str, seen: Seen, chance: random.Random) -> None:
    params = {name: _text(chance) for name in address.asked if chance.random() < 0.3}
    if address.method == "GET" or any(each in path for each in QUIET):
        answer = await api.get(path, params=params, headers=_header(chance))
        seen.note("question", answer.status_code, f"{path} {params}")
        return
    body: dict[str, Any] = dict(address.document)
    for name in body:
        if chance.random() < 0.3:
            body[name] = chance.choice(DOCUMENTS)
    content = chance.choice(
        (json.dumps(body), json.dumps(body), json.dumps(body), DEEP, DEEP[:20_000], '{"a":' * 20_000)
    )
    kind = chance.choice(("application/json", "text/plain", "application/json; charset=klingon"))
    headers = {"content-type": kind}
    answer = await api.request(address.method, path, content=content.encode(), headers=headers)
    seen.note("document", answer.status_code, f"{address.method} {path} {content}")


async def _form(browser: httpx.AsyncClient, form: Form, seen: Seen, chance: random.Random) -> None:
    if any(each in form.action for each in QUIET) or not form.action.startswith("/"):
        return
    fields = {name: _text(chance) if chance.random() < 0.4 else value for name, value in form.fields.items()}
    fields["_csrf_token"] = browser.cookies.get("csrftoken", "")
    answer = await browser.post(form.action, data=fields)
    seen.note("form", answer.status_code, f"{form.action} {fields}")


async def _raw(running: Service, seen: Seen, ends: float) -> None:
    """What no client library would send; an end without an answer is as good as a refusal."""
    while time.monotonic() < ends:
        for start in RAW:
            status = await asyncio.to_thread(_sent, running.port, start)
            seen.note("raw", status, repr(start))
        await asyncio.sleep(1)


def _sent(port: int, start: bytes) -> int:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=5) as client:
        client.sendall(start if b"\r\n\r\n" in start else start + b"\r\n")
        client.shutdown(socket.SHUT_WR)
        answer = client.recv(200)
        return int(answer.split(b" ")[1]) if answer.startswith(b"HTTP/1.1 ") else 0
    return 0


def _places(address: Address, chance: random.Random) -> dict[str, str]:
    known = dict(KNOWN)
    for name in address.places():
        if chance.random() < 0.3:
            known[name] = chance.choice(
                ("²", "9" * 5000, "99999999", "%00", "经销一", "%25", "..", "a%2Fb", "%ED%A0%80")
            )
    return known


def _text(chance: random.Random) -> str:
    return chance.choice(NUMBERS + TEXTS)


def _header(chance: random.Random) -> dict[bytes, bytes]:
    name, value = chance.choice(HEADERS)
    return {name.encode(): value.encode()}


def _headers(chance: random.Random, browser: httpx.AsyncClient) -> dict[bytes, bytes]:
    if chance.random() < 0.5:
        return _header(chance)
    own = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
    return {b"cookie": f"{own}; {chance.choice(COOKIES)}".encode()} if chance.random() < 0.5 else {}


if __name__ == "__main__":
    asyncio.run(main())
    sys.exit(0)

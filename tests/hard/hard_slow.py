# ruff: noqa: ASYNC110, T201
"""Clients that are slow on purpose: 500 senders, 500 readers and 100 wrong sign-ins at once, from 20 addresses.

A page is asked for meanwhile, twice a second whether the last one was answered or not: its median stays under 3 times
its quiet value.
"""

import asyncio
import socket
import statistics
import time
from collections import Counter
from collections.abc import Awaitable, Callable

import asyncpg
import httpx

from channel.demo.company import PASSWORD
from tests.hard.place import Service, service

SECONDS = 420.0
ADDRESSES = [f"127.0.1.{n}" for n in range(1, 21)]
SENDERS, READERS, SIGN_INS = 500, 500, 100
WATCHED_SECONDS = 40
PACE_SECONDS = 1.0
"""A slow sender sends a byte, and a slow reader reads some, this often."""
LATE_SECONDS = 20.0
"""A page that took longer counts as having taken so long."""
TIMES_QUIET = 3.0

# Addresses that anybody may send a body to, and the body of 500 bytes that never comes whole.
_OPEN = (
    ("/sign-in", "application/x-www-form-urlencoded"),
    ("/preferences", "application/x-www-form-urlencoded"),
    ("/api/v1/sign-in", "application/json"),
    ("/imports/upload", "multipart/form-data; boundary=x"),
)
_LARGE = "/api/v1/audit?limit=1000"


class Crowd:
    """The slow ones of one kind; counts what became of them."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.ended: Counter[str] = Counter()

    async def send_slowly(self, number: int) -> None:
        """Send the head of a request, then its body byte by byte for ever."""
        path, kind = _OPEN[number % len(_OPEN)]
        head = f"POST {path} HTTP/1.1\r\nhost: channel.test\r\ncontent-type: {kind}\r\ncontent-length: 500\r\n\r\n"
        await self._as("sender", number, head.encode(), self._drip)

    async def read_slowly(self, number: int, token: str) -> None:
        """Ask for a large answer and read a little of it now and then."""
        head = f"GET {_LARGE} HTTP/1.1\r\nhost: channel.test\r\nauthorization: Bearer {token}\r\n\r\n"
        await self._as("reader", number, head.encode(), self._sip)

    async def _as(self, who: str, number: int, head: bytes, go_on: Callable[[socket.socket], Awaitable[None]]) -> None:
        loop = asyncio.get_running_loop()
        with _socket(number) as one:
            try:
                await loop.sock_connect(one, ("127.0.0.1", self.port))
                await loop.sock_sendall(one, head)
                await go_on(one)
                self.ended[f"{who}: answered or cut"] += 1
            except OSError:
                self.ended[f"{who}: answered or cut"] += 1
            except asyncio.CancelledError:
                self.ended[f"{who}: still there"] += 1
                raise

    async def _drip(self, one: socket.socket) -> None:
        while True:
            await asyncio.sleep(PACE_SECONDS)
            await asyncio.get_running_loop().sock_sendall(one, b"x")

    async def _sip(self, one: socket.socket) -> None:
        while await asyncio.get_running_loop().sock_recv(one, 16):
            await asyncio.sleep(PACE_SECONDS)


def _socket(number: int) -> socket.socket:
    one = socket.socket()
    one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    one.bind((ADDRESSES[number % len(ADDRESSES)], 0))
    one.setblocking(False)
    return one


async def _sign_in_wrongly(url: str, number: int, said: Counter[str]) -> None:
    transport = httpx.AsyncHTTPTransport(local_address=ADDRESSES[number % len(ADDRESSES)])
    async with httpx.AsyncClient(base_url=url, transport=transport, timeout=120) as client:
        try:
            answer = await client.post("/api/v1/sign-in", json={"login": f"nobody-{number}", "password": "wrong words"})
            said[f"sign-in: {answer.status_code}"] += 1
        except httpx.HTTPError as fault:
            said[f"sign-in: {type(fault).__name__}"] += 1


async def _page(client: httpx.AsyncClient) -> float:
    began = time.perf_counter()
    try:
        answer = await client.get("/dealers", timeout=LATE_SECONDS)
    except httpx.HTTPError:
        return LATE_SECONDS
    return time.perf_counter() - began if answer.status_code == 200 else LATE_SECONDS


async def _watch(client: httpx.AsyncClient, seconds: float) -> list[float]:
    """A page twice a second, each on its own way whatever becomes of the others; how long each took."""
    asked = []
    for _ in range(int(seconds * 2)):
        asked.append(asyncio.create_task(_page(client)))
        await asyncio.sleep(0.5)
    return list(await asyncio.gather(*asked))


async def _signed_in(client: httpx.AsyncClient, login: str, password: str) -> None:
    await client.get("/sign-in")
    form = {"login": login, "password": password, "_csrf_token": client.cookies["csrftoken"]}
    answer = await client.post("/sign-in", data=form)
    assert answer.status_code == 303, answer.status_code


async def _attack(running: Service, client: httpx.AsyncClient, token: str) -> tuple[list[float], Counter[str]]:
    crowd = Crowd(running.port)
    # The watch begins with the attack.
    watch = asyncio.create_task(_watch(client, WATCHED_SECONDS))
    slow = [asyncio.create_task(crowd.send_slowly(n)) for n in range(SENDERS)]
    slow += [asyncio.create_task(crowd.read_slowly(n, token)) for n in range(READERS)]
    wrong = [asyncio.create_task(_sign_in_wrongly(running.url, n, crowd.ended)) for n in range(SIGN_INS)]
    took = await watch
    for each in (*slow, *wrong):
        each.cancel()
    await asyncio.gather(*slow, *wrong, return_exceptions=True)
    return took, crowd.ended


async def _longest(running: Service) -> str:
    owner: asyncpg.Connection[asyncpg.Record] = await running.database()
    try:
        row = await owner.fetchrow(
            "SELECT count(*) AS held, count(*) FILTER (WHERE state = 'active') AS active"
            " FROM pg_stat_activity WHERE application_name = 'channel'"
        )
    finally:
        await owner.close()
    return "" if row is None else f"{row['held']} database connections, {row['active']} of them working"


async def main() -> None:
    """Measure in peace, then under the attack."""
    async with service() as running:
        async with httpx.AsyncClient(base_url=running.url, limits=httpx.Limits(max_connections=200)) as client:
            await _signed_in(client, "admin", PASSWORD)
            token = await running.token("admin")
            await _watch(client, 3)
            quiet = statistics.median(await _watch(client, 10))
            took, ended = await _attack(running, client, token)
            after = statistics.median(await _watch(client, 5))
        median = statistics.median(took)
        print(f"a page in peace: {quiet * 1000:.0f} ms, again afterwards: {after * 1000:.0f} ms")
        print(
            f"a page under attack: median {median * 1000:.0f} ms ({median / quiet:.1f} times), "
            f"worst {max(took) * 1000:.0f} ms, {sum(each >= LATE_SECONDS for each in took)} of {len(took)} never came"
        )
        print(f"its first 10 s: median {statistics.median(took[:20]) * 1000:.0f} ms")
        for what, count in sorted(ended.items()):
            print(f"  {what}: {count}")
        print(f"afterwards: {await _longest(running)}, {running.sockets()} sockets, {running.rss():.0f} MiB")
        assert median < TIMES_QUIET * quiet, f"{median / quiet:.1f} times the quiet value"


if __name__ == "__main__":
    asyncio.run(main())

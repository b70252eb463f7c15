"""Forms with files: what they hold in memory and on disk has a bound, whatever comes and however."""

import re
import tracemalloc
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest
from litestar import Litestar
from litestar._parsers import parse_url_encoded_form_data
from litestar.datastructures import UploadFile
from litestar.exceptions import ClientException

from channel.access.rules import Role
from channel.database import db
from channel.errors import Invalid, Refused
from channel.imports import incoming
from channel.imports.service.uploads import LARGEST_FILE, use_largest_file
from tests.make.access import make_person, make_session, make_token
from tests.make.sales import make_masters

MIB = 1 << 20
END = b"--b--\r\n"


def begun(name: str, file_name: str | None = None, more: str = "") -> bytes:
    of_file = "" if file_name is None else f'; filename="{file_name}"'
    return f'--b\r\nContent-Disposition: form-data; name="{name}"{of_file}\r\n{more}\r\n'.encode()


async def came(*pieces: bytes) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece


async def read_parts(chunks: AsyncIterator[bytes]) -> dict[str, Any]:
    """Each text and the content of each file, which is closed then as the framework does after an answer."""
    found = {}
    for name, value in (await incoming.read_parts(chunks, "b")).items():
        several = value if isinstance(value, list) else [value]
        made = [(each.filename, await each.read()) if isinstance(each, UploadFile) else each for each in several]
        for each in several:
            if isinstance(each, UploadFile):
                await each.close()
        found[name] = made if isinstance(value, list) else made[0]
    return found


@pytest.fixture(autouse=True)
def one_mebibyte() -> Iterator[None]:
    use_largest_file(MIB)
    yield
    use_largest_file(LARGEST_FILE)


async def test_texts_and_files_are_read_as_they_were_sent() -> None:
    body = (
        begun("kind") + b"sell-in\r\n" + begun("file", "表.csv") + b"a,b\r\n1,2\r\n\r\n"
        + begun("others", "1") + b"\r\n" + begun("others", "2") + b"2\r\n" + begun("x") + b"\r\n" + END
    )  # fmt: skip
    for size in (1, 7, len(body)):
        found = await read_parts(came(*(body[at : at + size] for at in range(0, len(body), size))))
        assert (found["kind"], found["x"]) == ("sell-in", "")
        assert found["file"] == ("表.csv", b"a,b\r\n1,2\r\n")
        assert found["others"] == [("1", b""), ("2", b"2")]


async def test_the_texts_of_a_form_have_a_mebibyte_together() -> None:
    half = b"x" * (MIB // 2 - 1)
    found = await read_parts(came(begun("a") + half + b"\r\n", begun("b") + half + b"\r\n" + END))
    assert len(found["a"]) + len(found["b"]) == MIB - 2
    with pytest.raises(Refused) as refused:
        await read_parts(came(begun("a") + half + b"\r\n", begun("b") + half + b"x\r\n" + END))
    assert refused.value.status == 413


async def test_a_file_is_as_large_as_is_set() -> None:
    whole = b"x" * MIB
    found = await read_parts(came(begun("file", "f"), whole, b"\r\n", begun("g", "g"), whole, b"\r\n" + END))
    assert [len(found[name][1]) for name in ("file", "g")] == [MIB, MIB]
    with pytest.raises(Invalid) as refused:
        await read_parts(came(begun("file", "f"), whole, b"x\r\n" + END))
    assert refused.value.errors[0].field == "file"


async def test_a_form_has_so_many_parts() -> None:
    parts = b"".join(begun(f"p{n}", "f") + b"x\r\n" for n in range(incoming.PARTS_LIMIT))
    assert len(await read_parts(came(parts + END))) == incoming.PARTS_LIMIT
    with pytest.raises(Refused) as refused:
        await read_parts(came(parts + begun("one", "more") + b"x\r\n" + END))
    assert refused.value.status == 413
    assert "200 parts" in str(refused.value)


async def test_the_name_of_a_field_has_a_bound_which_is_told() -> None:
    for name in ("n" * (5 << 20), "n" * (5 << 10)):
        with pytest.raises(Refused) as refused:
            await read_parts(came(begun(name) + b"x\r\n" + END))
        assert (refused.value.status, "parts at most" in str(refused.value)) == (413, False)
        assert "name of a field" in str(refused.value)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"nonsense", id="no part"),
        pytest.param(begun("a") + b"x", id="broken off"),
        pytest.param(b"--b\r\nno header\r\n\r\nx\r\n" + END, id="no header"),
        pytest.param(begun("a", more="Content-Type: text/plain; charset=none-such\r\n") + b"x\r\n" + END, id="charset"),
        pytest.param(begun("a") + b"\xff\r\n" + END, id="no text"),
    ],
)
async def test_what_is_no_form_is_refused(body: bytes) -> None:
    with pytest.raises(ClientException):
        await read_parts(came(body))


async def test_no_more_is_held_of_a_text_or_a_file_than_is_kept() -> None:
    async def endless(head: bytes) -> AsyncIterator[bytes]:
        yield head
        for _ in range(64):
            yield b"x" * MIB

    use_largest_file(100 * MIB)
    for head in (begun("a"), begun("a", "f")):
        tracemalloc.start()
        try:
            with pytest.raises((Refused, ClientException)):
                await read_parts(endless(head))
            assert tracemalloc.get_traced_memory()[1] < 8 * MIB
        finally:
            tracemalloc.stop()


async def test_every_door_has_these_bounds(app: Litestar, database: str) -> None:
    use_largest_file(MIB)
    await make_masters()
    person = await make_person(Role.MANAGER)
    long, large = {"kind": "x" * (MIB + 1)}, {"file": ("f.csv", b"x" * (MIB + 1))}
    small = {"file": ("f.csv", b"a,b\n1,2\n")}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://channel.test") as client:
        client.cookies.set("channel_session", await make_session(person))
        found = re.search(r'name="_csrf_token" value="([^"]+)"', (await client.get("/imports")).text)
        assert found
        given = {"_csrf_token": found[1]}
        for headers in ({}, {"x-csrftoken": found[1]}):
            answer = await client.post("/imports/upload", data=given | long, files=small, headers=headers)
            assert answer.status_code == 413
            answer = await client.post("/imports/upload", data=given | {"kind": "stock"}, files=large, headers=headers)
            assert answer.status_code == 422
        client.cookies.clear()
        client.headers["authorization"] = f"Bearer {await make_token(person)}"
        assert (await client.post("/api/v1/imports", data=long, files=small)).status_code == 413
        assert (await client.post("/api/v1/imports", data={"kind": "stock"}, files=large)).status_code == 422
        asked = {"kind": "stock", "file_name": "f"}
        answer = await client.post("/api/v1/imports", params=asked, content=large["file"][1])
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "file")
        answer = await client.post("/api/v1/uploads", params={"file_name": "f"}, content=large["file"][1])
        assert answer.status_code == 422
        answer = await client.post("/api/v1/uploads", params={"file_name": "f"}, content=large["file"][1][1:])
        assert answer.status_code == 201
    async with db.held(db.EVERYTHING):
        assert await db.fetchval("SELECT count(*) FROM upload") == 1


async def test_no_form_is_kept_in_memory_when_it_was_read(app: Litestar, database: str) -> None:
    before = parse_url_encoded_form_data.cache_info().currsize
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://channel.test") as nobody:
        await nobody.get("/sign-in")
        form = {"login": "a&b=ü", "password": "seen by nobody", "_csrf_token": nobody.cookies["csrftoken"]}
        answer = await nobody.post("/sign-in", data=form)
        assert answer.status_code == 401
        assert 'value="a&amp;b=ü"' in answer.text
    assert parse_url_encoded_form_data.cache_info().currsize == before
    assert incoming.read_fields(b"a=1&a=2&b=&c=%E4%B8%AD+x") == {"a": ["1", "2"], "b": "", "c": "中 x"}

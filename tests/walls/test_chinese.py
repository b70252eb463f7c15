"""Who reads Chinese finds no English sentence: on no page, in no answer of the API, in no refusal."""

import html
import re
from collections.abc import AsyncIterator, Iterator

import httpx
import pytest
from litestar import Litestar

from channel.access.rules import Role
from tests.make.access import make_session, make_token
from tests.make.world import World, make_full_world
from tests.walls.test_every_address import QUESTIONS, paths_of

# Four words in a row, or three of them that end a sentence. Names and codes that people gave have fewer.
# A list of codes, parted by commas, is none.
SENTENCE = re.compile(r"[A-Za-z][a-z’']*(?: [a-z’']+){3,}|[A-Za-z][a-z’']*(?: [a-z’']+){2,}[.!?]")
# What is data to a program, however it reads: the words of a document that it may send back as it came.
DATA = (
    "The policy that comes with the service",
    "The rules that come with the service",
    "published table, holes closed",
    "Head of a region",
    "A plan that comes with the service",
    "Limits used for a month",
    "Financial statements each year",
    "Files not kept up",
)
OTHER_NAMES = re.compile(r'"names":\[[^\]]*\]')
FIELDS = (
    "code", "name", "type", "status", "grade", "currency", "territory", "parent", "appointed_on", "value", "reason",
    "effective_on", "from_on", "to_on", "amount", "kind", "raise_id", "line", "period_end", "document", "note", "login",
    "role", "password", "days", "label", "format", "upload", "mapping", "period",
)  # fmt: skip
CHINESE = {"accept-language": "zh"}


def sentences(answer: httpx.Response) -> Iterator[str]:
    """The English sentences that a reader would see, of a page or of a document."""
    kind, text = answer.headers.get("content-type", ""), answer.text
    if "html" in kind:
        # What stands in a field is as it was written: it is sent back so.
        shown = re.sub(r"<(script|style|textarea).*?</\1>", "", text, flags=re.DOTALL)
        # The sheet of a statement of account tells everything in both languages.
        shown = re.sub(r'<article class="statement-sheet".*?</article>', "", shown, flags=re.DOTALL)
        attributes = re.findall(r'(?:title|placeholder|aria-label|alt|content)="([^"]*)"', shown)
        text = html.unescape(" | ".join([*attributes, *re.split(r"<[^>]*>", shown)]))
    elif "json" in kind:
        for words in DATA:
            text = text.replace(words, "")
    else:
        return
    yield from (found[0] for found in SENTENCE.finditer(OTHER_NAMES.sub("", text)))


@pytest.fixture
async def world(database: str) -> World:
    return await make_full_world()


@pytest.fixture
async def reader(app: Litestar, world: World) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app), base_url="http://channel.test", headers=CHINESE, timeout=30
    ) as made:
        yield made


@pytest.mark.parametrize("role", [Role.MANAGER, Role.FINANCE, Role.REGIONAL, Role.AUDITOR, Role.ADMINISTRATOR])
async def test_every_address_speaks_chinese(app: Litestar, world: World, reader: httpx.AsyncClient, role: Role) -> None:
    reader.cookies.set("channel_session", await make_session(world.people[role]))
    wrong = []
    for path in paths_of(app, "GET"):
        answer = await reader.get(path, params=QUESTIONS.get(path))
        wrong += [f"{path}: {each}" for each in sentences(answer)]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("role", [Role.MANAGER, Role.AUDITOR])
async def test_every_refusal_speaks_chinese(app: Litestar, world: World, reader: httpx.AsyncClient, role: Role) -> None:
    reader.headers["authorization"] = f"Bearer {await make_token(world.people[role])}"
    bodies: list[object] = [{}, {"reason": "", "code": "a/b", "name": "", "amount": "x"}, {"unknown": 1}, [], "text"]
    wrong, asked = [], 0
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        for path in paths_of(app, method):
            if not path.startswith("/api/") or path.endswith("sign-out"):
                continue
            for body in bodies:
                answer = await reader.request(method, path, json=body)
                asked += answer.status_code >= 400
                wrong += [f"{method} {path} {body}: {each}" for each in sentences(answer)]
    assert asked > 50
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("role", [Role.MANAGER, Role.FINANCE, Role.REGIONAL, Role.AUDITOR, Role.ADMINISTRATOR])
async def test_every_refused_form_speaks_chinese(
    app: Litestar, world: World, reader: httpx.AsyncClient, role: Role
) -> None:
    """Sent empty, and with something that cannot be meant in every field that any form has."""
    reader.cookies.set("channel_session", await make_session(world.people[role]))
    await reader.get("/")
    token = {"_csrf_token": reader.cookies["csrftoken"]}
    wrong, refused = [], set()
    for path in paths_of(app, "POST"):
        if path.startswith("/api/"):
            continue
        # Some of them end the session.
        reader.cookies.set("channel_session", await make_session(world.people[role]))
        for form in ({}, dict.fromkeys(FIELDS, "?!"), dict.fromkeys(FIELDS, "")):
            answer = await reader.post(path, data=form | token)
            refused |= {path} if answer.status_code >= 400 else set()
            wrong += [f"POST {path} {form}: {each}" for each in sentences(answer)]
    assert len(refused) > 20, refused
    assert not wrong, "\n".join(wrong)


def test_a_sentence_is_found_and_data_are_not() -> None:
    page = '<p title="Nothing is wrong here.">经销商 Dealer D-1</p><script>var a = "what is not read at all"</script>'
    answer = httpx.Response(200, text=page, headers={"content-type": "text/html"})
    assert list(sentences(answer)) == ["Nothing is wrong here"]

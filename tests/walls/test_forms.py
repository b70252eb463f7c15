"""Every form comes back as it was typed, whatever refuses what was sent: the page knows nothing of it, the act does."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser
from typing import NoReturn

import httpx
import pytest
from litestar import Litestar

from channel import clock
from channel.access.rules import Person
from channel.acts import LONGEST_TEXT
from channel.errors import Conflict, FieldError, Forbidden, Invalid, NotFound, Refused, m
from tests.browser.forms import access, allocating, credit, dealers, masters, months, policies, statements
from tests.make.access import make_person, make_session
from tests.make.forms import Sending
from tests.make.world import World, make_world

CASES = [
    case for room in (access, allocating, dealers, masters, credit, policies, months, statements) for case in room.CASES
]
STAYS = "/sign-in"
"""Who signs in is told nothing but that it was wrong, beside his name."""
WHY = m("Refused for a trial.")
REFUSALS = (
    Forbidden(WHY),
    NotFound(WHY),
    Conflict(WHY),
    Invalid(WHY, (FieldError("reason", m("Wrong for a trial.")),)),
)


@dataclass
class Control:
    """A field of a form as a page draws it."""

    name: str
    kind: str
    value: str = ""
    on: bool = True
    options: list[str] = field(default_factory=list)
    longest: int = 2000


@dataclass
class Form:
    """A form that is posted, with its fields in their order."""

    action: str
    others: list[str] = field(default_factory=list)
    """Where its further buttons send it."""
    controls: list[Control] = field(default_factory=list)

    @property
    def typed(self) -> list[Control]:
        """The fields in which a person writes or chooses what comes back; passwords and files never do."""
        return [each for each in self.controls if each.kind not in {"hidden", "password", "file"}]

    def sent(self) -> dict[str, list[str]]:
        """What a browser sends of it as it stands, the mark against forgery left out."""
        told: dict[str, list[str]] = {}
        for each in self.controls:
            if each.on and each.kind not in {"password", "file"} and each.name != "_csrf_token":
                told.setdefault(each.name, []).append(each.value)
        return told


class Forms(HTMLParser):
    """The forms of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[Form] = []
        self._form: Form | None = None
        self._within: Control | None = None
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A form, or a field of it."""
        has = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._form = Form(has.get("action", "")) if has.get("method") == "post" else None
            self.found += [self._form] if self._form else []
        elif tag == "button" and self._form is not None and "formaction" in has:
            self._form.others.append(has["formaction"])
        elif tag == "option" and self._within is not None:
            self._within.options.append(has.get("value", ""))
            if "selected" in has or len(self._within.options) == 1:
                self._within.value = has.get("value", "")
        elif self._form is not None and tag in {"input", "textarea", "select"} and has.get("name"):
            kind = "hidden" if "readonly" in has else has.get("type", "text") if tag == "input" else tag
            on = "disabled" not in has and (kind not in {"checkbox", "radio"} or "checked" in has)
            made = Control(has["name"], kind, has.get("value", ""), on, longest=int(has.get("maxlength", "2000")))
            self._form.controls.append(made)
            self._within = made if tag != "input" else None

    def handle_data(self, data: str) -> None:
        """The text of a field of several lines."""
        if self._within is not None and self._within.kind == "textarea":
            self._within.value += data

    def handle_endtag(self, tag: str) -> None:
        """The end of a form, or of a field of it."""
        if tag in {"select", "textarea"}:
            self._within = None
        elif tag == "form":
            self._form = None


def _type_into(form: Form, fill: Mapping[str, str]) -> None:
    """Write in every field something else than stands there."""
    for each in form.typed:
        match each.kind:
            case "checkbox" | "radio":
                each.on = not each.on
            case "select":
                others = [value for value in each.options if value not in {"", each.value}]
                each.value = others[-1] if others else each.value
            case "date":
                each.value = "2031-05-04"
            case "number":
                each.value = "7"
            case "textarea" if each.longest > LONGEST_TEXT:
                each.value = "[{}]"  # a table is JSON
            case _:
                each.value = (fill.get(each.name) or f"typed {each.name}")[: each.longest]


def _one_of_each_route() -> Iterator[Sending]:
    seen = {STAYS}
    for case in CASES:
        if case.route not in seen:
            seen.add(case.route)
            yield case


async def _opened(app: Litestar, case: Sending, world: World) -> tuple[httpx.AsyncClient, str, Mapping[str, str]]:
    person: Person = world.people[case.by[0]]
    if case.own:
        person = await make_person(person.role, *person.territory_ids)
    names = {"me": person.login, "role": person.role.value, "id": str(person.person_id)}
    names |= {"today": clock.today().isoformat()} | dict(await case.before(person))
    client = httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://channel.test", timeout=60)
    client.cookies.set("channel_session", await make_session(person))
    return client, case.page.format(**names), names


def _form_of(text: str, case: Sending, like: Form | None = None) -> Form | None:
    """The form of this route that holds most (or what `like` holds)."""
    pattern = re.compile(re.sub(r"\{[^}]+\}", "[^/]+", case.route))
    found = [
        replace(each, action=action)
        for each in Forms(text).found
        for action in (each.action, *each.others)
        if pattern.fullmatch(action.partition("?")[0])
    ]
    if like is not None:
        found = [each for each in found if each.action == like.action]
        found = [each for each in found if {c.name for c in each.controls} == {c.name for c in like.controls}]
    return max(found, key=lambda each: len(each.typed), default=None)


async def _comes_back(
    client: httpx.AsyncClient, case: Sending, form: Form, refusal: Refused, monkeypatch: pytest.MonkeyPatch
) -> bool:
    """Whether the form as it was sent stands in the answer."""

    def refuse(*_: object) -> NoReturn:
        raise refusal

    hidden = {each.name: each.value for each in form.controls if each.name == "_csrf_token"}
    with monkeypatch.context() as patched:
        patched.setattr("channel.web.acting.read_form", refuse)
        answer = await client.post(form.action, data={**form.sent(), **hidden})
    again = _form_of(answer.text, case, form)
    return answer.status_code == refusal.status and again is not None and again.sent() == form.sent()


def _fill_in(form: Form, case: Sending, names: Mapping[str, str]) -> None:
    """Write in the fields what the case has a person type and choose."""
    fill = {name.format(**names): value for name, value in case.fill.items()}
    for each in form.typed:
        if each.name in fill:
            given = fill[each.name]
            if isinstance(given, bool):
                each.on = given
            elif each.kind in {"checkbox", "radio"}:
                each.on = each.value == given.format(**names)
            else:
                each.value = str(given).format(**names)


async def test_a_form_that_would_be_taken_finds_no_dealer_of_another_branch(app: Litestar, database: str) -> None:
    """What is sent is what its own people send, so that it is scope that refuses it: 404, or 403 as for any code."""
    world = await make_world()
    north = await make_session(world.elsewhere)
    others, tried = [], set()
    for case in _one_of_each_route():
        if "{code}" not in case.page and "{proposal}" not in case.page:
            continue
        client, page, names = await _opened(app, case, world)
        async with (
            client,
            httpx.AsyncClient(
                transport=httpx.ASGITransport(app=app), base_url="http://channel.test", timeout=60
            ) as stranger,
        ):
            stranger.cookies.set("channel_session", north)
            form = _form_of((await client.get(page)).text, case)
            assert form is not None, case
            _fill_in(form, case, names)
            tokens = [
                {"_csrf_token": found[1]}
                for each in (stranger, client)
                if (found := re.search(r'name="_csrf_token" value="([^"]+)"', (await each.get("/account")).text))
            ]
            refused = await stranger.post(form.action, data={**form.sent(), **tokens[0]})
            for held in ("code", "proposal"):
                unknown = form.action.replace(f"/{names.get(held, '?')}", "/99999")
                nobodys = await stranger.post(unknown, data={**form.sent(), **tokens[0]})
                if unknown != form.action and refused.status_code not in {403, 404}:
                    others.append((case.route, refused.status_code))
                elif unknown != form.action and refused.status_code != nobodys.status_code:
                    others.append((case.route, refused.status_code, nobodys.status_code))
            if f"Dealer {names.get('code', '?')}" in refused.text:
                others.append((case.route, "names the dealer"))
            taken = await client.post(form.action, data={**form.sent(), **tokens[1]})
            if taken.status_code not in {200, 303}:
                others.append((case.route, taken.status_code, "is not taken of its own people"))
            tried.add(case.route)
    assert others == []
    assert len(tried) > 15


async def test_every_form_comes_back_as_it_was_typed(
    app: Litestar, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = await make_world()
    lost, tried = set(), 0
    for case in _one_of_each_route():
        client, page, names = await _opened(app, case, world)
        async with client:
            shown = await client.get(page)
            assert shown.status_code == 200, (case, shown.text[:300])
            form = _form_of(shown.text, case)
            assert form is not None, case
            if not form.typed:
                continue  # a button alone, with nothing to come back
            fill = {name: value.format(**names) for name, value in case.fill.items() if isinstance(value, str)}
            _type_into(form, fill)
            tried += 1
            for refusal in REFUSALS:
                if not await _comes_back(client, case, form, refusal, monkeypatch):
                    lost.add(case.route)
    assert lost == set()
    assert tried > 0

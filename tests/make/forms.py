"""Forms as a person meets them: opened in a browser, looked at before a key is touched, filled in and sent."""

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from litestar import Litestar
from playwright.async_api import Browser, Locator, Page

from channel import clock
from channel.access.rules import Person, Role
from channel.database import db
from tests.make.access import make_person, make_session
from tests.make.browser import Looked

Names = Mapping[str, str]
Before = Callable[[Person], Awaitable[Names]]


async def nothing(_: Person) -> Names:
    """What stands already is enough."""
    return {}


@dataclass(frozen=True)
class Sending:
    """One form sent by everybody who may, and what must have come of it.

    Braces in `page`, `fill`, `shows` and `holds` take what `before` gives, and `me`, `role`, `id` and `today`. `holds`
    is SQL that is true once the act is done. `form` and `button` tell the form from others with the same address.
    `opens` is what is clicked to fetch the form.
    `own` sends it as somebody made for this form alone, `nobody` without signing in.
    """

    route: str
    page: str
    by: Sequence[Role]
    fill: Mapping[str, Any] = field(default_factory=dict)
    shows: str = ""
    holds: str = "SELECT true"
    form: str = ""
    button: str = "button"
    before: Before = nothing
    opens: str = ""
    own: bool = False
    nobody: bool = False

    def __str__(self) -> str:
        return f"{self.route} on {self.page}"


def posted_routes(app: Litestar) -> set[str]:
    """Every address of the pages to which a form can be posted."""
    return {
        route.path_format
        for route in app.routes
        if "POST" in getattr(route, "route_handler_map", {}) and not route.path.startswith("/api/")
    }


HELD = """forms => forms.map(form => ({
  method: form.method,
  action: new URL(form.getAttribute("action") ?? "", location.href).pathname,
  enter: [...form.elements].find(each => each.type === "submit")?.matches("button:not(.main, [formnovalidate])")
    && form.querySelector("button.main:not([type=button])") !== null,
  held: [...form.elements].filter(each => each.willValidate && !each.validity.valid).map(each => ({
    name: each.name,
    why: [...Object.getOwnPropertyNames(ValidityState.prototype)].filter(fault => each.validity[fault] === true),
  })),
}))"""
"""All forms of a page with the fields by which the browser would hold them back as they stand.

`enter` says that the key Enter, which presses the first button, would press neither the main one nor one that only
shows what the main one would do.
"""

GOES_TO = """(button.hasAttribute("formaction")
  ? button.formAction : new URL(button.form.getAttribute("action") ?? "", location.href).href)"""
"""Where a button sends its form."""

BLANK = f"""async (button, name) => {{
  const form = button.form, data = new FormData(form, button);
  data.delete(name);
  const files = form.enctype === "multipart/form-data";
  const body = files ? data : new URLSearchParams(data);
  return (await fetch({GOES_TO}, {{method: "POST", body, redirect: "manual"}})).status;
}}"""
"""The answer to the filled form without this field."""


class Desks:
    """The browsers of the people, one for each, on a served app."""

    def __init__(self, chromium: Browser, url: str, app: Litestar, faults: Callable[[Page], Looked]) -> None:
        self._chromium, self._url, self._faults = chromium, url, faults
        self._posted = [re.compile(re.sub(r"\{[^}]+\}", "[^/]+", route)) for route in posted_routes(app)]
        self._open: dict[str, Looked] = {}

    async def of(self, person: Person | None) -> Looked:
        """The page of a person, signed in; the same one each time."""
        name = person.login if person else ""
        if name not in self._open:
            context = await self._chromium.new_context(locale="en-GB")
            if person:
                token = await make_session(person)
                await context.add_cookies([{"name": "channel_session", "value": token, "url": self._url}])
            context.set_default_timeout(10_000)
            self._open[name] = self._faults(await context.new_page())
        return self._open[name]

    async def close(self) -> None:
        """Close all of them."""
        for each in self._open.values():
            await each.page.context.close()

    async def send(self, sending: Sending, person: Person) -> None:
        """Open the page as this person, see that nothing holds the form back, send it, and see what came of it."""
        if sending.own:
            person = await make_person(person.role, *person.territory_ids)
        names = {"me": person.login, "role": person.role.value, "id": str(person.person_id)}
        names |= {"today": clock.today().isoformat()} | await sending.before(person)
        looked = await self.of(None if sending.nobody else person)
        page = looked.page
        answer = await page.goto(self._url + sending.page.format(**names), wait_until="domcontentloaded")
        assert answer is not None
        assert answer.status == 200, (str(sending), person.role, answer.status)
        fill = {
            name.format(**names): value.format(**names) if isinstance(value, str) else value
            for name, value in sending.fill.items()
        }
        if sending.opens:
            await page.locator(sending.opens.format(**names)).click()
            await page.locator(f"form[action*='/{sending.route.split('/')[2]}/']").wait_for()
        held = await self._held_back(page, sending.route)
        button = await self._button(page, sending, names)
        await _fill(page, button, fill)
        must = {each["name"] for each in held}
        assert must <= set(fill), f"{sending}: the browser asks for {must - set(fill)} before it sends the form"
        for name in must:
            status = await button.evaluate(f"(button, name) => ({BLANK})(button, name)", name)
            assert 400 <= status < 500, f"{sending}: {name} must be filled in, but without it the answer is {status}"
        looked.faults.clear()  # the refusals of the line above are told by the browser as failed loads
        async with page.expect_navigation(wait_until="domcontentloaded"):
            await button.click()
        text = await page.locator("body").inner_text()
        assert sending.shows.format(**names) in text, f"{sending} as {person.role}: {text}"
        async with db.held(db.EVERYTHING):
            assert await db.fetchval(sending.holds.format(**names)), f"{sending} as {person.role}"
        assert looked.faults == [], str(sending)
        # A page that follows a load leaves by itself when the load is done: it must not meet the next one's opening.
        name = person.login if person and not sending.nobody else ""
        self._open[name] = self._faults(await page.context.new_page())
        await page.close()

    async def _held_back(self, page: Page, route: str) -> list[dict[str, Any]]:
        """The fields that a person must fill in this form; no form of the page is held back by anything else."""
        forms = await page.locator("form").evaluate_all(HELD)
        for each in forms:
            if each["method"] == "post":
                assert any(posted.fullmatch(each["action"]) for posted in self._posted), f"nothing takes {each}"
            assert not each["enter"], f"{page.url}: Enter in {each['action']} does not do what the form is for"
            wrong = [field for field in each["held"] if field["why"] != ["valueMissing"]]
            assert not wrong, f"{page.url}: {each['action']} is held back by {wrong}"
        pattern = re.compile(re.sub(r"\{[^}]+\}", "[^/]+", route))
        return [field for each in forms if pattern.fullmatch(each["action"]) for field in each["held"]]

    async def _button(self, page: Page, sending: Sending, names: Names) -> Locator:
        """The button that sends the form, brought into sight as a person does it."""
        pattern = re.compile(re.sub(r"\{[^}]+\}", "[^/]+", sending.route))
        buttons = page.locator(f"form[method=post]{sending.form.format(**names)} {sending.button}:not([type=button])")
        actions = await buttons.evaluate_all(f"buttons => buttons.map(button => new URL({GOES_TO}).pathname)")
        found = [place for place, action in enumerate(actions) if pattern.fullmatch(action)]
        assert len(found) == 1, f"{sending}: {len(found)} buttons"
        button = buttons.nth(found[0])
        await _open(page, button)
        return button


async def _open(page: Page, within: Locator) -> None:
    """Open the closed parts in which something lies, the outermost first."""
    closed = within.locator("xpath=ancestor::details[not(@open)]/summary")
    while await closed.count():
        await closed.first.click()


async def _fill(page: Page, button: Locator, fill: Mapping[str, Any]) -> None:
    form = button.locator("xpath=ancestor::form")
    # What belongs to a form may stand elsewhere on the page, as the ticks of a list do.
    elsewhere = page.locator(f"[form='{await form.get_attribute('id')}']")
    for name, value in fill.items():
        named = page.locator(f"[name='{name}']" if not isinstance(value, bool) else f"[name='{name}'][type=checkbox]")
        each = form.locator(named).or_(elsewhere.and_(named))
        await _open(page, each.first)
        kind = await each.first.evaluate("field => field.localName === 'select' ? 'select' : field.type")
        if kind == "select":
            await each.select_option(value)
        elif kind == "file":
            await each.set_input_files(value)
        elif kind == "checkbox":
            ticked = each if isinstance(value, bool) else each.and_(page.locator(f"[value='{value}']"))
            await ticked.set_checked(value is not False)
        else:
            await each.fill(value)

"""Tasks on pages, desks and over the API: the same rows everywhere, and of another's dealer not a word."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import date, timedelta

import httpx
import pytest
from litestar import Litestar

from channel import clock
from channel.access.rules import Person, Role
from channel.tasks.queries.writing import NewTask
from tests.make.access import acting, make_machine, make_session
from tests.make.tasks import CALL, WAIT, numbers, opened, send_off, written
from tests.make.world import World

V1 = "/api/v1/tasks"
Client = Callable[[Person], Awaitable[httpx.AsyncClient]]
Staff = dict[str, int]


@pytest.fixture
async def browsers(app: Litestar, world: World) -> AsyncIterator[Callable[[Person], Awaitable[httpx.AsyncClient]]]:
    made: list[httpx.AsyncClient] = []

    async def of(person: Person) -> httpx.AsyncClient:
        cookies = {"channel_session": await make_session(person)}
        made.append(
            httpx.AsyncClient(
                transport=httpx.ASGITransport(app=app), base_url="http://channel.test", cookies=cookies, timeout=30
            )
        )
        return made[-1]

    yield of
    for each in made:
        await each.aclose()


async def _about_both(world: World, staff: Staff) -> list[int]:
    today = clock.today()
    return await opened(
        CALL,
        NewTask("one", today - timedelta(days=3), world.dealer_ids["D-1"], staff["R-1"]),
        NewTask("two", today, world.dealer_ids["D-2"], staff["R-2"]),
        NewTask("three", today + timedelta(days=1), world.dealer_ids["D-2"]),
    )


async def test_pages_desk_file_search_and_api_tell_only_of_dealers_in_scope(
    world: World, staff: Staff, api: Client, browsers: Client
) -> None:
    one, two, three = await _about_both(world, staff)
    client, browser = await api(world.elsewhere), await browsers(world.elsewhere)
    told = (await client.get(V1)).json()["items"]
    assert [row["id"] for row in told] == [two, three]
    assert [row["what"] for row in told] == ["Call Dealer D-2 about two", "Call Dealer D-2 about three"]
    assert told[0] | {"owner": "R-2", "days_late": None, "state": "outstanding", "dealer": "D-2"} == told[0]
    for question in ({"dealer": "D-1"}, {"member": "R-1"}, {"late": "true"}, {"whose": "people"}):
        answer = await client.get(V1, params=question)
        assert answer.status_code == 404 if "dealer" in question else answer.json()["items"] == [], question
    assert (await client.get(f"{V1}/{one}")).status_code == 404
    for path in (
        "/tasks",
        "/tasks?state=any",
        "/tasks/export?format=csv",
        "/tasks?dealer=D-1",
        "/",
        "/dealers/D-2/tasks",
    ):
        page = await browser.get(path)
        assert page.status_code == 200, path
        assert "Dealer D-1" not in page.text, path
    assert (await browser.get(f"/tasks/{one}")).status_code == 404
    assert (await browser.get("/dealers/D-1/tasks")).status_code == 404
    desk = (await client.get("/api/v1/desk")).json()
    assert [each["key"] for each in desk["also"]["tasks"]] == [str(two)], "what is due tomorrow does not wait yet"
    assert "Call Dealer D-2 about two" in (await browser.get("/")).text
    assert "Call Dealer D-2 about three" in (await browser.get("/dealers/D-2/tasks")).text


async def test_a_manager_finds_late_ones_of_his_people_first(
    world: World, staff: Staff, api: Client, browsers: Client
) -> None:
    one, two, three = await _about_both(world, staff)
    manager = world.people[Role.MANAGER]
    client, browser = await api(manager), await browsers(manager)
    assert [row["id"] for row in (await client.get(V1, params={"whose": "people"})).json()["items"]] == [one, two]
    assert [row["id"] for row in (await client.get(V1, params={"whose": "pool"})).json()["items"]] == [three]
    desk = (await browser.get("/")).text
    assert desk.index("Call Dealer D-1 about one") < desk.index("Call Dealer D-2 about two")
    late = (await client.get(V1, params={"late": "true"})).json()["items"]
    assert [(row["id"], row["days_late"]) for row in late] == [(one, 3)]
    chinese = (await client.get(f"{V1}/{one}", headers={"accept-language": "zh"})).json()
    assert (chinese["opened_by"], chinese["steps"]) == ("channel", [])


async def test_what_is_refused_names_its_field_and_what_is_done_is_told(
    world: World, staff: Staff, api: Client
) -> None:
    one, two, _ = await _about_both(world, staff)
    (waits,) = await opened(WAIT, NewTask("x", clock.today(), world.dealer_ids["D-1"], staff["R-1"]))
    client = await api(world.people[Role.REGIONAL])

    async def errors(path: str, body: dict[str, object]) -> tuple[int, list[str]]:
        answer = await client.post(f"{V1}{path}", json=body)
        return answer.status_code, [each["field"] for each in answer.json().get("errors") or ()]

    assert await errors(f"/{one}/put-off", {"until": "2025-03-08", "reason": "x"}) == (422, ["until"])
    assert await errors(f"/{one}/put-off", {"until": "2025-03-10", "reason": " "}) == (422, ["reason"])
    assert await errors(f"/{one}/hand-on", {"member": "R-2", "reason": "x"}) == (422, ["member"])
    assert await errors("", {"what": "x"}) == (422, ["due_on"])
    assert await errors("", {"what": "x", "due_on": "2025-03-04", "within_days": 1}) == (422, ["due_on"])
    assert await errors("/hand-on", {"tasks": [], "member": "R-1", "reason": "x"}) == (422, ["tasks"])
    assert (await errors(f"/{two}/done", {}))[0] == 404
    assert (await errors(f"/{waits}/done", {}))[0] == 409
    told = (await client.get(f"{V1}/{waits}")).json()
    assert (told["ends_by"], told["url"]) == ("when it comes.", "/dealers")
    assert (await client.post(f"{V1}/{one}/put-off", json={"until": "2025-03-10", "reason": "away"})).status_code == 204
    assert (await client.post(f"{V1}/{one}/done", json={"note": "he pays"})).status_code == 204
    told = (await client.get(f"{V1}/{one}")).json()
    assert (told["state"], told["due_on"], told["ended_on"]) == ("done", "2025-03-10", date(2025, 3, 3).isoformat())
    assert [(each["step"], each["reason"]) for each in told["steps"]] == [("put off", "away"), ("done", "he pays")]


async def test_the_page_offers_what_may_be_done(world: World, staff: Staff, browsers: Client) -> None:
    one, _, three = await _about_both(world, staff)
    own = await written(world.people[Role.REGIONAL])
    for role, number, acts in (
        (Role.REGIONAL, one, {"done", "put-off", "hand-on"}),
        (Role.REGIONAL, own, {"done", "put-off", "hand-on", "withdraw"}),
        (Role.FINANCE, one, set()),
        (Role.FINANCE, three, {"done", "put-off", "hand-on"}),
        (Role.AUDITOR, one, set()),
    ):
        page = await (await browsers(world.people[role])).get(f"/tasks/{number}")
        offered = {act for act in ("done", "put-off", "hand-on", "withdraw") if f"/tasks/{number}/{act}" in page.text}
        assert (page.status_code, offered) == (200, acts), (role, number)


async def test_what_nobody_may_see_no_program_is_told(world: World, staff: Staff, api: Client) -> None:
    one, two, three = await _about_both(world, staff)
    private = await written(world.people[Role.REGIONAL])
    machine = await make_machine(world.people[Role.ADMINISTRATOR], "erp")
    assert await numbers(machine) == [one, two, three]
    bound = await make_machine(world.people[Role.ADMINISTRATOR], "north", "North")
    assert await numbers(bound) == [two, three]
    assert private not in await numbers(world.people[Role.FINANCE])
    assert await numbers(world.people[Role.ADMINISTRATOR]) == [], "who keeps people sees no receivables"


async def test_a_deputy_has_the_desk_of_who_is_away(world: World, staff: Staff, browsers: Client) -> None:
    await _about_both(world, staff)
    finance = world.people[Role.FINANCE]
    browser = await browsers(finance)
    assert "Call Dealer D-1 about one" not in (await browser.get("/")).text
    await send_off(world.people[Role.ADMINISTRATOR], "R-1", "F-1")
    assert "Call Dealer D-1 about one" in (await browser.get("/")).text
    # North does not see the dealer: standing in for who does opens nothing.
    await send_off(world.people[Role.ADMINISTRATOR], "F-1", "R-2")
    async with acting(world.elsewhere):
        pass
    assert "Dealer D-1" not in (await (await browsers(world.elsewhere)).get("/")).text
    assert "Call Dealer D-1 about one" in (await (await browsers(world.people[Role.MANAGER])).get("/")).text


async def test_trail_and_files_name_no_task_of_another_territory(
    world: World, staff: Staff, api: Client, browsers: Client
) -> None:
    one, _, _ = await _about_both(world, staff)
    east = await api(world.people[Role.REGIONAL])
    assert (await east.post(f"{V1}/{one}/done", json={"note": "he pays"})).status_code == 204
    assert (await east.post(V1, json={"what": "Visit the shop", "within_days": 1, "dealer": "D-1"})).status_code == 201
    north, auditor = await api(world.elsewhere), await api(world.people[Role.AUDITOR])
    acts = [
        row["act"] for row in (await auditor.get("/api/v1/audit", params={"dealer": "D-1", "limit": 2})).json()["items"]
    ]
    assert acts == ["add task", "finish task"]
    assert (await north.get("/api/v1/dealers/D-1/audit")).status_code == 404
    browser = await browsers(world.elsewhere)
    for path in ("/", "/tasks?state=any", "/tasks/export?state=any&format=csv", "/api/v1/search?q=Visit", "/?q=D-1"):
        told = (await browser.get(path)).text
        assert "Visit the shop" not in told, path
        assert "he pays" not in told, path
    lines = (await (await browsers(world.people[Role.REGIONAL])).get("/tasks/export?state=any&format=csv")).text
    assert "Visit the shop" in lines


async def test_those_that_are_ticked_in_the_list_are_handed_on(
    world: World, staff: Staff, browsers: Client, api: Client
) -> None:
    one, two, three = await _about_both(world, staff)
    browser = await browsers(world.people[Role.MANAGER])
    page = (await browser.get("/tasks")).text
    for number in (one, two, three):
        assert f'name="tasks" value="{number}" form="hand-on"' in page
    form = {"_csrf_token": browser.cookies["csrftoken"], "tasks": [str(one), str(two)], "member": "F-1", "reason": "x"}
    refused = await browser.post("/tasks/hand-on", data={**form, "member": "R-1"})
    assert refused.status_code == 422
    assert "cannot do the task" in refused.text
    assert (await browser.post("/tasks/hand-on", data=form)).status_code == 303
    told = (await (await api(world.people[Role.MANAGER])).get(V1, params={"member": "f-1"})).json()["items"]
    assert [row["id"] for row in told] == [one, two]

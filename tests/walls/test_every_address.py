"""Every address of the service, page and API alike, asked by everybody, with one connection for all of it."""

import re
from datetime import date

import httpx
import pytest
from litestar import Litestar

from channel.access.acts import MakeToken
from channel.access.rules import Person, Role
from channel.access.service import add_own_token
from channel.database import db
from channel.database.embedded import EmbeddedPostgres
from channel.dealers.service.exclusivity import grant_exclusivity
from channel.receivables.acts.allocating import AllocateByHand
from channel.receivables.service.allocating import ALLOCATE
from channel.receivables.service.waiting import do_or_ask
from tests.make.access import acting, make_session, make_token
from tests.make.acts import acts_of, valid_body
from tests.make.dealers import granting
from tests.make.world import World, make_full_world

# What stands in a path for each of its places; a number that is nobody's is as good a question as any.
PLACES = {
    "code": "D-1",
    "kind": "sell-in",
    "year": "2026",
    "month": "2026-01",
    "version": "1",
    "line": "Road",
    "product": "RB-210",
    "currency": "EUR",
    "format": "csv",
    "fact": "grade",
    "observed": "employees",
    "name": "style.css",
    "digest": "0",
    "on": "2026-01-01",
    "login": "finance-1",
    "waiting": "2",
    "member": "S-1",
    "duty": "collector",
    "plan": "receivables-weekly",
    "dealer": "D-1",
    "review": "1",
    "of": "receivables-weekly",
}
# What an address must be asked with, so that it is the dealer that is refused and not the question.
QUESTIONS = {
    "/api/v1/credit/dealers/D-1/diff": {"first": "2026-01-01", "second": "2026-02-01"},
    "/api/v1/credit/policies/1/compare": {"with": "1"},
    "/api/v1/receivables/dealers/D-1/reallocation": {"currency": "USD"},
    "/api/v1/receivables/rules/1/compare": {"with": "1"},
    "/api/v1/reviews/plans/receivables-weekly/versions/1/compare": {"with": "1"},
    "/api/v1/rates/on": {"currency": "EUR"},
    "/api/v1/sales/lines": {"dealer": "D-1"},
    "/api/v1/sales/stock": {"dealer": "D-1"},
    "/imports/columns": {"kind": "sell-in", "upload": "1"},
}
# What is asked beside, and the documents of addresses that take no act.
BESIDE = {"/api/v1/imports": "?kind=sell-in", "/api/v1/uploads": "?file_name=a.csv"}
BODIES: dict[str, dict[str, object]] = {
    "/api/v1/dealers/{code:str}": {"name": "Northgate"},
    "/api/v1/imports/{load_id:int}/load": {"partial": True, "confirmed": True},
    "/api/v1/imports/profiles/{kind:str}/{name:str}": {"columns": {"dealer": "dealer"}},
}
OPEN_TO_NOBODY = {"/sign-in", "/api/v1/sign-in", "/preferences", "/health"}


def paths_of(app: Litestar, method: str) -> list[str]:
    found = []
    for route in app.routes:
        handlers = getattr(route, "route_handler_map", {})
        if method in handlers and not handlers[method][0].opt.get("static"):
            found.append(placed(route.path))
    return sorted(found)


def placed(path: str) -> str:
    """The address with something in each of its places."""
    path = re.sub(r"\{(\w+)(:\w+)?\}", lambda place: PLACES.get(place[1], "1"), path)
    path = path.replace("/products/D-1", "/products/RB-210").replace("/product-lines/D-1", "/product-lines/Road")
    return path.replace("/facts/style.css", "/facts/grade")


@pytest.fixture
async def narrow(server: EmbeddedPostgres, database: str) -> World:
    """The small world with one of everything that has a number, all of it of D-1; with a pool of one connection."""
    world = await make_full_world()
    await db.close_pool()
    await db.open_pool(server.dsn(db.APP_ROLE, database), size=1)
    return world


async def client(app: Litestar, person: Person | None, *, browser: bool = False) -> httpx.AsyncClient:
    made = httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://channel.test", timeout=30)
    if person is not None and browser:
        made.cookies.set("channel_session", await make_session(person))
    elif person is not None:
        made.headers["authorization"] = f"Bearer {await make_token(person)}"
    return made


async def test_no_address_fails_and_one_connection_is_enough(app: Litestar, narrow: World) -> None:
    manager = narrow.people[Role.MANAGER]
    async with acting(manager):
        await grant_exclusivity(manager, "D-1", granting("Road", "Harbour City", date(2024, 1, 1)))
    async with acting(finance := narrow.people[Role.FINANCE]):
        await do_or_ask(finance, ALLOCATE, "D-1", 0, AllocateByHand(money=3, items=["1=5"], reason="as agreed"))
    unopened = set(paths_of(app, "GET")) - {"/sign-in"}  # whoever is signed in is sent on from there
    for role in (Role.MANAGER, Role.FINANCE, Role.REGIONAL, Role.AUDITOR, Role.ADMINISTRATOR):
        async with await client(app, narrow.people[role], browser=True) as browser:
            for path in paths_of(app, "GET"):
                answer = await browser.get(path, params=QUESTIONS.get(path))
                assert answer.status_code < 500, f"{path}: {answer.text[:500]}"
                # Whatever a page shows, it shows in the frame and under the policy.
                assert "content-security-policy" in answer.headers, path
                unopened -= {path} if answer.is_success else set()
    assert unopened == set(), "what nobody finds was not tried"


async def test_nobody_in_particular_learns_nothing(app: Litestar, narrow: World) -> None:
    async with await client(app, None) as nobody:
        for path in paths_of(app, "GET"):
            if path in OPEN_TO_NOBODY:
                continue
            answer = await nobody.get(path)
            if path.startswith("/api/"):
                assert answer.status_code == 401, path
            else:
                assert (answer.status_code, answer.headers["location"].split("?")[0]) == (303, "/sign-in"), path


async def test_a_dealer_of_another_branch_does_not_exist(app: Litestar, narrow: World) -> None:
    """404 and never 403 for what one may not know of, and never a word of it in any list."""
    async with await client(app, narrow.elsewhere, browser=True) as stranger:
        for path in paths_of(app, "GET"):
            answer = await stranger.get(path, params=QUESTIONS.get(path))
            if "/D-1" in path and answer.status_code == 403:
                # What the role may do with no dealer at all: it is answered alike for a code that is nobody's.
                unknown = await stranger.get(path.replace("/D-1", "/NOBODY"), params=QUESTIONS.get(path))
                assert (unknown.status_code, unknown.text) == (403, answer.text.replace("D-1", "NOBODY")), path
            elif "/D-1" in path:
                assert answer.status_code == 404, f"{path}: {answer.status_code}"
            # The address itself may be told back; nothing else may name the dealer.
            assert "Dealer D-1" not in answer.text, path


V1 = "/api/v1"
RECEIPT = {"dealer": "D-1", "kind": "receipt", "number": "R-78", "amount": "5", "effective_on": "2021-01-01"}
# Every change of a dealer over the API, in an order in which each can be made; what is None is made of an act's fields.
CHANGES: dict[tuple[str, str], dict[str, object] | None] = {
    ("PATCH", "/dealers/D-1"): {"name": "Northgate"},
    ("POST", "/dealers/D-1/facts"): {"fact": "grade", "value": "B", "reason": "pays late"},
    ("POST", "/dealers/D-1/observed"): {"fact": "employees", "value": "5", "source": "a visit"},
    ("PUT", "/dealers/D-1/lines"): {"lines": []},
    ("POST", "/dealers/D-1/contacts"): {"name": "Lin"},
    ("PUT", "/dealers/D-1/contacts/1"): {"name": "Lin Min"},
    ("DELETE", "/dealers/D-1/contacts/1"): {},
    ("POST", "/dealers/D-1/second-tier"): {"code": "1", "name": "Corner Shop", "kind": "direct"},
    ("DELETE", "/dealers/D-1/second-tier/1"): {},
    ("POST", "/dealers/D-1/exclusivity"): None,
    ("POST", "/dealers/D-1/exclusivity/1/end"): None,
    ("POST", "/credit/dealers/D-1/what-if"): {"overrides": {"inputs.terms_days": "60"}},
    ("POST", "/credit/dealers/D-1/statements"): {"period_end": "2020-12-31", "figures": {"net_worth": "5"}},
    ("POST", "/credit/dealers/D-1/facts"): {"fact": "stated_need", "amounts": ["5"]},
    ("POST", "/credit/proposals/1/refuse"): {"reason": "not so much"},
    ("POST", "/credit/dealers/D-1/proposals"): {"kind": "base", "amount": "100", "reason": "asked for"},
    ("POST", "/credit/proposals/7/approve"): {"reason": "sound"},
    ("POST", "/credit/dealers/D-1/proposals "): {"kind": "base", "amount": "120", "reason": "asked for"},
    ("POST", "/credit/proposals/8/withdraw"): {"reason": "a mistake"},
    ("POST", "/reviews/dealers/D-1/1/hand-on"): {"member": "S-7", "reason": "he knows him"},
    ("POST", "/reviews/dealers/D-1/1/decide"): {"act": "keep", "reason": "he will send them"},
    ("POST", "/reviews/dealers/D-1/3/hold/refuse"): {"reason": "not yet"},
    ("POST", "/reviews/dealers/D-1/5/hold/withdraw"): {"reason": "a mistake"},
    ("POST", "/receivables/waiting/2/refuse"): {"reason": "not yet"},
    ("POST", "/receivables/waiting/3/approve"): {"reason": "sound"},
    ("POST", "/receivables/dealers/D-1/write-offs"): {"items": ["1=5"], "reason": "gone", "ask": True},
    ("POST", "/receivables/waiting/9/withdraw"): {"reason": "a mistake"},
    ("POST", "/receivables/dealers/D-1/allocations"): {"money": 3, "items": ["1=5"], "reason": "as agreed"},
    ("POST", "/receivables/dealers/D-1/allocations/2/take-back"): {"reason": "a mistake"},
    ("POST", "/receivables/dealers/D-1/allocations "): {"money": 3, "items": ["1=5"], "reason": "as agreed"},
    ("POST", "/receivables/dealers/D-1/reallocation"): {"currency": "USD", "reason": "late papers"},
    ("POST", "/receivables/dealers/D-1/disputes"): {
        "document": 1, "amount": "1", "reason_code": "price", "owner": "finance-1", "due_on": "2040-01-01",
    },
    ("POST", "/receivables/disputes/1/hand-on"): {"owner": "finance-2", "reason": "he knows the goods"},
    ("POST", "/receivables/disputes/1/end"): {"outcome": "refused", "reason": "as agreed"},
    ("POST", "/receivables/dealers/D-1/promises"): None,
    ("POST", "/receivables/promises/1/cancel"): {"reason": "a mistake"},
    ("POST", "/tasks/1/put-off"): {"until": "2040-01-02", "reason": "he is away"},
    ("POST", "/tasks/1/hand-on"): {"member": "S-7", "reason": "he knows him"},
    ("POST", "/tasks/1/done"): {"note": "he pays"},
    ("POST", "/tasks/2/withdraw"): {"reason": "a mistake"},
    ("POST", "/receivables/dealers/D-1/contact-log"): None,
    ("POST", "/receivables/dealers/D-1/call"): {"outcome": "not_reached"},
    ("POST", "/receivables/dealers/D-1/call/claim"): {},
    ("DELETE", "/receivables/dealers/D-1/call/claim"): {},
    ("POST", "/receivables/contact-log/1/correct"): None,
    ("POST", "/reviews/dealers/D-1/4/hold/approve"): {"reason": "sound"},
    ("POST", "/receivables/documents"): RECEIPT,
    ("POST", "/receivables/documents/batch"): None,
    ("POST", "/receivables/documents/preview"): RECEIPT | {"number": "R-79"},
    ("POST", "/receivables/documents/D-1/1/reverse"): {"reason": "a mistake"},
}  # fmt: skip
DECIDES = ("/refuse", "/approve")
"""Acts of finance, who did not propose, as all in the ledger; all others are the channel manager's."""
OF_NO_DEALER = {
    "/api/v1/credit/assess", "/api/v1/credit/policies", "/api/v1/credit/policies/1",
    "/api/v1/credit/policies/1/approve", "/api/v1/credit/policies/1/propose", "/api/v1/credit/policies/1/refuse",
    "/api/v1/credit/policies/1/withdraw", "/api/v1/credit/policies/check", "/api/v1/credit/runs/1/approval",
    "/api/v1/dealers", "/api/v1/imports", "/api/v1/imports/1/load", "/api/v1/imports/1/word",
    "/api/v1/imports/profiles/sell-in/style.css", "/api/v1/me", "/api/v1/me/password",
    "/api/v1/me/sessions", "/api/v1/me/sessions/1", "/api/v1/people",
    "/api/v1/people/finance-1", "/api/v1/people/finance-1/password", "/api/v1/people/finance-1/sign-out",
    "/api/v1/product-lines", "/api/v1/products", "/api/v1/rates", "/api/v1/receivables/calls/next",
    "/api/v1/receivables/months/close",
    "/api/v1/receivables/months/open", "/api/v1/receivables/rules", "/api/v1/receivables/rules/1",
    "/api/v1/receivables/rules/1/approve", "/api/v1/receivables/rules/1/propose",
    "/api/v1/receivables/rules/1/refuse", "/api/v1/receivables/rules/1/withdraw", "/api/v1/receivables/rules/check",
    "/api/v1/receivables/statements", "/api/v1/receivables/statements/runs", "/api/v1/receivables/unknown-money",
    "/api/v1/receivables/unknown-money/1/assign", "/api/v1/receivables/unknown-money/1/return",
    "/api/v1/receivables/unknown-money/1/take-back", "/api/v1/responsible", "/api/v1/responsible/preview",
    "/api/v1/reviews/together", "/api/v1/reviews/plans", "/api/v1/reviews/plans/receivables-weekly/open",
    "/api/v1/reviews/plans/receivables-weekly/pause", "/api/v1/reviews/plans/receivables-weekly/resume",
    "/api/v1/reviews/plans/receivables-weekly/versions", "/api/v1/reviews/plans/receivables-weekly/versions/1",
    "/api/v1/reviews/plans/receivables-weekly/versions/1/approve",
    "/api/v1/reviews/plans/receivables-weekly/versions/1/propose",
    "/api/v1/reviews/plans/receivables-weekly/versions/1/refuse",
    "/api/v1/reviews/plans/receivables-weekly/versions/1/withdraw",
    "/api/v1/reviews/plans/receivables-weekly/versions/check",
    "/api/v1/sign-in", "/api/v1/sign-out", "/api/v1/territories",
    "/api/v1/calendar/days", "/api/v1/calendar/days/take-back", "/api/v1/calendar/escalation", "/api/v1/calendar/week",
    "/api/v1/tasks", "/api/v1/tasks/hand-on", "/api/v1/outbox/test", "/api/v1/outbox/1/send-again",
    "/api/v1/duties", "/api/v1/staff", "/api/v1/staff/S-1",
    "/api/v1/staff/S-1/away",
    "/api/v1/staff/S-1/away/1/correct", "/api/v1/staff/S-1/away/1/end", "/api/v1/staff/S-1/duties",
    "/api/v1/staff/S-1/duties/1/end",
    "/api/v1/tokens", "/api/v1/tokens/1",
    "/api/v1/uploads",
}  # fmt: skip
"""What changes no dealer that its address names: of these a run and a load leave out what is out of reach."""


async def test_what_changes_something_refuses_a_stranger_what_it_grants_to_others(app: Litestar, narrow: World) -> None:
    """The same act by the same person: from a token that is bound to another branch it finds no dealer."""
    made = {(method, placed(path)): valid_body(shape) for (method, path), shape in acts_of(app).items()}
    free = {role: await client(app, narrow.people[role]) for role in (Role.MANAGER, Role.FINANCE)}
    strange = {role: await client(app, None) for role in free}
    for role, each in strange.items():
        async with acting(narrow.people[role]) as person:
            bound = await add_own_token(person, MakeToken(name="of the North", territories=["North"], days=1))
        each.headers["authorization"] = f"Bearer {bound.text}"
    for (method, path), given in CHANGES.items():
        at, role = V1 + path.strip(), Role.FINANCE if path.endswith(DECIDES) or "receivables" in path else Role.MANAGER
        body = made[method, at] if given is None else given
        refused = await strange[role].request(method, at, json=body)
        assert refused.status_code == 404, f"{method} {path}: {refused.status_code} {refused.text}"
        done = await free[role].request(method, at, json=body)
        assert done.is_success, f"{method} {path}: {done.status_code} {done.text}"
    for each in (*free.values(), *strange.values()):
        await each.aclose()


HIS_OWN = {
    "/api/v1/me", "/api/v1/me/password", "/api/v1/me/sessions", "/api/v1/me/sessions/{session_id:int}",
    "/api/v1/sign-in", "/api/v1/sign-out", "/api/v1/tokens", "/api/v1/tokens/{token_id:int}",
}  # fmt: skip
"""What everybody may do for himself."""
COMPUTES = {
    "/api/v1/credit/policies/check", "/api/v1/credit/dealers/{code:str}/what-if", "/api/v1/receivables/rules/check",
    "/api/v1/reviews/plans/{of:str}/versions/check",
}  # fmt: skip
"""What changes nothing: whoever may see the figures may ask."""
WRITING = ("POST", "PUT", "PATCH", "DELETE")


def changing(app: Litestar) -> dict[tuple[str, str], dict[str, object] | None]:
    """Every address of the API that changes something, with a body that it takes; None where it takes none."""
    acts = acts_of(app)
    return {
        (method, route.path): valid_body(acts[method, route.path]) if (method, route.path) in acts else None
        for route in app.routes
        for method in WRITING
        if route.path.startswith(V1) and method in getattr(route, "route_handler_map", {})
    }


async def test_who_may_do_nothing_is_refused_for_that_and_not_for_what_he_sent(app: Litestar, narrow: World) -> None:
    """What is sent is made of the act's fields, so that it would be taken: right and scope are what refuses."""
    others = []
    async with await client(app, narrow.people[Role.AUDITOR]) as auditor, await client(app, None) as nobody:
        for (method, path), made in changing(app).items():
            at, body = placed(path) + BESIDE.get(path, ""), BODIES.get(path, made)
            answer = await nobody.request(method, at, json=body)
            others += [(method, path, answer.text)] if answer.status_code != 401 else []
            if path not in HIS_OWN | COMPUTES:
                answer = await auditor.request(method, at, json=body)
                others += [(method, path, answer.text)] if answer.status_code != 403 else []
    assert [path for _, path, _ in others] == ["/api/v1/sign-in"], others


def test_every_change_of_a_dealer_is_tried(app: Litestar) -> None:
    found = {(method, path) for method in WRITING for path in paths_of(app, method) if path.startswith(V1)}
    of_dealers = {(method, re.sub(r"/\d+/", "/#/", path)) for method, path in found if path not in OF_NO_DEALER}
    assert of_dealers == {(method, re.sub(r"/\d+/", "/#/", V1 + path.strip())) for method, path in CHANGES}
    assert {path for _, path in found} >= OF_NO_DEALER, "what is no address any more"


def test_the_walk_is_not_empty(app: Litestar) -> None:
    assert "/api/v1/me" in paths_of(app, "GET")

"""Every writing POST of the API under an `Idempotency-Key`: sent twice it is done once, and answered alike."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import asyncpg
import httpx
import pytest
from litestar import Litestar

from channel.access.rules import Person, Role
from channel.database.embedded import OWNER, EmbeddedPostgres
from channel.receivables.acts.months import CloseMonth
from channel.receivables.rules.settings import LedgerRules
from channel.receivables.service.months import close_month
from channel.reviews.rules.plan import ReviewPlan
from channel.tasks.acts import SetCompanyDay
from channel.tasks.service.calendar import set_company_day
from channel.versions.rules import written
from tests.make.access import acting, make_member, make_person, make_token
from tests.make.acts import acts_of, valid_body
from tests.make.credit import DEFAULT_POLICY
from tests.make.deciding import make_review
from tests.make.hostile import PLACE
from tests.make.limits import AS_OF, make_dealer_selling, make_desk, on_day
from tests.make.mail import make_unsent
from tests.make.sales import csv_of, loaded
from tests.make.whole import Owner, everything

V1 = "/api/v1"
KEY = "Idempotency-Key"
PASSWORD, ANOTHER = "seven brave words", "eight brave words"
FILE = csv_of("dealer,date,product,quantity,amount", "D-2,2013-11-20,P,2,200.00")
POLICY = {"document": written(DEFAULT_POLICY), "effective_from": AS_OF.isoformat(), "note": "the same"}
PLAN = {"document": written(ReviewPlan()), "effective_from": AS_OF.isoformat(), "note": "the same"}
RULES = {"document": written(LedgerRules()), "effective_from": AS_OF.isoformat(), "note": "the same"}
INVOICE = {"dealer": "N-1", "kind": "invoice", "effective_on": AS_OF.isoformat(), "amount": "100"}
CREDIT = INVOICE | {"kind": "credit_note", "amount": "10", "stays_on_account": True}
BY_HAND = {"money": "{money_id}", "items": ["{document_id}=10"], "reason": "as agreed"}
CONTESTED = {
    "document": "{document_id}", "amount": "5", "reason_code": "price", "owner": "another", "due_on": "2040-01-01",
}  # fmt: skip
GIVEN_UP = {"items": ["{document_id}=5"], "ask": True, "reason": "gone"}
BANK_LINE = {"number": "B1", "currency": "USD", "amount": "80", "booked_on": "2013-11-29", "remark": "transfer"}
PROMISE = {"amount": "50", "due_on": "2013-12-20", "promised_by": "Lin"}
PROPOSAL = {"kind": "base", "amount": "100", "reason": "asked for"}
WHY = {"reason": "sound"}
SPOKEN = {"outcome": "by_us", "with_whom": "Lin", "said": "he pays", "next_step": "look", "next_on": "2030-01-02"}
AWAY = {"from_on": "2030-01-02", "to_on": "2030-01-05", "deputy": "S-10"}
DEALER = {
    "code": "N-1",
    "name": "New",
    "type": "wholesale",
    "territory": "East",
    "currency": "USD",
    "terms_days": 30,
    "status": "active",
}

# Who sends what where, in an order in which each can be done; what is None is made of the act's fields. Places hold
# what was made last: `known` of the walk.
Step = tuple[str, str, dict[str, Any] | None]
STEPS: tuple[Step, ...] = (
    ("manager", "/territories", {"code": "S", "name": "South", "level": "region"}),
    ("manager", "/dealers", DEALER),
    ("manager", "/dealers/{code:str}/facts", {"fact": "grade", "value": "B", "reason": "pays late"}),
    ("manager", "/dealers/{code:str}/observed", {"fact": "employees", "value": "5", "source": "a visit"}),
    ("manager", "/dealers/{code:str}/contacts", {"name": "Lin"}),
    ("manager", "/dealers/{code:str}/second-tier", {"code": "1", "name": "Corner Shop", "kind": "direct"}),
    ("manager", "/dealers/{code:str}/exclusivity", None),
    ("manager", "/dealers/{code:str}/exclusivity/{grant_id:int}/end", {"reason": "agreed", "to_on": "2021-01-01"}),
    ("finance", "/rates", None),
    ("finance", "/credit/dealers/{code:str}/statements", {"period_end": "2012-12-31", "figures": {"net_worth": "5"}}),
    ("finance", "/credit/dealers/{code:str}/facts", {"fact": "stated_need", "amounts": ["5"]}),
    ("manager", "/credit/dealers/{code:str}/proposals", PROPOSAL),
    ("manager", "/credit/proposals/{proposal:int}/withdraw", WHY),
    ("manager", "/credit/dealers/{code:str}/proposals", PROPOSAL),
    ("finance", "/credit/proposals/{proposal:int}/refuse", WHY),
    ("manager", "/credit/dealers/{code:str}/proposals", PROPOSAL),
    ("finance", "/credit/proposals/{proposal:int}/approve", WHY),
    ("manager", "/credit/assess", {"propose": True}),
    ("finance", "/credit/runs/{run:int}/approval", {"mark": "{mark}", "reason": "sound"}),
    ("manager", "/credit/policies", POLICY),
    ("manager", "/credit/policies/{version:int}/propose", WHY),
    ("finance", "/credit/policies/{version:int}/approve", WHY),
    ("manager", "/credit/policies", POLICY),
    ("manager", "/credit/policies/{version:int}/propose", WHY),
    ("finance", "/credit/policies/{version:int}/refuse", WHY),
    ("manager", "/credit/policies", POLICY),
    ("manager", "/credit/policies/{version:int}/withdraw", WHY),
    ("manager", "/receivables/rules", RULES),
    ("manager", "/receivables/rules/{version:int}/propose", WHY),
    ("finance", "/receivables/rules/{version:int}/approve", WHY),
    ("manager", "/receivables/rules", RULES),
    ("manager", "/receivables/rules/{version:int}/propose", WHY),
    ("finance", "/receivables/rules/{version:int}/refuse", WHY),
    ("manager", "/receivables/rules", RULES),
    ("manager", "/receivables/rules/{version:int}/withdraw", WHY),
    ("manager", "/reviews/plans", {"code": "R-1", "reason": "wanted"}),
    ("manager", "/reviews/plans/{of:str}/versions", PLAN),
    ("manager", "/reviews/plans/{of:str}/versions/{version:int}/propose", WHY),
    ("finance", "/reviews/plans/{of:str}/versions/{version:int}/approve", WHY),
    ("manager", "/reviews/plans/{of:str}/versions", PLAN),
    ("manager", "/reviews/plans/{of:str}/versions/{version:int}/propose", WHY),
    ("finance", "/reviews/plans/{of:str}/versions/{version:int}/refuse", WHY),
    ("manager", "/reviews/plans/{of:str}/versions", PLAN),
    ("manager", "/reviews/plans/{of:str}/versions/{version:int}/withdraw", WHY),
    ("manager", "/reviews/plans/{plan:str}/pause", WHY),
    ("manager", "/reviews/plans/{plan:str}/resume", WHY),
    ("finance", "/reviews/plans/{plan:str}/open", WHY),
    ("finance", "/receivables/months/close", {"month": "2013-10", "reason": "reported"}),
    ("finance", "/receivables/months/open", {"month": "2013-10", "reason": "one came late"}),
    ("finance", "/receivables/documents/batch", {"documents": [CREDIT | {"number": "C1"}]}),
    ("finance", "/receivables/documents", INVOICE | {"number": "I2"}),
    ("finance", "/receivables/dealers/{code:str}/allocations", BY_HAND),
    ("finance", "/receivables/dealers/{code:str}/allocations/{allocation_id:int}/take-back", WHY),
    ("finance", "/receivables/dealers/{code:str}/allocations", BY_HAND),
    ("finance", "/receivables/dealers/{code:str}/reallocation", {"currency": "USD", "reason": "by the rules"}),
    ("finance", "/receivables/dealers/{code:str}/disputes", CONTESTED),
    ("finance", "/receivables/disputes/{dispute:int}/hand-on", WHY | {"owner": "another", "due_on": "2041-01-01"}),
    ("finance", "/receivables/disputes/{dispute:int}/end", WHY | {"outcome": "agreed"}),
    ("finance", "/receivables/dealers/{code:str}/write-offs", GIVEN_UP),
    ("another", "/receivables/waiting/{waiting:int}/approve", WHY),
    ("finance", "/receivables/dealers/{code:str}/write-offs", GIVEN_UP),
    ("another", "/receivables/waiting/{waiting:int}/refuse", WHY),
    ("finance", "/receivables/dealers/{code:str}/write-offs", GIVEN_UP),
    ("finance", "/receivables/waiting/{waiting:int}/withdraw", WHY),
    ("manager", "/receivables/dealers/{code:str}/promises", PROMISE),
    ("finance", "/receivables/promises/{promise:int}/cancel", WHY),
    ("finance", "/receivables/dealers/{code:str}/contact-log", SPOKEN),
    ("manager", "/receivables/contact-log/{entry:int}/correct", SPOKEN | WHY),
    ("finance", "/receivables/calls/next", {"after": "N-1"}),
    ("finance", "/receivables/dealers/{code:str}/call/claim", None),
    ("finance", "/receivables/dealers/{code:str}/call", SPOKEN | {"promised_amount": "5", "promised_on": "2030-01-02"}),
    ("finance", "/receivables/statements", {"dealer": "N-1"}),
    ("finance", "/receivables/statements/runs", {"territory": "East"}),
    ("finance", "/receivables/documents/{code:str}/{document_id:int}/reverse", WHY),
    ("finance", "/receivables/unknown-money", BANK_LINE),
    ("finance", "/receivables/unknown-money/{number:int}/assign", {"dealer": "N-1", "reason": "it is his"}),
    ("finance", "/receivables/unknown-money/{number:int}/take-back", WHY),
    ("finance", "/receivables/unknown-money/{number:int}/return", WHY),
    ("manager", "/tasks", {"what": "Call him", "within_days": 1, "dealer": "N-1"}),
    ("manager", "/tasks/{task:int}/put-off", {"until": "2013-12-20", "reason": "he is away"}),
    ("manager", "/tasks/{task:int}/hand-on", {"member": "F-1", "reason": "he owes"}),
    ("manager", "/tasks/hand-on", {"tasks": ["{task_id}"], "member": "M-1", "reason": "he pays"}),
    ("manager", "/tasks/{task:int}/done", {"note": "he came"}),
    ("manager", "/tasks", {"what": "Visit him", "due_on": "2013-12-20"}),
    ("manager", "/tasks/{task:int}/withdraw", WHY),
    ("administrator", "/calendar/days/take-back", WHY | {"day": "2014-01-01"}),
    ("manager", "/reviews/dealers/{dealer:str}/{review:int}/hand-on", WHY | {"member": "F-1"}),
    ("regional", "/reviews/dealers/{dealer:str}/{review:int}/decide", WHY),
    ("regional", "/reviews/dealers/{dealer:str}/{review:int}/hold/withdraw", WHY),
    ("regional", "/reviews/dealers/{dealer:str}/{review:int}/decide", WHY),
    ("finance", "/reviews/dealers/{dealer:str}/{review:int}/hold/refuse", WHY),
    ("regional", "/reviews/dealers/{dealer:str}/{review:int}/decide", WHY),
    ("finance", "/reviews/dealers/{dealer:str}/{review:int}/hold/approve", WHY),
    ("finance", "/reviews/together", WHY | {"mark": "looked at"}),
    ("manager", "/uploads?file_name=a.csv", None),
    ("manager", "/imports?kind=sell-in&dry_run=true", None),
    ("manager", "/imports/{load_id:int}/load", {"partial": True, "confirmed": True}),
    ("another", "/imports/{load_id:int}/word", {"word": "approve", "reason": "sound"}),
    ("administrator", "/staff", {"code": "S-9", "name": "Wang Min"}),
    ("manager", "/responsible", {"member": "S-9", "reason": "she knows them", "confirmed": "{mark}"}),
    ("administrator", "/staff/{member:str}/duties", {"duty": "collector", "from_on": "2013-01-01"}),
    ("administrator", "/staff/{member:str}/duties/{number:int}/end", {"to_on": "2030-01-01"}),
    ("administrator", "/staff", {"code": "S-10", "name": "Tang Wei", "first_on": "2013-01-01"}),
    ("administrator", "/staff/{member:str}/away", AWAY),
    ("administrator", "/staff/{member:str}/away/{number:int}/correct", AWAY | {"to_on": "2030-01-09"}),
    ("administrator", "/staff/{member:str}/away/{number:int}/end", {"to_on": "2030-01-04"}),
    ("administrator", "/outbox/test", {"address": "a@example.com"}),
    ("administrator", "/outbox/{mail:int}/send-again", {"reason": "mended"}),
    ("administrator", "/people", {"login": "ada", "name": "Ada", "role": "finance", "password": PASSWORD}),
    ("administrator", "/people/{login:str}/sign-out", None),
    ("administrator", "/people/{login:str}/password", {"password": ANOTHER, "reason": "lost"}),
    ("nobody", "/sign-in", {"login": "ada", "password": ANOTHER}),
    ("ada", "/me/password", {"old_password": ANOTHER, "password": PASSWORD}),
    ("ada", "/tokens", {"name": "mine", "days": 1}),
    ("ada", "/sign-out", None),
)
SECRET = {"/people", "/people/{login:str}/password", "/sign-in", "/me/password", "/tokens"}
FILES = {"/uploads", "/imports"}
COMPUTES = {
    "/credit/policies/check",
    "/credit/dealers/{code:str}/what-if",
    "/receivables/rules/check",
    "/receivables/documents/preview",
    "/reviews/plans/{of:str}/versions/check",
    "/responsible/preview",
}


def _writing_posts(app: Litestar) -> set[str]:
    return {
        route.path.removeprefix(V1)
        for route in app.routes
        if "POST" in getattr(route, "route_handler_map", {}) and route.path.startswith(V1)
    }


@pytest.fixture
async def owner(server: EmbeddedPostgres, database: str) -> AsyncIterator[Owner]:
    connection = await asyncpg.connect(server.dsn(OWNER, database))
    yield connection
    await connection.close()


@dataclass
class Walk:
    """Who walks, the service, and what was made last under the names of the places."""

    app: Litestar
    people: dict[str, Person]
    known: dict[str, str]
    clients: dict[str, httpx.AsyncClient] = field(default_factory=dict)

    async def client(self, who: str) -> httpx.AsyncClient:
        if who not in self.clients:
            made = httpx.AsyncClient(transport=httpx.ASGITransport(app=self.app), base_url="http://channel.test")
            if who != "nobody":
                token = self.known.get("token") if who == "ada" else await make_token(self.people[who])
                made.headers["authorization"] = f"Bearer {token}"
            self.clients[who] = made
        return self.clients[who]

    async def send(self, step: Step, key: str, **changed: object) -> httpx.Response:
        """Send the request of a step."""
        who, path, given = step
        path, _, query = path.partition("?")
        at = V1 + PLACE.sub(lambda place: self.known[place[1]], path)
        if path in FILES:
            content = FILE + b"\n" if changed else FILE
            return await (await self.client(who)).post(f"{at}?{query}", content=content, headers={KEY: key})
        shape = acts_of(self.app).get(("POST", V1 + path))
        body = self._filled(given if given is not None else {} if shape is None else valid_body(shape)) | changed
        if "confirmed" in body and path == "/responsible":
            if "looked_at" not in self.known:
                looked_at = await (await self.client(who)).post(f"{at}/preview", json={**body, "confirmed": ""})
                self.known["looked_at"] = looked_at.json()["mark"]
            body["confirmed"] = self.known["looked_at"]
        if "mark" in body:
            # What was looked at once, however it looks afterwards.
            mark = f"mark of {path}"
            self.known.setdefault(mark, (await (await self.client(who)).get(at)).json()["mark"])
            body["mark"] = self.known[mark]
        return await (await self.client(who)).post(at, json=body or None, headers={KEY: key})

    def _filled(self, body: dict[str, Any]) -> dict[str, Any]:
        """The body with what was made in the places that it has; a place by itself is a number."""
        filled: dict[str, Any] = {}
        for name, value in body.items():
            if isinstance(value, str) and value.endswith("_id}") and PLACE.fullmatch(value):
                filled[name] = int(self.known[value[1:-1]])
            elif isinstance(value, list) and all(isinstance(each, str) for each in value):
                told = [PLACE.sub(lambda place: self.known[place[1]], each) for each in value]
                filled[name] = list(map(int, told)) if value == ["{task_id}"] else told
            else:
                filled[name] = value
        return filled

    def learn(self, path: str, told: dict[str, Any]) -> None:
        """Remember what was made, under the name of its place; after a checked load the one that waits is next."""
        if path == "/imports/{load_id:int}/load":
            self.known["load_id"] = self.known["waiting_load"]
        if "/hold/" in path:
            self.known["review"] = str(int(self.known["review"]) + 1)
        for name, made_by, field_named in MADE_BY:
            if path.partition("?")[0] == made_by:
                found = told[LISTED[made_by]][0] if made_by in LISTED else told
                self.known[name] = str(found[field_named])


# Which answer tells what stands in a place afterwards, and in which of its fields; some tell it of each of several.
MADE_BY = (
    ("proposal", "/credit/dealers/{code:str}/proposals", "id"),
    ("run", "/credit/assess", "run"),
    ("version", "/credit/policies", "version"),
    ("version", "/receivables/rules", "version"),
    ("of", "/reviews/plans", "code"),
    ("plan", "/reviews/plans", "code"),
    ("version", "/reviews/plans/{of:str}/versions", "version"),
    ("document_id", "/receivables/documents", "id"),
    ("money_id", "/receivables/documents/batch", "id"),
    ("waiting", "/receivables/dealers/{code:str}/write-offs", "waits"),
    ("dispute", "/receivables/dealers/{code:str}/disputes", "id"),
    ("number", "/receivables/unknown-money", "id"),
    ("task", "/tasks", "id"),
    ("task_id", "/tasks", "id"),
    ("number", "/staff/{member:str}/duties", "id"),
    ("number", "/staff/{member:str}/away", "id"),
    ("number", "/staff/{member:str}/away/{number:int}/correct", "id"),
    ("number", "/receivables/unknown-money/{number:int}/take-back", "id"),
    ("promise", "/receivables/dealers/{code:str}/promises", "id"),
    ("entry", "/receivables/dealers/{code:str}/contact-log", "id"),
    ("token", "/sign-in", "token"),
)
LISTED = {
    "/receivables/documents": "documents",
    "/receivables/documents/batch": "documents",
    "/staff/{member:str}/duties": "held",
    "/staff/{member:str}/away": "away",
    "/staff/{member:str}/away/{number:int}/correct": "away",
}


async def _walk(app: Litestar) -> Walk:
    desk = await make_desk()
    for n in (2, 1):
        held = await make_dealer_selling(desk, f"D-{n}", 60_000 + n, type="wholesale")
    lines = csv_of("dealer,date,product,quantity,amount", "D-1,2013-11-05,P,2,200.00", "D-1,soon,P,1,1")
    await loaded(desk.manager, "sell-in", lines, period="2013-11", dealers=frozenset({"D-1"}), dry_run=True)
    people = {"manager": desk.manager, "finance": desk.finance, "regional": desk.east}
    for plan in ("receivables-weekly", "receivables-monthly", "limit-ends", "stale-files"):
        review = await make_review(held, "hold" if plan != "stale-files" else "keep", plan=plan)
    people["another"] = await make_person(Role.FINANCE, login="another")
    people["administrator"] = await make_person(Role.ADMINISTRATOR)
    await make_member(people["administrator"], "M-1", login=desk.manager.login, first_on=date(2013, 1, 1))
    await make_member(
        people["administrator"], "F-1", login=desk.finance.login, manager="M-1", first_on=date(2013, 1, 1)
    )
    async with acting(people["administrator"]) as keeper:
        await set_company_day(keeper, SetCompanyDay(day=date(2014, 1, 1), words="New Year"))
    async with acting(desk.finance):
        await close_month(desk.finance, CloseMonth(month="2013-09", reason="done"))
    late = csv_of("dealer,number,date,amount,due_on", "D-1,I-9,2013-09-05,10,2013-12-05")
    waits = await loaded(desk.finance, "invoices", late, ask=True, reason="it came late")
    assert waits["state"] == "waiting"
    known = {"code": "N-1", "login": "ada", "load_id": "3", "grant_id": "1", "allocation_id": "1", "member": "S-9"}
    known["mail"] = str(await make_unsent(people["administrator"]))
    return Walk(app, people, known | {"waiting_load": str(waits["id"]), "dealer": "D-1", "review": str(review - 3)})


def test_the_walk_comes_to_every_writing_post(app: Litestar) -> None:
    assert _writing_posts(app) - COMPUTES == {path.partition("?")[0] for _, path, _ in STEPS}


@on_day(AS_OF)
async def test_every_post_that_is_sent_again_under_its_key_is_done_once(app: Litestar, owner: Owner) -> None:
    walk = await _walk(app)
    for n, step in enumerate(STEPS):
        path = step[1].partition("?")[0]
        first = await walk.send(step, f"key-{n}")
        assert first.is_success, f"{path}: {first.status_code} {first.text}"
        after = await everything(owner)
        again = await walk.send(step, f"key-{n}")
        if path == "/sign-out":
            assert again.status_code == 401
        elif path in SECRET:
            assert (again.status_code, "shown once" in again.json()["title"]) == (409, True), f"{path}: {again.text}"
            assert [each for each in again.json()["errors"] if each["field"] == "done"], path
        else:
            assert (again.status_code, again.content) == (first.status_code, first.content), f"{path}: {again.text}"
            assert again.headers["idempotent-replayed"] == "true"
            assert "idempotent-replayed" not in first.headers
            assert {**again.headers, "idempotent-replayed": ""} == {**first.headers, "idempotent-replayed": ""}, path
            other = await walk.send(step, f"key-{n}", something="else")
            assert (other.status_code, other.json()["errors"][0]["field"]) == (409, KEY), f"{path}: {other.text}"
        changed = {name for name, told in (await everything(owner)).items() if told != after[name]}
        assert changed == set(), f"{path} has done something more"
        if first.content:
            walk.learn(step[1], first.json())


async def test_a_key_is_no_matter_where_nothing_is_written(
    api: Callable[..., Any], owner: Owner, database: str
) -> None:
    desk = await make_desk()
    client = await api(desk.finance)
    before = await everything(owner)
    for rounding in ("500", "100"):
        document = POLICY["document"] | {"rounding_unit": rounding}
        answer = await client.post(f"{V1}/credit/policies/check", json={"document": document}, headers={KEY: "one"})
        assert answer.status_code == 200
    assert await everything(owner) == before

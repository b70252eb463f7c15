"""Bounds that stand with a field, none too long for an index; and numbers of things, which are no amounts."""

import ast
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from litestar import Litestar

import channel
from channel.access.rules import Role
from channel.access.rules.signing_in import LONGEST_LOGIN
from channel.database import db
from tests.make.access import make_session
from tests.make.hostile import UNLIKE, addresses, forms_of
from tests.make.world import World, make_full_world

V1 = "/api/v1"
BIG = "99999999"
ROOT = Path(channel.__file__).parent
NUMBERED = {"id", "version", "run", "load", "number", "proposal", "assessment"}

# What keeps each text of an index within what an index takes, some 2,700 bytes.
BOUND = {
    "a code: 40 characters": {
        "dealer.code", "product.code", "product_line.code", "second_tier.code", "dealer.code_key", "product.code_key",
        "product_line.code_key", "second_tier.code_key", "receivable_document.number_key", "unknown_money.number_key",
        "staff_member.code", "staff_member.code_key", "duty.code", "duty.code_key", "review_plan.code",
        "review_run.plan", "review.plan", "review_plan_pause.plan", "review_step.step",
    },
    "a code of a territory: 400 characters": {"territory.code", "territory.code_key"},
    "a name: 200 characters": {"dealer.name", "territory.name", "import_profile.name"},
    "a login: 64 characters": {"person.login", "sign_in_failure.login"},
    "an address: cut at 100 characters": {"sign_in_failure.address", "sign_in_place.place"},
    "a person by login, of those of failed tries": {"audit_general.subject"},
    "a phone number: 60 characters": {"contact.phone"},
    "an account: 60 characters": {"receivable_document.payer_account"},
    "a document's number: 60 characters": {"sales_line.document", "sales_line.line_number"},
    "a key: 200 characters; its owner is a word of ours and a number": {"keyed_request.key", "keyed_request.owner"},
    "what a document belongs to: 200 characters": {"document_version.of", "document_act.of", "request_general.about"},
    "a factor: 100 characters": {"credit_fact.factor"},
    "a word of ours": {
        "setting.name", "document_version.paper", "document_act.paper", "request_dealer.about",
        "number_series.series", "dispute_reason.code", "observed_definition.code",
    },
    "a word of ours, or a number, or a code": {"work.key", "work.lane", "task_dealer.about", "task_general.about",
        "message_dealer.about", "message_general.about"},
    "made of 32 signs and a domain": {"mail.message_id"},
}  # fmt: skip


OURS = {
    "kind", "fact", "status", "state", "type", "currency", "dealer_currency", "digest", "grade", "level", "mimetype",
}  # fmt: skip
"""Columns that hold a word of a closed list, or what we compute ourselves."""


async def test_every_text_of_an_index_has_a_bound(database: str) -> None:
    async with db.held(db.EVERYTHING):
        rows = await db.fetch(
            """
            SELECT t.relname AS table, a.attname AS column, i.indexrelid::regclass::text AS index
            FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid JOIN pg_class x ON x.oid = i.indexrelid
            JOIN pg_am am ON am.oid = x.relam AND am.amname = 'btree'
            JOIN pg_attribute a ON a.attrelid = i.indexrelid JOIN pg_type y ON y.oid = a.atttypid
            WHERE t.relnamespace = 'public'::regnamespace AND y.typcategory = 'S'
            """
        )
    found = {f"{row['table']}.{row['column']}" for row in rows if row["column"] not in OURS}
    told = {column for columns in BOUND.values() for column in columns}
    assert found - told == set()
    assert told - found == set()


@pytest.mark.parametrize(
    ("method", "path", "body", "field"),
    [
        ("POST", "/dealers/D-1/contacts", {"name": "Lin", "phone": "+1 " + "()-. " * 300 + "5550100"}, "phone"),
        ("POST", "/credit/dealers/D-1/facts", {"fact": "score", "factor": UNLIKE, "amounts": ["5"]}, "factor"),
        ("PUT", f"/imports/profiles/sell-in/{UNLIKE[:300]}", {"columns": {"dealer": "dealer"}}, "name"),
        ("POST", "/territories", {"code": UNLIKE, "name": "x", "level": "region"}, "code"),
        ("POST", "/dealers/D-1/second-tier", {"code": UNLIKE, "name": "x", "kind": "direct"}, "code"),
    ],
)
async def test_what_is_too_long_for_an_index_is_refused_with_its_field(
    api: Callable[..., Any], database: str, method: str, path: str, body: dict[str, Any], field: str
) -> None:
    world = await make_full_world()
    client = await api(world.people[Role.FINANCE if path.startswith("/credit") else Role.MANAGER])
    answer = await client.request(method, V1 + path, json=body)
    assert (answer.status_code, [each["field"] for each in answer.json()["errors"]]) == (422, [field]), answer.text


async def test_a_sign_in_name_without_an_end_is_nobodys(app: Litestar, database: str) -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://channel.test") as nobody:
        for login in (UNLIKE, UNLIKE * 20, "a" * (LONGEST_LOGIN + 1)):
            wish = {"login": login, "password": "x" * 20, "name": "x", "days": 1}
            assert (await nobody.post(f"{V1}/sign-in", json=wish)).status_code == 401
        await nobody.get("/sign-in")
        form = {"login": UNLIKE * 20, "password": "x", "_csrf_token": nobody.cookies["csrftoken"]}
        assert (await nobody.post("/sign-in", data=form)).status_code == 401


async def _everywhere(app: Litestar, world: World) -> list[str]:
    told = []
    cookies = {"channel_session": await make_session(world.people[Role.MANAGER])}
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app), base_url="http://channel.test", cookies=cookies
    ) as browser:
        await browser.get("/dealers/D-1")
        token = {"_csrf_token": browser.cookies["csrftoken"]}
        for address in addresses(app):
            if ":int}" in address.path and not address.path.startswith("/api/"):
                path = address.at(dict.fromkeys(address.places(), BIG) | {"code": "D-1", "act": "approve"})
                answer = await browser.request(address.method, path, data=token if address.method == "POST" else None)
                told.append(f"{path}: {answer.text}")
        page = await browser.get("/credit/dealers/D-1")
        for form in forms_of(page.text):
            if "replaces" in form.fields or form.action.endswith("/proposals"):
                wish = {**form.fields, **token, "kind": "base", "amount": "7", "reason": "x", "replaces": BIG}
                told.append((await browser.post(form.action, data=wish)).text)
    return told


async def test_the_number_of_a_thing_is_no_amount(app: Litestar, database: str) -> None:
    told = await _everywhere(app, await make_full_world())
    assert sum(BIG in each for each in told) > 10
    assert [each[:300] for each in told if "99,999,999" in each] == []


def test_every_message_is_given_the_number_of_a_thing_as_a_text() -> None:
    wrong = []
    for path in ROOT.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "m":
                for word in node.keywords:
                    value = ast.unparse(word.value)
                    text = path.name in TEXTS_ALREADY and isinstance(word.value, ast.Name)
                    if word.arg in NUMBERED and not text and not value.startswith(("str(", "f'", 'f"')):
                        wrong.append(f"{path.relative_to(ROOT)}:{node.lineno} {word.arg}={value}")
    assert wrong == []


# Here the numbers come out of texts that are kept, and are texts themselves.
TEXTS_ALREADY = {"trail_words.py", "own_words.py", "completing.py"}


@pytest.mark.parametrize(
    ("options", "field", "reason"),
    [
        ('{"kind": "sell-in", "dry_run": "perhaps"}', "dry_run", "neither true nor false"),
        ('{"kind": "sell-in", "maps": 7}', "maps", "no list"),
        ('{"kind": "sell-in", "header_line": "²"}', "header_line", "no number"),
        ("[" * 1000, "options", "no JSON object"),
        ('{"kind": "sell-in", "huh": 1}', "huh", "no such option"),
    ],
)
async def test_what_is_wrong_with_an_option_is_told_by_its_field(
    api: Callable[..., Any], database: str, options: str, field: str, reason: str
) -> None:
    client = await api((await make_full_world()).people[Role.MANAGER])
    answer = await client.post(f"{V1}/imports", data={"options": options}, files={"file": ("a.csv", b"dealer\nD-1")})
    (error,) = answer.json()["errors"]
    assert (answer.status_code, error["field"], reason in error["reason"]) == (422, field, True), answer.text
    told = (
        await client.post(
            f"{V1}/imports",
            data={"options": options},
            files={"file": ("a.csv", b"dealer\nD-1")},
            headers={"accept-language": "zh"},
        )
    ).json()["errors"][0]
    assert not any(word in told["reason"] for word in ("Expected", "got", "malformed")), told


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/credit/dealers/D-1/what-if", {"overrides": {"inputs.terms_days": 1}}),
        ("/credit/dealers/D-1/what-if", {"overrides": {}, "policy_version": 10**400}),
        ("/credit/dealers/D-1/what-if", {"overrides": {}, "policy_version": 2**64}),
        ("/dealers/D-1/contacts", {"name": {"text": "x"}}),
        ("/credit/dealers/D-1/facts", {"fact": "score", "amounts": [{}]}),
        ("/credit/dealers/D-1/statements", {"period_end": "2020-12-31", "figures": {"net_worth": [1]}}),
        ("/credit/policies", []),
    ],
)
async def test_no_sentence_of_the_validator_is_told_as_it_is(
    api: Callable[..., Any], database: str, path: str, body: object
) -> None:
    client = await api((await make_full_world()).people[Role.FINANCE])
    answer = await client.post(V1 + path, json=body, headers={"accept-language": "zh"})
    assert 400 <= answer.status_code < 500, answer.text
    assert not any(word in answer.text for word in ("Expected", "`", "out of range", " got ")), answer.text

"""Files with lines of closed months: the whole load waits for a second person, and goes in with his approval."""

from collections.abc import Callable
from typing import Any

import asyncpg
import httpx
import pytest

from channel import clock
from channel.access.rules import Person, Role
from channel.database import db
from channel.desk.service.desk import desk_of
from channel.errors import Conflict, Forbidden, Invalid
from channel.imports.acts import LoadChecked, SayOfLoad, Word
from channel.imports.service.loads import load_checked
from channel.imports.service.waiting import say_of_load
from channel.imports.service.worker import run_waiting
from channel.receivables.acts.months import CloseMonth, OpenMonth
from channel.receivables.service.kept import reconcile_ledger
from channel.receivables.service.months import close_month, open_month
from tests.make.access import acting, make_person
from tests.make.dealers import make_dealer
from tests.make.races import second_of
from tests.make.receivables import moment
from tests.make.sales import csv_of, load_now
from tests.receivables.test_document_pages import text_of
from tests.receivables.test_loads import INVOICES, OPEN, load, messages, rows

Client = Callable[[Any], Any]
LATER = 100 * 24
V1 = "/api/v1/imports"
ASKED = {"ask": True, "reason": "they came late"}
FILE = csv_of(INVOICES, "D-1,I1,2025-01-05,100,2025-02-05", "D-1,I2,2025-03-05,50,2025-04-05")


@pytest.fixture
async def finance(database: str) -> Person:
    return await make_person(Role.FINANCE)


@pytest.fixture
async def second(finance: Person) -> Person:
    return await make_person(Role.FINANCE)


@pytest.fixture(autouse=True)
async def dealer(finance: Person) -> int:
    with clock.fixed(moment(0)):
        made = await make_dealer("D-1", currency="CNY", terms=30)
    await close(finance, "2025-01", LATER)
    return made


async def close(finance: Person, month: str, at: int) -> None:
    with clock.fixed(moment(at)):
        async with acting(finance):
            await close_month(finance, CloseMonth(month=month, reason="done"))


async def say(person: Person, load_id: int, word: Word, at: int) -> dict[str, Any]:
    with clock.fixed(moment(at)):
        async with acting(person):
            await say_of_load(person, load_id, SayOfLoad(word=word, reason="looked at"))
        await run_waiting()
        return await load_now(load_id)


async def open_now() -> list[object]:
    return sorted(row[0] for row in await rows(OPEN))


async def test_the_whole_load_waits_and_goes_in_with_the_approval(
    finance: Person, second: Person, owner: asyncpg.Connection
) -> None:
    waits = await load(finance, "invoices", FILE, at=LATER + 1, **ASKED)
    assert (waits["state"], waits["rejects"], waits["preview"]["second"]["params"]) == (
        "waiting", [], {"months": "2025-01"},
    )  # fmt: skip
    assert await open_now() == []
    with clock.fixed(moment(LATER + 2)):
        for person, waiting in ((finance, 0), (second, 1)):
            async with acting(person):
                assert (await desk_of(person)).named("loads_in_closed_months").open.waiting == waiting
        async with acting(finance):
            with pytest.raises(Conflict):
                await load_checked(finance, waits["id"], LoadChecked(confirmed=True))
    done = await say(second, waits["id"], Word.APPROVE, LATER + 3)
    assert (done["state"], done["counts"]["documents"], done["problem"]) == ("loaded", 2, None)
    assert await open_now() == ["I1", "I2"]
    with clock.fixed(moment(LATER + 4)):
        async with acting(second):
            assert await reconcile_ledger() == 0
    told = await owner.fetch("SELECT * FROM audit_general WHERE subject = $1 ORDER BY id", f"load {waits['id']}")
    assert [(row["act"], row["actor"]) for row in told] == [
        ("ask for load in closed months", finance.login),
        ("approve load in closed months", second.login),
        ("load invoices", finance.login),
    ]
    again = await load(finance, "invoices", FILE, at=LATER + 5)
    assert again["state"] == "unchanged"


async def test_without_asking_lines_of_closed_months_are_rejects_still(finance: Person) -> None:
    result = await load(finance, "invoices", FILE, at=LATER + 1)
    assert (result["state"], list(messages(result))) == ("refused", [2])


async def test_a_check_says_that_it_will_wait_and_asks_nobody(finance: Person, second: Person) -> None:
    checked = await load(finance, "invoices", FILE, at=LATER + 1, dry_run=True, **ASKED)
    assert (checked["state"], checked["preview"]["second"]["params"]) == ("checked", {"months": "2025-01"})
    with clock.fixed(moment(LATER + 2)):
        async with acting(second):
            assert (await desk_of(second)).named("loads_in_closed_months").open.waiting == 0
        async with acting(finance):
            await load_checked(finance, checked["id"], LoadChecked(confirmed=True))
        await run_waiting()
    assert ((await load_now(checked["id"]))["state"], await open_now()) == ("waiting", [])


async def test_a_file_without_closed_months_waits_for_nobody(finance: Person) -> None:
    content = csv_of(INVOICES, "D-1,I2,2025-03-05,50,2025-04-05")
    assert (await load(finance, "invoices", content, at=LATER + 1, **ASKED))["state"] == "loaded"


async def test_who_asked_does_not_decide_nor_who_may_not_close_months(finance: Person) -> None:
    waits = await load(finance, "invoices", FILE, at=LATER + 1, **ASKED)
    for person in (finance, await make_person(Role.MANAGER), await make_person(Role.AUDITOR)):
        with clock.fixed(moment(LATER + 2)):
            async with acting(person):
                with pytest.raises(Forbidden):
                    await say_of_load(person, waits["id"], SayOfLoad(word=Word.APPROVE, reason="so"))
    assert ((await load_now(waits["id"]))["state"], await open_now()) == ("waiting", [])


@pytest.mark.parametrize("word", [Word.REFUSE, Word.WITHDRAW])
async def test_refused_or_withdrawn_nothing_is_loaded(word: Word, finance: Person, second: Person) -> None:
    waits = await load(finance, "invoices", FILE, at=LATER + 1, **ASKED)
    ended = await say(finance if word is Word.WITHDRAW else second, waits["id"], word, LATER + 2)
    assert (ended["state"], ended["problem"]["title"]["params"]["reason"]) == ("refused", "looked at")
    assert await open_now() == []
    with clock.fixed(moment(LATER + 3)):
        async with acting(second):
            with pytest.raises(Conflict):
                await say_of_load(second, waits["id"], SayOfLoad(word=Word.APPROVE, reason="so"))
    # It may be asked for once more.
    assert (await load(finance, "invoices", FILE, at=LATER + 4, **ASKED))["state"] == "waiting"


async def test_two_approve_at_once_and_it_is_loaded_once(finance: Person, second: Person) -> None:
    waits = await load(finance, "invoices", FILE, at=LATER + 1, **ASKED)
    third = await make_person(Role.FINANCE)
    with clock.fixed(moment(LATER + 2)):

        async def approve(person: Person) -> object:
            return await say_of_load(person, waits["id"], SayOfLoad(word=Word.APPROVE, reason="so"))

        assert isinstance(await second_of(second, lambda: approve(second), lambda: approve(third)), Conflict)
        await run_waiting()
    assert (await load_now(waits["id"]))["state"] == "loaded"
    assert await open_now() == ["I1", "I2"]


async def test_what_was_approved_is_what_goes_in(finance: Person, second: Person) -> None:
    waits = await load(finance, "invoices", FILE, at=LATER + 1, **ASKED)
    await close(finance, "2025-02", LATER + 2)
    await close(finance, "2025-03", LATER + 2)
    anew = await say(second, waits["id"], Word.APPROVE, LATER + 3)
    assert (anew["state"], anew["preview"]["second"]["params"]) == ("waiting", {"months": "2025-01, 2025-02, 2025-03"})
    assert (anew["request_id"] != waits["request_id"], await open_now()) == (True, [])
    assert (await say(second, waits["id"], Word.APPROVE, LATER + 4))["state"] == "loaded"


async def test_checks_are_made_anew_and_an_open_month_needs_nobody(finance: Person, second: Person) -> None:
    waits = await load(finance, "invoices", FILE, at=LATER + 1, **ASKED)
    await load(finance, "invoices", csv_of(INVOICES, "D-1,I2,2025-03-06,7,"), at=LATER + 2)
    with clock.fixed(moment(LATER + 3)):
        async with acting(finance):
            await open_month(finance, OpenMonth(month="2025-01", reason="a mistake"))
    refused = await say(second, waits["id"], Word.APPROVE, LATER + 4)
    assert (refused["state"], list(messages(refused))) == ("refused", [3])
    assert await open_now() == ["I2"]


async def test_whoever_may_load_no_more_loads_nothing_when_it_is_approved(finance: Person, second: Person) -> None:
    waits = await load(finance, "invoices", FILE, at=LATER + 1, **ASKED)
    async with db.held(db.EVERYTHING):
        await db.execute("UPDATE person SET active = false WHERE id = $1", finance.person_id)
    done = await say(second, waits["id"], Word.APPROVE, LATER + 2)
    assert (done["state"], await open_now()) == ("refused", [])


@pytest.mark.parametrize(
    ("kind", "options", "field"),
    [
        ("invoices", {"ask": True}, "reason"),
        ("sell-in", ASKED, "ask"),
        ("invoices", {**ASKED, "reason": "x" * 2001}, "reason"),
    ],
)
async def test_what_cannot_be_asked_is_refused(kind: str, options: dict[str, Any], field: str, finance: Person) -> None:
    person = finance if kind == "invoices" else await make_person(Role.MANAGER)
    with pytest.raises(Invalid) as refused:
        await load(person, kind, FILE, at=LATER + 1, **options)
    assert [each.field for each in refused.value.errors] == [field]


async def test_over_the_api(api: Client, finance: Person, second: Person) -> None:
    one, other = await api(finance), await api(second)
    with clock.fixed(moment(LATER + 1)):
        asked = {"kind": "invoices", "file_name": "a.csv", "ask": "true", "reason": "late"}
        made = await one.post(V1, params=asked, content=FILE)
        assert made.status_code == 202, made.text
        at = f"{V1}/{made.json()['id']}"
        await run_waiting()
        told: httpx.Response = await other.get(at)
        assert (told.json()["state"], told.json()["preview"]["second"]) == (
            "waiting", "It changes figures of closed months: 2025-01.",
        )  # fmt: skip
        word = {"word": "approve", "reason": "so"}
        assert (await one.post(f"{at}/word", json=word)).status_code == 403
        assert (await (await api(await make_person(Role.REGIONAL))).post(f"{at}/word", json=word)).status_code == 404
        assert (await other.post(f"{at}/word", json=word | {"word": "perhaps"})).status_code == 422
        assert (await other.post(f"{at}/word", json=word)).json()["state"] == "queued"
        await run_waiting()
        assert (await one.get(at)).json()["state"] == "loaded"


async def test_the_page_of_a_check_says_that_it_will_wait(finance: Person, browser: Any) -> None:  # noqa: ANN401 - a fixture
    checked = await load(finance, "invoices", FILE, at=LATER + 1, dry_run=True, **ASKED)
    with clock.fixed(moment(LATER + 2)):
        page = text_of(await (await browser(finance)).get(f"/imports/{checked['id']}"))
    assert "It changes figures of closed months: 2025-01. It will wait for a second person" in page
    assert "Ask a second person for it" in page
    assert "All lines can be loaded" not in page


async def test_the_page_of_a_check_with_rejects_says_so_too(finance: Person, browser: Any) -> None:  # noqa: ANN401 - a fixture
    checked = await load(finance, "invoices", FILE + b"D-9,X,2025-01-05,1,\n", at=LATER + 1, dry_run=True, **ASKED)
    with clock.fixed(moment(LATER + 2)):
        page = text_of(await (await browser(finance)).get(f"/imports/{checked['id']}"))
    assert "1 line cannot be loaded." in page
    assert "It changes figures of closed months: 2025-01. It will wait for a second person" in page
    assert "Ask a second person for the other" in page
    assert "Load the other" not in page


async def test_on_the_page(finance: Person, second: Person, browser: Any) -> None:  # noqa: ANN401 - a fixture
    waits = await load(finance, "invoices", FILE, at=LATER + 1, **ASKED)
    at = f"/imports/{waits['id']}"
    with clock.fixed(moment(LATER + 2)):
        mine, his = await browser(finance), await browser(second)
        page = text_of(await mine.get(at))
        assert "It waits for a second person" in page
        assert "they came late" in page
        assert "Withdraw it" in page
        assert "Approve, and load it" not in page
        assert "Approve, and load it" in text_of(await his.get(at))
        form = {"word": "approve", "reason": "so", "_csrf_token": his.cookies["csrftoken"]}
        assert (await his.post(f"{at}/word", data=form)).status_code == 303
        await run_waiting()
        assert "The file is loaded." in text_of(await mine.get(at))

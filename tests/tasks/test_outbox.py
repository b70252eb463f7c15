"""Messages leave as mail: at least once, as one mail, in the receiver's scope and language, or it is told why not."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import httpx
import pytest

from channel import clock
from channel.access.rules import Person, Role
from channel.app import ROOMS, use_rooms
from channel.brings import Brings
from channel.database import db
from channel.errors import Conflict, Forbidden
from channel.lists import ALL
from channel.tasks.acts import SendAgain, SendTest
from channel.tasks.queries.outbox import MailFilter, NewMessage
from channel.tasks.rules.outbox import RESENDING, MailState, Why
from channel.tasks.service.mail_ways import use_mail
from channel.tasks.service.morning import MORNINGS, WRITTEN
from channel.tasks.service.outbox import GATHERED, SENT, outbox, send_again, send_test
from channel.work.service import run_due
from tests.make.access import acting, make_person
from tests.make.limits import propose_limit
from tests.make.mail import WISHES, Taken, mail_server, text_of, told
from tests.make.world import World, make_world

MONDAY = datetime.fromisoformat("2027-03-01T12:00:00+00:00")
WORKS = [GATHERED, SENT, MORNINGS, WRITTEN]


@pytest.fixture
async def world(database: str) -> World:
    """The small world, and a room that tells wishes."""
    use_rooms((*ROOMS, Brings(messages=(WISHES,))))
    return await make_world()


@pytest.fixture
async def post(world: World) -> AsyncIterator[Taken]:
    """The mail server to which everything goes."""
    async with mail_server() as taken:
        use_mail("channel@example.com", "https://channel.example.com", taken.url, Path("/nowhere"))
        yield taken


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    with clock.fixed(moment):
        yield


async def writes_to(person: Person, email: str | None = None, messages: str = "at-once", locale: str = "en") -> None:
    async with db.held(db.EVERYTHING), db.transaction():
        await db.execute(
            "UPDATE person SET email = $2, messages = $3, locale = $4 WHERE id = $1",
            person.person_id,
            email or f"{person.login}@example.com",
            messages,
            locale,
        )


def wish(person: Person, world: World, dealer: str | None = "D-1", about: str = "a", **told: object) -> NewMessage:
    assert person.person_id is not None
    return NewMessage(person.person_id, about, told, 0 if dealer is None else world.dealer_ids[dealer])


async def run_at(moment: datetime) -> int:
    with at(moment):
        return await run_due(WORKS)


async def mails(world: World) -> list[tuple[str, str, str | None]]:
    """For whom, state and why of every mail, the first first."""
    async with acting(world.people[Role.ADMINISTRATOR]) as keeper:
        rows = (await outbox(keeper, MailFilter(), ALL)).items
    return [(row["login"], row["state"], row["why"]) for row in reversed(rows)]


async def test_a_message_leaves_in_its_receivers_language_and_leads_to_where_it_is_done(
    world: World, post: Taken
) -> None:
    finance, manager = world.people[Role.FINANCE], world.people[Role.MANAGER]
    await writes_to(finance, "fang@example.com", locale="zh")
    await told(manager, wish(finance, world, note="x"))
    await run_due(WORKS)
    (mail,) = post.mails
    assert post.receivers == [["fang@example.com"]]
    assert (mail["From"], mail["To"]) == ("channel <channel@example.com>", "fang@example.com")
    assert mail["Subject"] == "Dealer D-1 尚未评级"
    assert mail["Content-Language"] == "zh-Hans"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Message-ID"].endswith("@example.com>")
    text = text_of(mail)
    assert text.startswith("Dealer D-1 尚未评级\n")
    assert "https://channel.example.com/dealers/D-1\n" in text
    assert "https://channel.example.com/account" in text
    assert await mails(world) == [(finance.login, MailState.SENT, None)]
    await run_due(WORKS)
    assert len(post.mails) == 1


async def test_what_was_killed_between_sending_and_writing_it_down_leaves_again_as_the_same_mail(
    world: World, post: Taken
) -> None:
    finance = world.people[Role.FINANCE]
    await writes_to(finance)
    await told(world.people[Role.MANAGER], wish(finance, world))
    worker = asyncio.ensure_future(run_due(WORKS))
    post.while_taking = worker.cancel
    with pytest.raises(asyncio.CancelledError):
        await worker
    assert len(post.mails) == 1
    assert await mails(world) == [(finance.login, MailState.WAITING, None)]
    post.while_taking = lambda: None
    await run_due(WORKS)
    first, second = post.mails
    assert first["Message-ID"] == second["Message-ID"]
    assert text_of(first) == text_of(second)
    assert await mails(world) == [(finance.login, MailState.SENT, None)]


async def test_of_one_act_one_mail_and_nothing_to_whoever_did_it(world: World, post: Taken) -> None:
    finance, manager = world.people[Role.FINANCE], world.people[Role.MANAGER]
    await writes_to(finance)
    await writes_to(manager)
    await told(manager, *(wish(each, world, dealer) for each in (finance, manager) for dealer in ("D-1", "D-2", None)))
    await told(manager, wish(finance, world))
    await run_due(WORKS)
    (mail,) = post.mails
    assert mail["To"] == f"{finance.login}@example.com"
    assert mail["Subject"] == "3 messages"
    assert [text_of(mail).count(f"Dealer {code} has no grade") for code in ("D-1", "D-2")] == [1, 1]
    await told(manager, wish(finance, world))
    await run_due(WORKS)
    assert len(post.mails) == 1


async def test_nobody_is_told_of_a_dealer_whom_he_may_not_see_when_it_is_sent(world: World, post: Taken) -> None:
    regional, elsewhere = world.people[Role.REGIONAL], world.elsewhere
    await writes_to(regional)
    await writes_to(elsewhere)
    for person in (regional, elsewhere):
        await told(world.people[Role.MANAGER], wish(person, world, "D-1"), wish(person, world, "D-2"))
    async with db.held(db.EVERYTHING), db.transaction():
        # Between the telling and the sending.
        await db.execute("UPDATE dealer SET territory_id = $1 WHERE code = 'D-1'", world.territories["North"])
    await run_due(WORKS)
    assert {mail["To"] for mail in post.mails} == {"regional-2@example.com"}
    assert post.mails[0]["Subject"] == "2 messages"
    assert sorted(await mails(world)) == [
        ("regional-1", MailState.NOT_SENT, Why.NOTHING_LEFT),
        ("regional-2", MailState.SENT, None),
    ]


async def test_the_right_is_asked_for_as_the_scope_is(world: World, post: Taken) -> None:
    finance = world.people[Role.FINANCE]
    await writes_to(finance)
    await told(world.people[Role.MANAGER], wish(finance, world))
    async with db.held(db.EVERYTHING), db.transaction():
        await db.execute("UPDATE person SET role = 'auditor' WHERE id = $1", finance.person_id)
    await run_due(WORKS)
    assert len(post.mails) == 1  # an auditor sees credit
    use_rooms((*ROOMS, Brings(messages=())))
    await told(world.people[Role.MANAGER], wish(finance, world, about="b"))
    await run_due(WORKS)
    assert (await mails(world))[-1] == (finance.login, MailState.NOT_SENT, Why.NOTHING_LEFT)


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ("email = NULL", Why.NO_ADDRESS),
        ("messages = 'none'", Why.WANTS_NONE),
        ("active = false", Why.GONE),
    ],
)
@pytest.mark.parametrize("late", [False, True])
async def test_who_cannot_be_written_to_is_told_to_the_keeper(
    world: World, post: Taken, changed: str, why: Why, late: bool
) -> None:
    finance, admin = world.people[Role.FINANCE], world.people[Role.ADMINISTRATOR]
    await writes_to(finance)
    await told(world.people[Role.MANAGER], wish(finance, world))
    if late:  # it is in a mail already
        await run_due([GATHERED])
    async with db.held(db.EVERYTHING), db.transaction():
        await db.execute(f"UPDATE person SET {changed} WHERE id = $1", finance.person_id)
    await run_due(WORKS)
    assert post.mails == []
    assert await mails(world) == [(finance.login, MailState.NOT_SENT, why)]
    await writes_to(finance)
    async with db.held(db.EVERYTHING), db.transaction():
        await db.execute("UPDATE person SET active = true WHERE id = $1", finance.person_id)
    async with acting(admin):
        await send_again(admin, 1, SendAgain(reason="he is back"))
        with pytest.raises(Conflict):
            await send_again(admin, 1, SendAgain())
    await run_due(WORKS)
    assert len(post.mails) == 1


async def test_what_does_not_leave_is_tried_with_growing_pauses_and_given_up_after_days(
    world: World, post: Taken
) -> None:
    finance, admin = world.people[Role.FINANCE], world.people[Role.ADMINISTRATOR]
    await writes_to(finance)
    with at(MONDAY):
        await told(world.people[Role.MANAGER], wish(finance, world))
        post.answers = ["451 try again later"] * RESENDING.most
        await run_due(WORKS)
        await run_due(WORKS)
    assert len(post.answers) == RESENDING.most - 1
    async with acting(admin):
        (row,) = (await outbox(admin, MailFilter(), ALL)).items
    assert row["attempts"] == 1
    assert "try again later" in row["fault"]
    assert row["next_at"] == MONDAY + timedelta(minutes=1)
    moment = MONDAY
    for attempt in range(1, RESENDING.most):
        pause = RESENDING.pause_after(attempt)
        assert pause is not None
        moment += pause
        await run_at(moment)
    assert post.answers == []
    assert timedelta(days=3) < moment - MONDAY < timedelta(days=4)
    assert await mails(world) == [(finance.login, MailState.GIVEN_UP, Why.TOO_OFTEN)]
    async with acting(admin):
        (row,) = (await outbox(admin, MailFilter(MailState.GIVEN_UP), ALL)).items
        assert "try again later" in row["fault"]
        await send_again(admin, row["id"], SendAgain())
    await run_at(moment)
    assert await mails(world) == [(finance.login, MailState.SENT, None)]


async def test_what_a_server_refuses_for_good_is_not_tried_again(world: World, post: Taken) -> None:
    finance, admin = world.people[Role.FINANCE], world.people[Role.ADMINISTRATOR]
    await writes_to(finance)
    post.refuses = {"finance-1@example.com": "550 no such mailbox"}
    await told(world.people[Role.MANAGER], wish(finance, world))
    await run_due(WORKS)
    async with acting(admin):
        (row,) = (await outbox(admin, MailFilter(), ALL)).items
    assert (row["state"], row["why"], row["next_at"]) == (MailState.GIVEN_UP, Why.REFUSED, None)
    assert "no such mailbox" in row["fault"]


async def test_a_server_that_is_away_keeps_nothing_up(world: World) -> None:
    use_mail("channel@example.com", "https://channel.example.com", "smtp://127.0.0.1:1", Path("/nowhere"))
    finance = world.people[Role.FINANCE]
    await writes_to(finance)
    await told(world.people[Role.MANAGER], wish(finance, world))
    await run_due(WORKS)
    assert await mails(world) == [(finance.login, MailState.WAITING, None)]
    admin = world.people[Role.ADMINISTRATOR]
    async with acting(admin):
        (row,) = (await outbox(admin, MailFilter(), ALL)).items
    assert row["attempts"] == 1
    assert row["next_at"] > clock.now()
    assert "127.0.0.1" in row["fault"]


async def test_the_password_goes_to_the_server_and_nowhere_else(world: World, caplog: pytest.LogCaptureFixture) -> None:
    admin = world.people[Role.ADMINISTRATOR]
    async with mail_server(asks=True) as taken:
        url = taken.url.replace("smtp://", "smtp://channel:se%40cret@")
        use_mail("channel@example.com", "https://channel.example.com", url, Path("/nowhere"))
        async with acting(admin):
            await send_test(admin, SendTest(address="somebody@example.com"))
        taken.answers = ["451 not now"]
        with at(clock.now()):
            await run_due(WORKS)
        await run_at(clock.now() + timedelta(minutes=2))
    assert taken.logins == [("channel", "se@cret")] * 2
    assert [mail["To"] for mail in taken.mails] == ["somebody@example.com"]
    assert "cret" not in caplog.text
    async with db.held(db.EVERYTHING):
        kept = [await db.fetch(f"SELECT * FROM {table}") for table in ("mail", "work", "audit_general")]
    assert "cret" not in str(kept)


async def test_without_a_server_mail_lies_in_a_folder_whole_and_once(world: World, tmp_path: Path) -> None:
    folder = tmp_path / "mail"
    use_mail("channel@localhost", "http://127.0.0.1:8000", None, folder)
    finance = world.people[Role.FINANCE]
    await writes_to(finance)
    await told(world.people[Role.MANAGER], wish(finance, world))
    await run_due(WORKS)
    (file,) = folder.iterdir()
    assert file.suffix == ".eml"
    assert file.stat().st_mode & 0o077 == 0
    assert "To: finance-1@example.com" in file.read_text()
    async with db.held(db.EVERYTHING), db.transaction():
        sent = await db.fetchval("SELECT message_id FROM mail")
    assert sent == f"<{file.stem}@localhost>"


async def test_the_outbox_is_for_whoever_keeps_the_settings(world: World) -> None:
    for role in (Role.FINANCE, Role.MANAGER, Role.AUDITOR, Role.REGIONAL):
        person = world.people[role]
        async with acting(person):
            with pytest.raises(Forbidden):
                await outbox(person, MailFilter(), ALL)
            with pytest.raises(Forbidden):
                await send_again(person, 1, SendAgain())
            with pytest.raises(Forbidden):
                await send_test(person, SendTest(address="a@example.com"))


async def test_a_person_may_be_told_a_thousand_things_in_one_mail(world: World, post: Taken) -> None:
    finance = world.people[Role.FINANCE]
    await writes_to(finance)
    some = [wish(finance, world, None, f"{number}") for number in range(1000)]
    await told(await make_person(Role.MANAGER), *some)
    await run_due(WORKS)
    (mail,) = post.mails
    assert mail["Subject"] == "1000 messages"
    text = text_of(mail)
    assert text.count("nobody has no grade") == 50
    assert "and 950 more\nhttps://channel.example.com/messages\n" in text


async def test_a_morning_mail_gathers_what_waits_and_what_happened_on_working_days(world: World, post: Taken) -> None:
    finance, manager = world.people[Role.FINANCE], world.people[Role.MANAGER]
    await writes_to(finance, messages="daily")
    await writes_to(manager, messages="daily")
    friday = datetime.fromisoformat("2027-03-05T06:00:00+00:00")
    with at(friday - timedelta(hours=12)):
        await run_due(WORKS)
        await told(manager, wish(finance, world), wish(finance, world, "D-2"))
        async with acting(manager):
            await propose_limit(manager, "D-1", "base", amount=Decimal(100), reason="asked for")
        await run_due(WORKS)
    await run_at(friday)
    assert post.mails == []
    await run_at(friday + timedelta(hours=1, minutes=5))
    # The manager has nothing to decide and was told nothing: he gets no mail.
    (mail,) = post.mails
    assert mail["To"] == "finance-1@example.com"
    assert "5 Mar 2027" in mail["Subject"]
    text = text_of(mail)
    assert text.index("Waits for your word") < text.index("What happened")
    assert "https://channel.example.com/credit/proposals/1" in text
    assert [text.count(f"Dealer {code} has no grade") for code in ("D-1", "D-2")] == [1, 1]
    # The company works on Monday again; what was told on Saturday waits until then, what waits still is told again.
    with at(friday + timedelta(days=1)):
        await told(manager, wish(finance, world, about="later"))
        await run_due(WORKS)
    await run_at(friday + timedelta(days=2, hours=2))
    assert len(post.mails) == 1
    await run_at(friday + timedelta(days=3, hours=1))
    assert len(post.mails) == 2
    assert text_of(post.mails[1]).count("has no grade") == 1
    assert "/credit/proposals/1" in text_of(post.mails[1])


async def test_two_services_write_one_mail_of_a_morning(world: World, post: Taken) -> None:
    finance = world.people[Role.FINANCE]
    await writes_to(finance, messages="daily")
    with at(MONDAY - timedelta(days=1)):
        await run_due(WORKS)
        await told(world.people[Role.MANAGER], wish(finance, world))
    with at(MONDAY):
        await asyncio.gather(run_due(WORKS), run_due(WORKS))
        await run_due(WORKS)
    assert len(post.mails) == 1
    async with acting(world.people[Role.ADMINISTRATOR]) as admin:
        assert [row["kind"] for row in (await outbox(admin, MailFilter(), ALL)).items] == ["daily"]


async def test_who_chooses_otherwise_has_what_waits_as_he_wants_it_now(world: World, post: Taken) -> None:
    finance = world.people[Role.FINANCE]
    await writes_to(finance, messages="daily")
    with at(MONDAY - timedelta(days=1)):
        await run_due(WORKS)
        await told(world.people[Role.MANAGER], wish(finance, world))
        await run_due(WORKS)
    await writes_to(finance, messages="at-once")
    await run_at(MONDAY)
    assert [mail["Subject"] for mail in post.mails] == ["Dealer D-1 has no grade"]


async def test_nothing_that_is_written_ends_a_line_of_the_head(world: World, post: Taken) -> None:
    finance = world.people[Role.FINANCE]
    await writes_to(finance)
    async with db.held(db.EVERYTHING), db.transaction():
        await db.execute("UPDATE dealer SET name = $1 WHERE code = 'D-1'", "Harbour\r\nBcc: all@example.com\n\nEvil")
    await told(world.people[Role.MANAGER], wish(finance, world))
    await run_due(WORKS)
    (mail,) = post.mails
    assert mail["Bcc"] is None
    assert mail["Subject"] == "Harbour Bcc: all@example.com Evil has no grade"
    assert post.receivers == [["finance-1@example.com"]]
    assert text_of(mail).startswith("Harbour Bcc: all@example.com Evil has no grade\n")


async def test_mail_that_does_not_leave_stands_on_the_desk_of_the_administrator(
    world: World, post: Taken, browser: Callable[..., Awaitable[httpx.AsyncClient]]
) -> None:
    finance = world.people[Role.FINANCE]
    await writes_to(finance)
    post.answers = ["451 the disk is full"]
    await told(world.people[Role.MANAGER], wish(finance, world))
    await run_due(WORKS)
    page = (await (await browser(world.people[Role.ADMINISTRATOR])).get("/")).text
    assert "Mail 1 to finance-1 does not leave" in page
    assert "the disk is full" in page
    assert "Mail 1" not in (await (await browser(finance)).get("/")).text
    shown = await (await browser(world.people[Role.ADMINISTRATOR])).get("/outbox")
    assert "the disk is full" in shown.text
    assert "Dealer D-1" not in shown.text

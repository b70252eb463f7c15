"""Duties of members of staff: what they add, for whom, and who may give them."""

from collections.abc import Awaitable, Callable
from datetime import date, timedelta

import httpx
import pytest

from channel import clock
from channel.access.acts import ChangeMember, ChangePerson, EndDuty, GiveDuty, KeepDuty, MakeToken
from channel.access.rules import ADDED_BY_DUTIES, HELPED_BY_DUTIES, WHOLE_COMPANY, Person, Right, Role
from channel.access.service import add_own_token, change_person, duties, person_behind, person_of_token, scope_of, staff
from channel.app import ROOMS
from channel.database import db
from channel.errors import Conflict, Forbidden, Invalid, NotFound
from tests.make.access import acting, give, make_member, make_person, make_token
from tests.make.races import second_of
from tests.make.sales import csv_of, loaded
from tests.make.world import World, make_world

V1 = "/api/v1"
Client = Callable[[Person], Awaitable[httpx.AsyncClient]]
DECIDING = {
    Right.DECIDE_LIMIT, Right.DECIDE_POLICY, Right.KEEP_PEOPLE, Right.KEEP_SETTINGS, Right.READ_AUDIT, Right.OPERATE,
    Right.CLOSE_MONTHS, Right.WRITE_OFF, Right.DECIDE_REVIEWS, Right.DECIDE_HOLDS,
}  # fmt: skip


@pytest.fixture
async def world(database: str) -> World:
    return await make_world()


@pytest.fixture
async def second(world: World) -> Person:
    """Another administrator."""
    return await make_person(Role.ADMINISTRATOR, login="administrator-2")


async def keep(administrator: Person, code: str, *rights: Right) -> None:
    async with acting(administrator):
        await duties.keep_duty(administrator, KeepDuty(code=code, name=code.title(), rights=list(rights)))


async def as_now(person: Person) -> Person:
    """The person as the next request has him."""
    token = await make_token(person)
    async with db.held(db.EVERYTHING):
        found = await person_of_token(token)
    assert found is not None
    return found


async def charged(administrator: Person, person: Person, code: str, *rights: Right) -> None:
    """A member of the person's sign-in with a duty that adds these rights."""
    await keep(administrator, code, *rights)
    await make_member(administrator, f"M-{person.login}", login=person.login)
    await give(administrator, f"M-{person.login}", code)


def test_no_duty_adds_what_decides_or_holds_for_everybody() -> None:
    assert ADDED_BY_DUTIES.keys() & (DECIDING | WHOLE_COMPANY) == set()
    assert ADDED_BY_DUTIES.keys() & {each.kind.decides for room in ROOMS for each in room.deciding} == set()
    for role in Role:
        person = Person("x", "X", role, added=frozenset(Right))
        for right in DECIDING | WHOLE_COMPANY:
            assert person.may(right) == Person("x", "X", role).may(right), (role, right)


@pytest.mark.parametrize("right", sorted(DECIDING | WHOLE_COMPANY))
def test_what_a_duty_may_not_add_is_refused(right: Right) -> None:
    with pytest.raises(Invalid):
        KeepDuty(code="x", name="X", rights=[right])


async def test_the_database_keeps_them_out_too(database: str) -> None:
    async with db.held(db.EVERYTHING):
        for right in sorted(DECIDING | WHOLE_COMPANY):
            with pytest.raises(Exception, match="duty_decides_nothing"):
                await db.execute("INSERT INTO duty (code, name, rights) VALUES ($1, 'x', $2)", right, [right.value])


async def test_the_shipped_duties_add_nothing(world: World) -> None:
    async with acting(world.people[Role.FINANCE]) as person:
        found = (await duties.duties(person)).items
    codes = ("head-of-region", "collector", "market-representative", "key-account-manager", "technical", "recruiter")
    assert {row["code"]: row["rights"] for row in found} == {code: [] for code in codes}


async def test_a_duty_adds_its_rights_on_its_days_while_the_member_is_there(world: World) -> None:
    admin, finance = world.people[Role.ADMINISTRATOR], world.people[Role.FINANCE]
    today = clock.today()
    await keep(admin, "keeper", Right.KEEP_DEALERS)
    await make_member(admin, "M", login=finance.login, last_on=today + timedelta(days=20))
    async with acting(admin):
        act = GiveDuty(duty="Keeper", from_on=today + timedelta(days=1), to_on=today + timedelta(days=3))
        await duties.give_duty(admin, "m", act)
    at_noon = clock.now()
    for days, may in ((0, False), (1, True), (2, True), (3, False)):
        with clock.fixed(at_noon + timedelta(days=days)):
            now = await as_now(finance)
            assert (now.may(Right.KEEP_DEALERS), now.may(Right.KEEP_PRODUCTS)) == (may, False), days
    with clock.fixed(at_noon + timedelta(days=1)):
        async with acting(admin):
            await staff.change_member(admin, "M", ChangeMember(last_on=today))
        assert not (await as_now(finance)).may(Right.KEEP_DEALERS)


@pytest.mark.parametrize("role", [each for each in Role if each not in {Role.SYSTEM, Role.OPERATOR}])
async def test_who_audits_or_keeps_people_gets_no_hand_in_the_work(world: World, second: Person, role: Role) -> None:
    person = world.people[role]
    await charged(second, person, "poster", Right.POST_DOCUMENTS)
    assert (await as_now(person)).may(Right.POST_DOCUMENTS) == (role in HELPED_BY_DUTIES)


async def test_a_duty_is_asked_at_every_door_and_widens_no_scope(api: Client, world: World) -> None:
    admin, regional = world.people[Role.ADMINISTRATOR], world.people[Role.REGIONAL]
    client = await api(regional)
    fact = {"fact": "grade", "value": "B", "reason": "pays late"}
    assert (await client.post(f"{V1}/dealers/D-1/facts", json=fact)).status_code == 403
    await charged(admin, regional, "grader", Right.CHANGE_DEALER_FACTS)
    assert (await client.post(f"{V1}/dealers/D-1/facts", json=fact)).is_success
    assert (await client.post(f"{V1}/dealers/D-2/facts", json=fact)).status_code == 404
    now = await as_now(regional)
    assert scope_of(now) == scope_of(regional)
    async with db.held(db.EVERYTHING):
        behind = await person_behind(regional.person_id, None, None)
    assert behind is not None
    assert behind.may(Right.CHANGE_DEALER_FACTS)


async def test_a_narrowed_token_has_the_rights_of_its_person_and_its_own_bounds(world: World) -> None:
    admin, finance = world.people[Role.ADMINISTRATOR], world.people[Role.FINANCE]
    await charged(admin, finance, "keeper", Right.KEEP_DEALERS)
    async with acting(finance):
        token = await add_own_token(finance, MakeToken(name="north", territories=["North"]))
        narrow = await person_of_token(token.text)
    whole = await as_now(finance)
    assert narrow is not None
    assert {each for each in Right if narrow.may(each)} == {each for each in Right if whole.may(each)} - WHOLE_COMPANY
    assert (narrow.bound, narrow.territory_ids) == (True, (world.territories["North"],))
    machine = Person("machine:x", "x", Role.SYSTEM, added=frozenset(Right))
    assert machine.may(Right.GRANT_EXCLUSIVITY) is False


async def test_nobody_gives_a_duty_to_himself_by_an_act(world: World, second: Person) -> None:
    admin = world.people[Role.ADMINISTRATOR]
    await make_member(admin, "ME", login=admin.login)
    with pytest.raises(Conflict):
        await give(admin, "ME", "collector")
    await give(second, "ME", "collector")
    # Nor more rights to one that he has, nor has he it longer.
    with pytest.raises(Conflict):
        await keep(admin, "collector", Right.SEE_RECEIVABLES)
    await keep(admin, "technical", Right.SEE_RECEIVABLES)
    await keep(second, "collector", Right.SEE_RECEIVABLES)
    await keep(admin, "collector")


async def test_nobody_links_a_member_with_duties_to_himself(world: World, second: Person) -> None:
    admin = world.people[Role.ADMINISTRATOR]
    await make_member(admin, "ME")
    await give(admin, "ME", "collector", clock.today() + timedelta(days=400))
    async with acting(admin):
        with pytest.raises(Invalid) as refused:
            await staff.change_member(admin, "ME", ChangeMember(login=admin.login.upper()))
    assert [each.field for each in refused.value.errors] == ["login"]
    async with acting(second):
        await staff.change_member(second, "ME", ChangeMember(login=admin.login))
    async with acting(admin):  # what else is changed of him is no matter
        await staff.change_member(admin, "ME", ChangeMember(name="Me", last_on=date(2190, 1, 1)))


@pytest.mark.parametrize(
    ("line", "field"),
    [
        ("ME,Me,,collector", "duties"),
        ("S-1,Su Min,administrator-1,", "login"),
        ("S-9,Nine,administrator-1,collector", "duties"),
        ("S-9,Nine,Administrator-1,technical;collector", "duties"),
    ],
)
async def test_nobody_gives_a_duty_to_himself_by_file(world: World, second: Person, line: str, field: str) -> None:
    admin = world.people[Role.ADMINISTRATOR]
    if line.startswith("ME"):
        await make_member(admin, "ME", login=admin.login)
    content = csv_of("code,name,login,duties", line)
    done = await loaded(admin, "staff", content)
    assert (done["state"], done["counts"]["rejected"]) == ("refused", 1)
    async with db.held(db.EVERYTHING):
        reasons = await db.fetchval("SELECT reasons FROM import_reject ORDER BY load_id DESC LIMIT 1")
    assert field in str(reasons)
    assert (await loaded(second, "staff", content))["state"] == "loaded"


async def test_a_file_gives_duties_and_ends_none(api: Client, world: World) -> None:
    admin = world.people[Role.ADMINISTRATOR]
    lines = csv_of("code,name,duties", "S-1,Su Min,Technical", "S-7,Seven,collector;recruiter", "S-8,Eight,no such")
    done = await loaded(admin, "staff", lines, partial=True)
    assert (done["counts"]["added"], done["counts"]["changed"], done["counts"]["rejected"]) == (1, 1, 1)
    client = await api(world.people[Role.MANAGER])
    found = {each["code"]: each["duties"] for each in (await client.get(f"{V1}/staff")).json()["items"]}
    assert (found["S-1"], found["S-7"]) == (["head-of-region", "technical"], ["collector", "recruiter"])
    assert (await loaded(admin, "staff", lines, partial=True))["counts"]["changed"] == 0
    with_it = (await client.get(f"{V1}/staff", params={"duty": "TECHNICAL"})).json()["items"]
    assert [each["code"] for each in with_it] == ["S-1"]


async def test_a_duty_ends_today_at_the_earliest_and_stays_on_record(api: Client, world: World) -> None:
    admin, today = world.people[Role.ADMINISTRATOR], clock.today()
    await give(admin, "S-2", "collector", today + timedelta(days=9))
    client = await api(admin)
    (later, first) = [(await client.get(f"{V1}/staff/{code}")).json()["held"][0]["id"] for code in ("S-2", "S-1")]
    async with acting(admin):
        with pytest.raises(Invalid):
            await duties.end_duty(admin, "S-1", first, EndDuty(to_on=today - timedelta(days=1)))
        await duties.end_duty(admin, "S-1", first, EndDuty(to_on=today))
        with pytest.raises(Invalid):
            await duties.end_duty(admin, "S-1", first, EndDuty(to_on=today))
        with pytest.raises(NotFound):
            await duties.end_duty(admin, "S-2", first, EndDuty(to_on=today))
        # What has not begun is taken back, and is none.
        await duties.end_duty(admin, "S-2", later, EndDuty(to_on=today))
    (held,) = (await client.get(f"{V1}/staff/S-1")).json()["held"]
    assert (held["duty"], held["from_on"], held["to_on"]) == ("head-of-region", "2020-01-01", today.isoformat())
    assert (await client.get(f"{V1}/staff/S-2")).json()["held"] == []
    assert (await client.get(f"{V1}/staff/S-1")).json()["duties"] == []
    await give(admin, "S-1", "head-of-region", today)
    with pytest.raises(Invalid):
        await give(admin, "S-1", "head-of-region", today - timedelta(days=30))


async def test_nobody_but_who_keeps_people_gives_or_ends(world: World) -> None:
    for role in (Role.MANAGER, Role.FINANCE, Role.REGIONAL, Role.AUDITOR):
        async with acting(world.people[role]) as person:
            for done in (
                duties.give_duty(person, "S-1", GiveDuty(duty="collector", from_on=clock.today())),
                duties.end_duty(person, "S-1", 1, EndDuty(to_on=clock.today())),
                duties.keep_duty(person, KeepDuty(code="x", name="X")),
            ):
                with pytest.raises(Forbidden):
                    await done


async def test_another_role_takes_no_rights_along(world: World, second: Person) -> None:
    finance = world.people[Role.FINANCE]
    await charged(second, finance, "keeper", Right.KEEP_DEALERS)
    async with acting(second):
        await change_person(second, finance.login, ChangePerson(role=Role.AUDITOR))
    async with db.held(db.EVERYTHING):
        now = await person_behind(finance.person_id, None, None)
    assert now is not None
    assert (now.role, now.may(Right.KEEP_DEALERS)) == (Role.AUDITOR, False)


async def test_who_takes_a_member_for_his_own_sign_in_meets_who_gives_the_duty(world: World) -> None:
    """The one gives a duty while the other makes the member his own: whoever is second sees what the first has done."""
    admin = world.people[Role.ADMINISTRATOR]
    await make_member(admin, "ME")
    refused = await second_of(
        admin,
        lambda: duties.give_duty(admin, "ME", GiveDuty(duty="collector", from_on=clock.today())),
        lambda: staff.change_member(admin, "ME", ChangeMember(login=admin.login)),
    )
    assert isinstance(refused, Invalid)

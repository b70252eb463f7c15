from dataclasses import replace
from datetime import UTC, datetime

import asyncpg
import pytest

from channel import clock, lists
from channel.access import queries, service
from channel.access.queries import trail
from channel.access.rules import OPERATOR, Person, Role
from channel.database import db
from channel.errors import Conflict, Forbidden, Invalid
from channel.lists import ALL, Wanted
from tests.make.access import acting, adding, make_person, make_territories
from tests.make.dealers import make_dealer

TRAILS = ("audit_general", "audit_dealer")


async def test_what_was_written_down_cannot_be_changed_or_deleted(database: str) -> None:
    auditor = await make_person(Role.AUDITOR)
    async with acting(OPERATOR), db.transaction():
        await service.audit(OPERATOR, "reconcile", "a thing", after={"x": 1})
    for person in (auditor, OPERATOR):
        for table in TRAILS:
            for statement in (
                f"UPDATE {table} SET reason = 'other'",
                f"DELETE FROM {table}",
                f"TRUNCATE {table}",
                f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY",
                f"DROP TABLE {table}",
            ):
                async with acting(person):
                    with pytest.raises(asyncpg.InsufficientPrivilegeError):
                        await db.execute(statement)
    async with acting(auditor):
        assert await db.fetchval("SELECT count(*) FROM audit_general WHERE act = 'reconcile' AND reason IS NULL") == 1


async def test_the_catalogue_grants_no_more_than_reading_and_adding(database: str) -> None:
    async with db.held(db.EVERYTHING):
        rows = await db.fetch(
            "SELECT t.name, p.privilege FROM unnest($1::text[]) AS t (name),"
            " unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER'])"
            " AS p (privilege)"
            " WHERE has_table_privilege(current_user, t.name, p.privilege)"
            " OR (p.privilege = 'UPDATE' AND has_any_column_privilege(current_user, t.name, 'UPDATE')) ORDER BY 1, 2",
            list(TRAILS),
        )
    assert [(row["name"], row["privilege"]) for row in rows] == [
        (table, right) for table in sorted(TRAILS) for right in ("INSERT", "SELECT")
    ]


async def test_an_act_that_fails_leaves_no_line(database: str) -> None:
    async def fail() -> None:
        async with db.transaction():
            await service.audit(OPERATOR, "reconcile", "half a thing")
            raise LookupError

    async with acting(OPERATOR):
        with pytest.raises(LookupError):
            await fail()
        with pytest.raises(RuntimeError):
            await service.audit(OPERATOR, "reconcile", "outside of a transaction")
    async with acting(await make_person(Role.AUDITOR)):
        assert await db.fetchval("SELECT count(*) FROM audit_general WHERE act = 'reconcile'") == 0


async def test_only_those_who_audit_search_the_trail(database: str) -> None:
    for role in (Role.MANAGER, Role.FINANCE, Role.SYSTEM, Role.OPERATOR):
        person = OPERATOR if role is Role.OPERATOR else await make_person(Role.MANAGER)
        async with acting(person):
            with pytest.raises(Forbidden):
                await service.audit_lines(person, queries.AuditFilter(), ALL)


async def test_a_file_is_refused_rather_than_cut_off(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trail, "MOST_ROWS", 3)
    monkeypatch.setattr(lists, "MOST_ROWS", 3)
    auditor = await make_person(Role.AUDITOR)
    async with acting(OPERATOR), db.transaction():
        for number in range(4):
            await service.audit(OPERATOR, "reconcile", f"thing {number}")
    async with acting(auditor):
        found = await service.audit_lines(auditor, queries.AuditFilter(subject="thing 1"), ALL)
        assert len(found.items) == 1
        with pytest.raises(Invalid):
            await service.audit_lines(auditor, queries.AuditFilter(), ALL)


@pytest.mark.usefixtures("no_currency")
async def test_the_company_currency_is_set_once_lines_exist(database: str) -> None:
    async with acting(OPERATOR):
        with pytest.raises(Conflict, match="not set"):
            await service.company_currency()
        assert await service.fix_company_currency("USD", has_lines=False) == "USD"
        assert await service.company_currency() == "USD"
        assert await service.fix_company_currency("EUR", has_lines=False) == "EUR"
        assert await service.fix_company_currency("EUR", has_lines=True) == "EUR"
        with pytest.raises(Conflict, match=r"is GBP, but this company counts in EUR"):
            await service.fix_company_currency("GBP", has_lines=True)
        assert await service.company_currency() == "EUR"
    auditor = await make_person(Role.AUDITOR)
    async with acting(auditor):
        lines = (await service.audit_lines(auditor, queries.AuditFilter(act="set company currency"), ALL)).items
    assert [(line["before"], line["after"]) for line in lines] == [("USD", "EUR"), (None, "USD")]


async def test_what_is_past_is_cleared_away(database: str) -> None:
    noon = datetime(2026, 5, 4, 12, tzinfo=UTC)
    with clock.fixed(noon):
        async with db.held():
            await service.add_person(OPERATOR, adding("li.wei", Role.FINANCE, password="correct horse battery"))
            cookie = await service.sign_in("li.wei", "correct horse battery", address="192.0.2.1", agent="")
            for login in ("a", "b"):
                await queries.record_failure(login, "192.0.2.1", noon)
            assert await service.forget_old() == 0
            assert await service.person_of_session(cookie) is not None
    with clock.fixed(noon.replace(month=7)):
        async with db.held():
            assert await service.forget_old() == 4


async def test_what_concerns_a_dealer_is_read_by_those_who_see_the_dealer(database: str) -> None:
    ids = await make_territories("East/Harbour City", "North")
    docks, hill = (
        await make_dealer("D-1", territory=ids["Harbour City"]),
        await make_dealer("D-2", territory=ids["North"]),
    )
    async with acting(OPERATOR), db.transaction():
        await service.audit(OPERATOR, "change dealer", "both dealers", dealer_ids=(docks, hill))
        await service.audit(OPERATOR, "change dealer", "no dealer")
    found = queries.AuditFilter(act="change dealer")

    async def seen(person: Person) -> list[tuple[str, str | None]]:
        async with acting(person):
            lines = (await service.audit_lines(person, found, ALL)).items
            return [(line["trail"], line["dealer"]) for line in lines]

    auditor = await make_person(Role.AUDITOR)
    assert await seen(auditor) == [("general", None), ("dealer", "D-2"), ("dealer", "D-1")]
    narrowed = replace(auditor, bound=True, narrowed=True, territory_ids=(ids["East"],))
    assert await seen(narrowed) == [("dealer", "D-1")]
    async with acting(auditor):
        by_dealer = await service.audit_lines(auditor, queries.AuditFilter(act="change dealer", dealer="D-2"), ALL)
        assert [line["subject"] for line in by_dealer.items] == ["both dealers"]
        first = await queries.audit_lines(found, Wanted(limit=1))
        behind = await queries.audit_lines(found, Wanted(cursor=first.next))
        assert [line["dealer"] for line in behind.items] == ["D-2", "D-1"]

    regional = await make_person(Role.REGIONAL, ids["East"])
    async with acting(regional):
        assert [line["act"] for line in await queries.audit_of_dealer(docks, 1)] == ["change dealer"]
        assert await queries.audit_of_dealer(hill, 10) == []
        (latest,) = await queries.audit_of_dealer(docks, 1)
        older = await queries.audit_of_dealer(docks, 10, after=(latest["at"], latest["id"]))
        assert all(line["act"] != "change dealer" for line in older)
        assert older

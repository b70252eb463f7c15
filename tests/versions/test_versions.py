"""A further kind of document: drafted, decided by another person, in force from a day, as known at a moment."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import asyncpg
import pytest

from channel import clock
from channel.access.queries.trail import AuditFilter, audit_lines
from channel.access.rules import Person
from channel.acts import Why
from channel.database import db
from channel.database.embedded import EmbeddedPostgres
from channel.database.snapshots import view_of
from channel.edits import Overtaken
from channel.errors import Conflict, Forbidden, Invalid, NotFound
from channel.lists import Wanted
from channel.versions import queries, service
from channel.versions.acts import ApproveVersion, DraftVersion, EditVersion
from channel.versions.rules import written
from tests.make.access import acting
from tests.make.limits import Desk
from tests.make.service_terms import OF_WORKSHOPS, TERMS, Costs, Repairs, ServiceTerms

BECAUSE = Why(reason="for the season")
AGREED = ApproveVersion(reason="agreed")


def _text(effective_from: date | None = None, **document: Any) -> DraftVersion:  # noqa: ANN401 - any JSON
    return DraftVersion(document=document, effective_from=effective_from or clock.today(), note="quicker")


async def _draft(person: Person, effective_from: date | None = None, **document: Any) -> int:  # noqa: ANN401 - any JSON
    async with acting(person):
        return await service.draft(person, TERMS, _text(effective_from, **document))


async def _put_in_force(desk: Desk, effective_from: date | None = None, **document: Any) -> int:  # noqa: ANN401 - any JSON
    version = await _draft(desk.manager, effective_from, **document)
    async with acting(desk.manager):
        await service.propose(desk.manager, TERMS, version, BECAUSE)
    async with acting(desk.finance):
        await service.approve(desk.finance, TERMS, version, AGREED)
    return version


async def test_nothing_counts_until_another_person_has_approved_it(desk: Desk) -> None:
    version = await _draft(desk.third, repairs={"most_days": 5})
    async with acting(desk.second):
        act = EditVersion(document={"repairs": {"most_days": 6}}, effective_from=clock.today())
        await service.edit(desk.second, TERMS, version, act)
        await service.propose(desk.second, TERMS, version, BECAUSE)
    for person in (desk.second, desk.third, desk.manager, desk.machine):
        async with acting(person):
            with pytest.raises(Forbidden):
                await service.approve(person, TERMS, version, AGREED)
    async with acting(desk.finance):
        with pytest.raises(NotFound, match="None is effective"):
            await service.in_force(TERMS, view_of())
        await service.approve(desk.finance, TERMS, version, AGREED)
        assert await service.in_force(TERMS, view_of()) == ServiceTerms(repairs=Repairs(most_days=6), version=version)
        acts = await queries.acts((TERMS.code, "", version))
        assert [(row["act"], row["person"]) for row in acts] == [
            ("draft", "finance-3"), ("edit", "finance-2"), ("propose", "finance-2"), ("approve", "finance-1"),
        ]  # fmt: skip
        for act in (service.refuse, service.withdraw, service.propose):
            with pytest.raises(Conflict):
                await act(desk.finance, TERMS, version, BECAUSE)
    async with acting(desk.auditor):
        trail = {(row["act"], row["subject"]) for row in (await audit_lines(AuditFilter(), Wanted(limit=20))).items}
    assert {(f"{act} service terms", f"service terms {version}") for act in ("draft", "propose", "approve")} <= trail


async def test_the_proposer_takes_it_back_and_another_person_refuses_it(desk: Desk) -> None:
    version = await _draft(desk.finance)
    async with acting(desk.finance):
        await service.propose(desk.finance, TERMS, version, BECAUSE)
        with pytest.raises(Forbidden, match="withdraw it"):
            await service.refuse(desk.finance, TERMS, version, BECAUSE)
    async with acting(desk.second):
        with pytest.raises(Forbidden, match="another person refuses it"):
            await service.withdraw(desk.second, TERMS, version, BECAUSE)
        await service.refuse(desk.second, TERMS, version, Why(reason="too mild"))
        assert (await service.version_of(desk.second, TERMS, version)).state == "refused"
        (*_, last) = await queries.acts((TERMS.code, "", version))
        assert (last["act"], last["person"], last["reason"]) == ("refuse", "finance-2", "too mild")


@pytest.mark.parametrize("proposed", [True, False])
async def test_what_is_taken_back_is_decided_no_more(desk: Desk, *, proposed: bool) -> None:
    version = await _draft(desk.manager)
    async with acting(desk.manager):
        if proposed:
            await service.propose(desk.manager, TERMS, version, BECAUSE)
        await service.withdraw(desk.manager, TERMS, version, Why(reason="wrong"))
        assert (await service.version_of(desk.manager, TERMS, version)).state == "withdrawn"
        (*_, last) = await queries.acts((TERMS.code, "", version))
        assert (last["act"], last["reason"]) == ("withdraw", "wrong")
        with pytest.raises(Conflict, match="is withdrawn"):
            await service.propose(desk.manager, TERMS, version, BECAUSE)
        assert await db.execute("UPDATE document_version SET note = 'other' WHERE paper = $1", TERMS.code) == 0


async def test_the_trail_says_what_has_become_of_it(desk: Desk) -> None:
    version = await _put_in_force(desk)
    async with acting(desk.auditor):
        lines = {
            row["act"]: (row["before"], row["after"], row["reason"])
            for row in (await audit_lines(AuditFilter(), Wanted(limit=20))).items
            if row["subject"] == TERMS.subject(version)
        }
    assert lines["propose service terms"] == (None, {"state": "proposed"}, "for the season")
    assert lines["approve service terms"] == ({"state": "open"}, {"state": "approved"}, "agreed")


async def test_a_version_that_comes_with_the_service_has_always_counted(
    desk: Desk, server: EmbeddedPostgres, database: str
) -> None:
    ship = "SELECT ship_document('service terms', '{\"name\": \"shipped\"}', 'with the service')"
    async with acting(desk.manager):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await db.execute(ship)
    owner = await asyncpg.connect(server.dsn("channel_owner", database))
    await owner.execute(ship)
    await owner.close()
    async with acting(desk.auditor):
        found = await service.in_force(TERMS, view_of(date(1900, 1, 1), datetime(1950, 1, 1, tzinfo=UTC)))
        assert (found.name, found.version) == ("shipped", 1)
        (act,) = await queries.acts((TERMS.code, "", 1))
        assert (act["act"], act["person"], act["reason"]) == ("approve", "channel", "with the service")
        assert await db.execute("UPDATE document_version SET note = 'other' WHERE paper = $1", TERMS.code) == 0


async def test_what_counts_follows_the_day_and_what_was_known(desk: Desk) -> None:
    today = clock.today()
    first = await _put_in_force(desk, today + timedelta(days=1), name="first")
    between = clock.now()
    with clock.fixed(between + timedelta(hours=1)):
        later = await _put_in_force(desk, today + timedelta(days=1), name="later for the same day")
        last = await _put_in_force(desk, today + timedelta(days=9), name="last")
    async with acting(desk.east):
        days = [today + timedelta(days=days) for days in (1, 8, 9)]
        counting = await service.in_force_at(TERMS, [view_of(day) for day in days])
        assert [each.version for each in counting] == [later, later, last]
        assert (await service.in_force(TERMS, view_of(days[2], between))).version == first
        with pytest.raises(NotFound):
            await service.in_force(TERMS, view_of(today))


async def test_versions_of_one_thing_are_not_those_of_another(desk: Desk) -> None:
    async with acting(desk.manager):
        for workshop in ("W-1", "W 2"):
            version = await service.draft(desk.manager, OF_WORKSHOPS, _text(name=f"of {workshop}"), workshop)
            assert version == 1
            await service.propose(desk.manager, OF_WORKSHOPS, 1, BECAUSE, workshop)
        with pytest.raises(NotFound, match="no workshop W-3"):
            await service.draft(desk.manager, OF_WORKSHOPS, _text(), "W-3")
        assert await service.versions_of(desk.manager, TERMS) == []
    async with acting(desk.finance):
        await service.approve(desk.finance, OF_WORKSHOPS, 1, AGREED, "W 2")
        assert (await service.in_force(OF_WORKSHOPS, view_of(), "W 2")).name == "of W 2"
        with pytest.raises(NotFound):
            await service.in_force(OF_WORKSHOPS, view_of(), "W-1")
        with pytest.raises(Conflict, match="Terms 1 of W 2 is approved"):
            await service.refuse(desk.finance, OF_WORKSHOPS, 1, BECAUSE, "W 2")


async def test_a_version_is_compared_with_the_approved_one_before_it(desk: Desk) -> None:
    first = await _put_in_force(desk)
    await _draft(desk.manager, name="left as a draft")
    third = await _draft(desk.manager, costs={"share_rate": "0.5"})
    async with acting(desk.auditor):
        before, after, changes = await service.compare(desk.auditor, TERMS, third)
        assert (before.version, after.version) == (first, third)
        assert [(each.path, each.before, each.after) for each in changes] == [("costs.share_rate", None, "0.5")]
        with pytest.raises(NotFound):
            await service.compare(desk.auditor, TERMS, first)


async def test_a_wrong_or_overtaken_text_is_kept_out_of_the_draft(desk: Desk) -> None:
    version = await _draft(desk.manager)
    opened = {"document": written(ServiceTerms()), "effective_from": clock.today().isoformat(), "note": "quicker"}
    async with acting(desk.second):
        changed = EditVersion(document={"costs": {"spare_machine": True}}, effective_from=clock.today(), opened=opened)
        await service.edit(desk.second, TERMS, version, changed)
        again = EditVersion(document={"name": "mine"}, effective_from=clock.today(), opened=opened)
        with pytest.raises(Overtaken) as refused:
            await service.edit(desk.second, TERMS, version, again)
        assert {each.field for each in refused.value.errors} == {"costs.spare_machine", "note"}
        for wrong in ({"no": "document"}, {"document": 1, "effective_from": "2013-01-01"}):
            broken = EditVersion(document={}, effective_from=clock.today(), opened=wrong)
            with pytest.raises(Invalid, match="cannot be used"):
                await service.edit(desk.second, TERMS, version, broken)
        with pytest.raises(Invalid):
            await service.draft(desk.second, TERMS, _text(repairs={"pace": "same_day"}))
        found = await service.version_of(desk.second, TERMS, version)
        assert (found.document.costs, found.author_ids) == (
            Costs(spare_machine=True), tuple(sorted({desk.manager.person_id, desk.second.person_id})),
        )  # fmt: skip
        assert len(await service.versions_of(desk.second, TERMS)) == 1


async def test_rights_are_those_of_the_kind(desk: Desk) -> None:
    version = await _draft(desk.manager)
    async with acting(desk.east):
        assert (await service.version_of(desk.east, TERMS, version)).state == "draft"
        for act in (service.propose, service.refuse, service.withdraw):
            with pytest.raises(Forbidden):
                await act(desk.east, TERMS, version, BECAUSE)
        with pytest.raises(Forbidden):
            await service.draft(desk.east, TERMS, _text())

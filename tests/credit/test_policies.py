"""Policies: drafted by one, decided by another, dated, and never changed once they are approved."""

from datetime import timedelta
from decimal import Decimal

import pytest

from channel import clock
from channel.credit.rules import POLICY
from channel.credit.service.explain import explain, recompute
from channel.database.snapshots import view_of
from channel.errors import Conflict, Forbidden, Invalid, NotFound
from channel.versions import queries
from channel.versions.rules import written
from channel.versions.service import compare, in_force, version_of, versions_of
from tests.make.access import acting
from tests.make.credit import DEFAULT_POLICY
from tests.make.limits import (
    AS_OF,
    Desk,
    approve_policy,
    assess,
    draft_policy,
    edit_policy,
    make_dealer_selling,
    make_desk,
    propose_policy,
    refuse_policy,
    withdraw_policy,
)


def _document(**sections: object) -> dict[str, object]:
    document = written(DEFAULT_POLICY)
    for name, value in sections.items():
        document[name] = document[name] | value if isinstance(value, dict) else value
    return document


async def _draft(desk: Desk, days: int = 0, **sections: object) -> int:
    async with acting(desk.manager):
        return await draft_policy(desk.manager, _document(**sections), clock.today() + timedelta(days=days), "stricter")


async def test_another_person_than_authors_and_proposer_approves(database: str) -> None:
    desk = await make_desk()
    version = await _draft(desk, rounding_unit="1000")
    async with acting(desk.finance):
        await edit_policy(desk.finance, version, _document(rounding_unit="500"), clock.today(), "less strict")
    async with acting(desk.second):
        await propose_policy(desk.second, version, "for this year")
        with pytest.raises(Conflict):
            await edit_policy(desk.second, version, _document(), clock.today(), "late")
        with pytest.raises(Forbidden):
            await approve_policy(desk.second, version, "mine")
    async with acting(desk.finance):
        with pytest.raises(Forbidden):
            await approve_policy(desk.finance, version, "mine")
    async with acting(desk.manager):
        with pytest.raises(Forbidden):
            await approve_policy(desk.manager, version, "no right")
    before = clock.now()
    async with acting(desk.third):
        await approve_policy(desk.third, version, "agreed")
        found = await version_of(desk.third, POLICY, version)
        assert (found.state, found.approver, found.document.rounding_unit) == ("approved", "finance-3", 500)
        assert [row["act"] for row in await queries.acts((POLICY.code, "", version))] == [
            "draft", "edit", "propose", "approve",
        ]  # fmt: skip
        today = clock.today()
        assert (await in_force(POLICY, view_of(today))).version == version
        assert (await in_force(POLICY, view_of(today, before))).version == 1, "as known before, the old one counts"
        assert (await in_force(POLICY, view_of(today - timedelta(days=1)))).version == 1
        with pytest.raises(Conflict):
            await refuse_policy(desk.third, version, "too late")
        with pytest.raises(Conflict):
            await edit_policy(desk.third, version, _document(), today, "too late")


async def test_a_wrong_document_is_refused_with_every_error(database: str) -> None:
    desk = await make_desk()
    async with acting(desk.manager):
        with pytest.raises(Invalid) as refused:
            await draft_policy(desk.manager, {"floor": "-1", "capz": {}}, clock.today(), "")
        assert {error.field for error in refused.value.errors} == {"floor", "capz"}
        assert len(await versions_of(desk.manager, POLICY)) == 1
        with pytest.raises(NotFound):
            await version_of(desk.manager, POLICY, 99)
    async with acting(desk.east):
        with pytest.raises(Forbidden):
            await draft_policy(desk.east, _document(), clock.today(), "")


async def test_a_day_that_is_over_cannot_be_proposed(database: str) -> None:
    desk = await make_desk()
    version = await _draft(desk, days=-1)
    async with acting(desk.manager):
        with pytest.raises(Conflict, match="is over"):
            await propose_policy(desk.manager, version, "backdated")
        await withdraw_policy(desk.manager, version, "wrong day")
        with pytest.raises(Conflict):
            await propose_policy(desk.manager, version, "again")


async def test_a_day_that_has_come_meanwhile_is_postponed_by_the_approver(database: str) -> None:
    desk = await make_desk()
    version = await _draft(desk, days=1)
    async with acting(desk.manager):
        await propose_policy(desk.manager, version, "agreed")
    proposed_for = clock.today() + timedelta(days=1)
    with clock.fixed(clock.now() + timedelta(days=5)):
        today = clock.today()
        async with acting(desk.second):
            with pytest.raises(Conflict, match="give a later day when you approve it"):
                await approve_policy(desk.second, version, "late")
            for day, refusal in ((proposed_for - timedelta(days=1), Invalid), (today - timedelta(days=1), Conflict)):
                with pytest.raises(refusal):
                    await approve_policy(desk.second, version, "late", day)
            assert (await version_of(desk.second, POLICY, version)).effective_from == proposed_for, (
                "nothing was changed"
            )
            await approve_policy(desk.second, version, "late", today)
            found = await version_of(desk.second, POLICY, version)
            assert (found.state, found.effective_from) == ("approved", today)
            (_, _, last) = await queries.acts((POLICY.code, "", version))
            assert last["reason"] == f"late ({today.isoformat()})"


async def test_a_policy_is_compared_with_the_one_before(database: str) -> None:
    desk = await make_desk()
    version = await _draft(desk, caps={"rise_rate": "0.25"}, rounding_unit="1000")
    async with acting(desk.auditor):
        before, after, changes = await compare(desk.auditor, POLICY, version)
        assert (before.version, after.version) == (1, version)
        assert [(each.path, each.before, each.after) for each in changes] == [
            ("caps.rise_rate", "0.5", "0.25"),
            ("rounding_unit", "100", "1000"),
        ]
        assert [str(label) for label in changes[0].labels] == ["Caps", "Largest rise per assessment"]


async def test_a_kept_assessment_is_computed_under_its_own_policy(database: str) -> None:
    desk = await make_desk()
    await make_dealer_selling(desk, "D-1", "60123")
    async with acting(desk.finance):
        run = await assess(desk.finance, dealer="D-1", view=view_of(AS_OF))
    version = await _draft(desk, rounding_unit="1000")
    async with acting(desk.manager):
        await propose_policy(desk.manager, version, "rounder")
    async with acting(desk.second):
        await approve_policy(desk.second, version, "agreed")
    with clock.fixed(clock.now() + timedelta(seconds=1)):
        async with acting(desk.finance):
            assert (await explain(desk.finance, "D-1", view_of(clock.today()))).decision.policy_version == version
            assert (await explain(desk.finance, "D-1", view_of(AS_OF))).decision.amount == Decimal(60_100)
            again = await recompute(desk.finance, run.run_id)
    assert (again.differs, again.kept.amount, again.again.policy_version) == (None, Decimal(60_100), 1)

from datetime import date, timedelta
from decimal import Decimal

import pytest

from channel import clock
from channel.access.rules import Role
from channel.database import db
from channel.database.snapshots import view_of
from channel.dealers.acts import ObserveFact
from channel.dealers.queries.dealers import dealer_identity
from channel.dealers.rules.observed import ObservedKind, is_stale, read_observed
from channel.dealers.service.observed import facts_of, file_of, in_language, observe_fact
from channel.errors import FieldError, Invalid, NotFound
from tests.make.access import acting, make_person, make_territories
from tests.make.dealers import MANAGER, make_dealer


def observing(fact: str, value: str | int | None, on: date | None = None, source: str = "a visit") -> ObserveFact:
    return ObserveFact(fact=fact, value=value, observed_on=on, source=source)


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (ObservedKind.NUMBER, "1250.50", Decimal("1250.50")),
        (ObservedKind.NUMBER, "-3", Decimal(-3)),
        (ObservedKind.NUMBER, "0.000001", Decimal("0.000001")),
        (ObservedKind.NUMBER, "999999999999999", Decimal(999999999999999)),
        (ObservedKind.NUMBER, "0.0000001", None),
        (ObservedKind.NUMBER, "1000000000000000", None),
        (ObservedKind.NUMBER, "1e999999999", None),
        (ObservedKind.NUMBER, "NaN", None),
        (ObservedKind.NUMBER, "Infinity", None),
        (ObservedKind.NUMBER, "many", None),
        (ObservedKind.DAY, "2012-02-29", "2012-02-29"),
        (ObservedKind.DAY, "2013-02-29", None),
        (ObservedKind.YES_NO, "yes", "yes"),
        (ObservedKind.YES_NO, "maybe", None),
        (ObservedKind.CHOICE, "no", "no"),
        (ObservedKind.WORDS, "bikes, 自行车", "bikes, 自行车"),
    ],
)
def test_what_is_said_is_read_by_its_kind(kind: ObservedKind, text: str, value: object) -> None:
    read = read_observed(kind, ("yes", "no"), text)
    if value is None:
        assert isinstance(read, FieldError)
        assert read.field == "value"
    else:
        assert read == value


@pytest.mark.parametrize(("days", "stale"), [(None, False), (10, False), (9, True)])
def test_a_fact_is_good_on_its_last_day(days: int | None, *, stale: bool) -> None:
    assert is_stale(date(2020, 1, 1), days, date(2020, 1, 11)) is stale


async def test_the_latest_day_counts_and_a_later_word_on_it_as_known_then(database: str) -> None:
    await make_territories("East/Harbour")
    await make_dealer("D-1", territory="Harbour")
    async with acting(MANAGER):
        ours = await dealer_identity("D-1")
        assert ours is not None

        async def known(on: date | None = None, at: object = None) -> Decimal | str | None:
            found = await facts_of([ours["id"]], ["employees", "attitude"], view_of(on, at))  # type: ignore[arg-type]
            employees = found.get((ours["id"], "employees"))
            return None if employees is None else employees.value

        assert not await observe_fact(MANAGER, "D-1", observing("employees", None)), "nothing was known"
        assert await observe_fact(MANAGER, "D-1", observing("employees", 12, date(2020, 5, 1)))
        assert await observe_fact(MANAGER, "D-1", observing("employees", "10", date(2020, 1, 1)))
        moment = clock.now()
        assert await observe_fact(MANAGER, "D-1", observing("employees", "12.5", date(2020, 5, 1)))
        assert not await observe_fact(MANAGER, "D-1", observing("employees", "12.50", date(2020, 5, 1)))
        assert await known(date(2019, 12, 31)) is None
        assert await known(date(2020, 4, 30)) == Decimal(10)
        assert await known(date(2020, 5, 1)) == Decimal("12.5")
        assert await known(date(2020, 5, 1), moment) == Decimal(12)
        assert await observe_fact(MANAGER, "D-1", observing("employees", None, date(2020, 6, 1)))
        assert (await known(date(2020, 5, 31)), await known(date(2020, 6, 1))) == (Decimal("12.5"), None)
        (trail,) = await db.fetch("SELECT after FROM audit_dealer WHERE act = 'observe fact' ORDER BY id LIMIT 1")
        assert trail["after"]["value"] == "12"


async def test_the_file_says_what_is_needed_and_what_is_stale_in_both_languages(database: str) -> None:
    await make_territories("East/Harbour")
    await make_dealer("D-1", type="terminal", territory="Harbour")
    async with acting(MANAGER):
        await observe_fact(MANAGER, "D-1", observing("sales_power", "high", date(2020, 1, 1)))
        ours = await dealer_identity("D-1")
        assert ours is not None
        rows = {row["fact"]: row for row in await file_of(ours["id"], view_of(date(2020, 12, 31)))}
        assert len(rows) == 27
        assert (rows["floor_area"]["needed"], rows["staff_quality"]["needed"], rows["total_assets"]["needed"]) == (
            True,
            False,
            False,
        )
        power = rows["sales_power"]
        assert not power["stale"], "365 days old"
        (late,) = [row for row in await file_of(ours["id"], view_of(date(2021, 1, 1))) if row["fact"] == "sales_power"]
        assert late["stale"]
        assert [in_language(power, each)["said"] for each in ("en", "zh")] == ["high", "强"]
        assert [in_language(rows["employees"], each)["unit"] for each in ("en", "zh")] == ["people", "人"]


async def test_what_is_wrong_is_refused_by_its_field(database: str) -> None:
    ids = await make_territories("East/Harbour", "West/Lake")
    await make_dealer("D-1", territory="Harbour")
    async with acting(MANAGER):
        for act, field in (
            (observing("height", "5"), "fact"),
            (observing("attitude", "5"), "value"),
            (observing("employees", "5", clock.today() + timedelta(days=1)), "observed_on"),
        ):
            with pytest.raises(Invalid) as refused:
                await observe_fact(MANAGER, "D-1", act)
            assert [each.field for each in refused.value.errors] == [field]
    stranger = await make_person(Role.REGIONAL, ids["West"])
    async with acting(stranger):
        with pytest.raises(NotFound):
            await observe_fact(stranger, "D-1", observing("employees", "5"))

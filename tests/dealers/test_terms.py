"""Payment terms: as people write them, as they are kept, and what of them limits read."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channel.database import db
from channel.dealers.queries.facts import terms_on
from channel.dealers.rules import Fact
from channel.dealers.rules.terms import (
    InDays,
    InParts,
    OnDay,
    Terms,
    check_terms,
    equivalent_days,
    read_terms,
    terms_words,
    write_terms,
)
from channel.errors import FieldError, Invalid
from tests.make.access import acting
from tests.make.dealers import FINANCE, change_fact, make_dealer

D = Decimal


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("30", InDays(30)),
        ("30 days", InDays(30)),
        ("30天", InDays(30)),
        ("day 7, month 1", OnDay(7)),
        ("次月7日", OnDay(7)),
        ("月结次月15号", OnDay(15)),
        ("Day 7, month 2, every 3 months", OnDay(7, 2, 3)),
        ("30% in 0 days, 70% in 60 days", InParts(((D("0.3"), 0), (D("0.7"), 60)))),
        ("30％ 0天，70％ 60天", InParts(((D("0.3"), 0), (D("0.7"), 60)))),
    ],
)
def test_terms_are_read_as_people_write_them(text: str, terms: Terms) -> None:
    assert read_terms(text) == terms


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "day 32, month 1",
        "day 7",
        "day 7, month 1, every 5 months",
        "30% in 0 days",
        "721 days",
        "1..5% in 3",
    ],
)
def test_what_are_no_terms_is_told(text: str) -> None:
    assert isinstance(read_terms(text), FieldError)


@given(
    st.one_of(
        st.builds(InDays, st.integers(0, 720)),
        st.builds(OnDay, st.integers(1, 31), st.integers(1, 24), st.sampled_from((1, 3, 6, 12))),
        st.lists(st.integers(1, 99), min_size=2, max_size=4, unique=True).map(
            lambda days: InParts(
                (*((D("0.2"), day) for day in sorted(days)[:-1]), (1 - D("0.2") * (len(days) - 1), max(days)))
            )
        ),
    )
)
def test_what_is_written_is_read_again(terms: Terms) -> None:
    assert check_terms(terms) == ()
    assert read_terms(write_terms(terms)) == terms
    assert terms_words(terms).text


@pytest.mark.parametrize(
    ("terms", "days"),
    [
        (InDays(45), 45),
        (OnDay(7), 22),
        (OnDay(7, 2), 53),
        (OnDay(7, 1, 3), 53),
        (InParts(((D("0.3"), 0), (D("0.7"), 60))), 42),
        (InParts(((D("0.5"), 0), (D("0.5"), 1))), 1),
    ],
)
def test_limits_read_the_mean_days(terms: Terms, days: int) -> None:
    assert equivalent_days(terms) == days


async def test_what_was_said_last_holds_in_whichever_form(database: str) -> None:
    dealer_id = await make_dealer("D-1", terms=30)
    days = [(dealer_id, date(2020, month, 1)) for month in (1, 3, 5)]
    async with acting(FINANCE):
        assert await change_fact(FINANCE, "D-1", Fact.TERMS, "次月7日", effective_on=date(2020, 2, 1))
        assert not await change_fact(FINANCE, "D-1", Fact.TERMS, "day 7, month 1", effective_on=date(2020, 3, 1))
        assert await db.fetchval("SELECT terms_days FROM dealer") == 22
        await change_fact(FINANCE, "D-1", Fact.TERMS_DAYS, "45", effective_on=date(2020, 4, 1))
        assert list((await terms_on(days)).values()) == ["30 days", "day 7, month 1", "45 days"]
        assert await change_fact(FINANCE, "D-1", Fact.TERMS, "day 7, month 1", effective_on=date(2020, 5, 1))
        assert (await terms_on(days))[days[2]] == "day 7, month 1"
        with pytest.raises(Invalid) as refused:
            await change_fact(FINANCE, "D-1", Fact.TERMS, "day 7, month 24", effective_on=date(2020, 6, 1))
    assert refused.value.errors[0].field == "terms"

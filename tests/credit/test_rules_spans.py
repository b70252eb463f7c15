"""The stretches of days on which a limit is in force say of every day what the rule for one day says."""

from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from channel.credit.rules import LimitEvent, LimitEventKind, limit_in_force, limit_spans

START = date(2024, 1, 1)
days = st.integers(0, 40).map(lambda n: START + timedelta(days=n))


@st.composite
def journals(draw: st.DrawFn) -> list[LimitEvent]:
    events = []
    for place in range(draw(st.integers(0, 6))):
        kind = draw(st.sampled_from(LimitEventKind))
        begin = draw(days)
        end = begin + timedelta(days=draw(st.integers(1, 20)))
        open_ended = kind is not LimitEventKind.RAISE and draw(st.booleans())
        ends = kind in {LimitEventKind.WITHDRAWAL, LimitEventKind.RAISE_END}
        amount = None if ends else Decimal(draw(st.integers(1, 5)) * 100)
        until = None if open_ended or ends else end
        raised = draw(st.integers(1, 6)) if kind is LimitEventKind.RAISE_END else None
        events.append(LimitEvent(kind, place + 1, begin, until, amount, raised))
    return events


@given(journals())
def test_every_day_lies_in_the_span_of_what_is_in_force_on_it(events: list[LimitEvent]) -> None:
    spans = limit_spans(events)
    for number in range(-2, 70):
        day = START + timedelta(days=number)
        holding = [span for span in spans if span.from_on <= day and (span.to_on is None or day < span.to_on)]
        assert [span.total for span in holding] == [
            total for total in [limit_in_force(events, day).total] if total is not None
        ]


@given(journals())
def test_spans_come_in_order_and_meet_only_where_something_changes(events: list[LimitEvent]) -> None:
    spans = limit_spans(events)
    for first, second in pairwise(spans):
        assert first.to_on is not None
        assert first.to_on <= second.from_on
        if first.to_on == second.from_on:
            assert (first.total, first.place) != (second.total, second.place)


def test_a_raise_divides_the_limit_it_stands_on() -> None:
    limit = LimitEvent(LimitEventKind.LIMIT, 1, date(2024, 1, 1), date(2025, 1, 1), Decimal(1000))
    more = LimitEvent(LimitEventKind.RAISE, 2, date(2024, 3, 1), date(2024, 4, 1), Decimal(500))
    later = LimitEvent(LimitEventKind.LIMIT, 3, date(2024, 6, 1), None, Decimal(1000))
    spans = [(span.from_on, span.to_on, span.total, span.place) for span in limit_spans([limit, more, later])]
    assert spans == [
        (date(2024, 1, 1), date(2024, 3, 1), Decimal(1000), 1),
        (date(2024, 3, 1), date(2024, 4, 1), Decimal(1500), 1),
        (date(2024, 4, 1), date(2024, 6, 1), Decimal(1000), 1),
        (date(2024, 6, 1), None, Decimal(1000), 3),
    ]

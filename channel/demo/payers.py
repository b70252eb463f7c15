"""How the story's dealers pay: on which day, with how much, by what, and whether they say for what."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from enum import IntEnum, StrEnum
from random import Random

from channel.demo import company
from channel.demo.dealers import put_on_hold, regraded, steady
from channel.demo.story import MONTHS, Story

BILL_DAYS = 90
_CENT = Decimal("0.01")
_FIRST_PART = Decimal("0.6")
_SATURDAY = 5


class Part(IntEnum):
    """Whose story is told, by his place among those who trade all the time."""

    EARLY_PAYER = 0
    SLIDER = 1
    UNNAMED = 2
    MONTHLY = 4
    IN_PARTS = 5
    WITH_BILLS = 7
    OVER_PAYER = 8
    MISTAKEN = 9
    SLOWER_SLIDER = 10
    FOUND = 11


class Habit(StrEnum):
    """How a dealer pays."""

    EARLY = "early"
    PROMPT = "prompt"
    LATE = "late"
    SLIDES = "slides"
    UNNAMED = "unnamed"
    MONTHLY = "monthly"
    IN_PARTS = "in parts"
    BILLS = "bills"


_NAMED: Mapping[Part, Habit] = {
    Part.EARLY_PAYER: Habit.EARLY,
    Part.SLIDER: Habit.SLIDES,
    Part.UNNAMED: Habit.UNNAMED,
    Part.MONTHLY: Habit.MONTHLY,
    Part.IN_PARTS: Habit.IN_PARTS,
    Part.WITH_BILLS: Habit.BILLS,
    Part.OVER_PAYER: Habit.PROMPT,
    Part.MISTAKEN: Habit.PROMPT,
    Part.SLOWER_SLIDER: Habit.SLIDES,
    Part.FOUND: Habit.LATE,
}
_OTHERS = (Habit.PROMPT, Habit.LATE, Habit.EARLY, Habit.UNNAMED, Habit.MONTHLY, Habit.IN_PARTS)
_WEIGHTS = (40, 25, 10, 12, 8, 5)


@dataclass(frozen=True, slots=True)
class Owed:
    """An invoice as its dealer sees it: when it is due, and what a credit note takes off it from a day on."""

    dealer: str
    number: str
    currency: str
    amount: Decimal
    due_on: date
    credited: Decimal = Decimal(0)
    credited_on: date = date.max

    def left_on(self, day: date) -> Decimal:
        """What is to be paid on a day."""
        return self.amount - self.credited if self.credited_on <= day else self.amount


@dataclass(frozen=True, slots=True)
class Payment:
    """What a dealer pays on a day, for the invoices that he names; by a bill that matures, where it does."""

    dealer: str
    currency: str
    on: date
    amount: Decimal
    references: tuple[str, ...] = ()
    matures_on: date | None = None
    remark: str = ""


def habits(story: Story) -> dict[str, Habit]:
    """How each dealer pays: those whose story is told, those of whom the grade or a hold tells, and the others."""
    luck = Random(company.SEED)  # noqa: S311 - a story, not a secret
    found = {dealer.code: luck.choices(_OTHERS, _WEIGHTS)[0] for dealer in story.dealers}
    # Who is appointed on the way has the terms of his first day.
    found |= {each.code: Habit.PROMPT for each in story.dealers if each.first and found[each.code] is Habit.MONTHLY}
    for dealer, better in regraded(story):
        found[dealer.code] = Habit.EARLY if better else Habit.SLIDES
    found |= {dealer.code: Habit.BILLS for dealer in put_on_hold(story)}
    found |= {dealer.code: Habit.SLIDES for dealer in story.dealers if dealer.last < MONTHS}
    places = steady(story)
    return found | {places[place].code: habit for place, habit in _NAMED.items() if place < len(places)}


def payments(habit: Habit, index: int, owed: Sequence[Owed]) -> Iterator[Payment]:
    """What a dealer pays for his invoices of a month of the story, which he would pay the same way each time."""
    if not owed:
        return
    luck = Random(f"{owed[0].dealer} {index}")  # noqa: S311 - a story, not a secret
    if habit is Habit.MONTHLY:
        day = _open_day(max(each.due_on for each in owed))
        total = sum((each.left_on(day) for each in owed), start=Decimal(0))
        yield Payment(owed[0].dealer, owed[0].currency, day, total, remark="月结货款 Monthly settlement")
        return
    for each in owed:
        yield from _payments_of(habit, index, each, luck)


def _payments_of(habit: Habit, index: int, owed: Owed, luck: Random) -> Iterator[Payment]:
    day = _day_of(habit, index, owed, luck)
    left, names = owed.left_on(day), (owed.number,)
    if left <= 0:
        return
    if habit is Habit.IN_PARTS:
        part = (left * _FIRST_PART).quantize(_CENT, ROUND_HALF_UP)
        later = _open_day(day + timedelta(days=luck.randint(20, 40)))
        yield Payment(owed.dealer, owed.currency, day, part, names, remark="部分货款 Part payment")
        yield Payment(owed.dealer, owed.currency, later, left - part, names, remark="余款 The rest")
    elif habit is Habit.BILLS:
        matures_on = day + timedelta(days=BILL_DAYS)
        yield Payment(owed.dealer, owed.currency, day, left, names, matures_on, "银行承兑汇票 Acceptance bill")
    elif habit is Habit.UNNAMED:
        yield Payment(owed.dealer, owed.currency, day, left, remark="货款 Goods")
    else:
        yield Payment(owed.dealer, owed.currency, day, left, names, remark=f"货款 {owed.number}")


def _day_of(habit: Habit, index: int, owed: Owed, luck: Random) -> date:
    if habit is Habit.EARLY:
        return _open_day(owed.due_on - timedelta(days=luck.randint(3, 10)))
    late = {
        Habit.LATE: luck.randint(6, 28),
        # The slide takes a quarter of the story to begin, and is two months long at its end.
        Habit.SLIDES: max(0, 3 * (index - MONTHS // 4)) + luck.randint(0, 3),
    }.get(habit, luck.choice((0, 0, 0, 1, 2)))
    return _open_day(owed.due_on + timedelta(days=late))


def _open_day(day: date) -> date:
    """The day itself, or the Monday after it where banks are closed."""
    return day + timedelta(days=max(0, 7 - day.weekday()) if day.weekday() >= _SATURDAY else 0)

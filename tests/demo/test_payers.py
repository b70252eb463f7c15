"""How the demonstration's dealers are invoiced and pay: by what was sold to them, each in his own way."""

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal

import pytest

from channel.demo.invoices import TAX, documents_of, owed_of
from channel.demo.payers import BILL_DAYS, Habit, Owed, Part, Payment, habits, payments
from channel.demo.story import MONTHS, SELL_IN, File, Story
from channel.periods import Month
from channel.receivables.rules.documents import Document, DocumentKind, check_document

D = Decimal
DUE = date(2026, 3, 2)
LAST = Month(2026, 10)


@pytest.fixture(scope="module")
def story() -> Story:
    return Story(LAST)


def of(habit: Habit, index: int = 10, *owed: Owed) -> list[Payment]:
    return list(payments(habit, index, owed or (Owed("D1", "S1", "CNY", D(1000), DUE),)))


def late(habit: Habit, index: int) -> int:
    return (of(habit, index)[0].on - DUE).days


def test_what_was_sold_is_invoiced_with_tax_to_the_cent(story: Story) -> None:
    lines = {good.code: good.line.code for good in story.goods}
    sold: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    invoiced: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    found: list[Document] = []
    for reports in Story(LAST).reports():
        for row in reports.sell_in.rows:
            sold[row[0], row[1][:7]] += D(row[4])
        for code, each in documents_of(reports.sell_in, lines):
            assert each.tax is not None
            assert abs(each.tax - (each.amount - each.tax) * TAX.get(each.currency, D(0))) < D("0.05")
            invoiced[code, str(each.effective_on)[:7]] += each.kind.sign * (each.amount - each.tax)
            wrong = [error.field for error in check_document(each, LAST.end, 2)]
            assert wrong == (["due_on"] if each.kind is DocumentKind.INVOICE else []), "due days come of the terms"
            found.append(each)
    assert invoiced == sold
    assert {each.kind for each in found} == {DocumentKind.INVOICE, DocumentKind.CREDIT_NOTE}
    numbers = {each.number: each for each in found}
    notes = [each for each in found if each.kind is DocumentKind.CREDIT_NOTE]
    assert all(numbers[named].effective_on <= each.effective_on for each in notes for named in each.references)


def test_a_credit_note_takes_off_what_it_names_from_its_day_on() -> None:
    rows = [
        ("D1", "2026-02-03", "AC10", "1", "100.00", "CNY", "1.00", "S1", "1"),
        ("D1", "2026-02-05", "AC10", "3", "300.00", "CNY", "1.00", "S2", "1"),
        ("D1", "2026-02-20", "AC10", "-1", "-100.00", "CNY", "-1.00", "R3", "1"),
    ]
    made = [document for _, document in documents_of(File("", SELL_IN, rows), {"AC10": "AC"})]
    assert [(each.number, each.amount, each.references) for each in made] == [
        ("S1", D("113.00"), ()),
        ("S2", D("339.00"), ()),
        ("R3", D("113.00"), ("S2",)),
    ]
    second = Owed("D1", "S2", "CNY", D(339), DUE, D(113), date(2026, 2, 20))
    assert second.left_on(date(2026, 2, 19)) == D(339)
    assert second.left_on(date(2026, 2, 20)) == D(226)
    assert owed_of("D1", []) == []


def test_who_slides_pays_later_and_later_and_who_is_early_never_late() -> None:
    assert all(late(Habit.EARLY, index) < 0 for index in range(MONTHS))
    slide = [late(Habit.SLIDES, index) for index in range(MONTHS)]
    assert max(slide[:6]) <= 5
    assert all(later > earlier for earlier, later in zip(slide[6:], slide[9:], strict=False))
    assert slide[-1] > 50


def test_each_pays_in_his_own_way() -> None:
    first, rest = of(Habit.IN_PARTS)
    assert (first.amount, rest.amount) == (D("600.00"), D("400.00"))
    assert first.references == rest.references == ("S1",)
    assert rest.on > first.on
    (exact,) = of(Habit.UNNAMED)
    assert (exact.amount, exact.references) == (D(1000), ())
    (bill,) = of(Habit.BILLS)
    assert bill.matures_on == bill.on + timedelta(days=BILL_DAYS)
    (together,) = of(Habit.MONTHLY, 10, *(Owed("D1", f"S{n}", "CNY", D(n), DUE) for n in (1, 2, 3)))
    assert (together.amount, together.on) == (D(6), DUE)
    assert of(Habit.PROMPT, 10, Owed("D1", "S1", "CNY", D(5), DUE, D(5), date(2026, 1, 1))) == [], "all was credited"


def test_banks_are_closed_at_weekends() -> None:
    days = [
        each.on
        for habit in Habit
        for index in range(MONTHS)
        for shift in range(7)
        for each in of(habit, index, Owed("D1", "S1", "CNY", D(1000), DUE + timedelta(days=shift)))
    ]
    assert max(day.weekday() for day in days) == 4


def test_every_way_of_paying_is_there_and_stories_have_their_dealers(story: Story) -> None:
    of_dealers = habits(story)
    assert set(of_dealers) == {dealer.code for dealer in story.dealers}
    assert set(of_dealers.values()) == set(Habit)
    assert habits(story) == of_dealers, "the same each time"
    few = [each for each in story.dealers if each.first == 0 and each.last == MONTHS]
    assert of_dealers[few[Part.SLIDER].code] is Habit.SLIDES
    assert of_dealers[few[20].code] is Habit.BILLS, "whose cheques come back is put on hold"
    assert {of_dealers[each.code] for each in story.dealers if each.last < MONTHS and not each.first} == {Habit.SLIDES}

"""A statement of account by its rules: the order of what moved, what it comes to, and what is refused."""

from datetime import UTC, datetime

import msgspec
import pytest
from msgspec.structs import replace

from channel.receivables.rules.ageing import Buckets
from channel.receivables.rules.documents import DocumentKind
from channel.receivables.rules.movements import Settles
from channel.receivables.rules.statements import (
    Event,
    Left,
    SettledItem,
    Statement,
    StatementBill,
    StatementLine,
    Stood,
    Unbalanced,
    checksum_of,
    draw_up,
    line_of_allocation,
    line_of_document,
    refused_period,
)
from tests.make.receivables import D, day

HEAD = Statement(
    number=7, dealer="D-1", dealer_name="Dealer", currency="CNY", digits=2, from_on=day(0), as_of=day(30),
    known_at=datetime(2025, 2, 1, tzinfo=UTC), given_by="f", opening=D(0), lines=(), open=D(0), on_account=D(0),
    closing=D(0), bills=(), ageing=(), rules_version=1,
)  # fmt: skip
INVOICE = line_of_document(StatementLine(day(3), Event.DOCUMENT, DocumentKind.INVOICE, "I1", D(100), D(0)))
RECEIPT = line_of_document(StatementLine(day(3), Event.DOCUMENT, DocumentKind.RECEIPT, "R1", D(98), D(0)))
DISCOUNT = line_of_allocation(
    StatementLine(
        day(3), Event.ALLOCATION, DocumentKind.RECEIPT, "R1", D(2), D(0), settles=Settles.DISCOUNT,
        item=SettledItem(DocumentKind.INVOICE, "I1"),
    )
)  # fmt: skip
PAYMENT = line_of_allocation(replace(DISCOUNT, amount=D(98), settles=Settles.PAYMENT))


def test_lines_stand_in_order_and_lead_to_the_end() -> None:
    before = [Left(day(-40), day(-70), D(50)), Left(None, day(-5), D(20))]
    after = [*before, Left(day(20), day(8), D(10))]
    late = line_of_document(StatementLine(day(8), Event.DOCUMENT, DocumentKind.DEBIT_NOTE, "9", D(10), D(0)))
    told = draw_up(HEAD, Stood(before, [late, PAYMENT, DISCOUNT, RECEIPT, INVOICE], after, []), Buckets())
    assert [(line.number, line.change, line.balance) for line in told.lines] == [
        ("I1", D(100), D(130)),
        ("R1", D(-98), D(32)),
        ("R1", D(-2), D(30)),
        ("R1", D(0), D(30)),
        ("9", D(10), D(40)),
    ]
    assert (told.opening, told.open, told.on_account, told.closing) == (D(30), D(60), D(20), D(40))
    assert [(each.bucket, each.amount) for each in told.ageing] == [
        ("not_due", D(0)), ("1-30", D(10)), ("31-60", D(0)), ("61-90", D(50)), ("91-180", D(0)), ("181+", D(0)),
    ]  # fmt: skip


def test_what_is_taken_back_moves_the_balance_the_other_way() -> None:
    gone = line_of_document(replace(INVOICE, event=Event.REVERSAL))
    assert gone.change == D(-100)
    assert line_of_document(replace(RECEIPT, event=Event.REVERSAL)).change == D(98)
    assert line_of_allocation(replace(DISCOUNT, event=Event.TAKEN_BACK)).change == D(2)
    assert line_of_allocation(replace(PAYMENT, event=Event.TAKEN_BACK)).change == D(0)


def test_lines_that_do_not_lead_to_the_end_are_given_to_nobody() -> None:
    with pytest.raises(Unbalanced, match="100, not 99"):
        draw_up(HEAD, Stood([], [INVOICE], [Left(day(20), day(3), D(99))], []), Buckets())


def test_bills_stand_beside_in_the_order_in_which_they_mature() -> None:
    told_as = (("B10", 60, 5), ("B9", 60, 6), ("Z", 40, 7))
    bills = [StatementBill(number, day(matures), D(amount)) for number, matures, amount in told_as]
    told = draw_up(HEAD, Stood([], [], [], bills), Buckets())
    assert [bill.number for bill in told.bills] == ["Z", "B9", "B10"]
    assert told.closing == D(0)


@pytest.mark.parametrize(
    ("from_on", "as_of", "wrong"),
    [(1, 1, []), (0, 9, []), (2, 1, ["from_on"]), (1, 10, ["as_of"]), (11, 10, ["as_of", "from_on"])],
)
def test_a_period_ends_today_at_the_latest(from_on: int, as_of: int, wrong: list[str]) -> None:
    assert [each.field for each in refused_period(day(from_on), day(as_of), day(9))] == wrong


def test_content_is_read_again_as_it_was_written_and_its_checksum_is_over_all_of_it() -> None:
    content = msgspec.json.encode(HEAD).decode()
    assert msgspec.json.decode(content, type=Statement) == HEAD
    sums = {checksum_of(content, "sheet"), checksum_of(content, "sheeT"), checksum_of(content + " ", "sheet")}
    assert len(sums) == 3
    assert checksum_of("a", "b") == "7e18f737311b2dc3b2f269dd78396b0351f14fb66efa879f768cb23181883c78"

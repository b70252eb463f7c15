"""Statements of account on PostgreSQL: what they come to, their numbers, and that they stay as they were given."""

import asyncio
from decimal import Decimal
from random import Random

import asyncpg
import pytest

from channel import clock
from channel.access.rules import Person, Role
from channel.database import db
from channel.errors import Forbidden, Invalid, NotFound
from channel.receivables.acts.statements import GiveStatement, GiveStatements
from channel.receivables.queries.standing import sums_of
from channel.receivables.queries.statements import take_numbers
from channel.receivables.rules.documents import Discount, DocumentKind
from channel.receivables.rules.statements import Event
from channel.receivables.service.statement_runs import GIVING, give_statements, run_told
from channel.receivables.service.statements import KeptStatement, give_statement, kept_statement, statements_told
from channel.work.service import run_due
from tests.make.access import acting, make_person
from tests.make.dealers import make_dealer
from tests.make.ledger import LATER, post, post_at_random, reverse
from tests.make.receivables import D, day, moment, owed, paying


async def given(person: Person, at: int, **asked: object) -> int:
    with clock.fixed(moment(at)):
        async with acting(person):
            return await give_statement(person, GiveStatement(**{"dealer": "D-1", **asked}))  # type: ignore[arg-type]


async def read(person: Person, number: int) -> KeptStatement:
    async with acting(person):
        return await kept_statement(person, number)


async def stood(dealer: int, as_of: int, kept: KeptStatement) -> tuple[Decimal, Decimal, Decimal]:
    for row in await sums_of([dealer], day(as_of), kept.content.known_at):
        return row["open"], row["on_account"], row["bills"]
    return D(0), D(0), D(0)


@pytest.mark.parametrize("seed", range(8))
async def test_what_moved_leads_from_the_balance_before_to_what_stands_as_known_then(
    seed: int, finance: Person, dealer: int
) -> None:
    random = Random(seed)  # noqa: S311 - documents for a test
    hour = await post_at_random(random, finance)
    asked = [(first, last) for first in (0, 3, 9) for last in (first, first + 4, 20)]
    numbers = [
        await given(finance, hour + 1, from_on=day(first), as_of=day(last), currency="CNY") for first, last in asked
    ]
    before = [await read(finance, number) for number in numbers]
    # What comes later, for days long gone, changes nothing that was given.
    late = [owed("77", on=1, number="LATE1"), paying("33", on=2, number="LATE2")]
    await post(finance, *late, at=hour + 2)
    async with acting(finance):
        for (first, last), kept in zip(asked, before, strict=True):
            told = kept.content
            assert told.opening + sum(line.change for line in told.lines) == told.closing
            opened, on_account, bills = await stood(dealer, last, kept)
            assert (told.open, told.on_account, told.closing) == (opened, on_account, opened - on_account)
            assert sum((bill.amount for bill in told.bills), D(0)) == bills
            assert sum((each.amount for each in told.ageing), D(0)) == opened
            opened, on_account, _ = await stood(dealer, first - 1, kept)
            assert told.opening == opened - on_account
            again = await kept_statement(finance, told.number)
            assert (again.row["content"], again.sheet) == (kept.row["content"], kept.sheet)
        changed = await given_inside(finance, hour + 3)
        assert changed.content.closing == (await stood(dealer, 20, changed))[0] - (await stood(dealer, 20, changed))[1]
        assert {"LATE1", "LATE2"} <= {line.number for line in changed.content.lines}


async def given_inside(finance: Person, at: int) -> KeptStatement:
    with clock.fixed(moment(at)):
        asked = GiveStatement(dealer="d-1", from_on=day(0), as_of=day(20))
        return await kept_statement(finance, await give_statement(finance, asked))


async def test_a_sheet_tells_each_document_with_its_tax_and_what_settles_it(finance: Person, dealer: int) -> None:
    invoice = owed("100", on=2, number="I1", tax=D("11.50"), discount=Discount(D("0.02"), day(9)))
    bill = paying("40", on=5, number="B1", kind=DocumentKind.BILL, matures_on=day(50))
    await post(finance, invoice, paying("98", on=4, number="R<1>", references=("I1",)), bill)
    kept = await read(finance, await given(finance, LATER + 1, as_of=day(20)))
    told = kept.content
    assert (told.from_on, told.as_of, told.with_tax) == (day(0), day(20), True)
    assert [(line.event, line.number, line.change, line.balance) for line in told.lines] == [
        (Event.DOCUMENT, "I1", D(100), D(100)),
        (Event.DOCUMENT, "R<1>", D(-98), D(2)),
        (Event.ALLOCATION, "R<1>", D(-2), D(0)),
        (Event.ALLOCATION, "R<1>", D(0), D(0)),
        (Event.DOCUMENT, "B1", D(-40), D(-40)),
    ]
    assert (told.lines[0].tax, told.lines[0].due[0].due_on) == (D("11.50"), day(32))
    assert [(each.number, each.amount) for each in told.bills] == [("B1", D(40))]
    for text in (
        "11.50",
        "Opening balance",
        "期初余额",
        "settlement discount on",
        "R&lt;1&gt;",
        "amounts are with tax",
    ):
        assert text in kept.sheet
    assert "R<1>" not in kept.sheet


async def test_numbers_have_no_gaps_though_many_give_at_once_and_some_fail(finance: Person, dealer: int) -> None:
    await post(finance, owed("100"))

    async def broken_off() -> None:
        async with db.transaction():
            await take_numbers(1)
            raise ZeroDivisionError

    async def one(*, fails: bool) -> int:
        with clock.fixed(moment(LATER + 1)):
            async with acting(finance):
                if not fails:
                    return await give_statement(finance, GiveStatement(dealer="D-1"))
                with pytest.raises(ZeroDivisionError):
                    await broken_off()
                return 0

    numbers = [await one(fails=place % 3 == 0) for place in range(3)]
    numbers += await asyncio.gather(*(one(fails=place % 3 == 0) for place in range(9)))
    assert sorted(number for number in numbers if number) == list(range(1, 9))


async def test_what_was_changed_afterwards_is_not_shown_as_given(
    finance: Person, dealer: int, owner: asyncpg.Connection
) -> None:
    await post(finance, owed("100"))
    number = await given(finance, LATER + 1)
    await owner.execute("UPDATE account_statement SET sheet = replace(sheet, '100.00', '10.00')")
    with pytest.raises(RuntimeError, match="checksum"):
        await read(finance, number)


async def test_days_that_cannot_be_told_are_refused(finance: Person, dealer: int) -> None:
    for asked, field in (({"as_of": day(400)}, "as_of"), ({"as_of": day(3), "from_on": day(4)}, "from_on")):
        with pytest.raises(Invalid) as refused:
            await given(finance, LATER, **asked)
        assert [each.field for each in refused.value.errors] == [field]
    with pytest.raises(NotFound):
        await given(finance, LATER, dealer="X-1")


async def test_a_currency_in_which_nothing_ever_was_takes_no_number(finance: Person, dealer: int) -> None:
    await post(finance, owed("100", currency="EUR"))
    with pytest.raises(Invalid) as refused:
        await given(finance, LATER, currency="XXX")
    assert [each.field for each in refused.value.errors] == ["currency"]
    assert [await given(finance, LATER, currency=each) for each in ("EUR", None)] == [1, 2]


async def test_who_may_give_and_who_may_see(finance: Person, dealer: int) -> None:
    await post(finance, owed("100"))
    for role in (Role.MANAGER, Role.AUDITOR):
        other = await make_person(role)
        with pytest.raises(Forbidden):
            await given(other, LATER + 1)
    number = await given(finance, LATER + 1)
    assert (await read(await make_person(Role.AUDITOR, login="au2"), number)).content.closing == D(100)
    elsewhere = await make_person(Role.REGIONAL)
    with pytest.raises(NotFound):
        await read(elsewhere, number)
    async with acting(elsewhere):
        assert (await statements_told(elsewhere, None, None, None)).items == []


async def test_a_run_gives_one_of_each_account_as_known_when_it_was_asked_for(finance: Person, dealer: int) -> None:
    with clock.fixed(moment(0)):
        for code in ("D-2", "D-3", "D-4"):
            await make_dealer(code, currency="CNY")
    for code in ("D-1", "D-2"):
        await post(finance, owed("100", number=f"I-{code}"), code=code)
    await post(finance, owed("50", on=3), paying("50", on=4), code="D-3")
    with clock.fixed(moment(LATER + 1)):
        async with acting(finance):
            run = await give_statements(finance, GiveStatements(as_of=day(20)))
            assert (await run_told(finance, run)).done == 0
    await post(finance, owed("7", on=5, number="LATE"), at=LATER + 2)
    with clock.fixed(moment(LATER + 3)):
        await run_due([GIVING])
        async with acting(finance):
            told = await run_told(finance, run)
            assert (told.total, told.done, told.is_over, told.problem) == (3, 3, True, None)
            rows = (await statements_told(finance, None, None, run)).items
            assert {row["dealer"]: row["closing"] for row in rows} == {"D-1": D(100), "D-2": D(100), "D-3": D(0)}
            with pytest.raises(Invalid):
                await give_statements(finance, GiveStatements(type="wholesale", as_of=day(20), from_on=day(20)))


async def test_a_run_of_somebody_who_may_no_more_says_so(finance: Person, dealer: int) -> None:
    await post(finance, owed("100"))
    with clock.fixed(moment(LATER + 1)):
        async with acting(finance):
            run = await give_statements(finance, GiveStatements(as_of=day(20)))
        async with acting(await make_person(Role.ADMINISTRATOR)):
            await db.execute("UPDATE person SET role = 'auditor' WHERE id = $1", finance.person_id)
        await run_due([GIVING])
        async with acting(finance):
            told = await run_told(finance, run)
    assert (told.done, told.is_over, told.problem is None) == (0, True, False)


async def test_a_document_gone_leaves_its_line_and_its_reversal(finance: Person, dealer: int) -> None:
    posted = await post(finance, owed("100", on=1), paying("100", on=2))
    await reverse(finance, posted.documents[0].document.id, on=6)
    kept = await read(finance, await given(finance, LATER + 3, as_of=day(20)))
    assert [(line.on, line.event, line.change) for line in kept.content.lines] == [
        (day(1), Event.DOCUMENT, D(100)),
        (day(2), Event.DOCUMENT, D(-100)),
        (day(2), Event.ALLOCATION, D(0)),
        (day(6), Event.TAKEN_BACK, D(0)),
        (day(6), Event.REVERSAL, D(-100)),
    ]
    assert (kept.content.closing, kept.content.on_account) == (D(-100), D(100))

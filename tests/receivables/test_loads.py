"""Documents from files: posted as the acts post them, refused in the same words, paid and told to the cent."""

import csv
import io
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from msgspec.structs import replace

from channel import clock
from channel.access.rules import Person, Role
from channel.codes import code_key
from channel.database import db
from channel.money import digits_of
from channel.receivables.acts.documents import ReverseDocument
from channel.receivables.acts.months import CloseMonth
from channel.receivables.queries import checking
from channel.receivables.rules.documents import Document, DocumentKind, check_document
from channel.receivables.rules.movements import compute_standing
from channel.receivables.service import loads
from channel.receivables.service.kept import reconcile_ledger
from channel.receivables.service.months import close_month
from channel.receivables.service.posting import Given, post_documents
from channel.receivables.service.reversing import REVERSE
from channel.receivables.service.waiting import do_or_ask
from channel.view import View
from tests.make.access import acting, make_machine, make_person
from tests.make.dealers import make_dealer
from tests.make.receivables import D, day, moment, movements_posted, owed, paying, some_documents, stood
from tests.make.sales import csv_of, loaded

KINDS = {
    DocumentKind.INVOICE: "invoices",
    DocumentKind.DEBIT_NOTE: "debit-notes",
    DocumentKind.CREDIT_NOTE: "credit-notes",
    DocumentKind.RECEIPT: "receipts",
    DocumentKind.BILL: "bills",
}
LATER = 60 * 24
INVOICES = "dealer,number,date,amount,due_on"


@pytest.fixture
async def finance(database: str) -> Person:
    return await make_person(Role.FINANCE)


@pytest.fixture
async def dealer(finance: Person) -> int:
    # Nothing is recorded before what was recorded already, so that everything is made in the past.
    with clock.fixed(moment(0)):
        return await make_dealer("D-1", currency="CNY", terms=30)


async def load(person: Person, kind: str, content: bytes, at: int = LATER, **options: Any) -> dict[str, Any]:  # noqa: ANN401 - whatever a wish takes
    with clock.fixed(moment(at)):
        return await loaded(person, kind, content, **options)


async def rows(sql: str) -> list[tuple[object, ...]]:
    async with db.held(db.EVERYTHING):
        return [tuple(row) for row in await db.fetch(sql)]


OPEN = (
    "SELECT d.number, o.instalment, o.amount, o.due_on FROM open_item o JOIN receivable_document d"
    " ON d.dealer_id = o.dealer_id AND d.id = o.document_id ORDER BY 1, 2"
)
PAID = (
    "SELECT m.number, d.number, a.amount, a.why, a.settles FROM allocation a"
    " JOIN receivable_document m ON m.id = a.money_id JOIN receivable_document d ON d.id = a.document_id ORDER BY a.id"
)


def messages(result: dict[str, Any]) -> dict[int, list[tuple[str, str]]]:
    return dict(result["rejects"])


async def sound() -> bool:
    async with db.held(db.EVERYTHING):
        return await reconcile_ledger() == 0


async def test_invoices_and_the_receipts_that_name_them(finance: Person, dealer: int) -> None:
    invoices = csv_of(INVOICES, "D-1,I1,2025-01-02,100.00,", "d-1,I2,2025-01-03,80.50,2025-02-01")
    result = await load(finance, "invoices", invoices)
    assert result["state"] == "loaded", result
    assert result["counts"] == {"lines": 2, "rejected": 0, "documents": 2, "allocations": 0}
    assert await rows(OPEN) == [("I1", 1, D(100), date(2025, 2, 1)), ("I2", 1, D("80.5"), date(2025, 2, 1))]
    receipts = csv_of(
        "dealer,number,date,amount,reference,value date,account",
        'D-1,R1,2025-01-20,90.00,"i2; 9",2025-01-19,6222 0200',
        "D-1,R2,2025-01-21,100.00,,,",
    )
    result = await load(finance, "receipts", receipts, at=LATER + 1)
    assert result["state"] == "loaded", result
    assert result["preview"]["payments"] == [
        {"currency": "CNY", "documents": 2, "amount": "190.0000", "allocated": "180.5000", "left_over": "9.5000"}
    ]
    # What is left of R1 waits for a document 9, which is not in yet.
    assert await rows(PAID) == [
        ("R1", "I2", D("80.5"), "reference", "payment"),
        ("R2", "I1", D(100), "exact", "payment"),
    ]
    assert await rows(OPEN) == [("R1", 0, D("9.5"), None)]
    assert await rows("SELECT value_on, payer_account FROM receivable_document WHERE number = 'R1'") == [
        (date(2025, 1, 19), "62220200")
    ]
    assert await rows("SELECT open, on_account FROM account_balance") == [(D(0), D("9.5"))]
    assert await sound()
    result = await load(finance, "invoices", csv_of(INVOICES, "D-1,9,2025-01-22,20,"), at=LATER + 2)
    assert result["counts"]["allocations"] == 1
    assert await rows(OPEN) == [("9", 1, D("10.5"), date(2025, 2, 21))]
    assert await sound()


async def test_lines_of_one_number_are_instalments_of_one_invoice(finance: Person, dealer: int) -> None:
    header = "dealer,number,date,amount,tax,due_on,text"
    content = csv_of(
        header,
        "D-1,I1,2025-01-02,30,3,2025-03-01,second",
        "D-1,i1,2025-01-02,70,,2025-02-01,first",
        "D-1,I2,2025-01-02,5,,,",
    )
    result = await load(finance, "invoices", content)
    assert result["state"] == "loaded", result
    assert await rows("SELECT number, amount, tax, remark FROM receivable_document ORDER BY id") == [
        ("I1", D(100), D(3), "first; second"),
        ("I2", D(5), None, None),
    ]
    assert await rows(OPEN) == [
        ("I1", 1, D(70), date(2025, 2, 1)),
        ("I1", 2, D(30), date(2025, 3, 1)),
        ("I2", 1, D(5), date(2025, 2, 1)),
    ]
    assert await sound()


async def test_an_invoice_never_goes_in_with_a_part_of_its_lines(finance: Person, dealer: int) -> None:
    content = csv_of(
        "dealer,number,date,amount,due_on",
        "D-1,I1,2025-01-02,30,2025-03-01",
        "D-1,I1,2025-01-02,70,soon",
        "D-1,I2,2025-01-02,30,2025-03-01",
        "D-1,I2,2025-01-03,30,2025-04-01",
        "D-1,I3,2025-01-02,30,2025-03-01",
        "D-1,I3,2025-01-02,30,",
        "D-1,I4,2025-01-02,30,2025-03-01",
        "D-1,I4,2025-01-02,30,2025-03-01",
        "D-1,I5,2025-01-02,30,2025-03-01",
    )
    result = await load(finance, "invoices", content, partial=True)
    assert (result["state"], result["counts"]["documents"]) == ("loaded", 1)
    told = messages(result)
    assert set(told) == {2, 3, 4, 5, 6, 7, 8, 9}
    assert told[2] == [("number", "The document is not loaded in part: line 3 of it cannot be loaded.")]
    assert told[5] == [("date", "Line 4 of the same document says otherwise.")]
    instalment = "The number stands at line 6 too; as an instalment the line has a due day of its own."
    assert told[7] == [("due_on", instalment)]
    assert told[9] == [("due_on", instalment.replace("6", "8"))]
    assert await rows(OPEN) == [("I5", 1, D(30), date(2025, 3, 1))]


async def test_what_the_rules_refuse_is_refused_in_their_words(finance: Person, dealer: int) -> None:
    await load(finance, "invoices", csv_of(INVOICES, "D-1,I0,2025-01-02,100,"))
    content = csv_of(
        "dealer,number,date,amount,tax,currency,due_on,discount rate,discount until",
        "D-1,i0,2025-01-02,100,,,,,",
        "D-1,I1,2025-01-02,1.005,,,,,",
        "D-1,I2,2025-01-02,10,11,,,,",
        "D-1,I3,2099-01-02,10,,,,,",
        "D-1,I4,2025-01-02,10,,,2025-01-01,,",
        "D-1,I5,2025-01-02,10,,,,0.02,",
        "D-1,I6,2025-01-02,10,,,,0.02,2025-06-01",
        "D-1,I7,2025-01-02,10.5,,JPY,,,",
        "D-1,I8,2025-01-02,10,,XQQ,,,",
        "D-1,I9,2009-12-31,10,,,,,",
        "D-2,I10,2025-01-02,10,,,,,",
        "D-1,I11,2025-01-02,10,1,,,0.02,2025-01-20",
    )
    result = await load(finance, "invoices", content, at=LATER + 1, partial=True)
    assert messages(result) == {
        2: [("number", "The dealer has a document i0 of this kind already.")],
        3: [("amount", "The amount has more decimals than its currency.")],
        4: [("tax", "The tax is a part of the amount.")],
        5: [("date", "Nothing takes effect after today.")],
        6: [("due_on", "Nothing is due before its document's day.")],
        7: [("discount_until", "A settlement discount has a rate and a last day.")],
        8: [("discount_until", "A settlement discount ends by the due day.")],
        9: [("amount", "The amount has more decimals than its currency.")],
        10: [("currency", "XQQ is not a currency code.")],
        11: [("due_on", "What is owed has a due day, or the dealer has payment terms on that day.")],
        12: [("dealer", "The dealer D-2 is not known.")],
    }
    assert result["counts"] == {"lines": 12, "rejected": 11, "documents": 1, "allocations": 0}


async def test_lines_of_closed_months_are_rejects(finance: Person, dealer: int) -> None:
    with clock.fixed(moment(LATER)):
        async with acting(finance):
            await close_month(finance, CloseMonth(month="2025-01", reason="done"))
    content = csv_of(INVOICES, "D-1,I1,2024-12-31,1,", "D-1,I2,2025-01-31,1,", "D-1,I3,2025-02-01,1,")
    result = await load(finance, "invoices", content, at=LATER + 1, partial=True)
    told = [("date", "It would change figures of closed months: 2025-01.")]
    assert messages(result) == {2: told, 3: told}
    assert [row[0] for row in await rows(OPEN)] == ["I3"]


async def test_a_number_of_what_pays_stands_once(finance: Person, dealer: int) -> None:
    content = csv_of("dealer,number,date,amount", "D-1,R1,2025-01-02,10", "D-1,r1,2025-01-03,20")
    result = await load(finance, "receipts", content)
    assert result["state"] == "refused"
    told = messages(result)
    assert told[3] == [("number", "The same key is in the file already, at line 2.")]


async def test_a_check_tells_what_would_be_paid_and_posts_nothing(finance: Person, dealer: int) -> None:
    await load(finance, "invoices", csv_of(INVOICES, "D-1,I1,2025-01-02,100,"))
    content = csv_of("dealer,number,date,amount,currency", "D-1,R1,2025-01-02,130,", "D-1,R2,2025-01-02,5,USD")
    before = await rows("SELECT * FROM dealer_account")
    result = await load(finance, "receipts", content, at=LATER + 1, dry_run=True)
    assert result["state"] == "checked"
    assert result["preview"]["payments"] == [
        {"currency": "CNY", "documents": 1, "amount": "130.0000", "allocated": "100.0000", "left_over": "30.0000"},
        {"currency": "USD", "documents": 1, "amount": "5.0000", "allocated": "0", "left_over": "5.0000"},
    ]
    assert await rows("SELECT * FROM dealer_account") == before
    assert len(await rows("SELECT * FROM receivable_document")) == 1


async def test_the_same_file_again_changes_nothing_until_a_document_of_it_is_reversed(
    finance: Person, dealer: int
) -> None:
    content = csv_of(INVOICES, "D-1,I1,2025-01-02,100,")
    await load(finance, "invoices", content)
    assert (await load(finance, "invoices", content, at=LATER + 1))["state"] == "unchanged"
    [(number,)] = await rows("SELECT id FROM receivable_document")
    assert isinstance(number, int)
    with clock.fixed(moment(LATER + 2)):
        async with acting(finance):
            await do_or_ask(finance, REVERSE, "D-1", number, ReverseDocument(reason="wrong"))
    assert (await load(finance, "invoices", content, at=LATER + 3))["state"] == "loaded"
    assert await sound()


async def test_rejected_lines_mended_complete_the_load(finance: Person, dealer: int) -> None:
    content = csv_of(INVOICES, "D-1,I1,2025-01-02,100,", "D-1,I2,2025-01-02,0,", "D-1,I3,2025-01-02,5,")
    first = await load(finance, "invoices", content, partial=True)
    assert (first["counts"]["documents"], first["counts"]["rejected"]) == (2, 1)
    mended = csv_of(INVOICES + ",rejected_load,rejected_line", f"D-1,I2,2025-01-02,7,,{first['id']},3")
    second = await load(finance, "invoices", mended, at=LATER + 1)
    assert (second["state"], second["completes"], second["counts"]["documents"]) == ("loaded", first["id"], 1)
    assert [row[0] for row in await rows(OPEN)] == ["I1", "I2", "I3"]


async def test_dealers_whom_nobody_knows_are_created_where_it_is_asked(finance: Person, dealer: int) -> None:
    machine = await make_machine(await make_person(Role.ADMINISTRATOR), "erp")
    content = csv_of(
        "dealer,number,date,amount,territory,due_on",
        "N-1,I1,2025-01-05,100,Land,",
        "N-1,I2,2025-01-04,50,Land,2025-01-10",
        "D-1,I1,2025-01-04,50,Land,2025-01-10",
    )
    created: dict[str, Any] = {
        "create_missing": ["dealers"],
        "maps": ["dealer=dealer", "number=number", "date=date", "amount=amount", "due_on=due_on",
                 "dealer_territory=territory"],
        "sets": ["dealer_type=terminal", "dealer_currency=USD", "dealer_terms_days=45"],
    }  # fmt: skip
    looked = await load(machine, "invoices", content, dry_run=True, **created)
    assert (looked["state"], looked["preview"]["new_dealers"]) == ("checked", 1)
    assert [(each["currency"], each["documents"]) for each in looked["preview"]["payments"]] == [("CNY", 1), ("USD", 2)]
    result = await load(machine, "invoices", content, at=LATER + 1, **created)
    assert result["counts"] == {"lines": 3, "rejected": 0, "documents": 3, "allocations": 0, "new_dealers": 1}
    assert await rows(
        "SELECT d.code, x.number, o.due_on, o.currency FROM open_item o JOIN dealer d ON d.id = o.dealer_id"
        " JOIN receivable_document x ON x.id = o.document_id ORDER BY 1, 2"
    ) == [
        ("D-1", "I1", date(2025, 1, 10), "CNY"),
        ("N-1", "I1", date(2025, 2, 19), "USD"),
        ("N-1", "I2", date(2025, 1, 10), "USD"),
    ]
    assert await sound()


def _file(documents: Sequence[Document], code: str = "D-1") -> bytes:
    """Documents of one kind as lines of a file, an instalment on each."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(
        ["dealer", "number", "date", "amount", "due on", "discount rate", "discount until", "reference", "maturity",
         "value date", "stays on account"]
    )  # fmt: skip
    for each in documents:
        discount = each.discount
        own: list[tuple[date | None, Decimal]] = [(item.due_on, item.amount) for item in each.instalments]
        for due, amount in own or [(None, each.amount)]:
            writer.writerow(
                [code, each.number, each.effective_on, amount, due or "", discount.rate if discount else "",
                 discount.until if discount else "", ";".join(each.references), each.matures_on or "",
                 each.value_on or "", "yes" if each.stays_on_account else "no"]
            )  # fmt: skip
    return out.getvalue().encode()


# Postings of one dealer are told by their places, as those of the file and of the acts are others.
LEDGER = """
WITH place AS (
    SELECT dealer_id, posting_id, row_number() OVER (PARTITION BY dealer_id ORDER BY posting_id) AS n
    FROM (SELECT DISTINCT dealer_id, posting_id FROM receivable_document) AS d
)
SELECT d.code, x.kind, x.number, x.amount, x.effective_on, i.instalment, i.due_on, i.amount, i.touched_on, i.settled_on,
       settled.n, brought.n, o.due_on, o.effective_on, o.amount, o.brought, o.touched_on, o.moved_on, moved.n, kept.n
FROM receivable_document x JOIN dealer d ON d.id = x.dealer_id
JOIN receivable_item i ON i.dealer_id = x.dealer_id AND i.document_id = x.id
LEFT JOIN open_item o ON o.dealer_id = i.dealer_id AND o.document_id = i.document_id AND o.instalment = i.instalment
LEFT JOIN place settled ON settled.dealer_id = i.dealer_id AND settled.posting_id = i.settled_by
LEFT JOIN place brought ON brought.dealer_id = i.dealer_id AND brought.posting_id = i.posting_id
LEFT JOIN place moved ON moved.dealer_id = o.dealer_id AND moved.posting_id = o.moved_by
LEFT JOIN place kept ON kept.dealer_id = o.dealer_id AND kept.posting_id = o.posting_id
ORDER BY 2, 3, 6
"""
MADE = (
    "SELECT d.code, m.kind, m.number, x.kind, x.number, a.instalment, a.amount, a.effective_on, a.settles, a.why"
    " FROM allocation a JOIN dealer d ON d.id = a.dealer_id JOIN receivable_document m ON m.id = a.money_id"
    " JOIN receivable_document x ON x.id = a.document_id ORDER BY 2, 3, 4, 5, 6, 9"
)
SUMS = "SELECT d.code, b.open, b.on_account FROM account_balance b JOIN dealer d ON d.id = b.dealer_id"
BILLS = "SELECT d.code, b.matures_on, b.amount FROM account_bill b JOIN dealer d ON d.id = b.dealer_id ORDER BY 2"


def _postable(document: Document, random: Random) -> Document:
    if document.kind is DocumentKind.BILL:
        return replace(document, matures_on=day(random.randint(8, 20)))
    if document.discount is not None:
        last = document.instalments[-1].due_on
        document = replace(document, discount=replace(document.discount, until=min(document.discount.until, last)))
    if document.kind.is_owed:
        # The numbers that what is owed names are those of orders, and pay nothing.
        return replace(document, references=())
    return document


@pytest.mark.parametrize("seed", range(12))
async def test_files_bring_about_what_the_acts_would(
    seed: int, finance: Person, dealer: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loads, "AT_ONCE", 2)
    with clock.fixed(moment(0)):
        await make_dealer("D-2", currency="CNY")
    random = Random(seed)  # noqa: S311 - documents for a test
    documents = [_postable(each, random) for each in some_documents(random, 40)]
    hour = LATER
    for kind in random.sample(list(KINDS), len(KINDS)):
        mine = [each for each in documents if each.kind is kind]
        random.shuffle(mine)
        half = random.randint(0, len(mine))
        for part in (mine[:half], mine[half:]):
            if part:
                hour += 1
                result = await load(finance, KINDS[kind], _file(part), at=hour)
                assert result["state"] == "loaded", result
                with clock.fixed(moment(hour)):
                    async with acting(finance):
                        await post_documents(finance, [Given("D-2", replace(each, id=0)) for each in part])
    for sql in (LEDGER, MADE, SUMS, BILLS):
        found = await rows(sql)
        loaded_by_file = [row[1:] for row in found if row[0] == "D-1"]
        assert loaded_by_file == [row[1:] for row in found if row[0] == "D-2"]
    assert await sound()
    with clock.fixed(moment(hour + 1)):
        async with acting(finance):
            movements = await movements_posted(dealer)
            for known_at in range(LATER, hour + 2):
                for on in range(-1, 22):
                    view = View(day(on), moment(known_at), past=True, dated=True)
                    assert await stood(dealer, view) == compute_standing(movements, view), (on, known_at)


def _odd(random: Random) -> Document:
    """A document that may be wrong in some way."""
    kind = random.choice(list(KINDS))
    amount = D(random.choice(("100", "0.01", "1.005", "7", "0.5", "99999999999999.99", "100000000000000")))
    currency = random.choice(("CNY", "CNY", "JPY", "KWD", "XQQ"))
    on = random.choice((0, 3, 3, 3, 90))
    made = {"kind": kind, "number": random.choice(("A1", "号1", "A\u0085b", "A" * 40, "A" * 41)), "currency": currency}
    tax = random.choice((None, None, D(0), D("0.001"), D(200)))
    if kind.is_owed:
        due = random.choice((on + 30, on, on - 1))
        document = owed(amount, on=on, due=due, **made, tax=tax)
        if random.random() < 0.3:
            first = random.choice((D("0.005"), D(1), D(50)))
            parts = (replace(document.instalments[0], amount=first), document.instalments[-1])
            document = replace(document, instalments=parts)
        return document
    value_on = random.choice((None, day(on), day(on + 1))) if kind is DocumentKind.RECEIPT else None
    matures = {"matures_on": day(on + random.choice((-1, 0, 9)))} if kind is DocumentKind.BILL else {}
    return paying(amount, on=on, **made, tax=tax, value_on=value_on, **matures)


async def test_all_that_the_rules_refuse_is_among_what_is_looked_at(database: str) -> None:
    random = Random(7)  # noqa: S311 - documents for a test
    today = day(60)
    by_kind: dict[DocumentKind, list[Document]] = {}
    for n in range(1, 2000):
        each = replace(_odd(random), id=n)
        by_kind.setdefault(each.kind, []).append(each)
    refused = 0
    for kind, documents in by_kind.items():
        async with db.held(db.EVERYTHING), db.transaction():
            found = await _suspected(kind, documents, today)
        for each in documents:
            if check_document(each, today, digits_of(each.currency)):
                refused += 1
                assert each.id in found, each
    assert refused > 500


async def _suspected(kind: DocumentKind, documents: Sequence[Document], today: date) -> set[int]:
    for sql in ("DROP TABLE IF EXISTS pg_temp.staged_document", "DROP TABLE IF EXISTS pg_temp.staged_item"):
        await db.execute(sql)
    await db.execute(
        "CREATE TEMP TABLE staged_document (id bigint, number text, number_key text, currency text, amount numeric,"
        " tax numeric, effective_on date, value_on date, matures_on date, discount_rate numeric, discount_until date)"
        " ON COMMIT DROP"
    )
    await db.execute(
        "CREATE TEMP TABLE staged_item (document_id bigint, instalment integer, due_on date, amount numeric)"
        " ON COMMIT DROP"
    )
    await db.connection().copy_records_to_table(
        "staged_document",
        records=[
            (each.id, each.number, code_key(each.number), each.currency, each.amount, each.tax, each.effective_on,
             each.value_on, each.matures_on, None, None)
            for each in documents
        ],
    )  # fmt: skip
    await db.connection().copy_records_to_table(
        "staged_item",
        records=[
            (each.id, place, item.due_on, item.amount)
            for each in documents
            for place, item in enumerate(each.instalments, 1)
        ],
    )
    digits = {code: digits_of(code) for code in ("CNY", "JPY", "KWD")}
    return {row["id"] for row in await checking.suspects(kind, digits, today, 0, 10_000)}

"""How a file of invoices, receipts, credit notes, debit notes or bills is checked and posted.

The lines stay in the database: only what the rules may refuse, and what can pay or be paid, is looked at one by one, so
many documents at a time. What pays what is planned once, under the locks of the accounts where the load is to go in.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from asyncpg import Record

from channel import clock
from channel.access.rules import Right
from channel.consent.rules import Row
from channel.consent.service import RequestKind
from channel.dealers.queries.loads import dealers as dealer_loads
from channel.dealers.rules import currency_codes
from channel.dealers.rules.terms import InDays
from channel.dealers.service.codes import settle_codes
from channel.dealers.service.loads import check_dealers, load_dealers
from channel.errors import m
from channel.imports.loader import Load, Loader
from channel.imports.queries.staging import record_other_currencies
from channel.imports.rules.kinds import KindSpec
from channel.imports.rules.reasons import REASONS
from channel.imports.service.waiting import loads_kind
from channel.money import digits_of
from channel.periods import Month
from channel.receivables.file_kinds import BILLS, CREDIT_NOTES, DEBIT_NOTES, INVOICES, RECEIPTS
from channel.receivables.queries import checking, loading
from channel.receivables.queries.accounts import lock_accounts
from channel.receivables.queries.books import Whose
from channel.receivables.rules.documents import (
    Discount,
    Document,
    DocumentKind,
    Instalment,
    check_document,
    number_taken,
)
from channel.receivables.rules.due_days import compute_instalments
from channel.receivables.service.load_shares import SharedByDealer
from channel.receivables.service.months import changes_closed, closed_months_touched_by, closed_refusal
from channel.receivables.service.planning import plan, with_due_days
from channel.sales.queries import checking as reports
from channel.sales.queries import creating

AT_ONCE = 20_000
"""So many documents and open items are held in memory; a dealer who has more is held whole."""
WRITTEN_AT_ONCE = 100_000
"""So many are written at once, in the database; between two such parts it is told how far the load is."""
_HALF_A_DISCOUNT = m("A settlement discount has a rate and a last day.")
_NO_INSTALMENT = m("The number stands at line %(line)s too; as an instalment the line has a due day of its own.")
_OTHERWISE = m("Line %(line)s of the same document says otherwise.")
_NOT_ALONE = m("The document is not loaded in part: line %(line)s of it cannot be loaded.")
_FILE_FIELDS: Mapping[str, str] = {"effective_on": "date", "instalments": "amount", "kind": "number"}
"""Where a field of a document is called otherwise in a file."""


@dataclass(frozen=True, slots=True)
class DocumentsLoader(SharedByDealer):
    """Loads documents of one kind: each is posted as it would be by an act, and pays by itself what it can."""

    spec: KindSpec
    kind: DocumentKind
    settle = staticmethod(settle_codes)

    @property
    def waits_as(self) -> RequestKind[Row]:
        """Documents of closed months."""
        return LOADS_IN_CLOSED_MONTHS

    async def check(self, load: Load) -> Mapping[str, Any]:
        """What is wrong with the lines, what they come to by currency, and what they would pay."""
        await checking.resolve_dealers()
        dates = await reports.dates_in_file()
        first, creates = dates["first"], "dealers" in load.create_missing
        if creates:
            await dealer_loads.open_missing_dealers()
            await creating.find_missing_dealers()
            await check_dealers(load.person, load.effective_on or first, dealer_loads.MISSING)
            await creating.expect_dealers()
        if not load.dry_run:
            # Lock, then look: what is found in the books here is what is written on.
            await lock_accounts(await checking.dealer_ids())
        await reports.resolve_currencies()
        if creates:
            await creating.expect_currencies()
        await self._find_faults(load, first)
        await record_other_currencies(load.beside_numbers, checking.CURRENCIES)
        await checking.spread_faults(_NOT_ALONE.text)
        await checking.leave_out_faulty()
        await self._plan(load)
        closed = await _closed_months() if load.asks else ()
        return {
            **({"second": changes_closed(closed)} if closed else {}),
            "days": None if first is None else {"from": first, "to": dates["last"]},
            "payments": [dict(row) for row in await loading.sums(self.kind)],
            **(await creating.missing_counts(dealers=True, products=False) if creates else {}),
        }

    async def _find_faults(self, load: Load, first: date | None) -> None:
        await checking.resolve_lines(self.spec.names)
        await checking.find_unknown(REASONS["unknown-dealer"].text, _HALF_A_DISCOUNT.text)
        if self.kind.is_owed:
            await checking.find_no_instalments(_NO_INSTALMENT.text, _OTHERWISE.text)
        else:
            await checking.find_numbers_twice(REASONS["duplicate-key"].text)
        await checking.stage_documents(self.kind, numbered=not load.dry_run)
        if "payer_account" in load.given:
            await checking.plain_accounts()
        if self.kind.is_owed:
            new = await checking.new_dealers_terms() if "dealers" in load.create_missing else {}
            await _give_due_days(self.kind, new, load.effective_on or first)
        await checking.find_taken(self.kind, number_taken("").text)
        await _refuse_by_rules(self.kind)
        if first is not None and not load.asks:
            closed = await closed_months_touched_by([first])
            await checking.find_closed([month.span.start for month in closed], closed_refusal(()).title.text)

    async def _plan(self, load: Load) -> None:
        """Find what the documents pay, or what waiting money pays of them."""
        await loading.open_plan()
        found = await loading.sizes(with_money=self.kind.is_owed)
        done, total = 0, sum(row["documents"] for row in found)
        for part in _parts(found, AT_ONCE):
            books: dict[Whose, list[Document]] = {}
            for row in await loading.staged([each["dealer_id"] for each in part]):
                books.setdefault((row["dealer_id"], row["currency"]), []).append(_document(self.kind, row))
            planned = await plan(books)
            await loading.add_plan((*each.whose, made) for each in planned for made in each.allocations)
            done += sum(each["documents"] for each in part)
            load.told("allocating", done, total)

    async def write(self, load: Load, posting_id: int) -> Mapping[str, int]:
        """Post the documents and what they pay; dealers that are to be created come first."""
        counts = {"documents": 0, "allocations": await loading.planned_count()}
        if "dealers" in load.create_missing:
            counts |= await self._create(load, posting_id)
        found = await loading.sizes()
        total = sum(row["documents"] for row in found)
        await loading.open_writing(self.kind, posting_id)
        for part in _parts(found, WRITTEN_AT_ONCE):
            low, high = part[0]["dealer_id"], part[-1]["dealer_id"]
            await loading.record_staged(self.kind, low, high, posting_id)
            counts["documents"] += sum(each["documents"] for each in part)
            load.told("loading", counts["documents"], total)
        return counts

    async def _create(self, load: Load, posting_id: int) -> dict[str, int]:
        await creating.keep_needed(dealers=True, products=False)
        counts = await creating.missing_counts(dealers=True, products=False)
        first = (await reports.dates_in_file())["first"]
        await load_dealers(load.person, posting_id, load.effective_on or first, dealer_loads.MISSING)
        await loading.give_dealers()
        await lock_accounts([row["dealer_id"] for row in await loading.sizes()])
        return counts

    async def stands(self, _load_id: int, posting_id: int) -> bool:
        """A load stands while none of its documents was reversed."""
        return not await loading.is_reversed_in_part(posting_id)


def _parts(found: Sequence[Record], most: int) -> Iterator[list[Record]]:
    """The dealers in runs of at most so many documents and open items; one who has more is a run of his own."""
    part: list[Record] = []
    held = 0
    for row in found:
        if part and held + row["size"] > most:
            yield part
            part, held = [], 0
        part.append(row)
        held += row["size"]
    if part:
        yield part


async def _give_due_days(kind: DocumentKind, new_dealers: Mapping[int, int], created_on: date | None) -> None:
    """Items of the documents that name no due day: by the terms of their dealers' on their days.

    Dealers that are to be created have theirs from the day on which they are.
    """
    after = -(2**62)
    while rows := await checking.without_due_day(after, AT_ONCE):
        after = rows[-1]["id"]
        documents = await with_due_days([(row["dealer_id"], _bare(kind, row)) for row in rows])
        made: list[tuple[object, ...]] = []
        for row, document in zip(rows, documents, strict=True):
            items = document.instalments
            terms = new_dealers.get(row["dealer_id"])
            if terms is not None and created_on is not None and row["effective_on"] >= created_on:
                digits = digits_of(row["currency"])
                items = compute_instalments(InDays(terms), row["amount"], row["effective_on"], digits)
            made += [(row["id"], place, each.due_on, each.amount) for place, each in enumerate(items, 1)]
        await checking.add_items(made)


async def _closed_months() -> tuple[Month, ...]:
    """The closed months whose figures the documents that are left would change."""
    first = await checking.first_staged_day()
    return () if first is None else await closed_months_touched_by([first])


async def _refuse_by_rules(kind: DocumentKind) -> None:
    """A fault for all that the rules refuse of a document, in their words."""
    today, digits = clock.today(), {currency: digits_of(currency) for currency in currency_codes()}
    after = -(2**62)
    while rows := await checking.suspects(kind, digits, today, after, AT_ONCE):
        after = rows[-1]["id"]
        # What is owed whole has one item of its amount, of which nothing is said twice.
        wrong = {
            (row["line_no"], _FILE_FIELDS.get(error.field, error.field), error.reason)
            for row in rows
            for error in check_document(_document(kind, row), today, digits_of(row["currency"]))
        }
        await checking.add_faults([(line, field, reason.as_json()) for line, field, reason in wrong])


def _bare(kind: DocumentKind, row: Record) -> Document:
    return Document(kind, row["number"], row["currency"], row["amount"], row["effective_on"], row["id"])


def _document(kind: DocumentKind, row: Record) -> Document:
    rate, until = row["discount_rate"], row["discount_until"]
    return Document(
        kind,
        row["number"],
        row["currency"],
        row["amount"],
        row["effective_on"],
        row["id"],
        row.get("tax"),
        tuple(Instalment(due_on, amount) for due_on, amount in row["instalments"] or ()),
        tuple(row["refs"] or ()),
        Discount(rate, until) if rate is not None and until is not None else None,
        row["matures_on"],
        row["value_on"],
        bool(row["stays_on_account"]),
    )


LOADS_IN_CLOSED_MONTHS = loads_kind(
    "loads in closed months", "load in closed months", Right.POST_DOCUMENTS, Right.CLOSE_MONTHS
)
"""Loads that change figures of closed months."""
LOADERS: Sequence[Loader] = (
    DocumentsLoader(INVOICES, DocumentKind.INVOICE),
    DocumentsLoader(RECEIPTS, DocumentKind.RECEIPT),
    DocumentsLoader(CREDIT_NOTES, DocumentKind.CREDIT_NOTE),
    DocumentsLoader(DEBIT_NOTES, DocumentKind.DEBIT_NOTE),
    DocumentsLoader(BILLS, DocumentKind.BILL),
)

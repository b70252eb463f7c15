"""Statements of account: given under a number for good, kept as they were given, and read again to the letter."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import msgspec
from asyncpg import Record
from msgspec.structs import replace

from channel import clock
from channel.access import service as access
from channel.access.queries import DealerAct
from channel.access.rules import Person, Right, require
from channel.codes import seen
from channel.database import db
from channel.database.snapshots import known_as, view_of
from channel.dealers.queries.dealers import dealer_card
from channel.dealers.service.responsible import responsible_asked
from channel.errors import Invalid, NotFound, invalid, m
from channel.lists import ALL, Page, Wanted
from channel.money import digits_of
from channel.receivables.acts.statements import GiveStatement
from channel.receivables.queries import statements as queries
from channel.receivables.queries.accounts import account_sums
from channel.receivables.queries.statement_lines import stood_in
from channel.receivables.queries.statements import Kept
from channel.receivables.rules.settings import LEDGER_RULES
from channel.receivables.rules.statements import (
    Account,
    Statement,
    Stood,
    checksum_of,
    draw_up,
    refused_period,
)
from channel.receivables.service.statement_sheet import draw_sheet
from channel.versions.service import in_force
from channel.view import View

GIVE = "give statement"
_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class KeptStatement:
    """A statement as it is kept: its row, what it tells, its sheet as HTML, and its checksum, which was verified."""

    row: Record
    content: Statement
    sheet: str
    checksum: str


def period_asked(as_of: date | None, from_on: date | None) -> tuple[date, date]:
    """First and last day of a statement: the month of the day up to it, unless told otherwise."""
    today = clock.today()
    end = as_of or today
    begin = from_on or end.replace(day=1)
    if refused := refused_period(begin, end, today):
        raise Invalid(m("No statement of account can be given for these days."), refused)
    return begin, end


async def give_statement(person: Person, act: GiveStatement) -> int:
    """Give a statement of one account as known now; its number."""
    require(person, Right.POST_DOCUMENTS)
    from_on, as_of = period_asked(act.as_of, act.from_on)
    dealer = await dealer_card(act.dealer)
    if dealer is None:
        raise NotFound(m("The dealer %(code)s is not known.", code=seen(act.dealer)))
    account = Account(dealer["id"], act.currency or dealer["currency"])
    await _check_account(account, dealer["currency"])
    drafts = await drafts_of(person, [account], from_on, view_of(as_of))
    async with db.transaction():
        posting_id = await access.open_posting(person, GIVE)
        numbers = await give(person, drafts, posting_id)
    return numbers[0]


async def _check_account(account: Account, own: str) -> None:
    """Refuse a currency in which the dealer never had anything: a slip of the pen takes no number of the series."""
    known = {row["currency"] for row in await account_sums([account.dealer_id], clock.today())} | {own}
    if account.currency not in known:
        one_of = m("One of: %(choices)s", choices=", ".join(sorted(known)))
        raise invalid("currency", m("The dealer has no account in this currency."), one_of)


async def drafts_of(
    person: Person, accounts: Sequence[Account], from_on: date, view: View
) -> Mapping[Account, Statement]:
    """What statements of these accounts tell as known at the view's moment, still without their numbers.

    What is known at a moment never changes: the numbers may be taken later, in another transaction.
    """
    async with known_as(view) as fixed:
        ids = sorted({each.dealer_id for each in accounts})
        stood = await stood_in(ids, from_on, fixed, clock.today())
        names = await queries.names_of(ids)
        rules = await in_force(LEDGER_RULES, fixed)
    buckets, nothing = rules.buckets(), Stood([], [], [], [])
    return {
        each: draw_up(
            Statement(
                number=0,
                dealer=names[each.dealer_id]["code"],
                dealer_name=names[each.dealer_id]["name"],
                currency=each.currency,
                digits=digits_of(each.currency),
                from_on=from_on,
                as_of=fixed.as_of,
                known_at=fixed.known_at,
                given_by=person.name,
                opening=_ZERO,
                lines=(),
                open=_ZERO,
                on_account=_ZERO,
                closing=_ZERO,
                bills=(),
                ageing=(),
                rules_version=rules.version,
            ),
            stood.get(each, nothing),
            buckets,
        )
        for each in accounts
        if each.dealer_id in names
    }


async def give(
    person: Person, drafts: Mapping[Account, Statement], posting_id: int, run_id: int | None = None
) -> list[int]:
    """Number these, draw their sheets and keep them, in the transaction under way; their numbers."""
    if not drafts:
        return []
    numbers = await queries.take_numbers(len(drafts))
    numbered = [
        (account, replace(draft, number=number))
        for number, (account, draft) in zip(numbers, drafts.items(), strict=True)
    ]
    # Sheets of large accounts take their time: they are drawn in a thread, so that pages are served meanwhile.
    kept = await asyncio.to_thread(lambda: [_kept(*each) for each in numbered])
    await queries.keep(kept, run_id, posting_id)
    lines = [
        DealerAct(
            each.account.dealer_id,
            f"statement of account {each.number}",
            after={"closing": str(each.closing), "currency": each.account.currency, "checksum": each.checksum},
        )
        for each in kept
    ]
    await access.audit_each(person, GIVE, lines, posting_id)
    return list(numbers)


def _kept(account: Account, statement: Statement) -> Kept:
    content, sheet = msgspec.json.encode(statement).decode(), draw_sheet(statement)
    return Kept(
        account,
        statement.number,
        statement.from_on,
        statement.as_of,
        statement.known_at,
        statement.opening,
        statement.closing,
        content,
        sheet,
        checksum_of(content, sheet),
    )


async def kept_statement(person: Person, number: int) -> KeptStatement:
    """A statement as it was given; `NotFound` where there is none in the person's scope."""
    require(person, Right.SEE_RECEIVABLES)
    row = await queries.statement(number)
    if row is None:
        raise NotFound(m("There is no statement of account %(number)s.", number=str(number)))
    if checksum_of(row["content"], row["sheet"]) != row["checksum"]:
        raise RuntimeError(f"statement of account {number} is not what was given: its checksum differs")
    return KeptStatement(row, msgspec.json.decode(row["content"], type=Statement), row["sheet"], row["checksum"])


async def statements_told(
    person: Person,
    dealer: str | None,
    currency: str | None,
    run: int | None,
    wanted: Wanted = ALL,
    responsible: str | None = None,
) -> Page[Record]:
    """Statements that were given, in the person's scope; of a dealer, a currency, a run.

    `responsible` is the code of the member of staff who looks after the dealers today, or "nobody".
    """
    require(person, Right.SEE_RECEIVABLES)
    dealer_id = None
    if dealer is not None:
        card = await dealer_card(dealer)
        if card is None:
            raise NotFound(m("The dealer %(code)s is not known.", code=seen(dealer)))
        dealer_id = card["id"]
    member = await responsible_asked(responsible)
    return await queries.statements(dealer_id, currency, run, wanted, member)

"""Money whose payer is not known: kept apart, proposed for dealers, assigned by an act, taken back, or sent back."""

from dataclasses import dataclass

from asyncpg import Record

from channel import clock
from channel.access import service as access
from channel.access.rules import Person, Right, require
from channel.database import db
from channel.dealers.service.facts import dealer_by_code
from channel.errors import Conflict, NotFound, invalid, m
from channel.lists import Page, Wanted
from channel.receivables.acts.unknown_money import AssignMoney, KeepUnknownMoney, ReturnMoney, TakeBackAssignment
from channel.receivables.queries import unknown_money as queries
from channel.receivables.rules.documents import Document, DocumentKind
from channel.receivables.rules.payers import Reason, UnknownMoney, propose_payers
from channel.receivables.service.assignments import TAKE_BACK_ASSIGNMENT
from channel.receivables.service.posting import Given, Posted, post_documents
from channel.receivables.service.waiting import do_or_ask

_KEEP, _ASSIGN, _RETURN = "keep unknown money", "assign money", "return money"


@dataclass(frozen=True, slots=True)
class Proposed:
    """A dealer for whom money may be, and everything that speaks for him, the strongest first."""

    dealer: str
    name: str
    reasons: tuple[Reason, ...]


async def list_money(person: Person, state: str | None, wanted: Wanted) -> Page[Record]:
    """The bank lines in a state (`unknown`, `assigned`, `returned`), or all."""
    require(person, Right.KEEP_UNKNOWN_MONEY)
    return await queries.unknown_money(state, wanted)


async def money_of(person: Person, money_id: int) -> Record:
    """One bank line and what became of it."""
    require(person, Right.KEEP_UNKNOWN_MONEY)
    return await _existing(money_id)


async def _existing(money_id: int, *, lock: bool = False) -> Record:
    row = await queries.money(money_id, lock=lock)
    if row is None:
        raise NotFound(m("There is no such money."))
    return row


async def payers_proposed(person: Person, money_id: int, most: int = 20) -> list[Proposed]:
    """For whom the money may be, the strongest first: a number that its text names, the account, the amount."""
    require(person, Right.KEEP_UNKNOWN_MONEY)
    row = await _existing(money_id)
    line = UnknownMoney(row["amount"], row["currency"], row["remark"], row["payer_account"])
    found = propose_payers(line, await queries.known_by([line]))[:most]
    names = await queries.dealer_names([each.dealer_id for each in found])
    return [
        Proposed(names[each.dealer_id]["code"], names[each.dealer_id]["name"], each.reasons)
        for each in found
        if each.dealer_id in names
    ]


async def keep_money(person: Person, act: KeepUnknownMoney) -> int:
    """Keep a bank line apart; its number in the ledger."""
    require(person, Right.KEEP_UNKNOWN_MONEY)
    if act.booked_on > clock.today():
        raise invalid("booked_on", m("Nothing takes effect after today."), m("a day up to today"))
    async with db.transaction():
        if await queries.number_waits(act.number):
            raise invalid("number", m("Money of the number %(number)s waits already.", number=str(act.number)))
        posting_id = await access.open_posting(person, _KEEP)
        money_id = await queries.record_money(act, posting_id)
        after = {"amount": act.amount, "currency": act.currency, "effective_on": act.booked_on}
        await access.audit(person, _KEEP, f"money {act.number}", after=after, posting_id=posting_id)
    return money_id


async def assign_money(person: Person, money_id: int, act: AssignMoney) -> Posted:
    """Make it a receipt of a dealer's: late or in time by the bank's day, in the books from today.

    It pays what its text names of his documents, and else as any receipt does.
    """
    require(person, Right.KEEP_UNKNOWN_MONEY)
    async with db.transaction():
        row = await _waiting(money_id)
        dealer = await dealer_by_code(act.dealer)
        line = UnknownMoney(row["amount"], row["currency"], row["remark"], row["payer_account"])
        mine = [each for each in propose_payers(line, await queries.known_by([line])) if each.dealer_id == dealer["id"]]
        named = [reason.what for each in mine for reason in each.reasons if reason.ground.value == "number"]
        document = Document(
            DocumentKind.RECEIPT,
            act.number or row["number"],
            row["currency"],
            row["amount"],
            clock.today(),
            references=tuple(named),
            value_on=row["booked_on"],
        )
        given = Given(dealer["code"], document, row["remark"], row["payer_account"])
        posted = await post_documents(person, [given], act.reason)
        posting_id = await access.open_posting(person, _ASSIGN)
        await queries.end_money(money_id, posting_id)
        await queries.record_assignment(dealer["id"], posted.documents[0].document.id, money_id)
        await access.audit(
            person,
            _ASSIGN,
            f"money {row['number']}",
            dealer_ids=[dealer["id"]],
            after={"amount": row["amount"], "currency": row["currency"]},
            reason=act.reason,
            posting_id=posting_id,
        )
    return posted


@dataclass(frozen=True, slots=True)
class TakenBack:
    """An assignment that was taken back: the money's new number; or the number under which it waits for that."""

    money_id: int | None
    waits: int | None


async def take_back(person: Person, money_id: int, act: TakeBackAssignment) -> TakenBack:
    """Reverse the receipt that it became, and let the money wait again; in a closed month by a second person's word."""
    require(person, Right.KEEP_UNKNOWN_MONEY)
    async with db.transaction():
        row = await _existing(money_id)
        if row["state"] != "assigned":
            raise Conflict(m("This money is not assigned to anybody."))
        if row["dealer"] is None:
            raise NotFound(m("There is no such money."))
        waits = await do_or_ask(person, TAKE_BACK_ASSIGNMENT, row["dealer"], money_id, act)
        return TakenBack(await queries.waiting_with(row["number"]) if waits is None else None, waits)


async def return_money(person: Person, money_id: int, act: ReturnMoney) -> None:
    """The money was sent back; it waits no longer."""
    require(person, Right.KEEP_UNKNOWN_MONEY)
    async with db.transaction():
        row = await _waiting(money_id)
        posting_id = await access.open_posting(person, _RETURN)
        await queries.end_money(money_id, posting_id)
        await access.audit(person, _RETURN, f"money {row['number']}", reason=act.reason, posting_id=posting_id)


async def _waiting(money_id: int) -> Record:
    row = await _existing(money_id, lock=True)
    if row["state"] != "unknown":
        raise Conflict(m("Somebody has dealt with this money already."))
    return row

"""Taking back the assignment of unknown money: its receipt is reversed, and the money waits again."""

from channel.access.queries import DealerAct
from channel.access.rules import Right
from channel.errors import Conflict, NotFound, m
from channel.receivables.acts.documents import ReverseDocument
from channel.receivables.acts.unknown_money import KeepUnknownMoney, TakeBackAssignment
from channel.receivables.queries import unknown_money as queries
from channel.receivables.service.ledger_acts import LedgerAct, Prepared
from channel.receivables.service.reversing import REVERSE


async def _prepare(login: str, dealer_id: int, money_id: int, act: TakeBackAssignment) -> Prepared[TakeBackAssignment]:
    row = await queries.money(money_id)
    if row is None or row["dealer_id"] not in {dealer_id, None}:
        raise NotFound(m("There is no such money."))
    if row["state"] != "assigned":
        raise Conflict(m("This money is not assigned to anybody."))
    if await queries.number_waits(row["number"]):
        raise Conflict(m("Money of the number %(number)s waits already.", number=str(row["number"])))
    reversal = await REVERSE.prepare(login, dealer_id, row["document_id"], ReverseDocument(reason=act.reason))
    anew = KeepUnknownMoney(
        number=row["number"],
        currency=row["currency"],
        amount=row["amount"],
        booked_on=row["booked_on"],
        remark=row["remark"],
        payer_account=row["payer_account"],
    )

    async def carry_out(posting_id: int) -> None:
        await reversal.carry_out(posting_id)
        await queries.record_money(anew, posting_id)

    subjects = (reversal.subject, f"money {row['number']}")
    return Prepared(
        act,
        f"money {row['number']}",
        reversal.days,
        carry_out,
        reversal.before,
        reversal.after,
        lines=[
            DealerAct(dealer_id, each, dict(reversal.before), dict(reversal.after), act.reason) for each in subjects
        ],
    )


TAKE_BACK_ASSIGNMENT = LedgerAct(
    "take back assignment",
    Right.KEEP_UNKNOWN_MONEY,
    TakeBackAssignment,
    _prepare,
    lambda money_id, _: f"take back money {money_id}",
)

"""Keeping what is known of a dealer's credit: statements, scores, references, needs."""

from datetime import date

from asyncpg import Record

from channel import clock
from channel.access import service as access
from channel.access.rules import Person, Right, require
from channel.credit.acts import KeepFact, StatementGiven
from channel.credit.queries import facts as queries
from channel.credit.service.looks import dealer_named
from channel.database import db
from channel.database.snapshots import view_of
from channel.errors import invalid, m


async def keep_statement(person: Person, code: str, act: StatementGiven) -> None:
    """Figures of a period; they take the place of those kept for it before, which can still be asked as known then."""
    require(person, Right.KEEP_STATEMENTS)
    dealer, figures = await dealer_named(code), act.shown()
    money = act.currency or dealer["currency"]
    if act.period_end > clock.today() and not act.void:
        raise invalid("period_end", m("The period has not ended yet."), m("a day up to today"))
    async with db.transaction():
        name = "void statement" if act.void else "keep statement"
        posting_id = await access.open_posting(person, name)
        values = [None if act.void else figures.get(figure) for figure in queries.FIGURES]
        await queries.record_statement(
            dealer["id"], act.period_end, act.period_months, money, values, posting_id, void=act.void
        )
        await access.audit(
            person,
            name,
            f"statement of {act.period_end.isoformat()}",
            dealer_ids=[dealer["id"]],
            after={"currency": money, **{figure: value for figure, value in figures.items() if value is not None}},
            reason=act.reason,
            posting_id=posting_id,
        )


async def statements_of(person: Person, code: str) -> list[Record]:
    """A dealer's statements, each period's last posting."""
    require(person, Right.SEE_CREDIT)
    dealer = await dealer_named(code)
    return await queries.statements([dealer["id"]], date.max, None)


async def keep_fact(person: Person, code: str, act: KeepFact) -> None:
    """A further value of what is known besides statements; those before it stay as known then."""
    require(person, Right.KEEP_STATEMENTS)
    dealer, on = await dealer_named(code), act.effective_on or clock.today()
    async with db.transaction():
        posting_id = await access.open_posting(person, "keep credit fact")
        currency = None if act.fact == "score" else dealer["currency"]
        kept = (act.fact, act.factor)
        await queries.record_fact(dealer["id"], kept, act.amounts, currency, on, act.reason, posting_id)
        await access.audit(
            person,
            "keep credit fact",
            f"{act.fact} {act.factor}".strip(),
            dealer_ids=[dealer["id"]],
            after={"amounts": act.amounts, "currency": currency, "effective_on": on},
            reason=act.reason,
            posting_id=posting_id,
        )


async def facts_of(person: Person, code: str) -> list[Record]:
    """What is known of a dealer's credit today."""
    require(person, Right.SEE_CREDIT)
    dealer = await dealer_named(code)
    return await queries.credit_facts([dealer["id"]], view_of())

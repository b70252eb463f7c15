"""Statements and facts of a dealer's credit over the API."""

from datetime import date, datetime
from decimal import Decimal

import msgspec
from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from channel import web
from channel.access.rules import Person
from channel.credit.acts import KeepFact, KeepStatement
from channel.credit.api.decision_told import Done
from channel.credit.lists import FACTS, STATEMENTS
from channel.credit.service import facts
from channel.lists import Page, Wanted, page_in


class StatementRow(msgspec.Struct):
    """Figures of a period; what the statement does not show is null."""

    period_end: date
    period_months: int
    currency: str
    total_assets: Decimal | None
    current_assets: Decimal | None
    inventory: Decimal | None
    current_liabilities: Decimal | None
    total_debt: Decimal | None
    net_worth: Decimal | None
    retained_earnings: Decimal | None
    ebit: Decimal | None
    sales: Decimal | None
    net_profit: Decimal | None
    market_equity: Decimal | None
    recorded_at: datetime
    actor: str


class FactRow(msgspec.Struct):
    """A score, the trade-reference limits, the stated need or the best high credit."""

    fact: str
    factor: str
    amounts: list[Decimal]
    currency: str | None
    effective_on: date
    reason: str | None
    recorded_at: datetime
    actor: str


@get("/api/v1/credit/dealers/{code:str}/statements", dependencies=web.list_asked(STATEMENTS, web.MOST_TOLD))
async def list_statements(
    person: NamedDependency[Person], code: FromPath[str], wanted: NamedDependency[Wanted]
) -> Page[StatementRow]:
    """A dealer's statements, of each period the last posting."""
    found = page_in(await facts.statements_of(person, code), STATEMENTS, wanted)
    return found.as_(StatementRow)


@post("/api/v1/credit/dealers/{code:str}/statements")
async def keep_statement(person: NamedDependency[Person], code: FromPath[str], data: JSONBody[KeepStatement]) -> Done:
    """Keep the figures of a period; those kept before stay as known then."""
    await facts.keep_statement(person, code, data)
    return Done("void" if data.void else "kept")


@get("/api/v1/credit/dealers/{code:str}/facts", dependencies=web.list_asked(FACTS, web.MOST_TOLD))
async def list_facts(
    person: NamedDependency[Person], code: FromPath[str], wanted: NamedDependency[Wanted]
) -> Page[FactRow]:
    """Scores, references, need and best high credit as known today."""
    found = page_in(await facts.facts_of(person, code), FACTS, wanted)
    return found.as_(FactRow)


@post("/api/v1/credit/dealers/{code:str}/facts")
async def keep_fact(person: NamedDependency[Person], code: FromPath[str], data: JSONBody[KeepFact]) -> Done:
    """Keep a further value."""
    await facts.keep_fact(person, code, data)
    return Done("kept")


ROUTES = (list_statements, keep_statement, list_facts, keep_fact)

"""Statements and facts of a dealer's credit over the API."""

from datetime import date, datetime
from decimal import Decimal
from typing import Self

import msgspec
from asyncpg import Record
from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from channel.access.rules import Person
from channel.credit.api.parts import Done
from channel.credit.service import facts
from channel.web import Text


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

    @classmethod
    def of(cls, row: Record) -> Self:
        """From the database's row."""
        return cls(**{name: row[name] for name in cls.__struct_fields__})


class StatementList(msgspec.Struct):
    """A dealer's statements by period."""

    items: list[StatementRow]
    next: str | None = None


class NewStatement(msgspec.Struct, forbid_unknown_fields=True):
    """Figures of a period; `void` says that the period has none after all."""

    period_end: date
    figures: dict[str, Decimal | None] = {}
    period_months: int = 12
    currency: str | None = None
    void: bool = False
    reason: Text | None = None


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

    @classmethod
    def of(cls, row: Record) -> Self:
        """From the database's row."""
        return cls(**{name: row[name] for name in cls.__struct_fields__})


class FactList(msgspec.Struct):
    """What is known of a dealer's credit today."""

    items: list[FactRow]
    next: str | None = None


class NewFact(msgspec.Struct, forbid_unknown_fields=True):
    """A further value from a day on; no amount says that it is no longer known."""

    fact: str
    amounts: list[Decimal]
    factor: str = ""
    effective_on: date | None = None
    reason: Text | None = None


@get("/api/v1/credit/dealers/{code:str}/statements")
async def list_statements(person: NamedDependency[Person], code: FromPath[str]) -> StatementList:
    """A dealer's statements, of each period the last posting."""
    return StatementList([StatementRow.of(row) for row in await facts.statements_of(person, code)])


@post("/api/v1/credit/dealers/{code:str}/statements")
async def keep_statement(person: NamedDependency[Person], code: FromPath[str], data: JSONBody[NewStatement]) -> Done:
    """Keep the figures of a period; those kept before stay as known then."""
    await facts.keep_statement(
        person,
        code,
        data.period_end,
        data.figures,
        period_months=data.period_months,
        currency=data.currency,
        void=data.void,
        reason=data.reason,
    )
    return Done("void" if data.void else "kept")


@get("/api/v1/credit/dealers/{code:str}/facts")
async def list_facts(person: NamedDependency[Person], code: FromPath[str]) -> FactList:
    """Scores, references, need and best high credit as known today."""
    return FactList([FactRow.of(row) for row in await facts.facts_of(person, code)])


@post("/api/v1/credit/dealers/{code:str}/facts")
async def keep_fact(person: NamedDependency[Person], code: FromPath[str], data: JSONBody[NewFact]) -> Done:
    """Keep a further value."""
    await facts.keep_fact(
        person,
        code,
        data.fact,
        data.amounts,
        factor=data.factor,
        effective_on=data.effective_on,
        reason=data.reason,
    )
    return Done("kept")


ROUTES = (list_statements, keep_statement, list_facts, keep_fact)

"""Statements and the facts that people know of a dealer's credit: written once, read as of a day as known then."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from asyncpg import Record

from channel.credit import tables
from channel.database import db
from channel.database.posted import by_place, latest_of, of_each
from channel.view import View

FIGURES = (
    "total_assets", "current_assets", "inventory", "current_liabilities", "total_debt", "net_worth",
    "retained_earnings", "ebit", "sales", "net_profit", "market_equity",
)  # fmt: skip
"""The figures of a statement, by the names that columns and files share."""

_FIGURES = ", ".join(f"s.{name}" for name in FIGURES)
_COLUMNS = f"s.period_months, s.currency, {_FIGURES}, s.void, p.recorded_at, p.actor"
_THEIRS = "s.dealer_id = ANY ($1::bigint[]) AND s.period_end < $2"


def _statements(known_at: str) -> str:
    latest = latest_of("financial_statement s", "s.dealer_id, s.period_end", _COLUMNS, _THEIRS, known_at)
    return f"SELECT * FROM ({latest}) AS latest WHERE NOT void"


_IN_ORDER = "dealer_id, period_end"
_STATEMENTS = f"{_statements('$3')} ORDER BY {_IN_ORDER}"
_STATEMENTS_AT_EACH = of_each(_statements("asked.known_at"), "$3::timestamptz[]", "known_at", _IN_ORDER)


async def statements(dealer_ids: Sequence[int], before: date, known_at: datetime | None) -> list[Record]:
    """The statements of periods that ended before the day: of each period the last one known at the moment."""
    return await db.fetch(_STATEMENTS, dealer_ids, before, known_at)


async def statements_at_each(dealer_ids: Sequence[int], moments: Sequence[datetime | None]) -> list[list[Record]]:
    """The statements of all periods as known at each of these moments, in one statement of SQL."""
    if len(moments) == 1:
        return [await statements(dealer_ids, date.max, moments[0])]
    return by_place(await db.fetch(_STATEMENTS_AT_EACH, dealer_ids, date.max, moments), len(moments))


async def record_statement(
    dealer_id: int,
    period_end: date,
    period_months: int,
    currency: str,
    figures: Sequence[Decimal | None],
    posting_id: int,
    *,
    void: bool,
) -> None:
    """A further posting for a period; `figures` stand in the order of `FIGURES`."""
    told: dict[str, Any] = dict(zip(FIGURES, figures, strict=True))
    await tables.FinancialStatement(
        dealer_id=dealer_id,
        period_end=period_end,
        period_months=period_months,
        currency=currency,
        void=void,
        posting_id=posting_id,
        **told,
    ).save()


def _facts(as_of: str, known_at: str) -> str:
    held = latest_of(
        "credit_fact f",
        "f.dealer_id, f.fact, f.factor",
        "f.amounts, f.currency, f.effective_on, f.reason, p.recorded_at, p.actor",
        f"f.dealer_id = ANY ($1::bigint[]) AND f.effective_on <= {as_of}",
        known_at,
        later="f.effective_on DESC",
    )
    return f"SELECT *, fact || ' ' || factor AS key FROM ({held}) AS latest WHERE cardinality(amounts) > 0"


_BY_FACT = "dealer_id, fact, factor"
_FACTS = f"{_facts('$2', '$3')} ORDER BY {_BY_FACT}"
_FACTS_IN_EACH = of_each(
    _facts("asked.as_of", "asked.known_at"), "$2::date[], $3::timestamptz[]", "as_of, known_at", _BY_FACT
)


async def credit_facts(dealer_ids: Sequence[int], view: View) -> list[Record]:
    """What was known on the day as known at the moment; a fact that is no longer known is left out."""
    return await db.fetch(_FACTS, dealer_ids, view.as_of, view.moment)


async def credit_facts_in_each(dealer_ids: Sequence[int], views: Sequence[View]) -> list[list[Record]]:
    """The same for each of these views, in one statement."""
    if len(views) == 1:
        return [await credit_facts(dealer_ids, views[0])]
    days, moments = [view.as_of for view in views], [view.moment for view in views]
    return by_place(await db.fetch(_FACTS_IN_EACH, dealer_ids, days, moments), len(views))


async def record_fact(
    dealer_id: int,
    fact: tuple[str, str],
    amounts: Sequence[Decimal],
    currency: str | None,
    effective_on: date,
    reason: str | None,
    posting_id: int,
) -> None:
    """A further value; `fact` is the kind and, for a score, its factor."""
    await tables.CreditFact(
        dealer_id=dealer_id,
        fact=fact[0],
        factor=fact[1],
        amounts=list(amounts),
        currency=currency,
        effective_on=effective_on,
        reason=reason,
        posting_id=posting_id,
    ).save()

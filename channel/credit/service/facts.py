"""Keeping what is known of a dealer's credit: statements, scores, references, needs."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from asyncpg import Record

from channel import clock
from channel.access import service as access
from channel.access.rules import Person, Right, require
from channel.credit.queries import facts as queries
from channel.credit.service.inputs import dealer_named
from channel.database import db
from channel.database.snapshots import view_of
from channel.dealers.rules import is_currency_code
from channel.errors import FieldError, Invalid, m
from channel.money import STORED_PLACES

FACTS = ("score", "reference_limits", "stated_need", "best_high_credit")
_MOST = Decimal(10) ** 13
_MAY_BE_NEGATIVE = frozenset({"net_worth", "retained_earnings", "ebit", "net_profit"})
_LONGEST_PERIOD = 24
_LONGEST_FACTOR = 100
"""Characters of what is scored."""
_BEST_SCORE = 10


async def keep_statement(
    person: Person,
    code: str,
    period_end: date,
    figures: Mapping[str, Decimal | None],
    *,
    period_months: int = 12,
    currency: str | None = None,
    void: bool = False,
    reason: str | None = None,
) -> None:
    """Figures of a period; they take the place of those kept for it before, which can still be asked as known then.

    What is not given is not shown by the statement, which is not 0. `void` says that the period has none after all.
    """
    require(person, Right.KEEP_STATEMENTS)
    dealer = await dealer_named(code)
    money = currency or dealer["currency"]
    errors = [] if void else _statement_errors(period_end, period_months, money, figures)
    if errors:
        raise Invalid(m("The statement cannot be kept so."), tuple(errors))
    async with db.transaction():
        act = "void statement" if void else "keep statement"
        posting_id = await access.open_posting(person, act)
        values = [None if void else figures.get(name) for name in queries.FIGURES]
        await queries.record_statement(dealer["id"], period_end, period_months, money, values, posting_id, void=void)
        await access.audit(
            person,
            act,
            f"statement of {period_end.isoformat()}",
            dealer_ids=[dealer["id"]],
            after={"currency": money, **{name: value for name, value in figures.items() if value is not None}},
            reason=reason,
            posting_id=posting_id,
        )


def _statement_errors(
    period_end: date, period_months: int, currency: str, figures: Mapping[str, Decimal | None]
) -> list[FieldError]:
    errors: list[FieldError] = []
    if period_end > clock.today():
        errors.append(FieldError("period_end", m("The period has not ended yet."), m("a day up to today")))
    if not 1 <= period_months <= _LONGEST_PERIOD:
        errors.append(FieldError("period_months", m("A period has 1 to 24 months.")))
    if not is_currency_code(currency):
        errors.append(FieldError("currency", m("%(value)s is not a currency code.", value=currency)))
    for name, value in figures.items():
        if name not in queries.FIGURES:
            errors.append(FieldError(name, m("This field is not known.")))
        elif value is not None and not _is_amount(value, negative=name in _MAY_BE_NEGATIVE):
            errors.append(FieldError(name, m("This is not an amount."), m("a number with at most 4 decimals")))
    if all(figures.get(name) is None for name in queries.FIGURES):
        errors.append(FieldError("total_assets", m("The statement shows no figure at all.")))
    return errors


def _is_amount(value: Decimal, *, negative: bool) -> bool:
    low = -_MOST if negative else Decimal(0)
    return value.is_finite() and low <= value < _MOST and value == round(value, STORED_PLACES)


async def statements_of(person: Person, code: str) -> list[Record]:
    """A dealer's statements, each period's last posting."""
    require(person, Right.SEE_CREDIT)
    dealer = await dealer_named(code)
    return await queries.statements([dealer["id"]], date.max, None)


async def keep_fact(
    person: Person,
    code: str,
    fact: str,
    amounts: Sequence[Decimal],
    *,
    factor: str = "",
    effective_on: date | None = None,
    reason: str | None = None,
) -> None:
    """A score of one factor (1 to 10), trade-reference limits, a stated need or a best high credit, from a day on.

    Amounts are in the dealer's currency. No amount says that the fact is no longer known.
    """
    require(person, Right.KEEP_STATEMENTS)
    dealer = await dealer_named(code)
    errors = _fact_errors(fact, factor, amounts)
    if errors:
        raise Invalid(m("This cannot be kept so."), tuple(errors))
    on = effective_on or clock.today()
    async with db.transaction():
        posting_id = await access.open_posting(person, "keep credit fact")
        currency = None if fact == "score" else dealer["currency"]
        await queries.record_fact(dealer["id"], (fact, factor), amounts, currency, on, reason, posting_id)
        await access.audit(
            person,
            "keep credit fact",
            f"{fact} {factor}".strip(),
            dealer_ids=[dealer["id"]],
            after={"amounts": list(amounts), "currency": currency, "effective_on": on},
            reason=reason,
            posting_id=posting_id,
        )


def _fact_errors(fact: str, factor: str, amounts: Sequence[Decimal]) -> list[FieldError]:
    if fact not in FACTS:
        return [FieldError("fact", m("This is none of the kinds."), m("One of: %(choices)s", choices=", ".join(FACTS)))]
    errors: list[FieldError] = []
    if fact == "score" and not factor.strip():
        errors.append(FieldError("factor", m("A score belongs to a factor.")))
    if len(factor) > _LONGEST_FACTOR:
        too_long = m("at most %(most)s characters", most=_LONGEST_FACTOR)
        errors.append(FieldError("factor", m("The text is too long."), too_long))
    if fact != "score" and factor:
        errors.append(FieldError("factor", m("Only a score has a factor.")))
    if fact != "reference_limits" and len(amounts) > 1:
        errors.append(FieldError("amounts", m("One value is wanted here.")))
    for value in amounts:
        if fact == "score" and not (value.is_finite() and 1 <= value <= _BEST_SCORE):
            errors.append(FieldError("amounts", m("A score goes from 1 to 10.")))
        elif not _is_amount(value, negative=False):
            errors.append(FieldError("amounts", m("This is not an amount."), m("a number with at most 4 decimals")))
    return errors


async def facts_of(person: Person, code: str) -> list[Record]:
    """What is known of a dealer's credit today."""
    require(person, Right.SEE_CREDIT)
    dealer = await dealer_named(code)
    return await queries.credit_facts([dealer["id"]], view_of())

"""Keeping products, product lines and exchange rates."""

from datetime import date
from decimal import Decimal

from channel import db
from channel.access import service as access
from channel.access.rules import Person, Right, require
from channel.dealers.queries import masters as queries
from channel.dealers.queries.codes import hold_new_codes
from channel.dealers.rules import DealerType, is_currency_code
from channel.dealers.service.dealers import check_code, check_name
from channel.errors import invalid, m
from channel.moments import check_day

_MOST = Decimal(1_000_000_000)
RATE_PLACES = 12


async def keep_line(person: Person, code: str, name: str, wanted_type: DealerType | None) -> None:
    """Add a product line, or give the one with this code another name or wanted type."""
    require(person, Right.KEEP_PRODUCTS)
    code, name = check_code(code), check_name(name)
    async with db.transaction():
        await hold_new_codes()
        before = await queries.locked_line(code)
        code = code if before is None else before["code"]
        await queries.record_line(code, name, wanted_type)
        await access.audit(
            person,
            "keep product line",
            f"product line {code}",
            before=None if before is None else dict(before),
            after={"name": name, "wanted_type": wanted_type},
        )


async def keep_product(person: Person, code: str, name: str, line: str, unit: str | None = None) -> None:
    """Add a product, or change the one with this code; what was posted keeps the line it was posted with."""
    require(person, Right.KEEP_PRODUCTS)
    code, name, unit = check_code(code), check_name(name), (unit or "").strip() or None
    async with db.transaction():
        found = await queries.product_line(line.strip())
        if found is None:
            raise invalid("line", m("The product line %(code)s is not known.", code=line))
        await hold_new_codes()
        before = await queries.locked_product(code)
        code = code if before is None else before["code"]
        await queries.record_product(code, name, found["id"], unit)
        await access.audit(
            person,
            "keep product",
            f"product {code}",
            before=None if before is None else dict(before),
            after={"name": name, "line": line, "unit": unit},
        )


async def keep_rate(person: Person, currency: str, on: date, rate: Decimal) -> None:
    """Record the company currency per unit of another on a day; an earlier one of the day stays as known then."""
    require(person, Right.KEEP_RATES)
    currency = currency.strip().upper()
    if not is_currency_code(currency):
        raise invalid("currency", m("%(value)s is not a currency code.", value=currency))
    check_day("on", on)
    if not rate.is_finite() or not 0 < rate < _MOST or rate != round(rate, RATE_PLACES):
        raise invalid(
            "rate", m("%(value)s is not a rate.", value=str(rate)), m("A number above 0 with at most 12 decimals")
        )
    async with db.transaction():
        if currency == await access.company_currency():
            raise invalid("currency", m("%(value)s is the company's own currency: its rate is 1.", value=currency))
        posting_id = await access.open_posting(person, "keep rate")
        await queries.record_rate(currency, on, rate, posting_id)
        await access.audit(
            person,
            "keep rate",
            f"rate {currency} {on}",
            after={"rate": rate},
            posting_id=posting_id,
        )

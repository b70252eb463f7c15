"""Keeping products, product lines and exchange rates."""

from channel.access import service as access
from channel.access.rules import Person, Right, require
from channel.database import db
from channel.dealers.acts import KeepLine, KeepProduct, KeepRate
from channel.dealers.queries import masters as queries
from channel.dealers.queries.codes import hold_new_codes
from channel.errors import invalid, m


async def keep_line(person: Person, act: KeepLine) -> None:
    """Add a product line, or give the one with this code another name or wanted type."""
    require(person, Right.KEEP_PRODUCTS)
    async with db.transaction():
        await hold_new_codes()
        before = await queries.locked_line(act.code)
        code = act.code if before is None else before["code"]
        await queries.record_line(code, act.name, act.wanted_type)
        await access.audit(
            person,
            "keep product line",
            f"product line {code}",
            before=None if before is None else dict(before),
            after={"name": act.name, "wanted_type": act.wanted_type},
        )


async def keep_product(person: Person, act: KeepProduct) -> None:
    """Add a product, or change the one with this code; what was posted keeps the line it was posted with."""
    require(person, Right.KEEP_PRODUCTS)
    async with db.transaction():
        found = await queries.product_line(act.line)
        if found is None:
            raise invalid("line", m("The product line %(code)s is not known.", code=act.line))
        await hold_new_codes()
        before = await queries.locked_product(act.code)
        code = act.code if before is None else before["code"]
        await queries.record_product(code, act.name, found["id"], act.unit)
        await access.audit(
            person,
            "keep product",
            f"product {code}",
            before=None if before is None else dict(before),
            after={"name": act.name, "line": act.line, "unit": act.unit},
        )


async def keep_rate(person: Person, act: KeepRate) -> None:
    """Record the company currency per unit of another on a day; an earlier one of the day stays as known then."""
    require(person, Right.KEEP_RATES)
    async with db.transaction():
        if act.currency == await access.company_currency():
            own = m("%(value)s is the company's own currency: its rate is 1.", value=act.currency)
            raise invalid("currency", own)
        posting_id = await access.open_posting(person, "keep rate")
        await queries.record_rate(act.currency, act.on, act.rate, posting_id)
        await access.audit(
            person,
            "keep rate",
            f"rate {act.currency} {act.on}",
            after={"rate": act.rate},
            posting_id=posting_id,
        )

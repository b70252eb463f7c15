"""Keeping products, product lines and exchange rates."""

from typing import Any

import asyncpg
import msgspec

from channel.access import service as access
from channel.access.rules import Person, Right, require
from channel.acts import changes_of
from channel.database import db
from channel.dealers.acts import KeepLine, KeepProduct, KeepRate
from channel.dealers.queries import masters as queries
from channel.dealers.queries.codes import hold_new_codes
from channel.errors import Conflict, FieldError, invalid, m


def refuse_known(before: asyncpg.Record | None) -> None:
    """Refuse to add what there is already: whoever adds something does not mean to change another thing."""
    if before is not None:
        known = m("There is %(name)s with this code already.", name=f"{before['name']} ({before['code']})")
        raise Conflict(m("The code is taken already."), (FieldError("code", known),))


async def keep_line(person: Person, act: KeepLine, *, new: bool = False) -> None:
    """Add a product line, or give the one with this code another name or wanted type; a `new` one is only added."""
    require(person, Right.KEEP_PRODUCTS)
    async with db.transaction():
        await hold_new_codes()
        before = await queries.locked_line(act.code)
        if new:
            refuse_known(before)
        present = None if before is None else {"name": before["name"], "wanted_type": before["wanted_type"]}
        after: dict[str, Any] = {"name": act.name, "wanted_type": act.wanted_type}
        if present is not None:
            after = present | changes_of(act, present)
        if after == present:
            return
        code = act.code if before is None else before["code"]
        await queries.record_line(code, after["name"], after["wanted_type"])
        await access.audit(person, "keep product line", f"product line {code}", before=present, after=after)


async def keep_product(person: Person, act: KeepProduct, *, new: bool = False) -> None:
    """Add a product, or change the one with this code; a `new` one is only added.

    What was posted keeps the line it was posted with.
    """
    require(person, Right.KEEP_PRODUCTS)
    async with db.transaction():
        await hold_new_codes()
        before = await queries.locked_product(act.code)
        if new:
            refuse_known(before)
        present = None if before is None else {name: before[name] for name in ("name", "line", "unit")}
        line = await queries.product_line(act.line)
        if line is None:
            raise invalid("line", m("The product line %(code)s is not known.", code=act.line))
        after = {"name": act.name, "line": line["code"], "unit": act.unit}
        if present is not None:
            after = present | changes_of(msgspec.structs.replace(act, line=line["code"]), present)
        if after == present:
            return
        code = act.code if before is None else before["code"]
        await queries.record_product(code, after["name"], after["line"], after["unit"])
        await access.audit(person, "keep product", f"product {code}", before=present, after=after)


async def keep_rate(person: Person, act: KeepRate) -> None:
    """Record the company currency per unit of another on a day; an earlier one of the day stays as known then."""
    require(person, Right.KEEP_RATES)
    async with db.transaction():
        if act.currency == await access.company_currency():
            own = m("%(value)s is the company's own currency: its rate is 1.", value=act.currency)
            raise invalid("currency", own)
        if await queries.rate_recorded(act.currency, act.on) == act.rate:
            return
        posting_id = await access.open_posting(person, "keep rate")
        await queries.record_rate(act.currency, act.on, act.rate, posting_id)
        await access.audit(
            person,
            "keep rate",
            f"rate {act.currency} {act.on}",
            after={"rate": act.rate},
            posting_id=posting_id,
        )

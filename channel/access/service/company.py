"""Settings of the whole company."""

from channel.access import queries
from channel.access.rules import OPERATOR
from channel.access.service.trail import audit
from channel.database import db
from channel.errors import Conflict, m

_CURRENCY = "company_currency"


async def company_currency() -> str:
    """The currency in which the company adds up; it is set at the first start, and without one nothing is counted."""
    value = await queries.setting(_CURRENCY)
    return chosen_currency(value if isinstance(value, str) else None)


def chosen_currency(currency: str | None) -> str:
    """The company's currency as it was read, where it is needed: Conflict says that none was chosen."""
    if currency is None:
        raise Conflict(m("The company currency is not set: start the service once with CHANNEL_COMPANY_CURRENCY."))
    return currency


async def fix_company_currency(wanted: str, *, has_lines: bool) -> str:
    """Make the configured currency the company's at a start; gives it back.

    Once lines are held in the company's currency (`has_lines`), another one raises Conflict: their amounts would
    no longer mean what they say.
    """
    async with db.transaction():
        present = await queries.locked_setting(_CURRENCY)
        if present == wanted:
            return wanted
        if present is not None and has_lines:
            raise Conflict(
                m(
                    "CHANNEL_COMPANY_CURRENCY is %(wanted)s, but this company counts in %(present)s and has lines."
                    " Set it to %(present)s, or use another data folder.",
                    wanted=wanted,
                    present=present,
                )
            )
        await queries.record_setting(_CURRENCY, wanted)
        await audit(OPERATOR, "set company currency", "company", before=present, after=wanted)
    return wanted

"""The policy in force together with the currency in which the company counts."""

from asyncpg import Record

from channel.credit.rules import POLICY
from channel.database import db
from channel.dealers.queries.masters import COMPANY_CURRENCY
from channel.versions.queries import IN_FORCE, asked_at
from channel.view import View

_WITH_CURRENCY = f"""
SELECT found.*, (SELECT value FROM setting WHERE name = '{COMPANY_CURRENCY}') AS company_currency
FROM ({IN_FORCE}) AS found
"""


async def policy_and_currency(view: View) -> Record:
    """The policy that counts, nulls before the first, and beside it `company_currency`, null where none was chosen."""
    (row,) = await db.fetch(_WITH_CURRENCY, *asked_at(POLICY.code, "", (view,)))
    return row

"""The policy in force together with the currency in which the company counts."""

from collections.abc import Sequence

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


async def policies_and_currency(views: Sequence[View]) -> list[Record]:
    """For each view the policy that counts, nulls before the first, and beside it `company_currency`.

    That is null where none was chosen.
    """
    return await db.fetch(_WITH_CURRENCY, *asked_at(POLICY.code, "", views))

"""Loads of documents as regional staff know of them: by the documents of their own dealers."""

from decimal import Decimal

from channel.database.snapshots import view_of
from channel.dealers.queries.masters import company_currency, rates_at
from channel.imports.loader import Share
from channel.imports.rules.kinds import KindSpec
from channel.receivables.queries import load_shares as queries


class SharedByDealer:
    """Who did not bring a load and is bound is told what it brought of his dealers: documents, days and amount."""

    spec: KindSpec

    async def share(self, load_id: int) -> Share | None:
        """The documents of the dealers in scope, in company currency at the latest rates.

        The amount is None where a currency has no rate.
        """
        rates = {row["currency"]: row["rate"] for row in await rates_at(view_of())}
        if company := await company_currency():
            rates[company] = Decimal(1)
        row = await queries.share_of_load(load_id, list(rates), list(rates.values()))
        return None if row is None else Share(**dict(row))

    async def loads_concerning(self, before_id: int | None, limit: int) -> list[int]:
        """Those that brought a document of any dealer in scope."""
        return await queries.loads_concerning(self.spec.kind, before_id, limit)

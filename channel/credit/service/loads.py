"""How files of statements are checked and written."""

from collections.abc import Mapping, Sequence
from typing import Any

from channel import clock
from channel.access import service as access
from channel.credit.file_kinds import STATEMENTS
from channel.credit.queries import loads as queries
from channel.dealers.rules import currency_codes
from channel.dealers.service.codes import settle_codes
from channel.errors import m
from channel.imports.loader import Load, Loader, Unshared
from channel.imports.queries.staging import record_other_currencies
from channel.imports.rules.reasons import REASONS

_NOT_OVER = m("The period has not ended yet.").text
_EMPTY = m("The statement shows no figure at all.").text


class StatementsLoader(Unshared):
    """Statements by dealer and period: a later posting takes the place of an earlier one and does not change it."""

    spec = STATEMENTS
    settle = staticmethod(settle_codes)

    async def check(self, load: Load) -> Mapping[str, Any]:
        """Faults of the lines; how many statements are new, changed or the same."""
        await queries.check_statements(
            REASONS["unknown-dealer"].text,
            REASONS["bad-currency"].text,
            currency_codes(),
            clock.today(),
            _NOT_OVER,
            _EMPTY,
        )
        await record_other_currencies(load.beside_numbers, queries.CURRENCIES)
        return dict(await queries.counts())

    async def write(self, load: Load, posting_id: int) -> Mapping[str, int]:
        """Statements posted, and those that were the same."""
        counts = await queries.counts()
        dealer_ids = await queries.write_statements(posting_id)
        if dealer_ids:
            await access.audit(
                load.person,
                "keep statement",
                "statements of a file",
                dealer_ids=dealer_ids,
                after={"file": load.file_name},
                posting_id=posting_id,
            )
        return {"added": counts["new"], "changed": counts["changed"], "unchanged": counts["unchanged"]}

    async def stands(self, _load_id: int, posting_id: int) -> bool:
        """Whether no statement was posted since."""
        return await queries.nothing_posted_since(posting_id)


LOADERS: Sequence[Loader] = (StatementsLoader(),)

"""What is kept beside the ledger, held against what was posted."""

from channel import clock
from channel.database import db
from channel.receivables.queries import standing
from channel.receivables.queries.accounts import lock_accounts

_BATCH = 500


async def reconcile_ledger(*, mend: bool = False) -> int:
    """How many dealers' open items, accounts or bills differ from what was posted; with `mend` they are made anew."""
    differing = await standing.dealers_differing(clock.today())
    for start in range(0, len(differing) if mend else 0, _BATCH):
        async with db.transaction():
            batch = differing[start : start + _BATCH]
            await lock_accounts(batch)
            await standing.keep_anew(batch, clock.today())
    return len(differing)

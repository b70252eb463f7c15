"""What was written off."""

from datetime import datetime
from decimal import Decimal

from channel.database import db

_BY = """
SELECT coalesce(sum(d.amount), 0) FROM receivable_document d JOIN posting p ON p.id = d.posting_id
LEFT JOIN request_dealer r ON r.dealer_id = d.dealer_id AND r.closed_by = d.posting_id AND r.kind = 'write-off'
WHERE d.dealer_id = $2 AND d.currency = $3 AND d.kind = 'write_off' AND d.live AND coalesce(r.proposer, p.actor) = $1
  AND (p.recorded_at IS NULL OR p.recorded_at > $4)
"""


async def written_off_by(login: str, dealer_id: int, currency: str, since: datetime) -> Decimal:
    """All that one person wrote off of a dealer and currency since a moment and that is not reversed.

    What a second person approved counts to whoever asked for it.
    """
    return Decimal(await db.fetchval(_BY, login, dealer_id, currency, since))

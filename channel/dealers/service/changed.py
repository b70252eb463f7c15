"""What a change of a dealer's status or grade sets off in the rooms above."""

from channel.dealers.rules import Fact
from channel.work.service import ask

CHANGED = "tell what changed of dealers"
"""Work of whoever follows: of the posting that is the key, what it changed of status and grade."""
TOLD_OF = frozenset({Fact.STATUS, Fact.GRADE})


async def tell_changed(posting_id: int) -> None:
    """Have told what a posting changes of dealers."""
    await ask(CHANGED, str(posting_id))

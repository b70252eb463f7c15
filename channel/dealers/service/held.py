"""What a dealer that is put on hold sets off in the rooms above."""

from collections.abc import Iterable
from datetime import date

from channel import clock
from channel.work.service import ask

HELD = "what follows a hold"
"""Work of whoever follows: of the posting that is the key, what it put on hold by the day on which it is done."""


async def tell_held(days: Iterable[date], posting_id: int) -> None:
    """Have what follows done of dealers that a posting puts on hold from these days: at once, or when a day comes."""
    for day in sorted({max(each, clock.today()) for each in days}):
        await ask(HELD, str(posting_id), period=None if day == clock.today() else day)

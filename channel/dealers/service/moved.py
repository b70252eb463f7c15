"""What dealers in other territories set off in the rooms above: who may see them is another one then."""

from datetime import date

from channel import clock
from channel.work.service import ask

MOVED = "what follows dealers in other territories"
"""Work of whoever follows: whatever stands by who may see a dealer is looked at again."""


async def tell_moved(day: date) -> None:
    """Have what follows done of dealers that come to other territories on a day: at once, or when it comes."""
    await ask(MOVED, period=day if day > clock.today() else None)

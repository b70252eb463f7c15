"""Tasks that stand, for the small worlds of the walks."""

from datetime import date

from channel import clock
from channel.access import service as access
from channel.access.rules import SERVICE
from channel.database import db
from channel.tasks.queries.writing import NewTask
from channel.tasks.service.kinds import OWN
from channel.tasks.service.opening import end_tasks, open_tasks


async def open_for_anybody(what: str, dealer_id: int = 0, due_on: date | None = None) -> int:
    """Something that anybody who may is to do, by today unless another day is said; its number."""
    async with db.held(db.EVERYTHING), db.transaction():
        new = NewTask(what, due_on or clock.today(), dealer_id, what=what)
        (number,) = await open_tasks(OWN, [new], await access.open_posting(SERVICE, "open tasks"))
    return number


async def drop(what: str, dealer_id: int = 0) -> None:
    """It is no longer needed."""
    async with db.held(db.EVERYTHING), db.transaction():
        await end_tasks(OWN, [(dealer_id, what)], await access.open_posting(SERVICE, "end tasks"))

"""One state of the books for all that a request reads: what is asked inside an open snapshot joins it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date, datetime

from channel import clock
from channel.database import db
from channel.view import View


def view_of(as_of: date | None = None, known_at: datetime | None = None) -> View:
    """The books as of a day (today, if None) as known at a moment (now, if None)."""
    return View(as_of or clock.today(), known_at or clock.now(), past=known_at is not None, dated=as_of is not None)


@asynccontextmanager
async def known_as(view: View, *, keep: bool = False) -> AsyncIterator[View]:
    """Read all that is asked inside in one snapshot, of which this is the view: with K fixed, where it is now.

    `keep` is as in `db.known`.
    """
    async with db.known(view.moment, keep=keep) as known_at:
        yield replace(view, known_at=known_at)


async def settled(view: View) -> View:
    """The view for one query without a snapshot: whatever was recorded up to its moment can be read from now on."""
    if view.moment is not None:
        await db.settle(view.moment)
    return view


@asynccontextmanager
async def computed_on(view: View) -> AsyncIterator[View]:
    """The same under the system scope, to compute over all that counts: once the person's right was checked."""
    async with db.known(view.moment, system=True) as known_at:
        yield replace(view, known_at=known_at)

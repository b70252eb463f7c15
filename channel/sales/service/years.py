"""Keeping the year by which the list of dealers is sorted."""

from channel import clock
from channel.database import db
from channel.periods import complete_months_before
from channel.sales.queries import years


async def keep_year() -> bool:
    """Keep the twelve complete months before today, and no other year; False when they are kept already.

    Runs under an open scope (a job's), often: only the first run in a month has work to do.
    """
    ends_on = complete_months_before(clock.today(), years.MONTHS)[-1].end
    if await years.kept_years() == [ends_on]:
        return False
    async with db.transaction():
        await years.keep_all([ends_on])
    return True


async def reconcile_years(*, mend: bool = False) -> int:
    """How many dealers' kept years differ from their rollups and coverage; with `mend` they are computed anew."""
    different = await years.different_years()
    if different and mend:
        async with db.transaction():
            await years.keep_all(await years.kept_years())
    return different

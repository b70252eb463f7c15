"""The story of the room `sales`: what the company and its dealers report, month after month."""

from collections.abc import Callable, Sequence
from datetime import timedelta

from channel.demo.filling import DUE_DAY, Filling
from channel.demo.story import MONTHS, File, Reports

_MONTHS_OF_YEAR = 12


async def live_through(filling: Filling, told: Callable[[str, float], None]) -> None:
    """Bring in the reports of all months, each when it came; whatever was planned happens meanwhile."""
    batch: list[Reports] = []
    for number, reports in enumerate(filling.story.reports(), start=1):
        batch.append(reports)
        for hear in filling.hearing:
            hear(reports)
        # Of the first year the company loaded a quarter at a time, then it learned to do it every month.
        if number > _MONTHS_OF_YEAR or number % 3 == 0:
            await filling.live_until(filling.moment(reports.month.end, timedelta(days=2)))
            await _report(filling, batch)
            batch = []
        told(f"reports of {reports.month}", number / (MONTHS + 2))


async def _report(filling: Filling, batch: Sequence[Reports]) -> None:
    """The company's own sales a few days after the month, the dealers' reports when they are due."""
    first, last = batch[0].month, batch[-1].month
    period = f"{first}:{last}"
    closing = filling.moment(last.end, timedelta(days=2))
    due = filling.moment(last.end, timedelta(days=DUE_DAY))
    await filling.enter_rates(closing)
    sell_in = _joined([reports.sell_in for reports in batch])
    await filling.load("fang", "sell-in", sell_in, closing, period=period)
    await filling.live_until(due)
    # The rates of these days are needed by what finance decides on the reports.
    await filling.enter_rates(due)
    for reports in batch:
        month = str(reports.month)
        await filling.load("mei", "sell-through", reports.sell_through, due, period=month)
        await filling.load("mei", "stock", reports.stock, due, period=month)


def _joined(parts: Sequence[File]) -> File:
    return File(parts[-1].name, parts[0].header, [row for part in parts for row in part.rows])

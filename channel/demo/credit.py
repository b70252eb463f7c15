"""The story of the room `credit`: accounts that dealers send in, and limits as finance decides on them."""

from datetime import date, timedelta
from functools import partial

from channel import clock
from channel.demo.decisions import Finance
from channel.demo.filling import DUE_DAY, Filling
from channel.demo.story import MONTHS, File


def plan(filling: Filling) -> None:
    """Plan all of it."""
    _plan_statements(filling)
    _plan_decisions(filling)


def _plan_statements(filling: Filling) -> None:
    """Every fifth of those who were there before sends his accounts in spring."""
    dealers = [d for d in filling.story.dealers if d.first == 0 and d.last == MONTHS][::5]
    first, last = filling.story.months[0], filling.story.months[-1]
    years = [first.year - 1, *(y for y in range(first.year, last.year) if date(y + 1, 4, 20) <= filling.now.date())]
    files = [filling.story.statement_file(dealers, [year]) for year in years]
    for year, file in zip(years, files, strict=True):
        day = max(date(year + 1, 4, 20), first.first)
        filling.plan(filling.moment(day), partial(_enter_statements, filling, file))


async def _enter_statements(filling: Filling, file: File) -> None:
    await filling.load("grace", "statements", file, clock.now())


def _plan_decisions(filling: Filling) -> None:
    """Limits are reviewed when the dealers' reports of a half-year are in; the last round is under way today."""
    finance, months = Finance(filling.acting), filling.story.months
    settled = timedelta(days=DUE_DAY + 2)
    filling.plan(filling.moment(months[12].first, settled), partial(finance.review, "qian", ("fang", "grace")))
    filling.plan(filling.moment(months[18].first, settled), partial(finance.review, "fang", ("grace", "qian")))
    east = [d.code for d in filling.story.dealers if d.territory.startswith("E") and d.first == 0 and d.last == MONTHS]
    raised = filling.moment(filling.now.date() - timedelta(days=12))
    for at in (raised - timedelta(hours=1), filling.now - timedelta(hours=3)):
        filling.plan(at, partial(filling.enter_rates, at))
    filling.plan(raised, partial(finance.raise_for_a_time, "dong", ("grace", "fang"), east[5:]))
    filling.plan(filling.now - timedelta(hours=2), partial(finance.begin_review, "qian", ("fang", "grace"), 12))

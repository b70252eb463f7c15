"""Figures of receivables by month, of one dealer or of a selection, as of a day as known at a moment."""

from dataclasses import dataclass

from channel.access.rules import Person, Right, require
from channel.database import db
from channel.database.snapshots import known_as
from channel.dealers.queries import masters
from channel.dealers.service.facts import dealer_by_code
from channel.dealers.service.responsible import responsible_asked
from channel.errors import NotFound, m
from channel.receivables.queries import figures as queries
from channel.receivables.queries.selecting import dealers_selected
from channel.receivables.rules.figures import Behaviour
from channel.receivables.rules.series import FigureRow, MonthFigures, figures_by_month, figures_on, row_of
from channel.view import View

MONTHS = 12
"""So many months are told."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Whose figures: of one dealer, or of those of a territory and below it and of a type; else of all in scope.

    `responsible` is the code of the member of staff who looked after the dealers on the view's day, or "nobody".
    """

    dealer: str | None = None
    territory: str | None = None
    type: str | None = None
    responsible: str | None = None


async def figures_asked(person: Person, whose: Selection, view: View, months: int = MONTHS) -> list[FigureRow]:
    """A row for each currency and month, and one for all of these months; none where nothing was ever posted.

    What the items settled in the months say of all of them together stands in the last row of a currency, beside what
    is as of the day asked for.
    """
    require(person, Right.SEE_RECEIVABLES)
    async with known_as(view) as fixed:
        dealers = await dealers_meant(whose, fixed)
        async with db.planned_anew():
            moved, settled = await queries.moved(dealers, fixed), await queries.settled(dealers, fixed)
    rows = []
    for currency, mine in moved.items():
        by_month = figures_by_month(mine, settled.get(currency, {}), fixed.as_of, months)
        rows += [row_of(currency, each) for each in by_month]
        sums = Behaviour()
        for each in by_month:
            sums = sums.plus(settled.get(currency, {}).get(each.month, Behaviour()))
        last = by_month[-1]
        together = MonthFigures(last.month, last.as_of, figures_on(mine, last.as_of, sums))
        rows.append(row_of(currency, together, together=True))
    return rows


async def dealers_meant(whose: Selection, view: View) -> list[int] | None:
    """The dealers of a selection as it was on the view's day; None means all in scope."""
    if whose.dealer is not None:
        one = (await dealer_by_code(whose.dealer))["id"]
        mine = await dealers_selected(None, None, view, await responsible_asked(whose.responsible))
        return [one] if mine is None or one in mine else []
    territory_id = None
    if whose.territory is not None:
        node = await masters.territory_in_scope(whose.territory)
        if node is None:
            raise NotFound(m("The territory %(code)s is not known.", code=whose.territory))
        territory_id = node["id"]
    return await dealers_selected(territory_id, whose.type, view, await responsible_asked(whose.responsible))

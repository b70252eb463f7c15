"""JSON of the figures of receivables by month."""

from typing import Annotated

from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromQuery, QueryParameter

from channel import web
from channel.access.rules import Person
from channel.dealers.rules import DealerType
from channel.lists import Page, Wanted, page_in
from channel.receivables.lists.figures import FIGURES
from channel.receivables.rules.series import FigureRow
from channel.receivables.service.figures import MONTHS, Selection, figures_asked
from channel.view import View


@get("/api/v1/receivables/figures", dependencies=web.list_asked(FIGURES, 1000))
async def list_figures(
    person: NamedDependency[Person],
    view: NamedDependency[View],
    wanted: NamedDependency[Wanted],
    dealer: FromQuery[str | None] = None,
    territory: FromQuery[str | None] = None,
    type_: Annotated[DealerType | None, QueryParameter(name="type")] = None,
    responsible: FromQuery[str | None] = None,
    months: Annotated[int, QueryParameter(ge=1, le=60)] = MONTHS,
) -> Page[FigureRow]:
    """DSO, CEI, days late and more, by currency and month up to the day asked for; a month's are of its last day.

    Dealers of a territory, a type or a member of staff (`responsible`, by code, or "nobody") are those who were there
    on that day. The CEI of the last month is of the month up to the day.
    """
    whose = Selection(dealer or None, territory or None, None if type_ is None else type_.value, responsible)
    return page_in(await figures_asked(person, whose, view, months), FIGURES, wanted)


ROUTES = (list_figures,)

"""The page of the figures of receivables, of all or some dealers, and of one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from litestar import Request
from litestar.di import NamedDependency
from litestar.params import FromQuery

from channel import web
from channel.access.rules import Person
from channel.dealers.pages.form_reading import choices, member_filter, places
from channel.dealers.rules import DEALER_TYPE_NAMES, DealerType
from channel.errors import m
from channel.lists import Page, Wanted, choice_asked, page_in
from channel.periods import Month
from channel.receivables.lists.figures import FIGURE_HINTS, FIGURE_NAMES, FIGURES
from channel.receivables.rules.series import FigureRow
from channel.receivables.service.figures import Selection, figures_asked
from channel.view import View

AnyRequest = Request[Any, Any, Any]


@dataclass(frozen=True, slots=True)
class Asked:
    """In which view figures are shown, and the rows: the table, its file and the charts are made of the same."""

    view: View
    rows: Sequence[FigureRow]


async def _asked(
    person: NamedDependency[Person],
    view: NamedDependency[View],
    dealer: FromQuery[str | None] = None,
    territory: FromQuery[str | None] = None,
    type: FromQuery[str | None] = None,
    responsible: FromQuery[str | None] = None,
) -> Asked:
    of_type = choice_asked(DealerType, type, "type")
    whose = Selection((dealer or "").strip() or None, territory or None, of_type, responsible or None)
    return Asked(view, await figures_asked(person, whose, view))


async def _rows(_person: Person, asked: Asked, wanted: Wanted) -> Page[FigureRow]:
    return page_in(asked.rows, FIGURES, wanted)


async def _beside(request: AnyRequest, _person: Person, asked: Asked) -> Mapping[str, Any]:
    return {
        "crumbs": [(m("Receivables"), "/receivables")],
        "facts": [m("as of %(day)s", day=asked.view.as_of)],
        "dense": True,
        "view": asked.view,
        "charts": months_by_currency(asked.rows),
        "places": await places(),
        "member_filter": await member_filter(request),
        "types": choices(request, DEALER_TYPE_NAMES),
        "figures": [(FIGURE_NAMES[each], FIGURE_HINTS[each]) for each in FIGURE_HINTS],
    }


def months_by_currency(rows: Sequence[FigureRow]) -> list[tuple[str, list[Month], list[FigureRow]]]:
    """The months of each currency, in their order, with their rows."""
    mine: dict[str, tuple[list[Month], list[FigureRow]]] = {}
    for row in rows:
        if row.month is not None:
            months, kept = mine.setdefault(row.currency, ([], []))
            months.append(Month.parse(row.month))
            kept.append(row)
    return [(currency, *each) for currency, each in mine.items()]


ROUTES = web.list_routes(
    FIGURES,
    "/receivables/figures",
    _rows,
    template="receivables/figures.html",
    filtered=_asked,
    context=_beside,
)

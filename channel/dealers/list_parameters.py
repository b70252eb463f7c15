"""What programs ask of lists of dealers, in this room and in those above that add figures to them."""

from litestar.params import FromQuery

from channel.dealers.queries.lists import DealerFilter
from channel.dealers.rules import DealerType, StatusAsked


def asked_dealers(
    type: FromQuery[DealerType | None] = None,
    territory: FromQuery[str | None] = None,
    line: FromQuery[str | None] = None,
    grade: FromQuery[str | None] = None,
    status: FromQuery[StatusAsked | None] = None,
    q: FromQuery[str | None] = None,
    sort: FromQuery[str] = "name",
) -> DealerFilter:
    """The filters and the sort order; an empty query asks for all dealers by name."""
    return DealerFilter(type, territory, line, grade, status, q, sort)

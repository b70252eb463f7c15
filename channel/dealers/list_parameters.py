"""What programs ask of lists of dealers, in this room and in those above that add figures to them."""

from litestar.di import Provide
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
    responsible: FromQuery[str | None] = None,
) -> DealerFilter:
    """The filters; an empty query asks for all dealers. `responsible` is a member of staff by code, or "nobody"."""
    return DealerFilter(type, territory, line, grade, status, q, responsible)


ASKED = {"asked": Provide(asked_dealers, sync_to_thread=False)}
"""The dependency of an address that tells dealers."""

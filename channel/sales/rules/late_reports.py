"""Which reports are late: by dealer and month, however many kinds of them."""

from collections.abc import Iterable

from channel.sales.rules import Owed

Cause = tuple[int, str]
"""A dealer and the month of which reports are late, such as 2013-05: what a task is about."""


def compute_late(owed: Iterable[Owed]) -> dict[Cause, list[str]]:
    """By dealer and month the kinds of reports that are late, in the order in which they come."""
    late: dict[Cause, list[str]] = {}
    for each in owed:
        if each.days_late > 0:
            late.setdefault((each.dealer_id, str(each.month)), []).append(each.kind)
    return late

"""Closing and opening months: their bodies."""

from typing import Annotated

from channel.acts import Act, Reason, Said
from channel.errors import FieldError, m
from channel.periods import Month, is_day_of_business

_EXPECTED = m("A month such as 2013-01.")


def _month(text: str) -> str | FieldError:
    try:
        month = Month.parse(text)
    except ValueError:
        return FieldError("month", m("%(value)s is not a month.", value=text), _EXPECTED)
    if not is_day_of_business(month.first):
        return FieldError("month", m("This month is too far from any business."), _EXPECTED)
    return str(month)


_Month = Annotated[str, Said(m("Month"), hint=_EXPECTED, longest=20, read=_month)]


class CloseMonth(Act, frozen=True, kw_only=True):
    """From now on what changes the figures of a month needs a second person's word."""

    month: _Month
    reason: Reason


class OpenMonth(Act, frozen=True, kw_only=True):
    """What changes the figures of a month needs nobody else any more."""

    month: _Month
    reason: Reason

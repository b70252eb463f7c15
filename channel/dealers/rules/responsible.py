"""Who of the staff can look after a dealer."""

from datetime import date

from channel.access.rules.staff import Member, Standing
from channel.errors import FieldError, m

NOBODY = "nobody"
"""By this word, in place of a member's code, dealers are asked for whom nobody looks after."""


def refused_responsible(member: Member, day: date, today: date) -> FieldError | None:
    """Why a member of staff cannot look after a dealer from a day on; None where he can.

    A day of the past says what held then, which the first day in the register need not reach back to.
    """
    if Standing.LEFT in (member.standing(day), member.standing(today)):
        left = m("%(code)s has left and can look after no dealer.", code=member.code)
        return FieldError("responsible", left)
    if day >= today and member.standing(day) is Standing.COMING:
        coming = m("%(code)s is not with the company on %(day)s.", code=member.code, day=day)
        return FieldError("responsible", coming, m("from %(day)s on", day=member.first_on))
    return None

"""Days away: who does whose work on a day, and which deputies there can be."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from channel.access.rules.staff import Member, Standing
from channel.errors import FieldError, m


@dataclass(frozen=True, slots=True)
class Away:
    """A member is away on the days [from_on, to_on), and the deputy does the work; both by their codes."""

    member: str
    deputy: str
    from_on: date
    to_on: date

    def on(self, day: date) -> bool:
        """Whether the day is one of them."""
        return self.from_on <= day < self.to_on


def compute_stand_in(code: str, day: date, members: Mapping[str, Member], away: Sequence[Away]) -> str | None:
    """Who does the work of a member on a day: the member, who is not away, or the deputy of the deputy, however far.

    None where nobody does: the last deputy is not with the company on the day, or the deputies lead round in a circle.
    """
    deputies = {each.member: each.deputy for each in away if each.on(day)}
    seen, at = {code}, code
    while at in deputies:
        at = deputies[at]
        if at in seen:
            return None
        seen.add(at)
    member = members.get(at)
    return at if member is not None and member.standing(day) is Standing.PRESENT else None


def away_faults(new: Away, members: Mapping[str, Member], others: Sequence[Away], today: date) -> list[FieldError]:
    """Why a member cannot be away so; `others` are everybody's days away without those that are to be corrected."""
    if new.deputy == new.member:
        return [FieldError("deputy", m("Nobody is his own deputy."))]
    for each in others:
        if each.member == new.member and each.from_on < new.to_on and new.from_on < each.to_on:
            days = m(
                "The member is away from %(from_on)s until before %(to_on)s already.",
                from_on=each.from_on,
                to_on=each.to_on,
            )
            return [FieldError("from_on", days)]
    return _deputy_faults(new, members[new.deputy], others, today)


def _deputy_faults(new: Away, deputy: Member, others: Sequence[Away], today: date) -> list[FieldError]:
    if deputy.standing(today) is Standing.LEFT:
        return [FieldError("deputy", m("%(code)s has left and can be nobody's deputy.", code=deputy.code))]
    for day in (new.from_on, new.to_on - timedelta(days=1)):
        if deputy.standing(day) is not Standing.PRESENT:
            told = m("%(code)s is not with the company on %(day)s.", code=deputy.code, day=day)
            return [FieldError("deputy", told)]
    everybody = dict.fromkeys((new.deputy, *(each.deputy for each in others)), deputy)
    # Who is away for whom changes on no other day.
    for day in sorted({new.from_on, *(each.from_on for each in others if new.on(each.from_on))}):
        if compute_stand_in(new.member, day, _all_there(everybody, day), (*others, new)) is None:
            ring = m("On %(day)s the deputies would lead back to %(code)s.", day=day, code=new.member)
            return [FieldError("deputy", ring)]
    return []


def _all_there(codes: Mapping[str, Member], day: date) -> dict[str, Member]:
    """These as if all were with the company on the day: only whether the deputies come to an end is asked."""
    return {code: Member(code, code, day) for code in codes}

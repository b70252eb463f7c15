"""The register of staff: who works under whom and when, and what of it may not be written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from types import MappingProxyType

from channel.errors import FieldError, Message, m


class Standing(StrEnum):
    """Whether a member of staff is there on a day, will come, or has left."""

    PRESENT = "present"
    COMING = "coming"
    LEFT = "left"


STANDING_NAMES: Mapping[Standing, Message] = MappingProxyType(
    {Standing.PRESENT: m("with the company"), Standing.COMING: m("still to come"), Standing.LEFT: m("has left")}
)


@dataclass(frozen=True, slots=True)
class Member:
    """A member of staff; manager, territory and sign-in are told by their codes as they are stored.

    The first and the last day are both days of work; without a last one there is no end. Without a territory the work
    is for the whole company. `duties` are those that the member has or will have, by their codes in order.
    """

    code: str
    name: str
    first_on: date
    last_on: date | None = None
    manager: str | None = None
    territory: str | None = None
    login: str | None = None
    duties: tuple[str, ...] = ()

    def standing(self, day: date) -> Standing:
        """Whether the member is there on a day."""
        if day < self.first_on:
            return Standing.COMING
        return Standing.LEFT if self.last_on is not None and day > self.last_on else Standing.PRESENT


def circles(managers: Mapping[str, str | None]) -> list[tuple[str, ...]]:
    """Every circle of people who would be under each other: each once, from its least code on upwards.

    A manager who is not among the members ends the way up.
    >>> circles({"a": "b", "b": "a", "c": "a", "d": None, "e": "e"})
    [('a', 'b'), ('e',)]
    """
    found: list[tuple[str, ...]] = []
    seen: set[str] = set()
    for start in managers:
        way: dict[str, int] = {}
        at: str | None = start
        while at is not None and at in managers and at not in seen and at not in way:
            way[at] = len(way)
            at = managers[at]
        if at in way:
            ring = list(way)[way[at] :]
            least = ring.index(min(ring))
            found.append((*ring[least:], *ring[:least]))
        seen |= way.keys()
    return sorted(found)


def member_faults(
    before: Mapping[str, Member], after: Mapping[str, Member], today: date, by: str | None = None
) -> dict[str, list[FieldError]]:
    """Why members cannot become what they would be, by their codes; who stays as he is has no fault.

    `by` is the sign-in of whoever would make them so: nobody has duties from himself, in whatever order he gives them
    and takes the sign-in. What stood before is not looked at again: whose manager has left keeps him until another is
    named.
    """
    changed = [each for code, each in after.items() if before.get(code) != each]
    in_circle = {code: ring for ring in circles({code: each.manager for code, each in after.items()}) for code in ring}
    owners: dict[str, list[str]] = {}
    for each in after.values():
        if each.login is not None:
            owners.setdefault(each.login, []).append(each.code)
    found: dict[str, list[FieldError]] = {}
    for each in changed:
        old = before.get(each.code)
        faults = [*_own_faults(each, owners), *_giver_faults(old, each, by)]
        if each.manager is not None and (old is None or old.manager != each.manager):
            faults += _manager_faults(each, after, in_circle.get(each.code), today)
        if faults:
            found[each.code] = faults
    return found


def _own_faults(member: Member, owners: Mapping[str, Sequence[str]]) -> list[FieldError]:
    faults = []
    if member.last_on is not None and member.last_on < member.first_on:
        faults.append(FieldError("last_on", m("The last day lies before the first.")))
    others = [code for code in owners.get(member.login or "", ()) if code != member.code]
    if others:
        taken = m("The sign-in %(login)s is that of the member %(code)s.", login=member.login, code=others[0])
        faults.append(FieldError("login", taken))
    return faults


def _giver_faults(old: Member | None, new: Member, by: str | None) -> list[FieldError]:
    if by is None or new.login != by:
        return []
    if old is None or not set(new.duties) <= set(old.duties):
        own = m("Nobody gives duties to himself. Another administrator can do it.")
        return [FieldError("duties", own)] if new.duties else []
    if new.duties and old.login != by:
        own = m("Nobody takes a member with duties for his own sign-in. Another administrator can do it.")
        return [FieldError("login", own)]
    return []


def _manager_faults(
    member: Member, after: Mapping[str, Member], ring: Sequence[str] | None, today: date
) -> list[FieldError]:
    manager = after.get(member.manager or "")
    if manager is None:
        return [FieldError("manager", m("The member of staff %(code)s is not known.", code=member.manager))]
    if ring is not None:
        told = " → ".join((*ring, ring[0]))
        return [FieldError("manager", m("They would be under each other in a circle: %(codes)s.", codes=told))]
    if manager.standing(today) is Standing.LEFT:
        return [FieldError("manager", m("%(code)s has left and can be nobody's manager.", code=manager.code))]
    return []


@dataclass(frozen=True, slots=True)
class StaffLine:
    """A line of a file of staff, its codes as they are stored or first written; what is None is not said."""

    line_no: int
    code: str
    name: str
    manager: str | None = None
    territory: str | None = None
    first_on: date | None = None
    last_on: date | None = None
    login: str | None = None
    duties: tuple[str, ...] = ()

    def upon(self, stored: Member | None, day: date) -> Member:
        """The member as the line makes it: what it does not say stays, duties are added; new ones begin on the day."""
        old = stored or Member(self.code, self.name, self.first_on or day)
        said = {
            name: value
            for name in ("name", "manager", "territory", "first_on", "last_on", "login")
            if (value := getattr(self, name)) is not None
        }
        return replace(old, **said, duties=tuple(sorted({*old.duties, *self.duties})))


def compute_staff(
    stored: Mapping[str, Member], lines: Sequence[StaffLine], from_on: date, today: date, by: str | None = None
) -> tuple[dict[str, Member], list[tuple[int, FieldError]]]:
    """All members as the good lines make them, and what is wrong with the others, by the number of the line.

    A line whose manager only a refused line would bring is refused with it. `by` is the sign-in of who brings them.
    """
    wrong: list[tuple[int, FieldError]] = []
    left = list(lines)
    while True:
        made = {line.code: line.upon(stored.get(line.code), from_on) for line in left}
        found = member_faults(stored, {**stored, **made}, today, by)
        if not found:
            return {**stored, **made}, wrong
        wrong += [(line.line_no, fault) for line in left for fault in found.get(line.code, ())]
        left = [line for line in left if line.code not in found]

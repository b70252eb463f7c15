"""Who is to do something: the member himself, who stands in for him, or whoever is next above and may.

Members are told by their codes. Whether somebody may is asked by the caller's rule (`Roster.may` for a right and a
dealer's territory), so that nothing about a dealer comes to anybody who may not see him.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date

from channel.access.rules import Person, Right
from channel.access.rules.away import Away, compute_stand_in
from channel.access.rules.staff import Member, Standing

May = Callable[[str], bool]
"""Whether a member, by his code, may see and do what it is about."""


@dataclass(frozen=True, slots=True)
class Roster:
    """The register of staff on a day: who is away then, and who signs in, with the rights and bounds of that day.

    `people` are those whose sign-in is active, by the code of their member; `ids` are the members' ids by code.
    """

    day: date
    members: Mapping[str, Member]
    away: Sequence[Away]
    people: Mapping[str, Person]
    ids: Mapping[str, int]

    def member_of(self, person_id: int | None) -> str | None:
        """Who of the company's staff signs in as this person and is there on the day."""
        found = (code for code, each in self.people.items() if person_id is not None and each.person_id == person_id)
        return next((code for code in found if self.is_there(code)), None)

    def is_there(self, code: str) -> bool:
        """Whether the member is with the company on the day; away he is all the same."""
        member = self.members.get(code)
        return member is not None and member.standing(self.day) is Standing.PRESENT

    def may(self, code: str, rights: Iterable[Right], lineage: AbstractSet[int] | None) -> bool:
        """Whether a member signs in, holds these rights and, where it is about a dealer, reaches him.

        `lineage` are the ids of the dealer's territory and of all above it.
        """
        person = self.people.get(code)
        if person is None or not self.is_there(code) or not reaches(person, lineage):
            return False
        return all(person.may(right) for right in rights)

    def stand_in(self, code: str) -> str | None:
        """Who does the member's work on the day: himself, or the deputy; None where nobody does."""
        return compute_stand_in(code, self.day, self.members, self.away)

    def line(self, code: str | None) -> Iterator[str]:
        """The member, his manager and so on up."""
        seen: set[str] = set()
        while code is not None and code in self.members and code not in seen:
            seen.add(code)
            yield code
            code = self.members[code].manager

    def manager(self, code: str) -> str | None:
        """Who stands above a member."""
        member = self.members.get(code)
        return member.manager if member is not None else None


def reaches(person: Person, lineage: AbstractSet[int] | None) -> bool:
    """Whether a person's territories reach that of a dealer; what is about no dealer everybody reaches."""
    return lineage is None or not person.bound or not lineage.isdisjoint(person.territory_ids)


def compute_owner(code: str | None, roster: Roster, may: May) -> str | None:
    """Whose something is to be: the member's, or else of the next above who may; None: anybody's who may.

    Who is away stays the owner: whoever stands in for him finds it among his own.
    """
    return next((each for each in roster.line(code) if may(each)), None)


def compute_receiver(code: str | None, roster: Roster, may: May) -> str | None:
    """Who is to be told of something on the day: the member, or who stands in for him; else the next above who may.

    Of each above it is again who stands in for him, where he is away. None where nobody may.
    """
    for each in roster.line(code):
        found = roster.stand_in(each)
        if found is not None and may(found):
            return found
    return None


@dataclass(frozen=True, slots=True)
class Reach:
    """Whose tasks are one's own, and whose those of one's people, by the codes of members.

    One's own are also those of whom one stands in for on the day; one's people are all who stand beneath any of them.
    """

    me: str | None = None
    mine: frozenset[str] = frozenset()
    people: frozenset[str] = frozenset()

    @property
    def all(self) -> frozenset[str]:
        """Both."""
        return self.mine | self.people


def compute_reach(person_id: int | None, roster: Roster) -> Reach:
    """What whoever signs in as this person looks after; nothing, where he is no member of staff."""
    me = roster.member_of(person_id)
    if me is None:
        return Reach()
    others = {each.member for each in roster.away if each.on(roster.day)}
    mine = {me} | {code for code in others if roster.stand_in(code) == me}
    people = {code for code in roster.members if code not in mine and not mine.isdisjoint(roster.line(code))}
    return Reach(me, frozenset(mine), frozenset(people))

"""Tasks opened and ended by the rooms whose causes they have: in sets, each cause once, for who may do them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from channel import clock
from channel.database import db
from channel.tasks.queries import writing
from channel.tasks.queries.roster import lineages, roster_on, territories_of
from channel.tasks.queries.writing import NewTask
from channel.tasks.rules.receiver import Roster, compute_owner
from channel.tasks.rules.tasks import TaskState
from channel.tasks.service.kinds import TaskKind

__all__ = ["NewTask", "Owners", "end_tasks", "open_tasks", "owners_for"]


@dataclass(slots=True)
class Owners:
    """Whose tasks of a kind are to be, by the day's register and where dealers stand; each answer is kept."""

    roster: Roster
    above: dict[int, frozenset[int]]
    codes: dict[int, str] = field(init=False)
    _found: dict[tuple[str, str | None, int | None], str | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Members are asked for by their ids a thousand times over."""
        self.codes = {member_id: code for code, member_id in self.roster.ids.items()}

    def may(self, code: str, kind: TaskKind, territory_id: int | None) -> bool:
        """Whether a member may see and do tasks of a kind about a dealer in a territory (None: about none)."""
        lineage = None if territory_id is None else self.above.get(territory_id, frozenset())
        return self.roster.may(code, kind.rights, lineage)

    def owner(self, code: str | None, kind: TaskKind, territory_id: int | None) -> str | None:
        """Whose such a task is to be that is meant for a member: his, or that of the next above who may."""
        key = (kind.code, code, territory_id)
        if key not in self._found:
            self._found[key] = compute_owner(code, self.roster, lambda each: self.may(each, kind, territory_id))
        return self._found[key]

    def owner_id(self, member_id: int | None, kind: TaskKind, territory_id: int | None) -> int | None:
        """The same by ids."""
        code = self.owner(self.codes.get(member_id or 0), kind, territory_id)
        return None if code is None else self.roster.ids[code]


async def owners_for(territory_ids: Iterable[int | None]) -> Owners:
    """Whose tasks about dealers in these territories are to be today.

    It is decided by what everybody may see, whoever is at work: asked for under the scope of a person, it opens it.
    """
    places = sorted({each for each in territory_ids if each is not None})
    async with db.system_scope():
        return Owners(await roster_on(clock.today()), dict(await lineages(places)))


async def open_tasks(kind: TaskKind, new: Sequence[NewTask], posting_id: int) -> list[int]:
    """Write down tasks of a kind; their numbers, without those whose cause has an outstanding task already.

    However often a cause is told, one task of it is outstanding. A task meant for a member who may not do it (he does
    not sign in, has left, lacks the right, does not see the dealer) is the next above's who may, or anybody's who may.
    """
    if not new:
        return []
    placed = await territories_of([each.dealer_id for each in new if each.dealer_id])
    owners = await owners_for(placed.values())
    meant = [replace(each, member_id=owners.owner_id(each.member_id, kind, placed.get(each.dealer_id))) for each in new]
    return await writing.record_tasks(kind.code, meant, posting_id)


async def end_tasks(
    kind: TaskKind, abouts: Sequence[tuple[int, str]], posting_id: int, state: TaskState = TaskState.DROPPED
) -> int:
    """End what is outstanding of a kind from these causes, each with its dealer (0: none); how many that were.

    `DROPPED` says that the cause is gone, `DONE` that what was to be done is done; neither calls the kind's `ended`.
    """
    keys = await writing.lock_tasks([*(await writing.outstanding_about(kind.code, abouts)).values()]) if abouts else []
    if keys:
        await writing.record_ends(state, keys, None, posting_id)
    return len(keys)

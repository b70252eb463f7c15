"""Builders of the room `consent`: a kind that a made-up room brings, in either table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from channel.access.rules import Person, Right
from channel.access.service import open_posting
from channel.consent.queries import GENERAL, OF_DEALERS, Alive, NewRequest
from channel.consent.rules import Need, Needs, Row, Stale, Weighed
from channel.consent.service import RequestKind, Told, ask
from channel.database import db
from channel.errors import Conflict, Refused, m


@dataclass
class Room:
    """A room that lets others decide: what it says of each request, by number, and what it has carried out."""

    dealer: bool
    needed: int = 1
    in_vain: dict[int, Refused] = field(default_factory=dict)
    stale: dict[int, tuple[Stale, ...]] = field(default_factory=dict)
    done: list[str] = field(default_factory=list)
    alive: Alive | None = None
    weighings: int = 0

    @property
    def kind(self) -> RequestKind[str]:
        """What it lets others decide."""
        return RequestKind(
            code="wish",
            act="limit",
            proposes=Right.PROPOSE_LIMIT,
            decides=Right.DECIDE_LIMIT,
            weigh=self._weigh,
            carry_out=self._carry_out,
            told=self._told,
            tables=OF_DEALERS if self.dealer else GENERAL,
            alive=self.alive,
        )

    async def _weigh(self, rows: Sequence[Row]) -> Mapping[int, Weighed[str]]:
        self.weighings += 1
        need = Needs(self.needed, m("so many"), {"total": Decimal("1.5000")})
        return {
            row["id"]: Weighed(need, row["about"], self.in_vain.get(row["id"]), self.stale.get(row["id"], ()))
            for row in rows
        }

    async def _carry_out(self, _person: Person, acts: Sequence[str], posting_id: int) -> None:
        assert db.in_transaction()
        assert posting_id
        self.done += acts
        if "fault" in acts:
            raise Conflict(m("It cannot be done after all."))

    @staticmethod
    def _told(row: Row, need: Need | None) -> Told:
        return Told(f"limit proposal {row['id']}", {"in_force": None}, {"needs": None if need is None else 1})


async def make_request(room: Room, proposer: Person, about: str = "a", *, dealer_id: int = 0, **more: object) -> int:
    """An open request of this room by this person."""
    async with db.transaction():
        posting_id = await open_posting(proposer, "propose limit")
        new = NewRequest(about, "asked", Needs(room.needed, m("so many")), dealer_id, **more)  # type: ignore[arg-type]
        made = await ask(room.kind, [new], (proposer.person_id, proposer.login), posting_id)
    return made[dealer_id, about]

"""Loads that wait for a second person: put before him by the worker, decided, and queued again with his approval."""

from collections.abc import Mapping, Sequence

from asyncpg import Record

from channel import clock
from channel.access.rules import Person, Right, require
from channel.access.service import audit, open_posting
from channel.acts import Why
from channel.consent.queries import NewRequest
from channel.consent.rules import Need, Needs, Row, Weighed
from channel.consent.service import RequestKind, Told, approve_one, ask, refuse, withdraw
from channel.database import db
from channel.errors import Conflict, Message, m
from channel.imports.acts import SayOfLoad, Word
from channel.imports.loader import loaders, require_file
from channel.imports.queries import waiting as queries
from channel.imports.service.loads import LOAD_A_FILE, load_of
from channel.work.service import ask as ask_for_work

_NOT_WAITING = m("This load is not waiting for a word any more.")


def loads_kind(code: str, act: str, proposes: Right, decides: Right) -> RequestKind[Row]:
    """What loads of a room's kinds of files wait as; with the approval each is queued, and checked anew."""
    return RequestKind(
        code=code,
        act=act,
        proposes=proposes,
        decides=decides,
        weigh=_weigh,
        carry_out=_queue,
        told=_told,
        read=queries.waiting_loads,
        alive=queries.seen_and_waiting,
    )


async def _weigh(rows: Sequence[Row]) -> Mapping[int, Weighed[Row]]:
    return {
        row["id"]: Weighed(
            Needs(1, second_of(row["preview"]) or _NOT_WAITING),
            row,
            None if row["load_state"] == "waiting" else Conflict(_NOT_WAITING),
        )
        for row in rows
    }


def _told(row: Row, _need: Need | None) -> Told:
    return Told(f"load {row['load_id']}", {}, {"file": row["file_name"]})


async def _queue(_person: Person, rows: Sequence[Row], _posting_id: int) -> None:
    for row in rows:
        await queries.queue_approved(row["load_id"], row["preview"]["second"])
        await ask_for_work(LOAD_A_FILE, str(row["load_id"]), lane=row["load_kind"])


def second_of(preview: Mapping[str, object] | None) -> Message | None:
    """Why a second person decides about what a check found; None where nobody need."""
    told = (preview or {}).get("second")
    return None if told is None else Message.from_json(told)  # type: ignore[arg-type] # JSON


def must_wait(row: Record, preview: Mapping[str, object]) -> bool:
    """Whether what this check found needs a word that nobody has given: what was approved is what goes in."""
    second = preview.get("second")
    return second is not None and second != row["options"].get("approved")


async def put_before(row: Record, person: Person, preview: Mapping[str, object]) -> int:
    """Ask a second person about a load, in the transaction of its check; the number of the request."""
    kind, why = loaders()[row["kind"]].waits_as, second_of(preview)
    if kind is None or why is None:
        raise RuntimeError(f"loads of {row['kind']} wait for nobody")
    act, reason = f"ask for {kind.act}", row["options"]["reason"]
    posting_id = await open_posting(person, act)
    about = f"load {row['id']}"
    made = await ask(kind, [NewRequest(about, reason, Needs(1, why))], (person.person_id, person.login), posting_id)
    after = {"file": row["file_name"]}
    await audit(person, act, about, after=after, reason=reason, posting_id=posting_id)
    return made[0, about]


async def say_of_load(person: Person, load_id: int, act: SayOfLoad) -> Record:
    """Give a word on a load that waits, and tell the load as it stood."""
    row = await load_of(load_id)
    kind = loaders()[row["kind"]].waits_as
    if kind is None:
        require_file(person, loaders()[row["kind"]].spec)
        raise Conflict(_NOT_WAITING)
    require(person, kind.proposes if act.word is Word.WITHDRAW else kind.decides)
    if row["request_id"] is None:
        raise Conflict(_NOT_WAITING)
    why = Why(reason=act.reason)
    if act.word is Word.APPROVE:
        await approve_one(kind, person, row["request_id"], why)
        return row
    async with db.transaction():
        give = withdraw if act.word is Word.WITHDRAW else refuse
        await give(kind, person, row["request_id"], why)
        said = _WITHDRAWN if act.word is Word.WITHDRAW else _REFUSED
        told = m(said.text, who=person.login, reason=act.reason)
        await queries.end_waiting(load_id, {"title": told.as_json(), "errors": []}, clock.now())
    return row


_REFUSED = m("Refused by %(who)s: %(reason)s. Nothing was loaded.")
_WITHDRAWN = m("Withdrawn by %(who)s: %(reason)s. Nothing was loaded.")

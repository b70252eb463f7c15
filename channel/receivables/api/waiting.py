"""Acts that wait for a second person, over the API."""

from datetime import date, datetime
from typing import Annotated, Any

import msgspec
from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter

from channel import web
from channel.access.rules import Person, Right, require
from channel.acts import Why
from channel.lists import Page, Wanted
from channel.receivables.lists.waiting import WAITING
from channel.receivables.queries import waiting as queries
from channel.receivables.service import waiting as service

_AT = "/api/v1/receivables/waiting"
AnyRequest = Request[Any, Any, Any]


class Waiting(msgspec.Struct):
    """An act that waits for a second person or waited: of which dealer, and of how many others, what, why, by whom."""

    id: int
    dealer: str
    name: str
    others: int
    act: str
    reason: str
    state: str
    proposer: str
    proposed_at: datetime


class WaitingTold(msgspec.Struct):
    """One such act: its body as it was asked for (`target` is the number of what it is about, or 0).

    While it is open, `why` says why a second person is needed and `days` when it would take effect; or `refused` why it
    can no longer be done.
    """

    id: int
    dealer: str
    act: str
    target: int
    body: dict[str, Any]
    state: str
    proposer: str
    approvals: list[str]
    why: list[str]
    days: list[date]
    refused: str | None


@get(_AT, dependencies=web.list_asked(WAITING, 200))
async def list_waiting(
    person: NamedDependency[Person],
    wanted: NamedDependency[Wanted],
    in_state: Annotated[str | None, QueryParameter(name="state")] = None,
) -> Page[Waiting]:
    """What waits for a second person (`state` open, the default), what became of others, or `any`."""
    require(person, Right.SEE_RECEIVABLES)
    state = None if in_state == "any" else in_state or "open"
    return (await queries.waiting_acts(state, None, wanted)).as_(Waiting)


@get(f"{_AT}/{{waiting:int}}")
async def show_waiting(request: AnyRequest, person: NamedDependency[Person], waiting: FromPath[int]) -> WaitingTold:
    """One act that waits, and what it would do now."""
    return await _told(request, person, waiting)


async def _told(request: AnyRequest, person: Person, number: int) -> WaitingTold:
    tell = web.language_of(request).tell
    found = await service.waiting_act(person, number)
    row, looked = found.row, found.found
    return WaitingTold(
        row["id"], row["dealer"], row["act"], row["target"], row["body"], row["state"], row["proposer"],
        list(row["approvals"]), [tell(each) for each in looked.why] if looked else [],
        sorted(set(looked.prepared.days)) if looked else [], tell(found.refused.title) if found.refused else None,
    )  # fmt: skip


@post(f"{_AT}/{{waiting:int}}/approve", status_code=200)
async def approve_waiting(
    request: AnyRequest, person: NamedDependency[Person], waiting: FromPath[int], data: JSONBody[Why]
) -> WaitingTold:
    """Approve an act of somebody else: it is carried out."""
    await service.approve_waiting(person, waiting, data)
    return await _told(request, person, waiting)


@post(f"{_AT}/{{waiting:int}}/refuse", status_code=200)
async def refuse_waiting(
    request: AnyRequest, person: NamedDependency[Person], waiting: FromPath[int], data: JSONBody[Why]
) -> WaitingTold:
    """Refuse an act of somebody else."""
    await service.refuse_waiting(person, waiting, data)
    return await _told(request, person, waiting)


@post(f"{_AT}/{{waiting:int}}/withdraw", status_code=200)
async def withdraw_waiting(
    request: AnyRequest, person: NamedDependency[Person], waiting: FromPath[int], data: JSONBody[Why]
) -> WaitingTold:
    """Take back what one has asked for."""
    await service.withdraw_waiting(person, waiting, data)
    return await _told(request, person, waiting)


ROUTES = (list_waiting, show_waiting, approve_waiting, refuse_waiting, withdraw_waiting)

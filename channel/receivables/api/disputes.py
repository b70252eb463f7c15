"""Disputes over the API."""

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Self

import msgspec
from litestar import get, post
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from channel import web
from channel.access.rules import Person
from channel.access.rules.signing_in import plain_login
from channel.dealers.service.responsible import responsible_asked
from channel.lists import Page, Wanted
from channel.receivables.acts.disputes import EndDispute, HandOnDispute, OpenDispute
from channel.receivables.lists.disputes import DISPUTES
from channel.receivables.queries.disputes import DisputeFilter
from channel.receivables.rules.disputes import DisputeReason, DisputeState
from channel.receivables.service import disputes as service
from channel.receivables.service.disputes import WholeDispute
from channel.receivables.service.documents import dealer_asked

_AT = "/api/v1/receivables/disputes"


class DisputeRow(msgspec.Struct):
    """A dispute as it stands now: `amount` of the document is contested, of which `open` is still open in all.

    `owner` answers for it by `due_on`; `days_late` says since how many days he has not, null where it is not late or
    has ended. `state` is `open` or how it ended: `credited`, `agreed`, `refused`, or `reversed` with its document.
    """

    id: int
    dealer: str
    dealer_name: str
    document_id: int
    kind: str
    number: str
    currency: str
    amount: Decimal
    open: Decimal
    reason_code: str
    remark: str | None
    owner: str
    due_on: date
    days_late: int | None
    state: str
    opened_on: date
    ended_on: date | None


class DisputeOwned(msgspec.Struct):
    """Who answered for it from then on, by which day, and who said so; the first has no `reason` of his own."""

    owner: str
    due_on: date
    reason: str | None
    recorded_at: datetime
    actor: str


class DisputeEnded(msgspec.Struct):
    """How it ended; `credited` is what the credit note comes to, in the dispute's currency."""

    outcome: str
    effective_on: date
    reason: str
    credit_note: str | None
    credit_note_id: int | None
    credited: Decimal | None
    recorded_at: datetime
    actor: str


class DisputeTold(msgspec.Struct):
    """A dispute with its history: its owners in order, and its end, if it has one."""

    dispute: DisputeRow
    recorded_at: datetime
    actor: str
    owners: list[DisputeOwned]
    end: DisputeEnded | None

    @classmethod
    def of(cls, found: WholeDispute) -> Self:
        """From what is known of it."""
        row, end = found.row, None
        if found.end is not None:
            end = DisputeEnded(
                row["state"], row["ended_on"], row["ended_why"], row["credit_note"], row["credit_note_id"],
                row["credited"], found.end["recorded_at"], found.end["actor"],
            )  # fmt: skip
        return cls(
            Page([row]).as_(DisputeRow).items[0],
            row["recorded_at"],
            row["actor"],
            [
                DisputeOwned(each["login"], each["due_on"], each["reason"], each["recorded_at"], each["actor"])
                for each in found.owners
            ],
            end,
        )


class Opened(msgspec.Struct):
    """Under which number the dispute stands."""

    id: int


async def disputes_asked(
    in_state: Annotated[DisputeState | None, QueryParameter(name="state")] = None,
    owner: FromQuery[str | None] = None,
    reason_code: FromQuery[DisputeReason | None] = None,
    document: FromQuery[int | None] = None,
    responsible: FromQuery[str | None] = None,
    *,
    late: FromQuery[bool] = False,
) -> DisputeFilter:
    """What the address asks of disputes; `responsible` is a member of staff by code, or "nobody"."""
    whose = await responsible_asked(responsible)
    return DisputeFilter(in_state, plain_login(owner) if owner else None, None, document, reason_code, late, whose)


@get(_AT, dependencies={**web.list_asked(DISPUTES), "asked": Provide(disputes_asked)})
async def list_disputes(
    person: NamedDependency[Person],
    wanted: NamedDependency[Wanted],
    asked: NamedDependency[DisputeFilter],
    dealer: FromQuery[str | None] = None,
) -> Page[DisputeRow]:
    """Disputes of the dealers in scope, those first that are to be answered first."""
    whose = replace(asked, dealer_id=await dealer_asked(dealer))
    return (await service.disputes(person, whose, wanted)).as_(DisputeRow)


@get(
    "/api/v1/receivables/dealers/{code:str}/disputes",
    dependencies={**web.list_asked(DISPUTES), "asked": Provide(disputes_asked)},
)
async def list_disputes_of_dealer(
    person: NamedDependency[Person],
    code: FromPath[str],
    wanted: NamedDependency[Wanted],
    asked: NamedDependency[DisputeFilter],
) -> Page[DisputeRow]:
    """The same of one dealer."""
    return (await service.disputes_of_dealer(person, code, asked, wanted)).as_(DisputeRow)


@get(f"{_AT}/{{dispute:int}}")
async def show_dispute(person: NamedDependency[Person], dispute: FromPath[int]) -> DisputeTold:
    """One dispute with its history."""
    return DisputeTold.of(await service.dispute_of(person, dispute))


@post("/api/v1/receivables/dealers/{code:str}/disputes")
async def open_dispute(person: NamedDependency[Person], code: FromPath[str], data: JSONBody[OpenDispute]) -> Opened:
    """Write down that the dealer contests so much of a document."""
    return Opened(await service.open_dispute(person, code, data))


@post(f"{_AT}/{{dispute:int}}/hand-on", status_code=204)
async def hand_on_dispute(
    person: NamedDependency[Person], dispute: FromPath[int], data: JSONBody[HandOnDispute]
) -> None:
    """Let another answer for it."""
    await service.hand_on_dispute(person, dispute, data)


@post(f"{_AT}/{{dispute:int}}/end", status_code=204)
async def end_dispute(person: NamedDependency[Person], dispute: FromPath[int], data: JSONBody[EndDispute]) -> None:
    """Say how it ended."""
    await service.end_dispute(person, dispute, data)


ROUTES = (list_disputes, list_disputes_of_dealer, show_dispute, open_dispute, hand_on_dispute, end_dispute)

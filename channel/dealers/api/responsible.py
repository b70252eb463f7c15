"""Who looks after many dealers, over the API: what a change would do, and the change."""

from datetime import date
from typing import Any, Self

import msgspec
from litestar import Request, post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from channel.access.rules import Person
from channel.dealers.acts import ChangeResponsible
from channel.dealers.service import responsible_of_many as service
from channel.dealers.service.responsible_of_many import Plan
from channel.web import language_of

_AT = "/api/v1/responsible"
_SHOWN = 1000


class SoFar(msgspec.Struct):
    """How many dealers go from a member of staff; `member` is null where nobody looked after them."""

    member: str | None
    name: str | None
    dealers: int


class Along(msgspec.Struct):
    """So much of one kind of open work goes along, in words."""

    what: str
    count: int
    told: str


class ToChange(msgspec.Struct):
    """A dealer, and who looks after it on the day so far."""

    code: str
    name: str
    responsible: str | None


class WouldBe(msgspec.Struct):
    """What the change would do; `confirmed` is to carry the mark, so that nothing is done but what was looked at.

    `dealers` would have another, `unchanged` have the same already; `items` are the first 1,000 of the former.
    """

    mark: str
    effective_on: date
    member: str | None
    dealers: int
    unchanged: int
    so_far: list[SoFar]
    goes_along: list[Along]
    items: list[ToChange]

    @classmethod
    def of(cls, plan: Plan, request: Request[Any, Any, Any]) -> Self:
        """From the plan, its words in the reader's language."""
        tell = language_of(request).tell
        return cls(
            plan.mark,
            plan.day,
            None if plan.member is None else plan.member["code"],
            len(plan.rows),
            plan.unchanged,
            [SoFar(each.member, each.name, each.dealers) for each in plan.before],
            [Along(each.name, each.count, tell(each.words)) for each in plan.along],
            [ToChange(row["code"], row["name"], row["was"]) for row in plan.rows[:_SHOWN]],
        )


class Changed(msgspec.Struct):
    """How many dealers have another from the day on, how many had the same already, and how much was handed over."""

    effective_on: date
    dealers: int
    unchanged: int
    handed_over: int


@post(f"{_AT}/preview", status_code=200)
async def review_responsible(
    request: Request[Any, Any, Any], person: NamedDependency[Person], data: JSONBody[ChangeResponsible]
) -> WouldBe:
    """What the change would do; nothing is done."""
    return WouldBe.of(await service.review_responsible(person, data), request)


@post(_AT, status_code=200)
async def change_responsible(person: NamedDependency[Person], data: JSONBody[ChangeResponsible]) -> Changed:
    """Let another look after the dealers that are meant, from a day on; what is open of them goes along."""
    done = await service.change_responsible(person, data)
    return Changed(done.effective_on, done.dealers, done.unchanged, done.handed_over)


ROUTES = (review_responsible, change_responsible)

"""Builders of the room `credit` on a database: people who decide, sales reports of whole months, limits in force."""

import functools
from collections.abc import Callable, Collection, Coroutine, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

from channel import clock
from channel.access.rules import Person, Role
from channel.acts import Why
from channel.consent.service import refuse, withdraw
from channel.credit.acts import ApproveRun, AssessLimits, DecideLimit, KeepFact, KeepStatement, ProposeLimit
from channel.credit.rules import POLICY
from channel.credit.service import assess as assessing
from channel.credit.service import decisions, facts, proposals
from channel.credit.service.proposals import Skipped
from channel.credit.service.weighing import LIMITS
from channel.database import db
from channel.versions import service as versions
from channel.versions.acts import ApproveVersion, DraftVersion, EditVersion
from channel.view import View
from tests.make.access import acting, make_person, make_territories
from tests.make.dealers import make_dealer, make_product
from tests.make.sales import loaded

AS_OF = date(2013, 12, 1)
YEAR = tuple(f"2013-{month:02}" for month in range(1, 12))
TWELVE = ("2012-12", *YEAR)


@dataclass(frozen=True)
class Desk:
    """People of a credit desk: three of finance, a manager, regional staff of the East and of the North."""

    finance: Person
    second: Person
    third: Person
    manager: Person
    auditor: Person
    east: Person
    north: Person
    machine: Person

    def everybody(self) -> Iterator[Person]:
        """Who sees the East."""
        yield from (self.finance, self.manager, self.auditor, self.east, self.machine)


async def make_desk() -> Desk:
    """The people, with the territories East and North and the product P."""
    nodes = await make_territories("East/Harbour City", "North/Lake District")
    await make_product("P")
    people = [await make_person(Role.FINANCE, login=f"finance-{n}") for n in (1, 2, 3)]
    return Desk(
        *people,
        manager=await make_person(Role.MANAGER, login="manager-1"),
        auditor=await make_person(Role.AUDITOR, login="auditor-1"),
        east=await make_person(Role.REGIONAL, nodes["East"], login="regional-1"),
        north=await make_person(Role.REGIONAL, nodes["North"], login="regional-2"),
        machine=Person("machine", "machine", Role.SYSTEM, token_id=1),
    )


async def make_sold(
    person: Person,
    months: Sequence[str],
    sold: Mapping[str, object],
    kind: str = "sell-in",
    product: str = "P",
    **options: object,
) -> None:
    """A report over these months, every one of which sells the amounts by dealer; None sells nothing at all."""
    lines = [
        f"{dealer},{month}-15,{product},1,{amount}"
        for month in months
        for dealer, amount in sold.items()
        if amount is not None
    ]
    content = "\n".join(["dealer,date,product,quantity,amount", *lines]) + "\n"
    period = f"{months[0]}:{months[-1]}"
    done = await loaded(person, kind, content.encode(), f"{period}.csv", period=period, **options)
    assert done["state"] == "loaded", done


async def make_dealer_selling(
    desk: Desk, code: str, amount: object = 60_000, months: Sequence[str] = TWELVE, **dealer: object
) -> int:
    """A dealer of grade AA in Harbour City who bought for this amount in each of these months."""
    given: dict[str, object] = {"territory": "Harbour City", "grade": "AA"}
    dealer_id = await make_dealer(code, **(given | dealer))  # type: ignore[arg-type]
    await make_sold(desk.manager, months, {code: amount}, dealers=frozenset({code}))
    return dealer_id


async def assess(person: Person, *, view: View | None = None, **asked: Any) -> assessing.Run:  # noqa: ANN401 - of an act
    """Compute and keep them."""
    return await assessing.assess(person, AssessLimits(**asked), view)


async def keep_statement(
    person: Person,
    code: str,
    period_end: date,
    figures: dict[str, Decimal | None],
    **given: Any,  # noqa: ANN401 - of an act
) -> None:
    """Keep the figures of the period that ends on the day."""
    await facts.keep_statement(person, code, KeepStatement(period_end=period_end, figures=figures, **given))


async def keep_fact(
    person: Person,
    code: str,
    fact: str,
    amounts: list[Decimal],
    **given: Any,  # noqa: ANN401 - of an act
) -> None:
    """Keep these amounts."""
    await facts.keep_fact(person, code, KeepFact(fact=fact, amounts=amounts, **given))


async def propose_limit(person: Person, code: str, kind: str, **given: Any) -> int:  # noqa: ANN401 - of an act
    """Propose it by hand."""
    return await proposals.propose_limit(person, code, ProposeLimit(kind=kind, **given))


async def approve_proposal(person: Person, number: int, reason: str, although: Collection[str] = ()) -> bool:
    """Approve it with this reason; whether it is in force by that."""
    act = DecideLimit(reason=reason, although=list(although))
    return (await decisions.approve_proposal(person, number, act))["state"] == "approved"


async def refuse_proposal(person: Person, number: int, reason: str) -> None:
    """Refuse it with this reason."""
    await refuse(LIMITS, person, number, Why(reason=reason))


async def withdraw_proposal(person: Person, number: int, reason: str) -> None:
    """Take it back with this reason."""
    await withdraw(LIMITS, person, number, Why(reason=reason))


async def approve_run(person: Person, run: int, mark: str, reason: str) -> tuple[int, list[Skipped]]:
    """Approve what bears the mark with this reason."""
    return await decisions.approve_run(person, run, ApproveRun(mark=mark, reason=reason))


async def draft_policy(person: Person, document: Mapping[str, Any], effective_from: date, note: str) -> int:
    """A draft of this text."""
    return await versions.draft(
        person, POLICY, DraftVersion(document=dict(document), effective_from=effective_from, note=note)
    )


async def edit_policy(
    person: Person, version: int, document: Mapping[str, Any], effective_from: date, note: str
) -> None:
    """Another text of the draft."""
    act = EditVersion(document=dict(document), effective_from=effective_from, note=note)
    await versions.edit(person, POLICY, version, act)


async def propose_policy(person: Person, version: int, reason: str) -> None:
    """Put it before another person with this reason."""
    await versions.propose(person, POLICY, version, Why(reason=reason))


async def approve_policy(person: Person, version: int, reason: str, effective_from: date | None = None) -> None:
    """Approve it with this reason."""
    await versions.approve(person, POLICY, version, ApproveVersion(reason=reason, effective_from=effective_from))


async def refuse_policy(person: Person, version: int, reason: str) -> None:
    """Refuse it with this reason."""
    await versions.refuse(person, POLICY, version, Why(reason=reason))


async def withdraw_policy(person: Person, version: int, reason: str) -> None:
    """Take it back with this reason."""
    await versions.withdraw(person, POLICY, version, Why(reason=reason))


async def put_in_force(desk: Desk, code: str, amount: object, from_on: date = AS_OF) -> None:
    """A limit proposed by the manager and approved by two of finance, on the day from which it counts."""
    with clock.fixed(noon(from_on)) if from_on < clock.today() else nullcontext():
        async with acting(desk.manager):
            proposal = await propose_limit(
                desk.manager, code, "base", amount=Decimal(str(amount)), from_on=from_on, reason="agreed"
            )
        for person in (desk.finance, desk.second):
            async with acting(person):
                if await approve_proposal(person, proposal, "as agreed"):
                    return


def noon(day: date) -> datetime:
    """Noon of a day, in the company's time zone of the tests."""
    return datetime.combine(day, time(12), UTC)


def on_day(day: date) -> Callable[[Callable[..., Coroutine[Any, Any, None]]], Callable[..., Coroutine[Any, Any, None]]]:
    """A test whose whole world stands at noon of this day: what comes into force does so on it."""

    def held(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., Coroutine[Any, Any, None]]:
        @functools.wraps(test)
        async def run(*args: object, **given: object) -> None:
            with clock.fixed(noon(day)):
                await test(*args, **given)

        return run

    return held


async def journal_of(dealer_id: int) -> list[tuple[str, Decimal | None, date, date | None]]:
    """The lines of the journal, in order."""
    async with db.held(db.EVERYTHING):
        rows = await db.fetch(
            "SELECT kind, amount, from_on, to_on FROM credit_limit WHERE dealer_id = $1 ORDER BY id", dealer_id
        )
    return [(row["kind"], row["amount"], row["from_on"], row["to_on"]) for row in rows]

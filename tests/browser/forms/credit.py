"""Sent: limits assessed, proposed and decided, statements and what else is known."""

import itertools
from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal

from channel import clock
from channel.access.rules import Person, Role
from channel.database import db
from channel.dealers.rules import Fact
from channel.periods import Month
from tests.make.access import acting, make_person
from tests.make.dealers import change_fact, make_dealer
from tests.make.forms import Sending
from tests.make.limits import approve_proposal, assess, keep_statement, make_sold, propose_limit

PROPOSING = (Role.MANAGER, Role.FINANCE, Role.REGIONAL)
_numbers = itertools.count(1)


async def _dealer(_: Person) -> Mapping[str, str]:
    code = f"C-{next(_numbers)}"
    return {"code": code, "dealer": str(await make_dealer(code, territory="Harbour City", grade="AA"))}


async def _selling(person: Person) -> Mapping[str, str]:
    """The policy gives it a limit, since it has bought in each of the last twelve months."""
    names = await _dealer(person)
    last = Month.of(clock.today())
    months = [str(last.plus(-number)) for number in range(12, 0, -1)]
    manager = await make_person(Role.MANAGER)
    await make_sold(manager, months, {names["code"]: 60_000}, dealers=frozenset({names["code"]}), product="RB-210")
    return names


async def _proposed(person: Person) -> Mapping[str, str]:
    """By somebody else."""
    names, manager = await _dealer(person), await make_person(Role.MANAGER)
    return {**names, "proposal": await _by(manager, names, "base")}


async def _by(proposer: Person, names: Mapping[str, str], kind: str) -> str:
    async with acting(proposer):
        end = clock.today() + timedelta(days=30) if kind == "temporary" else None
        number = await propose_limit(proposer, names["code"], kind, amount=Decimal(9000), to_on=end, reason="asked for")
    return str(number)


async def _own(person: Person) -> Mapping[str, str]:
    names = await _dealer(person)
    return {**names, "proposal": await _by(person, names, "base")}


async def _in_force(person: Person) -> Mapping[str, str]:
    """With a limit and a raise in force."""
    names, manager = await _dealer(person), await make_person(Role.MANAGER)
    for kind in ("base", "temporary"):
        number = int(await _by(manager, names, kind))
        finance = await make_person(Role.FINANCE)
        async with acting(finance):
            assert await approve_proposal(finance, number, "agreed")
    return names


async def _run(person: Person) -> Mapping[str, str]:
    """A run of somebody else, whose one proposal waits."""
    names, manager = await _selling(person), await make_person(Role.MANAGER)
    async with acting(manager):
        run = await assess(manager, dealer=names["code"], propose=True, reason="yearly")
    return {**names, "run": str(run.run_id)}


async def _out_of_date(person: Person) -> Mapping[str, str]:
    """The proposal of a run, whose dealer has another grade since."""
    names, manager = await _run(person), await make_person(Role.MANAGER)
    async with acting(manager):
        await change_fact(manager, names["code"], Fact.GRADE, "B", reason="late payer")
    async with db.held(db.EVERYTHING):
        number = await db.fetchval("SELECT proposal_id FROM run_proposal WHERE run_id = $1", int(names["run"]))
    return {**names, "proposal": str(number)}


async def _statement(person: Person) -> Mapping[str, str]:
    names, manager = await _dealer(person), await make_person(Role.MANAGER)
    day = clock.today() - timedelta(days=100)
    async with acting(manager):
        await keep_statement(manager, names["code"], day, {"net_worth": Decimal("12345.67")})
    return {**names, "day": day.isoformat()}


_STATE = "SELECT state = '{}' FROM request_dealer WHERE {}"
_OF_DEALER = """
SELECT count(*) = 1 FROM request_dealer
WHERE dealer_id = {{dealer}} AND state = 'open' AND split_part(about, ' ', 1) = '{}'
"""
_BY_HAND = "/credit/dealers/{code}/proposals"
_SAID = "Proposed: somebody else decides."
_HAND_SAID = "Proposed for {code}: "

CASES = (
    Sending("/credit/runs", "/credit/runs", PROPOSING, {"dealer": "{code}", "reason": "yearly", "propose": True},
            "1 computed, 0 withheld. Proposed: 1,", _OF_DEALER.format("base"), before=_selling),
    Sending("/credit/runs", "/credit/runs", PROPOSING, {"territory": "Harbour City", "propose": False},
            "withheld.", "SELECT asked = 'territory Harbour City' FROM assessment_run ORDER BY id DESC LIMIT 1",
            before=_dealer),
    Sending("/credit/runs/{run}/approval", "/credit/runs/{run}/approval", [Role.FINANCE], {"reason": "sound"},
            "1 approved, 0 left out.", _STATE.format("approved", "dealer_id = {dealer}"), before=_run),
    Sending("/credit/dealers/{code}/assess", "/credit/dealers/{code}", PROPOSING, shows=_SAID,
            holds=_OF_DEALER.format("base"), before=_selling),
    Sending(_BY_HAND, "/credit/dealers/{code}", PROPOSING, {"amount": "12,000.50", "reason": "asked for"}, _HAND_SAID,
            _OF_DEALER.format("base"), before=_dealer),
    Sending(_BY_HAND, "/credit/dealers/{code}", PROPOSING,
            {"kind": "temporary", "amount": "500", "to_on": "2199-12-31", "reason": "a fair"}, _HAND_SAID,
            _OF_DEALER.format("temporary"), ":has([name=amount])", before=_in_force),
    Sending(_BY_HAND, "/credit/dealers/{code}", PROPOSING, {"kind": "end", "reason": "has gone"}, _HAND_SAID,
            _OF_DEALER.format("end"), ":has([name=amount])", before=_in_force),
    Sending(_BY_HAND, "/credit/dealers/{code}", PROPOSING, {"reason": "the fair is over"}, _HAND_SAID,
            _OF_DEALER.format("raise_end"), ":has([name=raise_id])", before=_in_force),
    Sending("/credit/dealers/{code}/facts", "/credit/dealers/{code}", PROPOSING,
            {"fact": "reference_limits", "amounts": "5000; 6,000"}, "is kept.",
            "SELECT amounts = '{{5000,6000}}' FROM credit_fact WHERE dealer_id = {dealer}", before=_dealer),
    Sending("/credit/dealers/{code}/facts", "/credit/dealers/{code}", PROPOSING,
            {"fact": "score", "factor": "prospects", "amounts": "7.5"}, "is kept.",
            "SELECT amounts = '{{7.5}}' FROM credit_fact WHERE dealer_id = {dealer}", before=_dealer),
    Sending("/credit/dealers/{code}/statements", "/credit/dealers/{code}/statements", PROPOSING,
            {"period_end": "2025-12-31", "net_worth": "-5,000.25"}, "The statement of ",
            "SELECT net_worth = -5000.25 FROM financial_statement WHERE dealer_id = {dealer}", before=_dealer),
    Sending("/credit/dealers/{code}/statements", "/credit/dealers/{code}/statements?period_end={day}", PROPOSING,
            {"void": True}, "The statement of ",
            "SELECT void FROM financial_statement WHERE dealer_id = {dealer} ORDER BY id DESC LIMIT 1",
            before=_statement),
    Sending("/credit/proposals/{number}/approve", "/credit/proposals/{proposal}", [Role.FINANCE], {"reason": "sound"},
            "is in force.", _STATE.format("approved", "id = {proposal}"), before=_proposed),
    # From the queue, where the form is fetched when the proposal is opened.
    Sending("/credit/proposals/{number}/approve", "/credit?q={code}", [Role.FINANCE], {"reason": "sound"},
            "is in force.", _STATE.format("approved", "id = {proposal}"),
            before=_proposed, opens="#proposal-{proposal} summary"),
    Sending("/credit/proposals/{number}/approve", "/credit/proposals/{proposal}", [Role.FINANCE],
            {"reason": "urgent", "although": "grade"}, "is in force.",
            _STATE.format("approved", "id = {proposal}"), before=_out_of_date),
    Sending("/credit/proposals/{number}/refuse", "/credit/proposals/{proposal}", [Role.FINANCE], {"reason": "too much"},
            "Refused for", _STATE.format("refused", "id = {proposal}"), before=_proposed),
    Sending("/credit/proposals/{number}/withdraw", "/credit/proposals/{proposal}", PROPOSING, {"reason": "a mistake"},
            "Withdrawn for", _STATE.format("withdrawn", "id = {proposal}"), before=_own),
)  # fmt: skip

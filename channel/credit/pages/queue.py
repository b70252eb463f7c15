"""The queue of proposals, runs, and the limits in force, as pages."""

from datetime import date
from functools import partial
from typing import Annotated, Any

import msgspec
from asyncpg import Record
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, QueryParameter

from channel import clock, web
from channel.access import queries as access_queries
from channel.access.rules import Person, Right, require
from channel.consent.queries import OF_DEALERS, last_reasons
from channel.consent.rules import Row
from channel.consent.service import refuse as refuse_request
from channel.consent.service import withdraw as withdraw_request
from channel.credit.acts import ApproveRun, AssessLimits, DecideLimit, WithdrawLimit
from channel.credit.lists import ASSESSMENTS, IN_FORCE, PROPOSALS, RUNS
from channel.credit.pages.form_reading import AnyRequest, shared
from channel.credit.pages.replacing import asking
from channel.credit.queries import assessments
from channel.credit.queries.limits import InForce, limits_in_force
from channel.credit.rules.choices import KIND_NAMES, STATE_NAMES
from channel.credit.service import assess as assessing
from channel.credit.service import decisions, limits
from channel.credit.service.explain import assessment_of
from channel.credit.service.limits import Queue, Told
from channel.credit.service.weighing import LIMITS
from channel.dealers.queries.masters import company_currency
from channel.errors import Message, m
from channel.lists import Page, Wanted
from channel.web.moments import read_day

_IN_VAIN = "in-vain"
"""How a reader asks for what is open and cannot come into force any more."""


async def _queued(
    person: NamedDependency[Person],
    of_state: Annotated[str, QueryParameter(name="state")] = "",
    q: FromQuery[str] = "",
    kind: FromQuery[str] = "",
    run: FromQuery[int | None] = None,
    mine: FromQuery[str] = "",
) -> Queue:
    """What the form above the queue asks: open ones that can come into force, unless it says otherwise."""
    state = of_state or "open"
    return Queue(
        state={"any": None, _IN_VAIN: "open"}.get(state, state),
        alive={"open": True, _IN_VAIN: False}.get(state),
        kind=kind or None,
        run_id=run,
        text=q.strip() or None,
        decidable_by=person.person_id if mine else None,
    )


async def _beside_queue(request: AnyRequest, person: Person, _asked: Queue) -> dict[str, Any]:
    tell = web.language_of(request).tell
    decided = ("approved", "refused", "withdrawn", "superseded", "ended")
    choices = [(_IN_VAIN, tell(m("in vain"))), *((each, tell(STATE_NAMES[each])) for each in decided)]
    return {
        "title": m("Credit limits"),
        "open": await limits.open_count(person),
        "company": await company_currency(),
        "kind_choices": [(value, tell(name)) for value, name in KIND_NAMES.items()],
        "state_choices": [*choices, ("any", tell(m("Every state")))],
        **shared(),
    }


async def _last_reasons(person: Person) -> list[str]:
    return [] if person.person_id is None else await last_reasons(OF_DEALERS, LIMITS.code, person.person_id)


async def _proposal(person: Person, number: int) -> dict[str, Any]:
    row = await limits.proposal_of(person, number)
    decision = None
    if row["assessment_id"] is not None:
        _, decision, _ = await assessment_of(person, row["assessment_id"])
    return {
        "proposal": row,
        "decision": decision,
        "in_vain": row["in_vain"],
        "takes_force_on": limits.takes_force(row),
        "last_reasons": await _last_reasons(person),
        "company": await company_currency(),
        **shared(),
    }


@get("/credit/proposals/{number:int}/why", include_in_schema=False)
async def show_why(request: AnyRequest, person: NamedDependency[Person], number: FromPath[int]) -> Response[str]:
    """The explanation of a proposal and the acts on it, for the queue."""
    found = await _proposal(person, number)
    return web.fragment(request, "credit/_why.html", **found)


@get("/credit/proposals/{number:int}", include_in_schema=False)
async def show_proposal(request: AnyRequest, person: NamedDependency[Person], number: FromPath[int]) -> Response[str]:
    """One proposal as a page."""
    return await _proposal_page(request, person, number)


async def _proposal_page(request: AnyRequest, person: Person, number: int) -> Response[str]:
    return web.page(request, "credit/proposal.html", **await _proposal(person, number))


def _about(row: Row) -> dict[str, Any]:
    """Whose proposal it is and what it says, for a word on what was done to it."""
    amount = m("%(amount)s %(currency)s", amount=row["amount"], currency=row["currency"])
    return {"dealer": row["name"], "what": KIND_NAMES[row["kind"]] if row["amount"] is None else amount}


@post("/credit/proposals/{number:int}/approve", include_in_schema=False)
async def approve(
    request: AnyRequest, person: NamedDependency[Person], number: FromPath[int]
) -> Response[str] | Response[None]:
    """Approve, and on to the next."""

    def said(row: Told) -> Message:
        if row["state"] == "approved":
            return m("Approved for %(dealer)s: %(what)s is in force.", **_about(row))
        return m("Approved for %(dealer)s: %(what)s; another approval is needed.", **_about(row))

    again = partial(_proposal_page, request, person, number)
    return await web.act(
        request, DecideLimit, partial(decisions.approve_proposal, person, number), again, to="/credit", said=said
    )


@post("/credit/proposals/{number:int}/refuse", include_in_schema=False)
async def refuse(
    request: AnyRequest, person: NamedDependency[Person], number: FromPath[int]
) -> Response[str] | Response[None]:
    """Refuse, and on to the next."""
    return await web.act(
        request,
        DecideLimit,
        partial(refuse_request, LIMITS, person, number),
        partial(_proposal_page, request, person, number),
        to="/credit",
        said=lambda row: m("Refused for %(dealer)s: %(what)s.", **_about(row)),
    )


@post("/credit/proposals/{number:int}/withdraw", include_in_schema=False)
async def withdraw(
    request: AnyRequest, person: NamedDependency[Person], number: FromPath[int]
) -> Response[str] | Response[None]:
    """Take back one's own proposal."""
    return await web.act(
        request,
        WithdrawLimit,
        partial(withdraw_request, LIMITS, person, number),
        partial(_proposal_page, request, person, number),
        to="/credit",
        said=lambda row: m("Withdrawn for %(dealer)s: %(what)s.", **_about(row)),
    )


async def _runs(person: Person, _asked: object, wanted: Wanted) -> Page[Record]:
    require(person, Right.SEE_CREDIT)
    return await assessments.runs(wanted)


async def _beside_runs(_request: AnyRequest, person: Person, _asked: object = None) -> dict[str, Any]:
    return {
        "open": await limits.open_count(person),
        "places": [(row["code"], row["path"]) for row in await access_queries.territories()],
        **shared(),
    }


async def _runs_page(request: AnyRequest, person: Person) -> Response[str]:
    found = await _runs(person, None, Wanted(limit=web.A_PAGE))
    return web.list_page(request, RUNS, found, "credit/runs.html", await _beside_runs(request, person))


@post("/credit/runs", include_in_schema=False)
async def assess(request: AnyRequest, person: NamedDependency[Person]) -> Response[str] | Response[None]:
    """Compute and keep limits, and propose those that differ when asked to."""

    async def carry_out(act: AssessLimits) -> tuple[assessing.Run, bool]:
        return await assessing.assess(person, act), act.propose

    return await web.act(
        request,
        AssessLimits,
        carry_out,
        partial(_runs_page, request, person),
        to=lambda done: f"/credit/runs/{done[0].run_id}",
        said=lambda done: _came_to(done[0], proposed=done[1]),
        asks=asking(request, person, "/credit/runs"),
    )


def _came_to(run: assessing.Run, *, proposed: bool) -> Message:
    counts = {"computed": run.computed, "withheld": run.withheld}
    if not proposed:
        return m("%(computed)s computed, %(withheld)s withheld.", **counts)
    return m(
        "%(computed)s computed, %(withheld)s withheld. Proposed: %(proposed)s, of these %(replaced)s in place of open"
        " ones; %(kept)s open ones say the same and stay; %(left)s left out.",
        **counts,
        proposed=run.proposed,
        replaced=run.replaced,
        kept=run.kept,
        left=len(run.skipped),
    )


class OfRun(msgspec.Struct, frozen=True):
    """Which assessments are wanted: of a run, all or only those without a limit, or with one."""

    run: int
    withheld: bool | None


async def _of_run(run: FromPath[int], withheld: FromQuery[str] = "") -> OfRun:
    return OfRun(run, {"yes": True, "no": False}.get(withheld))


async def _assessed(person: Person, asked: OfRun, wanted: Wanted) -> Page[Record]:
    return await assessing.assessments_of(person, asked.run, wanted, withheld=asked.withheld)


async def _beside_run(_request: AnyRequest, person: Person, asked: OfRun) -> dict[str, Any]:
    run = await assessing.run_of(person, asked.run)
    crumbs = [(m("Credit limits"), "/credit"), (m("Runs"), "/credit/runs")]
    return {"title": m("Run %(id)s", id=str(asked.run)), "crumbs": crumbs, "run": run, **shared()}


@get("/credit/runs/{run:int}/approval", include_in_schema=False)
async def review_run(request: AnyRequest, person: NamedDependency[Person], run: FromPath[int]) -> Response[str]:
    """What approving the proposals of a run would do, before it is done."""
    return await _review(request, person, run)


async def _review(request: AnyRequest, person: Person, run: int) -> Response[str]:
    return web.page(
        request,
        "credit/approval.html",
        run=await assessing.run_of(person, run),
        bulk=await decisions.bulk_of(person, run),
        last_reasons=await _last_reasons(person),
        company=await company_currency(),
        **shared(),
    )


@post("/credit/runs/{run:int}/approval", include_in_schema=False)
async def approve_run(
    request: AnyRequest, person: NamedDependency[Person], run: FromPath[int]
) -> Response[str] | Response[None]:
    """Approve what was reviewed."""
    return await web.act(
        request,
        ApproveRun,
        partial(decisions.approve_run, person, run),
        partial(_review, request, person, run),
        to=f"/credit/runs/{run}",
        said=lambda done: m(
            "Run %(run)s: %(approved)s approved, %(left)s left out.", run=str(run), approved=done[0], left=len(done[1])
        ),
        kind=lambda done: "warn" if done[1] else "good",
    )


async def _in_force_asked(
    as_of_day: NamedDependency[date | None],
    ends_before: FromQuery[str] = "",
    at_work: FromQuery[str] = "",
) -> InForce:
    """What the form of the list asks; a field left open comes empty and asks nothing."""
    ends = read_day({"ends_before": ends_before}, "ends_before")
    return InForce(as_of_day or clock.today(), ends, at_work == "yes")


async def _in_force(person: Person, asked: InForce, wanted: Wanted) -> Page[Record]:
    require(person, Right.SEE_CREDIT)
    return await limits_in_force(asked, wanted)


async def _on_day(_request: AnyRequest, _person: Person, asked: InForce) -> dict[str, Any]:
    crumbs = [(m("Credit limits"), "/credit")]
    return {"crumbs": crumbs, "facts": [m("on %(day)s", day=asked.as_of)], "as_of": asked.as_of}


_LIMITS = web.list_routes(
    IN_FORCE, "/credit/limits", _in_force, template="credit/limits.html", filtered=_in_force_asked, context=_on_day
)
_QUEUE = web.list_routes(
    PROPOSALS, "/credit", limits.proposals, template="credit/queue.html", filtered=_queued, context=_beside_queue
)
_RUNS = web.list_routes(RUNS, "/credit/runs", _runs, template="credit/runs.html", context=_beside_runs)
_RUN = web.list_routes(
    ASSESSMENTS,
    "/credit/runs/{run:int}",
    _assessed,
    template="credit/run.html",
    filtered=_of_run,
    context=_beside_run,
)
ROUTES = (
    *_QUEUE, show_why, show_proposal, approve, refuse, withdraw, *_RUNS, assess, *_RUN, review_run, approve_run,
    *_LIMITS,
)  # fmt: skip

"""A dealer's credit: the limit and its receipt, what changed, history, what-if, statements and facts."""

import re
from collections.abc import Mapping
from datetime import date
from functools import partial
from typing import Any
from urllib.parse import quote

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from msgspec.structs import replace

from channel import web
from channel.access.rules import Person, Right, require
from channel.credit.acts import AssessLimits, KeepFact, ProposeLimit, StatementForm
from channel.credit.lists import JOURNAL
from channel.credit.pages.form_reading import AnyRequest, shared
from channel.credit.pages.replacing import ask_again, asking
from channel.credit.queries.facts import statements
from channel.credit.rules import Knob, choice_label
from channel.credit.rules.choices import FACT_NAMES, KIND_NAMES, TAX_SAID
from channel.credit.rules.snapshot import needs_of
from channel.credit.service import assess as assessing
from channel.credit.service import explain as explaining
from channel.credit.service import facts as fact_acts
from channel.credit.service import limits
from channel.credit.service import proposals as proposing
from channel.credit.service.dealer import credit_of
from channel.database.snapshots import view_of
from channel.errors import FieldError, Invalid, Message, m
from channel.periods import complete_months_before
from channel.view import View
from channel.web.moments import read_day


def _page_of(code: str) -> str:
    return f"/credit/dealers/{quote(code)}"


async def _dealer_page(
    request: AnyRequest,
    person: Person,
    code: str,
    view: View | None = None,
) -> Response[str]:
    days = [read_day(request.query_params, each) for each in ("first", "second")]
    found = await credit_of(person, code, view or view_of(), (days[0], days[1]))
    limit, tell = found.limit, web.language_of(request).tell
    months = complete_months_before(limit.decision.as_of, needs_of(limit.policy).months)
    weights = limit.policy.parameters.characteristic_weights
    return web.page(
        request,
        "credit/dealer.html",
        name=found.name,
        held=limit.held,
        usage=limit.usage,
        tax_said=TAX_SAID,
        explained=limit,
        diff=limit.since,
        compared=limit.compared,
        months=months[::-1],
        by_month={each.month: each for each in limit.collected.inputs.months},
        lines=limit.lines,
        journal=limit.journal,
        proposals=limit.proposals,
        open_proposals=limit.open,
        statements=found.statements,
        facts=found.facts,
        kind_choices=[(value, tell(label)) for value, label in KIND_NAMES.items() if value != "raise_end"],
        factor_choices=[(each.factor, tell(choice_label(each.factor))) for each in weights],
        **shared(),
    )


@get("/credit/dealers/{code:str}", opt={"asks": ("first", "second")}, include_in_schema=False)
async def show_dealer(
    request: AnyRequest,
    person: NamedDependency[Person],
    code: FromPath[str],
    view: NamedDependency[View],
) -> Response[str]:
    """All about a dealer's credit, as of a day as known at a moment."""
    return await _dealer_page(request, person, code, view=view)


@get("/credit/dealers/{code:str}/sheets", include_in_schema=False)
async def show_sheets(request: AnyRequest, person: NamedDependency[Person], code: FromPath[str]) -> Response[str]:
    """The receipt and what has changed since the limit in force, as a part of a dealer's page."""
    explained = await explaining.explain(person, code, view_of())
    return web.fragment(
        request,
        "credit/_dealer_credit.html",
        explained=explained,
        diff=explained.since,
        **shared(),
    )


@post("/credit/dealers/{code:str}/assess", include_in_schema=False)
async def propose_computed(
    request: AnyRequest, person: NamedDependency[Person], code: FromPath[str]
) -> Response[str] | Response[None]:
    """Keep the limit that the policy gives and propose it."""

    async def carry_out(act: AssessLimits) -> assessing.Run:
        return await assessing.assess(person, replace(act, dealer=code, propose=True))

    async def shown(run: assessing.Run) -> Response[str] | None:
        if run.proposed or run.kept or not run.skipped or not run.skipped[0].stays_refused:
            return None
        return await ask_again(request, run.skipped[0].reason, _page_of(code))

    return await web.act(
        request,
        AssessLimits,
        carry_out,
        partial(_dealer_page, request, person, code),
        to=_page_of(code),
        said=_came_to,
        kind=lambda run: "good" if run.proposed or run.kept else "warn",
        shown=shown,
        asks=asking(request, person, _page_of(code)),
    )


def _came_to(run: assessing.Run) -> Message:
    if run.proposed:
        return m("Proposed: somebody else decides.")
    if run.kept:
        return m("The same is proposed already: it stays, with its approvals.")
    why = run.skipped[0].reason if run.skipped else m("the limit in force is the same")
    return m("Nothing was proposed: %(why)s.", why=why)


@post("/credit/dealers/{code:str}/proposals", include_in_schema=False)
async def propose_by_hand(
    request: AnyRequest, person: NamedDependency[Person], code: FromPath[str]
) -> Response[str] | Response[None]:
    """Propose a limit, a raise or an end."""

    async def carry_out(act: ProposeLimit) -> ProposeLimit:
        await proposing.propose_limit(person, code, act)
        return act

    def said(act: ProposeLimit) -> Message:
        ends = act.kind in {"end", "raise_end"}
        what = KIND_NAMES[act.kind] if ends else act.amount
        return m("Proposed for %(dealer)s: %(what)s; somebody else decides.", dealer=code, what=what)

    return await web.act(
        request,
        ProposeLimit,
        carry_out,
        partial(_dealer_page, request, person, code),
        to=_page_of(code),
        said=said,
        asks=asking(request, person, _page_of(code)),
    )


@post("/credit/dealers/{code:str}/facts", include_in_schema=False)
async def keep_fact(
    request: AnyRequest, person: NamedDependency[Person], code: FromPath[str]
) -> Response[str] | Response[None]:
    """Keep a score, references, a need or a best high credit."""

    async def carry_out(act: KeepFact) -> Message:
        await fact_acts.keep_fact(person, code, act)
        return m("%(fact)s of %(dealer)s is kept.", fact=FACT_NAMES[act.fact], dealer=code)

    again = partial(_dealer_page, request, person, code)
    return await web.act(request, KeepFact, carry_out, again, to=f"{_page_of(code)}#facts", said=lambda word: word)


async def _statement_form(request: AnyRequest, person: Person, code: str) -> Response[str]:
    require(person, Right.KEEP_STATEMENTS)
    held = await limits.limit_of(person, code, view_of())
    period = request.query_params.get("period_end")
    rows = await statements([held.dealer_id], date.max, None)
    found = next((row for row in rows if row["period_end"].isoformat() == period), None)
    return web.page(
        request,
        "credit/statement.html",
        code=code,
        act=StatementForm,
        values=dict(found) if found else {"currency": held.currency},
        known=found is not None,
    )


def _plain(value: str) -> str:
    """A figure as it is typed: without the zeros that it is stored with behind its last digit."""
    return value.rstrip("0").rstrip(".") if _STORED.fullmatch(value) else value


def _knob(knob: Knob, tell: "web.Language") -> dict[str, object]:
    choices = [(each, tell.tell(name)) for each, name in knob.choices.items()]
    if knob.kind.value == "flag":
        choices = [("true", tell.say("yes")), ("false", tell.say("no"))]
    return {
        "name": knob.name,
        "label": " / ".join(tell.tell(label) for label in knob.labels[-2:]),
        "value": _plain(knob.value),
        "choices": choices,
        "optional": knob.optional,
    }


def _sections(knobs: tuple[Knob, ...], tell: "web.Language") -> list[tuple[str, list[dict[str, object]]]]:
    found: dict[str, list[dict[str, object]]] = {}
    for knob in knobs:
        inputs = knob.name.startswith("inputs.")
        title = _INPUTS if inputs else knob.labels[0] if len(knob.labels) > 1 else _GENERAL
        found.setdefault(tell.tell(title), []).append(_knob(knob, tell))
    return list(found.items())


_STORED = re.compile(r"-?\d+\.\d*0")
_INPUTS: Message = m("What is known of the dealer")
_GENERAL: Message = m("Policy")


@get("/credit/dealers/{code:str}/what-if", opt={"asks_any": True}, include_in_schema=False)
async def show_what_if(
    request: AnyRequest,
    person: NamedDependency[Person],
    code: FromPath[str],
    view: NamedDependency[View],
) -> Response[str]:
    """The knobs, and the limit with them turned, as of a day as known at a moment; nothing is kept."""
    able = await explaining.what_if(person, code, view)
    tried = able.turned({})
    present = {knob.name: {knob.value, _plain(knob.value)} for knob in able.knobs}
    web.refuse_unknown(request.query_params.keys(), {*present, "as_of", "known_at"})
    turned = {
        name: value.strip()
        for name, value in request.query_params.items()
        if name in present and isinstance(value, str) and value.strip() not in present[name]
    }
    wrong: Mapping[str, FieldError] = {}
    if turned:
        try:
            tried = able.turned(turned)
        except Invalid as refused:
            wrong = {error.field: error for error in refused.errors}
    return web.page(
        request,
        "credit/what_if.html",
        code=code,
        as_of=view.day,
        known_at=view.moment,
        tried=tried,
        sections=_sections(able.knobs, web.language_of(request)),
        turned=turned,
        wrong=wrong,
        **shared(),
    )


@get("/credit/assessments/{number:int}", include_in_schema=False)
async def show_assessment(
    request: AnyRequest, person: NamedDependency[Person], number: FromPath[int], again: FromQuery[str] = ""
) -> Response[str]:
    """A kept assessment; with `again`, beside the same computed anew."""
    row, decision, _ = await explaining.assessment_of(person, number)
    return web.page(
        request,
        "credit/assessment.html",
        row=row,
        decision=decision,
        again=await explaining.recompute(person, number) if again else None,
        **shared(),
    )


async def _of_dealer(code: FromPath[str]) -> str:
    return code


async def _beside_journal(_request: AnyRequest, _person: Person, code: str) -> dict[str, Any]:
    return {"crumbs": [(m("Credit limits"), "/credit"), (code, _page_of(code))], "facts": [code], **shared()}


ROUTES = (
    *web.list_routes(
        JOURNAL, "/credit/dealers/{code:str}/journal", limits.journal_of, template="credit/journal.html",
        filtered=_of_dealer, context=_beside_journal,
    ),
    show_dealer, show_sheets, propose_computed, propose_by_hand, keep_fact,
    *web.act_routes(
        "/credit/dealers/{code:str}/statements", StatementForm, _statement_form, fact_acts.keep_statement,
        to="/credit/dealers/{code}#statements", said=m("The statement of %(period_end)s is kept."),
        asks=("period_end",),
    ),
    show_what_if, show_assessment,
)  # fmt: skip

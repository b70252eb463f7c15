"""Limits computed, explained, compared and tried out over the API; runs and their assessments."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Self

import msgspec
from asyncpg import Record
from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from channel import web
from channel.access.rules import Person, Right, require
from channel.credit.acts import AssessLimits
from channel.credit.api.decision_told import AnyRequest, Decision, Difference, told
from channel.credit.lists import ASSESSMENTS, RUNS
from channel.credit.queries import assessments
from channel.credit.rules.snapshot import collected_to_document
from channel.credit.rules.steps import settled
from channel.credit.service import assess as assessing
from channel.credit.service import explain as explaining
from channel.credit.service.explain import Explained
from channel.database.snapshots import view_of
from channel.errors import Message
from channel.lists import Page, Wanted
from channel.versions.rules import written
from channel.view import KNOWN_SAID, View
from channel.web import language_of, moments, stored_message


class Skip(msgspec.Struct):
    """A dealer for whom nothing was done, and why."""

    dealer: str
    reason: str | None


class RunDone(msgspec.Struct):
    """What an assessment came to; its assessments stand under `/credit/runs/{run}/assessments`.

    Of those `proposed`, so many `replaced` an open one; `kept` were open before, say the same, and are the run's, too.
    """

    run: int
    as_of: date
    known_at: datetime
    policy_version: int
    computed: int
    withheld: int
    proposed: int
    replaced: int
    kept: int
    skipped: list[Skip]


class RunRow(msgspec.Struct):
    """A run of assessments."""

    id: int
    as_of: date
    known_at: datetime
    asked: str
    person: str
    computed: int
    withheld: int
    open_proposals: int
    recorded_at: datetime

    @classmethod
    def of(cls, row: Record) -> Self:
        """From the database's row."""
        return cls(**{name: row[name] for name in cls.__struct_fields__})


class AssessmentRow(msgspec.Struct):
    """A kept limit, or why it was withheld; `in_force` is the approved limit it was compared with.

    `status` is the dealer's on the as-of day, null in assessments that were kept before it was an input.
    """

    id: int
    dealer: str
    name: str
    status: str | None
    currency: str
    amount: Decimal | None
    unrounded: Decimal | None
    company_amount: Decimal | None
    in_force: Decimal | None
    withheld: str | None
    policy_version: int

    @classmethod
    def of(cls, row: Record, request: AnyRequest) -> Self:
        """From the database's row."""
        figure = row["unrounded"]
        own: dict[str, Any] = {
            "unrounded": None if figure is None else settled(figure),
            "withheld": told(stored(row["withheld"]), request),
        }
        return cls(**own, **{name: row[name] for name in cls.__struct_fields__ if name not in own})


class MonthBehind(msgspec.Struct):
    """The lines behind a month's figure, by kind and product line."""

    kind: str
    month: str
    product_line: str
    lines: int
    quantity: Decimal
    currency: str
    amount: Decimal | None
    company_amount: Decimal | None


class Explanation(msgspec.Struct):
    """A limit with its steps, everything that went in, the policy, and the lines' totals behind the months.

    `since` tells what has changed since the limit in force, null where that rests on no assessment, or none is.
    """

    decision: Decision
    inputs: dict[str, Any]
    policy: dict[str, Any]
    lines: list[MonthBehind]
    since: Difference | None

    @classmethod
    def of(cls, explained: Explained, request: AnyRequest) -> Self:
        """The explanation in the words of whoever asked."""
        return cls(
            Decision.of(explained.decision, request),
            collected_to_document(explained.collected)["inputs"],
            written(explained.policy),
            [
                MonthBehind(
                    row["kind"], f"{row['month']:%Y-%m}", row["product_line"], row["lines"], row["quantity"],
                    row["dealer_currency"], row["dealer_amount"], row["company_amount"],
                )
                for row in explained.lines
            ],
            None if explained.since is None else Difference.of(explained.since, request),
        )  # fmt: skip


class KeptAssessment(msgspec.Struct):
    """A kept assessment."""

    id: int
    run: int
    recorded_at: datetime
    decision: Decision
    inputs: dict[str, Any]


class Again(msgspec.Struct):
    """A kept assessment beside the same computed again; `differs` is null when both are the same to the cent."""

    differs: str | None
    kept: Decision
    again: Decision


class WhatIf(msgspec.Struct, forbid_unknown_fields=True):
    """Knobs turned: names as `/knobs` lists them to values as text, an empty one meaning not known or no such rule."""

    overrides: dict[str, str]
    as_of: date | None = None
    known_at: Annotated[str | None, msgspec.Meta(description=KNOWN_SAID)] = None
    policy_version: int | None = None


class KnobRow(msgspec.Struct):
    """Something that can be turned."""

    name: str
    label: str
    kind: str
    value: str
    choices: list[str]
    optional: bool


class KnobList(msgspec.Struct):
    """Every knob with its present value."""

    items: list[KnobRow]


class Tried(msgspec.Struct):
    """The limit without and with the knobs turned; nothing was kept."""

    before: Decision
    after: Decision
    change: Decimal | None


@post("/api/v1/credit/assess")
async def assess(request: AnyRequest, person: NamedDependency[Person], data: JSONBody[AssessLimits]) -> RunDone:
    """Compute and keep limits; with `propose`, propose those that differ from the limit in force."""
    run = await assessing.assess(person, data, await moments.view_given(data.as_of, data.known_at))
    skipped = [Skip(each.dealer, told(each.reason, request)) for each in run.skipped]
    return RunDone(
        run.run_id,
        run.as_of,
        run.known_at,
        run.policy_version,
        run.computed,
        run.withheld,
        run.proposed,
        run.replaced,
        run.kept,
        skipped,
    )


@get("/api/v1/credit/runs", dependencies=web.list_asked(RUNS))
async def list_runs(person: NamedDependency[Person], wanted: NamedDependency[Wanted]) -> Page[RunRow]:
    """Runs, the latest first."""
    require(person, Right.SEE_CREDIT)
    return (await assessments.runs(wanted)).as_(RunRow)


@get("/api/v1/credit/runs/{run:int}")
async def show_run(person: NamedDependency[Person], run: FromPath[int]) -> RunRow:
    """One run."""
    return RunRow.of(await assessing.run_of(person, run))


@get("/api/v1/credit/runs/{run:int}/assessments", dependencies=web.list_asked(ASSESSMENTS, 200))
async def list_assessments(
    request: AnyRequest,
    person: NamedDependency[Person],
    run: FromPath[int],
    wanted: NamedDependency[Wanted],
    withheld: FromQuery[bool | None] = None,
) -> Page[AssessmentRow]:
    """The assessments of a run by dealer code."""
    found = await assessing.assessments_of(person, run, wanted, withheld=withheld)
    return Page([AssessmentRow.of(row, request) for row in found.items], found.next)


@get("/api/v1/credit/assessments/{assessment:int}")
async def show_assessment(
    request: AnyRequest, person: NamedDependency[Person], assessment: FromPath[int]
) -> KeptAssessment:
    """A kept assessment with its steps and everything it was computed from."""
    row, decision, collected = await explaining.assessment_of(person, assessment)
    return KeptAssessment(
        row["id"],
        row["run_id"],
        row["recorded_at"],
        Decision.of(decision, request),
        collected_to_document(collected)["inputs"],
    )


@get("/api/v1/credit/assessments/{assessment:int}/recompute")
async def recompute(request: AnyRequest, person: NamedDependency[Person], assessment: FromPath[int]) -> Again:
    """Compute a kept assessment again from the books as known then."""
    found = await explaining.recompute(person, assessment)
    return Again(told(found.differs, request), Decision.of(found.kept, request), Decision.of(found.again, request))


@get("/api/v1/credit/dealers/{code:str}/explain")
async def explain(
    request: AnyRequest,
    person: NamedDependency[Person],
    code: FromPath[str],
    view: NamedDependency[View],
) -> Explanation:
    """A dealer's limit with every step, computed now; nothing is kept."""
    return Explanation.of(await explaining.explain(person, code, view), request)


@get("/api/v1/credit/dealers/{code:str}/diff")
async def diff(
    request: AnyRequest,
    person: NamedDependency[Person],
    code: FromPath[str],
    first: FromQuery[date],
    second: FromQuery[date],
    first_known_at: Annotated[str | None, moments.asked_moment("first_known_at")] = None,
    second_known_at: Annotated[str | None, moments.asked_moment("second_known_at")] = None,
) -> Difference:
    """Why the limit of the second day differs from that of the first."""
    asked = {"first_known_at": first_known_at, "second_known_at": second_known_at}
    sides = (
        view_of(first, await moments.read_moment(asked, "first_known_at")),
        view_of(second, await moments.read_moment(asked, "second_known_at")),
    )
    return Difference.of(await explaining.diff(person, code, *sides), request)


@get("/api/v1/credit/dealers/{code:str}/knobs")
async def list_knobs(
    request: AnyRequest,
    person: NamedDependency[Person],
    code: FromPath[str],
    view: NamedDependency[View],
) -> KnobList:
    """What can be turned in a what-if, with its present value."""
    tell = language_of(request).tell
    able = await explaining.what_if(person, code, view)
    return KnobList(
        [
            KnobRow(
                knob.name, " / ".join(tell(label) for label in knob.labels), knob.kind.value, knob.value,
                list(knob.choices), knob.optional,
            )
            for knob in able.knobs
        ]
    )  # fmt: skip


@post("/api/v1/credit/dealers/{code:str}/what-if", status_code=200, only_computes=True)
async def what_if(
    request: AnyRequest, person: NamedDependency[Person], code: FromPath[str], data: JSONBody[WhatIf]
) -> Tried:
    """The limit with knobs turned; nothing is kept."""
    view = await moments.view_given(data.as_of, data.known_at)
    tried = (await explaining.what_if(person, code, view, version=data.policy_version)).turned(data.overrides)
    return Tried(Decision.of(tried.before, request), Decision.of(tried.after, request), tried.change)


def stored(document: dict[str, Any] | None) -> Message | None:
    """The message that a row holds."""
    return None if document is None else stored_message(document)


ROUTES = (
    assess, list_runs, show_run, list_assessments, show_assessment, recompute, explain, diff, list_knobs, what_if,
)  # fmt: skip

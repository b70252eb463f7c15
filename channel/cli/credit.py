"""`channel credit`: limits assessed, explained, compared, proposed and decided; policies."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import click

from channel.cli.client import Api, connected
from channel.cli.output import Column, Show, formatted, tell

_V1 = "/api/v1/credit"
_MOST = 1000
_DAY = click.DateTime(formats=["%Y-%m-%d"])
_AMOUNTS = ("before", "after", "factor")
_ASSESSED = (
    Column("dealer", "Dealer"),
    Column("name", "Name"),
    Column("amount", "Limit", number=True),
    Column("currency", "Currency"),
    Column("in_force", "In force", number=True),
    Column("withheld", "Withheld because"),
)
_PROPOSED = (
    Column("id", "No."),
    Column("dealer", "Dealer"),
    Column("kind", "Kind"),
    Column("before_amount", "In force", number=True),
    Column("amount", "Proposed", number=True),
    Column("currency", "Currency"),
    Column("change_amount", "Change, company currency", number=True),
    Column("approvals", "Approved by"),
    Column("approvals_needed", "Needs"),
    Column("proposer", "Proposed by"),
    Column("reason", "Reason"),
)
_STEPS = (
    Column("name", "Step"),
    Column("inputs", "From"),
    Column("factor", "Factor", number=True),
    Column("after", "Amount", number=True),
    Column("reason", "Remark"),
)


def _day(value: Any) -> str | None:  # noqa: ANN401 - click gives a datetime or None
    return None if value is None else value.date().isoformat()


@click.group()
def credit() -> None:
    """Credit limits from sales reports, with their reasons."""


@credit.command()
@click.option("--as-of", type=_DAY, help="Business date; today, if not given.")
@click.option("--known-at", metavar="MOMENT", help="As known at this moment, such as 2026-11-22T08:00:00+00:00.")
@click.option("--dealer", metavar="CODE", help="Only this dealer.")
@click.option("--territory", metavar="CODE", help="Only dealers in or below this territory.")
@click.option("--propose", is_flag=True, help="Propose the limits that differ from those in force.")
@click.option("--reason", default="", help="Why they are proposed.")
@formatted
@connected
def assess(
    api: Api,
    show: Show,
    as_of: Any,  # noqa: ANN401 - click's datetime
    known_at: str | None,
    dealer: str | None,
    territory: str | None,
    *,
    propose: bool,
    reason: str,
) -> None:
    """Compute and keep limits, for one dealer or all: each a limit or the reason why there is none."""
    run = api.post(
        f"{_V1}/assess",
        {"dealer": dealer, "territory": territory, "as_of": _day(as_of), "known_at": known_at, "propose": propose,
         "reason": reason},
    )  # fmt: skip
    show.rows(api.every(f"{_V1}/runs/{run['run']}/assessments", limit=_MOST), *_ASSESSED)
    tell(
        f"Run {run['run']}, policy {run['policy_version']}, as of {run['as_of']}, as known at {run['known_at']}:"
        f" {run['computed']} computed, {run['withheld']} withheld."
    )
    if propose:
        tell(f"{run['proposed']} proposed.")
        for each in run["skipped"]:
            tell(f"  {each['dealer']}: {each['reason']}")


@credit.command()
@click.argument("code")
@click.option("--as-of", type=_DAY, help="Business date; today, if not given.")
@click.option("--known-at", metavar="MOMENT", help="As known at this moment.")
@formatted
@connected
def explain(api: Api, show: Show, code: str, as_of: Any, known_at: str | None) -> None:  # noqa: ANN401 - see assess
    """Print every step of a dealer's limit with its inputs, policy, rates and rounding."""
    found = api.get(f"{_V1}/dealers/{code}/explain", as_of=_day(as_of), known_at=known_at)
    decision = found["decision"]
    if show.format != "table":
        show.document(found)
        return
    show.rows((_told(step) for step in decision["steps"]), *_STEPS, empty="There are no steps.")
    tell("")
    if decision["withheld"]:
        tell(f"Withheld: {decision['withheld']}")
    else:
        tell(f"Limit {decision['amount']} {decision['currency']}, unrounded {_short(decision['unrounded'])}.")
    for rate in decision["rates"]:
        tell(f"Rate {rate['currency']} {rate['rate']} of {rate['on']}")
    for note in decision["notes"]:
        tell(f"Note: {note}")
    lines = sum(each["lines"] for each in found["lines"])
    tell(
        f"Policy {decision['policy_version']} ({decision['policy_name']}), as of {decision['as_of']},"
        f" as known at {decision['known_at']}, from {lines} lines."
    )


def _told(step: Mapping[str, Any]) -> dict[str, Any]:
    """A step for the table; the one that decided is marked."""
    figures = {name: _short(step[name]) for name in _AMOUNTS}
    return {**step, **figures, "name": f"{step['name']} *" if step["bound"] else step["name"]}


def _short(figure: str | None) -> str | None:
    if figure is None or "." not in figure:
        return figure
    whole, _, places = figure.partition(".")
    return f"{whole}.{places.rstrip('0').ljust(2, '0')}"


@credit.command()
@click.argument("code")
@click.argument("first", type=_DAY)
@click.argument("second", type=_DAY)
@click.option("--first-known-at", metavar="MOMENT", help="The first as known at this moment.")
@click.option("--second-known-at", metavar="MOMENT", help="The second as known at this moment.")
@formatted
@connected
def diff(
    api: Api,
    show: Show,
    code: str,
    first: Any,  # noqa: ANN401 - click's datetime
    second: Any,  # noqa: ANN401 - click's datetime
    first_known_at: str | None,
    second_known_at: str | None,
) -> None:
    """Tell why the limit of day SECOND differs from that of day FIRST, cause by cause."""
    found = api.get(
        f"{_V1}/dealers/{code}/diff",
        first=_day(first),
        second=_day(second),
        first_known_at=first_known_at,
        second_known_at=second_known_at,
    )
    if show.format == "json":
        show.document(found)
        return
    columns = (
        Column("label", "Cause"),
        Column("amount", "Part", number=True),
        Column("before", "From"),
        Column("after", "To"),
    )
    show.rows(({**part, "amount": _short(part["amount"])} for part in found["parts"]), *columns, empty="No parts.")
    if found["withheld"]:
        tell(f"No parts: {found['withheld']}" + (f" ({found['reason']})" if found["reason"] else ""))
    else:
        tell(f"{found['before']['amount']} to {found['after']['amount']}: {found['whole']}")


@credit.command()
@click.option("--run", type=int, help="Only those of this run.")
@click.option("--dealer", metavar="CODE")
@click.option("--state", default="open", show_default=True, help="open, approved, refused, withdrawn, superseded, any.")
@formatted
@connected
def proposals(api: Api, show: Show, run: int | None, dealer: str | None, state: str) -> None:
    """List proposals, the biggest change first."""
    show.rows(api.every(f"{_V1}/proposals", run=run, dealer=dealer, state=state, limit=_MOST), *_PROPOSED)


@credit.command()
@click.argument("number", type=int, metavar="PROPOSAL")
@click.option("--reason", required=True)
@connected
def approve(api: Api, number: int, reason: str) -> None:
    """Approve a proposal of somebody else."""
    done = api.post(f"{_V1}/proposals/{number}/approve", {"reason": reason})
    if done["state"] == "approved":
        tell(f"In force for {done['dealer']} from {done['from_on']}: {done['amount']} {done['currency']}.")
    else:
        tell(f"Approved; {len(done['approvals'])} of {done['approvals_needed']} approvals are given.")


@credit.command()
@click.argument("number", type=int, metavar="PROPOSAL")
@click.option("--reason", required=True)
@connected
def refuse(api: Api, number: int, reason: str) -> None:
    """Refuse a proposal of somebody else."""
    api.post(f"{_V1}/proposals/{number}/refuse", {"reason": reason})
    tell("Refused.")


@credit.command()
@click.argument("number", type=int, metavar="PROPOSAL")
@click.option("--reason", required=True)
@connected
def withdraw(api: Api, number: int, reason: str) -> None:
    """Take back a proposal of one's own."""
    api.post(f"{_V1}/proposals/{number}/withdraw", {"reason": reason})
    tell("Withdrawn.")


@credit.command("approve-run")
@click.argument("run", type=int)
@click.option("--reason", required=True)
@click.option("--yes", is_flag=True, help="Do not ask again.")
@formatted
@connected
def approve_run(api: Api, show: Show, run: int, reason: str, *, yes: bool) -> None:
    """Show what approving all proposals of a run would do, ask, and do it."""
    review = api.get(f"{_V1}/runs/{run}/approval")
    show.rows(review["items"], *_PROPOSED)
    change = "not known for all" if review["change"] is None else review["change"]
    tell(
        f"{review['proposals']} to approve, {review['come_into_force']} come into force by it,"
        f" {review['second_needed']} need another approval afterwards; change in company currency {change}."
    )
    if not review["proposals"] or not (yes or click.confirm("Approve them?", err=True)):
        return
    done = api.post(f"{_V1}/runs/{run}/approval", {"mark": review["mark"], "reason": reason})
    tell(f"{done['approved']} approved.")
    for each in done["skipped"]:
        tell(f"  {each['dealer']}: {each['reason']}")


@credit.command()
@click.argument("code")
@click.option("--amount", help="In the dealer's currency; what is added, for a raise.")
@click.option("--kind", type=click.Choice(("base", "temporary", "end")), default="base", show_default=True)
@click.option("--from", "from_on", type=_DAY, help="First day; today, if not given.")
@click.option("--to", "to_on", type=_DAY, help="First day on which it no longer holds.")
@click.option("--reason", required=True)
@connected
def propose(
    api: Api,
    code: str,
    amount: str | None,
    kind: str,
    from_on: Any,  # noqa: ANN401 - click's datetime
    to_on: Any,  # noqa: ANN401 - click's datetime
    reason: str,
) -> None:
    """Propose a limit, a raise for a time, or a limit's end by hand."""
    made = api.post(
        f"{_V1}/dealers/{code}/proposals",
        {"kind": kind, "amount": amount, "from_on": _day(from_on), "to_on": _day(to_on), "reason": reason},
    )
    tell(f"Proposal {made['id']} waits for somebody else.")


@credit.command()
@click.argument("code")
@click.option("--as-of", type=_DAY)
@formatted
@connected
def limits(api: Api, show: Show, code: str, as_of: Any) -> None:  # noqa: ANN401 - see assess
    """Show what is in force for a dealer, and the history: who and why."""
    held = api.get(f"{_V1}/dealers/{code}/limit", as_of=_day(as_of))
    show.document({**held, **api.get(f"{_V1}/dealers/{code}/limits")})


@credit.command("what-if")
@click.argument("code")
@click.option("--set", "knobs", multiple=True, metavar="KNOB=VALUE", help="Turn a knob; without any, they are listed.")
@click.option("--as-of", type=_DAY)
@click.option("--policy", "version", type=int, help="Try another version of the policy, a draft among them.")
@formatted
@connected
def what_if(
    api: Api,
    show: Show,
    code: str,
    knobs: tuple[str, ...],
    as_of: Any,  # noqa: ANN401 - click's datetime
    version: int | None,
) -> None:
    """Show a dealer's limit with knobs turned; nothing is kept."""
    if not knobs and version is None:
        show.rows(api.get(f"{_V1}/dealers/{code}/knobs", as_of=_day(as_of))["items"])
        return
    found = api.post(
        f"{_V1}/dealers/{code}/what-if",
        {"overrides": dict(_pairs(knobs)), "as_of": _day(as_of), "policy_version": version},
    )
    if show.format != "table":
        show.document(found)
        return
    show.rows((_told(step) for step in found["after"]["steps"]), *_STEPS, empty="There are no steps.")
    for side, name in (("before", "Now"), ("after", "What if")):
        decision = found[side]
        tell(f"{name}: " + (decision["withheld"] or f"{decision['amount']} {decision['currency']}"))


def _pairs(knobs: Iterable[str]) -> Iterable[tuple[str, str]]:
    for each in knobs:
        name, sign, value = each.partition("=")
        if not sign:
            raise click.UsageError(f"--set takes KNOB=VALUE, not {each!r}.")
        yield (name if name.startswith(("policy.", "inputs.")) else f"policy.{name}"), value


@credit.group()
def policy() -> None:
    """Versions of the credit policy."""


@policy.command("list")
@formatted
@connected
def list_policies(api: Api, show: Show) -> None:
    """List every version."""
    show.rows(api.get(f"{_V1}/policies")["items"])


@policy.command("show")
@click.argument("version", type=int)
@formatted
@connected
def show_policy(api: Api, show: Show, version: int) -> None:
    """Print a version with its document and what was done with it."""
    show.document(api.get(f"{_V1}/policies/{version}"))


@policy.command("draft")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--effective-from", type=_DAY, required=True)
@click.option("--note", default="")
@click.option("--version", type=int, help="Change this draft instead of making a new one.")
@connected
def draft_policy(api: Api, file: Path, effective_from: Any, note: str, version: int | None) -> None:  # noqa: ANN401 - see assess
    """Draft a version from FILE, a JSON document; what it leaves out is as in the shipped policy."""
    try:
        document = json.loads(file.read_text(encoding="utf-8"), parse_float=str)
    except ValueError as fault:
        raise click.UsageError(f"{file} is not JSON: {fault}") from None
    text = {"document": document, "effective_from": _day(effective_from), "note": note}
    made = api.post(f"{_V1}/policies", text) if version is None else api.put(f"{_V1}/policies/{version}", text)
    tell(f"Policy {made['version']} is a draft.")


@policy.command("compare")
@click.argument("version", type=int)
@click.option("--with", "other", type=int, help="Another version; the approved one before it, if not given.")
@formatted
@connected
def compare_policies(api: Api, show: Show, version: int, other: int | None) -> None:
    """Print the fields in which two versions differ."""
    found = api.get(f"{_V1}/policies/{version}/compare", **{"with": other})
    show.rows(found["items"], empty="They are the same.")


def _decision(name: str, done: str, about: str) -> click.Command:
    @policy.command(name, help=about)
    @click.argument("version", type=int)
    @click.option("--reason", required=True)
    @connected
    def decide(api: Api, version: int, reason: str) -> None:
        api.post(f"{_V1}/policies/{version}/{name}", {"reason": reason})
        tell(f"Policy {version} is {done}.")

    return decide


PROPOSE = _decision("propose", "proposed", "Put a draft before another person.")
APPROVE = _decision("approve", "approved", "Let a proposed version of somebody else count from its day on.")
REFUSE = _decision("refuse", "refused", "Refuse a proposed version.")
WITHDRAW = _decision("withdraw", "withdrawn", "Take back a draft or a proposal of one's own.")

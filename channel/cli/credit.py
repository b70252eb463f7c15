"""`channel credit`: limits assessed, explained, compared, proposed and decided."""

from datetime import datetime

import click

from channel.cli import books, runs
from channel.cli.asked import AS_OF, DAY, KNOWN_AT, REASON, day, pairs
from channel.cli.client import Api, connected, part
from channel.cli.later import Listed
from channel.cli.output import Show, formatted, grouped, inform, pass_on
from channel.cli.policies import policy
from channel.cli.runs import ASSESSED
from channel.cli.steps import STEPS, tell_since, told
from channel.cli.tables import Column
from channel.cli.words import say

_V1 = "/api/v1/credit"
_MOST = 1000
_KINDS = ("base", "temporary", "end")
_ALL_KINDS = (*_KINDS, "raise_end")
_STATES = ("open", "approved", "refused", "withdrawn", "superseded", "ended", "any")
_KNOBS = (
    Column("name", "Knob"),
    Column("label", "What it is", less=1),
    Column("value", "Value"),
    Column("choices", "Choices", less=2),
)
_PROPOSED = (
    Column("id", "No."),
    Column("dealer", "Dealer"),
    Column("status", "Status", less=1),
    Column("kind", "Kind"),
    Column("before_amount", "In force", number=True, less=1),
    Column("amount", "Proposed limit", number=True),
    Column("currency", "Currency"),
    Column("change_amount", "Change, company currency", number=True),
    Column("approvals", "Approved by", less=5),
    Column("approvals_needed", "Needs", less=4),
    Column("proposer", "Proposed by", less=3),
    Column("reason", "Reason", less=2),
)


_JOURNAL = (
    Column("recorded_at", "Recorded", less=2),
    Column("kind", "Kind"),
    Column("amount", "Amount", number=True),
    Column("currency", "Currency"),
    Column("from_on", "From"),
    Column("to_on", "Until before"),
    Column("proposer", "Proposed by", less=1),
    Column("votes", "Approved by"),
    Column("reason", "Reason", less=3),
)
_HISTORY = (
    Column("id", "No."),
    Column("proposed_at", "Proposed on", less=2),
    Column("kind", "Kind"),
    Column("amount", "Amount", number=True),
    Column("state", "State"),
    Column("proposer", "Proposed by"),
    Column("closed_by", "Closed by", less=1),
    Column("reason", "Reason"),
)


@click.group(cls=Listed, commands=(policy, *books.COMMANDS, *runs.COMMANDS))
def credit() -> None:
    """Credit limits from sales reports, with their reasons."""


@credit.command()
@AS_OF
@KNOWN_AT
@click.option("--dealer", metavar="CODE", help="Only this dealer.")
@click.option("--territory", metavar="CODE", help="Only dealers in or below this territory.")
@click.option("--propose", is_flag=True, help="Propose the limits that differ from those in force.")
@click.option("--reason", default="", help="Why they are proposed.")
@formatted
@connected
def assess(
    api: Api,
    show: Show,
    as_of: datetime | None,
    known_at: str | None,
    dealer: str | None,
    territory: str | None,
    *,
    propose: bool,
    reason: str,
) -> None:
    """Compute and keep limits, for one dealer or all that are active or on hold: each a limit or why there is none."""
    run = api.post(
        f"{_V1}/assess",
        {"dealer": dealer, "territory": territory, "as_of": day(as_of), "known_at": known_at, "propose": propose,
         "reason": reason},
    )  # fmt: skip
    show.rows(api.every(f"{_V1}/runs/{run['run']}/assessments", limit=_MOST), *ASSESSED)
    inform(
        "Run %(run)s, policy %(policy_version)s, as of %(as_of)s, as known at %(known_at)s:"
        " %(computed)s computed, %(withheld)s withheld.",
        **run,
    )
    if propose:
        inform("%(count)s proposed.", count=run["proposed"])
        for each in run["skipped"]:
            pass_on(f"  {each['dealer']}: {each['reason']}")


@credit.command()
@click.argument("code")
@AS_OF
@KNOWN_AT
@formatted
@connected
def explain(api: Api, show: Show, code: str, as_of: datetime | None, known_at: str | None) -> None:
    """Print every step of a dealer's limit with its inputs, policy, rates and rounding."""
    found = api.get(f"{_V1}/dealers/{part(code)}/explain", as_of=day(as_of), known_at=known_at)
    decision = found["decision"]
    if show.format != "table":
        show.document(found)
        return
    show.rows((told(step) for step in decision["steps"]), *STEPS, empty=say("There are no steps."))
    pass_on("")
    if decision["withheld"]:
        inform("Withheld: %(reason)s", reason=decision["withheld"])
    else:
        inform(
            "Limit %(amount)s %(currency)s, unrounded %(unrounded)s.",
            amount=grouped(decision["amount"]),
            currency=decision["currency"],
            unrounded=grouped(decision["unrounded"]),
        )
    for rate in decision["rates"]:
        inform("Rate %(currency)s %(rate)s of %(on)s", **rate)
    for note in decision["notes"]:
        inform("Note: %(note)s", note=note)
    tell_since(found["since"])
    lines = sum(each["lines"] for each in found["lines"])
    inform(
        "Policy %(policy_version)s (%(policy_name)s), as of %(as_of)s, as known at %(known_at)s, from %(lines)s lines.",
        **decision,
        lines=lines,
    )


@credit.command()
@click.argument("code")
@click.argument("first", type=DAY)
@click.argument("second", type=DAY)
@click.option("--first-known-at", metavar="MOMENT", help="The first as known at this moment.")
@click.option("--second-known-at", metavar="MOMENT", help="The second as known at this moment.")
@formatted
@connected
def diff(
    api: Api,
    show: Show,
    code: str,
    first: datetime,
    second: datetime,
    first_known_at: str | None,
    second_known_at: str | None,
) -> None:
    """Tell why the limit of day SECOND differs from that of day FIRST, cause by cause."""
    found = api.get(
        f"{_V1}/dealers/{part(code)}/diff",
        first=day(first),
        second=day(second),
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
    show.rows(found["parts"], *columns, empty=say("No parts."))
    if found["withheld"]:
        why = found["withheld"] + (f" ({found['reason']})" if found["reason"] else "")
        inform("No parts: %(reason)s", reason=why)
    else:
        first_limit, second_limit = (grouped(found[side]["amount"]) for side in ("before", "after"))
        inform(
            "%(before)s to %(after)s: %(whole)s", before=first_limit, after=second_limit, whole=grouped(found["whole"])
        )


@credit.command()
@click.option("--run", type=int, help="Only those of this run.")
@click.option("--dealer", metavar="CODE")
@click.option("--state", type=click.Choice(_STATES), default="open", show_default=True)
@click.option("--kind", type=click.Choice(_ALL_KINDS))
@click.option("--text", help="Looked for in the dealer's code and name.")
@click.option("--mine-to-decide", is_flag=True, help="Only those that wait for you.")
@formatted
@connected
def proposals(
    api: Api,
    show: Show,
    run: int | None,
    dealer: str | None,
    state: str,
    kind: str | None,
    text: str | None,
    *,
    mine_to_decide: bool,
) -> None:
    """List proposals, the biggest change first."""
    asked = {"run": run, "dealer": dealer, "state": state, "kind": kind, "q": text}
    found = api.every(f"{_V1}/proposals", **asked, mine_to_decide=str(mine_to_decide).lower(), limit=_MOST)
    show.rows(found, *_PROPOSED, empty=say("There is no such proposal."))


@credit.command()
@click.argument("number", type=int, metavar="PROPOSAL")
@formatted
@connected
def proposal(api: Api, show: Show, number: int) -> None:
    """Show one proposal, with who proposed it, who approved it and why."""
    show.document(api.get(f"{_V1}/proposals/{number}"))


@credit.command()
@click.argument("number", type=int, metavar="PROPOSAL")
@REASON
@connected
def approve(api: Api, number: int, reason: str) -> None:
    """Approve a proposal of somebody else."""
    begin = api.get(f"{_V1}/proposals/{number}")["takes_force_on"]
    done = api.post(f"{_V1}/proposals/{number}/approve", {"reason": reason})
    if done["state"] == "approved":
        told = {"dealer": done["dealer"], "from_on": begin, "currency": done["currency"]}
        inform(
            "In force for %(dealer)s from %(from_on)s: %(amount)s %(currency)s.", amount=grouped(done["amount"]), **told
        )
    else:
        given, needed = len(done["approvals"]), done["approvals_needed"]
        inform("Approved; %(given)s of %(needed)s approvals are given.", given=given, needed=needed)


@credit.command()
@click.argument("number", type=int, metavar="PROPOSAL")
@REASON
@connected
def refuse(api: Api, number: int, reason: str) -> None:
    """Refuse a proposal of somebody else."""
    api.post(f"{_V1}/proposals/{number}/refuse", {"reason": reason})
    inform("Refused.")


@credit.command()
@click.argument("number", type=int, metavar="PROPOSAL")
@REASON
@connected
def withdraw(api: Api, number: int, reason: str) -> None:
    """Take back a proposal of one's own."""
    api.post(f"{_V1}/proposals/{number}/withdraw", {"reason": reason})
    inform("Withdrawn.")


@credit.command("approve-run")
@click.argument("run", type=int)
@REASON
@click.option("--yes", is_flag=True, help="Do not ask again.")
@formatted
@connected
def approve_run(api: Api, show: Show, run: int, reason: str, *, yes: bool) -> None:
    """Show what approving all proposals of a run would do, ask, and do it."""
    review = api.get(f"{_V1}/runs/{run}/approval")
    show.rows(review["items"], *_PROPOSED)
    change = say("not known for all") if review["change"] is None else review["change"]
    inform(
        "%(proposals)s to approve, %(come_into_force)s come into force by it,"
        " %(second_needed)s need another approval afterwards; change in company currency %(sum)s.",
        **review,
        sum=grouped(change),
    )
    if not review["proposals"] or not (yes or click.confirm(say("Approve them?"), err=True)):
        return
    done = api.post(f"{_V1}/runs/{run}/approval", {"mark": review["mark"], "reason": reason})
    inform("%(count)s approved.", count=done["approved"])
    for each in done["skipped"]:
        pass_on(f"  {each['dealer']}: {each['reason']}")


@credit.command()
@click.argument("code")
@click.option("--amount", help="In the dealer's currency; what is added, for a raise.")
@click.option("--kind", type=click.Choice(_KINDS), default="base", show_default=True)
@click.option("--from", "from_on", type=DAY, help="First day; today, if not given.")
@click.option("--to", "to_on", type=DAY, help="First day on which it no longer holds.")
@REASON
@connected
def propose(
    api: Api,
    code: str,
    amount: str | None,
    kind: str,
    from_on: datetime | None,
    to_on: datetime | None,
    reason: str,
) -> None:
    """Propose a limit, a raise for a time, or a limit's end by hand."""
    made = api.post(
        f"{_V1}/dealers/{part(code)}/proposals",
        {"kind": kind, "amount": amount, "from_on": day(from_on), "to_on": day(to_on), "reason": reason},
    )
    inform("Proposal %(number)s waits for somebody else.", number=made["id"])


@credit.command("end-raise")
@click.argument("code")
@click.argument("number", metavar="[NUMBER]", type=int, required=False)
@click.option("--from", "from_on", type=DAY, help="First day without the raise; today, if not given.")
@REASON
@connected
def end_raise(api: Api, code: str, number: int | None, from_on: datetime | None, reason: str) -> None:
    """Propose that a raise ends early: the only one in force, or NUMBER of those that `limits` shows."""
    if number is None:
        raises = api.get(f"{_V1}/dealers/{part(code)}/limit")["raises"]
        if len(raises) != 1:
            told = ", ".join(f"{each['id']} ({each['amount']}, – {each['to_on']})" for each in raises)
            raise click.UsageError(
                say("Say which raise: %(raises)s.", raises=told) if raises else say("No raise is in force.")
            )
        number = raises[0]["id"]
    made = api.post(
        f"{_V1}/dealers/{part(code)}/proposals",
        {"kind": "raise_end", "raise_id": number, "from_on": day(from_on), "reason": reason},
    )
    inform("Proposal %(number)s waits for somebody else.", number=made["id"])


@credit.command()
@click.argument("code")
@AS_OF
@KNOWN_AT
@formatted
@connected
def limits(api: Api, show: Show, code: str, as_of: datetime | None, known_at: str | None) -> None:
    """Show what is in force for a dealer, and the history: who and why."""
    held = api.get(f"{_V1}/dealers/{part(code)}/limit", as_of=day(as_of), known_at=known_at)
    history = api.get(f"{_V1}/dealers/{part(code)}/limits")
    if show.format != "table" or show.output is not None:
        show.document({**held, **history})
        return
    show.document(held)
    for items, title, columns in (
        (history["journal"], say("Journal"), _JOURNAL),
        (history["proposals"], say("Proposals"), _HISTORY),
    ):
        if items:
            click.secho(f"\n{title}", bold=True)
            show.rows(items, *columns)


@credit.command("what-if")
@click.argument("code")
@click.option("--set", "knobs", multiple=True, metavar="KNOB=VALUE", help="Turn a knob; without any, they are listed.")
@AS_OF
@KNOWN_AT
@click.option("--policy", "version", type=int, help="Try another version of the policy, a draft among them.")
@formatted
@connected
def what_if(
    api: Api,
    show: Show,
    code: str,
    knobs: tuple[str, ...],
    as_of: datetime | None,
    known_at: str | None,
    version: int | None,
) -> None:
    """Show a dealer's limit with knobs turned; nothing is kept."""
    if not knobs and version is None:
        show.rows(api.get(f"{_V1}/dealers/{part(code)}/knobs", as_of=day(as_of), known_at=known_at)["items"], *_KNOBS)
        return
    found = api.post(
        f"{_V1}/dealers/{part(code)}/what-if",
        {"overrides": _overrides(knobs), "as_of": day(as_of), "known_at": known_at, "policy_version": version},
    )
    if show.format != "table":
        show.document(found)
        return
    show.rows((told(step) for step in found["after"]["steps"]), *STEPS, empty=say("There are no steps."))
    for side, name in (("before", say("Now")), ("after", say("What if"))):
        decision = found[side]
        pass_on(f"{name}: " + (decision["withheld"] or f"{grouped(decision['amount'])} {decision['currency']}"))


def _overrides(knobs: tuple[str, ...]) -> dict[str, str]:
    given = pairs(knobs, "--set", "KNOB=VALUE")
    return {name if name.startswith(("policy.", "inputs.")) else f"policy.{name}": value for name, value in given}

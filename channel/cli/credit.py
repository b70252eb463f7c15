"""`channel credit`: limits assessed, explained, compared, proposed and decided."""

import sys
from datetime import date

import click

from channel.cli import credit_facts, proposals, runs
from channel.cli.limit_steps import STEPS, tell_since, told
from channel.cli.proposals import with_words
from channel.cli.terminal.act_options import Body, body_of
from channel.cli.terminal.arguments import AS_OF, DAY, KNOWN_AT, day, pairs
from channel.cli.terminal.client import Api, Failure, connected, part
from channel.cli.terminal.lazy_groups import ListedGroup
from channel.cli.terminal.output import Show, formatted, grouped, inform, pass_on
from channel.cli.terminal.text_tables import ItemColumn
from channel.cli.terminal.words import say
from channel.cli.versions import commands_of
from channel.credit.acts import AssessLimits
from channel.credit.lists import ASSESSMENTS, JOURNAL, PROPOSALS
from channel.credit.rules import POLICY

_V1 = "/api/v1/credit"
_MOST = 1000
_KNOBS = (
    ItemColumn("name", "Knob"),
    ItemColumn("label", "What it is", less=1),
    ItemColumn("value", "Value"),
    ItemColumn("choices", "Choices", less=2),
)


_POLICY = commands_of(POLICY, "policy")


@click.group(cls=ListedGroup, commands=(_POLICY, *credit_facts.COMMANDS, *runs.COMMANDS, *proposals.COMMANDS))
def credit() -> None:
    """Credit limits from sales reports, with their reasons."""


@credit.command()
@body_of(AssessLimits, but=("confirmed",))
@click.option("--yes", is_flag=True, help="Do not ask, even where open proposals are replaced.")
@formatted
@connected
def assess(api: Api, show: Show, body: Body, *, yes: bool) -> None:
    """Compute and keep limits, for one dealer or all that are active or on hold: each a limit or why there is none."""
    try:
        run = api.post(f"{_V1}/assess", body)
    except Failure as refused:
        run = api.post(f"{_V1}/assess", body | {"confirmed": _confirmed(refused, yes=yes)})
    show.listed(ASSESSMENTS, api.every(f"{_V1}/runs/{run['run']}/assessments", limit=_MOST))
    inform(
        "Run %(run)s, policy %(policy_version)s, as of %(as_of)s, as known at %(known_at)s:"
        " %(computed)s computed, %(withheld)s withheld.",
        **run,
    )
    if "propose" in body:
        inform(
            "%(proposed)s proposed, of these %(replaced)s in place of open ones; %(kept)s open ones say the same.",
            **run,
        )
        for each in run["skipped"]:
            pass_on(f"  {each['dealer']}: {each['reason']}")


def _confirmed(refused: Failure, *, yes: bool) -> str:
    """The mark of what a run would replace, once somebody has agreed to it; any other refusal stays one."""
    mark = refused.expected.get("confirmed")
    if mark is None:
        raise refused
    if not yes:
        if not sys.stdin.isatty():
            raise refused
        refused.show()
        click.confirm(say("Replace them?"), err=True, abort=True)
    return mark


@credit.command()
@click.argument("code")
@AS_OF
@KNOWN_AT
@formatted
@connected
def explain(api: Api, show: Show, code: str, as_of: date | None, known_at: str | None) -> None:
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
    first: date,
    second: date,
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
        ItemColumn("label", "Cause"),
        ItemColumn("amount", "Part", number=True),
        ItemColumn("before", "From"),
        ItemColumn("after", "To"),
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
@click.argument("code")
@AS_OF
@KNOWN_AT
@formatted
@connected
def limits(api: Api, show: Show, code: str, as_of: date | None, known_at: str | None) -> None:
    """Show what is in force for a dealer, and the history: who and why."""
    held = api.get(f"{_V1}/dealers/{part(code)}/limit", as_of=day(as_of), known_at=known_at)
    history = api.get(f"{_V1}/dealers/{part(code)}/limits")
    if show.format != "table" or show.output is not None:
        show.document({**held, **history})
        return
    show.document(held)
    for listed, items in ((JOURNAL, history["journal"]), (PROPOSALS, with_words(show, history["proposals"]))):
        click.secho(f"\n{say(listed.title.text)}", bold=True)
        show.listed(listed, items)


@credit.command()
@click.argument("code")
@formatted
@connected
def journal(api: Api, show: Show, code: str) -> None:
    """List what came into force for a dealer, the latest first: who and why."""
    show.listed(JOURNAL, api.every(f"{_V1}/dealers/{part(code)}/journal"))


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
    as_of: date | None,
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

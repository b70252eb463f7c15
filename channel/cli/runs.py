"""What was assessed: runs, their assessments, each computed again, and the limits that came into force."""

from datetime import date
from itertools import islice

import click

from channel.cli.limit_steps import STEPS, told
from channel.cli.terminal.arguments import AS_OF, DAY, day
from channel.cli.terminal.client import Api, connected
from channel.cli.terminal.output import Show, formatted, grouped, inform, pass_on
from channel.cli.terminal.text_tables import ItemColumn
from channel.cli.terminal.words import say
from channel.credit.lists import ASSESSMENTS, IN_FORCE, RUNS

_V1 = "/api/v1/credit"
_MOST = 1000


@click.command("runs")
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True, help="How many, the latest first.")
@formatted
@connected
def list_runs(api: Api, show: Show, limit: int) -> None:
    """List assessments of many dealers at once, the latest first."""
    found = api.every(f"{_V1}/runs", limit=min(limit, _MOST))
    show.listed(RUNS, islice(found, limit))


@click.command("run")
@click.argument("number", type=int, metavar="RUN")
@click.option("--withheld/--computed", default=None, help="Only those without a limit, or with one.")
@formatted
@connected
def show_run(api: Api, show: Show, number: int, *, withheld: bool | None) -> None:
    """List what a run came to: each dealer's limit, or the reason why there is none."""
    run = api.get(f"{_V1}/runs/{number}")
    asked = None if withheld is None else str(withheld).lower()
    show.listed(ASSESSMENTS, api.every(f"{_V1}/runs/{number}/assessments", withheld=asked, limit=_MOST))
    inform(
        "Run %(id)s by %(person)s, as of %(as_of)s, as known at %(known_at)s:"
        " %(computed)s computed, %(withheld)s withheld, %(open_proposals)s open proposals.",
        **run,
    )


@click.command("assessment")
@click.argument("number", type=int, metavar="ASSESSMENT")
@click.option(
    "--recompute", is_flag=True, help="Compute it again from the books as known then; exit code 1 if it differs."
)
@formatted
@connected
def show_assessment(api: Api, show: Show, number: int, *, recompute: bool) -> None:
    """Show a kept assessment with its steps."""
    if recompute:
        again = api.get(f"{_V1}/assessments/{number}/recompute")
        show.document(again) if show.format == "json" else show.rows(
            ({"side": name, **again[side]} for name, side in (("Kept", "kept"), ("Again", "again"))), *_SIDES
        )
        if again["differs"]:
            pass_on(again["differs"])
            raise click.exceptions.Exit(1)
        inform("Both are the same to the cent.")
        return
    kept = api.get(f"{_V1}/assessments/{number}")
    if show.format != "table":
        show.document(kept)
        return
    decision = kept["decision"]
    show.rows((told(step) for step in decision["steps"]), *STEPS, empty=say("There are no steps."))
    limit = decision["withheld"] or f"{grouped(decision['amount'])} {decision['currency']}"
    inform("%(dealer)s as of %(as_of)s under policy %(policy_version)s: %(limit)s.", **decision, limit=limit)


_SIDES = (
    ItemColumn("side", "Which"),
    ItemColumn("amount", "Limit", number=True),
    ItemColumn("unrounded", "Unrounded", number=True),
    ItemColumn("currency", "Currency"),
    ItemColumn("policy_version", "Policy"),
    ItemColumn("withheld", "Withheld because"),
)


@click.command("in-force")
@AS_OF
@click.option("--ends-before", type=DAY, help="Only those that end before this day.")
@formatted
@connected
def list_in_force(api: Api, show: Show, as_of: date | None, ends_before: date | None) -> None:
    """List the limits that hold on a day, without raises for a time."""
    found = api.every(f"{_V1}/limits", as_of=day(as_of), ends_before=day(ends_before), limit=_MOST)
    show.listed(IN_FORCE, found)


COMMANDS = (list_runs, show_run, show_assessment, list_in_force)

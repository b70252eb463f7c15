"""What is known of a dealer's credit besides sales: statements, scores, references, needs."""

from datetime import datetime

import click

from channel.cli.terminal.arguments import DAY, day, pairs
from channel.cli.terminal.client import Api, connected, part
from channel.cli.terminal.output import Show, formatted, inform, pass_on
from channel.cli.terminal.words import say
from channel.credit.lists import FACTS, STATEMENTS

_V1 = "/api/v1/credit"
_KINDS = ("score", "reference_limits", "stated_need", "best_high_credit")


@click.command("statements")
@click.argument("code")
@formatted
@connected
def list_statements(api: Api, show: Show, code: str) -> None:
    """List a dealer's balance sheet and income figures by period."""
    show.listed(STATEMENTS, api.every(f"{_V1}/dealers/{part(code)}/statements"))


@click.command("keep-statement")
@click.argument("code")
@click.argument("period_end", type=DAY, metavar="LAST-DAY")
@click.option(
    "--set", "figures", multiple=True, metavar="FIGURE=AMOUNT", help="Such as total_assets=100000; repeatable."
)
@click.option("--months", type=click.IntRange(1), default=12, show_default=True, help="How many the period has.")
@click.option("--currency", help="The dealer's, if not given.")
@click.option("--void", is_flag=True, help="There are no figures of this period after all.")
@click.option("--reason", help="Why, for figures that take the place of others.")
@connected
def keep_statement(
    api: Api,
    code: str,
    period_end: datetime,
    figures: tuple[str, ...],
    months: int,
    currency: str | None,
    *,
    void: bool,
    reason: str | None,
) -> None:
    """Keep the figures of a period; those kept before stay as known then."""
    given = {name: value or None for name, value in pairs(figures, "--set", "FIGURE=AMOUNT")}
    told = {"period_end": day(period_end), "figures": given, "period_months": months, "currency": currency}
    api.post(f"{_V1}/dealers/{part(code)}/statements", told | {"void": void, "reason": reason})
    pass_on(say("It counts no longer.") if void else say("Kept."))


@click.command("facts")
@click.argument("code")
@formatted
@connected
def list_facts(api: Api, show: Show, code: str) -> None:
    """List a dealer's scores, trade references, stated need and best high credit."""
    show.listed(FACTS, api.every(f"{_V1}/dealers/{part(code)}/facts"))


@click.command("keep-fact")
@click.argument("code")
@click.argument("fact", type=click.Choice(_KINDS))
@click.argument("amounts", nargs=-1, metavar="[VALUE]...")
@click.option("--factor", default="", help="Which factor is scored, such as management.")
@click.option("--effective-on", type=DAY, help="From which day it holds; today, if not given.")
@click.option("--reason", help="Where it comes from.")
@connected
def keep_fact(
    api: Api,
    code: str,
    fact: str,
    amounts: tuple[str, ...],
    factor: str,
    effective_on: datetime | None,
    reason: str | None,
) -> None:
    """Keep a further value, or several reference limits; without a value it is known no longer."""
    told = {"fact": fact, "amounts": list(amounts), "factor": factor, "effective_on": day(effective_on)}
    api.post(f"{_V1}/dealers/{part(code)}/facts", told | {"reason": reason})
    inform("Kept.")


COMMANDS = (list_statements, keep_statement, list_facts, keep_fact)

"""What is known of a dealer's credit besides sales: statements, scores, references, needs."""

from datetime import datetime

import click

from channel.cli.terminal.act_options import Body, body_of
from channel.cli.terminal.arguments import DAY, day, pairs
from channel.cli.terminal.client import Api, connected, part
from channel.cli.terminal.output import Show, formatted, inform, pass_on
from channel.cli.terminal.words import say
from channel.credit.acts import KeepFact, KeepStatement
from channel.credit.lists import FACTS, STATEMENTS
from channel.credit.rules.choices import FACT_NAMES

_V1 = "/api/v1/credit"


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
@body_of(KeepStatement, but=("period_end", "figures"))
@connected
def keep_statement(api: Api, code: str, period_end: datetime, figures: tuple[str, ...], body: Body) -> None:
    """Keep the figures of a period; those kept before stay as known then."""
    given = {name: value or None for name, value in pairs(figures, "--set", "FIGURE=AMOUNT")}
    api.post(f"{_V1}/dealers/{part(code)}/statements", {**body, "period_end": day(period_end), "figures": given})
    pass_on(say("It counts no longer.") if "void" in body else say("Kept."))


@click.command("facts")
@click.argument("code")
@formatted
@connected
def list_facts(api: Api, show: Show, code: str) -> None:
    """List a dealer's scores, trade references, stated need and best high credit."""
    show.listed(FACTS, api.every(f"{_V1}/dealers/{part(code)}/facts"))


@click.command("keep-fact")
@click.argument("code")
@click.argument("fact", type=click.Choice([*FACT_NAMES]))
@click.argument("amounts", nargs=-1, metavar="[VALUE]...")
@body_of(KeepFact, but=("fact", "amounts"))
@connected
def keep_fact(api: Api, code: str, fact: str, amounts: tuple[str, ...], body: Body) -> None:
    """Keep a further value, or several reference limits; without a value it is known no longer."""
    api.post(f"{_V1}/dealers/{part(code)}/facts", {**body, "fact": fact, "amounts": list(amounts)})
    inform("Kept.")


COMMANDS = (list_statements, keep_statement, list_facts, keep_fact)

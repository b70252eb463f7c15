"""`channel dealer`: what is found out about a dealer."""

from datetime import date

import click

from channel.cli.terminal.act_options import Body, body_of
from channel.cli.terminal.arguments import AS_OF, KNOWN_AT, day
from channel.cli.terminal.client import Api, connected, part
from channel.cli.terminal.output import Show, formatted, pass_on
from channel.cli.terminal.words import say
from channel.dealers.acts import ObservedGiven
from channel.dealers.lists import OBSERVED, OBSERVED_HISTORY


@click.command("observed")
@click.argument("code")
@click.option("--history", is_flag=True, help="Every value that was ever said.")
@AS_OF
@KNOWN_AT
@connected
@formatted
def show_observed(api: Api, *, show: Show, code: str, history: bool, as_of: date | None, known_at: str | None) -> None:
    """Show what is known of a dealer, and what is still to be found out."""
    at = f"/api/v1/dealers/{part(code)}"
    if history:
        show.listed(OBSERVED_HISTORY, api.every(f"{at}/observed-history"))
    else:
        show.listed(OBSERVED, api.every(f"{at}/observed", as_of=day(as_of), known_at=known_at))


@click.command("observe")
@click.argument("code")
@click.argument("fact")
@click.argument("value")
@body_of(ObservedGiven, but=("value",))
@connected
def observe(api: Api, *, code: str, fact: str, value: str, body: Body) -> None:
    """Record what was found out about a dealer; "" says that it is not known any more. Nothing is overwritten."""
    done = api.post(f"/api/v1/dealers/{part(code)}/observed", {"fact": fact, "value": value, **body})
    pass_on(say("Recorded.") if done["changed"] else say("That stands already; nothing was changed."))


COMMANDS = (show_observed, observe)

"""What waits for whoever asks, and dealers found by a few letters."""

import click

from channel.cli.proposals import changed
from channel.cli.terminal.client import Api, connected
from channel.cli.terminal.output import Show, formatted
from channel.cli.terminal.words import say
from channel.credit.lists import PROPOSALS
from channel.dealers.lists import DEALERS
from channel.sales.lists import OWED


@click.command()
@connected
@formatted
def desk(api: Api, *, show: Show) -> None:
    """Show your desk: what waits for your decision, what is late, and the figures."""
    found = api.get("/api/v1/desk")
    if show.format != "table" or show.output is not None:
        show.document(found)
        return
    to_decide = [{**each, "change_amount": each["change"], "stale": changed(each)} for each in found.pop("to_decide")]
    late = found.pop("late")
    show.document(found, title=say("%(count)s wait for you", count=found.pop("waiting")))
    if to_decide:
        click.secho(f"\n{say('To decide')}", bold=True)
        only = ("id", "dealer", "kind", "amount", "currency", "change_amount", "stale", "proposer", "reason")
        show.listed(PROPOSALS, to_decide, only)
    if late:
        click.secho(f"\n{say('Late reports')}", bold=True)
        show.listed(OWED, late, ("dealer", "kind", "months", "due_on", "days_late"))


@click.command()
@click.argument("text")
@click.option("--limit", type=click.IntRange(1, 50), default=10, show_default=True, help="How many, the best first.")
@connected
@formatted
def find(api: Api, *, show: Show, text: str, limit: int) -> None:
    """Find dealers by a part of the name or code, or the beginning of a contact's phone."""
    found = api.get("/api/v1/search", q=text, limit=limit)["items"]
    if show.format != "json":
        found = [{**each, "territory_path": each["territory"]} for each in found]
    show.listed(DEALERS, found, ("code", "name", "type", "territory", "status"))

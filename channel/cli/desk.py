"""What waits for whoever asks, and dealers found by a few letters."""

import click

from channel.cli.proposals import changed
from channel.cli.terminal.client import Api, connected
from channel.cli.terminal.output import Show, formatted
from channel.cli.terminal.text_tables import ItemColumn
from channel.cli.terminal.words import say
from channel.sales.lists import OWED

_FOUND = (
    ItemColumn("code", "Code"),
    ItemColumn("name", "Name"),
    ItemColumn("type", "Type"),
    ItemColumn("territory", "Territory"),
    ItemColumn("status", "Status"),
)

_TO_DECIDE = (
    ItemColumn("id", "No."),
    ItemColumn("dealer", "Dealer"),
    ItemColumn("kind", "Kind", less=1),
    ItemColumn("amount", "Proposed limit", number=True),
    ItemColumn("currency", "Currency"),
    ItemColumn("change", "Change, company currency", number=True),
    ItemColumn("stale", "Out of date"),
    ItemColumn("proposer", "Proposed by", less=2),
    ItemColumn("reason", "Reason", less=3),
)


@click.command()
@connected
@formatted
def desk(api: Api, *, show: Show) -> None:
    """Show your desk: what waits for your decision, what is late, and the figures."""
    found = api.get("/api/v1/desk")
    if show.format != "table" or show.output is not None:
        show.document(found)
        return
    to_decide = [{**each, "stale": changed(each)} for each in found.pop("to_decide")]
    late = found.pop("late")
    show.document(found, title=say("%(count)s wait for you", count=found.pop("waiting")))
    if to_decide:
        click.secho(f"\n{say('To decide')}", bold=True)
        show.rows(to_decide, *_TO_DECIDE)
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
    show.rows(api.get("/api/v1/search", q=text, limit=limit)["items"], *_FOUND, empty=say("No dealers match."))

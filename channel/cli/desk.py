"""What waits for whoever asks, and dealers found by a few letters."""

import click

from channel.cli.client import Api, connected
from channel.cli.deciding import changed
from channel.cli.output import Show, formatted
from channel.cli.tables import Column
from channel.cli.words import say

_FOUND = (
    Column("code", "Code"),
    Column("name", "Name"),
    Column("type", "Type"),
    Column("territory", "Territory"),
    Column("status", "Status"),
)

_TO_DECIDE = (
    Column("id", "No."),
    Column("dealer", "Dealer"),
    Column("kind", "Kind", less=1),
    Column("amount", "Proposed limit", number=True),
    Column("currency", "Currency"),
    Column("change", "Change, company currency", number=True),
    Column("stale", "Out of date"),
    Column("proposer", "Proposed by", less=2),
    Column("reason", "Reason", less=3),
)
_LATE = (
    Column("dealer", "Dealer"),
    Column("kind", "Report"),
    Column("months", "Months"),
    Column("due_on", "Was due on"),
    Column("days_late", "Days late", number=True),
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
    lists = ((to_decide, say("To decide"), _TO_DECIDE), (found.pop("late"), say("Late reports"), _LATE))
    show.document(found, title=say("%(count)s wait for you", count=found.pop("waiting")))
    for items, title, columns in lists:
        if items:
            click.secho(f"\n{title}", bold=True)
            show.rows(items, *columns)


@click.command()
@click.argument("text")
@click.option("--limit", type=click.IntRange(1, 50), default=10, show_default=True, help="How many, the best first.")
@connected
@formatted
def find(api: Api, *, show: Show, text: str, limit: int) -> None:
    """Find dealers by a part of the name or code, or the beginning of a contact's phone."""
    show.rows(api.get("/api/v1/search", q=text, limit=limit)["items"], *_FOUND, empty=say("No dealer is like that."))

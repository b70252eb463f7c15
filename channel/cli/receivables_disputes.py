"""`channel receivables disputes` and `dispute`: what dealers contest, who answers for it, and how it ends."""

import click

from channel.cli.terminal.act_options import Body, body_of
from channel.cli.terminal.arguments import one_of
from channel.cli.terminal.client import Api, connected, part
from channel.cli.terminal.lazy_groups import ListedGroup
from channel.cli.terminal.output import Part, Show, columns_of, formatted, inform
from channel.cli.terminal.text_tables import ItemColumn
from channel.receivables.acts.disputes import EndDispute, HandOnDispute, OpenDispute
from channel.receivables.lists.disputes import DISPUTES
from channel.receivables.rules.disputes import DisputeReason, DisputeState

_V1 = "/api/v1/receivables"
_OWNERS = (
    ItemColumn("owner", "Owner"),
    ItemColumn("due_on", "To be answered by"),
    ItemColumn("reason", "Reason"),
    ItemColumn("recorded_at", "Recorded"),
    ItemColumn("actor", "By"),
)
_END = (
    ItemColumn("outcome", "How it ended"),
    ItemColumn("effective_on", "Ended on"),
    ItemColumn("reason", "Reason"),
    ItemColumn("credit_note", "Credit note"),
    ItemColumn("credited", "Credited", number=True),
    ItemColumn("actor", "By"),
)


@click.command()
@click.option("--state", type=one_of(DisputeState), help="Only those in this state.")
@click.option("--owner", help="Only those for which this person answers, by sign-in name.")
@click.option("--dealer", help="Only those of this dealer, by code.")
@click.option("--reason-code", type=one_of(DisputeReason), help="Only those for this reason.")
@click.option("--responsible", metavar="CODE", help='Only dealers of this member of staff; "nobody": of none.')
@click.option("--late", is_flag=True, help="Only open ones of which the owner's day has passed.")
@formatted
@connected
def disputes(
    api: Api,
    show: Show,
    state: str | None,
    owner: str | None,
    dealer: str | None,
    reason_code: str | None,
    responsible: str | None,
    *,
    late: bool,
) -> None:
    """List what dealers contest, those first that are to be answered first."""
    at = f"{_V1}/disputes" if dealer is None else f"{_V1}/dealers/{part(dealer)}/disputes"
    asked = {"state": state, "owner": owner, "reason_code": reason_code, "responsible": responsible}
    show.listed(DISPUTES, api.every(at, **asked, late=late or None))


@click.group(cls=ListedGroup)
def dispute() -> None:
    """A dispute: open it, show it, hand it on, end it."""


@dispute.command("open")
@click.argument("dealer")
@body_of(OpenDispute)
@connected
def open_dispute(api: Api, dealer: str, body: Body) -> None:
    """Write down that a dealer contests so much of a document."""
    inform("The dispute is open as %(id)s.", **api.post(f"{_V1}/dealers/{part(dealer)}/disputes", body))


@dispute.command("show")
@click.argument("number", type=int)
@formatted
@connected
def show_dispute(api: Api, show: Show, number: int) -> None:
    """Print a dispute with who answered for it and how it ended."""
    found = api.get(f"{_V1}/disputes/{number}")
    if show.format != "table":
        show.document(found)
        return
    show.parts(
        Part("Dispute", [found["dispute"]], columns_of(DISPUTES.columns), DISPUTES.nothing.text),
        Part("Who answered for it", found["owners"], _OWNERS, "Nobody."),
        Part("How it ended", [found["end"]] if found["end"] else [], _END, "It is open."),
    )


@dispute.command("hand-on")
@click.argument("number", type=int)
@body_of(HandOnDispute)
@connected
def hand_on_dispute(api: Api, number: int, body: Body) -> None:
    """Let another answer for it."""
    api.post(f"{_V1}/disputes/{number}/hand-on", body)
    inform("The dispute is handed on.")


@dispute.command("end")
@click.argument("number", type=int)
@body_of(EndDispute)
@connected
def end_dispute(api: Api, number: int, body: Body) -> None:
    """Say how it ended."""
    api.post(f"{_V1}/disputes/{number}/end", body)
    inform("The dispute has ended.")

"""`channel outbox`: mail and what became of it, for whoever keeps the settings."""

import click

from channel.cli.terminal.act_options import Body, body_of
from channel.cli.terminal.client import Api, connected
from channel.cli.terminal.lazy_groups import ListedGroup
from channel.cli.terminal.output import Show, formatted, inform
from channel.tasks.acts import SendAgain
from channel.tasks.lists import OUTBOX
from channel.tasks.rules.outbox import MailKind, MailState


@click.group(cls=ListedGroup)
def outbox() -> None:
    """Mail and what became of it; a test of the way."""


@outbox.command("list")
@click.option("--state", type=click.Choice([each.value for each in MailState]))
@click.option("--kind", type=click.Choice([each.value for each in MailKind]))
@click.option("--text", help="Looked for in login and name of whom it is for.")
@connected
@formatted
def list_outbox(api: Api, *, show: Show, text: str | None, **asked: str | None) -> None:
    """List mail, the latest first."""
    show.listed(OUTBOX, api.every("/api/v1/outbox", q=text, **asked))


@outbox.command("send-again")
@click.argument("number", type=int)
@body_of(SendAgain)
@connected
def send_again(api: Api, *, number: int, body: Body) -> None:
    """Have mail NUMBER, which did not leave, try it once more."""
    api.post(f"/api/v1/outbox/{number}/send-again", body)
    inform("The mail is sent again.")


@outbox.command("test")
@click.argument("address")
@connected
def send_test(api: Api, *, address: str) -> None:
    """Send a mail to ADDRESS that says only that it came."""
    made = api.post("/api/v1/outbox/test", {"address": address})
    inform("Mail %(number)s is on its way; `channel outbox list` tells what becomes of it.", number=made["id"])

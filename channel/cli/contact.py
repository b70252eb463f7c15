"""`channel contact`: the contact log, what was said with whom at a dealer and what is to be done next."""

from datetime import datetime

import click

from channel.cli.terminal.act_options import Body, body_of
from channel.cli.terminal.arguments import DAY, day, one_of
from channel.cli.terminal.client import Api, connected, part
from channel.cli.terminal.lazy_groups import ListedGroup
from channel.cli.terminal.output import Show, formatted, inform
from channel.receivables.acts.contact_log import CorrectContact, LogContact
from channel.receivables.lists.contact_log import CONTACT_LOG
from channel.receivables.rules.contact_log import ContactKind, ContactOutcome

_V1 = "/api/v1/receivables"


@click.group(cls=ListedGroup)
def contact() -> None:
    """The contact log: what was said with whom at a dealer, and what is next.

    The people at a dealer are told by `channel dealer contacts`.
    """


@contact.command("log")
@click.argument("dealer", metavar="CODE")
@body_of(LogContact)
@connected
def log_contact(api: Api, *, dealer: str, body: Body) -> None:
    """Write down a contact with dealer CODE."""
    inform("It is entry %(id)s.", **api.post(f"{_V1}/dealers/{part(dealer)}/contact-log", body))


@contact.command("list")
@click.option("--dealer", metavar="CODE", help="Only those with this dealer.")
@click.option("--kind", type=one_of(ContactKind), help="Only those of this kind.")
@click.option("--outcome", type=one_of(ContactOutcome), help="Only those that came about so.")
@click.option("--by", "actor", metavar="LOGIN", help="Only those that this person wrote.")
@click.option("--from", "from_on", type=DAY, help="Only those from this day on.")
@click.option("--until", type=DAY, help="Only those up to this day.")
@formatted
@connected
def list_contacts(
    api: Api,
    show: Show,
    dealer: str | None,
    kind: str | None,
    outcome: str | None,
    actor: str | None,
    from_on: datetime | None,
    until: datetime | None,
) -> None:
    """List contacts with dealers, the latest first."""
    asked = {"dealer": dealer, "kind": kind, "outcome": outcome, "actor": actor}
    days = {"from_on": day(from_on), "until": day(until)}
    show.listed(CONTACT_LOG, api.every(f"{_V1}/contact-log", **asked, **days, limit=200))


@contact.command("of")
@click.argument("dealer", metavar="CODE")
@click.option("--kind", type=one_of(ContactKind), help="Only those of this kind.")
@formatted
@connected
def list_contacts_of(api: Api, show: Show, dealer: str, kind: str | None) -> None:
    """List contacts with dealer CODE, the latest first."""
    show.listed(CONTACT_LOG, api.every(f"{_V1}/dealers/{part(dealer)}/contact-log", kind=kind, limit=200))


@contact.command("show")
@click.argument("number", type=int)
@formatted
@connected
def show_contact(api: Api, show: Show, *, number: int) -> None:
    """Show entry NUMBER with all that stood in its place before and after."""
    told = api.get(f"{_V1}/contact-log/{number}")
    if show.format == "json":
        show.document(told)
        return
    show.listed(CONTACT_LOG, told["every"])
    if not told["stands"]:
        inform("Entry %(id)s was corrected.", id=number)


@contact.command("correct")
@click.argument("number", type=int)
@body_of(CorrectContact)
@connected
def correct_contact(api: Api, *, number: int, body: Body) -> None:
    """Put another entry in the place of entry NUMBER; all of it is given anew."""
    inform("It is entry %(id)s.", **api.post(f"{_V1}/contact-log/{number}/correct", body))

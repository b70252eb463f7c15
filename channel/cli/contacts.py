"""`channel dealer`: the people at a dealer, and the customers that it sells on to."""

import click

from channel.cli.client import Api, connected, part
from channel.cli.output import Show, formatted, inform
from channel.cli.tables import Field
from channel.cli.words import say

_CONTACTS = (
    Field("id", "No."),
    Field("name", "Name"),
    Field("role", "Role"),
    Field("phone", "Phone"),
    Field("email", "Email"),
)
_CUSTOMERS = (Field("code", "Code"), Field("name", "Name"), Field("kind", "Kind"))


def _at(code: str, rest: str) -> str:
    return f"/api/v1/dealers/{part(code)}{rest}"


@click.command("contacts")
@click.argument("code")
@connected
@formatted
def list_contacts(api: Api, *, show: Show, code: str) -> None:
    """List the people at a dealer."""
    show.rows(api.every(_at(code, "/contacts")), *_CONTACTS, empty=say("Nobody is named at this dealer."))


@click.command("keep-contact")
@click.argument("code")
@click.option("--no", "contact_id", type=int, help="Change this one instead of adding one; all of it is given anew.")
@click.option("--name", required=True)
@click.option("--role", help="What the person is there.")
@click.option("--phone")
@click.option("--email")
@connected
def keep_contact(api: Api, *, code: str, contact_id: int | None, **given: str | None) -> None:
    """Add somebody at a dealer, or change the entry."""
    if contact_id is None:
        api.post(_at(code, "/contacts"), given)
    else:
        api.put(_at(code, f"/contacts/{contact_id}"), given)
    inform("Kept.")


@click.command("remove-contact")
@click.argument("code")
@click.argument("contact_id", type=int, metavar="NO")
@connected
def remove_contact(api: Api, *, code: str, contact_id: int) -> None:
    """Take out somebody at a dealer."""
    api.delete(_at(code, f"/contacts/{contact_id}"))
    inform("Taken out.")


@click.command("customers")
@click.argument("code")
@connected
@formatted
def list_customers(api: Api, *, show: Show, code: str) -> None:
    """List a dealer's second-tier customers."""
    show.rows(api.every(_at(code, "/second-tier")), *_CUSTOMERS, empty=say("No customer of this dealer is known."))


@click.command("keep-customer")
@click.argument("code")
@click.argument("customer")
@click.option("--name", required=True)
@click.option("--kind", type=click.Choice(("direct", "indirect", "mixed")), required=True, help="How it buys.")
@connected
def keep_customer(api: Api, *, code: str, customer: str, name: str, kind: str) -> None:
    """Add a second-tier customer of a dealer, or change the one with this code."""
    api.post(_at(code, "/second-tier"), {"code": customer, "name": name, "kind": kind})
    inform("Kept.")


@click.command("remove-customer")
@click.argument("code")
@click.argument("customer")
@connected
def remove_customer(api: Api, *, code: str, customer: str) -> None:
    """Take out a second-tier customer that no sales line names."""
    api.delete(_at(code, f"/second-tier/{part(customer)}"))
    inform("Taken out.")


COMMANDS = (list_contacts, keep_contact, remove_contact, list_customers, keep_customer, remove_customer)

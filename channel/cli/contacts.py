"""`channel dealer`: the people at a dealer, and the customers that it sells on to."""

import click

from channel.cli.terminal.act_options import Body, body_of
from channel.cli.terminal.client import Api, connected, part
from channel.cli.terminal.output import Show, formatted, inform
from channel.dealers.acts import KeepContact, KeepCustomer
from channel.dealers.lists import CONTACTS, CUSTOMERS


def _at(code: str, rest: str) -> str:
    return f"/api/v1/dealers/{part(code)}{rest}"


@click.command("contacts")
@click.argument("code")
@connected
@formatted
def list_contacts(api: Api, *, show: Show, code: str) -> None:
    """List the people at a dealer."""
    show.listed(CONTACTS, api.every(_at(code, "/contacts")))


@click.command("keep-contact")
@click.argument("code")
@click.option("--no", "contact_id", type=int, help="Change this one instead of adding one; all of it is given anew.")
@body_of(KeepContact)
@connected
def keep_contact(api: Api, *, code: str, contact_id: int | None, body: Body) -> None:
    """Add somebody at a dealer, or change the entry."""
    if contact_id is None:
        api.post(_at(code, "/contacts"), body)
    else:
        api.put(_at(code, f"/contacts/{contact_id}"), body)
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
    show.listed(CUSTOMERS, api.every(_at(code, "/second-tier")))


@click.command("keep-customer")
@click.argument("code")
@click.argument("customer")
@body_of(KeepCustomer, but=("code",))
@connected
def keep_customer(api: Api, *, code: str, customer: str, body: Body) -> None:
    """Add a second-tier customer of a dealer, or change the one with this code."""
    api.post(_at(code, "/second-tier"), {"code": customer, **body})
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

"""The first administrator, whom nobody is there to add but the operator."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click

from channel import clock
from channel.access import service as access
from channel.access.acts import AddPerson
from channel.access.queries import PeopleFilter, people
from channel.access.rules import OPERATOR, Role
from channel.cli.operator.installation import Place, as_operator, opened
from channel.cli.terminal.client import Failure
from channel.cli.terminal.output import inform
from channel.cli.terminal.secret import hidden
from channel.cli.terminal.words import say
from channel.errors import Refused
from channel.lists import Wanted
from channel.settings import Settings


def add_as_operator(
    settings: Settings,
    login: str,
    name: str,
    role: str,
    language: str | None,
    email: str | None,
    *,
    from_stdin: bool,
) -> bool:
    """Add the first administrator to the data folder; False, and nothing done, where somebody is there already."""
    with opened(settings) as place:
        if not nobody_yet(place):
            return False
        if role != Role.ADMINISTRATOR.value:
            raise click.UsageError("The first person must be an administrator, who then adds the others.")
        password = hidden(say("Password"), from_stdin=from_stdin, twice=True)
        add_first_administrator(place, login, name, password, language, email)
        return True


def nobody_yet(place: Place) -> bool:
    """Whether the service has no person at all."""

    async def count() -> int:
        return len((await people(PeopleFilter(), clock.now(), Wanted(limit=1))).items)

    return as_operator(place, count) == 0


def add_first_administrator(
    place: Place, login: str, name: str, password: str, language: str | None = None, email: str | None = None
) -> None:
    """Add an administrator as the operator; what is wrong with login, password or address is told as a refusal."""
    with refusals():
        wanted = AddPerson(
            login=login, name=name, role=Role.ADMINISTRATOR, locale=language, email=email, password=password
        )
        as_operator(place, lambda: access.add_person(OPERATOR, wanted))


def offer_first_administrator(place: Place) -> None:
    """Say how the first administrator is added, and at a terminal ask for him at once."""
    inform("\nNobody can sign in yet. The first administrator is added with:  channel user add LOGIN")
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return
    while click.confirm("Add the first administrator now?", default=True, err=True):
        login = click.prompt("Sign-in name", err=True)
        name = click.prompt("Name", default=login, err=True)
        try:
            add_first_administrator(place, login, name, hidden(say("Password"), from_stdin=False, twice=True))
        except Failure as refused:
            refused.show()
        else:
            return


@contextmanager
def refusals() -> Iterator[None]:
    """Tell a refusal of a service act as the API would: sentences, and exit code 1."""
    try:
        yield
    except Refused as refused:
        details = tuple(
            f"{e.field}: {e.reason}" + (f" (expected: {e.expected})" if e.expected else "") for e in refused.errors
        )
        raise Failure(str(refused.title), details, refused.status) from None

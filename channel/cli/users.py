"""`channel user add`: the first administrator, whom nobody is there to add but the operator, and everybody after."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click

from channel.access import service as access
from channel.access.queries import PeopleFilter
from channel.access.rules import OPERATOR, Role
from channel.cli.client import Api, Failure, connected_to, stored_token
from channel.cli.output import tell
from channel.cli.place import Place, as_operator, chosen_settings, opened
from channel.errors import Refused

ROLES = tuple(role.value for role in Role if role not in {Role.SYSTEM, Role.OPERATOR})


@click.group()
def user() -> None:
    """People who work with the service."""


@user.command("add")
@click.argument("login")
@click.option("--name", help="The person's name; the login, if not given.")
@click.option("--role", type=click.Choice(ROLES), default=Role.ADMINISTRATOR.value, show_default=True)
@click.option("--territory", "territories", multiple=True, metavar="CODE", help="Where regional staff work.")
@click.option("--language", type=click.Choice(("en", "zh")))
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input instead of asking.")
def add_user(
    login: str, *, name: str | None, role: str, territories: tuple[str, ...], language: str | None, password_stdin: bool
) -> None:
    """Add LOGIN. The password is asked for twice and not shown.

    Where nobody is yet, this is the operator's act and makes an administrator; later it is an act of whoever is
    signed in, and that has to be an administrator.
    """
    settings = chosen_settings()
    if settings.url is None:
        with opened(settings) as place:
            if nobody_yet(place):
                if role != Role.ADMINISTRATOR.value:
                    raise click.UsageError("The first person must be an administrator, who then adds the others.")
                add_first_administrator(place, login, name or login, _password(from_stdin=password_stdin), language)
                tell(f"{login} is the administrator now and can sign in.")
                return
    with connected_to(settings, token=settings.token or stored_token(settings)) as api:
        _add_over_api(api, login, name or login, role, territories, language, _password(from_stdin=password_stdin))
    tell(f"{login} was added.")


def _add_over_api(
    api: Api, login: str, name: str, role: str, territories: tuple[str, ...], language: str | None, password: str
) -> None:
    api.post(
        "/api/v1/people",
        {
            "login": login,
            "name": name,
            "role": role,
            "territories": list(territories),
            "locale": language,
            "password": password,
        },
    )


def nobody_yet(place: Place) -> bool:
    """Whether the service has no person at all."""

    async def count() -> int:
        return len(await access.people(OPERATOR, PeopleFilter(), 1))

    return as_operator(place, count) == 0


def add_first_administrator(place: Place, login: str, name: str, password: str, language: str | None = None) -> None:
    """Add an administrator as the operator; what is wrong with login or password is told as a refusal."""
    with refusals():
        as_operator(
            place,
            lambda: access.add_person(OPERATOR, login, name, Role.ADMINISTRATOR, locale=language, password=password),
        )


def offer_first_administrator(place: Place) -> None:
    """Say how the first administrator is added, and at a terminal ask for him at once."""
    tell("\nNobody can sign in yet. The first administrator is added with:  channel user add LOGIN")
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return
    while click.confirm("Add the first administrator now?", default=True, err=True):
        login = click.prompt("Sign-in name", err=True)
        name = click.prompt("Name", default=login, err=True)
        try:
            add_first_administrator(place, login, name, _password(from_stdin=False))
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


def _password(*, from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    password: str = click.prompt("Password", hide_input=True, confirmation_prompt="Once more", err=True)
    return password

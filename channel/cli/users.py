"""`channel user add`: the first administrator, whom nobody is there to add but the operator, and everybody after."""

import click

from channel.cli.terminal.client import connected_to, stored_token
from channel.cli.terminal.environment import chosen_settings
from channel.cli.terminal.lazy_groups import ListedGroup
from channel.cli.terminal.output import inform
from channel.cli.terminal.secret import hidden
from channel.cli.terminal.words import say

ROLES = ("manager", "finance", "regional", "auditor", "administrator")
"""The roles of people: all but those of machines and of the host."""


@click.group(cls=ListedGroup)
def user() -> None:
    """People who work with the service."""


@user.command("add")
@click.argument("login")
@click.option("--name", help="The person's name; the login, if not given.")
@click.option("--role", type=click.Choice(ROLES), default="administrator", show_default=True)
@click.option("--territory", "territories", multiple=True, metavar="CODE", help="Where regional staff work.")
@click.option("--language", type=click.Choice(("en", "zh")))
@click.option("--email", help="Where messages go.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input instead of asking.")
def add_user(
    login: str,
    *,
    name: str | None,
    role: str,
    territories: tuple[str, ...],
    language: str | None,
    email: str | None,
    password_stdin: bool,
) -> None:
    """Add LOGIN. The password is asked for twice and not shown.

    Where nobody is yet, this is the operator's act and makes an administrator; later it is an act of whoever is
    signed in, and that has to be an administrator.
    """
    settings = chosen_settings()
    if settings.url is None:
        from channel.cli.operator.first_administrator import add_as_operator  # noqa: PLC0415 - the application, when there is no server

        if add_as_operator(settings, login, name or login, role, language, email, from_stdin=password_stdin):
            inform("%(login)s is the administrator now and can sign in.", login=login)
            return
    password = hidden(say("Password"), from_stdin=password_stdin, twice=True)
    with connected_to(settings, token=settings.token or stored_token(settings)) as api:
        added = {"name": name or login, "role": role, "territories": list(territories), "locale": language}
        api.post("/api/v1/people", {"login": login, "password": password, "email": email, **added})
    inform("%(login)s was added.", login=login)

"""Who the command line works as: signing in once for a token that is kept for its server alone."""

import platform
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click

from channel.cli.terminal.client import Api, Failure, connected, connected_to, store_token, stored_token
from channel.cli.terminal.environment import chosen_settings
from channel.cli.terminal.output import Show, formatted, inform
from channel.cli.terminal.secret import hidden
from channel.cli.terminal.words import later as _
from channel.cli.terminal.words import say

_UNAUTHORISED = 401
_IF_WRONG = _(
    "Look at the name, the server (CHANNEL_URL) or data folder (CHANNEL_DATA_DIR), and capital letters, and try again."
    " An administrator can make a new password: channel user password NAME, or the page People."
)
_IF_NOT_KNOWN = _("Make another token on the page of your account, and read it in whole.")


@click.command()
@click.option("--login", "name", metavar="NAME", help="Sign-in name; asked for, if not given.")
@click.option("--days", type=click.IntRange(1, 365), default=30, show_default=True, help="How long it lasts.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input instead of asking.")
@click.option("--with-token", is_flag=True, help="Read a token made elsewhere from standard input instead.")
def login(*, name: str | None, days: int, password_stdin: bool, with_token: bool) -> None:
    """Sign in, and keep a token for the commands that follow.

    The token is kept for this server (CHANNEL_URL) or data folder alone, in a file that only you can read.
    """
    settings = chosen_settings()
    if with_token:
        token = hidden(say("Token"), from_stdin=not sys.stdin.isatty())
        with connected_to(settings, token=token) as api, _refused_as(_IF_NOT_KNOWN):
            me = api.get("/api/v1/me")
    else:
        name = name or click.prompt(say("Sign-in name"), err=True)
        password = hidden(say("Password"), from_stdin=password_stdin)
        wish = {"login": name, "password": password, "name": f"channel login on {platform.node()}", "days": days}
        with connected_to(settings, token=None) as api, _refused_as(_IF_WRONG):
            token = api.post("/api/v1/sign-in", wish)["token"]
        me = {"login": name}
    store_token(settings, token)
    inform("Signed in as %(login)s.", login=me["login"])


@contextmanager
def _refused_as(advice: str) -> Iterator[None]:
    """Whoever is just signing in is not told to sign in, but what to look at."""
    try:
        yield
    except Failure as refused:
        if refused.status != _UNAUTHORISED:
            raise
        raise Failure(refused.message, (say(advice),), refused.status) from None


@click.command()
def logout() -> None:
    """Revoke the kept token and forget it."""
    settings = chosen_settings()
    token = stored_token(settings)
    if token is None:
        inform("Nobody is signed in here.")
        return
    with connected_to(settings, token=token) as api:
        try:
            api.post("/api/v1/sign-out")
        except Failure as refused:
            # A token that is dead already is as good as revoked; of anything else the user has to know.
            if refused.status != _UNAUTHORISED:
                raise
    store_token(settings, None)
    inform("Signed out.")


@click.command()
@formatted
@connected
def whoami(api: Api, show: Show) -> None:
    """Tell whom the commands work as."""
    show.document(api.get("/api/v1/me"))

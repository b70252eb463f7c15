"""`channel account`: what a person may change about himself."""

import click

from channel.access.acts import ChooseMessages
from channel.access.lists import SESSIONS
from channel.cli.terminal.act_options import Body, body_of
from channel.cli.terminal.client import Api, connected
from channel.cli.terminal.lazy_groups import ListedGroup
from channel.cli.terminal.output import Show, formatted, inform
from channel.cli.terminal.secret import hidden
from channel.cli.terminal.words import say
from channel.tasks.lists import MESSAGES


@click.group(cls=ListedGroup)
def account() -> None:
    """Your own password, language, messages and sessions."""


@account.command("password")
@click.option("--password-stdin", is_flag=True, help="Read the present one and the new one, a line each.")
@connected
def change_password(api: Api, *, password_stdin: bool) -> None:
    """Choose another password; all sessions of the browser end, and all tokens but the one you work with."""
    old = hidden(say("Present password"), from_stdin=password_stdin)
    new = hidden(say("New password"), from_stdin=password_stdin, twice=True)
    api.post("/api/v1/me/password", {"old_password": old, "password": new})
    inform("The password is changed.")


@account.command("language")
@click.argument("code", type=click.Choice(("en", "zh")))
@connected
def choose_language(api: Api, *, code: str) -> None:
    """Choose the language of your pages; commands speak that of the terminal (LANG)."""
    api.patch("/api/v1/me", {"locale": code})
    inform("Changed.")


@account.command("mail")
@body_of(ChooseMessages)
@connected
def choose_mail(api: Api, *, body: Body) -> None:
    """Choose where and when you are told what happened; "" as the address takes it away."""
    kept = api.patch("/api/v1/me", body) if body else api.get("/api/v1/me")
    inform("E-mail: %(email)s. Messages: %(messages)s.", email=kept["email"] or "-", messages=kept["messages"] or "-")


@account.command("messages")
@connected
@formatted
def list_messages(api: Api, *, show: Show) -> None:
    """List what you were told, by mail or not, the latest first."""
    show.listed(MESSAGES, api.every("/api/v1/me/messages"))


@account.command("sessions")
@connected
@formatted
def list_sessions(api: Api, *, show: Show) -> None:
    """List where you are signed in with a browser."""
    show.listed(SESSIONS, api.every("/api/v1/me/sessions"))


@account.command("end-sessions")
@click.argument("number", type=int, required=False, metavar="[NO]")
@connected
def end_sessions(api: Api, *, number: int | None) -> None:
    """End one session of a browser, or all of them with all tokens but the one you work with."""
    ended = api.delete("/api/v1/me/sessions" if number is None else f"/api/v1/me/sessions/{number}")
    inform("Sessions ended: %(sessions)s, API tokens: %(tokens)s.", sessions=ended["ended"], tokens=ended["tokens"])

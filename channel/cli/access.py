"""Commands about who works with the service: people, tokens, and the audit trail."""

import click

from channel.access.acts import ChangePerson, MakeToken, SetPassword
from channel.access.lists import AUDIT, PEOPLE, TOKENS
from channel.cli.terminal.act_options import Body, body_of
from channel.cli.terminal.client import Api, connected, part
from channel.cli.terminal.lazy_groups import ListedGroup
from channel.cli.terminal.output import Show, formatted, inform
from channel.cli.users import ROLES, user


@user.command("list")
@click.option("--text", help="Looked for in login and name.")
@click.option("--role", type=click.Choice(ROLES))
@click.option("--active/--inactive", default=None, help="Only those who may, or may not, sign in.")
@connected
@formatted
def list_users(api: Api, *, show: Show, text: str | None, role: str | None, active: bool | None) -> None:
    """List people."""
    asked = None if active is None else str(active).lower()
    show.listed(PEOPLE, api.every("/api/v1/people", q=text, role=role, active=asked, limit=500))


@user.command("show")
@click.argument("login")
@connected
@formatted
def show_user(api: Api, *, show: Show, login: str) -> None:
    """Show one person."""
    show.document(api.get(f"/api/v1/people/{part(login)}"))


@user.command("change")
@click.argument("login")
@body_of(ChangePerson, but=("active",))
@connected
def change_user(api: Api, *, login: str, body: Body) -> None:
    """Change name, role, territories, language or mail; "" as language or address takes it away."""
    api.patch(f"/api/v1/people/{part(login)}", body)
    inform("%(login)s was changed.", login=login)


@user.command("deactivate")
@click.argument("login")
@click.option("--reason", required=True)
@connected
def deactivate_user(api: Api, *, login: str, reason: str) -> None:
    """Let somebody in no longer; sessions and tokens end."""
    api.patch(f"/api/v1/people/{part(login)}", {"active": False, "reason": reason})
    inform("%(login)s is deactivated.", login=login)


@user.command("activate")
@click.argument("login")
@click.option("--reason")
@connected
def activate_user(api: Api, *, login: str, reason: str | None) -> None:
    """Let somebody in again."""
    api.patch(f"/api/v1/people/{part(login)}", {"active": True, "reason": reason})
    inform("%(login)s may sign in again.", login=login)


@user.command("password")
@click.argument("login")
@body_of(SetPassword, but=("password",))
@connected
def reset_password(api: Api, *, login: str, body: Body) -> None:
    """Make a new password for somebody and print it, this once."""
    click.echo(api.post(f"/api/v1/people/{part(login)}/password", body)["password"])


@user.command("sign-out")
@click.argument("login")
@connected
def sign_out_user(api: Api, *, login: str) -> None:
    """End all sessions and tokens of somebody."""
    ended = api.post(f"/api/v1/people/{part(login)}/sign-out", {})
    inform("Sessions ended: %(sessions)s, API tokens: %(tokens)s.", sessions=ended["ended"], tokens=ended["tokens"])


@click.group(cls=ListedGroup)
def token() -> None:
    """API tokens, your own and those of machines."""


@token.command("list")
@click.option("--everybody", is_flag=True, help="Those of all people and machines (administrator).")
@connected
@formatted
def list_tokens(api: Api, *, show: Show, everybody: bool) -> None:
    """List live tokens."""
    show.listed(TOKENS, api.every("/api/v1/tokens", everybody=str(everybody).lower()))


@token.command("add")
@click.argument("name")
@body_of(MakeToken, but=("name",))
@connected
def add_token(api: Api, *, name: str, body: Body) -> None:
    """Make a token and print it, this once; NAME says what it is for.

    It ends with the one that you work with: at its end, or when you sign out. One that lasts is made on the pages.
    """
    made = api.post("/api/v1/tokens", {"name": name, **body})
    inform("Token %(number)s. It is shown this once:", number=made["id"])
    inform("It ends with the token you work with, or when you sign out here; one that lasts is made on the pages.")
    click.echo(made["token"])


@token.command("revoke")
@click.argument("token_id", type=int)
@click.option("--reason")
@connected
def revoke_token(api: Api, *, token_id: int, reason: str | None) -> None:
    """End a token."""
    api.delete(f"/api/v1/tokens/{token_id}", reason=reason)
    inform("Token %(number)s is revoked.", number=token_id)


@click.command()
@click.option("--from", "from_", metavar="DATE", help="First day.")
@click.option("--to", metavar="DATE", help="Last day.")
@click.option("--actor", metavar="LOGIN", help="Who did it.")
@click.option("--act", help="What was done, in its exact words.")
@click.option("--subject", help="A part of what it was done to.")
@click.option("--dealer", metavar="CODE")
@click.option("--text", help="Looked for in everything.")
@click.option("--limit", type=click.IntRange(1), help="How many lines, the latest first; all, if not given.")
@connected
@formatted
def audit(api: Api, *, show: Show, from_: str | None, text: str | None, limit: int | None, **asked: str | None) -> None:
    """Search the audit trail, the latest first."""
    query = {"from": from_, "q": text, **asked}
    lines = api.every("/api/v1/audit", **query, limit=min(limit or 1000, 1000))
    shown = lines if limit is None else (line for line, _ in zip(lines, range(limit), strict=False))
    show.listed(AUDIT, shown)

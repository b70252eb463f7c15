"""`channel credit policy`: versions of the credit policy, drafted, checked, compared and decided."""

from datetime import datetime
from pathlib import Path

import click

from channel.acts import Why
from channel.cli.terminal.act_options import Body, body_of
from channel.cli.terminal.arguments import DAY, FILE, day, document
from channel.cli.terminal.client import Api, connected
from channel.cli.terminal.lazy_groups import Listed
from channel.cli.terminal.output import Show, formatted, inform
from channel.cli.terminal.tables import Field
from channel.cli.terminal.words import later as _
from channel.cli.terminal.words import say
from channel.credit.acts import ApprovePolicy
from channel.credit.lists import POLICIES

_V1 = "/api/v1/credit"
_CHANGES = (
    Field("label", "Field"),
    Field("before", "Before"),
    Field("after", "After"),
    Field("path", "In the document", less=1),
)


@click.group(cls=Listed)
def policy() -> None:
    """Versions of the credit policy."""


@policy.command("list")
@formatted
@connected
def list_policies(api: Api, show: Show) -> None:
    """List every version."""
    show.listed(POLICIES, api.every(f"{_V1}/policies"))


@policy.command("show")
@click.argument("version", type=int)
@formatted
@connected
def show_policy(api: Api, show: Show, version: int) -> None:
    """Print a version with its document and what was done with it."""
    show.document(api.get(f"{_V1}/policies/{version}"))


@policy.command("draft")
@click.argument("file", type=FILE)
@click.option("--effective-from", type=DAY, required=True)
@click.option("--note", default="")
@click.option("--version", type=int, help="Change this draft instead of making a new one.")
@connected
def draft_policy(api: Api, file: Path, effective_from: datetime, note: str, version: int | None) -> None:
    """Draft a version from FILE, a JSON document; what it leaves out is as in the shipped policy."""
    text = {"document": document(file), "effective_from": day(effective_from), "note": note}
    made = api.post(f"{_V1}/policies", text) if version is None else api.put(f"{_V1}/policies/{version}", text)
    inform("Policy %(version)s is a draft.", version=made["version"])


@policy.command("check")
@click.argument("file", type=FILE)
@formatted
@connected
def check_policy(api: Api, show: Show, file: Path) -> None:
    """Check FILE, a JSON document, and print it whole, with what it leaves out; nothing is kept."""
    show.document(api.post(f"{_V1}/policies/check", {"document": document(file)})["document"])
    inform("Nothing is wrong with it.")


@policy.command("compare")
@click.argument("version", type=int)
@click.option("--with", "other", type=int, help="Another version; the approved one before it, if not given.")
@formatted
@connected
def compare_policies(api: Api, show: Show, version: int, other: int | None) -> None:
    """Print the fields in which two versions differ."""
    found = api.get(f"{_V1}/policies/{version}/compare", **{"with": other})
    show.rows(found["items"], *_CHANGES, empty=say("They are the same."))


def _decision(name: str, done: str, about: str, shape: type[Why] = Why) -> click.Command:
    @policy.command(name, help=about)
    @click.argument("version", type=int)
    @body_of(shape)
    @connected
    def decide(api: Api, version: int, body: Body) -> None:
        api.post(f"{_V1}/policies/{version}/{name}", body)
        inform(done, version=version)

    return decide


PROPOSE = _decision("propose", _("Policy %(version)s is proposed."), "Put a draft before another person.")
APPROVE = _decision(
    "approve",
    _("Policy %(version)s is approved."),
    "Let a proposed version of somebody else count from its day on.",
    ApprovePolicy,
)
REFUSE = _decision("refuse", _("Policy %(version)s is refused."), "Refuse a proposed version.")
WITHDRAW = _decision("withdraw", _("Policy %(version)s is withdrawn."), "Take back a draft or a proposal of one's own.")

"""The commands of a kind of versioned document, made of its declaration: drafted, checked, compared and decided."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from pathlib import Path
from typing import Any

import click

from channel.acts import Why
from channel.cli.terminal.act_options import Body, body_of
from channel.cli.terminal.arguments import DAY, FILE, day, document
from channel.cli.terminal.client import Api, connected, part
from channel.cli.terminal.lazy_groups import ListedGroup
from channel.cli.terminal.output import Show, formatted, inform
from channel.cli.terminal.words import later as _
from channel.cli.terminal.words import say
from channel.versions.acts import ApproveVersion
from channel.versions.lists import COMPARED, list_of
from channel.versions.rules import Paper, T

_VERSION = click.argument("version", type=int)
_Command = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the documents of a kind lie, of what they belong to."""

    paper: Paper[Any]
    of: str

    def __str__(self) -> str:
        return f"/api/v1{self.paper.at(part(self.of))}"

    def call(self, version: object) -> str:
        """What a version is called."""
        return say(self.paper.named.text, number=version, of=self.of)


def commands_of(paper: Paper[T], name: str) -> click.Group:
    """The group of commands of a kind of document; what it belongs to is named first, where it belongs to something."""
    group = ListedGroup(name, help=f"Versions of the {paper.code}.")
    _reading(group, paper)
    _writing(group, paper)
    _decision(group, paper, "propose", _("%(document)s is proposed."), "Put a draft before another person.")
    _decision(
        group,
        paper,
        "approve",
        _("%(document)s is approved."),
        "Let a proposed version of somebody else count from its day on.",
        ApproveVersion,
    )
    _decision(group, paper, "refuse", _("%(document)s is refused."), "Refuse a proposed version.")
    _decision(
        group, paper, "withdraw", _("%(document)s is withdrawn."), "Take back a draft or a proposal of one's own."
    )
    return group


def _placed(paper: Paper[T]) -> Callable[[_Command], _Command]:
    """Give a command the place of its documents as `at`; it is asked for what they belong to, where they do."""

    def with_place(command: _Command) -> _Command:
        @wraps(command)
        def placed(*args: object, of: str = "", **options: object) -> object:
            return command(*args, at=_Place(paper, of), **options)

        return click.argument("of", metavar="CODE")(placed) if paper.has_owner else placed

    return with_place


def _reading(group: click.Group, paper: Paper[T]) -> None:
    listed, placed = list_of(paper), _placed(paper)

    @group.command("list")
    @placed
    @formatted
    @connected
    def list_versions(api: Api, show: Show, at: _Place) -> None:
        """List every version."""
        show.listed(listed, api.every(str(at)))

    @group.command("show")
    @placed
    @_VERSION
    @formatted
    @connected
    def show_version(api: Api, show: Show, at: _Place, version: int) -> None:
        """Print a version with its document and what was done with it."""
        show.document(api.get(f"{at}/{version}"))

    @group.command("compare")
    @placed
    @_VERSION
    @click.option("--with", "other", type=int, help="Another version; the approved one before it, if not given.")
    @formatted
    @connected
    def compare_versions(api: Api, show: Show, at: _Place, version: int, other: int | None) -> None:
        """Print the fields in which two versions differ."""
        found = api.get(f"{at}/{version}/compare", **{"with": other})
        show.listed(COMPARED, found["items"])


def _writing(group: click.Group, paper: Paper[T]) -> None:
    placed = _placed(paper)

    @group.command("draft")
    @placed
    @click.argument("file", type=FILE)
    @click.option("--effective-from", type=DAY, required=True)
    @click.option("--note", default="")
    @click.option("--version", type=int, help="Change this draft instead of making a new one.")
    @connected
    def draft_version(
        api: Api, at: _Place, file: Path, effective_from: datetime, note: str, version: int | None
    ) -> None:
        """Draft a version from FILE, a JSON document; what it leaves out is as in the shipped one."""
        text = {"document": document(file), "effective_from": day(effective_from), "note": note}
        made = api.post(str(at), text) if version is None else api.put(f"{at}/{version}", text)
        inform("%(document)s is a draft.", document=at.call(made["version"]))

    @group.command("check")
    @placed
    @click.argument("file", type=FILE)
    @formatted
    @connected
    def check_document(api: Api, show: Show, at: _Place, file: Path) -> None:
        """Check FILE, a JSON document, and print it whole, with what it leaves out; nothing is kept."""
        show.document(api.post(f"{at}/check", {"document": document(file)})["document"])
        inform("Nothing is wrong with it.")


def _decision(group: click.Group, paper: Paper[T], name: str, done: str, about: str, shape: type[Why] = Why) -> None:
    @group.command(name, help=about)
    @_placed(paper)
    @_VERSION
    @body_of(shape)
    @connected
    def decide(api: Api, at: _Place, version: int, body: Body) -> None:
        api.post(f"{at}/{version}/{name}", body)
        inform(done, document=at.call(version))

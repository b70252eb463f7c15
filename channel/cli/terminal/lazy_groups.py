"""Groups of commands that list them well, and one whose modules are imported when a command of theirs is called.

Each command tells in the list what it does before it is imported, so that `channel --help`, and a command that speaks
to a server, need not wait for the application that only the operator's commands use.
"""

import importlib
from collections.abc import Mapping
from dataclasses import dataclass

import click

_WHOLE = 1000
"""Characters of a sentence that is longer than any."""


@dataclass(frozen=True, slots=True)
class Later:
    """A command: where it stands ("module:attribute"), and what it does as the list of commands tells it."""

    place: str
    does: str


class ListedGroup(click.Group):
    """A group whose list of commands tells what each does in a whole sentence."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The commands with their first sentences, never cut."""
        commands = [(name, self.get_command(ctx, name)) for name in self.list_commands(ctx)]
        with formatter.section("Commands"):
            formatter.write_dl([(name, each.get_short_help_str(_WHOLE)) for name, each in commands if each is not None])


class Sections(click.Group):
    """A group whose list of commands stands in sections, in the order given."""

    def __init__(self, name: str, sections: Mapping[str, Mapping[str, Later]], **attributes: object) -> None:
        super().__init__(name, **attributes)  # type: ignore[arg-type] # click's own, passed through
        self._sections = sections
        self._later = {name: later for each in sections.values() for name, later in each.items()}

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, section after section."""
        del ctx
        return list(self._later)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, imported now."""
        del ctx
        later = self._later.get(cmd_name)
        if later is None:
            return None
        module, _, attribute = later.place.partition(":")
        command = getattr(importlib.import_module(module), attribute)
        if not isinstance(command, click.Command):
            raise TypeError(f"{later.place} is no command")
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that the words name; for a slip of the keys, what may have been meant."""
        name = args[0]
        if name not in self._later and not name.startswith("-") and not ctx.resilient_parsing:
            raise click.exceptions.NoSuchCommand(name, possibilities=self._later, ctx=ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The sections with what each command does, without importing any."""
        del ctx
        for title, commands in self._sections.items():
            with formatter.section(title):
                formatter.write_dl([(name, later.does) for name, later in commands.items()])

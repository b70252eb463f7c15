"""What a command imports before it does anything: nothing of the application, unless it has to be the service."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from channel.access.rules import Role
from channel.cli import COMMANDS, main
from channel.cli.users import ROLES
from tests.cli.installed import PATIENCE, environment

APPLICATION = frozenset(
    {
        "apscheduler",
        "argon2",
        "asyncpg",
        "channel.app",
        "channel.database.db",
        "channel.files",
        "jinja2",
        "litestar",
        "openpyxl",
        "piccolo",
        "python_calamine",
        "uvicorn",
        "xlsxwriter",
    }
)
OPERATORS = next(commands for title, commands in COMMANDS.items() if title.startswith("The operator"))
CLOSED = "http://127.0.0.1:1"

RUN = """
import json, sys
from channel.cli import main
try:
    main(json.loads(sys.argv[1]), prog_name="channel")
except SystemExit as end:
    print(json.dumps([end.code, sorted(sys.modules)]), file=sys.stderr)
"""
IMPORT = """
import json, sys
from channel.cli import main
for name in json.loads(sys.argv[1]):
    main.get_command(None, name)
print(json.dumps([0, sorted(sys.modules)]), file=sys.stderr)
"""


def imported(script: str, words: list[str], data: Path, **more: str) -> tuple[int, set[str]]:
    """The exit code and what of the application was imported on the way."""
    done = subprocess.run(
        [sys.executable, "-c", script, json.dumps(words)],
        env=environment(data, **more),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=True,
        cwd="/",
    )
    code, modules = json.loads(done.stderr.splitlines()[-1])
    return code, APPLICATION & set(modules)


@pytest.mark.parametrize("words", [["--help"], ["version"], ["credit", "assess", "--help"], ["import", "--help"]])
def test_help_imports_nothing_of_the_application(words: list[str], tmp_path: Path) -> None:
    assert imported(RUN, words, tmp_path) == (0, set())


def test_a_command_that_speaks_to_a_server_imports_nothing_of_the_application(tmp_path: Path) -> None:
    words = ["dealer", "list", "--format", "json"]
    assert imported(RUN, words, tmp_path, CHANNEL_URL=CLOSED, CHANNEL_TOKEN="x") == (1, set())


def test_no_module_of_a_persons_commands_imports_the_application(tmp_path: Path) -> None:
    persons = [name for commands in COMMANDS.values() if commands is not OPERATORS for name in commands]
    assert imported(IMPORT, persons, tmp_path) == (0, set())


def test_a_person_is_given_any_role_that_is_not_a_machines() -> None:
    assert list(ROLES) == [role for role in Role if role not in {Role.SYSTEM, Role.OPERATOR}]


def test_the_check_sees_what_an_operators_command_imports(tmp_path: Path) -> None:
    assert {"litestar", "asyncpg", "channel.app"} <= imported(IMPORT, ["run"], tmp_path)[1]


def test_the_list_of_commands_says_what_the_commands_say_of_themselves() -> None:
    context = click.Context(main)
    for commands in COMMANDS.values():
        for name, later in commands.items():
            command = main.get_command(context, name)
            assert command is not None
            assert (command.name, command.get_short_help_str(1000)) == (name, later.does)


def _helps(command: click.Command, name: str) -> Iterator[tuple[str, str]]:
    context = click.Context(command, info_name=name)
    yield name, command.get_help(context)
    if isinstance(command, click.Group):
        for each in command.list_commands(context):
            found = command.get_command(context, each)
            assert found is not None
            yield from _helps(found, f"{name} {each}")


def test_no_command_tells_of_a_bound_that_is_none() -> None:
    told = dict(_helps(main, "channel"))
    assert len(told) > 50
    assert not [name for name, text in told.items() if "=None" in text]


def test_a_slip_of_the_keys_is_answered_with_what_was_meant(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "channel.cli", "dealr", "list"],
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
        cwd="/",
    )
    assert done.returncode == 2
    assert "Did you mean 'dealer'?" in done.stderr

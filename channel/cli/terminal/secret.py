"""What is typed and not shown: passwords and tokens."""

import sys

import click

from channel.cli.terminal.words import say


def hidden(what: str, *, from_stdin: bool, twice: bool = False) -> str:
    """A line of standard input, or what is typed at the terminal; asked for once more where a slip would lock out."""
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    text: str = click.prompt(what, hide_input=True, confirmation_prompt=say("Once more") if twice else False, err=True)
    return text

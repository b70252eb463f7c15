"""The body of an act as options of a command."""

import functools
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Any

import click

from channel.acts import OPENED, Act, Field, fields_of
from channel.cli.terminal.arguments import DAY, day
from channel.cli.terminal.client import Failure
from channel.cli.terminal.words import say

Body = dict[str, Any]
"""The body of an act as JSON has it; what was not given is not in it."""


def body_of(shape: type[Act], *, but: tuple[str, ...] = ()) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Give a command an option for each field of an act, `but` some; it gets what was given as `body`.

    A refusal names the options of what is wrong.
    """
    fields = [each for each in fields_of(shape) if each.name not in (*but, OPENED)]

    def with_options(command: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(command)
        def with_body(*args: object, **options: object) -> object:
            given = {each.name: _told(options.pop(each.name)) for each in fields}
            body = {name: value for name, value in given.items() if value not in (None, [])}
            try:
                return command(*args, body=body, **options)
            except Failure as refused:
                raise refused.named({each.name: _flag(each) for each in fields}) from None

        made: Callable[..., Any] = with_body
        for each in reversed(fields):
            made = _option(each)(made)
        return made

    return with_options


def _told(value: Any) -> Any:  # noqa: ANN401 - any option's
    """What an option holds as JSON has it."""
    match value:
        case date():
            return day(value)
        case tuple():
            return list(value)
        case _:
            return value


def _option(field: Field) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    said = field.said
    if field.base is bool and not field.optional:
        return click.option(_flag(field), field.name, is_flag=True, default=None, help=_help(field))
    kind: Any = str
    if said.choices:
        kind = click.Choice([str(each) for each in said.choices])
    elif issubclass(field.base, Enum):
        kind = click.Choice([each.value for each in field.base])
    elif field.base is date:
        kind = DAY
    elif field.base is int:
        low, high = (None if bound is None else int(bound) for bound in (said.low, said.high))
        kind = int if low is None and high is None else click.IntRange(low, high)
    return click.option(
        _flag(field),
        field.name,
        required=field.required and not field.optional,
        multiple=field.many,
        type=kind,
        metavar="NUMBER" if field.base in {Decimal, int} else None,
        help=_help(field),
    )


def _flag(field: Field) -> str:
    return field.said.option or "--" + field.name.removesuffix("_on").replace("_", "-")


def _help(field: Field) -> str:
    told = say(field.said.label.text)
    return f"{told}. {say(field.said.hint.text)}" if field.said.hint else f"{told}."

"""What commands of several rooms are asked alike: days, moments, pairs, documents."""

import json
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

import click

from channel.cli.terminal.words import say


class Day(click.ParamType[date]):
    """A day, written as 2013-01-31."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:  # noqa: ANN401 - click's signature
        """The day; what is none is told with how one is written."""
        if isinstance(value, date):
            return value
        try:
            return datetime.strptime(value, "%Y-%m-%d").date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            self.fail(say("%(value)s is not a day such as 2013-01-31.", value=value), param, ctx)


DAY = Day()
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
AS_OF = click.option("--as-of", type=DAY, help="Business date; today, if not given.")
KNOWN_AT = click.option(
    "--known-at",
    metavar="MOMENT",
    help="As known at this moment, such as 2026-11-22T08:00; a date alone means its end, today's means now.",
)


def one_of(kind: type[StrEnum]) -> click.Choice[str]:
    """A choice among the values of a kind; given its members, click would take their names in the code instead."""
    return click.Choice([each.value for each in kind])


def day(value: date | None) -> str | None:
    """A day as the API takes it."""
    return None if value is None else value.isoformat()


def pairs(given: Iterable[str], option: str, form: str) -> Iterator[tuple[str, str]]:
    """NAME=VALUE, each parted at its first sign."""
    for each in given:
        name, sign, value = each.partition("=")
        if not sign or not name.strip():
            raise click.UsageError(f"{option} takes {form}, not {each!r}.")
        yield name.strip(), value.strip()


def document(path: Path) -> dict[str, Any]:
    """The JSON object in a file, its figures as they are written."""
    try:
        found = json.loads(path.read_text("utf-8-sig"), parse_float=str)
    except UnicodeDecodeError:
        raise click.UsageError(f"{path} is not text in UTF-8.") from None
    except ValueError as fault:
        raise click.UsageError(f"{path} is no JSON: {fault}") from None
    if not isinstance(found, dict):
        raise click.UsageError(f"{path} holds no JSON object.")
    return found

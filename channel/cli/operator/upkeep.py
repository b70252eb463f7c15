"""Commands by which the operator looks after an installation: are the kept sums right, and how quick is it."""

import subprocess
import sys
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import cast

import click

from channel import clock
from channel.access import service as access
from channel.access.rules import OPERATOR
from channel.app import ROOMS
from channel.brings import Brings, Concern, Kept
from channel.cli.operator.installation import as_operator, opened
from channel.cli.terminal.client import Failure
from channel.cli.terminal.environment import chosen_settings
from channel.cli.terminal.output import Show, formatted, inform, pass_on
from channel.cli.terminal.text_tables import ItemColumn
from channel.cli.terminal.words import say
from channel.database import db

Row = dict[str, object]
_NAMED = 20
"""So many dealers are named in a line; JSON has them all."""
_BENCH = Path(__file__).parents[3] / "bench"


@click.command()
@click.option("--mend", is_flag=True, help="Compute anew what differs.")
@formatted
def reconcile(show: Show, *, mend: bool) -> None:
    """Compute again what is kept ready, and compare; exit code 1 when anything differs.

    What people should look at is told beside it, with the dealers concerned.
    """
    settings = chosen_settings()
    with opened(settings) as place:
        clock.use_zone(settings.timezone)
        kept, told = as_operator(place, partial(compare, ROOMS, mend=mend))
    show.rows([*kept, *told], ItemColumn("check", "Check"), ItemColumn("differences", "Differences", number=True))
    for row in told:
        _tell(str(row["check"]), cast("list[str]", row["dealers"]))
    if any(row["differences"] for row in kept):
        if not mend:
            raise Failure("Some kept figures differ; `channel reconcile --mend` computes them anew.")
        inform("What differed was computed anew.")


async def compare(rooms: Sequence[Brings], *, mend: bool) -> tuple[list[Row], list[Row]]:
    """The lines of what is kept, and of what people should look at; written into the trail."""
    kept = [each for room in rooms for each in room.kept]
    concerns = [each for room in rooms for each in room.concerns]
    # In the rooms' order: the tree is first, since the scope of all others hangs on it.
    counts = {each.key: await each.compare(mend=mend) for each in kept}
    told = {each.key: await each.look() for each in concerns}
    counts |= {key: len(codes) for key, codes in told.items()}
    async with db.transaction():
        differing = {key: count for key, count in counts.items() if count}
        concerned = {key: ", ".join(codes) for key, codes in told.items() if codes}
        after = {"mend": mend, "differences": differing or 0, "concerned": concerned or None}
        await access.audit(OPERATOR, "reconcile", "company", after=after)
    return [_line(each, counts) for each in kept], [_line(each, counts, told[each.key]) for each in concerns]


def _line(line: Kept | Concern, counts: Mapping[str, int], dealers: Sequence[str] = ()) -> Row:
    return {"check": say(line.words.text), "differences": counts[line.key], "dealers": list(dealers)}


def _tell(what: str, codes: list[str]) -> None:
    if codes:
        more = say(" and %(count)s more", count=len(codes) - _NAMED) if len(codes) > _NAMED else ""
        pass_on(f"{what}: {', '.join(codes[:_NAMED])}{more}")


@click.command()
@click.argument("names", nargs=-1)
def bench(names: tuple[str, ...]) -> None:
    """Measure on this machine, as ratios; NAMES choose some of the measurements. Needs a checkout of the source."""
    known = sorted(path.stem.removeprefix("bench_") for path in _BENCH.glob("bench_*.py"))
    if not known:
        raise click.ClickException("The benchmarks come with the source: run this in a checkout of it.")
    if unknown := [name for name in names if name not in known]:
        raise click.UsageError(f"There is no measurement {', '.join(unknown)}. There are: {', '.join(known)}.")
    words = [sys.executable, "-m", "bench", *names]
    if subprocess.run(words, cwd=_BENCH.parent, check=False).returncode:  # noqa: S603 - our own scripts
        raise Failure("A measurement broke off; what is wrong stands above.")

"""Commands by which the operator looks after an installation: are the kept sums right, and how quick is it."""

import subprocess
import sys
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import cast

import click

from channel import clock
from channel.access import service as access
from channel.access.rules import OPERATOR
from channel.access.service.territories import reconcile_tree
from channel.access.trail_words import RECONCILED
from channel.cli.operator.installation import as_operator, opened
from channel.cli.terminal.client import Failure
from channel.cli.terminal.environment import chosen_settings
from channel.cli.terminal.output import Show, formatted, inform, pass_on
from channel.cli.terminal.tables import Field
from channel.cli.terminal.words import say
from channel.credit.service.ended import reconcile_ended
from channel.credit.service.limit_spans import lacking_approvals, reconcile_spans
from channel.database import db
from channel.dealers.queries.codes import differing_in_writing
from channel.dealers.service.facts import reconcile_dealers
from channel.sales.service.views import reconcile_rollups
from channel.sales.service.years import reconcile_years

_NAMED = 20
"""So many dealers are named in a line; JSON has them all."""
_BENCH = Path(__file__).parents[3] / "bench"


async def _tree(mend: bool) -> int:  # noqa: FBT001 - the checks are called alike
    return await reconcile_tree(mend=mend)


async def _dealers(mend: bool) -> int:  # noqa: FBT001 - see _tree
    return await reconcile_dealers(mend=mend)


async def _rollups(mend: bool) -> int:  # noqa: FBT001 - see _tree
    return await reconcile_rollups(mend=mend)


async def _years(mend: bool) -> int:  # noqa: FBT001 - see _tree
    return await reconcile_years(mend=mend)


async def _limits(mend: bool) -> int:  # noqa: FBT001 - see _tree
    return await reconcile_spans(mend=mend)


async def _ended(mend: bool) -> int:  # noqa: FBT001 - see _tree
    return await reconcile_ended(mend=mend)


CHECKS: Mapping[str, Callable[[bool], Awaitable[int]]] = {
    "tree": _tree,
    "dealers": _dealers,
    "rollups": _rollups,
    "years": _years,
    "limits": _limits,
    "ended": _ended,
}
"""Everything that is kept although it could be computed. The tree is first: the scope of all others hangs on it."""

TOLD: Mapping[str, Callable[[], Awaitable[list[str]]]] = {"approvals": lacking_approvals, "codes": differing_in_writing}
"""What people decided and only people can put right: the dealers concerned are told, nothing is mended."""


@click.command()
@click.option("--mend", is_flag=True, help="Compute anew what differs.")
@formatted
def reconcile(show: Show, *, mend: bool) -> None:
    """Compute again what is kept ready, and compare; exit code 1 when anything differs.

    What people should look at is told beside it, with the dealers concerned.
    """
    settings = chosen_settings()

    async def check() -> list[dict[str, object]]:
        counts: dict[str, int] = {key: await compare(mend) for key, compare in CHECKS.items()}
        told = {key: await look() for key, look in TOLD.items()}
        counts |= {key: len(codes) for key, codes in told.items()}
        async with db.transaction():
            differing = {key: count for key, count in counts.items() if count}
            concerned = {key: ", ".join(codes) for key, codes in told.items() if codes}
            after = {"mend": mend, "differences": differing or 0, "concerned": concerned or None}
            await access.audit(OPERATOR, "reconcile", "company", after=after)
        return [
            {"check": say(RECONCILED[key].text), "differences": count, "dealers": told.get(key, [])}
            for key, count in counts.items()
        ]

    with opened(settings) as place:
        clock.use_zone(settings.timezone)
        found = as_operator(place, check)
    show.rows(found, Field("check", "Check"), Field("differences", "Differences", number=True))
    kept, told = found[: len(CHECKS)], found[len(CHECKS) :]
    for row in told:
        _tell(str(row["check"]), cast("list[str]", row["dealers"]))
    if any(row["differences"] for row in kept):
        if not mend:
            raise Failure("Some kept figures differ; `channel reconcile --mend` computes them anew.")
        inform("What differed was computed anew.")


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

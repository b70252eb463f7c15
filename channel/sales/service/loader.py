"""How a report of sell-in, sell-through or stock is checked and written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from asyncpg import Record

from channel import clock
from channel.access import service as access
from channel.dealers.queries.loads import dealers as dealer_loads
from channel.dealers.queries.loads import masters as master_loads
from channel.dealers.service.codes import dealers_meant, settle_codes
from channel.dealers.service.loads import check_dealers, load_dealers
from channel.errors import FieldError, Invalid, Message, m
from channel.imports.loader import Load, Loader, Share
from channel.imports.queries.staging import record_other_currencies
from channel.imports.rules.kinds import KindSpec
from channel.periods import Span
from channel.sales.file_kinds import FILES, SELL_IN, STOCK
from channel.sales.queries import checking, completing, covering, creating, loading, shares, years
from channel.sales.rules import compute_lost, supersedes_much
from channel.sales.rules.coverage import Coverage, compute_coverage
from channel.sales.service.completing import settle
from channel.sales.service.late_reports import REPORTS_IN
from channel.sales.service.noting import lines_alike, passed_over
from channel.work.service import ask

EVERYBODY = "all"
"""The word by which a report is said to cover every dealer in the loader's scope."""


def _wanted(load: Load) -> dict[str, bool]:
    return {master: master in load.create_missing for master in ("dealers", "products")}


async def expect_missing(load: Load) -> None:
    """Find what the report names and nobody knows, where it is to be created: it counts as known from here on."""
    if not load.create_missing:
        return
    if "dealers" in load.create_missing:
        await dealer_loads.open_missing_dealers()
        await creating.find_missing_dealers()
        await check_dealers(load.person, load.effective_on, dealer_loads.MISSING)
        await creating.expect_dealers()
    if "products" in load.create_missing:
        await master_loads.open_missing_products()
        await creating.find_missing_products()
        await creating.expect_products()


async def create_missing(load: Load, posting_id: int, days: Span) -> dict[str, int]:
    """Create what was found missing, dealers from the day that was named or else the first that is covered."""
    if not load.create_missing:
        return {}
    wanted = _wanted(load)
    await creating.keep_needed(**wanted)
    counts = await creating.missing_counts(**wanted)
    if wanted["dealers"]:
        await load_dealers(load.person, posting_id, load.effective_on or days.start, dealer_loads.MISSING)
    if wanted["products"]:
        await master_loads.write_products(master_loads.MISSING)
    await creating.give_ids(**wanted)
    await checking.sum_lines()
    return counts


_RUNS_NAMED = 3


def _to_confirm(superseded: int, lost: int, runs: tuple[int, Sequence[Record]] | None) -> Message | None:
    """What somebody has to confirm before the report goes in: what it empties, and what would count as zero."""
    emptying = {"superseded": superseded, "lost": lost} if supersedes_much(superseded, lost) else None
    silent = {"runs": _told_runs(*runs)} if runs and runs[0] else None
    if emptying and silent:
        return m(
            "The report speaks for days of which %(superseded)s lines are in, and nothing takes the place of %(lost)s"
            " of them. More than 7 days on end hold no line and would count as zero: %(runs)s.",
            **emptying,
            **silent,
        )
    if emptying:
        return m(
            "The report speaks for days of which %(superseded)s lines are in, and nothing takes the place of %(lost)s"
            " of them.",
            **emptying,
        )
    return m("More than 7 days on end hold no line and would count as zero: %(runs)s.", **silent) if silent else None


def _by_month(row: Record) -> dict[str, Any]:
    return {**dict(row), "month": f"{row['month']:%Y-%m}"}


def _told_runs(found: int, rows: Sequence[Record]) -> str:
    """The first runs in figures alone, which any reader understands, and how many more there are."""
    named = [f"{row['code'] or ''} {row['first']} … {row['last']}".strip() for row in rows[:_RUNS_NAMED]]
    return ", ".join(named) + (f" (+{found - _RUNS_NAMED})" if found > _RUNS_NAMED else "")


@dataclass(frozen=True, slots=True)
class ReportLoader:
    """Loads reports of one kind."""

    spec: KindSpec
    settle = staticmethod(settle_codes)

    @property
    def waits_as(self) -> None:
        """No report waits for a second person."""

    @property
    def kind(self) -> str:
        """The kind's word."""
        return self.spec.kind

    async def check(self, load: Load) -> Mapping[str, Any]:
        """Resolve and check the lines, and tell what the report would do."""
        await checking.resolve_codes()
        notes = await passed_over(load)
        await expect_missing(load)
        dates = await checking.dates_in_file()
        coverage = await self._coverage(load, dates)
        if isinstance(coverage, Coverage):
            await self._find_faults(load, coverage)
            if load.completes is not None:
                await settle(self.kind, load.completes)
            notes += await lines_alike(load)
            created = await creating.missing_counts(**_wanted(load))
            concerns = await covering.dealers_covered() if load.person.bound else []
            return await self._preview(load, coverage) | created | {"notes": notes, "concerns": concerns}
        # What is wrong with the lines is told all the same: it is often why the file says no more.
        if dates["first"] is not None:
            days = load.period or Span(dates["first"], dates["last"] + timedelta(days=1))
            await self._find_faults(replace(load, period=days), Coverage(days, await checking.codes_in_scope()))
        raise Invalid(m("No valid days or dealers were found, so it is not known what the report covers."), coverage)

    async def _find_faults(self, load: Load, coverage: Coverage) -> None:
        given = load.period is not None
        await covering.cover(coverage.dealers, self.kind, coverage.days, given=given, today=clock.today())
        if load.completes is not None and load.beside:
            await completing.cover_as_before(self.kind, load.completes.loads)
        await checking.resolve_currencies()
        if "dealers" in load.create_missing:
            await creating.expect_currencies()
        await checking.resolve_rates(await access.company_currency())
        await checking.resolve_lines(given=load.given)
        documents = {"document", "line"} <= load.given
        await checking.find_faults(self.kind, coverage.days, documents=documents, beside=load.beside)
        await record_other_currencies(load.beside_numbers, checking.CURRENCIES)
        if load.completes is not None and load.beside:
            await completing.find_faults(self.kind, load.completes.loads)

    async def _coverage(self, load: Load, dates: Record) -> Coverage | tuple[FieldError, ...]:
        in_scope = await checking.codes_in_scope()
        in_file = await checking.codes_in_file()
        # What is added to a load that named no dealers speaks for those whose lines it brings.
        wanted = in_file if load.beside and load.dealers is None else load.dealers
        everybody = wanted == frozenset({EVERYBODY})
        meant = wanted if everybody or wanted is None else await dealers_meant(wanted)
        return compute_coverage(
            self.kind,
            period=load.period,
            first=dates["first"],
            last=dates["last"],
            wanted=in_scope if everybody else meant,
            in_file=in_file,
            in_scope=in_scope,
        )

    async def _preview(self, load: Load, coverage: Coverage) -> dict[str, Any]:
        await checking.sum_lines()
        days = await covering.covered_days()
        concerned = await checking.dealers_concerned()
        currencies = [dict(row) for row in await checking.summary()]
        replaced = [] if load.beside else [_by_month(row) for row in await checking.replaced(self.kind, days)]
        superseded = sum(row["lines"] for row in replaced)
        lost = compute_lost((row["lines"], row["new_lines"]) for row in replaced)
        complete, in_part, months = await covering.months_covered(self.kind)
        runs = (0, list[Record]()) if load.beside else await covering.runs_without_lines(self.kind)
        confirm = _to_confirm(superseded, lost, runs if load.period is None else None)
        return {
            "days": {"from": days.start, "to": days.last},
            "own_days": {"from": coverage.days.start, "to": coverage.days.last},
            "months": {"complete": complete, "in_part": in_part, "rows": [_by_month(row) for row in months]},
            "silent": {"runs": runs[0], "rows": [dict(row) for row in runs[1]]},
            "dealers": {"covered": concerned["covered"], "with_lines": concerned["with_lines"]},
            "currencies": currencies,
            "company_amount": sum((row["company_amount"] or 0 for row in currencies), start=0),
            "returns": sum(row["returns"] for row in currencies),
            "replaces": replaced,
            "replaced_lines": superseded,
            "lost_lines": lost,
            "confirm": None if confirm is None else confirm.as_json(),
        }

    async def write(self, load: Load, posting_id: int) -> Mapping[str, int]:
        """Supersede what the report covers, write its lines and coverage, and sum the months again.

        Lines that complete an earlier load are added beside what counts of it.
        """
        days, given = await covering.covered_days(), load.period is not None
        created = await create_missing(load, posting_id, days)
        report_id = None
        if self.spec is STOCK and not given:
            await loading.record_reports_by_day(self.kind, load.load_id, load.file_name, posting_id, beside=load.beside)
        else:
            report_id = await loading.record_report(self.kind, load.load_id, load.file_name, days, posting_id)
        load.told("superseding", 0, None)
        closed = 0 if load.beside else await loading.close_lines(self.kind, days, posting_id)
        covered = await loading.record_coverage(self.kind, report_id, posting_id)
        load.told("loading", 0, None)
        written = await loading.record_lines(
            self.kind, report_id, posting_id, lambda done, total: load.told("loading", done, total)
        )
        load.told("summing", 0, None)
        await loading.roll_up(self.kind, days, given=given, beside=load.beside)
        if self.spec is SELL_IN:
            await years.keep_covered(days)
        await ask(REPORTS_IN)
        return {"loaded": written, "superseded": closed, "dealers": covered, **created}

    async def stands(self, load_id: int, posting_id: int) -> bool:  # noqa: ARG002 - part of the protocol
        """An earlier report stands while no later one speaks for any of its dealers and days."""
        return not await loading.is_superseded(load_id)

    async def share(self, load_id: int) -> Share | None:
        """What it covers and brought of the dealers in scope."""
        row = await shares.share_of_load(load_id, self.kind)
        return None if row is None else Share(**dict(row))

    async def loads_concerning(self, before_id: int | None, limit: int) -> list[int]:
        """Those that cover any dealer in scope."""
        return await shares.loads_concerning(self.kind, before_id, limit)


LOADERS: Sequence[Loader] = tuple(ReportLoader(spec) for spec in FILES)

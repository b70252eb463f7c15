"""How a report of sell-in, sell-through or stock is checked and written."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from channel.access.rules import Right
from channel.dealers.queries.masters import company_currency
from channel.errors import Invalid, m
from channel.imports.loader import Load
from channel.imports.rules.coverage import Coverage, compute_coverage
from channel.imports.rules.kinds import Kind
from channel.sales.queries import checking, loading

EVERYBODY = "all"
"""The word by which a report is said to cover every dealer in the loader's scope."""


@dataclass(frozen=True, slots=True)
class ReportLoader:
    """Loads reports of one kind."""

    kind: Kind
    right: Right = Right.LOAD_REPORTS

    async def check(self, load: Load) -> Mapping[str, Any]:
        """Resolve and check the lines, and tell what the report would do."""
        await checking.resolve_codes()
        coverage = await self._coverage(load)
        await checking.cover(coverage.dealers, coverage.days)
        await checking.resolve_currencies(await company_currency())
        await checking.resolve_lines(given=load.given)
        await checking.find_faults(self.kind, coverage.days, documents={"document", "line"} <= load.given)
        return await self._preview(coverage)

    async def _coverage(self, load: Load) -> Coverage:
        dates = await checking.dates_in_file()
        in_scope = await checking.codes_in_scope()
        asked = load.dealers
        coverage = compute_coverage(
            self.kind,
            period=load.period,
            first=dates["first"],
            last=dates["last"],
            wanted=in_scope if asked == frozenset({EVERYBODY}) else asked,
            in_file=await checking.codes_in_file(),
            in_scope=in_scope,
        )
        if not isinstance(coverage, Coverage):
            raise Invalid(m("It is not clear for which days and dealers the report speaks."), coverage)
        return coverage

    async def _preview(self, coverage: Coverage) -> dict[str, Any]:
        concerned = await checking.dealers_concerned()
        currencies = [dict(row) for row in await checking.summary()]
        replaced = [
            {**dict(row), "month": f"{row['month']:%Y-%m}"} for row in await checking.replaced(self.kind, coverage.days)
        ]
        return {
            "days": {"from": coverage.days.start, "to": coverage.days.last},
            "dealers": {"covered": concerned["covered"], "with_lines": concerned["with_lines"]},
            "currencies": currencies,
            "company_amount": sum((row["company_amount"] or 0 for row in currencies), start=0),
            "returns": sum(row["returns"] for row in currencies),
            "replaces": replaced,
            "replaced_lines": sum(row["lines"] for row in replaced),
        }

    async def write(self, load: Load, posting_id: int) -> Mapping[str, int]:
        """Supersede what the report covers, write its lines and coverage, and sum the months again."""
        days = await checking.covered_days()
        report_id = await loading.record_report(self.kind, load.load_id, load.file_name, days, posting_id)
        load.told("superseding", 0, None)
        closed = await loading.close_lines(self.kind, days, posting_id)
        covered = await loading.record_coverage(self.kind, days, report_id, posting_id)
        load.told("loading", 0, None)
        written = await loading.record_lines(
            self.kind, report_id, posting_id, lambda done, total: load.told("loading", done, total)
        )
        load.told("summing", 0, None)
        await loading.roll_up(self.kind, days)
        return {"loaded": written, "superseded": closed, "dealers": covered}

    async def stands(self, load_id: int, posting_id: int) -> bool:  # noqa: ARG002 - part of the protocol
        """An earlier report stands while no later one speaks for any of its dealers and days."""
        return not await loading.is_superseded(load_id)


LOADERS = {kind.value: ReportLoader(kind) for kind in (Kind.SELL_IN, Kind.SELL_THROUGH, Kind.STOCK)}
"""The loaders of this room, by kind."""

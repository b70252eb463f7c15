"""Carrying out loads: work that is claimed, on a connection of its own, progress told as it goes.

A load is one transaction: it goes in whole, with its record, or leaves nothing. Whoever claims it after a worker that
died or hung, or when the database was away, begins again from the stored file.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from operator import itemgetter
from typing import Any

from asyncpg import Record

from channel import clock
from channel.access.rules import Person
from channel.access.service import audit, open_posting, scope_of
from channel.database import db, presence
from channel.errors import FieldError, Forbidden, Message, Refused, m
from channel.files import Unreadable
from channel.imports.loader import Load, Loader
from channel.imports.queries import loads as queries
from channel.imports.queries import staging
from channel.imports.queries.completing import record_counted, refuse_not_waiting
from channel.imports.queries.waiting import let_wait
from channel.imports.reading import COLUMN_TYPES, Reading
from channel.imports.rules.numbers import currencies_meant
from channel.imports.rules.profile import parse_profile
from channel.imports.rules.reasons import REASONS
from channel.imports.rules.shapes import asks_of, doubts_of, notes_of, read_as
from channel.imports.rules.totals import says_total
from channel.imports.service.completing import sources_of
from channel.imports.service.kinds import loader_of, spec_of
from channel.imports.service.loads import LOAD_A_FILE, behind, digest_of, header_of, stored_load, unconfirmed
from channel.imports.service.opening import readings_of
from channel.imports.service.rejects import keep_rejects
from channel.imports.service.uploads import unreadable
from channel.imports.service.waiting import must_wait, put_before
from channel.work.rules import Retries
from channel.work.service import Due, LeaseLost, Work, finishing, hold, run_due

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class _Progress:
    phase: str = "reading"
    done: int = 0
    total: int | None = None

    def told(self, phase: str, done: int, total: int | None) -> None:
        self.phase, self.done, self.total = phase, done, total


async def _load(due: Due) -> None:
    """Carry out a claimed load and write down what came of it.

    Where the database goes away nothing is written down, and the fault passes on: whoever claims the load next begins
    it again.
    """
    try:
        async with db.alone(db.EVERYTHING):
            await _carry_out(due)
    except (LeaseLost, presence.Away):
        raise
    except Refused as refused:
        await _refuse(due, refused)
    except Exception as fault:
        if presence.is_lost(fault):
            raise
        logger.exception("Load %s failed", due.key)
        told = Refused(m("The load failed; nothing was loaded. The service's log says why."))
        await _refuse(due, told, state="failed")


async def _refuse(due: Due, refused: Refused, state: str = "refused") -> None:
    async with db.alone(db.EVERYTHING), finishing(due):
        await _close(due, state, problem=_problem(refused))


async def _give_up(due: Due) -> None:
    told = Refused(m("The load was broken off %(times)s times and is given up.", times=_RETRIES.most))
    await queries.close_load(int(due.key), "refused", problem=_problem(told), at=clock.now())


_RETRIES = Retries(most=3)
"""A load whose worker dies this often is given up: the file may be what kills it."""
LOADING = Work(LOAD_A_FILE, _load, retries=_RETRIES, own=True, given_up=_give_up)


async def run_waiting() -> int:
    """Carry out every load that waits, one after the other; how many."""
    return await run_due([LOADING])


def _problem(refused: Refused) -> dict[str, Any]:
    return {"title": refused.title.as_json(), "errors": [_error(each) for each in refused.errors]}


def _error(error: FieldError) -> dict[str, Any]:
    expected = None if error.expected is None else error.expected.as_json()
    return {"field": error.field, "reason": error.reason.as_json(), "expected": expected}


async def _carry_out(due: Due) -> None:
    waiting = await queries.open_load(int(due.key))
    if waiting is None:
        async with finishing(due):
            return
    spec = spec_of(waiting["kind"])
    loader = loader_of(waiting["kind"])
    profile = parse_profile(spec, waiting["options"]["profile"])
    # Who may have been moved, deactivated or given another role since he asked.
    person = await behind(waiting)
    await db.narrow(scope_of(person))
    digest = await digest_of(person, waiting["kind"], waiting["sha256"], waiting["options"])
    async with db.transaction():
        await hold(due)
        row = await queries.begin_reading(waiting["id"], due.attempt, digest)
    if await _is_unchanged(due, row, loader):
        return
    progress = _Progress(total=row["total"])
    due.tell = lambda: queries.record_progress(row["id"], progress.phase, progress.done, progress.total)
    load = replace(stored_load(row, person, spec, profile.given(spec)), told=progress.told)
    async with AsyncExitStack() as stack:
        family, sources = await sources_of(row)
        readings = await readings_of(stack, row, spec, profile, sources)
        async with finishing(due):
            await staging.lock_kind(row["kind"])
            await _stage(loader, load, readings, progress)
            columns: Sequence[str] = readings[0].shape.header
            if family is not None:
                load = replace(load, completes=family.completes())
                await refuse_not_waiting(family.first["id"], family.ids, readings[0].numbers)
                # Mended lines that are rejected once more come back in the columns of the file that they mend.
                columns = await header_of(family.first)
            load = replace(
                load,
                fixed=frozenset(profile.constants),
                total_line=_total_line(load, readings),
                beside_numbers={each: currencies_meant(each) for each in set().union(*(r.beside for r in readings))},
            )
            await _check_and_write(due, row, loader, load, readings, columns)


async def _is_unchanged(due: Due, row: Record, loader: Loader) -> bool:
    """Close the load at once where the same file went in the same way before and still stands."""
    alike = await queries.loaded_alike(row["kind"], row["digest"], row["id"])
    if alike is None or not await loader.stands(alike["id"], alike["posting_id"]):
        return False
    async with finishing(due):
        counts = {"lines": alike["counts"].get("lines", 0), "rejected": 0}
        await _close(due, "unchanged", counts, same_as=alike["id"])
    return True


def _total_line(load: Load, readings: Sequence[Reading]) -> int | None:
    """The last line, where it says that it is a total; mended lines alone have none above them."""
    line_no, cells = max((reading.last for reading in readings), key=itemgetter(0))
    return line_no if not load.beside and says_total(cells) else None


async def _stage(loader: Loader, load: Load, readings: Sequence[Reading], progress: _Progress) -> None:
    spec = load.spec
    await staging.open_staging((each.name, COLUMN_TYPES.get(each.type, "text")) for each in spec.fields)
    await _copied(readings, progress)
    settled = [reading.settle() for reading in readings]
    if not all(settled):
        await staging.empty()
        await _copied(readings, progress)
    if any(reading.wrong for reading in readings):
        await staging.record_reading_faults()
        merged = [place for reading in readings if reading.numbered is None for place in _merged_fields(reading)]
        await staging.tell_merged(merged, REASONS["missing"].text, REASONS["merged"].text)
    await loader.settle(load)
    if spec.key:
        await staging.record_doubled_keys(spec.key, REASONS["duplicate-key"].text)


async def _copied(readings: Sequence[Reading], progress: _Progress) -> None:
    for reading in readings:
        await _copy_in(reading, progress)


async def _copy_in(reading: Reading, progress: _Progress) -> None:
    pieces = reading.pieces()

    async def text() -> AsyncIterator[bytes]:
        # Each piece is made in a thread, so that the pages are served meanwhile.
        while (piece := await asyncio.to_thread(next, pieces, None)) is not None:
            progress.done = reading.done
            yield piece

    try:
        await staging.copy_in(reading.staged, text())
    except Unreadable as problem:
        raise unreadable(problem) from None


def _merged_fields(reading: Reading) -> list[tuple[int, int, str, str]]:
    """Where cells are merged, as (first line, last line, field, the cells): there a value may be missing."""
    return [
        (merged.first_line, merged.last_line, name, merged.cells)
        for merged in reading.seen.merged
        for name, places in reading.columns.fields.items()
        if any(merged.first_column <= place <= merged.last_column for place in places)
    ]


async def _checked(
    loader: Loader, load: Load, readings: Sequence[Reading], columns: Sequence[str]
) -> tuple[dict[str, Any], set[int], Refused | None]:
    """What the check tells, the dealers of whom it tells anything, and what refuses the file as a whole."""
    reading = readings[0]
    shape, seen = reading.shape, reading.seen
    header: dict[str, Any] = {
        "header": list(columns),
        "marks": reading.decided,
        "read_as": read_as(shape),
        "notes": [note.as_json() for note in (*notes_of(shape, seen), *reading.notes())],
        "doubts": [doubt.as_json() for doubt in doubts_of(shape, seen, reading.columns.used)],
    }
    concerned: set[int] = set()
    try:
        found = dict(await loader.check(load))
        concerned |= set(found.pop("concerns", ()))
        if (second := found.pop("second", None)) is not None:
            header["second"] = second.as_json()
        header["notes"] += [note.as_json() for note in found.pop("notes", ())]
    except Refused as refused:
        return header, concerned, refused
    return found | header, concerned, None


async def _check_and_write(
    due: Due, row: Record, loader: Loader, load: Load, readings: Sequence[Reading], columns: Sequence[str]
) -> None:
    load.told("checking", 0, None)
    preview, concerned, unclear = await _checked(loader, load, readings, columns)
    lines, rejected = await staging.counts()
    counts: dict[str, Any] = {"lines": lines, "rejected": rejected}
    await queries.clear_rejects(row["id"])
    if load.person.bound:
        codes = [each.name for each in load.spec.fields if each.of == "dealer"]
        await queries.record_dealers(row["id"], sorted(concerned | set(await staging.dealers_named(codes))))
    if unclear is not None and not rejected:
        raise unclear
    if rejected:
        load.told("collecting rejected lines", 0, rejected)
        await keep_rejects(row["id"], readings, columns, rejected)
    if unclear is not None:
        await _close(due, "refused", counts, preview, _problem(unclear))
    elif row["dry_run"]:
        await _close(due, "checked", counts, preview)
    elif rejected and not load.partial:
        await _close(due, "refused", counts, preview)
    elif (asks := asks_of(preview)) and lines > rejected and not load.confirmed:
        await _close(due, "checked", counts, preview, _problem(unconfirmed(asks)))
    elif lines > rejected and must_wait(row, preview):
        await _close(due, "waiting", counts, preview)
        await let_wait(row["id"], await put_before(row, load.person, preview))
    elif lines == rejected:
        problem = {"title": m("No line can be loaded.").as_json(), "errors": []}
        await _close(due, "refused", counts, preview, problem)
    else:
        await _write(due, row, loader, load, counts, preview)


async def _write(
    due: Due, row: Record, loader: Loader, load: Load, counts: dict[str, Any], preview: Mapping[str, Any]
) -> None:
    if counts["rejected"]:
        await staging.drop_faulty_lines()
    load.told("loading", 0, None)
    act = f"load {row['kind']}"
    await _still_may(row, load.person)
    posting_id = await open_posting(load.person, act)
    written = await loader.write(load, posting_id)
    # What the check found to be replaced and the database kept from being superseded would count twice.
    db.check_changed(preview.get("replaced_lines", 0), written.get("superseded", 0))
    nothing = not counts["rejected"] and not any(number for name, number in written.items() if name != "unchanged")
    alike = await queries.loaded_alike(row["kind"], row["digest"], row["id"]) if nothing else None
    if alike is not None:
        # The same file, and all that it says holds already: nothing was written but the posting's own row.
        await _close(due, "unchanged", counts, preview, same_as=alike["id"])
        return
    counts |= written
    after = {"file": row["file_name"], "sha256": row["sha256"], "counts": counts}
    await audit(load.person, act, f"load {row['id']}", after=after, posting_id=posting_id)
    if load.completes is not None:
        await record_counted(load.completes.loads, row["id"])
    await _close(due, "loaded", counts, preview, posting_id=posting_id)


async def _still_may(row: Record, person: Person) -> None:
    """What was read and checked for a long time goes in only for who may bring it still, in the same bounds."""
    now = await behind(row)
    then = (person.role, person.bound, person.territory_ids, person.added)
    if (now.role, now.bound, now.territory_ids, now.added) != then:
        raise Forbidden(
            m("Role, duties or territories of who asked were changed while the file was read; nothing was loaded.")
        )


async def _close(
    due: Due,
    state: str,
    counts: Mapping[str, Any] | None = None,
    preview: Mapping[str, Any] | None = None,
    problem: object = None,
    posting_id: int | None = None,
    same_as: int | None = None,
) -> None:
    """The word that counts, while the load is still this worker's."""
    await hold(due)
    await queries.close_load(
        int(due.key),
        state,
        counts=counts,
        preview=preview,
        problem=problem,
        same_as=same_as,
        posting_id=posting_id,
        at=clock.now(),
    )


def problem_messages(problem: Mapping[str, Any] | None) -> list[tuple[str, Message]]:
    """What was wrong with a load as a whole, as (field, message), the title first."""
    if problem is None:
        return []
    errors = [(str(each["field"]), Message.from_json(each["reason"])) for each in problem["errors"]]
    return [("", Message.from_json(problem["title"])), *errors]

"""The files of a load, opened as its mapping reads them."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from contextlib import AsyncExitStack

from asyncpg import Record

from channel.errors import Invalid
from channel.files import Unreadable
from channel.imports.reading import Reading, read_lookup
from channel.imports.rules.completing import known_rejects
from channel.imports.rules.kinds import KindSpec
from channel.imports.rules.mapping import resolve
from channel.imports.rules.profile import Profile
from channel.imports.rules.reasons import LINE_COLUMN
from channel.imports.rules.shapes import header_taken, known_columns
from channel.imports.service.completing import Source
from channel.imports.service.shapes import ToldForm, likely_encodings, sniffed
from channel.imports.service.uploads import on_disk, unreadable


async def readings_of(
    stack: AsyncExitStack, row: Record, spec: KindSpec, profile: Profile, sources: Sequence[Source]
) -> list[Reading]:
    """A reading of each file, the latest first; they last as long as the stack."""
    options = row["options"]
    likely = await likely_encodings(options["dealers"])
    tables = await _tables(stack, profile, options["lookups"], likely)
    readings: list[Reading] = []
    for source in sources:
        reading = await _reading(stack, spec, profile, source, tables, likely)
        reading.passed = (*(each.numbers for each in readings), source.left_out) if len(sources) > 1 else ()
        readings.append(reading)
    return readings


async def _reading(
    stack: AsyncExitStack,
    spec: KindSpec,
    profile: Profile,
    source: Source,
    tables: Mapping[str, Mapping[str, str]],
    likely: Collection[str],
) -> Reading:
    path, options = await stack.enter_async_context(on_disk(source.upload_id)), source.options
    told = ToldForm(options["encoding"], options["delimiter"], options["sheet"], options["header_line"])
    known = known_rejects if source.numbered else known_columns(profile)
    shape = await asyncio.to_thread(sniffed, path, told, known, likely)
    numbered = shape.header.index(LINE_COLUMN) if source.numbered else None
    try:
        columns = resolve(spec, profile, shape.header)
    except Invalid as wrong:
        raise Invalid(wrong.title, (*wrong.errors, header_taken(shape))) from None
    return Reading(
        spec,
        path,
        shape,
        columns,
        tables,
        profile.date_format,
        profile.decimal,
        profile.grouping,
        marks=source.marks,
        numbered=numbered,
    )


async def _tables(
    stack: AsyncExitStack, profile: Profile, lookups: Mapping[str, int], likely: Collection[str]
) -> Mapping[str, Mapping[str, str]]:
    paths = {name: await stack.enter_async_context(on_disk(upload_id)) for name, upload_id in lookups.items()}
    try:
        return {
            name: await asyncio.to_thread(read_lookup, lookup, paths[lookup.file], likely)
            for name, lookup in profile.lookups.items()
        }
    except Unreadable as problem:
        raise unreadable(problem) from None

"""Asking for loads, letting checked ones go in, and telling what came of them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import date
from pathlib import Path
from typing import Any

from asyncpg import Record

from channel import clock
from channel.access.rules import Person
from channel.access.service import person_behind
from channel.acts import LONGEST_TEXT
from channel.database import db
from channel.errors import Conflict, FieldError, Forbidden, Invalid, Message, NotFound, invalid, m
from channel.imports.acts import LoadAgain, LoadChecked
from channel.imports.loader import Load, loaders, require_file
from channel.imports.queries import loads as queries
from channel.imports.queries import uploads as upload_queries
from channel.imports.queries.completing import continued
from channel.imports.rules.kinds import KindSpec
from channel.imports.rules.mapping import check_creatable, propose_mapping
from channel.imports.rules.profile import Profile, load_digest, parse_profile, profile_from_options
from channel.imports.rules.reasons import LINE_COLUMN
from channel.imports.rules.shapes import asks_of, known_fields
from channel.imports.service.completing import Family, family_for, mended_in, refuse_completed
from channel.imports.service.kinds import spec_for, spec_of
from channel.imports.service.mappings import keep_profile, profiles_of
from channel.imports.service.shapes import ToldForm, likely_encodings, shape_of
from channel.imports.service.uploads import upload_of
from channel.periods import Span, parse_period
from channel.web.moments import read_day
from channel.work.service import ask

LOAD_A_FILE = "load a file"
"""The kind of work that carries out a load: its key is the load's id, its lane the kind of file."""


@dataclass(frozen=True, slots=True)
class LoadWish:
    """A load as it is asked for; `parse_wish` checks it. `lookups` are uploads by the file names a profile uses.

    `confirmed` lets a report in that supersedes much; without it such a load waits to be confirmed. Rejected lines of
    an earlier load complete it, unless they are said to be a `new` one.
    `dealers` are codes, or ("all",) for every dealer in the person's scope; none given means the kind's own way.
    """

    kind: str
    upload_id: int
    profile: Mapping[str, Any] | None = None
    profile_name: str = ""
    maps: Sequence[str] = ()
    sets: Sequence[str] = ()
    date_format: str = ""
    decimal: str = ""
    grouping: str = ""
    period: str = ""
    dealers: Sequence[str] = ()
    create_missing: Sequence[str] = ()
    effective_on: str = ""
    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""
    header_line: int = 0
    lookups: Mapping[str, int] = field(default_factory=dict)
    dry_run: bool = False
    partial: bool = False
    confirmed: bool = False
    new: bool = False
    ask: bool = False
    reason: str = ""

    @property
    def told(self) -> ToldForm:
        """What it says of the file's form."""
        return ToldForm(self.encoding, self.delimiter, self.sheet, self.header_line)


async def start_load(person: Person, wish: LoadWish, keep_as: str = "") -> int:
    """Ask for a load, or for its check; it is carried out by the worker. The id of the load.

    What is wrong with the options is refused here; what is wrong with the file is found when it is read. The mapping
    is kept under the name `keep_as` together with the load, or neither is.
    """
    spec = spec_for(person, wish.kind, wish.create_missing)
    main = await upload_of(wish.upload_id)
    wish.told.checked()
    _check_asked(wish)
    family, lines = await completed_by_file(wish)
    before = {} if family is None else dict(family.first["options"])
    likely = await likely_encodings(wish.dealers)
    if family is None:
        profile = await _profile_of(person, spec, wish, likely)
    else:
        profile = _with_decimal(parse_profile(spec, before["profile"]), wish)
        wish = await _agreed(person, spec, wish, before, profile)
        require_file(person, spec, wish.create_missing)
    lacking = check_creatable(spec, profile, wish.create_missing)
    if lacking:
        raise Invalid(m("The missing ones cannot be created."), lacking)
    period = _checked_period(wish.period)
    effective_on = read_day({"effective_on": wish.effective_on}, "effective_on")
    lookups = await _lookups_of(profile, wish, before.get("lookups", {}))
    options = before | {
        "profile": profile.as_json(),
        "period": wish.period if period else "",
        "dealers": sorted(set(wish.dealers)),
        "create_missing": sorted(set(wish.create_missing)),
        "effective_on": "" if effective_on is None else effective_on.isoformat(),
        "encoding": wish.encoding,
        "delimiter": wish.delimiter,
        "sheet": wish.sheet,
        "header_line": wish.header_line,
        "lookups": {name: row["id"] for name, row in lookups.items()},
        "files": [row["id"] for row in lookups.values()],
        "confirmed": wish.confirmed,
        "new": wish.new,
        "ask": wish.ask,
        "reason": wish.reason.strip(),
        "approved": None,
    }
    if family is not None:
        at = await continued(family.first["id"], lines)
        options |= {"completes": family.first["id"], "continues": at}
        # Their files are read with it, and so long none of them is forgotten.
        options["files"] += [each["upload_id"] for each in family.loads]
    digest = await digest_of(person, wish.kind, main["sha256"], options)
    async with db.transaction():
        load_id = await queries.record_load(
            wish.kind,
            main["id"],
            options,
            digest,
            person.login,
            person.owned_by,
            person.door,
            clock.now(),
            (wish.dry_run, wish.partial),
            None if family is None else family.first["id"],
        )
        await ask(LOAD_A_FILE, str(load_id), lane=wish.kind)
        db.note_act(m("Load %(number)s is asked for.", number=str(load_id)))
        if keep_as:
            await keep_profile(person, wish.kind, keep_as, profile.as_json())
    return load_id


def _check_asked(wish: LoadWish) -> None:
    """Whoever asks a second person says why, and asks where there may be something to decide."""
    if wish.ask and loaders()[wish.kind].waits_as is None:
        raise invalid("ask", m("Nothing of this kind of file waits for a second person."))
    if wish.ask and not wish.reason.strip():
        raise invalid("reason", m("A reason is needed where a second person is to decide."))
    if len(wish.reason) > LONGEST_TEXT:
        raise invalid("reason", m("The text is too long."), m("at most %(most)s characters", most=LONGEST_TEXT))


async def completed_by_file(wish: LoadWish) -> tuple[Family | None, frozenset[int]]:
    """What the file of a wish completes and with which lines; None where it is a load of its own."""
    mended = None if wish.new else await mended_in(wish.upload_id, wish.told)
    return (None, frozenset()) if mended is None else (await family_for(wish.kind, mended), mended.lines)


def _with_decimal(profile: Profile, wish: LoadWish) -> Profile:
    """The profile of then; what it left open of its decimals may be said with the mended lines."""
    return replace(profile, decimal=wish.decimal) if wish.decimal and not profile.decimal else profile


async def _agreed(
    person: Person, spec: KindSpec, wish: LoadWish, before: Mapping[str, Any], profile: Profile
) -> LoadWish:
    """The wish as what it completes was asked for; what was said otherwise is refused rather than passed over."""
    period, asked = _checked_period(wish.period), sorted(set(wish.dealers))
    mapped = wish.profile is not None or any((wish.profile_name, wish.maps, wish.sets, wish.date_format, wish.grouping))
    differs = bool(wish.decimal) and wish.decimal != profile.decimal
    otherwise = {
        "period": period is not None and (not before["period"] or period != parse_period(before["period"])),
        "dealers": bool(asked) and asked != before["dealers"],
        "profile": differs or (mapped and await _profile_of(person, spec, wish, ()) != profile),
    }
    wrong = tuple(FieldError(name, _OTHERWISE, _AS_BEFORE) for name, said in otherwise.items() if said)
    if wrong:
        raise Invalid(m("The file completes an earlier load and is loaded as that one was."), wrong)
    return replace(
        wish,
        period=before["period"],
        dealers=before["dealers"],
        create_missing=(*before["create_missing"], *wish.create_missing),
        effective_on=wish.effective_on or before["effective_on"],
    )


_OTHERWISE = m("The load that is completed was asked for otherwise.")
_AS_BEFORE = m("Nothing, or the same as then; with --new the file is a load of its own.")


async def _profile_of(person: Person, spec: KindSpec, wish: LoadWish, likely: Collection[str]) -> Profile:
    document: object = wish.profile
    if wish.profile_name:
        kept = [row for row in await profiles_of(person, spec.kind) if row["name"] == wish.profile_name]
        if not kept:
            raise invalid("profile", m("No mapping is kept under the name %(name)s.", name=wish.profile_name))
        document = kept[0]["document"]
    forms = {"date_format": wish.date_format, "decimal": wish.decimal, "grouping": wish.grouping}
    if document is None and not wish.maps:
        shape = await shape_of(wish.upload_id, wish.told, known_fields(spec), likely)
        fixed = {text.partition("=")[0].strip().replace("-", "_") for text in wish.sets}
        proposed = propose_mapping(spec, shape.header)
        maps = [f"{name}={column}" for name, column in proposed.items() if name not in fixed]
        return profile_from_options(spec, None, maps=maps, sets=wish.sets, **forms)
    return profile_from_options(spec, document, maps=wish.maps, sets=wish.sets, **forms)


async def _lookups_of(profile: Profile, wish: LoadWish, before: Mapping[str, int]) -> dict[str, Record]:
    """The uploads of the files in which the profile looks up, by the names the profile gives them.

    Those that are not given are the ones of the load `before`, while they are kept.
    """
    given = {Path(name).name.casefold(): upload_id for name, upload_id in wish.lookups.items()}
    found, missing = {}, []
    for name in profile.files:
        upload_id = given.get(Path(name).name.casefold())
        kept = await upload_queries.upload(before[name]) if name in before else None
        if upload_id is not None:
            found[name] = await upload_of(upload_id)
        elif kept is not None and kept["forgotten_at"] is None:
            found[name] = kept
        else:
            missing.append(FieldError("lookups", m("The file %(file)s is needed for a look-up.", file=name)))
    if missing:
        raise Invalid(m("Files for look-ups are missing."), tuple(missing))
    return found


def _checked_period(text: str) -> Span | None:
    if not text:
        return None
    try:
        return parse_period(text)
    except ValueError:
        example = m("Days or months, such as 2013-01:2013-03 or 2013-01-05:2013-02-03.")
        raise invalid("period", m("This is no period."), example) from None


async def load_checked(person: Person, load_id: int, act: LoadChecked) -> Record:
    """Let a load go in that was only checked so far, and give it as it stood.

    With rejected lines it goes in only when the others are wanted alone, and one that supersedes much only `confirmed`.
    """
    row = await load_of(load_id)
    spec_for(person, row["kind"], row["options"]["create_missing"])
    if not row["own"]:
        raise Conflict(m("Only %(login)s can load this file, who brought it.", login=row["asked_by"]))
    if row["state"] == "checked" and row["counts"].get("rejected") and not act.partial:
        raise Conflict(m("Some lines cannot be loaded. Mend the file, or load the others alone."))
    asks = asks_of(row["preview"])
    if row["state"] == "checked" and asks and not act.confirmed:
        raise unconfirmed(asks)
    if row["completes"] is None:
        await refuse_completed(load_id)
    db.note_dealers(row["dealer_ids"])
    async with db.transaction():
        if not await queries.queue_checked(load_id, partial=act.partial, confirmed=act.confirmed, door=person.door):
            raise Conflict(m("This load is not waiting for a word any more."))
        await ask(LOAD_A_FILE, str(load_id), lane=row["kind"])
        db.note_act(m("Load %(number)s is asked for.", number=str(load_id)))
    return row


def unconfirmed(asks: Sequence[Message]) -> Conflict:
    """The refusal of a load that nobody confirmed: the first thing that it asks, then the others."""
    others = (FieldError("confirmed", ask) for ask in asks[1:])
    waits = FieldError("confirmed", m("Nothing was loaded: the load waits to be confirmed."), m("true"))
    return Conflict(asks[0], (*others, waits))


async def load_again(person: Person, load_id: int, act: LoadAgain) -> int:
    """Ask once more for a load of one's own, with the mark before its decimals said; the id of the new load."""
    row = await load_of(load_id)
    if not row["own"]:
        raise Conflict(m("Only %(login)s can load this file, who brought it.", login=row["asked_by"]))
    asked = dict(row["options"])
    names = [each.name for each in fields(LoadWish) if each.name in asked and each.name != "lookups"]
    lookups = {Path(name).name: upload_id for name, upload_id in asked["lookups"].items()}
    kept = {name: asked[name] for name in names}
    flags = {"dry_run": row["dry_run"], "partial": row["partial"]}
    return await start_load(
        person, LoadWish(row["kind"], row["upload_id"], lookups=lookups, **kept | flags | {"decimal": act.decimal})
    )


async def load_of(load_id: int) -> Record:
    """One load that the asker may see whole: his own in his reach, or anybody's where he sees every territory."""
    return _seen(await queries.load(load_id))


async def progress_of(load_id: int) -> Record:
    """How far a load is that the asker may see."""
    return _seen(await queries.progress(load_id))


def _seen(row: Record | None) -> Record:
    if row is None or not row["seen"]:
        raise NotFound(m("There is no such load."))
    return row


async def rejects_of(load_id: int, limit: int) -> list[Record]:
    """The first rejected lines of a load that the asker may see."""
    await load_of(load_id)
    return await queries.rejects(load_id, -1, limit)


def labels_of(kind: str) -> dict[str, Message]:
    """What the fields of a kind are called, and the columns that a file of rejected lines has besides."""
    return {field.name: field.label for field in spec_of(kind).fields} | {LINE_COLUMN: m("Line")}


async def header_of(row: Record) -> list[str]:
    """The columns of the loaded file, as its check wrote them down."""
    return list((row["preview"] or row["counts"]).get("header", []))


async def behind(row: Record) -> Person:
    """Who asked for a load, as he is now; refused where he may not load it any more, or is no more."""
    person = await person_behind(row["person_id"], row["by_token_id"], row["by_session_id"])
    if person is None:
        raise Forbidden(
            m("%(login)s can no longer sign in, or the token is ended; nothing was loaded.", login=row["asked_by"])
        )
    spec_for(person, row["kind"], row["options"]["create_missing"])
    return person


async def digest_of(person: Person, kind: str, sha256: str, options: Mapping[str, Any]) -> str:
    """What the load is recognised by when this person brings it: what a file says depends on whom it may speak for."""
    apart = {"profile", "lookups", "files", "confirmed", "continues", "ask", "reason", "approved"}
    told = {name: str(value) for name, value in options.items() if name not in apart and value}
    told |= {"scope": ",".join(map(str, person.territory_ids)) if person.bound else "all"}
    rows = {name: await upload_queries.upload(upload_id) for name, upload_id in options["lookups"].items()}
    lookups = {name: row["sha256"] for name, row in rows.items() if row is not None}
    return load_digest(kind, sha256, parse_profile(spec_of(kind), options["profile"]), lookups, told)


def stored_load(row: Record, person: Person, spec: KindSpec, given: frozenset[str]) -> Load:
    """A load as the worker hands it to its loader, for who asked for it."""
    options = row["options"]
    asked = options["dealers"]
    return Load(
        load_id=row["id"],
        person=person,
        spec=spec,
        file_name=row["file_name"],
        given=given,
        period=parse_period(options["period"]) if options["period"] else None,
        dealers=frozenset(asked) if asked else None,
        create_missing=frozenset(options["create_missing"]),
        effective_on=date.fromisoformat(options["effective_on"]) if options["effective_on"] else None,
        partial=row["partial"],
        confirmed=bool(options.get("confirmed")),
        dry_run=row["dry_run"],
        asks=bool(options.get("ask")),
    )

"""`channel load`: what became of files that were brought, and the mappings that are kept for the next ones."""

import sys
from itertools import islice
from pathlib import Path

import click

from channel.cli.imports import BAD, IN_PART, KINDS, ask, report, watched
from channel.cli.terminal.act_options import Body, body_of
from channel.cli.terminal.arguments import FILE, document
from channel.cli.terminal.client import Api, connected, part
from channel.cli.terminal.lazy_groups import ListedGroup
from channel.cli.terminal.output import Show, formatted, inform
from channel.imports.acts import SayOfLoad, Word
from channel.imports.lists import FIELDS, LOADS, PROFILES

_V1 = "/api/v1/imports"
_KIND = click.option("--kind", type=click.Choice(KINDS), help="Only this kind of file.")


@click.group(cls=ListedGroup)
def load() -> None:
    """Loads of files, their rejected lines, and kept mappings."""


@load.command("list")
@_KIND
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True, help="How many, the latest first.")
@connected
@formatted
def list_loads(api: Api, *, show: Show, kind: str | None, limit: int) -> None:
    """List loads, the latest first."""
    found = api.every(_V1, kind=kind, limit=min(limit, 1000))
    show.listed(LOADS, islice(found, limit))


@load.command("show")
@click.argument("number", type=int, metavar="LOAD")
@connected
@formatted
def show_load(api: Api, *, show: Show, number: int) -> None:
    """Show a load: how far it is, what came of it, what a checked one would do."""
    report(show, api.get(f"{_V1}/{number}"))


@load.command("go-on")
@click.argument("number", type=int, metavar="LOAD")
@click.option("--partial", is_flag=True, help="Load the good lines where others were rejected.")
@click.option("--yes", is_flag=True, help="Do not ask, even where it has to be confirmed.")
@connected
@formatted
def go_on(api: Api, *, show: Show, number: int, partial: bool, yes: bool) -> None:
    """Let a load go in that was only checked."""
    waiting = api.get(f"{_V1}/{number}")
    if waiting["state"] == "checked" and (waiting["preview"] or {}).get("confirm") and not yes:
        ask(waiting)
    api.post(f"{_V1}/{number}/load", {"partial": partial, "confirmed": True})
    done = watched(api, number)
    report(show, done)
    if done["state"] in BAD:
        raise click.exceptions.Exit(1)
    if done["state"] == "loaded" and done["counts"].get("rejected"):
        raise click.exceptions.Exit(IN_PART)


@load.command("word")
@click.argument("number", type=int, metavar="LOAD")
@click.argument("word", type=click.Choice([each.value for each in Word]))
@body_of(SayOfLoad, but=("word",))
@connected
@formatted
def say_of_load(api: Api, *, show: Show, number: int, word: str, body: Body) -> None:
    """Give a word on a LOAD that waits for a second person: approve, refuse or withdraw."""
    api.post(f"{_V1}/{number}/word", {**body, "word": word})
    report(show, watched(api, number))


@load.command("rejects")
@click.argument("number", type=int, metavar="LOAD")
@click.option("--output", "-o", type=click.Path(dir_okay=False, path_type=Path), help="Into this file.")
@connected
def rejects(api: Api, *, number: int, output: Path | None) -> None:
    """Write the rejected lines with their reasons as CSV, to be mended and loaded again."""
    if output is None:
        api.download(f"{_V1}/{number}/rejects.csv", sys.stdout.buffer)
        return
    try:
        file = output.open("wb")
    except OSError as fault:
        raise click.FileError(str(output), fault.strerror or "unknown error") from None
    with file:
        api.download(f"{_V1}/{number}/rejects.csv", file)


@load.command("kinds")
@click.argument("kind", type=click.Choice(KINDS), required=False, metavar="[KIND]")
@connected
@formatted
def list_kinds(api: Api, *, show: Show, kind: str | None) -> None:
    """List the kinds of files that you may load, with their fields."""
    kinds = [each for each in api.get(f"{_V1}/kinds")["items"] if kind in {None, each["kind"]}]
    if show.format == "json":
        show.rows(kinds)
        return
    fields = ({"kind": each["kind"], **field} for each in kinds for field in each["fields"])
    show.listed(FIELDS, fields)


@load.command("profiles")
@_KIND
@connected
@formatted
def list_profiles(api: Api, *, show: Show, kind: str | None) -> None:
    """List the mappings that are kept under names; JSON gives them whole."""
    show.listed(PROFILES, api.every(f"{_V1}/profiles", kind=kind))


@load.command("keep-profile")
@click.argument("kind", type=click.Choice(KINDS), metavar="KIND")
@click.argument("name")
@click.argument("file", type=FILE)
@connected
def keep_profile(api: Api, *, kind: str, name: str, file: Path) -> None:
    """Keep the mapping in FILE, a JSON document, under a name; the same name is replaced."""
    api.put(f"{_V1}/profiles/{kind}/{part(name)}", document(file))
    inform("Kept.")


@load.command("remove-profile")
@click.argument("kind", type=click.Choice(KINDS), metavar="KIND")
@click.argument("name")
@connected
def remove_profile(api: Api, *, kind: str, name: str) -> None:
    """Forget a kept mapping."""
    api.delete(f"{_V1}/profiles/{kind}/{part(name)}")
    inform("Forgotten.")

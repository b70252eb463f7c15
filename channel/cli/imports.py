"""`channel import`: a file of any kind in, with live progress; rejected lines are written beside it."""

import json
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from channel.cli.terminal.arguments import FILE, document
from channel.cli.terminal.client import Api, Failure, connected
from channel.cli.terminal.output import Show, formatted, inform, pass_on
from channel.cli.terminal.progress import bars
from channel.cli.terminal.words import say
from channel.credit import file_kinds as credit
from channel.dealers import file_kinds as dealers
from channel.imports.lists import COVERED, PAYMENTS, REPLACED
from channel.receivables import file_kinds as receivables
from channel.sales import file_kinds as sales
from channel.tasks import file_kinds as tasks

_V1 = "/api/v1/imports"
_FILES = (*dealers.FILES, *tasks.FILES, *sales.FILES, *receivables.FILES, *credit.FILES)
KINDS = [each.kind for each in sorted(_FILES, key=lambda each: each.order)]
_DONE = frozenset({"checked", "waiting", "loaded", "unchanged", "refused", "failed"})
BAD = frozenset({"refused", "failed"})
IN_PART = 3
"""Exit code of a load that went in without its rejected lines: nobody who runs it from a script passes over them."""
_LOOK_SECONDS = 0.5
_TOLD = 10


@click.command("import")
@click.argument("kind", type=click.Choice(KINDS), metavar="KIND")
@click.argument("file", type=FILE)
@click.option("--map", "maps", multiple=True, metavar="FIELD=COLUMN", help="Which column a field is; repeatable.")
@click.option("--set", "sets", multiple=True, metavar="FIELD=VALUE", help="A field's value for every line; repeatable.")
@click.option("--profile", type=FILE, help="A profile: columns, constants, value maps and look-ups as JSON.")
@click.option("--profile-name", metavar="NAME", help="A mapping that is kept under this name.")
@click.option("--with", "others", type=FILE, multiple=True, help="A file for look-ups, where it is not beside FILE.")
@click.option("--date-format", metavar="FORM", help="Form of the dates, such as M/D/YYYY, D-MMM-YY or ROC/M/D.")
@click.option("--decimal", metavar="SIGN", help="The sign before the decimals: . or , ; else as the columns show it.")
@click.option("--grouping", metavar="HOW", help="How digits are grouped: thousands, or indian (12,34,567).")
@click.option("--encoding", metavar="NAME", help="Encoding of a CSV file, such as gb18030; found, if not given.")
@click.option("--delimiter", metavar="SIGN", help="What parts the cells of a CSV file, or tab; found, if not given.")
@click.option("--sheet", metavar="NAME", help="Sheet of a workbook; found, if not given.")
@click.option("--header-line", type=click.IntRange(1), metavar="LINE", help="Line of the header; found, if not given.")
@click.option(
    "--period",
    metavar="FROM:TO",
    help="Days or months that the report covers, such as 2013-01:2013-03; else those that its lines speak for.",
)
@click.option("--dealers", metavar="CODES", help="Dealers that the report covers, separated by commas, or all.")
@click.option("--create-missing", metavar="WHAT", help="Create unknown dealers,products.")
@click.option("--effective-on", metavar="DATE", help="From when dated facts hold; today, if not given.")
@click.option("--dry-run", is_flag=True, help="Only check, and tell what would happen.")
@click.option("--partial", is_flag=True, help="Load the good lines where others are rejected.")
@click.option("--new", is_flag=True, help="Make rejected lines that come back a load of their own.")
@click.option("--ask", is_flag=True, help="Load also lines of closed months: the load waits for a second person.")
@click.option("--reason", metavar="TEXT", help="Why; needed with --ask.")
@click.option("--yes", "confirmed", is_flag=True, help="Do not ask, even where it has to be confirmed.")
@formatted
@connected
def import_file(
    api: Api,
    show: Show,
    kind: str,
    file: Path,
    profile: Path | None,
    others: tuple[Path, ...],
    **options: Any,  # noqa: ANN401 - click's values, each as the API takes it
) -> None:
    """Load FILE: sell-in, sell-through, stock, invoices, receipts, credit-notes, debit-notes, bills, dealers, products, territories, staff, holidays, statements or rates.

    KIND is sell-in, sell-through, stock, invoices, receipts, credit-notes, debit-notes, bills, dealers, products,
    territories, staff, holidays, statements or rates; `channel load kinds KIND` lists its fields and the column names that are
    found by themselves.
    The file goes in whole or not at all, unless --partial. The same file again changes nothing. Rejected lines are
    written beside FILE as FILE.rejects.csv; the exit code is then 1, or 3 where the others were loaded. Mended and
    loaded again they complete the load that rejected them, under its days, dealers and mapping, unless --new makes
    them a load of their own.
    """  # noqa: E501 - its first line is what the list of commands says
    mapping = None if profile is None else document(profile)
    asked: dict[str, Any] = {name: value for name, value in options.items() if value}
    for name in ("dealers", "create_missing"):
        if name in asked:
            asked[name] = [each.strip() for each in asked[name].split(",") if each.strip()]
    asked |= {"kind": kind} | ({"profile": mapping} if mapping is not None else {})
    files = {"file": file} | _lookups(mapping or {}, file, others)
    started = api.upload(_V1, files, {"options": json.dumps(asked)})
    try:
        load = watched(api, started["id"])
    except KeyboardInterrupt:
        inform("The load is not called off; what becomes of it: channel load show %(number)s", number=started["id"])
        raise
    if load["state"] == "checked" and not load["dry_run"]:
        ask(load)
        api.post(f"{_V1}/{load['id']}/load", {"partial": load["partial"], "confirmed": True})
        load = watched(api, load["id"])
    _tell(api, show, load, file)
    if load["state"] in BAD or (load["dry_run"] and load["counts"].get("rejected")):
        raise click.exceptions.Exit(1)
    if load["state"] == "loaded" and load["counts"].get("rejected"):
        raise click.exceptions.Exit(IN_PART)


def ask(load: Mapping[str, Any]) -> None:
    """Have a load confirmed that asks it: whoever sits at the terminal is asked, else it is refused."""
    pass_on(load["preview"]["confirm"])
    for cells in load["preview"].get("read_as", {}).get("top", ()):
        pass_on("  " + " | ".join(cells))
    silent = load["preview"].get("silent") or {"runs": 0, "rows": []}
    for each in silent["rows"][:_TOLD]:
        inform(
            "  %(who)s %(first)s to %(last)s: no line on %(days)s days", **each, who=each["code"] or say("all dealers")
        )
    if silent["runs"] > _TOLD:
        inform("  and %(count)s more runs of days", count=silent["runs"] - _TOLD)
    emptied = [each for each in load["preview"].get("replaces", ()) if each["new_lines"] < each["lines"]]
    for each in emptied[:_TOLD]:
        inform("  %(code)s %(month)s: %(lines)s lines until now, %(new_lines)s new", **each)
    if len(emptied) > _TOLD:
        inform("  and %(count)s more dealer-months", count=len(emptied) - _TOLD)
    if not sys.stdin.isatty():
        raise Failure(
            say("Nothing was loaded: this has to be confirmed, and nobody can be asked here."),
            (say("Look at --period, --dealers and --encoding, or say --yes to load the file so."),),
        )
    if not click.confirm(say("Load it?"), err=True):
        raise Failure(say("Nothing was loaded."))


def _lookups(mapping: Mapping[str, Any], file: Path, others: tuple[Path, ...]) -> dict[str, Path]:
    """The files in which the profile looks up: those given, else those that lie beside the file or the profile."""
    given = {path.name: path for path in others}
    for each in mapping.get("lookups", {}).values():
        name = Path(str(each.get("file", ""))).name if isinstance(each, dict) else ""
        beside = file.parent / name
        if name and name not in given and beside.is_file():
            given[name] = beside
    return {f"lookup.{number}": path for number, path in enumerate(given.values())}


def watched(api: Api, load_id: int) -> dict[str, Any]:
    """The load when it is done; a bar shows how far it is meanwhile."""
    with bars() as shown:
        task = shown.add_task("waiting", total=None)
        while True:
            try:
                load: dict[str, Any] = api.get(f"{_V1}/{load_id}")
            except Failure as failure:
                # The load goes on, or is begun again, when the service or its database is back.
                if failure.after_seconds is None:
                    raise
                time.sleep(failure.after_seconds)
                continue
            if load["state"] in _DONE:
                return load
            shown.update(task, description=load["phase"] or "waiting", completed=load["done"], total=load["total"])
            time.sleep(_LOOK_SECONDS)


def report(show: Show, load: Mapping[str, Any]) -> None:
    """Print what came of a load, or what a checked one would do."""
    preview = load["preview"] or {}
    told = {"load": load["id"], "state": load["state"], **load["counts"]}
    if show.format == "json":
        rest = {"preview": preview, "problem": load["problem"], "same_as": load["same_as"], "share": load["share"]}
        show.document({**told, **rest})
    else:
        show.document(told | _days_and_amount(preview, load["share"]))
        if load["state"] == "checked" and show.format == "table":
            _would_do(show, preview)
    for note in preview.get("notes", ()):
        pass_on(note)
    if load["state"] in {"checked", "waiting"} and preview.get("second"):
        pass_on(preview["second"])
    if load["state"] == "waiting":
        inform("It waits for a second person: channel load word %(number)s approve", number=load["id"])
    if load["state"] == "unchanged":
        inform("This file was loaded before in the same way; nothing has changed.")
    for wrong in [load["problem"]] if load["problem"] else []:
        pass_on(wrong["title"])
        for each in wrong["errors"][:_TOLD]:
            expected = f" ({each['expected']})" if each.get("expected") else ""
            pass_on(f"  {each['field']}: {each['reason']}{expected}")


def _days_and_amount(preview: Mapping[str, Any], share: Mapping[str, Any] | None) -> dict[str, Any]:
    if share is not None:
        days = {"from": share["first"], "to": share["last"]}
        return {"days": days, "company_amount": share["company_amount"]}
    told = {name: preview[name] for name in ("days", "company_amount") if name in preview}
    if told.get("days"):  # the database gives the shorter name first
        told["days"] = {name: told["days"][name] for name in ("from", "to")}
    return told


def _would_do(show: Show, preview: Mapping[str, Any]) -> None:
    months = preview.get("months")
    if months:
        inform("Dealer-months covered whole: %(complete)s, in part: %(in_part)s", **{**months, "rows": None})
        show.listed(COVERED, months["rows"])
    if preview.get("payments"):
        show.listed(PAYMENTS, preview["payments"])
    if preview.get("replaces"):
        show.listed(REPLACED, preview["replaces"])
    if preview.get("confirm"):
        pass_on(preview["confirm"])


def _tell(api: Api, show: Show, load: Mapping[str, Any], file: Path) -> None:
    counts = load["counts"]
    report(show, load)
    if counts.get("rejected"):
        rejects = file.with_name(f"{file.name}.rejects.csv")
        try:
            out = rejects.open("wb")
        except OSError as fault:
            why = {"count": counts["rejected"], "file": rejects, "why": fault.strerror}
            inform("Rejected lines: %(count)s; %(file)s cannot be written (%(why)s).", **why)
            inform("They can be had with: channel load rejects %(number)s --output FILE", number=load["id"])
            return
        with out:
            api.download(f"{_V1}/{load['id']}/rejects.csv", out)
        where = {"count": counts["rejected"], "file": rejects}
        inform("Rejected lines: %(count)s; they stand with their reasons in %(file)s.", **where)

"""What a program can do over the API, a person can do on the command line: every command is run once and watched."""

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import click
import pytest
from litestar import Litestar

from channel.access.rules import Person, Role
from channel.cli import COMMANDS, main
from channel.database import db
from channel.receivables.service.statement_runs import GIVING
from channel.reviews.service.opening import OPENING
from channel.work.service import run_due
from tests.cli.conftest import Service
from tests.make.access import make_person, make_session
from tests.make.deciding import make_review
from tests.make.limits import AS_OF, Desk, make_dealer_selling, make_desk
from tests.make.mail import make_unsent

DAY = AS_OF.isoformat()
PASSWORD = "seven brave words"
NOT_REACHED = {
    ("POST", "/api/v1/receivables/documents/batch"): "`channel import` brings many documents at once from a file",
    ("GET", "/api/v1/receivables/statements/{statement}/sheet"): "`channel receivables statement show` tells the same",
    ("GET", "/api/v1/receivables/ageing/items"): "`channel receivables open-items` lists what a cell is made of",
    ("GET", "/api/v1/audit/export"): "`channel audit --format csv` writes the same lines",
    ("POST", "/api/v1/uploads"): "`channel import` brings its files together with what it wants",
}
OPERATORS = next(commands for title, commands in COMMANDS.items() if title.startswith("The operator"))


def operations(app: Litestar) -> set[tuple[str, str]]:
    """Method and path of everything under /api/v1."""
    return {
        (method, route.path_format)
        for route in app.routes
        if route.path.startswith("/api/v1/")
        for method in getattr(route, "route_handler_map", {})
        if method != "OPTIONS"
    }


def persons_commands() -> Iterator[tuple[str, ...]]:
    """The words of every command that is not the operator's."""

    def below(words: tuple[str, ...], command: click.Command) -> Iterator[tuple[str, ...]]:
        if isinstance(command, click.Group):
            for name in command.list_commands(context):
                inner = command.get_command(context, name)
                assert inner is not None
                yield from below((*words, name), inner)
        else:
            yield words

    context = click.Context(main)
    for name in main.list_commands(context):
        command = main.get_command(context, name)
        assert command is not None
        if name not in OPERATORS:
            yield from below((name,), command)


@dataclass(slots=True)
class Walk:
    """Commands run against the service, and which ones."""

    service: Service
    desk: Desk
    admin: Person
    folder: Path
    commands: set[tuple[str, ...]]
    ran: set[tuple[str, ...]] = field(default_factory=set)

    async def run(self, person: Person | None, *words: str, typed: str = "") -> str:
        self.ran.update(words[:n] for n in (1, 2, 3) if words[:n] in self.commands)
        return (await self.service.done(person, *words, typed=typed)).out

    async def numbers(self, person: Person, *words: str) -> list[int]:
        return [row["id"] for row in json.loads(await self.run(person, *words, "--format", "json"))]


async def people(walk: Walk) -> None:
    run, numbers = walk.run, walk.numbers
    admin, finance = walk.admin, walk.desk.finance
    one = ("--password-stdin", "--name", "Ada", "--role", "finance")
    await run(admin, "user", "add", "ada", *one, typed=f"{PASSWORD}\n")
    await run(admin, "user", "list")
    await run(admin, "user", "show", "ada")
    await run(admin, "user", "change", "ada", "--name", "Ada L.", "--reason", "married")
    await run(admin, "user", "deactivate", "ada", "--reason", "away")
    await run(admin, "user", "activate", "ada", "--reason", "back")
    await run(admin, "user", "sign-out", "ada")
    fresh = (await run(admin, "user", "password", "ada")).strip()
    await run(None, "login", "--login", "ada", "--password-stdin", typed=f"{fresh}\n")
    await run(None, "account", "password", "--password-stdin", typed=f"{fresh}\n{PASSWORD}\n")
    await run(None, "account", "language", "zh")
    await run(None, "account", "mail", "--email", "ada@example.com", "--messages", "at-once")
    ada = await walk.service.found(admin, "user", "show", "ada")
    assert (ada["locale"], ada["email"], ada["messages"]) == ("zh", "ada@example.com", "at-once")
    await run(None, "account", "messages")
    await run(admin, "outbox", "test", "ada@example.com")
    await run(admin, "outbox", "list", "--text", admin.login)
    await run(admin, "outbox", "send-again", str(await make_unsent(admin)), "--reason", "mended")
    await run(None, "whoami")
    await run(None, "logout")
    await run(admin, "token", "add", "order desk", "--machine")
    (token,) = [
        row["id"] for row in await walk.service.found(admin, "token", "list", "--everybody") if row["name"] != "test"
    ]
    await run(admin, "token", "list")
    await run(admin, "token", "revoke", str(token), "--reason", "done")
    await run(admin, "audit", "--limit", "5")
    await make_session(finance)
    await make_session(finance)
    (first, _) = await numbers(finance, "account", "sessions")
    await run(finance, "account", "end-sessions", str(first))
    await run(finance, "account", "end-sessions")


async def staff(walk: Walk) -> None:
    run, admin = walk.run, walk.admin
    await run(admin, "staff", "add", "S 1+", "--name", "Su Min", "--territory", "East", "--first-day", "2013-01-01")
    await run(admin, "staff", "add", "S2", "--name", "Tang Wei", "--manager", "S 1+", "--last-day", "2030-01-31")
    await run(admin, "staff", "change", "S2", "--name", "Tang W.", "--no-last-day", "--reason", "stays")
    (row,) = await walk.service.found(walk.desk.finance, "staff", "list", "--under", "s 1+")
    assert (row["name"], row["last_on"]) == ("Tang W.", None)
    await run(admin, "staff", "duty", "keep", "collector", "--name", "Collector", "--right", "see receivables")
    await run(admin, "staff", "duty", "give", "S2", "collector", "--from", "2013-01-01")
    (held,) = (await walk.service.found(admin, "staff", "show", "S2"))["held"]
    await run(admin, "staff", "duty", "end", "S2", str(held["id"]), "--until-before", "2030-01-01")
    await run(walk.desk.finance, "staff", "duty", "list")
    days = ("--from", "2030-01-02", "--until-before", "2030-01-05")
    await run(admin, "staff", "away", "enter", "S2", *days, "--deputy", "S 1+")
    (gone,) = (await walk.service.found(admin, "staff", "show", "S2"))["away"]
    await run(admin, "staff", "away", "correct", "S2", str(gone["id"]), *days[:3], "2030-01-09", "--deputy", "S 1+")
    (gone,) = (await walk.service.found(admin, "staff", "show", "S2"))["away"]
    await run(admin, "staff", "away", "end", "S2", str(gone["id"]), "--until-before", "2030-01-04")
    await run(walk.desk.finance, "staff", "list")
    await run(walk.desk.finance, "staff", "show", "S 1+")


async def tasks(walk: Walk) -> None:
    run, admin, finance = walk.run, walk.admin, walk.desk.finance
    await run(admin, "staff", "add", "F1", "--name", "Fang", "--login", finance.login, "--first-day", "2013-01-01")
    words = ("--what", "Call him", "--within-days", "3", "--dealer", "D1")
    await run(finance, "task", "add", *words)
    await run(finance, "task", "add", "--what", "Tidy up", "--due", "2013-12-20")
    one, two = map(str, await walk.numbers(finance, "task", "list", "--whose", "mine"))
    await run(finance, "task", "put-off", one, "--until", "2013-12-19", "--reason", "he is away")
    await run(finance, "task", "hand-on", one, "--member", "F1", "--reason", "as it is")
    await run(finance, "task", "hand-on", one, two, "--member", "F1", "--reason", "as it is")
    await run(finance, "task", "done", one, "--note", "he pays")
    assert "he pays" in await run(finance, "task", "show", one, "--format", "json")
    await run(finance, "task", "withdraw", two, "--reason", "a mistake")
    await run(admin, "calendar", "week", "--day", "1", "--day", "2", "--reason", "short weeks")
    await run(admin, "calendar", "escalation", "--escalate-days", "3", "--reason", "as agreed")
    await run(admin, "calendar", "set-day", "--day", "2014-01-01", "--words", "New Year")
    assert "New Year" in await run(finance, "calendar", "days")
    await run(admin, "calendar", "take-back", "--day", "2014-01-01", "--reason", "worked")
    assert '"weekdays": [' in await run(finance, "calendar", "show", "--format", "json")


async def masters(walk: Walk) -> None:
    run = walk.run
    manager, finance = walk.desk.manager, walk.desk.finance
    await run(manager, "territory", "add", "West", "--name", "West", "--level", "region")
    await run(manager, "territory", "rename", "West", "--name", "The West")
    await run(manager, "territory", "add", "Sea", "--name", "Sea", "--level", "city")
    await run(manager, "territory", "move", "Sea", "West")
    await run(manager, "territory", "list")
    await run(manager, "product", "keep-line", "M", "--name", "Mountain", "--wants", "wholesale")
    await run(manager, "product", "lines")
    await run(manager, "product", "keep", "M1", "--name", "Peak", "--line", "M")
    await run(manager, "product", "list")
    await run(finance, "rate", "add", "EUR", "2013-11-29", "1.25")
    await run(finance, "rate", "list")
    await run(finance, "rate", "show", "EUR", "--on", "2013-12-01")


async def dealers(walk: Walk) -> None:
    run, numbers = walk.run, walk.numbers
    manager = walk.desk.manager
    who = ("--name", "Sea Sports", "--type", "terminal", "--territory", "Sea", "--currency", "USD", "--terms", "30")
    await run(manager, "dealer", "add", "D 7+8", *who, "--effective-on", "2013-01-01")
    await run(manager, "dealer", "list")
    await run(manager, "dealer", "list", "--figures")
    await run(manager, "dealer", "change", "D1", "--name", "One", "--trait", "price_level=high")
    only = ("--which", "only", "--dealer", "D1", "--reason", "knows it")
    await run(manager, "dealer", "responsible", "nobody", "--reason", "he left", "--preview")
    await run(manager, "dealer", "responsible", "S 1+", *only, "--yes")
    await run(manager, "dealer", "set", "D1", "terms_days", "45", "--effective-on", "2026-01-01")
    for sheet in ("show", "card", "history", "lines", "exclusivity"):
        await run(manager, "dealer", sheet, "D1")
    await run(manager, "dealer", "lines", "D1", "--set", "M")
    await run(manager, "dealer", "observe", "D1", "employees", "12", "--source", "a visit")
    await run(manager, "dealer", "observed", "D1")
    await run(manager, "dealer", "observed", "D1", "--history")
    await run(manager, "dealer", "exclusivity")
    where = ("--line", "M", "--territory", "West", "--from", "2027-01-01", "--reason", "agreed")
    await run(manager, "dealer", "grant", "D1", *where)
    (grant,) = await numbers(manager, "dealer", "exclusivity", "D1")
    await run(manager, "dealer", "end-grant", "D1", str(grant), "--until-before", "2028-01-01", "--reason", "sold")
    await run(manager, "dealer", "keep-contact", "D1", "--name", "Li", "--phone", "138")
    (contact,) = await numbers(manager, "dealer", "contacts", "D1")
    await run(manager, "dealer", "keep-contact", "D1", "--no", str(contact), "--name", "Li Na")
    await run(manager, "dealer", "remove-contact", "D1", str(contact))
    await run(manager, "dealer", "keep-customer", "D1", "K1", "--name", "Kiosk", "--kind", "direct")
    await run(manager, "dealer", "customers", "D1")
    await run(manager, "dealer", "remove-customer", "D1", "K1")
    await run(manager, "find", "One")
    await run(manager, "desk")


async def files(walk: Walk) -> None:
    run, numbers = walk.run, walk.numbers
    manager = walk.desk.manager
    file, profile = walk.folder / "through.csv", walk.folder / "profile.json"
    file.write_text("who,date,product,quantity,amount\nD1,2013-11-05,P,1,20\nD-9,2013-11-05,P,1,20\n")
    profile.write_text(
        json.dumps({"columns": {"dealer": "who"} | {name: name for name in ("date", "product", "quantity", "amount")}})
    )
    await run(manager, "load", "kinds", "sell-through")
    await run(manager, "load", "keep-profile", "sell-through", "ours", str(profile))
    await run(manager, "load", "profiles")
    wish = ("import", "sell-through", str(file), "--profile-name", "ours", "--period", "2013-11", "--partial")
    checked = await walk.service.run(manager, *wish, "--dry-run")
    assert (checked.code, "Rejected" in checked.out) == (1, True), checked  # refused lines are told by the exit code
    walk.ran.add(("import",))
    number = str(max(await numbers(manager, "load", "list", "--kind", "sell-through")))
    await run(manager, "load", "show", number)
    assert "D-9" in await run(manager, "load", "rejects", number)
    gone_on = await walk.service.run(manager, "load", "go-on", number, "--partial")
    assert gone_on.code == 3, gone_on  # loaded, without the rejected line
    walk.ran.add(("load", "go-on"))
    await run(manager, "load", "remove-profile", "sell-through", "ours")
    for view in ("months", "coverage", "reports", "chase", "totals"):
        await run(manager, "sales", view)
    await run(manager, "sales", "lines", "D1", "--from", "2013-11", "--to", "2013-11")
    await run(manager, "sales", "stock", "D1")


async def limits(walk: Walk) -> None:
    run, numbers = walk.run, walk.numbers
    manager, finance = walk.desk.manager, walk.desk.finance
    await run(finance, "credit", "assess", "--as-of", DAY)
    (row, *_) = await walk.service.found(finance, "credit", "run", "1")
    await run(finance, "credit", "runs")
    await run(finance, "credit", "run", "1")
    await run(finance, "credit", "assessment", str(row["id"]))
    await run(finance, "credit", "assessment", str(row["id"]), "--recompute")
    await run(finance, "credit", "explain", "D1", "--as-of", DAY)
    await run(finance, "credit", "diff", "D1", "2013-11-01", DAY)
    await run(finance, "credit", "what-if", "D1", "--as-of", DAY)
    await run(finance, "credit", "what-if", "D1", "--as-of", DAY, "--set", "rounding_unit=1000")
    for amount in ("1000", "2000", "3000"):
        await run(manager, "credit", "propose", "D1", "--amount", amount, "--from", DAY, "--reason", "wish")
        (proposal,) = await numbers(finance, "credit", "proposals")
        await run(finance, "credit", "proposal", str(proposal))
        act, person = {"1000": ("refuse", finance), "2000": ("withdraw", manager)}.get(amount, ("approve", finance))
        await run(person, "credit", act, str(proposal), "--reason", "so")
    await run(manager, "credit", "assess", "--as-of", DAY, "--propose", "--reason", "December")
    (last, *_) = await numbers(finance, "credit", "runs")
    await run(finance, "credit", "approve-run", str(last), "--yes", "--reason", "looked at")
    season = ("--kind", "temporary", "--amount", "20", "--from", DAY, "--to", "2014-02-01", "--reason", "season")
    await run(manager, "credit", "propose", "D1", *season)
    (proposal,) = await numbers(finance, "credit", "proposals")
    await run(finance, "credit", "approve", str(proposal), "--reason", "as last year")
    await run(manager, "credit", "end-raise", "D1", "--from", "2013-12-15", "--reason", "no season")
    await run(finance, "credit", "in-force")
    await run(finance, "credit", "limits", "D1")
    await run(finance, "credit", "keep-statement", "D1", "2012-12-31", "--set", "net_worth=1")
    await run(finance, "credit", "statements", "D1")
    await run(finance, "credit", "keep-fact", "D1", "stated_need", "5000", "--reason", "asked")
    await run(finance, "credit", "facts", "D1")


async def policies(walk: Walk) -> None:
    policy = walk.folder / "policy.json"
    policy.write_text('{"name": "Careful"}')
    for words in (("credit", "policy"), ("receivables", "rules")):
        await _decided(walk, words, policy)


async def _decided(walk: Walk, words: tuple[str, str], paper: Path, *of: str) -> None:
    """Versions of a document drafted, changed, proposed and decided in every way; `of` is what it belongs to."""
    run = walk.run
    finance, second = walk.desk.finance, walk.desk.second
    await run(finance, *words, "check", *of, str(paper))
    await run(finance, *words, "list", *of)
    await run(finance, *words, "show", *of, "1")
    for version, act in (("2", "approve"), ("3", "refuse"), ("4", "withdraw")):
        await run(finance, *words, "draft", *of, str(paper), "--effective-from", f"20{version}7-01-01")
        anew = ("--effective-from", f"20{version}8-01-01", "--version", version)
        await run(finance, *words, "draft", *of, str(paper), *anew)
        await run(finance, *words, "propose", *of, version, "--reason", "losses")
        await run(finance, *words, "compare", *of, version, "--with", "1")
        person = finance if act == "withdraw" else second
        await run(person, *words, act, *of, version, "--reason", "so")


async def reviewing(walk: Walk) -> None:
    run, finance = walk.run, walk.desk.finance
    plan = walk.folder / "plan.json"
    plan.write_text('{"name": "Careful", "when": {"rhythm": "monthly"}}')
    await _decided(walk, ("review", "plan"), plan, "stale-files")
    await run(finance, "review", "add-plan", "ours", "--reason", "wanted")
    await run(finance, "review", "pause", "stale-files", "--reason", "moving house")
    await run(finance, "review", "resume", "stale-files", "--reason", "settled")
    assert "limit-ends" in await run(finance, "review", "plans")
    assert "each week" in await run(finance, "review", "say", "receivables-weekly")
    await run(finance, "review", "preview", "statements-yearly")
    await run(finance, "review", "open", "statements-yearly", "--reason", "now")
    assert "waiting" in await run(finance, "review", "due")
    await run_due([OPENING])
    assert "already" in (await walk.service.done(finance, "review", "open", "statements-yearly", "--reason", "now")).err
    await run(finance, "review", "runs", "--plan", "statements-yearly")
    told = json.loads(await run(finance, "review", "list", "--dealer", "D1", "--format", "json"))
    assert [row["plan"] for row in told] == ["statements-yearly"]
    assert "Nothing was found" in await run(finance, "review", "show", "D1", str(told[0]["number"]))
    assert "statements-yearly" in await run(finance, "review", "of", "D1")
    await deciding(walk, str(told[0]["number"]))


async def deciding(walk: Walk, number: str) -> None:
    """One review handed on and decided, three that ask for a hold, and all others together."""
    run, finance, east, why = walk.run, walk.desk.finance, walk.desk.east, ("--reason", "so")
    async with db.held(db.EVERYTHING):
        dealer_id = await db.fetchval("SELECT id FROM dealer WHERE code = 'D1'")
    await run(finance, "review", "hand-on", "D1", number, "--member", "F1", *why)
    assert "proposal" in await run(finance, "review", "today", "D1", number, "--format", "json")
    await run(finance, "review", "decide", "D1", number, "--act", "keep", *why)
    assert finance.login in await run(finance, "review", "decision", "D1", number, "--format", "json")
    for plan, person, word in (
        ("limit-ends", east, "withdraw-hold"),
        ("limit-used", finance, "refuse-hold"),
        ("stale-files", finance, "approve-hold"),
    ):
        asked = str(await make_review(dealer_id, "hold", plan=plan))
        await run(east, "review", "decide", "D1", asked, *why)
        await run(person, "review", word, "D1", asked, *why)
    await make_review(dealer_id, "call", plan="receivables-monthly")
    assert "call" in await run(finance, "review", "decide-all", "--plan", "receivables-monthly", *why)
    done = await walk.service.done(finance, "review", "decide-all", "--plan", "receivables-monthly", *why, "--yes")
    assert "1 decided" in done.err


async def ledger(walk: Walk) -> None:
    run, finance = walk.run, walk.desk.finance
    await run(finance, "receivables", "months", "close", "2013-10", "--reason", "reported")
    await run(finance, "receivables", "months", "open", "2013-10", "--reason", "one came late")
    await run(finance, "receivables", "months", "list")
    invoice = ("receivables", "post", "D1", "invoice", "I1", "100", "--on", DAY, "--due", "2013-12-31")
    await run(finance, *invoice, "--preview")
    await run(finance, *invoice)
    (number,) = map(str, await walk.numbers(finance, "receivables", "documents"))
    await run(finance, "receivables", "document", "D1", number)
    await run(finance, "receivables", "open-items", "--disputed")
    contested = ("--document", number, "--amount", "5", "--reason-code", "price", "--owner", finance.login)
    await run(finance, "receivables", "dispute", "open", "D1", *contested, "--due", "2040-01-01")
    (dispute,) = map(str, await walk.numbers(finance, "receivables", "disputes"))
    await run(finance, "receivables", "disputes", "--dealer", "D1", "--state", "open")
    await run(finance, "receivables", "dispute", "show", dispute)
    handing = ("--owner", walk.desk.second.login, "--reason", "he knows the goods")
    await run(finance, "receivables", "dispute", "hand-on", dispute, *handing)
    await run(finance, "receivables", "dispute", "end", dispute, "--outcome", "agreed", "--reason", "he pays")
    await run(finance, "receivables", "open-items")
    await run(finance, "receivables", "ageing")
    await run(finance, "receivables", "ageing", "--by", "territory", "--basis", "document", "--type", "terminal")
    await run(finance, "receivables", "account", "D1", "--as-of", DAY)
    await run(finance, "credit", "journal", "D1")
    await _paid(walk, number)
    await run(finance, "receivables", "reverse", "D1", number, "--reason", "keyed twice")
    await run(finance, "receivables", "figures")
    line = ("--number", "B1", "--currency", "USD", "--amount", "80", "--booked-on", "2013-11-29", "--remark", "paid")
    await run(finance, "receivables", "unknown", "keep", *line)
    (money,) = await walk.numbers(finance, "receivables", "unknown", "list")
    await run(finance, "receivables", "unknown", "payers", str(money))
    await run(finance, "receivables", "unknown", "assign", str(money), "--dealer", "D1", "--reason", "it is his")
    await run(finance, "receivables", "unknown", "take-back", str(money), "--reason", "it is not")
    waits = max(await walk.numbers(finance, "receivables", "unknown", "list"))
    await run(finance, "receivables", "unknown", "return", str(waits), "--reason", "of nobody here")


async def _given() -> None:
    """The worker of the service, which gives what somebody asked for meanwhile."""
    for _ in range(100):
        if await run_due([GIVING]):
            return
        await asyncio.sleep(0.1)


async def _spoken(walk: Walk) -> None:
    """What was said with a dealer, and calls of the list."""
    run, finance = walk.run, walk.desk.finance
    spoken = ("--outcome", "by_us", "--with", "Lin", "--said", "he pays", "--at", "00:01")
    await run(finance, "contact", "log", "D1", *spoken, "--next", "look", "--next-on", "2030-01-02")
    (number,) = map(str, await walk.numbers(finance, "contact", "list"))
    await run(finance, "contact", "correct", number, *spoken, "--reason", "it was another")
    assert "it was another" in await run(finance, "contact", "show", number, "--format", "json")
    assert await walk.numbers(finance, "contact", "list", "--dealer", "D1") == [int(number) + 1]
    assert await walk.numbers(finance, "contact", "of", "D1") == [int(number) + 1]
    await run(finance, "calls", "next")
    await run(finance, "calls", "claim", "D1")
    called = (*spoken, "--promise", "5", "--promised-for", "2030-01-02")
    await run(finance, "calls", "log", "D1", *called)
    await run(finance, "calls", "release", "D1")
    await run(finance, "calls", "list")
    await run(finance, "calls", "list", "--left-out", "--format", "json")


async def _paid(walk: Walk, invoice: str) -> None:
    """An invoice paid by hand and by the rules, partly written off, and told in statements."""
    run, finance, second = walk.run, walk.desk.finance, walk.desk.second
    note = ("receivables", "post", "D1", "credit_note", "C1", "10", "--on", DAY, "--stays-on-account")
    await run(finance, *note)
    told = json.loads(await run(finance, "receivables", "to-allocate", "D1", "--format", "json"))
    money = str(told["money"][0]["document_id"])
    by_hand = ("allocate-by-hand", "D1", "--money", money, "--item", f"{invoice}=10", "--reason", "as agreed")
    await run(finance, "receivables", *by_hand)
    await run(finance, "receivables", "take-back", "D1", "1", "--reason", "not so")
    await run(finance, "receivables", *by_hand)
    await run(finance, "receivables", "allocate", "D1", "--currency", "USD", "--reason", "by the rules", "--yes")
    for person, act in ((second, "approve"), (second, "refuse"), (finance, "withdraw")):
        await run(finance, "receivables", "write-off", "D1", "--item", f"{invoice}=5", "--ask", "--reason", "gone")
        (waits,) = map(str, await walk.numbers(finance, "receivables", "waiting", "list"))
        await run(finance, "receivables", "waiting", "show", waits)
        await run(person, "receivables", "waiting", act, waits, "--reason", "so")
    await run(finance, "receivables", "months", "close", "2013-08", "--reason", "reported")
    late = walk.folder / "late.csv"
    late.write_text("dealer,number,date,currency,amount,due_on\nD1,I-99,2013-08-05,USD,10,2013-12-05\n")
    assert "waiting" in await run(finance, "import", "invoices", str(late), "--ask", "--reason", "it came late")
    number = str(max(await walk.numbers(finance, "load", "list", "--kind", "invoices")))
    await run(second, "load", "word", number, "approve", "--reason", "so")
    assert "loaded" in await run(finance, "load", "show", number)
    late_one = ("receivables", "post", "D1", "receipt", "R-99", "5", "--on", "2013-08-06")
    await run(finance, *late_one, "--ask", "--reason", "the bank was late")
    (waits,) = map(str, await walk.numbers(finance, "receivables", "waiting", "list"))
    await run(second, "receivables", "waiting", "approve", waits, "--reason", "so")
    assert "R-99" in await run(finance, "receivables", "documents", "--kind", "receipt")
    await run(finance, "receivables", "statement", "give", "D1")
    promised = ("D1", "--amount", "70", "--on", "2013-12-20", "--promised-by", "Lin")
    await run(finance, "receivables", "promise", "enter", *promised)
    (number,) = map(str, await walk.numbers(finance, "receivables", "promises"))
    assert "write_off" in await run(finance, "receivables", "incidents", "--dealer", "D1", "--format", "json")
    await run(finance, "receivables", "promise", "list", "D1", "--state", "open")
    await run(finance, "receivables", "promise", "cancel", number, "--reason", "a new plan")
    assert "a new plan" in await run(finance, "receivables", "promise", "show", number, "--format", "json")
    await _spoken(walk)
    await asyncio.gather(run(finance, "receivables", "statement", "give-all"), _given())
    await run(finance, "receivables", "statement", "show", "1")
    await run(finance, "receivables", "statements")


@pytest.mark.usefixtures("december")
async def test_every_operation_is_reached_by_a_command(service: Service, app: Litestar, tmp_path: Path) -> None:
    desk = await make_desk()
    await make_dealer_selling(desk, "D1")
    admin = await make_person(Role.ADMINISTRATOR, login="admin-1")
    walk = Walk(service, desk, admin, tmp_path, set(persons_commands()))
    for part in (people, staff, masters, dealers, files, limits, policies, ledger, tasks, reviewing):
        await part(walk)
    assert walk.commands - walk.ran == set(), "commands that were not tried here"
    missed = operations(app) - service.reached
    assert missed == set(NOT_REACHED), "what a program can do and a person at a terminal cannot"

"""Commands about dealers: who they are, what they come to, their dated facts, lines and exclusivity."""

from datetime import date

import click

from channel.cli import contacts, dealer_responsible, observed
from channel.cli.terminal.act_options import Body, body_of
from channel.cli.terminal.arguments import AS_OF, KNOWN_AT, day, pairs
from channel.cli.terminal.client import Api, connected, part
from channel.cli.terminal.lazy_groups import ListedGroup
from channel.cli.terminal.output import Show, formatted, grouped, inform, pass_on
from channel.cli.terminal.words import say
from channel.dealers.acts import AddDealer, EndExclusivity, FactGiven, GrantExclusivity
from channel.dealers.lists import CARRIED, DEALERS, FACTS, GRANTS
from channel.dealers.rules import Fact
from channel.desk.lists import DEALERS as WITH_FIGURES
from channel.digits import whole_number

_TYPES = click.Choice(("wholesale", "terminal"))
_STATUSES = click.Choice(("prospect", "active", "on hold", "ended"))
_STATUSES_ASKED = click.Choice((*_STATUSES.choices, "at-work", "current"))


def _at(code: str, rest: str = "") -> str:
    return f"/api/v1/dealers/{part(code)}{rest}"


@click.group(cls=ListedGroup, commands=(*contacts.COMMANDS, *observed.COMMANDS, dealer_responsible.responsible))
def dealer() -> None:
    """Dealers: list, look at, add, change from a day on."""


@dealer.command("list")
@click.option("--type", "type_", type=_TYPES)
@click.option("--territory", metavar="CODE", help="This node and all below it.")
@click.option("--line", metavar="CODE", help="Only those that carry this product line.")
@click.option("--grade", help='"none" finds the ungraded.')
@click.option("--status", type=_STATUSES_ASKED, help="at-work: active or on hold; current: all but ended.")
@click.option("--responsible", metavar="CODE", help='A member of staff; "nobody" finds those without one.')
@click.option("--text", help="Looked for in code and name.")
@click.option("--sort", default="name", show_default=True, help="A column; a minus before it turns it round.")
@click.option("--figures", is_flag=True, help="Sell-in of twelve months and limits instead of terms.")
@connected
@formatted
def list_dealers(
    api: Api,
    *,
    show: Show,
    figures: bool,
    type_: str | None,
    territory: str | None,
    line: str | None,
    grade: str | None,
    status: str | None,
    responsible: str | None,
    text: str | None,
    sort: str,
) -> None:
    """List dealers."""
    asked = {"type": type_, "territory": territory, "line": line, "grade": grade, "status": status, "q": text}
    asked["responsible"] = responsible
    path, listed = ("/api/v1/desk/dealers", WITH_FIGURES) if figures else ("/api/v1/dealers", DEALERS)
    found = api.every(path, **asked, sort=sort, limit=1000)
    show.listed(listed, found, said={"currency": say("company currency")})


@dealer.command("show")
@click.argument("code")
@click.option("--as-of", metavar="DATE", help="What held on this day.")
@click.option("--known-at", metavar="TIME", help="As it was known at this moment.")
@connected
@formatted
def show_dealer(api: Api, *, show: Show, code: str, as_of: str | None, known_at: str | None) -> None:
    """Show a dealer: who it is, what marks it, what holds."""
    show.document(api.get(_at(code), as_of=as_of, known_at=known_at))


@dealer.command("card")
@click.argument("code")
@AS_OF
@KNOWN_AT
@connected
@formatted
def show_card(api: Api, *, show: Show, code: str, as_of: date | None, known_at: str | None) -> None:
    """Show a dealer's figures: sales of twelve months, weeks of supply, the limit and what it would be."""
    card = api.get(_at(code, "/card"), as_of=day(as_of), known_at=known_at)
    if show.format != "table":
        show.document(card)
        return
    limit = card.pop("limit")
    if limit is not None:
        computed = limit.pop("computed")
        limit.pop("since")
        limit["would_be"] = computed["withheld"] or grouped(computed["amount"])
    show.document(card | {"limit": limit or say("not yours to see")}, title=f"{card['code']} {card['name']}")
    inform("Why the limit is what it is: channel credit explain %(code)s", code=code)


@dealer.command("change")
@click.argument("code")
@click.option("--name")
@click.option("--trait", "traits", multiple=True, metavar="TRAIT=VALUE", help="One that marks it; empty for not known.")
@connected
def change_dealer(api: Api, *, code: str, name: str | None, traits: tuple[str, ...]) -> None:
    """Change a dealer's name, or traits such as price_level=high; dated facts change with `set`."""
    body: dict[str, object] = {} if name is None else {"name": name}
    if traits:
        body["traits"] = {trait: _trait(value) for trait, value in pairs(traits, "--trait", "TRAIT=VALUE")}
    if not body:
        raise click.UsageError("Say what is to be different: --name or --trait.")
    api.patch(_at(code), body)
    inform("Changed.")


def _trait(value: str) -> str | int | bool | None:
    if value in {"yes", "no"}:
        return value == "yes"
    return value or None if (number := whole_number(value)) is None else number


@dealer.command("add")
@click.argument("code")
@body_of(AddDealer, but=("code", "traits"))
@connected
@formatted
def add_dealer(api: Api, *, show: Show, code: str, body: Body) -> None:
    """Add a dealer, which holds from today on unless another day is given."""
    show.document(api.post("/api/v1/dealers", {"code": code, **body}))


@dealer.command("set")
@click.argument("code")
@click.argument("fact", type=click.Choice([each.value for each in Fact]))
@click.argument("value")
@body_of(FactGiven, but=("value",))
@connected
def set_fact(api: Api, *, code: str, fact: str, value: str, body: Body) -> None:
    """Record a value that holds from a day on (default today); "" says that none does. Nothing is overwritten."""
    done = api.post(_at(code, "/facts"), {"fact": fact, "value": value, **body})
    pass_on(say("Recorded.") if done["changed"] else say("That holds on this day already; nothing was changed."))


@dealer.command("history")
@click.argument("code")
@click.option("--fact", type=click.Choice([each.value for each in Fact]))
@connected
@formatted
def show_history(api: Api, *, show: Show, code: str, fact: str | None) -> None:
    """Show every value ever recorded of a dealer, with who, when and why."""
    show.listed(FACTS, api.every(_at(code, "/facts"), fact=fact))


@dealer.command("lines")
@click.argument("code")
@click.option("--set", "lines", metavar="CODES", help="Exactly these are carried from now on, separated by commas.")
@connected
@formatted
def show_lines(api: Api, *, show: Show, code: str, lines: str | None) -> None:
    """Show the product lines that a dealer carries, or set them."""
    if lines is not None:
        wanted = [line.strip() for line in lines.split(",") if line.strip()]
        api.put(_at(code, "/lines"), {"lines": wanted})
    show.listed(CARRIED, api.every(_at(code, "/lines")))


@dealer.command("exclusivity")
@click.argument("code", required=False)
@click.option("--as-of", metavar="DATE", help="Only what holds on this day.")
@click.option("--known-at", metavar="TIME", help="As it was known at this moment.")
@connected
@formatted
def show_exclusivity(api: Api, *, show: Show, code: str | None, as_of: str | None, known_at: str | None) -> None:
    """Show who has which line where and when: of one dealer, or of all."""
    path = "/api/v1/exclusivity" if code is None else _at(code, "/exclusivity")
    show.listed(GRANTS, api.every(path, as_of=as_of, known_at=known_at))


@dealer.command("grant")
@click.argument("code")
@body_of(GrantExclusivity)
@connected
def grant(api: Api, *, code: str, body: Body) -> None:
    """Grant a dealer exclusivity for a product line in a territory and all below it."""
    api.post(_at(code, "/exclusivity"), body)
    inform("Granted.")


@dealer.command("end-grant")
@click.argument("code")
@click.argument("grant_id", type=int)
@body_of(EndExclusivity)
@connected
def end_grant(api: Api, *, code: str, grant_id: int, body: Body) -> None:
    """Let a grant of exclusivity end before a day."""
    api.post(_at(code, f"/exclusivity/{grant_id}/end"), body)
    inform("It ends.")

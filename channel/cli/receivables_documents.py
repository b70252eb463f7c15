"""Documents of dealers' accounts and what is open of them."""

from datetime import date

import click

from channel.cli.terminal.act_options import Body, body_of
from channel.cli.terminal.arguments import AS_OF, DAY, KNOWN_AT, day, one_of, pairs
from channel.cli.terminal.client import Api, connected, part
from channel.cli.terminal.output import Show, exact_amount, formatted, inform
from channel.cli.terminal.text_tables import ItemColumn
from channel.cli.terminal.words import say
from channel.receivables.acts.documents import PostDocument, ReverseDocument
from channel.receivables.lists.documents import DOCUMENTS, ITEMS
from channel.receivables.rules.choices import GROUPS
from channel.receivables.rules.documents import DocumentKind, PostedKind

_V1 = "/api/v1/receivables"
_MOST = 1000
_SETTLED = (
    ItemColumn("money_number", "Paid with"),
    ItemColumn("document_number", "Settled"),
    ItemColumn("instalment", "Instalment", number=True, less=3),
    ItemColumn("amount", "Amount", number=True),
    ItemColumn("effective_on", "From"),
    ItemColumn("settles", "By", less=1),
    ItemColumn("why", "Because", less=1),
)
_KINDS = click.Choice([*(each.value for each in DocumentKind), *GROUPS])
_BUT = ("instalments", "lines", "dealer", "kind", "number", "amount")


def _at(code: str, document_id: int, rest: str = "") -> str:
    return f"{_V1}/documents/{part(code)}/{document_id}{rest}"


@click.command()
@click.argument("dealer")
@click.argument("kind", type=one_of(PostedKind))
@click.argument("number")
@click.argument("amount")
@body_of(PostDocument, but=_BUT)
@click.option("--instalment", "instalments", multiple=True, metavar="DATE=AMOUNT", help="A part with its own due day.")
@click.option("--line", "lines", multiple=True, metavar="LINE=AMOUNT", help="What belongs to a product line.")
@click.option("--preview", is_flag=True, help="Show what would come of it, and post nothing.")
@formatted
@connected
def post(
    api: Api,
    show: Show,
    dealer: str,
    kind: str,
    number: str,
    amount: str,
    body: Body,
    instalments: tuple[str, ...],
    lines: tuple[str, ...],
    *,
    preview: bool,
) -> None:
    """Post a document of a dealer's: KIND is invoice, debit_note, credit_note, receipt or bill."""
    given = {
        **body,
        "dealer": dealer,
        "kind": kind,
        "number": number,
        "amount": amount,
        "instalments": [
            {"due_on": due_on, "amount": each} for due_on, each in pairs(instalments, "--instalment", "DATE=AMOUNT")
        ],
        "lines": [{"product_line": line, "amount": each} for line, each in pairs(lines, "--line", "LINE=AMOUNT")],
    }
    found = api.post(f"{_V1}/documents/preview" if preview else f"{_V1}/documents", given)
    if show.format == "json":
        show.document(found)
        return
    show.rows(found["settled"], *_SETTLED, empty=say("It settles nothing, and nothing settles it."))
    (posted,) = found["documents"]
    told = {**posted, "open": exact_amount(posted["open"], posted["currency"])}
    if found["closed_months"]:
        inform("It changes figures of closed months: %(months)s.", months=", ".join(found["closed_months"]))
    if found["waits"] is not None:
        inform("It waits for a second person under number %(number)s.", number=found["waits"])
    elif preview:
        inform("It would leave %(open)s %(currency)s open or on account; nothing was posted.", **told)
    else:
        inform("Posted as %(id)s; %(open)s %(currency)s of it are open or on account.", **told)


@click.command("documents")
@click.option("--dealer", metavar="CODE", help="Only those of this dealer.")
@click.option("--kind", type=_KINDS, help="One kind, or owed, paying, came_in.")
@click.option("--currency", metavar="CODE", help="Only those in this currency.")
@click.option("--from", "from_on", type=DAY, help="Of this day or later.")
@click.option("--to", "to_on", type=DAY, help="Of this day or earlier.")
@click.option("--posted-from", metavar="MOMENT", help="Recorded since this moment.")
@click.option("--open", "open_only", is_flag=True, help="Only those of which something is open or on account.")
@click.option("--text", help="Looked for in number, text, dealer and the numbers that it names.")
@click.option("--sort", help="A column; a minus before it turns it round.")
@formatted
@connected
def list_documents(
    api: Api,
    show: Show,
    *,
    dealer: str | None,
    kind: str | None,
    currency: str | None,
    from_on: date | None,
    to_on: date | None,
    posted_from: str | None,
    open_only: bool,
    text: str | None,
    sort: str | None,
) -> None:
    """List documents, the latest day first."""
    asked = {
        "dealer": dealer, "kind": kind, "currency": currency, "from": day(from_on), "to": day(to_on),
        "posted_from": posted_from, "open_only": open_only or None, "q": text, "sort": sort, "limit": _MOST,
    }  # fmt: skip
    show.listed(DOCUMENTS, api.every(f"{_V1}/documents", **asked))


@click.command("document")
@click.argument("dealer")
@click.argument("document_id", type=int, metavar="NO")
@formatted
@connected
def show_document(api: Api, show: Show, dealer: str, document_id: int) -> None:
    """Show a document, by its number in the ledger, with all that happened to it."""
    show.document(api.get(_at(dealer, document_id)))


@click.command()
@click.argument("dealer")
@click.argument("document_id", type=int, metavar="NO")
@body_of(ReverseDocument)
@formatted
@connected
def reverse(api: Api, show: Show, dealer: str, document_id: int, body: Body) -> None:
    """Take a document back whole, with everything that it settles or is settled by."""
    found = api.post(_at(dealer, document_id, "/reverse"), body)
    if show.format == "json":
        show.document(found)
        return
    document = found["document"]
    if found["waits"] is not None:
        inform("It waits for a second person under number %(number)s.", number=found["waits"])
        return
    on = document["reversal"]["effective_on"]
    inform("%(number)s of %(dealer)s is reversed from %(on)s on.", **document, on=on)


@click.command("open-items")
@click.option("--dealer", metavar="CODE", help="Only those of this dealer.")
@click.option("--territory", metavar="CODE", help="This node and all below it.")
@click.option("--type", "type_", type=click.Choice(("wholesale", "terminal")), help="Only those of such dealers.")
@click.option("--responsible", metavar="CODE", help='Only dealers of this member of staff; "nobody": of none.')
@click.option("--currency", metavar="CODE", help="Only those in this currency.")
@click.option("--overdue", "overdue_only", is_flag=True, help="Only what is overdue.")
@click.option("--disputed", "disputed_only", is_flag=True, help="Only what is disputed.")
@click.option("--days-from", type=int, help="Overdue by so many days or more.")
@click.option("--sort", help="A column; a minus before it turns it round.")
@AS_OF
@KNOWN_AT
@formatted
@connected
def open_items(
    api: Api,
    show: Show,
    *,
    dealer: str | None,
    territory: str | None,
    type_: str | None,
    responsible: str | None,
    currency: str | None,
    overdue_only: bool,
    disputed_only: bool,
    days_from: int | None,
    sort: str | None,
    as_of: date | None,
    known_at: str | None,
) -> None:
    """List what is open, those first that fell due first, and their totals by currency."""
    asked = {
        "dealer": dealer, "territory": territory, "type": type_, "currency": currency,
        "overdue_only": overdue_only or None, "disputed_only": disputed_only or None, "days_from": days_from,
        "as_of": day(as_of), "known_at": known_at, "responsible": responsible,
    }  # fmt: skip
    show.listed(ITEMS, api.every(f"{_V1}/open-items", **asked, sort=sort, limit=_MOST))
    for each in api.get(f"{_V1}/open-items/totals", **asked)["items"]:
        inform(
            "%(currency)s: %(items)s items, %(open)s open, of which %(overdue)s overdue and %(disputed)s disputed.",
            currency=each["currency"],
            items=each["items"],
            open=exact_amount(each["open"], each["currency"]),
            overdue=exact_amount(each["overdue"], each["currency"]),
            disputed=exact_amount(each["disputed"], each["currency"]),
        )


COMMANDS = (post, reverse, show_document, list_documents, open_items)

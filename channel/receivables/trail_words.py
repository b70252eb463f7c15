"""The trail's words of the room `receivables`."""

from collections.abc import Mapping
from types import MappingProxyType

from channel.access.rules import Right
from channel.access.trail_words import Form, TrailWords
from channel.errors import Message, m
from channel.receivables.rules.contact_log import KIND_NAMES, OUTCOME_NAMES
from channel.receivables.rules.documents import DocumentKind
from channel.receivables.rules.settings import LEDGER_RULES
from channel.versions.trail_words import trail_of

DOCUMENT_NAMED: Mapping[DocumentKind, Message] = MappingProxyType(
    {
        DocumentKind.INVOICE: m("Invoice %(number)s"),
        DocumentKind.DEBIT_NOTE: m("Debit note %(number)s"),
        DocumentKind.CREDIT_NOTE: m("Credit note %(number)s"),
        DocumentKind.RECEIPT: m("Receipt %(number)s"),
        DocumentKind.BILL: m("Bill %(number)s"),
        DocumentKind.WRITE_OFF: m("Write-off %(number)s"),
    }
)


def named(kind: DocumentKind, number: str) -> Message:
    """A document by its kind and number."""
    return m(DOCUMENT_NAMED[kind].text, number=number)


def _form(kind: DocumentKind) -> Form:
    """A document by its number, which several dealers may have: it lies in the list of those."""
    found = f"/receivables/documents?kind={kind.value}&q="
    return Form(f"{kind.value} ", lambda number: named(kind, number), found, Right.SEE_RECEIVABLES)


_RULES = trail_of(LEDGER_RULES)

TRAIL = TrailWords(
    acts={
        **_RULES.acts,
        "close month": m("Month closed"),
        "give statement": m("Statement of account given"),
        "give statements": m("Statements of account asked for"),
        "open month": m("Month opened again"),
        "keep unknown money": m("Money kept apart"),
        "assign money": m("Money assigned"),
        "return money": m("Money sent back"),
        "record incidents": m("Hold recorded as credit incident"),
        "enter promise": m("Promise to pay entered"),
        "cancel promise": m("Promise to pay cancelled"),
        "judge promise": m("Promise to pay judged"),
        "log contact": m("Contact with the dealer written down"),
        "correct contact": m("Entry of the contact log corrected"),
        "allocate by hand": m("Money allocated by hand"),
        "take back allocation": m("Allocation taken back"),
        "reallocate": m("Account allocated anew"),
        "write off": m("Written off"),
        "open dispute": m("Dispute opened"),
        "hand on dispute": m("Dispute handed on"),
        "end dispute": m("Dispute ended"),
        "post documents": m("Document posted"),
        "reverse document": m("Document reversed"),
        "take back assignment": m("Assignment of money taken back"),
        "ask for write-off": m("Write-off put before a second person"),
        "approve write-off": m("Write-off approved"),
        "refuse write-off": m("Write-off refused"),
        "withdraw write-off": m("Write-off withdrawn"),
        "ask for act in closed months": m("Act in closed months put before a second person"),
        "approve act in closed months": m("Act in closed months approved"),
        "refuse act in closed months": m("Act in closed months refused"),
        "withdraw act in closed months": m("Act in closed months withdrawn"),
        "ask for load in closed months": m("Load in closed months put before a second person"),
        "approve load in closed months": m("Load in closed months approved"),
        "refuse load in closed months": m("Load in closed months refused"),
        "withdraw load in closed months": m("Load in closed months withdrawn"),
    },
    forms=(
        *_RULES.forms,
        *(_form(kind) for kind in DocumentKind),
        Form("money ", lambda number: m("Money %(number)s", number=number)),
        Form("account in ", lambda currency: m("Account in %(currency)s", currency=currency)),
        Form(
            "ledger request ",
            lambda number: m("Waiting act %(number)s", number=number),
            "/receivables/waiting/",
            Right.SEE_RECEIVABLES,
        ),
        Form(
            "dispute ",
            lambda number: m("Dispute %(number)s", number=number),
            "/receivables/disputes/",
            Right.SEE_RECEIVABLES,
        ),
        Form(
            "promise ",
            lambda number: m("Promise %(number)s", number=number),
            "/receivables/promises/",
            Right.SEE_RECEIVABLES,
        ),
        Form(
            "contact entry ",
            lambda number: m("Entry %(number)s of the contact log", number=number),
            "/receivables/contact-log/",
            Right.SEE_RECEIVABLES,
        ),
        Form("month ", lambda month: m("Month %(month)s", month=month)),
        Form("statement of account ", lambda number: m("Statement of account %(number)s", number=number)),
        Form("statement run ", lambda number: m("Run %(number)s of statements of account", number=number)),
    ),
    names={
        "what": m("what"),
        "items": m("items"),
        "taken_back": m("taken back"),
        "made": m("made anew"),
        "unchanged": m("unchanged"),
        "allocations": m("allocations"),
        "due_on": m("due on"),
        "documents": m("documents"),
        "document": m("document"),
        "disputed_for": m("why it is disputed"),
        "owner": m("owner"),
        "outcome": m("how it ended"),
        "credit_note": m("credit note"),
        "credited": m("credited"),
        "promise": m("promise"),
        "promised": m("promised by then"),
        "promised_by": m("who promised"),
        "came": m("came for it"),
        "contact_kind": m("kind of contact"),
        "contact_outcome": m("how it came about"),
        "took_place_on": m("took place on"),
        "with_whom": m("with whom"),
        "next_step": m("next step"),
        "next_on": m("day of the next step"),
    },
    values={
        "contact_kind": KIND_NAMES,
        "contact_outcome": OUTCOME_NAMES,
    },
)

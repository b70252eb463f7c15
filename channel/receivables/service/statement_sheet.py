"""The sheet of a statement of account: English and Chinese beside each other, drawn once, when it is given."""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType

from markupsafe import Markup

from channel.errors import Message, m
from channel.receivables.rules.documents import DocumentKind
from channel.receivables.rules.movements import Settles
from channel.receivables.rules.statements import Event, Statement, StatementLine
from channel.web.language import language
from channel.web.rendering import environment
from channel.web.security import CONTENT_SECURITY_POLICY

_WORDS: Mapping[str, Message] = MappingProxyType(
    {
        "title": m("Statement of account"),
        "number": m("Number"),
        "dealer": m("Dealer"),
        "currency": m("Currency"),
        "period": m("Period"),
        "given": m("Given"),
        "day": m("Day"),
        "what": m("What"),
        "due": m("Due"),
        "tax": m("Tax in it"),
        "charged": m("Charged"),
        "credited": m("Credited"),
        "balance": m("Balance"),
        "opening": m("Opening balance"),
        "closing": m("Closing balance"),
        "open": m("Open items"),
        "on_account": m("On account"),
        "bills": m("Bills not yet matured"),
        "beside": m("They stand beside the balance."),
        "matures": m("matures on"),
        "ageing": m("Open items by days overdue"),
        "not_due": m("not due"),
        "instalment": m("instalment"),
        "with_tax": m("All amounts are with tax."),
        "known": m("As known at"),
        "nothing": m("Nothing moved in this period."),
        "owed_to_dealer": m("in the dealer's favour"),
    }
)
_KINDS: Mapping[DocumentKind, Message] = MappingProxyType(
    {
        DocumentKind.INVOICE: m("Invoice"),
        DocumentKind.DEBIT_NOTE: m("Debit note"),
        DocumentKind.CREDIT_NOTE: m("Credit note"),
        DocumentKind.RECEIPT: m("Receipt"),
        DocumentKind.BILL: m("Bill"),
        DocumentKind.WRITE_OFF: m("Write-off"),
    }
)
_SETTLES: Mapping[tuple[Event, Settles], Message] = MappingProxyType(
    {
        (Event.ALLOCATION, Settles.PAYMENT): m("settles"),
        (Event.ALLOCATION, Settles.DISCOUNT): m("settlement discount on"),
        (Event.ALLOCATION, Settles.DIFFERENCE): m("rest let go of"),
        (Event.TAKEN_BACK, Settles.PAYMENT): m("no longer settles"),
        (Event.TAKEN_BACK, Settles.DISCOUNT): m("settlement discount taken back on"),
        (Event.TAKEN_BACK, Settles.DIFFERENCE): m("rest no longer let go of"),
    }
)
_REVERSED = m("reversed")


def both(message: Message) -> Markup:
    """A text in English and in Chinese."""
    return Markup('{} <span lang="zh-Hans">{}</span>').format(*(language(code).tell(message) for code in ("en", "zh")))


def draw_sheet(statement: Statement) -> str:
    """The sheet as a whole document of HTML with its style, which every face shows as it is."""
    template = environment("en").get_template("receivables/statement_sheet.html")
    told = language("en")

    def money(amount: Decimal) -> str:
        return told.number(amount, statement.digits)

    return template.render(
        s=statement,
        words={name: both(each) for name, each in _WORDS.items()},
        said=_said,
        money=money,
        moment=told.moment(statement.known_at, seconds=True),
    )


@dataclass(frozen=True, slots=True)
class Parts:
    """A sheet taken apart, for a page that shows it among other things: its style, and the element itself."""

    style: str
    body: str

    @property
    def policy(self) -> str:
        """The content security policy of an answer that shows it: the service's own, and this very style."""
        digest = base64.b64encode(hashlib.sha256(self.style.encode()).digest()).decode()
        return CONTENT_SECURITY_POLICY.replace("style-src 'self'", f"style-src 'self' 'sha256-{digest}'")


def parts_of(sheet: str) -> Parts:
    """A kept sheet, whenever it was drawn, taken apart."""
    head, _, rest = sheet.partition("</style>")
    body = rest.partition("<body>")[2].rpartition("</body>")[0]
    return Parts(head.partition("<style>")[2], body)


def _said(line: StatementLine) -> Markup:
    """What a line is about."""
    told = _named(line.kind, line.number)
    if line.matures_on is not None and line.event is Event.DOCUMENT:
        told = Markup("{}, {} {}").format(told, both(_WORDS["matures"]), line.matures_on.isoformat())
    if line.settles is None or line.item is None:
        return told if line.event is Event.DOCUMENT else Markup("{}, {}").format(told, both(_REVERSED))
    item = _named(line.item.kind, line.item.number)
    if line.item.instalment is not None:
        item = Markup("{}, {} {}").format(item, both(_WORDS["instalment"]), line.item.instalment)
    return Markup("{} {} {}").format(told, both(_SETTLES[line.event, line.settles]), item)


def _named(kind: DocumentKind, number: str) -> Markup:
    return Markup("{} <b>{}</b>").format(both(_KINDS[kind]), number)

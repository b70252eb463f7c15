"""The kinds of files of the room `receivables`: a document of a dealer's account on each line.

An invoice or a debit note by instalments stands on several lines of one number, each with its own due day.
"""

from decimal import Decimal

from channel.access.rules import Right
from channel.dealers.file_kinds.fields import CURRENCY, DEALER
from channel.errors import Message, m
from channel.imports.rules.kinds import AMOUNT_LIMIT, ZERO, FileField, KindSpec, Type
from channel.sales.file_kinds import NEW

_NEW_DEALERS = tuple(field for field in NEW if field.creates == "dealers")
_NUMBER_NAMES = ("number", "document number", "document no", "document", "单据号", "单号", "单据编号")
_DATE_NAMES = ("date", "document date", "posting date", "日期", "单据日期", "业务日期")
_AMOUNT_NAMES = ("amount", "amount with tax", "gross amount", "total", "total amount", "金额", "含税金额", "价税合计")


def _number(*names: str) -> FileField:
    about = m("Number of the document; of one kind a dealer has it once.")
    return FileField("number", m("Number"), about, (*names, *_NUMBER_NAMES), required=True, limit=40, plain=True)


def _date(*names: str) -> FileField:
    about = m("The day from which the document holds; not after today.")
    return FileField("date", m("Document's day"), about, (*names, *_DATE_NAMES), Type.DATE, required=True)


def _amount(*names: str) -> FileField:
    return FileField(
        "amount",
        m("Amount with tax"),
        m("With tax, above 0 and with no more decimals than its currency has."),
        (*names, *_AMOUNT_NAMES),
        Type.DECIMAL,
        required=True,
        places=4,
        low=ZERO,
        high=AMOUNT_LIMIT,
        above_low=True,
    )


TAX = FileField(
    "tax",
    m("Tax in it"),
    m("The part of the amount that is tax."),
    ("tax", "tax amount", "vat", "vat amount", "税额", "税金"),
    Type.DECIMAL,
    places=4,
    low=ZERO,
    high=AMOUNT_LIMIT,
)
DUE_ON = FileField(
    "due_on",
    m("Due on"),
    m("Without it by the dealer's payment terms; several lines of one number with their own are instalments."),
    ("due on", "due date", "due day", "due", "payment due", "到期日", "付款到期日", "应付日期", "账期到期日"),
    Type.DATE,
)
DISCOUNT_RATE = FileField(
    "discount_rate",
    m("Settlement discount"),
    m("The fraction off for who pays in time: 0.02 is 2 %."),
    ("discount rate", "cash discount", "settlement discount", "现金折扣", "折扣率"),
    Type.DECIMAL,
    places=8,
    low=ZERO,
    high=Decimal(1),
    above_low=True,
)
DISCOUNT_UNTIL = FileField(
    "discount_until",
    m("Discount until"),
    m("The last day on which money earns the discount."),
    ("discount until", "discount date", "cash discount date", "折扣截止日", "折扣到期日"),
    Type.DATE,
)
STAYS = FileField(
    "stays_on_account",
    m("Stays on account"),
    m("yes where it pays nothing by itself."),
    ("stays on account", "keep on account", "留存账上", "挂账"),
    Type.FLAG,
)
MATURES_ON = FileField(
    "matures_on",
    m("Matures on"),
    m("The last day of the bill."),
    ("matures on", "maturity", "maturity date", "due date", "到期日", "票据到期日", "汇票到期日"),
    Type.DATE,
    required=True,
)
VALUE_ON = FileField(
    "value_on",
    m("Bank's day"),
    m("The day on which the bank had the money, where that is before the document's."),
    ("value date", "value on", "bank date", "起息日", "银行到账日", "入账日期"),
    Type.DATE,
)
PAYER_ACCOUNT = FileField(
    "payer_account",
    m("Payer's account"),
    m("The account from which the money came."),
    ("payer account", "payer's account", "account", "iban", "付款账号", "付款账户", "对方账号"),
    limit=60,
    plain=True,
)
REMARK = FileField(
    "remark",
    m("Text"),
    m("What the document says besides."),
    ("text", "remark", "remarks", "description", "memo", "摘要", "备注", "说明"),
)


def _reference(about: Message, *names: str) -> FileField:
    common = ("reference", "references", "ref", "参考号", "关联单号")
    return FileField("reference", m("Reference"), about, (*names, *common), Type.LIST)


_PAYS = m("Numbers of the documents that it pays, first to last, parted by commas or semicolons.")
_PAID_NAMES = ("pays", "paid invoice", "invoice", "invoice number", "invoice no", "核销单号", "对应发票号", "发票号码")
_ORDER = _reference(m("Numbers that it names, such as that of the order."), "order", "order number", "订单号", "合同号")
_OWED = (TAX, CURRENCY, DUE_ON, DISCOUNT_RATE, DISCOUNT_UNTIL, _ORDER, REMARK, *_NEW_DEALERS)
_RIGHTS = (Right.POST_DOCUMENTS,)

INVOICES = KindSpec(
    "invoices",
    m("Invoices"),
    (
        DEALER,
        _number("invoice number", "invoice no", "invoice", "发票号", "发票号码", "销售单号"),
        _date("invoice date", "billing date", "开票日期", "发票日期"),
        _amount("invoice amount", "发票金额", "开票金额"),
        *_OWED,
    ),
    _RIGHTS,
    m("Invoices loaded"),
    130,
)
RECEIPTS = KindSpec(
    "receipts",
    m("Receipts"),
    (
        DEALER,
        _number("receipt number", "receipt no", "receipt", "payment number", "收款单号", "回单号", "流水号"),
        _date("receipt date", "payment date", "paid on", "收款日期", "到账日期"),
        _amount("receipt amount", "payment amount", "amount paid", "收款金额", "到账金额"),
        CURRENCY,
        VALUE_ON,
        _reference(_PAYS, *_PAID_NAMES),
        PAYER_ACCOUNT,
        REMARK,
        TAX,
        *_NEW_DEALERS,
    ),
    _RIGHTS,
    m("Receipts loaded"),
    140,
)
CREDIT_NOTES = KindSpec(
    "credit-notes",
    m("Credit notes"),
    (
        DEALER,
        _number("credit note number", "credit note no", "credit note", "贷项通知单号", "红字发票号"),
        _date("credit note date", "开票日期"),
        _amount("credit note amount", "credit amount", "贷项金额", "红字金额"),
        TAX,
        CURRENCY,
        _reference(_PAYS, *_PAID_NAMES),
        STAYS,
        REMARK,
        *_NEW_DEALERS,
    ),
    _RIGHTS,
    m("Credit notes loaded"),
    150,
)
DEBIT_NOTES = KindSpec(
    "debit-notes",
    m("Debit notes"),
    (
        DEALER,
        _number("debit note number", "debit note no", "debit note", "借项通知单号"),
        _date("debit note date", "开票日期"),
        _amount("debit note amount", "debit amount", "借项金额"),
        *_OWED,
    ),
    _RIGHTS,
    m("Debit notes loaded"),
    160,
)
BILLS = KindSpec(
    "bills",
    m("Bills"),
    (
        DEALER,
        _number("bill number", "bill no", "cheque number", "draft number", "票据号", "票据号码", "汇票号码", "支票号"),
        _date("bill date", "received on", "收票日期", "出票日期"),
        _amount("bill amount", "face amount", "票面金额", "票据金额"),
        MATURES_ON,
        CURRENCY,
        _reference(_PAYS, *_PAID_NAMES),
        PAYER_ACCOUNT,
        REMARK,
        TAX,
        *_NEW_DEALERS,
    ),
    _RIGHTS,
    m("Bills loaded"),
    170,
)
FILES = (INVOICES, RECEIPTS, CREDIT_NOTES, DEBIT_NOTES, BILLS)

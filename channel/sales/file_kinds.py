"""The kinds of files of the room `sales`: sell-in, sell-through and stock, and of what such a report may create."""

from decimal import Decimal

from channel.access.rules import Right
from channel.dealers.file_kinds.fields import CURRENCY, DEALER, DEALER_TYPES, PRODUCT, TERMS_LIMIT
from channel.errors import Message, m
from channel.imports.rules.kinds import AMOUNT_LIMIT, ZERO, FileField, KindSpec, Type


def _amount(
    name: str, label: Message, about: Message, *names: str, required: bool = False, instead: str = ""
) -> FileField:
    return FileField(name, label, about, names, Type.DECIMAL, required, 4, -AMOUNT_LIMIT, AMOUNT_LIMIT, instead=instead)


DATE = FileField(
    "date",
    m("Date"),
    m("Day of the sale or of the count."),
    (
        "date",
        "order date",
        "invoice date",
        "sale date",
        "sales date",
        "document date",
        "count date",
        "day",
        "日期",
        "销售日期",
        "订单日期",
        "开票日期",
        "单据日期",
        "出库日期",
        "盘点日期",
        "业务日期",
    ),
    Type.DATE,
    required=True,
)
QUANTITY = _amount(
    "quantity",
    m("Quantity"),
    m("Units; negative for a return."),
    "quantity",
    "qty",
    "order quantity",
    "units",
    "pieces",
    "数量",
    "销售数量",
    "销量",
    "件数",
    required=True,
)
AMOUNT = _amount(
    "amount",
    m("Amount"),
    m("Net amount of the line in its currency; negative for a return."),
    "amount",
    "sales amount",
    "net amount",
    "line total",
    "value",
    "金额",
    "销售金额",
    "销售额",
    "含税金额",
    "净额",
    required=True,
    instead="unit_price",
)
UNIT_PRICE = FileField(
    "unit_price",
    m("Unit price"),
    m("Price of one unit: where a line has no amount, it is quantity times unit price."),
    ("unit price", "price", "net price", "单价", "销售单价", "含税单价", "价格"),
    Type.DECIMAL,
    places=12,
    low=-AMOUNT_LIMIT,
    high=AMOUNT_LIMIT,
)
DOCUMENT = FileField(
    "document",
    m("Document"),
    m("Number of the invoice or order."),
    (
        "document",
        "document number",
        "document no",
        "invoice",
        "invoice number",
        "invoice no",
        "sales order number",
        "order number",
        "order no",
        "单据号",
        "单号",
        "订单号",
        "销售单号",
        "发票号",
        "发票号码",
    ),
    limit=60,
    plain=True,
)
LINE = FileField(
    "line",
    m("Line number"),
    m("Number of the line in its document."),
    (
        "line",
        "line number",
        "line no",
        "sales order line number",
        "order line",
        "item number",
        "行号",
        "明细行号",
        "序号",
    ),
    limit=20,
    plain=True,
)
NEW = (
    FileField(
        "dealer_name",
        m("Dealer's name"),
        m("For dealers to be created; without it their code."),
        ("dealer name", "reseller name", "customer name", "经销商名称", "客户名称"),
        creates="dealers",
    ),
    FileField(
        "dealer_type",
        m("Dealer's type"),
        m("For dealers to be created: wholesale or terminal."),
        ("dealer type", "经销商类型", "客户类型"),
        Type.CHOICE,
        choices=DEALER_TYPES,
        creates="dealers",
        needed=True,
    ),
    FileField(
        "dealer_territory",
        m("Dealer's territory"),
        m("For dealers to be created: code of the territory."),
        ("dealer territory", "经销商区域", "客户区域"),
        creates="dealers",
        needed=True,
        plain=True,
        of="territory",
    ),
    FileField(
        "dealer_currency",
        m("Dealer's currency"),
        m("For dealers to be created: their own currency."),
        ("dealer currency", "经销商币种", "结算币种"),
        Type.CURRENCY,
        creates="dealers",
        needed=True,
    ),
    FileField(
        "dealer_terms_days",
        m("Dealer's payment terms"),
        m("For dealers to be created: days until an invoice is due."),
        ("dealer terms", "dealer terms days", "经销商账期"),
        Type.WHOLE,
        low=ZERO,
        high=Decimal(TERMS_LIMIT),
        creates="dealers",
        needed=True,
    ),
    FileField(
        "product_name",
        m("Product's name"),
        m("For products to be created; without it their code."),
        ("product name", "产品名称", "商品名称", "物料名称", "品名"),
        creates="products",
    ),
    FileField(
        "product_line",
        m("Product's line"),
        m("For products to be created: code of the product line."),
        ("product line", "产品线", "产品系列"),
        creates="products",
        needed=True,
        plain=True,
        of="product_line",
    ),
)
STOCKED = (
    FileField(
        QUANTITY.name,
        QUANTITY.label,
        m("Units counted."),
        (
            "quantity",
            "stock",
            "stock quantity",
            "on hand",
            "closing stock",
            "qty",
            "库存",
            "库存数量",
            "期末库存",
            "数量",
        ),
        Type.DECIMAL,
        required=True,
        places=4,
        low=ZERO,
        high=AMOUNT_LIMIT,
    ),
    FileField(
        AMOUNT.name,
        AMOUNT.label,
        m("Value of the stock in its currency."),
        ("amount", "value", "stock value", "金额", "库存金额"),
        Type.DECIMAL,
        places=4,
        low=ZERO,
        high=AMOUNT_LIMIT,
    ),
)
COST = _amount(
    "cost", m("Cost"), m("What the goods of the line cost us."), "cost", "total product cost", "成本", "成本金额"
)
SECOND_TIER = FileField(
    "second_tier",
    m("Second-tier customer"),
    m("Code of the dealer's customer to whom was sold."),
    ("second tier", "sub dealer", "retailer", "outlet", "store", "二级客户", "二级经销商", "分销商", "零售商", "门店"),
    Type.CODE,
)

_RIGHTS = (Right.LOAD_REPORTS,)
SELL_IN = KindSpec(
    "sell-in",
    m("Sell-in"),
    (DEALER, DATE, PRODUCT, QUANTITY, AMOUNT, UNIT_PRICE, CURRENCY, COST, DOCUMENT, LINE, *NEW),
    _RIGHTS,
    m("Sell-in loaded"),
    100,
    is_report=True,
)
SELL_THROUGH = KindSpec(
    "sell-through",
    m("Sell-through"),
    (DEALER, DATE, PRODUCT, QUANTITY, AMOUNT, UNIT_PRICE, CURRENCY, SECOND_TIER, COST, DOCUMENT, LINE, *NEW),
    _RIGHTS,
    m("Sell-through loaded"),
    110,
    is_report=True,
)
STOCK = KindSpec(
    "stock",
    m("Stock"),
    (DEALER, DATE, PRODUCT, *STOCKED, UNIT_PRICE, CURRENCY, *NEW),
    _RIGHTS,
    m("Stock loaded"),
    120,
    is_report=True,
)
FILES = (SELL_IN, SELL_THROUGH, STOCK)

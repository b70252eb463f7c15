"""How files of every room name a dealer, a product and a currency, and what may be said of a new dealer."""

from channel.errors import m
from channel.imports.rules.kinds import FileField, Type

TERMS_LIMIT = 365

DEALER_TYPES = (
    ("wholesale", ("wholesaler", "批发", "坐商", "批发型", "批发商", "批发型经销商")),
    ("terminal", ("retail", "行商", "终端", "终端型", "终端型经销商")),
)

DEALER = FileField(
    "dealer",
    m("Dealer"),
    m("Code of the dealer."),
    (
        "dealer",
        "dealer code",
        "dealer id",
        "dealer no",
        "reseller",
        "reseller code",
        "distributor",
        "distributor code",
        "customer code",
        "customer id",
        "经销商",
        "经销商编码",
        "经销商代码",
        "经销商编号",
        "渠道商编码",
        "客户编码",
        "客户代码",
        "客户编号",
    ),
    Type.CODE,
    required=True,
    of="dealer",
)
PRODUCT = FileField(
    "product",
    m("Product"),
    m("Code of the product."),
    (
        "product",
        "product code",
        "product id",
        "product key",
        "sku",
        "item",
        "item code",
        "material",
        "stock code",
        "产品",
        "产品编码",
        "产品代码",
        "产品编号",
        "商品编码",
        "商品代码",
        "商品编号",
        "物料编码",
        "物料号",
    ),
    Type.CODE,
    required=True,
    of="product",
)
CURRENCY = FileField(
    "currency",
    m("Currency"),
    m("Currency of the amounts, three letters; without it the dealer's own."),
    ("currency", "currency code", "币种", "货币", "币别"),
    Type.CURRENCY,
)

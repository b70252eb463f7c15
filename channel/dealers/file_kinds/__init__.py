"""The kinds of files of the room `dealers`: dealers, products, territories, staff, rates, each with its fields."""

from collections.abc import Mapping
from decimal import Decimal

from channel.access.rules import Right
from channel.dealers.file_kinds.fields import CURRENCY, DEALER, DEALER_TYPES, PRODUCT, TERMS_LIMIT
from channel.dealers.file_kinds.staff import STAFF
from channel.errors import Message, m
from channel.imports.rules.kinds import AMOUNT_LIMIT, ZERO, FileField, KindSpec, Type, Value
from channel.imports.rules.reasons import reason

_RATE_LIMIT = Decimal(999_999_999)
_RATE_PLACES = 12
_STATUSES = (
    ("prospect", ("潜在", "意向")),
    ("active", ("正常", "有效", "合作", "合作中")),
    ("on hold", ("on_hold", "hold", "暂停", "冻结")),
    ("ended", ("closed", "终止", "已终止", "停止合作")),
)
_GRADES: tuple[tuple[str, tuple[str, ...]], ...] = (("AAA", ()), ("AA", ()), ("A", ()), ("B", ()), ("C", ()))
_DEALERS = (
    FileField(
        "code",
        m("Code"),
        m("The dealer's code, once and for all."),
        ("code", *DEALER.names),
        Type.CODE,
        required=True,
        of="dealer",
    ),
    FileField(
        "name",
        m("Name"),
        m("The dealer's name."),
        (
            "name",
            "dealer name",
            "reseller name",
            "company",
            "company name",
            "名称",
            "经销商名称",
            "客户名称",
            "公司名称",
        ),
        required=True,
    ),
    FileField(
        "type",
        m("Type"),
        m("Wholesale or terminal."),
        ("type", "dealer type", "business type", "类型", "经销商类型", "客户类型"),
        Type.CHOICE,
        required=True,
        choices=DEALER_TYPES,
    ),
    FileField(
        "territory",
        m("Territory"),
        m("Code of the territory; a territory that was loaded by its path has the path as its code."),
        ("territory", "territory code", "region", "area", "区域", "区域编码", "销售区域", "大区", "地区"),
        Type.PATH,
        required=True,
        plain=True,
        of="territory",
    ),
    FileField(
        "currency",
        m("Currency"),
        m("The dealer's own currency, three letters."),
        CURRENCY.names,
        Type.CURRENCY,
        required=True,
    ),
    FileField(
        "terms_days",
        m("Payment terms"),
        m("Days until an invoice is due."),
        ("terms days", "terms", "payment terms", "credit days", "账期", "账期天数", "付款天数", "付款条件"),
        Type.WHOLE,
        required=True,
        low=ZERO,
        high=Decimal(TERMS_LIMIT),
    ),
    FileField(
        "parent",
        m("Parent dealer"),
        m("Code of the dealer above this one."),
        ("parent", "parent dealer", "上级经销商", "上级", "总经销商"),
        Type.CODE,
        of="dealer",
    ),
    FileField(
        "responsible",
        m("Responsible"),
        m("Code of the member of staff who looks after the dealer."),
        (
            "responsible",
            "responsible code",
            "account manager",
            "sales rep",
            "salesperson",
            "负责人",
            "负责人工号",
            "客户经理",
            "业务员",
            "业务员工号",
        ),
        Type.CODE,
        of="staff_member",
    ),
    FileField(
        "lines",
        m("Product lines"),
        m("Codes of the product lines carried, separated by semicolons."),
        ("lines", "product lines", "product line", "产品线", "经营产品线"),
        Type.LIST,
        of="product_line",
    ),
    FileField(
        "grade",
        m("Grade"),
        m("AAA, AA, A, B or C."),
        ("grade", "rating", "等级", "信用等级", "客户等级"),
        Type.CHOICE,
        choices=_GRADES,
    ),
    FileField(
        "status",
        m("Status"),
        m("Prospect, active, on hold or ended; without it active."),
        ("status", "状态", "合作状态"),
        Type.CHOICE,
        choices=_STATUSES,
    ),
    FileField(
        "appointed_on",
        m("Appointed on"),
        m("First day of the cooperation."),
        ("appointed on", "appointed", "start date", "签约日期", "合作日期", "开户日期"),
        Type.DATE,
    ),
    FileField(
        "first_year_target",
        m("First-year target"),
        m("Agreed sell-in of the first year in the dealer's currency."),
        ("first year target", "target", "首年目标", "首年销售目标", "年度目标"),
        Type.DECIMAL,
        places=4,
        low=ZERO,
        high=AMOUNT_LIMIT,
    ),
    FileField("contact_name", m("Contact"), m("A person at the dealer."), ("contact", "contact name", "联系人")),
    FileField(
        "contact_phone",
        m("Phone"),
        m("The contact's phone."),
        ("phone", "contact phone", "telephone", "mobile", "电话", "联系电话", "手机", "手机号"),
        Type.PHONE,
        limit=40,
    ),
    FileField(
        "contact_email",
        m("E-mail"),
        m("The contact's e-mail."),
        ("email", "e-mail", "contact email", "邮箱", "电子邮箱"),
        Type.MAIL,
    ),
    FileField(
        "selling_way",
        m("Way of selling"),
        m("Waits for buyers to come, or goes out to customers of its own."),
        ("selling way", "销售方式", "经营方式"),
        Type.CHOICE,
        choices=(("passive", ("坐商", "被动")), ("active", ("行商", "主动"))),
    ),
    FileField(
        "assortment",
        m("Assortment"),
        m("Best-sellers, a broad range, or few goods of the middle and upper range."),
        ("assortment", "经营品类", "商品结构"),
        Type.CHOICE,
        choices=(("best-sellers", ("畅销品",)), ("broad", ("全品类",)), ("few select", ("少量中高档",))),
    ),
    FileField(
        "margin_level",
        m("Margin"),
        m("How much the dealer earns on a sale."),
        ("margin", "margin level", "毛利水平", "利润水平"),
        Type.CHOICE,
        choices=(("thin", ("薄利",)), ("usual", ("一般",)), ("high", ("高",))),
    ),
    FileField(
        "price_level",
        m("Price level"),
        m("How high the dealer's prices are."),
        ("price level", "价格水平", "价位"),
        Type.CHOICE,
        choices=(("low", ("低",)), ("middle", ("中",)), ("high", ("高",))),
    ),
    FileField(
        "price_transparency",
        m("Price transparency"),
        m("How open the dealer's prices are."),
        ("price transparency", "价格透明度"),
        Type.CHOICE,
        choices=(("open", ("公开", "透明")), ("partly", ("部分公开",)), ("closed", ("不公开",))),
    ),
    FileField(
        "brands_carried",
        m("Brands carried"),
        m("How many brands the dealer carries."),
        ("brands carried", "brands", "经营品牌数", "代理品牌数"),
        Type.WHOLE,
        low=ZERO,
        high=Decimal(10_000),
    ),
    FileField(
        "exclusivity_wanted",
        m("Exclusivity wanted"),
        m("Whether the dealer wants to be the only one."),
        ("exclusivity wanted", "exclusive", "要求独家", "独家"),
        Type.FLAG,
    ),
)
_PRODUCTS = (
    FileField(
        "code", m("Code"), m("The product's code."), ("code", *PRODUCT.names), Type.CODE, required=True, of="product"
    ),
    FileField(
        "name",
        m("Name"),
        m("The product's name."),
        ("name", "product name", "english product name", "description", "名称", "产品名称", "商品名称", "品名"),
        required=True,
    ),
    FileField(
        "line",
        m("Product line"),
        m("Code of the product line; a new one is made."),
        ("line", "product line", "line code", "产品线", "产品线编码", "产品系列", "品类"),
        required=True,
        plain=True,
        of="product_line",
    ),
    FileField(
        "line_name",
        m("Product line's name"),
        m("For a new product line; without it its code."),
        ("line name", "product line name", "产品线名称"),
    ),
    FileField(
        "unit", m("Unit"), m("In what it is counted."), ("unit", "unit of measure", "uom", "单位", "计量单位"), limit=20
    ),
    FileField(
        "wanted_type",
        m("Meant for dealer type"),
        m("The type of dealer that should sell the line."),
        ("wanted type", "dealer type", "适用经销商类型", "渠道类型"),
        Type.CHOICE,
        choices=DEALER_TYPES,
    ),
)
_TERRITORIES = (
    FileField(
        "code",
        m("Code"),
        m("The territory's code; not needed with a path."),
        ("code", "territory", "territory code", "区域编码", "区域代码", "编码"),
        plain=True,
    ),
    FileField("name", m("Name"), m("The territory's name."), ("name", "territory name", "名称", "区域名称", "区域")),
    FileField("level", m("Level"), m("What it is: a region, a city."), ("level", "级别", "层级", "区域级别"), limit=40),
    FileField(
        "parent",
        m("Parent territory"),
        m("Code of the territory above; empty at the top."),
        ("parent", "parent code", "上级", "上级区域", "上级编码"),
        plain=True,
    ),
    FileField(
        "path",
        m("Path"),
        m("Names from the widest to the narrowest territory, in place of code, name and parent; the path is the code."),
        ("path", "路径", "区域路径"),
        Type.PATH,
        limit=1000,
    ),
    FileField(
        "path_levels",
        m("Levels of the path"),
        m("What each part of the path is, such as region/state/city."),
        ("path levels", "路径级别"),
        Type.PATH,
    ),
)
_RATES = (
    FileField(
        "currency",
        m("Currency"),
        m("The currency whose rate it is."),
        ("currency", "currency code", "currency alternate key", "币种", "货币"),
        Type.CURRENCY,
        required=True,
    ),
    FileField(
        "date",
        m("Date"),
        m("The day from which it holds."),
        ("date", "rate date", "日期", "汇率日期"),
        Type.DATE,
        required=True,
    ),
    FileField(
        "rate",
        m("Rate"),
        m("Company currency for one unit of the currency."),
        ("rate", "exchange rate", "end of day rate", "汇率"),
        Type.DECIMAL,
        required=True,
        places=_RATE_PLACES,
        low=ZERO,
        high=_RATE_LIMIT,
        above_low=True,
    ),
)


def _wrong_territory(values: Mapping[str, Value]) -> list[tuple[str, Message]]:
    """A territory needs a path, or else code, name and level."""
    wrong = []
    if not values.get("path"):
        wrong = [(name, reason("missing")) for name in ("code", "name", "level") if values.get(name) is None]
    return wrong + _own_parent(values)


def _own_parent(values: Mapping[str, Value]) -> list[tuple[str, Message]]:
    is_own = values.get("code") and values["code"] == values.get("parent")
    return [("parent", reason("own-parent"))] if is_own else []


DEALERS = KindSpec(
    "dealers",
    m("Dealers"),
    _DEALERS,
    # A line adds a dealer, or gives one another name, dated facts, traits, lines and a contact.
    (Right.KEEP_DEALERS, Right.CHANGE_DEALER_FACTS, Right.ENTER_FOR_DEALERS),
    m("Dealers loaded"),
    200,
    key=("code",),
    wrong_together=_own_parent,
    create=m("Create unknown dealers"),
)
PRODUCTS = KindSpec(
    "products",
    m("Products"),
    _PRODUCTS,
    (Right.KEEP_PRODUCTS,),
    m("Products loaded"),
    210,
    key=("code",),
    create=m("Create unknown products"),
)
TERRITORIES = KindSpec(
    "territories",
    m("Territories"),
    _TERRITORIES,
    (Right.KEEP_TERRITORIES,),
    m("Territories loaded"),
    220,
    wrong_together=_wrong_territory,
)
RATES = KindSpec(
    "rates", m("Exchange rates"), _RATES, (Right.KEEP_RATES,), m("Exchange rates loaded"), 400, key=("currency", "date")
)
FILES = (DEALERS, PRODUCTS, TERRITORIES, STAFF, RATES)

"""The fields of financial statements and of exchange rates."""

from decimal import Decimal

from channel.errors import Message, m
from channel.imports.rules.fields_sales import CURRENCY, DEALER
from channel.imports.rules.kinds import AMOUNT_LIMIT, RATE_LIMIT, RATE_PLACES, ZERO, Field, Type


def _figure(
    name: str, label: Message, about: Message, *names: str, required: bool = False, negative: bool = False
) -> Field:
    low = -AMOUNT_LIMIT if negative else ZERO
    return Field(name, label, about, (name.replace("_", " "), *names), Type.DECIMAL, required, 4, low, AMOUNT_LIMIT)


SHEET = m("Balance sheet, at the end of the period.")
INCOME = m("Income statement, over the period.")
STATEMENTS = (
    DEALER,
    Field(
        "period_end",
        m("Period's last day"),
        m("The day of the balance sheet."),
        ("period end", "balance sheet date", "date", "期末", "期末日期", "报表日期", "截止日期"),
        Type.DATE,
        required=True,
    ),
    Field(
        "period_months",
        m("Months of the period"),
        m("How many months the income figures cover."),
        ("period months", "months", "期间月数", "月数"),
        Type.WHOLE,
        required=True,
        low=Decimal(1),
        high=Decimal(24),
    ),
    Field(
        "currency",
        m("Currency"),
        m("Currency of the figures; without it the dealer's own."),
        CURRENCY.names,
        Type.CURRENCY,
    ),
    _figure("current_assets", m("Current assets"), SHEET, "流动资产", "流动资产合计"),
    _figure("inventory", m("Inventory"), SHEET, "inventories", "存货"),
    _figure("current_liabilities", m("Current liabilities"), SHEET, "流动负债", "流动负债合计"),
    _figure("total_assets", m("Total assets"), SHEET, "总资产", "资产总计", "资产合计"),
    _figure("total_debt", m("Total liabilities"), SHEET, "total liabilities", "总负债", "负债合计"),
    _figure("net_worth", m("Net worth"), SHEET, "equity", "净资产", "所有者权益", "所有者权益合计", negative=True),
    _figure("retained_earnings", m("Retained earnings"), SHEET, "留存收益", "未分配利润", negative=True),
    _figure("ebit", m("Earnings before interest and taxes"), INCOME, "operating profit", "息税前利润", negative=True),
    _figure("sales", m("Sales"), INCOME, "revenue", "turnover", "营业收入", "销售收入"),
    _figure("net_profit", m("Net profit"), INCOME, "net income", "profit", "净利润", negative=True),
    _figure(
        "market_equity", m("Market value of equity"), SHEET, "market capitalisation", "market cap", "股权市值", "市值"
    ),
)
RATES = (
    Field(
        "currency",
        m("Currency"),
        m("The currency whose rate it is."),
        ("currency", "currency code", "currency alternate key", "币种", "货币"),
        Type.CURRENCY,
        required=True,
    ),
    Field(
        "date",
        m("Date"),
        m("The day from which it holds."),
        ("date", "rate date", "日期", "汇率日期"),
        Type.DATE,
        required=True,
    ),
    Field(
        "rate",
        m("Rate"),
        m("Company currency for one unit of the currency."),
        ("rate", "exchange rate", "end of day rate", "汇率"),
        Type.DECIMAL,
        required=True,
        places=RATE_PLACES,
        low=ZERO,
        high=RATE_LIMIT,
        above_low=True,
    ),
)

"""The kind of files of the room `credit`: financial statements."""

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType

from channel.access.rules import Right
from channel.dealers.file_kinds.fields import CURRENCY, DEALER
from channel.errors import Message, m
from channel.imports.rules.kinds import AMOUNT_LIMIT, ZERO, FileField, KindSpec, Type

FIGURES: Mapping[str, Message] = MappingProxyType(
    {
        "total_assets": m("Total assets"),
        "current_assets": m("Current assets"),
        "inventory": m("Inventory"),
        "current_liabilities": m("Current liabilities"),
        "total_debt": m("Total liabilities"),
        "net_worth": m("Net worth"),
        "retained_earnings": m("Retained earnings"),
        "ebit": m("Earnings before interest and taxes"),
        "sales": m("Sales"),
        "net_profit": m("Net profit"),
        "market_equity": m("Market value of equity"),
    }
)
"""The figures of a dealer's financial statement."""


def _figure(name: str, about: Message, *names: str, negative: bool = False) -> FileField:
    low, known = -AMOUNT_LIMIT if negative else ZERO, (name.replace("_", " "), *names)
    return FileField(name, FIGURES[name], about, known, Type.DECIMAL, places=4, low=low, high=AMOUNT_LIMIT)


SHEET = m("Balance sheet, at the end of the period.")
INCOME = m("Income statement, over the period.")
_STATEMENTS = (
    DEALER,
    FileField(
        "period_end",
        m("Period's last day"),
        m("The day of the balance sheet."),
        ("period end", "balance sheet date", "date", "期末", "期末日期", "报表日期", "截止日期"),
        Type.DATE,
        required=True,
    ),
    FileField(
        "period_months",
        m("Months of the period"),
        m("How many months the income figures cover."),
        ("period months", "months", "期间月数", "月数"),
        Type.WHOLE,
        required=True,
        low=Decimal(1),
        high=Decimal(24),
    ),
    FileField(
        "currency",
        m("Currency"),
        m("Currency of the figures; without it the dealer's own."),
        CURRENCY.names,
        Type.CURRENCY,
    ),
    _figure("current_assets", SHEET, "流动资产", "流动资产合计"),
    _figure("inventory", SHEET, "inventories", "存货"),
    _figure("current_liabilities", SHEET, "流动负债", "流动负债合计"),
    _figure("total_assets", SHEET, "总资产", "资产总计", "资产合计"),
    _figure("total_debt", SHEET, "total liabilities", "总负债", "负债合计"),
    _figure("net_worth", SHEET, "equity", "净资产", "所有者权益", "所有者权益合计", negative=True),
    _figure("retained_earnings", SHEET, "留存收益", "未分配利润", negative=True),
    _figure("ebit", INCOME, "operating profit", "息税前利润", negative=True),
    _figure("sales", INCOME, "revenue", "turnover", "营业收入", "销售收入"),
    _figure("net_profit", INCOME, "net income", "profit", "净利润", negative=True),
    _figure("market_equity", SHEET, "market capitalisation", "market cap", "股权市值", "市值"),
)

STATEMENTS = KindSpec(
    "statements",
    m("Statements"),
    _STATEMENTS,
    (Right.KEEP_STATEMENTS,),
    m("Financial statements loaded"),
    300,
    key=("dealer", "period_end", "period_months"),
)
FILES = (STATEMENTS,)

"""The list of dealers with figures of other rooms; its page draws its own cells."""

from dataclasses import replace

from channel.dealers.lists import DEALERS as PLAIN
from channel.errors import m
from channel.lists import Column, Kind, List


def _of_dealer(column: Column) -> Column:
    """The column of the dealer's own row; where there is little room it gives way to the figures, but for who it is."""
    spare = 0 if column.name in {"code", "name"} else column.less + 4
    return replace(column, of=lambda listed: column.value(listed.row), less=spare)


DEALERS = List(
    PLAIN.name,
    PLAIN.title,
    (
        *(_of_dealer(each) for each in PLAIN.columns if each.name != "mismatch"),
        Column(
            "sell_in",
            m("Sell-in of 12 months, %(currency)s"),
            Kind.MONEY,
            path="sell_in.total",
            of=lambda each: each.year.total,
        ),
        Column(
            "missing",
            m("Months without a report"),
            Kind.COUNT,
            path="sell_in.missing",
            of=lambda each: each.year.missing,
            sort=False,
            page=False,
            less=2,
        ),
        Column(
            "change_rate",
            m("Change on the year before, percent"),
            Kind.PERCENT,
            path="sell_in.change_rate",
            of=lambda each: each.year.change_rate,
            sort=False,
            page=False,
        ),
        Column("limit", m("Limit in force"), Kind.MONEY, currency="limit_currency", of=lambda each: each.limit.total),
        Column("limit_currency", m("Currency of the limit"), Kind.CODE, sort=False, less=1),
        Column(
            "limit_until",
            m("Limit holds until before"),
            Kind.DAY,
            of=lambda each: None if each.limit.total is None else each.limit.until,
            sort=False,
            page=False,
            less=3,
        ),
        _of_dealer(PLAIN.column("mismatch")),
    ),
    order=PLAIN.order,
    nothing=PLAIN.nothing,
)

"""Lists that are at hand, page by page, against plain sorting."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import cmp_to_key

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from channel.errors import Invalid, m
from channel.given import packed
from channel.lists import Column, Kind, List, Wanted, page_in


class Row(msgspec.Struct, frozen=True):
    id: int
    name: str | None
    amount: Decimal | None
    on: date | None
    late: bool | None


LISTED = List(
    "rows",
    m("Rows"),
    (
        Column("id", m("Number"), Kind.COUNT),
        Column("name", m("Name")),
        Column("amount", m("Amount"), Kind.MONEY),
        Column("on", m("Day"), Kind.DAY),
        Column("late", m("Late"), Kind.FLAG),
        Column("big", m("Size"), Kind.COUNT, by="id", of=lambda row: f"of {row.id}"),
        Column("serial", m("Serial"), Kind.SERIAL, by="id", of=lambda row: str(row.id)),
    ),
    order="name",
)
_rows = st.lists(
    st.builds(
        Row,
        id=st.integers(0, 10**6),
        name=st.none() | st.text("abC张", max_size=2),
        amount=st.none() | st.decimals(-5, 5, places=1),
        on=st.none() | st.dates(date(2020, 1, 1), date(2020, 1, 5)),
        late=st.none() | st.booleans(),
    ),
    max_size=12,
    unique_by=lambda row: row.id,
)


def _slowly(rows: list[Row], by: str, *, turned: bool, key_turned: bool) -> list[Row]:
    by = {"big": "id", "serial": "id"}.get(by, by)

    def compare(a: Row, b: Row) -> int:
        x, y = getattr(a, by), getattr(b, by)
        if isinstance(x, str) and isinstance(y, str):
            x, y = x.casefold(), y.casefold()
        if (x is None) != (y is None):
            return 1 if x is None else -1
        if x != y and x is not None:
            return (1 if x > y else -1) * (-1 if turned else 1)
        return ((a.id > b.id) - (a.id < b.id)) * (-1 if key_turned else 1)

    return sorted(rows, key=cmp_to_key(compare))


@given(_rows, st.sampled_from(LISTED.sorts), st.booleans(), st.sampled_from(["id", "-id"]), st.integers(1, 4))
def test_page_by_page_it_is_the_whole_list_in_order(
    rows: list[Row],
    by: str,
    turned: bool,
    key: str,
    limit: int,
) -> None:
    listed = replace(LISTED, key=key)
    sort, cursor, told = f"-{by}" if turned else by, None, []
    while True:
        page = page_in(rows, listed, Wanted(sort, cursor, limit))
        told += page.items
        assert len(page.items) == limit or page.next is None
        if page.next is None:
            break
        assert page.items, "no page is empty but that of an empty list"
        cursor = page.next
    assert told == _slowly(rows, by, turned=turned, key_turned=key != "id")


@pytest.mark.parametrize(
    "cursor",
    ["x", "%", packed(b"[]"), packed(b'["name","a"]'), packed(b'["-name","a",1]'), packed(b'["name",1,1]'),
     packed(b'["name","a","b"]'), packed(b'["name","a",99999999999999999999]'), packed(b'["name","\\u0000",1]')],
)  # fmt: skip
def test_a_foreign_cursor_is_refused(cursor: str) -> None:
    with pytest.raises(Invalid) as refused:
        page_in([Row(1, "a", None, None, None)], LISTED, Wanted(cursor=cursor))
    assert refused.value.errors[0].field == "cursor"


@pytest.mark.parametrize("amount", ["NaN", "sNaN", "1E+999999", "-1E+31"])
def test_a_cursor_of_no_amount_that_can_be_compared_is_refused(amount: str) -> None:
    with pytest.raises(Invalid):
        page_in(
            [Row(1, "a", Decimal(1), None, None)], LISTED, Wanted("amount", packed(f'["amount","{amount}",1]'.encode()))
        )


def test_an_unknown_order_is_refused_with_the_known_ones() -> None:
    with pytest.raises(Invalid) as refused:
        page_in([], LISTED, Wanted("nothing"))
    assert str(refused.value.errors[0].expected) == "One of: id, name, amount, on, late, big, serial"


def test_a_list_cannot_be_declared_with_an_order_that_it_has_not() -> None:
    with pytest.raises(KeyError):
        List("rows", m("Rows"), LISTED.columns, order="-size")

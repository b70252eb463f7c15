"""Lists as tables of a page: what stands in a cell, told in the reader's language."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from string import Formatter
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

from markupsafe import Markup, escape

from channel.errors import Message, m
from channel.lists import Column, Kind, value_of
from channel.periods import Month
from channel.web.language import Language

Inside = Callable[[Any], str]
"""Draws, of a row, what stands in a cell; it comes escaped."""


def heading(told: Language, column: Column, said: Mapping[str, object]) -> str:
    """The heading of a column; `said` are the values of its places, such as the company's currency."""
    return told.say(column.title.text, **{**dict(column.title.params), **said})


def table_rows(
    told: Language,
    columns: Sequence[Column],
    labels: Sequence[str],
    rows: Iterable[object],
    own: Mapping[str, Inside] = MappingProxyType({}),
    act: Inside | None = None,
) -> Markup:
    """The rows of a table, the first column at their head.

    `own` draws what stands in the cells of a column, by its name, and `act` what can be done with a row, in a cell at
    its end. What is the same in every row is made once.
    """
    cells = [
        _cell(told, column, label, own.get(column.name), lead=not place)
        for place, (column, label) in enumerate(zip(columns, labels, strict=True))
    ]
    if act is not None:
        cells.append(lambda row: f"<td>{act(row)}</td>")
    return Markup("".join([f"<tr>{''.join([draw(row) for draw in cells])}</tr>\n" for row in rows]))  # noqa: S704 - escaped by each cell


def _cell(told: Language, column: Column, label: str, own: Inside | None, *, lead: bool) -> Inside:
    marks = {
        "lead": lead,
        "when": lead and column.kind is Kind.MOMENT,
        "n": column.is_number,
        "wrap": column.wraps,
        # A count says nothing by itself where cells stand in one line.
        "named": column.kind is Kind.COUNT and column.plural is None and not lead,
        "spare": column.less > _KEPT,
    }
    classes = " ".join(name for name, holds in marks.items() if holds)
    begin = (f' class="{classes}"' if classes else "") + ("" if lead else f' data-label="{escape(label)}"')
    inside = own or _inside(told, column)
    return lambda row: f"<td{begin}>{inside(row)}</td>"


_KEPT = 2
"""How dispensable a column may be and still be told on a phone."""


def _inside(told: Language, column: Column) -> Inside:
    """What draws the inside of a column's cells: the value or the words for none, its colour, link and sub-line."""
    text_of, colours = text_writer(told, column), column.colours
    nothing = f'<span class="muted">{escape(told.tell(column.nothing))}</span>' if column.nothing else ""
    address = _address(column.link) if column.link is not None else None

    def draw(row: object) -> str:
        value = value_of(row, column.shown) if column.shown else column.value(row)
        if value is None or value in ("", []):
            text: str = nothing
        else:
            text = escape(text_of(value, row))
            if colours:
                text = f'<span class="chip {colours.get(value, "")}">{text}</span>'
            if address is not None:
                text = f'<a href="{escape(address(row))}">{text}</a>'
        sub = value_of(row, column.sub) if column.sub else None
        return text if sub is None or sub == "" else f'{text}<span class="sub">{escape(sub)}</span>'

    return draw


def _address(link: str) -> Inside:
    """What makes the address of a row: the fields of the row stand in it, each as a part of an address."""
    parts = [(literal, name) for literal, name, _, _ in Formatter().parse(link)]

    def address(row: object) -> str:
        return "".join([f"{text}{quote(str(value_of(row, name)), safe='')}" if name else text for text, name in parts])

    return address


def text_writer(told: Language, column: Column) -> Callable[[Any, Any], str]:  # noqa: C901, PLR0911 - one for each kind
    """What tells a value of a column, and the row that it is in, as the reader reads it."""
    match column.kind:
        case Kind.CHOICE | Kind.FLAG if column.choices:
            names = {value: told.tell(name) for value, name in column.choices.items()}
            return lambda value, _: names.get(value) or str(value)
        case Kind.FLAG:
            words = {value: told.tell(yes_or_no(value)) for value in (True, False)}
            return lambda value, _: words[bool(value)]
        case Kind.COUNT if column.plural is not None:
            one, many = column.plural
            return lambda value, _: told.texts.ngettext(one, many, value) % {"num": told.number(value)}
        case Kind.COUNT | Kind.NUMBER:
            return lambda value, _: told.number(value, column.places)
        case Kind.MONEY:
            return _money_writer(told, column)
        case Kind.PERCENT:
            return lambda value, _: told.percent(value, column.places or 0)
        case Kind.DAY:
            return lambda value, _: told.day(value)
        case Kind.MONTH:
            return lambda value, _: told.value(months_of(value))
        case Kind.MOMENT:
            return lambda value, _: told.moment(value)
        case Kind.SERIAL:
            return lambda value, _: str(value)
        case Kind.TEXT:
            return lambda value, _: told.kept(value) if isinstance(value, str) else told.value(value)
        case _:
            return lambda value, _: told.value(value)


def _money_writer(told: Language, column: Column) -> Callable[[Any, Any], str]:
    of = column.currency
    if column.exact and of:
        return lambda value, row: told.exact(value, value_of(row, of))
    return lambda value, row: told.money(value, value_of(row, of) if of else None, column.places)


def yes_or_no(value: object) -> Message:
    """A flag that has no names of its own."""
    return m("yes") if value else m("no")


def months_of(value: Any) -> Month | list[Month]:  # noqa: ANN401 - as a row or as JSON holds it
    """The month, or the months, that a field holds as such, as their first days, or as texts."""
    if isinstance(value, Month):
        return value
    if isinstance(value, date):
        return Month.of(value)
    if isinstance(value, str):
        return Month.parse(value)
    return [each for every in value for each in [months_of(every)] if isinstance(each, Month)]

"""Lists as tables of a page: what stands in a cell, told in the reader's language."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from urllib.parse import quote

from markupsafe import Markup, escape

from channel.errors import m
from channel.lists import Column, Kind, value_of
from channel.periods import Month
from channel.web.language import Language


def heading(told: Language, column: Column, said: Mapping[str, object]) -> str:
    """The heading of a column; `said` are the values of its places, such as the company's currency."""
    return told.say(column.title.text, **{**dict(column.title.params), **said})


def cell(
    told: Language, column: Column, row: object, label: str, *, lead: bool = False, inner: str | None = None
) -> Markup:
    """A cell of a table; `lead` heads the row. `inner` is what stands in it, where a template drew that itself."""
    classes = " ".join(
        name for name, holds in (("lead", lead), ("n", column.is_number), ("spare", column.less > _KEPT)) if holds
    )
    attributes = Markup(' class="{}"').format(classes) if classes else Markup()
    if not lead:
        attributes += Markup(' data-label="{}"').format(label)
    return Markup("<td{}>{}</td>").format(attributes, _inside(told, column, row) if inner is None else inner)


_KEPT = 2
"""How dispensable a column may be and still be told on a phone."""


def _inside(told: Language, column: Column, row: object) -> Markup:
    value = value_of(row, column.shown) if column.shown else column.value(row)
    if value is None or value == "":
        muted = Markup('<span class="muted">{}</span>')
        nothing = muted.format(told.tell(column.nothing)) if column.nothing else Markup()
        return _with_sub(column, row, nothing)
    text = escape(text_of(told, column, value, row))
    if column.colours:
        text = Markup('<span class="chip {}">{}</span>').format(column.colours.get(value, ""), text)
    if column.link is not None:
        text = Markup('<a href="{}">{}</a>').format(_address(column.link, row), text)
    return _with_sub(column, row, text)


def _with_sub(column: Column, row: object, text: Markup) -> Markup:
    sub = value_of(row, column.sub) if column.sub else None
    return text if sub in (None, "") else Markup('{}<span class="sub">{}</span>').format(text, sub)


def _address(link: str, row: object) -> str:
    return link.format_map(_Quoted(row))


class _Quoted(dict[str, str]):
    """The fields of a row as parts of an address."""

    def __init__(self, row: object) -> None:
        super().__init__()
        self._row = row

    def __missing__(self, name: str) -> str:
        return quote(str(value_of(self._row, name)), safe="")


def text_of(told: Language, column: Column, value: Any, row: object) -> str:  # noqa: ANN401, C901, PLR0911 - by kind
    """A value of a column as the reader reads it."""
    match column.kind:
        case Kind.CHOICE:
            return told.tell(column.choices.get(value, str(value)))
        case Kind.FLAG:
            return told.tell(m("yes") if value else m("no"))
        case Kind.COUNT if column.plural is not None:
            return told.texts.ngettext(*column.plural, value) % {"num": told.number(value)}
        case Kind.COUNT | Kind.NUMBER:
            return told.number(value, column.places)
        case Kind.MONEY:
            return told.money(value, value_of(row, column.currency) if column.currency else None, column.places)
        case Kind.PERCENT:
            return told.percent(value, column.places or 0)
        case Kind.DAY:
            return told.day(value)
        case Kind.MONTH:
            return told.value(months_of(value))
        case Kind.MOMENT:
            return told.moment(value)
        case Kind.TEXT if isinstance(value, str):
            return told.kept(value)
        case _:
            return told.value(value)


def months_of(value: Any) -> Month | list[Month]:  # noqa: ANN401 - as a row or as JSON holds it
    """The month, or the months, that a field holds as such, as their first days, or as texts."""
    if isinstance(value, Month):
        return value
    if isinstance(value, date):
        return Month.of(value)
    if isinstance(value, str):
        return Month.parse(value)
    return [each for every in value for each in [months_of(every)] if isinstance(each, Month)]

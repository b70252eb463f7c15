"""What a whole line means: each field read by its type and bounds, then the fields together."""

import re
from decimal import Decimal

from channel.codes import LINE_ENDS, is_code, lost_its_digits, plain_code
from channel.errors import Message
from channel.imports.rules.cells import bare, normal, unquoted
from channel.imports.rules.contacts import is_phone
from channel.imports.rules.dates import parse_date
from channel.imports.rules.kinds import FileField, Type, Value
from channel.imports.rules.numbers import parse_number
from channel.imports.rules.reasons import reason
from channel.mail import is_mail
from channel.money import round_half_away

CURRENCY_PATTERN = "^[A-Z]{3}$"
LIST_MARKS = ";,，；、|"
_CURRENCY = re.compile(CURRENCY_PATTERN)
_LIST = re.compile(f"[{LIST_MARKS}{LINE_ENDS}]")
_LINE_END = re.compile(rf"\s*[{LINE_ENDS}]\s*")
"""Where a spreadsheet's cell goes on in a new line; what is kept of it stands in one."""
FLAGS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("true", ("yes", "y", "1", "是", "有")),
    ("false", ("no", "n", "0", "否", "无")),
)


def words_of(field: FileField) -> dict[str, str]:
    """For a choice or a flag: every word that is read (in lower case) -> the value that is stored."""
    choices = FLAGS if field.type is Type.FLAG else field.choices
    return {word.casefold(): stored for stored, others in choices for word in (stored, *others)}


def path_of(text: str) -> str:
    """A path in its one form: the names without spaces around them and without empty ones, parted by `/`."""
    return "/".join(part for part in (piece.strip() for piece in text.replace("／", "/").split("/")) if part)


def parse_cell(
    field: FileField, text: str, *, decimal: str = ".", grouping: str = "thousands", form: str | None = None
) -> Value | Message:
    """The value of a cell for a field, None where it is empty and need not be there, or the message why not."""
    cell = bare(text)
    if not cell:
        return reason("missing") if field.required else None
    if field.type is Type.DATE:
        return parse_date(cell, form)
    if field.type in {Type.DECIMAL, Type.WHOLE}:
        number = parse_number(cell, decimal, grouping)
        return number if isinstance(number, Message) else fitted(field, number, cell)
    if field.type in {Type.CHOICE, Type.FLAG}:
        return _choice(field, cell)
    return _text(field, cell)


def fitted(field: FileField, number: Decimal, cell: str) -> Value | Message:
    """A number within the bounds of its field, rounded to the field's places, or the message why not."""
    if field.type is Type.WHOLE and number != number.to_integral_value():
        return reason("not-a-whole-number", value=normal(cell))
    # Bounds come first: rounding a number of a hundred digits is no work to do for a stranger's file.
    low, high = field.low, field.high
    below = low is not None and (number <= low if field.above_low else number < low)
    if below or (high is not None and number > high):
        return reason("out-of-range", value=normal(cell), expected=bounds_of(field))
    rounded = round_half_away(number, field.places)
    if field.above_low and rounded == low:
        return reason("out-of-range", value=normal(cell), expected=bounds_of(field))
    return int(rounded) if field.type is Type.WHOLE else rounded


def bounds_of(field: FileField) -> str:
    """The bounds of a number as they are told: `0 … 365`, `> 0 … 999999999`."""
    low = "" if field.low is None else f"{'> ' if field.above_low else ''}{field.low}"
    return f"{low} … {'' if field.high is None else field.high}".strip()


def _choice(field: FileField, cell: str) -> Value | Message:
    stored = words_of(field).get(cell.casefold())
    if stored is None:
        known = ", ".join(stored for stored, _ in (FLAGS if field.type is Type.FLAG else field.choices))
        return reason("not-a-choice", value=cell[:60], expected=known)
    return stored == "true" if field.type is Type.FLAG else stored


def _text(field: FileField, cell: str) -> Value | Message:
    if field.type in {Type.TEXT, Type.PATH}:
        cell = _LINE_END.sub(" ", cell)
    if len(cell) > field.limit:
        return reason("too-long", limit=field.limit)
    if field.type is Type.CODE or field.plain:
        return _code(field, cell)
    if field.type is Type.CURRENCY:
        code = normal(cell).upper()
        return code if _CURRENCY.fullmatch(code) else reason("bad-currency", value=cell[:60])
    if field.type in {Type.PHONE, Type.MAIL}:
        return _contact(field, normal(cell))
    if field.type is Type.LIST:
        return tuple(dict.fromkeys(plain for part in _LIST.split(cell) if (plain := plain_code(part))))
    return path_of(cell) if field.type is Type.PATH else cell


def _contact(field: FileField, cell: str) -> Value | Message:
    if field.type is Type.PHONE:
        return cell if is_phone(cell) else reason("bad-phone", value=cell[:60])
    return cell if is_mail(cell) else reason("bad-mail", value=cell[:60])


def _code(field: FileField, cell: str) -> str | Message:
    code = plain_code(unquoted(cell))
    if lost_its_digits(code):
        return reason("code-lost-digits", value=code)
    if field.type is Type.PATH:
        return path_of(code)
    return code if field.type is not Type.CODE or is_code(code) else reason("bad-code", value=cell[:60])


def territory_nodes(path: str, levels: str = "") -> tuple[tuple[str, str, str, str | None], ...]:
    """The territories of a path from the widest to the narrowest, each (code, name, level, parent's code).

    A code is the path down to the node. `levels` names what the parts are, `region/city`; a part without a name
    is called by its depth, `1` at the top.
    """
    parts, named = path_of(path).split("/"), path_of(levels).split("/") if levels else []
    nodes = []
    for depth, name in enumerate(parts):
        code = plain_code("/".join(parts[: depth + 1]))
        level = named[depth] if depth < len(named) else str(depth + 1)
        nodes.append((code, name, level, plain_code("/".join(parts[:depth])) or None))
    return tuple(nodes)

"""What a cell is before anybody asks what it means: what programs write around a text is taken away."""

import re

from channel.codes import seen

_PLAIN = str.maketrans(
    "０１２３４５６７８９，．＋（）／：％￥＄\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u202f\u205f\u3000\u2010\u2011\u2012\u2013\u2212－’‘ʼ＇′",
    "0123456789,.+()/:%¥$" + " " * 15 + "-" * 6 + "'" * 5,
)
"""Full-width and typeset characters, and those they are read as: spaces, hyphens and apostrophes are each one."""
_FORMULA = re.compile(r'="(.*)"', re.DOTALL)
VALUE_LENGTH = 40
"""Characters of a cell that are told in a reason, and those of the longest number that is read at all."""


def bare(text: str) -> str:
    """A cell without spaces and unseen characters around it, and without the `="…"` that keeps a text a text."""
    cell = seen(text)
    if cell.startswith("=") and (found := _FORMULA.fullmatch(cell)):
        return found[1].replace('""', '"').strip()
    return cell


def unquoted(text: str) -> str:
    """A bare cell, without the apostrophe by which a spreadsheet is told that a text follows."""
    cell = bare(text)
    return cell[1:].lstrip() if cell.startswith("'") else cell


def normal(text: str) -> str:
    """A cell for figures and days: unquoted, with plain digits, signs, spaces, hyphens and apostrophes."""
    cell = unquoted(text)
    return cell if cell.isascii() else cell.translate(_PLAIN).strip()

"""The row at the end of a file that adds up those above it: how it is known by its words."""

import re
from collections.abc import Sequence

_TOTAL = re.compile(r"\W*(?:(?:grand|sub)[\s-]*)?(?:totals?|sum)\b|\W*(?:合|总|總|小|共)\s*(?:计|計)", re.IGNORECASE)


def says_total(cells: Sequence[str]) -> bool:
    """Whether any cell begins with a word for a total, such as 合计 or Grand total."""
    return any(_TOTAL.match(cell) for cell in cells)

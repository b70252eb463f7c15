"""The one reader of whole numbers that come from outside."""

LARGEST_ID = 2**63 - 1
"""The greatest number of anything; the database keeps none beyond it."""

_MOST_DIGITS = len(str(LARGEST_ID))


def whole_number(text: str, most: int = LARGEST_ID) -> int | None:
    """The number from 0 to `most` that a text writes in the digits 0 to 9; None where it writes no such number.

    >>> whole_number("007"), whole_number("²"), whole_number("-1"), whole_number("1 "), whole_number("9" * 5000)
    (7, None, None, None, None)
    """
    if not (text.isascii() and text.isdecimal()):
        return None
    plain = text.lstrip("0") or "0"
    if len(plain) > _MOST_DIGITS:
        return None
    number = int(plain)
    return number if number <= most else None

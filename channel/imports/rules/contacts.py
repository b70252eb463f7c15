"""What can be a phone number: slips of the pen are told, reachability is not promised."""

import re

_PHONE = re.compile(r"(?:[+(]|\d)[\d ()+./-]*(?:(?:ext\.?|x|#|转|分机) ?\d{1,6})?", re.ASCII | re.IGNORECASE)
_DIGITS = range(3, 21)
"""From a short number to the longest international one with an extension."""

_LONGEST_PHONE = 60
"""Characters of a phone number with all that parts its digits."""


def is_phone(text: str) -> bool:
    """Whether somebody could dial it: digits with spaces, points, strokes and brackets, an extension at the end."""
    if len(text) > _LONGEST_PHONE:
        return False
    return _PHONE.fullmatch(text) is not None and sum(each.isdigit() for each in text) in _DIGITS

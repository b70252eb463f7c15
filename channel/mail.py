"""What can be a mail address: slips of the pen are told, reachability is not promised."""

import re

_MAIL = re.compile(r"[^\s@<>()\[\],;:\"\\]+@(?:[^\W_](?:[\w-]*[^\W_])?\.)+[^\W\d_](?:[\w-]*[^\W_])")
_LONGEST_MAIL = 254
"""Characters that a mail server takes (RFC 5321, 4.5.3.1.3)."""


def is_mail(text: str) -> bool:
    r"""Whether it has the form of one mail address, `name@domain.top`; letters of any language are taken.

    Nothing in it can end a line of a message's head.
    >>> is_mail("li.wei@example.com"), is_mail("li.wei@example"), is_mail("a@example.com\nBcc: b@example.com")
    (True, False, False)
    """
    return len(text) <= _LONGEST_MAIL and text.isprintable() and _MAIL.fullmatch(text) is not None

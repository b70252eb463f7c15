"""What the framework's validator says of a field, in our words: what is wrong with it and what would be right."""

import re
from collections.abc import Callable

from channel.acts import A_DAY, NEEDED
from channel.errors import FieldError, Message, m
from channel.web.moments import A_MOMENT

_Told = tuple[Message, Message | None]

_NUMBER, _NUMBER_OUT = m("This is no number."), m("The number is out of range.")

# Sentences of the validator that name the field themselves; the first group is its name.
_NAMED: tuple[tuple[re.Pattern[str], Message], ...] = (
    (re.compile(r"Missing required \w+ parameter '([^']+)'"), NEEDED),
    (re.compile(r"Object missing required field `([^`]+)`"), NEEDED),
    (re.compile(r"Object contains unknown field `([^`]+)`"), m("There is no such field.")),
)
_TOLD: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], _Told]], ...] = (
    (re.compile(r"RFC3339 encoded datetime|`datetime"), lambda _: (m("This is no moment."), A_MOMENT)),
    (re.compile(r"RFC3339 encoded date|`date"), lambda _: (m("This is no date."), A_DAY)),
    (
        re.compile(r"Invalid enum value '?([^']*)'?"),
        lambda found: (m("%(value)s is not one of the choices.", value=found[1]), None),
    ),
    (re.compile(r"`str` of length <= (\d+)"), lambda found: (m("The text is too long."), _at_most(found[1]))),
    (re.compile(r"Expected `\w+` >= ([\d.]+)"), lambda found: (_NUMBER_OUT, m("at least %(value)s", value=found[1]))),
    (re.compile(r"Expected `\w+` <= ([\d.]+)"), lambda found: (_NUMBER_OUT, m("at most %(value)s", value=found[1]))),
    (re.compile(r"(?:Integer value|Number) out of range"), lambda _: (_NUMBER_OUT, None)),
    (re.compile(r"Expected `int"), lambda _: (_NUMBER, m("a whole number"))),
    (re.compile(r"[Dd]ecimal|Expected `float"), lambda _: (_NUMBER, m("a number such as 1234.50"))),
    (re.compile(r"Expected `bool"), lambda _: (m("This is neither true nor false."), m("true or false"))),
    (re.compile(r"Expected `str"), lambda _: (m("This is no text."), m("a text"))),
    (re.compile(r"Expected `array"), lambda _: (m("This is no list."), m("a list"))),
    (re.compile(r"Expected `object|^'data'$"), lambda _: (m("This is no JSON object."), m("a JSON object"))),
)


def _at_most(count: str) -> Message:
    return m("at most %(most)s characters", most=count)


def field_error(key: str, said: str) -> FieldError:
    """The validator's sentence about a field as ours; `data` is its word for the body, and a `_` behind one of ours."""
    place = "" if key in {"data", "body"} else key.removeprefix("data.").rstrip("_")
    for pattern, reason in _NAMED:
        if found := pattern.search(said):
            return FieldError(f"{place}.{found[1]}" if place else found[1], reason)
    for pattern, tell in _TOLD:
        if found := pattern.search(said):
            return FieldError(place or "body", *tell(found))
    # Its other sentences are for programmers, in their words alone.
    return FieldError(place or "body", m("This value cannot be used."))

"""Forms that carry what they showed when they were opened (`channel.edits`): reading it, and showing them again."""

from collections.abc import Mapping
from typing import TypeVar

from channel.edits import Overtaken
from channel.errors import Refused, invalid, m
from channel.given import read_json

T = TypeVar("T")
OPENED = "opened"
"""The hidden field that holds the record as the form showed it, as JSON."""


def opened_as(shape: type[T], form: Mapping[str, str]) -> T | None:
    """What the form showed when it was opened; None where it carries nothing."""
    if not form.get(OPENED):
        return None
    try:
        return read_json(form[OPENED], shape)
    except ValueError:
        raise invalid(OPENED, m("The page was too old to be sent. Please load it again and repeat the act.")) from None


def still_typed(form: Mapping[str, str], refused: Refused) -> dict[str, str]:
    """What of a refused form is shown as it was typed.

    All of it; but where somebody else was quicker only what its writer changed, beside what stands now: sent again it
    puts that in the place of what it now shows.
    """
    if not isinstance(refused, Overtaken):
        return dict(form)
    return {name: value for name, value in form.items() if name in refused.mine}

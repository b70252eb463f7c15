"""The steps of a limit as a table tells them."""

from collections.abc import Mapping
from typing import Any

from channel.cli.output import Column

STEPS = (
    Column("name", "Step"),
    Column("inputs", "From"),
    Column("factor", "Factor", number=True),
    Column("after", "Amount", number=True),
    Column("reason", "Remark"),
)
_FIGURES = ("before", "after", "factor")
_PLACES = 2


def told(step: Mapping[str, Any]) -> dict[str, Any]:
    """A step for the table; the one that decided is marked."""
    figures = {name: short(step[name]) for name in _FIGURES}
    return {**step, **figures, "name": f"{step['name']} *" if step["bound"] else step["name"]}


def short(figure: str | None) -> str | None:
    """A figure without the zeros at its end, down to two decimals; nothing of it is rounded."""
    if figure is None or "." not in figure:
        return figure
    whole, _, places = figure.partition(".")
    return f"{whole}.{places.rstrip('0').ljust(_PLACES, '0')}"

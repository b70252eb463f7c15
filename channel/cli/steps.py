"""The steps of a limit as a table tells them."""

from collections.abc import Mapping
from typing import Any

from channel.cli.tables import Column

STEPS = (
    Column("name", "Step"),
    Column("inputs", "From"),
    Column("factor", "Factor", number=True),
    Column("after", "Amount", number=True),
    Column("reason", "Remark"),
)


def told(step: Mapping[str, Any]) -> dict[str, Any]:
    """A step for the table; the one that decided is marked."""
    return {**step, "name": f"{step['name']} *" if step["bound"] else step["name"]}

"""The steps of a limit, and what has changed since the one in force, as they are told on the command line."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from channel.cli.terminal.output import grouped, inform, pass_on
from channel.cli.terminal.text_tables import ItemColumn

STEPS = (
    ItemColumn("name", "Step"),
    ItemColumn("inputs", "From"),
    ItemColumn("factor", "Factor", number=True),
    ItemColumn("after", "Amount", number=True),
    ItemColumn("reason", "Remark"),
)


def told(step: Mapping[str, Any]) -> dict[str, Any]:
    """A step for the table; the one that decided is marked."""
    return {**step, "name": f"{step['name']} *" if step["bound"] else step["name"]}


def tell_since(since: Mapping[str, Any] | None) -> None:
    """What has changed since the limit in force, cause by cause, where that rests on an assessment."""
    if since is None:
        return
    if since["withheld"]:
        inform("Since the limit in force there are no parts: %(reason)s", reason=since["withheld"])
        return
    inform(
        "Since the limit in force, %(before)s as of %(as_of)s: %(whole)s",
        before=grouped(since["before"]["amount"]),
        as_of=since["before"]["as_of"],
        whole=grouped(since["whole"]),
    )
    for each in since["parts"]:
        if Decimal(each["amount"]):
            pass_on(f"  {each['label']}: {grouped(each['amount'])}")

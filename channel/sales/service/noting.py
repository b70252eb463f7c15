"""What a check tells of a report's lines without refusing one."""

from channel.errors import Message, m
from channel.imports.loader import Load
from channel.sales.queries import noting as queries


async def passed_over(load: Load) -> list[Message]:
    """Pass over the total at the end of the file, and say so."""
    if load.total_line is None:
        return []
    amount = await queries.pass_over_total(load.total_line, load.fixed)
    if amount is None:
        return []
    return [
        m(
            "%(count)s row with the total was passed over: line %(line)s, %(amount)s.",
            count=1,
            line=str(load.total_line),
            amount=f"{amount.normalize():f}",
        )
    ]


async def lines_alike(load: Load) -> list[Message]:
    """Point out lines that say what an earlier one says: each of them counts."""
    found, first = await queries.alike(load.given)
    if not found:
        return []
    lines = ", ".join(f"{line} = {earlier}" for line, earlier in first) + (" …" if found > len(first) else "")
    return [
        m(
            "Lines that say the same as an earlier line of the file, and are counted each: %(count)s (%(lines)s).",
            count=found,
            lines=lines,
        )
    ]

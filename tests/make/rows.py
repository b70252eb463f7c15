"""A whole line of a file read at once, cell by cell."""

from channel.errors import Message
from channel.imports.rules.kinds import KindSpec, Value
from channel.imports.rules.rows import parse_cell


def parse_row(
    spec: KindSpec,
    cells: dict[str, str],
    *,
    decimal: str = ".",
    grouping: str = "thousands",
    form: str | None = None,
) -> tuple[dict[str, Value], tuple[tuple[str, Message], ...]]:
    """(values by field, what is wrong as (field, message)); fields that `cells` does not name are None."""
    values: dict[str, Value] = {}
    wrong: list[tuple[str, Message]] = []
    for field in spec.fields:
        value = parse_cell(field, cells.get(field.name, ""), decimal=decimal, grouping=grouping, form=form)
        if isinstance(value, Message):
            wrong.append((field.name, value))
        else:
            values[field.name] = value
    if spec.wrong_together is not None:
        wrong.extend(spec.wrong_together(values))
    return values, tuple(wrong)

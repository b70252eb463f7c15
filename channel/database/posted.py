"""SQL of what was posted, for the queries of every room: said once, so that the two clocks mean the same everywhere.

A row carries the posting that wrote it (`posting_id`), and one that counts no longer the posting that closed it
(`closed_by`). A moment is handed in as it stands in the statement: the place of an argument, or a column.
"""

from collections.abc import Iterable
from typing import Any, Protocol, TypeVar


class _Placed(Protocol):
    def __getitem__(self, name: str, /) -> Any: ...  # noqa: ANN401 - any column's


R = TypeVar("R", bound=_Placed)


def known(known_at: str, posting: str = "p") -> str:
    """That a posting was recorded by a moment; with null whatever is there, what this transaction wrote among it."""
    return f"({known_at}::timestamptz IS NULL OR {posting}.recorded_at <= {known_at}::timestamptz)"


def live(known_at: str, opened: str = "opened", closed: str = "closed") -> str:
    """That a row counted at a moment: opened by then, and not closed by then."""
    at = f"{known_at}::timestamptz"
    return f"{opened}.recorded_at <= {at} AND ({closed}.recorded_at IS NULL OR {closed}.recorded_at > {at})"


def last_first(row: str, *, numbered: bool = True) -> str:
    """The order in which the row recorded last comes first; what this transaction wrote is later than all else.

    `p` is the posting of the row; not every table numbers its rows.
    """
    return f"coalesce(p.recorded_at, 'infinity') DESC, {row}.posting_id DESC" + f", {row}.id DESC" * numbered


def latest_of(
    rows: str, key: str, columns: str, where: str, known_at: str = "", *, later: str = "", numbered: bool = True
) -> str:
    """Of each key the row that counts as known at a moment, or as known now: the last recorded.

    `rows` is the table with its alias, which is one letter; `later` an order that comes before the recording.
    """
    row = rows.split()[1]
    seen = f" AND {known(known_at)}" if known_at else ""
    order = f"{later}, " if later else ""
    return f"""
    SELECT DISTINCT ON ({key}) {key}, {columns}
    FROM {rows} JOIN posting p ON p.id = {row}.posting_id WHERE {where}{seen}
    ORDER BY {key}, {order}{last_first(row, numbered=numbered)}
    """


def of_each(sql: str, arrays: str, columns: str, order: str = "") -> str:
    """SQL: the rows of a query for each of several questions, one statement for all, with the `place` of the question.

    `arrays` are the arguments that hold the questions, `columns` the names under which the query reads its own of
    them, from `asked`; `order` is that of the rows of one question.
    """
    return f"""
    SELECT asked.place, found.* FROM unnest({arrays}) WITH ORDINALITY AS asked ({columns}, place)
    CROSS JOIN LATERAL ({sql}) AS found {f"ORDER BY asked.place, {order}" if order else ""}
    """


def by_place(rows: Iterable[R], questions: int) -> list[list[R]]:
    """The rows that `of_each` gave, apart for each of the questions."""
    found: list[list[R]] = [[] for _ in range(questions)]
    for row in rows:
        found[row["place"] - 1].append(row)
    return found

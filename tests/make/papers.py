"""What the form of a versioned document holds when it is opened and sent as it stands."""

from channel.versions.rules import Holds, Paper, T
from channel.versions.rules.form import Blank, rows_of, sections_of


def form_of(paper: Paper[T], document: T) -> dict[str, str]:
    """The fields that are made of the declaration; what a room draws itself is not among them."""
    form: dict[str, str] = {}
    for section in sections_of(paper, document):
        for blank in (*section.blanks, *section.tables):
            form |= _typed(blank)
    for rows in rows_of(paper, document):
        for blank in (each for row in rows.rows for each in row):
            form |= _typed(blank)
    return form


def _typed(blank: Blank) -> dict[str, str]:
    if blank.keys:
        return {path: _text(value) for _, path, value in blank.keys}
    if blank.spec.kind is Holds.FLAG:
        return {blank.path: "yes"} if blank.value else {}
    return {blank.path: _text(blank.value)}


def _text(value: object) -> str:
    return "" if value is None else str(value)

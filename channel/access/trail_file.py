"""The audit trail as a file for people: told as the page tells it, moments in the company's zone."""

from collections.abc import Iterator, Sequence

from asyncpg import Record
from litestar import Response

from channel import clock, web
from channel.access.changes import Change, changes_of
from channel.access.lists import AUDIT
from channel.access.rules import ROLE_NAMES
from channel.access.trail_words import act_words, subject_words, via_words
from channel.files import Cell

_ROLES = {role.value: name for role, name in ROLE_NAMES.items()}


async def audit_file(rows: Sequence[Record], kind: web.FileKind, told: web.Language) -> Response[bytes]:
    """The lines as a file in this language."""
    return await web.download("audit", kind, web.file_header(AUDIT, told), _rows_in(rows, told))


def _rows_in(rows: Sequence[Record], told: web.Language) -> Iterator[Sequence[Cell]]:
    """The lines as the page tells them; of what changed each value stands behind its name."""
    for row in rows:
        role = _ROLES.get(row["actor_role"])
        changes = changes_of(row["before"], row["after"], told, most=None)
        yield (
            row["at"].astimezone(clock.zone()).replace(tzinfo=None),
            row["actor"],
            told.tell(role) if role else row["actor_role"],
            told.tell(via_words(row["via"])),
            told.tell(act_words(row["act"])),
            told.tell(subject_words(row["act"], row["subject"]).words),
            row["dealer"],
            _side([(change, change.before) for change in changes]),
            _side([(change, change.after) for change in changes]),
            told.kept(row["reason"]),
            row["posting_id"],
        )


def _side(values: Sequence[tuple[Change, str | None]]) -> str:
    return "; ".join(f"{change.name}: {text}" if change.name else text for change, text in values if text is not None)

"""The audit trail as a file for people: told as the page tells it, moments in the company's zone."""

from collections.abc import Iterator, Sequence

from asyncpg import Record

from channel import clock, web
from channel.access.changes import Change, changes_of
from channel.access.rules import ROLE_NAMES
from channel.access.trail_words import act_words, subject_words, via_words
from channel.errors import m
from channel.files import Cell

_ROLES = {role.value: name for role, name in ROLE_NAMES.items()}


def header_in(told: web.Language) -> list[str]:
    """The headings; the first one names the zone of the moments."""
    zone = clock.zone().key
    names = (
        m("When (%(zone)s)", zone=zone), m("Who"), m("Role"), m("By way of"), m("Act"), m("Subject"),
        m("Dealer"), m("Before"), m("After"), m("Reason"), m("Posting"),
    )  # fmt: skip
    return [told.tell(each) for each in names]


def rows_in(rows: Sequence[Record], told: web.Language) -> Iterator[Sequence[Cell]]:
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

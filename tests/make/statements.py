"""What goes to the database while something is asked for: every statement, those that begin and end acts among them."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from channel.database import db

_OF_THE_DRIVER = ("typeinfo_tree", "current_setting('jit')")
"""What asyncpg asks once on a new connection, to learn how to read a type."""


class _Heard:
    """A held connection whose statements are noted."""

    def __init__(self, held: object, asked: list[str]) -> None:
        self._held, self._asked = held, asked

    async def __aenter__(self) -> object:
        mine = await self._held.__aenter__()  # type: ignore[attr-defined]
        mine.connection.add_query_logger(self._note)
        return mine

    async def __aexit__(self, *fault: object) -> object:
        db.connection().remove_query_logger(self._note)
        return await self._held.__aexit__(*fault)  # type: ignore[attr-defined]

    def _note(self, query: object) -> None:
        text = str(query.query).strip()  # type: ignore[attr-defined]
        if not any(each in text for each in _OF_THE_DRIVER):
            self._asked.append(text)


@contextmanager
def statements() -> Iterator[list[str]]:
    """The statements on every connection that is held meanwhile, from the moment on at which it is held."""
    asked: list[str] = []
    held = db.held

    def heard(scope: db.Scope = db.CLOSED, patience: db.Patience = db.UNHURRIED) -> object:
        return _Heard(held(scope, patience), asked)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(db, "held", heard)
        yield asked

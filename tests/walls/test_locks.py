"""Every advisory lock has one meaning: its number stands in `channel.database.locks`, and nowhere else."""

import re
from pathlib import Path

from channel.database.locks import Lock

ROOT = Path(__file__).parents[2]
_TAKEN = re.compile(r"pg_(?:try_)?advisory_\w*lock\w*\(([^),]*)")
_PLACE = re.compile(r"\$\d+")


def _sources() -> dict[Path, str]:
    files = [path for room in ("channel", "migrations") for path in (ROOT / room).rglob("*.py")]
    return {path.relative_to(ROOT): path.read_text() for path in files}


def test_no_number_stands_elsewhere() -> None:
    """A lock is taken by an argument, and the argument is a `Lock`: no number in the SQL, none in the code."""
    for path, text in _sources().items():
        if path == Path("channel/database/locks.py"):
            continue
        for taken in _TAKEN.findall(text):
            assert _PLACE.fullmatch(taken), f"{path} takes a lock by {taken}"
        assert not re.search(r"\b726_?\d{3}\b", text), f"{path} names the number of a lock"
        assert ("pg_advisory" in text) <= ("Lock." in text), (
            f"{path} takes a lock that is not in channel.database.locks"
        )


def test_no_number_has_two_meanings() -> None:
    """An enumeration lets a second name of one number pass for the first one: here there is none."""
    assert len(Lock.__members__) == len({lock.value for lock in Lock.__members__.values()})


def test_every_lock_is_taken() -> None:
    told = "\n".join(text for path, text in _sources().items() if path != Path("channel/database/locks.py"))
    assert [lock.name for lock in Lock if f"Lock.{lock.name}" not in told] == []

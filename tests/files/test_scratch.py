"""Folders for files on their way through: gone with their process, and never while it lives."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from channel import files

# Says its folder, then waits to be told to end in order, or is killed.
PROGRAM = """
import sys
from channel import files
with files.scratch() as folder:
    (folder / "file").write_bytes(b"x" * 1000)
    print(folder, flush=True)
    sys.stdin.readline()
"""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


@pytest.fixture
def running(place: Path) -> Iterator[tuple["subprocess.Popen[str]", Path]]:
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM],
        env=os.environ | {"TMPDIR": str(place)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    folder = Path(process.stdout.readline().strip())
    yield process, folder
    process.kill()
    process.communicate()


def test_what_a_killed_process_left_is_removed_and_what_a_running_one_uses_is_not(
    place: Path, running: tuple["subprocess.Popen[str]", Path]
) -> None:
    process, folder = running
    assert folder.is_relative_to(place)
    assert files.remove_left() == 0
    assert (folder / "file").exists()
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert (folder / "file").exists()
    assert files.remove_left() == 1
    assert list(place.iterdir()) == []


def test_a_process_that_ends_leaves_nothing(place: Path, running: tuple["subprocess.Popen[str]", Path]) -> None:
    process, _ = running
    process.communicate("\n")
    assert process.returncode == 0
    assert list(place.iterdir()) == []


def test_a_folder_that_somebody_cleared_away_is_made_anew() -> None:
    with files.scratch() as folder:
        own = folder.parent
    own.rmdir()
    with files.scratch() as folder:
        assert folder.is_dir()
        assert folder.parent != own


@pytest.mark.parametrize("kind", ["channel-upload-", "channel-load-"])
def test_what_earlier_versions_left_is_removed_once_none_of_them_can_use_it(place: Path, kind: str) -> None:
    used, left = place / f"{kind}x1", place / f"{kind}x2"
    for made in (used, left):
        made.mkdir()
        (made / "file").touch()
    os.utime(used, (time.time() - 20 * 3600,) * 2)
    os.utime(left, (time.time() - 25 * 3600,) * 2)
    assert files.remove_left() == 1
    assert list(place.iterdir()) == [used]


def test_what_is_not_of_this_kind_stays(place: Path) -> None:
    for name in ("channel-work", "other-work-1", "channel-1"):
        (place / name).mkdir()
    (place / "channel-work-file").touch()
    (place / "channel-work-link").symlink_to(place / "other-work-1")
    young, old = place / "channel-making-young", place / "channel-making-old"
    for made in (young, old):
        made.mkdir()
    os.utime(old, (time.time() - 7200,) * 2)
    assert files.remove_left() == 1
    assert not old.exists()
    assert len(list(place.iterdir())) == 6

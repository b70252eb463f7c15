"""Folders for files on their way through, in one folder of this process in the system's folder for temporary files.

The process holds a lock on its folder for as long as it lives, however it ends: what a killed one left is known by
that and removed at the next start, and what another running one uses is not touched.
"""

import atexit
import os
import shutil
import stat
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

if sys.platform != "win32":
    import fcntl

_OWN, _MAKING = "channel-work-", "channel-making-"
_MADE_WITHIN_SECONDS = 3600
_EARLIER = ("channel-upload-", "channel-load-")
"""Folders of earlier versions, which held no lock on them; one of them may still run beside this one."""
_USED_WITHIN_SECONDS = 24 * 3600
_one = threading.Lock()


@contextmanager
def scratch() -> Iterator[Path]:
    """A folder of one's own, removed with all that is in it afterwards."""
    with tempfile.TemporaryDirectory(dir=_folder()) as folder:
        yield Path(folder)


def remove_left() -> int:
    """Remove the folders of processes that are gone; how many there were."""
    if sys.platform == "win32":  # where nothing is known to be left
        return 0
    left = 0
    for folder in Path(tempfile.gettempdir()).glob("channel-*-*"):
        if folder.name.startswith((_OWN, _MAKING, *_EARLIER)) and _is_ours(folder) and _is_left(folder):
            shutil.rmtree(folder, ignore_errors=True)
            left += 1
    return left


def _folder() -> Path:
    with _one:
        own = _made(os.getpid())
        if not own.is_dir():  # somebody cleared it away
            _made.cache_clear()
            own = _made(os.getpid())
        return own


@cache
def _made(process: int) -> Path:  # a process that was forked has one of its own
    making = Path(tempfile.mkdtemp(prefix=_MAKING))
    if sys.platform != "win32":
        # Open, and so held, until the process ends; the system's own cleaners leave a locked folder alone, too.
        fcntl.flock(os.open(making, os.O_RDONLY), fcntl.LOCK_EX)
    # It has its name only now, so that nobody ever finds it without its lock.
    own = making.rename(making.with_name(making.name.replace(_MAKING, _OWN)))
    atexit.register(_remove, own, process)
    return own


def _remove(own: Path, process: int) -> None:
    if os.getpid() == process:
        shutil.rmtree(own, ignore_errors=True)


def _is_ours(folder: Path) -> bool:
    with suppress(OSError):
        found = folder.lstat()
        return stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid()
    return False


def _is_left(folder: Path) -> bool:
    """Whether nobody holds its lock; one that is being made has an hour for it, one of an earlier version a day."""
    try:
        if folder.name.startswith(_EARLIER):
            return time.time() - folder.stat().st_mtime > _USED_WITHIN_SECONDS
        if folder.name.startswith(_MAKING):
            return time.time() - folder.stat().st_mtime > _MADE_WITHIN_SECONDS
        lock = os.open(folder, os.O_RDONLY | os.O_NOFOLLOW)
    except OSError:
        return False
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    finally:
        os.close(lock)
    return True

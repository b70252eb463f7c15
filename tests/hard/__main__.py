# ruff: noqa: T201
"""Runs what takes time and load, one script after another: `make hard`, or `python -m tests.hard [NAME ...]`.

Each `hard_<name>.py` has `async def main() -> None`, which prints what it saw and fails where something did not hold,
and may say with `SECONDS` how long it takes at most. It runs in a process of its own; one that is not done by then is
asked to end and its end counts as a failure. Ends with 1 when a script failed.
"""

import importlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.hard.place import FILLED

HERE = Path(__file__).parent
SECONDS = 600.0
"""What a script may take that says nothing of it."""
GRACE_SECONDS = 60.0
"""What an interrupted script has to stop what it started."""


def main(wanted: list[str]) -> int:
    """Run them, then tell of each how it ended."""
    names = wanted or sorted(path.stem.removeprefix("hard_") for path in HERE.glob("hard_*.py"))
    told: list[tuple[str, float, str]] = []
    with tempfile.TemporaryDirectory(prefix="hard-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o711)
        # The demonstration takes a minute or two to fill: the first that needs it fills it for all.
        os.environ.setdefault(FILLED, f"{folder}/filled")
        for name in names:
            print(f"== {name}", flush=True)
            began = time.monotonic()
            ending = _run(name)
            told.append((name, time.monotonic() - began, ending))
    print("== all")
    for name, seconds, ending in told:
        print(f"{name:<20} {seconds:>7.0f} s  {ending}")
    return int(any(ending != "held" for _, _, ending in told))


def _run(name: str) -> str:
    module = f"tests.hard.hard_{name}"
    seconds: float = getattr(importlib.import_module(module), "SECONDS", SECONDS)
    process = subprocess.Popen([sys.executable, "-m", module], cwd=HERE.parents[1], start_new_session=True)
    try:
        return "held" if process.wait(seconds) == 0 else "FAILED"
    except subprocess.TimeoutExpired:
        return f"NOT DONE after {seconds:.0f} s"
    finally:
        _end(process)


def _end(process: "subprocess.Popen[bytes]") -> None:
    """Let it clean up; what will not is ended with all that it started."""
    if process.poll() is not None:
        return
    process.send_signal(signal.SIGINT)
    try:
        process.wait(GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

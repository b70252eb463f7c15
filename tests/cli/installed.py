"""The `channel` command in a process of its own, as a user starts it."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
PATIENCE = 300
PASSWORD = "seven brave words"


def environment(data: Path, **more: str) -> dict[str, str]:
    """The variables of a user who has chosen nothing but a data folder."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CHANNEL_")}
    return (
        kept | {"CHANNEL_DATA_DIR": str(data), "XDG_CONFIG_HOME": str(data / "config"), "PYTHONPATH": str(ROOT)} | more
    )


def command(*words: str, data: Path, typed: str = "", **more: str) -> "subprocess.CompletedProcess[str]":
    """Run `channel WORDS` to its end."""
    return subprocess.run(
        [sys.executable, "-m", "channel.cli", *words],
        env=environment(data, **more),
        input=typed,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
        cwd="/",
    )

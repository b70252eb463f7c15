"""The `channel` command in a process of its own, as a user starts it."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

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


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as one:
        port: int = one.getsockname()[1]
        return port


@contextmanager
def running(data: Path, port: int, **more: str) -> Iterator["subprocess.Popen[str]"]:
    """`channel run` from the moment at which it says where it is; it is killed at the end if it still runs."""
    process = subprocess.Popen(
        [sys.executable, "-m", "channel.cli", "run"],
        env=environment(data, CHANNEL_PORT=str(port), **more),
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        cwd="/",
    )
    assert process.stderr is not None
    said = []
    for line in process.stderr:
        said.append(line)
        if f"http://127.0.0.1:{port}" in line:
            break
    else:
        pytest.fail("the service ended instead of starting:\n" + "".join(said))
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        process.stderr.close()

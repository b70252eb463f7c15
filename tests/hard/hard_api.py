# ruff: noqa: ASYNC221, T201
"""The API is asked what nobody would ask, some thousand times more than in the tests, by every role."""

import asyncio
import os
import subprocess
import sys
import time
from pathlib import Path

SECONDS = 1800.0
EXAMPLES = os.environ.get("HARD_API_EXAMPLES", "20")
"""Requests of each operation by each role, and walks of each role."""


async def main() -> None:
    began = time.monotonic()
    walked = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "tests/walls/test_openapi.py"],
        env=os.environ | {"CHANNEL_OPENAPI_EXAMPLES": EXAMPLES},
        cwd=Path(__file__).parents[2],
        check=False,
    )
    print(f"{EXAMPLES} requests of each operation by every role, {time.monotonic() - began:.0f} s")
    assert walked.returncode == 0, "an answer differs from the description, or a fault is ours"


if __name__ == "__main__":
    asyncio.run(main())

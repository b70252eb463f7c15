"""Runs every benchmark in a process of its own and prints one table: `make bench`, or `python -m bench [NAME ...]`."""

import json
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
COLUMNS = ("what", "measured", "bare", "ratio", "bound", "memory", "bound")


def main(wanted: list[str]) -> None:
    names = wanted or sorted(path.stem.removeprefix("bench_") for path in HERE.glob("bench_*.py"))
    rows: list[tuple[str, ...]] = [COLUMNS]
    for name in names:
        print(f"measuring {name} ...", file=sys.stderr)
        command = [sys.executable, "-m", f"bench.bench_{name}", "--json"]
        said = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, cwd=HERE.parent)  # noqa: S603 - our own scripts
        rows += [row(json.loads(line)) for line in said.stdout.splitlines() if line.startswith("{")]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for each in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(each, widths, strict=True)).rstrip())


def row(told: dict[str, str | float | None]) -> tuple[str, ...]:
    times = (f"{told['seconds']:.3f} s", f"{told['bare']:.3f} s", f"{told['ratio']:.2f}", str(told["bound"]))
    most = "none set" if told["memory_bound"] is None else f"under {told['memory_bound']:.0f} MB"
    return (str(told["what"]), *times, f"{told['memory']:.0f} MB", most)


if __name__ == "__main__":
    main(sys.argv[1:])

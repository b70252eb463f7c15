"""Faults made on purpose in the rules of credit, receivables, sales and money: which of them does no test see?

Every fault is tried in a process of its own, forked where everything but our own code is imported already, against
the tests of the rules alone: first those that bear the module's name, for most faults are seen at once. The same seed
draws the same faults. What survives is told; what is written down in survivors.txt with a reason is known. Ends with
1 when something else survives.
"""

import argparse
import ast
import importlib.abc
import importlib.machinery
import importlib.util
import os
import random
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import CodeType

import hypothesis
import pytest

from tests.mutation.changes import Change, changed, changes_of

ROOT = Path(__file__).parents[2]
RULES = [
    *sorted((ROOT / "channel/credit/rules").glob("*.py")),
    *sorted((ROOT / "channel/versions/rules").glob("*.py")),
    *sorted((ROOT / "channel/receivables/rules").glob("*.py")),
    *sorted((ROOT / "channel/sales/rules").glob("*.py")),
    ROOT / "channel/money.py",
    ROOT / "channel/periods.py",
]
TESTS = [
    *sorted(ROOT.glob("tests/credit/test_rules_*.py")),
    *sorted(ROOT.glob("tests/versions/test_rules*.py")),
    *sorted(ROOT.glob("tests/receivables/test_rules_*.py")),
    *sorted(ROOT.glob("tests/sales/test_rules*.py")),
    *(ROOT / name for name in ("tests/test_money.py", "tests/test_periods.py")),
]
KNOWN = Path(__file__).with_name("survivors.txt")
_SEEN, _SURVIVED, _HUNG = "seen", "survived", "hung"


class _Faulty(importlib.abc.MetaPathFinder, importlib.machinery.SourceFileLoader):
    """Imports one module with a fault in it."""

    def __init__(self, module: str, path: Path, number: int) -> None:
        super().__init__(module, str(path))
        self._number = number

    def find_spec(self, name: str, *_: object) -> importlib.machinery.ModuleSpec | None:
        """The module's own place, read by this loader; every other module is found as ever."""
        if name != self.name:
            return None
        folder = [str(Path(self.path).parent)] if self.path.endswith("__init__.py") else None
        return importlib.util.spec_from_file_location(name, self.path, loader=self, submodule_search_locations=folder)

    def get_code(self, _: str) -> CodeType:
        """The module's text with the fault in it."""
        tree: ast.Module = changed(Path(self.path).read_text(encoding="utf-8"), self._number)
        return compile(tree, self.path, "exec")


def main() -> int:
    """Draw, try, tell."""
    asked = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--mutants", type=int, default=300)
    asked.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    asked.add_argument("--only", default="", help="a part of the module's name")
    given = asked.parse_args()
    every = [each for path in RULES for each in changes_of(_name(path), path.read_text(encoding="utf-8"))]
    every = [each for each in every if given.only in each.module]
    drawn = random.Random(given.seed).sample(every, min(given.mutants, len(every)))  # noqa: S311 - a draw, no secret
    limit = _warm()
    _tell(f"{len(drawn)} of {len(every)} faults, seed {given.seed}; the tests alone take {limit / 10:.0f} s")
    begun = time.monotonic()
    outcomes = _try_all(drawn, given.jobs, limit)
    left = [each for each in drawn if outcomes[each] == _SURVIVED]
    known = {line.split(" | ")[0] for line in KNOWN.read_text(encoding="utf-8").splitlines() if " | " in line}
    for each in sorted(left, key=lambda change: (change.module, change.line)):
        _tell(f"{'known   ' if each.key in known else 'SURVIVED'} {each.key}  (line {each.line})")
    hung = sum(outcome == _HUNG for outcome in outcomes.values())
    seconds = time.monotonic() - begun
    _tell(f"{len(drawn) - len(left)} seen ({hung} by running on for ever), {len(left)} not, in {seconds / 60:.1f} min")
    return 1 if any(each.key not in known for each in left) else 0


def _name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def _tell(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def _warm() -> float:
    """Import all that is not ours, so that each fork begins with it; gives the seconds that a fork may take.

    The tests must pass as they stand. A fault may make them run on for ever; ten times as long is taken for that.
    """
    hypothesis.settings.register_profile("mutation", deadline=None, derandomize=True, database=None)
    hypothesis.settings.load_profile("mutation")
    begun = time.monotonic()
    if _run(TESTS) != 0:
        _tell("The tests fail without any fault.")
        raise SystemExit(2)
    for name in [name for name in sys.modules if name.partition(".")[0] in {"channel", "tests"}]:
        if not name.startswith("tests.mutation"):
            del sys.modules[name]
    return 10 * (time.monotonic() - begun)


def _run(tests: Sequence[Path]) -> int:
    """Run these tests up to the first that fails, without a database and without a word."""
    arguments = ["-x", "-q", "--noconftest", "-p", "no:cacheprovider", "-p", "no:warnings", "-p", "no:asyncio"]
    return int(pytest.main([*arguments, "-o", "addopts=--import-mode=importlib", *map(str, tests)]))


def _try_all(drawn: Sequence[Change], jobs: int, limit: float) -> dict[Change, str]:
    outcomes: dict[Change, str] = {}
    under_way: dict[int, Change] = {}
    waiting = list(drawn)
    while waiting or under_way:
        while waiting and len(under_way) < jobs:
            change = waiting.pop()
            under_way[_begun(change, limit)] = change
        process, status = os.wait()
        hung = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGALRM
        change = under_way.pop(process)
        outcomes[change] = _HUNG if hung else _SURVIVED if status == 0 else _SEEN
        if outcomes[change] != _SEEN:
            _tell(f"{len(outcomes)}/{len(drawn)} {outcomes[change]}: {change.key}")
    return outcomes


def _begun(change: Change, limit: float) -> int:
    process = os.fork()
    if process:
        return process
    signal.alarm(int(limit) + 1)
    with Path(os.devnull).open("wb") as nowhere:
        os.dup2(nowhere.fileno(), 1)
        os.dup2(nowhere.fileno(), 2)
    path = next(path for path in RULES if _name(path) == change.module)
    sys.meta_path.insert(0, _Faulty(change.module, path, change.number))
    first = [test for test in TESTS if path.stem in test.stem] or [test for test in TESTS if "boundaries" in test.stem]
    rest = sorted(set(TESTS) - set(first), key=lambda test: ("properties" in test.stem, test))
    os._exit(min(_run(first) or _run(rest), 1))


if __name__ == "__main__":
    sys.exit(main())
